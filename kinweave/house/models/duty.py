"""Two downhill tables that keep rooms apart: who must do what by when, and one line per event."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Due(models.Model):
    """Someone must do something by a time. `kind` names the sentence; it holds no clinical word.

    `who` is an account, or empty when everyone with `role` in the person's scope is asked.
    Priority: 0 danger now, 1 today, 2 this week, 3 when there is time.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=60)
    who = models.UUIDField(null=True)
    role = models.CharField(max_length=40, default="")
    person_id = models.UUIDField(null=True)
    ref_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    priority = models.SmallIntegerField(default=2)
    state = models.CharField(max_length=12, default="open")  # open, done, dropped
    done_at = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["who", "state", "priority", "at"], name="due_who"),
            models.Index(fields=["person_id", "state"], name="due_person"),
            models.Index(fields=["state", "kind", "at"], name="due_kind"),
            models.Index(fields=["ref_id"], name="due_ref"),
            models.Index(fields=["role", "state", "priority", "at"], name="due_role"),
        ]

    class Privacy:
        keep: ClassVar = {
            "id", "kind", "who", "role", "person_id", "ref_id", "at", "priority", "state", "done_at",
        }  # fmt: skip
        erase: ClassVar = {"facts"}
        person: ClassVar = "person_id"


class Happened(models.Model):
    """One line of a timeline. `kind` names the sentence, `facts` its codes and counts."""

    id = models.UUIDField(primary_key=True)
    person_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    precision = models.CharField(max_length=8, default="second")
    kind = models.CharField(max_length=60)
    actor_id = models.UUIDField(null=True)
    ref_id = models.UUIDField(null=True)
    guarded = models.CharField(max_length=20, default="")  # "risk", "safeguarding": own permission to read
    facts = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person_id", "-at"], name="happened_person")]

    class Privacy:
        keep: ClassVar = {"id", "person_id", "at", "precision", "kind", "actor_id", "ref_id", "guarded"}
        erase: ClassVar = {"facts"}
        person: ClassVar = "person_id"


class Held(models.Model):
    """A fact in quarantine: kept whole under its own key until a person decides."""

    id = models.UUIDField(primary_key=True)
    action = models.CharField(max_length=80)
    code = models.CharField(max_length=60)
    key_id = models.UUIDField()
    person_id = models.UUIDField(null=True)
    sent_by = models.UUIDField(null=True)
    at = models.DateTimeField()
    state = models.CharField(max_length=12, default="waiting")  # waiting, released, set_aside
    asked = models.BinaryField(null=True)  # sealed JSON of what was sent
    reason = models.BinaryField(null=True)  # sealed: why a person set it aside

    class Privacy:
        keep: ClassVar = {"id", "action", "code", "key_id", "person_id", "sent_by", "at", "state"}
        erase: ClassVar = {"asked", "reason"}
        person: ClassVar = "person_id"
