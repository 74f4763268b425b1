"""What may be seen of the shelf: by anyone, by those who sign, and by learn (what earlier releases fixed)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from kinweave.house.access import Actor
from kinweave.published.actions.common import Missing, missing, reached, release_for, standing
from kinweave.published.frozen import content_hash, signed_hash
from kinweave.published.models import Release, Signature, SumsGiven
from kinweave.published.problems import ReleaseNotFound
from kinweave.published.states import DROPPED, PUBLISHED, WITHDRAWN

OUT = (PUBLISHED, WITHDRAWN)


def on_the_shelf(limit: int = 200) -> list[Release]:
    """What anyone may see, newest first; withdrawn ones stand among them."""
    rows = Release.objects.filter(state__in=OUT).defer("tables", "notes").select_related("place")
    return list(rows.order_by("-published_at", "-id")[:limit])


def newest() -> Release | None:
    """The newest report for everyone that still stands."""
    rows = (
        Release.objects.filter(state=PUBLISHED, head__template="community")
        .defer("tables", "notes")
        .select_related("place")
    )
    return rows.order_by("-published_at", "-id").first()


def public(slug: str, tables: bool = False) -> Release:
    """A report that went out, withdrawn or not. Raises ReleaseNotFound for drafts, too."""
    rows: QuerySet[Release] = Release.objects.filter(slug=slug, state__in=OUT).select_related("place")
    row = (rows if tables else rows.defer("tables", "notes")).first()
    if row is None:
        raise ReleaseNotFound()
    return row


def is_intact(row: Release) -> bool:
    """Do the texts, the reading and the hashes still fit each other?"""
    content = content_hash(row.head, row.texts, row.tables_hash)
    return content == row.content_hash and signed_hash(content, row.reading, row.wrong, row.stories) == row.hash


def signatures(row: Release) -> list[Signature]:
    """The signatures that hold, first to last."""
    return [one for one in standing(row.id) if one.hash == row.hash]


def waits_for(row: Release) -> Missing:
    """Which signatures a report still waits for."""
    return missing([one.role for one in signatures(row)])


def for_desk(by: Actor) -> list[Release]:
    """All releases within reach of someone who reads drafts, newest first."""
    rows = Release.objects.exclude(state=DROPPED).defer("tables", "texts", "notes").select_related("place")
    return [r for r in rows.order_by("-made_at", "-id") if reached(by, "published.read", r.organisation_id)]


def one_for_desk(by: Actor, release_id: UUID) -> Release:
    """One release with its texts and notes. Raises ReleaseNotFound."""
    release_for(by, "published.read", release_id)
    return Release.objects.select_related("place").defer("tables").get(id=release_id)


def fixed() -> tuple[list[str], list[Mapping[str, Any]]]:
    """What every later release has to fit: the content hashes and all tables of what went out, oldest first."""
    rows = Release.objects.filter(state__in=OUT).order_by("published_at", "id")
    found = list(rows.values_list("content_hash", "tables"))
    return [one for one, _ in found], [table for _, tables in found for table in tables]


def sums_given(instrument: str) -> list[SumsGiven]:
    """The files of one questionnaire's sums that left the site, first to last: each begins where the last ended."""
    return list(SumsGiven.objects.filter(instrument=instrument).order_by("until"))
