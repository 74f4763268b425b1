"""The one way in for what is sent with nobody there to mend it: the JSON API's batches, phones, OpenRosa.

A fact that cannot be placed is held whole, also when its own fields do not fit; what is no fact is refused with
its reason. Whatever becomes of it, a safety answer or a worry in it reaches someone at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from kinweave.core.problems import Problem
from kinweave.house import registry
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.journal import Head
from kinweave.house.registry import ACTIONS, Receipt, Spec
from kinweave.house.typed import BadInput, parsed

INTERNAL = ("house.hold", "own.")
AHEAD = timedelta(hours=24)  # how far a sender's clock may run ahead


class HappenedAhead(Problem):
    status, code = 422, "happened-ahead"
    says = "This happened in the future, as its sender's clock has it."
    remedy = "Put the device's clock right, then correct the time."


class NoSuchOperation(Problem):
    status, code = 404, "no-such-operation"
    says = "There is no such operation."
    remedy = "Look at /api/openapi.json for what there is."
    holds = False


def is_open(spec: Spec) -> bool:
    """Whether senders may ask for an action; what only the system, a flow or a person's own page does is not."""
    return not spec.inner and not spec.permission.startswith(INTERNAL)


def open_action(name: str) -> Spec:
    """An action that may be asked for by name. Raises NoSuchOperation."""
    spec = ACTIONS.get(name)
    if spec is None or not is_open(spec):
        raise NoSuchOperation()
    return spec


def check_ahead(head: Head) -> None:
    """Raises HappenedAhead."""
    if head.happened_at > head.received_at + AHEAD:
        raise HappenedAhead()


def take_in(name: str, asked: Mapping[str, Any], *, by: Actor, head: Head) -> Receipt:
    """Run one sent entry as its sender; `asked` holds JSON values. Sent again, it answers as the first time.

    The receipt says accepted or held (with its code). Raises Problem for what is neither: no such action, no
    fact and not possible now, not this sender's work.
    """
    spec = open_action(name)
    head = replace(head, unattended=True)
    try:
        check_ahead(head)
        ready = parsed(name, asked)
    except (BadInput, HappenedAhead) as problem:
        if not spec.fact or not registry._ever_allowed(spec, by):
            raise
        return hold_whole(name, asked, code=problem.code, sent_by=by.account_id, head=head)
    return registry.run(name, by=by, head=head, **ready)


def hold_whole(name: str, asked: Mapping[str, Any], *, code: str, sent_by: UUID | None, head: Head) -> Receipt:
    """Keep an entry as it came, for a person to decide about, under its own id."""
    at = min(head.happened_at, head.received_at)
    content = {"action": name, "code": code, "asked": asked, "sent_by": sent_by}
    kept = registry.run("house.hold_fact", by=SYSTEM, head=replace(head, happened_at=at, unattended=False), **content)
    return Receipt(kept.entry_id, "held", kept.result, kept.again)
