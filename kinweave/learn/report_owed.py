"""The report's other half: whom we missed, what we still owe, what may be wrong, how it was counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kinweave.learn.report_blocks import text
from kinweave.learn.report_numbers import TEN, Share, View, share
from kinweave.learn.report_words import Words

if TYPE_CHECKING:
    from kinweave.learn.report import Told

Section = dict[str, Any]
# Sentences about so many of ten: key, table, part.
SAID = (
    ("alone", "support", "band_1"), ("load", "caregivers-load", "band_3"), ("late", "alerts-answered", "late"),
    ("settled", "alerts-answered", "done"),
)  # fmt: skip
APART = "no_caregiver"  # in the table, so that it has everyone, but not among those the sentence is about


def _list(items: list[str]) -> list[dict[str, Any]]:
    return [{"kind": "list", "lines": items}] if items else []


def reading(words: Words) -> Section:
    """Where the meeting's own words stand; they are added when someone writes them."""
    return {"id": "reading", "title": words.say("title.reading"), "blocks": [], "human": "reading"}


def missed(told: Told) -> Section | None:
    """The whole way from inhabitants to those who were asked again, with everyone who fell out."""
    say, period = told.words.say, told.about.period
    came, felt, reach = told.view("unmet-need"), told.view("better-and-worse"), told.view("reach")
    months = told.words.months(told.about.months)
    rows: list[list[str]] = []
    said = []
    if reach is not None and reach.n(period):
        rows.append([say("missed.inhabitants"), told.words.digits(reach.n(period) or 0)])
    if came is not None and came.n(period):
        rows += [[say("missed.came_group")], *_came(told, came, months)]
        if came.part(period, "began"):
            said.append(say("missed.came", came=came.n(period), began=came.part(period, "began"), months=months))
    if felt is not None and felt.n(period):
        rows += [[say("missed.started_group")], *_felt(told, felt, months)]
        if felt.part(period, "missed"):
            said.append(say("missed.lost", missed=felt.part(period, "missed")))
    if len(rows) < 2:
        return None
    table = {
        "kind": "table", "caption": say("missed.caption"), "columns": told.words.texts["missed"]["columns"],
        "rows": rows, "note": "",
    }  # fmt: skip
    return {"id": "missed", "title": say("title.missed"), "blocks": [*([text(*said)] if said else []), table]}


def _came(told: Told, came: View, months: str) -> list[list[str]]:
    """What those who came had some months later; every one of them stands in one row."""
    words, period = told.words, told.about.period
    names = {"began": "began", "not_needed": "not_needed", "unmet": "unmet", "own_choice": "own_choice",
             "missed": "unknown"}  # fmt: skip
    first = [words.say("missed.came_row"), _people(words, came.n(period))]
    parts = [[words.say(f"missed.{label}", months=months), _people(words, came.part(period, part))]
             for part, label in names.items()]  # fmt: skip
    return [first, *parts]


def _felt(told: Told, felt: View, months: str) -> list[list[str]]:
    """Of those who started: who was asked again, and who could not be."""
    words, period = told.words, told.about.period
    n, lost = felt.n(period), felt.part(period, "missed")
    asked = max(n - lost, 0) if n and lost is not None else None
    rows = {"started": n, "asked": asked, "not_reached": lost}
    return [[words.say(f"missed.{label}", months=months), _people(words, count)] for label, count in rows.items()]


def _people(words: Words, count: int | None) -> str:
    if count is None:
        return words.say("missed.hidden")
    return "0" if count == 0 else words.say("missed.about", n=words.digits(count))


def owed(told: Told) -> Section:
    """Unmet need first and as a picture; then what was promised and not held."""
    words, say, about = told.words, told.words.say, told.about
    unmet = told.share("unmet-need", "unmet")
    blocks: list[dict[str, Any]] = []
    if unmet is not None:
        months = words.months(about.months)
        if unmet.ten:
            blocks.append(_unmet_dots(words, unmet, words.ten("owed.unmet", unmet.ten, months=months)))
        else:
            blocks.append(text(say("owed.unmet_few", n=unmet.count, months=months)))
        blocks.append(text(say("owed.owner", organisation=about.organisation), kind="strong"))
    said = _kept(told)
    blocks += _list(said)
    return {"id": "owed", "title": say("title.owed"), "blocks": blocks or [text(say("owed.none"))]}


def _unmet_dots(words: Words, unmet: Share, sentence: str) -> dict[str, Any]:
    count = unmet.ten
    segments = [
        {"name": "unmet", "count": count, "kind": "ring", "label": f"{words.say('dots.unmet')}: {count}"},
        {"name": "others", "count": TEN - count, "kind": "gap",
         "label": f"{words.say('dots.others')}: {TEN - count}"},
    ]  # fmt: skip
    note = words.say("missed.came_n", n=words.digits(unmet.n))
    return {"kind": "dots", "sentence": sentence, "note": note, "of": TEN, "segments": segments}


def _kept(told: Told) -> list[str]:
    """One sentence for each thing the programme itself keeps or fails, where it may be shown."""
    words, about = told.words, told.about
    said = []
    for key, table in (("held", "sessions-held"), ("same_worker", "continuity"), ("unpaid", "unpaid-hours")):
        view = told.view(table)
        mean = None if view is None else view.mean(about.period)
        if view is not None and mean is not None:
            tens = min(max(round(TEN * mean / view.table.scale), 0), TEN)
            said.append(words.ten(f"owed.{key}", tens))
    again = told.share("re-entry", "came_back")
    if again is not None:
        said.append(words.ten("owed.back", again.ten, months=words.months(about.reentry_months)))
    for key, table, part in SAID:
        one = of_those(told, table, about.worst.get(table, part))
        if one is not None:
            said.append(words.ten(f"owed.{key}", one.ten))
    return said


def of_those(told: Told, table: str, part: str) -> Share | None:
    """The share of a part among everyone whom the table is about, or nothing where it is hidden."""
    view, period = told.view(table), told.about.period
    if view is None or part not in view.table.parts:
        return None
    count, n = view.part(period, part), view.n(period)
    apart = view.part(period, APART) if APART in view.table.parts else 0
    if count is None or n is None or apart is None or n <= apart:
        return None
    return share(count, n - apart)


def wrong(told: Told) -> Section:
    """What may be wrong: what is always so, and what the meeting said."""
    say = told.words.say
    always = [say("wrong.agreed"), say("wrong.rounded", base=told.about.rules.base), say("wrong.anyway")]
    if told.about.noise:
        always.insert(2, say("wrong.noise", error=told.about.noise))
    return {"id": "wrong", "title": say("title.wrong"), "blocks": _list(always), "human": "wrong"}


def counted(told: Told) -> Section:
    """How a change came to count, with the source of every figure."""
    say, asked = told.words.say, told.about.asked
    said = [say("counted.all"), say("counted.copied")]
    blocks = _list(said)
    if asked:
        shown = asked["shown"].get(told.words.language) or next(iter(asked["shown"].values()), "")
        figures = {k: asked[k] for k in ("points", "lowest", "highest")}
        blocks.insert(0, text(say("counted.asked", shown=shown), say("counted.points", **figures)))
        blocks.append(text(say("counted.source", points=asked["points"]), kind="small"))
        # A citation stays as it was printed, whatever the report's language.
        blocks.append({"kind": "small", "text": asked["citation"], "language": "en", "direction": "ltr"})
    return {"id": "counted", "title": say("title.counted"), "blocks": blocks}
