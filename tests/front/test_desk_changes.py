"""What is written from the desk's pages about people: once, whole, and never without saying what is missing."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from kinweave.care.actions import note_session, open_risk
from kinweave.house.actions import change_setting
from kinweave.house.models import Due, Entry, Happened
from kinweave.people.actions import add_contact, add_tie, contest_record, move_person
from kinweave.people.models import Consent, Contact, Contest, OwnLink, Person, Tie
from tests.front.people_help import started, typed

pytestmark = pytest.mark.django_db
PHQ = {f"q{n}": 1 for n in range(1, 9)} | {"q9": 0}
NAME = "Tendaishe"  # the canary: it may stand in a page's text, nowhere else


# -------------------------------------------------------------------------------- someone new


def test_someone_new_with_consents_and_a_safe_contact(world, sign_in):
    client = sign_in("amina")
    values = {
        "alias": NAME, "birth_year": 1980, "gender": "woman", "language": "en", "met_on": date.today().isoformat(),  # noqa: DTZ011
        "entry_way": "own_words", "place": str(world.wards[0]), "agree_care": "yes", "agree_statistics": "no",
        "how": "spoken", "kind": "phone", "value": "+263 77 123", "allowed": "message", "cover": "About the garden",
        "wg_seeing": "3",
    }  # fmt: skip
    answer, sent = typed(client, reverse("person-new"), **values)
    person = Person.objects.get()
    assert answer.url == reverse("person", args=[person.id])
    assert (person.state, person.team_id, person.programme_id) == ("told", world.teams[0], world.programme)
    assert person.facts == {"wg": {"seeing": 3}}
    assert dict(Consent.objects.values_list("purpose", "given")) == {"care": True, "statistics": False}
    assert Contact.objects.get().allowed == "message"
    entries = Entry.objects.count()
    again = client.post(reverse("person-new"), sent)
    assert again.url == answer.url
    assert Entry.objects.count() == entries
    assert NAME not in "".join(Entry.objects.values_list("parts", flat=True))


def test_nothing_typed_is_lost_when_something_is_missing(world, sign_in):
    client = sign_in("amina")
    answer, _sent = typed(client, reverse("person-new"), cover="About the garden", met_on="", value="077")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "About the garden" in html
    assert 'href="#id_met_on"' in html
    assert not Person.objects.exists()


def test_a_child_needs_their_own_yes_and_a_guardian(world, sign_in):
    client = sign_in("amina")
    young = {
        "alias": "Small", "birth_year": date.today().year - 12, "met_on": date.today().isoformat(),  # noqa: DTZ011
        "agree_care": "yes", "entry_way": "first",
    }  # fmt: skip
    answer, _ = typed(client, reverse("person-new"), **young)
    assert answer.status_code == 422
    assert not Person.objects.exists()
    answer, _ = typed(client, reverse("person-new"), **young, assent="yes", guardian_name="Gogo", guardian_agrees="yes")
    assert answer.status_code == 302
    given = Consent.objects.get()
    assert (given.given, given.assent, given.guardian_tie_id) == (True, True, Tie.objects.get(guardian=True).id)


def test_a_guardian_who_is_the_danger_is_not_asked(world, sign_in):
    answer, _ = typed(
        sign_in("amina"), reverse("person-new"), alias="Small", birth_year=timezone.localdate().year - 15,
        met_on=timezone.localdate().isoformat(), agree_care="yes", assent="yes", guardian_danger="on",
    )  # fmt: skip
    assert answer.status_code == 302
    assert Tie.objects.get().danger
    assert Consent.objects.get().guardian_tie_id is None


def test_sensitive_facts_are_asked_only_where_the_threat_profile_allows(world, sign_in):
    client = sign_in("amina")
    assert "fact_faith" not in client.get(reverse("person-new")).content.decode()
    facts = {"faith": True, "ethnicity": False, "sexuality": False, "exact_location": False}
    change_setting(by=world.actor("farai"), key="house.facts", value=facts)
    html = client.get(reverse("person-new")).content.decode()
    assert "fact_faith" in html
    assert "fact_ethnicity" not in html


def test_possibly_the_same_is_a_count_for_a_worker_and_a_comparison_for_a_supervisor(world, sign_in):
    old = world.person(alias="Tendai Moyo")
    answer, _ = typed(
        sign_in("amina"), reverse("person-new"), alias="Tendayi Moyo", met_on=timezone.localdate().isoformat()
    )
    new = UUID(answer.url.split("/")[2])
    told = sign_in("amina").get(reverse("people-same"))
    assert told.status_code == 403
    dalia = sign_in("dalia")
    html = dalia.get(reverse("people-same")).content.decode()
    link = re.search(r'href="(/people/same/[^"]+/[^"]+/)"', html)[1]
    done, sent = typed(dalia, link, keep="other")
    assert done.status_code == 302
    behind = Person.objects.get(merged_into__isnull=False)
    assert {behind.id, behind.merged_into_id} == {old, new}
    assert dalia.post(link, sent).url == done.url
    apart, _ = typed(dalia, reverse("people-unmerge", args=[behind.id]))
    assert apart.status_code == 302
    assert not Person.objects.filter(merged_into__isnull=False).exists()


# ------------------------------------------------------------------------------------- changes


def test_each_form_writes_once_however_often_it_is_sent(world, sign_in):
    person = started(world)
    forms = {
        "contact-new": {"kind": "phone", "value": "077", "allowed": "call"},
        "tie-new": {"name": "Gogo", "kind": "family"},
        "person-move": {"place": str(world.wards[1]), "on": timezone.localdate().isoformat()},
        "goal-new": {"words": "Sell again"},
        "consent-new": {"purpose": "research", "given": "no", "how": "spoken"},
        "person-change": {"alias": "Rudo N", "birth_year": "1970", "gender": "woman", "language": "en"},
        "person-assign": {"worker": str(world.accounts["baraka"].id)},
    }
    client = sign_in("dalia")
    for name, values in forms.items():
        url = reverse(name, args=[person])
        answer, sent = typed(client, url, **values)
        assert answer.status_code == 302, (name, answer.content.decode()[:2000])
        entries = Entry.objects.count()
        assert client.post(url, sent).status_code == 302, name
        assert Entry.objects.count() == entries, name
    row = Person.objects.get(id=person)
    assert (row.place_id, row.birth_year, row.worker_id) == (world.wards[1], 1970, world.accounts["baraka"].id)


def test_a_problem_is_shown_above_the_form_with_everything_in_it(world, sign_in):
    person = started(world)
    late = (timezone.localdate() + timedelta(days=40)).isoformat()
    answer, _ = typed(sign_in("amina"), reverse("person-move", args=[person]), place=str(world.wards[1]), on=late)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "in-the-future" in html
    assert late in html


def test_a_consent_is_taken_back(world, sign_in):
    person = started(world)
    consent = Consent.objects.get(purpose="statistics")
    answer, _ = typed(sign_in("amina"), reverse("consent-withdraw", args=[person, consent.id]))
    assert answer.status_code == 302
    assert Consent.objects.get(id=consent.id).withdrawn_at is not None


def test_ends_of_contacts_and_ties(world, sign_in):
    person = started(world)
    number = add_contact(by=world.actor("amina"), person_id=person, kind="phone", value="0770-900-077")
    contact = number.result["contact"]
    tie = add_tie(by=world.actor("amina"), person_id=person, kind="friend", name="Gogo").result["tie"]
    client = sign_in("amina")
    typed(client, reverse("contact-end", args=[person, contact]))
    typed(client, reverse("tie-end", args=[person, tie]))
    html = client.get(reverse("person-held", args=[person])).content.decode()
    assert "0770-900-077" not in html
    assert "Gogo" not in html


def test_a_link_is_shown_once_and_only_after_a_safe_way_was_chosen(world, sign_in):
    person = started(world)
    add_contact(by=world.actor("amina"), person_id=person, kind="phone", value="0771-900-333", allowed="call")
    add_contact(by=world.actor("amina"), person_id=person, kind="phone", value="0772-900-444", allowed="message")
    client = sign_in("dalia")
    url = reverse("link-new", args=[person])
    html = client.get(url).content.decode()
    assert "0771-900-333" not in html  # a call cannot carry a link
    assert "0772-900-444" in html
    refused, _ = typed(client, url)
    assert refused.status_code == 422
    assert not OwnLink.objects.exists()
    answer, sent = typed(client, url, way="here")
    shown = re.search(r"http://testserver(/mine/[\w-]+/)", answer.content.decode())[1]
    assert "<svg" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert sent["token"] in shown
    assert shown in client.post(url, sent).content.decode()
    assert OwnLink.objects.count() == 1
    assert sent["token"] not in OwnLink.objects.get().digest


# ------------------------------------------------------------------------------ opened in need


def test_a_record_is_opened_in_need_read_only_and_looked_at_afterwards(world, sign_in):
    person = started(world, by="chipo", team_id=world.teams[1], alias=NAME, worker_id=world.accounts["chipo"].id)
    code = Person.objects.get(id=person).code
    client = sign_in("amina")
    answer, _ = typed(client, reverse("people-need"), code=code, reason="short")
    assert answer.status_code == 422
    answer, _ = typed(client, reverse("people-need"), code=code, reason="She stands at our door and is very afraid.")
    assert answer.url == reverse("person", args=[person])
    html = client.get(answer.url).content.decode()
    assert "open in need" in html
    assert reverse("person-change", args=[person]) not in html
    assert client.get(reverse("person-change", args=[person])).status_code == 404
    esi = sign_in("esi")
    assert "record was opened in need" in esi.get(reverse("today")).content.decode()
    glass = Happened.objects.get(kind="opened_in_need").ref_id
    done, _ = typed(esi, reverse("opening", args=[glass]), needed="yes")
    assert done.status_code == 302
    assert Due.objects.get(kind="glass_review").state == "done"
    assert client.get(reverse("opening", args=[glass])).status_code == 403


def test_a_code_that_is_nobodys_and_one_out_of_reach_look_the_same(world, sign_in):
    client = sign_in("amina")
    for code in ("ZZ-2222", "no code"):
        answer, _ = typed(client, reverse("people-need"), code=code, reason="She stands at our door, afraid.")
        assert answer.status_code == 404
        assert "person-not-found" in answer.content.decode()


# ------------------------------------------------------------------------------------- today


def test_today_shows_dangers_first_and_what_to_do(world, sign_in, django_assert_max_num_queries):
    person = started(world, alias="Tendai")
    note_session(by=world.actor("amina"), person_id=person, held=True, next_at=timezone.now() + timedelta(minutes=1))
    open_risk(by=world.actor("amina"), person_id=person, kinds=["other"], urgency="now")
    client = sign_in("amina")
    client.get(reverse("today"))
    with django_assert_max_num_queries(TODAY_QUERIES):
        html = client.get(reverse("today")).content.decode()
    assert html.index('class="task now"') < html.index("meeting")
    assert "Tendai" in html


TODAY_QUERIES = 15


def test_a_supervisor_sees_what_should_not_wait(world, sign_in):
    person = started(world)
    contest_record(by=person_actor(person), person_id=person, text="That is not my village")
    html = sign_in("dalia").get(reverse("today")).content.decode()
    assert "1 person says something is wrong" in html
    contest = Contest.objects.get()
    answer, _ = typed(sign_in("dalia"), reverse("contest", args=[contest.id]), words="We have put it right.")
    assert answer.status_code == 302
    assert Contest.objects.get().state == "answered"
    assert "should not wait" not in sign_in("amina").get(reverse("today")).content.decode()


def person_actor(person):
    from kinweave.house.access import Actor

    return Actor(None, kind="person", person_id=person)


def test_moved_people_show_where_they_lived(world, sign_in):
    person = started(world)
    move_person(by=world.actor("amina"), person_id=person, place_id=world.wards[1], on=timezone.localdate())
    html = sign_in("amina").get(reverse("person-held", args=[person])).content.decode()
    assert "Ward 1" in html
    assert "Ward 2" in html
