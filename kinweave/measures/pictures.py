"""Results as small SVG pictures: values with their intervals, counts along time. Plain text, no scripts, no fonts.

Every picture has a title and a description, so that a screen reader tells what it shows. Colours are dark on white
with a contrast of 4.5 to 1 at least; an alarm has a shape of its own, not only a colour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from kinweave.measures.refusals import CannotTell, TooMany
from kinweave.measures.results import Result
from kinweave.measures.signals import Judged

WIDTH: Final = 720
LABELS: Final = 300
ROW: Final = 26
TOP: Final = 100  # room for the sentence, three lines of it
MOST: Final = 400
INK, SOFT, ALARM, BAR = "#1b2a33", "#5b6b75", "#a3123c", "#6b8899"


class Bar(NamedTuple):
    """One value with its interval (None: none)."""

    label: str
    value: float
    low: float | None
    high: float | None


def svg(result: Result) -> str:
    """The picture that fits the result. CannotTell if it has nothing to draw."""
    periods = getattr(result, "periods", None)
    if isinstance(periods, tuple):
        return _timeline(result, periods)
    bars = _bars(result)
    if not bars:
        raise CannotTell(why="this result has no values to draw", instead="Leave --plot out.")
    if len(bars) > MOST:
        raise TooMany(what="lines in a picture", found=len(bars), limit=MOST, instead="Leave --plot out.")
    return _forest(result, bars)


def _bars(result: Result) -> list[Bar]:
    if isinstance(strata := getattr(result, "strata", None), tuple):
        return [Bar(" · ".join(map(str, s.names)), s.value, s.low, s.high) for s in strata]
    found = [Bar(e.name, e.value, e.low, e.high) for e in result.estimates]
    for language, one in getattr(result, "reliabilities", {}).items():
        found += [Bar(f"{e.name}, {language}", e.value, e.low, e.high) for e in one.estimates]
    return found


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round numbers from below `low` to above `high`."""
    step = 10.0 ** math.floor(math.log10((high - low) / wanted))
    step *= next((m for m in (1, 2, 5, 10) if step * m >= (high - low) / wanted - 1e-300), 10)
    first = math.floor(low / step)
    return [(first + i) * step for i in range(math.ceil(high / step) - first + 1)]


def _tick(mark: float) -> str:
    """A round number without the digits that only a computer sees: 0.3, not 0.30000000000000004."""
    return f"{mark:.6g}"


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        gap = abs(high) * 0.1 or 1.0
        return low - gap, high + gap
    return low, high


def _page(height: int, title: str, says: str, body: list[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="t d" font-family="sans-serif" font-size="13" fill="{INK}">'
    )
    named = f'<title id="t">{escape(title)}</title>\n<desc id="d">{escape(says)}</desc>'
    paper = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    lines = wrap(says, 104, max_lines=3, placeholder=" …")
    top = [_text(12, 22 + 18 * i, line) for i, line in enumerate(lines)]
    return "\n".join([head, named, paper, *top, *body, "</svg>", ""])


def _text(x: float, y: float, words: str, *, anchor: str = "start", fill: str = INK) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'


def _line(x1: float, x2: float, y1: float, y2: float, ink: str, width: float) -> str:
    return f'<line x1="{x1}" x2="{x2}" y1="{y1}" y2="{y2}" stroke="{ink}" stroke-width="{width}"/>'


def _short(text: str, most: int = 42) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _forest(result: Result, bars: list[Bar]) -> str:
    low, high = _span([v for b in bars for v in (b.value, b.low, b.high) if v is not None])
    marks = ticks(low, high)
    low, high = marks[0], marks[-1]

    def x(value: float) -> float:
        return round(LABELS + (WIDTH - LABELS - 30) * (value - low) / (high - low), 1)

    bottom = TOP + ROW * len(bars)
    body = []
    for mark in marks:
        heavy = 1.6 if abs(mark) < 1e-12 * max(abs(low), abs(high)) else 0.5
        body.append(_line(x(mark), x(mark), TOP - 12, bottom, SOFT, heavy))
        body.append(_text(x(mark), bottom + 18, _tick(mark), anchor="middle", fill=SOFT))
    for i, b in enumerate(bars):
        y = TOP + ROW * i + 4
        body.append(_text(LABELS - 12, y + 4, _short(b.label), anchor="end"))
        if b.low is not None and b.high is not None:
            body.append(_line(x(b.low), x(b.high), y, y, INK, 2))
        body.append(f'<circle cx="{x(b.value)}" cy="{y}" r="4.5"/>')
    return _page(bottom + 32, result.method, result.says, body)


def _timeline(result: Result, periods: Sequence[Judged]) -> str:
    """Counts as bars, what is usual as a line, alarms as triangles; one group under the other."""
    groups: dict[str, list[Judged]] = {}
    for p in periods:
        groups.setdefault(p.group, []).append(p)
    if not groups:
        raise CannotTell(why="no period could be judged", instead="Leave --plot out.")
    if len(groups) > MOST // 10:
        raise TooMany(what="groups in a picture", found=len(groups), limit=MOST // 10, instead="Leave --plot out.")
    body: list[str] = []
    for i, (name, mine) in enumerate(groups.items()):
        body += _one_line(name if len(groups) > 1 else "", mine, TOP + 190 * i)
    return _page(TOP + 190 * len(groups), result.method, result.says, body)


def _one_line(name: str, periods: Sequence[Judged], top: int) -> list[str]:
    marks = ticks(*_span([*(v for p in periods for v in (p.count, p.expected)), 0.0]), 3)
    low, high, wide = marks[0], marks[-1], (WIDTH - 90) / len(periods)

    def y(value: float) -> float:
        return round(top + 130 - 120 * (value - low) / (high - low), 1)

    body = [_text(60, top - 4, _short(name, 60))]
    for mark in marks:
        body.append(_line(60, WIDTH - 30, y(mark), y(mark), SOFT, 0.4))
        body.append(_text(54, y(mark) + 4, _tick(mark), anchor="end", fill=SOFT))
    usual = []
    for i, p in enumerate(periods):
        x, middle = round(60 + wide * i, 1), round(60 + wide * (i + 0.4), 1)
        size = f'width="{max(round(wide * 0.8, 1), 0.4)}" height="{round(abs(y(p.count) - y(0)), 1)}"'
        colour = ALARM if p.alarm else BAR
        body.append(f'<rect x="{x}" y="{min(y(p.count), y(0))}" {size} fill="{colour}"/>')
        usual.append(f"{middle},{y(p.expected)}")
        if p.alarm:
            shape = f"M{middle} {y(p.count) - 4}l-5 -9h10z"
            body.append(f'<path d="{shape}" fill="{ALARM}"><title>{escape(p.time)}</title></path>')
    body.append(f'<polyline points="{" ".join(usual)}" fill="none" stroke="{INK}" stroke-width="1.4"/>')
    ends = periods[0].time, periods[-1].time
    return [*body, _text(60, top + 150, ends[0], fill=SOFT),
            _text(WIDTH - 30, top + 150, ends[1], anchor="end", fill=SOFT)]  # fmt: skip
