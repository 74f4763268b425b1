"""The report as PDF (PDF/UA-1, so that a screen reader can follow it), made by a process that ends.

`python -m kinweave.front.report.pdf FILE` reads the document as JSON from standard input; for `-` the file goes to
its output. It knows no database:
the same document gives the same bytes. The served site calls `made`, which keeps the file under the report's hash.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kinweave.core.problems import Problem

HERE = Path(__file__).parent
FONTS = ("Atkinson Hyperlegible Next", "Noto Sans Arabic", "DejaVu Sans Mono")
SECONDS = 60


class NoPdf(Problem):
    status, code = 503, "no-pdf"
    says = "The file for printing could not be made."
    remedy = "Print the page itself from your browser. It says the same."


def compile_pdf(document: Mapping[str, Any]) -> bytes:
    """The PDF's bytes. Raises RuntimeError where a letter is in none of the fonts, or the text breaks a rule."""
    import typst  # only in the process that ends: the served site never loads it

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(HERE / "fonts")])
    given = {"doc": json.dumps({**document, "fonts": FONTS}, ensure_ascii=False, sort_keys=True)}
    return bytes(typst.compile(str(HERE / "report.typ"), font_paths=fonts, sys_inputs=given, pdf_standards=["ua-1"]))


def made(folder: Path, name: str, document: Mapping[str, Any]) -> bytes:
    """The stored file, made now if it is not there yet; `name` says the release, its hash and the language.

    Beside each file lies its SHA-256: a file that was changed is made again. Raises NoPdf.
    """
    path, seal = folder / f"{name}.pdf", folder / f"{name}.sha256"
    if path.exists() and seal.exists():
        stored = path.read_bytes()
        if hashlib.sha256(stored).hexdigest() == seal.read_text(encoding="ascii").strip():
            return stored
    folder.mkdir(parents=True, exist_ok=True)
    _to_file(path, document)
    stored = path.read_bytes()
    fresh = seal.with_suffix(f".{os.getpid()}")
    fresh.write_text(hashlib.sha256(stored).hexdigest() + "\n", encoding="ascii")
    fresh.replace(seal)
    return stored


def passing(document: Mapping[str, Any]) -> bytes:
    """The file made now and written nowhere, for a report with what may be taken back. Raises NoPdf."""
    return _in_a_process("-", document)


def _to_file(path: Path, document: Mapping[str, Any]) -> None:
    fresh = path.with_suffix(f".{os.getpid()}.new")
    try:
        _in_a_process(str(fresh), document)
    except NoPdf:
        fresh.unlink(missing_ok=True)
        raise
    if not fresh.exists():
        raise NoPdf()
    fresh.replace(path)


def _in_a_process(to: str, document: Mapping[str, Any]) -> bytes:
    """What the process wrote to its output: the file itself where `to` is "-". Raises NoPdf."""
    command = [sys.executable, "-m", "kinweave.front.report.pdf", to]
    said = json.dumps(document, ensure_ascii=False).encode()
    try:
        done = subprocess.run(command, input=said, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise NoPdf() from None
    if done.returncode:
        raise NoPdf()
    return done.stdout


def main(argv: list[str]) -> int:
    document = json.loads(sys.stdin.buffer.read())
    if argv[0] == "-":
        sys.stdout.buffer.write(compile_pdf(document))
    else:
        Path(argv[0]).write_bytes(compile_pdf(document))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
