"""The words that a form needs beside its questionnaire's own, in each of its languages."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from django.utils.translation import check_for_language, get_language_info, gettext, gettext_noop, override

FILE = Path(__file__).with_name("words.toml")
WHO = gettext_noop("Whom are you asking?")
CHOOSE = gettext_noop("Choose the person from your list.")
NOT_LISTED = gettext_noop("Not on your list? Write the person's code.")
DAY = gettext_noop("On which day?")
ASKED_IN = gettext_noop("In which language do you ask?")
RATHER_NOT = gettext_noop("I would rather not say")
NOW = gettext_noop("What to do now")
UNTOLD = gettext_noop("Nobody has been told yet.")
CALL = gettext_noop("Call this number:")
STEPS = (
    gettext_noop("Stay with the person. Do not leave them alone if the danger is near."),
    gettext_noop("Listen. You do not need the right words."),
    gettext_noop("Ask who is with them, and who should come."),
    gettext_noop("Ask if there is something at hand that could hurt them. Help to move it away."),
)
SEND = gettext_noop("Send this form as soon as you can: then somebody on call is told.")
THANKS = gettext_noop("Thank you. The scores are made when this form has been sent.")


@cache
def _file() -> dict[str, dict[str, str]]:
    with FILE.open("rb") as file:
        return tomllib.load(file)


def said(text: str, language: str) -> str:
    """A sentence in a language: from the file, else from the pages' catalogue, else in English."""
    base = language.partition("-")[0]
    for code in (language, base):
        if text in _file().get(code, {}):
            return _file()[code][text]
    if not check_for_language(base):
        return text
    with override(base):
        return gettext(text)


def called(language: str) -> str:
    """A language as its speakers write it, with its code as XLSForm wants it: "Español (es)"."""
    return f"{own_name(language)} ({language})"


def own_name(language: str) -> str:
    for code in (language, language.partition("-")[0]):
        try:
            name = str(get_language_info(code.lower())["name_local"])
        except KeyError:
            continue
        return name[:1].upper() + name[1:]
    return language
