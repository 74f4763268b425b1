"""Answers collected elsewhere: alerts before anything else, then each row once, held where it cannot be placed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import F
from django.utils import timezone

from kinweave.core.ids import child, uuid7
from kinweave.core.instruments import Instrument
from kinweave.core.sheets.problems import MapWrong, SheetProblem
from kinweave.core.sheets.responses import (
    ResponseMap,
    ResponseRow,
    parse_responses,
    read_map,
    study_responses,
    suggest_map,
)  # fmt: skip
from kinweave.core.sheets.table import Table
from kinweave.flows.imports import alarm_from_row, begin_import, end_import, import_response
from kinweave.flows.imports_undo import device_of
from kinweave.flows.intake.plan import ResponsePlan
from kinweave.flows.intake.rows import (
    Outcome,
    Step,
    Stored,
    Tell,
    alarm_id,
    chunks,
    count,
    day_of,
    free_ids,
    head_for,
    namespace_of,
    own_fault,
    quiet,
    rows_in,
    stored,
    tag,
    write_batch,
)  # fmt: skip
from kinweave.flows.intake.site import organisation_for
from kinweave.flows.receive import signs_in
from kinweave.flows.told import tell_about, tell_together
from kinweave.house.access import Actor
from kinweave.house.journal import Head
from kinweave.house.models import Programme
from kinweave.house.sealing import keystore
from kinweave.listen.shelf import UnknownInstrument, instruments
from kinweave.people import known

PERMISSION = "import.responses"
ALONE = 10  # alerts of one import that are told each by itself; the rest are told together (ours)
INSTANCE = re.compile(r"^(?:uuid:)?([0-9a-fA-F-]{36})$")
SAYS = {
    "changed-since": "this submission was imported before and its answers differ now. Look at the record and decide.",
    "person-not-sure": "more than one person goes by this. Write the person's code.",
    "undone-too-often": "this row was imported and taken back too often.",
}


@dataclass
class Run:
    """What holds for all rows of one run; `told` counts the alerts told each by itself."""

    by: Actor
    plan: ResponsePlan
    device: str
    zone: ZoneInfo
    people: known.Known
    told: int = 0


def instrument_of(slug: str) -> Instrument:
    """Raises UnknownInstrument."""
    found = instruments().get(slug)
    if found is None:
        raise UnknownInstrument()
    return found


def map_for(table: Table, plan: ResponsePlan) -> ResponseMap:
    """The plan's map, else the suggested one. Errors: MapWrong."""
    instrument = instrument_of(plan.instrument)
    found = read_map(plan.map_text.encode(), instrument) if plan.map_text else suggest_map(table, instrument)
    if not found.items:
        raise MapWrong(reason="no item of the questionnaire was found")
    return found


def import_responses(
    table: Table, plan: ResponsePlan, by: Actor, *, dry: bool, tell: Tell = quiet, import_id: UUID | None = None
) -> Outcome:
    """Look over a file of answers (`dry`: nothing is written) or bring it in. Sent again it imports nothing twice.

    Where the file breaks off, a real run opens the alerts of the rows before that place, writes nothing else
    and raises the SheetProblem. Errors besides: UnknownInstrument, MapWrong, ChooseOrganisation, NotAllowed.
    """
    began = time.monotonic()
    organisation = organisation_for(by, PERMISSION, plan.organisation)
    by.require("listen.record")
    instrument, found = instrument_of(plan.instrument), map_for(table, plan)
    outcome, broken, notes = Outcome("responses"), None, []
    total, reading = 0, None
    try:
        reading = study_responses(table, found, instrument, day_first=plan.day_first)
        notes, total = list(reading.notes), rows_in(table)
    except SheetProblem as fault:
        broken = fault
    outcome.notes = [n.sentence for n in (*table.warnings, *notes)]
    import_id = import_id or uuid7()
    run = Run(by, plan, device_of(import_id), _zone(organisation), known.known_to(by, "listen.record"))
    rows = parse_responses(
        table, found, instrument, today=timezone.localdate(), namespace=namespace_of(organisation), reading=reading
    )
    if not dry:
        begin_import(
            by=by, head=Head.now(id=import_id), kind="responses", organisation_id=organisation, rows=total,
            instrument=plan.instrument,
        )  # fmt: skip
    try:
        for some in chunks(rows):
            _take(outcome, run, some, dry=dry, only_alarms=broken is not None)
            tell(outcome.report.total, total)
    except SheetProblem as fault:
        broken = fault
    if broken is not None and not dry:
        raise broken
    outcome.stopped = broken.as_dict() if broken else None
    if not dry:
        outcome.written, outcome.import_id = True, import_id
        counts = {k: v for k, v in outcome.report.as_dict().items() if isinstance(v, int)} | dict(outcome.extra)
        end_import(by=by, head=Head.now(id=child(import_id, "end")), import_id=import_id, counts=counts)
    outcome.seconds = time.monotonic() - began
    return outcome


def _zone(organisation: UUID) -> ZoneInfo:
    zone = Programme.objects.filter(organisation_id=organisation).order_by("id").values_list("timezone", flat=True)
    return ZoneInfo(zone.first() or "UTC")


def _take(outcome: Outcome, run: Run, rows: Sequence[ResponseRow], *, dry: bool, only_alarms: bool) -> None:
    steps = list(_steps(run, rows, only_alarms))
    if dry:
        for step in steps:
            count(outcome, step)
        return
    unknown = [s.held_key for s in steps if isinstance(s, _ResponseStep) and s.held_key]
    if unknown:
        keystore().create(unknown)
    results = write_batch(outcome, steps, partial(_tell, run))
    outcome.extra.update("alerts" for r in results if "risk" in r)
    outcome.extra.update("held" for r in results if "held" in r)


