"""What the typing screens share: what was typed in this run, keeping while typing, days as they stand on paper.

A run lives in the sign-in's session as ids and sheet numbers, nothing else. What is half typed is parked, sealed for
the account, as a form whose session has ended is (front/parking.py): a reload brings it back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import JsonResponse
from django.urls import reverse
from django.utils import timezone

from kinweave.front import parking
from kinweave.house.access import Actor
from kinweave.house.models import Programme
from kinweave.listen.shelf import switched_on
from kinweave.people import listing
from kinweave.people.door import within

RUN = "typing"
MOST = 60  # sheets that the list of a run shows
DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_DAY = re.compile(r"(\d{1,2})(?:[./\- ]+(\d{1,2}))?(?:[./\- ]+(\d{4}))?[.]?")
_SLUG = re.compile(r"[a-z0-9-]{1,60}")


# ------------------------------------------------------------------------------------------- a run


def run_of(request: Any, name: str) -> dict[str, Any]:
    """What was typed in this run of one kind of sheet: `on` (the last day) and `rows`, the newest first.

    A run is over with the day."""
    kept = request.session.get(RUN, {}).get(name, {})
    if kept.get("day") != timezone.localdate().isoformat():
        kept = {}
    return {"on": kept.get("on", ""), "rows": list(kept.get("rows", []))}


def add_to_run(request: Any, name: str, row: dict[str, Any], on: date | None = None) -> None:
    """One more sheet or line. `row`: ids and numbers only."""
    runs = dict(request.session.get(RUN, {}))
    run = run_of(request, name)
    rows = [row, *(one for one in run["rows"] if one.get("id") != row.get("id"))][:MOST]
    day = timezone.localdate().isoformat()
    runs[name] = {"day": day, "on": on.isoformat() if on else run["on"], "rows": rows}
    request.session[RUN] = runs


def drop_from_run(request: Any, name: str, row_id: Any) -> None:
    """It was taken back."""
    runs = dict(request.session.get(RUN, {}))
    run = run_of(request, name)
    left = [one for one in run["rows"] if one.get("id") != str(row_id)]
    runs[name] = {**run, "day": timezone.localdate().isoformat(), "rows": left}
    request.session[RUN] = runs


def codes_of(by: Actor, rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The codes of the people in a run, as far as they are in reach."""
    ids = {one["person"] for one in rows if one.get("person")}
    return {str(pk): code for pk, code in within(by).filter(id__in=ids).values_list("id", "code")} if ids else {}


def back_to(request: Any, row_id: Any) -> str:
    """Where an undo on a typing screen leads back to; empty when it was asked elsewhere."""
    kind, _colon, name = request.POST.get("typing", "").partition(":")
    if kind not in {"paper-run", "paper-rows"} or not _SLUG.fullmatch(name):
        return ""
    drop_from_run(request, name, row_id)
    return reverse(kind, args=[name])


def asked_here(by: Actor) -> set[str]:
    """The questionnaires (by slug) that are asked in any programme of one's own organisations."""
    homes = [grant.organisation_id for grant in by.grants if grant.organisation_id]
    scopes = ["", *map(str, Programme.objects.filter(organisation_id__in=homes).values_list("id", flat=True))]
    return {one.slug for scope in scopes for one in switched_on(scope)}


# ------------------------------------------------------------------------------ kept while typing


def keep(request: Any, safety: Sequence[str] = (), replaces: str = "") -> JsonResponse:
    """Park what is typed so far, in place of what was parked of it before."""
    parking.forget(request)
    request.parked = True  # the middleware forgets what an answered form had parked, and this one is not finished
    parked = parking.park(request, request.actor.account_id)
    entry = as_uuid(request.POST.get("entry"))
    query = urlencode({parking.BACK: parked, "entry": entry}) if parked and entry else ""
    return JsonResponse({"query": query, "safety": list(safety), "replaces": replaces})


def kept_entry(request: Any) -> dict[str, UUID]:
    """The entry id of a form that is brought back, so that what it has told already is not told again."""
    entry = as_uuid(request.GET.get("entry")) if parking.BACK in request.GET else None
    return {"entry": entry} if entry else {}


# ---------------------------------------------------------------------------------- codes and days


def person_by_code(by: Actor, words: str) -> tuple[Any, bool]:
    """(the one person whose code or name it is, or None; whether several fit)."""
    if not words.strip():
        return None, False
    found = listing.find(by, words.translate(DIGITS)).rows
    return (found[0], False) if len(found) == 1 else (None, len(found) > 1)


def exact_code(by: Actor, words: str) -> Any:
    """Someone by their code alone: what is half typed must not be taken for a name, nor open any."""
    found = listing.with_code(by, words.translate(DIGITS))
    return found[0] if len(found) == 1 else None


def read_day(text: str, near: date | None = None, ahead: bool = False) -> date | None:
    """A day as it is written on paper: 15, 15.1., 15/1/2026 or 2026-01-15; None when it is none.

    What is left out is taken from `near` (today by default): the last such day, or with `ahead` the next.
    """
    text = text.strip().translate(DIGITS)
    near = near or timezone.localdate()
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    fits = _DAY.fullmatch(text)
    if fits is None:
        return None
    day, month, year = (int(part) if part else None for part in fits.groups())
    tried = [(year or near.year, month or near.month)]
    if year is None:
        step = 1 if ahead else -1
        tried.append((near.year + step, month) if month else _month_beside(near, step))
    for one_year, one_month in tried:
        try:
            made = date(one_year, one_month, day or 0)
        except ValueError:
            continue
        if year is not None or (made >= near if ahead else made <= near):
            return made
    return None


def _month_beside(near: date, step: int) -> tuple[int, int]:
    first = near.replace(day=1)
    other = first + timedelta(days=32) if step > 0 else first - timedelta(days=1)
    return other.year, other.month


def as_uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
