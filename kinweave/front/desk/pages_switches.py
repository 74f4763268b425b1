"""Which questionnaires are asked here: licence, languages, what nobody has verified, and the switch."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kinweave.core.instrument_types import Instrument
from kinweave.core.instruments import languages
from kinweave.core.problems import Problem
from kinweave.flows.switch import programmes_of, switch_questionnaire
from kinweave.front import sentences_care as words_of
from kinweave.front.desk.care_parts import by_key, shown_as
from kinweave.front.desk.pages_ask import name_of
from kinweave.front.desk.pages_settings import scope_of, scopes
from kinweave.front.desk.people_parts import EntryForm, in_local_time, send
from kinweave.house import rota
from kinweave.listen.reads_ask import switches as states_of
from kinweave.listen.shelf import instruments

TIERS = {
    "A": lazy("Its words come with Kinweave"), "B": lazy("Its words come in a pack of their own"),
    "C": lazy("Its words are yours to bring, with your licence"),
}  # fmt: skip


@in_local_time
def switches(request: Any, problem: Problem | None = None) -> HttpResponse:
    """All questionnaires of the site, those that are asked first."""
    scope = scope_of(request)
    here, site = states_of(scope), states_of("")
    lacks = missing(request, scope)
    rows = []
    for slug, one in sorted(instruments().items()):
        last = max((s for s in (here.get(slug), site.get(slug)) if s), key=lambda s: s.at, default=None)
        rows.append(_row(one, scope, bool(last and last.on), lacks))
    shown = {
        "rows": sorted(rows, key=lambda r: not r["on"]),
        "scopes": [{"url": f"?for={c}", "label": n, "current": c == scope} for c, n in scopes(request.actor)],
        "back": {"url": f"{reverse('settings')}?for={scope}", "label": _("Settings")},
        "problem": problem,
        "lacks": [words_of.MISSING.get(code, code) for code in lacks],
        "compare_url": reverse("numbers-languages") if request.actor.may("learn.see") else "",
        "rota_url": reverse("setup-step", args=["rota"]) if request.actor.may("house.rota") else "",
    }
    return render(request, "desk/settings/switches.html", shown, status=problem.status if problem else 200)


def missing(request: Any, scope: str) -> list[str]:
    """What is missing before somebody can answer a safety answer, over all programmes of the scope."""
    touched = programmes_of(request.actor, scope) if scopes(request.actor) else []
    return list(dict.fromkeys(code for one in touched for code in rota.missing(one)))


def _row(one: Instrument, scope: str, on: bool, lacks: list[str]) -> dict[str, Any]:
    spoken = languages(one)
    return {
        "title": shown_as(one),
        "name": one.name,
        "key": one.key,
        "count": len(one.items),
        "on": on,
        "watched": bool(one.safety),
        "blocked": not on and (not spoken or (bool(one.safety) and bool(lacks))),
        "tier": TIERS[one.licence.tier],
        "licence": one.licence.statement,
        "source": one.licence.citation,
        "origin": one.origin,
        "languages": [
            {"name": name_of(w.code), "code": w.code, "unchecked": w.translated and not w.checked,
             "paper_url": reverse("paper", args=[one.key, w.code])} for w in spoken
        ],
        "unverified": [*one.unverified, *(note for w in one.wordings.values() for note in w.unverified)],
        "needs_licence": one.licence.tier == "C",
        "url": f"{reverse('switch', args=[one.key])}?for={scope}",
        "entry": EntryForm(auto_id=f"{one.key}_%s")["entry"],
    }  # fmt: skip


def switch(request: Any, key: str) -> HttpResponse:
    """On or off."""
    if request.method != "POST":
        return switches(request)
    one, form = by_key(key), EntryForm(request.POST)
    scope = scope_of(request, request.GET.get("for", ""))
    on = request.POST.get("on") == "yes"
    if not form.is_valid():
        return switches(request)
    said = request.POST.get("licence", "")[:2000]
    _done, problem = send(
        form,
        lambda _given, head: switch_questionnaire(
            by=request.actor, head=head, slug=one.slug, on=on, scope=scope, licence_statement=said
        ),
    )
    if problem is not None:
        return switches(request, problem)
    messages.success(request, _("These questions are asked from now on.") if on else _("These questions rest now."))
    return HttpResponseRedirect(f"{reverse('switches')}?for={scope}")
