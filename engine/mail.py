"""Mail: the only door to SMTP."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, parseaddr
from urllib.parse import unquote, urlsplit

from bpmn.wording import sentence
from engine.errors import Invalid

TIMEOUT = 20
"""Seconds that a mail server may take for one answer."""

PORTS = {"smtp": 587, "smtps": 465}

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail in plain text. `key` names it, and is the same where it is sent again."""

    to: str
    subject: str
    body: str
    key: str


Send = Callable[[Mail], None]
"""Takes a mail to its mailbox, or raises: Unreachable where no other mail would get through now either."""


class Unreachable(Exception):
    """The mail server does not answer, or lets nobody send from here."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """A `Send` by a mail server: `tls` from the start, else by STARTTLS, without which no password is sent."""

    host: str
    port: int
    tls: bool
    user: str
    password: str = field(repr=False)
    sender: Address

    def __call__(self, mail: Mail) -> None:
        """Send one mail. Raises Unreachable, ValueError for an address that is none, SMTPException for a refusal."""
        message = compose(mail, self.sender)
        try:
            server = self._connect()
        except OSError as failed:  # which all errors of smtplib are
            raise Unreachable(_told(failed)) from failed
        try:
            server.send_message(message, self.sender.addr_spec, [mail.to])
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError):
            raise
        except OSError as failed:
            raise Unreachable(_told(failed)) from failed
        finally:
            with suppress(OSError):  # the mail is with the server by then, or the failure is known
                server.quit()
            server.close()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        try:
            server.ehlo_or_helo_if_needed()
            if not self.tls and (self.user or server.has_extn("starttls")):
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
        except OSError:
            server.close()
            raise
        return server


def smtp(url: str, sender: str) -> Smtp:
    """The mail server at `smtp://user:password@host:587` or `smtps://...`, sending as `Lajur <lajur@example.go.id>`.

    User, password and port may be left out. Raises Invalid that says what cannot be read.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS[parts.scheme]
        if not parts.hostname:
            raise ValueError(url)
    except (KeyError, ValueError) as wrong:
        raise Invalid(
            sentence("Alamat server surel tidak dapat dibaca; tulis seperti smtp://nama:sandi@surel.example.go.id:587.")
        ) from wrong
    name, address = parseaddr(sender)
    if not is_address(address):
        raise Invalid(sentence("“%(address)s” bukan alamat surel.", address=sender))
    return Smtp(
        host=parts.hostname,
        port=port,
        tls=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=Address(" ".join(name.split()), addr_spec=address),
    )


def is_address(text: str) -> bool:
    """Whether mail can be sent to this: one plain address, and nothing beside it."""
    return _ADDRESS.fullmatch(text) is not None


def compose(mail: Mail, sender: Address) -> EmailMessage:
    """The mail as a message; ValueError for an address that is none. No text of it can become a header of its own."""
    if not is_address(mail.to):
        raise ValueError(f"no mail address: {mail.to!r}")
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = localtime()
    message["Message-ID"] = f"<{mail.key}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body, cte="quoted-printable")
    return message


def _told(failed: OSError) -> str:
    """One line about a failure; what a server said is cut."""
    return f"{type(failed).__name__}: {failed}"[:300]
