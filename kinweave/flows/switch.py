"""A questionnaire is switched on or off here. One that can show danger waits until somebody can answer."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from kinweave.core.instrument_types import NoWording
from kinweave.core.instruments import languages
from kinweave.house import rota
from kinweave.house.access import ALL, Actor, NotAllowed
from kinweave.house.journal import Decision, Head
from kinweave.house.models import Organisation, Programme
from kinweave.house.registry import action, no_rows
from kinweave.listen.actions import switch_instrument
from kinweave.listen.shelf import UnknownInstrument, instruments


@action(permission="house.settings")
def switch_questionnaire(
    *, by: Actor, head: Head, slug: str, on: bool, scope: str = "", licence_statement: str = ""
) -> Decision:
    """Ask a questionnaire here, or stop asking it. `scope`: a programme's id, or empty for the whole site.

    Raises UnknownInstrument, NoWording (nothing to ask with), LicenceNeeded, NotAllowed (another organisation's
    programme) and NobodyCanAnswer: a safety item needs a rota whose people and emergency contact answered a test.
    """
    found = instruments().get(slug)
    if found is None:
        raise UnknownInstrument()
    touched = programmes_of(by, scope)
    if on:
        if not languages(found):
            raise NoWording(slug=found.key)
        for programme in touched:
            rota.require_someone(bool(found.safety), programme)
        if found.safety and not touched:
            raise rota.NobodyCanAnswer(missing="rota")
    switch_instrument(by=by, slug=slug, on=on, scope=scope, licence_statement=licence_statement)
    return Decision(None, result={"slug": slug, "on": on})


no_rows("flows.switch_questionnaire")


def programmes_of(by: Actor, scope: str) -> list[UUID]:
    """The programmes that a switch or a setting of this scope touches. Raises NotAllowed outside the actor's reach."""
    within = reachable(by)
    if scope:
        found = [one for one in within if str(one) == scope]
        if not found:
            raise NotAllowed(permission="house.settings")
        return found
    if not reaches_site(by):
        raise NotAllowed(permission="house.settings")
    return list(Programme.objects.order_by("id").values_list("id", flat=True))


def reachable(by: Actor) -> list[UUID]:
    """The programmes whose settings an actor keeps."""
    rows = Programme.objects.order_by("name", "id")
    if not _everywhere(by):
        rows = rows.filter(organisation_id__in=_homes(by))
    return list(rows.values_list("id", flat=True))


def reaches_site(by: Actor) -> bool:
    """Whether an actor may set something for the whole site: all of it is theirs."""
    return _everywhere(by) or not Organisation.objects.exclude(id__in=_homes(by)).exists()


def _everywhere(by: Actor) -> bool:
    return any(reach.scope == ALL for reach in by.reaches("house.settings"))


def _homes(by: Actor) -> Iterable[UUID]:
    return [reach.organisation_id for reach in by.reaches("house.settings") if reach.organisation_id]
