"""May two languages of one questionnaire be compared? The verdict that opens a comparison or blocks it.

Blocked is where every pair begins: too few answers say nothing, and nothing is not a yes. The limits are named with
their sources and can be set; those marked "ours" have no better source than judgement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from kinweave.core.problems import Problem
from kinweave.measures.dif import Dif, differential_items
from kinweave.measures.frames import read
from kinweave.measures.invariance import Invariance, Limits, invariance
from kinweave.measures.refusals import BadChoice, CannotTell, NoSpread, TooFew
from kinweave.measures.reliability import LARGEST, Reliability, check_items, reliability
from kinweave.measures.results import Result, Table, listed

METHOD: Final = "validity of one questionnaire in two languages"
PEOPLE, TOGETHER, SAME, FEW, MODEL = "people", "together", "same", "few", "model"


class State(StrEnum):
    """open: averages may be compared. blocked: the answers speak against it. too-few: nobody can say yet."""

    OPEN = "open"
    BLOCKED = "blocked"
    TOO_FEW = "too-few"


@dataclass(frozen=True)
class Thresholds:
    """What must hold. Each with its source in `sources`.

    reliability: lowest α (of the better-measured of α and ω) in each language. fewest: whole answers in each language.
    large: items of class C allowed. moderate: highest share of items of class B or C. fit: for the factor models;
    models are asked only from `model_items` items on.
    """

    reliability: float = 0.70
    fewest: int = 200
    large: int = 0
    moderate: float = 0.25
    model_items: int = 4
    fit: Limits = field(default_factory=Limits)
    sources: Mapping[str, str] = field(
        default_factory=lambda: {
            "reliability": "Nunnally (1978), Psychometric Theory, p. 245",
            "fewest": "Zumbo (1999), Handbook on DIF: at least 200 people a group",
            "large": "Zwick (2012), ETS RR-12-08: class C items are not used",
            "moderate": "ours",
            "model_items": "ours: with three items every one-factor model fits",
        }
    )


@dataclass(frozen=True)
class Reason:
    """One thing that was looked at. passed: None if it could not be. limit: in words; source: where it is from.

    kind: PEOPLE, TOGETHER, SAME, FEW or MODEL; of: the language or the method, for those who say it in other words.
    """

    about: str
    found: str
    limit: str
    source: str
    passed: bool | None
    kind: str
    of: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict(Result):
    """state and why. opens: what may be done. reliabilities by language, dif by method, invariance: None if refused."""

    instrument: str
    languages: tuple[str, str]
    state: State
    reasons: tuple[Reason, ...]
    opens: tuple[str, ...]
    reliabilities: dict[str, Reliability]
    dif: dict[str, Dif]
    invariance: Invariance | None

    @property
    def says(self) -> str:
        name, pair = self.instrument or "This questionnaire", " and ".join(self.languages)
        if self.state is State.OPEN:
            return f"{name}: averages in {pair} may be compared."
        why = [f"{r.about}: {r.found}" for r in self.reasons if not r.passed]
        told = "may not be compared" if self.state is State.BLOCKED else "cannot be compared yet"
        return f"{name}: averages in {pair} {told} ({'; '.join(why)})."

    def table(self) -> Table:
        word = {True: "yes", False: "no", None: "cannot say"}
        rows = tuple((r.about, r.found, r.limit, word[r.passed], r.source) for r in self.reasons)
        return Table(("looked at", "found", "limit", "passed", "source"), rows)


def compare_languages(
    data: Any,
    items: Sequence[str],
    language: str,
    pair: tuple[str, str],
    *,
    instrument: str = "",
    reverse: Sequence[str] = (),
    factors: Mapping[str, Sequence[str]] | None = None,
    thresholds: Thresholds = Thresholds(),
) -> Verdict:
    """Judges whether averages of `items` may be compared between the two languages named in `pair`.

    data: one row a person (one answer each; repeated answers of one person count too much). Bad columns are refused;
    too little data is a verdict, not an error.
    """
    check_items(items)
    if pair[0] == pair[1]:
        raise BadChoice(name="pair", allowed="two different languages")
    table = _turned(data, items, language, reverse)
    codes, names = read(table, [language]).labels(language)
    found: dict[str, Reliability] = {}
    reasons = [_people(table, items, language, name, thresholds) for name in pair]
    there = [name for name in pair if name in names]
    for name in there:
        rows = codes == names.index(name)
        reasons.append(_reliable({c: v[rows] for c, v in table.items()}, items, name, thresholds, found))
    dif: dict[str, Dif] = {}
    model: Invariance | None = None
    if there == list(pair):
        for method in ("mantel-haenszel", "logistic"):
            reasons += _unlike(table, items, language, pair, method, thresholds, dif)
        more, model = _modelled(table, items, language, pair, factors, thresholds)
        reasons += more
    state = State.BLOCKED if any(r.passed is False and r.kind != PEOPLE for r in reasons) else State.OPEN
    if any(not r.passed and r.kind == PEOPLE for r in reasons) or (
        state is State.OPEN and any(r.passed is None for r in reasons)
    ):
        state = State.TOO_FEW
    cited = [r.citation for r in (*found.values(), *dif.values())] + ([model.citation] if model else [])
    return Verdict(
        method=METHOD, citation="; ".join(dict.fromkeys(cited)) or "; ".join(thresholds.sources.values()),
        n=sum(r.n for r in found.values()), left_out=next((d.left_out for d in dif.values()), ()),
        instrument=instrument, languages=pair, state=state, reasons=tuple(reasons),
        opens=_opens(state, model), reliabilities=found, dif=dif, invariance=model,
    )  # fmt: skip


def _opens(state: State, model: Invariance | None) -> tuple[str, ...]:
    if state is State.OPEN:
        return ("averages", "change and relations")
    holds = model is not None and model.holds in ("metric", "scalar")
    return ("change and relations",) if holds and state is State.BLOCKED else ()


def _turned(data: Any, items: Sequence[str], language: str, reverse: Sequence[str]) -> dict[str, Any]:
    """The columns as arrays, reversed items turned round within the range seen in both languages together."""
    frame = read(data, [*items, language])
    table: dict[str, Any] = {name: frame.numbers(name, low=-LARGEST, high=LARGEST) for name in items}
    for name in reverse:
        known = table[name][~(table[name] != table[name])]
        if len(known):
            table[name] = known.max() + known.min() - table[name]
    return table | {language: frame.columns[language]}


def _people(data: Any, items: Sequence[str], language: str, name: str, limit: Thresholds) -> Reason:
    codes, names = read(data, [language]).labels(language)
    mine = codes == names.index(name) if name in names else codes < -1
    for item in items:
        mine = mine & (data[item] == data[item])
    many = int(mine.sum())
    return Reason(f"people, {name}", f"{many} whole answers", f"at least {limit.fewest}", limit.sources["fewest"],
                  many >= limit.fewest, PEOPLE, name)  # fmt: skip


def _reliable(data: Any, items: Sequence[str], name: str, limit: Thresholds, found: dict[str, Reliability]) -> Reason:
    about, wanted = f"items hang together, {name}", f"alpha or omega at least {limit.reliability:.2f}"
    source = limit.sources["reliability"]
    try:
        one = reliability(data, items)
    except (TooFew, NoSpread, CannotTell) as why:
        return Reason(about, why.sentence, wanted, source, None, TOGETHER, name)
    found[name] = one
    best = max(one.estimates, key=lambda e: e.value)
    return Reason(about, f"{best.name} {best}", wanted, source, best.value >= limit.reliability, TOGETHER, name)


def _unlike(
    data: Any, items: Sequence[str], language: str, pair: tuple[str, str], method: str, limit: Thresholds,
    found: dict[str, Dif],
) -> list[Reason]:  # fmt: skip
    large, few = f"at most {limit.large} items of class C", f"at most {limit.moderate:.0%} of items of class B or C"
    try:
        one = differential_items(data, items, language, reference=pair[0], focal=pair[1], method=method)
    except (TooFew, NoSpread) as why:
        source = limit.sources["large"]
        return [Reason(f"items mean the same, {method}", why.sentence, large, source, None, SAME, method)]
    found[method] = one
    big = [i.name for i in one.items if i.kind == "C"]
    open_ = [i.name for i in one.items if i.kind is None]
    told = f"class C: {listed(big) or 'none'}" + (f"; not judged: {listed(open_)}" if open_ else "")
    passed = None if open_ and len(big) <= limit.large else len(big) <= limit.large
    share = len(one.unlike) / len(items)
    return [
        Reason(f"items mean the same, {method}", told, large, limit.sources["large"], passed, SAME,
               method),
        Reason(f"few items differ, {method}", f"{len(one.unlike)} of {len(items)}", few, limit.sources["moderate"],
               share <= limit.moderate, FEW, method),
    ]  # fmt: skip


def _modelled(
    data: Any, items: Sequence[str], language: str, pair: tuple[str, str],
    factors: Mapping[str, Sequence[str]] | None, limit: Thresholds,
) -> tuple[list[Reason], Invariance | None]:  # fmt: skip
    about, wanted = "same measure (factor models)", "all three levels hold"
    if len(items) < limit.model_items:
        note = f"not asked of {len(items)} items"
        return [Reason(about, note, wanted, limit.sources["model_items"], True, MODEL)], None
    try:
        model = invariance(data, items, language, groups=pair, factors=factors, limits=limit.fit)
    except Problem as why:
        if not isinstance(why, TooFew | NoSpread | CannotTell):
            raise
        return [Reason(about, why.sentence, wanted, limit.fit.source, None, MODEL)], None
    failed = [f"{m.name}: {m.why}" for m in model.levels if not m.holds]
    told = "; ".join(failed) or "they hold"
    return [Reason(about, told, wanted, limit.fit.source, model.holds == "scalar", MODEL)], model
