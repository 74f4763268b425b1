"""Answers come in: alerts first, nothing dropped, nothing twice, also after a kill in the middle."""

from __future__ import annotations

import json
import signal
from datetime import timedelta

import pytest
from django.utils import timezone

from kinweave.care.models import Risk
from kinweave.core.sheets.problems import SheetProblem
from kinweave.core.sheets.read import read_table
from kinweave.flows.imports import place_imported
from kinweave.flows.intake.past import undo_import
from kinweave.flows.intake.plan import ResponsePlan
from kinweave.flows.intake.responses import ALONE, import_responses
from kinweave.flows.told import TOGETHER, watch_risks
from kinweave.house.access import NotAllowed
from kinweave.house.models import Due, Entry, Held, Message
from kinweave.house.quarantine import release_held
from kinweave.house.sealing import open_sealed
from kinweave.listen.models import Response, Score
from kinweave.people.actions import record_consent, register_person
from tests.exchange.make_exports import CODES, odk_central
from tests.sites import finished, make_site

ITEMS = [f"screening-phq9_{n}" for n in range(1, 10)]
MAP = 'instrument = "phq-9"\n[columns]\nperson = "person_id"\ndate = "today"\ninstance = "KEY"\n[items]\n' + "".join(
    f'q{n} = "screening-phq9_{n}"\n' for n in range(1, 10)
) + "[values]\n" + "".join(f"{word} = {n}\n" for n, word in enumerate(CODES))  # fmt: skip
UUID = "uuid:00000000-0000-4000-8000-{:012d}"
CALM = (1, 1, 0, 2, 1, 0, 1, 0, 0)
DARK = (1, 1, 0, 2, 1, 0, 1, 0, 2)


def row(n, person="P-1", day="2025-03-04", answers=CALM, instance=None):
    words = [a if isinstance(a, str) else CODES[a] for a in answers]
    return ",".join([day, person, *words, instance or UUID.format(n)])


def table(rows):
    return read_table(("\n".join([",".join(["today", "person_id", *ITEMS, "KEY"]), *rows]) + "\n").encode(), "x.csv")


def bring(world, rows, dry=False, by="farai", **more):
    return import_responses(table(rows), ResponsePlan("phq-9", MAP, **more), world.actor(by), dry=dry)


@pytest.fixture
def known(world):
    """P-1 and P-2 with consent, P-3 without."""
    found = {}
    for n in (1, 2, 3):
        asked = {"organisation_id": world.organisation, "team_id": world.teams[0], "place_id": world.wards[0]}
        receipt = register_person(
            by=world.actor("amina"), alias=f"Somebody {n}", external_id=f"P-{n}",
            programme_id=world.programme, **asked,
        )  # fmt: skip
        found[n] = receipt.result["person"]
        if n < 3:
            record_consent(by=world.actor("amina"), person_id=found[n], purpose="care", given=True)
    return found


