"""A site's sums as a file: signed by the site, read and added up anywhere, without a database or a site.

The signature is Ed25519 (RFC 8032) over canonical JSON. It says that this site wrote these sums and nobody changed
them since; whose key it is, people tell each other by its short number on another way, such as the telephone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kinweave.core.problems import Problem
from kinweave.measures.federation import MOST_BYTES, Combined, Sums, combine, from_dict, to_dict

SCHEMA: Final = "kinweave.signed-sums"
VERSION: Final = 2  # since 2 a file says whom it is about
MONTHS: Final = ("started_from", "started_before")  # such as 2026-07; the first may be empty: from the beginning
ABOUT: Final = ("site", "made_on", "instrument", "scale", "purpose", "windows", "smallest", *MONTHS)
_MONTH: Final = r"([12][0-9]{3}-(0[1-9]|1[0-2]))?"
FIELDS: Final = frozenset({"schema", "version", "key", "about", "sums", "signature"})


class NotSigned(Problem):
    status, code = 422, "sums-not-signed"
    says = "{file} is no file of sums signed by a site, or it was changed after it was signed."
    remedy = "Ask the site for the file again, and take it without opening it in another program."


class NotTrusted(Problem):
    status, code = 422, "sums-not-trusted"
    says = "{file} is signed with a key that you did not name: {number}."
    remedy = "Ask the site by telephone whether this is its number, then name it with --trust."


class TwiceFrom(Problem):
    status, code = 422, "sums-twice"
    says = "Two files come from the same site and are about the same people. They would be counted twice."
    remedy = "Give each file once. Files of one site add up where their people started at other times."


class OtherQuestion(Problem):
    status, code = 422, "sums-differ"
    says = "{file} answers another question than the others: its {what} differs."
    remedy = "Ask each site for the same questionnaire, the same months and the same purpose."


@dataclass(frozen=True, slots=True)
class SiteSums:
    """What one site sent. number: of its key, short enough to be read out. about: see ABOUT."""

    number: str
    about: Mapping[str, Any]
    sums: Sums


def number_of(public: bytes) -> str:
    """A key's short number: sixteen hexadecimal digits of its SHA-256, in fours."""
    digits = hashlib.sha256(public).hexdigest()[:16]
    return "-".join(digits[i : i + 4] for i in range(0, 16, 4))


def sign(sums: Sums, about: Mapping[str, Any], key: Ed25519PrivateKey) -> str:
    """The file's text. `about` holds exactly the names in ABOUT."""
    if set(about) != set(ABOUT):
        raise ValueError("about does not hold what it should")
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    body = {"schema": SCHEMA, "version": VERSION, "key": _b64(public), "about": dict(about), "sums": to_dict(sums)}
    return json.dumps({**body, "signature": _b64(key.sign(_canonical(body)))}, sort_keys=True, ensure_ascii=False)


def read(text: str, name: str, trusted: Sequence[str] = ()) -> SiteSums:
    """What a file holds. Raises NotSigned, NotTrusted (where keys are named), or NotTheSums."""
    try:
        if len(text.encode()) > MOST_BYTES:
            raise ValueError
        found = json.loads(text)
        if set(found) != FIELDS or (found["schema"], found["version"]) != (SCHEMA, VERSION):
            raise ValueError
        signature, public = (base64.b64decode(found[one], validate=True) for one in ("signature", "key"))
        body = {name: value for name, value in found.items() if name != "signature"}
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _canonical(body))
        if set(found["about"]) != set(ABOUT) or not all(re.fullmatch(_MONTH, found["about"][one]) for one in MONTHS):
            raise ValueError
    except (ValueError, TypeError, KeyError, RecursionError, InvalidSignature):
        raise NotSigned(file=name) from None
    number = number_of(public)
    if trusted and number not in {one.strip().lower() for one in trusted}:
        raise NotTrusted(file=name, number=number)
    return SiteSums(number, found["about"], from_dict(found["sums"]))


def together(files: Sequence[Path], trusted: Sequence[str] = ()) -> tuple[Combined, list[SiteSums]]:
    """The files of several sites added up; of one site several, about people who started at different times.

    Raises what `read` raises, TwiceFrom, OtherQuestion or NotAddable.
    """
    found = [read(path.read_text(encoding="utf-8"), path.name, trusted) for path in files]
    for path, one in zip(files[1:], found[1:], strict=True):
        for what in ("instrument", "scale", "purpose", "windows"):
            if one.about[what] != found[0].about[what]:
                raise OtherQuestion(file=path.name, what=what)
    return combine({_label(own[0]): _one_site(own) for own in _by_site(found)}), found


def _label(one: SiteSums) -> str:
    return f"{one.about['site']} ({one.number})"


def _by_site(found: Sequence[SiteSums]) -> list[list[SiteSums]]:
    """Each site's files, first to last. Raises TwiceFrom where two are about the same people."""
    sites: dict[str, list[SiteSums]] = {}
    for one in sorted(found, key=lambda one: one.about["started_from"]):
        own = sites.setdefault(one.number, [])
        if own and one.about["started_from"] < own[-1].about["started_before"]:
            raise TwiceFrom()
        own.append(one)
    return list(sites.values())


def _one_site(own: Sequence[SiteSums]) -> Sums:
    return combine({str(n): one.sums for n, one in enumerate(own)}).sums if len(own) > 1 else own[0].sums


def _canonical(body: Mapping[str, Any]) -> bytes:
    # Floats as their shortest exact text (repr), which every JSON reader of doubles gives back unchanged.
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
