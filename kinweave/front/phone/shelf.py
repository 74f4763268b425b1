"""The app as one version: which files it is made of, the digest of each, and the list that the service worker keeps.

The version is the digest of the list, so that any change of any file is a new version and every address holds it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from kinweave.flows.phone.teaching import questionnaire
from kinweave.front.phone.words import languages, words

STATIC = Path(__file__).resolve().parents[1] / "static"
SHELL = "/phone/"
FILES = ("phone/phone.css", "icons.svg", "mark.svg", "fonts/atkinson-next-400.woff2", "fonts/atkinson-next-700.woff2")
# Fonts that a language needs beside the Latin ones (one weight: browsers draw the bold one from it). A language
# without a line here is written in Latin letters.
FONTS = {"ar": ("fonts/noto-sans-arabic-400.woff2",)}
TYPES = {".js": "text/javascript", ".woff2": "font/woff2", ".json": "application/json"}
PACKED = (".woff2", ".png")  # formats that are compressed already


@dataclass(frozen=True, slots=True)
class File:
    """One file of the app: its bytes, its SHA-256 in hex, the bytes that travel and whether those are gzip."""

    body: bytes
    digest: str
    sent: bytes
    zipped: bool
    content_type: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """One version. `files` by their path below the version; `core` and `packs` as (address, digest)."""

    version: str
    files: Mapping[str, File]
    shell: File
    core: tuple[tuple[str, str], ...]
    packs: Mapping[str, tuple[tuple[str, str], ...]]


def shelf() -> Shelf:
    """The version that this site serves; put together once, again when the site becomes a demonstration."""
    return _shelf(settings.KINWEAVE_INVENTED)


@cache
def _shelf(invented: bool) -> Shelf:
    shared = {path: _file(path, (STATIC / path).read_bytes()) for path in (*FILES, *_modules())}
    shared["practice.json"] = _file("practice.json", practice_bytes())
    by_language = {
        code: {f"words/{code}.json": _file("x.json", words_bytes(code))}
        | {path: _file(path, (STATIC / path).read_bytes()) for path in FONTS.get(code, ())}
        for code in languages()
    }
    files = {**shared, **{path: file for pack in by_language.values() for path, file in pack.items()}}
    # The shell names the version, so its own template goes into the version in the shape it has without one.
    parts = [[path, file.digest] for path, file in sorted(files.items())] + [_shell("", invented).digest]
    version = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
    shell = _shell(version, invented)

    def listed(some: Mapping[str, File]) -> tuple[tuple[str, str], ...]:
        return tuple((address(version, path), file.digest) for path, file in sorted(some.items()))

    return Shelf(
        version,
        files,
        shell,
        ((SHELL, shell.digest), *listed(shared)),
        {code: listed(pack) for code, pack in by_language.items()},
    )


def address(version: str, path: str) -> str:
    return f"/phone/v/{version}/{path}"


def words_bytes(code: str) -> bytes:
    """The words of a language as JSON."""
    return json.dumps(words(code), ensure_ascii=False, separators=(",", ":")).encode()


PRACTICE = "phq-9"  # asked in practice: it has a question that opens the safety card


def practice_bytes() -> bytes:
    """The questions for practice, shaped as the site sends its own (flows.phone.teaching)."""
    found = questionnaire(PRACTICE, tuple(sorted(languages())), "en")
    return json.dumps({"instruments": [found]}, ensure_ascii=False, separators=(",", ":")).encode()


def worker_script() -> str:
    """The service worker with this version's list written in."""
    here = shelf()
    text = (STATIC / "phone" / "sw.js").read_text(encoding="utf-8")
    text = text.replace("const CORE = __CORE__", f"const CORE = {json.dumps(here.core)}")
    text = text.replace("const PACKS = __PACKS__", f"const PACKS = {json.dumps(here.packs)}")
    return text.replace('"__VERSION__"', json.dumps(here.version))


def _modules() -> Iterator[str]:
    """Every module of the app and of its library, by its path below the static folder."""
    for folder in ("app", "lib"):
        for path in sorted((STATIC / "phone" / folder).rglob("*.js")):
            yield path.relative_to(STATIC).as_posix()


def without_remarks(code: bytes) -> bytes:
    """A module without the lines that only explain it: a phone pays for every byte. Nothing else is changed."""
    return REMARK.sub(b"", code)


# Whole lines: "// …", and "/** … */" from its first line to its last.
REMARK = re.compile(rb"^[ \t]*(?://[^\n]*|/\*\*.*?\*/[ \t]*)\n", re.MULTILINE | re.DOTALL)

# What the first screen needs; asked for at once, so that nothing waits for a module to name the next.
FIRST = (
    "app/main.js", "app/words.js", "app/html.js", "app/boot.js", "app/frame.js", "app/forms.js", "app/route.js",
    "app/session.js", "app/screens/setup.js",
)  # fmt: skip


def _shell(version: str, invented: bool) -> File:
    known = {
        "version": version,
        "base": f"/phone/v/{version}",
        "first": [f"phone/{path}" for path in FIRST],
        "languages": " ".join(languages()),
        "invented": invented,
    }
    return _file("shell.html", render_to_string("phone/shell.html", known).encode())


def _file(path: str, body: bytes) -> File:
    if path.endswith(".js"):
        body = without_remarks(body)
    packed = path.endswith(PACKED)
    sent = body if packed else gzip.compress(body, 9, mtime=0)
    suffix = Path(path).suffix
    content_type = TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    return File(body, hashlib.sha256(body).hexdigest(), sent, not packed, content_type)
