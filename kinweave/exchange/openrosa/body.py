"""The body of a post: read within bounds, whole or not at all, and taken apart into the form and its files."""

from __future__ import annotations

import time
import unicodedata
from typing import Any

from kinweave.core.problems import Problem
from kinweave.core.xforms.multipart import BodyBroken, Part, read_parts
from kinweave.exchange.openrosa.answers import MOST_BODY
from kinweave.flows.openrosa import File

FORM = "xml_submission_file"
CHUNK = 65_536
READ_OFF = 200_000_000  # bytes of a post that is too large which are still read, so that the sender hears why
READ_OFF_FOR = 60.0  # seconds


class TooLarge(Problem):
    status, code = 413, "post-too-large"
    says = "This is larger than {most} megabytes in one piece. Nothing of it was stored."
    remedy = "Make the picture or recording smaller, then send the form again."


class NoForm(Problem):
    status, code = 400, "no-form-in-post"
    says = "There is no form in what arrived. Nothing was stored."
    remedy = "Send it again with the app that made it."


class TwoOfOneName(Problem):
    status, code = 400, "two-files-of-one-name"
    says = "Two different files have the same name. Nothing was stored."
    remedy = "Take one of the pictures or recordings anew, then send the form again."


def read_body(request: Any, most: int = MOST_BODY) -> bytes:
    """The whole body, at most `most` bytes, also where it comes in chunks. Raises TooLarge, BodyBroken."""
    chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    # Django reads nothing without a length; the server hands the joined chunks on as they are.
    stream = request.META["wsgi.input"] if chunked else request
    length = None if chunked else _length(request)
    if length is not None and length > most:
        _read_off(stream)
        raise TooLarge(most=most // 1_000_000)
    pieces, size = [], 0
    try:
        while piece := stream.read(CHUNK):
            size += len(piece)
            if size > most:
                _read_off(stream)
                raise TooLarge(most=most // 1_000_000)
            pieces.append(piece)
    except OSError:
        raise BodyBroken(reason="its end is missing") from None
    if length is not None and size != length:
        raise BodyBroken(reason="its end is missing")
    return b"".join(pieces)


def _length(request: Any) -> int:
    try:
        return max(0, int(request.META.get("CONTENT_LENGTH") or 0))
    except ValueError:
        return 0


def _read_off(stream: Any) -> None:
    """Read and drop the rest: a sender that is still sending does not hear an answer."""
    until, size = time.monotonic() + READ_OFF_FOR, 0
    try:
        while size < READ_OFF and time.monotonic() < until and (piece := stream.read(CHUNK)):
            size += len(piece)
    except OSError:
        return


def form_and_files(request: Any) -> tuple[bytes, list[File]]:
    """The raw form and the files with it. Raises what `read_body` raises, NoForm, TwoOfOneName."""
    parts = read_parts(read_body(request), request.META.get("CONTENT_TYPE", ""))
    forms = [part for part in parts if part.name == FORM]
    if len(forms) != 1:
        raise NoForm()
    files: dict[str, File] = {}
    for part in parts:
        if part.name == FORM or not part.filename:
            continue  # a plain field, such as *isIncomplete*: more files may come, or not; the form is whole
        name = _plain(part)
        if name in files and files[name].content != part.content:
            raise TwoOfOneName()
        files.setdefault(name, File(name, part.kind, part.content))
    return forms[0].content, list(files.values())


def _plain(part: Part) -> str:
    """A file's name without any folder before it, its letters composed."""
    name = unicodedata.normalize("NFC", part.filename.replace("\\", "/")).rpartition("/")[2].replace("\0", "")
    return name or part.name
