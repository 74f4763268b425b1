"""Does it last? From averages of places that had the programme and of places that had none.

Each place has two numbers: how people were while the money came, and how they were some time after it ended, each the
average over people of how far they are from what is usual in places without the programme. The gain is the difference
between the two kinds of places before the end; what becomes of it, the difference between their changes. Places are
compared, not people (`meta`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kinweave.measures import meta
from kinweave.measures.endurance import Asked, Endurance
from kinweave.measures.frames import Floats, check_level, read
from kinweave.measures.refusals import BadChoice, NoSpread, NotAllowedHere, TooFew
from kinweave.measures.results import some

METHOD: Final = "places compared before and after the end, random-effects meta-regression"
FEWEST: Final = 3  # places of each kind; ours: t on fewer degrees of freedom says nothing
HALF: Final = 0.5
"""The share of the gain that may go and what is left still "holds": half, the usual share in trials that show that
something is not much worse (US Food and Drug Administration, Non-Inferiority Clinical Trials, 2016). A choice."""
PARTS: Final = ("before", "after")


def fit_endurance_of_places(
    data: Any, *, ours: Collection[str], place: str = "place", phase: str = "phase", value: str = "value",
    spread: str = "spread", n: str = "n", horizon: float = 12.0, ends: float = 0.0, higher_is_better: bool = False,
    margin: float = HALF, level: float = 0.95,
) -> Endurance:  # fmt: skip
    """One row for each place and phase (`before`, `after`): average and spread over people, and how many they are.

    ours: the places that had the programme. horizon, ends: as the answer shall tell them (months after the end, and
    when that was). Places with one phase only are left out; refuses fewer than three places of either kind.
    """
    check_level(level)
    if not 0 < margin <= 1:
        raise BadChoice(name="margin", allowed="above nought and at most 1 (the whole gain)")
    found, alone = _read(data, place, phase, value, spread, n, {str(one) for one in ours})
    asked = Asked({"gain": 1.0}, {"after": 1.0}, 1.0 if higher_is_better else -1.0, margin, level, ratio=False)
    verdict, why, estimates = asked.judge(found.contrast)
    with_it, places = int(found.ours.sum()), len(found.ours)
    return Endurance(
        method=METHOD, citation=meta.CITATION, n=found.people,
        left_out=some([("places seen in one phase only", alone)]), level=level, estimates=estimates, verdict=verdict,
        why=why, ends=ends, horizon=horizon, margin=margin, time="month", sites=places,
        notes=(f"{with_it} places with the programme and {places - with_it} without are compared.",),
    )  # fmt: skip


@dataclass(frozen=True)
class _Places:
    """mean, variance: (places, 2), before and after. ours: which had the programme. people: of the larger phase."""

    ours: NDArray[np.bool_]
    mean: Floats
    variance: Floats
    people: int

    def contrast(self, weights: Mapping[str, float]) -> tuple[float, float, float]:
        """`gain` times the average before, plus `after` times the change: ours less the others."""
        gain, after = weights.get("gain", 0.0), weights.get("after", 0.0)
        mix = np.array([gain - after, after])
        # People seen in both phases make the change surer than this; the comparison of places takes that in.
        return meta.difference(self.mean @ mix, self.variance @ mix**2, self.ours)


def _read(
    data: Any, place: str, phase: str, value: str, spread: str, n: str, ours: set[str]
) -> tuple[_Places, int]:  # fmt: skip
    frame = read(data, [place, phase, value, spread, n])
    where, when = frame.labels(place), frame.labels(phase)
    numbers = np.column_stack([
        frame.numbers(value), frame.numbers(spread, low=0, high=1e15), frame.numbers(n, low=2, high=1e15)
    ])  # fmt: skip
    cells: dict[str, dict[str, Floats]] = {}
    for row, (a, b) in enumerate(zip(where.codes, when.codes, strict=True)):
        if a < 0 or b < 0 or when.names[b] not in PARTS or np.isnan(numbers[row]).any():
            rule = "each row needs a place, `before` or `after`, an average, a spread and two people or more"
            raise NotAllowedHere(row=row + 1, column=phase, rule=rule)
        mine = cells.setdefault(where.names[a], {})
        if when.names[b] in mine:
            raise NotAllowedHere(row=row + 1, column=place, rule="this place and phase stood before")
        mine[when.names[b]] = numbers[row]
    whole = {name: mine for name, mine in sorted(cells.items()) if len(mine) == len(PARTS)}
    kind = np.array([name in ours for name in whole], dtype=bool)
    for is_ours, what in ((True, "places with the programme"), (False, "places without it")):
        if (many := int((kind == is_ours).sum())) < FEWEST:
            raise TooFew(what=what, found=many, needed=FEWEST)
    table = np.array([[mine[one] for one in PARTS] for mine in whole.values()])
    variance = table[:, :, 1] ** 2 / table[:, :, 2]
    if not np.all(variance > 0):
        raise NoSpread(column=spread)
    people = int(table[:, :, 2].sum(axis=0).max())
    return _Places(kind, table[:, :, 0], variance, people), len(cells) - len(whole)
