"""What a person agrees to, the link to their own page, the answer to what they say is wrong."""

from __future__ import annotations

import secrets
from io import BytesIO
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kinweave.flows.welcome import agree
from kinweave.front import sentences
from kinweave.front.desk.forms_people import (
    ConsentForm,
    LinkForm,
    WordsForm,
)
from kinweave.front.desk.pages_change import change_page, posted
from kinweave.front.desk.people_parts import EntryForm, in_local_time, open_person, person_head, said_day
from kinweave.front.desk.people_parts import send as send_form
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.people import reads
from kinweave.people.actions import (
    answer_contest,
    make_own_link,
    withdraw_consent,
)
from kinweave.people.actions.consents import under_age
from kinweave.people.actions.records import LINK_HOURS, digest_of
from kinweave.people.door import PersonNotFound, Seen

# ------------------------------------------------------------------------------------- consents


@in_local_time
def consent_new(request: Any, person_id: UUID) -> HttpResponse:
    """What they said when asked. No is an answer too, and changes nothing else."""
    by: Actor = request.actor
    seen = open_person(request, person_id, "consent-new", "consent.record")
    young = under_age(seen, timezone.localdate())
    guardians = [(str(c.id), c.name) for c in reads.close_ones(seen) if c.guardian and not c.danger] if young else []
    first = {"purpose": request.GET.get("purpose", "")}
    form = ConsentForm(posted(request), guardians=guardians, young=young, initial=first)

    def write(asked: dict[str, Any], head: Any) -> Any:
        guardian = asked.get("guardian")
        return agree(
            by=by, head=head, person_id=seen.id, purpose=asked["purpose"], given=asked["given"] == "yes",
            how=asked["how"], until=asked["until"], language=(get_language() or "")[:12],
            assent=asked["assent"] == "yes" if young else None, guardian_tie_id=UUID(guardian) if guardian else None,
        )  # fmt: skip

    return change_page(
        request, seen, form, write, back="person-consents", done=_("Written down as they said it."),
        template="desk/people/consent_new.html", leaves=[
            {"purpose": words, **sentences.LEAVES[code]} for code, words in sentences.PURPOSES.items()
        ], tie_url=reverse("tie-new", args=[seen.id]), no_guardian=young and not guardians,
    )  # fmt: skip


@in_local_time
def consent_withdraw(request: Any, person_id: UUID, consent_id: UUID) -> HttpResponse:
    """They take it back; from now on it does not hold."""
    seen = open_person(request, person_id, "consent-withdraw", "consent.withdraw")
    found = [c for c in reads.consents(seen, timezone.localdate()) if c.id == consent_id]
    if not found:
        raise PersonNotFound()
    return change_page(
        request, seen, EntryForm(posted(request)),
        lambda asked, head: withdraw_consent(by=request.actor, head=head, person_id=seen.id, consent_id=consent_id),
        back="person-consents", done=_("It holds no more, from this moment."), title=_("They take it back"),
        submit=_("Take it back"), lead=str(sentences.CONSENTS.get(found[0].purpose, "")),
        note=_("Their care stays the same."),
    )  # fmt: skip


# --------------------------------------------------------------------- the person's own page


@in_local_time
def link_new(request: Any, person_id: UUID) -> HttpResponse:
    """A one-time link to the person's own page, shown once, after a safe way to hand it over was chosen."""
    by: Actor = request.actor
    seen = open_person(request, person_id, "link-new", "people.link")
    ways = [(str(w.id), f"{sentences.CONTACTS.get(w.kind, w.kind)}: {w.value}") for w in reads.ways(seen) if safe(w)]
    # The token is made when the form is shown, so that sending it twice shows the same link.
    form = LinkForm(posted(request), ways=ways, initial={"token": secrets.token_urlsafe(24)})
    head = person_head(request, seen, "person-held")
    shown: dict[str, Any] = {"form": form, "called": head["called"], "hours": _hours(seen), "none_safe": not ways}
    shown["back"] = {"url": reverse("person-held", args=[seen.id]), "label": head["called"]}
    status = 422 if form.is_bound and not form.is_valid() else 200
    if form.is_bound and form.is_valid():
        token = form.cleaned_data["token"]
        _result, problem = send_form(
            form,
            lambda asked, entry: make_own_link(
                by=by, head=entry, person_id=seen.id, token_digest=digest_of(asked["token"])
            ),
        )
        if problem is None:
            url = address_of(request, token)
            chosen_way = next((w for w in reads.ways(seen) if str(w.id) == form.cleaned_data["way"]), None)
            shown |= {"link": url, "qr": qr(url), "way": chosen_way}
        else:
            shown["problem"], status = problem, problem.status
    answer = render(request, "desk/people/link.html", shown, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def safe(way: reads.Way) -> bool:
    """Whether a link may go this way: a call cannot carry it, a forbidden way must not."""
    return way.allowed in {"any", "message", "visit"}


def _hours(seen: Seen) -> int:
    return int(chosen.value(LINK_HOURS, str(seen.row.programme_id or "")))


def address_of(request: Any, token: str) -> str:
    path = reverse("mine-open", args=[token])
    return settings.SITE_URL.rstrip("/") + path if settings.SITE_URL else request.build_absolute_uri(path)


def qr(text: str) -> str:
    """A QR code as a drawing within the page."""
    out = BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=5, border=4, light="#ffffff", xmldecl=False)
    return mark_safe(out.getvalue().decode())  # noqa: S308  drawn by segno from an address of our own


@in_local_time
def contest_answer(request: Any, contest_id: UUID) -> HttpResponse:
    """What was done about something that the person says is wrong; they read it on their own page."""
    person = reads.person_of_contest(contest_id)
    if person is None:
        raise PersonNotFound()
    seen = open_person(request, person, "contest", "people.merge")
    found = next((c for c in reads.contests(seen) if c.id == contest_id), None)
    if found is None:
        raise PersonNotFound()
    form = WordsForm(posted(request), label=_("What we did about it"), help_text=_("They read it on their own page."))
    return change_page(
        request, seen, form,
        lambda asked, head: answer_contest(
            by=request.actor, head=head, person_id=seen.id, contest_id=contest_id, answer=asked["words"]
        ),
        back="person-held", done=_("They can read your answer."), template="desk/people/contest.html",
        contest=found, said_on=said_day(found.at), submit=_("Answer"),
    )  # fmt: skip
