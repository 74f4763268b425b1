"""What every page knows. Nothing is asked of the database before a page shows it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from kinweave.front.nav import menu
from kinweave.front.setup.settings import HTTPS
from kinweave.house import alerts
from kinweave.house.sequencer import site
from kinweave.house.settings import value


def page(request: Any) -> dict[str, Any]:
    """`invented` marks a demonstration on every page; `actor` is who is signed in, `who` their name;
    `unread` counts alerts that nobody has opened yet; `unready` and `no_phone` remind keepers of the set-up."""
    actor = getattr(request, "actor", None)
    here = site()
    known = {
        "actor": actor,
        "invented": settings.KINWEAVE_INVENTED or here.invented,
        "exit_url": settings.KINWEAVE_EXIT_URL,
    }
    if actor is None:
        return known
    keeps = actor.may("house.keep") and not here.invented
    return {
        **known,
        "who": request.user.shown_name,
        "nav": menu(request),
        "sign_out_url": reverse("account_logout"),
        "unread": SimpleLazyObject(lambda: alerts.unread(actor.account_id)),
        "unready": keeps and not here.ready,
        "no_phone": keeps and here.ready and not value(HTTPS).get("opened"),
    }
