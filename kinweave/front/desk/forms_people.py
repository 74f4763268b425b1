"""The forms about people. Choices come from settings and tables, never from code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kinweave.front import sentences
from kinweave.front.desk.people_parts import EntryForm, choice
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.models import Account, Grant, Organisation, Place, Programme, Team
from kinweave.people.facts import DECLINED, SENSITIVE, WASHINGTON

MOST_PLACES = 2000
Choices = list[tuple[str, Any]]


def pairs(words: Mapping[str, Any], empty: str = "") -> Choices:
    return [*([("", empty)] if empty else []), *((code, label) for code, label in words.items())]


# ----------------------------------------------------------------------- what can be chosen here


def homes(by: Actor, permission: str) -> list[Organisation]:
    """The organisations in which an actor holds a permission."""
    reaches = by.reaches(permission)
    rows = Organisation.objects.order_by("name")
    if any(reach.organisation_id is None for reach in reaches):
        return list(rows)
    return list(rows.filter(id__in=[reach.organisation_id for reach in reaches]))


def teams(by: Actor, permission: str) -> list[Team]:
    """The teams an actor can place someone in: their own, or all of the organisation where it reaches wider."""
    reaches = by.reaches(permission)
    wide = [r.organisation_id for r in reaches if r.scope not in {"own", "team"}]
    own = [r.team_id for r in reaches if r.team_id]
    rows = Team.objects.select_related("organisation").order_by("name", "id")
    return [row for row in rows if row.organisation_id in wide or row.id in own]


def programmes(organisation_ids: Sequence[Any]) -> list[Programme]:
    return list(Programme.objects.filter(organisation_id__in=organisation_ids).order_by("name", "id"))


def places(by: Actor, permission: str) -> Choices:
    """The places that hold today, within the actor's own where a grant names one; the deepest names with theirs."""
    paths = [r.place_path for r in by.reaches(permission) if r.place_path]
    today = timezone.localdate()
    rows = Place.objects.filter(successor=None).exclude(valid_until__lt=today).order_by("path")[:MOST_PLACES]
    kept = [row for row in rows if not paths or any(row.path.startswith(path) for path in paths)]
    names = {row.path: row.name for row in kept}
    return [(str(row.id), _placed(row, names)) for row in kept]


def _placed(row: Place, names: Mapping[str, str]) -> str:
    above = names.get(row.path[: row.path.rstrip("/").rfind("/") + 1])
    return f"{row.name} ({above})" if above else row.name


def workers(by: Actor, permission: str) -> Choices:
    """Who can accompany someone: workers and supervisors of the teams in reach."""
    ids = [team.id for team in teams(by, permission)]
    held = Grant.objects.filter(team_id__in=ids, role__in=("worker", "supervisor"), until=None)
    rows = Account.objects.filter(id__in=held.values("account_id"), is_active=True).order_by("shown_name")
    return [(str(row.id), row.shown_name) for row in rows]


def languages() -> Choices:
    """The languages people here can be asked in, each named in the reader's language."""
    return [(code, language_name(code)) for code in chosen.value(chosen.LANGUAGES)]


def language_name(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"]).capitalize()
    except KeyError:
        return code


# -------------------------------------------------------------------------------------- the forms


class FilterForm(forms.Form):
    """What a list of people is narrowed to."""

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"] = forms.ChoiceField(
            label=_("Where they are"), choices=pairs(sentences.STATES, _("Everyone")), required=False
        )
        wide = any(reach.scope != "own" for reach in by.reaches("people.see"))
        if not wide:
            return
        for name, label, options in (
            ("worker", _("Worker"), workers(by, "people.see")),
            ("team", _("Team"), [(str(t.id), t.name) for t in teams(by, "people.see")]),
            ("place", _("Place"), places(by, "people.see")),
        ):
            if len(options) > 1:
                self.fields[name] = forms.ChoiceField(label=label, choices=[("", _("All")), *options], required=False)


class FindForm(forms.Form):
    words = forms.CharField(
        label=lazy("Name, alias or code"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "type": "search"}),
    )


