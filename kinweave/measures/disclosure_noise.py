"""Noise on top of the disclosure rules, for those who want it: discrete Laplace, exact, the same for ever in one cell.

Dwork, McSherry, Nissim & Smith (2006), TCC, LNCS 3876:265-284; whole numbers drawn without rounding errors after
Canonne, Kamath & Steinke (2020), NeurIPS 33:15676-15688 (floating-point noise gives itself away: Mironov 2012).

A cell's noise is made from a secret and the cell's name, so that asking again, or in another table, or next year,
gives the same number and an average over releases learns nothing more. Which cells are hidden is not covered by the
noise: it comes after the rules, not instead of them. Means and spreads are left out of a noisy table.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import secrets
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any, Final

from kinweave.measures.disclosure import Cell, SafeTable
from kinweave.measures.disclosure_keys import Key
from kinweave.measures.refusals import BadChoice

METHOD: Final = "discrete Laplace noise, fixed for each cell"
CITATION: Final = "Dwork et al. (2006), doi:10.1007/11681878_14; Canonne, Kamath & Steinke (2020), arXiv:2004.00010"
PURPOSE: Final = b"kinweave noise 1\x00"


def laplace_error(scale: float, share: float = 0.05) -> float:
    """The error that Laplace noise of this scale exceeds in only `share` of cells: scale · ln(1 / share)."""
    if not scale > 0 or not 0 < share < 1 or not math.isfinite(scale):
        raise BadChoice(name="scale or share", allowed="a scale above 0, and a share between 0 and 1")
    return scale * math.log(1 / share)


def new_secret() -> bytes:
    """32 bytes from the system's own secure source. Keep it as long as releases are compared, and never publish it."""
    return secrets.token_bytes(32)


class _Stream:
    """Endless even whole numbers from a key, always the same ones: HMAC-SHA256 of a counter."""

    def __init__(self, secret: bytes, name: bytes) -> None:
        self.key = hmac.new(secret, PURPOSE + name, hashlib.sha256).digest()
        self.turn, self.held = 0, b""

    def below(self, limit: int) -> int:
        """0 to limit − 1, each as likely."""
        size = (limit.bit_length() + 7) // 8
        highest = 256**size - 256**size % limit
        while True:
            while len(self.held) < size:
                self.held += hmac.new(self.key, self.turn.to_bytes(8, "big"), hashlib.sha256).digest()
                self.turn += 1
            drawn, self.held = int.from_bytes(self.held[:size], "big"), self.held[size:]
            if drawn < highest:
                return drawn % limit

    def happens(self, chance: Fraction) -> bool:
        return self.below(chance.denominator) < chance.numerator

    def decays(self, by: Fraction) -> bool:
        """True with probability exp(−by), 0 ≤ by ≤ 1, exactly: von Neumann's alternating trick."""
        k = 1
        while self.happens(by / k):
            k += 1
        return k % 2 == 1

    def laplace(self, scale: Fraction) -> int:
        """k with probability proportional to exp(−|k| / scale)."""
        t, s = scale.numerator, scale.denominator
        while True:
            part = self.below(t)
            if not self.decays(Fraction(part, t)):
                continue
            times = 0
            while self.decays(Fraction(1)):
                times += 1
            size = (part + t * times) // s
            negative = self.below(2) == 1
            if not (negative and size == 0):
                return -size if negative else size


@dataclass(frozen=True)
class Noise:
    """secret: of this site, 32 bytes or more. scale: of the noise, in people, to hundredths.

    Choose one scale and keep it: the same cells under a second scale would be a second, independent look at them.
    """

    secret: bytes = field(repr=False)
    scale: float

    def __post_init__(self) -> None:
        if len(self.secret) < 32:
            raise BadChoice(name="secret", allowed="32 bytes or more, from new_secret()")
        if not 0.1 <= self.scale <= 1000:
            raise BadChoice(name="scale", allowed="from 0.1 to 1000 people")

    @property
    def exact(self) -> Fraction:
        return Fraction(round(self.scale * 100), 100)

    @property
    def error(self) -> int:
        """In 95 of 100 cells the noise is at most this many people: laplace_error for whole numbers."""
        p = math.exp(-1 / float(self.exact))
        return max(0, math.ceil(math.log(0.05 * (1 + p) / 2) / math.log(p)) - 1)

    def of(self, key: Key) -> int:
        """The noise of one count; always the same."""
        name = json.dumps([*key, str(self.exact)], separators=(",", ":"), ensure_ascii=True).encode()
        return _Stream(self.secret, name).laplace(self.exact)


@dataclass(frozen=True)
class NoisyTable:
    """A safe table with noise on every shown count. error: people, in 95 of 100 cells, without the rounding.

    epsilon: privacy loss of one person in one count; rounding to `base` makes a person count for up to `base`.
    """

    name: str
    population: str
    parts: tuple[str, ...]
    cells: tuple[Cell, ...]
    scale: float
    error: int
    epsilon: float
    safe_hash: str
    kind: str = "share"
    method: str = METHOD
    citation: str = CITATION

    @property
    def says(self) -> str:
        return (
            f"Numbers of people have noise on purpose, so that nobody can be found: in 95 of 100 cells it is at most "
            f"{self.error}."
        )

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "says": self.says}


def with_noise(table: SafeTable, noise: Noise) -> NoisyTable:
    """`table` with noise on what it shows; what it hides stays hidden. Public inhabitants get none.

    A part that would now read as none or all of its people is withheld as well.
    """
    cells = tuple(_noisy(table, cell, noise) for cell in table.cells)
    scale = float(noise.exact)
    return NoisyTable(
        table.name,
        table.population,
        table.parts,
        cells,
        scale,
        noise.error,
        table.rules.base / scale,
        table.hash,
        table.kind,
    )


def _noisy(table: SafeTable, cell: Cell, noise: Noise) -> Cell:
    at = (cell.place, cell.period, cell.dimension, cell.group)
    public = table.kind == "rate"

    def moved(series: str, value: int | None) -> int | None:
        return None if value is None else max(0, value + noise.of(Key(series, *at)))

    n = cell.n if public else moved(table.population, cell.n)
    parts = [moved(series, value) for series, value in zip(table.series, cell.parts, strict=True)]
    if not public:
        parts = [p if p is not None and n is not None and 0 < p < n else None for p in parts]
    return Cell(*at, n, tuple(parts))