def _tell(run: Run, results: list[Mapping[str, Any]]) -> None:
    """Someone learns of a batch's alerts as it is written: the first fresh ones each, the others together."""
    fresh = [UUID(r["risk"]) for r in results if "risk" in r and not r["quiet"]]
    alone = fresh[: max(0, ALONE - run.told)]
    for risk in alone:
        tell_about(risk)
    run.told += len(alone)
    tell_together([*fresh[len(alone) :], *(UUID(r["risk"]) for r in results if "risk" in r and r["quiet"])])


@dataclass(frozen=True)
class _ResponseStep(Step):
    held_key: UUID | None = None


def _steps(run: Run, rows: Sequence[ResponseRow], only_alarms: bool) -> Iterator[Step]:
    """Each row of a batch judged, alerts among them: also rows that are set aside, or that came before."""
    keys = {row.row_no: row.identity or row.fingerprint or UUID(int=0) for row in rows}
    good = [row for row in rows if row.status == "accepted"]
    ids = free_ids([keys[row.row_no] for row in good], _undone)
    alarms = stored(alarm_id(key) for key in keys.values())
    earlier = stored_for_others(rows, good, keys)
    for row in rows:
        key = keys[row.row_no]
        signs = bool(signs_in(run.plan.instrument, row.for_safety))
        alarmed = alarm_id(key) in alarms
        one, before = ids.get(key, (None, earlier.get(key)))
        answered = alarmed or (before is not None and "risk" in before.result)
        alarm = partial(_sound, run, row, key) if signs and not answered else None
        counts = ("danger",) if signs and not answered else ()
        if only_alarms or row.status == "set-aside":
            yield Step(row, alarm=alarm, counts=counts)
        elif row.status == "duplicate":
            yield Step(row, counts=counts)
        elif before is not None:
            same = before.mark == row.fingerprint
            aside = None if same else own_fault(row, "changed-since", SAYS["changed-since"])
            yield Step(row, already=same, aside=aside, alarm=None if same else alarm, counts=counts)
        elif one is None:
            yield Step(row, aside=own_fault(row, "undone-too-often", SAYS["undone-too-often"]), counts=counts)
        else:
            yield _fresh(run, row, one, alarmed, alarm, counts)


def stored_for_others(
    rows: Sequence[ResponseRow], good: Sequence[ResponseRow], keys: Mapping[int, UUID]
) -> dict[UUID, Stored]:
    """What earlier imports hold of submissions whose rows cannot be taken in now."""
    accepted = {row.row_no for row in good}
    others = [keys[row.row_no] for row in rows if row.row_no not in accepted]
    return {key: what for key, (_, what) in free_ids(others, lambda _: set()).items() if what is not None}


def _undone(before: list[Stored]) -> set[int]:
    """Responses taken back, and held ones set aside: their rows may come again."""
    responses = {UUID(w.result["response"]): n for n, w in enumerate(before) if "response" in w.result}
    held = {UUID(w.result["held"]): n for n, w in enumerate(before) if "held" in w.result}
    gone = apps.get_model("listen.Response")._base_manager.filter(id__in=list(responses), superseded_by=F("id"))
    aside = apps.get_model("house.Held")._base_manager.filter(id__in=list(held), state="set_aside")
    back = {responses[one] for one in gone.values_list("id", flat=True)}
    return back | {held[one] for one in aside.values_list("id", flat=True)}


def _find(run: Run, row: ResponseRow) -> tuple[UUID | None, str, bool]:
    """The person, how the file names them, and whether that is sure."""
    who = str(row.about.get("person", ""))
    try:
        return (run.people.find(run.by, who) if who else None), who, True
    except known.ManyOfThem:
        return None, who, False


def _fresh(run: Run, row: ResponseRow, one: UUID, alarmed: bool, alarm: Any, counts: tuple[str, ...]) -> Step:
    """A row that is not here yet. One that fits several people waits for its sender; its alert does not."""
    values = row.about
    person, who, sure = _find(run, row)
    if not sure:
        fault = own_fault(row, "person-not-sure", SAYS["person-not-sure"])
        return Step(row, aside=fault, alarm=alarm, counts=counts)
    if person is None:
        counts += ("unknown_person",)
    instance = INSTANCE.match(str(values.get("instance", "")))
    asked = {
        "mark": row.fingerprint, "instrument": run.plan.instrument, "answers": dict(row.answers), "person_id": person,
        "who": who, "language": tag(values.get("language")) or run.plan.language, "taken_on": day_of(values.get("on")),
        "sheet": instance[1].lower() if instance else "",
        "alarm": alarm_id(row.identity or row.fingerprint or one) if alarmed else None,
    }  # fmt: skip
    key = None if person else child(one, "/1/held")
    return _ResponseStep(row, write=partial(_write, run, row, one, asked), counts=counts, held_key=key)


def _write(run: Run, row: ResponseRow, one: UUID, asked: dict[str, Any]) -> Mapping[str, Any]:
    head = head_for(one, row.about.get("on"), run.device, run.zone)
    return import_response(by=run.by, head=head, **asked).result


def _sound(run: Run, row: ResponseRow, key: UUID) -> Mapping[str, Any]:
    """Open the alert of a row that is not taken in."""
    values = row.about
    person, who, _ = _find(run, row)
    head = head_for(alarm_id(key), values.get("on"), run.device, run.zone)
    return alarm_from_row(
        by=run.by, head=head, mark=row.fingerprint, instrument=run.plan.instrument, answers=dict(row.for_safety),
        person_id=person, who=who or f"row {row.row_no} of a file", taken_on=day_of(values.get("on")),
    ).result  # fmt: skip
