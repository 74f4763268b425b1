"""Phones: which device is whose, and at which position each subject of the journal changed last. Operational."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from kinweave.core.ids import uuid7


class Device(models.Model):
    """One worker's store on one phone. Its tokens are kept as digests, its secret sealed under the house key.

    `seen_to`: the highest seq up to which every entry of it has arrived; `beyond`: later ones that have, by seq.
    `last_at`: when the entry `seen_to` happened, the clock put right. `clocks`: what the difference between the
    site's clock and the phone's was in each stretch of the phone's clock (milliseconds), the newest last.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    account = models.ForeignKey("house.Account", on_delete=models.CASCADE, related_name="+")
    label = models.CharField(max_length=40)
    secret = models.CharField(max_length=120)
    drop_digest = models.CharField(max_length=64, unique=True)
    read_digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    contact_at = models.DateTimeField(null=True)
    app = models.CharField(max_length=20, default="")
    waiting = models.IntegerField(default=0)  # entries still on the phone, as it last told
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.UUIDField(null=True)
    code_digest = models.CharField(max_length=64, default="")  # of a one-time code that binds its successor
    code_until = models.DateTimeField(null=True)
    code_tries = models.SmallIntegerField(default=0)
    seen_to = models.IntegerField(default=0)
    last_at = models.DateTimeField(null=True)
    beyond = models.JSONField(default=list)
    clocks = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["account", "revoked_at"], name="device_account")]

    class Privacy:
        keep: ClassVar = {
            "id", "account", "secret", "drop_digest", "read_digest", "made_at", "contact_at", "app", "waiting",
            "revoked_at", "revoked_by", "code_digest", "code_until", "code_tries", "seen_to", "last_at", "beyond",
            "clocks",
        }  # fmt: skip
        erase: ClassVar = {"label"}


class InLine(models.Model):
    """An entry of a phone that came before an earlier one of the same phone: it waits in quarantine (`held_id`)
    until that one is there, and is then written down as if it had come in its turn."""

    id = models.UUIDField(primary_key=True)  # the entry's own id
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+")
    seq = models.IntegerField()
    held_id = models.UUIDField()
    happened_at = models.DateTimeField()
    happened_offset = models.SmallIntegerField(default=0)
    precision = models.CharField(max_length=8)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=12, default="waiting")  # waiting, placed

    class Meta:
        indexes: ClassVar = [models.Index(fields=["device", "state", "seq"], name="inline_device")]

    class Privacy:
        keep: ClassVar = {
            "id", "device", "seq", "held_id", "happened_at", "happened_offset", "precision", "received_at", "state",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()


class Touched(models.Model):
    """The last position at which a subject (a person, mostly) changed: what makes a sync cost what changed."""

    subject_id = models.UUIDField(primary_key=True)
    position = models.BigIntegerField()

    class Privacy:
        keep: ClassVar = {"subject_id", "position"}
        erase: ClassVar[set[str]] = set()
