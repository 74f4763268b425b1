"""The wizard's pages. Every answer is written by an action or a setting at once, so it can be left at any step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kinweave.core.problems import Problem
from kinweave.front.setup import forms, phones, steps
from kinweave.front.setup.settings import DEMANDS, KEYS, PAPER
from kinweave.house import accounts, rota
from kinweave.house.access import SYSTEM
from kinweave.house.actions import (
    add_organisation,
    add_place,
    add_programme,
    add_team,
    change_setting,
    grant_role,
)
from kinweave.house.models import Account, AlertTest, Place, Team
from kinweave.house.paperkey import to_paper
from kinweave.house.sealing import house_key
from kinweave.house.sequencer import site
from kinweave.house.settings import EMERGENCY, FACTS, LANGUAGES, value

# Steps that go on when the set-up is done, and who may take them.
LATER = {"rota": "house.rota", "test": "house.rota", "places": "house.places"}
GROUPS = (4, 11)  # which groups of the paper are asked for: one from the middle of each half


@login_required
def home(request: Any) -> HttpResponse:
    """The list of steps, and the way to the first that is open."""
    request.actor.require("house.keep")
    here = [{"step": s, "done": s.done()} for s in steps.STEPS]
    first = next((row["step"] for row in here if not row["done"]), None)
    if request.method == "POST" and first is None:
        row = site()
        row.ready = True
        row.save(update_fields=["ready"])
        return redirect("setup")
    return render(request, "setup/home.html", {"steps": here, "first": first, "ready": site().ready})


@login_required
@never_cache
def step(request: Any, slug: str) -> HttpResponse:
    """One step: shown, or answered and written. Some steps are a coordinator's page as well, long after."""
    request.actor.require(LATER.get(slug, "house.keep"))
    found = steps.named(slug)
    if found is None or (slug not in {"dangers", "programme"} and steps.programme() is None):
        return redirect("setup")
    number, now = found
    facts: dict[str, Any] = {"number": number, "total": len(steps.STEPS), "step": now, "form": None, "problem": None}
    facts["keeps"] = request.actor.may("house.keep")
    try:
        answer = PAGES[slug](request, facts)
    except Problem as problem:
        facts["problem"] = problem
        answer = None
    if answer is not None:
        return answer
    bound = facts["form"] is not None and facts["form"].is_bound
    wrong = facts["problem"] is not None or (bound and not facts["form"].is_valid())
    return render(request, f"setup/{slug}.html", facts, status=422 if wrong else 200)


def _next() -> HttpResponse:
    first = steps.first_open()
    return redirect("setup-step", first.slug) if first else redirect("setup")


def _dangers(request: Any, facts: dict[str, Any]) -> HttpResponse | None:
    now = [code for code, on in value(FACTS).items() if on]
    held = {"facts": now, "keys": value(KEYS), "demands": value(DEMANDS)}
    form = facts["form"] = forms.Dangers(request.POST or None, initial=held)
    if not form.is_valid():
        return None
    given = form.cleaned_data
    chosen = {code: code in given["facts"] for code, _words in forms.FACTS}
    with transaction.atomic():
        for key, new in ((FACTS, chosen), (KEYS, given["keys"]), (DEMANDS, given["demands"])):
            change_setting(by=request.actor, key=key, value=new)
    return _next()


def _programme(request: Any, facts: dict[str, Any]) -> HttpResponse | None:
    facts["held"] = steps.programme()
    if facts["held"]:
        return None
    form = facts["form"] = forms.TheProgramme(request.POST or None)
    if not form.is_valid():
        return None
    given = form.cleaned_data
    with transaction.atomic():
        made = steps.organisation()
        new = made.id if made else add_organisation(by=request.actor, name=given["organisation"]).result["organisation"]
        add_programme(by=request.actor, organisation_id=new, name=given["programme"], zone=given["zone"])
    return _next()


def _languages(request: Any, facts: dict[str, Any]) -> HttpResponse | None:
    facts["known"] = forms.Languages.known()
    form = facts["form"] = forms.Languages(request.POST or None, initial={"languages": ", ".join(value(LANGUAGES))})
    if not form.is_valid():
        return None
    change_setting(by=request.actor, key=LANGUAGES, value=form.cleaned_data["languages"])
    return _next()


def _places(request: Any, facts: dict[str, Any]) -> HttpResponse | None:
    facts["places"] = Place.objects.order_by("path")
    form = facts["form"] = forms.NewPlace(request.POST or None)
    if not form.is_valid():
        return None
    given = form.cleaned_data
    parent = given.pop("parent_id")
    add_place(by=request.actor, **given, parent_id=parent.id if parent else None)
    return redirect("setup-step", "places")


