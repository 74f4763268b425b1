"""The community's report: from safe tables to sections of sentences, dots, a chart and tables, in one language.

A block is {kind: text | lead | strong | small | list | dots | line | table, …}: page, PDF and plain text are all
made from these. A sentence comes first, then the picture, then the table. The word for a proven result is never
used: what is shown is what people said at the start and later, and some would have felt better anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kinweave.learn import report_audience, report_models, report_owed, report_promised
from kinweave.learn.grid import DIMENSIONS
from kinweave.learn.periods import quarters_of
from kinweave.learn.report_blocks import plain, text
from kinweave.learn.report_more import more
from kinweave.learn.report_numbers import REST, TEN, Readable, Share, View, of_ten
from kinweave.learn.report_words import Words
from kinweave.measures.disclosure import Rules

Block = dict[str, Any]
ENOUGH = 4  # quarters that make a line worth drawing (ours)
KINDS = {"better": "full", "same": "half", "worse": "ring", "missed": "gap", REST: "gap"}


@dataclass(frozen=True)
class About:
    """What the report is about. places: its names; own_groups: code → name of the programme's own groups;
    asked: what readers see of the questionnaire {shown: by language, points, lowest, highest, citation}; models: what
    the models said of this place and period; noise: how many people it is at most in 95 of 100 numbers, 0 for none;
    goal_months: the time in which a goal is looked for; worst: by table of bands the part that is worst for people;
    promises: what was promised, as learn.promised freezes it."""

    place: int
    place_name: str
    organisation: str
    period: int
    months: int
    reentry_months: int
    rules: Rules
    own_groups: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, Any] = field(default_factory=dict)
    models: tuple[Mapping[str, Any], ...] = ()
    noise: int = 0
    goal_months: int = 0
    worst: Mapping[str, str] = field(default_factory=dict)
    promises: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """Everything a section needs."""

    about: About
    tables: Mapping[str, Readable]
    words: Words

    def view(self, name: str) -> View | None:
        table = self.tables.get(name)
        return None if table is None else View(table, self.about.place)

    def share(self, table: str, part: str) -> Share | None:
        view = self.view(table)
        return None if view is None else view.share(self.about.period, part)


def compose(
    about: About, tables: Mapping[str, Readable], words: Words, template: str = report_audience.COMMUNITY
) -> dict[str, Any]:
    """The whole report in one language, for one audience. `tables`: by the name of their indicator."""
    told = Told(about, tables, words)
    period = words.period(about.period)
    kept = [s for name in report_audience.TEMPLATES[template] if (s := SECTIONS[name](told)) is not None]
    first = next(s for s in kept if s["id"] == "lead")["blocks"][0]
    title = words.say("title.report", place=about.place_name, period=period)
    if template != report_audience.COMMUNITY:
        title = words.say("title.for", title=title, audience=words.say(f"audience.{template}"))
    return {
        "language": words.language, "name": words.texts["name"], "direction": words.texts["direction"],
        "checked": words.checked, "title": title,
        "place": about.place_name, "period": period, "summary": first.get("sentence") or first["text"],
        "sections": kept, "words": {**words.texts["words"], "proof_title": words.say("title.proof")},
        "roles": dict(words.texts["role"]),
    }  # fmt: skip


def _lead(told: Told) -> dict[str, Any]:
    blocks = _few(told) if _is_few(told) else _how_people_felt(told)
    line = report_promised.in_a_line(told)
    return {"id": "lead", "title": told.words.say("title.lead"), "blocks": [*blocks, *([line] if line else [])]}


def _is_few(told: Told) -> bool:
    view = told.view("better-and-worse")
    return view is None or not view.n(told.about.period)


def _few(told: Told) -> list[Block]:
    say, rules = told.words.say, told.about.rules
    return [text(say("few.first"), kind="lead"), text(say("few.second"), say("few.third", smallest=rules.smallest))]


def _how_people_felt(told: Told) -> list[Block]:
    words, say = told.words, told.words.say
    view = told.view("better-and-worse")
    cell = view.cell(told.about.period) if view else None
    if view is None or cell is None:
        return _few(told)
    tens = of_ten(cell, view.table.parts)
    started = say("lead.started", n=cell.n)
    again = say("lead.again", months=words.months(told.about.months))
    if not tens:
        return [text(started, say("lead.all_hidden"), kind="lead"), text(again)]
    said = [words.ten(f"lead.{name}", tens[name]) for name in ("better", "worse", "missed") if name in tens]
    sentence = say("lead.of_ten", parts=words.listed(said)) if said else started
    after = say(_others(tens))
    better = view.share(told.about.period, "better")
    return [
        {
            "kind": "dots", "sentence": sentence, "note": started, "of": TEN,
            "segments": [{"name": n, "count": c, "kind": _kind(n, tens), "label": f"{say(f'dots.{n}')}: {c}"}
                         for n, c in _in_order(tens)],
        },
        text(after, again),
        text(say("lead.anyway"), _chance(words, better), kind="strong"),
    ]  # fmt: skip


def _others(tens: Mapping[str, int]) -> str:
    """Which sentence tells of those whom the first one leaves out."""
    if REST not in tens:
        return "lead.same"
    return "lead.hidden_felt" if "missed" in tens else "lead.hidden"


def _kind(name: str, tens: Mapping[str, int]) -> str:
    """Who is not shown one by one looks like "the same" only where nothing else does."""
    return "half" if name == REST and "same" not in tens else KINDS[name]


def _in_order(tens: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(name, tens[name]) for name in ("better", "same", "worse", REST, "missed") if name in tens]


def _chance(words: Words, better: Share | None) -> str:
    if better is None:
        return ""
    low, high = (min(max(round(v), 0), TEN) for v in (better.low, better.high))
    if low == high:
        return words.say("lead.chance_same", low=words.number(low))
    return words.say("lead.chance", low=words.number(low), high=words.number(high))


# Over time


def _time(told: Told) -> dict[str, Any] | None:
    view = told.view("better-and-worse")
    if view is None or _is_few(told):
        return None
    words, say = told.words, told.words.say
    title = {"id": "time", "title": say("title.time")}
    moments = _moments(told, view)
    if len(moments) < 2:
        return {**title, "blocks": [text(say("time.none"))]}
    series = [_series(told, view, name, moments) for name in ("better", "worse", "missed")]
    drawn = [s for s in series if any(p["value"] is not None for p in s["points"])]
    first, last = _ends(view, moments)
    sentence = " ".join([
        say("time.one", first=words.period(first[0]), a=words.number(first[1].ten)),
        say("time.two", last=words.period(last[0]), b=words.number(last[1].ten)),
        say("time.clear" if _apart(first[1], last[1]) else "time.chance"),
    ])  # fmt: skip
    chart = {
        "kind": "line", "sentence": sentence, "desc": say("time.desc"), "series": drawn, "y_min": 0,
        "y_max": _top(drawn), "unit": "", "better": say("time.unit"), "first_column": say("time.column"),
        "table_column": say("time.column_long"),
    }  # fmt: skip
    worse = any(one["of"] == "worse" for one in drawn)
    return {**title, "blocks": [chart, *([] if worse else [text(say("time.hidden_worse"))])]}


def _top(series: list[dict[str, Any]]) -> int:
    """The top of the scale of ten: a little lower where nothing reaches so far, so that its ticks are even."""
    reach = max(p["high"] for one in series for p in one["points"] if p["value"] is not None)
    return next(top for top in (8, 9, TEN) if reach <= top)


def _moments(told: Told, view: View) -> list[int]:
    """The periods to draw, without a gap: quarters where four or more are shown, else years, else what there is."""
    newest = max(quarters_of(told.about.period))
    keys = sorted({c.period for c in view.table.cells if (c.place, c.dimension) == (view.place, "all")})
    shown = [key for key in keys if view.share(key, "better") is not None and key - key % 10 <= newest]
    quarters = [key for key in shown if key % 10 and key <= newest]
    years = [key for key in shown if key % 10 == 0]
    best = quarters if len(quarters) >= ENOUGH or len(years) < 2 else years
    if not best:
        return []
    return [key for key in keys if best[0] <= key <= best[-1] and bool(key % 10) == bool(best[0] % 10)]


def _series(told: Told, view: View, name: str, moments: list[int]) -> dict[str, Any]:
    points = []
    for at, key in enumerate(moments):
        one = view.share(key, name)
        label, long = told.words.period(key, "short"), told.words.period(key, "middle")
        point: dict[str, Any] = {"x": at, "period": key, "label": label, "long": long, "value": None}
        if one is not None:
            low, high = round(one.low, 1), round(one.high, 1)
            point |= {"value": round(one.value, 1), "low": low, "high": high, "n": one.n}
        points.append(point)
    return {"of": name, "name": told.words.say(f"time.{name}"), "points": points}


def _ends(view: View, moments: list[int]) -> tuple[tuple[int, Share], tuple[int, Share]]:
    """The first and last period whose share is shown."""
    shown = [(key, one) for key in moments if (one := view.share(key, "better")) is not None]
    return shown[0], shown[-1]


def _apart(one: Share, other: Share) -> bool:
    """Chance reaches from neither to the other. Stricter than a test at 5 %, which suits a public page."""
    return one.high < other.low or other.high < one.low


# By group


def _groups(told: Told) -> dict[str, Any] | None:
    view = told.view("better-and-worse")
    whole = told.share("better-and-worse", "better")
    if view is None or whole is None:
        return None
    words, say, period = told.words, told.words.say, told.about.period
    rows: list[list[Any]] = [_group_row(words, words.say("dimension.all"), whole)]
    apart: list[str] = []
    found = view.groups(period)
    for dimension in (d for d in DIMENSIONS if d in found):
        groups = found[dimension]
        shares = {group: view.share(period, "better", dimension, group) for group in _sorted(groups)}
        if not any(shares.values()):
            continue
        rows.append([say(f"dimension.{dimension}")])
        for group, one in shares.items():
            label = words.group(group, told.about.own_groups)
            rows.append(_group_row(words, label, one))
            if one is not None and group != "unsaid" and _apart(one, whole):
                apart.append(words.ten("groups.differs", one.ten, group=label))
    title = {"id": "groups", "title": say("title.groups")}
    together = report_models.one_sentence(told)
    if len(rows) == 1:
        return {**title, "blocks": [text(say("groups.none"), together)]}
    said = [*apart, words.ten("groups.differs_all", whole.ten)] if apart else [say("groups.alike")]
    table = {"kind": "table", "caption": say("groups.caption"), "columns": words.texts["groups"]["columns"],
             "rows": rows, "note": say("groups.note") if any(r[-1] is None for r in rows) else ""}  # fmt: skip
    return {**title, "blocks": [text(*said, together), _hidden(table, say("groups.hidden"))]}


def _sorted(groups: list[str]) -> list[str]:
    """In their natural order, never by rank; those who did not say come last."""
    order = ("woman", "man", "other", "under18", "yes", "no")
    last = ("declined", "unsaid")

    def place(group: str) -> tuple[int, int, str]:
        return (group in last, order.index(group) if group in order else len(order), group)

    return sorted(groups, key=place)


def _group_row(words: Words, label: str, one: Share | None) -> list[Any]:
    if one is None:
        return [label, None, None, None]
    reach = words.say("groups.range", low=plain(one.low), high=plain(one.high))
    return [label, plain(one.value), reach, words.say("missed.about", n=one.n)]


def _hidden(table: Block, word: str) -> Block:
    table["rows"] = [[word if cell is None else cell for cell in row] for row in table["rows"]]
    return table


SECTIONS = {
    "lead": _lead, "reading": lambda told: report_owed.reading(told.words), "time": _time, "groups": _groups,
    "missed": report_owed.missed, "owed": report_owed.owed, "wrong": report_owed.wrong,
    "promised": report_promised.promised,
    "counted": report_owed.counted, "usual": report_audience.usual, "measures": report_audience.measures,
    "gaps": report_models.gaps, "year": report_models.year,
    "more": more,
    "lasting": report_models.lasting, "lasting-whole": report_models.lasting_whole,
}  # fmt: skip
