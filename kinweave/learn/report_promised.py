"""What was promised, in a report: how much was kept, then each promise with who said they would and their answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from babel.dates import format_date

from kinweave.core.promises import BROKEN, DROPPED, HAS_TIME, KEPT, KEPT_LATE, LATE, OWED
from kinweave.learn.report_blocks import text

if TYPE_CHECKING:
    from kinweave.learn.report import Told

SECTION = "promised"
Block = dict[str, Any]


def in_a_line(told: Told) -> Block | None:
    """For the head of the report: how much was kept, with the way to the rest; None where nothing was promised."""
    if not told.about.promises:
        return None
    return {**text(_kept_and_not(told)), "to": SECTION, "see": told.words.say("promised.see")}


def promised(told: Told) -> Block | None:
    """The whole of it; None where nothing was promised."""
    found, say, words = told.about.promises, told.words.say, told.words
    if not found:
        return None
    counts = found["counts"]
    more = {"late_kept": counts[KEPT_LATE], "has_time": counts[HAS_TIME], "dropped": counts[DROPPED]}
    said = [_kept_and_not(told), *(say(f"promised.{key}", n=words.digits(n)) for key, n in more.items() if n)]
    blocks = [text(*said, say("promised.as_of", day=_day(told, found["day"])), kind="lead")]
    if found["unnamed"]:
        unasked = say("promised.unasked", n=words.digits(found["unasked"])) if found["unasked"] else ""
        blocks.append(text(say("promised.unnamed", n=words.digits(found["unnamed"])), unasked))
    if found["rows"]:
        blocks.append({"kind": "promises", "promises": [_one(told, row) for row in found["rows"]]})
    if found["more"]:
        blocks.append(text(say("promised.more", n=words.digits(found["more"]))))
    blocks.append(text(say("promised.broken_means", n=words.digits(found["broken_after"])), kind="small"))
    return {"id": SECTION, "title": say("title.promised"), "blocks": blocks}


def _kept_and_not(told: Told) -> str:
    """Kept never without late and broken, also where there are none."""
    counts, words = told.about.promises["counts"], told.words
    sums = {"kept": counts[KEPT] + counts[KEPT_LATE], "late": counts[LATE], "broken": counts[BROKEN]}
    return words.say("promised.sentence", **{name: words.digits(n) for name, n in sums.items()})


def _one(told: Told, row: Mapping[str, Any]) -> Block:
    """One promise: what, who, until when, how it stands, what they answered. Texts keep the language they are in."""
    say, words, standing = told.words.say, told.words, row["standing"]
    days = {name: _day(told, row[name]) for name in ("said", "due", "settled", "asked", "replied") if row[name]}
    language = _language(row["what"], words.language)
    about: Block = {
        "what": row["what"][language], "language": language, "tag": say(f"promised.tag_{standing}"),
        "warm": standing in OWED, "who": say("promised.who"), "owner": row["owner"],
        "sector": words.texts["sector"].get(row["sector"], row["sector"]),
        "days": say(f"promised.days_{standing}", **days), "silent": "", "answer": None,
    }  # fmt: skip
    if row["reply"]:
        spoken = _language(row["reply"], words.language)
        about["answer"] = {"label": say("promised.answer", **days), "text": row["reply"][spoken], "language": spoken}
    elif standing in OWED:
        about["silent"] = say("promised.silent", **days)
    return about


def _language(texts: Mapping[str, str], wanted: str) -> str:
    return wanted if wanted in texts else min(texts)


def _day(told: Told, iso: str) -> str:
    """A day as the report's language writes it."""
    return format_date(date.fromisoformat(iso), format="long", locale=told.words.language)
