"""The desk's pages of circles, referrals and hours."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from kinweave.connect.models import Referral
from kinweave.connect.reads import referrals
from kinweave.core.ids import uuid7
from kinweave.gather.actions import add_circle
from kinweave.gather.models import Circle, Meeting
from kinweave.people.door import access
from kinweave.people.models import Consent
from kinweave.team.models import Hours
from tests.care_world import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def amina(world):
    return signed_in(world, "amina")


def entry(**more: Any) -> dict[str, Any]:
    return {"entry": str(uuid7()), **more}


def text(answer: Any) -> str:
    return answer.content.decode()


def begun(world, **more):
    asked = {"name": "Under the fig", "organisation_id": world.organisation, "team_id": world.teams[0], **more}
    return add_circle(by=world.actor("amina"), begun_on=date(2026, 1, 1), **asked).result["circle"]


def test_a_circle_from_nothing_to_its_end(world, amina):
    assert "No circle yet" in text(amina.get(reverse("circles")))
    form = entry(name="Under the fig", begun_on="2026-01-01", weekday="4", with_aliases="no", place="", rules="Listen.")
    sent = amina.post(reverse("circle-new"), form)
    row = Circle.objects.get()
    assert sent["Location"] == reverse("circle", args=[row.id])
    assert (row.team_id, row.host_id, row.weekday) == (world.teams[0], world.accounts["amina"].id, 4)
    amina.post(reverse("circle-new"), form)
    assert Circle.objects.count() == 1  # sent twice, written once
    met = entry(on="2026-01-08", head_count="11", new_count="2", kind_0="9")
    amina.post(reverse("circle-meeting", args=[row.id]), met)
    page = text(amina.get(reverse("circle", args=[row.id])))
    assert "11 came" in page
    assert "2 for the first time" in page
    assert "Women: 9" in page
    amina.post(reverse("circle-end", args=[row.id]), entry(on="2026-02-01", reason="reached"))
    assert "It reached what it wanted" in text(amina.get(reverse("circle", args=[row.id])))
    assert "1 meeting" in text(amina.get(reverse("circles")))


def test_a_wrong_count_is_told_and_kept_in_the_form(world, amina):
    one = begun(world)
    answer = amina.post(reverse("circle-meeting", args=[one]), entry(on="2026-01-08", head_count="3", new_count="4"))
    assert answer.status_code == 422
    assert "These counts do not fit together." in text(answer)
    assert 'value="4"' in text(answer)
    assert not Meeting.objects.exists()


def test_a_meeting_is_taken_back_by_its_author_alone(world, amina):
    one = begun(world)
    today = timezone.localdate().isoformat()
    amina.post(reverse("circle-meeting", args=[one]), entry(on=today, head_count="3"))
    undo = reverse("circle-meeting-undo", args=[one, Meeting.objects.get().id])
    mate = signed_in(world, "baraka")
    assert "Take back" not in text(mate.get(reverse("circle", args=[one])))
    mate.post(undo)
    assert Meeting.objects.get().undone_at is None
    amina.post(undo)
    assert Meeting.objects.get().undone_at is not None
    assert signed_in(world, "chipo").post(undo).status_code == 404


def test_aliases_are_seen_by_who_keeps_the_circle(world, amina):
    one = begun(world, with_aliases=True)
    amina.post(reverse("circle-meeting", args=[one]), entry(on="2026-01-08", head_count="3", aliases="Rudo\nTendai"))
    assert "Tendai" in text(amina.get(reverse("circle", args=[one])))
    assert "Tendai" not in text(signed_in(world, "baraka").get(reverse("circle", args=[one])))


REFERRAL = {
    "to": "The blue clinic", "need": "health", "urgency": "urgent", "items": ["alias", "need"], "how": "spoken",
    "override": "", "note": "",
}  # fmt: skip


def test_a_referral_is_prepared_agreed_and_dropped(world, amina):
    person = world.person()
    new, page_url = reverse("referral-new", args=[person]), reverse("person-referrals", args=[person])
    assert amina.post(new, entry(**REFERRAL, given="later"))["Location"] == page_url
    row = Referral.objects.get()
    page = text(amina.get(page_url))
    assert "Waits for their yes" in page
    assert "The blue clinic" in page
    amina.post(reverse("referral-agreed", args=[person, row.id]), entry(given="yes", how="spoken"))
    assert "They agreed" in text(amina.get(page_url))
    consent = Consent.objects.get(purpose="referral")
    assert consent.items == ["alias", "need"]
    agreed = text(amina.get(reverse("person-consents", args=[person])))
    assert "The blue clinic" in agreed  # the name is shown, though no table says it in clear
    assert str(row.id) not in agreed
    amina.post(reverse("referral-drop", args=[person, row.id]))
    assert referrals(access(person, by=world.actor("amina"))) == []
    assert "Dropped before it was sent" in text(amina.get(page_url))


def test_what_is_missing_is_told(world, amina):
    person = world.person()
    answer = amina.post(reverse("referral-new", args=[person]), entry(**{**REFERRAL, "items": []}, given="yes"))
    assert answer.status_code == 422
    over = {**REFERRAL, "need": "violence", "override": "I think it is for the best"}
    refused = amina.post(reverse("referral-new", args=[person]), entry(**over, given="later"))
    assert "never referred without their own yes" in text(refused)
    assert not Referral.objects.exists()


def test_a_draft_stands_on_todays_list(world, amina):
    person = world.person()
    amina.post(reverse("referral-new", args=[person]), entry(**{**REFERRAL, "urgency": "emergency"}, given="yes"))
    page = text(amina.get(reverse("today")))
    assert "a referral is not sent yet" in page
    assert reverse("person-referrals", args=[person]) in page
    assert "blue clinic" not in page


def test_my_hours(world, amina):
    form = entry(on="2026-01-15", hours="1", minutes="30", kind="travel", paid="no", note="on foot")
    sent = amina.post(reverse("hours"), form)
    page = text(amina.get(sent["Location"]))
    assert "Paid 0:00 hours, unpaid 1:30 hours." in page
    assert "on foot" in page
    assert "on foot" not in text(signed_in(world, "dalia").get(sent["Location"]))
    amina.post(reverse("hours-undo", args=[Hours.objects.get().id]))
    assert "Paid 0:00 hours, unpaid 0:00 hours." in text(amina.get(sent["Location"]))
    empty = amina.post(reverse("hours"), entry(on="2026-01-15", hours="0", minutes="0", kind="travel", paid="no"))
    assert "A day has 24 hours" in text(empty)
    assert amina.get(reverse("hours") + "?month=nonsense").status_code == 200
    assert amina.get(reverse("hours") + "?month=0001-01").status_code == 200
    assert amina.get(reverse("hours") + "?month=9999-12").status_code == 200
