"""Forms of one's own: uploaded, judged, kept as versions, filled in, scored where led to a score, taken along."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile

import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from kinweave.core.problems import Problem
from kinweave.core.xforms.check import FormFaults, check_form
from kinweave.core.xforms.judge import java, judge
from kinweave.core.xforms.workbook import NotAForm, read_workbook
from kinweave.flows import forms as flow
from kinweave.flows.forms_answers import Table
from kinweave.house.models import Held, ReadLog
from kinweave.house.quarantine import release_held
from kinweave.listen.actions_forms import VersionTaken
from kinweave.listen.models import Form, FormAnswer, FormMedia, Score
from kinweave.people.models import Person
from tests.care_world import asking, signed_in
from tests.exchange.forms_files import two_questions, visit, workbook
from tests.exchange.phones import Phone, new_instance, set_up, told

LIST_PEOPLE = [["type", "name", "label"], ["select_one_from_file people.csv", "person", "Who?"]]
SETTINGS = [["form_id", "version"], ["x", "1"]]


def faults(raw: bytes) -> str:
    with pytest.raises(FormFaults) as found:
        check_form(raw)
    return " ".join(found.value.faults)


def sent_visit(person, version="1", words="well", instance=""):
    return (
        f'<data id="visit" version="{version}" xmlns:orx="http://openrosa.org/xforms"><person>{person}</person>'
        f"<taken_on>2025-03-04</taken_on><ok>yes</ok><n>3</n><words>{words}</words><child><age>4</age></child>"
        f"<child><age>6</age></child><next>4</next><meta><orx:instanceID>{instance or new_instance()}</orx:instanceID>"
        "</meta></data>"
    )


@pytest.mark.sqlite_only
class TestJudges:
    """ODK Validate runs here only where a test is about it: it takes two seconds each time."""

    @pytest.fixture(autouse=True)
    def without_java(self, request, monkeypatch):
        if "odk" not in request.node.name and "judge" not in request.node.name:
            monkeypatch.setattr("kinweave.core.xforms.judge.java", lambda: None)

    def test_a_whole_form_passes_with_its_dictionary_and_languages(self):
        checked = check_form(visit())
        assert (checked.form_id, checked.version, checked.title) == ("visit", "1", "A visit")
        assert checked.languages == ("English (en)", "Arabic (ar)")
        assert [(c["path"], c["repeats"]) for c in checked.columns] == [
            ("person", False), ("taken_on", False), ("ok", False), ("n", False), ("words", False),
            ("child/age", True), ("next", False),
        ]  # fmt: skip
        assert checked.columns[2]["choices"] == {"yes": "Yes", "no": "No"}

    def test_a_calculation_over_a_missing_field_is_found_though_the_other_judges_pass_it(self):
        raw = visit(calculation="/data/nothere + 1")
        assert "/data/nothere" in faults(raw)

    @pytest.mark.parametrize(
        ("calculation", "names"),
        [
            ("../gone + 1", "../gone"),
            ("count(instance('lost')/root/item)", "instance(lost)"),
            ("concat('/data/text', 'is no path')", ""),
            ("/data/n + sum(/data/child/age)", ""),
            ("count(instance('people')/root/item[name = /data/person])", ""),
        ],
    )
    def test_what_an_expression_names_is_looked_up(self, calculation, names):
        if names:
            assert names in faults(visit(calculation=calculation))
        else:
            assert check_form(visit(calculation=calculation)).form_id == "visit"

    def test_an_unknown_variable_is_found_by_pyxform(self):
        assert "zz" in faults(visit(calculation="${zz} + 1"))

    @pytest.mark.skipif(java() is None, reason="no Java on this machine: ODK Validate cannot run")
    def test_an_unknown_function_is_found_by_odk_validate(self):
        assert "frobnicate" in faults(visit(calculation="frobnicate(${n})"))

    def test_where_java_is_missing_it_says_so(self, monkeypatch):
        monkeypatch.setattr("kinweave.core.xforms.judge.java", lambda: None)
        assert judge("<x/>") == type(judge("<x/>"))(False, "no-java")
        assert check_form(visit()).judged.why == "no-java"

    @pytest.mark.skipif(java() is None, reason="no Java on this machine: ODK Validate cannot run")
    def test_a_judge_that_takes_too_long_is_stopped(self):
        assert judge("<x/>", seconds=0.01).why == "too-slow"

    def test_names_that_lead_elsewhere_are_refused(self):
        keyed = workbook(survey=LIST_PEOPLE, settings=[["form_id", "version", "public_key"], ["x", "1", "abc"]])
        assert "public_key" in faults(keyed)
        assert "form_id" in faults(workbook(survey=LIST_PEOPLE, settings=[["form_id", "version"], ["a b", "1"]]))


@pytest.mark.sqlite_only
class TestBombs:
    def test_a_workbook_that_unpacks_without_end_is_refused_unread(self):
        raw = workbook(survey=LIST_PEOPLE, settings=SETTINGS)
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for part in old.infolist():
                new.writestr(part, old.read(part))
            new.writestr("xl/worksheets/sheet9.xml", b"<a>" + b" " * 60_000_000 + b"</a>")
        assert len(out.getvalue()) < 200_000
        with pytest.raises(Problem, match="unpack"):
            read_workbook(out.getvalue())

    def test_entities_in_a_workbook_are_refused(self):
        raw = workbook(survey=LIST_PEOPLE, settings=SETTINGS)
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
            for part in old.infolist():
                content = old.read(part)
                if part.filename == "xl/sharedStrings.xml" or part.filename.endswith("sheet1.xml"):
                    content = b'<!DOCTYPE a [<!ENTITY b "c">]>' + content[content.find(b"<", 5) :]
                new.writestr(part, content)
        with pytest.raises(Problem, match="entity"):
            read_workbook(out.getvalue())

    def test_too_many_rows_or_too_long_cells_are_refused(self):
        rows = [["type", "name", "label"], *([["note", f"n{i}", "x"] for i in range(5_001)])]
        with pytest.raises(NotAForm):
            read_workbook(workbook(survey=rows, settings=SETTINGS))
        with pytest.raises(NotAForm):
            read_workbook(workbook(survey=[["type", "name", "label"], ["note", "n", "x" * 25_000]], settings=SETTINGS))

    @pytest.mark.parametrize("raw", [b"", b"PK", b"not a workbook", b"\xff" * 1000])
    def test_any_bytes_give_a_plain_problem(self, raw):
        with pytest.raises(Problem):
            check_form(raw)


@pytest.fixture
def no_java(monkeypatch):
    """Without the two seconds that ODK Validate takes."""
    monkeypatch.setattr("kinweave.core.xforms.judge.java", lambda: None)


@pytest.fixture
def own(world, no_java):
    """A form stored by the coordinator, and a phone of Amina's."""
    asking(world)
    stored = flow.upload_form(by=world.actor("farai"), organisation_id=world.organisation, raw=visit(), media={})
    return Form.objects.get(id=stored.form_id), Phone(set_up(world))