class NeedForm(EntryForm):
    """Open a record in need: whose, and why."""

    code = forms.CharField(
        label=lazy("The person's code"), max_length=12, help_text=lazy("Six signs, such as K4-7FD2.")
    )
    reason = forms.CharField(
        label=lazy("Why you need it now"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy("One sentence. The person and the supervisor can read it."),
    )


class PersonForm(EntryForm):
    """What is written about a person. Everything but one name can be left out."""

    alias = forms.CharField(
        label=lazy("What to call them"), max_length=120, required=False,
        help_text=lazy("An invented name is enough."), widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    name = forms.CharField(
        label=lazy("Their own name"), max_length=120, required=False,
        help_text=lazy("Only if they want it written down."), widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    birth_year = forms.IntegerField(
        label=lazy("Year of birth"), required=False, min_value=1900, max_value=2100,
        help_text=lazy("About right is enough."),
    )  # fmt: skip

    def __init__(self, *args: Any, scope: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = chosen.value(chosen.DIMENSIONS, scope)
        self.allowed = [name for name in sorted(SENSITIVE) if chosen.value(chosen.FACTS, scope).get(name)]
        self.fields["gender"] = choice(_("Gender"), pairs(sentences.GENDERS), required=False)
        self.fields["language"] = choice(_("The language they want to be asked in"), languages(), required=False)
        for group in self.groups:
            options = [(c["code"], c.get("name", c["code"])) for c in group["choices"]]
            rather = (DECLINED, _("I would rather not say"))
            self.fields[f"group_{group['code']}"] = choice(group["name"], [*options, rather], required=False)
        for name in self.allowed:
            self.fields[f"fact_{name}"] = forms.CharField(
                label=str(sentences.SENSITIVE[name]), max_length=120, required=False
            )
        for domain in WASHINGTON:
            options = [("", "—"), *pairs(sentences.LEVELS)]
            self.fields[f"wg_{domain}"] = choice(str(sentences.WASHINGTON[domain]), options, required=False)

    def facts(self) -> dict[str, Any]:
        """Groups, permitted sensitive facts and the six questions, as people.facts checks them."""
        given = self.cleaned_data
        facts: dict[str, Any] = {g["code"]: given[f"group_{g['code']}"] for g in self.groups}
        facts |= {name: given[f"fact_{name}"] for name in self.allowed}
        levels = {d: given[f"wg_{d}"] for d in WASHINGTON if given.get(f"wg_{d}")}
        if levels:
            facts["wg"] = {d: level if level == DECLINED else int(level) for d, level in levels.items()}
        return {name: value for name, value in facts.items() if value}

    @property
    def main(self) -> list[Any]:
        return [self[name] for name in ("alias", "name", "birth_year", "gender", "language")]

    @property
    def group_fields(self) -> list[Any]:
        return [self[f"group_{g['code']}"] for g in self.groups] + [self[f"fact_{n}"] for n in self.allowed]

    @property
    def wg_fields(self) -> list[Any]:
        return [self[f"wg_{domain}"] for domain in WASHINGTON]


class ContactForm(EntryForm):
    """A way to reach someone that is safe for them."""

    def __init__(self, *args: Any, optional: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= contact_fields(required=not optional)


def contact_fields(required: bool) -> dict[str, forms.Field]:
    off = {"autocomplete": "off"}
    return {
        "kind": choice(_("How they can be reached"), pairs(sentences.CONTACTS), required=required),
        "value": forms.CharField(
            label=_("Number, place or person"), max_length=200, required=required, widget=forms.TextInput(attrs=off)
        ),
        "allowed": choice(_("What is safe there"), pairs(sentences.ALLOWED), required=required),
        "who_answers": forms.CharField(
            label=_("Who may answer"), max_length=200, required=False, widget=forms.TextInput(attrs=off)
        ),
        "cover": forms.CharField(
            label=_("What to say if someone else answers"), max_length=500, required=False,
            help_text=_("For example: I am calling about the vegetable garden."), widget=forms.TextInput(attrs=off),
        ),
    }  # fmt: skip


class TieForm(EntryForm):
    """Someone close to a person."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label=_("What they are called"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"})
        )
        self.fields["kind"] = choice(_("Who they are"), pairs(sentences.TIES))
        self.fields["guardian"] = forms.BooleanField(label=_("They are the legal guardian"), required=False)
        self.fields["danger"] = forms.BooleanField(
            label=_("The harm may come from them"), required=False,
            help_text=_("Then they are never asked to agree, and never told."),
        )  # fmt: skip


class ConsentForm(EntryForm):
    """What a person said to one purpose."""

    def __init__(self, *args: Any, guardians: Choices | None = None, young: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["purpose"] = choice(_("What was asked"), pairs(sentences.PURPOSES))
        self.fields["given"] = choice(_("What they said"), [("yes", _("Yes")), ("no", _("No"))])
        self.fields["how"] = choice(_("How they said it"), hows(), initial="spoken")
        self.fields["until"] = forms.DateField(
            label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
        )
        if young:
            self.fields["assent"] = choice(_("The young person's own answer"), [("yes", _("Yes")), ("no", _("No"))])
            if guardians:
                self.fields["guardian"] = choice(_("The guardian who agrees"), guardians, required=False)


def hows() -> Choices:
    return pairs(sentences.HOW)


class MoveForm(EntryForm):
    """A new home."""

    on = forms.DateField(label=lazy("Since when"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"] = choice(_("Where they live now"), places(by, "people.change"))


class WorkerForm(EntryForm):
    """Who accompanies from now on."""

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worker"] = choice(_("Who accompanies from now on"), workers(by, "care.assign"))
        options = [(str(t.id), t.name) for t in teams(by, "care.assign")]
        if len(options) > 1:
            self.fields["team"] = choice(_("In which team"), options, required=False)


class LinkForm(EntryForm):
    """A link to the person's own page, after a safe way to hand it over was chosen."""

    token = forms.CharField(max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, ways: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["way"] = choice(_("How it reaches them safely"), [("here", _("I show it to them here")), *ways])


class WordsForm(EntryForm):
    """A few sentences."""

    words = forms.CharField(max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, label: str, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].label = label
        self.fields["words"].help_text = help_text
