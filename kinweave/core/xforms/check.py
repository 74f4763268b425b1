"""A coordinator's XLSForm made into an XForm and judged: by pyxform, by our own look at its paths, by ODK Validate."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

from kinweave.core.problems import Problem
from kinweave.core.xforms.dictionary import dictionary
from kinweave.core.xforms.judge import Judged, judge
from kinweave.core.xforms.nodes import Model, missing, model_of, walk
from kinweave.core.xforms.parse import XmlRefused, XmlTooLarge, read_xml
from kinweave.core.xforms.workbook import NotAForm, read_workbook, settings_of

ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,79}")
VERSION = re.compile(r"[A-Za-z0-9_.\-]{1,80}")
FILE = re.compile(r"jr://(?:images|audio|video|file|file-csv)/([^\s\"'<>]{1,200})")
MOST_XML = 2_000_000
PEOPLE = "people.csv"


class FormFaults(Problem):
    """The form has faults. `faults`: what they are, for whoever made the form; they may quote it. Facts: count."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "form-has-faults"
    says: ClassVar[str] = "This form has faults that must be mended first ({count})."
    remedy: ClassVar[str] = "Mend them in the file and upload it again. Nothing was stored."

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(count=len(faults))


@dataclass(frozen=True, slots=True)
class Checked:
    """A form that may be stored. `files`: what it wants beside it; `warnings` from pyxform; `judged` by ODK."""

    form_id: str
    version: str
    title: str
    xml: str
    columns: list[dict[str, Any]]
    files: tuple[str, ...]
    languages: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    judged: Judged = field(default_factory=lambda: Judged(False, "no-java"))


def check_form(raw: bytes, *, version: str = "") -> Checked:
    """Make and judge a form. `version`: for a file that names none. Raises NotAForm, SheetProblem, FormFaults."""
    sheets = read_workbook(raw)
    said = settings_of(sheets)
    form_id = said.get("form_id") or said.get("id_string") or ""
    number = said.get("version") or version
    faults = []
    if not ID.fullmatch(form_id):
        faults.append("settings: form_id is missing, or holds something else than letters, digits, _ . -")
    if not VERSION.fullmatch(number):
        faults.append("settings: version is missing, or holds something else than letters, digits, _ . -")
    if said.get("public_key") or said.get("submission_url"):
        faults.append("settings: public_key and submission_url are not for this site; leave them out")
    if faults:
        raise FormFaults(faults)
    sheets["settings"] = [{**said, "form_id": form_id, "version": number}]
    sheets["settings"][0].pop("id_string", None)
    xml, warnings = _made(sheets)
    if len(xml.encode()) > MOST_XML:
        raise NotAForm(reason="it is too large")
    try:
        model = model_of(read_xml(xml.encode()))
    except (XmlRefused, XmlTooLarge):
        raise NotAForm(reason="it is too large") from None
    if model is None:
        raise NotAForm(reason="it asks nothing")
    gone = [f"{where}: names {what}, which is not in the form" for where, what in missing(model)]
    if gone:
        raise FormFaults(gone)
    judged = judge(xml)
    if judged.faults:
        raise FormFaults([f"ODK Validate: {line}" for line in judged.faults])
    return Checked(
        form_id, number, said.get("form_title") or said.get("title") or form_id, xml, dictionary(model),
        tuple(dict.fromkeys(name for name in FILE.findall(xml) if name != PEOPLE)), _languages(model),
        tuple(warnings), judged,
    )  # fmt: skip


def _made(sheets: dict[str, Any]) -> tuple[str, list[str]]:
    from pyxform.errors import PyXFormError
    from pyxform.xls2xform import convert

    try:
        made: Any = convert(dict(sheets), validate=False, pretty_print=False)
    except PyXFormError as fault:
        raise FormFaults([line.strip() for line in str(fault).splitlines() if line.strip()][:50]) from None
    except RecursionError:
        raise NotAForm(reason="its groups lie too deep in one another") from None
    except Exception as fault:
        raise FormFaults([f"pyxform cannot read it ({type(fault).__name__})"]) from None
    return str(made.xform), [str(one) for one in made.warnings or []]


def _languages(model: Model) -> tuple[str, ...]:
    return tuple(one.attributes.get("lang", "") for one in walk(model.root) if one.name == "translation")
