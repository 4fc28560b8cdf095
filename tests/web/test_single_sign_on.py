"""Log-in by a provider of OpenID Connect, which is Canaille, served in this process and asked over HTTP."""

from __future__ import annotations

import dataclasses
import json
import re
from base64 import urlsafe_b64encode as b64encode
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from sqlalchemy import select, update

from engine.database import Database
from engine.errors import Invalid
from engine.states import LetterKind
from engine.tables import Letter, Person
from tests.web.conftest import Browser, Kecamatan, furnish, make_app
from tests.web.provider import CLIENT, SECRET, Provider, served
from web import single_sign_on
from web.config import Settings, SingleSignOn
from web.environment import BadSetting

BACK = "http://localhost/masuk/kembali"
SIGNED = "RS512"
"""What the provider signs with."""

NOT_KNOWN = "belum dikenal di Lajur"
NOT_DONE = "tidak selesai"
AWAY = "tidak dapat dihubungi"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        with served(BACK) as provider:
            yield provider


@pytest.fixture
def kecamatan(sqlite: Database, now: datetime) -> Kecamatan:
    return furnish(sqlite, now)


@pytest.fixture
def app(kecamatan: Kecamatan, settings: Settings, provider: Provider) -> Flask:
    return made(kecamatan, settings, provider.issuer)


def made(kecamatan: Kecamatan, settings: Settings, issuer: str, *, trusts_email: bool = False) -> Flask:
    chosen = SingleSignOn(issuer, CLIENT, SECRET, "SSO Kabupaten", trusts_email)
    return make_app(kecamatan.database, dataclasses.replace(settings, single_sign_on=chosen))


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


def address(kecamatan: Kecamatan, username: str, email: str) -> None:
    with kecamatan.database.transaction() as session:
        session.execute(update(Person).where(Person.username == username).values(email=email))


def sent(browser: Browser, wanted: str = "/tugas") -> str:
    """The request for authorization with which Lajur sends a browser to the provider."""
    answer = browser.get(f"/masuk/lewat?next={wanted}")
    assert answer.status_code == 302, answer.text
    return answer.location


def come(browser: Browser, provider: Provider, wanted: str = "/tugas") -> str:
    """The path with which the provider sends the browser back."""
    return provider.way(sent(browser, wanted)).removeprefix("http://localhost")


def test_somebody_logs_in_by_the_provider_and_comes_to_the_page_that_was_wanted(
    kecamatan: Kecamatan, browser: Browser, provider: Provider
) -> None:
    address(kecamatan, "rina", "Rina@example.go.id")
    provider.add("rina-1", "rina@example.go.id")
    assert "Masuk lewat SSO Kabupaten" in browser.get("/masuk").text
    answer = browser.get(come(browser, provider, "/berkas"))
    assert (answer.status_code, answer.location) == (302, "/berkas")
    assert "Rina Wulandari" in browser.get("/berkas").text
    assert provider.issuer in browser.get("/akun").text


def test_who_was_bound_once_is_known_by_the_subject_whatever_becomes_of_the_address(
    kecamatan: Kecamatan, browser: Browser, provider: Provider
) -> None:
    address(kecamatan, "rina", "rina.2@example.go.id")
    provider.add("rina-2", "rina.2@example.go.id")
    browser.get(come(browser, provider))
    browser.post("/keluar")
    address(kecamatan, "rina", "")
    address(kecamatan, "budi", "rina.2@example.go.id")
    browser.get(come(browser, provider))
    assert "Rina Wulandari" in browser.get("/tugas").text
    with kecamatan.database.reading() as session:
        assert session.scalars(select(Letter.kind).where(Letter.kind == LetterKind.BOUND)).all() == [LetterKind.BOUND]


def test_nobody_else_at_the_provider_takes_over_an_account_that_is_bound(
    kecamatan: Kecamatan, app: Flask, browser: Browser, provider: Provider
) -> None:
    address(kecamatan, "rina", "rina.3@example.go.id")
    provider.add("rina-3", "rina.3@example.go.id")
    browser.get(come(browser, provider))
    provider.add("penyusup", "rina.3@example.go.id")
    other = Browser(app.test_client())
    answer = other.get(come(other, provider))
    assert answer.status_code == 403
    assert NOT_KNOWN in answer.text


@pytest.mark.parametrize(
    ("name", "email", "verified"),
    [("asing-1", "siapa@example.go.id", True), ("asing-2", "dedi@example.go.id", False), ("asing-3", "dua@x.id", True)],
    ids=["unknown address", "address not verified", "address of two"],
)
def test_who_is_nobody_for_certain_gets_a_sentence_and_no_account(
    kecamatan: Kecamatan, browser: Browser, provider: Provider, name: str, email: str, verified: bool
) -> None:
    address(kecamatan, "dedi", "dedi@example.go.id")
    address(kecamatan, "budi", "dua@x.id")
    address(kecamatan, "siti", "dua@x.id")
    provider.add(name, email, verified=verified)
    answer = browser.get(come(browser, provider))
    assert answer.status_code == 403
    assert NOT_KNOWN in answer.text
    assert browser.get("/tugas").location == "/masuk?next=/tugas"


