"""What models said, in a report: is it the same for all, the first year, does it last. Only what is frozen with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kinweave.learn.report_blocks import plain, text
from kinweave.learn.report_numbers import TEN

if TYPE_CHECKING:
    from kinweave.learn.report import Told

Section = dict[str, Any]
Found = Mapping[str, Any]
TOPICS = ("gaps", "slopes", "lasting")  # what a report can hold, and so what is frozen with it


def _found(told: Told, topic: str) -> list[Found]:
    return [one for one in told.about.models if one["topic"] == topic]


def _small(sentence: str) -> dict[str, Any]:
    """A source stays as it was printed, whatever the report's language."""
    return {"kind": "small", "text": sentence, "language": "en", "direction": "ltr"}


def one_sentence(told: Told) -> str:
    """For everyone: how far groups lie apart, or that it could not be seen. Nothing of a time that is no whole year."""
    if told.about.period % 10:
        return ""
    say, words = told.words.say, told.words
    better = next((one for one in _found(told, "gaps") if one["about"] == "better"), None)
    if better is None or better["state"] != "found":
        return say("gaps.unseen")
    if not better["beyond_chance"]:
        return say("gaps.alike")
    ends = [min(max(int(f(row["value"] for row in better["rows"]) + 0.5), 0), TEN) for f in (min, max)]
    if ends[0] == ends[1]:
        return say("gaps.apart")
    return say("gaps.range", low=words.number(ends[0]), high=words.number(ends[1]))


def gaps(told: Told) -> Section | None:
    """Combinations of groups, worse beside better, for those who judge the work."""
    if told.about.period % 10:
        return None
    say = told.words.say
    title = {"id": "gaps", "title": say("title.gaps")}
    found = _found(told, "gaps")
    if not found:
        return {**title, "blocks": [text(say("gaps.unseen"))]}
    blocks = [block for one in found for block in _gap(told, one)]
    sources = dict.fromkeys(f"{one['method']}. {one['citation']}" for one in found if one["state"] == "found")
    return {**title, "blocks": [*blocks, text(say("gaps.rounded"), kind="small"), *map(_small, sources)]}


def _gap(told: Told, one: Found) -> list[dict[str, Any]]:
    say, words = told.words.say, told.words
    about = say(f"gaps.{one['about']}")
    left = one["left"]
    missing = say("gaps.left", **left) if left["strata"] else ""
    if one["state"] != "found":
        return [text(say("gaps.few", about=about), missing)]
    value, low, high = (plain(round(x)) for x in one["vpc"])
    apart = "apart" if one["beyond_chance"] else "alike"
    said = [say("gaps.about", about=about), say(f"gaps.{apart}"), say("gaps.share", value=value, low=low, high=high)]
    if one["beyond_chance"] and one["pattern"]:
        said.append(say(f"gaps.{one['pattern']}"))
    own = told.about.own_groups
    rows = [
        [words.comma_of([words.group(g, own) for g in row["group"]]), plain(row["value"]),
         say("groups.range", low=plain(row["low"]), high=plain(row["high"])), say("missed.about", n=row["n"])]
        for row in one["rows"]
    ]  # fmt: skip
    table = {"kind": "table", "caption": say(f"gaps.caption_{one['of']}", about=about),
             "columns": words.texts["groups"]["columns"], "rows": rows, "note": missing}  # fmt: skip
    return [text(*said), table]


