"""Typing from paper: piles of sheets, second readings, register lines; nothing lost, nothing doubled, danger told."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kinweave.care.models import Risk, Session
from kinweave.care.reads_sheets import lines_typed
from kinweave.core.ids import uuid7
from kinweave.core.sheet_numbers import bare, draw
from kinweave.front.desk.typing import read_day
from kinweave.gather.actions import add_circle
from kinweave.gather.models import Meeting
from kinweave.house.access import SYSTEM
from kinweave.house.actions import change_setting
from kinweave.house.models import Held, ParkedForm
from kinweave.house.models import Session as SignIn
from kinweave.listen.models import Response
from kinweave.listen.reads_sheets import typed_before
from kinweave.people.door import access
from kinweave.team.models import Hours
from tests.care_world import KEY, asking, signed_in, started

pytestmark = pytest.mark.django_db
FINE = {f"digit_q{n}": "1" for n in range(1, 10)} | {"digit_q9": "0"}


@pytest.fixture
def ready(world):
    return asking(world)


@pytest.fixture
def amina(ready):
    return signed_in(ready, "amina")


def code_of(world, person) -> str:
    return access(person, by=world.actor("farai")).row.code


def sheet(world, person, **more: Any) -> dict[str, Any]:
    return {
        "entry": str(uuid7()), "sheet": draw(), "code": code_of(world, person), "on": "2026-01-05", "language": "en",
        "go": "next", **FINE, **more,
    }  # fmt: skip


def run(key: str = KEY) -> str:
    return reverse("paper-run", args=[key])


def rows(kind: str) -> str:
    return reverse("paper-rows", args=[kind])


def shown(answer) -> str:
    return answer.content.decode()


# ------------------------------------------------------------------------------------- one sheet


def test_a_sheet_is_kept_with_its_number_and_the_next_is_ready(ready, amina):
    person = ready.person()
    form = sheet(ready, person)
    sent = amina.post(run(), form | {"sheet": bare(form["sheet"]).lower()})
    assert sent["Location"].startswith(run())
    row = Response.objects.get()
    assert (row.person_id, row.sheet, row.mode, str(row.taken_on)) == (person, form["sheet"], "paper", "2026-01-05")
    page = shown(amina.get(sent["Location"]))
    assert form["sheet"] in page
    assert code_of(ready, person) in page
    assert 'value="2026-01-05"' in page  # the last day stays
    assert re.search(r'name="digit_q1"[^>]* value=""', page)
    amina.post(run(), form)  # sent twice
    assert Response.objects.count() == 1


def test_a_mistyped_number_is_noticed_and_all_is_kept(ready, amina):
    form = sheet(ready, ready.person())
    signs = bare(form["sheet"])
    swapped = signs[1] + signs[0] + signs[2:] if signs[0] != signs[1] else ("2" if signs[0] != "2" else "3") + signs[1:]
    answer = amina.post(run(), form | {"sheet": swapped})
    assert answer.status_code == 422
    assert "does not fit together" in shown(answer)
    assert 'value="1"' in shown(answer)
    assert not Response.objects.exists()
    assert amina.post(run(), form | {"sheet": ""}).status_code == 422
    amina.post(run(), form | {"sheet": "A-17", "own": "1"})
    assert Response.objects.get().sheet == "A-17"


def test_the_same_sheet_twice_is_told_and_the_first_can_be_opened(ready, amina):
    one, other = ready.person(), ready.person()
    form = sheet(ready, one)
    amina.post(run(), form)
    first = Response.objects.get()
    again = sheet(ready, other, sheet=form["sheet"], digit_q1="2")
    answer = amina.post(run(), again)
    assert answer.status_code == 409
    assert "typed already" in shown(answer)
    assert reverse("answers", args=[one, first.id]) in shown(answer)
    assert Response.objects.count() == 1
    amina.post(run(), again | {"copy": "on"})  # a photocopied blank
    assert Response.objects.filter(sheet=form["sheet"]).count() == 2


def test_of_a_sheet_out_of_reach_only_that_it_was_typed_is_told(ready, amina):
    hers = ready.person(by="chipo", team_id=ready.teams[1], place_id=ready.wards[1])
    form = sheet(ready, hers)
    signed_in(ready, "chipo").post(run(), form)
    assert Response.objects.count() == 1
    answer = amina.post(run(), sheet(ready, ready.person(), sheet=form["sheet"]))
    assert answer.status_code == 409
    assert str(hers) not in shown(answer)
    assert "whom you cannot see" in shown(answer)


def test_a_code_that_is_nobodys(ready, amina):
    hers = ready.person(by="chipo", team_id=ready.teams[1])
    answers = [amina.post(run(), sheet(ready, hers, code=code)) for code in (code_of(ready, hers), "ZZ-ZZZZ", "")]
    assert [one.status_code for one in answers] == [422, 422, 422]
    assert not Response.objects.exists()


def test_without_consent_the_sheet_is_held_for_a_supervisor(ready, amina):
    person = ready.person(consent=False)
    sent = amina.post(run(), sheet(ready, person))
    assert sent.status_code == 302
    assert Held.objects.get().code == "no-consent"
    assert "A supervisor will look" in shown(amina.get(run()))


def test_a_sheet_is_taken_back_from_the_list_of_the_run(ready, amina):
    person = ready.person()
    amina.post(run(), sheet(ready, person))
    row = Response.objects.get()
    sent = amina.post(reverse("answers-undo", args=[person, row.id]), {"typing": f"paper-run:{KEY}"})
    assert sent["Location"] == run()
    row.refresh_from_db()
    assert row.superseded_by is not None
    assert row.sheet not in shown(amina.get(run()))
    away = amina.post(reverse("answers-undo", args=[person, row.id]), {"typing": "paper-run:../../evil"})
    assert away["Location"] == reverse("person", args=[person])


def test_a_questionnaire_that_is_not_asked_here_is_not_typed(ready, amina):
    assert amina.get(run("people-around-you-3")).status_code == 409
    assert amina.get(run("no-such-1")).status_code == 404


# ------------------------------------------------------------------------------ kept while typing


def test_what_is_half_typed_comes_back_after_a_reload(ready, amina):
    person = ready.person(alias="Tendaishe")
    page = shown(amina.get(run()))
    mark = re.search(r'name="keep_form" value="([^"]+)"', page).group(1)
    half = {"entry": str(uuid7()), "sheet": "K4-7", "code": code_of(ready, person), "digit_q1": "2", "keep_form": mark}
    for digit in ("1", "2"):
        told = amina.post(run(), half | {"go": "keep", "digit_q2": digit}).json()
    assert ParkedForm.objects.count() == 1  # one form, kept again, not five
    assert code_of(ready, person).encode() not in bytes(ParkedForm.objects.get().sealed)
    back = shown(amina.get(f"{run()}?{told['query']}"))
    assert 'value="K4-7"' in back
    assert re.search(r'name="digit_q2"[^>]*value="2"', back)
    assert code_of(ready, person) not in shown(signed_in(ready, "baraka").get(f"{run()}?{told['query']}"))
    amina.post(run(), sheet(ready, person, keep_form=mark))
    assert not ParkedForm.objects.exists()


def test_a_lost_session_parks_the_sheet(ready, amina):
    person = ready.person()
    mark = re.search(r'name="keep_form" value="([^"]+)"', shown(amina.get(run()))).group(1)
    form = sheet(ready, person, keep_form=mark)
    SignIn.objects.all().delete()
    away = amina.post(run(), form)
    assert "kept=1" in away["Location"]
    assert not Response.objects.exists()
    kept = ParkedForm.objects.get().id
    back = shown(signed_in(ready, "amina").get(f"{run()}?kept={kept}"))
    assert f'value="{form["sheet"]}"' in back


def test_danger_is_told_while_typing_and_once_only(ready, amina):
    person = ready.person()
    form = sheet(ready, person, digit_q9="3")
    told = amina.post(run(), form | {"go": "keep", "digit_q8": ""}).json()
    risk = Risk.objects.get()
    assert told["safety"] == [reverse("safety-card", args=[person, risk.id])]
    assert told["replaces"]
    amina.post(run(), form | {"go": "keep", "replaces": told["replaces"]})
    sent = amina.post(run(), form | {"replaces": told["replaces"]})
    assert sent["Location"].startswith(reverse("safety-card", args=[person, risk.id]))
    assert Risk.objects.count() == 1
    assert [row.complete for row in Response.objects.filter(superseded_by=None)] == [True]
    card = shown(amina.get(sent["Location"]))
    assert run() in card  # and on with the pile


def test_danger_told_early_is_not_told_again_though_the_page_never_heard(ready, amina):
    form = sheet(ready, ready.person(), digit_q9="3")
    amina.post(run(), form | {"go": "keep", "digit_q8": ""})
    assert amina.post(run(), form).status_code == 302
    assert (Risk.objects.count(), Response.objects.filter(superseded_by=None).count()) == (1, 1)


def test_danger_on_a_sheet_with_a_slip_is_told(ready, amina):
    form = sheet(ready, ready.person(), digit_q9="3", digit_q1="8")
    answer = amina.post(run(), form)
    assert answer.status_code == 422
    assert Risk.objects.count() == 1


def test_half_a_code_tells_nobody(ready, amina):
    ready.person(alias="Rudo")
    told = amina.post(run(), {"entry": str(uuid7()), "go": "keep", "code": "Rudo", "digit_q9": "3"}).json()
    assert told["safety"] == []
    assert not Risk.objects.exists()


# ------------------------------------------------------------------------------- a second reading


def test_a_second_reading_that_agrees(ready, amina):
    form = sheet(ready, ready.person())
    amina.post(run(), form)
    again = {"entry": str(uuid7()), "again": "1", "language": "en", "sheet": form["sheet"], "go": "next", **FINE}
    sent = signed_in(ready, "dalia").post(run(), again)
    assert sent.status_code == 302
    assert "again=1" in sent["Location"]
    assert Response.objects.count() == 1


def test_a_second_reading_that_differs_shows_where_and_can_put_it_right(ready, amina):
    person = ready.person()
    form = sheet(ready, person, digit_q3="2")
    amina.post(run(), form)
    again = {"entry": str(uuid7()), "again": "1", "language": "en", "sheet": form["sheet"], "go": "next", **FINE}
    answer = amina.post(run(), again)
    assert answer.status_code == 422
    assert shown(answer).count("first reading:") == 1
    assert Response.objects.count() == 1
    amina.post(run(), again | {"go": "correct"})
    now = Response.objects.get(superseded_by=None)
    assert (now.sheet, now.person_id, str(now.taken_on)) == (form["sheet"], person, "2026-01-05")
    assert Response.objects.count() == 2  # both stay in the history
    assert amina.post(run(), again | {"entry": str(uuid7()), "go": "next"}).status_code == 302  # now they agree


def test_a_second_reading_of_what_was_never_typed_or_is_out_of_reach(ready, amina):
    hers = ready.person(by="chipo", team_id=ready.teams[1])
    form = sheet(ready, hers)
    signed_in(ready, "chipo").post(run(), form)
    again = {"entry": str(uuid7()), "again": "1", "language": "en", "go": "next", **FINE}
    answers = [amina.post(run(), again | {"sheet": number}) for number in (form["sheet"], draw())]
    assert [one.status_code for one in answers] == [422, 422]
    said = [re.sub(r'value="[^"]*"', "", shown(one)).count("No sheet of this number") for one in answers]
    assert said[0] == said[1] > 0


# ------------------------------------------------------------------------------------- registers


def lines(*typed: dict[str, str], **more: str) -> dict[str, str]:
    made = {f"{name}_{n}": value for n, one in enumerate(typed, 1) for name, value in one.items()}
    return {"entry": str(uuid7()), "sheet": draw(), "go": "save", **made, **more}


def test_lines_of_the_register_of_meetings(ready, amina):
    one, other = started(ready), started(ready)
    form = lines(
        {"on": "5.1.2026", "code": code_of(ready, one), "met": "1", "homework": "2", "mood": "1", "next": "12.1."},
        {"code": code_of(ready, other), "met": "4"},
    )
    sent = amina.post(rows("meetings"), form)
    assert sent["Location"] == rows("meetings")
    first, second = Session.objects.order_by("-held")
    assert (first.person_id, first.held, first.homework, first.mood) == (one, True, "partly", "easier")
    assert timezone.localtime(first.next_at).date() == date(2026, 1, 12)
    assert (second.person_id, second.held, second.missed_reason) == (other, False, "unreachable")
    assert {timezone.localtime(row.at).date() for row in (first, second)} == {date(2026, 1, 5)}  # the line above
    assert {row.sheet for row in (first, second)} == {f"{form['sheet']}/1", f"{form['sheet']}/2"}
    page = shown(amina.get(rows("meetings")))
    assert f"{form['sheet']}/2" in page
    amina.post(rows("meetings"), form)
    assert Session.objects.count() == 2


def test_a_wrong_line_keeps_the_others_and_says_why(ready, amina):
    one, other = started(ready), started(ready)
    form = lines(
        {"on": "5.1.2026", "code": code_of(ready, one), "met": "1"},
        {"on": "31.2.2026", "code": "ZZ-ZZZZ", "met": "99"},
    )
    answer = amina.post(rows("meetings"), form)
    assert answer.status_code == 422
    assert Session.objects.count() == 1
    page = shown(answer)
    assert "This is no day" in page
    assert "Nobody fits" in page
    assert "not among the answers" in page
    assert 'name="code_1"' not in page  # the first is kept and asks nothing more
    mended = form | {"on_2": "6.1.2026", "code_2": code_of(ready, other), "met_2": "1"}
    for name in ("on_1", "code_1", "met_1"):
        mended.pop(name)
    assert amina.post(rows("meetings"), mended).status_code == 302
    assert sorted(Session.objects.values_list("sheet", flat=True)) == [f"{form['sheet']}/1", f"{form['sheet']}/2"]


def test_the_same_line_of_the_same_sheet_twice(ready, amina):
    form = lines({"on": "5.1.2026", "code": code_of(ready, started(ready)), "met": "1"})
    amina.post(rows("meetings"), form)
    answer = amina.post(rows("meetings"), form | {"entry": str(uuid7())})
    assert answer.status_code == 409
    assert "This line was typed already." in shown(answer)
    assert Session.objects.count() == 1
    amina.post(rows("meetings"), form | {"entry": str(uuid7()), "copy": "on"})
    assert Session.objects.count() == 2


def test_a_worried_line_reaches_someone_while_it_is_typed(ready, amina):
    person = started(ready)
    form = lines({"on": "5.1.2026", "code": code_of(ready, person), "met": "1", "worry": "1"})
    told = amina.post(rows("meetings"), form | {"go": "keep"}).json()
    risk = Risk.objects.get()
    assert told["safety"] == [reverse("safety-card", args=[person, risk.id])]
    sent = amina.post(rows("meetings"), form)
    assert sent["Location"].startswith(told["safety"][0])
    assert Risk.objects.count() == 1
    assert rows("meetings") in shown(amina.get(sent["Location"]))


def test_a_worried_line_with_a_slip_still_reaches_someone(ready, amina):
    form = lines({"on": "nonsense", "code": code_of(ready, started(ready)), "met": "1", "worry": "1"})
    assert amina.post(rows("meetings"), form).status_code == 422
    assert Risk.objects.count() == 1
    assert not Session.objects.exists()


def test_calls_and_visits(ready, amina):
    one, other = started(ready), started(ready)
    form = lines(
        {"on": "5.1.2026", "code": code_of(ready, one), "way": "1", "met": "4", "said": "a child answered"},
        {"code": code_of(ready, other), "way": "2", "met": "1", "next": "9.1."},
    )
    amina.post(rows("attempts"), form)
    made = list(Session.objects.order_by("kind").values_list("kind", "held", "missed_reason", "planned"))
    assert made == [("call", False, "unreachable", False), ("visit", True, "", False)]


def test_meetings_of_a_circle(ready, amina):
    asked = {"name": "Under the fig", "organisation_id": ready.organisation, "begun_on": date(2026, 1, 1)}
    one = add_circle(by=ready.actor("amina"), team_id=ready.teams[0], **asked).result["circle"]
    form = lines({"on": "8.1.2026", "head": "11", "new": "2", "kind_0": "9"}, {"on": "15.1.", "head": "3", "new": "9"})
    answer = amina.post(rows("circles"), form | {"circle": str(one)})
    assert answer.status_code == 422
    assert "counts do not fit" in shown(answer)
    row = Meeting.objects.get()
    assert (row.head_count, row.new_count, row.kinds, row.sheet) == (11, 2, {"women": 9}, f"{form['sheet']}/1")
    undo = reverse("circle-meeting-undo", args=[one, row.id])
    assert amina.post(undo, {"typing": "paper-rows:circles"})["Location"] == rows("circles")
    assert signed_in(ready, "chipo").post(rows("circles"), form | {"circle": str(one)}).status_code == 422


def test_a_programmes_own_kinds_of_people_at_a_circle(ready, amina):
    scope = str(ready.programme)
    change_setting(by=SYSTEM, key="gather.kinds", value=["fishers", "women"], scope=scope)
    one = add_circle(
        by=ready.actor("amina"), name="By the river", organisation_id=ready.organisation, programme_id=ready.programme,
        begun_on=date(2026, 1, 1),
    ).result["circle"]  # fmt: skip
    form = lines({"on": "8.1.2026", "head": "11", "kind_0": "4", "kind_1": "7"}, circle=str(one))
    assert amina.post(rows("circles"), form).status_code == 302
    assert Meeting.objects.get().kinds == {"fishers": 4, "women": 7}


def test_a_run_is_over_with_the_day(ready, amina):
    form = sheet(ready, ready.person())
    amina.post(run(), form)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert form["sheet"] not in shown(amina.get(run()))


@pytest.mark.parametrize(
    ("ask", "index"),
    [(lambda by: typed_before(by, "K4-7FD2-3"), "response_sheet"), (lambda by: lines_typed(["K4/1"]), "session_sheet")],
)
def test_a_sheet_is_looked_for_along_its_index(ready, ask, index):
    """A number among a million is found as among ten: the statement as it is sent, explained by the database."""
    with CaptureQueriesContext(connection) as sent:
        ask(ready.actor("amina"))
    statement = next(one["sql"] for one in sent if '."sheet"' in one["sql"])
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        else:
            cursor.execute("SET LOCAL enable_seqscan = off")  # a table of no rows is read whole otherwise
            cursor.execute(f"EXPLAIN {statement}")
        assert index in str(cursor.fetchall())


def test_a_sheet_of_hours(ready, amina):
    form = lines({"on": "8.1.2026", "hours": "2", "kind": "3", "paid": "2"}, {"hours": "25", "kind": "1", "paid": "1"})
    answer = amina.post(rows("hours"), form)
    assert "A day has 24 hours" in shown(answer)
    row = Hours.objects.get()
    assert (row.minutes, row.kind, row.paid) == (120, "travel", False)


def test_the_registers_ask_for_their_own_permission(ready):
    assert signed_in(ready, "gloria").get(rows("meetings")).status_code == 403
    assert signed_in(ready, "amina").get(rows("secrets")).status_code == 404


def test_typing_keeps_no_name_in_the_session(ready, amina):
    person = ready.person(alias="Tendaishe", name="Tendaishe Moyo")
    amina.post(run(), sheet(ready, person))
    kept = json.dumps(dict(amina.session))
    assert "Tendaishe" not in kept
    assert code_of(ready, person) not in kept


TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "ahead", "expected"),
    [("2026-01-15", False, date(2026, 1, 15)), ("15.1.2026", False, date(2026, 1, 15)),
     ("15/1/2026", False, date(2026, 1, 15)), ("15.1.", False, date(2026, 1, 15)), ("15 1", False, date(2026, 1, 15)),
     ("24.12.", False, date(2025, 12, 24)), ("24.12.", True, date(2026, 12, 24)), ("3.1.", True, date(2027, 1, 3)),
     ("20", False, date(2026, 11, 20)), ("22", False, date(2026, 10, 22)), ("22", True, date(2026, 11, 22)),
     ("20", True, date(2026, 12, 20)), ("31", False, date(2026, 10, 31)), ("١٥.١.٢٠٢٦", False, date(2026, 1, 15)),
     ("31.2.2026", False, None), ("0.1.", False, None), ("x", False, None), ("", False, None),
     ("15.1.26", False, None)],
)  # fmt: skip
def test_days_as_they_stand_on_paper(text, ahead, expected):
    assert read_day(text, TODAY, ahead) == expected


def test_a_day_left_out_is_today_or_before():
    for back in range(0, 400, 7):
        day = timezone.localdate() - timedelta(days=back)
        assert read_day(day.isoformat()) == day
    assert read_day("31.4.") is None


def test_a_single_sheet_has_its_number_checked_too(ready, amina):
    person, number = ready.person(), draw()
    form = {"entry": str(uuid7()), "on": "2026-01-05", "go": "done", **FINE}
    slip = number[:-1] + ("2" if number[-1] != "2" else "3")
    wrong = amina.post(reverse("paper-type", args=[person, KEY]), form | {"sheet": slip})
    assert wrong.status_code == 422
    assert not Response.objects.exists()
    amina.post(reverse("paper-type", args=[person, KEY]), form | {"entry": str(uuid7()), "sheet": bare(number).lower()})
    assert Response.objects.filter(sheet=number).count() == 1


def test_typing_a_line_opens_no_name(ready, amina, django_assert_max_num_queries):
    for number in range(5):
        ready.person(alias=f"Rudo {number}")
    form = lines({"on": "5.1.2026", "code": "Rudo", "met": "1"}, go="keep")
    with django_assert_max_num_queries(16):
        assert amina.post(rows("meetings"), form).json()["safety"] == []
