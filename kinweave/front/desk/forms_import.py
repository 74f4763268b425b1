"""The forms of an import: the file, what its columns mean, what holds for all of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kinweave.front.desk.people_parts import choice
from kinweave.house.access import Actor
from kinweave.house.models import Account, Grant, Organisation, Place, Programme, Team
from kinweave.listen.shelf import instruments

Choices = Mapping[str, list[tuple[str, str]]]

FIELDS = {
    "alias": lazy("Alias, what people call them"), "name": lazy("Name"), "given_name": lazy("First name"),
    "family_name": lazy("Family name"), "birth_year": lazy("Year of birth"), "birth_date": lazy("Date of birth"),
    "age": lazy("Age"), "gender": lazy("Gender"), "language": lazy("Language"), "phone": lazy("Phone"),
    "place": lazy("Place"), "programme_group": lazy("Team or programme"), "worker": lazy("Worker"),
    "external_id": lazy("The programme's own number"), "supporter": lazy("Supporter"),
    "supporter_phone": lazy("Phone of the supporter"), "registered_on": lazy("Day they were registered"),
    "consent_care": lazy("Agreed to care"), "consent_statistics": lazy("Agreed to be counted"),
    "consent_research": lazy("Agreed to research"),
}  # fmt: skip
ROLES = {
    "person": lazy("Whose answers: number, code or alias"), "date": lazy("Day it was answered"),
    "instance": lazy("Number of the submission"), "language": lazy("Language it was asked in"),
    "worker": lazy("Who asked"),
}  # fmt: skip
SAID = (
    ("yes", lazy("Yes, all of them, and it is on paper")),
    ("no", lazy("No, they said no")),
    ("not-asked", lazy("Not known: ask each of them")),
)
DATES = (
    ("file", lazy("As the file itself shows")),
    ("day", lazy("Day first: 31/12/2025")),
    ("month", lazy("Month first: 12/31/2025")),
)
PHONES = (
    ("none", lazy("Nobody asked yet: do not use them")),
    ("any", lazy("They said calls and messages are safe")),
    ("call", lazy("Calls only")),
    ("message", lazy("Messages only")),
)


class FileForm(forms.Form):
    """A file, and which questionnaire it holds where it holds answers."""

    file = forms.FileField(
        label=lazy("The file"),
        help_text=lazy("Excel (.xlsx) or CSV, 60 MB at most. It is sealed here and deleted after use or a day."),
    )

    def __init__(self, kind: str, by: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind == "responses":
            shelf = [(slug, one.key) for slug, one in sorted(instruments().items())]
            self.fields["instrument"] = forms.ChoiceField(label=_("Which questions"), choices=shelf)
        homes = home_choices(by, f"import.{kind}")
        if len(homes) > 1:
            self.fields["organisation"] = choice(_("Organisation"), homes)
        self.order_fields(["instrument", "organisation", "file"])


def home_choices(by: Actor, permission: str) -> list[tuple[str, str]]:
    mine = [r.organisation_id for r in by.reaches(permission) if r.organisation_id]
    rows = Organisation.objects.filter(id__in=mine).order_by("name")
    return [(str(one), name) for one, name in rows.values_list("id", "name")]


class SheetForm(forms.Form):
    def __init__(self, sheets: Sequence[Mapping[str, Any]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sheet"] = choice(_("Which sheet"), [(str(s["number"]), s["name"]) for s in sheets])


NOTHING = "-"


def select(
    label: Any, choices: Sequence[tuple[str, Any]], initial: str = "", help_text: Any = ""
) -> forms.TypedChoiceField:
    """A drop-down that always says something: its empty choice is an answer too, and is cleaned to ""."""
    given = [(value or NOTHING, words) for value, words in choices]
    return forms.TypedChoiceField(
        label=label, choices=given, initial=initial or NOTHING, help_text=help_text,
        coerce=lambda value: "" if value == NOTHING else value,
    )  # fmt: skip


class PeopleMapForm(forms.Form):
    """What each column means, what was agreed before, and what holds where a row says nothing."""

    def __init__(self, told: Mapping[str, Any], site: Choices, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        known, plan = [("", _("Leave out")), *FIELDS.items()], told.get("plan", {})
        for number, column in enumerate(told["columns"]):
            chosen = plan.get("columns", {}).get(column["heading"], "") if plan else column["field"]
            self.fields[f"column{number}"] = select(
                column["heading"], known, chosen, "" if chosen else _("Left out so far")
            )
        self.columns = [f"column{n}" for n in range(len(told["columns"]))]
        self.headings = [column["heading"] for column in told["columns"]]
        said = plan.get("consent", {})
        for purpose, label in (
            ("care", _("Did these people agree to care before?")),
            ("statistics", _("Did they agree to be counted?")),
        ):
            self.fields[f"consent_{purpose}"] = choice(
                label, SAID, required=False, initial=said.get(purpose),
                help_text=_("For rows whose own column does not say it. Never guess: an empty answer is not a yes."),
            )  # fmt: skip
        self.fields["phones"] = choice(
            _("What is safe with their phone numbers?"), PHONES, initial=plan.get("phones", "none")
        )
        for name, label in (
            ("programme", _("Programme")), ("place", _("Place")), ("team", _("Team")), ("worker", _("Worker")),
        ):  # fmt: skip
            given = [("", _("As the row says")), *site[name]]
            self.fields[name] = select(label, given, plan.get(name, ""), _("For rows that do not say it"))
        order = {True: "day", False: "month"}.get(plan.get("day_first"), "file")
        self.fields["dates"] = choice(_("How dates are written"), DATES, initial=order)
        self.fields["aside_alike"] = forms.BooleanField(
            label=_("Set rows aside that sound like someone who is here"), required=False,
            initial=plan.get("aside_alike", False),
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        given = [told.get(name) for name in self.columns if told.get(name)]
        if len(set(given)) != len(given):
            raise forms.ValidationError(_("Two columns have the same meaning. Leave one of them out."))
        if not given:
            raise forms.ValidationError(_("No column has a meaning yet. Choose at least a name or a number."))
        if "consent_care" not in given and not told.get("consent_care"):
            self.add_error("consent_care", _("Say whether these people agreed before."))
        return told

    def plan(self, organisation: str) -> dict[str, Any]:
        told = self.cleaned_data
        columns = {h: told[n] for h, n in zip(self.headings, self.columns, strict=True) if told[n]}
        said = {p: told[f"consent_{p}"] for p in ("care", "statistics") if told[f"consent_{p}"]}
        plain = {name: told[name] for name in ("programme", "place", "team", "worker", "phones", "aside_alike")}
        order = {"day": True, "month": False}.get(told["dates"])
        return {"columns": columns, "consent": said, "organisation": organisation, "day_first": order, **plain}


class ResponseMapForm(forms.Form):
    """Which column is which question, and what words mean."""

    def __init__(self, told: Mapping[str, Any], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        headings = [("", _("Not in this file")), *((h, h) for h in told["headings"])]
        for role, label in ROLES.items():
            self.fields[f"role_{role}"] = select(label, headings, told["roles"].get(role, ""))
        found = instruments()[told["instrument"]]
        words = found.wordings.get("en") or next(iter(found.wordings.values()), None)
        for number, item in enumerate(found.items, start=1):
            text = words.items.get(item.code, item.code) if words else item.code
            self.fields[f"item_{item.code}"] = select(f"{number}. {text}", headings, told["items"].get(item.code, ""))
        self.codes = [item.code for item in found.items]
        values = sorted({value for item in found.items for value in item.values})
        meanings = [("", _("Not an answer: set the row aside")), ("missing", _("Nothing was answered"))]
        meanings += [(str(v), str(v)) for v in values]
        self.words = list(dict.fromkeys([*told["values"], *told["words"]]))
        for number, word in enumerate(self.words):
            chosen = str(told["values"].get(word, ""))
            self.fields[f"word{number}"] = select(_("The word “%(word)s” means") % {"word": word}, meanings, chosen)
        self.fields["dates"] = choice(_("How dates are written"), DATES, initial="file")

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        used = [v for k, v in told.items() if k.startswith(("role_", "item_")) and v]
        if len(set(used)) != len(used):
            raise forms.ValidationError(_("One column is chosen twice. Leave one of them out."))
        if not any(told.get(f"item_{code}") for code in self.codes):
            raise forms.ValidationError(_("No question has a column yet."))
        return told

    def map(self) -> dict[str, Any]:
        """roles, items, values, missing as the map file has them."""
        told = self.cleaned_data
        words = {word: told[f"word{n}"] for n, word in enumerate(self.words)}
        return {
            "columns": {role: told[f"role_{role}"] for role in ROLES if told[f"role_{role}"]},
            "items": {code: told[f"item_{code}"] for code in self.codes if told[f"item_{code}"]},
            "values": {word: int(v) for word, v in words.items() if v.lstrip("-").isdecimal()},
            "missing": [word for word, v in words.items() if v == "missing"],
        }


class MatchForm(forms.Form):
    """Names in the file that are not here, and what each of them means."""

    def __init__(
        self,
        unmatched: Mapping[str, Mapping[str, int]],
        site: Choices,
        *args: Any,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.names: dict[str, tuple[str, str]] = {}
        for kind, names in unmatched.items():
            for number, name in enumerate(names):
                field = f"{kind}{number}"
                self.names[field] = (f"{kind}s", name)
                self.fields[field] = select(name, [("", _("Nothing here")), *site[kind]])

    def chosen(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for field, (part, name) in self.names.items():
            if self.cleaned_data[field]:
                found.setdefault(part, {})[name] = self.cleaned_data[field]
        return found


def site_choices(by: Actor, permission: str, organisation_id: Any) -> dict[str, list[tuple[str, str]]]:
    """What rows can be placed with: places by code, teams and programmes by name, workers by sign-in name."""
    paths = [r.place_path for r in by.reaches(permission)]
    within = tuple(path for path in paths if path) if all(paths) else ("/",)
    rows = Place.objects.order_by("path").values_list("code", "name", "path")[:2000]
    homes = Grant.objects.filter(organisation_id=organisation_id, until=None).values("account_id")
    accounts = Account.objects.filter(id__in=homes, is_active=True).order_by("shown_name")
    mine = {"organisation_id": organisation_id}
    return {
        "place": [(code, name) for code, name, path in rows if path.startswith(within)],
        "team": _by_name(Team.objects.filter(**mine)),
        "programme": _by_name(Programme.objects.filter(**mine)),
        "worker": list(accounts.values_list("username", "shown_name")),
    }


def _by_name(rows: Any) -> list[tuple[str, str]]:
    return [(name, name) for name in rows.order_by("name").values_list("name", flat=True)]
