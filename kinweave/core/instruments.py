"""Questionnaires: load a folder of text files, compile the scoring table, get the questions to ask.

`docs/instruments.md` describes the files. Everything is checked on loading and refused with an
InstrumentFault that names file, key and fault.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kinweave.core.instrument_fields import CODE, LANGUAGE
from kinweave.core.instrument_reading import read_instrument
from kinweave.core.instrument_table import Table, canonical, compile_table, table_hash
from kinweave.core.instrument_types import (
    Asked,
    Band,
    Change,
    CutOff,
    Implied,
    Instrument,
    InstrumentFault,
    Item,
    Language,
    Licence,
    NoWording,
    Question,
    SafetyRule,
    Scale,
    Wording,
)
from kinweave.core.instrument_words import read_wording

__all__ = [
    "Asked",
    "Band",
    "Change",
    "CutOff",
    "Implied",
    "Instrument",
    "InstrumentFault",
    "Item",
    "Language",
    "Licence",
    "NoWording",
    "Question",
    "SafetyRule",
    "Scale",
    "Table",
    "Wording",
    "canonical",
    "compile_table",
    "languages",
    "load_all",
    "load_folder",
    "questions",
    "table_hash",
    "wording",
]

MOST_LANGUAGES = 100
MOST_INSTRUMENTS = 500


def load_folder(path: Path, *more: Path) -> Instrument:
    """The questionnaire in folder `path`, with wordings from it and from the folders `more` (later ones win).

    `more` is where a programme keeps its own translations, and the words of tier B and C questionnaires.
    Raises InstrumentFault.
    """
    instrument = read_instrument(path / "instrument.toml", path.name)
    wordings: dict[str, Wording] = {}
    for folder in (path, *more):
        if folder != path and (folder / "instrument.toml").exists():
            raise InstrumentFault(file=path.name, where="folder", fault="is there twice with its own scoring")
        for file in sorted(folder.glob("*.toml")):
            if file.name == "instrument.toml":
                continue
            if not LANGUAGE.fullmatch(file.stem):
                raise InstrumentFault(file=path.name, where="folder", fault="holds a file of no language")
            wordings[file.stem] = read_wording(file, instrument)
    if len(wordings) > MOST_LANGUAGES:
        raise InstrumentFault(file=path.name, where="folder", fault="holds too many languages")
    return replace(instrument, wordings=wordings)


def load_all(root: Path, *more: Path) -> dict[str, Instrument]:
    """Every questionnaire under `root` by slug; `more` are roots with the same folder names.

    A folder that only `more` has is a questionnaire too. Raises InstrumentFault, also when two share a key.
    """
    folders: dict[str, list[Path]] = {}
    for place in (root, *more):
        if not place.is_dir():
            raise InstrumentFault(file=place.name, where="folder", fault="is not there")
        for folder in sorted(p for p in place.iterdir() if p.is_dir() and CODE.fullmatch(p.name)):
            folders.setdefault(folder.name, []).append(folder)
    if len(folders) > MOST_INSTRUMENTS:
        raise InstrumentFault(file="instruments", where="folder", fault="holds too many questionnaires")
    loaded = {slug: load_folder(*found) for slug, found in sorted(folders.items())}
    keys: dict[str, str] = {}
    for slug, instrument in loaded.items():
        if instrument.key in keys:
            raise InstrumentFault(file=f"{slug}/instrument.toml", where="key", fault="is used by another one")
        keys[instrument.key] = slug
    return loaded


def languages(instrument: Instrument) -> tuple[Language, ...]:
    """The languages it can be asked in, by code."""
    found = (instrument.wordings[code] for code in sorted(instrument.wordings))
    return tuple(Language(w.language, w.direction, w.shown_as, not w.original, w.checked) for w in found)


def wording(instrument: Instrument, language: str) -> Wording:
    """The words for `language`: that one, its base ("ar" for "ar-EG"), a sister ("pt-BR" for "pt"), English,
    or whatever there is.

    Raises NoWording when it has no words at all.
    """
    if not instrument.wordings:
        raise NoWording(slug=instrument.slug)
    base = _base(language)
    sisters = sorted(code for code in instrument.wordings if _base(code) == base)
    for code in (language, base, *sisters, "en"):
        if code in instrument.wordings:
            return instrument.wordings[code]
    return instrument.wordings[min(instrument.wordings)]


def _base(language: str) -> str:
    return language.split("-")[0].casefold()


def questions(instrument: Instrument, language: str) -> tuple[Question, ...]:
    """The questions in order, all in one language; `fell_back` when that is not the wanted one.

    Raises NoWording when it has no words at all.
    """
    words = wording(instrument, language)
    watched = {rule.item for rule in instrument.safety}
    return tuple(
        Question(
            code=item.code,
            lead=words.instruction,
            text=words.items[item.code],
            options=tuple(words.options[item.response].items()),
            help=words.help.get(item.code, ""),
            is_safety=item.code in watched,
            language=words.language,
            direction=words.direction,
            translated=not words.original,
            checked=words.checked,
            fell_back=_base(words.language) != _base(language),
            skip_when=tuple((r.when, r.values) for r in instrument.implied if r.item == item.code),
        )
        for item in instrument.items
    )
