"""What the pages about alerts ask: one alert with its words opened, its line of events, one already open."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kinweave.care.actions.risks import KINDS, NOTE, SAFETY_PLAN, risk_within
from kinweave.care.models import Risk
from kinweave.core.risk import CLOSED
from kinweave.house.access import Actor
from kinweave.house.models import Happened
from kinweave.house.sealing import open_sealed


@dataclass(frozen=True, slots=True)
class Opened:
    """An alert with what was sealed in it: what kinds of danger, what was written, the safety plan."""

    row: Risk
    kinds: tuple[str, ...]
    note: str
    plan: str


def one_risk(by: Actor, risk_id: UUID, permission: str = "risk.see") -> Opened:
    """An alert within reach, opened. Raises NotFound or PersonNotFound."""
    row = risk_within(by, risk_id, permission)
    kinds = json.loads(open_sealed(row.key_id, KINDS, row.kinds) or "[]")
    note = open_sealed(row.key_id, NOTE, row.note) or ""
    return Opened(row, tuple(map(str, kinds)), note, open_sealed(row.key_id, SAFETY_PLAN, row.plan) or "")


def line_of(risk: Risk) -> list[Happened]:
    """What happened with an alert, the latest first."""
    return list(Happened.objects.filter(ref_id=risk.id, guarded="risk").order_by("-at", "-id"))


def open_about(refs: Sequence[UUID]) -> UUID | None:
    """An alert that one of these forms has raised and that nobody has closed yet."""
    found = Risk.objects.filter(ref_id__in=list(refs), source="answer").exclude(state=CLOSED)
    return found.order_by("-opened_at").values_list("id", flat=True).first()
