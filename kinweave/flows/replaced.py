"""A form that takes the place of an earlier one: no second alert for the same answer, nothing left in quarantine.

The earlier form may have been written down (a response) or held (in quarantine). An alert counts as raised
already only when it is still open and the earlier form was this person's, sent by the same account where
nobody knows whose it is: what is uncertain is told again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kinweave.care.reads_risks import open_about
from kinweave.core.safety import SafetySign
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.models import Held
from kinweave.house.quarantine import ASKED, set_held_aside
from kinweave.house.sealing import open_sealed
from kinweave.listen.reads_ask import forms_before

REASON = "A later form took its place."


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a form takes the place of: ids that an alert may point to, its answers, whether it was held."""

    refs: tuple[UUID, ...]
    answers: tuple[dict[str, Any], ...]
    held: bool


def earlier(by: Actor, replaces: UUID | None, whose: UUID | None) -> Earlier | None:
    """The form that `replaces` names; None where there is none that counts."""
    if replaces is None:
        return None
    row = Held.objects.filter(id=replaces, state="waiting", action="listen.record_response").first()
    if row is not None:
        same = row.person_id == whose and (whose is not None or row.sent_by == by.account_id)
        asked = json.loads(open_sealed(row.key_id, ASKED, row.asked) or "{}")
        return Earlier((row.id,), (asked.get("answers") or {},), held=True) if same else None
    forms = forms_before(replaces)
    if not forms:
        return None
    return Earlier(tuple(one for one, _ in forms), tuple(answers for _, answers in forms), held=False)


def alert_already(found: Earlier, signs: Iterable[SafetySign], before: Iterable[SafetySign]) -> UUID | None:
    """The open alert that covers every sign of the new form, where there is one."""
    seen: dict[str, bool] = {}
    for sign in before:
        seen[sign.code] = seen.get(sign.code, False) or sign.certain
    if all(sign.code in seen and (seen[sign.code] or not sign.certain) for sign in signs):
        return open_about(found.refs)
    return None


def put_aside(found: Earlier) -> None:
    """The held form leaves quarantine: the later one has taken its place."""
    if found.held:
        set_held_aside(by=SYSTEM, held_id=found.refs[0], reason=REASON)
