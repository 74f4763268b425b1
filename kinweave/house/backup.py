"""Backup: a pair of files made while others write, the same for both databases.

`kinweave-YYYYMMDD-HHMM.backup` holds every placed entry and the operational tables, sealed (house.backup_file);
`….keys` is the keystore's copy, its keys wrapped under the house key. Keep the two apart from each other and from
the house key or its paper: each alone tells nothing. The erasure ledger belongs to neither, on purpose.
Domain tables are not in it: restore makes them from the entries, as replay does.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models

from kinweave import __version__
from kinweave.core.problems import Problem
from kinweave.house.backup_file import FORMAT, Header, Writer, check_of, disk_faults, flush_to_disk
from kinweave.house.erasure import sync_folder
from kinweave.house.journal import plain
from kinweave.house.models import Position, Site
from kinweave.house.operational import OPERATIONAL
from kinweave.house.scratch import snapshot
from kinweave.house.sealing import house_key, keystore
from kinweave.house.sequencer import START, digest, sequence, since, site

Progress = Callable[[int, int], None]

# Operational tables that stay behind, each with its reason; every other one of house.operational is taken along.
LEFT_BEHIND = {
    "house.ParkedForm": "half-typed forms, kept for an hour",
    "house.Session": "everyone signs in again after a restore",
    "house.Lease": "which process does what at this moment",
    "house.Touched": "made anew from the journal",
}
# What other packages keep for us: second factors.
OTHERS = ("mfa.Authenticator",)
ENTRY_FIELDS = (
    "id", "action", "actor_id", "device", "happened_at", "happened_offset", "precision", "received_at",
    "subject_id", "asked", "parts",
)  # fmt: skip


class ChainBroken(Problem):
    status, code = 409, "chain-broken"
    says = "The journal was changed at position {position}. This was not backed up as if it were whole."
    remedy = "Run `kinweave verify` and look into it. `--anyway` makes a backup that carries the fault along."


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was backed up. `head` is the chain's last digest: print it, it shows a rewritten journal later."""

    backup: Path
    keys: Path
    made: str
    epoch: str
    position: int
    head: str
    rows: int
    size: int

    def lines(self) -> list[str]:
        """The receipt as it is printed."""
        return [
            f"Backup      {self.backup.name}",
            f"Keys        {self.keys.name}",
            f"Made        {self.made}",
            f"Entries     {self.position}",
            f"Chain head  {' '.join(self.head[i : i + 8] for i in range(0, 64, 8))}",
        ]


def tables() -> list[type[models.Model]]:
    """The operational tables that a backup takes along."""
    labels = [
        *sorted(OPERATIONAL - set(LEFT_BEHIND)),
        *(o for o in OTHERS if apps.is_installed(f"allauth.{o.split('.')[0]}")),
    ]
    return [apps.get_model(label) for label in labels]


def backup(folder: Path, *, anyway: bool = False, on_progress: Progress | None = None) -> Receipt:
    """Write the pair into `folder` while others go on writing; both are whole when they appear.

    Raises NoSpace, CannotWrite, ChainBroken (unless `anyway`).
    """
    made = datetime.now(UTC)
    sequence()
    site()
    target, keys = _names(folder, made)
    parts = target.with_suffix(".backup.partial"), keys.with_suffix(".keys.partial")
    with disk_faults(*parts):
        folder.mkdir(parents=True, exist_ok=True)
        with snapshot() as using, open(parts[0], "xb", opener=_private) as file:
            header = _header(using, made)
            writer = Writer(file, header, house_key())
            _write_entries(writer, using, header.position, anyway, on_progress)
            rows = _write_tables(writer, using)
            writer.line(["end", header.position, rows])
            writer.close()
            file.flush()
            os.fsync(file.fileno())
        _copy_keys(parts[1], header.pair)  # after the snapshot: the key of every entry in it is there
        parts[1].replace(keys)
        parts[0].replace(target)
        sync_folder(folder)
    return Receipt(target, keys, header.made, header.epoch, header.position, header.head, rows, target.stat().st_size)


def _names(folder: Path, made: datetime) -> tuple[Path, Path]:
    stem = f"kinweave-{made:%Y%m%d-%H%M}"
    number = 1
    while (folder / f"{stem}.backup").exists() or (folder / f"{stem}.keys").exists():
        number += 1
        stem = f"kinweave-{made:%Y%m%d-%H%M}-{number}"
    return folder / f"{stem}.backup", folder / f"{stem}.keys"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _header(using: str, made: datetime) -> Header:
    last = Position.objects.using(using).order_by("-position").first()
    here = Site.objects.using(using).get(id=1)
    salt = secrets.token_bytes(16)
    return Header(
        format=FORMAT,
        made=made.isoformat(timespec="seconds"),
        release=__version__,
        epoch=str(here.epoch),
        position=last.position if last else 0,
        head=bytes(last.digest).hex() if last else START.hex(),
        invented=here.invented,
        ready=here.ready,
        pair=secrets.token_hex(16),
        salt=salt.hex(),
        check=check_of(house_key(), salt),
    )


def _write_entries(writer: Writer, using: str, last: int, anyway: bool, on_progress: Progress | None) -> None:
    """Every placed entry with its digest, checked against the chain on the way."""
    chained, done = START, 0
    while found := since(done, using=using):
        stored = dict(
            Position.objects.using(using)
            .filter(position__gte=found[0][0], position__lte=found[-1][0])
            .values_list("position", "digest")
        )
        for position, entry in found:
            before, chained = chained, bytes(stored[position])
            if digest(before, entry) != chained and not anyway:
                raise ChainBroken(position=position)
            writer.line(["e", chained.hex(), *(plain(getattr(entry, name)) for name in ENTRY_FIELDS)])
        done = found[-1][0]
        if on_progress:
            on_progress(done, last)


def _write_tables(writer: Writer, using: str) -> int:
    count = 0
    for model in tables():
        names = [f.attname for f in model._meta.concrete_fields]
        writer.line(["t", model._meta.label, names])
        for row in _rows(model, names, using):
            writer.line(["r", *(_plain(value) for value in row)])
            count += 1
    return count


def _rows(model: type[models.Model], names: list[str], using: str) -> Iterator[tuple[Any, ...]]:
    yield from model._base_manager.using(using).order_by("pk").values_list(*names).iterator(2_000)


def _plain(value: Any) -> Any:
    found = plain(value)
    return found if isinstance(found, (str, int, float, bool, list, dict, type(None))) else str(found)


def _copy_keys(target: Path, pair: str) -> None:
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    keystore().copy_to(target)
    copy = sqlite3.connect(target)
    try:
        with copy:
            copy.execute("CREATE TABLE pair (id TEXT NOT NULL)")
            copy.execute("INSERT INTO pair VALUES (?)", [pair])
    finally:
        copy.close()
    flush_to_disk(target)
