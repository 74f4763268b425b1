"""What an indicator is: a question, its place in the catalogue, and sums over the fixed grid.

Everyone who started is in `n`. Each person stands in exactly one of `parts`, one of which is always `missed`
(we do not know), so that no result can hide whom it left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import ibis
import pyarrow as pa

from kinweave.core import pathway
from kinweave.core.problems import Problem
from kinweave.learn.grid import NOT_COMPARED, Asked, Grid, grid_sums, usable
from kinweave.learn.lake import Lake

LEVELS: Final = ("person", "relationship", "community", "system")
FRAMEWORKS: Final = ("salutogenesis", "ecological", "capabilities", "social capital", "systems")
MISSED: Final = "missed"
# SHARE: parts of n people. MEAN: a mean over the part `measured`. RATE: people per 1,000 inhabitants.
SHARE, MEAN, RATE = "share", "mean", "rate"


class ParameterMissing(Problem):
    status = 500
    code = "indicator-parameter-missing"
    says = "The indicator {indicator} needs {parameter}, which is not set for this questionnaire."
    remedy = "Add it to the questionnaire's file with its source, or leave the indicator out."


@dataclass(frozen=True)
class InstrumentFacts:
    """What the indicators need to know of one questionnaire. Every figure comes with its `citation`.

    slug, scale: as in the lake's scores. reliable_change: points of the scale beyond which a change is
    more than chance, in either direction. matters: the smallest change that matters to people, in points.
    bands: the codes of `scores.band`, in order, as shown to readers. lowest, highest: the ends of the scale.
    """

    slug: str
    scale: str
    citation: str
    reliable_change: float | None = None
    matters: float | None = None
    higher_is_worse: bool = True
    bands: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None

    @property
    def step(self) -> float | None:
        """Points from which on a change is called one: the reliable change, else the smallest that matters."""
        return self.reliable_change or self.matters

    @property
    def worst_band(self) -> str:
        """The part of a table of bands that is the worst for people; bands stand in the order of their points."""
        return f"band_{len(self.bands) if self.higher_is_worse else 1}"


@dataclass(frozen=True)
class Parameters:
    """Settings of one run; all numbers of months are settings of the programme, ours by default.

    window: months after the start within which a later score or contact counts. baseline_by: a score of
    that month after the start, or before, can be the first. fresh: at least so many months lie between.
    goal_months: months after the start within which a person's own goal counts.
    our_reasons: closure and waiting codes that are the programme's own failure (practice: `we_left`,
    `transport`), never the person's choice. beyond_reach: closure codes after which we cannot know whether
    the person would have come back. waiting: states in which a person waits for us.
    """

    instrument: InstrumentFacts | None = None
    window: int = 6
    baseline_by: int = 1
    fresh: int = 2
    reentry_months: int = 3
    wait_months: int = 3
    goal_months: int = 3
    our_reasons: tuple[str, ...] = tuple(r for r, whose in pathway.CLOSURES.items() if whose == pathway.OURS)
    beyond_reach: tuple[str, ...] = ("moved", "cannot_trace", "taken", "died_or_missing")
    waiting_states: tuple[str, ...] = (pathway.WAITING,)
    begun_states: tuple[str, ...] = (pathway.ACTIVE, pathway.GRADUATING, pathway.GROUP)
    not_needed_states: tuple[str, ...] = (pathway.BELOW,)
    closed_state: str = pathway.CLOSED
    reentered_states: tuple[str, ...] = (pathway.CONSENTED, pathway.ACTIVE)


@dataclass(frozen=True)
class Indicator:
    """One entry of the catalogue.

    slug: also the name of its page in docs/indicators. parts: column names of the results, the ones that
    matter most first (when a second part must be hidden, the last goes), `missed` among them unless kind is
    RATE. population: whom `n` counts; indicators with the same population and window have the same n in every
    cell. facts: one row a person (place, month, the grid's dimensions, one 0/1 column a part; a MEAN adds
    `total` and `squares`, nought unless measured). follow_up: months that must pass after a period before it can be
    shown. counted_as: a part that is the same count as another indicator's `n` or part. by_group: whether the facts
    know the grid's dimensions; what is counted without persons does not. by_quarter: also by three months; without, by
    whole years, each fact in the first month of its year.
    """

    slug: str
    level: str
    framework: str
    asks: str
    kind: str
    population: str
    part_names: Callable[[Parameters], tuple[str, ...]]
    facts: Callable[[Lake, Grid, Parameters], Any]
    follow_up: Callable[[Parameters], int]
    counted_as: Mapping[str, str] = field(default_factory=dict)
    by_group: bool = True
    by_quarter: bool = True

    def parts(self, parameters: Parameters) -> tuple[str, ...]:
        return self.part_names(parameters)

    def columns(self, parameters: Parameters) -> tuple[str, ...]:
        """The names of the sums: n, the parts, and for a mean `total` and `squares`."""
        return ("n", *self.parts(parameters), *(("total", "squares") if self.kind == MEAN else ()))

    def sums(self, lake: Lake, grid: Grid, parameters: Parameters) -> pa.Table:
        """place, period, dimension, group, and `columns`: one row a cell of the grid with anyone in it."""
        grid = grid if self.by_group else replace(grid, dimensions=(), asked=None)
        facts = self.facts(lake, grid, parameters)
        made = grid_sums(facts, lake, grid, self.follow_up(parameters), self.columns(parameters))
        return made if self.by_quarter else made.filter(pa.array(made["period"].to_numpy() % 10 == 0))

    def expression(self, lake: Lake, grid: Grid, parameters: Parameters) -> Any:
        """`sums` as an Ibis table."""
        return ibis.memtable(self.sums(lake, grid, parameters))


def need_instrument(parameters: Parameters, indicator: str) -> InstrumentFacts:
    if parameters.instrument is None:
        raise ParameterMissing(indicator=indicator, parameter="an instrument")
    return parameters.instrument


def started(lake: Lake, grid: Grid) -> Any:
    """person, place, month (of the start), caregiver, the dimensions: everyone who started and may be counted."""

    def make() -> Any:
        people = usable(lake.people, grid)
        people = people.filter(people.started_month.notnull())
        people = people.select("person", "place", "caregiver", *grid.dimensions, month=people.started_month)
        return people if grid.asked is None else _by_language(people, lake, grid, grid.asked)

    return lake.once(("started", grid.purpose, grid.dimensions, grid.asked), make)


def _by_language(people: Any, lake: Lake, grid: Grid, asked: Asked) -> Any:
    """`people` with the one language in which all their scores of the scale were asked, where it may be compared."""
    s = usable(lake.scores, grid)
    s = s.filter(s.instrument == asked.instrument, s.scale == asked.scale, ~s.doubtful)
    s = s.filter(s.months_since_start <= asked.window)
    spoken = s.language.cast("string").fill_null("")
    each = s.group_by("person").aggregate(least=spoken.min(), most=spoken.max())
    known = (each.least == each.most) & each.least.isin(list(asked.languages))
    each = each.select("person", asked_in=known.ifelse(each.least, NOT_COMPARED))
    joined = people.join(each, "person", how="left").drop("person_right")
    return joined.mutate(asked_in=joined.asked_in.fill_null(NOT_COMPARED))


def scores_of(lake: Lake, grid: Grid, facts: InstrumentFacts) -> Any:
    """The usable scores of one scale: person, since (months after the start), value, band."""
    s = usable(lake.scores, grid)
    s = s.filter(s.instrument == facts.slug, s.scale == facts.scale)
    s = s.filter(~s.doubtful, s.months_since_start.notnull())
    return s.select("person", "value", "band", since=s.months_since_start)


def one(condition: Any) -> Any:
    """1 where the condition holds, 0 where it does not or is not known."""
    return condition.fill_null(False).cast("int32")


def where(condition: Any, value: Any) -> Any:
    """The value where the condition holds, else null: in `min` faster than its own `where`. Not for argmin and argmax,
    which do not pass over a null key on every engine.
    """
    return condition.ifelse(value, ibis.null(value.type()))


def shown(table: Any, grid: Grid, **columns: Any) -> Any:
    """A table of `facts`: where and when, the dimensions, and the columns given."""
    return table.select("place", "month", *grid.columns, **columns)
