"""Access tokens: told once, kept as a hash, worth what their owner may do, and nothing once revoked."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import errors, tokens
from engine.database import Database
from engine.offices import Actor
from engine.tables import Person, Token
from tests.engine.conftest import Office

ALL = frozenset(tokens.SCOPES) - {tokens.MANAGE}


def made(database: Database, office: Office, by: str = "analis", **more: Any) -> str:
    wanted: dict[str, Any] = {"name": "Camunda Modeler", "scopes": [tokens.START], "now": office.now, **more}
    with database.transaction() as session:
        return tokens.create(session, office(session, by), **wanted)[1]


def owner(database: Database, office: Office, secret: str, later: timedelta = timedelta()) -> Actor:
    with database.reading() as session:
        return tokens.actor_by_token(session, secret, office.now + later).who


def test_a_token_stands_for_its_owner_within_its_scopes(database: Database, office: Office) -> None:
    secret = made(database, office, scopes=[tokens.START, tokens.DEPLOY])
    with database.reading() as session:
        bearer = tokens.actor_by_token(session, secret, office.now)
        assert bearer.who == office(session, "analis")
    assert bearer.scopes == {tokens.START, tokens.DEPLOY}
    bearer.require(tokens.DEPLOY)
    with pytest.raises(errors.NotAllowed, match="publish"):
        bearer.require(tokens.PUBLISH)


def test_of_the_secret_only_a_hash_is_kept(database: Database, office: Office) -> None:
    secret = made(database, office)
    assert secret.startswith(tokens.PREFIX)
    assert len(secret) > 40
    with database.reading() as session:
        row = session.scalars(select(Token)).one()
        assert row.sha256 == sha256(secret.encode()).hexdigest()
        assert secret not in str(vars(row))


def test_no_two_tokens_have_the_same_secret(database: Database, office: Office) -> None:
    assert made(database, office) != made(database, office)


@pytest.mark.parametrize("secret", ["", "lajur_", "lajur_x", "\ud800", "\x00", "x" * 100_000])
def test_what_is_no_token_is_refused(database: Database, office: Office, secret: str) -> None:
    made(database, office)
    with pytest.raises(errors.WrongToken):
        owner(database, office, secret)


def test_a_revoked_token_is_dead_and_stays_on_the_list(database: Database, office: Office) -> None:
    secret = made(database, office)
    with database.transaction() as session:
        who = office(session, "analis")
        (row,) = tokens.own(session, who, office.now)
        assert row.live
        tokens.revoke(session, who, row.id, office.now)
        tokens.revoke(session, who, row.id, office.now + timedelta(days=1))
        (row,) = tokens.own(session, who, office.now)
        assert (row.live, row.revoked_at) == (False, office.now)
    with pytest.raises(errors.WrongToken):
        owner(database, office, secret)


def test_a_token_lasts_until_its_end(database: Database, office: Office) -> None:
    day = timedelta(days=1)
    secret = made(database, office, expires_at=office.now + day)
    owner(database, office, secret, day - timedelta(seconds=1))
    with pytest.raises(errors.WrongToken):
        owner(database, office, secret, day)
    with database.reading() as session:
        (row,) = tokens.own(session, office(session, "analis"), office.now + day)
    assert not row.live


def test_the_token_of_somebody_who_left_is_dead(database: Database, office: Office) -> None:
    secret = made(database, office)
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == office.people["analis"]).values(active=False))
    with pytest.raises(errors.WrongToken):
        owner(database, office, secret)


def test_a_token_gives_no_more_than_its_owner_may_now(database: Database, office: Office) -> None:
    secret = made(database, office, scopes=ALL)
    with database.transaction() as session:
        session.execute(update(Person).where(Person.id == office.people["analis"]).values(rights=[]))
    assert owner(database, office, secret).rights == frozenset()


@pytest.mark.parametrize("scope", [tokens.DEPLOY, tokens.PUBLISH])
def test_only_an_analyst_makes_a_token_that_sends_diagrams(database: Database, office: Office, scope: str) -> None:
    with pytest.raises(errors.NotAllowed):
        made(database, office, "camat", scopes=[scope])
    assert made(database, office, "camat")


def test_only_a_manager_makes_a_token_that_reads_the_board(database: Database, office: Office) -> None:
    with pytest.raises(errors.NotAllowed):
        made(database, office, scopes=[tokens.MANAGE])
    assert made(database, office, "manajer", scopes=[tokens.MANAGE])


def test_who_may_publish_may_send(database: Database, office: Office) -> None:
    made(database, office, scopes=[tokens.PUBLISH])
    with database.reading() as session:
        (row,) = tokens.own(session, office(session, "analis"), office.now)
    assert row.scopes == (tokens.DEPLOY, tokens.PUBLISH)


@pytest.mark.parametrize(
    ("wrong", "fact"),
    [
        ({"name": " \n "}, errors.Invalid),
        ({"name": "x" * 101}, errors.TooLong),
        ({"scopes": []}, errors.Invalid),
        ({"scopes": ["start", "root"]}, errors.Invalid),
    ],
)
def test_a_token_needs_a_name_and_known_scopes(
    database: Database, office: Office, wrong: dict[str, Any], fact: type[Exception]
) -> None:
    with pytest.raises(fact):
        made(database, office, **wrong)


def test_a_token_whose_end_is_past_is_not_made(database: Database, office: Office) -> None:
    with pytest.raises(errors.Invalid, match="Masa berlaku"):
        made(database, office, expires_at=office.now)


def test_there_is_an_end_to_how_many_one_has(database: Database, office: Office) -> None:
    for _ in range(tokens.MOST):
        made(database, office)
    with pytest.raises(errors.Invalid, match="Cabut"):
        made(database, office)
    with database.transaction() as session:
        who = office(session, "analis")
        tokens.revoke(session, who, tokens.own(session, who, office.now)[0].id, office.now)
    assert made(database, office)
    assert made(database, office, "camat")


def test_nobody_sees_or_revokes_the_tokens_of_others(database: Database, office: Office, neighbour: Office) -> None:
    made(database, office)
    with database.transaction() as session:
        (row,) = tokens.own(session, office(session, "analis"), office.now)
        for other in (office(session, "manajer"), neighbour(session, "analis")):
            assert tokens.own(session, other, office.now) == ()
            with pytest.raises(errors.NotFound):
                tokens.revoke(session, other, row.id, office.now)


def test_its_use_is_written_down_once_a_minute(database: Database, office: Office) -> None:
    secret = made(database, office)
    seen = []
    for seconds in (0, 59, 60, 61, 150):
        now = office.now + timedelta(seconds=seconds)
        with database.transaction() as session:
            if tokens.unnoted(session, secret, now):
                seen.append(seconds)
            tokens.note_use(session, secret, now)
            (row,) = tokens.own(session, office(session, "analis"), now)
            assert row.used_at == office.now + timedelta(seconds=seen[-1])
    assert seen == [0, 60, 150]
