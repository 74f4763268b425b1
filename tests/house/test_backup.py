"""A backup made while others write, restored on an empty machine from the pair of files and the paper alone."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import struct
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from kinweave.flows.erase import erase_person
from kinweave.house import backup_file, sealing
from kinweave.house.access import SYSTEM
from kinweave.house.actions import add_organisation
from kinweave.house.backup import LEFT_BEHIND, OTHERS, ChainBroken, Receipt, backup, tables
from kinweave.house.backup_file import BackupCut, BackupDamaged, NewerBackup, NoBackup, NoSpace, WrongHouseKey
from kinweave.house.backup_restore import KeysDamaged, NotAPair, restore
from kinweave.house.models import Account, Entry, Position, ReadLog, Touched
from kinweave.house.operational import OPERATIONAL
from kinweave.house.paperkey import PaperGroup, to_paper
from kinweave.house.readlog import looked
from kinweave.house.sealing import house_key
from kinweave.house.sequencer import last_position
from tests.sites import Site, make_site
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

RESTORE = """
import json, sys
from pathlib import Path
from kinweave.house.backup_restore import restore
from kinweave.core.problems import Problem
try:
    done = restore(Path(BACKUP), Path(KEYS), paper=PAPER, ledgers=[Path(p) for p in LEDGERS], anyway=ANYWAY)
except Problem as problem:
    print(json.dumps({"problem": problem.code, **problem.as_dict()["facts"]}))
    sys.exit(0)
from kinweave.house.replay import check
from kinweave.house.verify import verify
from kinweave.house.models import Account, Entry, ReadLog
from kinweave.house.access import SYSTEM
from kinweave.house.sealing import open_sealed, keystore
from kinweave.people.models import Person
from kinweave.house.sequencer import epoch
verdict, report = verify(known={done.position: done.head}), check()
names = sorted(n for n in (open_sealed(p.id, "people.person.name", p.name) for p in Person.objects.all()) if n)
erased = sorted(str(i) for i in Person.objects.exclude(erased_at=None).values_list("id", flat=True))
print(json.dumps({
    "position": done.position, "head": done.head, "epoch": str(epoch()), "erased_again": done.erased,
    "faults": [f.code for f in verdict.faults], "differences": len(report.differences),
    "entries": Entry.objects.count(),
    "names": names, "erased": erased, "accounts": Account.objects.count(), "reads": ReadLog.objects.count(),
    "password": Account.objects.get(username="amina").check_password("a bench under a tree"), "rows": done.rows,
    "keys": keystore().count(),
}))
"""


@dataclass(frozen=True)
class Pair:
    receipt: Receipt
    paper: str

    def restore_at(self, site: Site, *, ledgers=(), paper=None, backup=None, keys=None, anyway=False) -> dict:
        given = {
            "BACKUP": str(backup or self.receipt.backup), "KEYS": str(keys or self.receipt.keys),
            "PAPER": paper or self.paper, "LEDGERS": [str(p) for p in ledgers], "ANYWAY": anyway,
        }  # fmt: skip
        code = "".join(f"{name} = {value!r}\n" for name, value in given.items()) + RESTORE
        return json.loads(site.run(code).splitlines()[-1])


@pytest.fixture
def people(world):
    return {name: world.person(name=name, birth_year=1990) for name in ("Zuhura", "زهرة", "Тая")}


@pytest.fixture
def pair(world, people, tmp_path) -> Pair:
    looked(world.actor("amina"), "people.person", list(people.values()))
    return Pair(backup(tmp_path / "backups"), to_paper(house_key()))


def untouched(site: Site) -> bool:
    """Nothing was restored: no database file (SQLite), no entry and no account (PostgreSQL), no keys."""
    if (site.home / "keys" / "keys.sqlite3").exists() or (site.home / "keys" / "house.key").exists():
        return False
    if not site.url:
        return not [p for p in site.files() if "kinweave.sqlite3" in p.name and p.stat().st_size]
    from tests.sites import connect

    with connect(site.url) as db:
        there = db.execute("SELECT to_regclass('house_entry')").fetchone()[0]
        return there is None or db.execute("SELECT count(*) FROM house_entry, house_account").fetchone()[0] == 0


def test_from_backup_keys_and_paper_alone_everything_comes_back(pair, tmp_path):
    machine = make_site(tmp_path / "machine", empty=True)
    told = pair.restore_at(machine)
    assert (told["position"], told["head"]) == (pair.receipt.position, pair.receipt.head)
    assert (told["faults"], told["differences"]) == ([], 0)
    assert told["entries"] == Entry.objects.count() == pair.receipt.position
    assert told["names"] == sorted(["Zuhura", "زهرة", "Тая"])
    assert told["accounts"] == Account.objects.count()
    assert told["reads"] == ReadLog.objects.count() == 1
    assert told["password"]
    assert told["rows"] == pair.receipt.rows
    assert told["epoch"] != pair.receipt.epoch
    touched = machine.run("""
