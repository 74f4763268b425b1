"""Tables around signing in: sessions, tokens for programs, recovery without e-mail, who runs the clocks."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone

from kinweave.core.ids import uuid7


class SessionManager(BaseSessionManager["Session"]):
    use_in_migrations = False


class Session(AbstractBaseSession):
    """A signed-in browser. It knows whose it is, so that one account's sessions can be listed and ended.

    `device` is the family of the browser and its system; no address is kept: where someone works is not ours.
    """

    account_id = models.UUIDField(null=True, db_index=True)
    made_at = models.DateTimeField(default=timezone.now)
    device = models.CharField(max_length=80, default="")

    objects = SessionManager()  # type: ignore[misc]  # the base declares its own kind

    class Meta:
        db_table = "house_session"

    class Privacy:
        keep: ClassVar = {"session_key", "session_data", "expire_date", "account_id", "made_at", "device"}
        erase: ClassVar[set[str]] = set()


class Token(models.Model):
    """Lets a program act as its account. Only the digest is kept; the token is shown once.

    `kind`: what it is good for: "" the API, "app-user" sending forms from a phone. `made_by`: who made it, where
    that was not the account itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    account = models.ForeignKey("house.Account", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField()
    used_on = models.DateField(null=True)
    kind = models.CharField(max_length=12, default="")
    made_by = models.UUIDField(null=True)

    class Privacy:
        keep: ClassVar = {"id", "account", "digest", "made_at", "until", "used_on", "kind", "made_by"}
        erase: ClassVar = {"name"}


class Recovery(models.Model):
    """A way back for someone who cannot sign in: started by one person, confirmed by a second or a second step."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    account = models.ForeignKey("house.Account", on_delete=models.CASCADE, related_name="+")
    started_by = models.UUIDField()
    confirmed_by = models.UUIDField(null=True)
    digest = models.CharField(max_length=64)
    lost_step = models.BooleanField(default=False)  # the second step is lost too: only a second person confirms
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Privacy:
        keep: ClassVar = {
            "id", "account", "started_by", "confirmed_by", "digest", "lost_step", "made_at", "until",
            "tries", "used_at",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()


class Lease(models.Model):
    """Who may run something now: one holder until a time, taken over when it is not renewed."""

    name = models.CharField(max_length=120, primary_key=True)
    holder = models.CharField(max_length=40, default="")
    until = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=60, default="")

    class Privacy:
        keep: ClassVar = {"name", "holder", "until", "last_at", "fault"}
        erase: ClassVar[set[str]] = set()
