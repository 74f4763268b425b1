"""Work that takes longer than a page may: a process that ends, and a small file that says how far it has come.

Plain Python, so that a web server can start a job and look at it without loading any analysis.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from kinweave.core.ids import uuid7

Say = Callable[[str], None]  # told each step as it is done

TABLES = 15  # the indicators of a report, at most
RUNNING, DONE, FAILED = "running", "done", "failed"
# What the steps weigh in the progress bar, of 100 (measured on the invented community, and ours).
STEPS: Mapping[str, int] = {
    "waiting": 0, "lake": 5, "languages": 20, "sums": 30, "safe": 40, "models": 70, "words": 95, "done": 100,
}  # fmt: skip


def percent(step: str, times: int = 1) -> int:
    """How far a job is after a step was told so many times: a step of many tables moves on towards the next."""
    later = min((p for p in STEPS.values() if p > STEPS[step]), default=100)
    return STEPS[step] + int((later - STEPS[step]) * min(times - 1, TABLES - 1) / TABLES)


def folder() -> Path:
    path = Path(settings.HOME) / "jobs"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _file(job: str) -> Path:
    if not re.fullmatch(r"[0-9a-f]{32}", job):
        raise ValueError("a job's id has 32 hexadecimal letters")
    return folder() / f"{job}.json"


def tell(job: str, state: str = RUNNING, step: str = "waiting", **more: Any) -> None:
    """Write down how far a job has come; one rename, so that a reader never sees half."""
    path = _file(job)
    beside = path.with_suffix(".new")
    said = {"state": state, "step": step, "percent": percent(step), **more}
    beside.write_text(json.dumps(said), encoding="utf-8")
    beside.replace(path)


def look(job: str) -> dict[str, Any] | None:
    """How far a job has come; None where there is no such job."""
    try:
        found: dict[str, Any] = json.loads(_file(job).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found


def start_draft(
    place_id: UUID, period: int, account_id: UUID, template: str = "", languages: Sequence[str] = ()
) -> str:
    """Start the process that makes a draft; returns the job's id."""
    job = uuid7().hex
    tell(job, place=str(place_id), period=period, account=str(account_id))
    command = [sys.executable, "-m", "kinweave.learn", "draft", str(place_id), str(period), str(account_id)]
    command += ["--job", job, *(["--template", template] if template else [])]
    command += [part for one in languages for part in ("--language", one)]
    subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
    return job
