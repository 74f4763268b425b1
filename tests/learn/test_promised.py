"""What was promised, in a report: the same truth as page, text to be read aloud, PDF and CSV, in both languages."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from html import unescape

import pytest
from django.urls import reverse
from pypdf import PdfReader

from kinweave.core.promises import BROKEN, DROPPED, HAS_TIME, KEPT, KEPT_LATE, LATE
from kinweave.decide.extract import Named, PromiseFact
from kinweave.front.report.document import document, plain_text
from kinweave.front.report.pdf import compile_pdf
from kinweave.learn.promised import MOST, frozen
from kinweave.learn.report import compose
from kinweave.learn.report_audience import TEMPLATES
from kinweave.learn.report_words import words
from kinweave.published import reads
from tests.learn.test_release import HARD, grade, said, sentences
from tests.published.make import about, safe_tables
from tests.published.test_releases import publish

DAY = date(2026, 5, 3)


def fact(standing, owner="Ward housing office", asked=None, settled=None, reply=None, **what):
    named = Named("housing", owner, what or {"en": "Mend the roof of the hall"}, date(2025, 2, 1), date(2025, 9, 1),
                  settled, asked, reply or {}, date(2026, 4, 2) if reply else None)  # fmt: skip
    return PromiseFact(standing, asked is not None, named)


ALL = [
    fact(KEPT, settled=date(2025, 8, 2)),
    fact(KEPT_LATE, settled=date(2025, 12, 2)),
    fact(HAS_TIME, owner="=The mill"),
    fact(LATE, asked=date(2026, 4, 1), reply={"ar": "في أيار\n\nإن شاء الله"}),
    fact(BROKEN, owner="District police", asked=date(2026, 1, 5), ar="هاتف في الليل"),
    fact(DROPPED, settled=date(2025, 7, 2)),
    PromiseFact(LATE, True, None),
    PromiseFact(BROKEN, False, None),
]


@pytest.fixture(scope="module")
def promises():
    return frozen(ALL, DAY, 90)


def section(promises, language="en", template="community"):
    doc = compose(about(7, promises=promises), safe_tables(400, 7, 100_000), words(language), template)
    return next((s for s in doc["sections"] if s["id"] == "promised"), None), doc


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_reader_is_told_how_much_was_kept_and_by_whom_the_rest_is_owed(promises, template):
    found, doc = section(promises, template=template)
    assert found["blocks"][0]["text"] == (
        "What was promised to people here: 2 kept, 2 late, 2 broken. Kept, but after the day: 1. Still with time: 1."
        " No longer wanted by those it was made to: 1. So it stood on May 3, 2026."
    )
    assert found["blocks"][1]["text"].endswith("Not named yet: 2. Of these, not asked yet: 1.")
    rows = found["blocks"][2]["promises"]
    assert [one["tag"] for one in rows] == ["Broken", "Late", "Still has time", "Kept late", "Kept", "No longer wanted"]
    assert (rows[0]["owner"], rows[0]["language"], rows[0]["sector"]) == ("District police", "ar", "housing")
    assert rows[0]["silent"] == "They were asked on January 5, 2026 and have not answered."
    assert rows[1]["answer"]["label"] == "Their answer, on April 2, 2026:"
    lead = next(s for s in doc["sections"] if s["id"] == "lead")["blocks"][-1]
    assert (lead["text"], lead["to"]) == ("What was promised to people here: 2 kept, 2 late, 2 broken.", "promised")


def test_it_is_plain_and_in_both_languages_of_the_same_shape(promises):
    found, doc = section(promises)
    spoken = [one[key] for one in found["blocks"][2]["promises"] for key in ("days", "silent") if one[key]]
    assert grade(sentences([*said(doc), *spoken])) <= 5.5
    assert [s for s in sentences([*said(doc), *spoken]) if len(s.split()) > 20] == []
    assert not HARD.search(" ".join(said(doc)))
    other, arabic = section(promises, "ar")
    assert [b["kind"] for b in other["blocks"]] == [b["kind"] for b in found["blocks"]]
    assert [s["id"] for s in arabic["sections"]] == [s["id"] for s in doc["sections"]]


def test_nothing_promised_and_nothing_is_said():
    assert section({})[0] is None
    assert not any(b.get("to") for s in section({})[1]["sections"] for b in s["blocks"])


def test_a_long_register_is_cut_with_a_word_and_counted_whole():
    found = frozen([fact(BROKEN, asked=date(2026, 1, 5))] * (MOST + 4), DAY, 90)
    assert (found["counts"][BROKEN], len(found["rows"]), found["more"]) == (MOST + 4, MOST, 4)
    assert any("And 4 more" in b.get("text", "") for b in section(found)[0]["blocks"])


def flat(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", html)))


@pytest.mark.django_db
def test_page_voice_paper_and_table_say_the_same(client, world, promises):
    slug = publish(world, promises=promises)["slug"]
    page = client.get(reverse("report", args=[slug])).content.decode()
    assert '<a href="#promised">See who owes what</a>' in page
    assert '<p lang="ar" dir="rtl"><strong>هاتف في الليل</strong></p>' in page
    assert '<blockquote lang="ar" dir="rtl"><p>في أيار</p>' in page
    for one in ("Who said they would: District police (housing).", "Said on February 1, 2025, to be done by"):
        assert one in flat(page)
    row = reads.public(slug, tables=True)
    assert reads.is_intact(row)
    voice = plain_text(document(row, "en"))
    assert "Broken: هاتف في الليل." in voice
    assert "Their answer, on April 2, 2026:\nWritten" not in voice  # only their own words follow
    assert "Their answer, on April 2, 2026:\nفي أيار" in voice
    for language in ("en", "ar"):
        reader = PdfReader(io.BytesIO(compile_pdf(document(row, language, reads.signatures(row)))))
        text = " ".join(" ".join(p.extract_text() for p in reader.pages).split())
        assert words(language).say("promised.tag_late") in text or language == "ar"
        assert "District police" in text
    table = client.get(reverse("report-csv", args=[slug])).content.decode("utf-8-sig")
    rows = [r for r in csv.DictReader(io.StringIO(table)) if r["question"] == "what-was-promised"]
    whole = {r["part"]: int(r["count"]) for r in rows if r["split"] == "all"}
    assert whole == {"kept": 1, "kept_late": 1, "has_time": 1, "late": 2, "broken": 2, "dropped": 1}
    owners = {(r["group"], r["part"]): r["count"] for r in rows if r["split"] == "owner"}
    assert owners["District police", "broken"] == "1"
    assert ("'=The mill", "has_time") in owners
    assert {r["rounded_to"] for r in rows} == {""}
    dictionary = client.get(reverse("report-columns", args=[slug])).content.decode()
    assert "As they stood on 2026-05-03. Broken: more than 90 days late." in dictionary


@pytest.mark.django_db
def test_a_report_of_before_is_shown_as_it_was(client, world):
    slug = publish(world)["slug"]
    page = client.get(reverse("report", args=[slug])).content.decode()
    assert 'id="promised"' not in page
    assert "what-was-promised" not in client.get(reverse("report-csv", args=[slug])).content.decode()
    assert reads.is_intact(reads.public(slug))
