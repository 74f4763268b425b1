"""Who can be reached when, and whether they answered when we tried. Rows are never changed, only followed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Rota(models.Model):
    """One version of a programme's rota.

    `turns`: [{"account": id, "order": 1, "days": [0..6, Monday first], "start": "08:00", "end": "18:00"}],
    in programme time; an end at or before the start is on the next day. `contact` and `number` name the local
    emergency service that is called beside the rota.
    """

    id = models.UUIDField(primary_key=True)
    programme = models.ForeignKey("house.Programme", on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField()
    since = models.DateTimeField()
    turns = models.JSONField(default=list)
    contact = models.CharField(max_length=120, default="")
    number = models.CharField(max_length=60, default="")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["programme", "version"], name="rota_versions")]

    class Privacy:
        keep: ClassVar = {"id", "programme", "version", "since", "turns", "contact", "number"}
        erase: ClassVar[set[str]] = set()


class AlertTest(models.Model):
    """A test alert to one account of the rota, or (`account_id` empty) a test call to the emergency contact."""

    id = models.UUIDField(primary_key=True)
    programme = models.ForeignKey("house.Programme", on_delete=models.PROTECT, related_name="+")
    account_id = models.UUIDField(null=True)
    number = models.CharField(max_length=60, default="")
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["programme", "-sent_at"], name="alert_test_when")]

    class Privacy:
        keep: ClassVar = {
            "id", "programme", "account_id", "number", "sent_at", "answered_at", "answered_by",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()
