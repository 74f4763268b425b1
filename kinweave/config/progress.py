"""A plain progress bar: one line that is written over on a terminal, a line now and then in a file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

WIDTH = 30
APART = 0.2  # seconds between two drawings on a terminal
APART_IN_FILE = 10.0


def progress(label: str, out: TextIO | None = None) -> Callable[[int, int], None]:
    """A function (done, total) that shows how far something is; total 0 when it is not known."""
    stream = out or sys.stderr
    terminal = stream.isatty()
    begun = last = time.monotonic()
    drawn = False

    def show(done: int, total: int) -> None:
        nonlocal last, drawn
        now = time.monotonic()
        over = bool(total) and done >= total
        if not over and now - last < (APART if terminal else APART_IN_FILE):
            return
        if over and not drawn and now - begun < 1:
            return  # done before anybody could wonder
        last, drawn = now, True
        stream.write(("\r" if terminal else "") + line(label, done, total, now - begun))
        stream.write("\n" if over or not terminal else "")
        stream.flush()

    return show


def line(label: str, done: int, total: int, seconds: float) -> str:
    """`Reading the journal [#####.....]  50 %  12 s`"""
    if not total:
        return f"{label} {done:,}  {seconds:.0f} s"
    share = min(1.0, done / total)
    full = int(WIDTH * share)
    return f"{label} [{'#' * full}{'.' * (WIDTH - full)}] {share:4.0%}  {seconds:.0f} s"
