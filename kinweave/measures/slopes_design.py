"""Which coefficients a model of change has, and how the means that people ask for are made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kinweave.measures import lmm
from kinweave.measures.frames import Floats
from kinweave.measures.moments import Moments
from kinweave.measures.refusals import BadChoice
from kinweave.measures.results import listed


@dataclass(frozen=True)
class Design:
    """How a mean at a time in a group is made of the coefficients, in the model's own units."""

    times: tuple[float, ...]
    middle: float
    half: float
    shape: str
    names: tuple[str, ...]
    groups: tuple[str, ...]
    mix: Floats  # (p,), what every mean holds: the covariates as people have them

    def weights(self, group: str, at: float) -> Floats:
        if group not in self.groups:
            raise BadChoice(name="group", allowed=f"one of {listed(self.groups)}")
        found = self.mix.copy()
        found[0] = 1.0
        for i, name in enumerate(self.names):
            kind, _, which = name.partition("|")
            if kind == "group":
                found[i] = float(which == group)
            elif kind.startswith("time"):
                found[i] = self._time(kind, at) * float(which in {"", group})
        return found

    def _time(self, kind: str, at: float) -> float:
        if self.shape == "line":
            return (at - self.middle) / self.half
        if at not in self.times:
            raise BadChoice(name="at", allowed=f"one of the visits: {listed(f'{t:g}' for t in self.times)}")
        return float(self.times[int(kind.removeprefix("time"))] == at)


def design_of(
    m: Moments, group: str | None, covariates: tuple[str, ...], random: str, shape: str, reference: str | None
) -> tuple[lmm.Model, Design, float, Floats]:
    """The model; how means are made of it; the scale of time; and each raw coefficient as a contrast."""
    t = np.array(m.times)
    middle, half = (float(t[0] + t[-1]) / 2, float(t[-1] - t[0]) / 2) if shape == "line" else (0.0, 1.0)
    line = (t - t.mean()) / max(float(t[-1] - t[0]), 1e-300) * 2 if shape == "visits" else (t - middle) / half
    cells = m.groups
    ones = np.ones(len(cells))
    names_of_group = tuple(sorted({c[0] for c in cells})) if group else ("all",)
    if reference is not None:
        if reference not in names_of_group:
            raise BadChoice(name="reference", allowed=f"one of {listed(names_of_group)}")
        names_of_group = (reference, *(g for g in names_of_group if g != reference))
    in_group = {g: np.array([float(c[0] == g) for c in cells]) for g in names_of_group[1:]}
    if shape == "line":
        parts: tuple[int, ...] = (1,)
        basis = np.column_stack([np.ones_like(t), line])
    else:
        dummies = np.eye(len(t))[:, 1:]
        basis, parts = np.column_stack([np.ones_like(t), dummies, line]), tuple(range(1, len(t)))
    fixed: list[tuple[int, Floats]] = [(0, ones), *((j, ones) for j in parts)]
    names = ["start", *(f"time{j}" for j in parts)]
    for g, values in in_group.items():
        fixed.append((0, values))
        names.append(f"group|{g}")
    extra = list[float]()
    many = np.array([float(sum(p.n for p in m.patterns if p.group == c)) for c in cells])
    for i, name in enumerate(covariates, start=1 if group else 0):
        for kind in sorted({c[i] for c in cells})[1:]:
            values = np.array([float(c[i] == kind) for c in cells])
            fixed.append((0, values))
            names.append(f"{name}|{kind}")
            extra.append(float(many @ values / many.sum()))
    at = len(fixed) - len(extra)
    for g, values in in_group.items():
        fixed += [(j, values) for j in parts]
        names += [f"time{j}|{g}" for j in parts]
    mix = np.zeros(len(fixed))
    mix[at : at + len(extra)] = extra
    rand = (0,) if random == "intercept" else (0, basis.shape[1] - 1)
    design = Design(m.times, middle, half, shape, tuple(names), names_of_group, mix)
    moved = np.eye(len(names))
    if shape == "line":
        for i, name in enumerate(names):
            if name.startswith("time"):
                start = names.index("start" if name == "time1" else f"group|{name.partition('|')[2]}")
                moved[start, i] -= middle / half
                moved[i, i] = 1 / half
    return lmm.Model(basis, rand, tuple(fixed), tuple(names)), design, half, moved
