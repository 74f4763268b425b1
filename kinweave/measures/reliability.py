"""How well the items of one questionnaire hang together: Cronbach's α, McDonald's ω, and each item by itself.

α: Cronbach (1951), Psychometrika 16:297-334, with the interval of Feldt (1965), Psychometrika 30:357-370.
ω total: McDonald (1999), Test Theory, ch. 6, from a one-factor model by maximum likelihood; α equals it only where all
items measure equally well, and is lower otherwise. Both speak about one group of people: say which.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import stats
from scipy.optimize import least_squares

from kinweave.measures.cfa import Fit, Free, ItemMoments, fit
from kinweave.measures.frames import Floats, check_level, read
from kinweave.measures.refusals import BadChoice, CannotTell, NoSpread, TooFew
from kinweave.measures.results import Estimate, Result, Table, some

METHOD: Final = "Cronbach's alpha and McDonald's omega"
CITATION: Final = (
    "Cronbach (1951), Psychometrika 16:297-334, doi:10.1007/BF02310555; Feldt (1965), Psychometrika 30:357-370, "
    "doi:10.1007/BF02289499; McDonald (1999), Test Theory: A Unified Treatment"
)
# Ours: below this an α has an interval as wide as the scale.
FEWEST: Final = 20
# Squares of larger answers leave the range of numbers.
LARGEST: Final = 1e100


@dataclass(frozen=True)
class Item:
    """One item. spread: standard deviation; rest: correlation with the sum of the others; without: α if left out.

    floor, ceiling: shares of people at the lowest and highest answer, None where only sums were given.
    """

    name: str
    n: int
    mean: float
    spread: float
    rest: float
    without: float | None
    floor: float | None
    ceiling: float | None


@dataclass(frozen=True, kw_only=True)
class Reliability(Result):
    """Estimates `alpha`, `omega` (from three items), and the items. moments: what others may pool."""

    items: tuple[Item, ...]

    @property
    def says(self) -> str:
        alpha = self["alpha"]
        omega = next((f", omega {e}" for e in self.estimates if e.name == "omega"), "")
        return f"Among {self.n} people the {len(self.items)} items hang together with alpha {alpha}{omega}."

    def table(self) -> Table:
        head = ("item", "n", "mean", "spread", "with the rest", "alpha without", "lowest answer", "highest answer")
        rows = tuple((i.name, i.n, i.mean, i.spread, i.rest, i.without, i.floor, i.ceiling) for i in self.items)
        return Table(head, rows)


def alpha_of(covariance: Floats) -> float:
    """Cronbach's α of a covariance matrix, (items, items), items ≥ 2. NoSpread-free only if the sum varies."""
    k, total = len(covariance), float(covariance.sum())
    return k / (k - 1) * (1 - float(np.trace(covariance)) / total)


def alpha_interval(alpha: float, n: int, items: int, level: float = 0.95) -> tuple[float, float]:
    """Feldt's interval, exact for normal parallel items."""
    tail = (1 - level) / 2
    low = 1 - (1 - alpha) * float(stats.f.ppf(1 - tail, n - 1, (n - 1) * (items - 1)))
    high = 1 - (1 - alpha) * float(stats.f.ppf(tail, n - 1, (n - 1) * (items - 1)))
    return low, high


def omega_of(model: Fit, factor: int = 0) -> tuple[float, float]:
    """ω total of the plain sum of a factor's items and its standard error (delta method); nan where it has none."""
    loads = {item: model.scale[item] * v for (item, k), v in model.of("loading").items() if k == factor}
    common = sum(loads.values())
    unique = sum(model.scale[i] ** 2 * v for (i, _), v in model.of("error").items() if i in loads)
    total = common**2 + unique

    def moves(f: Free) -> float:
        if f.row not in loads or f.kind not in ("loading", "error"):
            return 0.0
        scale = model.scale[f.row]
        return 2 * common * unique / total**2 * scale if f.kind == "loading" else -((common * scale / total) ** 2)

    slope = np.array([moves(f) for f in model.free])
    try:
        variance = float(slope @ np.linalg.solve(model.information, slope))
    except np.linalg.LinAlgError:
        variance = math.nan
    return common**2 / total, math.sqrt(variance) if variance > 0 else math.nan


def omega_minres(correlation: Floats) -> float:
    """ω total of items of equal spread from a one-factor model by least squares, as R's psych has it: no interval.

    Harman & Jones (1966), Psychometrika 31:351-368; total = 1 − unique variance / variance of the sum as seen.
    """
    apart = ~np.eye(len(correlation), dtype=bool)
    weights, axes = np.linalg.eigh(correlation)
    begin = axes[:, -1] * math.sqrt(weights[-1]) * 0.8
    loads = least_squares(lambda x: (correlation - np.outer(x, x))[apart], begin, xtol=1e-12, ftol=1e-12).x
    return 1 - float((1 - loads**2).sum()) / float(correlation.sum())


def reliability_of_moments(
    moments: ItemMoments, items: Sequence[str], *, standardise: bool = False, level: float = 0.95
) -> Reliability:
    """The same from means and covariances (divisor n), so that sites can pool. standardise: items of equal spread."""
    return _judge(moments, tuple(items), standardise, level, (), [(None, None)] * len(items))


