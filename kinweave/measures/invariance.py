"""Do the items of a questionnaire measure the same thing, equally well and from the same start, in every group?

Three models, each tighter: configural (same items, same factors), metric (same loadings), scalar (same intercepts
too). Meredith (1993), Psychometrika 58:525-543. A step holds when the fit hardly worsens: Chen (2007), Struct Equ
Modeling 14:464-504; Cheung & Rensvold (2002), Struct Equ Modeling 9:233-255. Items of few answers are treated as
numbers, which is a known approximation (from four answers on it is usually small).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import stats

from kinweave.measures.cfa import LEVELS, Fit, ItemMoments, fit
from kinweave.measures.frames import read
from kinweave.measures.refusals import BadChoice, TooFew
from kinweave.measures.reliability import LARGEST, check_items, moments_of
from kinweave.measures.results import LeftOut, Result, Table, some

METHOD: Final = "measurement invariance by maximum likelihood factor models of several groups"
CITATION: Final = (
    "Meredith (1993), doi:10.1007/BF02294825; Chen (2007), doi:10.1080/10705510701301834; "
    "Cheung & Rensvold (2002), doi:10.1207/S15328007SEM0902_5"
)


@dataclass(frozen=True)
class Limits:
    """What counts as a good enough fit, with its source. Settings, not laws.

    cfi, rmsea: of the configural model. cfi_drop: at most, from one level to the next; it decides. rmsea_rise: said
    besides it, for with few items RMSEA swings by chance alone (Kenny, Kaniskan & McCoach 2015).
    fewest: people in each group (ours).
    """

    cfi: float = 0.90
    rmsea: float = 0.08
    cfi_drop: float = 0.010
    rmsea_rise: float = 0.015
    fewest: int = 100
    source: str = "Bentler (1990) .90; Browne & Cudeck (1992) .08; Chen (2007) ΔCFI .010, ΔRMSEA .015"


@dataclass(frozen=True)
class Level:
    """One model. step_*: against the level before, None for the first. holds: good enough by the limits."""

    name: str
    chi2: float
    df: int
    p: float
    cfi: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    step_chi2: float | None
    step_df: int | None
    step_p: float | None
    cfi_change: float | None
    rmsea_change: float | None
    holds: bool
    why: str


@dataclass(frozen=True, kw_only=True)
class Invariance(Result):
    """levels: configural, metric, scalar. people: in each group. limits: what `holds` was judged by."""

    levels: tuple[Level, ...]
    people: dict[str, int]
    limits: Limits

    @property
    def holds(self) -> str | None:
        """The highest level that holds with all below it; None if not even the first."""
        found = None
        for level in self.levels:
            if not level.holds:
                break
            found = level.name
        return found

    @property
    def says(self) -> str:
        told = {
            None: "the items do not even hang together in the same way",
            "configural": "the items hang together in the same way, but do not measure equally well",
            "metric": "the items measure equally well, but do not start alike: averages cannot be compared",
            "scalar": "averages can be compared",
        }
        return f"Between {' and '.join(self.people)}: {told[self.holds]}."

    def table(self) -> Table:
        head = ("level", "chi2", "df", "p", "cfi", "rmsea", "cfi change", "rmsea change", "holds")
        rows = tuple(
            (m.name, m.chi2, m.df, m.p, m.cfi, m.rmsea, m.cfi_change, m.rmsea_change, "yes" if m.holds else m.why)
            for m in self.levels
        )
        return Table(head, rows)


def invariance(
    data: Any,
    items: Sequence[str],
    group: str,
    *,
    groups: Sequence[str] | None = None,
    factors: Mapping[str, Sequence[str]] | None = None,
    limits: Limits = Limits(),
) -> Invariance:
    """Compares the groups of the column `group` (all, or those named); one row a person.

    factors: which items belong to which factor; None: all to one. Only people who answered every item count. TooFew
    under `limits.fewest` in a group.
    """
    check_items(items)
    frame = read(data, [*items, group])
    codes, names = frame.labels(group)
    wanted = list(groups) if groups is not None else list(names)
    if len(set(wanted)) < 2 or not set(wanted) <= set(names):
        raise BadChoice(name="groups", allowed=f"at least two of {', '.join(names) or 'none'}")
    answers = np.column_stack([frame.numbers(name, low=-LARGEST, high=LARGEST) for name in items])
    whole = ~np.isnan(answers).any(axis=1)
    mine = np.isin(codes, [names.index(name) for name in wanted])
    seen = {}
    for name in wanted:
        rows = answers[whole & (codes == names.index(name))]
        if len(rows) < limits.fewest:
            raise TooFew(what=f"people of {name} who answered every item", found=len(rows), needed=limits.fewest)
        seen[name] = moments_of(rows, items)
    left = [
        ("no group named", int((codes < 0).sum())),
        ("in another group", int(((codes >= 0) & ~mine).sum())),
        ("some items not answered", int((mine & ~whole).sum())),
    ]
    return invariance_of_moments(seen, items, factors=factors, limits=limits, left_out=some(left))


def invariance_of_moments(
    seen: Mapping[str, ItemMoments],
    items: Sequence[str],
    *,
    factors: Mapping[str, Sequence[str]] | None = None,
    limits: Limits = Limits(),
    left_out: tuple[LeftOut, ...] = (),
) -> Invariance:
    """The same from each group's means and covariances (divisor n), so that sites can pool sums."""
    factor_of = _factor_of(items, factors)
    for name, moments in seen.items():
        if moments.n < limits.fewest:
            raise TooFew(what=f"people of {name}", found=moments.n, needed=limits.fewest)
    groups, levels, before = list(seen.values()), [], None
    notes = []
    for name in LEVELS:
        model = fit(name, groups, factor_of, items)
        levels.append(_level(model, before, limits))
        if not model.proper:
            notes.append(f"{name}: a variance came out below nought, so read this level with care")
        before = model
    return Invariance(
        method=METHOD, citation=CITATION, n=sum(m.n for m in groups), left_out=left_out, notes=tuple(notes),
        levels=tuple(levels), people={k: m.n for k, m in seen.items()}, limits=limits,
    )  # fmt: skip


