"""What lies behind the numbers: every model of the night, made of sums that already passed the disclosure rules.

Whole years of the fixed grid only. Each answer says what it was worked out from, who is not in it, by which method and
whose; what cannot be said says why not (docs/decisions/0008-models-see-safe-sums.md).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kinweave.learn.first_year import first_years, score_tables
from kinweave.learn.jobs import Say
from kinweave.learn.lake import Lake
from kinweave.learn.lasting import lasting, lasting_of
from kinweave.learn.losses import losses, recoveries
from kinweave.learn.models_equal import orders, small_areas, unequal
from kinweave.learn.models_gaps import gaps_of
from kinweave.learn.nightly import MODELS
from kinweave.learn.release_tables import Basis
from kinweave.learn.strata import strata_table
from kinweave.measures.disclosure import SafeTable

Found = dict[str, Any]
YEARS: Final = 3  # as many as the numbers page looks back
# What others add to the file, one plain dictionary each (or None where there is nothing to say), under "more".
MORE: tuple[Callable[[Lake, Basis], Found | None], ...] = (losses, recoveries)


@dataclass(frozen=True)
class Models:
    """tables: the safe tables that only models use; they are released, and so fixed, like all others."""

    tables: tuple[SafeTable, ...]
    results: tuple[Found, ...]
    more: tuple[Found, ...]

    def at(self, place: int, period: int, inside: Collection[int] = ()) -> list[Found]:
        """What is said of one place and period, as it is frozen with a release. inside: the places within it."""
        mine = [one for one in self.results if (one["place"], one["period"]) == (place, period)]
        stays = lasting_of(self.more, {place, *inside}, period)
        return [*mine, *({**one, "place": place, "period": period} for one in stays)]


def all_models(
    lake: Lake, on: Basis, earlier: tuple[SafeTable, ...], made: Sequence[SafeTable], say: Say = lambda step: None
) -> Models:
    """Everything that can be said of this lake. earlier: released tables; made: this run's, in their order."""
    ours = tuple(made)
    crossed = strata_table(lake, on, earlier, ours)
    say("models")
    tables = [*([crossed] if crossed else []), *score_tables(lake, on, (*earlier, *ours), say)]
    by_name = {table.name: table for table in (*ours, *tables)}
    parent = {r["place"]: r["parent"] for r in sorted(_places(lake), key=lambda r: r["year"])}
    results = [
        *(gaps_of(crossed) if crossed else []), *first_years(lake, on, by_name),
        *unequal(by_name, orders()), *small_areas(by_name, parent),
    ]  # fmt: skip
    say("models")
    newest = sorted({one["period"] for one in results})[-YEARS:]
    phases, stays = lasting(lake, on, (*earlier, *ours))
    say("models")
    more = [*(found for one in MORE if (found := one(lake, on)) is not None), *stays]
    kept = tuple(one for one in results if one["period"] in newest)
    return Models((*tables, *phases), kept, tuple(more))


def _places(lake: Lake) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = lake.places.select("place", "parent", "year").to_pyarrow().to_pylist()
    return rows


def write_models(models: Models, made_on: str, places: Mapping[int, str]) -> None:
    """Write the file that the desk's pages read."""
    MODELS.write({"made_on": made_on, "places": places, "results": models.results, "more": models.more})
