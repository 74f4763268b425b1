"""The forms of a person's story: its words, what they said to it, and which stories stand with a report."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kinweave.core.stories import BESIDE, LONGEST
from kinweave.front.desk.forms_people import languages
from kinweave.front.desk.forms_rooms import AgreedForm
from kinweave.front.desk.pages_releases import QUESTIONS
from kinweave.front.desk.people_parts import EntryForm, choice


class StoryForm(EntryForm):
    """The words, in the language they were told in."""

    text = forms.CharField(
        label=lazy("Their story, in their own words"), max_length=LONGEST,
        help_text=lazy("No names of people or places, no telephone number. At most 1,200 letters."),
        widget=forms.Textarea(attrs={"rows": 10, "dir": "auto", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = choice(_("The language it is told in"), languages())
        subjects = [("", _("None of these")), *((code, QUESTIONS[code]()) for code in BESIDE)]
        self.fields["about"] = forms.ChoiceField(
            label=_("The number it could stand beside"), choices=subjects, required=False
        )

    def asked(self) -> dict[str, Any]:
        """What listen.record_story takes."""
        return {name: self.cleaned_data[name] for name in ("text", "language", "about")}


class StoryAgreedForm(AgreedForm):
    """What they said once it was read back. `mark`: of the words that were on the page."""

    mark = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"] = forms.DateField(
            label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
            help_text=_("Empty: until they take it back."),
        )  # fmt: skip


class OwnStoryForm(EntryForm):
    """The person's own yes to the words on the page."""

    mark = forms.CharField(max_length=64, widget=forms.HiddenInput)


class ChooseForm(EntryForm):
    """Which of the stories offered stand with a report."""

    stories = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, offered: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stories"].choices = [(one, one) for one in offered]  # type: ignore[attr-defined]
