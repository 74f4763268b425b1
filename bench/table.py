"""One table for every benchmark: what was seen, the yardstick of the same run beside it, their ratio, the goal.

Nothing here fails because something was slow: a goal that was missed is said, never asserted.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Row:
    """One line. `ratio` is `seen` / `beside`, both in `unit`; `low` and `high` are the rounds' own range.

    at_least, at_most: the goal for the seen value, in its unit. ratio_at_most: the goal for the ratio.
    """

    what: str
    seen: float | None
    unit: str
    yardstick: str = ""
    beside: float | None = None
    low: float | None = None
    high: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    ratio_at_most: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.seen / self.beside if self.seen is not None and self.beside else None

    def goal(self) -> str:
        """The goals in words, each with whether it was met."""
        asked = [
            (self.at_least, "≥ {} " + self.unit, lambda g: self.seen is not None and self.seen >= g),
            (self.at_most, "≤ {} " + self.unit, lambda g: self.seen is not None and self.seen <= g),
            (self.ratio_at_most, "ratio ≤ {}", lambda g: self.ratio is not None and self.ratio <= g),
        ]
        return ", ".join(
            f"{words.format(number(goal))}: {'met' if met(goal) else 'missed'}" for goal, words, met in asked if goal
        )


def number(value: float | None) -> str:
    """Three figures that mean something, thousands apart."""
    if value is None:
        return ""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table, aligned to be read as it is."""
    head = ("What", "Seen", "Rounds", "Unit", "Yardstick", "", "Ratio", "Goal", "Note")
    lines = [head]
    for r in rows:
        span = f"{number(r.low)}–{number(r.high)}" if r.low is not None and r.high is not None else ""
        ratio = number(r.ratio)
        lines.append((r.what, number(r.seen), span, r.unit, r.yardstick, number(r.beside), ratio, r.goal(), r.note))
    kept = [i for i in range(len(head)) if any(line[i] for line in lines[1:]) or i < 2]
    wide = [max(len(line[i]) for line in lines) for i in kept]
    shown = ["| " + " | ".join(line[i].ljust(w) for i, w in zip(kept, wide, strict=True)) + " |" for line in lines]
    shown.insert(1, "|" + "|".join("-" * (w + 2) for w in wide) + "|")
    return "\n".join(shown)


def show(title: str, rows: Sequence[Row], notes: Sequence[str] = ()) -> None:
    """Print one benchmark's table."""
    print(f"\n### {title}\n\n{table(rows)}", flush=True)
    for note in notes:
        print(f"\n{note}", flush=True)


def as_data(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [{**asdict(row), "ratio": row.ratio} for row in rows]


@dataclass(frozen=True)
class Rounds:
    """The median of several rounds and their range."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Rounds:
        return cls(statistics.median(values), min(values), max(values))

    def per(self, amount: float) -> Rounds:
        """Seconds for `amount` things, as things a second."""
        return Rounds(amount / self.median, amount / self.high, amount / self.low)

    def times(self, factor: float) -> Rounds:
        return Rounds(self.median * factor, self.low * factor, self.high * factor)

    def row(self, what: str, unit: str, **more: Any) -> Row:
        return Row(what, self.median, unit, low=self.low, high=self.high, **more)


def timed(work: Callable[[], object], rounds: int = 3) -> Rounds:
    """Seconds of each round."""
    seen = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        seen.append(time.perf_counter() - began)
    return Rounds.of(seen)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))]


def machine() -> str:
    """One line about the machine and its state, for the head of every run."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC · {_processor()} × {os.cpu_count()} · {_memory()} · "
        f"{platform.system()} {platform.release().split('-')[0]} · Python {platform.python_version()} · "
        f"SQLite {_sqlite()} · load {load:.1f} at the start · {_commit()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def peak() -> float:
    """MB that this process held at most. Not `ru_maxrss` where it can be helped: that begins with the parent's."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _memory() -> str:
    try:
        return f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB"
    except (ValueError, OSError, AttributeError):
        return "memory unknown"


def _sqlite() -> str:
    import sqlite3

    return sqlite3.sqlite_version


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return f"commit {found.stdout.strip()}" if found.returncode == 0 else "no commit"


def progress(text: str) -> None:
    """One line on the error output, so that a long run shows where it is."""
    print(f"… {text}", file=sys.stderr, flush=True)
