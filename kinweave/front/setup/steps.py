"""The steps in their order, and whether each is done: read from the site itself, so that the wizard can be left
and taken up again at any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kinweave.front.setup.settings import DEMANDS, HTTPS, KEYS, PAPER
from kinweave.house import rota
from kinweave.house.models import Account, Organisation, Place, Programme, Setting
from kinweave.house.settings import LANGUAGES, value


@dataclass(frozen=True, slots=True)
class Step:
    """`slug` is its address; `done()` looks at the site."""

    slug: str
    title: Any
    done: Callable[[], bool]


def programme() -> Programme | None:
    """The programme being set up: the first one."""
    return Programme.objects.order_by("id").first()


def organisation() -> Organisation | None:
    return Organisation.objects.order_by("id").first()


def _decided(key: str) -> bool:
    return Setting.objects.filter(key=key).exists()


def _threats() -> bool:
    return _decided("house.facts") and bool(value(KEYS)) and bool(value(DEMANDS))


def _rota() -> bool:
    here = programme()
    return here is not None and not {"rota", "people", "contact"} & set(rota.missing(here.id))


def _tested() -> bool:
    here = programme()
    return here is not None and not rota.missing(here.id)


def _https() -> bool:
    decided = value(HTTPS)
    return bool(decided.get("opened") or decided.get("later"))


STEPS = (
    Step("dangers", _("What could go wrong here"), _threats),
    Step("programme", _("Organisation and programme"), lambda: programme() is not None),
    Step("languages", _("Languages"), lambda: _decided(LANGUAGES)),
    Step("places", _("Places"), Place.objects.exists),
    Step("people", _("First accounts"), lambda: Account.objects.filter(is_active=True).count() >= 2),
    Step("rota", _("Who can be reached"), _rota),
    Step("test", _("A test alert"), _tested),
    Step("paper", _("The paper key"), lambda: bool(value(PAPER))),
    Step("phones", _("Phones"), _https),
)


def first_open() -> Step | None:
    """The first step that is not done."""
    return next((step for step in STEPS if not step.done()), None)


def named(slug: str) -> tuple[int, Step] | None:
    return next(((n, step) for n, step in enumerate(STEPS, 1) if step.slug == slug), None)


def programme_id() -> UUID:
    """The programme's id; its step comes before those that ask for it."""
    return Programme.objects.order_by("id").values_list("id", flat=True)[0]
