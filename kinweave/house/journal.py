"""Entries and their parts: how a decision is written down, read back and turned into rows.

An entry is what one outermost action decided. Each of its parts (the action itself and the actions it
called) carries open values, sealed fields and closed values; all but the open ones go with the key.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.db import connections

from kinweave.core.ids import child, uuid7
from kinweave.house import quick, rows
from kinweave.house.keystore import Keystore
from kinweave.house.models import Entry
from kinweave.house.sealing import Secret, keystore, seal, seal_bytes, unseal_bytes

CLOSED = "house.entry.closed"
PRECISIONS = ("second", "minute", "day", "month", "year")


@dataclass(frozen=True, slots=True)
class Head:
    """What a sender says of an entry: its id (uuid7), when it happened and how exactly that is known.

    `unattended`: nobody is there to put a fault right, so a fact with a fault is held, not refused.
    """

    id: UUID
    happened_at: datetime
    precision: str = "second"
    device: str = ""
    received_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    unattended: bool = False
    branch: str = ""

    @classmethod
    def now(cls, **more: Any) -> Head:
        moment = datetime.now(UTC)
        return cls(**{"id": uuid7(), "happened_at": moment, "received_at": moment, **more})

    def child(self, name: str) -> UUID:
        """The id of something this entry creates."""
        return child(self.id, f"{self.branch}/{name}")

    def below(self, branch: str) -> Head:
        return Head(
            self.id, self.happened_at, self.precision, self.device, self.received_at, self.unattended,
            f"{self.branch}/{branch}",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fresh:
    """An entry on its way into the journal: the columns of `Entry`, without the model around them."""

    id: UUID
    action: str
    actor_id: UUID | None
    device: str
    happened_at: datetime
    happened_offset: int
    precision: str
    received_at: datetime
    subject_id: UUID | None = None
    asked: str = ""
    parts: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an action decided.

    open:   values that stay for ever (ids, states, times, counts)
    closed: values an erasure takes away; a `Secret` becomes a sealed field of its own
    result: what the sender is told, now and at every repeat (ids and codes only)
    key:    whose key closes it (the subject's unless told otherwise); `new_key` makes it first
    """

    subject: UUID | None = None
    open: Mapping[str, Any] = field(default_factory=dict)
    closed: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    key: UUID | None = None
    new_key: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One part as apply functions see it. For an erased person `closed` and `sealed` are empty."""

    action: str
    version: int
    entry_id: UUID
    index: int
    actor_id: UUID | None
    happened_at: datetime
    precision: str
    received_at: datetime
    subject: UUID | None
    open: Mapping[str, Any]
    closed: Mapping[str, Any]
    sealed: Mapping[str, bytes]
    erased: bool

    def child(self, name: str) -> UUID:
        return child(self.entry_id, f"#{self.index}/{name}")

    def __getitem__(self, name: str) -> Any:
        return self.open[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A closed value, or the default once the person is erased."""
        return self.closed.get(name, default)


Apply = Callable[[Part], Iterable[rows.Row]]
APPLIES: dict[tuple[str, int], Apply] = {}


_AS_IT_IS = frozenset({str, int, float, bool, type(None)})


def plain(value: Any) -> Any:
    """Values as JSON holds them: ids and times as text, bytes in base64."""
    kind = type(value)
    if kind in _AS_IT_IS:  # nearly all there is; the rest of this function is for what is not
        return value
    if kind is dict:
        return {k if type(k) is str else str(k): v if type(v) in _AS_IT_IS else plain(v) for k, v in value.items()}
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in (sorted(value) if isinstance(value, (set, frozenset)) else value)]
    return json.loads(json.dumps(value, ensure_ascii=False))  # a kind of text or number of its own


def canonical(value: Any) -> str:
    """The one way a value is written down (sorted, no spaces, UTF-8 kept)."""
    return written(plain(value))


