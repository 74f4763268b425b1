"""The week on paper: a worker's own people by code and alias, never by name, with what is due. Reading it is logged."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from kinweave.front import sentences
from kinweave.front.desk.people_parts import in_local_time
from kinweave.front.print import blocks as b
from kinweave.front.print.frame import page, wanted
from kinweave.house.models import Due
from kinweave.house.readlog import looked
from kinweave.people.listing import own_people

DAYS = 7
MOST = 120  # of a worker's own people; more would not be a list for a pocket (ours)


@in_local_time
def week(request: Any) -> HttpResponse:
    """One's own people whose week has something in it first, then the others."""
    paper = wanted(request, several=False)
    people = own_people(request.actor, MOST)
    looked(request.actor, "week-list", [one.id for one in people])
    until = timezone.now() + timedelta(days=DAYS)
    ids = [one.id for one in people]
    dues: dict[Any, Due] = {}
    for due in Due.objects.filter(person_id__in=ids, state="open", at__lte=until, priority__gt=0).order_by("-at"):
        dues[due.person_id] = due
    ordered = sorted(
        people, key=lambda one: (one.id not in dues, dues[one.id].at.isoformat() if one.id in dues else "")
    )

    def make() -> dict[str, Any]:
        rows = [[one.code, one.alias, *_due(dues.get(one.id)), "", ""] for one in ordered]
        heads = [_("Code"), _("Called"), _("When"), _("What"), _("Met?"), _("Next date")]
        note = _("Codes and chosen names only. Tear it up when the week is over.")
        return {"blocks": [{"kind": "filled", "heads": heads, "rows": rows}, b.text(note, "small")]}

    return page(
        request, paper, _("My week"), make, lines=(_("Worker"),), numbered=False, wide=True,
        back={"url": reverse("today"), "label": _("Today")},
    )  # fmt: skip


def _due(due: Due | None) -> list[str]:
    """Its day and its words; red words stay on the screen: a list in a pocket names no danger."""
    if due is None:
        return ["", ""]
    words = sentences.DUE.get(due.kind, sentences.UNKNOWN_DUE)
    if due.kind.startswith("risk"):
        words = sentences.DUE["session"]
    return [date_format(timezone.localtime(due.at), "D j M"), str(words.what)]
