"""Find the system's Chromium, or install it from the system's packages when that is allowed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
# Noto draws the Arabic of the right-to-left pages; without it screenshots show empty boxes.
PACKAGES = ("chromium", "fontconfig", "fonts-noto-core")
ADVICE = "Browser tests need Chromium: install the system packages `chromium` and `fonts-noto-core`"


def find_chromium():
    """Path of a Chromium, or None. KINWEAVE_CHROMIUM names another one."""
    named = os.environ.get("KINWEAVE_CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    return next((place for place in PLACES if Path(place).exists()), None)


def has_arabic_font():
    """Whether fontconfig knows a font for Arabic; unknown where there is no fontconfig."""
    if not shutil.which("fc-list"):
        return sys.platform != "linux"
    listed = subprocess.run(["fc-list", ":lang=ar", "family"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def may_install():
    """The words that make a command root's: [] for root, sudo without a password, or None."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n"]
    return None


def ensure_chromium():
    """Path of a Chromium, installed first where we may; else None after one line that says what to do."""
    found = find_chromium()
    if found and has_arabic_font():
        return found
    root = may_install()
    if root is None:
        print(ADVICE + ("." if found is None else " (its fonts are missing)."), flush=True)
        return found
    print("Installing " + ", ".join(PACKAGES) + " from the system's packages", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(
            [*root, "apt-get", *command], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            print(ADVICE + "; apt-get could not: " + "".join(last), flush=True)
            return find_chromium()
    return find_chromium()


if __name__ == "__main__":
    sys.exit(0 if ensure_chromium() else 1)
