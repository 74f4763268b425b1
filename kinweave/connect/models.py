"""Referrals: what a partner is asked for, with whose consent, and where that stands."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Referral(models.Model):
    """Handing over to a partner. Now `draft` or `dropped`; the states to come fit in: sent, accepted, arrived,
    started, told, rejected, revoked.

    `to` is sealed: that someone was to go to a certain place is itself a secret.
    """

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    worker_id = models.UUIDField(null=True)
    state = models.CharField(max_length=20, default="draft")
    urgency = models.CharField(max_length=12, default="normal")
    made_at = models.DateTimeField()
    consent = models.ForeignKey("people.Consent", null=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True)
    need = models.CharField(max_length=40, default="")
    items = models.JSONField(default=list)  # exactly what the partner would be told
    to = models.BinaryField(null=True)
    note = models.BinaryField(null=True)
    override = models.BinaryField(null=True)  # why there was no asking for consent

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "state", "-made_at"], name="referral_person")]

    class Privacy:
        keep: ClassVar = {"id", "person", "worker_id", "state", "urgency", "made_at", "consent", "ended_at"}
        erase: ClassVar = {"need", "items", "to", "note", "override"}
        person: ClassVar = "person_id"