def test_an_agency_may_say_that_it_gives_out_the_addresses(
    kecamatan: Kecamatan, settings: Settings, provider: Provider
) -> None:
    browser = Browser(made(kecamatan, settings, provider.issuer, trusts_email=True).test_client())
    address(kecamatan, "dedi", "dedi.4@example.go.id")
    provider.add("dedi-4", "dedi.4@example.go.id", verified=False)
    browser.get(come(browser, provider))
    assert "Dedi Kurniawan" in browser.get("/tugas").text


def test_somebody_deactivated_does_not_get_in(kecamatan: Kecamatan, browser: Browser, provider: Provider) -> None:
    address(kecamatan, "rina", "rina.5@example.go.id")
    provider.add("rina-5", "rina.5@example.go.id")
    browser.get(come(browser, provider))
    with kecamatan.database.transaction() as session:
        session.get_one(Person, kecamatan.people["rina"]).active = False
    assert browser.get("/tugas").location == "/masuk?next=/tugas"
    assert browser.get(come(browser, provider)).status_code == 403


# -- what is no answer to what this browser asked ---------------------------------------------------------------------


@pytest.fixture
def rina(kecamatan: Kecamatan, provider: Provider) -> str:
    """Rina at the provider, known here by her address."""
    address(kecamatan, "rina", "rina.6@example.go.id")
    provider.add(f"rina-{uuid4()}", "rina.6@example.go.id")
    return "rina"


