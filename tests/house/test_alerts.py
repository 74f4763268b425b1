"""Alerts reach someone on every channel they have, say nothing to a neighbour, and are tried again."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from kinweave.core.ids import uuid7
from kinweave.house import alerts
from kinweave.house.models import Account, Message

pytestmark = pytest.mark.django_db


class Gateway:
    """A gateway that remembers, and refuses as long as it is told to."""

    sent: list[tuple[str, str, str]] = []
    refuses = 0

    def send(self, number: str, text: str, reference: str) -> None:
        if Gateway.refuses:
            Gateway.refuses -= 1
            raise alerts.NotSent("no-credit")
        Gateway.sent.append((number, text, reference))


class Broken:
    def send(self, number: str, text: str, reference: str) -> None:
        raise RuntimeError(f"cannot reach {number} with {text}")


@pytest.fixture(autouse=True)
def gateway(settings):
    settings.KINWEAVE_SMS = f"{__name__}.Gateway"
    settings.SITE_URL = "https://bench.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Gateway.sent, Gateway.refuses = [], 0


@pytest.fixture
def amina(world) -> Account:
    account = world.accounts["amina"]
    account.phone, account.email, account.language = "+263 700 1", "amina@example.org", "en"
    account.save()
    return account


def test_an_alert_goes_out_on_every_channel(amina) -> None:
    assert alerts.alert([amina.id], "care.alert", uuid7()) == 3
    assert alerts.deliver() == (2, 0)
    assert [number for number, _, _ in Gateway.sent] == ["+263 700 1"]
    assert mail.outbox[0].to == ["amina@example.org"]
    assert alerts.unread(amina.id) == 1
    assert alerts.deliver() == (0, 0), "sent once"


def test_its_words_hold_a_link_and_a_reference_and_nothing_else(amina) -> None:
    alerts.alert([amina.id], "care.alert", uuid7())
    alerts.deliver()
    (_, text, reference), letter = Gateway.sent[0], mail.outbox[0]
    message = Message.objects.get(channel="sms")
    assert text == f"Kinweave {reference}: please open https://bench.example/account/alerts/{message.id}/"
    for words in (text, letter.subject, letter.body):
        assert "care" not in words.lower()
        assert "amina" not in words.lower()


def test_nobody_is_alerted_twice_for_the_same_thing(amina) -> None:
    ref = uuid7()
    alerts.alert([amina.id], "care.alert", ref)
    assert alerts.alert([amina.id, amina.id], "care.alert", ref) == 0
    assert alerts.alert([amina.id], "care.alert", ref, again=True) == 3
    assert alerts.alert([amina.id], "care.alert", uuid7()) == 3


def test_someone_without_addresses_is_reached_on_the_page_and_a_leaver_not_at_all(world) -> None:
    baraka, chipo = world.accounts["baraka"], world.accounts["chipo"]
    Account.objects.filter(id=chipo.id).update(is_active=False)
    assert alerts.alert([baraka.id, chipo.id], "care.alert", uuid7()) == 1


def test_what_could_not_be_sent_is_tried_again_with_growing_pauses_and_then_shown(amina) -> None:
    Gateway.refuses = 100
    amina.email = ""
    amina.save()
    begun = timezone.now()
    alerts.alert([amina.id], "care.alert", uuid7(), at=begun)
    tried = [m for m in range(180) if sum(alerts.deliver(begun + timedelta(minutes=m))) == 1]
    assert tried == [0, 1, 4, 14, 44, 104]
    assert [m.fault for m in alerts.undelivered()] == ["no-credit"]


def test_a_gateway_that_comes_back_gets_it(amina) -> None:
    Gateway.refuses = 1
    begun = timezone.now()
    alerts.alert([amina.id], "care.alert", uuid7(), at=begun)
    assert alerts.deliver(begun) == (1, 1)
    assert alerts.deliver(begun + timedelta(minutes=2)) == (1, 0)
    assert not alerts.undelivered().exists()


def test_a_broken_gateway_stops_nothing_and_leaks_nothing(amina, settings, caplog) -> None:
    settings.KINWEAVE_SMS = f"{__name__}.Broken"
    alerts.alert([amina.id], "care.alert", uuid7())
    with caplog.at_level(logging.DEBUG):
        assert alerts.deliver() == (1, 1), "the mail still went"
    assert "263" not in caplog.text
    assert Message.objects.get(channel="sms").fault == "RuntimeError"


def test_the_log_only_gateway_logs_the_reference_alone(amina, settings, caplog) -> None:
    settings.KINWEAVE_SMS = "kinweave.house.alerts.LogOnly"
    alerts.alert([amina.id], "care.alert", uuid7())
    with caplog.at_level(logging.INFO):
        alerts.deliver()
    assert alerts.reference(Message.objects.get(channel="sms")) in caplog.text
    assert "263" not in caplog.text


def test_opening_it_anywhere_counts_everywhere(amina, client) -> None:
    alerts.alert([amina.id], "care.alert", uuid7())
    client.force_login(amina)
    assert client.get(f"/account/alerts/{Message.objects.get(channel='sms').id}/").status_code == 200
    assert alerts.unread(amina.id) == 0
    assert alerts.deliver() == (2, 0), "what was on its way still goes out"


def test_an_alert_is_its_own_accounts_alone(amina, world, client) -> None:
    alerts.alert([amina.id], "care.alert", uuid7())
    client.force_login(world.accounts["baraka"])
    assert client.get(f"/account/alerts/{Message.objects.first().id}/").status_code == 404
    assert alerts.unread(amina.id) == 1


def test_the_words_come_in_the_accounts_language(amina, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(alerts.translation, "override", lambda code: asked.append(code) or Nothing())
    Account.objects.filter(id=amina.id).update(language="ar")
    alerts.alert([amina.id], "care.alert", uuid7())
    alerts.deliver()
    assert set(asked) == {"ar"}


class Nothing:
    def __enter__(self):
        return self

    def __exit__(self, *fault):
        return False
