"""Which form something belongs to, and its fields as the answers of a questionnaire or of a form of one's own."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from kinweave.core.problems import Problem
from kinweave.core.xforms.submission import Submission, by_name, every, leaves
from kinweave.house.access import Actor
from kinweave.house.sealing import house_key
from kinweave.listen.reads_forms import Form, version_of
from kinweave.listen.shelf import compiled, instruments
from kinweave.people.listing import find, read_code

# Questions that every form of ours asks beside the questionnaire's own.
PERSON, CODE, DAY, LANGUAGE = "person", "person_code", "taken_on", "asked_in"
DECLINED = "declined"


class UnknownForm(Problem):
    status, code = 404, "unknown-form"
    says = "This site does not know this form, or this version of it. Nothing was stored."
    remedy = "Keep it on the phone, get the list of forms anew, and show it to your supervisor."


# ------------------------------------------------------------------------------------------ which form


def signed_version(version: str, slug: str, content: bytes) -> str:
    """The version of a form that we made: the questionnaire's, what stands in the form, and a mark of ours.

    The mark lets this site know any version it ever offered, without keeping them all.
    """
    what = hashlib.sha256(content).hexdigest()[:12]
    return f"{version}.{what}.{_mark(version, slug, what)}"


def _mark(version: str, slug: str, what: str) -> str:
    text = f"kinweave form {slug} {version} {what}".encode()
    return hmac.new(house_key(), text, hashlib.sha256).hexdigest()[:10]


def is_ours(slug: str, version: str) -> bool:
    """Whether this site made that version of a questionnaire's form, now or years ago."""
    own, _, rest = version.rpartition(".")
    number, _, what = own.rpartition(".")
    return bool(number and what) and hmac.compare_digest(_mark(number, slug, what).encode(), rest.encode())


def slug_of(form_id: str) -> str | None:
    """The questionnaire behind a form's name, which is its key: the only name that may be shown."""
    return next((slug for slug, one in instruments().items() if one.key == form_id), None)


def form_called(form_id: str, version: str) -> str | Form:
    """The questionnaire, or the form of one's own. Raises UnknownForm."""
    slug = slug_of(form_id)
    if slug is not None and is_ours(slug, version):
        return slug
    found = version_of(form_id, version) if slug is None else None
    if found is None:
        raise UnknownForm()
    return found


# ------------------------------------------------------------------------------------ from fields to answers


def for_instrument(by: Actor, slug: str, read: Submission) -> dict[str, Any]:
    table, _ = compiled(slug)
    said = by_name(read.tree)
    all_said = [(path.rpartition("/")[2], text) for path, text in every(read.tree)]
    given = {item["code"]: _answer(text for name, text in all_said if name == item["code"]) for item in table["items"]}
    return {
        "person_id": _person(by, said.get(PERSON, ""), said.get(CODE, "")),
        "instrument": slug,
        "answers": {code: value for code, value in given.items() if value is not None},
        "language": said.get(LANGUAGE, "").strip()[:12],
        "mode": "phone",
        "taken_on": _day(said.get(DAY, "")),
    }


def for_form(by: Actor, form: Form, read: Submission) -> dict[str, Any]:
    flat = dict(leaves(read.tree))
    who = (flat.get(form.person_field, "") or read.entity) if form.about == "person" else ""
    day = next((_day(text) for path, text in flat.items() if path.rpartition("/")[2] == DAY), None)
    return {"person_id": _person(by, who, who), "form_id": form.id, "answers": dict(read.tree), "taken_on": day}


def items_of(form: Form, tree: Mapping[str, Any]) -> dict[str, Any]:
    all_said = list(every(tree))
    given = {item: _answer(text for at, text in all_said if at == path) for item, path in form.items.items()}
    return {item: value for item, value in given.items() if value is not None}


def _answer(texts: Iterable[str]) -> Any:
    """The answer to a question. Two that differ are both kept: no score is made of them, a danger in one is seen."""
    found = list(dict.fromkeys(value for value in map(coded, texts) if value is not None))
    return found[0] if len(found) == 1 else found or None


def coded(text: str) -> int | str | None:
    """A choice as a coded answer: a whole number, "declined", nothing, or what it says (which is then held)."""
    text = text.strip()
    if text in {"", DECLINED}:
        return text or None
    return int(text) if len(text) < 10 and text.removeprefix("-").isdecimal() else text[:200]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def _person(by: Actor, chosen: str, typed: str) -> UUID | None:
    """Whom a form is about: chosen from the list (an id), or a code that was typed and fits one person in reach."""
    try:
        return UUID(chosen.strip())
    except ValueError:
        pass
    code = read_code(typed) or read_code(chosen)
    if not code or not by.may("people.see"):
        return None
    rows = find(by, code).rows
    return rows[0].id if len(rows) == 1 else None
