"""The sheet keeps its promises: contrast in both themes, no physical direction, small and complete."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "kinweave" / "front" / "static"
TEMPLATES = STATIC.parent / "templates"
SHEET = (STATIC / "kinweave.css").read_text(encoding="utf-8")
BARE = re.sub(r"/\*.*?\*/", "", SHEET, flags=re.DOTALL)

WASHES = ("wash-indigo", "wash-terracotta", "wash-red", "wash-teal")
GROUNDS = ("paper", "sheet", "sunk")
TEXT = [  # (text, ground): every pair that the sheet lets stand together; at least 7:1
    *(("ink", g) for g in (*GROUNDS, *WASHES)),
    *(("soft", g) for g in GROUNDS),
    *(("indigo", g) for g in ("paper", "sheet")),  # links
    *(("soft-on-wash", w) for w in WASHES),
    *(("link-on-wash", w) for w in WASHES),
    ("on-indigo", "indigo"),
    ("on-indigo", "indigo-deep"),
    ("paper", "ink"),
    ("paper", "soft"),
]
HUES = ("indigo", "terracotta", "teal", "ochre", "plum", "grey")
MARKS = [  # borders of controls, chart marks, focus rings; at least 3:1
    *((m, g) for m in (*HUES, "red", "edge") for g in ("paper", "sheet", *WASHES)),
    ("edge", "sunk"),
    ("indigo", "sunk"),
]
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:left|right|top|bottom)"
    r"|border-(?:top|bottom)-(?:left|right)-radius|(?:min-|max-)?(?:width|height)|left|right|top|bottom)"
    r"(?:-\w+)?\s*:"
)
SIDED = re.compile(r"(?<![\w-])(?:float|clear|text-align)\s*:\s*(?:left|right)")
FOUR = re.compile(r"(?<![\w-])(?:margin|padding|inset|border-width|border-radius)\s*:\s*([^;}]+)")


def tokens(theme: str) -> dict[str, str]:
    """Custom colours of a theme; the dark ones stand on top of the light ones."""
    light = block(BARE, ":root {")
    if theme == "light":
        return colours(light)
    return {**colours(light), **colours(block(BARE, ':root[data-theme="dark"] {'))}


def block(text: str, opening: str) -> str:
    begin = text.index(opening) + len(opening)
    return text[begin : text.index("}", begin)]


def colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", text))


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def ratio(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_ratio_is_the_one_of_the_standard():
    assert ratio("#000000", "#ffffff") == pytest.approx(21.0)
    assert ratio("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_seven_to_one(theme):
    held = tokens(theme)
    weak = {p: round(ratio(held[p[0]], held[p[1]]), 2) for p in TEXT if ratio(held[p[0]], held[p[1]]) < 7}
    assert weak == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_and_controls_stand_out_three_to_one(theme):
    held = tokens(theme)
    weak = {p: round(ratio(held[p[0]], held[p[1]]), 2) for p in MARKS if ratio(held[p[0]], held[p[1]]) < 3}
    assert weak == {}


def test_the_colours_are_the_agreed_ones():
    light, dark = tokens("light"), tokens("dark")
    agreed = {
        "paper": ("#fbf8f3", "#14171c"), "ink": ("#1f2430", "#ece7de"), "soft": ("#4a525f", "#b6bdc8"),
        "indigo": ("#3a4a9f", "#a9b6ff"), "terracotta": ("#b4532a", "#f0a07a"), "teal": ("#1d7a74", "#6fd0c8"),
        "ochre": ("#8f6414", "#e4bd6b"), "plum": ("#7b3f73", "#d9a2d0"), "red": ("#b3261e", "#ff8a80"),
    }  # fmt: skip
    assert {name: (light[name], dark[name]) for name in agreed} == agreed


def test_both_ways_into_the_dark_are_the_same():
    asked = block(BARE, ':root:not([data-theme="light"]) {').split()
    chosen = block(BARE, ':root[data-theme="dark"] {').split()
    assert asked == chosen


def test_layers_come_in_the_agreed_order():
    assert re.search(r"@layer ([\w, ]+);", BARE)[1] == "reset, tokens, base, parts, pages, print"
    outside = re.sub(r"@font-face\s*{[^}]*}", "", BARE)
    depth, loose = 0, ""
    for letter in outside:
        depth += (letter == "{") - (letter == "}")
        loose += letter if depth == 0 else ""
    assert set(re.findall(r"@layer (\w+) ", loose)) == {"reset", "tokens", "base", "parts", "pages", "print"}
    assert re.findall(r"(?:^|})\s*[.#\w:]+\s*$", loose) == []


def test_no_physical_direction():
    text = re.sub(r"\((?:min|max)-width:[^)]*\)", "", BARE)  # conditions, not declarations
    assert PHYSICAL.findall(text) == []
    assert SIDED.findall(text) == []
    uneven = [m for m in FOUR.findall(text) if len(sides := m.split()) == 4 and sides[1] != sides[3]]
    assert uneven == []


@pytest.mark.parametrize("bad", ["margin-left: 1px", "right: 0", "text-align: left", "min-width: 4px", "height: 1px"])
def test_the_search_for_physical_direction_finds_it(bad):
    assert PHYSICAL.search(f"a {{ {bad}; }}") or SIDED.search(f"a {{ {bad}; }}")


def test_base_text_and_targets():
    assert "html { font-size: 112.5%;" in BARE  # of 16 px: 18 px
    assert re.search(r"--target: 48px;", BARE)


def test_every_address_in_the_sheet_is_here():
    named = re.findall(r'url\("([^"]+)"\)', BARE)
    assert len(named) == 6
    assert [n for n in named if not (STATIC / n).is_file()] == []


def test_vendored_files_are_as_they_were_published():
    table = (STATIC / "vendor" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", table, flags=re.MULTILINE)
    assert {name for name, _ in rows} >= {"htmx.min.js", "../icons.svg"}
    for name, wanted in rows:
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == wanted, name
    for licence in ("vendor/LICENSE-htmx.txt", "vendor/LICENSE-lucide.txt"):
        assert (STATIC / licence).stat().st_size > 300


@pytest.mark.parametrize(
    ("language", "fonts"),
    [
        ("en", ["atkinson-next-400", "atkinson-next-700"]),
        ("ar", ["atkinson-next-400", "atkinson-next-700", "noto-sans-arabic-400", "noto-sans-arabic-700"]),
    ],
)
def test_the_frame_of_a_public_page_is_light(language, fonts):
    """What every first page carries, as it travels: fonts whole, texts compressed. 150 kB is the whole page's limit;
    the frame leaves 60 kB of it to the page itself."""
    whole = sum((STATIC / "fonts" / f"{f}.woff2").stat().st_size for f in fonts)
    texts = ["kinweave.css", "icons.svg", "mark.svg", "js/quick-exit.js"]
    whole += sum(len(gzip.compress((STATIC / t).read_bytes())) for t in texts)
    assert whole < 90_000


def test_templates_carry_no_inline_style_or_script():
    bad = re.compile(r"<style|\sstyle=|\son\w+=\"|javascript:|<script(?![^>]*\ssrc=)")
    found = {
        p.name: bad.findall(p.read_text(encoding="utf-8"))
        for p in [*TEMPLATES.glob("base*.html"), *TEMPLATES.glob("parts/*.html")]
    }
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_every_icon_asked_for_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    asked = {
        name
        for p in TEMPLATES.rglob("*.html")
        for name in re.findall(r'{% icon "([^"]+)"', p.read_text(encoding="utf-8"))
    }
    assert asked
    assert asked <= sprite