@pytest.mark.django_db
class TestRows:
    def test_a_dry_run_writes_nothing_and_counts_what_needs_someone(self, world, known):
        before = (Entry.objects.count(), Message.objects.count())
        rows = [row(1), row(2, answers=DARK), row(3, person="P-9"), row(4, answers=(*CALM[:8], "perhaps"))]
        told = bring(world, rows, dry=True).as_dict()
        assert (Entry.objects.count(), Message.objects.count()) == before
        assert (told["accepted"], told["set_aside"], told["already_here"]) == (3, 1, 0)
        assert told["extra"] == {"danger": 2, "unknown_person": 1}
        assert "perhaps" not in str(told)

    def test_answers_find_their_person_and_their_day(self, world, known):
        bring(world, [row(1), row(2, person=" p 2")], language="en")
        found = {r.person_id: r for r in Response.objects.all()}
        assert set(found) == {known[1], known[2]}
        one = found[known[1]]
        assert (one.mode, one.taken_on.isoformat(), one.language) == ("import", "2025-03-04", "en")
        assert one.sheet == UUID.format(1).removeprefix("uuid:")
        assert {s.value for s in Score.objects.all()} == {6.0}

    def test_unknown_persons_and_missing_consent_are_held_and_find_their_place_later(self, world, known):
        outcome = bring(world, [row(1, person="P-9"), row(2, person="P-3"), row(3, day="")])
        assert outcome.extra["held"] == 3
        assert {h.code for h in Held.objects.all()} == {"person-not-found", "no-consent", "date-missing"}
        held = Held.objects.get(code="person-not-found")
        assert json.loads(open_sealed(held.key_id, "house.held.asked", held.asked))["who"] == "P-9"
        release_held(by=world.actor("farai"), held_id=held.id, mended={"person_id": known[2]})
        assert Response.objects.get().person_id == known[2]
        assert Response.objects.get().taken_on.isoformat() == "2025-03-04"

    def test_old_danger_asks_for_a_look_this_week_in_one_message(self, world, known):
        rows = [row(n, person="P-1" if n % 2 else "P-9", answers=DARK) for n in range(30)]
        outcome = bring(world, rows)
        assert (outcome.extra["alerts"], Risk.objects.count()) == (30, 30)
        assert set(Risk.objects.values_list("urgency", "source")) == {("week", "answer")}
        assert Risk.objects.filter(person_id=known[1]).count() == 15
        assert not Due.objects.filter(kind__startswith="risk", priority=0).exists()
        pages = Message.objects.filter(channel="page")
        turns = {world.accounts["dalia"].id, world.accounts["farai"].id}  # the team's; nobody's own
        assert list(pages.values_list("code", "ref_id")) == [("risks", None)] * 2
        assert set(pages.values_list("to_account", flat=True)) == turns
        assert Message.objects.filter(channel=TOGETHER).count() == 30
        assert watch_risks() == 0
        Risk.objects.update(answer_by=timezone.now() - timedelta(minutes=1))
        assert watch_risks() == 30
        assert set(Message.objects.filter(channel="page").values_list("code", flat=True)) == {"risks"}
        assert Message.objects.filter(channel="page").count() <= 6

    def test_fresh_danger_is_told_at_once_each_by_itself(self, world, known):
        today = timezone.localdate().isoformat()
        bring(world, [row(n, day=today, answers=DARK) for n in range(ALONE + 5)])
        assert Risk.objects.exclude(urgency="week").count() == ALONE + 5
        pages = Message.objects.filter(channel="page")
        assert (pages.filter(code="risk").count(), pages.filter(code="risks").count()) == (ALONE, 1)
        assert Due.objects.filter(kind="risk_answer", priority=0).count() == ALONE + 5
        assert watch_risks() == 0

    def test_danger_in_a_row_that_cannot_be_read_opens_an_alert_once(self, world, known):
        bad = row(1, answers=("what?", *DARK[1:]))
        outcome = bring(world, [bad, row(2, person="P-9", answers=(*CALM[:8], "9"))])
        assert (outcome.report.set_aside, Risk.objects.count(), Response.objects.count()) == (2, 2, 0)
        assert set(Risk.objects.values_list("person_id", flat=True)) == {known[1], None}
        bring(world, [bad])
        assert Risk.objects.count() == 2
        bring(world, [row(1, answers=DARK)])  # mended: the same submission
        assert (Risk.objects.count(), Response.objects.count()) == (2, 1)

    def test_a_file_that_breaks_off_imports_nothing_but_its_alerts(self, world, known):
        rows = [row(1), row(2, answers=DARK), f'"{row(3)}', *(row(n) for n in range(4, 200))]
        broken = table([*rows])
        with pytest.raises(SheetProblem):
            import_responses(broken, ResponsePlan("phq-9", MAP), world.actor("farai"), dry=False)
        assert (Response.objects.count(), Risk.objects.count()) == (0, 1)
        bring(world, [row(1), row(2, answers=DARK), row(3)])
        assert (Response.objects.count(), Risk.objects.count()) == (3, 1)

    def test_a_second_run_imports_nothing_twice(self, world, known):
        rows = [row(1), row(2, answers=DARK), row(3, person="P-9"), row(4, person="P-3"), row(5, day="")]
        first = bring(world, rows)
        entries = Entry.objects.filter(action="flows.import_response").count()
        register_person(
            by=world.actor("amina"), alias="Late", external_id="P-9", organisation_id=world.organisation,
            place_id=world.wards[0],
        )  # fmt: skip
        again = bring(world, rows)
        assert (first.report.accepted, again.report.accepted, again.report.already_here) == (5, 0, 5)
        assert Entry.objects.filter(action="flows.import_response").count() == entries == 5
        assert (Response.objects.count(), Risk.objects.count(), Held.objects.count()) == (2, 1, 3)

    def test_a_submission_that_changed_since_is_shown_and_its_danger_heard(self, world, known):
        bring(world, [row(1)])
        outcome = bring(world, [row(1, answers=DARK)])
        assert dict(outcome.report.reasons) == {"changed-since": 1}
        assert (Response.objects.count(), Risk.objects.count()) == (1, 1)
        bring(world, [row(1, answers=DARK)])
        assert Risk.objects.count() == 1

    def test_an_import_is_taken_back_its_alerts_stay_and_it_can_come_again(self, world, known):
        rows = [row(1), row(2, answers=DARK), row(3, person="P-9")]
        outcome = bring(world, rows)
        assert undo_import(world.actor("farai"), outcome.import_id) == {"undone": 3, "kept": 0}
        assert not Score.objects.filter(current=True).exists()
        assert list(Held.objects.values_list("state", flat=True)) == ["set_aside"]
        assert Risk.objects.get().state == "open"
        again = bring(world, rows)
        assert (again.report.accepted, Score.objects.filter(current=True).count()) == (3, 2)

    def test_two_people_of_one_number_wait_for_whoever_knows(self, world, known):
        asked = {"organisation_id": world.organisation, "place_id": world.wards[0]}
        register_person(by=world.actor("amina"), alias="P-1", **asked)
        register_person(by=world.actor("amina"), alias="Other", external_id="P1", **asked)
        register_person(by=world.actor("amina"), alias="Another", external_id="P 1", **asked)
        outcome = bring(world, [row(1, person="P 1", answers=DARK)])
        assert dict(outcome.report.reasons) == {"person-not-sure": 1}
        assert Risk.objects.get().person_id is None

    def test_imported_answers_are_placed_by_nobody_alone(self, world, known):
        with pytest.raises(NotAllowed):
            place_imported(
                by=world.actor("amina"), person_id=known[1], instrument="phq-9", answers={"q9": 3},
                taken_on=timezone.localdate(),
            )  # fmt: skip
        assert not Response.objects.exists()

    def test_only_who_may_import_does(self, world, known):
        for name in ("amina", "dalia", "gloria", "hope"):
            with pytest.raises(NotAllowed):
                bring(world, [row(1, answers=DARK)], by=name)
        assert not Risk.objects.exists()


