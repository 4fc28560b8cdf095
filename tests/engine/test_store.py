"""The store of bytes: by their hash, whole or not at all, by several at once."""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import os
import stat
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import errors
from engine.store import Store

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "documents")


def put(store: Store, content: bytes, limit: int = 10_000) -> str:
    return store.put(io.BytesIO(content), limit).sha256


def age(store: Store, sha256: str, by: timedelta) -> None:
    before = (datetime.now(UTC) - by).timestamp()
    os.utime(store.path(sha256), (before, before))


def left(store: Store) -> list[str]:
    return sorted(path.name for path in store.folder.rglob("*") if path.is_file() and path.name != ".lock")


@settings(max_examples=50, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=5))
def test_what_is_put_is_read_back_under_its_hash(contents: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder, "a", "b"))
        hashes = [put(store, content) for content in contents]
        assert [store.path(sha256).read_bytes() for sha256 in hashes] == contents
        assert all(
            sha256 == hashlib.sha256(content).hexdigest() for sha256, content in zip(hashes, contents, strict=True)
        )
        assert [sha256 for sha256, _ in store.files()] == sorted(set(hashes)) == left(store)
        assert all(store.has(sha256) and store.verify(sha256) for sha256 in hashes)


def test_only_the_owner_can_read(store: Store) -> None:
    path = store.path(put(store, b"rahasia"))
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent, store.folder)]
    assert modes == [0o600, 0o700, 0o700]


def test_beyond_the_limit_nothing_is_left(store: Store) -> None:
    put(store, b"x" * 10, limit=10)
    with pytest.raises(errors.FileTooLarge):
        put(store, b"y" * 11, limit=10)
    assert len(left(store)) == 1


def test_what_breaks_off_or_is_not_kept_leaves_nothing(store: Store) -> None:
    class Broken(io.RawIOBase):
        def read(self, _size: int = -1) -> bytes:
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        store.put(Broken(), 10)  # type: ignore[arg-type]
    with store.receive(io.BytesIO(b"x"), 10) as received:
        assert received.file.read_bytes() == b"x"
    assert left(store) == []


@given(st.text(max_size=70))
def test_no_other_name_becomes_a_path(name: str) -> None:
    store = Store(Path("nowhere"))
    assert not store.has(name)
    assert not store.verify(name)
    with pytest.raises(ValueError, match="sha256"):
        store.path(name)


@pytest.mark.parametrize("name", ["a" * 63, "A" * 64, "a" * 64 + "\n", "../" + "a" * 61, "a" * 65])
def test_nor_does_one_that_is_nearly_a_hash(name: str) -> None:
    with pytest.raises(ValueError, match="sha256"):
        Store(Path("nowhere")).open(name)


def test_changed_bytes_are_found_and_healed_by_putting_them_again(store: Store) -> None:
    sha256 = put(store, b"benar")
    store.path(sha256).write_bytes(b"salah")
    assert store.has(sha256)
    assert not store.verify(sha256)
    put(store, b"benar")
    assert store.verify(sha256)


def test_sweeping_removes_what_is_old_and_unnamed(store: Store) -> None:
    old, young, named = (put(store, content) for content in (b"old", b"young", b"named"))
    (store.folder / ".part-old").touch()
    (store.folder / ".part-young").touch()
    (store.folder / "catatan.txt").touch()
    age(store, old, 2 * DAY)
    age(store, named, 2 * DAY)
    os.utime(store.folder / ".part-old", (0, 0))
    assert store.sweep({named}, datetime.now(UTC) - DAY) == 2
    assert left(store) == sorted([".part-young", "catatan.txt", young, named])
    assert not store.has(old)


def test_sweeping_spares_what_is_put_again_at_the_last_moment(store: Store) -> None:
    sha256 = put(store, b"lagi")
    age(store, sha256, 2 * DAY)

    def asked(_sha256: str) -> bool:
        put(store, b"lagi")  # its row is not committed yet, so the answer is no
        return False

    assert store.sweep(asked, datetime.now(UTC) - DAY) == 0
    assert store.verify(sha256)


def test_nothing_that_was_put_is_ever_swept_away_by_another(store: Store) -> None:
    """Whoever has put a file finds it there, whatever a sweep of old files does at the same time."""
    done = threading.Event()

    def sweep() -> None:
        while not done.is_set():
            store.sweep(set(), datetime.now(UTC) - DAY)

    sweeping = threading.Thread(target=sweep)
    sweeping.start()
    try:
        for _ in range(200):
            sha256 = put(store, b"sama")
            assert store.verify(sha256)
            age(store, sha256, 2 * DAY)
    finally:
        done.set()
        sweeping.join()


def test_threads_put_the_same_at_once(store: Store) -> None:
    content = os.urandom(300_000)
    with ThreadPoolExecutor(8) as pool:
        hashes = set(pool.map(lambda _: put(store, content, 300_000), range(40)))
    assert left(store) == list(hashes)
    assert all(store.verify(sha256) for sha256 in hashes)


def _put_often(folder: Path) -> None:
    for number in range(20):
        put(Store(folder), b"%d" % number * 1000)


def test_processes_put_the_same_at_once(store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_put_often, args=(store.folder,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert len(left(store)) == 20
    assert all(store.verify(sha256) for sha256, _ in store.files())
