"""What if those who stopped coming fared worse, or better, than the model thinks? Delta-adjusted sensitivity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scipy import optimize

from kinweave.measures import lmm
from kinweave.measures.refusals import BadChoice
from kinweave.measures.results import Estimate, Result, listed, plain

if TYPE_CHECKING:
    from kinweave.measures.slopes import Slopes

CITATION: Final = (
    "Carpenter & Kenward (2013), Multiple Imputation and its Application, ch. 10; "
    "Little & Yau (1996), Biometrics 52:1324-1333"
)


@dataclass(frozen=True, kw_only=True)
class Dropout(Result):
    """Changes when people not seen at `at` scored `delta` points more than the model expects of them.

    missing: share of each group not seen. tips_at: the smallest delta (in the direction that weakens the answer, up to
    three residual standard deviations) at which the interval of the first difference, or of the change if there is
    one group, takes in nought; None if it does not, or does so already.
    """

    at: float
    deltas: tuple[float, ...]
    missing: tuple[tuple[str, float], ...]
    tips_at: float | None
    about: str

    @property
    def says(self) -> str:
        shares = listed(f"{share:.0%}{'' if g == 'all' else f' of {g}'}" for g, share in self.missing)
        if self.tips_at is None:
            return f"{shares} were not seen. What is said of the {self.about} does not turn within the range looked at."
        size, way = plain(abs(self.tips_at)), "more" if self.tips_at > 0 else "less"
        return (
            f"{shares} were not seen. The {self.about} would no longer be shown if they scored "
            f"{size} points {way} than people like them who stayed."
        )


def without_that(fitted: Slopes, deltas: tuple[float, ...], at: float) -> Dropout:
    if at not in fitted.times:
        raise BadChoice(name="at", allowed=f"one of the visits: {listed(f'{t:g}' for t in fitted.times)}")
    if not deltas or not all(math.isfinite(d) for d in deltas):
        raise BadChoice(name="deltas", allowed="points, such as (0, 1, 2)")
    people = dict(fitted.started)
    there = {g: n for g, t, n in fitted.seen if t == at}
    share = {g: 1 - there[g] / people[g] for g in fitted.groups}

    def moved(e: Estimate, parts: dict[str, float], delta: float) -> Estimate:
        shift = delta * sum(sign * share[g] for g, sign in parts.items())
        more = sum((delta * sign) ** 2 * share[g] * (1 - share[g]) / people[g] for g, sign in parts.items())
        se = math.hypot(e.se or 0.0, math.sqrt(more))
        half = lmm.quantile(fitted.level, e.df) * se
        value = e.value + shift
        return Estimate(f"{e.name}, delta {delta:g}", value, value - half, value + half, se, e.df, e.unit, e.how)

    first, *others = fitted.groups
    about: list[tuple[Estimate, dict[str, float]]] = [(fitted.change(g, end=at), {g: 1.0}) for g in fitted.groups] + [
        (fitted.difference(g, first, end=at), {g: 1.0, first: -1.0}) for g in others
    ]
    main, parts = about[len(fitted.groups)] if others else about[0]
    return Dropout(
        method="delta-adjusted sensitivity to dropout (pattern mixture)", citation=CITATION, n=fitted.n,
        left_out=fitted.left_out, level=fitted.level, at=at, deltas=deltas,
        missing=tuple((g, share[g]) for g in fitted.groups),
        estimates=tuple(moved(e, p, d) for d in deltas for e, p in about),
        tips_at=_tips(main, parts, share, moved, 3 * fitted.residual),
        about="difference between the groups" if others else "change",
        notes=("Delta is the same for all who were not seen; nobody can know it from the data.",),
    )  # fmt: skip


def _tips(main: Estimate, parts: dict[str, float], share: dict[str, float], moved: Any, most: float) -> float | None:
    pull = sum(sign * share[g] for g, sign in parts.items())
    if not main.excludes(0) or abs(pull) < 1e-12:
        return None
    direction = -math.copysign(1.0, main.value) * math.copysign(1.0, pull)

    def edge(size: float) -> float:
        e = moved(main, parts, direction * size)
        return float(e.low if main.value > 0 else -e.high)

    if edge(most) > 0:
        return None
    return direction * float(optimize.brentq(edge, 0.0, most))
