"""A site's own side of evaluating together: the sums of its lake, made safe, written down and signed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import ibis
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils import timezone

from kinweave.core.problems import Problem
from kinweave.house import settings as chosen
from kinweave.house.access import Actor
from kinweave.house.models import Organisation
from kinweave.house.sealing import house_key
from kinweave.learn import choices
from kinweave.learn.alone import alone
from kinweave.learn.build import build, lake_key
from kinweave.learn.grid import DIMENSIONS
from kinweave.learn.lake import Lake, open_lake
from kinweave.learn.sums_signed import sign
from kinweave.measures.federation import withhold
from kinweave.measures.moments import Moments, take_moments
from kinweave.published.actions import give_sums
from kinweave.published.frozen import sha256

PURPOSES: Final = ("statistics", "research")
NEAR: Final = 1  # months before or after a window that still belong to it; ours
ORIGIN, UNIT = 0.0, 1.0  # the same at every site, so that files of the same answers are the same


class SumsRefused(Problem):
    status, code = 403, "sums-refused"
    says = "This site does not give out sums of this questionnaire."
    remedy = "Who keeps the settings can change that (learn.refused_sums)."


class SumsUnclear(Problem):
    status, code = 422, "sums-unclear"
    says = "Sums need a questionnaire that was asked here, months from 0 on, groups of the fixed grid, and a purpose."
    remedy = "Write for instance `kinweave learn moments --instrument phq-9 --at 0,3,6 --group gender --by gloria`."


def write_sums(
    by: Actor, *, instrument: str, scale: str, windows: Sequence[int], groups: Sequence[str] = (),
    purpose: str = "statistics",
) -> str:  # fmt: skip
    """The signed file's text, from a lake that is rebuilt now, so that whoever withdrew is not in it.

    Raises NotAllowed, SumsRefused, SumsUnclear, TooFew. What was given out stands in the journal.
    """
    by.require("published.sign")
    windows = sorted(set(windows))
    wide = any(b - a <= 2 * NEAR for a, b in pairwise(windows))
    if purpose not in PURPOSES or not windows or windows[0] < 0 or wide or set(groups) - set(DIMENSIONS):
        raise SumsUnclear()
    if instrument in chosen.value(choices.REFUSED):
        raise SumsRefused()
    with alone() as held:
        build(say=lambda step, rows: held.renew())
        lake = open_lake(settings.LAKE, lake_key())
        try:
            sums = moments_of(lake, instrument, scale, windows, groups, purpose)
        finally:
            lake.close()
    smallest = int(chosen.value(choices.CELLS)["smallest"])
    safe = withhold(sums, smallest)
    site = Organisation.objects.order_by("id").values_list("name", flat=True).first() or "Kinweave"
    about = {
        "site": site, "made_on": timezone.localdate().isoformat(), "instrument": instrument, "scale": scale,
        "purpose": purpose, "windows": list(windows), "smallest": smallest,
    }  # fmt: skip
    text = sign(safe, about, signing_key())
    give_sums(by=by, about={**about, "groups": list(groups)}, people=safe.n // smallest * smallest, mark=sha256(text))
    return text


def moments_of(
    lake: Lake, instrument: str, scale: str, windows: Sequence[int], groups: Sequence[str], purpose: str,
    only: Any = None,
) -> Moments:  # fmt: skip
    """One score of each person and window: the nearest month's, the earlier of two as near; of two in one month
    their mean. Rows that look copied are left out. `only`: a table of the persons to count, all without it. Raises
    SumsUnclear where nobody was asked."""
    s = lake.scores
    s = s.filter(s.purpose.isin([purpose, "both"]), ~s.doubtful, s.instrument == instrument, s.scale == scale)
    s = s.filter(s.months_since_start.notnull()).select("person", "value", since=s.months_since_start)
    if only is not None:
        s = s.semi_join(only, "person")
    if not int(s.count().execute()):
        raise SumsUnclear()
    near = [near_scores(s, window) for window in windows]
    each = ibis.union(*near) if len(near) > 1 else near[0]
    people = lake.people.select("person", **{g: lake.people[g].cast("string").fill_null("unsaid") for g in groups})
    table = each.join(people, "person") if groups else each
    return take_moments(
        table, person="person", time="window", score="value", groups=groups, origin=ORIGIN, unit=UNIT
    )  # fmt: skip


def near_scores(scores: Any, window: int) -> Any:
    """Each person's score in a window, where there is one: person, window, value. scores: person, since, value."""
    mine = scores.filter(scores.since >= window - NEAR, scores.since <= window + NEAR)
    each = mine.group_by("person", "since").aggregate(value=mine.value.mean())
    # Distance far outweighs the month, so that the key has no ties and every engine picks the same row.
    key = (each.since - window).abs() * 1000 + each.since
    return each.group_by("person").aggregate(value=each.value.argmin(key)).mutate(
        window=ibis.literal(float(window), "float64")
    ).select("person", "window", "value")  # fmt: skip


def signing_key() -> Ed25519PrivateKey:
    """This site's key for sums, from the house key: a restored site signs as before."""
    seed = HKDF(algorithm=hashes.SHA256(), length=32, salt=b"", info=b"kinweave sums v1").derive(house_key())
    return Ed25519PrivateKey.from_private_bytes(seed)