from kinweave.house.models import Touched
print(sorted((str(row.subject_id), row.position) for row in Touched.objects.all()))
""")
    here = sorted((str(row.subject_id), row.position) for row in Touched.objects.all())
    assert touched.strip() == str(here), "who changed when is made anew from the journal"
    assert here
    # The restored site goes on: the next entry gets the next position.
    more = machine.run("""
from kinweave.house.access import SYSTEM
from kinweave.house.actions import add_organisation
from kinweave.house.sequencer import sequence
from kinweave.house.verify import verify
add_organisation(by=SYSTEM, name="After"); print(sequence(), verify().ok)
""")
    assert more.split() == [str(told["position"] + 1), "True"]


def test_a_restore_never_writes_over_a_site(pair, tmp_path):
    machine = make_site(tmp_path / "machine", empty=True)
    pair.restore_at(machine)
    assert pair.restore_at(machine) == {"problem": "not-empty"}


def test_the_receipt_and_the_files_tell_nothing_about_people(pair, people):
    printed = "\n".join(pair.receipt.lines())
    assert "".join(pair.receipt.head.split()) in printed.replace(" ", "")
    for path in (pair.receipt.backup, pair.receipt.keys):
        assert os.name == "nt" or path.stat().st_mode & 0o077 == 0
        content = path.read_bytes()
        for word in (b"Zuhura", "زهرة".encode(), b"amina", b"people.register_person", b"Open Bench"):
            assert word not in content
        assert not any(str(one).encode() in content for one in people.values())


def test_an_erased_person_stays_erased_after_a_restore_from_before(pair, world, people, tmp_path):
    """The backup still has the person and the key; the ledger, kept elsewhere, has the last word."""
    erase_person(by=world.actor("farai"), person_id=people["Zuhura"])
    machine = make_site(tmp_path / "machine", empty=True)
    told = pair.restore_at(machine, ledgers=[settings.ERASURE_LEDGER])
    assert told["erased"] == [str(people["Zuhura"])]
    assert told["names"] == sorted(["زهرة", "Тая"])
    assert told["erased_again"] == 1
    assert (told["faults"], told["differences"]) == ([], 0)
    assert told["keys"] == sealing.keystore().count()
    wrapped = sqlite3.connect(pair.receipt.keys).execute(
        "SELECT wrapped FROM key WHERE id = ?", [people["Zuhura"].bytes]
    )
    key = wrapped.fetchone()[0]
    wrapped.connection.close()
    assert not any(key in path.read_bytes() for path in machine.files())


def test_an_erasure_within_the_backup_needs_no_ledger(world, people, tmp_path):
    erase_person(by=world.actor("farai"), person_id=people["Zuhura"])
    made = Pair(backup(tmp_path / "backups"), to_paper(house_key()))
    machine = make_site(tmp_path / "machine", empty=True)
    told = made.restore_at(machine)
    assert told["erased"] == [str(people["Zuhura"])]
    assert (told["faults"], told["differences"], told["erased_again"]) == ([], 0, 0)
    assert str(people["Zuhura"]) in (machine.home / "keys" / "erased.jsonl").read_text()


def test_it_is_whole_while_others_write(world, tmp_path):
    """Writers go on during the backup; every entry in it has its key in the other file, and its rows come back."""
    stop, faults = threading.Event(), []

    def write(number: int) -> None:
        try:
            while not stop.is_set():
                world.person(alias=f"Writer {number}", consent=False)
        except Exception as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(10):
            world.person(consent=False)
        made = Pair(backup(tmp_path / "backups"), to_paper(house_key()))
        for _ in range(10):
            world.person(consent=False)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert faults == []
    assert made.receipt.position < Entry.objects.count()
    told = made.restore_at(make_site(tmp_path / "machine", empty=True))
    assert (told["faults"], told["differences"]) == ([], 0)
    assert told["entries"] == made.receipt.position


def test_from_one_kind_of_database_to_the_other(pair, tmp_path):
    """The format is one: a SQLite site restored from whichever database this run has."""
    folder = tmp_path / "other"
    folder.mkdir()
    told = pair.restore_at(Site(folder, ""))
    assert (told["position"], told["faults"], told["differences"]) == (pair.receipt.position, [], 0)


@pytest.mark.parametrize("where", ["first", "middle", "last", "header", "length"])
def test_one_changed_byte_is_found_and_nothing_is_restored(pair, tmp_path, where, monkeypatch):
    whole = pair.receipt.backup.read_bytes()
    start = len(backup_file.MAGIC) + 4
    length = struct.unpack(">I", whole[start - 4 : start])[0]
    at = {
        "first": start + length + 8, "middle": start + length + (len(whole) - start - length) // 2,
        "last": len(whole) - 1, "header": whole.index(b'"made": "') + 12, "length": start + length,
    }[where]  # fmt: skip
    damaged = tmp_path / "damaged.backup"
    damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    machine = make_site(tmp_path / "machine", empty=True)
    assert pair.restore_at(machine, backup=damaged)["problem"] in ("backup-damaged", "backup-cut", "no-backup")
    assert untouched(machine)


@pytest.fixture
def pieces(pair, monkeypatch, tmp_path) -> tuple[Path, list[int]]:
    """A backup of many small pieces, and where each begins."""
    monkeypatch.setattr(backup_file, "PIECE", 1024)
    made = backup(tmp_path / "small").backup
    whole = made.read_bytes()
    at = len(backup_file.MAGIC) + 4
    at += struct.unpack(">I", whole[at - 4 : at])[0]
    begins = []
    while at < len(whole):
        begins.append(at)
        at += 4 + struct.unpack(">I", whole[at : at + 4])[0]
    return made, begins


def read_all(path: Path) -> int:
    return sum(1 for _ in backup_file.read_lines(path, house_key()))


def test_cut_doubled_or_swapped_pieces_are_found(pieces, tmp_path):
    made, begins = pieces
    whole = made.read_bytes()
    assert len(begins) > 5
    assert read_all(made) > Entry.objects.count()
    head, parts = whole[: begins[0]], [whole[a:b] for a, b in zip(begins, [*begins[1:], len(whole)], strict=True)]
    wrong = {
        "cut at a piece": (BackupCut, [*parts[:-1]]),
        "cut within": (BackupCut, [*parts[:-1], parts[-1][:-5]]),
        "only the header": (BackupCut, []),
        "one missing": (BackupDamaged, [*parts[:2], *parts[3:]]),
        "one doubled": (BackupDamaged, [*parts[:2], parts[1], *parts[2:]]),
        "two swapped": (BackupDamaged, [parts[1], parts[0], *parts[2:]]),
        "more at the end": (BackupDamaged, [*parts, parts[0]]),
    }
    for what, (problem, changed) in wrong.items():
        path = tmp_path / "wrong.backup"
        path.write_bytes(head + b"".join(changed))
        with pytest.raises(problem):
            pytest.fail(f"{what} was read: {read_all(path)} lines")


def test_pieces_of_another_backup_do_not_fit(pieces, tmp_path):
    made, begins = pieces
    other = backup(tmp_path / "small").backup
    mixed = tmp_path / "mixed.backup"
    mixed.write_bytes(made.read_bytes()[: begins[0]] + other.read_bytes()[begins[0] :])
    with pytest.raises(BackupDamaged):
        read_all(mixed)


def test_what_is_no_backup_or_a_newer_one_is_said_clearly(pair, tmp_path):
    for content in (b"", b"PK\x03\x04 a zip", pair.receipt.keys.read_bytes(), backup_file.MAGIC + b"\xff" * 40):
        path = tmp_path / "what"
        path.write_bytes(content)
        with pytest.raises(NoBackup):
            read_all(path)
    newer = tmp_path / "newer"
    newer.write_bytes(pair.receipt.backup.read_bytes().replace(b'"format": 1', b'"format": 2'))
    with pytest.raises(NewerBackup):
        read_all(newer)


def test_another_key_or_paper_is_refused(pair, tmp_path):
    with pytest.raises(WrongHouseKey):
        list(backup_file.read_lines(pair.receipt.backup, bytes(32)))
    with pytest.raises(WrongHouseKey):
        restore(pair.receipt.backup, pair.receipt.keys, house_key=bytes(32))
    mistyped = pair.paper.split()
    mistyped[2] = "0000" if mistyped[2] != "0000" else "1111"
    with pytest.raises(PaperGroup):
        restore(pair.receipt.backup, pair.receipt.keys, paper=" ".join(mistyped))
    machine = make_site(tmp_path / "machine", empty=True)
    assert pair.restore_at(machine, paper=to_paper(bytes(32))) == {"problem": "wrong-house-key"}
    assert pair.restore_at(machine, paper=" ".join(mistyped)) == {"problem": "paper-group", "group": 3}
    assert untouched(machine)


def test_a_wrong_pair_and_damaged_keys_are_refused(pair, tmp_path):
    machine = make_site(tmp_path / "machine", empty=True)
    other = backup(tmp_path / "backups")
    assert pair.restore_at(machine, keys=other.keys) == {"problem": "not-a-pair"}
    assert pair.restore_at(machine, keys=pair.receipt.backup) == {"problem": "keys-damaged"}
    damaged = tmp_path / "damaged.keys"
    shutil.copyfile(pair.receipt.keys, damaged)
    with sqlite3.connect(damaged) as db:
        db.execute("UPDATE key SET wrapped = zeroblob(60) WHERE rowid = 1")
    db.close()
    assert pair.restore_at(machine, keys=damaged) == {"problem": "keys-damaged"}
    assert untouched(machine)
    assert {NotAPair.code, KeysDamaged.code} == {"not-a-pair", "keys-damaged"}


def test_a_full_disk_is_a_clear_problem_and_leaves_nothing(world, people, tmp_path, monkeypatch):
    monkeypatch.setattr(backup_file, "PIECE", 1024)

    def full(self, content, last):
        if self._number > 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, content, last)

    real = backup_file.Writer._piece
    monkeypatch.setattr(backup_file.Writer, "_piece", full)
    with pytest.raises(NoSpace):
        backup(tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_full_disk_at_the_keys_leaves_nothing(world, tmp_path, monkeypatch):
    def full(self, target):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(type(sealing.keystore()), "copy_to", full)
    with pytest.raises(NoSpace):
        backup(tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


@pytest.mark.sqlite_only  # PostgreSQL's files are its own
@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs a limit on the size of files")
def test_a_disk_that_is_full_during_a_restore_leaves_nothing(pair, tmp_path):
    machine = make_site(tmp_path / "machine", empty=True)
    limit = "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
    code = f"{limit}BACKUP, KEYS = {str(pair.receipt.backup)!r}, {str(pair.receipt.keys)!r}\n"
    code += f"PAPER, LEDGERS, ANYWAY = {pair.paper!r}, [], False\n{RESTORE}"
    assert json.loads(machine.run(code).splitlines()[-1])["problem"] in ("no-space", "cannot-write")
    assert untouched(machine)
    assert pair.restore_at(machine)["faults"] == []


def test_a_changed_journal_is_not_backed_up_as_if_it_were_whole(pair, world, people, tmp_path):
    entry = Entry.objects.order_by("-serial").first()
    Entry.objects.filter(serial=entry.serial).update(device="x")
    position = Position.objects.get(serial=entry.serial).position
    with pytest.raises(ChainBroken) as fault:
        backup(tmp_path / "more")
    assert fault.value.facts == {"position": position}
    assert list((tmp_path / "more").iterdir()) == []
    anyway = Pair(backup(tmp_path / "more", anyway=True), pair.paper)
    machine = make_site(tmp_path / "machine", empty=True)
    assert anyway.restore_at(machine) == {"problem": "chain-differs"}
    assert untouched(machine)
    told = anyway.restore_at(machine, anyway=True)
    assert told["faults"] == ["changed"]
    assert told["differences"] == 0


def test_every_operational_table_is_taken_along_or_left_with_a_reason():
    labels = {model._meta.label for model in tables()}
    assert labels == (OPERATIONAL - set(LEFT_BEHIND)) | set(OTHERS)
    assert set(LEFT_BEHIND) <= OPERATIONAL
    assert all(LEFT_BEHIND.values())


def test_second_factors_come_along(world, tmp_path):
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=world.accounts["amina"], type="totp", data={"secret": "abc"})
    made = Pair(backup(tmp_path / "backups"), to_paper(house_key()))
    machine = make_site(tmp_path / "machine", empty=True)
    made.restore_at(machine)
    told = machine.run("""
from allauth.mfa.models import Authenticator
print([(a.user.username, a.type, a.data) for a in Authenticator.objects.all()])
""")
    assert told.strip() == "[('amina', 'totp', {'secret': 'abc'})]"


def test_two_backups_in_one_minute_both_stay(world, tmp_path):
    one, two = backup(tmp_path), backup(tmp_path)
    assert one.backup != two.backup
    assert one.backup.exists()
    assert two.keys.exists()
    assert one.backup.name.startswith("kinweave-20")


def test_an_empty_site_can_be_backed_up_too(db, tmp_path):
    told = []
    made = backup(tmp_path, on_progress=lambda done, total: told.append((done, total)))
    assert made.position == 0
    add_organisation(by=SYSTEM, name="One")
    made = backup(tmp_path, on_progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (1, 1) == (made.position, last_position())
    assert PASSWORD
