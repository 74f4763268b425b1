"""Forms about reports: which one to make, what the meeting said, why one is taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kinweave.front.desk.people_parts import EntryForm

LONGEST = 4_000
Texts = Mapping[str, str]


AUDIENCES = (
    ("community", gettext_lazy("Everyone here: short, in plain words")),
    ("board", gettext_lazy("The board: what we owe first, and what changes without us")),
    ("funder", gettext_lazy("Those who pay: every number, and what changes without us")),
    ("ministry", gettext_lazy("The ministry: every number first, with its interval and who was missed")),
)


class DraftForm(forms.Form):
    """For which place and time. Nothing is written yet: the process that makes the draft writes it."""

    place = forms.ChoiceField(label=gettext_lazy("Place"))
    period = forms.TypedChoiceField(label=gettext_lazy("Time"), coerce=int)
    template = forms.ChoiceField(label=gettext_lazy("Who will read it"), choices=AUDIENCES, widget=forms.RadioSelect)
    languages = forms.MultipleChoiceField(label=gettext_lazy("Languages"), widget=forms.CheckboxSelectMultiple)

    def __init__(
        self,
        *args: Any,
        places: Sequence[tuple[str, str]],
        periods: Sequence[tuple[int, str]],
        languages: Sequence[tuple[str, str]],
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.fields["languages"].choices = languages  # type: ignore[attr-defined]
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.fields["period"].choices = periods  # type: ignore[attr-defined]


class ReadingForm(EntryForm):
    """Both texts in every language of the release; one language is enough."""

    def __init__(self, *args: Any, languages: Mapping[str, str], reading: Texts, wrong: Texts, **more: Any) -> None:
        super().__init__(*args, **more)
        self.languages = list(languages)
        asked = (
            ("reading", _("What the meeting read in these numbers"), reading),
            ("wrong", _("What may be wrong with them"), wrong),
        )
        for code, name in languages.items():
            for key, label, held in asked:
                self.fields[f"{key}_{code}"] = forms.CharField(
                    label=f"{label} ({name})", max_length=LONGEST, required=False, initial=held.get(code, ""),
                    widget=forms.Textarea({"rows": 4, "lang": code, "dir": "auto"}),
                )  # fmt: skip

    def texts(self, key: str) -> dict[str, str]:
        said = {code: self.cleaned_data[f"{key}_{code}"] for code in self.languages}
        return {code: text for code, text in said.items() if text}

    @property
    def asked(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name != "entry"]


class SignForm(EntryForm):
    """`hash` is what was on the page: a report changed meanwhile is not signed by mistake."""

    hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    read = forms.BooleanField(
        label=gettext_lazy("I have read all of it, and I put my name to it"),
        error_messages={"required": gettext_lazy("Read it first, then tick the box.")},
    )


class WithdrawForm(EntryForm):
    note = forms.CharField(
        label=gettext_lazy("Why it is taken back"), min_length=10, max_length=500,
        help_text=gettext_lazy("Everyone will be able to read this, in place of the numbers."),
        widget=forms.Textarea({"rows": 3}),
    )  # fmt: skip
