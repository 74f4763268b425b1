"""All indicators of a report as exact sums, then as safe tables. The exact ones never leave this process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from kinweave.core import pathway
from kinweave.core.instrument_types import Instrument
from kinweave.house import settings as chosen
from kinweave.learn import choices
from kinweave.learn.grid import DIMENSIONS, Asked, Grid
from kinweave.learn.indicators import CATALOGUE, Indicator, InstrumentFacts, Parameters
from kinweave.learn.lake import Lake
from kinweave.learn.languages import Verdicts
from kinweave.learn.tables import count, safe_table
from kinweave.listen import extract as listen
from kinweave.measures.disclosure import Counts, Rules, SafeTable

# The order in which tables are made safe: of tables about the same people the earlier one decides which numbers
# are shown, so what a community asks first stands first.
ORDER = (
    "better-and-worse", "reach", "symptom-change", "sessions-held", "continuity", "unmet-need", "re-entry",
    "support", "caregivers-load", "alerts-answered", "own-goals",
    "wellbeing", "loneliness", "circles", "unpaid-hours",
)  # fmt: skip
MEASURES = {
    "better-and-worse": choices.OUTCOME, "symptom-change": choices.OUTCOME, "support": choices.SUPPORT,
    "caregivers-load": choices.LOAD, "wellbeing": choices.WELLBEING, "loneliness": choices.LONELINESS,
}  # fmt: skip
OUT_OF_TEN = ("sessions-held", "continuity", "unpaid-hours")  # means of shares: shown as so many of ten


@dataclass(frozen=True)
class Basis:
    """What one run counts with."""

    grid: Grid
    months: int
    rules: Rules
    instruments: Mapping[str, Instrument]
    verdicts: Verdicts = field(default_factory=Verdicts)
    goal_months: int = 3

    def parameters(self, indicator: str) -> Parameters | None:
        """The indicator's settings; None where this site does not have its questionnaire."""
        facts = None
        if indicator in MEASURES:
            facts = instrument_facts(self.instruments, chosen.value(MEASURES[indicator]))
            if facts is None or not _can(indicator, facts):
                return None
        return self.asking(facts)

    def grid_of(self, parameters: Parameters) -> Grid:
        """The grid; for a questionnaire whose languages may be compared also by the language of asking."""
        facts = parameters.instrument
        names = self.verdicts.languages(facts.slug, facts.scale) if facts else ()
        if facts is None or not names:
            return self.grid
        return replace(self.grid, asked=Asked(facts.slug, facts.scale, names, parameters.window))

    def asking(self, facts: InstrumentFacts | None) -> Parameters:
        """The site's settings for one questionnaire, or for none."""
        ours = tuple(r for r, whose in pathway.CLOSURES.items() if whose == pathway.OURS)
        return Parameters(
            instrument=facts, window=self.months + 1, fresh=self.months - 1, wait_months=self.months, our_reasons=ours,
            waiting_states=(pathway.WAITING,), begun_states=(pathway.ACTIVE, pathway.GRADUATING, pathway.GROUP),
            not_needed_states=(pathway.BELOW,), closed_state=pathway.CLOSED,
            reentered_states=(pathway.CONSENTED, pathway.ACTIVE), goal_months=self.goal_months,
        )  # fmt: skip


# What an indicator cannot do without, beside the questionnaire itself.
NEEDS = {
    "better-and-worse": lambda facts: facts.reliable_change, "wellbeing": lambda facts: facts.step,
    "support": lambda facts: facts.bands, "caregivers-load": lambda facts: facts.bands,
    "loneliness": lambda facts: facts.bands,
}  # fmt: skip


def _can(indicator: str, facts: InstrumentFacts) -> bool:
    return indicator not in NEEDS or bool(NEEDS[indicator](facts))


