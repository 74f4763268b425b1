"""Episodes of care and every step in them, sessions, goals, risks."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Episode(models.Model):
    """One time with the programme, from consent to closing; a re-entry opens the next."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    number = models.SmallIntegerField(default=1)
    entry = models.CharField(max_length=20, default="")  # score, own_words, circle, informant
    state = models.CharField(max_length=20)
    step = models.SmallIntegerField(null=True)
    opened_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=30, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "-opened_at"], name="episode_person")]

    class Privacy:
        keep: ClassVar = {
            "id", "person", "number", "entry", "state", "step", "opened_at", "started_at", "closed_at", "reason",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()


class Turn(models.Model):
    """One move from a state to a state."""

    id = models.UUIDField(primary_key=True)
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    move = models.CharField(max_length=20)
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    step = models.SmallIntegerField(null=True)
    reason = models.CharField(max_length=30, default="")
    actor_id = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "at"], name="turn_person")]

    class Privacy:
        keep: ClassVar = {
            "id", "episode", "person", "at", "move", "from_state", "to_state", "step", "reason", "actor_id",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()


class Session(models.Model):
    """A meeting held, or missed with its reason: session, visit, call or group."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    episode = models.ForeignKey(Episode, null=True, on_delete=models.SET_NULL, related_name="+")
    worker_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=12)
    planned = models.BooleanField(default=True)
    held = models.BooleanField()
    at = models.DateTimeField()
    precision = models.CharField(max_length=8, default="minute")
    where = models.CharField(max_length=20, default="")
    missed_reason = models.CharField(max_length=20, default="")
    step = models.SmallIntegerField(null=True)
    homework = models.CharField(max_length=12, default="")  # done, partly, not, none
    mood = models.CharField(max_length=12, default="")  # how the goal goes: easier, same, harder, reached
    next_at = models.DateTimeField(null=True)
    worry = models.BooleanField(default=False)
    note = models.BinaryField(null=True)
    sheet = models.CharField(max_length=40, default="")  # the paper's number and its line
    superseded_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "-at"], name="session_person"),
            models.Index(fields=["sheet"], name="session_sheet", condition=~models.Q(sheet="")),
        ]

    class Privacy:
        keep: ClassVar = {
            "id", "person", "episode", "worker_id", "kind", "planned", "held", "at", "precision", "where",
            "missed_reason", "step", "homework", "mood", "next_at", "sheet", "superseded_by",
        }  # fmt: skip
        erase: ClassVar = {"note", "worry"}
        person: ClassVar = "person_id"


class Goal(models.Model):
    """What the person wants to change, in their own words (the stub of the plan)."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    text = models.BinaryField(null=True)
    state = models.CharField(max_length=12, default="open")  # open, reached, let_go, changed
    followed_by = models.UUIDField(null=True)  # the goal that took its place

    class Privacy:
        keep: ClassVar = {"id", "person", "at", "state", "followed_by"}
        erase: ClassVar = {"text"}
        person: ClassVar = "person_id"


class Risk(models.Model):
    """Something a human must answer, from a safety answer or a worker's worry, until a supervisor closes it.

    `person` is empty when it is not known whose answer it was; `key_id` seals the kinds and the plan.
    """

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey("people.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    key_id = models.UUIDField()
    team_id = models.UUIDField(null=True)
    organisation_id = models.UUIDField(null=True)
    place_id = models.UUIDField(null=True)
    source = models.CharField(max_length=12)  # answer, worry
    ref_id = models.UUIDField(null=True)
    urgency = models.CharField(max_length=8)
    kinds = models.BinaryField(null=True)
    note = models.BinaryField(null=True)
    state = models.CharField(max_length=12, default="open")
    level = models.SmallIntegerField(default=0)
    opened_at = models.DateTimeField()
    told_at = models.DateTimeField()  # when this site heard of it
    opened_by = models.UUIDField(null=True)
    answer_by = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.UUIDField(null=True)
    contacted_at = models.DateTimeField(null=True)
    planned_at = models.DateTimeField(null=True)
    plan = models.BinaryField(null=True)
    debriefed = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "answer_by"], name="risk_state"),
            models.Index(fields=["person", "-opened_at"], name="risk_person"),
        ]

    class Privacy:
        keep: ClassVar = {
            "id", "person", "key_id", "team_id", "organisation_id", "place_id", "source", "ref_id", "urgency",
            "state", "level", "opened_at", "told_at", "opened_by", "answer_by", "acknowledged_at",
            "acknowledged_by", "contacted_at", "planned_at", "debriefed", "closed_at", "closed_by",
        }  # fmt: skip
        erase: ClassVar = {"kinds", "note", "plan"}
        person: ClassVar = "person_id"
