"""The report's pictures, one to a slide: SVG files of 16 to 9 that any presentation takes in, each with its sentence.

Made of the same blocks as the page and the PDF. A slide carries the report's number and, where it is so, that all
people are invented, because slides travel without the page they come from.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from kinweave.front.templatetags import kw_charts as draw

WIDTH, HEIGHT, EDGE = 1280, 720, 80
PAPER, INK, SOFT, LINE = "#fbf8f3", "#1f2430", "#4a525f", "#c9c2b6"
WARM = "#b4532a"
HUES = ("#3a4a9f", WARM, "#1d7a74", "#8f6414", "#7b3f73", SOFT)
FONT = "'Atkinson Hyperlegible Next', 'Noto Sans Arabic', 'Noto Sans', sans-serif"
SIZES = ((50, 38, 50), (64, 30, 40), (82, 23, 31))  # letters in a line, their size, from line to line
ROOM = 160  # pixels for the sentence
PLOT = (EDGE + 60, 320, WIDTH - 2 * EDGE - 60, 250)  # x, y, width, height of a line chart
PICTURES = ("dots", "line")


def slides(doc: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """(section title, block) of everything that is a picture, in the report's order."""
    return [(s["title"], b) for s in doc["sections"] for b in s["blocks"] if b["kind"] in PICTURES]


def slide(doc: Mapping[str, Any], number: int, short: str) -> str:
    """Slide `number` (from 1) as SVG text. `short`: the start of the report's number. IndexError: there is none."""
    if number < 1:
        raise IndexError(number)
    title, block = slides(doc)[number - 1]
    page = _Page(doc["direction"] == "rtl")
    inside = [
        page.text(f"{doc['place']}, {doc['period']}", 76, 28, SOFT), page.text(title, 124, 40, INK, bold=True),
        *_sentence(page, block["sentence"]),
        *(_dots(page, block) if block["kind"] == "dots" else _lines(page, block)), *_foot(page, doc, short),
    ]  # fmt: skip
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
        f' role="img" lang="{escape(doc["language"])}" font-family="{FONT}">'
        f"<title>{escape(block['sentence'])}</title>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{PAPER}"/>{"".join(inside)}</svg>'
    )


