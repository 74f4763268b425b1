"""What a phone needs beside people: the questionnaires that are asked here, and the site's own lists and rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from kinweave.connect.rules import ITEMS, NEEDS
from kinweave.core.instrument_types import Instrument
from kinweave.core.instruments import questions, wording
from kinweave.flows.own_results import own_results
from kinweave.flows.phone.audio import spoken
from kinweave.flows.phone.versions import conflicts_of
from kinweave.gather.door import within as circles_within
from kinweave.house import rota
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.models import Due, Grant, Organisation, Place, Programme
from kinweave.house.sequencer import site
from kinweave.listen.shelf import compiled, switched_on
from kinweave.people.actions.consents import ADULT
from kinweave.people.actions.versions import TWO_VERSIONS
from kinweave.people.door import within
from kinweave.team.actions import KINDS as KINDS_OF_WORK

MOST_PLACES = 200
MOST_CIRCLES = 60
LOCK_MINUTES = chosen.define(
    "phone.lock_minutes",
    5,
    says="After how many minutes without a touch a phone locks itself.",
    source="ours",
    fits=chosen.whole(1, 60),
    hint="Give whole minutes, 1 to 60.",
)
PRICE = chosen.define(
    "phone.price_per_mb",
    {"price": 0, "currency": ""},
    says="What a megabyte costs the worker, to show what sending costs. 0 shows bytes only.",
    source="ours",
    fits=lambda v: set(v) == {"price", "currency"} and 0 <= float(v["price"]) < 1e6 and len(v["currency"]) <= 8,
    hint="Give a price and a currency, such as 0.05 and USD.",
)


def etag_of(value: Any) -> str:
    """A short mark of a value, the same as long as it is the same."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


# ------------------------------------------------------------------------------------- questionnaires


def instruments_for(by: Actor, language: str) -> dict[str, Any]:
    """The questionnaires asked in the reader's programmes, in the site's languages and the wanted one."""
    wanted = tuple(sorted({*map(str, chosen.value(chosen.LANGUAGES)), language} - {""}))
    asked = {i.slug: i for scope in _scopes(by) for i in switched_on(scope)}
    shown = [questionnaire(slug, wanted, language) for slug, one in sorted(asked.items()) if one.wordings]
    return {"language": language, "instruments": shown}


def _scopes(by: Actor) -> list[str]:
    homes = {grant.organisation_id for grant in by.grants if grant.organisation_id}
    found = Programme.objects.filter(organisation_id__in=homes).order_by("id").values_list("id", flat=True)
    return ["", *map(str, found)]


@lru_cache(maxsize=400)
def questionnaire(slug: str, languages: tuple[str, ...], language: str) -> dict[str, Any]:
    """One questionnaire, whole; made once for each set of languages."""
    from kinweave.listen.shelf import instruments

    one: Instrument = instruments()[slug]
    table, hash_ = compiled(slug)
    words = {w.language: w for w in (wording(one, code) for code in languages)}
    return {
        "slug": slug, "key": one.key, "version": one.version, "alone": one.asked.alone, "of": one.asked.of,
        "table": table, "hash": hash_, "default": wording(one, language).language,
        "wordings": {code: _worded(one, code) for code in sorted(words)},
    }  # fmt: skip


def _worded(one: Instrument, language: str) -> dict[str, Any]:
    words = wording(one, language)
    return {
        "language": words.language, "direction": words.direction, "shown_as": words.shown_as,
        "lead": words.instruction, "recall": words.recall, "translated": not words.original,
        "checked": words.checked, "source": words.source,
        "questions": [
            {
                "code": q.code, "text": q.text, "help": q.help, "options": [list(pair) for pair in q.options],
                "is_safety": q.is_safety, "audio": spoken(one.key, q.language, q.code),
                "skip_when": [[item, list(values)] for item, values in q.skip_when],
            }
            for q in questions(one, language)
        ],
    }  # fmt: skip


# ------------------------------------------------------------------------------------ settings of a phone


