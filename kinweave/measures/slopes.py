"""How scores change over time in one group or several, with everyone who started, also those who stopped coming.

A linear mixed model by restricted maximum likelihood, from sums by visit pattern (`moments`, `lmm`). It stays right
when people drop out for reasons that their earlier scores show (missing at random); `without_that` says how far the
answer moves when those who left fared worse or better than that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from kinweave.measures import lmm
from kinweave.measures.frames import Floats, check_level
from kinweave.measures.moments import Moments, take_moments
from kinweave.measures.refusals import BadChoice, TooFew
from kinweave.measures.results import Estimate, Result, listed, plain
from kinweave.measures.slopes_design import Design, design_of

if TYPE_CHECKING:
    from kinweave.measures.dropout import Dropout

METHOD: Final = "linear mixed model, REML, from sums by visit pattern"
CITATION: Final = (
    "Laird & Ware (1982), Biometrics 38:963-974, doi:10.2307/2529876; Bates et al. (2015), J Stat Softw 67(1), "
    "doi:10.18637/jss.v067.i01; Satterthwaite (1941), Psychometrika 6:309-316"
)
FEWEST: Final = 5  # people; ours: below it a mixed model is a pretence


@dataclass(frozen=True, kw_only=True)
class Slopes(Result):
    """Result of `fit_slopes`. See `change`, `difference` and `without_that` for more of it.

    criterion: −2 log restricted likelihood in the scores' own unit. residual, between: standard deviations.
    started: people of each group with any score. seen: people of each group at each time. dropped: those not seen at
    the last time.
    """

    score: str
    time: str
    groups: tuple[str, ...]
    times: tuple[float, ...]
    shape: str
    random: str
    criterion: float
    coefficients: tuple[Estimate, ...]
    residual: float
    between: tuple[float, ...]
    correlation: float | None
    started: tuple[tuple[str, int], ...]
    seen: tuple[tuple[str, float, int], ...]
    dropped: int
    interval: str
    _fit: lmm.Fit = field(repr=False, compare=False)
    _design: Design = field(repr=False, compare=False)
    _unit: float = field(repr=False, compare=False)
    _origin: float = field(repr=False, compare=False)

    def _estimate(self, name: str, weights: Floats, origin: float = 0.0, per: float = 1.0, unit: str = "") -> Estimate:
        value, se, df = self._fit.contrast(weights)
        used = df if self.interval == "satterthwaite" else None
        half = lmm.quantile(self.level, used) * se
        low, high = value - half, value + half
        value, low, high = (x * self._unit * per + origin for x in (value, low, high))
        how = "t, Satterthwaite's degrees of freedom" if used is not None else "normal"
        plain_df = None if used is None or not math.isfinite(used) else used
        return Estimate(name, value, low, high, se * self._unit * per, plain_df, unit, how)

    def mean(self, group: str, at: float) -> Estimate:
        """The model's mean score of a group at a time, as if nobody had stopped coming."""
        return self._estimate(f"mean at {self.time} {at:g}: {group}", self._design.weights(group, at), self._origin)

    def change(self, group: str, start: float | None = None, end: float | None = None) -> Estimate:
        """Change of the mean of a group between two times; first to last without them."""
        a, b = self._between(start, end)
        name = f"change from {self.time} {a:g} to {b:g}: {group}"
        return self._estimate(name, self._design.weights(group, b) - self._design.weights(group, a))

    def difference(self, one: str, other: str, start: float | None = None, end: float | None = None) -> Estimate:
        """Change of group `one` minus change of group `other` between two times."""
        a, b = self._between(start, end)
        w = self._design.weights
        name = f"difference in change from {self.time} {a:g} to {b:g}: {one} minus {other}"
        return self._estimate(name, w(one, b) - w(one, a) - w(other, b) + w(other, a))

    def slope(self, group: str) -> Estimate:
        """Change of a group in one unit of time (`shape='line'` only)."""
        if self.shape != "line":
            raise BadChoice(name="shape", allowed="'line' for a slope; use `change` between visits")
        a, b = self.times[0], self.times[-1]
        weights = (self._design.weights(group, b) - self._design.weights(group, a)) / (b - a)
        return self._estimate(f"change per {self.time}: {group}", weights, unit=f"per {self.time}")

    def _between(self, start: float | None, end: float | None) -> tuple[float, float]:
        return self.times[0] if start is None else start, self.times[-1] if end is None else end

    @property
    def says(self) -> str:
        a, b = self.times[0], self.times[-1]
        parts = []
        for group in self.groups:
            e = self.change(group)
            word = "fell" if e.value < 0 else "rose"
            sure = "" if e.excludes(0) else ", which may be chance"
            where = "" if group == "all" else f" in {group}"
            ends = [e.low or 0.0, e.high or 0.0]
            if e.excludes(0):
                ends = sorted(abs(x) for x in ends)
            size = plain(abs(e.value))
            parts.append(f"{self.score} {word} by {size} ({plain(ends[0])} to {plain(ends[1])}){where}{sure}")
        stayed = "Everybody was seen at the end."
        if self.dropped:
            stayed = (
                f"{self.dropped} of the {self.n} people were not seen at {self.time} {b:g}; the model counts them in."
            )
        return f"From {self.time} {a:g} to {b:g} {listed(parts)}. {stayed}"

    def without_that(self, deltas: Sequence[float], at: float | None = None) -> Dropout:
        """What if those not seen at `at` fared `delta` points worse or better than the model thinks? See `Dropout`."""
        from kinweave.measures.dropout import without_that

        return without_that(self, tuple(deltas), self.times[-1] if at is None else at)


