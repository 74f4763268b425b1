"""One invented community: the same from the same seed, in an order that a strict pathway accepts."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from collections import Counter
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import kinweave
from kinweave.core import pathway, risk
from kinweave.demo.shape import EVENT_SHAPES
from kinweave.demo.simulate import PATTERNS, Community, Event, simulate
from kinweave.demo.simulate_answers import form, instruments_root, total
from tests.demo.communities import made

pytestmark = pytest.mark.sqlite_only  # needs no database


def base() -> Community:
    return made("holds", 2)


MOVES = {
    "consent_given": "consent", "waiting": "wait", "started": "start", "step_changed": "step",
    "graduated": "graduate", "circle_joined": "join_group", "closed": "close", "reentered": "reenter",
}  # fmt: skip
"""What each kind of event is on the pathway; an entry screening is "screen", being below the line "inform"."""


def move(event: Event) -> str | None:
    if event.kind == "response" and event.payload["occasion"] == "entry":
        return "screen" if event.payload["instrument"] == "phq-9" else None
    if event.kind == "screen_result" and event.payload["result"] == "below":
        return "inform"
    return MOVES.get(event.kind)


def day(event: Event) -> date:
    return event.at.date() if isinstance(event.at, datetime) else event.at


def test_the_same_seed_gives_the_same_community_bit_for_bit() -> None:
    assert simulate("holds", 2).fingerprint() == base().fingerprint()
    others = {made("holds", 1).fingerprint(), made("grows", 2).fingerprint(), base().fingerprint()}
    assert len(others) == 3


def test_another_process_makes_the_same_community() -> None:
    """Python shuffles sets from process to process; nothing here may depend on it."""
    code = "from kinweave.demo.simulate import simulate; print(simulate('holds', 2).fingerprint())"
    env = {**os.environ, "PYTHONHASHSEED": "4242", "PYTHONPATH": str(Path(kinweave.__file__).parents[1])}
    said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == base().fingerprint()


def test_it_is_marked_as_invented() -> None:
    assert base().invented is True
    assert all("invented" in o.name for o in base().organisations)


def test_events_are_in_time_order_and_none_lies_outside_the_months() -> None:
    days = [day(e) for e in base().events]
    assert days == sorted(days)
    timed = [e.at for e in base().events if isinstance(e.at, datetime)]
    assert timed == sorted(timed)
    assert all(at.utcoffset() is not None for at in timed)
    assert days[0] >= base().start
    assert days[-1] < date(base().start.year + 3, base().start.month, 1)
    assert all((e.precision == "day") is not isinstance(e.at, datetime) for e in base().events)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("seed", [1, 3])
def test_the_pathway_accepts_every_event_as_it_comes(pattern: str, seed: int) -> None:
    community = made(pattern, seed)
    state: dict[int, str] = {}
    declined: set[int] = set()
    for event in community.events:
        if event.person is None or community.people[event.person].supporter:
            continue
        assert event.person not in declined, event.kind
        if event.kind == "person_identified":
            assert event.person not in state
            state[event.person] = pathway.IDENTIFIED
        elif event.kind == "consent_declined" and "care" in event.payload["purposes"]:
            declined.add(event.person)
        elif event.kind in ("session", "handed_over"):
            assert state[event.person] == pathway.ACTIVE
        elif event.kind == "response":
            assert state[event.person] != pathway.IDENTIFIED
        if step := move(event):
            state[event.person] = pathway.after(state[event.person], step)
    ends = Counter(state.values())
    assert ends[pathway.BELOW] > 300
    assert ends[pathway.CLOSED] > 100
    assert len(declined) > 5
    assert ends[pathway.ACTIVE] + ends[pathway.WAITING] > 0  # today's list is not empty at the end


def test_the_risk_protocol_accepts_every_event_as_it_comes() -> None:
    moves = {"contact": "contact", "plan": "plan", "weekly": "contact", "monthly": "contact"}
    state: dict[int, str] = {}
    whose: dict[int, int | None] = {}
    for event in base().events:
        number = event.payload.get("risk")
        if event.kind == "risk_opened":
            assert number not in state
            state[number], whose[number] = risk.OPEN, event.person
            assert event.payload["urgency"] in risk.URGENCIES
            assert set(event.payload["kinds"]) <= set(risk.KINDS)
        elif event.kind.startswith("risk_") and event.kind != "risk_escalated":
            said = {"risk_acknowledged": "acknowledge", "risk_closed": "close"}.get(event.kind)
            state[number] = risk.after(state[number], said or moves[event.payload["what"]])
            assert whose[number] == event.person
        if event.kind in ("risk_closed", "risk_acknowledged"):
            assert base().team[event.worker].role == "supervisor"
    assert Counter(state.values())[risk.CLOSED] > 30


@pytest.mark.parametrize("pattern", PATTERNS)
def test_payloads_are_exactly_what_the_shape_says(pattern: str) -> None:
    met = set()
    for seed in (1, 2):
        for event in made(pattern, seed).events:
            met.add(event.kind)
            assert set(event.payload) == set(EVENT_SHAPES[event.kind]), event.kind
    assert met >= set(EVENT_SHAPES) - {"handed_over", "consent_withdrawn"}


def test_answers_are_the_questionnaires_own_codes() -> None:
    gaps = declined = 0
    for event in base().events:
        if event.kind != "response":
            continue
        sheet = form(event.payload["instrument"], instruments_root())
        answers = event.payload["answers"]
        assert tuple(answers) == sheet.items
        assert event.payload["language"] in sheet.languages
        for item, codes in zip(sheet.items, sheet.codes, strict=True):
            gaps += answers[item] is None
            declined += answers[item] == "declined"
            assert answers[item] in (None, "declined", *codes)
    assert gaps > 20
    assert declined > 20


def test_it_runs_without_any_questionnaire_file(tmp_path: Path) -> None:
    alone = simulate("holds", 2, inhabitants=800, months=6, instruments=tmp_path)
    first = next(e for e in alone.events if e.kind == "response" and e.payload["instrument"] == "phq-9")
    assert next(iter(first.payload["answers"])) == "phq9_1"


def test_workers_act_only_while_they_are_on_the_team() -> None:
    community = made("fades", 3)
    assert sum(m.left is not None for m in community.team) > 0
    for event in community.events:
        if event.kind in ("session", "started", "graduated") and event.worker is not None:
            left = community.team[event.worker].left
            assert left is None or day(event) <= left


def test_places_team_and_circles_fit_together() -> None:
    own = [w for w in base().wards if w.programme]
    assert 3 <= len(own) <= 5
    assert base().wards[: len(own)] == tuple(own)
    assert len(base().wards) == 2 * len(own)
    assert sum(w.populations[0][1] for w in own) == 5000
    assert all(abs(sum(share for _, share in w.groups) - 1) < 1e-9 for w in base().wards)
    assert Counter(m.role for m in base().team) == {"worker": 10, "supervisor": 2, "coordinator": 1, "evaluator": 1}
    assert {p.ward for p in base().people} == set(range(len(base().wards)))
    assert 1 <= len(base().organisations) <= 2
    opened = [e.payload["circle"] for e in base().events if e.kind == "circle_opened"]
    assert opened == sorted(opened) == list(range(len(base().circles)))


def test_names_come_in_many_scripts_and_aliases_are_unique() -> None:
    aliases = [p.alias for p in base().people]
    assert len(set(aliases)) == len(aliases)
    names = [p.name for p in base().people]
    assert any("ARABIC" in unicodedata.name(n[0], "") for n in names)
    assert any(unicodedata.combining(c) for n in names for c in n)
    assert len({p.script for p in base().people}) >= 6


def test_supporters_are_people_with_their_own_consent() -> None:
    supporters = [i for i, p in enumerate(base().people) if p.supporter]
    agreed = {e.person for e in base().events if e.kind == "consent_given"}
    tied = {e.payload["other"] for e in base().events if e.kind == "tie_added"}
    assert len(supporters) > 20
    assert set(supporters) <= agreed
    assert set(supporters) <= tied
    carers = {e.person for e in base().events if e.kind == "response" and e.payload["instrument"] == "bsfc-s"}
    assert carers
    assert carers <= set(supporters)


def test_waiting_grows_where_everyone_is_busy() -> None:
    waits = []
    since: dict[int, date] = {}
    for event in base().events:
        if event.kind == "waiting":
            since[event.person] = day(event)
        elif event.kind == "started":
            waits.append((day(event) - since[event.person]).days)
    assert min(waits) <= 3
    assert 5 < np.median(waits) < 40
    assert max(waits) > 28


def slope_after_funding(communities: list[Community]) -> tuple[float, float, float]:
    """Least-squares slope (points a month) of follow-up totals after the money stops; its error; the level."""
    sheet = form("phq-9", instruments_root())
    rows = []
    for community in communities:
        for e in community.events:
            if e.kind != "response" or e.payload["instrument"] != "phq-9" or "month" not in e.payload["occasion"]:
                continue
            month = (day(e) - community.start).days / 30.4375
            points = total(sheet, e.payload["answers"])
            if month >= community.funding_ends_month and points is not None:
                rows.append((month - community.funding_ends_month, points))
    x, y = (np.array(c, float) for c in zip(*rows, strict=True))
    slope, level = np.polyfit(x, y, 1)
    left = y - level - slope * x
    error = float(np.sqrt((left**2).sum() / (len(y) - 2) / ((x - x.mean()) ** 2).sum()))
    return float(slope), error, float(y.mean())


def test_the_four_patterns_part_after_the_money_stops() -> None:
    """Fades (Jordan), holds (Goa), grows (Atmiyata), never arrives (Lund): a plain regression tells them."""
    found = {p: slope_after_funding([made(p, s) for s in range(1, 7)]) for p in PATTERNS}
    (fades, e1, _), (holds, e2, held), (grows, e3, _), (never, e4, flat) = (found[p] for p in PATTERNS)
    assert fades > 3 * e1
    assert grows < -3 * e3
    assert abs(holds) < 3 * e2
    assert abs(never) < 3 * e4
    assert fades - holds > 3 * (e1**2 + e2**2) ** 0.5
    assert holds - grows > 3 * (e2**2 + e3**2) ** 0.5
    assert flat - held > 1.5  # it does not change because it never came


def test_the_true_benefit_has_the_shape_of_its_pattern() -> None:
    shape = {p: simulate(p, 1, inhabitants=300).truth.benefit for p in PATTERNS}
    assert set(shape["never"]) == {0.0}
    assert len(set(shape["holds"])) == 1
    after = slice(24, 36)
    assert all(a > b for a, b in pairwise(shape["fades"][24:34]))
    assert shape["fades"][-1] == 0
    assert all(a < b for a, b in pairwise(shape["grows"][after]))
    assert shape["fades"][:24] == shape["grows"][:24] == shape["holds"][:24]


def test_next_door_people_are_asked_and_nobody_is_accompanied() -> None:
    """They are sent on, asked again, and an alarming answer of theirs is answered as everywhere."""
    beside = {i for i, p in enumerate(base().people) if not base().wards[p.ward].programme}
    events = [e for e in base().events if e.person in beside]
    kinds = Counter(e.kind for e in events)
    assert not {"waiting", "started", "session", "graduated", "supporter_registered"} & set(kinds)
    assert {e.payload["reason"] for e in events if e.kind == "closed"} == {"referred"}
    occasions = Counter(str(e.payload["occasion"]) for e in events if e.kind == "response")
    assert min(occasions[f"next_door_{month}"] for month in (3, 6, 12)) > 50
    assert not any(occasion.startswith("month") for occasion in occasions)
    opened = {e.payload["risk"] for e in events if e.kind == "risk_opened"}
    seen = {e.payload["risk"] for e in events if e.kind == "risk_acknowledged"}
    assert len(opened & seen) > 0.9 * len(opened) > 5


def test_next_door_nothing_changes_when_the_money_ends() -> None:
    """The programme's benefit is not theirs, whatever its pattern: later totals are alike in all of them."""
    means = []
    for pattern in PATTERNS:
        rows = [e for seed in (1, 2) for e in made(pattern, seed).events if e.kind == "response"]
        rows = [e for e in rows if e.payload["instrument"] == "phq-9" and "next_door" in str(e.payload["occasion"])]
        points = [total(form("phq-9", instruments_root()), e.payload["answers"]) for e in rows]
        means.append(np.mean([p for p in points if p is not None]))
    assert max(means) - min(means) < 1.2
    assert 5.5 < np.mean(means) < 9  # controls: 7.8 (Thinking Healthy Pakistan)
