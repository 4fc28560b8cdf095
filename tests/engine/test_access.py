"""Log-ins that end, passwords that are changed and reset, and the mails about it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update

from engine import access, letters, log_ins, passwords, worker
from engine.access import Place
from engine.administration import people
from engine.database import Database
from engine.errors import Invalid, LinkExpired, NotAllowed, NotFound, WeakPassword, WrongCredentials, WrongPassword
from engine.mail import Mail
from engine.states import Right
from engine.tables import Letter, LogIn, Person
from tests.engine.conftest import Office
from tests.engine.test_races import at_once

HERE = Place("Firefox, Windows", "203.0.113.7")
NEW = "tujuh gajah menari"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def camat(database: Database, office: Office) -> int:
    """A person with an address, who is an administrator."""
    return with_address(database, office, "camat", "Camat@example.go.id")


def with_address(database: Database, office: Office, who: str, address: str) -> int:
    person = office.people[who]
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == person).values(email=address, rights=[Right.ADMINISTRATOR]))
    return person


def logged_in(database: Database, person: int, now: datetime) -> str:
    with database.transaction() as session:
        return log_ins.begin(session, person, HERE.browser, HERE.address, now)


def is_live(database: Database, token: str, at: datetime) -> bool:
    with database.reading() as session:
        try:
            log_ins.live(session, token, at)
        except NotFound:
            return False
        return True


def mails(database: Database, at: datetime) -> list[Mail]:
    """What the worker sends at a moment."""
    sent: list[Mail] = []
    while worker.sweep(database, worker.jobs(sent.append, "https://lajur.example.go.id/"), at):
        pass
    return sent


# -- log-ins ----------------------------------------------------------------------------------------------------------


def test_a_log_in_ends_when_nothing_was_done_for_long(database: Database, office: Office) -> None:
    now, token = office.now, logged_in(database, office.people["camat"], office.now)
    assert is_live(database, token, now + log_ins.IDLE - MINUTE)
    assert not is_live(database, token, now + log_ins.IDLE)
    assert not is_live(database, token + "x", now)


def test_a_log_in_is_put_off_by_what_is_done_but_not_for_ever(database: Database, office: Office) -> None:
    now, token = office.now, logged_in(database, office.people["camat"], office.now)
    at = now
    while at < now + log_ins.LONGEST - HOUR:
        at += 11 * HOUR
        with database.transaction() as session:
            live = log_ins.live(session, token, min(at, now + log_ins.LONGEST - HOUR))
            assert log_ins.is_unnoted(live, at)
            log_ins.note(session, live, at)
    assert not is_live(database, token, now + log_ins.LONGEST)


def test_what_is_done_is_not_written_down_at_every_click(database: Database, office: Office) -> None:
    token = logged_in(database, office.people["camat"], office.now)
    with database.reading() as session:
        live = log_ins.live(session, token, office.now)
    assert not log_ins.is_unnoted(live, office.now + timedelta(seconds=59))
    assert log_ins.is_unnoted(live, office.now + MINUTE)


def test_people_see_and_end_their_own_log_ins_only(database: Database, office: Office) -> None:
    camat, rekan = office.people["camat"], office.people["rekan"]
    first, second = (logged_in(database, camat, office.now + n * MINUTE) for n in range(2))
    other = logged_in(database, rekan, office.now)
    with database.transaction() as session:
        who, this = office(session, "camat"), log_ins.live(session, first, office.now).id
        rows = log_ins.own(session, who, this, office.now)
        assert [(row.is_this, row.browser, row.address) for row in rows] == [(True, *_here()), (False, *_here())]
        of_rekan = log_ins.live(session, other, office.now).id
        with pytest.raises(NotFound):
            log_ins.end(session, who, of_rekan)
        log_ins.end(session, who, rows[1].id)
    assert [is_live(database, token, office.now) for token in (first, second, other)] == [True, False, True]


def _here() -> tuple[str, str]:
    return HERE.browser, HERE.address


def test_somebody_deactivated_is_out_at_once(database: Database, office: Office) -> None:
    token = logged_in(database, office.people["camat"], office.now)
    with database.transaction() as session:
        session.get_one(Person, office.people["camat"]).active = False
    assert not is_live(database, token, office.now)


def test_no_token_is_kept_and_the_worker_drops_what_ended(database: Database, office: Office) -> None:
    token = logged_in(database, office.people["camat"], office.now)
    with database.reading() as session:
        (row,) = session.scalars(select(LogIn))
        assert token not in {str(value) for value in vars(row).values()}
    mails(database, office.now + log_ins.IDLE)
    with database.reading() as session:
        assert session.scalars(select(LogIn)).all() == []


# -- passwords --------------------------------------------------------------------------------------------------------


def change(database: Database, office: Office, who: str, log_in: str, new: str, again: str = "") -> None:
    with database.reading() as session:
        kept = access.chosen(session, office.people[who], new, again or new)
    with database.transaction() as session:
        this = log_ins.live(session, log_in, office.now).id
        access.change_password(session, office(session, who), kept, this, HERE, office.now)


def enters(database: Database, username: str, password: str) -> bool:
    with database.reading() as session:
        try:
            access.check(session, username, password)
        except WrongCredentials:
            return False
        return True


def test_a_new_password_ends_all_other_log_ins_and_is_told_by_mail(
    database: Database, office: Office, camat: int
) -> None:
    this, other = logged_in(database, camat, office.now), logged_in(database, camat, office.now)
    change(database, office, "camat", this, NEW)
    assert is_live(database, this, office.now)
    assert not is_live(database, other, office.now)
    assert enters(database, "camat.sukamaju", NEW)
    assert not enters(database, "camat.sukamaju", "rahasia")
    (mail,) = mails(database, office.now)
    assert (mail.to, mail.subject) == ("Camat@example.go.id", "[Lajur] Kata sandi Anda diganti")
    assert "Firefox, Windows" in mail.body
    assert NEW not in mail.body


@pytest.mark.parametrize("new", ["rahasia", "camat.sukamaju", "kecamatan sukamaju"])
def test_a_weak_password_is_not_taken(database: Database, office: Office, new: str) -> None:
    token = logged_in(database, office.people["camat"], office.now)
    with pytest.raises(WeakPassword):
        change(database, office, "camat", token, new)
    with pytest.raises(Invalid):
        change(database, office, "camat", token, NEW, "lain")
    change(database, office, "camat", token, NEW)
    with pytest.raises(WeakPassword, match="berbeda"):
        change(database, office, "camat", token, NEW)


def test_the_own_password_is_asked_for_once_more(database: Database, office: Office) -> None:
    with database.reading() as session:
        access.confirm(session, office(session, "camat"), "rahasia")
        with pytest.raises(WrongPassword):
            access.confirm(session, office(session, "camat"), "salah")


def test_a_password_that_was_kept_with_less_work_is_kept_better_at_the_next_log_in(
    database: Database, office: Office
) -> None:
    weaker = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash("rahasia")
    with database.transaction() as session:
        session.get_one(Person, office.people["camat"]).password_hash = weaker
    with database.transaction() as session:
        access.keep(session, access.check(session, "camat.sukamaju", "rahasia"))
    with database.reading() as session:
        kept = session.get_one(Person, office.people["camat"]).password_hash
        assert not passwords.outdated(kept)
        assert access.check(session, "camat.sukamaju", "rahasia").rehashed is None


def test_an_administrator_gives_a_password_for_one_time(
    database: Database, office: Office, camat: int, neighbour: Office
) -> None:
    rekan, before = office.people["rekan"], logged_in(database, office.people["rekan"], office.now)
    with database.transaction() as session:
        password = people.new_password(session, office(session, "camat"), rekan, office.now).password
    assert not is_live(database, before, office.now)
    with database.transaction() as session:
        assert access.check(session, "rekan.sukamaju", password).must_change
        for person, fact in ((neighbour.people["rekan"], NotFound), (999_999, NotFound), (camat, Invalid)):
            with pytest.raises(fact):
                people.new_password(session, office(session, "camat"), person, office.now)
        with pytest.raises(NotAllowed):
            people.new_password(session, office(session, "manajer"), rekan, office.now)
    change(database, office, "rekan", logged_in(database, rekan, office.now), NEW)
    with database.reading() as session:
        assert not access.check(session, "rekan.sukamaju", NEW).must_change


# -- a forgotten password ---------------------------------------------------------------------------------------------


def ask(database: Database, called: str, at: datetime) -> None:
    with database.transaction() as session:
        access.ask_reset(session, called, at)


def secret_of(mail: Mail) -> str:
    found = re.search(r"https://lajur\.example\.go\.id/sandi-baru/(\S+)", mail.body)
    assert found, mail.body
    return found[1]


def reset(database: Database, secret: str, at: datetime) -> str:
    with database.reading() as session:
        kept = access.chosen(session, access.of_link(session, secret, at), NEW, NEW)
    with database.transaction() as session:
        return access.reset_by_link(session, secret, kept, HERE, at)


@pytest.mark.parametrize("called", [" CAMAT.sukamaju ", "camat@EXAMPLE.go.id"])
def test_by_a_link_from_a_mail_a_new_password_is_chosen_once(
    database: Database, office: Office, camat: int, called: str
) -> None:
    before = logged_in(database, camat, office.now)
    ask(database, called, office.now)
    (mail,) = mails(database, office.now)
    secret = secret_of(mail)
    assert reset(database, secret, office.now + 29 * MINUTE) == "camat.sukamaju"
    assert enters(database, "camat.sukamaju", NEW)
    assert not is_live(database, before, office.now)
    with pytest.raises(LinkExpired):
        reset(database, secret, office.now)
    (told,) = mails(database, office.now + HOUR)
    assert told.subject == "[Lajur] Kata sandi Anda diganti"


@pytest.mark.usefixtures("camat")
def test_a_link_used_twice_at_once_is_used_once(database: Database, office: Office) -> None:
    ask(database, "camat.sukamaju", office.now)
    (mail,) = mails(database, office.now)
    results = at_once(*[lambda: reset(database, secret_of(mail), office.now)] * 2)
    assert sorted(str(type(one).__name__) for one in results) == ["LinkExpired", "str"]


@pytest.mark.usefixtures("camat")
def test_a_link_is_worth_nothing_after_half_an_hour_and_is_kept_as_a_hash(database: Database, office: Office) -> None:
    ask(database, "camat.sukamaju", office.now)
    (mail,) = mails(database, office.now)
    with database.reading() as session:
        (row,) = session.scalars(select(Letter))
        assert secret_of(mail) not in {str(value) for value in vars(row).values()}
    for secret, at in (
        (secret_of(mail), office.now + 30 * MINUTE),
        (secret_of(mail) + "x", office.now),
        ("", office.now),
    ):
        with pytest.raises(LinkExpired):
            reset(database, secret, at)


@pytest.mark.usefixtures("camat")
def test_a_link_is_worth_nothing_once_the_password_or_the_address_is_another(
    database: Database, office: Office
) -> None:
    for number, act in enumerate((_change_password, _change_address)):
        at = office.now + number * HOUR
        ask(database, "camat.sukamaju", at)
        (mail,) = (one for one in mails(database, at) if "/sandi-baru/" in one.body)
        act(database, office)
        with pytest.raises(LinkExpired):
            reset(database, secret_of(mail), at)


def _change_password(database: Database, office: Office) -> None:
    change(database, office, "camat", logged_in(database, office.people["camat"], office.now), NEW)


def _change_address(database: Database, office: Office) -> None:
    with database.transaction() as session:
        access.set_address(session, office(session, "camat"), "baru@example.go.id", HERE, office.now)


@pytest.mark.usefixtures("camat")
def test_whoever_asks_again_and_again_fills_no_mailbox(database: Database, office: Office) -> None:
    for second in range(20):
        ask(database, "camat.sukamaju", office.now + timedelta(seconds=second))
        ask(database, "tidak-ada", office.now + timedelta(seconds=second))
    assert len(mails(database, office.now + MINUTE)) == 1
    with database.reading() as session:
        assert len(session.scalars(select(Letter)).all()) == 2  # alike for somebody and nobody


def test_an_address_of_two_people_leads_to_nobody(database: Database, office: Office, camat: int) -> None:
    with_address(database, office, "rekan", "camat@example.go.id")
    ask(database, "camat@example.go.id", office.now)
    assert mails(database, office.now) == []
    ask(database, "camat.sukamaju", office.now)
    assert [mail.to for mail in mails(database, office.now)] == ["Camat@example.go.id"]


@pytest.mark.usefixtures("camat")
def test_a_user_name_leads_to_its_owner_whoever_took_it_as_an_address(database: Database, office: Office) -> None:
    with_address(database, office, "rekan", "camat@sukamaju.id")
    with database.transaction() as session:
        session.get_one(Person, office.people["camat"]).username = "camat@sukamaju.id"
    ask(database, "camat@sukamaju.id", office.now)
    assert [mail.to for mail in mails(database, office.now)] == ["Camat@example.go.id"]


@pytest.mark.usefixtures("camat")
def test_a_link_that_could_not_be_sent_in_time_is_not_sent(database: Database, office: Office) -> None:
    ask(database, "camat.sukamaju", office.now)
    assert mails(database, office.now + letters.STALE + MINUTE) == []


@pytest.mark.usefixtures("camat")
def test_another_address_is_told_to_the_one_before(database: Database, office: Office) -> None:
    _change_address(database, office)
    (mail,) = mails(database, office.now)
    assert (mail.to, mail.subject) == ("Camat@example.go.id", "[Lajur] Alamat e-mail Anda diganti")


def test_nothing_is_written_for_somebody_without_an_address(database: Database, office: Office) -> None:
    with database.transaction() as session:
        access.new_browser(session, office.people["rekan"], HERE, office.now)
        assert session.scalars(select(Letter)).all() == []


@pytest.mark.usefixtures("camat")
def test_letters_are_forgotten_after_a_month(database: Database, office: Office) -> None:
    ask(database, "camat.sukamaju", office.now)
    mails(database, office.now)
    mails(database, office.now + letters.KEPT)
    with database.reading() as session:
        assert session.scalars(select(Letter)).all() == []
