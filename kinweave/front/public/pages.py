"""The public home, the list of reports, and one report as page, as text for reading aloud, as PDF and as numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation

from kinweave.front.report.document import document, plain_text, said_day
from kinweave.front.report.pdf import made, passing
from kinweave.front.report.sheet import columns_text, csv_text
from kinweave.front.report.slides import slide, slides
from kinweave.house import settings as chosen
from kinweave.published import reads
from kinweave.published.problems import ReleaseNotFound
from kinweave.published.reads_stories import stories_of
from kinweave.published.states import WITHDRAWN

MINUTES = 60
SOON = f"public, max-age={10 * MINUTES}"


def help_now() -> dict[str, str] | None:
    """Whom to call in danger, from the site's settings; None where nobody wrote it down."""
    number = str(chosen.value(chosen.EMERGENCY)).strip()
    digits = "".join(c for c in number if c.isdigit() or c == "+")
    return {"name": "", "number": number, "dial": digits} if number else None


def in_language(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """`?language=ar` shows a page in that language for this once, so that an address can be passed on."""

    @wraps(view)
    def shown(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        wanted = request.GET.get("language", "")
        if wanted not in dict(settings.LANGUAGES):
            return view(request, *args, **kwargs)
        with translation.override(wanted):
            return view(request, *args, **kwargs)

    return shown


@in_language
def home(request: Any) -> HttpResponse:
    """The calm front door: what this place is, the newest report, whom to call, the way in."""
    newest = reads.newest()
    shown = {"newest": _line(newest) if newest else None, "help_now": help_now(), "sign_in_url": settings.LOGIN_URL}
    return render(request, "public/home.html", shown)


@in_language
def reports(request: Any) -> HttpResponse:
    """All reports, newest first; those taken back stay in their place."""
    rows = [_line(row) for row in reads.on_the_shelf()]
    return render(request, "public/reports.html", {"reports": rows, "help_now": help_now()})


def _line(row: Any) -> dict[str, Any]:
    language = language_of(row)
    text = row.texts[language]
    return {
        "title": text["title"], "summary": "" if row.state == WITHDRAWN else text["summary"], "language": language,
        "direction": text["direction"], "url": reverse("report", args=[row.slug]),
        "withdrawn": row.state == WITHDRAWN, "on": said_day(row.published_at, translation.get_language() or "en"),
    }  # fmt: skip


def language_of(row: Any) -> str:
    """The reader's language where the report has it, else the report's first."""
    wanted = (translation.get_language() or "").split("-")[0]
    languages: list[str] = row.head["languages"]
    return wanted if wanted in languages else languages[0]


@in_language
def report(request: Any, slug: str) -> HttpResponse:
    """One report as a page."""
    row = reads.public(slug)
    if row.state == WITHDRAWN:
        return _withdrawn(request, row)
    if not reads.is_intact(row):
        return render(request, "public/changed.html", {"help_now": help_now()}, status=503)
    language = language_of(row)
    doc = _document(row, language)
    others = [
        {"code": code, "name": text["name"], "direction": text["direction"]}
        for code, text in row.texts.items() if code != language
    ]  # fmt: skip
    pictures = range(1, len(slides(doc)) + 1)
    shown = {
        "doc": doc,
        "slug": row.slug,
        "others": others,
        "slides": pictures,
        "help_now": help_now(),
        "invented": doc["invented"],
    }
    answer = render(request, "public/report.html", shown)
    if row.stories:
        answer["Cache-Control"] = _for_how_long(row)
        answer["X-Robots-Tag"] = "noarchive"
    return answer


def _withdrawn(request: Any, row: Any) -> HttpResponse:
    """The address stays and says why the numbers are gone."""
    shown = {
        "title": row.texts[language_of(row)]["title"], "note": row.withdrawn_note, "help_now": help_now(),
        "on": said_day(row.withdrawn_at, translation.get_language() or "en"), "invented": row.head["invented"],
    }  # fmt: skip
    return render(request, "public/withdrawn.html", shown, status=410)


def _standing(slug: str, tables: bool = False) -> Any:
    """A report whose numbers may be given out now. Raises ReleaseNotFound."""
    row = reads.public(slug, tables=tables)
    if row.state == WITHDRAWN or not reads.is_intact(row):
        raise ReleaseNotFound()
    return row


@in_language
def spoken(request: Any, slug: str) -> HttpResponse:
    """The report as plain sentences, for a voice to read."""
    row = _standing(slug)
    doc = _document(row, language_of(row))
    answer = HttpResponse(plain_text(doc), content_type="text/plain; charset=utf-8")
    answer["Content-Language"] = doc["language"]
    answer["Cache-Control"] = _for_how_long(row)
    return answer


@in_language
def as_pdf(request: Any, slug: str) -> HttpResponse:
    """The report for printing: the file made when it was published, or made now if it is missing."""
    row = _standing(slug)
    language = language_of(row)
    answer = HttpResponse(pdf_of(row, language), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="report-{row.slug}-{language}.pdf"'
    answer["Cache-Control"] = _for_how_long(row)
    return answer


@in_language
def as_slide(request: Any, slug: str, number: int) -> HttpResponse:
    """One picture of the report for a presentation. Raises ReleaseNotFound where there is no such picture."""
    row = _standing(slug)
    doc = document(row, language_of(row), reads.signatures(row))
    try:
        text = slide(doc, number, row.hash[:16])
    except IndexError:
        raise ReleaseNotFound() from None
    answer = HttpResponse(text, content_type="image/svg+xml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="report-{slug}-{doc["language"]}-{number}.svg"'
    answer["Cache-Control"] = SOON
    return answer


def pdf_of(row: Any, language: str) -> bytes:
    """The file of a published report in one language: frozen, but for one with stories. Raises NoPdf."""
    folder = Path(settings.HOME) / "published" / row.slug
    doc = _document(row, language)
    return _kept_a_while(doc) if row.stories else made(folder, f"{row.hash[:16]}-{language}", doc)


def _document(row: Any, language: str) -> dict[str, Any]:
    return document(row, language, reads.signatures(row), stories_of(row))


def _for_how_long(row: Any) -> str:
    """A story that was taken back must not stand in anyone's store of pages for ten minutes more."""
    return "no-store" if row.stories else SOON


@lru_cache(maxsize=8)
def _passing(said: str) -> bytes:
    return passing(json.loads(said))


def _kept_a_while(doc: dict[str, Any]) -> bytes:
    """A file with a story in it is never on the disk; the newest few stay in this process, each under all it says."""
    return _passing(json.dumps(doc, ensure_ascii=False, sort_keys=True))


def as_csv(request: Any, slug: str) -> HttpResponse:
    """The shown numbers."""
    return _csv(csv_text(_standing(slug, tables=True)), f"report-{slug}.csv")


def columns(request: Any, slug: str) -> HttpResponse:
    """What the columns of the numbers mean."""
    return _csv(columns_text(_standing(slug, tables=True)), f"report-{slug}-columns.csv")


def _csv(text: str, name: str) -> HttpResponse:
    # The mark at the start tells spreadsheets that names may be in any script.
    answer = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = SOON
    return answer


def old_address(request: Any) -> HttpResponse:
    """`/reports/` is what people type."""
    return HttpResponseRedirect(reverse("reports"))
