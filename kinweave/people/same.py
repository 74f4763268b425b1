"""Possibly the same person: pairs of records whose names sound alike, for a supervisor to compare."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from kinweave.house.access import Actor
from kinweave.people.door import PersonNotFound, Seen, access, within
from kinweave.people.models import NameKey, Person

LOOKED_AT = 200  # the newest records of the reader's own reach that are compared
MOST_KEYS = 4000
MOST_PAIRS = 30


@dataclass(frozen=True, slots=True)
class Pair:
    """`one`: a record the reader may merge; `other`: a record of the organisation that sounds alike.

    `fits`: how many of gender, birth year (two years apart at most) and place agree; `clashes`: how many differ.
    """

    one: Person
    other: Person
    fits: int
    clashes: int


def pairs(by: Actor, person_id: UUID | None = None) -> list[Pair]:
    """Pairs to compare, the likeliest first. Four queries. A pair that clashes more than it fits is left out."""
    mine = within(by, "people.merge").select_related("place", "team")
    mine = mine.filter(id=person_id) if person_id else mine.order_by("-since", "id")
    ours = {row.id: row for row in mine[:LOOKED_AT]}
    keys = NameKey.objects.filter(person_id__in=list(ours)).exclude(digest=None)
    heard: dict[str, set[UUID]] = defaultdict(set)
    for person, digest in keys.values_list("person_id", "digest"):
        heard[str(digest)].add(person)
    twins = NameKey.objects.filter(digest__in=list(heard)).values_list("person_id", "digest")[:MOST_KEYS]
    met = {(min(a, b), max(a, b)) for b, digest in twins for a in heard[str(digest)] if a != b}
    wanted = {one for pair in met for one in pair}
    reach = within(by, "people.same").select_related("place", "team").filter(id__in=wanted)
    rows = {row.id: row for row in reach}
    found = [_pair(ours, rows[a], rows[b]) for a, b in met if a in rows and b in rows]
    likely = [pair for pair in found if pair.fits >= pair.clashes]
    return sorted(likely, key=lambda p: (p.clashes - p.fits, p.one.code, p.other.code))[:MOST_PAIRS]


def sides(by: Actor, one_id: UUID, other_id: UUID) -> tuple[Seen, Seen]:
    """Two records to compare: both within the right to merge, or one of them and the other sounds like it.

    Raises PersonNotFound, whichever of it is missing.
    """
    one, other = (access(each, by=by, permission="people.same") for each in (one_id, other_id))
    mine = set(within(by, "people.merge").filter(id__in=[one.id, other.id]).values_list("id", flat=True))
    if not mine or (len(mine) < len({one.id, other.id}) and not _sound_alike(one, other)):
        raise PersonNotFound()
    return one, other


def _sound_alike(one: Seen, other: Seen) -> bool:
    keys = NameKey.objects.filter(person_id__in=one.ids).exclude(digest=None).values("digest")
    return NameKey.objects.filter(person_id__in=other.ids, digest__in=keys).exists()


def _pair(ours: dict[UUID, Person], a: Person, b: Person) -> Pair:
    one, other = (a, b) if a.id in ours else (b, a)
    agree = [
        None if not (one.gender and other.gender) else one.gender == other.gender,
        None if not (one.birth_year and other.birth_year) else abs(one.birth_year - other.birth_year) <= 2,
        None if not (one.place_id and other.place_id) else one.place_id == other.place_id,
    ]
    return Pair(one, other, agree.count(True), agree.count(False))


def merged(by: Actor, most: int = 20) -> list[tuple[Person, Person]]:
    """Records that were merged into one in reach, the latest first: (behind, whole)."""
    whole = within(by, "people.merge")
    rows = Person.objects.filter(merged_into__in=whole.values("id")).select_related("merged_into")
    return [(row, row.merged_into) for row in rows.order_by("-since")[:most] if row.merged_into is not None]