def written(value: Any) -> str:
    """The same for a value that is plain already."""
    return _CANONICAL.encode(value)


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sealed_part(action: str, version: int, decision: Decision, key: bytes | None) -> dict[str, Any]:
    """A decision as the journal keeps it: JSON values only, closed ones sealed."""
    key_id = decision.key or decision.subject
    closed = {k: v for k, v in decision.closed.items() if v is not None}
    part: dict[str, Any] = {"a": action, "v": version, "o": plain(decision.open)}
    if decision.subject is not None:
        part["p"] = str(decision.subject)
    if decision.result:
        part["r"] = plain(decision.result)
    if closed:
        if key is None or key_id is None:
            raise ValueError(f"{action} closes values but has no key")
        secrets = {k: v for k, v in closed.items() if isinstance(v, Secret)}
        part["k"] = str(key_id)
        part["s"] = {k: plain(seal(key, key_id, v.field, v.text)) for k, v in secrets.items()}
        rest = {k: v for k, v in closed.items() if k not in secrets}
        if rest:
            part["c"] = plain(seal_bytes(key, key_id, CLOSED, canonical(rest).encode()))
    return part


def read_part(entry: Entry | Fresh, index: int, raw: Mapping[str, Any], keys: Mapping[UUID, bytes]) -> Part:
    """A part with its closed values opened, or without them where the key is gone."""
    key_id = UUID(raw["k"]) if "k" in raw else None
    key = keys.get(key_id) if key_id else None
    closed: Mapping[str, Any] = {}
    if key is not None and key_id is not None and "c" in raw:
        closed = json.loads(unseal_bytes(key, key_id, CLOSED, base64.b64decode(raw["c"])))
    sealed = {k: base64.b64decode(v) for k, v in raw.get("s", {}).items()} if key is not None else {}
    return Part(
        action=raw["a"],
        version=raw["v"],
        entry_id=entry.id,
        index=index,
        actor_id=entry.actor_id,
        happened_at=entry.happened_at,
        precision=entry.precision,
        received_at=entry.received_at,
        subject=UUID(raw["p"]) if "p" in raw else None,
        open=raw["o"],
        closed=closed,
        sealed=sealed,
        erased=key_id is not None and key is None,
    )


def parts_of(entries: Sequence[Entry], store: Keystore | None = None) -> Iterator[Part]:
    """The parts of entries in their order, with one look-up of all keys (in the site's keystore)."""
    read = [(entry, json.loads(entry.parts)) for entry in entries]
    keys = (store or keystore()).read(UUID(raw["k"]) for _, parts in read for raw in parts if "k" in raw)
    for entry, parts in read:
        for index, raw in enumerate(parts):
            yield read_part(entry, index, raw, keys)


def rows_of(part: Part) -> Iterable[rows.Row]:
    """The row changes of a part, by the apply function frozen for its version."""
    return APPLIES[part.action, part.version](part)


def write_entries(entries: Sequence[Entry], using: str = "default") -> None:
    """Append many entries and their rows at once (bulk loading); the caller holds the transaction."""
    changes = [row for part in parts_of(entries) for row in rows_of(part)]
    rows.write_many(changes, using)
    append(entries, using)


def append(entries: Sequence[Entry | Fresh], using: str = "default") -> None:
    """Insert entries into the journal and tell the sequencer."""
    to = rows.table("house.Entry", using)
    quote = connections[using].ops.quote_name
    names = [f.attname for f in to.fields]
    for entry in entries:
        values = to.prepared({name: getattr(entry, name) for name in names}, using)
        (serial,) = quick.ask(f"{to.insert} RETURNING {quote('serial')}", values, using)[0]
        quick.tell(f"INSERT INTO {quote('house_arrival')} ({quote('serial')}) VALUES (%s)", [serial], using)
    quick.forget("house.Entry", using)


def faults_in(entry: Entry) -> list[str]:
    """Why an entry cannot be read back, as codes (for `verify`); an erased part is no fault."""
    try:
        unknown = [p for p in parts_of([entry]) if (p.action, p.version) not in APPLIES]
    except (ValueError, KeyError, TypeError, AttributeError, InvalidTag):
        return ["unreadable"]
    return ["unknown-action"] * bool(unknown)
