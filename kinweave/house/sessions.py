"""Sessions in our own table, so that someone sees where they are signed in and can end it everywhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as Stored
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def device_of(user_agent: str) -> str:
    """ "Firefox, Android": enough to know one's own phone again, too little to tell people apart."""
    found = [next((word for sign, word in table if sign in user_agent), "") for table in (BROWSERS, SYSTEMS)]
    return ", ".join(word for word in found if word)


class SessionStore(Stored):
    """Django's database sessions with the account and the device in columns of their own."""

    @classmethod
    def get_model_class(cls) -> type[AbstractBaseSession]:
        from kinweave.house.models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        since = data.setdefault("since", timezone.now().isoformat())
        row: Any = super().create_model_instance(data)
        row.made_at = datetime.fromisoformat(since)
        account = data.get(SESSION_KEY)
        row.account_id = UUID(str(account)) if account else None
        row.device = str(data.get("device", ""))[:80]
        return row  # type: ignore[no-any-return]
