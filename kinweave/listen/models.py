"""Responses and their scores. Answers are sealed whole; scores are what care and learning need of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ScoringTable(models.Model):
    """A compiled scoring table, by its hash: every response can be scored again as it was."""

    id = models.UUIDField(primary_key=True)
    hash = models.CharField(max_length=64, unique=True)
    slug = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    table = models.JSONField()

    class Privacy:
        keep: ClassVar = {"id", "hash", "slug", "version", "table"}
        erase: ClassVar[set[str]] = set()


class Switch(models.Model):
    """Whether an instrument is asked here; the latest row counts."""

    id = models.UUIDField(primary_key=True)
    slug = models.CharField(max_length=40, db_index=True)
    scope = models.CharField(max_length=36, default="")
    on = models.BooleanField()
    licence_statement = models.TextField(default="")  # what the deployer attests for texts of their own
    at = models.DateTimeField()

    class Privacy:
        keep: ClassVar = {"id", "slug", "scope", "on", "licence_statement", "at"}
        erase: ClassVar[set[str]] = set()


class Response(models.Model):
    """One questionnaire answered by a person, or about them, on a day."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    instrument = models.CharField(max_length=40)
    table_hash = models.CharField(max_length=64)
    language = models.CharField(max_length=12, default="")
    mode = models.CharField(max_length=12)  # screen, paper, phone, import
    taken_on = models.DateField()
    precision = models.CharField(max_length=8, default="day")
    by_id = models.UUIDField(null=True)
    received_at = models.DateTimeField()
    complete = models.BooleanField()
    answers = models.BinaryField(null=True)
    sheet = models.CharField(max_length=40, default="")  # the paper's number
    superseded_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "instrument", "-taken_on"], name="response_person"),
            models.Index(fields=["sheet"], name="response_sheet", condition=~models.Q(sheet="")),
        ]

    class Privacy:
        keep: ClassVar = {
            "id", "person", "instrument", "table_hash", "language", "mode", "taken_on", "precision", "by_id",
            "received_at", "complete", "sheet", "superseded_by",
        }  # fmt: skip
        erase: ClassVar = {"answers"}
        person: ClassVar = "person_id"


class Score(models.Model):
    """One scale of one response: the value in the table's scaled whole numbers, or why there is none."""

    id = models.UUIDField(primary_key=True)
    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    instrument = models.CharField(max_length=40)
    scale = models.CharField(max_length=40)
    taken_on = models.DateField()
    scaled = models.IntegerField(null=True)
    digits = models.SmallIntegerField(default=0)
    band = models.CharField(max_length=40, null=True)  # noqa: DJ001  no band is not an empty band
    missing = models.SmallIntegerField(default=0)
    declined = models.SmallIntegerField(default=0)
    prorated = models.BooleanField(default=False)
    reason = models.CharField(max_length=40, default="")
    current = models.BooleanField(default=True)  # False once superseded

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "instrument", "scale", "taken_on"], name="score_person")]

    class Privacy:
        keep: ClassVar = {
            "id", "response", "person", "instrument", "scale", "taken_on", "digits", "missing", "declined",
            "prorated", "reason", "current",
        }  # fmt: skip
        erase: ClassVar = {"scaled", "band"}
        person: ClassVar = "person_id"

    @property
    def value(self) -> float | None:
        """In points."""
        return None if self.scaled is None else self.scaled / 10**self.digits


class Draft(models.Model):
    """A questionnaire that is being answered now, page by page. Operational: nothing of it is in the journal.

    Its id becomes the id of the finished form's entry, so that two sends of one form write once. `fired` holds
    the codes of the safety answers that have already reached someone; `unfinished` what was written of them.
    """

    id = models.UUIDField(primary_key=True)
    person_id = models.UUIDField()
    account_id = models.UUIDField()
    instrument = models.CharField(max_length=40)
    language = models.CharField(max_length=12, default="")
    mode = models.CharField(max_length=12, default="screen")
    one_page = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    answers = models.BinaryField(null=True)
    fired = models.JSONField(default=list)
    unfinished = models.UUIDField(null=True)
    risk_id = models.UUIDField(null=True)
    finished = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person_id", "account_id"], name="draft_person"),
            models.Index(fields=["touched_at"], name="draft_touched"),
        ]

    class Privacy:
        keep: ClassVar = {
            "id", "person_id", "account_id", "instrument", "language", "mode", "one_page", "made_at", "touched_at",
            "unfinished", "risk_id", "finished",
        }  # fmt: skip
        erase: ClassVar = {"answers", "fired"}
        person: ClassVar = "person_id"


from kinweave.listen.models_forms import Form, FormAnswer, FormFile, FormMedia  # noqa: E402,F401  of this app too
from kinweave.listen.models_stories import Story  # noqa: E402,F401
