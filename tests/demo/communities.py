"""Invented communities, each made once however many tests look at it: they are frozen."""

from __future__ import annotations

from functools import cache

from kinweave.demo.simulate import Community, simulate


@cache
def made(pattern: str, seed: int) -> Community:
    return simulate(pattern, seed)
