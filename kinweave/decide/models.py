"""Promises: what a body said it would do for people here. About bodies and places, never about a person."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from kinweave.house.models import Organisation, Place


class Promise(models.Model):
    """One thing that `owner`, a body, said it would do. How it stands is not here: core.promises computes it.

    `organisation` keeps the register. `what` and `reply` are {language: text}, and go into public reports.
    """

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    sector = models.CharField(max_length=40)  # whose matter it is
    owner = models.CharField(max_length=120)
    what = models.JSONField()
    said_on = models.DateField()
    due_on = models.DateField()
    kept_on = models.DateField(null=True)
    shown_by = models.CharField(max_length=300, default="")  # what shows that it was kept
    dropped_on = models.DateField(null=True)
    dropped_why = models.CharField(max_length=20, default="")
    asked_on = models.DateField(null=True)  # from this day the owner has time to answer
    reply = models.JSONField(default=dict)
    replied_on = models.DateField(null=True)
    written_at = models.DateTimeField()
    written_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation", "due_on"], name="promise_due")]

    class Privacy:
        keep: ClassVar = {
            "id", "organisation", "place", "sector", "owner", "what", "said_on", "due_on", "kept_on", "shown_by",
            "dropped_on", "dropped_why", "asked_on", "reply", "replied_on", "written_at", "written_by",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()
