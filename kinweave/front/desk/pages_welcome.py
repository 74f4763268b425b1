"""Someone new: registered, asked for consent purpose by purpose, and on the way, all or nothing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kinweave.care.actions import move_on
from kinweave.core.ids import child
from kinweave.flows.welcome import agree, welcome_person
from kinweave.front.desk.forms_people import homes
from kinweave.front.desk.forms_welcome import CONTACT_FIELDS, WelcomeForm
from kinweave.front.desk.people_parts import in_local_time, send
from kinweave.house.access import Actor
from kinweave.house.actions import NotFound
from kinweave.house.journal import Head
from kinweave.house.models import Programme
from kinweave.people.actions import add_tie


@in_local_time
def person_new(request: Any) -> HttpResponse:
    """Add someone. Nothing typed is lost when something is missing."""
    by: Actor = request.actor
    form = WelcomeForm(request.POST if request.method == "POST" else None, by=by, scope=_scope(by))
    problem = None
    if request.method == "POST" and form.is_valid():
        result, problem = send(form, lambda asked, head: welcome(by, form, asked, head))
        if problem is None:
            _say(request, result)
            return HttpResponseRedirect(reverse("person", args=[result["person"]]))
    status = problem.status if problem else 422 if form.is_bound else 200
    return render(request, "desk/people/new.html", {"form": form, "problem": problem}, status=status)


def _scope(by: Actor) -> str:
    """The programme whose groups are asked about: the first of the organisations that a grant names."""
    ids = [o.id for o in homes(by, "people.register")]
    first = Programme.objects.filter(organisation_id__in=ids).order_by("name", "id").values_list("id", flat=True)
    return str(first.first() or "")


def _say(request: Any, result: Any) -> None:
    messages.success(request, _("They are written down under the code %(code)s.") % {"code": result["code"]})
    alike = int(result.get("possibly_same") or 0)
    if alike:
        says = ngettext(
            "Possibly the same person: %(n)d record sounds alike. A supervisor can compare them.",
            "Possibly the same person: %(n)d records sound alike. A supervisor can compare them.",
            alike,
        )
        messages.info(request, says % {"n": alike})


def welcome(by: Actor, form: WelcomeForm, asked: dict[str, Any], head: Head) -> Any:
    """Everything the form says, under ids that follow from the form's own, so that a second send writes nothing."""
    with transaction.atomic():
        young = form.is_young
        receipt = welcome_person(
            by=by,
            head=head,
            person=_person(form, asked),
            consents=[] if young else [_consent(form, code, given) for code, given in form.answers().items()],
            contact={name: asked[name] for name in CONTACT_FIELDS if asked.get(name)} if asked.get("value") else None,
            met_on=asked["met_on"],
        )
        person = UUID(str(receipt.result["person"]))
        if young:
            _agree_young(by, form, asked, head, person)
        way = asked.get("entry_way")
        if form.answers().get("care") and way and way != "first":
            move_on(by=by, head=_below(head, "tell"), person_id=person, move="tell", entry=way)
        return receipt.result


def _person(form: WelcomeForm, asked: dict[str, Any]) -> dict[str, Any]:
    team = form.team_row()
    home = team.organisation_id if team else next((o.id for o in homes(form.by, "people.register")), None)
    if home is None:
        raise NotFound(what="organisation")
    programme = form.programme_row()
    return {
        "organisation_id": home,
        "programme_id": programme.id if programme else None,
        "team_id": team.id if team else None,
        "place_id": asked.get("place") or None,
        "worker_id": asked.get("worker") or None,
        "alias": asked["alias"] or None,
        "name": asked["name"] or None,
        "birth_year": asked["birth_year"],
        "gender": asked["gender"],
        "language": asked["language"],
        "facts": form.facts(),
    }


def _consent(form: WelcomeForm, purpose: str, given: bool) -> dict[str, Any]:
    how = form.cleaned_data.get("how") or "spoken"
    return {"purpose": purpose, "given": given, "how": how, "language": (get_language() or "")[:12]}


def _agree_young(by: Actor, form: WelcomeForm, asked: dict[str, Any], head: Head, person: UUID) -> None:
    """The guardian first, as someone close; then each answer with the young person's own and the guardian's."""
    danger, tie = bool(asked.get("guardian_danger")), None
    if asked.get("guardian_name") or danger:
        name = asked.get("guardian_name") or _("Guardian")
        receipt = add_tie(
            by=by, head=_below(head, "guardian"), person_id=person, kind="guardian", name=name, guardian=True,
            danger=danger,
        )  # fmt: skip
        tie = UUID(str(receipt.result["tie"]))
    assent = {"yes": True, "no": False}.get(asked.get("assent", ""))
    for purpose, given in form.answers().items():
        agree(
            by=by, head=_below(head, f"agree/{purpose}"), person_id=person, **_consent(form, purpose, given),
            assent=assent, guardian_tie_id=None if danger else tie,
        )  # fmt: skip


def _below(head: Head, name: str) -> Head:
    """The head of a further entry of the same form."""
    return Head.now(id=child(head.id, f"form/{name}"))
