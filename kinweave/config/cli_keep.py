"""`kinweave backup`, `restore`, `verify` and `replay --check`."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from dataclasses import asdict
from pathlib import Path

from kinweave.config.cli import DIFFERS, say
from kinweave.config.prepare import setup
from kinweave.config.progress import progress
from kinweave.core.problems import Problem


class NoSuchFile(Problem):
    status, code = 404, "no-such-file"
    says = "There is no file {name}."
    remedy = "Check the path, and that the medium is connected."


def _file(given: str) -> Path:
    path = Path(given)
    if not path.is_file():
        raise NoSuchFile(name=path.name)
    return path


def backup(arguments: argparse.Namespace) -> int:
    """Write the pair of files and print the receipt."""
    setup()
    from kinweave.house.backup import backup as make

    receipt = make(Path(arguments.to), anyway=arguments.anyway, on_progress=progress("Backing up"))
    for line in receipt.lines():
        say(line)
    say("Keep the two files in two places. Print this receipt, or copy the chain head on paper.")
    return 0


def restore(arguments: argparse.Namespace) -> int:
    """Restore the pair into an empty home."""
    data = _file(arguments.data)
    keys = _file(arguments.keys) if arguments.keys else _file(str(data.with_suffix(".keys")))
    ledgers = [_file(one) for one in arguments.ledger]
    paper = _typed_paper() if arguments.paper else None
    house_key = _file(arguments.house_key).read_bytes() if arguments.house_key else None
    setup()
    from kinweave.house.backup_restore import restore as bring_back

    done = bring_back(
        data, keys, paper=paper, house_key=house_key, ledgers=ledgers, anyway=arguments.anyway,
        on_progress=progress("Restoring"),
    )  # fmt: skip
    say(f"Restored {done.position} entries and {done.rows} rows; {done.erased} erasures were done once more.")
    if not done.had_ledger:
        say("No erasure ledger was found here. If there is one elsewhere, restore again with --ledger FILE.")
    say("Reports and sums that went out after this backup are unknown here: make none of the same place and time.")
    say("Phones will offer again what they still keep. Now run `kinweave verify` and `kinweave replay --check`.")
    return 0


def _typed_paper() -> str:
    """The paper key: hidden while it is typed, or from a pipe."""
    if sys.stdin.isatty():
        return getpass.getpass("Type the fifteen groups of the paper key (they are not shown): ")
    return sys.stdin.read()


def verify(arguments: argparse.Namespace) -> int:
    """Look for changes behind the journal's back."""
    setup()
    from kinweave.house.verify import verify as look

    found = look(on_progress=progress("Verifying"))
    if arguments.json:
        say(json.dumps(asdict(found), default=str))
    else:
        say(f"{found.entries} entries, chain head {found.head}")
        for fault in found.faults[:50]:
            say(f"  {fault.code} at position {fault.position}, entry {fault.entry}")
        say("Nothing was changed." if found.ok else f"{len(found.faults)} faults. Keep this output and ask for help.")
    return 0 if found.ok else DIFFERS


def replay(arguments: argparse.Namespace) -> int:
    """Rebuild every table in a second database and compare."""
    setup()
    from kinweave.house.replay import check

    report = check(on_progress=progress("Replaying"))
    for table, rows in sorted(report.rows.items()):
        say(f"  {table}: {rows} rows")
    for one in report.differences:
        say(f"  {one.kind} {one.table} {one.row_id} {' '.join(one.columns)}".rstrip())
    say(f"{report.entries} entries replayed, {report.faults} differences.")
    return 0 if report.ok else DIFFERS
