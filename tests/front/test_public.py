"""What anyone may open: calm, light, in their language, and never more than two people signed."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.urls import reverse
from pypdf import PdfReader

from kinweave.front.report.document import document, plain_text
from kinweave.front.report.pdf import NoPdf, compile_pdf, made
from kinweave.front.routes import PUBLIC, ROUTES
from kinweave.house.access import SYSTEM
from kinweave.house.actions import change_setting
from kinweave.published import reads
from kinweave.published.actions import withdraw_release
from kinweave.published.models import Release
from tests.published.make import draft, read
from tests.published.test_releases import publish

pytestmark = pytest.mark.django_db
CLINICAL = re.compile(r"(?i)phq|gad|depress|anxi|symptom|disorder|patient|score")


@pytest.fixture
def shelf(world):
    """A published report; returns its address part."""
    return publish(world)["slug"]


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def test_visitors_come_to_a_calm_page_with_the_newest_report(client, shelf):
    change_setting(by=SYSTEM, key="house.emergency", value="0800 000 111")
    answer = client.get("/", follow=True)
    said = answer.content.decode()
    assert answer.redirect_chain[-1][0] == "/welcome/"
    assert "Of ten people who started" in said
    assert 'href="tel:0800000111"' in said
    assert settings.LOGIN_URL in said


def test_an_empty_shelf_says_what_will_stand_there(client, db):
    assert "No report yet" in page(client, "reports").content.decode()
    assert "There is none yet" in page(client, "public-home").content.decode()


def test_a_report_is_a_sentence_then_dots_then_a_chart_then_a_table(client, shelf):
    said = page(client, "report", shelf).content.decode()
    order = (
        "felt clearly better", 'class="dots"', "Many of us sleep again.", 'class="chart"', "<table",
        "The road was closed in March.", "Signed by",
    )  # fmt: skip
    places = [said.index(one) for one in order]
    assert places == sorted(places)
    assert "Some would have felt better anyway." in said
    assert Release.objects.get().hash in said
    assert "Quick exit" in said


@pytest.mark.parametrize("accept", ["ar", "en"])
def test_the_readers_language_and_the_warning_about_the_machine(client, shelf, accept):
    said = client.get(reverse("report", args=[shelf]), headers={"accept-language": accept}).content.decode()
    other = page(client, "report", shelf, language=accept).content.decode()
    arabic = accept == "ar"
    for found in (said, other):
        assert f'lang="{accept}" dir="{"rtl" if arabic else "ltr"}"' in found
        assert ("Unchecked translation." in found) is arabic
        assert ("ترجمة غير مراجعة" in found) is arabic


def test_the_first_visit_is_light(client, shelf):
    """The page and everything it asks for, uncompressed, fonts and scripts included: at most 150 kB."""
    said = page(client, "report", shelf).content
    sizes = {"page": len(said)}
    sheet = (settings.CODE / "front" / "static" / "kinweave.css").read_text()
    asked = set(re.findall(r'(?:href|src)="/static/([^"#]+)', said.decode())) | {"icons.svg"}
    # A reader in a Latin script is sent the two Latin files; the browser leaves the others.
    asked |= {f"fonts/{name}" for name in re.findall(r"fonts/([\w.-]+woff2)", sheet) if "ext" not in name
              and "arabic" not in name}  # fmt: skip
    for name in asked:
        sizes[name] = (settings.CODE / "front" / "static" / name).stat().st_size
    assert sum(sizes.values()) <= 150_000, sizes


def test_few_questions_to_the_database(client, shelf, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        page(client, "report", shelf)


def test_drafts_and_made_up_addresses_look_the_same(client, world):
    made = draft(world)
    read(world, made["release"])
    for name in ("report", "report-read", "report-pdf", "report-csv", "report-columns"):
        answers = [page(client, name, slug) for slug in (made["slug"], "w9-2031")]
        assert [a.status_code for a in answers] == [404, 404]


def test_taken_back_the_address_says_why_and_the_numbers_are_gone(client, world):
    made = publish(world)
    withdraw_release(by=world.actor("farai"), release_id=made["release"], note="Two wards were swapped.")
    answer = page(client, "report", made["slug"])
    said = answer.content.decode()
    assert answer.status_code == 410
    assert "Two wards were swapped." in said
    assert "felt clearly better" not in said
    for name in ("report-read", "report-pdf", "report-csv", "report-columns"):
        assert page(client, name, made["slug"]).status_code == 404
    listed = page(client, "reports").content.decode()
    assert "Taken back" in listed
    assert "felt clearly better" not in listed


def test_a_report_changed_in_the_database_is_not_shown(client, shelf):
    row = Release.objects.get()
    row.texts["en"]["sections"][0]["blocks"][0]["sentence"] = "Of ten people, ten felt better."
    row.save()
    answer = page(client, "report", shelf)
    assert answer.status_code == 503
    assert b"ten felt better" not in answer.content
    assert page(client, "report-csv", shelf).status_code == 404


def test_a_voice_gets_sentences(client, shelf):
    answer = page(client, "report-read", shelf)
    said = answer.content.decode()
    assert answer["Content-Type"].startswith("text/plain")
    assert answer["Content-Language"] == "en"
    assert "Of ten people who started" in said
    assert "Many of us sleep again." in said
    assert "<" not in said
    assert "كل عشرة" in page(client, "report-read", shelf, language="ar").content.decode()


def test_the_numbers_as_a_table_are_those_that_are_shown(client, shelf):
    rows = list(csv.DictReader(io.StringIO(page(client, "report-csv", shelf).content.decode("utf-8-sig"))))
    counts = [int(r["count"]) for r in rows if r["count"]]
    assert counts
    assert all(c == 0 or (c >= 15 and c % 5 == 0) for c in counts)
    assert {r["invented"] for r in rows} == {"no"}
    dictionary = list(csv.DictReader(io.StringIO(page(client, "report-columns", shelf).content.decode("utf-8-sig"))))
    named = {r["name"] for r in dictionary if r["kind"] == "column"}
    assert set(rows[0]) == named
    assert {r["question"] for r in rows} <= {r["name"] for r in dictionary if r["kind"] == "question"}


def test_no_clinical_word_in_titles_addresses_or_file_names(client, shelf):
    for name, route in ROUTES.items():
        if route.permission == PUBLIC:
            assert not CLINICAL.search(name + route.address)
    for name in ("report", "reports", "public-home"):
        said = page(client, name, *([shelf] if name == "report" else [])).content.decode()
        assert not CLINICAL.search(re.search(r"<title>(.*?)</title>", said, re.DOTALL)[1])
    for name in ("report-pdf", "report-csv", "report-columns"):
        answer = page(client, name, shelf)
        assert not CLINICAL.search(answer["Content-Disposition"])
    assert not CLINICAL.search(page(client, "report-csv", shelf).content.decode())


# The PDF


@pytest.fixture
def pdf(client, shelf):
    def opened(language):
        answer = page(client, "report-pdf", shelf, language=language)
        assert answer["Content-Type"] == "application/pdf"
        return PdfReader(io.BytesIO(answer.content))

    return opened


def test_the_pdf_says_the_same_and_a_screen_reader_can_follow_it(pdf):
    reader = pdf("en")
    text = " ".join(" ".join(p.extract_text() for p in reader.pages).split())
    doc = document(reads.public(Release.objects.get().slug), "en")
    for section in doc["sections"]:
        assert section["title"] in text
    assert doc["summary"] in text
    assert "Many of us sleep again." in text
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title == doc["title"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()


def test_the_arabic_pdf_runs_right_to_left_in_its_own_letters(pdf):
    reader = pdf("ar")
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "ar"
    fonts = {
        str(font.get_object()["/BaseFont"]) for p in reader.pages for font in p["/Resources"]["/Font"].values()
    }  # fmt: skip
    assert any("NotoSansArabic" in name for name in fonts)
    text = "".join(p.extract_text() for p in reader.pages)
    assert re.search(r"[\u0600-\u06ff\ufb50-\ufdff\ufe70-\ufeff]{3}", text)
    assert "Unchecked translation" in text


def test_where_people_are_invented_every_page_of_the_pdf_says_so(world):
    made = publish(world)
    row = Release.objects.get(id=made["release"])
    doc = {**document(row, "en"), "invented": True}
    reader = PdfReader(io.BytesIO(compile_pdf(doc)))
    assert len(reader.pages) > 1
    assert all("All people here are invented." in p.extract_text() for p in reader.pages)


def test_the_pdf_is_made_once_and_made_again_only_if_its_file_was_changed(shelf, tmp_path, monkeypatch):
    row = reads.public(shelf)
    doc = document(row, "en", reads.signatures(row))
    first = made(tmp_path, "one", doc)
    assert compile_pdf(doc) == first  # the same document, the same bytes
    runs = []
    real = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: runs.append(1) or real(*a, **k))
    assert made(tmp_path, "one", doc) == first
    assert runs == []
    (tmp_path / "one.pdf").write_bytes(b"%PDF-1.7 something else")
    assert made(tmp_path, "one", doc) == first
    assert runs == [1]


def test_a_pdf_that_cannot_be_made_is_a_clear_problem(tmp_path):
    with pytest.raises(NoPdf):
        made(tmp_path, "one", {"title": "no document at all"})
    assert list(tmp_path.iterdir()) == []


def test_the_public_side_loads_nothing_of_a_person():
    look = (
        "import os,sys,django;os.environ['DJANGO_SETTINGS_MODULE']='kinweave.config.settings';"
        "import kinweave.front.report.document, kinweave.front.report.pdf, kinweave.front.report.sheet;"
        "print(sorted(m for m in sys.modules if m.startswith(('kinweave.people','kinweave.listen','kinweave.care',"
        "'kinweave.learn'))))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "[]", done.stderr[-2000:]


def test_people_words_in_another_language_stay_in_it(world):
    row = reads.public(publish(world)["slug"])
    section = next(s for s in document(row, "ar")["sections"] if s["id"] == "reading")
    assert section["blocks"][1]["language"] == "en"
    assert "Many of us sleep again." in plain_text(document(row, "ar"))
