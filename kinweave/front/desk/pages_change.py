"""What can be changed about one person: facts, contacts, ties, home, worker, consents, goals, the own page's link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kinweave.care.actions import set_goal, set_goal_state
from kinweave.front import sentences
from kinweave.front.desk.forms_people import (
    ContactForm,
    MoveForm,
    PersonForm,
    TieForm,
    WordsForm,
    WorkerForm,
)
from kinweave.front.desk.people_parts import EntryForm, form_page, in_local_time, open_person, person_head
from kinweave.house.access import Actor
from kinweave.people import reads
from kinweave.people.actions import (
    add_contact,
    add_tie,
    assign_worker,
    change_person,
    end_contact,
    end_tie,
    move_person,
)
from kinweave.people.door import Seen


def posted(request: Any) -> Any:
    return request.POST if request.method == "POST" else None


def change_page(request: Any, seen: Seen, form: EntryForm, write: Any, *, back: str, done: str, **shown: Any) -> Any:
    """A form about one person on the shared form page."""
    url = reverse(back, args=[seen.id])
    head = person_head(request, seen, back)
    more = {"back": {"url": url, "label": head["called"]}, "narrow": True, "called": head["called"], **shown}
    return form_page(request, form, write, to=url, done=done, **more)


@in_local_time
def person_change(request: Any, person_id: UUID) -> HttpResponse:
    """Correct what is written. What was stays in the history."""
    by: Actor = request.actor
    seen = open_person(request, person_id, "person-change", "people.change")
    scope = str(seen.row.programme_id or "")
    names = reads.names(seen)
    first: dict[str, Any] = {
        "alias": names.alias, "name": names.name, "birth_year": seen.row.birth_year, "gender": seen.row.gender,
        "language": seen.row.language,
    }  # fmt: skip
    for code, value in seen.row.facts.items():
        if code == "wg":
            first |= {f"wg_{domain}": str(level) for domain, level in value.items()}
        else:
            first |= {f"group_{code}": value, f"fact_{code}": value}
    form = PersonForm(posted(request), scope=scope, initial=first)

    def write(asked: dict[str, Any], head: Any) -> Any:
        # Whatever was typed is sent, also what did not change: a second send must be the same send.
        return change_person(
            by=by, head=head, person_id=seen.id, alias=asked["alias"] or None, name=asked["name"] or None,
            birth_year=asked["birth_year"], gender=asked["gender"], language=asked["language"], facts=form.facts(),
        )  # fmt: skip

    return change_page(
        request, seen, form, write, back="person-held", done=_("Corrected. What was written before is kept."),
        template="desk/people/change.html",
    )  # fmt: skip


@in_local_time
def contact_new(request: Any, person_id: UUID) -> HttpResponse:
    """A way to reach someone that is safe for them."""
    seen = open_person(request, person_id, "contact-new", "people.change")
    return change_page(
        request, seen, ContactForm(posted(request)),
        lambda asked, head: add_contact(by=request.actor, head=head, person_id=seen.id, **asked),
        back="person-held", done=_("The way to reach them is written down."),
        title=_("A safe way to reach them"), submit=_("Save"),
        lead=_("Ask: who else sees this phone, or hears us there?"),
    )  # fmt: skip


@in_local_time
def contact_end(request: Any, person_id: UUID, contact_id: UUID) -> HttpResponse:
    """This way is not safe any more, or not theirs."""
    seen = open_person(request, person_id, "contact-end", "people.change")
    return change_page(
        request, seen, EntryForm(posted(request)),
        lambda asked, head: end_contact(by=request.actor, head=head, person_id=seen.id, contact_id=contact_id),
        back="person-held", done=_("Nobody will use it any more."), title=_("Stop using this way"),
        submit=_("Stop using it"), lead=_("It is no longer safe, or no longer theirs. It leaves every page."),
    )  # fmt: skip


@in_local_time
def tie_new(request: Any, person_id: UUID) -> HttpResponse:
    """Someone close to a person."""
    seen = open_person(request, person_id, "tie-new", "people.change")
    return change_page(
        request, seen, TieForm(posted(request)),
        lambda asked, head: add_tie(by=request.actor, head=head, person_id=seen.id, **asked),
        back="person-held", done=_("They are written down."), title=_("Someone close to them"), submit=_("Save"),
        lead=_("Family, a friend, a healer. They never see what is written here."),
    )  # fmt: skip


@in_local_time
def tie_end(request: Any, person_id: UUID, tie_id: UUID) -> HttpResponse:
    seen = open_person(request, person_id, "tie-end", "people.change")
    return change_page(
        request, seen, EntryForm(posted(request)),
        lambda asked, head: end_tie(by=request.actor, head=head, person_id=seen.id, tie_id=tie_id),
        back="person-held", done=_("Taken from the page."), title=_("No longer close"), submit=_("Take away"),
        lead=_("They are not close to the person any more, or it was written by mistake."),
    )  # fmt: skip


@in_local_time
def person_move(request: Any, person_id: UUID) -> HttpResponse:
    """A new home; where they lived before stays."""
    by: Actor = request.actor
    seen = open_person(request, person_id, "person-move", "people.change")
    form = MoveForm(posted(request), by=by, initial={"on": timezone.localdate()})
    return change_page(
        request, seen, form,
        lambda asked, head: move_person(
            by=by, head=head, person_id=seen.id, place_id=UUID(asked["place"]), on=asked["on"]
        ),
        back="person-held", done=_("The new place is written down."), title=_("They moved"), submit=_("Save"),
    )  # fmt: skip


@in_local_time
def person_assign(request: Any, person_id: UUID) -> HttpResponse:
    """Who accompanies from now on; what was due goes along."""
    by: Actor = request.actor
    seen = open_person(request, person_id, "person-assign", "care.assign")
    form = WorkerForm(posted(request), by=by, initial={"worker": seen.row.worker_id, "team": seen.row.team_id})

    def write(asked: dict[str, Any], head: Any) -> Any:
        team = UUID(asked["team"]) if asked.get("team") else None
        return assign_worker(by=by, head=head, person_id=seen.id, worker_id=UUID(asked["worker"]), team_id=team)

    # Whoever goes to another team may now be out of the reader's reach: on to the list, not to the person.
    return form_page(
        request, form, write, to=reverse("people"), done=_("What was due has moved along."),
        title=_("Who accompanies"), submit=_("Save"), narrow=True,
        back={"url": reverse("person-held", args=[seen.id]), "label": person_head(request, seen, "")["called"]},
    )  # fmt: skip


# ---------------------------------------------------------------------------------------- goals


@in_local_time
def goal_new(request: Any, person_id: UUID) -> HttpResponse:
    """A goal in the person's own words."""
    seen = open_person(request, person_id, "goal-new", "care.act")
    asked_for, small = _("What they want, in their own words"), _("One thing, small enough to begin.")
    form = WordsForm(posted(request), label=asked_for, help_text=small)
    return change_page(
        request, seen, form,
        lambda asked, head: set_goal(by=request.actor, head=head, person_id=seen.id, text=asked["words"]),
        back="person", done=_("The goal is written down."), title=_("A goal"), submit=_("Save"),
    )  # fmt: skip


@in_local_time
def goal_state(request: Any, person_id: UUID, goal_id: UUID) -> HttpResponse:
    """A goal was reached, or let go, by the person's own word."""
    from kinweave.front.desk.people_parts import choice

    seen = open_person(request, person_id, "goal-state", "care.act")
    form = EntryForm(posted(request))
    form.fields["state"] = choice(_("How it stands, by their own word"), list(sentences.GOALS.items()))
    return change_page(
        request, seen, form,
        lambda asked, head: set_goal_state(
            by=request.actor, head=head, person_id=seen.id, goal_id=goal_id, state=asked["state"]
        ),
        back="person", done=_("Written down."), title=_("How the goal stands"), submit=_("Save"),
    )  # fmt: skip
