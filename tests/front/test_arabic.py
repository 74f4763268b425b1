"""Arabic is whole: every sentence translated, every blank kept, and no English left on any page anyone can open."""

from __future__ import annotations

import re
import sys
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.utils.translation import override

from kinweave.core.problems import Problem
from kinweave.front.languages import spoken, unchecked
from kinweave.front.problem_words import both, told
from kinweave.house.recovery import NoWayBack
from kinweave.listen.shelf import instruments
from tests.access import matrix
from tests.access.stage import set_stage
from tests.access.test_routes import address, allowed

sys.path.insert(0, str(settings.CODE.parent / "scripts"))
import messages

PATH = messages.LOCALE / "ar" / "LC_MESSAGES" / "django.po"
BLANK = re.compile(r"%\(\w+\)[sd]|%[sd]|%%|\{\w+\}|</?\w+>")


@pytest.fixture(scope="module")
def catalogue() -> Any:
    return messages.read(PATH, "ar")


@pytest.mark.sqlite_only  # needs no database
def test_the_file_holds_every_message_and_is_compiled(catalogue):
    assert messages.missing(catalogue) == []
    assert PATH.with_suffix(".mo").read_bytes() == messages.as_mo(catalogue)
    fresh = messages.renewed(catalogue, "ar")
    assert {messages.said(m) for m in fresh} == {messages.said(m) for m in catalogue}, "run `make messages`"


def test_blanks_are_the_same_in_both_languages(catalogue):
    wrong = []
    for m in (m for m in catalogue if m.id):
        if isinstance(m.id, str):
            if sorted(BLANK.findall(m.id)) != sorted(BLANK.findall(m.string)):
                wrong.append(m.id)
            continue
        known = set(BLANK.findall(m.id[0])) | set(BLANK.findall(m.id[1]))
        # The forms for none, one and two may say the number as a word; a nameless %d must stand in all of them.
        for form, text in enumerate(m.string):
            found = set(BLANK.findall(text))
            if found - known or ((form > 2 or "%d" in known) and found != set(BLANK.findall(m.id[1]))):
                wrong.append(f"{m.id[1]} [{form}]")
    assert wrong == []


def test_arabic_has_six_forms_and_none_is_english(catalogue):
    assert catalogue.num_plurals == 6
    latin = re.compile(r"[A-Za-z]{3,}(?:\W+[A-Za-z]{3,}){2}")
    apart = re.compile(r"`[^`]*`|\S*[/.]\S*")  # commands and addresses
    texts = [t for m in catalogue if m.id for t in ([m.string] if isinstance(m.string, str) else m.string)]
    assert [t for t in texts if latin.search(apart.sub(" ", BLANK.sub(" ", t)))] == []


def test_a_problem_is_told_in_the_readers_language():
    with override("ar"):
        words = told(NoWayBack())
        assert re.search("[\u0600-\u06ff]", words["says"])
        assert re.search("[\u0600-\u06ff]", words["remedy"])
        kept = told(NoWayBack().as_dict())
        assert (kept["says"], kept["remedy"]) == (words["says"], words["remedy"])
    with override("en"):
        assert both(NoWayBack()) == str(NoWayBack())


def test_every_problem_is_in_the_file(catalogue):
    known = {messages.said(m) for m in catalogue}

    def kinds(kind: type[Problem]):
        for one in kind.__subclasses__():
            yield one
            yield from kinds(one)

    lost = [f"{k.__module__}.{k.__name__}" for k in kinds(Problem)
            if k.__module__.startswith("kinweave.") and ".cli" not in k.__module__
            and (k.says not in known or k.remedy not in known)]  # fmt: skip
    assert lost == []


def test_a_page_says_that_nobody_has_checked_its_translation(client, db):
    assert set(spoken()) >= {code for code, _ in settings.LANGUAGES}
    assert (unchecked("ar"), unchecked("en"), unchecked("fr")) == (True, False, True)
    assert "لم يراجعها بعد" in client.get("/welcome/", HTTP_ACCEPT_LANGUAGE="ar").content.decode()
    assert "A machine translated" not in client.get("/welcome/", HTTP_ACCEPT_LANGUAGE="en").content.decode()


# What stays Latin: names, codes, addresses, and the words of instruments and of people, which are data.
LEFT_OUT = re.compile(
    r"<(script|style|code|bdi|svg|textarea|pre)\b.*?</\1>|<option.*?</option>|<!--.*?-->"
    r"|<(\w+)[^>]*\blang=\"(?!ar)\w+\"[^>]*>.*?</\2>",
    re.DOTALL,
)
SPOKEN_ATTRIBUTES = re.compile(r"\b(?:aria-label|placeholder|title|alt|data-(?:two|one|no|stop|close))=\"([^\"]*)\"")
RUN = re.compile(r"[A-Za-z][a-z’']+(?:[ ,;:]+[A-Za-z][a-z’']*){2,}")
# Names and words of people on the stage; an instrument's own words in a language without an Arabic version.
DATA = re.compile("Open Bench|says so|msasa|seven spots|nobody else was near|to sleep till")
IN_ITS_OWN_LANGUAGE = {"paper"}  # a sheet speaks the language of its questions, here English
# The phone's one page speaks once its script runs: tests/browser/test_phone_looks.py walks its screens in Arabic.
NOT_A_PAGE = {"account_logout", "me", "openapi-json", "api-root", "phone"}


def english(page: str) -> list[str]:
    """Runs of three Latin words or more in what a page says, aloud or in print."""
    body = LEFT_OUT.sub(" | ", page.partition("<body")[2])
    said = [*SPOKEN_ATTRIBUTES.findall(body), re.sub(r"</?(?:strong|em|b|span|a)\b[^>]*>", "", body)]
    runs = [run for text in said for run in RUN.findall(unescape(re.sub(r"<[^>]+>", " | ", text)))]
    return [run for run in runs if not DATA.search(run)]


@pytest.mark.django_db
def test_no_page_is_left_in_english(world):
    stage = set_stage(world)
    left: dict[str, set[str]] = {}
    walked = 0
    for letter in "vadfghp":
        client = stage.clients[letter]
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"
        for name in sorted(matrix.ROUTES):
            if letter not in allowed(name, "mine") or name in NOT_A_PAGE | IN_ITS_OWN_LANGUAGE:
                continue
            answer = client.get(address(name, stage.ids["mine"]))
            if not answer.get("Content-Type", "").startswith("text/html") or answer.status_code in {301, 302, 405}:
                continue
            page = answer.content.decode()
            assert '<html lang="ar" dir="rtl"' in page, name
            walked += 1
            for run in english(page):
                left.setdefault(run, set()).add(f"{name} as {letter}")
    assert walked > 150
    shelf = instruments().values()
    titles = {words.shown_as for one in shelf for words in one.wordings.values()}
    titles |= {one.key.replace("-", " ").capitalize() for one in shelf}  # those whose words are not here
    left = {run: at for run, at in left.items() if not any(run in title for title in titles)}
    assert not left, "\n".join(f"{run}: {', '.join(sorted(at)[:3])}" for run, at in sorted(left.items()))
