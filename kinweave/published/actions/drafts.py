"""Drafts: taken from learn, given a reading by a meeting, or dropped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from kinweave.house.access import Actor
from kinweave.house.journal import Decision, Head, Part
from kinweave.house.models import Place
from kinweave.house.registry import action, applies
from kinweave.house.rows import Change, Put, Row
from kinweave.published.actions.common import OPEN, reached, release_for, standing
from kinweave.published.actions.stories import take_all_back
from kinweave.published.frozen import FORMAT, content_hash, is_marked, sha256, signed_hash
from kinweave.published.models import Release
from kinweave.published.problems import NotFromHere, ReleaseNotFound, TextTooLong, WrongTime
from kinweave.published.states import DRAFT, DROPPED, PUBLISHED, SIGNED, WITHDRAWN

LONGEST = 4_000
Texts = Mapping[str, str]


@action(permission="published.draft")
def draft_release(
    *,
    by: Actor,
    head: Head,
    organisation_id: UUID,
    place_id: UUID,
    period: int,
    about: dict[str, Any],
    texts: dict[str, Any],
    tables: list[dict[str, Any]],
    notes: list[dict[str, Any]],
    mark: str,
) -> Decision:
    """Take in what learn made: texts by language and tables that came through the disclosure rules.

    `about`: format, template, languages, invented, chain {position, digest}, after (hashes of the releases whose
    numbers it fits). `mark`: the site's own mark on the content. Result: `release`, `slug`.
    """
    place = Place.objects.filter(id=place_id).first()
    if place is None or not reached(by, "published.draft", organisation_id):
        raise ReleaseNotFound()
    tables_hash = sha256(tables)
    content = content_hash(about, texts, tables_hash)
    if not is_marked(content, mark) or about.get("format") != FORMAT or set(about.get("languages", ())) != set(texts):
        raise NotFromHere()
    _check_tables(tables)
    new = head.child("release")
    open_ = {
        "id": new, "slug": _slug(place.code, period, str(about.get("template", ""))),
        "organisation": organisation_id, "place": place.id,
        "period": period, "head": about, "texts": texts, "tables": tables, "notes": notes,
        "tables_hash": tables_hash, "content": content, "hash": signed_hash(content, {}, {}),
    }  # fmt: skip
    return Decision(new, open_, result={"release": new, "slug": open_["slug"]})


def _check_tables(tables: Sequence[Mapping[str, Any]]) -> None:
    """Every table came through the disclosure rules: its own hash and shape say so."""
    # Only where numbers are taken in: a server that shows reports never loads the statistics.
    from kinweave.measures.disclosure import NotSafe, SafeTable

    try:
        for table in tables:
            SafeTable.from_dict(table)
    except NotSafe:
        raise NotFromHere() from None


def _slug(code: str, period: int, template: str) -> str:
    """Neutral and short: the place's code, the time, and for whom where it is not for everyone."""
    letters = unicodedata.normalize("NFKD", code).encode("ascii", "ignore").decode().lower()
    when = f"{period // 10}" + (f"-q{period % 10}" if period % 10 else "")
    when += "" if template in ("", "community") else f"-{template}"
    first = f"{re.sub(r'[^a-z0-9]+', '-', letters).strip('-') or 'place'}-{when}"
    taken = set(Release.objects.filter(slug__startswith=first).values_list("slug", flat=True))
    return next(s for s in (first, *(f"{first}-{n}" for n in range(2, len(taken) + 3))) if s not in taken)


@applies("published.draft_release")
def _drafted(part: Part) -> Iterator[Row]:
    yield Put(
        "published.Release",
        {
            "id": part["id"], "slug": part["slug"], "organisation_id": part["organisation"],
            "place_id": part["place"], "period": part["period"], "state": DRAFT, "head": part["head"],
            "texts": part["texts"], "tables": part["tables"], "notes": part["notes"],
            "tables_hash": part["tables_hash"], "content_hash": part["content"], "hash": part["hash"],
            "made_at": part.received_at, "made_by": part.actor_id,
        },
    )  # fmt: skip


def _clean(given: Texts, languages: Sequence[str]) -> dict[str, str]:
    kept = {language: text.replace("\r\n", "\n").strip() for language, text in given.items() if text.strip()}
    if set(kept) - set(languages) or any(len(text) > LONGEST for text in kept.values()):
        raise TextTooLong()
    return kept


@action(permission="published.draft", locks=("release_id",))
def set_reading(*, by: Actor, head: Head, release_id: UUID, reading: dict[str, str], wrong: dict[str, str]) -> Decision:
    """What a meeting read in the numbers, and what may be wrong with them, by language. Clears all signatures."""
    row = release_for(by, "published.draft", release_id, *OPEN)
    languages = row.head["languages"]
    reading, wrong = _clean(reading, languages), _clean(wrong, languages)
    if (reading, wrong) == (row.reading, row.wrong):
        return Decision(row.id, {"id": row.id, "same": True})
    open_ = {
        "id": row.id, "same": False, "reading": reading, "wrong": wrong,
        "hash": signed_hash(row.content_hash, reading, wrong, row.stories),
        "void": [one.id for one in standing(row.id)],
    }  # fmt: skip
    return Decision(row.id, open_)


@applies("published.set_reading")
def _read(part: Part) -> Iterator[Row]:
    if part["same"]:
        return
    changes = {"reading": part["reading"], "wrong": part["wrong"], "hash": part["hash"], "state": DRAFT}
    yield Change("published.Release", UUID(part["id"]), changes)
    for one in part["void"]:
        yield Change("published.Signature", UUID(one), {"void": True})


@action(permission="published.draft", locks=("release_id",))
def drop_draft(*, by: Actor, head: Head, release_id: UUID) -> Decision:
    """A draft that will not go out. It stays in the journal, but for its stories; nobody outside has seen it."""
    row = release_for(by, "published.draft", release_id)
    if row.state in (PUBLISHED, WITHDRAWN, DROPPED):
        raise WrongTime(state=row.state)
    take_all_back(row.id)
    return Decision(row.id, {"id": row.id, "void": [s.id for s in standing(row.id)] if row.state == SIGNED else []})


@applies("published.drop_draft")
def _dropped(part: Part) -> Iterator[Row]:
    yield Change("published.Release", UUID(part["id"]), {"state": DROPPED})
    for one in part["void"]:
        yield Change("published.Signature", UUID(one), {"void": True})
