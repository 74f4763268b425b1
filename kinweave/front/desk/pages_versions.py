"""Two versions of a contact or a goal, made on two sides: the worker says which one holds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kinweave.flows.phone.versions import BOTH, conflicts_of, decide_version
from kinweave.front import sentences
from kinweave.front.desk.pages_change import change_page, posted
from kinweave.front.desk.people_parts import EntryForm, choice, in_local_time, open_person, said_day
from kinweave.house.models import Due
from kinweave.people.actions.versions import TWO_VERSIONS
from kinweave.people.door import PersonNotFound

ABOUT = {
    "contact": gettext_lazy("Two ways to reach them, where one was changed on two sides"),
    "contact-end": gettext_lazy("A way to reach them was ended on one side and changed on the other"),
    "goal": gettext_lazy("A goal, put in other words on two sides"),
    "goal-state": gettext_lazy("How a goal stands, said differently on two sides"),
}


@in_local_time
def two_versions(request: Any, ref_id: UUID) -> HttpResponse:
    """Both versions, and the question which one holds. Nothing is lost: the other stays in the history."""
    due = Due.objects.filter(ref_id=ref_id, kind=TWO_VERSIONS, state="open").order_by("at", "id").first()
    if due is None or due.person_id is None:
        raise PersonNotFound()
    seen = open_person(request, due.person_id, "two-versions", "care.act")
    found = next((one for one in conflicts_of(seen.ids) if one["id"] == str(due.id)), None)
    if found is None:
        raise PersonNotFound()
    form = EntryForm(posted(request))
    both = [] if found["what"] in {"contact-end", "goal-state"} else [(BOTH, _("Both hold"))]
    form.fields["keep"] = choice(_("Which one holds?"), [*((v["id"], said(v)) for v in found["versions"]), *both])
    return change_page(
        request, seen, form,
        lambda asked, head: decide_version(by=request.actor, head=head, conflict_id=due.id, keep=asked["keep"]),
        back="person", done=_("Written down. The other version stays in the history."), title=_("Which one holds?"),
        lead=ABOUT[found["what"]], note=said_day(due.at), submit=_("This one holds"),
    )  # fmt: skip


def said(version: dict[str, Any]) -> str:
    """One version as an answer to choose."""
    if version.get("ends"):
        return _("Stop using it: %(value)s") % {"value": version["value"]}
    words = str(sentences.GOALS.get(version["value"], version["value"]))
    more = [str(sentences.ALLOWED.get(version.get("allowed", ""), "")), version.get("who_answers", "")]
    return " · ".join([words, *(one for one in more if one)])
