"""How unequal something is along wealth or any other rank: slope and relative index, concentration index.

The rank of a person is the share of people below them, those level with them counted half (ridit): 0 worst off, 1 best.
Slope index: the outcome of the best off minus that of the worst off on the straight line through everybody; relative
index: their ratio. Concentration index: twice the covariance of outcome and rank over the mean, from −1 (all of it
with the worst off) to 1 (all of it with the best off).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from kinweave.measures import lmm
from kinweave.measures.frames import Floats, check_level, read
from kinweave.measures.refusals import BadChoice, CannotTell, NoSpread, NotAllowedHere, TooFew
from kinweave.measures.results import Estimate, LeftOut, Result, plain, some

SLOPE_CITATION: Final = (
    "Mackenbach & Kunst (1997), Soc Sci Med 44:757-771, doi:10.1016/S0277-9536(96)00073-1; with one row a group as in "
    "PHEindicatormethods"
)
CONCENTRATION_CITATION: Final = (
    "Kakwani, Wagstaff & van Doorslaer (1997), J Econometrics 77:87-103, doi:10.1016/S0304-4076(96)01807-6; "
    "Erreygers (2009), J Health Econ 28:504-515"
)
FEWEST_GROUPS: Final = 3
FEWEST_PEOPLE: Final = 20  # ours: robust standard errors mean little below


@dataclass(frozen=True)
class _Ranked:
    """rank: ridits, (rows,). share: of all people, (rows,). value, se: of each row; se None where rows are people."""

    rank: Floats
    share: Floats
    value: Floats
    se: Floats | None
    people: int
    tie: Any
    left: tuple[LeftOut, ...]


@dataclass(frozen=True, kw_only=True)
class Inequality(Result):
    """Result of `slope_index` or `concentration_index`. unit: what a row was, `people` or `groups`."""

    outcome: str
    rank: str
    rows: str

    @property
    def says(self) -> str:
        e = self.estimates[0]
        sure = "" if e.excludes(0) else ", so a difference is not shown"
        if e.name == "SII":
            side = "more" if e.value > 0 else "less"
            ends = f"{plain(e.low or 0)} to {plain(e.high or 0)}"
            return (
                f"From the worst off to the best off by {self.rank}, {self.outcome} is {plain(abs(e.value))} {side} "
                f"(difference {plain(e.value)}, {ends}{sure})."
            )
        side = "best" if e.value > 0 else "worst"
        ends = f"{plain(e.low or 0)} to {plain(e.high or 0)}"
        return f"{self.outcome} lies more with the {side} off by {self.rank}: {plain(e.value)} ({ends}{sure})."


def slope_index(
    data: Any, *, rank: str = "rank", value: str | None = None, events: str | None = None, people: str | None = None,
    se: str | None = None, level: float = 0.95,
) -> Inequality:  # fmt: skip
    """Slope (SII) and relative index (RII) of inequality.

    One row a person: `value`. One row a group: `value`, `people` and `se`, the standard error of the group's value; or
    `events` and `people`. rank: a number, higher is better off. RII is left out where the line touches nought.
    """
    check_level(level)
    r = _ranked(data, rank, value, events, people, se)
    x = np.column_stack([np.ones_like(r.rank), r.rank])
    solve = np.linalg.inv((x * r.share[:, None]).T @ x) @ (x * r.share[:, None]).T  # β = solve · values
    beta = solve @ r.value
    if r.se is not None:
        cov = (solve * r.se**2) @ solve.T
        df, how = None, "normal, from the groups' standard errors"
    else:
        off = r.value - x @ beta
        n = len(off)
        lever = np.einsum("ij,ji->i", x, solve)
        cov = (solve * (off**2 / (1 - np.minimum(lever, 0.99)))) @ solve.T  # HC2
        df, how = float(n - 2), "t, robust (HC2)"
    q = lmm.quantile(level, df)
    spread = math.sqrt(max(float(cov[1, 1]), 0.0))
    if not spread > 1e-12 * float(np.max(np.abs(r.value))):
        raise CannotTell(why="the values lie exactly on a line or have no error", instead="Show the values themselves")
    slope, bottom = float(beta[1]), float(beta[0])
    found = [Estimate("SII", slope, slope - q * spread, slope + q * spread, spread, df, how=how)]
    top = bottom + slope
    notes: tuple[str, ...] = ()
    if bottom > 0 and top > 0:
        g = np.array([1 / top - 1 / bottom, 1 / top])
        log_se = math.sqrt(max(float(g @ cov @ g), 0.0))
        ratio = top / bottom
        if abs(q * log_se) < 50:
            ends = (ratio * math.exp(-q * log_se), ratio * math.exp(q * log_se))
            found.append(Estimate("RII", ratio, *ends, log_se, df, "ratio", f"{how}, on the log scale"))
    if len(found) == 1:
        notes = ("No ratio: the line through the values touches nought.",)
    found.append(Estimate("at the worst off", bottom, *_around(bottom, math.sqrt(max(float(cov[0, 0]), 0)), q)))
    return Inequality(
        method="slope and relative index of inequality", citation=SLOPE_CITATION, n=r.people, left_out=r.left,
        level=level, estimates=tuple(found), notes=notes, outcome=value or events or "", rank=rank,
        rows="people" if r.se is None else "groups",
    )  # fmt: skip


def _around(value: float, se: float, q: float) -> tuple[float, float, float]:
    return value - q * se, value + q * se, se


def concentration_index(
    data: Any, *, rank: str = "rank", value: str | None = None, events: str | None = None, people: str | None = None,
    se: str | None = None, bounds: tuple[float, float] | None = None, level: float = 0.95,
) -> Inequality:  # fmt: skip
    """Concentration index; columns as in `slope_index`. Groups are taken as fixed shares of the population.

    bounds: lowest and highest possible value; then Erreygers' index is given besides, which does not depend on whether
    illness or health is counted. Refuses values below nought and a mean of nought.
    """
    check_level(level)
    r = _ranked(data, rank, value, events, people, se)
    if (r.value < 0).any():
        raise CannotTell(why="values below nought have no shares", instead="Use the slope index")
    mean = float(r.share @ r.value)
    if not mean > 0:
        raise NoSpread(column=value or events or "the outcome")
    c = 2 * float(r.share @ (r.value * r.rank)) / mean - 1
    lean = 2 * r.rank - 1
    if r.se is not None:
        spread = math.sqrt(float(((r.share * (lean - c) * r.se / mean) ** 2).sum()))
        wide = math.sqrt(float(((r.share * lean * r.se) ** 2).sum()))
        df, how = None, "normal, from the groups' standard errors"
    else:
        held = np.bincount(r.tie, weights=r.value)
        upto = np.cumsum(held) / held.sum()
        pull = r.value / mean * (lean - c) + 2 - upto[r.tie] - np.concatenate([[0.0], upto])[r.tie]
        n = len(r.value)
        spread = float(np.std(pull, ddof=1)) / math.sqrt(n)
        wide = float(np.std(mean * pull + c * r.value, ddof=1)) / math.sqrt(n)
        df, how = float(n - 1), "t, from each person's influence"
    q = lmm.quantile(level, df)
    found = [Estimate("concentration index", c, c - q * spread, c + q * spread, spread, df, how=how)]
    if bounds is not None:
        low, high = bounds
        if not low < high or (r.value < low).any() or (r.value > high).any():
            raise BadChoice(name="bounds", allowed="the lowest and the highest possible value, which no value passes")
        scale = 4 / (high - low)
        e = scale * mean * c
        found.append(Estimate("Erreygers index", e, *_around(e, scale * wide, q), df, how=how))
    return Inequality(
        method="concentration index", citation=CONCENTRATION_CITATION, n=r.people, left_out=r.left, level=level,
        estimates=tuple(found), outcome=value or events or "", rank=rank, rows="people" if r.se is None else "groups",
    )  # fmt: skip


def _ranked(data: Any, rank: str, value: str | None, events: str | None, people: str | None, se: str | None) -> _Ranked:
    if (value is None) == (events is None):
        raise BadChoice(name="value", allowed="given, or events with people, but not both")
    if events is not None and (people is None or se is not None):
        raise BadChoice(name="events", allowed="given together with people and without se")
    if value is not None and (people is None) != (se is None):
        raise BadChoice(name="people", allowed="given together with se where a row is a group")
    frame = read(data, [rank, value, events, people, se])
    where = frame.numbers(rank)
    y = frame.numbers(value or events or "", low=None if value else 0)
    many = np.ones(frame.rows) if people is None else frame.numbers(people, low=0, whole=True)
    error = np.zeros(frame.rows) if se is None else frame.numbers(se, low=0)
    known = np.isfinite(where) & np.isfinite(y) & np.isfinite(many) & np.isfinite(error) & (many > 0)
    left = some(
        [(f"{'people' if people is None else 'groups'} without {value or events} or {rank}", int((~known).sum()))]
    )
    if events is not None:
        above = known & (y > many)
        if above.any():
            raise NotAllowedHere(row=int(np.argmax(above)) + 1, column=events, rule="there are more events than people")
    where, y, many, error = where[known], y[known], many[known], error[known]
    least = FEWEST_PEOPLE if people is None else FEWEST_GROUPS
    if len(y) < least:
        raise TooFew(what="people" if people is None else "groups", found=len(y), needed=least)
    found_se: Floats | None = error if people is not None else None
    if events is not None:
        p = (y + 0.5) / (many + 1)  # only for the error, so that nought of a group is not taken as certain
        y, found_se = y / many, np.sqrt(p * (1 - p) / many)
    kinds, tie = np.unique(where, return_inverse=True)
    if len(kinds) < 2:
        raise NoSpread(column=rank)
    share = many / many.sum()
    by_kind = np.bincount(tie, weights=share)
    ridit = (np.cumsum(by_kind) - by_kind / 2)[tie]
    return _Ranked(ridit, share, y, found_se, round(float(many.sum())), tie, left)
