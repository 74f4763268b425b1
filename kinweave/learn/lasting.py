"""Does it last? What becomes of the gain once money has ended, beside places where the programme never worked.

How people next door went on who began equally badly is what is usual. Everybody's later scores are taken from it; the
average of that, by ward, before the end and in the half-year before an anniversary of it, is a safe table like any
other (docs/decisions/0008-models-see-safe-sums.md). From that table alone it is judged. Both stretches of time are
over when they are counted, so an answer given once stays.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import ibis

from kinweave.core.problems import Problem
from kinweave.house import settings as chosen
from kinweave.learn import choices
from kinweave.learn.indicators import InstrumentFacts
from kinweave.learn.lake import Lake
from kinweave.learn.lasting_money import Ending, endings
from kinweave.learn.lasting_usual import Usual, usual_course
from kinweave.learn.release_tables import Basis
from kinweave.learn.rollup import ALL
from kinweave.learn.sums import NEAR, near_scores
from kinweave.measures.disclosure import Counts, Row, Rules, SafeTable, make_safe
from kinweave.measures.endurance import Endurance
from kinweave.measures.endurance_places import PARTS, fit_endurance_of_places

TOPIC: Final = "lasting"
OF: Final = "symptom-change"  # the indicator whose questionnaire this is
HALF_YEAR: Final = 6
MEASURED: Final = "measured"
Found = dict[str, Any]


@dataclass(frozen=True)
class Asking:
    """How it is asked: of which questionnaire, at which months after the start, under which rules."""

    facts: InstrumentFacts
    windows: tuple[int, ...]
    purpose: str
    rules: Rules
    margin: float


def lasting(lake: Lake, on: Basis, earlier: tuple[SafeTable, ...]) -> tuple[list[SafeTable], list[Found]]:
    """The safe tables, and one answer for each month in which money ended. earlier: released, and this run's own.

    Of each answer, at: the places that lost the money; year: the one in which the anniversary was.
    """
    parameters = on.parameters(OF)
    facts = parameters.instrument if parameters else None
    if facts is None:
        return [], []
    windows = tuple(w for w in chosen.value(choices.WINDOWS) if w > NEAR)
    how = Asking(facts, windows, on.grid.purpose, on.rules, float(chosen.value(choices.KEPT)))
    tables: list[SafeTable] = []
    answers = []
    for end in endings(lake, on):
        found: Found = {"topic": TOPIC, "until": end.until, "months": end.months, "grants": list(end.grants),
                        "at": list(end.ours), "year": (end.month + end.months - 1) // 12}  # fmt: skip
        if not end.others:
            answers.append({**found, "state": "no-comparison"})
            continue
        made = phase_tables(lake, how, end, (*earlier, *tables))
        tables += made.values()
        answers.append({**found, **judge(made, end, how)})
    return tables, answers


def phase_tables(lake: Lake, how: Asking, end: Ending, earlier: tuple[SafeTable, ...] = ()) -> dict[str, SafeTable]:
    """By phase, where anybody was asked in it."""
    asked = lake.once(("asked-again", how, end), lambda: asked_again(lake, how, end))
    usual = usual_course(asked.filter(~asked.ours), how.rules.smallest)
    made: dict[str, SafeTable] = {}
    if usual is None:
        return made
    for phase in PARTS:
        counts = _counts(lake, _by_place(asked, usual, end, phase), f"lasting-{phase}-{end.until}-{end.months}", end)
        if counts.rows:
            made[phase] = make_safe(counts, how.rules, (*earlier, *made.values()))
    return made


def asked_again(lake: Lake, how: Asking, end: Ending) -> Any:
    """person, place, ours, began (lake month), window, first and value (points): everyone with a score at the start.

    Where the programme works, those who started with it, from that month on; next door, those who never did, from their
    first score on. A month before or after a window counts as in it.
    """
    purposes = [how.purpose, "both"]
    s, people = (table.filter(table.purpose.isin(purposes)) for table in (lake.scores, lake.people))
    s = s.filter(s.instrument == how.facts.slug, s.scale == how.facts.scale, ~s.doubtful)
    s = s.group_by("person", "month").aggregate(value=s.value.mean())
    begins = s.group_by("person").aggregate(met=s.month.min())
    people = people.join(begins, "person")
    people = people.mutate(ours=people.place.isin(end.ours))
    people = people.filter(ibis.ifelse(people.ours, people.started_month.notnull(),
                                       people.place.isin(end.others) & people.started_month.isnull()))  # fmt: skip
    people = people.select("person", "place", "ours", began=ibis.coalesce(people.started_month, people.met))
    people = people.filter(people.began >= end.first)
    s = s.join(people.select("person", "began"), "person")
    s = s.mutate(since=s.month - s.began)
    early = s.filter(s.since <= NEAR)
    early = early.group_by("person").aggregate(first=early.value.argmin(early.since))
    near = [near_scores(s.select("person", "value", "since"), w) for w in how.windows]
    later = ibis.union(*near) if len(near) > 1 else near[0]
    return later.join(early, "person").join(people, "person")


def _by_place(asked: Any, usual: Usual, end: Ending, phase: str) -> list[dict[str, Any]]:
    """place, n, total and squares over people of how far they are from what is usual; one number a person."""
    at = asked.began + asked.window.cast("int32")
    low, high = (
        (end.first, end.month) if phase == PARTS[0] else (end.month + end.months - HALF_YEAR, end.month + end.months)
    )
    asked = asked.filter(at >= low, at < high, asked.window.isin(list(usual.windows)))
    expected = asked.first * usual.slope
    for window, level in usual.windows.items():
        expected = expected + ibis.ifelse(asked.window == window, level, 0.0)
    asked = asked.mutate(apart=asked.value - expected)
    each = asked.group_by("person", "place").aggregate(apart=asked.apart.mean())
    small = each.group_by("place").aggregate(
        n=each.count(), total=each.apart.sum(), squares=(each.apart * each.apart).sum()
    )
    rows: list[dict[str, Any]] = small.order_by("place").to_pyarrow().to_pylist()
    return rows


def _counts(lake: Lake, small: list[dict[str, Any]], name: str, end: Ending) -> Counts:
    period = end.month // 12 * 10
    rows = tuple(
        Row(r["place"], period, ALL, ALL, int(r["n"]), (int(r["n"]),), float(r["total"]), float(r["squares"]))
        for r in small
    )
    known = lake.places.select("place", "year", "population").to_pyarrow().to_pylist()
    inhabitants = {(r["place"], r["year"]): r["population"] for r in known}
    # Wards alone, so that nothing can be subtracted from anything; who was measured is who is counted.
    return Counts(name, name, "mean", (MEASURED,), rows, inhabitants=inhabitants, counted_as={MEASURED: name})


def judge(tables: Mapping[str, SafeTable], end: Ending, how: Asking) -> Found:
    """What the safe tables say, in points with one decimal. Plain values for pages."""
    ours = {str(one) for one in end.ours}
    shown: dict[str, list[Any]] = {name: [] for name in ("place", "phase", "value", "spread", "n")}
    hidden: set[int] = set()
    for phase, table in tables.items():
        for cell in table.cells:
            if cell.mean is None or cell.spread is None or not cell.n:
                hidden.add(cell.place)
                continue
            for name, value in zip(shown, (str(cell.place), phase, cell.mean, cell.spread, cell.n), strict=True):
                shown[name].append(value)
    found: Found = {"left": {"places": len(hidden)}}
    try:
        said = fit_endurance_of_places(
            shown, ours=ours, higher_is_better=not how.facts.higher_is_worse, margin=how.margin,
            horizon=float(end.months),
        )  # fmt: skip
    except Problem as problem:
        return {**found, "state": "too-few" if problem.code == "too-few" else "cannot", "why": problem.code}
    return {**found, "state": "found", **_told(said, ours, shown, how.facts.higher_is_worse)}


def _told(said: Endurance, ours: set[str], shown: Mapping[str, list[Any]], higher_is_worse: bool) -> Found:
    """Points in which more is better for people, whatever the questionnaire's own direction."""
    turn = -1.0 if higher_is_worse else 1.0
    numbers = {}
    for key, name in (("gain", "gain at the end"), ("after", "change after the end"), ("kept", "gain that is left")):
        one = said[name]
        ends = sorted(turn * (x or 0.0) for x in (one.low, one.high))
        numbers[key] = [round(turn * one.value, 1) + 0.0, *(round(x, 1) + 0.0 for x in ends)]
    before = [
        (p in ours, n) for p, w, n in zip(shown["place"], shown["phase"], shown["n"], strict=True) if w == PARTS[0]
    ]
    return {
        "verdict": said.verdict.value.replace(" ", "-"), **numbers, "margin": said.margin,
        "ours": {"places": sum(mine for mine, _ in before), "n": sum(n for mine, n in before if mine)},
        "others": {"places": sum(not mine for mine, _ in before), "n": sum(n for mine, n in before if not mine)},
        "method": said.method, "citation": said.citation,
    }  # fmt: skip


def lasting_of(answers: Sequence[Found], inside: Collection[int], period: int) -> list[Found]:
    """For a report on one year: of money that ended inside its place alone, and an anniversary in that year."""
    return [
        one for one in answers
        if one["topic"] == TOPIC and set(one["at"]) <= set(inside) and one["year"] * 10 == period
    ]  # fmt: skip
