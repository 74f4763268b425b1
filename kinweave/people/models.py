"""Persons, contacts, ties, consents, residence. Field ids of sealed values stand in `people.fields`."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from kinweave.house.models import Organisation, Place, Programme, Team


class Person(models.Model):
    """Someone the programme meets: under an alias, a name, or both.

    A person merged into another keeps its rows and its key; `merged_into` says whose they now are.
    """

    id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=12, db_index=True)  # short, spoken, says nothing: K4-7FD2
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, null=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    worker_id = models.UUIDField(null=True)
    state = models.CharField(max_length=20, default="identified")  # the pathway's, kept here for lists
    since = models.DateTimeField()
    met_on = models.DateField()
    met_precision = models.CharField(max_length=8, default="day")
    name = models.BinaryField(null=True)
    alias = models.BinaryField(null=True)
    birth_year = models.SmallIntegerField(null=True)
    gender = models.CharField(max_length=20, default="")
    language = models.CharField(max_length=12, default="")
    facts = models.JSONField(default=dict)  # Washington Group answers, programme-defined groups
    external_id = models.BinaryField(null=True)
    guardian_danger = models.BooleanField(default=False)
    colleague_account = models.UUIDField(null=True)  # a worker's own care record: colleagues never open it
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["worker_id", "state", "-since"], name="person_worker"),
            models.Index(fields=["team", "state", "-since"], name="person_team"),
            models.Index(fields=["organisation", "state", "-since"], name="person_organisation"),
            models.Index(fields=["place", "state", "-since"], name="person_place"),
            models.Index(fields=["merged_into"], name="person_merged"),
        ]

    class Privacy:
        keep: ClassVar = {
            "id", "code", "organisation", "programme", "team", "place", "worker_id", "state", "since", "met_on",
            "met_precision", "merged_into", "erased_at",
        }  # fmt: skip
        erase: ClassVar = {
            "name", "alias", "birth_year", "gender", "language", "facts", "external_id", "guardian_danger",
            "colleague_account",
        }  # fmt: skip
        person: ClassVar = "id"


class Contact(models.Model):
    """A way to reach a person, and whether it is safe: who may answer, what to say to them."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)  # phone, visit, through
    value = models.BinaryField(null=True)
    who_answers = models.BinaryField(null=True)
    cover = models.BinaryField(null=True)
    allowed = models.CharField(max_length=20, default="any")  # any, call, message, visit, none
    ended_at = models.DateTimeField(null=True)
    followed_by = models.UUIDField(null=True)  # the contact that took its place

    class Privacy:
        keep: ClassVar = {"id", "person", "kind", "allowed", "ended_at", "followed_by"}
        erase: ClassVar = {"value", "who_answers", "cover"}
        person: ClassVar = "person_id"


class Tie(models.Model):
    """Someone close to a person: known here too, or only by a sealed name."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=20)
    name = models.BinaryField(null=True)
    guardian = models.BooleanField(default=False)
    danger = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)

    class Privacy:
        keep: ClassVar = {"id", "person", "other", "kind", "guardian", "ended_at"}
        erase: ClassVar = {"name", "danger"}
        person: ClassVar = "person_id"


class Consent(models.Model):
    """What a person agreed to: one purpose, one recipient, exact items, until when, how it was given."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=20)  # care, statistics, research, referral, story
    recipient = models.CharField(max_length=120, default="")
    items = models.JSONField(default=list)
    given = models.BooleanField()  # False: asked and declined
    how = models.CharField(max_length=20)  # spoken, witnessed, signed, thumb, before, own
    language = models.CharField(max_length=12, default="")
    assent = models.BooleanField(null=True)  # the minor's own word
    guardian_tie = models.ForeignKey(Tie, null=True, on_delete=models.SET_NULL, related_name="+")
    from_at = models.DateTimeField()
    until = models.DateField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "purpose", "-from_at"], name="consent_person"),
            models.Index(fields=["recipient"], name="consent_recipient", condition=~models.Q(recipient="")),
        ]

    class Privacy:
        keep: ClassVar = {
            "id", "person", "purpose", "recipient", "items", "given", "how", "language", "assent",
            "guardian_tie", "from_at", "until", "withdrawn_at",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()


class Residence(models.Model):
    """Where a person lived, from when until when (places only)."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    until_on = models.DateField(null=True)

    class Privacy:
        keep: ClassVar = {"id", "person", "place", "from_on", "until_on"}
        erase: ClassVar[set[str]] = set()


class NameKey(models.Model):
    """A keyed digest of how a name sounds, to answer "possibly the same person" and nothing else."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=32, null=True, db_index=True)  # noqa: DJ001  empty once erased

    class Privacy:
        keep: ClassVar = {"id", "person"}
        erase: ClassVar = {"digest"}
        person: ClassVar = "person_id"


class Glass(models.Model):
    """A break-glass opening: who, whose record, why (sealed), until when."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    account_id = models.UUIDField(db_index=True)
    at = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.BinaryField(null=True)

    class Privacy:
        keep: ClassVar = {"id", "person", "account_id", "at", "until"}
        erase: ClassVar = {"reason"}
        person: ClassVar = "person_id"


class OwnLink(models.Model):
    """A one-time link to the person's own page; only its digest is kept."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Privacy:
        keep: ClassVar = {"id", "person", "digest", "made_at", "until", "used_at"}
        erase: ClassVar[set[str]] = set()


class Contest(models.Model):
    """What a person says is wrong in their record, in their own words, until it is answered."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    text = models.BinaryField(null=True)
    state = models.CharField(max_length=12, default="open")
    answer = models.BinaryField(null=True)

    class Privacy:
        keep: ClassVar = {"id", "person", "at", "state"}
        erase: ClassVar = {"text", "answer"}
        person: ClassVar = "person_id"
