"""The bytes of documents, each under the sha256 of what it holds: written once, never changed.

`ab/abcdef...` in the store's folder. Several processes may use it at once; whoever writes what is there already only
makes it new again, so that `sweep` leaves it alone.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path
from typing import IO

from engine import errors

CHUNK = 1 << 18
"""Bytes read at a time."""

UNFINISHED = ".part-"
"""What the names of files begin with that are still being written, or were never finished."""

LOCK = ".lock"

_NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Stored:
    """What was written: the hash that names it, and how many bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Received:
    """Bytes that have arrived on this disk but are not in the store: look into `file`, then `keep` or forget them."""

    file: Path
    stored: Stored
    keep: Callable[[], None]
    """Put them into the store, whether or not the same are there already."""


class Store:
    """Files by their content, in `folder`, which is made when the first one is put there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, stream: IO[bytes], limit: int) -> Stored:
        """Write all that is left of a stream, so that it is on the disk when this returns.

        FileTooLarge beyond `limit` bytes; nothing is then left behind.
        """
        with self.receive(stream, limit) as received:
            received.keep()
            return received.stored

    @contextmanager
    def receive(self, stream: IO[bytes], limit: int) -> Iterator[Received]:
        """The same in two steps, for somebody who wants to look into the bytes before they are kept."""
        self._make(self.folder)
        descriptor, name = tempfile.mkstemp(prefix=UNFINISHED, dir=self.folder)
        file = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as writing:
                stored = _copy(stream, writing, limit)
                writing.flush()
                os.fsync(writing.fileno())
            yield Received(file, stored, lambda: self._keep(file, stored.sha256))
        finally:
            file.unlink(missing_ok=True)

    def _keep(self, file: Path, sha256: str) -> None:
        target = self.path(sha256)
        self._make(target.parent)
        with self._locked(fcntl.LOCK_SH):
            os.utime(file)  # from now on a row may name it
            file.replace(target)  # over the same bytes, if they are there: that heals them, too
        sync(target.parent)

    def path(self, sha256: str) -> Path:
        """Where the bytes of this hash are, if they are. ValueError for anything but a hash."""
        if not _NAME.fullmatch(sha256):
            raise ValueError("not a sha256 in hexadecimal digits")
        return self.folder / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether there is a file for this hash; what it holds, `verify` knows."""
        return _NAME.fullmatch(sha256) is not None and self.path(sha256).is_file()

    def open(self, sha256: str) -> BufferedReader:
        """The bytes. FileNotFoundError where there are none."""
        return self.path(sha256).open("rb")

    def verify(self, sha256: str) -> bool:
        """Whether the bytes are there and are those that the hash names."""
        if not self.has(sha256):
            return False
        with self.open(sha256) as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256

    def files(self) -> Iterator[tuple[str, datetime]]:
        """Every hash there is a file for, in their order, with the moment when it was last put."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            for file in sorted(folder.iterdir()):
                if _NAME.fullmatch(file.name) and file.name.startswith(folder.name):
                    with suppress(FileNotFoundError):
                        yield file.name, _changed(file)

    def sweep(self, keep: Callable[[str], bool] | Container[str], older_than: datetime) -> int:
        """Remove what no row names and what was never finished, if it is older than a moment; how many files.

        `keep` says for a hash whether a row names it, and is asked at the last moment. The moment must lie so far back
        (a day) that whoever put a file since has long written its row.
        """
        named = keep if callable(keep) else keep.__contains__
        removed = 0
        for sha256, changed in self.files():
            if changed < older_than and not named(sha256):
                removed += self._remove(sha256, older_than)
        for file in self.folder.glob(f"{UNFINISHED}*"):
            with suppress(FileNotFoundError):
                if _changed(file) < older_than:
                    file.unlink()
                    removed += 1
        return removed

    def _remove(self, sha256: str, older_than: datetime) -> bool:
        """Remove a file unless somebody put it again meanwhile: nobody can while the lock is held."""
        file = self.path(sha256)
        with self._locked(fcntl.LOCK_EX):
            try:
                if _changed(file) >= older_than:
                    return False
                file.unlink()
            except FileNotFoundError:
                return False
        return True

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        descriptor = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)  # which gives the lock back

    def _make(self, folder: Path) -> None:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700, parents=folder == self.folder)
            sync(folder.parent)


def _copy(stream: IO[bytes], writing: IO[bytes], limit: int) -> Stored:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise errors.FileTooLarge(limit)
        digest.update(chunk)
        writing.write(chunk)
    return Stored(digest.hexdigest(), size)


def _changed(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def sync(folder: Path) -> None:
    """Let names of files in a folder outlast a power cut, as their bytes do."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
