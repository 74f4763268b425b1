"""Make `.venv/` from a bare Python and keep it equal to the lock files.

    python3 scripts/bootstrap.py base    what a site needs      (requirements.lock)
    python3 scripts/bootstrap.py dev     what a developer needs (requirements-dev.lock)
    python3 scripts/bootstrap.py cluster a real Spark to test against, in `.venv-cluster/` (requirements-cluster.lock)

Standard library only, and readable by Pythons too old to run Kinweave, so that they can say so.
A stamp in `.venv/` remembers which lock is installed; when the lock changes, it is installed again.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOG = VENV / "install.log"
LOCKS = {"base": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
LOCKS["cluster"] = ROOT / "requirements-cluster.lock"
OLDEST = (3, 11)
NEWER_NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")


class CannotInstall(Exception):
    """A sentence for the person at the keyboard: what failed and what to do."""


def venv_python():
    """Path of the environment's Python, on any system."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def stand_apart(kind):
    """Spark wants an older pandas than a site has: its environment is a folder of its own."""
    global VENV, LOG
    if kind == "cluster":
        VENV = ROOT / ".venv-cluster"
        LOG = VENV / "install.log"


def fingerprint(kind):
    """What the environment was made from: the lock, the package's metadata and the Python version."""
    digest = hashlib.sha256(LOCKS[kind].read_bytes())
    digest.update((ROOT / "pyproject.toml").read_bytes())
    digest.update(repr(sys.version_info[:2]).encode())
    return digest.hexdigest()


def stamp(kind):
    return VENV / (".kinweave-" + kind)


def is_ready(kind):
    """Whether the environment already holds this lock. A developer's environment also serves a site."""
    if not venv_python().exists():
        return False
    return any(
        stamp(held).exists() and stamp(held).read_text() == fingerprint(held)
        for held in {kind, "dev"} - ({"dev"} if kind == "cluster" else set())
    )


def use_a_newer_python():
    """Start again under a newer Python from the PATH when this one is too old."""
    if sys.version_info >= OLDEST:
        return
    for name in NEWER_NAMES:
        found = shutil.which(name)
        if found:
            sys.exit(subprocess.call([found] + sys.argv))
    raise CannotInstall(
        "Kinweave needs Python 3.11 or newer; this is {}.{}. Install one from python.org or your "
        "system's packages, then run this again.".format(*sys.version_info[:2])
    )


def make_venv():
    """Make `.venv/`, or make it anew when its Python is gone or of another version."""
    wanted = "{}.{}".format(*sys.version_info[:2])
    ask = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    if venv_python().exists():
        answer = subprocess.run([str(venv_python()), "-c", ask], capture_output=True, text=True, check=False)
        if answer.stdout.strip() == wanted:
            return
    say("Making the environment in " + VENV.name + "/ (Python " + wanted + ")")
    clear = ["--clear"] if VENV.exists() else []
    made = subprocess.run(
        [sys.executable, "-m", "venv", *clear, str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        raise CannotInstall(
            "Python could not make an environment in " + VENV.name + "/. On Debian and Ubuntu run "
            "`apt install python3-venv` first; elsewhere check that this folder can be written to and "
            "that the disk is not full.\n" + made.stderr[-600:]
        )


def install(kind):
    """Install the lock with its hashes, then Kinweave itself as a link to this folder."""
    lock = LOCKS[kind]
    total = sum(1 for line in lock.read_text(encoding="utf-8").splitlines() if line[:1].isalnum())
    say("Installing up to {} packages from {} (a minute or two)".format(total, lock.name))
    # Bytecode is written when first needed: compiling it all now would double the wait.
    # Nothing is compiled here; Spark alone comes as a source archive, of Python and Java that is ready to run.
    wheels = ["--only-binary=:all:"] + (["--no-binary=pyspark"] if kind == "cluster" else [])
    run_pip(["--require-hashes", "--no-compile", *wheels, "-r", str(lock)], total)
    run_pip(["--no-deps", "--no-build-isolation", "-e", str(ROOT)], 0)
    stamp(kind).write_text(fingerprint(kind))


def run_pip(arguments, total):
    """Run pip, showing how far it is; its own words go to the log."""
    command = [str(venv_python()), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    fetched = 0
    with open(LOG, "a", encoding="utf-8") as log, subprocess.Popen(
        command + ["--progress-bar", "off"] + arguments,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    ) as process:  # fmt: skip
        for line in process.stdout:
            log.write(line)
            if line.startswith(("Collecting ", "Processing ", "Requirement already satisfied")):
                fetched += 1
                show_progress(fetched, total)
            elif total and line.startswith("Installing collected"):
                say("Unpacking")
    if process.returncode:
        raise CannotInstall(
            "The packages could not be installed. Check the network and the free disk space (1.5 GB), then "
            "run this again; it goes on where it stopped. The last words were:\n" + tail(LOG)
        )


def show_progress(fetched, total):
    if total and (fetched % 15 == 0 or fetched == total):
        say("  {} of {}".format(min(fetched, total), total))


def tail(path, lines=12):
    return "\n".join("  " + line for line in path.read_text(encoding="utf-8").splitlines()[-lines:])


def say(sentence):
    print(sentence, file=sys.stderr, flush=True)


def ensure(kind="base"):
    """Return the environment's Python, made or brought up to date first when needed.

    Raises CannotInstall with a sentence for the user.
    """
    use_a_newer_python()
    stand_apart(kind)
    if not is_ready(kind):
        begun = time.monotonic()
        make_venv()
        install(kind)
        say("Ready after {:.0f} s".format(time.monotonic() - begun))
    return venv_python()


def main(arguments):
    kind = arguments[0] if arguments else "base"
    if kind not in LOCKS:
        say("Say `base`, `dev` or `cluster`.")
        return 2
    try:
        ensure(kind)
    except CannotInstall as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        say("Stopped. Run the same again; it goes on where it stopped.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
