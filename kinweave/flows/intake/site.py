"""The names in a file and those of this site: places, teams, programmes and workers within the importer's reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.core.sheets.words import fold
from kinweave.house.access import Actor, NotAllowed
from kinweave.house.models import Account, Grant, Organisation, Place, Programme, Team

MOST_NAMED = 50  # names that matched nothing, kept to be shown


class ChooseOrganisation(Problem):
    status, code = 422, "choose-organisation"
    says = "You may import for {count} organisations."
    remedy = "Say which one."


class NoSuchName(Problem):
    status, code = 422, "no-such-name"
    says = "There is no such {what} within your reach."
    remedy = "Write its name as this site does."


class Names:
    """Folded names → id; a name that two share is not sure."""

    def __init__(self, what: str, pairs: Iterable[tuple[UUID, Iterable[str]]], own: Mapping[str, str]) -> None:
        self.what = what
        self.table: dict[str, UUID | None] = {}
        for one, names in pairs:
            for name in names:
                if word := fold(name) or name.casefold():
                    self.table[word] = one if self.table.get(word, one) == one else None
        for word, name in own.items():
            self.table[fold(word) or word.casefold()] = self.get(name)
        self.unmatched: Counter[str] = Counter()

    def get(self, name: str) -> UUID:
        """The id of a name that a person wrote on purpose. Raises NoSuchName."""
        found = self.find(name)
        if found is None:
            raise NoSuchName(what=self.what)
        return found

    def find(self, name: str) -> UUID | None:
        return self.table.get(fold(name) or name.casefold())

    def match(self, name: str) -> UUID | None:
        """As `find`, and what matches nothing is remembered to be shown."""
        found = self.find(name)
        if found is None and (name in self.unmatched or len(self.unmatched) < MOST_NAMED):
            self.unmatched[name] += 1
        return found


@dataclass(frozen=True)
class Site:
    """What an importer may match a file with. `anchor`: where people live of whom the file does not say it."""

    organisation_id: UUID
    places: Names
    teams: Names
    programmes: Names
    workers: Names
    anchor: UUID | None
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def unmatched(self) -> dict[str, dict[str, int]]:
        """What kind of name → name → in how many rows it matched nothing."""
        every = (self.places, self.teams, self.workers)
        return {names.what: dict(names.unmatched.most_common()) for names in every if names.unmatched}


def organisation_for(by: Actor, permission: str, name: str = "") -> UUID:
    """The organisation an import is for: the one named, else the only one. Raises ChooseOrganisation, NoSuchName."""
    by.require(permission)
    mine = [r.organisation_id for r in by.reaches(permission) if r.organisation_id]
    found = dict(Organisation.objects.filter(id__in=mine).values_list("id", "name"))
    if name:
        chosen = [one for one, called in found.items() if fold(called) == fold(name) or str(one) == name]
        if not chosen:
            raise NoSuchName(what="organisation")
        return chosen[0]
    if not found:
        raise NotAllowed(permission=permission)
    if len(found) > 1:
        raise ChooseOrganisation(count=len(found))
    return next(iter(found))


def site_for(
    by: Actor, permission: str, organisation_id: UUID, own: Mapping[str, Mapping[str, str]] | None = None
) -> Site:
    """The names within reach. `own`: the programme's own words, as {"places": {"Kijiji": "W1"}}."""
    words = own or {}
    reaches = [r for r in by.reaches(permission) if r.organisation_id in (None, organisation_id)]
    if not reaches:
        raise NotAllowed(permission=permission)
    paths = [r.place_path for r in reaches]
    places = Place.objects.filter(Q(valid_until=None) | Q(valid_until__gte=timezone.localdate()))
    if all(paths):
        within = Q()
        for path in paths:
            within |= Q(path__startswith=path)
        places = places.filter(within)
    anchor = Place.objects.filter(path=paths[0]).values_list("id", flat=True).first() if paths[0] else None
    teams = Team.objects.filter(organisation_id=organisation_id)
    programmes = Programme.objects.filter(organisation_id=organisation_id)
    now = timezone.now()
    grants = Grant.objects.filter(Q(until=None) | Q(until__gt=now), organisation_id=organisation_id, since__lte=now)
    carers = grants.filter(role__in=("worker", "supervisor", "coordinator")).values("account_id")
    workers = Account.objects.filter(id__in=carers, is_active=True)
    return Site(
        organisation_id,
        Names("place", ((p.id, (p.name, p.code)) for p in places), words.get("places", {})),
        Names("team", ((t.id, (t.name,)) for t in teams), words.get("teams", {})),
        Names("programme", ((p.id, (p.name,)) for p in programmes), {}),
        Names("worker", ((a.id, (a.shown_name, a.username)) for a in workers), words.get("workers", {})),
        anchor,
        words,
    )
