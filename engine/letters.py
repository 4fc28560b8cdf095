"""Mails about somebody's account, and their way to the mailbox: as `engine.outbox` does it for notices.

The secret of a link by which a new password can be chosen is made when the mail is sent; only its hash is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from engine import outbox
from engine.mail import Mail
from engine.secret import hash_of, new_secret
from engine.states import LetterKind
from engine.tables import Letter, Office, Person

LASTING = timedelta(minutes=30)
"""How long the link to a new password can be used."""

PAUSE = timedelta(minutes=5)
"""After this long a person is sent another link to a new password, if one is asked for."""

STALE = timedelta(hours=2)
"""A link that was asked for longer ago is sent to nobody; mails of other kinds are, for as long as notices are."""

KEPT = timedelta(days=30)

SUBJECTS = {
    LetterKind.RESET: "Kata sandi baru",
    LetterKind.CHANGED: "Kata sandi Anda diganti",
    LetterKind.ADDRESS: "Alamat e-mail Anda diganti",
    LetterKind.NEW_BROWSER: "Masuk dari peramban baru",
    LetterKind.BOUND: "Akun Anda dihubungkan",
}

TEXTS = {
    LetterKind.RESET: "Ada permintaan kata sandi baru untuk akun Anda. Buka tautan ini dalam 30 menit untuk memilihnya;"
    " tautan ini hanya dapat dipakai satu kali.",
    LetterKind.CHANGED: "Kata sandi akun Anda baru saja diganti, dan peramban lain telah dikeluarkan.",
    LetterKind.ADDRESS: "Alamat e-mail akun Anda baru saja diganti; e-mail dari Lajur dikirim ke alamat yang baru.",
    LetterKind.NEW_BROWSER: "Akun Anda baru saja dipakai masuk dari peramban yang belum pernah dipakai sebelumnya.",
    LetterKind.BOUND: "Akun Anda sekarang juga dapat dimasuki lewat %(provider)s.",
}
"""What a mail begins with."""

OTHERWISE = {
    LetterKind.RESET: "Bila bukan Anda yang memintanya, abaikan e-mail ini; kata sandi Anda tetap seperti semula.",
}
SUSPICIOUS = "Bila bukan Anda yang melakukannya, segera ganti kata sandi Anda, lalu hubungi administrator kantor Anda."

PATH = "sandi-baru"
"""Where the link leads to, with the secret behind it. It is used up by sending the form there, not by looking."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A letter that was taken to be sent: which attempt this is, until when it is the taker's alone, and its mail."""

    letter_id: int
    attempt: int
    until: datetime
    mail: Mail


def tell(session: Session, person_id: int, kind: LetterKind, facts: Mapping[str, str], now: datetime) -> None:
    """Tell somebody who has an address by mail. `facts` are some of: browser, address, to, provider."""
    if facts.get("to") or session.get_one(Person, person_id).email:
        _write(session, person_id, kind, facts, now)


def ask_reset(session: Session, person_id: int | None, now: datetime) -> None:
    """Send a link to a new password, unless that was done within PAUSE; with None to nobody, and it takes as long."""
    lately = select(Letter.id).where(
        Letter.person_id == person_id, Letter.kind == LetterKind.RESET, Letter.at > now - PAUSE
    )
    if session.scalar(lately.limit(1)) is None:
        _write(session, person_id, LetterKind.RESET, {}, now)


def whose(session: Session, secret: str, now: datetime) -> int | None:
    """The person to whom a link was sent; None where it was used or is too old. Only reads."""
    return session.scalar(_of(secret, now))


def redeem(session: Session, secret: str, now: datetime) -> int | None:
    """The same where the link is used now: of two at once only one is told who it is. To be followed by `use_up`."""
    return session.scalar(_of(secret, now).with_for_update(of=Letter))


def use_up(session: Session, person_id: int) -> None:
    """Make all links of a person worth nothing, and send none that is still to be sent."""
    session.execute(
        update(Letter)
        .where(Letter.person_id == person_id, Letter.kind == LetterKind.RESET)
        .values(sha256=None, ends_at=None, send_at=None)
        .execution_options(synchronize_session=False)
    )


def due(session: Session) -> datetime | None:
    """When the next letter is to be sent; None where there is none."""
    return session.scalar(select(Letter.send_at).where(Letter.send_at.is_not(None)).order_by(Letter.send_at).limit(1))


