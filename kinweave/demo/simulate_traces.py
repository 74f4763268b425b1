"""What is done to the rows once they are written: circles filled, rows copied, registers miscounted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from kinweave.demo import names
from kinweave.demo import simulate_rates as rates
from kinweave.demo.simulate_answers import Answer, alarming, total
from kinweave.demo.simulate_book import DAYS_PER_MONTH, Stage
from kinweave.demo.simulate_types import Circle, Event, first_of_month

_CIRCLE_FULL = 12
_REMEMBERED = 40  # a copier copies from her last rows


def fill_circles(stage: Stage) -> tuple[Circle, ...]:
    """Give each `circle_joined` its circle, open circles as they are needed, and let them meet.

    Meetings hold a head-count and nothing else: what is said in a circle stays there.
    """
    book, circles, joined = stage.book, list[Circle](), list[list[datetime]]()
    for at, row, event in sorted(book.rows, key=lambda r: r[:2]):
        if event.kind != "circle_joined":
            continue
        ward = stage.people[cast(int, event.person)].ward
        index = next((i for i, c in enumerate(circles) if c.ward == ward and len(joined[i]) < _CIRCLE_FULL), -1)
        if index < 0:
            index = len(circles)
            circles.append(Circle(ward, names.CIRCLES[index % len(names.CIRCLES)], at.date()))
            joined.append([])
            book.note_day("circle_opened", at - timedelta(hours=1), None, event.worker, circle=index, ward=ward)
        joined[index].append(at)
        book.rows[row] = (at, row, replace(event, payload={"circle": index}))
    for index, came in enumerate(joined):
        _meetings(stage, index, circles[index].ward, came)
    return tuple(circles)


def _meetings(stage: Stage, circle: int, ward: int, came: list[datetime]) -> None:
    """About two a month; where the programme fades, circles fall asleep after the money stops."""
    day = stage.day_of(came[0].date()) + 7
    while day < stage.months * DAYS_PER_MONTH:
        asleep = stage.pattern == "fades" and stage.month(day) > stage.ends + 3
        if not asleep:
            at = stage.at_work(day)
            members = sum(c < at for c in came)
            heads = 1 + int(stage.rng.binomial(members, 0.6))
            stage.book.note_day("circle_met", at, None, stage.anyone_in(ward, day), circle=circle, heads=heads)
        day += float(stage.rng.integers(12, 19))


def copy_rows(stage: Stage, events: list[Event]) -> tuple[int, ...]:
    """Replace answers of some main-form rows by an earlier row of the same worker; which ones, by index.

    Two workers do most of it. A copy never hides or makes a red flag, and never changes what an entry
    screening decided: the trap is in the rows, not in what happened to anyone.
    """
    sheet = stage.form("phq-9")
    workers = [i for i, m in enumerate(stage.team) if m.role == "worker"]
    rows = [i for i, e in enumerate(events) if e.kind == "response" and e.payload["instrument"] == "phq-9"]
    busy = Counter(events[i].worker for i in rows if events[i].worker in workers)
    copiers = {w for w, _ in busy.most_common(rates.COPIERS + 1)[1:]}
    earlier: dict[tuple[int | None, str], list[int]] = defaultdict(list)
    targets: list[tuple[int, list[int]]] = []
    for i in rows:
        answers = cast(Mapping[str, Answer], events[i].payload["answers"])
        points = total(sheet, answers)
        occasion = str(events[i].payload["occasion"])
        if alarming(sheet, answers) or points is None or (occasion == "entry" and points >= rates.CUT_OFF):
            continue
        key = (events[i].worker, "entry" if occasion == "entry" else "later")
        sources = [j for j in earlier[key][-_REMEMBERED:] if events[j].person != events[i].person]
        if sources:
            targets.append((i, sources))
        if points > 2 and all(isinstance(v, int) for v in answers.values()):
            earlier[key].append(i)
    order = sorted(targets, key=lambda t: (events[t[0]].worker not in copiers, float(stage.rng.random())))
    copied = sorted(order[: round(rates.COPIED * len(rows))])
    for i, sources in copied:
        source = events[sources[int(stage.rng.integers(len(sources)))]]
        events[i] = replace(events[i], payload={**events[i].payload, "answers": source.payload["answers"]})
    return tuple(i for i, _ in copied)


def count_registers(stage: Stage) -> None:
    """Each month a supervisor counts sessions in each worker's paper register; it seldom agrees with ours."""
    held: Counter[tuple[int, int]] = Counter()
    for at, _, event in stage.book.rows:
        if event.kind == "session" and event.payload["held"] and event.worker is not None:
            held[event.worker, (at.year - stage.start.year) * 12 + at.month - stage.start.month] += 1
    for month in range(stage.months - 1):
        closes = first_of_month(stage.start, month + 1)
        for worker, member in enumerate(stage.team):
            ours = held[worker, month]
            if member.role != "worker" or not stage.here(worker, stage.day_of(closes)) or not ours:
                continue
            agrees = stage.chance(rates.REGISTER_AGREES)
            off = 0 if agrees else int(stage.rng.choice((-2, -1, 1, 1, 2, 3)))
            paper = max(0, ours + off)
            at = stage.at_work(stage.day_of(closes) + 2)
            period = f"{first_of_month(stage.start, month):%Y-%m}"
            counted = stage.supervisors()[worker % 2]
            stage.book.note_day("register_counted", at, None, counted, member=worker, period=period, sessions=paper)
