"""The steps of an import on the desk: read the file, look it over, bring it in. Large files have a process of
their own, with progress; `python -m kinweave.flows.intake.jobs UPLOAD`."""

from __future__ import annotations

import itertools
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kinweave.core.problems import Problem
from kinweave.flows.intake.past import Past, undo_import
from kinweave.flows.intake.rows import Outcome, Tell
from kinweave.flows.intake.uploads import Upload, opened_by_job, receive
from kinweave.house.access import Actor

log = logging.getLogger("kinweave.flows")
SMALL = 100_000  # bytes up to which the page itself does the work
SILENT = 60  # seconds after which a process that says nothing counts as dead
LINES = 200  # lines of a report that are shown
UNDO_COST = 300  # bytes of a file that take about as long to bring in as one row takes to undo


def start(upload: Upload, step: str, **changes: Any) -> None:
    """Do a step now when the file is small, else in a process of its own."""
    told = upload.save(stage="working", step=step, done=0, total=0, problem=None, **changes)
    if told["size"] <= SMALL:
        work(upload)
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "kinweave.flows.intake.jobs", str(upload.id)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
        env={"DJANGO_SETTINGS_MODULE": "kinweave.config.settings", **os.environ},
    )  # fmt: skip
    threading.Thread(target=process.wait, daemon=True).start()


def seems_dead(told: Mapping[str, Any]) -> bool:
    """Whether the process that worked on it has not been heard of for a while; the step can be started again."""
    return told.get("stage") == "working" and time.time() - float(told.get("beat", 0)) > SILENT


def work(upload: Upload) -> None:
    """Do the step that an upload waits for; a problem ends in its state, for its owner to read."""
    told = upload.state()
    by = Actor.of(UUID(told["account"]))
    try:
        STEP[told["step"]](upload, told, by)
    except Problem as fault:
        upload.save(stage="problem", problem=fault.as_dict())
    except Exception as fault:  # its text may hold a cell: the kind of it is all that is told
        log.warning("import: %s", type(fault).__name__)
        upload.save(stage="problem", problem=Problem().as_dict())


def _table(upload: Upload, told: Mapping[str, Any]) -> Any:
    from kinweave.core.sheets.read import read_table

    return read_table(upload.read("data"), told["name"], sheet=told.get("sheet"))


def _study(upload: Upload, told: Mapping[str, Any], by: Actor) -> None:
    """Headings with what they seem to mean, and sheets to choose from."""
    from kinweave.core.sheets.problems import ChooseSheet
    from kinweave.core.sheets.read import sheets_of

    try:
        table = _table(upload, told)
    except ChooseSheet:
        sheets = [{"number": s.number, "name": s.name} for s in sheets_of(upload.read("data")) if s.filled]
        upload.save(stage="sheet", sheets=sheets)
        return
    found = _people_columns(table) if told["kind"] == "people" else _response_columns(table, told)
    notes = [n.sentence for n in table.warnings]
    upload.save(stage="map", headings=list(table.columns), notes=notes, **found)


def _people_columns(table: Any) -> dict[str, Any]:
    from kinweave.core.sheets.columns import suggest_columns

    columns = [
        {"heading": s.column, "field": s.field or "", "why": s.why, "sure": s.confidence >= 0.8}
        for s in suggest_columns(table)
    ]
    return {"columns": columns}


def _response_columns(table: Any, told: Mapping[str, Any]) -> dict[str, Any]:
    from kinweave.core.sheets.responses import suggest_map, unread_words
    from kinweave.flows.intake.responses import instrument_of

    instrument = instrument_of(told["instrument"])
    found = suggest_map(table, instrument)
    unread = unread_words(table, found, instrument) if found.items else {}
    words = list(dict.fromkeys(itertools.chain.from_iterable(unread.values())))
    return {
        "roles": dict(found.columns), "items": dict(found.items), "why": dict(found.why), "values": dict(found.values),
        "words": words[:30], "item_codes": [item.code for item in instrument.items],
    }  # fmt: skip


def _import(upload: Upload, told: Mapping[str, Any], by: Actor, *, dry: bool) -> tuple[Outcome, Any]:
    from kinweave.flows.intake import people, plan, responses

    table = _table(upload, told)
    tell = _teller(upload)
    # The import has the id of the upload, so that a run that was cut short goes on as the same import.
    more: dict[str, Any] = {"dry": dry, "tell": tell, "import_id": upload.id}
    if told["kind"] == "people":
        return people.import_people(table, plan.PeoplePlan(**told["plan"]), by, **more), table
    return responses.import_responses(table, plan.ResponsePlan(**told["plan"]), by, **more), table


def _teller(upload: Upload) -> Tell:
    """Writes down how far it is, once a second."""
    last = [0.0]

    def tell(done: int, total: int) -> None:
        if time.monotonic() - last[0] > 1:
            last[0] = time.monotonic()
            upload.save(done=done, total=total)

    return tell


def _shown(outcome: Outcome) -> dict[str, Any]:
    found = outcome.as_dict()
    return {**found, "more_lines": max(0, len(found["lines"]) - LINES), "lines": found["lines"][:LINES]}


def _look(upload: Upload, told: Mapping[str, Any], by: Actor) -> None:
    outcome, table = _import(upload, told, by, dry=True)
    _keep_aside(upload, table, outcome)
    upload.save(stage="looked", report=_shown(outcome))


def _run(upload: Upload, told: Mapping[str, Any], by: Actor) -> None:
    outcome, table = _import(upload, told, by, dry=False)
    _keep_aside(upload, table, outcome)
    upload.save(stage="done", report=_shown(outcome))
    upload.drop("data")


def _keep_aside(upload: Upload, table: Any, outcome: Outcome) -> None:
    from kinweave.core.sheets.problems import SheetProblem
    from kinweave.core.sheets.report import aside_bytes

    try:
        content = aside_bytes(table, outcome.report)
    except SheetProblem:  # the file breaks off: it is mended as a whole
        content = b""
    if content:
        upload.write("aside", [content], most=1 << 31)
    else:
        upload.drop("aside")


def start_undo(by: Actor, past: Past) -> Upload:
    """Take an import back, in a process of its own when it is large."""
    rows = int(past.counts.get("accepted", past.counts.get("total", 0)))
    upload = receive(by, past.kind, "", [])
    start(upload, "undo", undo=str(past.id), size=rows * UNDO_COST)
    return upload


def _undo(upload: Upload, told: Mapping[str, Any], by: Actor) -> None:
    upload.save(stage="undone", report=undo_import(by, UUID(told["undo"]), _teller(upload)))


STEP = {"study": _study, "look": _look, "run": _run, "undo": _undo}


def main(arguments: list[str]) -> int:
    import django

    django.setup()
    work(opened_by_job(UUID(arguments[0])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
