"""What a person sees and says on their own page. No word here says what kind of programme it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kinweave.care.reads import timeline, way_of
from kinweave.core.problems import Problem
from kinweave.front import own_lines, sentences
from kinweave.front.desk.facts_shown import consent_cards, contact_cards, facts_in_words
from kinweave.front.desk.forms_people import WordsForm
from kinweave.front.desk.forms_stories import OwnStoryForm
from kinweave.front.desk.pages_person import goals, looks, what_happened
from kinweave.front.desk.people_parts import EntryForm, said_day, said_next, send
from kinweave.front.desk.stories_shown import card_to_remove, story_card, story_cards
from kinweave.front.person.session import around, begin, end, own, private
from kinweave.house import settings as chosen
from kinweave.house.access import SYSTEM, Actor
from kinweave.house.journal import Head
from kinweave.house.readlog import who_looked
from kinweave.listen.actions_stories import agree_own_story, remove_own_story
from kinweave.listen.reads_stories import story_of
from kinweave.people import reads
from kinweave.people.actions import contest_record, use_own_link, withdraw_consent
from kinweave.people.actions.records import LinkUsed, digest_of
from kinweave.people.door import PersonNotFound, Seen

TWICE_WITHIN = timedelta(seconds=60)  # a button pressed two times is one press; later it is another


def mine_open(request: Any, token: str) -> HttpResponse:
    """A page that says nothing, with one button. Whoever only looks at the address does not use it up."""
    form = EntryForm(request.POST if request.method == "POST" else None)
    problem: Problem | None = None
    if request.method == "POST" and form.is_valid():
        try:
            person = _use(token, form.cleaned_data["entry"])
        except Problem as fault:
            problem = fault if isinstance(fault, LinkUsed) else LinkUsed()
        else:
            answer = HttpResponseRedirect(reverse("mine"))
            begin(answer, person)
            return private(answer)
    shown = {"form": EntryForm(), "problem": problem, **around()}
    return private(render(request, "person/open.html", shown, status=problem.status if problem else 200))


def _use(token: str, entry: UUID) -> UUID:
    digest = digest_of(token)
    receipt = use_own_link(by=SYSTEM, head=Head.now(id=entry), token_digest=digest)
    if receipt.again:
        used = reads.link_used_at(digest)
        if used is None or timezone.now() - used > TWICE_WITHIN:
            raise LinkUsed()
    return UUID(str(receipt.result["person"]))


@own
def mine(request: Any, by: Actor, seen: Seen) -> HttpResponse:
    """Everything that is held about the person, in plain words, with dates."""
    return _page(request, seen, contest_form())


def contest_form(typed: Any = None) -> WordsForm:
    return WordsForm(typed, label=_("What is wrong, in your own words"), help_text=_("Someone answers within a week."))


def _page(request: Any, seen: Seen, form: WordsForm, problem: Problem | None = None) -> HttpResponse:
    way = way_of(seen.ids)
    cards = consent_cards(seen)
    for card in cards:
        if card["state"] == "given":
            card["withdraw_url"] = reverse("mine-back", args=[card["id"]])
    scope = str(seen.row.programme_id or "")
    shown = {
        **around(),
        "names": reads.names(seen),
        "facts": facts_in_words(seen),
        "met_on": said_day(seen.row.met_on),
        "next": said_next(way.next.at) if way.next else "",
        "ways": contact_cards(seen),
        "close": [(sentences.TIES.get(c.kind, c.kind), c.name) for c in reads.close_ones(seen)],
        "homes": [(h.place.name, said_day(h.from_on), said_day(h.until_on)) for h in reads.homes(seen)],
        "meetings": [said_day(s.at) for s in way.sessions if s.held][:10],
        "meetings_n": way.held,
        "goals": goals(way, seen),
        "moments": own_moments(seen),
        "charts": own_lines.lines(seen.ids, way),
        "cards": cards,
        "stories": story_cards(seen),
        "looks": looks(who_looked(seen.ids), roles_only=chosen.value(reads.SHOW_READERS, scope) == "roles"),
        "openings": [{"when": said_day(o.at), "reason": o.reason} for o in reads.openings(seen.ids)[:10]],
        "contests": [{"when": said_day(c.at), "text": c.text, "answer": c.answer} for c in reads.contests(seen)],
        "form": form,
        "problem": problem,
    }
    status = problem.status if problem else 422 if form.is_bound else 200
    return render(request, "person/mine.html", shown, status=status)


def own_moments(seen: Seen) -> list[dict[str, Any]]:
    """The person's own timeline: nothing guarded, no notes, no names."""
    unguarded = Actor(None, kind="person", person_id=seen.id)
    return [
        {
            "what": what_happened(row), "when": said_day(row.at),
            "iso": row.at.isoformat(), "icon": sentences.ICONS.get(row.kind, ""),
        }
        for row in timeline(seen.ids, unguarded, 20)
        if not row.guarded
    ]  # fmt: skip