def _sentence(page: _Page, sentence: str) -> Iterator[str]:
    """The whole sentence, as large as there is room for it."""
    for most, size, step in SIZES:  # noqa: B007  the last one that was looked at is used
        lines = wrapped(sentence, most)
        if len(lines) * step <= ROOM:
            break
    for n, line in enumerate(lines):
        yield page.text(line, 158 + step * (n + 1) - step // 4, size, INK)


def wrapped(sentence: str, most: int = SIZES[0][0]) -> list[str]:
    """The sentence in lines of whole words."""
    lines = [""]
    for word in sentence.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


class _Page:
    """Where things stand, from the side on which the language begins."""

    def __init__(self, rtl: bool) -> None:
        self.rtl = rtl

    def at(self, x: float) -> float:
        """`x` counted from where a line of text begins."""
        return round(WIDTH - x if self.rtl else x, 1)

    def text(self, said: str, y: float, size: int, colour: str, x: float = EDGE, bold: bool = False) -> str:
        # In a right-to-left text the anchor `start` is its right end.
        way = ' direction="rtl"' if self.rtl else ""
        weight = ' font-weight="700"' if bold else ""
        return f'<text x="{self.at(x)}" y="{y}" font-size="{size}" fill="{colour}"{way}{weight}>{escape(said)}</text>'


def _dots(page: _Page, block: Mapping[str, Any]) -> Iterator[str]:
    """Ten people in a row, then what each kind of dot means."""
    kinds = [s["kind"] for s in block["segments"] for _ in range(s["count"])]
    for n, kind in enumerate(kinds):
        yield _dot(page, EDGE + 44 + n * 112, 410, 44, kind)
    shown = [s for s in block["segments"] if s["count"]]
    for n, one in enumerate(shown):
        column, row = n % 2, n // 2
        x, y = EDGE + 14 + column * 560, 510 + row * 46
        yield _dot(page, x, y - 9, 13, one["kind"])
        yield page.text(one["label"], y, 27, INK, x=x + 30)
    if block.get("note"):
        yield page.text(block["note"], 640, 26, SOFT)


def _dot(page: _Page, x: float, y: float, r: float, kind: str) -> str:
    """full: a whole dot. half: its lower half. ring: a ring. gap: a broken ring."""
    cx, wide = page.at(x), max(2, round(r / 9))
    ring = f'<circle cx="{cx}" cy="{y}" r="{r}" fill="none" stroke="{WARM}" stroke-width="{wide}"'
    if kind == "full":
        return f'<circle cx="{cx}" cy="{y}" r="{r}" fill="{WARM}"/>'
    if kind == "half":
        return f'{ring}/><path d="M{cx - r} {y}a{r} {r} 0 0 0 {2 * r} 0Z" fill="{WARM}"/>'
    return f"{ring}/>" if kind == "ring" else f'{ring} stroke-dasharray="{r / 3:.1f} {r / 4:.1f}"/>'


def _lines(page: _Page, chart: Mapping[str, Any]) -> Iterator[str]:
    """The chart of the page, larger: ticks, intervals, marks of different shape, and whom each line stands for."""
    series = chart["series"]
    if not any(p["value"] is not None for s in series for p in s["points"]):
        return
    frame = draw.frame_for(series, chart, mirrored=page.rtl)
    left, top, wide, high = PLOT
    up = high / (draw.PLOT_HEIGHT + 2 * draw.PLOT_TOP)

    def x(percent: float) -> float:
        return round((EDGE if page.rtl else left) + percent / 100 * wide, 1)

    def y(pixels: float) -> float:
        return round(top + pixels * up, 1)

    for tick in draw.nice_ticks(frame.y_low, frame.y_high):
        at = y(frame.down(tick))
        yield f'<line x1="{x(0)}" x2="{x(100)}" y1="{at}" y2="{at}" stroke="{LINE}"/>'
        yield page.text(draw.plain_number(tick), at + 8, 22, SOFT)
    for mark in draw.x_ticks([p for s in series for p in s["points"]], frame):
        yield (f'<text x="{x(mark.at)}" y="{top + high + 26}" font-size="22" fill="{SOFT}" text-anchor="middle">'
               f"{escape(mark.label)}</text>")  # fmt: skip
    for n, one in enumerate(series):
        yield from _line(draw.draw_series(one, n, len(series), frame), HUES[n % len(HUES)], x, y)
        hue, shape, at = HUES[n % len(HUES)], draw.SHAPES[n % len(draw.SHAPES)], page.at(EDGE + 10 + n * 360)
        yield f'<path d="{shape}" fill="{hue}" transform="translate({at} 622) scale(1.5)"/>'
        yield page.text(str(one["name"]), 631, 25, INK, x=EDGE + 32 + n * 360)


def _line(line: draw.Series, colour: str, x: Any, y: Any) -> Iterator[str]:
    shift = line.shift * 1.4
    for s in line.strokes:
        broken = ' stroke-dasharray="6 8"' if s.gap else ""
        yield (f'<line x1="{x(s.x1) + shift}" y1="{y(s.y1)}" x2="{x(s.x2) + shift}" y2="{y(s.y2)}" stroke="{colour}"'
               f' stroke-width="4"{broken}/>')  # fmt: skip
    for m in line.marks:
        at = x(m.x) + shift
        if m.low is not None:
            yield f'<line x1="{at}" x2="{at}" y1="{y(m.low)}" y2="{y(m.high)}" stroke="{colour}" stroke-width="2"/>'
        yield f'<path d="{line.shape}" fill="{colour}" transform="translate({at} {y(m.y)}) scale(1.5)"/>'


def _foot(page: _Page, doc: Mapping[str, Any], short: str) -> Sequence[str]:
    said = f"{doc['site']} · {doc['words']['hash']}: {short}"
    rows = [page.text(said, 690, 20, SOFT)]
    if doc["invented"]:
        rows.append(page.text(doc["words"]["invented"], 664, 20, WARM, bold=True))
    return rows
