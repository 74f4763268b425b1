"""The one way to a circle: by its keeper, its team, its place. Absent and out of reach look the same."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from kinweave.core.problems import Problem
from kinweave.gather.models import Circle
from kinweave.house.access import Actor, NotAllowed, place_path, reached, scope_of


class CircleNotFound(Problem):
    status, code = 404, "circle-not-found"
    says = "There is no such circle among those you can see."
    remedy = "Look for it in your list of circles."


def circle_for(circle_id: UUID, by: Actor, permission: str) -> Circle:
    """A circle within reach of a permission. Raises CircleNotFound, NotAllowed."""
    by.require(permission)
    row = Circle.objects.filter(id=circle_id).first()
    if row is None or not reaches(row, by, permission):
        raise CircleNotFound()
    return row


def reaches(row: Circle, by: Actor, permission: str) -> bool:
    """By the table of roles; who keeps a circle reaches it in any team."""
    mine = by.account_id is not None and row.host_id == by.account_id and by.may(permission)
    return mine or reached(
        by,
        permission,
        worker_id=row.host_id,
        team_id=row.team_id,
        organisation_id=row.organisation_id,
        path=place_path(row.place_id),
    )


def within(by: Actor, permission: str = "gather.see") -> QuerySet[Circle]:
    """The circles an actor can list. Raises NotAllowed."""
    if not by.may(permission):
        raise NotAllowed(permission=permission)
    mine = Q(host_id=by.account_id) if by.account_id else Q(pk__in=())
    return Circle.objects.filter(scope_of(by, permission, worker="host_id") | mine)
