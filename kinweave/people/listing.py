"""A list of people page by page, and a search: within the reader's own reach, as fast among a million as among ten."""

from __future__ import annotations

import re
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Value

from kinweave.core import pathway
from kinweave.core.phonetic import sounds_alike
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.models import Place
from kinweave.house.sealing import Opener
from kinweave.people import fields
from kinweave.people.door import within
from kinweave.people.models import Person

# The order of the people list: those who are met, those who wait, those on the way, those who left.
ORDER = (
    pathway.ACTIVE, pathway.WAITING, pathway.TOLD, pathway.SCREENED, pathway.CONSENTED, pathway.IDENTIFIED,
    pathway.GRADUATING, pathway.GROUP, pathway.BELOW, pathway.CLOSED,
)  # fmt: skip
PAGE = 25
MOST_FOUND = 50
CODE = re.compile(r"([A-Z2-9]{2})[-\s]?([A-Z2-9]{4})")
SEARCHABLE = chosen.define(
    "people.search_most",
    3000,
    says="How many people a search by name opens at most; with more, a place or a team is chosen first.",
    source="ours: 3,000 names are opened within the time that a page may take",
    fits=chosen.whole(50, 20_000),
    hint="Give a number between 50 and 20000.",
)

# ------------------------------------------------------------------------------------------ a list


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to; empty means everyone in reach."""

    state: str = ""
    worker_id: UUID | None = None
    team_id: UUID | None = None
    place_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows in the list's order and the cursor that leads on, empty at the end. No counts."""

    rows: tuple[Person, ...]
    after: str


def page(by: Actor, wanted: Wanted = Wanted(), after: str = "", size: int = PAGE) -> Page:
    """People in reach, state by state, the latest change first. Two queries, however many people there are.

    Each state is one short walk along an index, so a page costs the same among a hundred and a million.
    """
    found = narrowed(within(by), wanted)
    start = read_cursor(after)
    states: tuple[str, ...] = (wanted.state,) if wanted.state in ORDER else ORDER
    if start and start[0] in states:
        states = states[states.index(start[0]) :]
    else:
        start = None
    walks = [_walk(found, state, start, size) for state in states]
    keys = walks[0].union(*walks[1:], all=True) if len(walks) > 1 else walks[0]
    ids = [row[0] for row in keys.order_by("rank", "-since", "id")[: size + 1]]
    by_id = Person.objects.select_related("place", "team").in_bulk(ids[:size])
    rows = tuple(by_id[one] for one in ids[:size] if one in by_id)
    return Page(rows, cursor(rows[-1]) if len(ids) > size and rows else "")


def _walk(found: QuerySet[Person], state: str, start: tuple[str, datetime, UUID] | None, size: int) -> Any:
    one = found.filter(state=state)
    if start and start[0] == state:
        _, since, last = start
        one = one.filter(since__lte=since).filter(Q(since__lt=since) | Q(id__gt=last))
    ids = one.order_by("-since", "id").values("id")[: size + 1]
    rank = Value(ORDER.index(state))
    return Person.objects.filter(id__in=ids).order_by().annotate(rank=rank).values_list("id", "rank", "since")


def narrowed(found: QuerySet[Person], wanted: Wanted) -> QuerySet[Person]:
    """A list narrowed to a worker, a team, a place with all within it."""
    if wanted.worker_id:
        found = found.filter(worker_id=wanted.worker_id)
    if wanted.team_id:
        found = found.filter(team_id=wanted.team_id)
    if wanted.place_id:
        path = Place.objects.filter(id=wanted.place_id).values_list("path", flat=True).first()
        inside = Place.objects.filter(path__startswith=path or "\0").values("id")
        found = found.filter(place_id__in=inside)
    return found


