"""ODK Validate, the field's own judge of forms: a Java program that comes inside pyxform. Used where Java is."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

SECONDS = 40.0
MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Judged:
    """`ran`: False where there is no Java or it took too long; then `why` says which. `faults`: what it found."""

    ran: bool
    why: str = ""
    faults: tuple[str, ...] = ()


@cache
def jar() -> Path | None:
    """Where ODK Validate lies; nothing of pyxform is loaded for this."""
    found = find_spec("pyxform")
    home = Path(found.origin).parent if found and found.origin else None
    path = home / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar" if home else None
    return path if path and path.exists() else None


def java() -> str | None:
    """The Java program of this machine."""
    return shutil.which("java")


def judge(xml: str, seconds: float = SECONDS) -> Judged:
    """What ODK Validate says of a form. Never raises; its program ends with the time allowed."""
    program, at = java(), jar()
    if program is None or at is None:
        return Judged(False, "no-java")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "form.xml"
        file.write_text(xml, encoding="utf-8")
        try:
            done = subprocess.run(
                [program, "-Xmx256m", "-jar", str(at), str(file)],
                capture_output=True, text=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Judged(False, "too-slow")
        except OSError:
            return Judged(False, "no-java")
    if done.returncode == 0:
        return Judged(True)
    lines = [line.strip().replace(folder, "") for line in f"{done.stdout}\n{done.stderr}".splitlines()]
    said = [line for line in lines if line and not line.startswith(("at ", "..."))]
    return Judged(True, faults=tuple(said[:MOST_LINES]) or ("ODK Validate refuses it.",))