def year(told: Told) -> Section | None:
    """The first year by the model, beside those who were reached, and what would have come without us."""
    if told.about.period % 10:
        return None
    say, words = told.words.say, told.words
    title = {"id": "year", "title": say("title.year")}
    one = next((one for one in _found(told, "slopes") if one["state"] == "found"), None)
    if one is None:
        return {**title, "blocks": [text(say("year.none")), text(say("usual.so"), kind="strong")]}
    change, months = one["changes"][-1], words.months(one["windows"][-1])
    moved = "year.fell" if change["value"] <= 0 else "year.rose"
    said = [say(moved, months=months, x=plain(abs(change["value"])))]
    if not one["beyond_chance"]:
        said.append(say("time.chance"))
    last, model = one["reached"][-1], one["model"][-1]
    if last is not None:
        said.append(say("year.reached", plain=plain(last["mean"]), model=plain(model["value"])))
    said += [
        say("year.worse", delta=plain(worst["delta"]), x=plain(abs(worst["value"])),
            way=say("year.way_fall" if worst["value"] <= 0 else "year.way_rise"))
        for worst in one["deltas"][-1:]
    ]  # fmt: skip
    rows = [_moment(told, *moment) for moment in zip(one["windows"], one["model"], one["reached"], strict=True)]
    held = one["withheld"]
    note = say("year.left", **held) if held["patterns"] else ""
    table = {"kind": "table", "caption": say("year.caption"), "columns": words.texts["year"]["columns"], "rows": rows,
             "note": note}  # fmt: skip
    sources = [_small(f"{one['method']}. {one['citation']}"), _small(one["sensitivity"])]
    return {**title, "blocks": [text(*said), text(_elsewhere(told), say("usual.so"), kind="strong"), table, *sources]}


def _elsewhere(told: Told) -> str:
    """Published change under usual care, beside ours."""
    from kinweave.learn.report_audience import usual_care

    asked = told.about.asked
    studies = usual_care(asked.get("instrument", ""), asked.get("scale", "")) if asked else ()
    falls = sorted(one.start - one.later for one in studies)
    if not falls:
        return told.words.say("usual.none")
    return told.words.say("usual.elsewhere", low=plain(falls[0]), high=plain(falls[-1]))


def _moment(told: Told, window: int, model: Found, reached: Found | None) -> list[str]:
    say, words = told.words.say, told.words
    first = say("year.start") if not window else words.months(window)
    hidden = say("groups.hidden")

    def ends(one: Found, value: float) -> str:
        return f"{plain(value)} ({say('groups.range', low=plain(one['low']), high=plain(one['high']))})"

    if reached is None or reached["low"] is None:
        return [first, ends(model, model["value"]), hidden, hidden, hidden]
    people = [say("missed.about", n=words.digits(reached[key])) if reached[key] is not None else hidden
              for key in ("n", "missed")]  # fmt: skip
    return [first, ends(model, model["value"]), ends(reached, reached["mean"]), *people]


def lasting(told: Told) -> Section | None:
    """What became of a gain once money had ended, in sentences alone; None where none did."""
    found = _found(told, "lasting")
    if not found:
        return None
    blocks = [text(*_lasts(told, one)) for one in found]
    return {"id": "lasting", "title": told.words.say("title.lasting"), "blocks": blocks}


def lasting_whole(told: Told) -> Section | None:
    """The same with its numbers, for those who judge the work."""
    section = lasting(told)
    if section is None:
        return None
    known = [one for one in _found(told, "lasting") if one["state"] == "found"]
    tables = [_left_over(told, one) for one in known]
    sources = dict.fromkeys(f"{one['method']}. {one['citation']}" for one in known)
    return {**section, "blocks": [*section["blocks"], *tables, *map(_small, sources)]}


def _lasts(told: Told, one: Found) -> list[str]:
    say = told.words.say
    ended = say("lasting.ended", year=one["until"][:4])
    if one["state"] == "no-comparison":
        return [ended, say("lasting.nobody")]
    if one["state"] != "found":
        return [ended, say("lasting.few")]
    months = told.words.months(one["months"])
    if one["gain"][1] <= 0:
        return [ended, say("lasting.no_gain"), say("lasting.nothing")]
    verdict = say(f"lasting.{one['verdict'].replace('-', '_')}", months=months)
    return [ended, say("lasting.gain", x=plain(abs(one["gain"][0]))), verdict, say("lasting.other")]


def _left_over(told: Told, one: Found) -> dict[str, Any]:
    say = told.words.say
    rows = []
    for key in ("gain", "after", "kept"):
        value, low, high = map(plain, one[key])
        rows.append([say(f"lasting.row_{key}"), value, say("groups.range", low=low, high=high)])
    places = {f"{side}_{key}": one[side][key] for side in ("ours", "others") for key in ("places", "n")}
    return {"kind": "table", "caption": say("lasting.caption"), "columns": told.words.texts["lasting"]["columns"],
            "rows": rows, "note": say("lasting.places", **places)}  # fmt: skip
