"""The forms of circles, referrals and hours. Codes come from settings, words from sentences_rooms."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kinweave.connect.rules import ITEMS, NEEDS, URGENCIES
from kinweave.front import sentences_rooms as words_of
from kinweave.front.desk.forms_people import homes, hows, places, teams
from kinweave.front.desk.people_parts import EntryForm, choice
from kinweave.gather.actions import ENDS, MOST
from kinweave.gather.reads import kinds_for
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.team.reads import kinds_of_work

DAY = forms.DateInput(attrs={"type": "date"})
YES_NO = [("no", lazy("No")), ("yes", lazy("Yes"))]


def not_ahead(day: date) -> None:
    if day > timezone.localdate():
        raise forms.ValidationError(_("This day has not come yet."))


def whole(label: Any, **more: Any) -> forms.IntegerField:
    """A count: digits only, with the number keys on a phone."""
    widget = forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"})
    return forms.IntegerField(label=label, min_value=0, max_value=MOST, widget=widget, **more)


class CircleForm(EntryForm):
    """A circle begins."""

    name = forms.CharField(
        label=lazy("What it is called"), max_length=120,
        help_text=lazy("A neutral name. A neighbour may read it."),
    )  # fmt: skip
    begun_on = forms.DateField(label=lazy("Since when"), widget=DAY, validators=[not_ahead])

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.homes = homes(by, "gather.keep")
        if len(self.homes) > 1:
            self.fields["organisation"] = choice(_("Organisation"), [(str(o.id), o.name) for o in self.homes])
        self.teams = teams(by, "gather.see")
        if len(self.teams) > 1:
            options = [("", _("No team")), *((str(t.id), t.name) for t in self.teams)]
            self.fields["team"] = forms.ChoiceField(label=_("Team"), choices=options, required=False)
        options = [("", _("Not said")), *places(by, "gather.see")]
        self.fields["place"] = forms.ChoiceField(label=_("Where it meets"), choices=options, required=False)
        days = [("", _("No fixed day")), *words_of.WEEKDAYS.items()]
        self.fields["weekday"] = forms.ChoiceField(label=_("On which day"), choices=days, required=False)
        self.fields["with_aliases"] = choice(
            _("Does the circle want aliases written down?"), YES_NO, initial="no",
            help_text=_("Usually only how many came is written. Ask everyone first."),
        )  # fmt: skip
        self.fields["rules"] = forms.CharField(
            label=_("Its own rules, in its own words"), max_length=4000, required=False,
            widget=forms.Textarea(attrs={"rows": 4}),
        )  # fmt: skip
        self.order_fields(["entry", "name", "organisation", "team", "place", "weekday", "begun_on"])

    def asked(self) -> dict[str, Any]:
        """What gather.add_circle takes."""
        given = self.cleaned_data
        only = str(self.teams[0].id) if len(self.teams) == 1 else ""
        return {
            "name": given["name"], "organisation_id": given.get("organisation") or self.homes[0].id,
            "team_id": given.get("team") or only or None, "place_id": given["place"] or None,
            "weekday": int(given["weekday"]) if given["weekday"] else None, "begun_on": given["begun_on"],
            "rules": given["rules"], "with_aliases": given["with_aliases"] == "yes",
        }  # fmt: skip


class MeetingForm(EntryForm):
    """One meeting of a circle, in counts."""

    on = forms.DateField(label=lazy("Which day it was"), widget=DAY, validators=[not_ahead])
    sheet = forms.CharField(
        label=lazy("Number of the sheet"), max_length=40, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, circle: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = kinds_for(circle)
        self.fields["head_count"] = whole(_("How many came"))
        self.fields["new_count"] = whole(_("How many for the first time"), required=False)
        for number, code in enumerate(self.kinds):
            self.fields[f"kind_{number}"] = whole(words_of.said(words_of.CIRCLE_KINDS, code), required=False)
        if circle.with_aliases:
            self.fields["aliases"] = forms.CharField(
                label=_("Who came, by alias"), required=False, max_length=4000,
                help_text=_("One on each line. Only what they want to be called."),
                widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off"}),
            )  # fmt: skip
        self.order_fields(["entry", "on", "head_count", "new_count"])

    def asked(self) -> dict[str, Any]:
        """What gather.record_circle_meeting takes."""
        given = self.cleaned_data
        counts = {code: given[f"kind_{n}"] for n, code in enumerate(self.kinds) if given[f"kind_{n}"] is not None}
        return {
            "on": given["on"], "head_count": given["head_count"], "new_count": given["new_count"] or 0,
            "kinds": counts, "aliases": given.get("aliases", "").splitlines(), "sheet": given["sheet"],
        }  # fmt: skip


class EndForm(EntryForm):
    """A circle ends."""

    on = forms.DateField(label=lazy("Its last day"), widget=DAY, validators=[not_ahead])
    reason = forms.ChoiceField(
        label=lazy("Why"), choices=[(code, words_of.CIRCLE_ENDS[code]) for code in ENDS], widget=forms.RadioSelect
    )


class AgreedForm(EntryForm):
    """What the person said to one referral, its items read out."""

    def __init__(self, *args: Any, young: bool, guardians: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.young = young
        self.fields["given"] = choice(_("What they said"), [("yes", _("Yes")), ("no", _("No"))])
        self.fields["how"] = choice(_("How they said it"), hows(), initial="spoken")
        if young:
            self.fields["assent"] = choice(_("The young person's own answer"), YES_NO, required=False)
            if guardians:
                self.fields["guardian"] = choice(_("The guardian who agrees"), guardians, required=False)

    def said(self) -> dict[str, Any]:
        """How it was said, as actions take it."""
        given = self.cleaned_data
        assent = given.get("assent") == "yes" if self.young and given.get("assent") else None
        return {"how": given["how"], "assent": assent, "guardian_tie_id": given.get("guardian") or None}


class ReferralForm(AgreedForm):
    """A referral in the making."""

    def __init__(self, *args: Any, scope: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = forms.CharField(
            label=_("Who is asked for help"), max_length=120, help_text=_("A partner's name, or what kind of place."),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )  # fmt: skip
        needs = words_of.pairs(words_of.NEEDS, chosen.value(NEEDS, scope))
        self.fields["need"] = choice(_("What for"), [("", _("Choose one")), *needs])
        urgencies = words_of.pairs(words_of.URGENCIES, URGENCIES)
        self.fields["urgency"] = choice(_("How soon"), urgencies, initial="normal")
        self.fields["items"] = forms.MultipleChoiceField(
            label=_("What may be told"), help_text=_("Read each one out. Only what they say yes to leaves."),
            choices=words_of.pairs(words_of.ITEMS, chosen.value(ITEMS, scope)), widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
        self.fields["given"] = choice(
            _("What they said"),
            [("yes", _("Yes, to exactly this")), ("no", _("No")), ("later", _("Not asked yet"))],
        )
        self.fields["override"] = forms.CharField(
            label=_("Why they cannot be asked"), required=False, max_length=2000,
            help_text=_("Only when a life is in danger or the law asks it. The person can read this."),
            widget=forms.Textarea(attrs={"rows": 3}),
        )  # fmt: skip
        self.fields["note"] = forms.CharField(
            label=_("Anything to remember"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
        )
        order = ["entry", "to", "need", "urgency", "items", "given", "how", "assent", "guardian", "override", "note"]
        self.order_fields(order)

    def asked(self) -> dict[str, Any]:
        """What connect.draft_referral takes."""
        given = self.cleaned_data
        agreed = {"yes": True, "no": False}.get(given["given"])
        return {
            **self.said(), "to": given["to"], "need": given["need"], "urgency": given["urgency"],
            "consent_items": given["items"], "agreed": agreed, "override_reason": given["override"],
            "note": given["note"],
        }  # fmt: skip


class HoursForm(EntryForm):
    """One's own time on one day."""

    on = forms.DateField(label=lazy("Which day"), widget=DAY, validators=[not_ahead])
    hours = forms.IntegerField(
        label=lazy("Hours"), min_value=0, max_value=24, initial=0, required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )  # fmt: skip
    minutes = forms.IntegerField(
        label=lazy("Minutes"), min_value=0, max_value=59, initial=0, required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )  # fmt: skip
    paid = forms.ChoiceField(
        label=lazy("Was it paid?"),
        choices=[("yes", lazy("Paid")), ("no", lazy("Unpaid"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=lazy("Anything to remember"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = [("", _("Choose one")), *words_of.pairs(words_of.WORK, kinds_of_work())]
        self.fields["kind"] = choice(_("What for"), options)
        self.order_fields(["entry", "on", "hours", "minutes", "kind", "paid", "note"])

    def asked(self) -> dict[str, Any]:
        """What team.record_hours takes."""
        given = self.cleaned_data
        return {
            "on": given["on"], "minutes": (given["hours"] or 0) * 60 + (given["minutes"] or 0), "kind": given["kind"],
            "paid": given["paid"] == "yes", "note": given["note"],
        }  # fmt: skip
