"""The forms of asking, noting, moving on, safety, quarantine and settings. Codes come from the rooms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kinweave.core import sheet_numbers
from kinweave.core.pathway import MISSED
from kinweave.core.problems import Problem
from kinweave.core.risk import KINDS, URGENCIES
from kinweave.front import sentences
from kinweave.front import sentences_care as words_of
from kinweave.front.desk.people_parts import EntryForm, choice
from kinweave.front.problem_words import both

Choices = Sequence[tuple[str, Any]]
DAY = forms.DateInput(attrs={"type": "date"})
USUAL_HOUR = time(10, 0)  # where no meeting had an hour before; ours


class BeginForm(EntryForm):
    """Language and way of asking; what is usual is chosen already."""

    def __init__(self, *args: Any, languages: Choices, wanted: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = choice(_("In which language?"), languages, initial=wanted)
        self.fields["way"] = choice(
            _("How?"),
            [("each", _("One question at a time")), ("page", _("All on one page"))],
            initial="each",
        )


class NoteForm(EntryForm):
    """A meeting in at most six touches. What does not belong to the answer "held" is not looked at."""

    held = forms.ChoiceField(
        label=lazy("Did you meet?"),
        choices=[("yes", lazy("Yes")), ("no", lazy("No, it did not happen"))],
        widget=forms.RadioSelect,
    )
    homework = forms.ChoiceField(
        label=lazy("What was agreed last time"),
        choices=list(words_of.HOMEWORK.items()),
        widget=forms.RadioSelect,
        required=False,
    )
    mood = forms.ChoiceField(
        label=lazy("How the goal goes, in their own words"),
        choices=list(words_of.GOING.items()),
        widget=forms.RadioSelect,
        required=False,
    )
    missed = forms.ChoiceField(
        label=lazy("Why not?"),
        choices=[(code, sentences.MISSED[code]) for code in MISSED],
        widget=forms.RadioSelect,
        required=False,
    )
    worry = forms.ChoiceField(
        label=lazy("Are you worried about their safety?"),
        choices=[("no", lazy("No")), ("yes", lazy("Yes, I am worried"))],
        widget=forms.RadioSelect,
    )
    next = forms.ChoiceField(label=lazy("When next?"), widget=forms.RadioSelect)
    next_day = forms.DateField(label=lazy("Which day"), required=False, widget=DAY)
    next_time = forms.TimeField(label=lazy("What time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    kind = forms.ChoiceField(
        label=lazy("What it was"),
        choices=[
            ("session", lazy("A planned meeting")), ("call", lazy("A call")), ("visit", lazy("A visit")),
            ("group", lazy("A group")),
        ],
        initial="session",
        required=False,
        widget=forms.RadioSelect,
    )  # fmt: skip
    where = forms.ChoiceField(
        label=lazy("Where"), choices=[("", lazy("Not said")), *words_of.PLACES.items()], required=False
    )
    on = forms.DateField(label=lazy("Which day it was"), required=False, widget=DAY)
    note = forms.CharField(
        label=lazy("Anything to remember"),
        help_text=lazy("Only what helps next time. They may read it."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, usual: time | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.usual = usual or USUAL_HOUR
        today = timezone.localdate()
        self.days = {"week": today + timedelta(days=7), "two": today + timedelta(days=14),
                     "soon": today + timedelta(days=3)}  # fmt: skip
        self.fields["next"].choices = [  # type: ignore[attr-defined]
            ("week", _("Same day next week: %(day)s") % {"day": said_short(self.days["week"])}),
            ("two", _("In two weeks: %(day)s") % {"day": said_short(self.days["two"])}),
            ("soon", _("In three days: %(day)s") % {"day": said_short(self.days["soon"])}),
            ("other", _("Another day")),
            ("none", _("No date yet")),
        ]

    def clean(self) -> dict[str, Any]:
        given = dict(super().clean() or {})
        if given.get("held") == "no" and not given.get("missed"):
            self.add_error("missed", _("Choose a reason; “another reason” is one."))
        if given.get("next") == "other" and not given.get("next_day") and "next_day" not in self.errors:
            self.add_error("next_day", _("Choose a day, or “No date yet”."))
        day = given.get("next_day")
        if given.get("next") == "other" and day and day < timezone.localdate():
            self.add_error("next_day", _("This day is over. Choose one to come."))
        if given.get("on") and given["on"] > timezone.localdate():
            self.add_error("on", _("This day has not come yet."))
        return given

    def next_at(self) -> datetime | None:
        """The next meeting as a moment in the programme's time; None without a date."""
        given = self.cleaned_data
        day: date | None = given.get("next_day") if given["next"] == "other" else self.days.get(given["next"])
        if day is None:
            return None
        return timezone.make_aware(datetime.combine(day, given.get("next_time") or self.usual))

    def asked(self) -> dict[str, Any]:
        """What care.note_session takes."""
        given, held = self.cleaned_data, self.cleaned_data["held"] == "yes"
        on = given.get("on")
        past = on if on != timezone.localdate() else None
        return {
            "held": held,
            "kind": given.get("kind") or "session",
            "planned": (given.get("kind") or "session") in {"session", "group"},
            "at": timezone.make_aware(datetime.combine(past, self.usual)) if past else None,
            "missed_reason": "" if held else given["missed"],
            "homework": given.get("homework", "") if held else "",
            "mood": given.get("mood", "") if held else "",
            "where": given.get("where", ""),
            "next_at": self.next_at(),
            "worry": given["worry"] == "yes",
            "note": given.get("note", ""),
        }


