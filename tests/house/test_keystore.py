"""Keys: durable before they are used, gone for good once destroyed, safe among threads and processes."""

from __future__ import annotations

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag

from kinweave.house.keystore import KEY_BYTES, Keystore, read_house_key

pytestmark = pytest.mark.sqlite_only  # a file of its own, whatever the site's database
HOUSE = bytes(range(32))


@pytest.fixture
def store(tmp_path: Path) -> Keystore:
    return Keystore(tmp_path / "keys.sqlite3", HOUSE)


def bytes_beside(store: Keystore) -> bytes:
    return b"".join(p.read_bytes() for p in store.path.parent.iterdir() if p.is_file())


def test_a_key_is_made_once_and_stays_the_same(store: Keystore) -> None:
    one = uuid4()
    first = store.create([one])
    assert store.create([one, one]) == first == store.read([one, uuid4()])
    assert len(first[one]) == KEY_BYTES
    assert store.count() == 1


def test_a_key_lies_nowhere_unwrapped(store: Keystore) -> None:
    keys = store.create([uuid4() for _ in range(50)])
    whole = bytes_beside(store)
    assert not any(key in whole for key in keys.values())


def test_another_house_key_opens_nothing(store: Keystore) -> None:
    one = uuid4()
    store.create([one])
    with pytest.raises(InvalidTag):
        Keystore(store.path, bytes(32)).read([one])


def test_a_key_moved_to_another_id_does_not_open(store: Keystore) -> None:
    one, other = uuid4(), uuid4()
    store.create([one, other])
    with sqlite3.connect(store.path) as db:
        wrapped = db.execute("SELECT wrapped FROM key WHERE id = ?", [one.bytes]).fetchone()[0]
        db.execute("UPDATE key SET wrapped = ? WHERE id = ?", [wrapped, other.bytes])
    db.close()
    with pytest.raises(InvalidTag):
        store.read([other])


def test_a_destroyed_key_leaves_no_byte_behind(store: Keystore) -> None:
    ids = [uuid4() for _ in range(200)]
    store.create(ids)
    with sqlite3.connect(store.path) as db:
        wrapped = dict(db.execute("SELECT id, wrapped FROM key").fetchall())
    db.close()
    gone = ids[::3]
    store.destroy(gone)
    whole = bytes_beside(store)
    for one in ids:
        assert (wrapped[one.bytes] in whole) is (one not in gone)
        assert (wrapped[one.bytes][12:28] in whole) is (one not in gone)


def test_a_destroyed_key_is_never_made_again(store: Keystore) -> None:
    one = uuid4()
    store.create([one])
    store.destroy([one])
    assert store.create([one]) == {}
    assert store.read([one]) == {}
    Keystore(store.path, HOUSE).create([one])
    assert store.count() == 0


def test_it_is_gone_for_every_thread_and_process_at_once(store: Keystore) -> None:
    one = uuid4()
    store.create([one])
    may_look, seen = threading.Event(), []

    def other() -> None:
        seen.append(bool(store.read([one])))
        may_look.wait(10)
        seen.append(bool(store.read([one])))

    thread = threading.Thread(target=other)
    thread.start()
    while not seen:
        pass
    store.destroy([one])
    may_look.set()
    thread.join()
    assert seen == [True, False]


def test_many_threads_make_one_key_for_one_id(store: Keystore) -> None:
    ids = [uuid4() for _ in range(20)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: store.create(ids), range(16)))
    assert all(one == made[0] for one in made)
    assert store.count() == len(ids)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_has_a_connection_of_its_own(store: Keystore) -> None:
    one, two = uuid4(), uuid4()
    store.create([one])
    process = os.fork()
    if process == 0:
        try:
            store.create([two])
            os._exit(0 if one in store.read([one]) else 1)
        except BaseException:
            os._exit(2)
    assert os.waitpid(process, 0)[1] == 0
    assert set(store.ids()) == {one, two}


def test_a_copy_is_whole_while_others_write(store: Keystore, tmp_path: Path) -> None:
    store.create([uuid4() for _ in range(100)])
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            store.create([uuid4()])

    writer = threading.Thread(target=write)
    writer.start()
    (tmp_path / "copy").mkdir()
    store.copy_to(tmp_path / "copy" / "keys")
    stop.set()
    writer.join()
    assert [p.name for p in (tmp_path / "copy").iterdir()] == ["keys"]  # one plain file, nothing beside it
    copy = Keystore(tmp_path / "copy" / "keys", HOUSE)
    assert copy.count() >= 100
    assert copy.read(list(copy.ids())) == store.read(list(copy.ids()))


def test_taking_in_another_store_keeps_what_is_there_and_what_is_gone(store: Keystore, tmp_path: Path) -> None:
    other = Keystore(tmp_path / "other.sqlite3", HOUSE)
    same, gone_here, gone_there, new = (uuid4() for _ in range(4))
    mine = store.create([same, gone_here, gone_there])
    theirs = other.create([same, gone_here, gone_there, new])
    store.destroy([gone_here])
    other.destroy([gone_there])
    store.absorb(other)
    assert store.read([same, gone_here, gone_there, new]) == {same: mine[same], new: theirs[new]}
    assert store.create([gone_here, gone_there]) == {}


def test_the_house_key_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "house.key"
    with ThreadPoolExecutor(4) as pool:
        keys = set(pool.map(lambda _: read_house_key(path), range(4)))
    assert len(keys) == 1
    assert [p.name for p in path.parent.iterdir()] == ["house.key"]
    assert os.name == "nt" or path.stat().st_mode & 0o077 == 0