def _people(request: Any, facts: dict[str, Any]) -> HttpResponse | None:
    facts["people"] = Account.objects.filter(is_active=True).order_by("shown_name")
    form = facts["form"] = forms.NewPerson(request.POST or None)
    if not form.is_valid():
        return None
    given = form.cleaned_data
    with transaction.atomic():
        made = accounts.make_account(
            by=request.actor,
            **{name: given[name] for name in ("username", "shown_name", "phone", "email")},
        )
        grant_role(by=request.actor, account_id=made.account.id, role=given["role"], **_anchors(request, given))
    facts["made"], facts["form"] = made, forms.NewPerson()
    return None


def _anchors(request: Any, given: dict[str, Any]) -> dict[str, UUID | None]:
    """Where a first role holds: the team by its name, the whole district for who coordinates or evaluates."""
    here = steps.organisation()
    if given["role"] == "keeper" or here is None:
        return {}
    anchors: dict[str, Any] = {"organisation_id": here.id}
    if given["role"] in {"worker", "supervisor"}:
        name = " ".join(given["team"].split())
        team = Team.objects.filter(organisation_id=here.id, name=name).first()
        anchors["team_id"] = (
            team.id if team else add_team(by=request.actor, organisation_id=here.id, name=name).result["team"]
        )
    else:
        top = Place.objects.filter(parent=None).order_by("path").first()
        anchors["place_id"] = top.id if top else None
    return anchors


def _rota(request: Any, facts: dict[str, Any]) -> HttpResponse | None:
    here = steps.programme_id()
    now = rota.latest(here)
    held = {"contact": now.contact, "number": now.number} if now else {}
    names = {str(a.id): a.shown_name for a in Account.objects.all()}
    turns = now.turns if now else []
    facts["turns"] = [
        {**t, "name": names.get(t["account"], ""), "words": [str(dict(forms.DAYS)[d]) for d in t["days"]]}
        for t in turns
    ]
    which = request.POST.get("do")
    facts["turn"] = forms.OneTurn(request.POST if which == "turn" else None)
    form = facts["form"] = forms.Contact(request.POST if which == "contact" else None, initial=held)
    if which == "drop":
        kept = [t for n, t in enumerate(turns) if str(n) != request.POST.get("turn")]
        return _set_rota(request, here, kept, held)
    if which == "turn" and facts["turn"].is_valid():
        given = facts["turn"].cleaned_data
        new = {**given, "account": str(given["account"].id), "order": len(turns) + 1}
        return _set_rota(request, here, [*turns, new], held)
    if which == "contact" and form.is_valid():
        change_setting(by=request.actor, key=EMERGENCY, value=form.cleaned_data["number"], scope=str(here))
        return _set_rota(request, here, turns, form.cleaned_data)
    return None


def _set_rota(request: Any, here: UUID, turns: list[dict[str, Any]], contact: dict[str, Any]) -> HttpResponse:
    rota.set_rota(by=request.actor, programme_id=here, turns=turns, **contact)
    return redirect("setup-step", "rota")


def _test(request: Any, facts: dict[str, Any]) -> HttpResponse | None:
    here = steps.programme_id()
    if request.POST.get("do") == "send":
        rota.send_test_alert(by=request.actor, programme_id=here)
        return redirect("setup-step", "test")
    if request.POST.get("do") == "called":
        rota.answer_test_alert(by=request.actor, test_id=UUID(request.POST["test"]))
        return redirect("setup-step", "test")
    names: dict[UUID | None, str] = {a.id: a.shown_name for a in Account.objects.all()}
    facts["tests"] = [{"test": t, "name": names.get(t.account_id, "")} for t in rota.tests(here)]
    facts["missing"] = rota.missing(here)
    facts["sent"] = AlertTest.objects.filter(programme_id=here).exists()
    return None


def _paper(request: Any, facts: dict[str, Any]) -> HttpResponse | None:
    facts["held"] = value(PAPER)
    form = facts["form"] = forms.Paper(GROUPS, request.POST or None)
    if not form.is_valid():
        return None
    paper = to_paper(house_key()).split()
    for number in GROUPS:
        typed = form.cleaned_data[f"group{number}"].strip().upper().translate(str.maketrans("OIL", "011"))
        if typed != paper[number - 1]:
            form.add_error(f"group{number}", _("This is not what stands on the paper. Look once more."))
    if form.errors:
        return None
    change_setting(by=request.actor, key=PAPER, value=True)
    return _next()


PAGES: dict[str, Callable[[Any, dict[str, Any]], HttpResponse | None]] = {
    "dangers": _dangers,
    "programme": _programme,
    "languages": _languages,
    "places": _places,
    "people": _people,
    "rota": _rota,
    "test": _test,
    "paper": _paper,
    "phones": phones.phones,
}


# ------------------------------------------------------------------------------------- the first page


def founder(form: forms.Founder) -> Account:
    """The first account: keeper of the house, with a password of their own."""
    given = form.cleaned_data
    made = accounts.make_account(by=SYSTEM, username=given["username"], shown_name=given["shown_name"])
    made.account.set_password(given["password"])
    made.account.must_change = False
    made.account.save(update_fields=["password", "must_change"])
    grant_role(by=SYSTEM, account_id=made.account.id, role="keeper")
    return made.account
