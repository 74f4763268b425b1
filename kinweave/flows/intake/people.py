"""A programme's caseload: looked over first, then brought in, person by person, each once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone

from kinweave.core.ids import child, uuid7
from kinweave.core.problems import Problem
from kinweave.core.sheets.dates import Dated
from kinweave.core.sheets.people import parse_people, study_people
from kinweave.core.sheets.problems import SheetProblem
from kinweave.core.sheets.rows import RowResult, at
from kinweave.core.sheets.table import Notice, Table
from kinweave.core.sheets.words import fold
from kinweave.flows.imports import begin_import, end_import, import_person
from kinweave.flows.imports_undo import device_of
from kinweave.flows.intake.plan import PURPOSES, PeoplePlan
from kinweave.flows.intake.rows import (
    Outcome,
    Step,
    Stored,
    Tell,
    chunks,
    count,
    day_of,
    free_ids,
    head_for,
    namespace_of,
    own_fault,
    quiet,
    rows_in,
    tag,
    write_batch,
)  # fmt: skip
from kinweave.flows.intake.site import Site, organisation_for, site_for
from kinweave.house.access import Actor
from kinweave.house.journal import Head
from kinweave.house.models import Programme
from kinweave.house.sealing import keystore
from kinweave.people import known

PERMISSION = "import.people"
SAYS = {
    "place-unknown": "there is no such place within your reach, or two of that name. Say in the map which is meant.",
    "worker-unknown": "there is no such worker here. The person is yours, or of the worker you named, for now.",
    "team-unknown": "there is no such team or programme here.",
    "changed-since": "this number was imported before and the row differs now. Look at the record and decide.",
    "number-taken": "someone with this number is here already.",
    "sounds-like-here": "this sounds like someone who is here already. A supervisor can compare the two.",
    "guardian-needed": "under age, so consent is asked again with a guardian.",
    "undone-too-often": "this row was imported and taken back too often.",
}


@dataclass(frozen=True)
class Setting:
    """What holds for all rows of one run."""

    by: Actor
    plan: PeoplePlan
    site: Site
    device: str
    zone: ZoneInfo
    numbers: Mapping[str, UUID | None]
    programme: UUID | None
    place: UUID | None
    team: UUID | None
    worker: UUID | None
    made: set[UUID]


def import_people(
    table: Table, plan: PeoplePlan, by: Actor, *, dry: bool, tell: Tell = quiet, import_id: UUID | None = None
) -> Outcome:
    """Look over a caseload (`dry`: nothing is written) or bring it in. Sent again it imports nothing twice.

    Errors: MapWrong, ConsentNotSaid, ChooseOrganisation, NoSuchName, NotAllowed; SheetProblem when the file
    breaks off, before anything is written. `tell(done, total)` is called now and then.
    """
    began = time.monotonic()
    plan.check()
    organisation = organisation_for(by, PERMISSION, plan.organisation)
    reading = study_people(table, plan.columns, day_first=plan.day_first)
    import_id = import_id or uuid7()
    setting = _setting(by, plan, organisation, import_id)
    outcome = Outcome("people", notes=[n.sentence for n in (*table.warnings, *reading.notes)])
    try:
        total = rows_in(table)  # to the end, before anything is written
    except SheetProblem as fault:
        if not dry:
            raise
        total, outcome.stopped = 0, fault.as_dict()
    rows = parse_people(
        table, plan.columns, today=timezone.localdate(), namespace=namespace_of(organisation), reading=reading,
        words=plan.words,
    )  # fmt: skip
    if not dry:
        begin_import(by=by, head=Head.now(id=import_id), kind="people", organisation_id=organisation, rows=total)
    try:
        for some in chunks(rows):
            _take(outcome, setting, some, dry)
            tell(outcome.report.total, total)
    except SheetProblem as fault:  # only when dry: a real run has walked to the end before
        outcome.stopped = fault.as_dict()
    outcome.unmatched = setting.site.unmatched
    if not dry:
        outcome.written, outcome.import_id = True, import_id
        counts = {k: v for k, v in outcome.report.as_dict().items() if isinstance(v, int)}
        end_import(by=by, head=Head.now(id=child(import_id, "end")), import_id=import_id, counts=counts)
    outcome.seconds = time.monotonic() - began
    return outcome


def _setting(by: Actor, plan: PeoplePlan, organisation: UUID, import_id: UUID) -> Setting:
    site = site_for(by, PERMISSION, organisation, plan.names)
    programmes: QuerySet[Programme] = Programme.objects.filter(organisation_id=organisation)
    only = list(programmes.values_list("id", flat=True)[:2])
    programme = site.programmes.get(plan.programme) if plan.programme else only[0] if len(only) == 1 else None
    zone = programmes.filter(id=programme).values_list("timezone", flat=True).first() if programme else None
    return Setting(
        by, plan, site, device_of(import_id), ZoneInfo(zone or "UTC"), known.numbers_of(organisation), programme,
        site.places.get(plan.place) if plan.place else site.anchor,
        site.teams.get(plan.team) if plan.team else None,
        site.workers.get(plan.worker) if plan.worker else None,
        set(),
    )  # fmt: skip


def _take(outcome: Outcome, setting: Setting, rows: Sequence[RowResult], dry: bool) -> None:
    steps = list(_steps(setting, rows))
    if dry:
        for step in steps:
            count(outcome, step)
        return
    ids = [step.row_entry for step in steps if isinstance(step, _PersonStep) and step.row_entry]
    keystore().create([child(one, "/2/person") for one in ids])
    for result in write_batch(outcome, steps):
        setting.made.add(UUID(str(result["person"])))


@dataclass(frozen=True)
class _PersonStep(Step):
    row_entry: UUID | None = None


def _steps(setting: Setting, rows: Sequence[RowResult]) -> Iterator[Step]:
    """Each row of a batch judged: what the file says of it, whether it is here, what would be written."""
    good = [row for row in rows if row.status == "accepted"]
    keys = {row.row_no: _key(row) for row in good}
    ids = free_ids(list(keys.values()), _undone)
    alike = known.heard([(_alias(row), row.values.get("name")) for row in good if row.values], setting.made)
    sounds = {row.row_no: n for row, n in zip(good, alike, strict=True)}
    for row in rows:
        if row.row_no not in keys:
            yield Step(row)
            continue
        one, before = ids.get(keys[row.row_no], (None, None))
        if one is None:
            yield Step(row, aside=own_fault(row, "undone-too-often", SAYS["undone-too-often"]))
        elif before is not None:
            same = before.mark == row.fingerprint
            yield Step(row, already=same, aside=None if same else _fault(row, "changed-since"))
        else:
            yield _fresh(setting, row, one, sounds[row.row_no])


def _key(row: RowResult) -> UUID:
    """What a row is known by: the person's number where there is one, else the row's whole content."""
    key = row.identity if row.values and "external_id" in row.values else row.fingerprint
    if key is None:
        raise ValueError("an accepted row has a fingerprint")
    return key


def _undone(before: list[Stored]) -> set[int]:
    persons = {n: UUID(str(what.result["person"])) for n, what in enumerate(before) if "person" in what.result}
    gone = known.undone(persons.values())
    return {n for n, person in persons.items() if person in gone}


def _fault(row: RowResult, code: str) -> Notice:
    return own_fault(row, code, SAYS[code])


def _fresh(setting: Setting, row: RowResult, one: UUID, sounds: int) -> Step:
    """A row that is not here yet: matched with the site, ready to be written, or set aside with its reason."""
    values = row.values or {}
    hints: list[Notice] = []
    number = values.get("external_id")
    if number and (fold(number) or number) in setting.numbers:
        return Step(row, aside=_fault(row, "number-taken"))
    place = setting.site.places.match(values["place"]) if "place" in values else setting.place
    if place is None and "place" in values:
        return Step(row, aside=_fault(row, "place-unknown"))
    worker, team, programme = _people_of(setting, values, row, hints)
    counts: tuple[str, ...] = ()
    if sounds:
        counts = ("possibly_same",)
        if setting.plan.aside_alike:
            return Step(row, aside=_fault(row, "sounds-like-here"), counts=counts)
        hints.append(_fault(row, "sounds-like-here"))
    birth, met = values.get("birth"), values.get("registered_on")
    consents = _consents(setting, row, values, birth, met, hints)
    counts += ("consented",) if any(c["purpose"] == "care" and c["given"] for c in consents) else ("unconsented",)
    asked = {
        "mark": row.fingerprint,
        "person": {
            "organisation_id": setting.site.organisation_id, "programme_id": programme, "team_id": team,
            "place_id": place, "worker_id": worker, "alias": _alias(row), "name": values.get("name"),
            "birth_year": birth.year if birth else None, "gender": values.get("gender", ""),
            "language": tag(values.get("language")), "external_id": number,
        },
        "consents": consents, "phones": list(values.get("phones", ())), "allowed": setting.plan.phones,
        "supporter": values.get("supporter"), "supporter_phones": list(values.get("supporter_phones", ())),
        "met_on": day_of(met),
    }  # fmt: skip
    hinted = replace(row, warnings=(*row.warnings, *hints))
    return _PersonStep(hinted, counts=counts, row_entry=one, write=partial(_write, setting, one, met, asked))


def _write(setting: Setting, one: UUID, met: Dated | None, asked: dict[str, Any]) -> Mapping[str, Any]:
    head = head_for(one, met, setting.device, setting.zone)
    return import_person(by=setting.by, head=head, **asked).result


def _alias(row: RowResult) -> str | None:
    """The alias; someone who is only a number in the file is called by that number."""
    values = row.values or {}
    return values.get("alias") or (None if "name" in values else values.get("external_id"))


def _people_of(
    setting: Setting, values: Mapping[str, Any], row: RowResult, hints: list[Notice]
) -> tuple[UUID | None, UUID | None, UUID | None]:
    """Worker, team and programme of a row; a name that matches nothing is a hint, not a fault."""
    worker, team, programme = setting.worker, setting.team, setting.programme
    if "worker" in values:
        worker = setting.site.workers.match(values["worker"]) or worker
        if setting.site.workers.find(values["worker"]) is None:
            hints.append(_fault(row, "worker-unknown"))
    if "programme_group" in values:
        own = setting.site.programmes.find(values["programme_group"])
        if own is not None:
            programme = own
        else:
            team = setting.site.teams.match(values["programme_group"]) or team
            if setting.site.teams.find(values["programme_group"]) is None:
                hints.append(_fault(row, "team-unknown"))
    return worker, team, programme


def _consents(
    setting: Setting, row: RowResult, values: Mapping[str, Any], birth: Dated | None, met: Dated | None,
    hints: list[Notice],
) -> list[dict[str, Any]]:  # fmt: skip
    """What was agreed on paper before: the row's own cell, else the answer for the whole file; never assumed."""
    on: date = met.on if met else timezone.localdate()
    young = known.too_young(birth.year if birth else None, on, setting.programme)
    found = []
    for purpose in PURPOSES:
        said = values.get(f"consent_{purpose}") or setting.plan.consent.get(purpose, "not-asked")
        if said == "yes" and young:
            hints.append(at(row.row_no, 0, "guardian-needed", f"{purpose}: {SAYS['guardian-needed']}"))
        elif said in ("yes", "no"):
            found.append({"purpose": purpose, "given": said == "yes", "how": "before"})
    return found


__all__ = ["SAYS", "Problem", "import_people"]
