"""The journal: what was decided, once and for ever, and the place of each entry in the one order."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Entry(models.Model):
    """One committed decision. Inserted, never updated, never deleted.

    `parts` is canonical JSON: for each part its action, version, key, open values, sealed fields and the
    closed values (sealed as one under the part's key: what an erasure must take away).
    `asked` tells a repeated send from another thing sent under the same id (keyed digest).
    """

    serial = models.BigAutoField(primary_key=True)
    id = models.UUIDField(unique=True)
    action = models.CharField(max_length=80)
    actor_id = models.UUIDField(null=True)
    device = models.CharField(max_length=64, default="")
    happened_at = models.DateTimeField()
    happened_offset = models.SmallIntegerField(default=0)  # minutes east of UTC
    precision = models.CharField(max_length=8, default="second")
    received_at = models.DateTimeField()
    subject_id = models.UUIDField(null=True)
    asked = models.CharField(max_length=32, default="")
    parts = models.TextField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject_id", "serial"], name="entry_subject")]

    class Privacy:
        keep: ClassVar = {
            "serial", "id", "action", "actor_id", "device", "happened_at", "happened_offset", "precision",
            "received_at", "subject_id", "asked", "parts",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()  # closed and sealed parts die with their key


class Arrival(models.Model):
    """An entry that has committed and waits for its position."""

    serial = models.BigIntegerField(primary_key=True)

    class Privacy:
        keep: ClassVar = {"serial"}
        erase: ClassVar[set[str]] = set()


class Position(models.Model):
    """The gapless place of a committed entry and the chain of digests up to it."""

    position = models.BigIntegerField(primary_key=True)
    serial = models.BigIntegerField(unique=True)
    digest = models.BinaryField()

    class Privacy:
        keep: ClassVar = {"position", "serial", "digest"}
        erase: ClassVar[set[str]] = set()


class Site(models.Model):
    """This installation. `epoch` changes with every restore or move, so that cursors are not reused."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    epoch = models.UUIDField()
    invented = models.BooleanField(default=False)
    ready = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Privacy:
        keep: ClassVar = {"id", "epoch", "invented", "ready", "made_at"}
        erase: ClassVar[set[str]] = set()
