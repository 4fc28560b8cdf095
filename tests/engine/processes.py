"""Processes of their own that act on a database, for tests of races and crashes.

They come from a fork server, which has imported all of this once, so that a new one takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

from bpmn.errors import Refusal
from engine import offices
from engine.database import Database
from tests.conftest import NOW

context = get_context("forkserver")
context.set_forkserver_preload(["tests.engine.processes", "tests.engine.load"])

WAIT = 30
"""Seconds after which a race that does not begin is an error."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A use case tried by a person: `act(session, who, *asked, now)`, in a transaction of its own."""

    url: str
    person: int
    act: Callable[..., object]
    asked: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """What was refused in another process: the fact, and the sentence that the person was told."""

    fact: type[Refusal]
    sentence: str


class Racers:
    """So many processes that act at once."""

    def __init__(self, pool: ProcessPoolExecutor, number: int) -> None:
        self.pool = pool
        self.number = number

    def at_once(self, *attempts: Attempt) -> list[object]:
        """What each attempt returned, or Refused; one for each process at most."""
        idle = [None] * (self.number - len(attempts))
        return list(self.pool.map(_race, [*attempts, *idle]))[: len(attempts)]


@contextmanager
def racers(number: int) -> Iterator[Racers]:
    """Processes, for as long as the block runs."""
    barrier = context.Barrier(number)
    with ProcessPoolExecutor(number, context, initializer=_prepare, initargs=(barrier,)) as pool:
        yield Racers(pool, number)


_barriers: list[Barrier] = []


def _prepare(barrier: Barrier) -> None:
    _barriers.append(barrier)


def _race(attempt: Attempt | None) -> object:
    """One attempt, begun when every process has one to begin."""
    if attempt is None:
        return _barriers[0].wait(WAIT)
    database = _database(attempt.url)
    with database.reading() as session:  # so that nobody loses the race to a connection not yet made
        offices.actor(session, attempt.person, NOW)
    _barriers[0].wait(WAIT)
    try:
        with database.transaction() as session:
            return attempt.act(session, offices.actor(session, attempt.person, NOW), *attempt.asked, NOW)
    except Refusal as refusal:
        return Refused(type(refusal), str(refusal.sentence))


@cache
def _database(url: str) -> Database:
    return Database(url)
