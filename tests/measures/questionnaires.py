"""Invented answers to invented questionnaires whose truth is known."""

from __future__ import annotations

from typing import Any

import numpy as np

ITEMS = ["a", "b", "c", "d", "e", "f"]
LINES = np.array([-0.6, 0.4, 1.3])


def answered(
    seed: int,
    people: int = 300,
    items: int = 6,
    *,
    shift: dict[int, float] | None = None,
    load: dict[int, float] | None = None,
    lower: float = 0.0,
    lines: np.ndarray | None = None,
) -> dict[str, Any]:
    """Answers 0 to 3 of `people` in each of two languages, "x" and "y".

    shift: items that in language y are answered that much higher by equal people; load: whose loading is different
    there. lower: how much lower people of y really stand.
    """
    rng = np.random.default_rng(seed)
    language = np.repeat(["x", "y"], people)
    second = language == "y"
    trait = rng.normal(size=2 * people) - lower * second
    made: dict[str, Any] = {}
    for i in range(items):
        loads = np.where(second, (load or {}).get(i, 1.4), 1.4)
        felt = loads * trait + rng.logistic(size=2 * people) * 0.8 + second * (shift or {}).get(i, 0.0)
        marks = (LINES if lines is None else lines) + 0.15 * (i % 3)
        made[ITEMS[i]] = (felt[:, None] > marks).sum(axis=1).astype(float)
    return made | {"language": language}