def _factor_of(items: Sequence[str], factors: Mapping[str, Sequence[str]] | None) -> list[int]:
    if factors is None:
        return [0] * len(items)
    of = {item: k for k, members in enumerate(factors.values()) for item in members}
    if sorted(i for members in factors.values() for i in members) != sorted(items):
        raise BadChoice(name="factors", allowed="a set of factors to which each item belongs exactly once")
    return [of[item] for item in items]


def _level(model: Fit, before: Fit | None, limits: Limits) -> Level:
    if before is None:
        poor = [
            f"{name} {value:.3f} is {side} {limit:.3f}"
            for name, value, side, limit, bad in (
                ("CFI", model.cfi, "below", limits.cfi, model.cfi < limits.cfi),
                ("RMSEA", model.rmsea, "above", limits.rmsea, model.rmsea > limits.rmsea),
            )
            if bad
        ]
        step: tuple[float | None, int | None, float | None, float | None, float | None] = (None,) * 5
    else:
        cfi, rmsea = model.cfi - before.cfi, model.rmsea - before.rmsea
        poor = [f"CFI falls by {-cfi:.3f}, more than {limits.cfi_drop:.3f}"] if cfi < -limits.cfi_drop else []
        if poor and rmsea > limits.rmsea_rise:
            poor.append(f"RMSEA rises by {rmsea:.3f}, more than {limits.rmsea_rise:.3f}")
        chi2, df = max(model.chi2 - before.chi2, 0.0), model.df - before.df
        step = (chi2, df, float(stats.chi2.sf(chi2, df)), cfi, rmsea)
    return Level(
        model.level, model.chi2, model.df, model.p, model.cfi, model.rmsea, model.rmsea_low, model.rmsea_high,
        *step, holds=not poor, why="; ".join(poor),
    )  # fmt: skip
