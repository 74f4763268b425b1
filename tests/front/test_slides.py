"""The report's pictures for a presentation: well-formed, the same numbers, invented people said, nothing that runs."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from django.urls import reverse

from kinweave.front.report.document import document
from kinweave.front.report.slides import HEIGHT, WIDTH, slide, slides
from kinweave.published import reads
from tests.published.test_releases import publish

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"


def drawn(text):
    return ET.fromstring(text)  # noqa: S314  our own text


@pytest.fixture
def shelf(world):
    return publish(world)["slug"]


def test_every_picture_of_the_report_is_a_slide_in_each_language(client, shelf):
    row = reads.public(shelf)
    for language in ("en", "ar"):
        doc = document(row, language, reads.signatures(row))
        found = slides(doc)
        assert {block["kind"] for _title, block in found} == {"dots", "line"}
        for n, (title, block) in enumerate(found, 1):
            answer = client.get(reverse("report-slide", args=[shelf, n]), {"language": language})
            assert answer["Content-Type"].startswith("image/svg+xml")
            root = drawn(answer.content)
            words = [one.text for one in root.iter(f"{SVG}text")]
            assert title in words
            assert block["sentence"] in " ".join(words)
            assert any(row.hash[:16] in word for word in words)
            assert {one.get("direction") for one in root.iter(f"{SVG}text")} & {"rtl"} == (
                {"rtl"} if language == "ar" else set()
            )


def test_ten_dots_are_ten_people(shelf):
    row = reads.public(shelf)
    doc = document(row, "en", [])
    number = next(n for n, (_t, b) in enumerate(slides(doc), 1) if b["kind"] == "dots")
    block = slides(doc)[number - 1][1]
    circles = [one for one in drawn(slide(doc, number, "x")).iter(f"{SVG}circle") if one.get("r") == "44"]
    assert len(circles) == 10
    assert sum(one.get("fill") != "none" for one in circles) == sum(
        s["count"] for s in block["segments"] if s["kind"] == "full"
    )


def test_the_line_has_a_mark_for_each_number_shown(shelf):
    row = reads.public(shelf)
    doc = document(row, "en", [])
    number = next(n for n, (_t, b) in enumerate(slides(doc), 1) if b["kind"] == "line")
    block, root = slides(doc)[number - 1][1], drawn(slide(doc, number, "x"))
    shown = sum(p["value"] is not None for s in block["series"] for p in s["points"])
    assert len(list(root.iter(f"{SVG}path"))) == shown + len(block["series"])  # and one of each in the legend
    places = [
        float(n)
        for one in root.iter(f"{SVG}path")
        for n in re.findall(r"translate\(([\d.]+) ([\d.]+)\)", one.get("transform"))[0]
    ]
    assert max(places[::2]) <= WIDTH
    assert max(places[1::2]) <= HEIGHT


def test_invented_people_are_said_on_every_slide_and_names_cannot_break_out(world):
    row = reads.public(publish(world)["slug"])
    row.head = {**row.head, "invented": True}
    doc = document(row, "en", [])
    assert doc["words"]["invented"] in slide(doc, 1, "x")
    nasty = {**doc, "place": '<script>alert(1)</script> & "Ward"'}
    assert "<script" not in slide(nasty, 1, "x")
    assert drawn(slide(nasty, 1, "x")) is not None


def test_a_long_sentence_grows_smaller_and_loses_no_word(shelf):
    row = reads.public(shelf)
    doc = document(row, "en", [])
    block = slides(doc)[0][1]
    long = " ".join(["We asked people how they felt, and again."] * 8)
    block["sentence"] = long
    words = list(drawn(slide(doc, 1, "x")).iter(f"{SVG}text"))
    assert long in " ".join(one.text for one in words)
    assert max(float(one.get("y")) for one in words if "We asked" in one.text) < 340


def test_there_is_no_other_slide(client, shelf):
    for n in (0, 99):
        assert client.get(reverse("report-slide", args=[shelf, n])).status_code == 404
