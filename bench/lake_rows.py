"""Rows of a lake by numpy, straight in the lake's schema: no person is behind them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

BATCH = 1 << 17
FIRST, LAST = 2023 * 12, 2026 * 12 + 9  # lake months
PLACES = 40


def made(scores: int) -> dict[str, Any]:
    """A lake's tables by numpy: ten scores, four contacts and three steps for each person, in no order of persons."""
    import pyarrow as pa

    from kinweave.learn.shape import SCHEMAS

    persons = max(scores // 10, 100)
    return {
        "people": _batches("people", persons, persons),
        "scores": _batches("scores", scores, persons),
        "contacts": _batches("contacts", persons * 4, persons),
        "pathway": _batches("pathway", persons * 3, persons),
        "goals": _batches("goals", persons // 2, persons),
        "risks": _batches("risks", persons // 10, persons),
        "circles": _batches("circles", persons // 10, persons),
        "hours": _batches("hours", 300 * 12, 300),
        "places": [
            pa.RecordBatch.from_pydict({
                "place": [n for n in range(PLACES) for _ in range(4)], "parent": [None] * (4 * PLACES),
                "year": [2023, 2024, 2025, 2026] * PLACES, "population": [max(1000, persons)] * (4 * PLACES),
            }, schema=SCHEMAS["places"])
        ],
    }  # fmt: skip


def _batches(table: str, rows: int, persons: int) -> Iterator[Any]:
    import numpy as np
    import pyarrow as pa

    from kinweave.learn.shape import SCHEMAS

    rng = np.random.default_rng(1)
    for start in range(0, rows, BATCH):
        n = min(BATCH, rows - start)
        who = np.arange(start, start + n) if table == "people" else rng.integers(0, persons, n)
        columns = _COLUMNS[table](rng, who, n)
        given = [columns[f.name] for f in SCHEMAS[table]]
        arrays = [pa.array(a) if isinstance(a, np.ndarray) else a for a in given]
        yield pa.RecordBatch.from_arrays(arrays, schema=SCHEMAS[table])


def _codes(rng: Any, n: int, codes: tuple[str | None, ...]) -> Any:
    import numpy as np
    import pyarrow as pa

    index = pa.array(rng.integers(0, len(codes), n).astype(np.int32))
    known = [c for c in codes if c is not None]
    if None in codes:
        raw = index.to_numpy()
        index = pa.array(np.where(raw < len(known), raw, 0).astype(np.int32), mask=raw >= len(known))
    return pa.DictionaryArray.from_arrays(index, pa.array(known))


def _started(who: Any) -> Any:
    """The month a person started, from their number: the same in every table."""
    return (FIRST + who * 7919 % (LAST - FIRST)).astype("int32")


def _people(rng: Any, who: Any, n: int) -> dict[str, Any]:
    return {
        "person": who, "place": who % PLACES, "organisation": _codes(rng, n, ("o1",)),
        "programme": _codes(rng, n, ("p1",)), "gender": _codes(rng, n, ("woman", "man", None)),
        "age_band": _codes(rng, n, ("18-29", "30-44", "45-59", "60+")),
        "disability": _codes(rng, n, ("yes", "no", "no", "no")), "language": _codes(rng, n, ("en", "ar")),
        "dimension": _codes(rng, n, ("a", "b", "c")), "started_month": _started(who),
        "caregiver": rng.random(n) < 0.1, "purpose": _codes(rng, n, ("statistics", "both")),
    }  # fmt: skip


def _scores(rng: Any, who: Any, n: int) -> dict[str, Any]:
    since = rng.integers(0, 8, n).astype("int32")
    bands = ("none", "minimal", "mild", "moderate", "moderately-severe", "severe", "poor", "strong")
    return {
        "person": who, "place": who % PLACES,
        "instrument": _codes(rng, n, ("phq-9", "phq-9", "phq-9", "osss-3", "bsfc-s", "gad-7", "phq-4")),
        "scale": _codes(rng, n, ("total",)), "language": _codes(rng, n, ("en", "ar")), "month": _started(who) + since,
        "months_since_start": since, "value": rng.integers(0, 28, n).astype("float64"), "band": _codes(rng, n, bands),
        "item_missing": rng.integers(0, 2, n).astype("int32"), "doubtful": rng.random(n) < 0.01,
        "purpose": _codes(rng, n, ("statistics", "both")),
    }  # fmt: skip


def _contacts(rng: Any, who: Any, n: int) -> dict[str, Any]:
    since = rng.integers(0, 8, n).astype("int32")
    return {
        "person": who, "place": who % PLACES, "month": _started(who) + since, "months_since_start": since,
        "kind": _codes(rng, n, ("session", "visit", "call")), "planned": rng.random(n) < 0.9,
        "held": rng.random(n) < 0.8, "missed_reason": _codes(rng, n, ("unreachable", "ill", None)),
        "worker": who % 300 + rng.integers(0, 2, n),
        "step": _codes(rng, n, ("1", "2", None)), "purpose": _codes(rng, n, ("statistics", "both")),
    }  # fmt: skip


def _pathway(rng: Any, who: Any, n: int) -> dict[str, Any]:
    return {
        "person": who, "place": who % PLACES, "month": _started(who) + rng.integers(0, 8, n).astype("int32"),
        "state": _codes(rng, n, ("screened", "waiting", "active", "closed", "told", "reentered")),
        "reason": _codes(rng, n, ("end_of_care", "we_left", "moved", None)),
        "purpose": _codes(rng, n, ("statistics", "both")),
    }  # fmt: skip


def _goals(rng: Any, who: Any, n: int) -> dict[str, Any]:
    since = rng.integers(0, 8, n).astype("int32")
    return {
        "person": who, "place": who % PLACES, "month": _started(who) + since, "months_since_start": since,
        "what": _codes(rng, n, ("set", "reached")), "purpose": _codes(rng, n, ("statistics", "both")),
    }  # fmt: skip


def _hours(rng: Any, who: Any, n: int) -> dict[str, Any]:
    import numpy as np

    return {
        "worker": who, "month": (FIRST + np.arange(n) % (LAST - FIRST)).astype("int32"),
        "paid": rng.integers(0, 6000, n), "unpaid": rng.integers(0, 3000, n),
    }  # fmt: skip


def _circles(rng: Any, who: Any, n: int) -> dict[str, Any]:
    return {"place": who % PLACES, "month": _started(who)}


def _risks(rng: Any, who: Any, n: int) -> dict[str, Any]:
    month = _started(who)
    return {
        "place": who % PLACES, "month": month, "acknowledged_in_time": rng.random(n) < 0.9,
        "closed_month": month + rng.integers(0, 5, n).astype("int32"),
        "purpose": _codes(rng, n, ("statistics", "both")),
    }  # fmt: skip


_COLUMNS = {
    "people": _people, "scores": _scores, "contacts": _contacts, "pathway": _pathway, "goals": _goals, "risks": _risks,
    "circles": _circles, "hours": _hours,
}  # fmt: skip
