"""How someone has been, as lines over time without a clinical word: for the desk and for their own page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kinweave.care.reads import Way
from kinweave.connect.actions import PURPOSE as REFERRAL
from kinweave.core.instrument_types import Scale
from kinweave.core.instruments import wording
from kinweave.core.problems import Problem
from kinweave.front import sentences
from kinweave.listen.actions_stories import PURPOSE as STORY
from kinweave.listen.reads import Point, scores_over_time
from kinweave.listen.shelf import instruments

SEALED = frozenset({REFERRAL, STORY})
WORDS_WITHIN = 30  # days before a score within which what was said of the goal stands under its dot


def lines(persons: Sequence[UUID], way: Way) -> list[dict[str, Any]]:
    """One chart for each measure that has a value, the most often asked first (for parts `line_chart`)."""
    moods = [(s.at.date(), s.mood) for s in way.sessions if s.held and s.mood]
    found = []
    for (slug, scale), points in scores_over_time(persons).items():
        measured = [p for p in points if p.value is not None]
        if measured and slug in instruments():
            found.append((len(measured), chart(slug, scale, points, moods)))
    return [one for _count, one in sorted(found, key=lambda pair: -pair[0])]


def title_of(slug: str) -> str:
    """What a questionnaire is called on a page: its plain title, never its clinical name."""
    one = instruments().get(slug)
    if one is None:
        return str(_("Questions"))
    try:
        return wording(one, get_language() or "en").shown_as
    except Problem:
        return str(_("Questions"))


def chart(slug: str, scale: str, points: Sequence[Point], moods: Sequence[tuple[date, str]]) -> dict[str, Any]:
    instrument = instruments()[slug]
    kind = next((s for s in instrument.scales if s.code == scale), None)
    unit = 10**kind.digits if kind else 1
    tells = any(c.scale == scale and c.kind == "reliable" for c in instrument.changes)
    title = title_of(slug)
    # Short labels: the days of one year, else the months of several.
    form = "j M" if len({p.taken_on.year for p in points}) == 1 else "M Y"
    return {
        "title": title,
        "sentence": sentence(title, points),
        "series": [{"name": "", "points": [_dot(p, moods, form) for p in points]}],
        "y_min": kind.lowest / unit if kind else 0,
        "y_max": kind.highest / unit if kind else None,
        "better": _better(kind) if tells else "",
        "first_column": _("When"),
    }


def _better(scale: Scale | None) -> str:
    return _("Higher is better.") if scale is not None and scale.higher_is == "better" else _("Lower is better.")


def sentence(title: str, points: Sequence[Point]) -> str:
    """What the line says, in words that anyone may overhear."""
    asked = ngettext("%(title)s: answered %(n)d time.", "%(title)s: answered %(n)d times.", len(points))
    return asked % {"title": title, "n": len(points)}


def _dot(point: Point, moods: Sequence[tuple[date, str]], form: str) -> dict[str, Any]:
    said = [(day, mood) for day, mood in moods if 0 <= (point.taken_on - day).days <= WORDS_WITHIN]
    words = str(sentences.MOODS.get(max(said)[1], "")) if said else ""
    return {
        "x": point.taken_on.toordinal(),
        "label": date_format(point.taken_on, form),
        "value": point.value,
        "words": words,
    }


def last_said(way: Way) -> str:
    """How the goal went when it was last spoken of, in words."""
    for session in way.sessions:
        if session.held and session.mood:
            return str(sentences.MOODS.get(session.mood, ""))
    return ""


def consent_line(given: Sequence[Any]) -> str:
    """ "Care, counting until March": what was agreed and still holds."""
    names: Mapping[str, Any] = {
        "care": _("care"), "statistics": _("counting"), "research": _("research"), REFERRAL: _("a referral"),
        STORY: _("a story in a report"),
    }  # fmt: skip
    said = [
        # Where a referral goes and what a story says stand sealed elsewhere; the recipient here is only a number.
        f"{names.get(c.purpose, c.purpose)}{': ' + c.recipient if c.recipient and c.purpose not in SEALED else ''}"
        + (f" {_('until')} {date_format(c.until, 'F Y')}" if c.until else "")
        for c in given
        if c.state == "given"
    ]
    return _(", ").join(dict.fromkeys(said)) if said else str(_("nothing agreed yet"))
