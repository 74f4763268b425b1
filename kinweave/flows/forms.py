"""Forms of one's own: an XLSForm is checked and kept as a version, its questions led to a questionnaire's scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from kinweave.core.instruments import Instrument
from kinweave.core.problems import Problem
from kinweave.core.xforms.check import PEOPLE, Checked, FormFaults, check_form
from kinweave.flows.openrosa_read import DECLINED, slug_of
from kinweave.house import reach
from kinweave.house.access import Actor
from kinweave.house.actions import NotFound
from kinweave.house.journal import Head
from kinweave.house.models import Organisation
from kinweave.listen import reads_forms as kept_forms
from kinweave.listen.actions_forms import ABOUT, FormTaken, keep_form, set_form
from kinweave.listen.reads_forms import Form
from kinweave.listen.shelf import instruments

MOST_MEDIA = 2_000_000  # bytes of one file
ALL_MEDIA = 8_000_000  # of all files of a form
MOST_FILES = 100
KINDS = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "svg": "image/svg+xml",
    "webp": "image/webp", "mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "wav": "audio/wav",
    "mp4": "video/mp4", "3gp": "video/3gpp", "csv": "text/csv", "geojson": "application/geo+json", "xml": "text/xml",
}  # fmt: skip


class MediaUnfit(Problem):
    status, code = 422, "form-media-unfit"
    says = "One of the files for this form does not fit: {reason}."
    remedy = "Pictures, sounds, films and lists of at most 2 MB each and 8 MB together; each name once."


class MediaMissing(Problem):
    status, code = 422, "form-media-missing"
    says = "The form shows files that did not come with it ({count})."
    remedy = "Choose them together with the form, under the names that the form gives them."

    def __init__(self, names: Sequence[str]) -> None:
        self.faults = tuple(names)
        super().__init__(count=len(names))


@dataclass(frozen=True, slots=True)
class Stored:
    """A form that was kept, and what the judges said of it."""

    form_id: UUID
    checked: Checked


def upload_form(
    *,
    by: Actor,
    organisation_id: UUID,
    raw: bytes,
    media: Mapping[str, bytes],
    about: str = "person",
    person_field: str = "",
    head: Head | None = None,
) -> Stored:
    """Check a form and keep it as a new version. Raises what `check_form` raises, MediaUnfit, MediaMissing,
    FormTaken, VersionTaken, NotFound."""
    by.require("forms.keep")
    checked = check_form(raw, version=timezone.now().strftime("%Y%m%d%H%M"))
    if slug_of(checked.form_id) is not None:
        raise FormTaken()
    kept = keep_form(
        by=by, head=head, organisation_id=organisation_id, slug=checked.form_id, version=checked.version,
        name=checked.title, xml=checked.xml, columns=checked.columns, media=_media(checked, media),
        about=about if about in ABOUT else ABOUT[0], person_field=_who(checked, about, person_field),
        **_carried(checked),
    )  # fmt: skip
    return Stored(UUID(str(kept.result["form"])), checked)


def _media(checked: Checked, media: Mapping[str, bytes]) -> dict[str, tuple[str, bytes]]:
    """Name → (kind, content) of the files that the form wants."""
    if len(media) > MOST_FILES or sum(map(len, media.values())) > ALL_MEDIA:
        raise MediaUnfit(reason="together they are too large")
    found = {}
    for name, content in media.items():
        kind = KINDS.get(name.rpartition(".")[2].lower())
        if kind is None or not name.isprintable() or "/" in name or len(name) > 120:
            raise MediaUnfit(reason="its name or kind is not one that forms use")
        if len(content) > MOST_MEDIA:
            raise MediaUnfit(reason="it is larger than 2 MB")
        if name == PEOPLE:
            raise MediaUnfit(reason="the list of people is made here, for each phone its own")
        found[name] = (kind, content)
    gone = [name for name in checked.files if name not in found]
    if gone:
        raise MediaMissing(gone)
    return {name: found[name] for name in checked.files}


def _who(checked: Checked, about: str, wanted: str) -> str:
    """The question that says whom it is about: the named one, or the one that chooses from the list of people."""
    paths = [column["path"] for column in checked.columns]
    if about != "person":
        return ""
    if wanted:
        if wanted not in paths:
            raise FormFaults([f"{wanted}: there is no such question"])
        return wanted
    listed = [path for path in paths if path.rpartition("/")[2] in {"person", "person_code"}]
    return listed[0] if listed else ""


def _carried(checked: Checked) -> dict[str, Any]:
    """A new version is led to the same scores as the one before, where its questions still fit."""
    last = kept_forms.latest(checked.form_id)
    if last is None or not last.instrument:
        return {"instrument": "", "items": {}}
    unfit = faults_of(last.instrument, last.items, checked.columns)
    return {"instrument": "", "items": {}} if unfit else {"instrument": last.instrument, "items": last.items}


# --------------------------------------------------------------------------------------- leading to a score


def map_form(*, by: Actor, form_id: UUID, instrument: str, items: Mapping[str, str], head: Head | None = None) -> None:
    """Lead a form's questions to a questionnaire's items, or (no instrument) to none. Raises FormFaults, NotFound."""
    row = one_form(by, form_id)
    given = {item: path for item, path in items.items() if path}
    faults = faults_of(instrument, given, row.columns) if instrument else []
    if faults:
        raise FormFaults(faults)
    set_form(by=by, head=head, form_id=form_id, instrument=instrument, items=given if instrument else {})


def faults_of(slug: str, items: Mapping[str, str], columns: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why these questions cannot be scored as that questionnaire; empty where they can."""
    found = instruments().get(slug)
    if found is None:
        return ["there is no such questionnaire"]
    by_path = {column["path"]: column for column in columns}
    faults = []
    for item in found.items:
        column = by_path.get(items.get(item.code, ""))
        if column is None:
            faults.append(f"{item.code}: no question was chosen")
        elif column["repeats"]:
            faults.append(f"{item.code}: a question that repeats cannot be scored")
        elif set(column["choices"]) - {str(value) for value in item.values} - {DECLINED}:
            faults.append(f"{item.code}: its answers must be {', '.join(map(str, item.values))}")
    unknown = set(items) - {item.code for item in found.items}
    return [*faults, *(f"{code}: the questionnaire has no such question" for code in sorted(unknown))]


def suggested(one: Instrument, columns: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Item → question, where a question bears the item's name."""
    names = {column["path"].rpartition("/")[2].lower(): column["path"] for column in columns}
    return {item.code: names[item.code] for item in one.items if item.code in names}


# ---------------------------------------------------------------------------------------------- for pages


def forms_within(by: Actor, permission: str = "forms.keep") -> list[Form]:
    """Every version of the forms within reach: by form, the newest first."""
    by.require(permission)
    return [row for row in kept_forms.every() if reach.reaches_home(by, permission, row.organisation_id)]


def one_form(by: Actor, form_id: UUID, permission: str = "forms.keep") -> Form:
    """One of them; absent and another's look the same."""
    by.require(permission)
    row = kept_forms.one(form_id)
    if row is None or not reach.reaches_home(by, permission, row.organisation_id):
        raise NotFound(what="form")
    return row


def homes_of(by: Actor) -> list[Organisation]:
    """The organisations that someone may keep forms for."""
    rows = Organisation.objects.order_by("name", "id")
    return [row for row in rows if reach.reaches_home(by, "forms.keep", row.id)]
