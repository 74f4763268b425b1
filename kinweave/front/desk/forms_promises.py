"""The forms about promises. Everything typed here can stand in a public report, and each form says so."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kinweave.decide.reads import KEEP
from kinweave.decide.rules import DROPS, LONGEST, SECTORS
from kinweave.front import sentences_promises as words_of
from kinweave.front.desk.forms_people import homes, places
from kinweave.front.desk.forms_rooms import DAY, not_ahead
from kinweave.front.desk.pages_ask import name_of
from kinweave.front.desk.people_parts import EntryForm, choice
from kinweave.front.sentences_rooms import pairs
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.learn.choices import offered_languages

NO_NAME = lazy("Write no person's name. Reports show this to everyone. One language is enough.")


def day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DAY, **more)


class InLanguages(EntryForm):
    """A form with one text in each language of the site's reports; one is enough."""

    def ask_in_languages(self, name: str, label: str, help_text: Any) -> None:
        self.spoken = offered_languages()
        rows = 3 if LONGEST[name] > 300 else 2
        for code in self.spoken:
            more = f" ({name_of(code)})" if len(self.spoken) > 1 else ""
            self.fields[f"{name}_{code}"] = forms.CharField(
                label=label + more, max_length=LONGEST[name], required=len(self.spoken) == 1,
                help_text=help_text if code == self.spoken[0] else "",
                widget=forms.Textarea(attrs={"rows": rows, "lang": code, "dir": "auto"}),
            )  # fmt: skip

    def texts(self, name: str) -> dict[str, str]:
        said = {code: self.cleaned_data[f"{name}_{code}"] for code in self.spoken}
        return {code: text for code, text in said.items() if text}


class PromiseForm(InLanguages):
    """What a body said it would do, for which place, until when."""

    said_on = day(lazy("On which day they said so"), validators=[not_ahead])
    due_on = day(lazy("Until when it is to be done"))

    def __init__(self, *args: Any, by: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_in_languages("what", _("What was promised"), NO_NAME)
        self.fields["owner"] = forms.CharField(
            label=_("Who said they would do it"), max_length=LONGEST["owner"],
            help_text=_("An office, a service or a group, such as “Ward housing office”. Never a person."),
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        )  # fmt: skip
        sectors = pairs(words_of.SECTORS, chosen.value(SECTORS))
        self.fields["sector"] = choice(_("Whose matter it is"), [("", _("Choose one")), *sectors])
        self.homes = homes(by, KEEP)
        if len(self.homes) > 1:
            self.fields["organisation"] = choice(_("Organisation"), [(str(o.id), o.name) for o in self.homes])
        options = [("", _("Choose one")), *places(by, KEEP)]
        self.fields["place"] = forms.ChoiceField(label=_("Place"), choices=options)
        what = [f"what_{code}" for code in self.spoken]
        self.order_fields(["entry", *what, "owner", "sector", "organisation", "place", "said_on", "due_on"])

    def asked(self) -> dict[str, Any]:
        """What decide.add_promise takes."""
        given = self.cleaned_data
        return {
            "organisation_id": given.get("organisation") or self.homes[0].id, "place_id": given["place"],
            "sector": given["sector"], "owner": given["owner"], "what": self.texts("what"),
            "said_on": given["said_on"], "due_on": given["due_on"],
        }  # fmt: skip


class StepForm(EntryForm):
    """One thing that can be done with a promise."""

    def asked(self) -> dict[str, Any]:
        """What its action takes."""
        return {name: value for name, value in self.cleaned_data.items() if name != "entry"}


class KeptForm(StepForm):
    on = day(lazy("On which day it was kept"), validators=[not_ahead])
    shown_by = forms.CharField(
        label=lazy("What shows that it was kept"), max_length=LONGEST["shown_by"],
        help_text=lazy("What anyone can see, or which body looked. No person's name. It stays on this page."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class AskedForm(StepForm):
    on = day(lazy("On which day they were asked"), validators=[not_ahead])


class ReplyForm(StepForm, InLanguages):
    on = day(lazy("On which day they answered"), validators=[not_ahead])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask_in_languages("reply", _("Their answer, in their own words"), NO_NAME)

    def asked(self) -> dict[str, Any]:
        return {"on": self.cleaned_data["on"], "reply": self.texts("reply")}


class DropForm(StepForm):
    why = forms.ChoiceField(
        label=lazy("Why it is dropped"), choices=[(code, words_of.DROPS[code]) for code in DROPS],
        widget=forms.RadioSelect,
    )  # fmt: skip

    def asked(self) -> dict[str, Any]:
        return {**super().asked(), "on": timezone.localdate()}
