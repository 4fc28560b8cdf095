"""Mails as a real server receives them, and servers that do not want them."""

from __future__ import annotations

import email
import socket
import socketserver
from collections.abc import Iterator
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import errors, mail
from engine.mail import Mail, Unreachable

LETTER = Mail(
    "camat@example.go.id",
    "[Lajur] Tugas baru: Paraf “nota” é",
    "Yth. Camat,\n\n.titik di awal\nPérihal: ✓\n",
    "lajur.7.1",
)


class Server(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it gets; `refuse` maps a command to the answer it gets instead."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.received: list[tuple[str, str, bytes]] = []
        self.said: list[str] = []
        self.refuse: dict[str, str] = {}
        self.extensions: list[str] = ["SIZE 1000000"]

    @property
    def url(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class Conversation(socketserver.StreamRequestHandler):
    server: Server

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

    def handle(self) -> None:
        self.say(self.server.refuse.get("CONNECT", "220 surel.example.go.id"))
        sender = to = ""
        while line := self.rfile.readline().decode().strip():
            self.server.said.append(line)
            verb = line.split()[0].upper()
            if verb in self.server.refuse:
                self.say(self.server.refuse[verb])
            elif verb == "EHLO":
                names = ["surel.example.go.id", *self.server.extensions]
                self.say(*(f"250-{name}" for name in names[:-1]), f"250 {names[-1]}")
            elif verb == "DATA":
                self.say("354 ya")
                self.server.received.append((sender, to, self.data()))
                self.say(self.server.refuse.get("MESSAGE", "250 diterima"))
            elif verb == "QUIT":
                self.say("221 sampai jumpa")
                return
            else:
                sender = line if verb == "MAIL" else sender
                to = line if verb == "RCPT" else to
                self.say("250 ya")

    def data(self) -> bytes:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def sending(server: Server, user: str = "") -> mail.Smtp:
    return mail.smtp(f"smtp://{user}{server.url}", "Lajur Sukamaju <lajur@example.go.id>")


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_mail_arrives_as_it_was_written(server: Server) -> None:
    sending(server)(LETTER)
    ((sender, to, content),) = server.received
    message = parsed(content)
    assert "<lajur@example.go.id>" in sender
    assert "<camat@example.go.id>" in to
    assert message["Subject"] == LETTER.subject
    assert message["From"] == "Lajur Sukamaju <lajur@example.go.id>"
    assert message["To"] == "camat@example.go.id"
    assert message["Message-ID"] == "<lajur.7.1@example.go.id>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == LETTER.body
    assert content.isascii(), "so that every server takes it"


@pytest.mark.parametrize(("command", "answer", "raised"), [
    ("CONNECT", "554 tidak melayani", Unreachable),
    ("EHLO", "421 sibuk", Unreachable),
    ("MAIL", "550 pengirim tidak dikenal", Unreachable),
    ("RCPT", "550 tidak ada kotak surat itu", OSError),
    ("RCPT", "451 coba lagi nanti", OSError),
    ("MESSAGE", "554 ditolak", OSError),
])  # fmt: skip
def test_a_refusal_is_of_this_mail_or_of_all(
    server: Server, command: str, answer: str, raised: type[Exception]
) -> None:
    server.refuse = {command: answer}
    if command == "EHLO":
        server.refuse["HELO"] = answer
    with pytest.raises(raised, match=answer[:3]):
        sending(server)(LETTER)


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="ConnectionRefused"):
        mail.smtp(f"smtp://127.0.0.1:{port}", "lajur@example.go.id")(LETTER)


def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "TIMEOUT", 0.1)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(Unreachable, match=r"(?i)time"):
            mail.smtp(f"smtp://127.0.0.1:{silent.getsockname()[1]}", "lajur@example.go.id")(LETTER)


def test_a_password_is_never_sent_without_encryption(server: Server) -> None:
    server.extensions.append("AUTH PLAIN LOGIN")
    with pytest.raises(Unreachable, match="STARTTLS"):
        sending(server, "nama:sandi%40rahasia@")(LETTER)
    assert not any(line.startswith("AUTH") for line in server.said)
    assert server.received == []


def test_a_server_that_cannot_prove_who_it_is_gets_nothing(server: Server) -> None:
    server.extensions.append("STARTTLS")
    server.refuse = {"STARTTLS": "454 TLS tidak tersedia"}
    with pytest.raises(Unreachable):
        sending(server)(LETTER)
    assert server.received == []


def test_what_the_server_says_after_it_took_the_mail_does_not_matter(server: Server) -> None:
    server.refuse = {"QUIT": "500 apa?"}
    sending(server)(LETTER)
    assert len(server.received) == 1


@given(st.text(), st.text())
def test_no_text_becomes_a_header_of_its_own(subject: str, body: str) -> None:
    try:
        message = mail.compose(Mail("camat@example.go.id", subject, body, "k"), Address("Lajur", "lajur", "example.id"))
        content = message.as_bytes()
    except UnicodeEncodeError:
        return  # half of a surrogate pair: refused as a whole
    headers = parsed(content).keys()
    expected = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"]
    assert [
        name for name in headers if name not in ("Content-Type", "Content-Transfer-Encoding", "MIME-Version")
    ] == expected


@pytest.mark.parametrize("address", [
    "", "camat", "camat@", "@example.go.id", "a@b\r\nBcc: c@d", "a@b, c@d", "<a@b>", "a b@c", "a@b>\r\nRCPT TO:<c@d",
])  # fmt: skip
def test_what_is_no_address_is_sent_nothing(server: Server, address: str) -> None:
    with pytest.raises(ValueError, match="no mail address"):
        sending(server)(Mail(address, "s", "b", "k"))
    assert server.said == []


def test_settings_are_read() -> None:
    assert mail.smtp("smtp://surel.example.go.id", "lajur@example.go.id").port == 587
    secure = mail.smtp("smtps://nama:s%40ndi@surel.example.go.id", "Lajur <lajur@example.go.id>")
    assert (secure.tls, secure.port, secure.user, secure.password) == (True, 465, "nama", "s@ndi")
    assert "s@ndi" not in repr(secure)


@pytest.mark.parametrize(("url", "sender"), [
    ("surel.example.go.id", "a@b"),
    ("http://surel.example.go.id", "a@b"),
    ("smtp://", "a@b"),
    ("smtp://surel.example.go.id:banyak", "a@b"),
    ("smtp://surel.example.go.id", "Lajur"),
])  # fmt: skip
def test_settings_that_cannot_be_read_are_refused_in_a_sentence(url: str, sender: str) -> None:
    with pytest.raises(errors.Invalid):
        mail.smtp(url, sender)