def instrument_facts(instruments: Mapping[str, Instrument], measure: Mapping[str, str]) -> InstrumentFacts | None:
    """What the indicators need of a questionnaire, in points; None where it is not on this site."""
    found = instruments.get(measure.get("instrument", ""))
    scale = next((s for s in found.scales if s.code == measure["scale"]), None) if found else None
    if found is None or scale is None:
        return None
    of = {c.kind: c for c in reversed(found.changes) if c.scale == scale.code}
    change, matters = of.get("reliable"), of.get("smallest-that-matters")
    unit = 10**scale.digits
    return InstrumentFacts(
        found.slug, scale.code, change.citation if change else scale.citation,
        reliable_change=float(change.value) if change else None, matters=float(matters.value) if matters else None,
        higher_is_worse=scale.higher_is == "worse", bands=tuple(b.code for b in scale.bands),
        lowest=scale.lowest / unit, highest=scale.highest / unit,
    )  # fmt: skip


def worst_bands(on: Basis) -> dict[str, str]:
    """By table of bands the part that is the worst for people."""
    asked = {slug: on.parameters(slug) for slug in ("support", "caregivers-load", "loneliness")}
    return {slug: p.instrument.worst_band for slug, p in asked.items() if p is not None and p.instrument is not None}


def basis(lake: Lake, today: date) -> Basis:
    """The grid over everything this lake holds up to the last whole month, and the site's settings."""
    months = int(chosen.value(choices.MONTHS))
    first = lake.pathway.month.min().execute()
    last = today.year * 12 + today.month - 2
    start = last if first is None else int(first) // 12 * 12
    own = chosen.value(chosen.DIMENSIONS)
    dimensions = tuple(d for d in DIMENSIONS if d != "dimension" or own)
    grid = Grid(min(start, last), last, dimensions=dimensions)
    return Basis(
        grid, months, Rules(**chosen.value(choices.CELLS)), listen.questionnaires(),
        goal_months=int(chosen.value(choices.GOAL_MONTHS)),
    )  # fmt: skip


def safe_tables(lake: Lake, on: Basis, earlier: tuple[SafeTable, ...], say: Any = lambda step: None) -> list[SafeTable]:
    """Every indicator that this site can count, made safe after `earlier` and after each other."""
    counted = []
    for slug in ORDER:
        parameters = on.parameters(slug)
        if parameters is not None:
            counted.append(counts_of(lake, on, CATALOGUE[slug], parameters))
            say("sums")
    made: list[SafeTable] = []
    for counts in counted:
        if counts.rows:
            made.append(safe_table(counts, on.rules, earlier, tuple(made)))
        say("safe")
    return made


def counts_of(lake: Lake, on: Basis, indicator: Indicator, parameters: Parameters, name: str | None = None) -> Counts:
    """The indicator's exact sums; `name` of the table where it is not the indicator's."""
    facts, ends, grid = parameters.instrument, None, on.grid_of(parameters)
    if indicator.slug in OUT_OF_TEN:
        return count(indicator, lake, grid, parameters, name, scale=10.0, ends=(0.0, 1.0))
    if facts is not None and facts.highest is not None and facts.lowest is not None:
        ends = (facts.lowest - facts.highest, facts.highest - facts.lowest)
    return count(indicator, lake, grid, parameters, name, ends=ends)


def notes(tables: list[SafeTable], place: int, inhabitants: Mapping[int, int]) -> list[dict[str, Any]]:
    """What was hidden of one place, for those who sign: how many numbers of each table, and which groups.

    Not told: whether a number was small itself or hidden to guard another. That would give small ones away.
    """
    found = []
    for table in tables:
        mine = [c for c in table.cells if c.place == place]
        if not mine:
            continue
        hidden = [c for c in mine if c.n is None or None in c.parts]
        floor = any(inhabitants.get(c.period // 10, 0) < table.rules.population_floor for c in mine)
        cells = [{"period": c.period, "dimension": c.dimension, "group": c.group} for c in hidden]
        found.append({"table": table.name, "cells": len(mine), "hidden": len(hidden), "where": cells[:200],
                      "why": "floor" if floor else "few"})  # fmt: skip
    return found
