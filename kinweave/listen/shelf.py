"""The instruments of this site: read from their folders once, compiled, found by slug or by table hash."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings

from kinweave.core.instrument_table import Table, compile_table, table_hash
from kinweave.core.instrument_types import Instrument
from kinweave.core.instruments import load_all
from kinweave.core.problems import Problem
from kinweave.house import quick
from kinweave.listen.models import ScoringTable, Switch


class UnknownInstrument(Problem):
    status, code = 404, "unknown-instrument"
    says = "This site does not hold that questionnaire."
    remedy = "Refresh the list of questionnaires, then try again."


class SwitchedOff(Problem):
    status, code = 409, "instrument-off"
    says = "This questionnaire is not asked here."
    remedy = "A coordinator can switch it on in the settings, once people are reachable who can answer."


@cache
def instruments() -> dict[str, Instrument]:
    """All instruments on disk, by slug: those that are shipped, and this site's own where it has any."""
    own = [settings.OWN_INSTRUMENTS] if settings.OWN_INSTRUMENTS.is_dir() else []
    return load_all(settings.INSTRUMENTS, *own)


@cache
def compiled(slug: str) -> tuple[Table, str]:
    """The scoring table in force and its hash."""
    found = instruments().get(slug)
    if found is None:
        raise UnknownInstrument()
    table = compile_table(found)
    return table, table_hash(table)


def table_of(hash_: str) -> Any:
    """The table a response was scored under, also one from years ago. Raises UnknownInstrument."""
    row = ScoringTable.objects.filter(hash=hash_).first()
    if row is None:
        raise UnknownInstrument()
    return row.table


def switched_on(scope: str = "") -> list[Instrument]:
    """The instruments that are asked here (for one programme or the whole site), in the order of their names."""
    states: dict[str, bool] = {}
    for row in Switch.objects.filter(scope__in={"", scope}).order_by("at", "id"):
        states[row.slug] = row.on
    return [i for slug, i in sorted(instruments().items()) if states.get(slug)]


def is_on(slug: str, scope: str = "") -> bool:
    tail = "WHERE slug = %s AND scope IN ('', %s) ORDER BY at DESC, id DESC LIMIT 1"
    last = quick.rows(Switch, tail, [slug, scope])
    return bool(last) and last[0].on
