"""The map from a form's columns to a questionnaire's items: read from TOML, checked, or suggested."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kinweave.core.instruments import Instrument

from . import problems
from .words import data

ROLES = ("person", "date", "language", "instance", "worker")


@dataclass(frozen=True)
class ResponseMap:
    """Where things are: headings by role and by item, and what words mean.

    `values`: word as written -> coded answer, over and above codes and labels of the questionnaire.
    `missing`, `declined`: words as written; a coded answer of the item always comes first.
    """

    instrument: str
    columns: Mapping[str, str]
    items: Mapping[str, str]
    values: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    why: Mapping[str, str] = field(default_factory=dict)


def default_words(kind: str) -> tuple[str, ...]:
    """The words for `missing` or `declined` from responses.toml."""
    return tuple(data("responses.toml")[kind]["words"])


def read_map(source: Path | bytes, instrument: Instrument) -> ResponseMap:
    """A map file. Errors: FileMissing, MapWrong.

    Tables: `instrument = "slug"`, [columns] role = "heading", [items] item = "heading", [values] word = code,
    [missing] words = [...], [declined] words = [...]; the last two replace the habits in responses.toml.
    """
    try:
        text = source.read_bytes() if isinstance(source, Path) else source
        told = tomllib.loads(text.decode("utf-8-sig"))
    except OSError:
        raise problems.FileMissing from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, ValueError):
        raise problems.MapWrong(reason="it is not a TOML file") from None
    return _from_toml(told, instrument)


def _from_toml(told: Mapping[str, Any], instrument: Instrument) -> ResponseMap:
    if told.get("instrument", instrument.slug) != instrument.slug:
        raise problems.MapWrong(reason="it was made for another questionnaire")
    if set(told) - {"instrument", "columns", "items", "values", "missing", "declined"}:
        raise problems.MapWrong(reason="it has a part that Kinweave does not know")
    columns, items = _texts(told, "columns"), _texts(told, "items")
    if set(columns) - set(ROLES):
        raise problems.MapWrong(reason="columns may be person, date, language, instance and worker")
    codes = {item.code for item in instrument.items}
    if not items or set(items) - codes:
        raise problems.MapWrong(reason="its items are not those of the questionnaire")
    values = told.get("values", {})
    whole = isinstance(values, dict) and all(isinstance(v, int) and not isinstance(v, bool) for v in values.values())
    if not whole:
        raise problems.MapWrong(reason="a value is not a whole number")
    return ResponseMap(instrument.slug, columns, items, values, _words(told, "missing"), _words(told, "declined"))


def _texts(told: Mapping[str, Any], part: str) -> dict[str, str]:
    found = told.get(part, {})
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise problems.MapWrong(reason=f"{part} must name headings")
    return found


def _words(told: Mapping[str, Any], part: str) -> tuple[str, ...]:
    if part not in told:
        return default_words(part)
    found = told[part].get("words") if isinstance(told[part], dict) else None
    if not isinstance(found, list) or not all(isinstance(w, (str, int)) for w in found):
        raise problems.MapWrong(reason=f"{part} must have a list of words")
    return tuple(str(w) for w in found)


def write_map(found: ResponseMap) -> str:
    """The map as TOML text, for a person to look over and change."""
    lines = [f"instrument = {json.dumps(found.instrument)}"]
    for part in ("columns", "items", "values"):
        lines += ["", f"[{part}]"]
        for key, value in getattr(found, part).items():
            lines.append(f"{json.dumps(key, ensure_ascii=False)} = {json.dumps(value, ensure_ascii=False)}")
    for part in ("missing", "declined"):
        lines += ["", f"[{part}]", f"words = {json.dumps(list(getattr(found, part)), ensure_ascii=False)}"]
    return "\n".join(lines) + "\n"
