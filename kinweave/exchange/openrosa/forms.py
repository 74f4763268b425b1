"""The forms that a phone is offered: every questionnaire that is asked here, and the forms of one's own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.translation import get_language

from kinweave.core.instruments import wording
from kinweave.exchange.xlsform.sheets import PEOPLE, as_xform, sheets_of
from kinweave.flows.openrosa_read import UnknownForm, signed_version, slug_of
from kinweave.house import rota
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.models import Programme
from kinweave.listen.reads_forms import Form, FormMedia, media_of, offered_by
from kinweave.listen.shelf import instruments, switched_on


@dataclass(frozen=True, slots=True)
class Offered:
    """One form as a phone gets it. `caseload`: it chooses from the list of one's own people."""

    form_id: str
    version: str
    name: str
    xml: bytes = field(repr=False)
    caseload: bool
    media: tuple[FormMedia, ...] = ()

    @property
    def hash(self) -> str:
        return md5(self.xml)

    @property
    def has_media(self) -> bool:
        return self.caseload or bool(self.media)


def md5(content: bytes) -> str:
    """As OpenRosa names what a file holds; no secret hangs on it."""
    return f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"


@lru_cache(maxsize=200)
def made_of(slug: str, emergency: str) -> tuple[str, bytes]:
    """(version, XForm) of a questionnaire with this emergency number in it; made once in each process."""
    instrument = instruments()[slug]
    sheets = sheets_of(instrument, emergency)
    version = signed_version(instrument.version, slug, json.dumps(sheets, sort_keys=True).encode())
    sheets["settings"][0]["version"] = version
    return version, as_xform(sheets).encode()


def programmes_of(by: Actor) -> list[Programme]:
    """The programmes of the organisations that an account works in."""
    homes = {grant.organisation_id for grant in by.grants if grant.organisation_id}
    return list(Programme.objects.filter(organisation_id__in=homes).order_by("id"))


def emergency_of(programmes: Iterable[Programme]) -> str:
    """Whom to call: the first programme's emergency number, else the site's."""
    for one in programmes:
        found = rota.latest(one.id)
        number = (found.number if found is not None else "") or str(chosen.value(chosen.EMERGENCY, str(one.id)) or "")
        if number:
            return number
    return str(chosen.value(chosen.EMERGENCY) or "")


def offered(by: Actor) -> list[Offered]:
    """Everything that this account's phone may fill in, by form id."""
    programmes = programmes_of(by)
    number = emergency_of(programmes)
    scopes = ["", *(str(one.id) for one in programmes)]
    slugs = {one.slug for scope in scopes for one in switched_on(scope) if one.wordings}
    found = [_instrument(slug, number) for slug in sorted(slugs)]
    return [*found, *(_own(form) for form in own_forms(by))]


def one_offered(by: Actor, form_id: str) -> Offered:
    """One of them. Raises UnknownForm."""
    slug = slug_of(form_id)
    if slug is None:
        mine = [form for form in own_forms(by) if form.slug == form_id]
        if mine:
            return _own(mine[0])
    elif instruments()[slug].wordings:
        return _instrument(slug, emergency_of(programmes_of(by)))
    raise UnknownForm()


def _instrument(slug: str, number: str) -> Offered:
    version, xml = made_of(slug, number)
    one = instruments()[slug]
    return Offered(one.key, version, wording(one, get_language() or "en").shown_as, xml, caseload=True)


def own_forms(by: Actor) -> list[Form]:
    """The newest version of each form of one's own organisations, where it is offered at all."""
    return offered_by({grant.organisation_id for grant in by.grants if grant.organisation_id})


def _own(form: Form) -> Offered:
    caseload = f"jr://file-csv/{PEOPLE}" in form.xml
    return Offered(form.slug, form.version, form.name, form.xml.encode(), caseload, tuple(media_of(form)))