def reliability(
    data: Any, items: Sequence[str], *, reverse: Sequence[str] = (), standardise: bool = False, level: float = 0.95
) -> Reliability:
    """α, ω and item statistics of the columns `items` of `data`, one row a person.

    reverse: items to be turned round first (the lowest answer seen becomes the highest). Only people who answered
    every item count. Refuses fewer than two items, fewer than 20 such people, and items that all answered alike.
    """
    check_items(items)
    for name in reverse:
        if name not in items:
            raise BadChoice(name="reverse", allowed=f"among the items: {', '.join(items)}")
    frame = read(data, items)
    answers = np.column_stack([frame.numbers(name, low=-LARGEST, high=LARGEST) for name in items])
    whole = ~np.isnan(answers).any(axis=1)
    empty = int(np.isnan(answers).all(axis=1).sum())
    kept = answers[whole]
    left = [("no item answered", empty), ("some items not answered", int((~whole).sum()) - empty)]
    moments = moments_of(kept, items)
    ends = kept.min(axis=0), kept.max(axis=0)
    turned = [list(items).index(name) for name in reverse]
    kept[:, turned] = (ends[0] + ends[1])[turned] - kept[:, turned]
    moments = moments_of(kept, items)
    edges = [(float(np.mean(c == c.min())), float(np.mean(c == c.max()))) for c in kept.T]
    return _judge(moments, tuple(items), standardise, level, left, edges)


def check_items(items: Sequence[str]) -> None:
    """At least two, each once."""
    if isinstance(items, str) or len(set(items)) != len(items) or len(items) < 2:
        raise BadChoice(name="items", allowed="a list of at least two different columns")


def moments_of(answers: Floats, items: Sequence[str]) -> ItemMoments:
    """Means and covariances (divisor n) of whole rows. TooFew, NoSpread."""
    if len(answers) < FEWEST:
        raise TooFew(what="people who answered every item", found=len(answers), needed=FEWEST)
    mean = answers.mean(axis=0)
    for i, name in enumerate(items):
        if np.ptp(answers[:, i]) == 0:
            raise NoSpread(column=name)
    away = answers - mean
    return ItemMoments(len(answers), mean, away.T @ away / len(answers))


def _judge(
    moments: ItemMoments,
    items: tuple[str, ...],
    standardise: bool,
    level: float,
    left: Sequence[tuple[str, int]],
    edges: Sequence[tuple[float | None, float | None]],
) -> Reliability:
    check_level(level)
    check_items(items)
    if moments.n < FEWEST:
        raise TooFew(what="people who answered every item", found=moments.n, needed=FEWEST)
    spread = np.sqrt(np.diag(moments.covariance))
    for i, name in enumerate(items):
        if not spread[i] > 0:
            raise NoSpread(column=name)
    # α of the shape alone is safe at any scale of the answers.
    shape = moments.covariance / (np.outer(spread, spread) if standardise else spread.max() ** 2)
    if shape.sum() <= 1e-12 * np.trace(shape):
        raise CannotTell(why="the items cancel each other out", instead="Turn round the items that mean the opposite.")
    alpha = alpha_of(shape)
    low, high = alpha_interval(alpha, moments.n, len(items), level)
    estimates = [Estimate("alpha", alpha, low, high, how="Feldt's F")]
    notes = [f"items that go against the others: {', '.join(bad)}"] if (bad := _against(shape, items)) else []
    omega, more = _omega(ItemMoments(moments.n, moments.mean, shape), items, level)
    rows = tuple(_item(i, items, moments, shape, edges[i]) for i in range(len(items)))
    return Reliability(
        method=METHOD, citation=CITATION, n=moments.n, left_out=some(left), level=level,
        estimates=(*estimates, *omega), notes=(*notes, *more), items=rows,
    )  # fmt: skip


def _omega(moments: ItemMoments, items: Sequence[str], level: float) -> tuple[list[Estimate], list[str]]:
    if len(items) < 3:
        return [], ["omega needs three items"]
    try:
        model = fit("configural", [moments], [0] * len(items), items)
    except CannotTell as why:
        return [], [f"no omega: {why.sentence}"]
    if not model.proper:
        return [], ["no omega: the one-factor model gave an item less than no error (Heywood case)"]
    omega, se = omega_of(model)
    if not math.isfinite(se):
        return [Estimate("omega", omega, how="no interval: flat at the best fit")], []
    half = float(stats.norm.ppf(0.5 + level / 2)) * se
    return [Estimate("omega", omega, omega - half, min(1.0, omega + half), se, how="delta method")], []


def _rest(shape: Floats, i: int) -> float:
    """Correlation of item i with the sum of the others; 0 where that sum never varies."""
    others = [j for j in range(len(shape)) if j != i]
    sum_variance = float(shape[np.ix_(others, others)].sum())
    return float(shape[i, others].sum()) / math.sqrt(shape[i, i] * sum_variance) if sum_variance > 1e-12 else 0.0


def _against(shape: Floats, items: Sequence[str]) -> list[str]:
    return [name for i, name in enumerate(items) if _rest(shape, i) < 0]


def _item(
    i: int, items: Sequence[str], moments: ItemMoments, shape: Floats, edge: tuple[float | None, float | None]
) -> Item:
    others = [j for j in range(len(items)) if j != i]
    rest = shape[np.ix_(others, others)]
    without = alpha_of(rest) if len(others) > 1 and rest.sum() > 1e-12 else None
    spread = math.sqrt(float(moments.covariance[i, i]) * moments.n / (moments.n - 1))
    return Item(items[i], moments.n, float(moments.mean[i]), spread, _rest(shape, i), without, *edge)