def fit_slopes(
    data: Any, *, person: str = "person", time: str = "time", score: str = "score", group: str | None = None,
    covariates: Sequence[str] = (), random: Literal["slope", "intercept"] = "slope",
    shape: Literal["line", "visits"] = "line", interval: Literal["satterthwaite", "z"] = "satterthwaite",
    reference: str | None = None, level: float = 0.95,
) -> Slopes:  # fmt: skip
    """Change over time of repeated scores.

    data: a long table (data frame, dictionary, Ibis table), one row for each person and visit, or `Moments`, whose
    columns must then be group and covariates. random: whether people differ in where they start ('intercept') or also
    in how they change ('slope'). shape: a straight line, or a mean for each visit. group: changes are compared between
    its values, against `reference` (the first). covariates: categorical; their differences at the start are taken out.
    Refuses fewer than five people, constant scores, and what the visits cannot tell (`CannotTell`).
    """
    check_level(level)
    for name, value, allowed in (
        ("random", random, ("slope", "intercept")), ("shape", shape, ("line", "visits")),
        ("interval", interval, ("satterthwaite", "z")),
    ):  # fmt: skip
        if value not in allowed:
            raise BadChoice(name=name, allowed=" or ".join(allowed))
    columns = [*([group] if group else []), *covariates]
    m = data if isinstance(data, Moments) else take_moments(data, person=person, time=time, score=score, groups=columns)
    if list(m.columns) != columns:
        m = m.by(columns)
    if m.n < FEWEST:
        raise TooFew(what="people", found=m.n, needed=FEWEST)
    if len(m.times) < 2:
        raise TooFew(what="different times", found=len(m.times), needed=2)
    model, design, half, moved = design_of(m, group, tuple(covariates), random, shape, reference)
    sums = lmm.gather(m, model)
    fitted = lmm.fit(sums, model.names)
    criterion = fitted.criterion + 2 * (sums.scores - len(model.names)) * math.log(m.unit)
    if shape == "line":
        criterion += 2 * math.log(half) * sum(name.startswith("time") for name in model.names)
    turn = np.array([[1.0, -design.middle / half], [0.0, 1.0 / half]])[: len(model.random), : len(model.random)]
    spread = turn @ fitted.between @ turn.T * m.unit**2
    sd = np.sqrt(np.maximum(np.diag(spread), 0))
    whole = m.by([group] if group else [])
    seen = {g[0] if g else "all": row for g, row in whole.seen().items()}
    started = {g: sum(p.n for p in whole.patterns if p.group in {(g,), ()}) for g in design.groups}
    notes = _notes(m, fitted, random)
    empty = Slopes(
        method=METHOD, citation=CITATION, n=m.n, left_out=m.left_out, level=level, notes=notes, score=score, time=time,
        groups=design.groups, times=m.times, shape=shape, random=random, criterion=criterion, coefficients=(),
        residual=fitted.residual * m.unit, between=tuple(float(x) for x in sd),
        correlation=float(spread[0, 1] / (sd[0] * sd[1])) if len(sd) == 2 and sd.min() > 0 else None,
        started=tuple(started.items()),
        seen=tuple((g, t, n) for g in design.groups for t, n in zip(m.times, seen[g], strict=True)),
        dropped=m.n - sum(row[-1] for row in seen.values()), interval=interval,
        _fit=fitted, _design=design, _unit=m.unit, _origin=m.origin,
    )  # fmt: skip
    return _filled(empty, moved)


def _notes(m: Moments, fitted: lmm.Fit, random: str) -> tuple[str, ...]:
    notes = ["Right if people stopped coming for reasons that their earlier scores show; see `without_that`."]
    if fitted.edge:
        what = "in how they change" if random == "slope" else "at the start"
        notes.append(f"People hardly differ {what}: a variance was estimated as nought.")
    if m.withheld:
        notes.append(
            f"{m.withheld} visit patterns were withheld where people could be recognised; at most "
            f"{m.withheld_at_most} people are missing."
        )
    return tuple(notes)


def _filled(empty: Slopes, moved: Floats) -> Slopes:
    """The result with its estimates, which need the result's own methods."""
    first, *others = empty.groups
    found = []
    for g in empty.groups:
        if empty.shape == "line":
            found.append(empty.slope(g))
        found += [empty.change(g, end=t) for t in (empty.times[1:] if empty.shape == "visits" else empty.times[-1:])]
    for g in others:
        found += [
            empty.difference(g, first, end=t)
            for t in (empty.times[1:] if empty.shape == "visits" else empty.times[-1:])
        ]
    raw = []
    for i, name in enumerate(empty._fit.names):
        weights = moved[i]
        raw.append(empty._estimate(name.replace("|", " "), weights, empty._origin if i == 0 else 0.0))
    return replace(empty, estimates=tuple(found), coefficients=tuple(raw))
