"""What every printed sheet has: its page size, how many of it, in which language, its number and its head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kinweave.core.sheet_numbers import draw
from kinweave.front.desk.pages_ask import name_of
from kinweave.front.desk.people_parts import said_day
from kinweave.house.models import Programme

MOST_COPIES = 40  # of one sheet at a time; a browser lays out more, but slowly
SIZES = (("a4", "A4"), ("a5", "A5"))


class PaperForm(forms.Form):
    """Size, how many, which language. What is not chosen or does not fit is as usual."""

    size = forms.ChoiceField(label=lazy("Paper"), choices=SIZES, required=False)
    copies = forms.IntegerField(
        label=lazy("How many"), min_value=1, max_value=MOST_COPIES, required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "class": "short"}),
    )  # fmt: skip

    def __init__(self, *args: Any, languages: Sequence[str] = (), several: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(languages) > 1:
            names = [(code, name_of(code)) for code in languages]
            self.fields["words"] = forms.ChoiceField(label=_("Language"), choices=names, required=False)
        if not several:
            del self.fields["copies"]


@dataclass(frozen=True, slots=True)
class Paper:
    """How a sheet is wanted. `form`: to choose it anew."""

    size: str
    copies: int
    language: str
    form: PaperForm

    @property
    def a5(self) -> bool:
        return self.size == "a5"


def wanted(request: Any, languages: Sequence[str] | None = None, several: bool = True) -> Paper:
    """What the address asks for. `languages`: those on offer, by default the desk's own."""
    on_offer = list(languages if languages is not None else dict(settings.LANGUAGES))
    here = get_language() or "en"
    usual = {"size": "a4", "copies": 1, "words": here if here in on_offer else (on_offer or [here])[0]}
    form = PaperForm({**usual, **request.GET.dict()}, languages=on_offer, several=several)
    form.is_valid()
    given = {**usual, **{name: value for name, value in form.cleaned_data.items() if value}}
    return Paper(given["size"], given["copies"], given["words"], form)


def page(
    request: Any,
    paper: Paper,
    title: Any,
    make: Callable[[], dict[str, Any]],
    *,
    lines: Sequence[Any] = (),
    numbered: bool = True,
    wide: bool = False,
    language: str = "",
    template: str = "desk/print/sheets.html",
    **shown: Any,
) -> HttpResponse:
    """A page of sheets. `make()` says what one holds, in its language; `wide`: on A5 it lies on its side."""
    code = language or paper.language
    ui = code.split("-")[0] if code.split("-")[0] in dict(settings.LANGUAGES) else get_language() or "en"
    with translation.override(ui):  # the sheet speaks the language of who reads it
        sheets = [
            {
                **make(),
                "head": {
                    "title": str(title),
                    "programme": programme_of(request),
                    "printed": said_day(timezone.now()),
                    "lines": [str(line) for line in lines],
                    "number": draw() if numbered else "",
                },
            }
            for _copy in range(paper.copies)
        ]
        ui_dir = "rtl" if translation.get_language_bidi() else "ltr"
    shown = {
        "back": {"url": reverse("paper-list"), "label": _("Paper")},
        **shown,
        "title": str(title), "sheets": sheets, "ui": ui, "ui_dir": ui_dir, "paper": paper,
        "page_css": "paper-a5-wide.css" if wide and paper.a5 else f"paper-{paper.size}.css",
    }  # fmt: skip
    return render(request, template, shown)


def programme_of(request: Any) -> str:
    homes = [grant.organisation_id for grant in request.actor.grants if grant.organisation_id]
    found = Programme.objects.filter(organisation_id__in=homes).order_by("id").values_list("name", flat=True).first()
    return found or "Kinweave"


def programme_id_of(request: Any) -> Any:
    """The programme whose numbers stand on a sheet that is about nobody."""
    homes = [grant.organisation_id for grant in request.actor.grants if grant.organisation_id]
    return Programme.objects.filter(organisation_id__in=homes).order_by("id").values_list("id", flat=True).first()
