"""A person's referrals in the making: prepared, agreed to, dropped. Nothing is sent from here yet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kinweave.connect import reads
from kinweave.connect.actions import PURPOSE, cancel_referral_draft, draft_referral, recipient
from kinweave.core.ids import child
from kinweave.core.problems import Problem
from kinweave.front import sentences_rooms as words_of
from kinweave.front.desk.forms_rooms import AgreedForm, ReferralForm
from kinweave.front.desk.people_parts import form_page, in_local_time, open_person, person_head, said_day
from kinweave.front.problem_words import both
from kinweave.house.journal import Head
from kinweave.people import reads as people_reads
from kinweave.people.actions import record_consent
from kinweave.people.actions.consents import under_age
from kinweave.people.door import Seen

REFER = "connect.refer"


@in_local_time
def referrals(request: Any, person_id: UUID) -> HttpResponse:
    """What is prepared, with what it still needs; and what was dropped."""
    seen = open_person(request, person_id, "referrals", REFER)
    found = reads.referrals(seen, states=("draft", "dropped"))
    shown = {
        **person_head(request, seen, "person-referrals"),
        "rows": [_row(seen, one) for one in found if one.state == "draft"],
        "dropped": [_row(seen, one) for one in found if one.state == "dropped"],
        "new_url": reverse("referral-new", args=[seen.id]),
        "empty": {
            "title": _("No referral is prepared"),
            "sentence": _("Someone who needs more than we can give: prepare it here, together with them."),
            "url": reverse("referral-new", args=[seen.id]),
            "action": _("Prepare a referral"),
        },
    }
    return render(request, "desk/rooms/referrals.html", shown)


def _row(seen: Seen, one: reads.Drafted) -> dict[str, Any]:
    return {
        "to": one.to,
        "need": words_of.said(words_of.NEEDS, one.need),
        "urgency": words_of.said(words_of.URGENCIES, one.urgency),
        "told": [words_of.said(words_of.ITEMS, code) for code in one.items],
        "note": one.note,
        "override": one.override,
        "agreed": one.agreed,
        "ready": one.could_be_sent,
        "day": said_day(one.made_at),
        "agree_url": reverse("referral-agreed", args=[seen.id, one.id]),
        "drop_url": reverse("referral-drop", args=[seen.id, one.id]),
    }


def young_of(seen: Seen) -> dict[str, Any]:
    young = under_age(seen, timezone.localdate())
    close = people_reads.close_ones(seen) if young else []
    return {"young": young, "guardians": [(str(c.id), c.name) for c in close if c.guardian and not c.danger]}


@in_local_time
def referral_new(request: Any, person_id: UUID) -> HttpResponse:
    """Who is asked, what for, what exactly may be told."""
    seen = open_person(request, person_id, "referral-new", REFER)
    form = ReferralForm(request.POST or None, scope=str(seen.row.programme_id or ""), **young_of(seen))
    return form_page(
        request, form,
        lambda _given, head: draft_referral(by=request.actor, head=head, person_id=seen.id, **form.asked()),
        done=_("Prepared. Nothing was sent."), title=_("Prepare a referral"),
        lead=_("Together with them. Nothing leaves before they say yes."), submit=_("Keep it as a draft"),
        **_back(request, seen),
    )  # fmt: skip


def _back(request: Any, seen: Seen) -> dict[str, Any]:
    url = reverse("person-referrals", args=[seen.id])
    return {"to": url, "back": {"url": url, "label": person_head(request, seen, "person-referrals")["called"]}}


@in_local_time
def referral_agreed(request: Any, person_id: UUID, referral_id: UUID) -> HttpResponse:
    """What they said to one prepared referral."""
    seen = open_person(request, person_id, "referral-agreed", REFER)
    one = reads.draft_of(seen, referral_id)
    form = AgreedForm(request.POST or None, **young_of(seen))

    def write(asked: dict[str, Any], head: Head) -> Any:
        return record_consent(
            by=request.actor, head=head, person_id=seen.id, purpose=PURPOSE, given=asked["given"] == "yes",
            items=list(one.items), recipient=recipient(one.id), language=(get_language() or "")[:12], **form.said(),
        )  # fmt: skip

    return form_page(
        request, form, write, done=_("Written down as they said it."), title=_("What they said"),
        template="desk/rooms/referral_agreed.html", submit=_("Save"), row=_row(seen, one), **_back(request, seen),
    )  # fmt: skip


def referral_drop(request: Any, person_id: UUID, referral_id: UUID) -> HttpResponse:
    """A draft is dropped; nothing was sent."""
    seen = open_person(request, person_id, "referrals", REFER)
    head = Head.now(id=child(referral_id, "drop"))
    try:
        cancel_referral_draft(by=request.actor, head=head, person_id=seen.id, referral_id=referral_id)
        messages.success(request, _("The draft is dropped. Nothing was sent."))
    except Problem as fault:
        messages.warning(request, both(fault))
    return HttpResponseRedirect(reverse("person-referrals", args=[seen.id]))
