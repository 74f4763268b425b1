"""A site's own side of evaluating together: the sums of its lake, made safe, written down and signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any, Final, cast

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
from kinweave.learn.shape import month_index
from kinweave.learn.sums_once import NEAR, Question, Turn, name_of, turn
from kinweave.learn.sums_signed import sign
from kinweave.measures.federation import MOST_BYTES, MOST_ROWS, withhold
from kinweave.measures.moments import Moments, take_moments
from kinweave.measures.refusals import TooFew
from kinweave.published.actions import give_sums
from kinweave.published.frozen import sha256
from kinweave.published.reads import sums_given

PURPOSES: Final = ("statistics", "research")
ORIGIN, UNIT = 0.0, 1.0  # the same at every site, so that files of the same answers are the same


class SumsRefused(Problem):
    status, code = 403, "sums-refused"
    says = "This site does not give out sums of this questionnaire."
    remedy = "Who keeps the settings can change that (learn.refused_sums)."


class SumsUnclear(Problem):
    status, code = 422, "sums-unclear"
    says = "Sums need a questionnaire that was asked here, months from 0 on, groups of the fixed grid, and a purpose."
    remedy = "Write for instance `kinweave learn moments --instrument phq-9 --at 0,3,6 --group gender --by gloria`."


class SumsSmall(Problem):
    status, code = 409, "sums-too-small"
    says = "No group has {smallest} people yet who were asked at the same months. Nothing was given out."
    remedy = "Wait for the next quarter: who is waiting now is counted then. Or ask with fewer groups."


class SumsLarge(Problem):
    status, code = 422, "sums-too-large"
    says = "The file would be larger than anyone could read. Nothing was given out."
    remedy = "Ask with fewer groups or fewer months."


class SumsNotGiven(Problem):
    status, code = 404, "sums-not-given"
    says = "No file of this questionnaire ended there."
    remedy = "Name the month before which its people had started, such as 2026-07; it stands in the file."


def write_sums(
    by: Actor, *, instrument: str, scale: str, windows: Sequence[int], groups: Sequence[str] = (),
    purpose: str = "statistics",
) -> str:  # fmt: skip
    """The signed file's text, from a lake that is rebuilt now, so that whoever withdrew is not in it.

    Who was in an earlier file of the questionnaire is in no other; the same question about them gives the same file
    (`sums_once`). Raises NotAllowed, SumsRefused, SumsUnclear, SumsOver, SumsSmall, SumsLarge, TooFew.
    """
    windows = sorted(set(windows))
    wide = any(b - a <= 2 * NEAR for a, b in pairwise(windows))
    if purpose not in PURPOSES or not windows or windows[0] < 0 or wide or set(groups) - set(DIMENSIONS):
        raise SumsUnclear()
    _check_allowed(by, instrument)
    question = Question(scale, purpose, tuple(windows), tuple(dict.fromkeys(groups)))
    today = timezone.localdate()
    with alone() as held:
        found = turn(sums_given(instrument), question, month_index(today.year, today.month))
        if not isinstance(found, Turn):
            return found.text
        build(say=lambda step, rows: held.renew())
        return _give(by, instrument, question, found)


def sums_again(by: Actor, instrument: str, before: str) -> str:
    """A file that was given out, as it was: the one about who started before this month. Raises SumsNotGiven."""
    _check_allowed(by, instrument)
    for one in sums_given(instrument):
        if name_of(one.until) == before:
            return one.text
    raise SumsNotGiven()


def _check_allowed(by: Actor, instrument: str) -> None:
    by.require("published.sign")
    if instrument in chosen.value(choices.REFUSED):
        raise SumsRefused()


def _give(by: Actor, instrument: str, q: Question, when: Turn) -> str:
    """Sum, withhold, sign and write down."""
    smallest = int(chosen.value(choices.CELLS)["smallest"])
    lake = open_lake(settings.LAKE, lake_key())
    try:
        theirs = lake.people.filter(ibis._.started_month >= when.since, ibis._.started_month < when.until)
        sums = moments_of(lake, instrument, q.scale, q.windows, q.groups, q.purpose, theirs.select("person"))
    except (SumsUnclear, TooFew):
        if when.since:  # it was asked here, but of nobody who started since
            raise SumsSmall(smallest=smallest) from None
        raise
    finally:
        lake.close()
    safe = cast(Moments, withhold(sums, smallest))
    if not safe.n:
        raise SumsSmall(smallest=smallest)
    site = Organisation.objects.order_by("id").values_list("name", flat=True).first() or "Kinweave"
    text = sign(safe, {
        "site": site, "made_on": timezone.localdate().isoformat(), "instrument": instrument, "scale": q.scale,
        "purpose": q.purpose, "windows": list(q.windows), "smallest": smallest,
        "started_from": name_of(when.since), "started_before": name_of(when.until),
    }, signing_key())  # fmt: skip
    if len(text.encode()) > MOST_BYTES or len(safe.patterns) > MOST_ROWS:
        raise SumsLarge()
    give_sums(
        by=by, instrument=instrument, since=when.since, until=when.until, question=asdict(q),
        people=safe.n // smallest * smallest, mark=sha256(text), text=text,
    )  # fmt: skip
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
