"""The form for someone new: how we met, what they want written down, what they agree to, how to reach them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kinweave.front import sentences
from kinweave.front.desk.forms_people import PersonForm, contact_fields, hows, places, programmes, teams, workers
from kinweave.front.desk.people_parts import choice
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.people.actions.consents import ADULT

YES_NO = (("yes", lazy("Yes")), ("no", lazy("No")))
ENTRIES = (
    ("own_words", lazy("They told us in their own words")),
    ("circle", lazy("Through a circle")),
    ("informant", lazy("Someone who knows them told us")),
    ("", lazy("We will ask the questions first")),
)
CONTACT_FIELDS = ("kind", "value", "allowed", "who_answers", "cover")


class WelcomeForm(PersonForm):
    """Someone new. One name is enough; everything else may be left out or asked later."""

    def __init__(self, *args: Any, by: Actor, scope: str = "", **kwargs: Any) -> None:
        super().__init__(*args, scope=scope, **kwargs)
        self.by, self.scope = by, scope
        self.fields["met_on"] = forms.DateField(
            label=_("When you met"), initial=timezone.localdate(), widget=forms.DateInput(attrs={"type": "date"})
        )
        entries = [("first", ENTRIES[3][1]), *ENTRIES[:3]]
        self.fields["entry_way"] = choice(_("How we met"), entries, required=False, initial="first")
        self._where(by)
        for code in sentences.PURPOSES:
            self.fields[f"agree_{code}"] = choice(str(sentences.PURPOSES[code]), YES_NO, required=False)
        self.fields["how"] = choice(_("How they said it"), hows(), initial="spoken", required=False)
        self._young()
        self.fields |= contact_fields(required=False)

    def _where(self, by: Actor) -> None:
        wide = any(reach.scope not in {"own", "team"} for reach in by.reaches("people.register"))
        self.team_rows = teams(by, "people.register")
        if len(self.team_rows) > 1:
            options = [(str(t.id), t.name) for t in self.team_rows]
            self.fields["team"] = choice(_("Team"), options)
        self.programme_rows = programmes(sorted({t.organisation_id for t in self.team_rows}))
        if len(self.programme_rows) > 1:
            self.fields["programme"] = choice(_("Programme"), [(str(p.id), p.name) for p in self.programme_rows])
        self.fields["place"] = choice(_("Where they live"), _empty(places(by, "people.register")), required=wide)
        if by.may("care.assign"):
            options = workers(by, "care.assign")
            self.fields["worker"] = choice(_("Who accompanies"), _empty(options, _("I do")), required=False)

    def _young(self) -> None:
        self.fields["assent"] = choice(_("The young person's own answer"), YES_NO, required=False)
        self.fields["guardian_name"] = forms.CharField(
            label=_("The guardian"), max_length=120, required=False,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )  # fmt: skip
        self.fields["guardian_agrees"] = choice(_("The guardian's answer"), YES_NO, required=False)
        self.fields["guardian_danger"] = forms.BooleanField(
            label=_("The harm may come from the guardian: do not ask them"), required=False
        )

    # ------------------------------------------------------------------------------ what was said

    @property
    def adult_age(self) -> int:
        return int(chosen.value(ADULT, self.scope))

    @property
    def is_young(self) -> bool:
        year = self.cleaned_data.get("birth_year")
        return year is not None and timezone.localdate().year - year < self.adult_age

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("alias") and not given.get("name") and not self.errors:
            self.add_error("alias", _("Write what to call them. An invented name is enough."))
        if given.get("value") and not given.get("kind"):
            self.add_error("kind", _("Say how this reaches them."))
        if given.get("value") and not given.get("allowed"):
            self.add_error("allowed", _("Say what is safe there."))
        if self.is_young and "yes" in [given.get(f"agree_{code}") for code in sentences.PURPOSES]:
            self._check_guardian(given)
        return given

    def _check_guardian(self, given: dict[str, Any]) -> None:
        """Under age, a yes needs their own yes and a guardian's, unless the guardian is the danger."""
        if given.get("assent") != "yes":
            self.add_error("assent", _("Ask the young person too. Without their own yes, write no above."))
        if given.get("guardian_danger"):
            return
        if not given.get("guardian_name"):
            self.add_error("guardian_name", _("Name the guardian, or tick that the harm may come from them."))
        if given.get("guardian_agrees") != "yes":
            self.add_error("guardian_agrees", _("Without the guardian's yes, write no above for now."))

    def answers(self) -> dict[str, bool]:
        """What was answered to each purpose; one that was not asked is not there."""
        said = {code: self.cleaned_data.get(f"agree_{code}") for code in sentences.PURPOSES}
        return {code: word == "yes" for code, word in said.items() if word}

    def team_row(self) -> Any:
        wanted = self.cleaned_data.get("team")
        return next((t for t in self.team_rows if str(t.id) == wanted), self.team_rows[0] if self.team_rows else None)

    def programme_row(self) -> Any:
        wanted = self.cleaned_data.get("programme")
        rows = self.programme_rows
        return next((p for p in rows if str(p.id) == wanted), rows[0] if rows else None)

    # ------------------------------------------------------------------------- groups on the page

    @property
    def meeting_fields(self) -> list[Any]:
        wanted = ("entry_way", "met_on", "place", "team", "programme", "worker")
        return [self[name] for name in wanted if name in self.fields]

    @property
    def about_fields(self) -> list[Any]:
        return [self[name] for name in ("language", "birth_year", "gender")] + self.group_fields

    @property
    def agree_cards(self) -> list[dict[str, Any]]:
        return [{"field": self[f"agree_{c}"], "leaves": sentences.LEAVES[c]} for c in sentences.PURPOSES]

    @property
    def young_fields(self) -> list[Any]:
        return [self[name] for name in ("assent", "guardian_name", "guardian_agrees", "guardian_danger")]

    @property
    def young_wrong(self) -> bool:
        return self.is_bound and any(field.errors or field.value() for field in self.young_fields)

    @property
    def contact_open(self) -> bool:
        return self.is_bound and any(field.errors or field.value() for field in self.contact_fields)

    @property
    def wg_open(self) -> bool:
        return self.is_bound and any(field.value() for field in self.wg_fields)

    @property
    def contact_fields(self) -> list[Any]:
        return [self[name] for name in CONTACT_FIELDS]


def _empty(options: list[tuple[str, Any]], words: str = "") -> list[tuple[str, Any]]:
    return [("", words or _("Not said")), *options]
