"""From one <lang>.toml to a Wording: every question and every option of the questionnaire, nothing else."""

from __future__ import annotations

from pathlib import Path

from kinweave.core.instrument_fields import Fields, read_toml
from kinweave.core.instrument_types import Instrument, Wording


def read_wording(path: Path, instrument: Instrument) -> Wording:
    """One <lang>.toml: every question and every option, nothing else. Raises InstrumentFault."""
    fields = Fields(read_toml(path), file=f"{instrument.slug}/{path.name}")
    language = fields.language("language")
    if language != path.stem:
        raise fields.fault("language", "differs from the file's name")
    wording = Wording(
        language=language,
        direction=fields.one_of("direction", ("ltr", "rtl"), "ltr"),
        shown_as=fields.text("shown_as"),
        shown_as_by=fields.text("shown_as_by"),
        instruction=fields.text("instruction", ""),
        recall=fields.text("recall", ""),
        items=_words(fields.table("items"), [item.code for item in instrument.items], all_of_them=True),
        options=_options(fields.table("options"), instrument),
        help=_words(fields.table("help", {}), [item.code for item in instrument.items], all_of_them=False),
        source=fields.text("source"),
        url=fields.text("url", ""),
        original=fields.flag("original"),
        checked=fields.flag("checked"),
        checked_by=fields.text("checked_by", ""),
        licence_held=fields.text("licence_held", ""),
        unverified=fields.texts("unverified"),
        log=fields.texts("log"),
    )
    if wording.checked != bool(wording.checked_by.strip()):
        raise fields.fault("checked_by", "must name who checked exactly when checked is true")
    if instrument.licence.tier == "C" and not wording.licence_held.strip():
        raise fields.fault("licence_held", "is needed: these words may be used only under your own licence")
    fields.done()
    return wording


def _words(fields: Fields, codes: list[str], *, all_of_them: bool) -> dict[str, str]:
    words = {code: fields.text(code) for code in codes if all_of_them or code in fields}
    fields.done()
    return words


def _options(fields: Fields, instrument: Instrument) -> dict[str, dict[int, str]]:
    options: dict[str, dict[int, str]] = {}
    for item in instrument.items:
        if item.response not in options:
            rows = fields.table(item.response)
            options[item.response] = {value: rows.text(str(value)) for value in item.values}
            rows.done()
    fields.done()
    return options
