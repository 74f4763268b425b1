"""Estimates from samples with weights, clusters and strata; standard errors by linearisation.

Binder (1983), Int Stat Rev 51:279-292; Lumley (2004), J Stat Softw 9(8), doi:10.18637/jss.v009.i08. A subgroup is
estimated within the whole design, so that its error holds how many of it happened to be drawn.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from kinweave.measures import lmm
from kinweave.measures.frames import Floats, Ints, check_level, groups_of, read
from kinweave.measures.refusals import BadChoice, NotAllowedHere, TooFew
from kinweave.measures.results import Estimate, Result, plain, some

CITATION: Final = "Binder (1983), Int Stat Rev 51:279-292; Lumley (2004), J Stat Softw 9(8), doi:10.18637/jss.v009.i08"


@dataclass(frozen=True)
class _Design:
    """weight: (rows,). cluster: (rows,) numbered through; stratum of each cluster; left: 1 − sampled share of each."""

    weight: Floats
    cluster: Ints
    stratum: Ints
    left: Floats

    @property
    def df(self) -> int:
        return len(self.stratum) - len(np.unique(self.stratum))

    def variance(self, pull: Floats) -> float:
        """Variance of a sum of `pull` (rows,) over samples: between clusters within strata."""
        total = np.bincount(self.cluster, weights=pull, minlength=len(self.stratum))
        many = np.bincount(self.stratum)
        mean = np.bincount(self.stratum, weights=total) / many
        away = (total - mean[self.stratum]) ** 2
        by_stratum = np.bincount(self.stratum, weights=away) * self.left * many / (many - 1)
        return float(by_stratum.sum())


@dataclass(frozen=True, kw_only=True)
class Survey(Result):
    """Result of `survey_mean` and `survey_total`. clusters, strata: of the design. deff: beside a plain sample."""

    value: str
    clusters: int
    strata: int
    deff: float | None

    @property
    def says(self) -> str:
        e = self.estimates[0]
        ends = f"{plain(e.low or 0)} to {plain(e.high or 0)}"
        asked = f"{self.n} people" if self.clusters == self.n else f"{self.n} people in {self.clusters} clusters"
        told = f"{self.value}: {e.name} {plain(e.value)} ({ends}), from {asked}."
        if self.deff is not None and self.deff > 1:
            told += f" That is as sure as {round(self.n / self.deff)} people drawn one by one would make it."
        return told


def survey_mean(
    data: Any, *, value: str = "value", weight: str | None = None, cluster: str | None = None,
    stratum: str | None = None, population: str | None = None, by: str | None = None, level: float = 0.95,
) -> Survey:  # fmt: skip
    """Weighted mean (of 0 and 1: a share), with its design effect; `by`: for each group besides.

    weight: how many people a row stands for. cluster: what was drawn first. stratum: within which was drawn.
    population: column of how many clusters (people, without clusters) the stratum has, for samples that are a good part
    of it. Refuses a stratum with one cluster only.
    """
    y, design, left, group, names = _read(data, value, weight, cluster, stratum, population, by, level)
    first = _mean(y, design, np.ones(len(y), dtype=bool), "mean", level)
    found = [first]
    for code, name in enumerate(names):
        found.append(_mean(y, design, group == code, f"mean: {name[0]}", level))
    share = design.weight / design.weight.sum()
    plain_variance = float(share @ (y - first.value) ** 2) / (len(y) - 1)
    # Beside a plain sample of as many people from as many, as R's survey counts it.
    whole = float(design.weight.sum())
    if population is not None and whole > len(y):
        plain_variance *= 1 - len(y) / whole
    deff = (first.se or 0) ** 2 / plain_variance if plain_variance > 0 else None
    return Survey(
        method="weighted mean, linearised", citation=CITATION, n=len(y), left_out=left, level=level,
        estimates=tuple(found), value=value, clusters=len(design.stratum),
        strata=len(np.unique(design.stratum)), deff=deff,
    )  # fmt: skip


def survey_total(data: Any, *, value: str = "value", weight: str, level: float = 0.95, **design: str | None) -> Survey:
    """Weighted total; the other columns as in `survey_mean`. For how many people: a column of ones."""
    y, d, left, _, _ = _read(
        data, value, weight, design.pop("cluster", None), design.pop("stratum", None), design.pop("population", None),
        None, level,
    )  # fmt: skip
    if design:
        raise BadChoice(name="a column", allowed="weight, cluster, stratum or population")
    total = float(d.weight @ y)
    se = math.sqrt(d.variance(d.weight * y))
    half = lmm.quantile(level, d.df) * se
    found = Estimate("total", total, total - half, total + half, se, float(d.df), how="t, clusters less strata")
    return Survey(
        method="weighted total, linearised", citation=CITATION, n=len(y), left_out=left, level=level,
        estimates=(found,), value=value, clusters=len(d.stratum), strata=len(np.unique(d.stratum)), deff=None,
    )  # fmt: skip


def _mean(y: Floats, design: _Design, use: Any, name: str, level: float) -> Estimate:
    weight = np.where(use, design.weight, 0.0)
    if not weight.sum() > 0:
        raise TooFew(what="people with weight in a group", found=0, needed=1)
    mean = float(weight @ y / weight.sum())
    se = math.sqrt(design.variance(weight * (y - mean) / weight.sum()))
    half = lmm.quantile(level, design.df) * se
    return Estimate(name, mean, mean - half, mean + half, se, float(design.df), how="t, clusters less strata")


def _read(
    data: Any, value: str, weight: str | None, cluster: str | None, stratum: str | None, population: str | None,
    by: str | None, level: float,
) -> tuple[Floats, _Design, Any, Ints, tuple[tuple[str, ...], ...]]:  # fmt: skip
    check_level(level)
    frame = read(data, [value, weight, cluster, stratum, population, by])
    y = frame.numbers(value)
    w = np.ones(frame.rows) if weight is None else frame.numbers(weight, low=0)
    many = np.full(frame.rows, np.inf) if population is None else frame.numbers(population, low=1)
    rows = np.arange(frame.rows)
    within = frame.labels(stratum).codes if stratum else np.zeros(frame.rows, dtype=np.int64)
    unit = frame.labels(cluster).codes if cluster else rows
    group, names = groups_of([frame.labels(by)]) if by else (np.full(frame.rows, -1), ())
    known = np.isfinite(y) & np.isfinite(w) & ~np.isnan(many) & (within >= 0) & (unit >= 0)
    left = some([("people without a value, a weight or a place in the design", int((~known).sum()))])
    y, w, many = y[known], w[known], many[known]
    within, unit, group = within[known], unit[known], group[known]
    if len(y) < 2 or not w.sum() > 0:
        raise TooFew(what="people with a value and a weight", found=len(y), needed=2)
    # Clusters are numbered anew within each stratum, so that a number used twice means two clusters.
    pairs, at = np.unique(np.column_stack([within, unit]), axis=0, return_inverse=True)
    _, strata = np.unique(pairs[:, 0], return_inverse=True)
    count = np.bincount(strata)
    if count.min() < 2:
        raise TooFew(what="clusters in a stratum", found=1, needed=2)
    size = np.full(len(count), np.inf)
    size[strata[at]] = many
    if (many != size[strata[at]]).any():
        row = int(np.flatnonzero(known)[np.argmax(many != size[strata[at]])]) + 1
        raise NotAllowedHere(row=row, column=population, rule="the size changes within a stratum")
    if (count > size).any():
        row = int(np.flatnonzero(known)[np.argmax((count > size)[strata[at]])]) + 1
        raise NotAllowedHere(row=row, column=population, rule="more clusters were drawn than there are")
    design = _Design(w, at.astype(np.int64), strata.astype(np.int64), 1 - count / size)
    return y, design, left, group, names
