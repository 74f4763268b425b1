"""What staff may look at beyond the report: how people felt by each questionnaire that is asked, and the verdicts on
languages that every table stands under.

These tables come after the report's, so that no report loses a number to them, and are about the same people (everyone
who started): what those hide, these cannot give away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kinweave.house import settings as chosen
from kinweave.learn import choices
from kinweave.learn.indicators import CATALOGUE
from kinweave.learn.indicators.base import MISSED
from kinweave.learn.jobs import Say
from kinweave.learn.lake import Lake
from kinweave.learn.languages import ADDS, judge
from kinweave.learn.release_tables import MEASURES, Basis, counts_of, instrument_facts
from kinweave.learn.tables import safe_table
from kinweave.listen import extract as listen
from kinweave.measures.disclosure import Counts, SafeTable

ASKED_OF: Final = ("better-and-worse", "symptom-change")
# Ours: a table takes some 20 s to be made safe, and each one makes the next slower; the first by name are taken.
MOST: Final = 3


@dataclass(frozen=True)
class Further:
    """A safe table and what it is about."""

    table: SafeTable
    indicator: str
    instrument: str
    scale: str


def judged_basis(lake: Lake, on: Basis, say: Say = lambda step: None) -> Basis:
    """`on` with the verdicts on every questionnaire that is asked here and has words."""
    verdicts = judge(
        lake, on.instruments, _judged_scales(on), chosen.value(chosen.LANGUAGES), on.rules, on.grid.purpose,
        say=say,
    )  # fmt: skip
    return replace(on, verdicts=verdicts)


def _judged_scales(on: Basis) -> dict[str, set[str]]:
    """By questionnaire its first scale, those with a reliable change, and those that the settings name."""
    found: dict[str, set[str]] = {}
    for slug in listen.asked() & set(on.instruments):
        instrument = on.instruments[slug]
        if instrument.wordings:
            added = [scale.code for scale in instrument.scales if scale.op in ADDS]
            found[slug] = {*added[:1], *(c.scale for c in instrument.changes if c.kind == "reliable")}
    for setting in MEASURES.values():
        measure = chosen.value(setting)
        if measure.get("instrument") in found:
            found[measure["instrument"]].add(measure["scale"])
    return found


def further_tables(
    lake: Lake, on: Basis, released: tuple[SafeTable, ...], made: tuple[SafeTable, ...],
    say: Say = lambda step: None,
) -> list[Further]:  # fmt: skip
    """How people felt by each questionnaire with a sourced reliable change and enough answers, but the report's own."""
    found: list[Further] = []
    for slug, scale in [*_measures(on)][:MOST]:
        facts = instrument_facts(on.instruments, {"instrument": slug, "scale": scale})
        for indicator in ASKED_OF if facts else ():
            name = f"{indicator}.{slug}.{scale}"
            counts = counts_of(lake, on, CATALOGUE[indicator], on.asking(facts), name)
            if _enough(counts, on):
                table = safe_table(counts, on.rules, released, (*made, *(one.table for one in found)))
                found.append(Further(table, indicator, slug, scale))
            say("further")
    return found


def _measures(on: Basis) -> Iterator[tuple[str, str]]:
    outcome = chosen.value(choices.OUTCOME)
    for slug in sorted(listen.asked() & set(on.instruments)):
        for change in on.instruments[slug].changes:
            if change.kind == "reliable" and {"instrument": slug, "scale": change.scale} != outcome:
                yield slug, change.scale


def _enough(counts: Counts, on: Basis) -> bool:
    """Whether any cell could say more than that people were missed."""
    missed = counts.parts.index(MISSED)
    return any(row.n - row.parts[missed] >= on.rules.smallest for row in counts.rows)


def about_tables(further: Sequence[Further]) -> Mapping[str, Mapping[str, str]]:
    """By name of the table its indicator, and its questionnaire and scale where it has them."""
    report = {slug: {"indicator": slug, **_line(chosen.value(setting))} for slug, setting in MEASURES.items()}
    more = {
        one.table.name: {"indicator": one.indicator, "instrument": one.instrument, "scale": one.scale}
        for one in further
    }
    return {**report, **more}


def _line(measure: Mapping[str, str]) -> dict[str, str]:
    return {name: measure[name] for name in ("instrument", "scale") if name in measure}
