"""What the wizard asks. Words are plain; each choice says what follows from it."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from kinweave.core.zones import time_zones
from kinweave.front.signing.others import ROLE_WORDS
from kinweave.house.access import everyone_with
from kinweave.house.models import Account, Place

FACTS = (
    ("faith", _("Faith")),
    ("ethnicity", _("Ethnic group, caste or tribe")),
    ("sexuality", _("Sexuality or gender identity")),
    ("exact_location", _("Exactly where somebody lives")),
)
DAYS = [(0, _("Monday")), (1, _("Tuesday")), (2, _("Wednesday")), (3, _("Thursday")), (4, _("Friday")),
        (5, _("Saturday")), (6, _("Sunday"))]  # fmt: skip
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Founder(forms.Form):
    username = forms.CharField(label=_("Name to sign in with"), max_length=60)
    shown_name = forms.CharField(label=_("Name that colleagues see"), max_length=80)
    password = forms.CharField(
        label=_("A password, at least 10 signs"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"])
        return str(self.cleaned_data["password"])


class Dangers(forms.Form):
    facts = forms.MultipleChoiceField(
        label=_("Which of these may be written down about a person?"),
        help_text=_("Tick only what nobody could be harmed for, if it fell into the wrong hands."),
        choices=FACTS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    keys = forms.ChoiceField(
        label=_("Where may the key of the data lie?"),
        choices=(
            ("here", _("On the machine that serves the site: it starts by itself")),
            ("medium", _("On a medium that somebody puts in: a machine taken away is locked")),
        ),
        widget=forms.RadioSelect,
    )
    demands = forms.CharField(
        label=_("If an authority demands data, what does everybody here do?"),
        help_text=_("Whom to call, who decides, what is never handed over without a court. It is shown to all."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class TheProgramme(forms.Form):
    organisation = forms.CharField(label=_("Name of your organisation"), max_length=120)
    programme = forms.CharField(
        label=_("Name of the programme"),
        help_text=_("A neutral name: it can stand on a phone that others see."),
        max_length=120,
    )
    zone = forms.ChoiceField(label=_("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(z for z in time_zones() if "/" in z and not z.startswith(("Etc/", "posix", "right")))
        self.fields["zone"].choices = [("UTC", "UTC"), *((z, z.replace("_", " ")) for z in names)]  # type: ignore[attr-defined]


class Languages(forms.Form):
    languages = forms.CharField(
        label=_("Languages that people here can be asked in"),
        help_text=_("Codes with commas between them, such as en, sn, nd. Questionnaires bring their own languages."),
        max_length=200,
    )

    def clean_languages(self) -> list[str]:
        codes = [c.strip() for c in self.cleaned_data["languages"].split(",") if c.strip()]
        wrong = [c for c in codes if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", c)]
        if wrong or not codes:
            raise forms.ValidationError(_("Write codes of two or three letters, such as en or sn."))
        return list(dict.fromkeys(codes))

    @staticmethod
    def known() -> list[tuple[str, str]]:
        """Codes with the language's own name, as help beside the field."""
        return [(code, LANG_INFO[code]["name_local"]) for code, _n in settings.LANGUAGES if code in LANG_INFO]


class NewPlace(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    code = forms.SlugField(label=_("A short code that stays"), help_text=_("Such as w1"), max_length=40)
    kind = forms.ChoiceField(
        label=_("What kind of place?"),
        choices=[
            ("district", _("District")),
            ("ward", _("Ward")),
            ("village", _("Village")),
            ("camp", _("Camp")),
            ("town", _("Town")),
            ("other", _("Other")),
        ],
    )
    parent_id = forms.ModelChoiceField(
        Place.objects.order_by("path"), label=_("Within"), required=False, empty_label=_("Nothing larger")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent_id"].label_from_instance = lambda row: row.name  # type: ignore[attr-defined]


class NewPerson(forms.Form):
    username = forms.CharField(label=_("Name to sign in with"), max_length=60)
    shown_name = forms.CharField(label=_("Name that colleagues see"), max_length=80)
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect, choices=list(ROLE_WORDS.items()))
    team = forms.CharField(label=_("Team (worker, supervisor)"), max_length=120, required=False)
    phone = forms.CharField(label=_("Phone for alerts"), max_length=40, required=False)
    email = forms.EmailField(label=_("Mail for alerts"), required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("role") in {"worker", "supervisor"} and not given.get("team"):
            self.add_error("team", _("Workers and supervisors belong to a team: give its name."))
        return given


class OneTurn(forms.Form):
    account = forms.ModelChoiceField(Account.objects.none(), label=_("Who"))
    days = forms.TypedMultipleChoiceField(
        label=_("On which days"), choices=DAYS, coerce=int, widget=forms.CheckboxSelectMultiple, initial=list(range(7))
    )
    start = forms.CharField(label=_("From"), initial="00:00", max_length=5)
    end = forms.CharField(
        label=_("To"), help_text=_("The same time twice means day and night."), initial="00:00", max_length=5
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["account"]
        can = [grant.account_id for grant in everyone_with("risk.answer")]
        field.queryset = Account.objects.filter(is_active=True, id__in=can).order_by("shown_name")
        field.label_from_instance = lambda row: row.shown_name

    def clean_start(self) -> str:
        return self._clock("start")

    def clean_end(self) -> str:
        return self._clock("end")

    def _clock(self, name: str) -> str:
        text = str(self.cleaned_data[name])
        if not CLOCK.fullmatch(text):
            raise forms.ValidationError(_("Write a time such as 08:00."))
        return text


class Contact(forms.Form):
    contact = forms.CharField(
        label=_("Local emergency contact"), help_text=_("A service that can come or send somebody."), max_length=120
    )
    number = forms.CharField(label=_("Its number, as people dial it"), max_length=60)


class Paper(forms.Form):
    def __init__(self, groups: tuple[int, int], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in groups:
            self.fields[f"group{number}"] = forms.CharField(
                label=_("Group %(n)d of the paper key") % {"n": number},
                max_length=8,
                widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
            )


class Phones(forms.Form):
    host = forms.CharField(
        label=_("Under which name will phones open the site?"),
        help_text=_("A name that leads to this machine, such as bench.example.org"),
        max_length=253,
    )

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).strip().lower().removeprefix("https://").strip("/")
        if not re.fullmatch(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", host):
            raise forms.ValidationError(_("Write a full name with dots, without a port."))
        return host
