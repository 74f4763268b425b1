"""Hours that workers give, paid and unpaid. Each sees their own; nobody ranks them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from kinweave.house.models import Organisation


class Hours(models.Model):
    """Time that a worker gave on one day to one kind of work. A note is sealed under the worker's own key."""

    id = models.UUIDField(primary_key=True)
    account_id = models.UUIDField()
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    minutes = models.SmallIntegerField()
    kind = models.CharField(max_length=40)
    paid = models.BooleanField()
    note = models.BinaryField(null=True)
    written_at = models.DateTimeField()
    sheet = models.CharField(max_length=40, default="")
    superseded_by = models.UUIDField(null=True)  # its correction, or itself where it was taken back

    class Meta:
        verbose_name_plural = "hours"
        indexes: ClassVar = [models.Index(fields=["account_id", "-on"], name="hours_account")]

    class Privacy:
        keep: ClassVar = {
            "id", "account_id", "organisation", "on", "minutes", "kind", "paid", "note", "written_at", "sheet",
            "superseded_by",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()
