"""Canaille, a provider of OpenID Connect, served on a free port of this machine: people, and who is logged in there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import requests
from canaille import create_app
from canaille.app import models
from canaille.app.session import UserSession
from canaille.backends import Backend
from flask import g
from joserfc.jwk import JWKRegistry
from werkzeug.serving import make_server

CLIENT, SECRET = "lajur", "rahasia klien"

VERIFIED = "diverifikasi"
"""The title of people whose address the provider says to have verified."""


class Provider:
    """The provider: `here` is who sits before it, `key` what it signs with."""

    def __init__(self, app: Any, issuer: str, key: Any) -> None:
        self.app, self.issuer, self.key = app, issuer, key
        self.here: Any = None
        app.before_request(self._sit)

    def add(self, name: str, email: str, *, verified: bool = True) -> None:
        """Somebody new, who now sits before it."""
        with self.app.app_context():
            person = models.User(
                user_name=name, formatted_name=name, family_name=name, emails=[email], title=VERIFIED * verified
            )
            Backend.instance.save(person)
            self.here = person

    def way(self, address: str) -> str:
        """Where the provider sends a browser to that comes with a request for authorization."""
        with self.app.app_context():  # what it keeps in memory it finds by the code or by the client: so only one code
            for code in Backend.instance.query(models.AuthorizationCode):
                Backend.instance.delete(code)
        answer = requests.get(address, allow_redirects=False, timeout=20)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def _sit(self) -> None:
        if self.here is not None:
            g.session = UserSession(user=self.here, last_login_datetime=datetime.now(UTC))


@contextmanager
def served(back: str) -> Iterator[Provider]:
    """A provider with Lajur as its client, which may be sent back to at `back`."""
    key = JWKRegistry.generate_key("RSA", 2048)
    key.ensure_kid()
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    host = f"localhost:{server.port}"
    server.app = app = create_app(config=_configuration(host, key.as_dict(private=True)))
    app.config["CANAILLE_OIDC"]["USERINFO_MAPPING"]["EMAIL_VERIFIED"] = (
        "{% if user.title == '" + VERIFIED + "' %}true{% endif %}"
    )
    with app.app_context():
        client = models.Client(
            client_id=CLIENT,
            client_secret=SECRET,
            client_name="Lajur",
            client_uri="http://127.0.0.1/",
            redirect_uris=[back],
            grant_types=["authorization_code"],
            response_types=["code"],
            scope=["openid", "email", "profile"],
            token_endpoint_auth_method="client_secret_basic",
        )
        Backend.instance.save(client)
        client.audience = [client]
        Backend.instance.save(client)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Provider(app, f"http://{host}", key)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _configuration(host: str, key: dict[str, Any]) -> dict[str, Any]:
    logging = {"version": 1, "disable_existing_loggers": False}
    return {
        "TESTING": True,
        "ENV_FILE": None,
        "SECRET_KEY": "only for tests, and long enough for its signatures",
        "WTF_CSRF_ENABLED": False,
        "SERVER_NAME": host,
        "PREFERRED_URL_SCHEME": "http",
        "CANAILLE": {
            "DATABASE": "memory",
            "JAVASCRIPT": False,
            "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}},
            "LOGGING": logging,
        },
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [key]},
    }
