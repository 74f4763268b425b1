"""Answers item by item: ordinal, from a graded-response trait with a floor, never normal totals.

Model (Samejima's graded response): an answer is at least option k with probability
logistic(slope * (trait - threshold_k)). The trait is normal among those not at the floor;
people at the floor are well and answer nearly all zeros. Thresholds are ours, set so that shares and
means lie inside published bands (the tests name them).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kinweave.core.instruments import Instrument, Scale, load_folder
from kinweave.demo import simulate_rates as rates

Answer = int | str | None
FLOOR_SHARE, FLOOR_TRAIT, FLOOR_SPREAD = 0.22, -2.6, 0.3
TRAIT_MEAN, TRAIT_SPREAD = 0.62, 0.85
"""Among people who are screened and not at the floor."""


@dataclass(frozen=True, slots=True)
class Form:
    """How one questionnaire is answered here.

    `items`: codes in order; `codes`: answer codes of each item from low to high severity;
    `thresholds`: array (items, options - 1) in latent units, rising along each row;
    `safety`: position of the item that must reach a human at once, or None; `languages` it is worded in;
    `need`: answers needed for a score (fewer than all: the rest is prorated, rounded half up).
    """

    slug: str
    items: tuple[str, ...]
    codes: tuple[tuple[int, ...], ...]
    slope: float
    thresholds: NDArray[np.float64]
    safety: int | None
    languages: tuple[str, ...]
    need: int

    @property
    def n(self) -> int:
        return len(self.items)


_PHQ9 = (-0.15, -0.05, 0.15, -0.30, 0.30, 0.35, 0.45, 0.85, 2.57)
_GAD7 = (-0.10, 0.15, 0.00, 0.20, 0.60, 0.10, 0.40)
_SUPPORT = (0.6, 0.2, 0.3)
_CARER = (-0.4, -0.2, 0.1, 0.0, 0.5, -0.1, 0.3, 0.6, 0.2, 0.4)

SHAPES: dict[str, tuple[tuple[float, ...], tuple[float, ...], float]] = {
    "phq-9": (_PHQ9, (0.0, 0.95, 1.55), 1.9),
    "gad-7": (_GAD7, (0.0, 0.95, 1.55), 2.0),
    "phq-4": ((-0.10, 0.15, -0.15, -0.05), (0.0, 0.95, 1.55), 2.0),
    "bsfc-s": (_CARER, (-0.6, 0.6, 1.5), 1.5),
    "osss-3": (_SUPPORT, (-2.2, -0.8, 0.4, 1.6), 1.3),
}
"""Per questionnaire: item locations, steps from one option to the next, slope. All ours."""


NUMBERED = "{stem}_{n}"
_OPTIONS: dict[str, tuple[int, ...]] = {"osss-3": (4, 5, 5)}


def instruments_root() -> Path:
    """Where the questionnaires lie: inside an installed package, or in a checkout beside it."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "_instruments"
    return inside if inside.is_dir() else package.parent / "instruments"


@cache
def _file(slug: str, root: Path) -> Instrument | None:
    folder = root / slug
    return load_folder(folder) if (folder / "instrument.toml").is_file() else None


def _by_severity(instrument: Instrument, scale: Scale) -> tuple[tuple[int, ...], ...]:
    """Answer codes of each item, from fewest points to most on its widest scale."""
    points = {code: dict(pairs) for code, pairs in scale.items}
    return tuple(tuple(sorted(i.values, key=lambda v: points[i.code].get(v, v))) for i in instrument.items)


@cache
def form(slug: str, root: Path) -> Form:
    """The form called `slug`, with the item and answer codes of the instrument file under `root`.

    Without a file, items are numbered (`phq9_1`) and answers coded as usual, so that this runs alone.
    """
    locations, steps, slope = SHAPES[slug]
    thresholds = np.add.outer(np.array(locations), np.array(steps))
    instrument = _file(slug, root)
    if instrument is None:
        stem = slug.replace("-", "")
        items = tuple(NUMBERED.format(stem=stem, n=i + 1) for i in range(len(locations)))
        counts = _OPTIONS.get(slug, (4,) * len(items))
        base = 1 if slug == "osss-3" else 0
        codes = tuple(tuple(range(base, base + k)) for k in counts)
        return Form(slug, items, codes, slope, thresholds, 8 if slug == "phq-9" else None, ("ar", "en"), len(items))
    items = tuple(item.code for item in instrument.items)
    watched = {rule.item for rule in instrument.safety}
    safety = next((i for i, code in enumerate(items) if code in watched), None)
    spoken = tuple(sorted(instrument.wordings)) or ("en",)
    widest = max(instrument.scales, key=lambda s: len(s.items))
    codes = _by_severity(instrument, widest)
    return Form(slug, items, codes, slope, thresholds, safety, spoken, widest.need)


def answer(sheet: Form, trait: float, rng: np.random.Generator) -> list[int]:
    """Option positions (0 = lowest) for one person at `trait`, one per item."""
    chance = 1 / (1 + np.exp(-sheet.slope * (trait - sheet.thresholds)))
    found = (rng.random(sheet.n)[:, None] < chance).sum(axis=1)
    return [min(int(k), len(codes) - 1) for k, codes in zip(found, sheet.codes, strict=True)]


def written(sheet: Form, positions: list[int], rng: np.random.Generator) -> dict[str, Answer]:
    """The answers as noted: codes, with gaps (None), "declined", and now and then a form broken off."""
    out: dict[str, Answer] = {}
    for i, (item, codes, position) in enumerate(zip(sheet.items, sheet.codes, positions, strict=True)):
        declines = rates.SAFETY_DECLINED if i == sheet.safety else rates.ITEM_DECLINED
        draw = rng.random()
        if draw < rates.ITEM_UNANSWERED:
            out[item] = None
        else:
            out[item] = "declined" if draw < rates.ITEM_UNANSWERED + declines else codes[position]
    return out


def broken_off(sheet: Form, answers: dict[str, Answer], rng: np.random.Generator) -> dict[str, Answer]:
    """The same form stopped half way: nothing from there on was asked."""
    stop = int(rng.integers(1, sheet.n))
    return {item: answers[item] if i < stop else None for i, item in enumerate(sheet.items)}


def points_of(sheet: Form, answers: Mapping[str, Answer]) -> list[int]:
    """Option positions of the answered items: for the forms here, their points."""
    pairs = zip(sheet.items, sheet.codes, strict=True)
    return [codes.index(value) for item, codes in pairs if isinstance(value := answers[item], int)]


def total(sheet: Form, answers: Mapping[str, Answer]) -> int | None:
    """Points in all; None when fewer items were answered than the form needs for a score."""
    points = points_of(sheet, answers)
    if len(points) < sheet.need:
        return None
    return (2 * sum(points) * sheet.n + len(points)) // (2 * len(points))


def alarming(sheet: Form, answers: Mapping[str, Answer]) -> bool:
    """Whether the safety item was answered with anything but its lowest option."""
    if sheet.safety is None:
        return False
    value = answers[sheet.items[sheet.safety]]
    return isinstance(value, int) and value != sheet.codes[sheet.safety][0]
