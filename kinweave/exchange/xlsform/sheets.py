"""A questionnaire as an XLSForm: rows for the sheets survey, choices and settings, in all its languages.

Its questions keep their codes and its answers their coded values, so that what comes back needs no map. A safety
answer shows at once what to do; no score and no clinical word stands in the form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from kinweave.core.instruments import Instrument, Question, Wording, languages, questions
from kinweave.exchange.xlsform import words
from kinweave.exchange.xlsform.words import called, own_name, said
from kinweave.flows.openrosa_read import CODE, DAY, DECLINED, LANGUAGE, PERSON

PEOPLE = "people.csv"
GROUP = "asked"
Row = dict[str, str]
Sheets = dict[str, list[Row]]


def in_each(codes: Iterable[str], column: str, text: Callable[[str], str]) -> Row:
    """One column in every language: {"label::English (en)": …}."""
    return {f"{column}::{called(code)}": text(code) for code in codes}


def sheets_of(instrument: Instrument, emergency: str = "") -> Sheets:
    """The sheets of a questionnaire; the version is still to be set. `emergency`: the number on its safety cards."""
    codes = [one.code for one in languages(instrument)]
    main = "en" if "en" in codes else codes[0]
    codes = [main, *(code for code in codes if code != main)]
    asked = {code: questions(instrument, code) for code in codes}
    survey = [*_before(codes), _group(instrument, codes)]
    for at, item in enumerate(instrument.items):
        survey.append(_question({code: asked[code][at] for code in codes}, item.response, instrument))
        survey += _safety(instrument, item.code, codes, emergency)
    survey.append({"type": "end_group", "name": GROUP})
    survey.append({"type": "note", "name": "thanks", **in_each(codes, "label", lambda c: said(words.THANKS, c))})
    settings = {
        "form_id": instrument.key, "form_title": instrument.wordings[main].shown_as, "default_language": called(main),
        "version": "",
    }  # fmt: skip
    return {"survey": survey, "choices": _choices(instrument, codes), "settings": [settings]}


def _before(codes: list[str]) -> list[Row]:
    """Who is asked, on which day, in which language."""

    def label(text: str) -> Row:
        return in_each(codes, "label", lambda code: said(text, code))

    hint = in_each(codes, "hint", lambda code: said(words.CHOOSE, code))
    rows: list[Row] = [
        {"type": f"select_one_from_file {PEOPLE}", "name": PERSON, **label(words.WHO), **hint},
        {"type": "text", "name": CODE, "relevant": f"${{{PERSON}}} = ''", **label(words.NOT_LISTED)},
        {"type": "date", "name": DAY, "default": "today()", **label(words.DAY)},
    ]
    if len(codes) > 1:
        rows.append({"type": "select_one languages", "name": LANGUAGE, "required": "yes", **label(words.ASKED_IN)})
    else:
        rows.append({"type": "calculate", "name": LANGUAGE, "calculation": f"'{codes[0]}'"})
    return rows


def _group(instrument: Instrument, codes: list[str]) -> Row:
    lead = in_each(codes, "label", lambda code: instrument.wordings[code].instruction)
    return {"type": "begin_group", "name": GROUP, **lead}


def _question(asked: dict[str, Question], response: str, instrument: Instrument) -> Row:
    one = next(iter(asked.values()))
    row = {
        "type": f"select_one {response}", "name": one.code,
        **in_each(asked, "label", lambda code: asked[code].text),
    }  # fmt: skip
    if any(q.help for q in asked.values()):
        row |= in_each(asked, "hint", lambda code: asked[code].help)
    if one.skip_when:
        row["relevant"] = " and ".join(f"not({_is_one_of(item, values)})" for item, values in one.skip_when)
    return row


def _is_one_of(item: str, values: Iterable[int]) -> str:
    return " or ".join(f"${{{item}}} = '{value}'" for value in values)


def _safety(instrument: Instrument, item: str, codes: list[str], emergency: str) -> list[Row]:
    """What to do now, right behind the answer that asks for it."""
    rules = [(number, rule) for number, rule in enumerate(instrument.safety, 1) if rule.item == item]

    def card(code: str) -> str:
        call = [f"{said(words.CALL, code)} {emergency}"] if emergency else []
        first = " ".join([said(words.UNTOLD, code), *call])
        steps = [f"- {said(step, code)}" for step in words.STEPS]
        return "\n".join([f"**{said(words.NOW, code)}**", first, *steps, said(words.SEND, code)])

    return [
        {
            "type": "note", "name": f"now_{number}", "relevant": _is_one_of(item, rule.values),
            **in_each(codes, "label", card),
        }
        for number, rule in rules
    ]  # fmt: skip


def _choices(instrument: Instrument, codes: list[str]) -> list[Row]:
    """The answers of each response scale, "I would rather not say" after them, and the languages."""
    rows: list[Row] = []
    for response in dict.fromkeys(item.response for item in instrument.items):
        values = next(item.values for item in instrument.items if item.response == response)
        rows += [_choice(response, str(value), codes, _option(instrument, response, value)) for value in values]
        rows.append(_choice(response, DECLINED, codes, lambda code: said(words.RATHER_NOT, code)))
    if len(codes) > 1:
        rows += [_choice("languages", one, codes, lambda _, name=one: own_name(name)) for one in codes]
    return rows


def _option(instrument: Instrument, response: str, value: int) -> Callable[[str], str]:
    def label(code: str) -> str:
        wording: Wording = instrument.wordings[code]
        return wording.options[response][value]

    return label


def _choice(list_name: str, name: str, codes: list[str], label: Callable[..., str]) -> Row:
    return {"list_name": list_name, "name": name, **in_each(codes, "label", label)}


def as_xform(sheets: Sheets) -> str:
    """The XForm that pyxform makes of the sheets."""
    from pyxform.xls2xform import convert  # 0.4 s: only where a form is made

    made: Any = convert(dict(sheets), validate=False, pretty_print=False)
    return str(made.xform)
