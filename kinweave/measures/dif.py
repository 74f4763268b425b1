"""Does an item mean the same in two groups (two languages, say)? People with the same total are compared.

Mantel-Haenszel: Holland & Thayer (1988), in Wainer & Braun, Test Validity, ch. 9; for more than two answers Mantel
(1963), J Am Stat Assoc 58:690-700, with the standardised mean difference of Zwick & Thayer (1996), J Educ Behav Stat
21:187-201. Logistic: Swaminathan & Rogers (1990), J Educ Meas 27:361-370, and Zumbo (1999) for more than two answers:
uniform and non-uniform together on two degrees of freedom. Only counts by total, group and answer are used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from scipy import stats
from scipy.special import xlogy

from kinweave.measures.frames import Floats, Ints, check_level, read
from kinweave.measures.ordinal import OrdinalFit, ordinal
from kinweave.measures.refusals import BadChoice, NoSpread, NotAllowedHere, TooFew
from kinweave.measures.reliability import LARGEST, check_items
from kinweave.measures.results import Result, Table, listed, some

METHODS: Final = {"mantel-haenszel": "Mantel-Haenszel DIF", "logistic": "logistic regression DIF, 2 df"}
CITATIONS: Final = {
    "mantel-haenszel": "Holland & Thayer (1988), in Test Validity, ch. 9; Mantel (1963), doi:10.1080/01621459.1963."
    "10500879; classes: Zwick (2012), ETS RR-12-08, doi:10.1002/j.2333-8504.2012.tb02290.x",
    "logistic": "Swaminathan & Rogers (1990), doi:10.1111/j.1745-3984.1990.tb00754.x; Zumbo (1999), Handbook on DIF; "
    "classes: Jodoin & Gierl (2001), doi:10.1207/S15324818AME1404_2",
}
ANSWERS: Final = 21
# Ours: with fewer people a group's answers at each total are single persons.
FEWEST: Final = 50
# ETS classes on its delta scale (Zwick 2012); standardised mean differences (Zwick, Thayer & Mazzeo 1997);
# Nagelkerke's R² (Jodoin & Gierl 2001).
DELTA: Final = (1.0, 1.5)
MEAN: Final = (0.17, 0.25)
R2: Final = (0.035, 0.070)


@dataclass(frozen=True)
class ItemDif:
    """One item. kind: A negligible, B moderate, C large, None if it could not be judged (`why` says so).

    effect: odds ratio of reference to focal people (two answers), difference in spreads focal minus reference
    (more answers), or Nagelkerke's R² that the group adds (logistic). low, high: its interval, where there is one.
    delta: −2.35 ln odds ratio. anchor: whether it stayed in the total that the others are compared at.
    """

    name: str
    chi2: float | None
    df: int
    p: float | None
    effect: float | None
    effect_name: str
    low: float | None = None
    high: float | None = None
    delta: float | None = None
    kind: str | None = None
    anchor: bool = True
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Dif(Result):
    """items: in the given order. focal, reference: the two groups. rounds: of purification; settled: if it ended."""

    items: tuple[ItemDif, ...]
    reference: str
    focal: str
    people: dict[str, int]
    rounds: int
    settled: bool

    @property
    def unlike(self) -> tuple[str, ...]:
        """Items of class B or C."""
        return tuple(i.name for i in self.items if i.kind in ("B", "C"))

    @property
    def says(self) -> str:
        named = listed(self.unlike)
        told = f"{named} may not mean the same" if named else "no item shows a difference that matters"
        unsure = sum(i.kind is None for i in self.items)
        more = f"; {unsure} could not be judged" if unsure else ""
        return f"Of {len(self.items)} items, between {self.reference} and {self.focal}: {told}{more}."

    def table(self) -> Table:
        head = ("item", "chi2", "df", "p", "effect", "low", "high", "of", "class", "anchor")
        rows = tuple(
            (i.name, i.chi2, i.df, i.p, i.effect, i.low, i.high, i.effect_name, i.kind or i.why,
             "yes" if i.anchor else "no") for i in self.items
        )  # fmt: skip
        return Table(head, rows)


def differential_items(
    data: Any,
    items: Sequence[str],
    group: str,
    *,
    reference: str,
    focal: str,
    method: str = "mantel-haenszel",
    purify: bool = True,
    alpha: float = 0.05,
    level: float = 0.95,
) -> Dif:
    """Compares `focal` with `reference` people (values of the column `group`) item by item; one row a person.

    items: columns of whole numbers, at most 21 different answers, higher meaning more of the same thing. purify: items
    found unlike leave the total (never their own), the strongest first, while at least half of the items stay (after
    Kopf, Zeileis & Strobl 2015, Educ Psychol Meas 75:22-56). Refuses under 50 whole rows in a group.
    """
    if method not in METHODS:
        raise BadChoice(name="method", allowed=f"one of {', '.join(METHODS)}")
    if not 0 < alpha < 1:
        raise BadChoice(name="alpha", allowed="between 0 and 1, such as 0.05")
    check_level(level)
    check_items(items)
    answers, groups, left = _whole_rows(data, items, group, reference, focal)
    found, anchors, rounds, settled = _purified(answers, groups, items, _judge(method), alpha, level, purify)
    people = {reference: int((groups == 0).sum()), focal: int((groups == 1).sum())}
    notes = () if settled else ("half of the items differ: which ones are at fault cannot be told",)
    return Dif(
        method=METHODS[method], citation=CITATIONS[method], n=len(groups), left_out=some(left), level=level,
        notes=notes, items=tuple(replace(f, anchor=a) for f, a in zip(found, anchors, strict=True)),
        reference=reference, focal=focal, people=people, rounds=rounds, settled=settled,
    )  # fmt: skip


def item_dif(
    name: str, counts: Floats, *, method: str = "mantel-haenszel", alpha: float = 0.05, level: float = 0.95
) -> ItemDif:
    """One item from sums alone. counts: (totals, 2, answers), people; reference first, focal second; answers rising."""
    if method not in METHODS:
        raise BadChoice(name="method", allowed=f"one of {', '.join(METHODS)}")
    return _judge(method)(name, np.asarray(counts, dtype=np.float64), alpha, level)


def _whole_rows(
    data: Any, items: Sequence[str], group: str, reference: str, focal: str
) -> tuple[Ints, Ints, list[tuple[str, int]]]:
    frame = read(data, [*items, group])
    codes, names = frame.labels(group)
    if reference == focal or reference not in names or focal not in names:
        raise BadChoice(name="reference or focal", allowed=f"two different groups among {', '.join(names) or 'none'}")
    columns = [frame.numbers(name, low=-LARGEST, high=LARGEST, whole=True) for name in items]
    for name, column in zip(items, columns, strict=True):
        _small_range(column, name)
    answers = np.column_stack(columns)
    mine = (codes == names.index(reference)) | (codes == names.index(focal))
    whole = ~np.isnan(answers).any(axis=1)
    keep = mine & whole
    groups = (codes[keep] == names.index(focal)).astype(np.int64)
    for name, found in ((reference, int((groups == 0).sum())), (focal, int((groups == 1).sum()))):
        if found < FEWEST:
            raise TooFew(what=f"people of {name} who answered every item", found=found, needed=FEWEST)
    kept = answers[keep]
    for i, name in enumerate(items):
        if np.ptp(kept[:, i]) == 0:
            raise NoSpread(column=name)
    left = [
        ("no group named", int((codes < 0).sum())),
        ("in another group", int(((codes >= 0) & ~mine).sum())),
        ("some items not answered", int((mine & ~whole).sum())),
    ]
    return (kept - kept.min(axis=0)).astype(np.int64), groups, left


def _small_range(column: Floats, name: str) -> None:
    known = column[~np.isnan(column)]
    if len(known) and np.ptp(known) >= ANSWERS:
        far = int(np.nanargmax(np.abs(column - np.nanmedian(column)))) + 1
        raise NotAllowedHere(row=far, column=name, rule=f"an item has at most {ANSWERS} neighbouring answers")


Judge = Callable[[str, Floats, float, float], ItemDif]


def _judge(method: str) -> Judge:
    return _mantel if method == "mantel-haenszel" else _logistic


def _purified(
    answers: Ints, groups: Ints, items: Sequence[str], judge: Judge, alpha: float, level: float, purify: bool
) -> tuple[list[ItemDif], list[bool], int, bool]:
    """The strongest accused leaves the total first: one bad item makes the others look bad the other way round."""
    anchors, rounds = [True] * len(items), 0
    while True:
        rest = answers[:, anchors].sum(axis=1)
        found = [
            judge(name, _counts(rest + (0 if anchors[i] else answers[:, i]), groups, answers[:, i]), alpha, level)
            for i, name in enumerate(items)
        ]
        accused = [i for i, f in enumerate(found) if anchors[i] and f.p is not None and f.p < alpha]
        if not purify or not accused:
            return found, anchors, rounds, True
        if sum(anchors) - 1 < max(2, math.ceil(len(items) / 2)):
            # Among very many people differences too small to matter are accused as well.
            return found, anchors, rounds, all(found[i].kind == "A" for i in accused)
        anchors[max(accused, key=lambda i: found[i].chi2 or 0.0)] = False
        rounds += 1


def _counts(totals: Ints, groups: Ints, answer: Ints) -> Floats:
    """People by total, group and answer: (totals, 2, answers)."""
    many = int(answer.max()) + 1
    at = (totals * 2 + groups) * many + answer
    size = (int(totals.max()) + 1) * 2 * many
    return np.bincount(at, minlength=size).reshape(-1, 2, many).astype(np.float64)


def _mantel(name: str, counts: Floats, alpha: float, level: float) -> ItemDif:
    """counts: (totals, group, answers)."""
    worth = np.arange(counts.shape[2], dtype=np.float64)
    reference, focal = counts[:, 0].sum(axis=1), counts[:, 1].sum(axis=1)
    n = reference + focal
    use = (reference > 0) & (focal > 0)
    both, n, reference, focal = counts[use].sum(axis=1), n[use], reference[use], focal[use]
    first, second = both @ worth, both @ worth**2
    variance = reference * focal * (n * second - first**2) / (n**2 * np.maximum(n - 1, 1))
    seen, expected = counts[use, 1] @ worth, focal * first / n
    spread = float(variance.sum())
    if spread <= 0:
        return ItemDif(name, None, 1, None, None, "", why="at no total do both groups differ in their answers")
    away = abs(float((seen - expected).sum()))
    binary = counts.shape[2] == 2
    chi2 = max(away - (0.5 if binary else 0.0), 0.0) ** 2 / spread
    p = float(stats.chi2.sf(chi2, 1))
    z = float(stats.norm.ppf(0.5 + level / 2))
    if binary:
        return _odds(name, counts[use], chi2, p, alpha, z)
    means = counts[use, 1] @ worth / focal - counts[use, 0] @ worth / reference
    share = focal / focal.sum()
    pooled = counts.sum(axis=(0, 1))
    sd = math.sqrt(float(pooled @ worth**2 / pooled.sum() - (pooled @ worth / pooled.sum()) ** 2))
    effect = float(share @ means) / sd
    se = math.sqrt(float((share**2 * (1 / focal + 1 / reference) ** 2) @ variance)) / sd
    size = abs(effect)
    kind = "A" if p >= alpha or size <= MEAN[0] else "C" if size > MEAN[1] else "B"
    return ItemDif(name, chi2, 1, p, effect, "difference in spreads", effect - z * se, effect + z * se, kind=kind)


def _odds(name: str, counts: Floats, chi2: float, p: float, alpha: float, z: float) -> ItemDif:
    """Two answers: the common odds ratio with the variance of Robins, Breslow & Greenland (1986)."""
    a, b, c, d = counts[:, 0, 1], counts[:, 0, 0], counts[:, 1, 1], counts[:, 1, 0]
    n = a + b + c + d
    r, s = a * d / n, b * c / n
    top, bottom = float(r.sum()), float(s.sum())
    if top == 0 or bottom == 0:
        return ItemDif(name, chi2, 1, p, None, "odds ratio", why="the odds ratio has no finite value")
    high, low = (a + d) / n, (b + c) / n
    variance = float((high * r).sum()) / (2 * top**2) + float((low * s).sum()) / (2 * bottom**2)
    variance += float((high * s + low * r).sum()) / (2 * top * bottom)
    ratio, se = top / bottom, math.sqrt(variance)
    delta, delta_se = -2.35 * math.log(ratio), 2.35 * se
    kind = "A" if p >= alpha or abs(delta) < DELTA[0] else "B"
    if abs(delta) >= DELTA[1] and (abs(delta) - DELTA[0]) / delta_se > float(stats.norm.ppf(1 - alpha)) and kind == "B":
        kind = "C"
    ends = math.exp(math.log(ratio) - z * se), math.exp(math.log(ratio) + z * se)
    return ItemDif(name, chi2, 1, p, ratio, "odds ratio", *ends, delta=delta, kind=kind)


def _logistic(name: str, counts: Floats, alpha: float, level: float) -> ItemDif:
    totals = counts.shape[0]
    rows = counts.reshape(totals * 2, -1)
    rows = rows[:, rows.sum(axis=0) > 0]
    score, group = np.repeat(np.arange(totals, dtype=np.float64), 2), np.tile([0.0, 1.0], totals)
    plain: OrdinalFit | None = ordinal(rows, score[:, None])
    full = ordinal(rows, np.column_stack([score, group, score * group]))
    if plain is None or full is None:
        return ItemDif(name, None, 2, None, None, "R2 added", why="total and answer cannot be told apart")
    chi2 = max(2 * (full.loglik - plain.loglik), 0.0)
    p = float(stats.chi2.sf(chi2, 2))
    added = _nagelkerke(full.loglik, rows) - _nagelkerke(plain.loglik, rows)
    kind = "A" if p >= alpha or added < R2[0] else "B" if added < R2[1] else "C"
    return ItemDif(name, chi2, 2, p, added, "R2 added", kind=kind)


def _nagelkerke(loglik: float, rows: Floats) -> float:
    seen = rows.sum(axis=0)
    n = float(seen.sum())
    empty = float(xlogy(seen, seen / n).sum())
    return (1 - math.exp(2 * (empty - loglik) / n)) / (1 - math.exp(2 * empty / n))