def cursor(row: Person) -> str:
    """Where a list stopped: no name, no count, stable while others are added."""
    return urlsafe_b64encode(f"{row.state}~{row.since.isoformat()}~{row.id}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[str, datetime, UUID] | None:
    """The parts of a cursor; None when it is not one of ours."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        state, since, last = raw.split("~")
        moment = datetime.fromisoformat(since)
        return (state, moment, UUID(last)) if moment.tzinfo else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Own:
    """One of a worker's own people as paper shows them: never by name."""

    id: UUID
    code: str
    alias: str


def own_people(by: Actor, most: int) -> list[Own]:
    """The people an account accompanies itself and who are with the programme now, by code and alias."""
    if by.account_id is None:
        return []
    rows = list(within(by).filter(worker_id=by.account_id).exclude(state=pathway.CLOSED).order_by("code")[:most])
    opened = Opener([row.id for row in rows])
    return [Own(row.id, row.code, opened(row.id, fields.ALIAS, row.alias) or "") for row in rows]


# ----------------------------------------------------------------------------------------- a search


@dataclass(frozen=True, slots=True)
class Found:
    """People whose code, name or alias fits. `too_many`: so many are in reach that names were not opened."""

    rows: tuple[Person, ...]
    too_many: bool = False


def find(by: Actor, words: str, wanted: Wanted = Wanted()) -> Found:
    """A search by code, or by how a name is written or sounds, within the reader's own reach only."""
    exact = with_code(by, words)
    if exact:
        return Found(exact)
    most = chosen.value(SEARCHABLE)
    asked = narrowed(within(by), wanted)
    if wanted.state in ORDER:
        asked = asked.filter(state=wanted.state)
    held = list(asked.order_by().values_list("id", "id", "name", "alias")[: most + 1])
    if len(held) > most:
        return Found((), too_many=True)
    others = Person.objects.filter(merged_into__in=asked.order_by().values("id"), erased_at=None)
    held += list(others.values_list("merged_into_id", "id", "name", "alias")[:most])
    hits = _hits(words, held)
    by_id = Person.objects.select_related("place", "team").in_bulk(hits[:MOST_FOUND])
    return Found(tuple(by_id[one] for one in hits[:MOST_FOUND]))


def with_code(by: Actor, words: str) -> tuple[Person, ...]:
    """Who has this code, in reach. No name is opened, so it may be asked at every key."""
    code = read_code(words)
    if not code:
        return ()
    # First by the code alone, along its index, then by reach: together they may be walked the long way round.
    known = list(Person.objects.filter(code=code).values_list("id", flat=True)[:MOST_FOUND])
    return tuple(within(by).filter(id__in=known).select_related("place", "team"))


def read_code(words: str) -> str:
    """A person's code as it is stored, from what someone typed; empty when it is none."""
    fits = CODE.fullmatch(words.strip().upper())
    return f"{fits[1]}-{fits[2]}" if fits else ""


def _hits(words: str, held: Iterable[tuple[Any, ...]]) -> list[UUID]:
    """Ids of the fitting, those written alike before those that only sound alike."""
    held = list(held)
    opened = Opener([own for _, own, _, _ in held])
    wanted = plain(words)
    written: dict[UUID, None] = {}
    heard: dict[UUID, None] = {}
    if not wanted:
        return []
    for shown, own, name, alias in held:
        texts = (opened(own, fields.ALIAS, alias), opened(own, fields.NAME, name))
        known = [text for text in texts if text]
        if any(wanted in plain(text) for text in known):
            written[shown] = None
        elif any(sounds_alike(words, text) or _part_sounds(words, text) for text in known):
            heard[shown] = None
    return [*written, *(one for one in heard if one not in written)]


def _part_sounds(words: str, text: str) -> bool:
    return " " in text and any(sounds_alike(words, part) for part in text.split())


def plain(text: str) -> str:
    """Letters without marks and case, for comparing what was typed."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).split())


def by_code(by: Actor, words: str) -> UUID | None:
    """The id behind a code in the organisations where an actor may open a record in need. The action that
    opens decides; absent and forbidden stay the same."""
    homes_ = [r.organisation_id for r in by.reaches("break.glass") if r.organisation_id]
    code = read_code(words)
    if not code:
        return None
    found = Person.objects.filter(code=code, organisation_id__in=homes_, merged_into=None, erased_at=None)
    return found.values_list("id", flat=True).first()
