"""Possibly the same person: pairs that sound alike, two records side by side, merged and taken apart again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kinweave.front import sentences
from kinweave.front.desk.forms_people import language_name
from kinweave.front.desk.people_parts import EntryForm, choice, form_page, in_local_time, said_day
from kinweave.house.access import Actor
from kinweave.house.readlog import looked
from kinweave.people.actions import merge_persons, unmerge_person
from kinweave.people.door import PersonNotFound, Seen, access, shown_names
from kinweave.people.same import merged, pairs, sides


@in_local_time
def people_same(request: Any) -> HttpResponse:
    """Pairs to compare, and what was merged lately. Only records of the reader's own reach and organisation."""
    by: Actor = request.actor
    found = pairs(by, _asked(request))
    behind = merged(by)
    rows = [row for pair in found for row in (pair.one, pair.other)] + [row for two in behind for row in two]
    names = shown_names(rows)
    looked(by, "people-same", list(names))
    shown = {
        "pairs": [
            {
                "one": names[p.one.id], "other": names[p.other.id], "one_code": p.one.code, "other_code": p.other.code,
                "place": p.other.place.name if p.other.place else "",
                "url": reverse("people-compare", args=[p.one.id, p.other.id]),
            }
            for p in found
        ],
        "merged": [
            {"behind": names[a.id], "whole": names[b.id], "code": a.code, "form": EntryForm(auto_id=f"u{n}_%s"),
             "url": reverse("people-unmerge", args=[a.id])}
            for n, (a, b) in enumerate(behind)
        ],
        "empty": {
            "title": _("No two records sound alike"),
            "sentence": _("When a new name sounds like one that is here, the pair appears here."),
            "plain": True,
        },
    }  # fmt: skip
    return render(request, "desk/people/same.html", shown)


def _asked(request: Any) -> UUID | None:
    try:
        return UUID(request.GET.get("person", ""))
    except ValueError:
        return None


@in_local_time
def people_compare(request: Any, one_id: UUID, other_id: UUID) -> HttpResponse:
    """Two records side by side. Merging takes a right to both; the first goes behind the second."""
    by: Actor = request.actor
    one, other = sides(by, one_id, other_id)
    looked(by, "people-compare", [one.id, other.id])
    names = shown_names([one.row, other.row])
    form = KeepForm(request.POST if request.method == "POST" else None)

    def write(asked: dict[str, Any], head: Any) -> UUID:
        gone, kept = (one_id, other_id) if asked["keep"] == "other" else (other_id, one_id)
        merge_persons(by=by, head=head, person_id=gone, into_id=kept)
        return kept

    return form_page(
        request, form, write, to=lambda kept: reverse("person", args=[kept]),
        done=_("They are one record now. It can be taken apart again under “Possibly the same”."),
        template="desk/people/compare.html", sides=[side(one, names), side(other, names)], same=one.id == other.id,
    )  # fmt: skip


class KeepForm(EntryForm):
    """Which of two records goes on."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = [("one", _("The first")), ("other", _("The second"))]
        self.fields["keep"] = choice(_("Which record goes on?"), options)


def side(seen: Seen, names: dict[UUID, str]) -> dict[str, Any]:
    """One record as far as it takes to tell two people apart."""
    row = seen.row
    return {
        "called": names[row.id],
        "facts": [
            (_("Code"), row.code),
            (_("Year of birth"), str(row.birth_year or "")),
            (_("Gender"), str(sentences.GENDERS.get(row.gender, ""))),
            (_("Language"), language_name(row.language) if row.language else ""),
            (_("Place"), row.place.name if row.place else ""),
            (_("Met on"), said_day(row.met_on)),
            (_("Where they are"), str(sentences.STATES.get(row.state, ""))),
        ],
    }


@in_local_time
def people_unmerge(request: Any, person_id: UUID) -> HttpResponse:
    """They were two people after all."""
    if access(person_id, by=request.actor, permission="people.merge").id == person_id:
        raise PersonNotFound()  # it stands by itself
    form = EntryForm(request.POST if request.method == "POST" else None)
    return form_page(
        request, form,
        lambda asked, head: unmerge_person(by=request.actor, head=head, person_id=person_id),
        to=reverse("people-same"), done=_("They are two records again."),
        title=_("Take two records apart"), submit=_("Take apart"), narrow=True,
        lead=_("What was written since they became one stays with the record that went on."),
        back={"url": reverse("people-same"), "label": _("Possibly the same")},
    )  # fmt: skip
