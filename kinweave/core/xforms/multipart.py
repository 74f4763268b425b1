"""A multipart body (RFC 7578), strictly: every part whole, the last boundary there, nothing guessed.

A truncated body is refused as a whole. That is why this is not left to a lenient reader: half a form must not
look like a short one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import ClassVar

from kinweave.core.problems import Problem

MOST_PARTS = 120  # clients send at most 100 files at once
MOST_HEADERS = 4_000  # bytes before one part's content
MOST_NAME = 255
_PARAMETER = re.compile(r';\s*([\w*]+)\s*=\s*(?:"((?:[^"\\\r\n]|\\.)*)"|([^\s;"]+))')


class BodyBroken(Problem):
    """Facts: reason, a fixed phrase."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "body-broken"
    says: ClassVar[str] = "What arrived is not whole: {reason}. Nothing was stored."
    remedy: ClassVar[str] = "Send it again where the network is better. It is still on the phone."


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `filename` is empty for a plain field; neither name nor content shows in a trace."""

    name: str = field(repr=False)
    filename: str = field(repr=False)
    kind: str
    content: bytes = field(repr=False)


def parameters(header: str) -> tuple[str, dict[str, str]]:
    """`form-data; name="x"` as ("form-data", {"name": "x"})."""
    kind = header.partition(";")[0].strip().lower()
    found: dict[str, str] = {}
    for name, quoted, bare in _PARAMETER.findall(header):
        found.setdefault(name.lower(), re.sub(r'\\(["\\])', r"\1", quoted) if quoted else bare)
    return kind, found


def read_parts(body: bytes, content_type: str) -> list[Part]:
    """The parts of a body in their order. Raises BodyBroken."""
    kind, given = parameters(content_type)
    boundary = given.get("boundary", "")
    if kind != "multipart/form-data" or not 0 < len(boundary) <= 70 or not boundary.isascii():
        raise BodyBroken(reason="it does not say where its parts end")
    mark = b"--" + boundary.encode()
    if not body.startswith(mark):
        at = body.find(b"\r\n" + mark)  # a preamble, which nobody reads
        if at < 0:
            raise BodyBroken(reason="its first part is missing")
        body = body[at + 2 :]
    pieces = (b"\r\n" + body).split(b"\r\n" + mark)[1:]
    if len(pieces) > MOST_PARTS + 1:
        raise BodyBroken(reason="it has too many parts")
    if not pieces[-1].startswith(b"--"):
        raise BodyBroken(reason="its end is missing")
    if any(piece.startswith(b"--") for piece in pieces[:-1]):
        raise BodyBroken(reason="something stands after its end")
    return [_part(piece) for piece in pieces[:-1]]


def _part(piece: bytes) -> Part:
    line, newline, rest = piece.partition(b"\r\n")
    if line.strip(b" \t") or not newline:
        raise BodyBroken(reason="one of its boundaries is damaged")
    top, blank, content = (b"\r\n" + rest).partition(b"\r\n\r\n")
    if not blank or len(top) > MOST_HEADERS:
        raise BodyBroken(reason="one of its parts has no beginning")
    try:
        headers = dict(_header(line) for line in top.decode().split("\r\n") if line)
    except (UnicodeDecodeError, ValueError):
        raise BodyBroken(reason="one of its parts has no beginning") from None
    kind, given = parameters(headers.get("content-disposition", ""))
    name, filename = given.get("name", ""), given.get("filename", "")
    if kind != "form-data" or not name or len(name) > MOST_NAME or len(filename) > MOST_NAME:
        raise BodyBroken(reason="one of its parts has no name, or one that is too long")
    return Part(name, filename, headers.get("content-type", "").partition(";")[0].strip().lower()[:100], content)


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise ValueError
    return name.strip().lower(), value.strip()
