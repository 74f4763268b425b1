"""Reading the safe tables that the learn process left for the desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kinweave.learn.nightly import EXPLORED


def explored() -> Mapping[str, Any] | None:
    """The newest safe tables (see `explore.write_explored`), each with its cells by key; None where there are none."""
    said = EXPLORED.read()
    for table in said["tables"] if said else ():
        if "at" not in table:
            table["at"] = {(c["place"], c["period"], c["dimension"], c["group"]): c for c in table["cells"]}
    return said
