"""Noise on what leaves in a report, for sites that want it: on top of the disclosure rules, never instead of them.

The secret comes from the house key, so that a restored site draws the same noise for the same cell for ever; a second
draw would be a second look at the people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kinweave.house import settings as chosen
from kinweave.house.sealing import house_key
from kinweave.learn import choices
from kinweave.measures.disclosure import SafeTable
from kinweave.measures.disclosure_noise import Noise, NoisyTable, with_noise


def house_noise() -> Noise | None:
    """This site's noise; None where it is off."""
    scale = float(chosen.value(choices.NOISE))
    if not scale:
        return None
    secret = HKDF(algorithm=hashes.SHA256(), length=32, salt=b"", info=b"kinweave noise v1").derive(house_key())
    return Noise(secret, scale)


def noisy(tables: Sequence[SafeTable], noise: Noise) -> dict[str, NoisyTable]:
    """Every table as it leaves, by name. Averages are left out of them."""
    return {table.name: with_noise(table, noise) for table in tables}


def frozen_noise(tables: Mapping[str, NoisyTable], noise: Noise, place: int) -> dict[str, Any]:
    """What a release keeps of it: the cells of its place, which stand in the CSV in place of those without noise."""
    return {
        "scale": noise.scale, "error": noise.error,
        "tables": {
            name: [{"place": c.place, "period": c.period, "dimension": c.dimension, "group": c.group, "n": c.n,
                    "parts": list(c.parts), "mean": None} for c in table.cells if c.place == place]
            for name, table in tables.items()
        },
    }  # fmt: skip