def refused(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 400, answer.text
    assert NOT_DONE in answer.text
    assert browser.get("/tugas").location == "/masuk?next=/tugas"


def changed(path: str, **what: str) -> str:
    fields = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
    return f"{urlsplit(path).path}?{urlencode({**fields, **what})}"


@pytest.mark.usefixtures("rina")
def test_another_state_is_refused(browser: Browser, provider: Provider) -> None:
    refused(browser, changed(come(browser, provider), state="lain"))


@pytest.mark.usefixtures("rina")
def test_the_answer_to_another_browser_is_refused(app: Flask, browser: Browser, provider: Provider) -> None:
    """As when somebody sends a link that would log the reader in as somebody else."""
    refused(Browser(app.test_client()), come(browser, provider))


@pytest.mark.usefixtures("rina")
def test_a_code_is_good_for_one_log_in(app: Flask, browser: Browser, provider: Provider) -> None:
    path = come(browser, provider)
    with browser.client.session_transaction() as cookie:
        before = dict(cookie)
    assert browser.get(path).status_code == 302
    browser.post("/keluar")
    refused(browser, path)
    again = Browser(app.test_client())
    with again.client.session_transaction() as cookie:
        cookie.update(before)  # as a thief of the cookie has it
    refused(again, path)


@pytest.mark.usefixtures("rina")
@pytest.mark.parametrize("key", ["nonce", "code_verifier"])
def test_a_code_that_another_request_led_to_is_refused(browser: Browser, provider: Provider, key: str) -> None:
    path = come(browser, provider)
    with browser.client.session_transaction() as cookie:
        (name,) = [one for one in cookie if one.startswith("_state_")]
        cookie[name]["data"][key] = "x" * 48
        cookie.modified = True
    refused(browser, path)


def test_who_gives_up_at_the_provider_is_told_so(browser: Browser) -> None:
    state = parse_qs(urlsplit(sent(browser)).query)["state"][0]
    refused(browser, f"/masuk/kembali?error=access_denied&state={state}")


@pytest.mark.parametrize("path", ["/masuk/kembali", "/masuk/kembali?code=x", "/masuk/kembali?state=%00&code=%00"])
def test_whoever_comes_back_without_having_been_sent_is_told_so(browser: Browser, path: str) -> None:
    refused(browser, path)


def forging(app: Flask, patch: pytest.MonkeyPatch, sign: Callable[[dict[str, Any]], str]) -> None:
    """Have the provider answer with another ID token, which `sign` makes of the claims of the genuine one."""
    client = app.extensions["lajur.sso"]
    genuine = client.fetch_access_token

    def fetch(**asked: object) -> dict[str, object]:
        token = genuine(**asked)
        claims = jwt.decode(token["id_token"], KeySet.import_key_set(client.fetch_jwk_set()), [SIGNED]).claims
        return {**token, "id_token": sign(claims)}

    patch.setattr(client, "fetch_access_token", fetch)


@pytest.mark.usefixtures("rina")
@pytest.mark.parametrize(
    ("claims", "lets_in"),
    [
        ({}, True),
        ({"aud": "lain"}, False),
        ({"aud": "lain", "azp": CLIENT}, False),
        ({"iss": "https://jahat.example"}, False),
        ({"exp": 1_000_000}, False),
        ({"nonce": "lain"}, False),
        ({"nonce": None}, False),
        ({"sub": None}, False),
    ],
    ids=str,
)
def test_an_id_token_that_is_not_for_this_log_in_is_refused_although_the_provider_signed_it(
    browser: Browser,
    provider: Provider,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    claims: dict[str, Any],
    lets_in: bool,
) -> None:
    header = {"alg": SIGNED, "kid": provider.key.kid}

    def sign(genuine: dict[str, Any]) -> str:
        told = {name: value for name, value in {**genuine, **claims}.items() if value is not None}
        return jwt.encode(header, told, provider.key, [SIGNED])

    forging(app, monkeypatch, sign)
    if lets_in:
        assert browser.get(come(browser, provider)).status_code == 302
    else:
        refused(browser, come(browser, provider))


@pytest.mark.usefixtures("rina")
def test_an_id_token_that_the_provider_did_not_sign_is_refused(
    browser: Browser, provider: Provider, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = {"alg": SIGNED, "kid": provider.key.kid}
    forging(app, monkeypatch, lambda claims: jwt.encode(header, claims, RSAKey.generate_key(2048), [SIGNED]))
    refused(browser, come(browser, provider))


@pytest.mark.usefixtures("rina")
def test_an_id_token_without_a_signature_is_refused(
    browser: Browser, provider: Provider, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsigned(claims: dict[str, Any]) -> str:
        parts = ({"alg": "none"}, claims)
        return ".".join([*(b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), ""])

    app.extensions["lajur.sso"].load_server_metadata()["id_token_signing_alg_values_supported"] = ["none", "RS256"]
    forging(app, monkeypatch, unsigned)
    refused(browser, come(browser, provider))


@pytest.mark.usefixtures("rina")
def test_an_account_is_no_longer_entered_once_it_was_unlinked(
    kecamatan: Kecamatan, browser: Browser, provider: Provider
) -> None:
    browser.get(come(browser, provider))
    address(kecamatan, "rina", "")
    assert "tidak lagi dihubungkan" in browser.follow(browser.post("/akun/putuskan"))
    browser.post("/keluar")
    assert browser.get(come(browser, provider)).status_code == 403


# -- the provider itself ----------------------------------------------------------------------------------------------


def test_a_provider_that_is_away_is_told_and_the_password_still_works(kecamatan: Kecamatan, settings: Settings) -> None:
    browser = Browser(made(kecamatan, settings, "http://localhost:9").test_client())
    for path in ("/masuk/lewat", "/masuk/kembali?state=a&code=b", "/masuk/keluar"):
        answer = browser.get(path)
        assert answer.status_code == 503
        assert AWAY in answer.text
        assert 'name="sandi"' in answer.text


def test_a_provider_that_calls_itself_otherwise_is_not_believed(
    kecamatan: Kecamatan, settings: Settings, provider: Provider
) -> None:
    other = provider.issuer.replace("localhost", "127.0.0.1")
    assert Browser(made(kecamatan, settings, other).test_client()).get("/masuk/lewat").status_code in {404, 503}


def test_the_request_says_what_a_safe_one_has_to(browser: Browser) -> None:
    asked = {name: values[0] for name, values in parse_qs(urlsplit(sent(browser, "//jahat.example")).query).items()}
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == BACK
    assert len(asked["state"]) >= 20
    assert len(asked["nonce"]) >= 20
    with browser.client.session_transaction() as cookie:
        assert cookie[single_sign_on.ONWARD] == "/"


def test_one_logs_out_at_the_provider_as_well(browser: Browser, provider: Provider) -> None:
    assert 'href="/masuk/keluar"' in browser.get("/masuk?keluar=ya").text
    answer = browser.get("/masuk/keluar")
    assert answer.location.startswith(f"{provider.issuer}/oauth/end_session?")
    assert "post_logout_redirect_uri" in answer.location


def test_without_a_provider_there_is_no_button_and_no_such_page(kecamatan: Kecamatan, settings: Settings) -> None:
    browser = Browser(make_app(kecamatan.database, settings).test_client())
    assert not re.search("Masuk lewat", browser.get("/masuk").text)
    for path in ("/masuk/lewat", "/masuk/kembali", "/masuk/keluar"):
        assert browser.get(path).status_code == 404


def test_the_environment_names_the_provider(tmp_path: Path) -> None:
    given = {"LAJUR_OIDC_ISSUER": "https://sso.example.go.id", "LAJUR_OIDC_CLIENT_ID": "lajur"}
    (tmp_path / "rahasia").write_text("dari berkas\n")
    from_file = {**given, "LAJUR_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "rahasia"), "LAJUR_OIDC_NAME": "SSO"}
    expected = SingleSignOn("https://sso.example.go.id", "lajur", "dari berkas", "SSO")
    assert single_sign_on.settings_from(from_file) == expected
    assert "dari berkas" not in repr(expected)
    assert single_sign_on.settings_from({}) is None
    for wrong in (
        given,
        {**given, "LAJUR_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "tidak ada")},
        {**given, "LAJUR_OIDC_CLIENT_SECRET": "x", "LAJUR_OIDC_ISSUER": "http://sso.example.go.id"},
        {**given, "LAJUR_OIDC_CLIENT_SECRET": "x", "LAJUR_OIDC_ISSUER": "sso"},
    ):
        with pytest.raises((Invalid, BadSetting)):
            single_sign_on.settings_from(wrong)
