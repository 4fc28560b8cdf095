"""How often somebody may try to log in: strangers slowly, whoever has been in before unhindered.

An office sits behind one address, and a user name is no secret. So what is slowed is an account for browsers in which
its owner never was (OWASP's "device cookies"), and, far above what an office mistypes, an address from which many
accounts were tried. A browser that is known goes by a count of its own, and when that is used up it is a stranger.

An attempt counts as failed from when it begins, and is taken back when it succeeds: so many at once get no further than
one after the other.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import errors
from engine.tables import Throttle

FREE = 5
"""Failures of strangers with an account that cost no waiting."""

FREE_KNOWN = 10
"""Failures after which a browser that was known is a stranger."""

FREE_ACCOUNTS = 40
"""Accounts that strangers may fail with from one address, without any waiting."""

FIRST, LONGEST = timedelta(seconds=10), timedelta(minutes=15)
"""The first wait, which doubles with each failure, and where that ends."""

MEMORY = timedelta(days=1)
"""How long a failure is remembered after the last one."""

ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
"""From when on what never had to wait is free: not from the moment of an attempt, as another process may have begun one
a little before it and be told of it later."""


class Ticket(NamedTuple):
    """An attempt that may be made: under which names it was counted as failed, and for which account."""

    account: str
    counted: tuple[str, ...]


def account(username: str) -> str:
    """What stands for a user name in counts and in the mark of a browser; also for one that nobody has."""
    return sha256(username.strip().lower().encode("utf-8", "replace")).hexdigest()[:16]


def wait(failures: int, free: int) -> timedelta:
    """How long after so many failures the next attempt is taken."""
    if failures < free:
        return timedelta(0)
    doubled: int = 2 ** min(failures - free, 20)
    return min(FIRST * doubled, LONGEST)


def enter(session: Session, username: str, address: str, known: str, now: datetime) -> Ticket:
    """Count an attempt; `known` is the mark of a browser in which the account's owner was before, else empty.

    Raises TooManyAttempts, and then counts nothing.
    """
    name = account(username)
    if known:
        device = f"peramban:{known}"[:80]
        row = _locked(session, (device,), now)[device]
        if row.failures < FREE_KNOWN:
            _count(row, now)
            return Ticket(name, (device,))
    of_account, of_address = f"akun:{name}", f"alamat:{_network(address)}"
    rows = _locked(session, (of_account, of_address), now)
    latest = max(row.free_at for row in rows.values())
    if latest > now:
        raise errors.TooManyAttempts(-(-(latest - now) // timedelta(seconds=1)))
    _count(rows[of_account], now)
    _count(rows[of_address], now, name)
    return Ticket(name, (of_account, of_address))


def succeeded(session: Session, ticket: Ticket, now: datetime) -> None:
    """Take back that the attempt was counted; of a browser that is known, all that was counted."""
    for name, row in _locked(session, ticket.counted, now).items():
        if name.startswith("peramban:"):
            row.failures = 0
        elif name.startswith("akun:"):
            row.failures, row.free_at = max(0, row.failures - 1), min(row.free_at, now)
        else:
            row.accounts = [one for one in row.accounts if one != ticket.account]
            row.failures, row.free_at = len(row.accounts), min(row.free_at, now)
    session.flush()


def pardon(session: Session, username: str) -> None:
    """Forget what was counted of strangers with an account: its password is a new one."""
    session.execute(delete(Throttle).where(Throttle.name == f"akun:{account(username)}"))


def due(session: Session) -> datetime | None:
    """When there is next something to forget."""
    return session.scalar(select(Throttle.forget_at).order_by(Throttle.forget_at).limit(1))


def forget(session: Session, now: datetime, limit: int = 100) -> int:
    """Drop some of what is no longer remembered; how many that were. The worker's act."""
    old = select(Throttle.name).where(Throttle.forget_at <= now).order_by(Throttle.forget_at).limit(limit)
    return len(session.scalars(delete(Throttle).where(Throttle.name.in_(old)).returning(Throttle.name)).all())


def _count(row: Throttle, now: datetime, of: str = "") -> None:
    """One more failure; `of` is the account that failed, where different accounts are counted."""
    if of:
        row.accounts = [*[one for one in row.accounts if one != of], of][-2 * FREE_ACCOUNTS :]
        row.failures = len(row.accounts)
    else:
        row.failures += 1
    if pause := wait(row.failures, FREE_ACCOUNTS if of else FREE):
        row.free_at = now + pause
    row.forget_at = now + MEMORY


def _locked(session: Session, names: tuple[str, ...], now: datetime) -> dict[str, Throttle]:
    """The rows of these names, made where there are none, and locked in one order; those that are old begin anew."""
    session.flush()
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    new = [{"name": one, "failures": 0, "accounts": [], "free_at": ALWAYS, "forget_at": now + MEMORY} for one in names]
    making = insert(Throttle).values(sorted(new, key=lambda row: str(row["name"])))
    # To set what is there already locks the row, so that nobody forgets it in between.
    session.execute(making.on_conflict_do_update(index_elements=["name"], set_={"name": making.excluded.name}))
    rows = session.scalars(
        select(Throttle)
        .where(Throttle.name.in_(names))
        .order_by(Throttle.name)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        if row.forget_at <= now:
            row.failures, row.accounts, row.free_at = 0, [], ALWAYS
    return {row.name: row for row in rows}


def _network(address: str) -> str:
    """The address, of IPv6 the network that one household or office has; what is no address as it is."""
    try:
        known = ip_address(address)
    except ValueError:
        return address[:60]
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped) if known.ipv4_mapped else known.exploded[:19]
    return str(known)
