"""Organisations, places, programmes, teams, settings and who may do what where."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Organisation(models.Model):
    """The controller of its own people."""

    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=120)

    class Privacy:
        keep: ClassVar = {"id", "name"}
        erase: ClassVar[set[str]] = set()


class Place(models.Model):
    """A district, ward or village, valid for a time, with the place that followed it."""

    id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    path = models.CharField(max_length=400, db_index=True)  # codes from the top, "/district/ward/"
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    successor = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    class Privacy:
        keep: ClassVar = {
            "id", "code", "name", "kind", "parent", "path", "valid_from", "valid_until", "successor",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()


class PlaceYear(models.Model):
    """How many people lived in a place in a year, and who says so."""

    id = models.UUIDField(primary_key=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    year = models.SmallIntegerField()
    population = models.IntegerField()
    source = models.CharField(max_length=200, default="")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["place", "year"], name="one_population_a_year")]

    class Privacy:
        keep: ClassVar = {"id", "place", "year", "population", "source"}
        erase: ClassVar[set[str]] = set()


class Programme(models.Model):
    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64, default="UTC")

    class Privacy:
        keep: ClassVar = {"id", "organisation", "name", "timezone"}
        erase: ClassVar[set[str]] = set()


class Team(models.Model):
    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)

    class Privacy:
        keep: ClassVar = {"id", "organisation", "name"}
        erase: ClassVar[set[str]] = set()


class Setting(models.Model):
    """One version of one setting. `scope` is a programme's id or empty for the whole site."""

    id = models.UUIDField(primary_key=True)
    key = models.CharField(max_length=120)
    scope = models.CharField(max_length=36, default="")
    version = models.IntegerField()
    value = models.JSONField(null=True)
    since = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "scope", "version"], name="setting_versions")]

    class Privacy:
        keep: ClassVar = {"id", "key", "scope", "version", "value", "since"}
        erase: ClassVar[set[str]] = set()


class Grant(models.Model):
    """A role held by an account: where, and until when. The account itself is operational."""

    id = models.UUIDField(primary_key=True)
    account_id = models.UUIDField(db_index=True)
    role = models.CharField(max_length=40)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Privacy:
        keep: ClassVar = {"id", "account_id", "role", "organisation", "team", "place", "since", "until"}
        erase: ClassVar[set[str]] = set()