def take(session: Session, now: datetime, base_url: str, limit: int = outbox.FEW) -> tuple[Taken, ...]:
    """Take at most `limit` letters that are to be sent by `now`, with their mails; others leave them alone for a while.

    Dropped are those to nobody, or to somebody without a mailbox, and those that are too old.
    """
    found = session.execute(
        select(Letter, Person, Office)
        .outerjoin(Person, Person.id == Letter.person_id)
        .outerjoin(Office, Office.id == Person.office_id)
        .where(Letter.send_at <= now)
        .order_by(Letter.send_at, Letter.id)
        .limit(limit)
        .with_for_update(of=Letter, skip_locked=True)
    ).all()
    taken = []
    for letter, person, office in found:
        to = letter.facts.get("to") or (person.email if person else "")
        oldest = now - (STALE if letter.kind is LetterKind.RESET else outbox.STALE)
        if not to or not person.active or letter.at < oldest:
            letter.send_at = None
            continue
        letter.attempts, letter.send_at = letter.attempts + 1, now + outbox.LEASE
        mail = Mail(to, f"[Lajur] {SUBJECTS[letter.kind]}", _body(letter, person, office, base_url, now), _key(letter))
        taken.append(Taken(letter.id, letter.attempts, letter.send_at, mail))
    session.flush()
    return tuple(taken)


def settle(session: Session, taken: Taken, failure: str, now: datetime) -> None:
    """Write down how an attempt ended: sent where `failure` is empty, else to be tried again later or given up."""
    again = now + outbox.wait(taken.attempt) if failure and taken.attempt < outbox.ATTEMPTS else None
    session.execute(
        update(Letter)
        .where(Letter.id == taken.letter_id, Letter.attempts == taken.attempt, Letter.send_at == taken.until)
        .values(send_at=again, failure=failure[: outbox.FAILURE_LIMIT])
        .execution_options(synchronize_session=False)
    )


def old(session: Session) -> datetime | None:
    """When there is next a letter to forget."""
    oldest = session.scalar(select(Letter.at).order_by(Letter.at).limit(1))
    return oldest + KEPT if oldest is not None else None


def forget(session: Session, now: datetime, limit: int = 100) -> int:
    """Drop some of what is older than KEPT; how many that were. The worker's act."""
    aged = select(Letter.id).where(Letter.at <= now - KEPT).order_by(Letter.at).limit(limit)
    return len(session.scalars(delete(Letter).where(Letter.id.in_(aged)).returning(Letter.id)).all())


def _write(session: Session, person_id: int | None, kind: LetterKind, facts: Mapping[str, str], now: datetime) -> None:
    session.add(Letter(person_id=person_id, kind=kind, facts=dict(facts), at=now, attempts=0, send_at=now))
    session.flush()


def _of(secret: str, now: datetime) -> Select[int | None]:
    return (
        select(Letter.person_id)
        .join(Person, Person.id == Letter.person_id)
        .where(Letter.sha256 == hash_of(secret), Letter.ends_at > now, Person.active)
    )


def _body(letter: Letter, person: Person, office: Office, base_url: str, now: datetime) -> str:
    facts = {"Nama pengguna": person.username, "Kantor": office.name}
    facts |= {"Waktu": outbox.moment(letter.at, office.timezone)}
    facts |= {"Peramban": letter.facts.get("browser", ""), "Alamat jaringan": letter.facts.get("address", "")}
    wide = max(len(name) for name in facts)
    text = [f"Yth. {person.name},", "", TEXTS[letter.kind] % letter.facts, ""]
    text += [f"{name:<{wide}} : {what}" for name, what in facts.items() if what]
    if letter.kind is LetterKind.RESET:
        text += ["", f"Buka: {base_url.rstrip('/')}/{PATH}/{_secret(letter, now)}"]
    text += ["", OTHERWISE.get(letter.kind, SUSPICIOUS), "", "E-mail ini dikirim otomatis oleh Lajur."]
    return "\n".join(text) + "\n"


def _secret(letter: Letter, now: datetime) -> str:
    """A new secret for the link: what an earlier attempt was sent, if it arrived after all, is worth nothing."""
    secret = new_secret()
    letter.sha256, letter.ends_at = hash_of(secret), now + LASTING
    return secret


def _key(letter: Letter) -> str:
    return f"lajur.akun.{letter.id}.{int(letter.at.timestamp())}"