@pytest.mark.django_db
@pytest.mark.usefixtures("no_java")
class TestKept:
    def test_it_is_offered_filled_in_and_taken_along(self, world, own):
        _form, phone = own
        person = world.person(alias="Rudo")
        assert b"people.csv" in phone.form("visit")
        assert phone.files("visit")["people.csv"]["type"] == "entityList"
        assert phone.send(sent_visit(person)).status_code == 201
        answer = FormAnswer.objects.get()
        assert (answer.person_id, str(answer.taken_on)) == (person, "2025-03-04")
        assert b"well" not in bytes(answer.answers)
        table = Table(world.actor("farai"), "visit")
        row = dict(zip(table.columns, next(iter(table.rows())), strict=True))
        assert row["kw_person_code"] == Person.objects.get(id=person).code
        assert (row["n"], row["words"], json.loads(row["child"])) == ("3", "well", [{"age": "4"}, {"age": "6"}])
        assert ReadLog.objects.get(page="form_answers").person_id == person

    def test_an_old_version_is_taken_and_an_unknown_one_is_not(self, world, own):
        _form, phone = own
        person = world.person()
        flow.upload_form(by=world.actor("farai"), organisation_id=world.organisation, raw=visit(version="2"), media={})
        assert phone.forms()["visit"]["version"] == "2"
        assert phone.send(sent_visit(person, "1")).status_code == 201
        assert phone.send(sent_visit(person, "3")).status_code == 404
        assert FormAnswer.objects.count() == 1

    def test_the_same_version_twice_is_refused(self, world, own):
        with pytest.raises(VersionTaken):
            flow.upload_form(by=world.actor("farai"), organisation_id=world.organisation, raw=visit(), media={})

    def test_a_questionnaires_name_is_not_for_taking(self, world):
        raw = visit(form_id="how-you-have-been-9")
        with pytest.raises(Problem, match="already used"):
            flow.upload_form(by=world.actor("farai"), organisation_id=world.organisation, raw=raw, media={})

    def test_an_unknown_person_is_held_with_everything(self, world, own):
        _form, phone = own
        answer = phone.send(sent_visit("", words="by the mill"))
        assert answer.status_code == 201
        assert "kept" in told(answer)
        assert FormAnswer.objects.count() == 0
        held = Held.objects.get()
        assert (held.action, held.code) == ("listen.record_form", "person-not-found")
        person = world.person()
        release_held(by=world.actor("dalia"), held_id=held.id, mended={"person_id": str(person)})
        assert FormAnswer.objects.get().person_id == person

    def test_one_about_nobody_stands_alone(self, world):
        farai = world.actor("farai")
        flow.upload_form(by=farai, organisation_id=world.organisation, raw=visit(), media={}, about="nobody")
        phone = Phone(set_up(world))
        assert phone.send(sent_visit("")).status_code == 201
        assert FormAnswer.objects.get().person_id is None
        assert len(list(Table(farai, "visit").rows())) == 1

    def test_its_answers_are_scored_where_they_lead_to_a_score(self, world):
        asking(world)
        from kinweave.house.access import SYSTEM
        from kinweave.listen.actions import switch_instrument

        switch_instrument(by=SYSTEM, slug="phq-2", on=True)
        farai = world.actor("farai")
        stored = flow.upload_form(
            by=farai, organisation_id=world.organisation, raw=two_questions(), media={}, person_field="who"
        )
        with pytest.raises(FormFaults):
            flow.map_form(by=farai, form_id=stored.form_id, instrument="phq-2", items={"q1": "interest"})
        flow.map_form(by=farai, form_id=stored.form_id, instrument="phq-2", items={"q1": "interest", "q2": "mood"})
        person = world.person()
        code = Person.objects.get(id=person).code
        phone = Phone(set_up(world))
        sent = phone.send(
            f'<data id="two" version="1"><who>{code}</who><interest>2</interest><mood>3</mood>'
            f"<meta><instanceID>{new_instance()}</instanceID></meta></data>"
        )
        assert sent.status_code == 201, told(sent)
        assert Score.objects.get(scale="total").scaled == 5
        assert FormAnswer.objects.get().response_id is not None
        newer = flow.upload_form(
            by=farai, organisation_id=world.organisation, raw=two_questions("2"), media={}, person_field="who"
        )
        assert Form.objects.get(id=newer.form_id).items == {"q1": "interest", "q2": "mood"}

    def test_media_come_with_the_form_or_it_is_not_stored(self, world):
        raw = workbook(
            survey=[["type", "name", "label", "media::image"], ["note", "n", "Look", "house.png"]], settings=SETTINGS
        )
        asked = {"by": world.actor("farai"), "organisation_id": world.organisation, "raw": raw}
        with pytest.raises(flow.MediaMissing):
            flow.upload_form(**asked, media={})
        with pytest.raises(flow.MediaUnfit):
            flow.upload_form(**asked, media={"house.png": b"x" * 2_000_001})
        with pytest.raises(flow.MediaUnfit):
            flow.upload_form(**asked, media={"house.exe": b"x"})
        assert Form.objects.count() == 0
        flow.upload_form(**asked, media={"house.png": b"a picture", "other.png": b"not in it"})
        assert [m.name for m in FormMedia.objects.all()] == ["house.png"]
        phone = Phone(set_up(world))
        file = phone.files("x")["house.png"]
        assert phone.get(file["downloadUrl"]).content == b"a picture"

    def test_the_table_is_whole_in_csv_and_parquet_and_runs_nothing(self, world, own):
        _form, phone = own
        person = world.person()
        phone.send(sent_visit(person, words="=1+1"))
        client = signed_in(world, "farai")
        form = Form.objects.get()
        text = client.get(reverse("form-answers", args=[form.id, "csv"])).content.decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(text))
        assert row["words"] == "'=1+1"
        raw = client.get(reverse("form-answers", args=[form.id, "parquet"])).content
        (same,) = pq.read_table(io.BytesIO(raw)).to_pylist()
        assert same["words"] == "=1+1"
        assert set(same) == set(row)
        meant = client.get(reverse("form-answers", args=[form.id, "columns"])).content.decode()
        assert "yes = Yes" in meant

    def test_an_erased_person_leaves_the_table(self, world, own):
        from kinweave.flows.erase import erase_person

        _form, phone = own
        person = world.person()
        phone.send(sent_visit(person))
        erase_person(by=world.actor("farai"), person_id=person)
        assert list(Table(world.actor("farai"), "visit").rows()) == []
        assert FormAnswer.objects.get().answers is None