@own
def mine_wrong(request: Any, by: Actor, seen: Seen) -> HttpResponse:
    """The person says what is wrong."""
    form = contest_form(request.POST)
    problem = None
    if form.is_valid():
        _done, problem = send(
            form, lambda asked, head: contest_record(by=by, head=head, person_id=seen.id, text=asked["words"])
        )
        if problem is None:
            messages.success(request, _("Thank you. The answer will stand here."))
            return HttpResponseRedirect(reverse("mine"))
    return _page(request, seen, form, problem)


@own
def mine_back(request: Any, by: Actor, seen: Seen, consent_id: UUID) -> HttpResponse:
    """The person takes a yes back: one step, from this moment."""
    found = next((c for c in consent_cards(seen) if c.get("id") == consent_id and c["state"] == "given"), None)
    form = EntryForm(request.POST if request.method == "POST" else None)
    if found is None and request.method != "POST":
        raise PersonNotFound()
    problem = None
    if request.method == "POST" and form.is_valid():
        _done, problem = send(
            form,
            lambda asked, head: withdraw_consent(by=by, head=head, person_id=seen.id, consent_id=consent_id),
        )
        if problem is None:
            messages.success(request, _("It holds no more, from this moment."))
            return HttpResponseRedirect(reverse("mine") + "#agreed")
    shown = {**around(), "card": found, "form": form, "problem": problem}
    return render(request, "person/back.html", shown, status=problem.status if problem else 200)


@own
def mine_story(request: Any, by: Actor, seen: Seen, story_id: UUID) -> HttpResponse:
    """The person reads their story and what a yes means, and says yes."""
    one = story_of(seen, story_id)
    form = OwnStoryForm(request.POST if request.method == "POST" else None, initial={"mark": one.mark})
    problem = None
    if request.method == "POST" and form.is_valid():
        _done, problem = send(form, lambda asked, head: agree_own_story(
            by=by, head=head, person_id=seen.id, story_id=one.id, mark=asked["mark"],
            language=(get_language() or "")[:12]))  # fmt: skip
        if problem is None:
            messages.success(request, _("Thank you. You can take it back on any day."))
            return HttpResponseRedirect(reverse("mine") + "#story")
    shown = {**around(), "card": story_card(one), "form": form, "problem": problem}
    status = problem.status if problem else 422 if form.is_bound else 200
    return render(request, "person/story.html", shown, status=status)


@own
def mine_story_remove(request: Any, by: Actor, seen: Seen, story_id: UUID) -> HttpResponse:
    """The person wants their story gone: asked once more, then it is."""
    card = card_to_remove(request, seen, story_id)
    form = EntryForm(request.POST if request.method == "POST" else None)
    problem = None
    if request.method == "POST" and form.is_valid():
        _done, problem = send(
            form, lambda asked, head: remove_own_story(by=by, head=head, person_id=seen.id, story_id=story_id)
        )
        if problem is None:
            messages.success(request, _("The story is gone from here and from every report."))
            return HttpResponseRedirect(reverse("mine"))
    shown = {**around(), "card": card, "form": form, "problem": problem}
    status = problem.status if problem else 422 if form.is_bound else 200
    return render(request, "person/story_remove.html", shown, status=status)


def mine_close(request: Any) -> HttpResponse:
    """The person is done; this browser forgets the page."""
    answer = private(render(request, "person/closed.html", {"done": True, **around()}))
    end(answer)
    return answer
