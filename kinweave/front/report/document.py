"""A release in one language as a plain document: what page, PDF and plain text are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from babel.dates import format_date
from django.utils import timezone

from kinweave.core.stories import BESIDE

if TYPE_CHECKING:
    from kinweave.published.reads_stories import Shown

Block = dict[str, Any]
RTL = ("ar", "fa", "he", "ur")


def document(row: Any, language: str, signatures: Sequence[Any] = (), stories: Sequence[Shown] = ()) -> dict[str, Any]:
    """The release `row` in one of its languages, with the people's own words where they belong.

    `signatures`: those that hold. `stories`: those that stand with it or were taken back. Plain JSON values only.
    KeyError for a language that the release does not have.
    """
    text = row.texts[language]
    words = text["words"]
    sections = _with_stories([_section(s, row, language, words) for s in text["sections"]], stories, language, words)
    at = row.published_at or row.made_at
    local = timezone.localtime(at)
    return {
        "title": text["title"], "language": language, "direction": text["direction"], "checked": text["checked"],
        "summary": text["summary"], "place": text["place"], "period": text["period"], "words": words,
        "invented": row.head["invented"], "sections": [s for s in sections if s["blocks"]],
        "unchecked": _unchecked(row), "standing": "" if row.published_at else words["draft"],
        "proof": _proof(row, text, signatures, language), "site": "Kinweave",
        "date": [local.year, local.month, local.day],
    }  # fmt: skip


def _unchecked(row: Any) -> list[list[str]]:
    """The warning about a translation that nobody checked, in every language of the release."""
    return [[code, t["direction"], t["words"]["unchecked"]] for code, t in sorted(row.texts.items())]


def _section(section: Mapping[str, Any], row: Any, language: str, words: Mapping[str, str]) -> dict[str, Any]:
    blocks = [_with_answers(_with_table(b), language, words) for b in section["blocks"]]
    if human := section.get("human"):
        blocks = [*_said(getattr(row, human), language, words), *blocks]
    return {"id": section["id"], "title": section["title"], "blocks": blocks}


def _said(texts: Mapping[str, str], language: str, words: Mapping[str, str]) -> list[Block]:
    """What people wrote, in this language or else in the one they wrote in."""
    if not texts:
        return [{"kind": "small", "text": words["reading_none"]}]
    code = language if language in texts else min(texts)
    return _in_own_words(texts[code], code, language, words)


def _in_own_words(text: str, code: str, language: str, words: Mapping[str, str]) -> list[Block]:
    """What someone said in the language `code`, within a report in `language`."""
    paragraphs = [" ".join(part.split()) for part in text.split("\n") if part.strip()]
    said: list[Block] = [{"kind": "said", "language": code, "direction": direction_of(code), "paragraphs": paragraphs}]
    return said if code == language else [{"kind": "small", "text": words["written_in"]}, *said]


def _with_stories(
    sections: list[dict[str, Any]], stories: Sequence[Shown], language: str, words: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Each story under the number it is about; one about no number here, or taken back, in a part of its own."""
    at = {one["id"]: one for one in sections if one["blocks"]}
    own: dict[str, Any] = {"id": "stories", "title": words.get("story", ""), "blocks": []}
    for shown in stories:
        if shown.story is None:
            own["blocks"].append({"kind": "text", "text": words["story_back"]})
            continue
        blocks = [
            {"kind": "strong", "text": words["story_one"]},
            *_in_own_words(shown.story.text, shown.story.language, language, words),
            {"kind": "small", "text": words["story_year"].format(year=shown.story.year)},
        ]
        at.get(BESIDE.get(shown.story.about, ""), own)["blocks"].extend(blocks)
    first = next((place for place, one in enumerate(sections, 1) if one["id"] == "lead"), 0)
    return [*sections[:first], own, *sections[first:]]


def _with_answers(block: Block, language: str, words: Mapping[str, str]) -> Block:
    """Promises with the direction in which each text runs, and each answer in its own words."""
    if block["kind"] != "promises":
        return block
    shown = []
    for one in block["promises"]:
        answer = one["answer"]
        said = _in_own_words(answer["text"], answer["language"], language, words) if answer else []
        shown.append({**one, "direction": direction_of(one["language"]), "said": said})
    return {**block, "promises": shown}


def direction_of(language: str) -> str:
    """The way in which texts of a language run: rtl or ltr."""
    return "rtl" if language.split("-")[0] in RTL else "ltr"


def _with_table(block: Block) -> Block:
    """A chart with the table that says the same."""
    if block["kind"] != "line":
        return block
    rows = [
        [point["long"], *(_value(one["points"][i]) for one in block["series"])]
        for i, point in enumerate(block["series"][0]["points"])
    ]
    columns = [block["table_column"], *(one["name"] for one in block["series"])]
    return {**block, "table": {"caption": block["better"], "columns": columns, "rows": rows}}


def _value(point: Mapping[str, Any]) -> str:
    if point["value"] is None:
        return "–"
    return f"{point['value']:g} ({point['low']:g}–{point['high']:g})"


def _proof(row: Any, text: Mapping[str, Any], signatures: Sequence[Any], language: str) -> list[list[Any]]:
    """[label, value, whether the value is a long number] for everything by which a reader can check."""
    words, chain = text["words"], row.head["chain"]
    lines: list[list[Any]] = []
    if row.published_at:
        lines.append([words["published"], said_day(row.published_at, language), False])
    signed = [
        words["signer"].format(role=text["roles"].get(one.role, one.role), date=said_day(one.at, language))
        for one in signatures
    ]
    if row.published_at and not any(one.role == "voice" for one in signatures) and "no_voice" in words:
        signed.append(words["no_voice"])
    if signed:
        lines.append([words["signed"], " · ".join(signed), False])
    lines.append([words["hash"], row.hash, True])
    lines.append([words["position"], str(chain["position"]), False])
    if chain["digest"]:
        lines.append([words["chain"], chain["digest"], True])
    return lines


def said_day(at: Any, language: str) -> str:
    """A day as the language writes it."""
    return format_date(timezone.localtime(at).date(), format="long", locale=language)


def plain_text(doc: Mapping[str, Any]) -> str:
    """The report to be read aloud: sentences only, one paragraph a line; a voice needs no table of numbers."""
    lines = [doc["title"] + ".", *([doc["words"]["invented"]] if doc["invented"] else [])]
    lines += [] if doc["checked"] else [doc["words"]["unchecked"]]
    for section in doc["sections"]:
        lines += ["", section["title"] + ("" if section["title"].endswith(("?", "؟")) else ".")]
        for block in section["blocks"]:
            lines += _spoken(block)
    return "\n".join(lines) + "\n"


def _spoken(block: Block) -> list[str]:
    if block["kind"] in ("dots", "line"):
        return [block["sentence"], *([block["note"]] if block.get("note") else [])]
    if block["kind"] == "said":
        return list(block["paragraphs"])
    if block["kind"] == "list":
        return list(block["lines"])
    if block["kind"] == "promises":
        return [line for one in block["promises"] for line in _promise(one)]
    if block["kind"] == "table":
        return [block["caption"] + ".", *(": ".join(row[:2]) + "." for row in block["rows"])]
    return [] if block["kind"] == "small" else [block["text"]]


def _promise(one: Block) -> list[str]:
    lines = [f"{one['tag']}: {one['what']}.", f"{one['who']} {one['owner']}. {one['days']}"]
    lines += [one["silent"]] if one["silent"] else []
    return lines + ([one["answer"]["label"], *(p for b in one["said"] for p in _spoken(b))] if one["answer"] else [])
