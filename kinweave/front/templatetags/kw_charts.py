"""Where marks stand on the page: plain geometry for dots, ranges, lines and place tiles.

Horizontal positions are percentages of the drawing (so that text keeps its size at every width), vertical ones
are pixels. `mirrored` turns the drawing round for right-to-left languages. Nothing here knows a person.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PLOT_TOP, PLOT_HEIGHT = 8, 180  # pixels; kinweave.css gives the tick column PLOT_HEIGHT + 2 * PLOT_TOP
EDGE = 5.0  # percent kept free at both sides so that first and last labels fit
DOT_KINDS = ("full", "half", "ring", "gap")
SHAPES = (  # one shape per series, so that colour is never the only difference
    "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0Z",
    "M-5.5-5.5H5.5V5.5H-5.5Z",
    "M0-7.5 7 5.5H-7Z",
    "M0-7.5 7.5 0 0 7.5-7.5 0Z",
    "M0 7.5 7-5.5H-7Z",
    "M-2-7H2V-2H7V2H2V7H-2V2H-7V-2H-2Z",
)


@dataclass(frozen=True)
class Dot:
    """One dot of a row: centre `x` in the drawing's own units (30 per dot) and its kind."""

    x: float
    kind: str


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis; `thin` ones give way on narrow screens."""

    at: float
    label: str
    thin: bool = False


@dataclass(frozen=True)
class Mark:
    """One measured point: `x` percent, `y`, `low`, `high` pixels (low and high None: no interval)."""

    x: float
    y: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Stroke:
    """A straight piece of a line between two marks; `gap` when a point between them is missing."""

    x1: float
    y1: float
    x2: float
    y2: float
    gap: bool


@dataclass(frozen=True)
class Series:
    """One line ready to draw; `shift` is its sideways step in pixels, so that intervals do not overlap."""

    name: str
    hue: int
    shape: str
    shift: float
    marks: tuple[Mark, ...]
    strokes: tuple[Stroke, ...]


def dot_row(segments: Iterable[Mapping[str, Any]], of: int, *, mirrored: bool) -> tuple[Dot, ...]:
    """Dots in reading order. Raises ValueError when the counts do not make `of`, or a kind is unknown:
    a picture that shows nine or eleven of ten people would be a lie."""
    kinds: list[str] = []
    for segment in segments:
        if segment["kind"] not in DOT_KINDS:
            raise ValueError(f"a dot is one of {', '.join(DOT_KINDS)}")
        kinds += [segment["kind"]] * int(segment["count"])
    if len(kinds) != of:
        raise ValueError(f"the dots make {len(kinds)}, not {of}")
    spots = (15 + 30 * i for i in range(of))
    return tuple(Dot(30 * of - x if mirrored else x, kind) for x, kind in zip(spots, kinds, strict=True))


def nice_ticks(low: float, high: float, wanted: int = 4) -> tuple[float, ...]:
    """Round tick values from `low` up to at least `high`, about `wanted` steps of 1, 2, 3, 5 or 10 × 10^k."""
    raw = max(high - low, 1e-9) / wanted
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(unit * m for m in (1, 2, 3, 5, 10) if unit * m >= raw - 1e-12)
    count = math.ceil((high - low) / step - 1e-9)
    return tuple(round(low + i * step, 10) for i in range(count + 1))


def plain_number(value: float) -> str:
    """'7' for 7.0, '7.5' for 7.46: never two decimals where the public reads."""
    rounded = round(float(value), 1)
    return str(int(rounded)) if rounded == int(rounded) else f"{rounded:.1f}"


@dataclass(frozen=True)
class Frame:
    """Maps values to the drawing: `x` to percent, `y` to pixels (larger values stand higher)."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float
    mirrored: bool

    def across(self, x: float) -> float:
        share = 0.5 if self.x_high == self.x_low else (x - self.x_low) / (self.x_high - self.x_low)
        percent = EDGE + (100 - 2 * EDGE) * share
        return round(100 - percent if self.mirrored else percent, 2)

    def down(self, y: float) -> float:
        share = (y - self.y_low) / ((self.y_high - self.y_low) or 1)
        return round(PLOT_TOP + PLOT_HEIGHT * (1 - min(max(share, 0), 1)), 1)


def frame_for(series: Sequence[Mapping[str, Any]], chart: Mapping[str, Any], *, mirrored: bool) -> Frame:
    """The frame that holds every point and interval; its top is the first
    tick at or above `y_max`. ValueError when nothing was measured."""
    points = [p for s in series for p in s["points"]]
    tops = [v for p in points for v in (p.get("value"), p.get("high")) if v is not None]
    if not tops:
        raise ValueError("a line needs at least one measured point; show the empty state instead")
    low = float(chart.get("y_min", 0))
    high = nice_ticks(low, float(chart.get("y_max") or max(tops)))[-1]  # ends on a tick: ticks are laid out evenly
    xs = [float(p["x"]) for p in points]
    return Frame(min(xs), max(xs), low, high, mirrored)


def draw_series(one: Mapping[str, Any], index: int, count: int, frame: Frame) -> Series:
    """Marks with their intervals and the strokes between them; a missing value leaves a dashed gap."""
    marks: list[Mark] = []
    strokes: list[Stroke] = []
    missed = False
    for p in sorted(one["points"], key=lambda p: float(p["x"])):
        if p.get("value") is None:
            missed = True
            continue
        low, high = p.get("low"), p.get("high")
        mark = Mark(
            frame.across(float(p["x"])),
            frame.down(p["value"]),
            None if low is None else frame.down(low),
            None if high is None else frame.down(high),
        )
        if marks:
            strokes.append(Stroke(marks[-1].x, marks[-1].y, mark.x, mark.y, missed))
        marks.append(mark)
        missed = False
    shift = (index - (count - 1) / 2) * 8
    return Series(str(one.get("name", "")), index % 6 + 1, SHAPES[index % 6], shift, tuple(marks), tuple(strokes))


def x_ticks(points: Sequence[Mapping[str, Any]], frame: Frame) -> tuple[Tick, ...]:
    """At most twelve labels, at most five on a narrow screen, always the first."""
    ordered = sorted({float(p["x"]): str(p["label"]) for p in points}.items())
    wide, thin = math.ceil(len(ordered) / 12), math.ceil(len(ordered) / 5)
    return tuple(
        Tick(frame.across(x), label, thin=i % thin != 0) for i, (x, label) in enumerate(ordered) if i % wide == 0
    )
