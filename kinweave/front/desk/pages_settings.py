"""Settings: what is set, by whom it is meant, where its first value came from, and every value it ever had."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kinweave.core.problems import Problem
from kinweave.flows.switch import programmes_of, reachable, reaches_site
from kinweave.front import sentences_care as words_of
from kinweave.front.desk.people_parts import EntryForm, at_url, choice, in_local_time, said_when, send
from kinweave.house import settings as chosen
from kinweave.house.access import Actor, NotAllowed
from kinweave.house.actions import change_setting
from kinweave.house.models import Programme, Setting
from kinweave.house.settings import DEFINED, Definition, NoSuchSetting

PLAIN = (str, int, float)


def scopes(by: Actor) -> list[tuple[str, str]]:
    """What a setting can be set for: the whole site where it is theirs, and each programme in reach."""
    names = dict(Programme.objects.filter(id__in=reachable(by)).values_list("id", "name"))
    site = [("", _("The whole site"))] if reaches_site(by) else []
    return [*site, *((str(one), names[one]) for one in reachable(by))]


def scope_of(request: Any, given: str | None = None) -> str:
    """The scope to look at: the chosen one, else the first that is allowed. `given`: the scope of something to be
    written, which must be allowed itself. Raises NotAllowed."""
    allowed = [code for code, _name in scopes(request.actor)]
    if given is not None and given not in allowed:
        raise NotAllowed(permission="house.settings")
    asked = request.GET.get("for", "") if given is None else given
    return asked if asked in allowed else (allowed[0] if allowed else "")


@in_local_time
def settings(request: Any) -> HttpResponse:
    """All settings by room, and the pages that set larger things."""
    scope, choices = scope_of(request), scopes(request.actor)
    kept: dict[tuple[str, str], Setting] = {}
    for row in Setting.objects.filter(scope__in={scope, ""}).order_by("version"):
        if row.scope == scope or (row.key, scope) not in kept:
            kept[row.key, row.scope] = row
    rooms: dict[str, list[dict[str, Any]]] = {}
    for key, known in sorted(DEFINED.items()):
        last = kept.get((key, scope)) or kept.get((key, ""))
        rooms.setdefault(key.split(".")[0], []).append({
            "says": _(known.says),
            "value": shown_value(last.value if last else known.default),
            "changed": said_when(last.since) if last else "",
            "url": f"{reverse('setting', args=[key])}?for={scope}",
        })  # fmt: skip
    shown = {
        "rooms": [{"title": words_of.ROOMS.get(room, room), "rows": rows} for room, rows in rooms.items()],
        "scopes": [{"url": f"?for={code}", "label": name, "current": code == scope} for code, name in choices],
        "pages": pages(request.actor),
    }
    return render(request, "desk/settings/list.html", shown)


def pages(by: Actor) -> list[dict[str, Any]]:
    """The larger things, each on a page of its own; those that are not there are left out."""
    known: list[tuple[Any, str, str, str]] = [
        ("switches", _("Which questions are asked"), _("Switch questionnaires on and off."), "house.settings"),
        (("setup-step", "rota"), _("Who can be reached"), _("The rota and the emergency number."), "house.rota"),
        (("setup-step", "test"), _("A test alert"), _("Send one, and see who answered."), "house.rota"),
        (("setup-step", "places"), _("Places"), _("Wards and villages."), "house.places"),
        ("setup", _("Setting up"), _("Dangers, languages, places, the rota and its test alert."), "house.keep"),
        ("accounts", _("Accounts"), _("Who may sign in, and what they may do."), "accounts.recover"),
        ("paper-list", _("Paper"), _("Every sheet to print, in every language."), "listen.record"),
    ]
    return [
        {"url": at_url(*([route] if isinstance(route, str) else route)), "title": title, "says": says}
        for route, title, says, permission in known
        if by.may(permission)
    ]


def shown_value(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, PLAIN):
        return str(value) or "—"
    if isinstance(value, list):
        return ", ".join(shown_value(v.get("name", "…") if isinstance(v, dict) else v) for v in value) or "—"
    if isinstance(value, dict):
        return ", ".join(f"{_key(k)}: {shown_value(v)}" for k, v in value.items()) or "—"
    return "—"


def _key(name: Any) -> str:
    return str(words_of.URGENCIES.get(str(name), str(name).replace("_", " ")))


class SettingForm(EntryForm):
    """A field for each part of a value, made from the value's own shape; what has no simple shape is text."""

    def __init__(self, *args: Any, known: Definition, value: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known, self.value = known, value
        if isinstance(value, dict) and value and all(isinstance(v, (bool, int)) for v in value.values()):
            for name, one in value.items():
                self.fields[f"value_{name}"] = _part(_key(name), one)
        else:
            self.fields["value"] = _whole(_(known.says), value)

    def read(self) -> Any:
        """The value as the setting takes it. Raises BadSetting where it cannot be read at all."""
        given = self.cleaned_data
        if "value" not in self.fields:
            return {name: _typed(given[f"value_{name}"], one) for name, one in self.value.items()}
        text = given["value"]
        if isinstance(self.value, bool):
            return text == "yes"
        if isinstance(self.value, (int, str)):
            return text
        if _simple(self.value):
            parts = [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]
            return [int(p) if p.lstrip("-").isdigit() else p for p in parts]
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            raise chosen.BadSetting(key=self.known.key, hint=self.known.hint) from None


def _simple(value: Any) -> bool:
    """A list of words or numbers (an empty one may become anything, so it is written as text)."""
    return isinstance(value, list) and bool(value) and all(isinstance(v, PLAIN) for v in value)


def _part(label: str, value: Any) -> forms.Field:
    if isinstance(value, bool):
        return choice(label, [("yes", _("Yes")), ("no", _("No"))], initial="yes" if value else "no")
    return forms.IntegerField(label=label, initial=value)


def _typed(given: Any, before: Any) -> Any:
    return given == "yes" if isinstance(before, bool) else given


def _whole(label: str, value: Any) -> forms.Field:
    if isinstance(value, (bool, int)):
        return _part(label, value)
    if isinstance(value, str):
        return forms.CharField(label=label, initial=value, required=False, max_length=2000)
    if _simple(value):
        return forms.CharField(label=label, initial=", ".join(map(str, value)), help_text=_("Separate them by commas."))
    text = json.dumps(value, ensure_ascii=False, indent=2)
    area = forms.Textarea(attrs={"rows": 10, "dir": "ltr", "spellcheck": "false"})
    return forms.CharField(label=label, initial=text, widget=area)


@in_local_time
def setting(request: Any, key: str) -> HttpResponse:
    """One setting: its value, where its first value came from, its history; a new version is written."""
    known = DEFINED.get(key)
    if known is None:
        raise NoSuchSetting(key=key[:60])
    scope = scope_of(request, request.POST.get("for", "") if request.method == "POST" else None)
    value = chosen.value(key, scope)
    form = SettingForm(request.POST or None, known=known, value=value)
    problem = _save(request, form, key, scope) if request.method == "POST" and form.is_valid() else None
    if request.method == "POST" and form.is_valid() and problem is None:
        messages.success(request, _("Kept as a new version. The older ones stay."))
        return HttpResponseRedirect(f"{reverse('settings')}?for={scope}")
    shown = {
        "back": {"url": f"{reverse('settings')}?for={scope}", "label": _("Settings")},
        "known": known,
        "form": form,
        "scope": scope,
        "scope_name": dict(scopes(request.actor)).get(scope, ""),
        "problem": problem,
        "first": shown_value(known.default),
        "history": history(key, scope),
    }
    status = problem.status if problem else 422 if form.is_bound else 200
    return render(request, "desk/settings/one.html", shown, status=status)


def _save(request: Any, form: SettingForm, key: str, scope: str) -> Problem | None:
    try:
        programmes_of(request.actor, scope)
        value = form.read()
    except Problem as fault:
        return fault
    _done, problem = send(
        form, lambda _given, head: change_setting(by=request.actor, head=head, key=key, value=value, scope=scope)
    )
    return problem


def history(key: str, scope: str) -> list[dict[str, Any]]:
    """Every version that ever held for a scope and for the whole site, the latest first."""
    rows = Setting.objects.filter(key=key, scope__in={scope, ""}).order_by("-since", "-version")
    return [
        {
            "value": shown_value(row.value),
            "when": said_when(row.since),
            "iso": row.since.isoformat(),
            "site": row.scope == "",
            "version": row.version,
        }
        for row in rows
    ]
