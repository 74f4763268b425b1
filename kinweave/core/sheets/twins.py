"""The same thing twice within one file: shown to a person, who decides. Keeps only short hashes, not rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kinweave.core.phonetic import name_key

from .report import fingerprint
from .rows import Twin
from .words import fold


class Twins:
    """Remembers what came before by hash: about 150 bytes a row for each of its keys."""

    def __init__(self, namespace: UUID) -> None:
        self.namespace = namespace
        self.seen: dict[bytes, int] = {}
        # Only a hint rests on these, so 64 bits are enough.
        self.alike: dict[int, int] = {}

    def meet(self, row: int, mark: UUID, values: Mapping[str, Any]) -> tuple[UUID | None, tuple[Twin, ...]]:
        """The row's identity (external id, else name and birth), and the earlier rows it resembles."""
        identity, identity_kind = self._identity(values)
        twins: list[Twin] = []
        if before := self._before(mark.bytes, row):
            return identity, (Twin("same-row", before),)
        if identity and (before := self._before(identity.bytes, row)):
            twins.append(Twin(identity_kind, before))
        other = self._named(values) if identity_kind == "same-id" else None
        if other and (before := self._before(other.bytes, row)):
            twins.append(Twin("same-name-and-birth", before))
        if not twins and (before := self._alike(row, values)):
            twins.append(Twin("sounds-alike", before))
        return identity, tuple(twins)

    def _identity(self, values: Mapping[str, Any]) -> tuple[UUID | None, str]:
        if "external_id" in values:
            told = {"external_id": fold(values["external_id"]) or values["external_id"]}
            return fingerprint(self.namespace, "person-id", told), "same-id"
        return self._named(values), "same-name-and-birth"

    def _named(self, values: Mapping[str, Any]) -> UUID | None:
        name = values.get("name") or values.get("alias")
        if not name or "birth" not in values:
            return None
        birth, told = values["birth"], {"name": fold(name) or name}
        if birth.precision == "about" and "age" in values:
            # A year that was worked out from an age moves with the day of reading; the age as written does not.
            told |= {"age": values["age"], "registered": values.get("registered_on")}
        else:
            told["year"] = birth.year
        return fingerprint(self.namespace, "person-name", told)

    def _before(self, key: bytes, row: int) -> int | None:
        before = self.seen.get(key)
        if before is None:
            self.seen[key] = row
        return before

    def _alike(self, row: int, values: Mapping[str, Any]) -> int | None:
        """Sounding names, a birth year at most one apart, and the same place and gender as far as told."""
        key = name_key(values.get("name") or values.get("alias") or "")
        birth = values.get("birth")
        if len(key) < 3 or birth is None:
            return None
        rest = (key, fold(values.get("place", "")), values.get("gender"))
        near = [self.alike.get(hash((birth.year + d, *rest))) for d in (0, -1, 1)]
        self.alike.setdefault(hash((birth.year, *rest)), row)
        return next((before for before in near if before is not None), None)
