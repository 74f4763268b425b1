"""The desk's pages about people: who may open what, what they show, what they write, what they cost."""

from __future__ import annotations

import re
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from kinweave.care.actions import move_on, note_session, open_risk, set_goal
from kinweave.core.ids import uuid7
from kinweave.house.actions import change_setting
from kinweave.house.models import Due, Entry, Happened, ReadLog
from kinweave.listen.actions import record_response, switch_instrument
from kinweave.people import listing
from kinweave.people.actions import add_contact, add_tie, contest_record, move_person
from kinweave.people.models import Consent, Contact, Contest, OwnLink, Person, Tie

pytestmark = pytest.mark.django_db
PHQ = {f"q{n}": 1 for n in range(1, 9)} | {"q9": 0}
NAME = "Tendaishe"  # the canary: it may stand in a page's text, nowhere else


@pytest.fixture
def sign_in(world):
    def as_(name: str) -> Client:
        client = Client()
        client.force_login(world.accounts[name], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return as_


def started(world, **more):
    person = world.person(**more)
    by = world.actor(more.get("by", "amina"))
    for move in ("consent", "tell", "wait", "start"):
        move_on(by=by, person_id=person, move=move, entry="own_words" if move == "tell" else "")
    return person


def typed(client: Client, url: str, **values):
    """Open a form and send it as a browser would: with its hidden fields, and `values` on top."""
    page = client.get(url)
    assert page.status_code == 200, page.status_code
    html = page.content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
    hidden.pop("csrfmiddlewaretoken", None)
    return client.post(url, {**hidden, **values}), {**hidden, **values}


# ------------------------------------------------------------------------------------- access


def person_pages(person):
    names = ("person", "person-happened", "person-held", "person-consents", "person-looked", "person-change",
             "contact-new", "tie-new", "person-move", "person-assign", "consent-new", "goal-new",
             "link-new")  # fmt: skip
    return {name: reverse(name, args=[person]) for name in names}


WORKER = {"person", "person-happened", "person-held", "person-consents", "person-change", "contact-new", "tie-new",
          "person-move", "consent-new", "goal-new"}  # fmt: skip
EVERY = WORKER | {"person-looked", "person-assign", "link-new"}
MAY = {
    "amina": WORKER, "baraka": set(), "chipo": set(), "dalia": EVERY, "esi": set(), "farai": EVERY, "gloria": set(),
    "hope": set(),
}  # fmt: skip


@pytest.mark.parametrize("who", MAY)
def test_each_page_about_a_person_opens_for_the_right_people(world, sign_in, who):
    person = started(world)
    client = sign_in(who)
    opened = {name for name, url in person_pages(person).items() if client.get(url).status_code == 200}
    assert opened == MAY[who]


@pytest.mark.parametrize("who", ["amina", "baraka", "dalia", "esi", "farai"])
def test_absent_and_forbidden_look_the_same(world, sign_in, who):
    other = started(world, by="chipo", team_id=world.teams[1], alias=NAME, worker_id=world.accounts["chipo"].id)
    client = sign_in(who)
    if who in {"esi", "farai"}:
        assert client.get(reverse("person", args=[other])).status_code == 200
        return
    forbidden = client.get(reverse("person", args=[other]))
    absent = client.get(reverse("person", args=[uuid7()]))
    assert forbidden.status_code == absent.status_code == 404
    strip = re.compile(r'value="[^"]{60,}"|X-CSRFToken": "[^"]*"|name="next" value="[^"]*"')
    assert strip.sub("", forbidden.content.decode()) == strip.sub("", absent.content.decode())


@pytest.mark.parametrize("name", ["today", "people", "people-find", "person-new"])
def test_signed_out_visitors_are_sent_to_sign_in(world, name):
    answer = Client().get(reverse(name))
    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/")


@pytest.mark.parametrize(("who", "may"), [("amina", True), ("dalia", True), ("gloria", False), ("hope", False)])
def test_the_list_is_for_those_who_accompany(world, sign_in, who, may):
    assert sign_in(who).get(reverse("people")).status_code == (200 if may else 403)
    assert sign_in(who).get(reverse("today")).status_code == 200


def test_no_name_in_a_title_an_address_or_the_log(world, sign_in, caplog):
    caplog.set_level("DEBUG")
    person = started(world, alias=NAME)
    client = sign_in("dalia")
    pages = [*person_pages(person).values(), reverse("people"), reverse("today"), reverse("people-same")]
    for url in pages:
        html = client.get(url).content.decode()
        assert NAME not in re.search(r"<title>(.*?)</title>", html, re.DOTALL)[1]
        assert not [link for link in re.findall(r'(?:href|action|src)="([^"]*)"', html) if NAME in link]
    found = client.post(reverse("people-find"), {"words": NAME})
    assert NAME in found.content.decode()
    assert NAME not in re.search(r"<title>(.*?)</title>", found.content.decode(), re.DOTALL)[1]
    assert NAME not in caplog.text


# ---------------------------------------------------------------------------------- the list


def test_the_list_is_paged_by_a_cursor_and_asks_the_same_for_many(world, sign_in):
    client = sign_in("amina")
    world.person(alias="P00", consent=False)
    client.get(reverse("people"))  # the session's first write
    few = queries(lambda: client.get(reverse("people")))
    for n in range(1, listing.PAGE + 3):
        started(world, alias=f"P{n:02}") if n % 4 == 0 else world.person(alias=f"P{n:02}", consent=False)
    with CaptureQueriesContext(connection) as asked:
        first = client.get(reverse("people"))
    log = [query["sql"].upper() for query in asked]
    names = set(re.findall(r'class="who" href="[^"]*"><bdi>(P\d\d)', first.content.decode()))
    assert len(names) == listing.PAGE
    after = re.search(r'href="(\?[^"]*after=[^"]*)"', first.content.decode())[1].replace("&amp;", "&")
    world.person(alias="Later", consent=False)  # someone new does not shift what comes next
    second = client.get(reverse("people") + after)
    rest = set(re.findall(r'class="who" href="[^"]*"><bdi>(P\d\d)', second.content.decode()))
    assert names | rest == {f"P{n:02}" for n in range(listing.PAGE + 3)}
    assert not names & rest
    assert len(log) == few == queries(lambda: client.get(reverse("people") + after))
    assert few <= LIST_QUERIES
    assert not [sql for sql in log if "COUNT(" in sql and "PEOPLE_" in sql]


LIST_QUERIES = 13


def queries(do) -> int:
    with CaptureQueriesContext(connection) as asked:
        do()
    return len(asked)


def test_the_list_puts_those_who_are_met_first_and_can_be_narrowed(world, sign_in):
    world.person(alias="Newcomer")
    started(world, alias="Regular")
    client = sign_in("dalia")
    html = client.get(reverse("people")).content.decode()
    assert html.index("Regular") < html.index("Newcomer")
    only = client.get(reverse("people"), {"state": "active"}).content.decode()
    assert "Regular" in only
    assert "Newcomer" not in only
    place = client.get(reverse("people"), {"place": world.wards[1]}).content.decode()
    assert "Regular" not in place
    odd = client.get(reverse("people"), {"state": "nonsense", "after": "%%%", "worker": "x"})
    assert odd.status_code == 200


def test_a_list_is_one_row_in_the_read_log(world, sign_in):
    for n in range(3):
        world.person(alias=f"P{n}")
    sign_in("amina").get(reverse("people"))
    row = ReadLog.objects.get(page="people")
    assert len(row.persons.split()) == 3


# --------------------------------------------------------------------------------- the search


@pytest.mark.parametrize("words", ["tendai", "Tendayi", "TENDAI M", "chipo"])
def test_a_search_finds_by_spelling_by_sound_and_by_own_name(world, sign_in, words):
    world.person(alias="Tendai Moyo", name="Chipo")
    html = sign_in("amina").post(reverse("people-find"), {"words": words}).content.decode()
    assert "Tendai Moyo" in html


def test_a_search_stays_within_reach(world, sign_in):
    world.person(alias="Tendai")
    html = sign_in("chipo").post(reverse("people-find"), {"words": "Tendai"}).content.decode()
    assert "Nobody like that" in html


def test_with_too_many_people_a_place_is_chosen_first_but_the_code_always_works(world, sign_in, monkeypatch):
    people = [world.person(alias=f"Tendai {n}") for n in range(4)]
    monkeypatch.setattr("kinweave.people.listing.chosen.value", lambda key, scope="": 3)
    client = sign_in("amina")
    assert "Too many people" in client.post(reverse("people-find"), {"words": "Tendai"}).content.decode()
    code = Person.objects.get(id=people[0]).code
    assert "Tendai 0" in client.post(reverse("people-find"), {"words": code.lower().replace("-", " ")}).content.decode()


def test_an_empty_search_says_what_is_missing(world, sign_in):
    answer = sign_in("amina").post(reverse("people-find"), {"words": ""})
    assert answer.status_code == 422


# ---------------------------------------------------------------------------------- the person


def test_the_page_of_a_person_shows_how_things_are(world, sign_in, django_assert_max_num_queries):
    switch_instrument(by=world.actor("farai"), slug="phq-9", on=True)
    person = started(world)
    for days, level in ((60, 3), (30, 2), (0, 1)):
        answers = {f"q{n}": level for n in range(1, 9)} | {"q9": 0}
        taken = timezone.localdate() - timedelta(days=days)
        record_response(by=world.actor("amina"), person_id=person, instrument="phq-9", answers=answers, taken_on=taken)
    note_session(
        by=world.actor("amina"), person_id=person, held=True, mood="easier", homework="done",
        next_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip
    set_goal(by=world.actor("amina"), person_id=person, text="Sell at the market again")
    client = sign_in("amina")
    client.get(reverse("person", args=[person]))
    with django_assert_max_num_queries(PERSON_QUERIES):
        html = client.get(reverse("person", args=[person])).content.decode()
    assert "How you have been (9 questions)" in html
    assert "PHQ" not in html
    assert "a little easier" in html
    assert "Sell at the market again" in html
    assert "with Amina" in html


PERSON_QUERIES = 27


def test_what_happened_is_paged_and_hides_risks_from_whoever_may_not_see_them(world, sign_in):
    person = started(world)
    open_risk(by=world.actor("amina"), person_id=person, kinds=["other"], urgency="now")
    for _n in range(25):
        note_session(by=world.actor("amina"), person_id=person, held=True, note="She slept well")
    client = sign_in("amina")
    url = reverse("person-happened", args=[person])
    first = client.get(url).content.decode()
    assert first.count('class="moment') == 20
    assert "She slept well" in first
    older = re.search(r'href="(\?before=[^"]*)"', first)[1]
    second = client.get(url + older).content.decode()
    assert "Came to us" in second
    assert "A safety card was opened" in second


def test_who_looked_names_readers_with_their_role(world, sign_in):
    person = started(world)
    sign_in("amina").get(reverse("person", args=[person]))
    html = sign_in("dalia").get(reverse("person-looked", args=[person])).content.decode()
    assert "Amina, worker" in html


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
    contact = add_contact(by=world.actor("amina"), person_id=person, kind="phone", value="077").result["contact"]
    tie = add_tie(by=world.actor("amina"), person_id=person, kind="friend", name="Gogo").result["tie"]
    client = sign_in("amina")
    typed(client, reverse("contact-end", args=[person, contact]))
    typed(client, reverse("tie-end", args=[person, tie]))
    html = client.get(reverse("person-held", args=[person])).content.decode()
    assert "077" not in html
    assert "Gogo" not in html


def test_a_link_is_shown_once_and_only_after_a_safe_way_was_chosen(world, sign_in):
    person = started(world)
    add_contact(by=world.actor("amina"), person_id=person, kind="phone", value="0771", allowed="call")
    add_contact(by=world.actor("amina"), person_id=person, kind="phone", value="0772", allowed="message")
    client = sign_in("dalia")
    url = reverse("link-new", args=[person])
    html = client.get(url).content.decode()
    assert "0771" not in html  # a call cannot carry a link
    assert "0772" in html
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