def settings_for(by: Actor) -> dict[str, Any]:
    """What the app on a worker's phone has to know of this site; `etag` marks it."""
    homes = list(_homes(by))
    scope = next((home["programme"] for home in homes if home["programme"]), "") or ""
    price: Mapping[str, Any] = chosen.value(PRICE)
    told = {
        "homes": homes,
        "places": _places(by),
        "languages": list(chosen.value(chosen.LANGUAGES)),
        "emergency": _emergency(scope),
        "circles": _circles(by),
        "needs": chosen.value(NEEDS, scope),
        "items": chosen.value(ITEMS, scope),
        "kinds_of_work": chosen.value(KINDS_OF_WORK),
        "adult_age": chosen.value(ADULT, scope),
        "facts": chosen.value(chosen.FACTS, scope),
        "dimensions": chosen.value(chosen.DIMENSIONS, scope),
        "lock_minutes": chosen.value(LOCK_MINUTES),
        "price_per_mb": price["price"],
        "currency": price["currency"],
        "invented": site().invented,
        "conflicts": _asked(by),
        "own": _own(by),
    }
    return {**told, "etag": etag_of(told)}


def _homes(by: Actor) -> Iterable[dict[str, Any]]:
    """Where the worker registers people: organisation, programme and team of each of their roles."""
    if by.account_id is None:
        return
    roles = ("worker", "supervisor", "coordinator")
    rows = Grant.objects.filter(until=None, account_id=by.account_id, role__in=roles)
    names = {o.id: o.name for o in Organisation.objects.filter(id__in=[r.organisation_id for r in rows])}
    programmes: dict[UUID, list[Programme]] = {}
    for one in Programme.objects.filter(organisation_id__in=list(names)).order_by("id"):
        programmes.setdefault(one.organisation_id, []).append(one)
    for row in rows.order_by("role", "id"):
        if row.organisation_id is None:
            continue
        first = programmes.get(row.organisation_id, [None])[0]
        yield {
            "organisation": str(row.organisation_id),
            "name": names[row.organisation_id],
            "programme": None if first is None else str(first.id),
            "zone": "UTC" if first is None else first.timezone,
            "team": None if row.team_id is None else str(row.team_id),
        }


def _emergency(programme: str) -> str:
    """The number to call: the programme's own, else the site's, as on the desk's safety card."""
    found = rota.latest(UUID(programme)) if programme else None
    return found.number if found is not None and found.number else str(chosen.value(chosen.EMERGENCY, programme))


def _circles(by: Actor) -> list[dict[str, str]]:
    """The open circles whose meetings this worker writes down."""
    if not by.may("gather.meet"):
        return []
    rows = circles_within(by, "gather.meet").filter(state="open").order_by("name", "id")[:MOST_CIRCLES]
    return [{"id": str(row.id), "name": row.name} for row in rows]


def _own(by: Actor) -> dict[str, int] | None:
    """What became of the worker's own people this month, for that worker first; None where they are too few."""
    found = own_results(by)
    return {"met": found.met, "better": found.better, "worse": found.worse} if found.enough else None


def _asked(by: Actor) -> list[dict[str, Any]]:
    """What the worker is asked to decide between."""
    asked = Due.objects.filter(who=by.account_id, kind=TWO_VERSIONS, state="open").exclude(person_id=None)
    wanted = {person for person in asked.values_list("person_id", flat=True) if person is not None}
    if not wanted:
        return []
    reached = within(by, "care.act").filter(id__in=wanted).values_list("id", flat=True)
    return conflicts_of(list(reached))


def _places(by: Actor) -> list[dict[str, str]]:
    """Places that a person can be registered in; those of the worker's anchors where there are such."""
    paths = [grant.place_path for grant in by.grants if grant.place_path]
    rows = Place.objects.order_by("path")
    if paths:
        rows = rows.filter(path__startswith=min(paths, key=len))
    return [{"id": str(row.id), "name": row.name} for row in rows[:MOST_PLACES]]
