"""Releases and their signatures. Nothing here is about one person, but for the stories that people let stand here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from kinweave.house.models import Organisation, Place
from kinweave.published.states import DRAFT


class Release(models.Model):
    """One report: its numbers and texts as they were made, the meeting's reading, and how far it has come.

    `head`, `texts` and `tables` never change. `content_hash` covers them; `hash` covers the reading as well and is
    what people sign. `texts` holds the report ready to be shown, by language.
    """

    id = models.UUIDField(primary_key=True)
    slug = models.SlugField(max_length=80, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    period = models.IntegerField()  # year * 10 + quarter, year * 10 for the whole year
    state = models.CharField(max_length=12, default=DRAFT)
    head = models.JSONField()  # format, template, languages, invented, chain, after
    texts = models.JSONField()
    tables = models.JSONField()
    notes = models.JSONField(default=list)  # what was hidden and why, for those who sign
    tables_hash = models.CharField(max_length=64)
    content_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    reading = models.JSONField(default=dict)  # language: what the meeting read in the numbers
    wrong = models.JSONField(default=dict)  # language: what may be wrong
    stories = models.JSONField(default=list)  # the marks of the stories that stand with it, in their order
    made_at = models.DateTimeField()
    made_by = models.UUIDField(null=True)
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_note = models.TextField(default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "-published_at"], name="release_state")]

    class Privacy:
        keep: ClassVar = {
            "id", "slug", "organisation", "place", "period", "state", "head", "texts", "tables", "notes",
            "tables_hash", "content_hash", "hash", "reading", "wrong", "stories", "made_at", "made_by",
            "published_at", "withdrawn_at", "withdrawn_note",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()


class ShownStory(models.Model):
    """One person's story beside the numbers of a release, in the words they agreed to (core.stories), sealed under
    their key. `state`: standing; back, once they took it back from a report that was out; out, where it was taken
    from a draft. `person_id` is there for erasing alone: nothing on the shelf can reach the person by it.
    """

    id = models.UUIDField(primary_key=True)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+")
    person_id = models.UUIDField(db_index=True)
    story_id = models.UUIDField(db_index=True)
    mark = models.CharField(max_length=64)
    text = models.BinaryField(null=True)
    state = models.CharField(max_length=12, default="standing")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Privacy:
        keep: ClassVar = {"id", "release", "person_id", "story_id", "mark", "state", "at", "ended_at"}
        erase: ClassVar = {"text"}
        person: ClassVar = "person_id"


class Signature(models.Model):
    """An account's word that exactly this release may go out. Void once anything was changed after it."""

    id = models.UUIDField(primary_key=True)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="+")
    account_id = models.UUIDField()
    role = models.CharField(max_length=40)
    hash = models.CharField(max_length=64)
    at = models.DateTimeField()
    void = models.BooleanField(default=False)

    class Privacy:
        keep: ClassVar = {"id", "release", "account_id", "role", "hash", "at", "void"}
        erase: ClassVar[set[str]] = set()


class SumsGiven(models.Model):
    """One file of sums that left the site: of people who started in the months from `since` until before `until`.

    The times of one questionnaire's files never overlap, so that nobody is counted in two of them. Months are
    `year * 12 + month - 1`; `since` 0 is the beginning. `question`: scale, purpose, windows, groups. `text`: the file,
    byte for byte.
    """

    id = models.UUIDField(primary_key=True)
    instrument = models.CharField(max_length=80)
    since = models.IntegerField()
    until = models.IntegerField()
    question = models.JSONField()
    text = models.TextField()
    given_at = models.DateTimeField()
    given_by = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["instrument", "since"], name="sums_once_since"),
            models.CheckConstraint(condition=models.Q(until__gt=models.F("since")), name="sums_until_after_since"),
        ]

    class Privacy:
        keep: ClassVar = {"id", "instrument", "since", "until", "question", "text", "given_at", "given_by"}
        erase: ClassVar[set[str]] = set()  # sums of many; whoever is in them left the site with the file
