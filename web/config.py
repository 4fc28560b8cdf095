"""What an installation sets: a frozen value handed to `create_app`, so that nothing reads the environment later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parent


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody whom visitors of a demo may log in as; `roles` is what to expect of the person ("Camat")."""

    username: str
    name: str
    roles: str
    office: str


@dataclass(frozen=True, slots=True)
class SingleSignOn:
    """A provider of OpenID Connect, as whose client Lajur is registered there; `name` stands on the button."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str
    trusts_email: bool = False
    """Whether e-mail addresses there are given out by the agency, so that they are believed although it does not say
    that it verified them."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one running Lajur.

    `demo` marks every page as a demo and lists `demo_people` on the log-in page, each with a button that logs in where
    there is a `demo_password`. `assets` and `translations` are where the build hook leaves what it makes.
    """

    secret_key: str
    database_url: str
    documents: Path | None = None
    """The folder of documents' bytes; without it none can be attached."""
    secure_cookies: bool = True
    proxies: int = 0
    """How many proxies stand before it and say for whom they ask; what anybody else says of that is not believed."""
    hosts: tuple[str, ...] = ()
    """The names that browsers may ask for it by; none: any."""
    sends_mail: bool = False
    """Whether a mail server is set, so that notices reach mailboxes."""
    resets_by_mail: bool = False
    """Whether a link to a new password can be sent, for which the address of this Lajur is needed as well."""
    single_sign_on: SingleSignOn | None = None
    demo: bool = False
    demo_people: tuple[DemoPerson, ...] = ()
    demo_password: str = ""
    clock: Callable[[], datetime] = _now
    assets: Path = HERE / "static" / "built"
    translations: Path = HERE / "translations"
