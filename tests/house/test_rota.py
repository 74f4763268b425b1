"""Before anyone is asked, someone can answer: turns, tests, and the rule that holds a questionnaire back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kinweave.house import accounts, alerts, rota
from kinweave.house.access import NotAllowed
from kinweave.house.models import AlertTest, Message

pytestmark = pytest.mark.django_db


def turn(world, name: str, **more):
    return {"account": str(world.accounts[name].id), **more}


def set_up(world, *names: str, number: str = "0800 1", **more):
    turns = [turn(world, name, **more) for name in names]
    return rota.set_rota(
        by=world.actor("farai"), programme_id=world.programme, turns=turns, contact="Clinic", number=number
    )


def answer_all(world) -> None:
    rota.send_test_alert(by=world.actor("farai"), programme_id=world.programme)
    for test in AlertTest.objects.filter(answered_at=None):
        name = next((n for n, a in world.accounts.items() if a.id == test.account_id), "farai")
        rota.answer_test_alert(by=world.actor(name), test_id=test.id)


def test_nobody_may_be_asked_before_two_people_and_the_contact_answered(world) -> None:
    def lacks():
        return rota.missing(world.programme)

    assert lacks() == ["rota"]
    set_up(world, "dalia", number="")
    assert lacks() == ["people", "contact", "people-test"]
    set_up(world, "dalia", "esi")
    assert lacks() == ["people-test", "contact-test"]
    assert not rota.can_ask(True, world.programme)
    assert rota.can_ask(False, world.programme), "a questionnaire that cannot show danger needs no rota"
    rota.send_test_alert(by=world.actor("farai"), programme_id=world.programme)
    by_account = {t.account_id: t for t in AlertTest.objects.all()}
    assert len(by_account) == 3
    rota.answer_test_alert(by=world.actor("dalia"), test_id=by_account[world.accounts["dalia"].id].id)
    assert lacks() == ["people-test", "contact-test"], "one alone is not enough"
    rota.answer_test_alert(by=world.actor("esi"), test_id=by_account[world.accounts["esi"].id].id)
    assert lacks() == ["contact-test"]
    with pytest.raises(rota.NobodyCanAnswer):
        rota.require_someone(True, world.programme)
    rota.answer_test_alert(by=world.actor("farai"), test_id=by_account[None].id)
    assert lacks() == []
    rota.require_someone(True, world.programme)


def test_an_answer_counts_for_a_time_only(world) -> None:
    set_up(world, "dalia", "esi")
    answer_all(world)
    assert rota.can_ask(True, world.programme)
    assert not rota.can_ask(True, world.programme, datetime.now(UTC) + timedelta(days=31))


def test_someone_who_leaves_no_longer_counts(world) -> None:
    set_up(world, "dalia", "esi")
    answer_all(world)
    accounts.leave(by=world.actor("hope"), account_id=world.accounts["esi"].id)
    assert rota.missing(world.programme) == ["people", "people-test"]


def test_a_new_emergency_number_must_be_tried_again(world) -> None:
    set_up(world, "dalia", "esi")
    answer_all(world)
    set_up(world, "dalia", "esi", number="0800 2")
    assert rota.missing(world.programme) == ["contact-test"]


def test_a_test_is_answered_by_its_own_account(world) -> None:
    set_up(world, "dalia", "esi")
    rota.send_test_alert(by=world.actor("farai"), programme_id=world.programme)
    test = AlertTest.objects.get(account_id=world.accounts["dalia"].id)
    with pytest.raises(NotAllowed):
        rota.answer_test_alert(by=world.actor("esi"), test_id=test.id)
    contact = AlertTest.objects.get(account_id=None)
    with pytest.raises(NotAllowed):
        rota.answer_test_alert(by=world.actor("dalia"), test_id=contact.id)


def test_the_alert_is_answered_on_its_page(world, client) -> None:
    set_up(world, "dalia", "esi")
    rota.send_test_alert(by=world.actor("farai"), programme_id=world.programme)
    client.force_login(world.accounts["dalia"])
    message = Message.objects.get(to_account=world.accounts["dalia"].id, channel="page")
    assert "Nobody is in danger" in client.get(f"/account/alerts/{message.id}/").content.decode()
    client.post(f"/account/alerts/{message.id}/")
    assert AlertTest.objects.get(account_id=world.accounts["dalia"].id).answered_at is not None
    assert alerts.unread(world.accounts["dalia"].id) == 0


def test_who_is_on_call_follows_programme_time_and_the_order(world) -> None:
    """The programme lives in Africa/Harare, two hours east of UTC, without summer time."""
    rota.set_rota(
        by=world.actor("farai"),
        programme_id=world.programme,
        turns=[
            turn(world, "dalia", order=2, days=[0, 1, 2, 3, 4], start="08:00", end="18:00"),
            turn(world, "esi", order=1, days=[4], start="17:00", end="07:00"),
            turn(world, "farai", order=3),
        ],
    )

    def at(day: int, hour: int, minute: int = 0) -> list[str]:
        found = rota.on_call(world.programme, datetime(2026, 6, day, hour, minute, tzinfo=UTC))
        return [next(n for n, a in world.accounts.items() if a.id == one) for one in found]

    assert at(1, 6) == ["dalia", "farai"], "Monday 08:00"
    assert at(1, 5, 59) == ["farai"], "Monday 07:59"
    assert at(5, 15, 30) == ["esi", "dalia", "farai"], "Friday 17:30"
    assert at(6, 4, 59) == ["esi", "farai"], "Saturday 06:59, still Friday's night"
    assert at(6, 5) == ["farai"], "Saturday 07:00"
    assert at(5, 4) == ["farai"], "Friday 06:00 is not Friday's night"


@pytest.mark.parametrize(
    "bad",
    [{"account": "x"}, {"days": [7]}, {"days": []}, {"start": "25:00"}, {"end": "noon"}, {"order": "first"}],
    ids=str,
)
def test_a_turn_that_does_not_fit_is_named_by_its_number(world, bad) -> None:
    with pytest.raises(rota.RotaUnfit) as said:
        rota.set_rota(
            by=world.actor("farai"),
            programme_id=world.programme,
            turns=[turn(world, "dalia"), {**turn(world, "esi"), **bad}],
        )
    assert said.value.facts == {"turn": 2}


def test_only_who_keeps_the_rota_changes_it(world) -> None:
    for name in ("amina", "dalia", "gloria"):
        with pytest.raises(NotAllowed):
            rota.set_rota(by=world.actor(name), programme_id=world.programme, turns=[])
    assert set_up(world, "dalia").result["version"] == 1
    assert set_up(world, "dalia", "esi").result["version"] == 2


def test_only_who_may_answer_alerts_stands_on_the_rota(world):
    with pytest.raises(rota.CannotAnswer):
        rota.set_rota(by=world.actor("farai"), programme_id=world.programme, turns=[turn(world, "amina")])