@pytest.mark.django_db
@pytest.mark.usefixtures("no_java")
class TestPages:
    def upload(self, client, raw, **more):
        page = client.get(reverse("form-new")).content.decode()
        entry = re.search(r'name="entry" value="([^"]+)"', page)[1]
        home = re.search(r'name="organisation_id" value="([^"]+)"', page)[1]
        file = SimpleUploadedFile("f.xlsx", raw)
        return client.post(
            reverse("form-new"), {"entry": entry, "organisation_id": home, "file": file, "about": "person", **more}
        )

    def test_a_coordinator_uploads_leads_to_a_score_and_takes_it_off_the_phones(self, world):
        client = signed_in(world, "farai")
        bad = self.upload(client, visit(calculation="/data/nothere"))
        assert bad.status_code == 422
        assert "/data/nothere" in bad.content.decode()
        assert Form.objects.count() == 0
        assert self.upload(client, two_questions(), person_field="who").status_code == 302
        form = Form.objects.get()
        page = reverse("form", args=[form.id])
        shown = client.get(f"{page}?score=phq-2").content.decode()
        entry = re.search(r'name="entry" value="([^"]+)"[^>]*id="id_entry"', shown)[1]
        asked = {"entry": entry, "do": "map", "item-q1": "interest", "item-q2": "mood"}
        assert client.post(f"{page}?score=phq-2", asked).status_code == 302
        assert Form.objects.get().instrument == "phq-2"
        plain = re.search(r'name="entry" value="([^"]+)"[^>]*id="plain_entry"', client.get(page).content.decode())[1]
        assert client.post(page, {"entry": plain, "do": "off"}).status_code == 302
        assert not Form.objects.get().on
        assert reverse("form", args=[form.id]) in client.get(reverse("forms")).content.decode()

    def test_pictures_come_with_the_upload(self, world):
        raw = workbook(
            survey=[["type", "name", "label", "media::image"], ["note", "n", "Look", "house.png"]], settings=SETTINGS
        )
        client = signed_in(world, "farai")
        assert self.upload(client, raw).status_code == 422
        picture = SimpleUploadedFile("house.png", b"a picture")
        sent = self.upload(client, raw, with_it=[picture])
        assert sent.status_code == 302
        assert bytes(FormMedia.objects.get().content) == b"a picture"

    def test_a_phone_is_set_up_with_a_code_shown_once_and_ended(self, world):
        import base64
        import zlib

        from kinweave.front.desk.pages_forms import set_up_code

        told_ = json.loads(zlib.decompress(base64.b64decode(set_up_code("https://x.example/openrosa/t", "K"))))
        assert told_["general"]["server_url"] == "https://x.example/openrosa/t"
        assert {"project", "admin"} <= set(told_)
        client = signed_in(world, "farai")
        page = client.post(reverse("form-phones"), {"account": world.accounts["amina"].id, "name": "Blue phone"})
        address = re.search(r'value="(http[^"]+/openrosa/[0-9a-f]{64})"', page.content.decode())[1]
        assert "<svg" in page.content.decode()
        phone = Phone(address.rpartition("/")[2])
        assert phone.get(f"{phone.base}/formList").status_code == 200
        again = client.get(reverse("form-phones")).content.decode()
        assert address not in again
        ending = re.search(r'name="end" value="([^"]+)"', again)[1]
        client.post(reverse("form-phones"), {"end": ending})
        assert phone.get(f"{phone.base}/formList").status_code == 403
