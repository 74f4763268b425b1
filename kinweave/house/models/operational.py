"""Tables outside the journal: accounts, the read log, messages on their way, forms parked at a sign-in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from kinweave.core.ids import uuid7


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, username: str, password: str | None = None, **more: Any) -> Account:
        account = self.model(username=self.model.normalize_username(username), **more)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(username=username)


class Account(AbstractBaseUser):
    """Someone who signs in. What they may do stands in Grant, not here."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    username = models.CharField(max_length=80, unique=True)
    shown_name = models.CharField(max_length=80)
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    language = models.CharField(max_length=12, default="en")
    is_active = models.BooleanField(default=True)
    left_at = models.DateTimeField(null=True, blank=True)
    must_change = models.BooleanField(default=False)  # the password was given by someone else

    objects = AccountManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar = ["shown_name"]

    class Privacy:
        keep: ClassVar = {"id", "password", "last_login", "is_active", "left_at", "language", "must_change"}
        erase: ClassVar = {"username", "shown_name", "email", "phone"}

    @property
    def is_staff(self) -> bool:
        return False

    @property
    def is_superuser(self) -> bool:
        return False

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False


class ReadLog(models.Model):
    """Who looked at whom, when, where from. A list is one row: `persons` holds their ids, concatenated hex."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    reader_id = models.UUIDField(null=True)
    page = models.CharField(max_length=60)
    person_id = models.UUIDField(null=True)
    persons = models.TextField(default="")
    reason = models.CharField(max_length=20, default="")  # "", "break_glass", "own_page", "export"
    guarded = models.BooleanField(default=False)  # hidden from the person: safeguarding

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person_id", "-at"], name="read_person"),
            models.Index(fields=["-at"], name="read_at"),
        ]

    class Privacy:
        keep: ClassVar = {"id", "at", "reader_id", "page", "person_id", "persons", "reason", "guarded"}
        erase: ClassVar[set[str]] = set()


class Message(models.Model):
    """An alert on its way to someone. The text is a code and a link, never a name or a reason."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    to_account = models.UUIDField()
    channel = models.CharField(max_length=12)  # page, mail, sms
    code = models.CharField(max_length=60)
    ref_id = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    tries = models.SmallIntegerField(default=0)
    fault = models.CharField(max_length=60, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["to_account", "seen_at"], name="message_to")]

    class Privacy:
        keep: ClassVar = {
            "id", "to_account", "channel", "code", "ref_id", "made_at", "sent_at", "seen_at", "tries", "fault",
        }  # fmt: skip
        erase: ClassVar[set[str]] = set()


class ParkedForm(models.Model):
    """What someone had typed when their session ended, sealed, until they sign in again (one hour)."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    account_id = models.UUIDField()
    path = models.CharField(max_length=300)
    made_at = models.DateTimeField()
    sealed = models.BinaryField()

    class Privacy:
        keep: ClassVar = {"id", "account_id", "path", "made_at"}
        erase: ClassVar = {"sealed"}
