"""OpenRosa from end to end over the test client: list, form, entity list, send, retry, edit, hold, alert."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from kinweave.care.models import Risk
from kinweave.flows import openrosa
from kinweave.flows.openrosa import entry_of, raw_form
from kinweave.flows.openrosa_read import coded, is_ours, signed_version
from kinweave.house import replay
from kinweave.house.access import SYSTEM
from kinweave.house.journal import parts_of
from kinweave.house.models import Entry, Held, ReadLog, Token
from kinweave.house.quarantine import release_held
from kinweave.listen.actions import switch_instrument
from kinweave.listen.models import FormFile, Response, Score
from kinweave.people.models import Person
from tests.care_world import asking
from tests.exchange.phones import Phone, filled, md5_of, multipart, new_instance, set_up, told

pytestmark = pytest.mark.django_db
KEY = "how-you-have-been-9"


@pytest.fixture
def phone(world):
    asking(world)
    return Phone(set_up(world))


@pytest.fixture
def version(phone):
    return phone.forms()[KEY]["version"]


def phq(value=0, last=0):
    return {**{f"q{n}": value for n in range(1, 9)}, "q9": last}


def photo(content=b"a picture", name="photo.jpg"):
    return (name, name, "image/jpeg", content)


class TestList:
    def test_what_is_asked_here_is_offered_and_hashes_are_those_of_the_bytes(self, world, phone):
        assert set(phone.forms()) == {KEY, "how-you-have-been-7", "what-you-drink"} or len(phone.forms()) == 3
        for form_id in phone.forms():
            assert b"<h:html" in phone.form(form_id)

    def test_the_list_can_be_narrowed_to_one(self, phone):
        answer = phone.get(f"{phone.base}/formList?formID={KEY}")
        assert answer.content.count(b"<xform>") == 1

    def test_names_are_in_the_accounts_own_language_and_say_nothing_clinical(self, world, phone):
        world.accounts["amina"].language = "ar"
        world.accounts["amina"].save()
        name = phone.forms()[KEY]["name"]
        assert any("\u0600" <= sign <= "\u06ff" for sign in name)
        assert "PHQ" not in name

    def test_an_entity_list_holds_ones_own_people_by_alias_and_code_and_is_written_down(self, world, phone):
        mine = world.person(alias="Rudo", name="Full Name")
        world.person(by="baraka", alias="Another's")
        file = phone.files(KEY)["people.csv"]
        content = phone.get(file["downloadUrl"])
        (row,) = csv.DictReader(io.StringIO(content.content.decode()))
        assert row["name"] == str(mine)
        assert row["label"] == f"Rudo ({Person.objects.get(id=mine).code})"
        assert int(row["__version"]) >= 1
        assert ReadLog.objects.get(page="openrosa").person_id == mine
        assert file["hash"] == md5_of(content.content)

    def test_who_is_no_longer_ones_own_leaves_the_phone(self, world, phone):
        mine, other = world.person(), world.person(by="baraka")
        url = phone.files(KEY)["people.csv"]["integrityUrl"]
        answer = phone.get(f"{url}?id={mine},{other}").content.decode()
        assert f'<entity id="{mine}"><deleted>false</deleted></entity>' in answer
        assert f'<entity id="{other}"><deleted>true</deleted></entity>' in answer


class TestSend:
    def test_head_says_how_much_may_come(self, phone):
        answer = phone.client.head(f"{phone.base}/submission")
        assert answer.status_code == 204
        assert answer["X-OpenRosa-Version"] == "1.0"
        assert int(answer["X-OpenRosa-Accept-Content-Length"]) == 10_000_000

    def test_a_form_is_scored_and_its_raw_text_is_kept_sealed(self, world, phone, version):
        person, instance = world.person(), new_instance()
        xml = filled(KEY, version, person, phq(1), instance=instance, asked_in="ar", taken_on="2025-01-02")
        sent = phone.send(xml)
        assert sent.status_code == 201, told(sent)
        row = Response.objects.get()
        assert (row.person_id, row.mode, row.language, str(row.taken_on)) == (person, "phone", "ar", "2025-01-02")
        assert row.by_id == world.accounts["amina"].id
        assert Score.objects.get(scale="total").scaled == 8
        entry = Entry.objects.get(id=entry_of(instance))
        assert raw_form(entry.id) == xml
        assert "asked_in" not in entry.parts

    def test_sent_again_it_is_taken_once(self, world, phone, version):
        xml = filled(KEY, version, world.person(), phq(1))
        before = Entry.objects.count()
        answers = [phone.send(xml) for _ in range(3)]
        assert [a.status_code for a in answers] == [201, 201, 201]
        assert "before" in told(answers[1])
        assert (Entry.objects.count() - before, Response.objects.count()) == (1, 1)

    def test_changed_under_the_same_id_it_is_refused_and_the_first_stays(self, world, phone, version):
        person, instance = world.person(), new_instance()
        phone.send(filled(KEY, version, person, phq(1), instance=instance))
        before = Entry.objects.count()
        again = phone.send(filled(KEY, version, person, phq(2), instance=instance))
        assert again.status_code == 409
        assert Entry.objects.count() == before
        assert Score.objects.get().scaled == 8

    def test_an_edit_replaces_and_the_first_is_kept(self, world, phone, version):
        person, first, second = world.person(), new_instance(), new_instance()
        phone.send(filled(KEY, version, person, phq(1), instance=first))
        sent = phone.send(filled(KEY, version, person, phq(2), instance=second, replaces=first))
        assert sent.status_code == 201
        old, new = Response.objects.order_by("received_at")
        assert old.superseded_by == new.id
        assert Score.objects.get(current=True).scaled == 16

    def test_an_edit_whose_first_form_never_came_stands_for_itself(self, world, phone, version):
        sent = phone.send(filled(KEY, version, world.person(), phq(1), replaces=new_instance()))
        assert sent.status_code == 201
        assert Response.objects.count() == 1

    def test_an_edit_of_a_held_form_takes_its_place(self, world, phone, version):
        first = new_instance()
        phone.send(filled(KEY, version, "", phq(1), instance=first))
        phone.send(filled(KEY, version, world.person(), phq(1), replaces=first))
        assert Response.objects.count() == 1
        assert Held.objects.get().state == "set_aside"

    def test_i_would_rather_not_say_and_unanswered_are_kept_apart(self, world, phone, version):
        phone.send(filled(KEY, version, world.person(), {"q1": 1, "q2": "declined", "q3": ""}))
        score = Score.objects.get()
        assert (score.missing, score.declined, score.scaled) == (8, 1, None)

    def test_a_code_that_was_typed_finds_the_person(self, world, phone, version):
        person = world.person()
        code = Person.objects.get(id=person).code
        sent = phone.send(filled(KEY, version, "", phq(), person_code=code.lower()))
        assert sent.status_code == 201
        assert Response.objects.get().person_id == person

    def test_chunked_bodies_are_read(self, world, phone, version):
        body = multipart([("xml_submission_file", "f.xml", "text/xml", filled(KEY, version, world.person()).encode())])
        sent = phone.post(body, headers={"Transfer-Encoding": "chunked"}, **{"wsgi.input": io.BytesIO(body)})
        assert sent.status_code == 201

    def test_an_old_version_of_ours_is_taken_and_one_never_offered_is_not(self, world, phone):
        old = signed_version("0.9", "phq-9", b"as it was years ago")
        assert is_ours("phq-9", old)
        assert not is_ours("gad-7", old)
        assert phone.send(filled(KEY, old, world.person(), phq())).status_code == 201
        for never in ("0.9", "1.0.abc.def", "", old[:-1] + "x"):
            assert phone.send(filled(KEY, never, world.person(), phq())).status_code == 404
        assert Response.objects.count() == 1

    def test_the_journal_gives_the_same_rows_again(self, world, phone, version):
        person, first = world.person(), new_instance()
        phone.send(filled(KEY, version, person, phq(1), instance=first), [photo()])
        phone.send(filled(KEY, version, "", phq(1, last=2)))
        phone.send(filled(KEY, version, person, phq(2), replaces=first))
        assert parts_of(list(Entry.objects.all()))
        report = replay.check()
        assert report.ok, report.differences


class TestHeld:
    def test_an_unknown_person_is_held_and_can_be_put_right(self, world, phone, version):
        sent = phone.send(filled(KEY, version, "", phq(1)))
        assert sent.status_code == 201
        assert "kept" in told(sent)
        held = Held.objects.get()
        assert (held.code, held.sent_by) == ("person-not-found", world.accounts["amina"].id)
        person = world.person()
        release_held(by=world.actor("dalia"), held_id=held.id, mended={"person_id": str(person)})
        assert Response.objects.get().person_id == person

    def test_anothers_person_looks_like_nobodys(self, world, phone, version):
        theirs = world.person(by="chipo", team_id=world.teams[1], place_id=world.wards[1])
        answers = [phone.send(filled(KEY, version, who, phq(1))) for who in (theirs, new_instance()[5:])]
        assert told(answers[0]) == told(answers[1])
        assert Response.objects.count() == 0

    def test_without_consent_it_is_held(self, world, phone, version):
        sent = phone.send(filled(KEY, version, world.person(consent=False), phq()))
        assert sent.status_code == 201
        assert "agreed" in told(sent)
        assert Held.objects.get().code == "no-consent"

    def test_what_is_no_longer_asked_is_held(self, world, phone, version):
        switch_instrument(by=SYSTEM, slug="phq-9", on=False)
        assert KEY not in phone.forms()
        assert phone.send(filled(KEY, version, world.person(), phq())).status_code == 201
        assert Held.objects.get().code == "instrument-off"

    def test_an_answer_that_cannot_be_is_held_whole(self, world, phone, version):
        assert phone.send(filled(KEY, version, world.person(), phq(7))).status_code == 201
        assert Held.objects.get().code == "answers-out-of-range"

    @pytest.mark.parametrize("who", ["known", "unknown", "no consent"])
    def test_a_safety_answer_reaches_somebody_at_once_whatever_is_wrong(self, world, phone, version, who):
        person = "" if who == "unknown" else world.person(consent=who == "known")
        sent = phone.send(filled(KEY, version, person, phq(last=2)))
        assert sent.status_code == 201
        assert "told" in told(sent)
        risk = Risk.objects.get()
        assert risk.person_id == (person or None)
        phone.send(filled(KEY, version, person, phq(last=2)))

    @pytest.mark.parametrize("twice", ["<q9>0</q9><q9>3</q9>", "<q9/><q9>3</q9>", "<q9>0</q9><more><q9>3</q9></more>"])
    def test_a_safety_answer_that_stands_twice_is_seen(self, world, phone, version, twice):
        """No form of ours asks twice; what is sent may be anything."""
        xml = filled(KEY, version, world.person(), phq(last="HERE")).replace("<q9>HERE</q9>", twice)
        assert "told" in told(phone.send(xml))
        assert Risk.objects.count() == 1
        assert Response.objects.count() + Held.objects.filter(code="answers-out-of-range").count() == 1
        assert replay.check().ok

    def test_of_an_account_whose_role_ended_it_is_held_and_still_alerts(self, world, phone, version):
        from kinweave.house.actions import end_grant
        from kinweave.house.models import Grant

        xml = filled(KEY, version, world.person(), phq(last=3))
        end_grant(by=SYSTEM, grant_id=Grant.objects.get(account_id=world.accounts["amina"].id).id)
        sent = phone.send(xml)
        assert sent.status_code == 201, told(sent)
        assert Held.objects.count() == 1
        assert Risk.objects.count() == 1
        assert phone.send(xml).status_code == 201
        assert Risk.objects.count() == 1

    def test_a_fault_of_our_own_loses_nothing(self, world, phone, version, monkeypatch):
        def broken(**_):
            raise RuntimeError("Rudo")

        monkeypatch.setattr(openrosa, "receive_response", broken)
        instance = new_instance()
        xml = filled(KEY, version, world.person(), phq(), instance=instance)
        assert phone.send(xml).status_code == 201
        assert Held.objects.get().code == "form-unforeseen"
        assert raw_form(entry_of(instance)) == xml

    def test_an_erased_persons_form_is_not_taken_in_again(
        self, world, phone, version, django_capture_on_commit_callbacks
    ):
        from kinweave.flows.erase import erase_person

        person, instance = world.person(), new_instance()
        xml = filled(KEY, version, person, phq(1), instance=instance)
        phone.send(xml, [photo()])
        with django_capture_on_commit_callbacks(execute=True):
            erase_person(by=world.actor("farai"), person_id=person)
        before = Entry.objects.count()
        assert phone.send(xml).status_code == 410
        assert Entry.objects.count() == before
        assert raw_form(entry_of(instance)) is None
        assert bytes(FormFile.objects.get().content or b"") == b""


class TestFiles:
    def test_files_come_with_the_form_or_after_it_in_several_posts(self, world, phone, version):
        xml = filled(KEY, version, world.person(), phq())
        more = {"*isIncomplete*": "yes"}
        assert phone.send(xml, [photo(b"one", "1.jpg"), photo(b"two", "2.jpg")], **more).status_code == 201
        assert phone.send(xml, [photo(b"three", "3.jpg")]).status_code == 201
        assert phone.send(xml, [photo(b"three", "3.jpg"), photo(b"two", "2.jpg")]).status_code == 201
        assert Response.objects.count() == 1
        assert FormFile.objects.count() == 3
        assert all(b"three" not in bytes(row.content) for row in FormFile.objects.all())
        from kinweave.listen.reads_forms import opened_files

        entry = Entry.objects.filter(action="flows.take_form").get()
        assert dict(opened_files(entry.id)) == {"1.jpg": b"one", "2.jpg": b"two", "3.jpg": b"three"}

    def test_another_file_of_the_same_name_is_refused(self, world, phone, version):
        xml = filled(KEY, version, world.person(), phq())
        phone.send(xml, [photo(b"one")])
        assert phone.send(xml, [photo(b"another")]).status_code == 409
        assert FormFile.objects.count() == 1

    def test_a_later_post_opens_nothing_that_came_before(self, world, phone, version, monkeypatch):
        """Two hundred files of ten megabytes would be two gigabytes of memory."""
        from kinweave.flows import openrosa

        xml = filled(KEY, version, world.person(), phq())
        phone.send(xml, [photo(b"one", "1.jpg"), photo(b"two", "2.jpg")])
        opened, whole = [], openrosa.file_content
        monkeypatch.setattr(openrosa, "file_content", lambda one: opened.append(one) or whole(one))
        assert phone.send(xml, [photo(b"three", "3.jpg")]).status_code == 201
        assert opened == []
        assert phone.send(xml, [photo(b"another", "1.jpg")]).status_code == 409
        assert len(opened) == 1

    def test_files_of_a_form_that_waits_wait_with_it(self, phone, version):
        xml = filled(KEY, version, "", phq())
        assert phone.send(xml, [photo()]).status_code == 201
        assert phone.send(xml, [photo(b"more", "2.jpg")]).status_code == 201
        assert FormFile.objects.count() == 2


def test_a_choice_becomes_a_coded_answer():
    assert [coded(text) for text in ("2", " 0 ", "-1", "", "declined", "two", "2.0")] == [
        2, 0, -1, None, "declined", "two", "2.0",
    ]  # fmt: skip


class TestDoors:
    def test_only_ones_own_living_token_opens(self, world, phone, version):
        from kinweave.house.tokens import make_token

        api = make_token(by=world.actor("amina"), name="a program")[1]
        xml = filled(KEY, version, world.person(), phq())
        before = Entry.objects.count()
        for token in ("0" * 64, "x", api, api[:64], "é" * 64):
            stranger = Phone(token)
            for path in ("formList", "people", f"forms/{KEY}/form.xml", f"forms/{KEY}/manifest"):
                assert stranger.get(f"{stranger.base}/{path}").status_code == 403
            refused = stranger.send(xml)
            assert refused.status_code == 403
            assert "set up" in told(refused)
        assert Entry.objects.count() == before

    def test_an_app_users_token_is_no_token_of_the_api(self, phone):
        token = phone.base.rpartition("/")[2]
        assert phone.client.get("/api/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401

    def test_an_outlived_token_and_one_whose_owner_left_are_over(self, world, phone):
        Token.objects.filter(kind="app-user").update(until=timezone.now() - timedelta(seconds=1))
        assert phone.get(f"{phone.base}/formList").status_code == 403
        Token.objects.filter(kind="app-user").update(until=timezone.now() + timedelta(days=1))
        assert phone.get(f"{phone.base}/formList").status_code == 200
        from kinweave.house.accounts import leave

        leave(by=world.actor("hope"), account_id=world.accounts["amina"].id)
        assert phone.get(f"{phone.base}/formList").status_code == 403

    def test_a_coordinator_sets_up_phones_of_ones_own_organisation_only(self, world):
        from kinweave.core.problems import Problem
        from kinweave.house.app_users import make_app_user

        for by, whose in (("amina", "amina"), ("dalia", "amina"), ("hope", "amina"), ("farai", "hope")):
            with pytest.raises(Problem):
                set_up(world, whose, by)
        row, text = make_app_user(by=world.actor("farai"), account_id=world.accounts["amina"].id)
        assert text not in json.dumps([row.digest, row.name])
        assert row.made_by == world.accounts["farai"].id


def test_who_decides_sees_what_was_typed_for_the_person(world, phone, version):
    from django.urls import reverse

    from tests.care_world import signed_in

    phone.send(filled(KEY, version, "", phq(1), person_code="the tall one by the mill"))
    held = Held.objects.get()
    page = signed_in(world, "dalia").get(reverse("held-one", args=[held.id])).content.decode()
    assert "the tall one by the mill" in page


@pytest.mark.parametrize("name", ["gloria", "imani"])
def test_no_code_is_made_for_somebody_who_asks_nobody(world, name):
    """Their forms could only be turned away, and a safety answer with them."""
    from kinweave.house.app_users import AsksNobody, make_app_user

    with pytest.raises(AsksNobody):
        make_app_user(by=world.actor("farai"), account_id=world.accounts[name].id)
