"""Circles and their meetings: who keeps one, where it meets, how many came. No person is named here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from kinweave.house.models import Organisation, Place, Programme, Team


class Circle(models.Model):
    """A group that meets, under a neutral name and rules of its own. Its rules and aliases have the circle's key."""

    id = models.UUIDField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, null=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="+")
    host_id = models.UUIDField(null=True)  # the account that keeps it
    name = models.CharField(max_length=120)
    weekday = models.SmallIntegerField(null=True)  # 1 Monday … 7 Sunday (ISO 8601); empty: no fixed day
    rules = models.BinaryField(null=True)  # the circle's own words, sealed
    with_aliases = models.BooleanField(default=False)  # the circle chose that aliases are written down
    state = models.CharField(max_length=20, default="open")  # open, ended; forming, self_run and dormant fit in
    begun_on = models.DateField()
    ended_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=20, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["host_id", "state"], name="circle_host"),
            models.Index(fields=["team", "state"], name="circle_team"),
            models.Index(fields=["organisation", "state"], name="circle_organisation"),
        ]

    class Privacy:
        keep: ClassVar = {
            "id", "organisation", "programme", "team", "place", "host_id", "name", "weekday", "rules", "with_aliases",
            "state", "begun_on", "ended_on", "end_reason",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()


class Meeting(models.Model):
    """One meeting of a circle: the day, how many came, how many for the first time. Never what was said."""

    id = models.UUIDField(primary_key=True)
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="+")
    on = models.DateField()
    head_count = models.SmallIntegerField()
    new_count = models.SmallIntegerField(default=0)
    kinds = models.JSONField(default=dict)  # code of a kind of people → how many
    aliases = models.BinaryField(null=True)  # sealed under the circle's key, one a line; only where it chose so
    written_by = models.UUIDField(null=True)
    written_at = models.DateTimeField()
    sheet = models.CharField(max_length=40, default="")  # the number of the paper it was typed from
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["circle", "-on"], name="meeting_circle")]

    class Privacy:
        keep: ClassVar = {
            "id", "circle", "on", "head_count", "new_count", "kinds", "aliases", "written_by", "written_at", "sheet",
            "undone_at",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()