def said_short(day: date) -> str:
    return date_format(day, "D j M")


class WorryForm(EntryForm):
    """The worry button. Nothing here is needed: what is not chosen counts as the most urgent."""

    urgency = forms.ChoiceField(
        label=lazy("How soon must someone look?"),
        help_text=lazy("If you choose nothing, it counts as now."),
        choices=[(code, words_of.URGENCIES[code]) for code in URGENCIES],
        widget=forms.RadioSelect,
        required=False,
    )
    kinds = forms.MultipleChoiceField(
        label=lazy("What are you worried about?"),
        choices=[(code, words_of.WORRIES[code]) for code in KINDS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    note = forms.CharField(
        label=lazy("In your own words"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def asked(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "urgency": given["urgency"] or "now",
            "kinds": given["kinds"] or ["other"],
            "note": given["note"],
        }


class MoveForm(EntryForm):
    """One move. Step, reason and way in belong to one move each."""

    move = forms.CharField(max_length=20)
    step = forms.ChoiceField(choices=[("", ""), *words_of.STEPS.items()], required=False)
    reason = forms.CharField(max_length=30, required=False)
    way_in = forms.ChoiceField(choices=[("", ""), *words_of.ENTRIES.items()], required=False)

    def asked(self) -> dict[str, Any]:
        given = self.cleaned_data
        move = given["move"]
        return {
            "move": move,
            "step": int(given["step"]) if given["step"] and move in {"step", "start"} else None,
            "reason": given["reason"] if move == "close" else "",
            "entry": (given["way_in"] or "own_words") if move == "tell" else "",
        }


class ContactForm(EntryForm):
    """The person was met or called again after an alert."""

    note = forms.CharField(
        label=lazy("How they are now"), max_length=1500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class PlanForm(EntryForm):
    """The safety plan that was made or looked at together."""

    plan = forms.CharField(
        label=lazy("The safety plan, in their words"),
        help_text=lazy("Early signs, what helps, who comes, what is moved away, whom to call."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )


class CloseForm(EntryForm):
    """An alert is closed by a supervisor after talking with the worker."""

    debriefed = forms.BooleanField(
        label=lazy("I have talked with the worker about this"),
        error_messages={"required": lazy("Talk with the worker first; this is hard work to carry alone.")},
    )


class AsideForm(EntryForm):
    """Why something in quarantine does not belong here."""

    reason = forms.CharField(
        label=lazy("Why it does not belong here"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class CodeForm(forms.Form):
    """Whose it is, by the code on their page or paper, or by name."""

    code = forms.CharField(label=lazy("Their code or name"), max_length=120)


class PaperForm(EntryForm):
    """The head of a sheet. The digits are read beside it (pages_paper): there are as many as questions."""

    sheet = forms.CharField(
        label=lazy("Number of the sheet"), max_length=40, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    on = forms.DateField(label=lazy("Day on the sheet"), widget=DAY)
    replaces = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, languages: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(languages) > 1:
            self.fields["language"] = choice(_("Language of the sheet"), languages, required=False)

    def clean_sheet(self) -> str:
        """A number of ours in its printed shape; a slip in it is told. Another's stays as it was typed."""
        return read_number(self.cleaned_data["sheet"], sheet_numbers.kept)

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day has not come yet."))
        return day


def read_number(typed: str, read: Callable[[str], str]) -> str:
    """A sheet's number by one of the readers of core.sheet_numbers; its problem becomes the field's error."""
    try:
        return read(typed)
    except Problem as fault:
        raise forms.ValidationError(both(fault)) from None
