"""The hours of those who care for others: how many of them nobody pays for."""

from __future__ import annotations

from typing import Any

from kinweave.learn.engine import share
from kinweave.learn.grid import Grid, usable
from kinweave.learn.indicators.base import MEAN, MISSED, Indicator, Parameters
from kinweave.learn.indicators.contact import mean_of
from kinweave.learn.lake import PLACE_BITS, Lake


def _unpaid_hours(lake: Lake, grid: Grid, parameters: Parameters) -> Any:
    """Each worker who met someone in a year, once: in the place where most of whom they met live (of two alike the one
    with the higher number). Their own share of unpaid minutes; missed where they wrote none down in that year.
    """
    c = usable(lake.contacts, grid)
    c = c.filter(c.held, c.worker.notnull())
    met = c.group_by("worker", "place", month=c.month - c.month % 12).aggregate(times=c.place.count())
    # Meetings and place in one number, so that the most has no ties.
    most = met.mutate(packed=met.times.cast("int64") * (1 << PLACE_BITS) + met.place)
    home = most.group_by("worker", "month").aggregate(packed=most.packed.max())
    home = home.select("worker", "month", place=home.packed & ((1 << PLACE_BITS) - 1))
    h = lake.hours
    wrote = h.group_by("worker", month=h.month - h.month % 12).aggregate(paid=h.paid.sum(), unpaid=h.unpaid.sum())
    w = home.join(wrote, ["worker", "month"], how="left").drop("worker_right", "month_right")
    return mean_of(w, grid, share(w.unpaid, w.paid + w.unpaid))


UNPAID_HOURS = Indicator(
    slug="unpaid-hours",
    level="relationship",
    framework="capabilities",
    asks="Of ten hours that workers wrote down, how many did nobody pay for?",
    kind=MEAN,
    population="workers",
    part_names=lambda _: ("measured", MISSED),
    facts=_unpaid_hours,
    follow_up=lambda _: 0,
    by_group=False,
    by_quarter=False,
)
