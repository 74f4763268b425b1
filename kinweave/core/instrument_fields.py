"""Strict, bounded reading of one TOML file: every key is asked for by name, what is left over is a fault."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from kinweave.core.instrument_types import InstrumentFault

MOST_BYTES = 262_144
"""Largest instrument file read, ours: the longest shipped one is under 20 kB."""
MOST_CHARS = 2_000
MOST_ROWS = 200
CODE = re.compile(r"[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def read_toml(path: Path) -> dict[str, Any]:
    """The file as a dict; floats as exact decimals. Raises InstrumentFault when unreadable or too large."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise InstrumentFault(file=path.name, where="file", fault="too large")
        return tomllib.loads(raw.decode("utf-8"), parse_float=Decimal)
    except OSError:
        raise InstrumentFault(file=path.name, where="file", fault="cannot be read") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
        raise InstrumentFault(file=path.name, where="file", fault="not valid TOML in UTF-8") from None


def _is_clean(text: str) -> bool:
    """No control or direction-override characters (line breaks allowed); joiners are needed by scripts."""
    return all(c in "\n\u200c\u200d\u200e\u200f" or unicodedata.category(c) not in ("Cc", "Cf") for c in text)


class Fields:
    """One TOML table being read. Every getter removes its key; `done` objects to what is left."""

    def __init__(self, data: Mapping[str, Any], *, file: str, where: str = "") -> None:
        self._data = dict(data)
        self._file = file
        self._where = where

    def fault(self, key: str, fault: str) -> InstrumentFault:
        where = ".".join(part for part in (self._where, key) if part)
        return InstrumentFault(file=self._file, where=where, fault=fault)

    def _take(self, key: str, kind: type | tuple[type, ...], default: Any) -> Any:
        if key not in self._data:
            if default is None:
                raise self.fault(key, "is missing")
            return default
        value = self._data.pop(key)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.fault(key, "is of the wrong type")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        value: str = self._take(key, str, default)
        if len(value) > MOST_CHARS or not _is_clean(value):
            raise self.fault(key, "is too long or holds control characters")
        if not value.strip() and default is None:
            raise self.fault(key, "is empty")
        return value

    def code(self, key: str) -> str:
        value = self.text(key)
        if len(value) > 60 or not CODE.fullmatch(value):
            raise self.fault(key, "is not a code (small letters, digits, - _ .)")
        return value

    def language(self, key: str, *otherwise: str) -> str:
        value = self.text(key)
        if value not in otherwise and not LANGUAGE.fullmatch(value):
            raise self.fault(key, "is not a language code")
        return value

    def one_of(self, key: str, choices: Collection[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in choices:
            raise self.fault(key, "is none of " + ", ".join(sorted(choices)))
        return value

    def whole(self, key: str, low: int, high: int, default: int | None = None) -> int:
        value: int = self._take(key, int, default)
        if not low <= value <= high:
            raise self.fault(key, f"is outside {low} to {high}")
        return value

    def flag(self, key: str) -> bool:
        value: bool = self._take(key, bool, None)
        return value

    def number(self, key: str) -> Decimal:
        value = Decimal(self._take(key, (int, Decimal), None))
        if not value.is_finite() or abs(value) > 1_000_000:
            raise self.fault(key, "is not a number of usual size")
        return value

    def wholes(self, key: str, low: int, high: int) -> tuple[int, ...]:
        values = self._take(key, list, None)
        if not values or len(values) > MOST_ROWS:
            raise self.fault(key, "is empty or too long")
        if any(not isinstance(v, int) or isinstance(v, bool) or not low <= v <= high for v in values):
            raise self.fault(key, f"holds something else than whole numbers from {low} to {high}")
        if len(set(values)) != len(values):
            raise self.fault(key, "holds something twice")
        return tuple(values)

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._take(key, list, [])
        if len(values) > MOST_ROWS:
            raise self.fault(key, "is too long")
        if any(not isinstance(v, str) or len(v) > MOST_CHARS or not _is_clean(v) for v in values):
            raise self.fault(key, "holds something else than short texts")
        return tuple(values)

    def rows(self, key: str) -> list[Fields]:
        values = self._take(key, list, [])
        if len(values) > MOST_ROWS or any(not isinstance(v, dict) for v in values):
            raise self.fault(key, "is not a short list of tables")
        inner = ".".join(part for part in (self._where, key) if part)
        return [Fields(v, file=self._file, where=f"{inner}[{n}]") for n, v in enumerate(values, 1)]

    def table(self, key: str, default: dict[str, Any] | None = None) -> Fields:
        inner = ".".join(part for part in (self._where, key) if part)
        return Fields(self._take(key, dict, default), file=self._file, where=inner)

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def names(self) -> frozenset[str]:
        return frozenset(self._data)

    def done(self) -> None:
        for key in self._data:
            # The key itself may be anything a stranger typed: it is named only when it is a code.
            raise self.fault(key if CODE.fullmatch(key) else "(a key)", "is not known here")
