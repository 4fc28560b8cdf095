"""Masuk lewat: log-in by a provider of OpenID Connect, as an alternative to the password.

The code flow with PKCE, state and nonce (Authlib), the provider known by its discovery document. Whom it names by
`sub` is bound to a person the first time, by the e-mail address that it says to have verified: see
`engine.access.by_identity`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, abort, current_app, redirect, request, url_for
from flask import session as cookie
from joserfc.errors import JoseError
from requests import RequestException
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from bpmn.wording import Sentence, sentence
from engine import access
from engine.access import Known
from engine.errors import Invalid
from web import auth, edge, entering, errors, local
from web import environment as setting
from web.config import SingleSignOn

TIMEOUT = 10
"""Seconds that the provider may take for one answer."""

SIGNED = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Algorithms of signatures that are believed: those that need the provider's private key."""

ONWARD = "lanjut"
"""Key of the session cookie: the page that was wanted before the way to the provider."""

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

AWAY = sentence("Layanan SSO tidak dapat dihubungi sekarang. Coba lagi nanti, atau masuk dengan kata sandi.")
NOT_DONE = sentence("Masuk lewat SSO tidak selesai atau sudah terlalu lama. Ulangi dari awal.")

blueprint = Blueprint("single_sign_on", __name__)
log = logging.getLogger("lajur.security")


class Away(Exception):
    """The provider does not answer, or not as one."""


class NotDone(Exception):
    """What came back from the provider is not an answer to what this browser asked."""


def install(app: Flask) -> None:
    """Be a client of the provider, where one is set."""
    chosen = app.extensions["lajur"].settings.single_sign_on
    if chosen is None:
        return
    app.extensions["lajur.sso"] = OAuth(app).register(
        "sso",
        client_id=chosen.client_id,
        client_secret=chosen.client_secret,
        server_metadata_url=f"{chosen.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid email profile",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT,
        },
    )


def settings_from(environment: Mapping[str, str]) -> SingleSignOn | None:
    """The provider that the environment names; None where it names none. Raises Invalid for half of one, BadSetting.

    LAJUR_OIDC_ISSUER (`https://…`), LAJUR_OIDC_CLIENT_ID, LAJUR_OIDC_CLIENT_SECRET, LAJUR_OIDC_NAME for the button, and
    LAJUR_OIDC_TRUST_EMAIL=yes for `SingleSignOn.trusts_email`.
    """
    issuer = setting.value("LAJUR_OIDC_ISSUER", environment)
    if not issuer:
        return None
    parts = urlsplit(issuer)
    if not parts.hostname or (parts.scheme != "https" and parts.hostname not in LOCAL_NAMES):
        raise Invalid(sentence("LAJUR_OIDC_ISSUER harus berupa alamat https://."))
    client, secret = (setting.value(f"LAJUR_OIDC_CLIENT_{name}", environment) for name in ("ID", "SECRET"))
    if not client or not secret:
        raise Invalid(sentence("LAJUR_OIDC_ISSUER memerlukan LAJUR_OIDC_CLIENT_ID dan LAJUR_OIDC_CLIENT_SECRET."))
    trusts = setting.value("LAJUR_OIDC_TRUST_EMAIL", environment).lower() in {"yes", "true", "1"}
    return SingleSignOn(issuer, client, secret, setting.value("LAJUR_OIDC_NAME", environment) or parts.hostname, trusts)


@blueprint.get("/masuk/lewat")
def begin() -> errors.Answer:
    """To the provider, with a state, a nonce and a challenge that only this browser can answer."""
    client = _client()
    try:
        _metadata(client)
        answer: Response = client.authorize_redirect(url_for("single_sign_on.back", _external=True, _scheme=_scheme()))
    except Away:
        return _again(AWAY, 503)
    cookie[ONWARD] = local.path(request.args.get("next", ""))
    return answer


@blueprint.get("/masuk/kembali")
def back() -> errors.Answer:
    """From the provider: log in whoever it names."""
    client = _client()
    try:
        known = _known(client)
    except Away:
        return _again(AWAY, 503)
    except NotDone:
        return _again(NOT_DONE, 400)
    except Refusal as refused:
        entering.tell("single sign-on refused", level=logging.WARNING)
        return _again(refused.sentence, errors.status(refused))
    onward = local.path(str(cookie.get(ONWARD, "")))
    entering.begin(known, "single sign-on")
    return redirect(onward)


@blueprint.get("/masuk/keluar")
def end() -> errors.Answer:
    """To where one logs out at the provider as well, if it has such a page."""
    client = _client()
    try:
        metadata = _metadata(client)
    except Away:
        return _again(AWAY, 503)
    if not metadata.get("end_session_endpoint"):
        return _again(sentence("Layanan SSO tidak menyediakan halaman keluar; tutup peramban Anda."), 404)
    home = url_for("auth.form", _external=True, _scheme=_scheme())
    made = client.create_logout_url(post_logout_redirect_uri=home, client_id=client.client_id)
    return redirect(made["url"])


def _known(client: Any) -> Known:
    """The person whom the provider names. Raises Away, NotDone, UnknownIdentity."""
    issuer = str(_metadata(client)["issuer"])
    try:
        whose = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client.client_id}}
        token = client.authorize_access_token(claims_options=whose, leeway=60)
        claims = token.get("userinfo")  # of the ID token, which was verified
        if claims is None:
            raise NotDone
        if "email" not in claims:
            more = client.userinfo(token=token)
            claims = {**more, **claims} if more.get("sub") == claims["sub"] else claims
    except RequestException as away:
        log.warning("single sign-on: %s", type(away).__name__)
        raise Away from away
    except (AuthlibBaseError, JoseError, ValueError, KeyError, RuntimeError) as wrong:
        log.warning("single sign-on: %s: %r", type(wrong).__name__, str(wrong)[:200])
        raise NotDone from wrong
    here, chosen = edge.here(), _chosen()
    verified = chosen.trusts_email or claims.get("email_verified") in {True, "true"}  # some say it as a text
    email = str(claims.get("email", "")) if verified else ""
    with here.database.transaction() as session:
        return access.by_identity(
            session, issuer, str(claims["sub"]), email, chosen.name, entering.place(), here.settings.clock()
        )


def _metadata(client: Any) -> dict[str, Any]:
    """What the provider says of itself, asked once a process. Raises Away; also where it calls itself otherwise."""
    try:
        metadata: dict[str, Any] = client.load_server_metadata()
        same = str(metadata["issuer"]).rstrip("/") == _chosen().issuer.rstrip("/")
    except (RequestException, ValueError, KeyError) as away:
        client.server_metadata.pop("_loaded_at", None)
        log.warning("single sign-on: %s", type(away).__name__)
        raise Away from away
    if not same:
        client.server_metadata.pop("_loaded_at", None)
        log.error("single sign-on: the provider calls itself %r", metadata["issuer"])
        raise Away
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [one for one in offered if one in SIGNED]
    return metadata


def _chosen() -> SingleSignOn:
    chosen = edge.here().settings.single_sign_on
    if chosen is None:
        abort(404)
    return chosen


def _client() -> Any:
    client = current_app.extensions.get("lajur.sso")
    if client is None:
        abort(404)
    return client


def _scheme() -> str | None:
    """Behind a proxy the request itself does not tell."""
    return "https" if current_app.config["SESSION_COOKIE_SECURE"] else None


def _again(problem: Sentence, code: int) -> errors.Answer:
    return auth.page(problem), code