SITE = """
import sys
from tests.world import make_world
from kinweave.people.actions import register_person, record_consent
world = make_world()
for n in range(40):
    new = register_person(by=world.actor("amina"), organisation_id=world.organisation, programme_id=world.programme,
        place_id=world.wards[0], alias=f"Somebody {n}", external_id=f"P-{n:05d}").result["person"]
    record_consent(by=world.actor("amina"), person_id=new, purpose="care", given=True)
"""
COMMAND = "from kinweave.config.cli import main; import sys; sys.exit(main({arguments!r}))"
KILLED = """
import os, signal
from kinweave.flows.intake import responses
whole, calls = responses.import_response, []
def one(**asked):
    calls.append(1)
    if len(calls) == 312:
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(**asked)
responses.import_response = one
"""
COUNT = """
from kinweave.care.models import Risk
from kinweave.house.models import Entry, Held
from kinweave.listen.models import Response
import json
print(json.dumps([Response.objects.count(), Held.objects.count(), Risk.objects.count(),
                  Entry.objects.filter(action="flows.import_response").count()]))
"""


def test_killed_in_the_middle_and_run_again_nothing_is_doubled_and_nothing_lost(tmp_path):
    site = make_site(tmp_path / "site")
    site.run(SITE)
    content, told = odk_central(rows=600)
    file, plan = tmp_path / "answers.csv", tmp_path / "map.toml"
    file.write_bytes(content)
    plan.write_text(MAP)
    command = ["import", "responses", str(file), "--instrument", "phq-9", "--map", str(plan), "--yes"]
    exit_code, _, _ = finished(site.start(KILLED + COMMAND.format(arguments=command)))
    assert exit_code == -signal.SIGKILL
    halfway = json.loads(site.run(COUNT))
    assert 0 < halfway[3] < 600, halfway
    said = site.run(COMMAND.format(arguments=command))
    assert f"{600 - halfway[3]}  imported" in said
    danger = sum(1 for answers in told if answers[8] > 0)
    assert json.loads(site.run(COUNT)) == [40, 560, danger, 600]
    assert "nothing new" in site.run(COMMAND.format(arguments=command))
