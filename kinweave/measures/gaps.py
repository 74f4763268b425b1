"""How much of what differs between people lies between their groups taken together, and for which of them it is worst.

MAIHDA: people are put into strata by every combination of, say, gender, place and disability; a mixed model says how
much lies between strata (VPC), what each stratum's own level is once chance is taken out, and whether strata differ by
more than the sum of their parts. Evans, Williams, Onnela & Subramanian (2018), Soc Sci Med 203:64-73,
doi:10.1016/j.socscimed.2017.11.011; Merlo (2018), Soc Sci Med 203:74-80.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from scipy import stats

from kinweave.measures.frames import Floats, check_level
from kinweave.measures.gaps_fit import Between, auc, binomial, check_separated, gaussian, response_vpc, rows_of
from kinweave.measures.refusals import BadChoice, NoSpread, TooFew
from kinweave.measures.results import Estimate, Result, Table, plain
from kinweave.measures.strata import Strata, take_strata

CITATION: Final = (
    "Evans, Williams, Onnela & Subramanian (2018), Soc Sci Med 203:64-73, doi:10.1016/j.socscimed.2017.11.011; "
    "Larsen & Merlo (2005), Am J Epidemiol 161:81-88 (MOR)"
)
FEWEST: Final = 10  # strata: below it only Bayesian models got variances right, Austin (2010), Int J Biostat 6(1):16
MOR: Final = math.sqrt(2) * float(stats.norm.ppf(0.75))


@dataclass(frozen=True, slots=True)
class Stratum:
    """One group of groups. crude: its own mean or share. value, low, high: with chance taken out (shrunk).

    additive: what the sum of the parts alone would give. own, own_low, own_high: what it has beyond that, in log odds
    for shares; None without main effects.
    """

    names: tuple[str, ...]
    n: int
    crude: float
    value: float
    low: float
    high: float
    additive: float | None = None
    own: float | None = None
    own_low: float | None = None
    own_high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Gaps(Result):
    """Result of `fit_gaps`. pattern: additive (more than the sum of the parts is not shown), interaction, or None."""

    outcome: str
    columns: tuple[str, ...]
    kind: str
    strata: tuple[Stratum, ...]
    effects: tuple[Estimate, ...]
    pattern: str | None

    @property
    def says(self) -> str:
        vpc = self["VPC"]
        told = (
            f"{vpc.value:.1%} of all that differs in {self.outcome} lies between the {len(self.strata)} groups "
            f"({vpc.low:.1%} to {vpc.high:.1%}); the rest lies between people within them."
        )
        top, bottom = max(self.strata, key=lambda s: s.value), min(self.strata, key=lambda s: s.value)
        told += f" Highest: {_shown(top, self.kind)}; lowest: {_shown(bottom, self.kind)}."
        if self.pattern == "additive":
            told += " Groups differ as the sum of their parts; more than that is not shown."
        elif self.pattern == "interaction":
            told += " Some combinations differ by more than the sum of their parts."
        return told

    def table(self) -> Table:
        """The strata, highest first."""
        head = (*self.columns, "people", "crude", "value", "low", "high", "additive", "own", "own low", "own high")
        return Table(head, tuple(
            (*s.names, s.n, s.crude, s.value, s.low, s.high, s.additive, s.own, s.own_low, s.own_high)
            for s in sorted(self.strata, key=lambda s: -s.value)
        ))  # fmt: skip


def _shown(s: Stratum, kind: str) -> str:
    if kind == "binomial":
        return f"{' · '.join(s.names)} {s.value:.0%} ({s.low:.0%} to {s.high:.0%})"
    return f"{' · '.join(s.names)} {plain(s.value)} ({plain(s.low)} to {plain(s.high)})"


def fit_gaps(
    data: Any, *, strata: Sequence[str] = (), outcome: str = "outcome", n: str | None = None,
    kind: Literal["binomial", "gaussian"] = "binomial", adjust: Sequence[str] = (), main_effects: bool = True,
    nodes: int = 7, fewest: int = FEWEST, level: float = 0.95,
) -> Gaps:  # fmt: skip
    """Gaps between combined groups.

    strata: columns whose combinations are the strata. outcome: 0 or 1 (`binomial`), a number (`gaussian`), or with `n`
    how many of the row's people. adjust: covariates, groups for `binomial`, numbers for `gaussian`. main_effects:
    also ask whether strata differ by more than the sum of their columns. nodes: of the quadrature, 1 for Laplace.
    Refuses fewer than `fewest` strata (`TooFew`), everybody or nobody with the outcome (`NoSpread`, `Separated`).
    """
    check_level(level)
    if kind not in {"binomial", "gaussian"}:
        raise BadChoice(name="kind", allowed="binomial or gaussian")
    if nodes != 1 and not 5 <= nodes <= 50:
        raise BadChoice(name="nodes", allowed="1 (Laplace) or 5 to 50")
    binary = kind == "binomial"
    sums = data if isinstance(data, Strata) else take_strata(
        data, columns=strata, outcome=outcome, n=n, binary=binary, others=adjust if binary else (),
        numbers=() if binary else adjust,
    )  # fmt: skip
    _, many = rows_of(sums)
    if many < fewest:
        raise TooFew(what="strata", found=many, needed=fewest)
    if sums.people <= many:
        raise TooFew(what="people in the strata", found=sums.people, needed=many + 1)
    parts = sums.columns if main_effects and len(sums.columns) > 1 else ()

    def fitted(columns: tuple[str, ...]) -> Between:
        return binomial(sums, columns, level, nodes) if binary else gaussian(sums, columns, level)

    if binary:
        check_separated(sums, (*parts, *sums.others), outcome)
    elif not sums.cross[:, 0, 0].any() and len(set(sums.mean[:, 0].tolist())) == 1:
        raise NoSpread(column=outcome)
    null = fitted(())
    spare = many - sum(len({s[i] for s in sums.names}) - 1 for i in range(len(parts))) - 1
    notes: list[str] = []
    if sums.withheld:
        notes.append(
            f"{sums.withheld} cells were withheld where people could be recognised; at most {sums.withheld_at_most} "
            "people are missing."
        )
    main = fitted(parts) if parts and spare >= 2 else None
    if parts and main is None:
        notes.append("Too few strata to tell the sum of the parts from more than the sum.")
    how = "REML" if not binary else "Laplace" if nodes == 1 else f"{nodes} quadrature nodes"
    return Gaps(
        method=f"MAIHDA, {kind}, {how}",
        citation=CITATION, n=sums.people, left_out=sums.left_out, level=level, notes=tuple(notes), outcome=outcome,
        columns=sums.columns, kind=kind, strata=_strata(sums, null, main), estimates=_estimates(sums, null, main, kind),
        effects=_effects(main or null, level, binary),
        pattern=None if main is None else "interaction" if main.p_none < 1 - level else "additive",
    )  # fmt: skip


def _estimates(sums: Strata, null: Between, main: Between | None, kind: str) -> tuple[Estimate, ...]:
    profile = "profile likelihood"
    found = [
        Estimate("VPC", *null.vpc, how=profile),
        Estimate(
            "variance between strata", *null.variance, unit="log odds²" if kind == "binomial" else "", how=profile
        ),
    ]
    if kind == "binomial":
        mor = tuple(math.exp(MOR * math.sqrt(v)) for v in null.variance)
        row, many = rows_of(sums)
        events, n = _over(sums.events, row, many), _over(sums.n, row, many)
        found += [
            Estimate("MOR", mor[0], mor[1], mor[2], unit="odds ratio", how=profile),
            Estimate("AUC", auc(events, n, null.level[:, 0]), how="none: of the same people"),
        ]
        if not sums.others:
            shares = response_vpc(float(null.beta[0]), math.sqrt(null.variance[0]))
            found.append(Estimate("VPC of the shares", shares, how="none: by quadrature at the estimates"))
    else:
        found.append(Estimate("variance within strata", float(null.residual or 0), how="none"))
    if main is not None:
        found.append(Estimate("variance beyond main effects", *main.variance, how=profile))
        found.append(Estimate("VPC beyond main effects", *main.vpc, how=profile))
        if null.variance[0] > 0:
            found.append(Estimate("PCV", 1 - main.variance[0] / null.variance[0], how="none: a ratio of two models"))
        found.append(Estimate("p of no interaction", main.p_none, how="half chi-squared"))
    return tuple(found)


def _over(rows: Floats, row: Any, many: int) -> Floats:
    found: Floats = np.bincount(row, weights=rows, minlength=many).astype(np.float64)
    return found


def _effects(fit: Between, level: float, binary: bool) -> tuple[Estimate, ...]:
    z = float(stats.norm.ppf(0.5 + level / 2))
    found = []
    for i, name in enumerate(fit.names):
        value, se = float(fit.beta[i]), math.sqrt(float(fit.cov[i, i]))
        ends = (value, value - z * se, value + z * se)
        if binary and i:
            ends = (math.exp(ends[0]), math.exp(ends[1]), math.exp(ends[2]))
        unit = "" if not binary else "odds ratio" if i else "log odds"
        found.append(Estimate(name.replace("|", " "), *ends, se=se, unit=unit, how="normal"))
    return tuple(found)


def _strata(sums: Strata, null: Between, main: Between | None) -> tuple[Stratum, ...]:
    row, many = rows_of(sums)
    n = _over(sums.n, row, many)
    crude = _over(sums.n * sums.mean[:, 0], row, many) / n
    names: list[tuple[str, ...]] = [()] * many
    for i, name in zip(row, sums.names, strict=True):
        names[i] = name[: len(sums.columns)]
    best = main or null
    made = []
    for j in range(many):
        value, low, high = (float(v) for v in best.level[j])
        own = tuple(float(v) for v in main.apart[j]) if main else (None, None, None)
        additive = float(main.fixed[j]) if main else None
        made.append(Stratum(names[j], round(float(n[j])), float(crude[j]), value, low, high, additive, *own))
    return tuple(made)
