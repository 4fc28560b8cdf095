"""Lajur as it runs for an office: `lajur serve`, with the worker in a thread of it, and `lajur worker` by itself."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

from bpmn.errors import Refusal
from bpmn.wording import Sentence, sentence
from engine import mail, upgrading, worker
from engine.administration import office
from engine.database import Database
from engine.store import Store
from web import create_app, keeping, logs, setup, single_sign_on
from web import environment as setting
from web.config import Settings
from web.documents import REQUEST_LIMIT
from web.places import DOCUMENTS, Place

SECRET = "secret"  # noqa: S105 - the name of a file

SMTP_URL = "LAJUR_SMTP_URL"
"""The setting with the URL of the mail server."""

SECRET_KEY = "LAJUR_SECRET_KEY"  # noqa: S105 - the name of a setting
"""The setting with the key that signs cookies, where that is not in the data folder."""

SHORTEST_KEY = 32
"""Characters that such a key has at least."""

PROXIES, MOST_PROXIES = "LAJUR_PROXIES", 9
"""The setting with the number of proxies that requests come through, and how many may be said."""

HOSTS = "LAJUR_HOSTS"
"""The setting with the names that browsers may ask for this Lajur by."""

NOTICES = 0.2
"""Seconds within which a worker notices a signal."""

URL = "LAJUR_URL"
"""That with the address at which people find Lajur, for the links in mails."""

OWN = 0o077
"""Files that are made are for the user of the process and nobody else, however open the data folder is."""

GRACE = 30
"""Seconds that requests under way are given to finish when the server is told to stop."""

LIMITS: dict[str, Any] = {
    "ident": None,
    "connection_limit": 500,  # each of a browser's half a dozen connections costs a file and no thread
    "channel_timeout": 60,
    "max_request_header_size": 32 * 1024,
    "max_request_body_size": REQUEST_LIMIT + 1024 * 1024,  # what is a little too large is told so by a page
}
"""Of one server; a client that needs longer than so many seconds for the next piece of a request is let go."""

Tell = Callable[[Sentence], None]


class CannotServe(Refusal):
    """The port is taken, the folder cannot hold the data, or a setting cannot be read."""


@dataclass(frozen=True, slots=True)
class Order:
    """Where to answer, how many requests at once, and what `lajur serve` is to do beside that."""

    host: str
    port: int
    threads: int
    with_worker: bool = True
    https: bool = True
    upgrade: bool = False
    """Whether a database of an older release that others may be using is brought to this one's form."""


def serve(place: Place, order: Order, tell: Tell) -> None:
    """Serve until told to stop; requests under way are finished then.

    An empty database gets its tables. One of an older release is backed up and upgraded where it is a file of this
    machine; on PostgreSQL other processes may still be using it, so NeedsUpgrade is raised unless that was ordered.
    """
    logs.configure(os.environ)
    os.umask(OWN)
    with listening(order.host, order.port) as sock:
        jobs = jobs_from(os.environ, place.store())
        settings = settings_from(os.environ, place, https=order.https)
        database = place.database()
        make_ready(place, database, upgrade=order.upgrade, tell=tell)
        app = create_app(database, settings)
        tell(sentence("Data disimpan di %(folder)s.", folder=place.folder.resolve()))
        if not order.https:
            tell(
                sentence(
                    "Perhatian: --http membuat kata sandi dan kuki dikirim tanpa enkripsi;"
                    " pakai hanya di jaringan yang Anda percayai."
                )
            )
        address = f"http://{order.host}:{sock.getsockname()[1]}"
        lead(database, settings, setting.value(URL, os.environ).rstrip("/") or address, tell)
        with working(database, jobs) if order.with_worker else nullcontext():
            answer(
                app,
                sock,
                order.threads,
                lambda: tell(sentence("Lajur berjalan di %(address)s.", address=address)),
                proxied=settings.proxies > 0,
            )
        database.dispose()


def settings_from(environment: Mapping[str, str], place: Place, *, https: bool) -> Settings:
    """The settings of an office's Lajur. Raises CannotServe, BadSetting for what cannot be."""
    return Settings(
        secret_key=secret_from(environment, place.folder),
        database_url=place.database_url,
        documents=place.folder / DOCUMENTS,
        secure_cookies=https,
        proxies=setting.number(PROXIES, MOST_PROXIES, environment),
        hosts=setting.names(HOSTS, environment),
        sends_mail=bool(setting.value(SMTP_URL, environment)),
        resets_by_mail=all(setting.value(name, environment) for name in (SMTP_URL, URL)),
        single_sign_on=single_sign_on.settings_from(environment),
    )


def make_ready(place: Place, database: Database, *, upgrade: bool, tell: Tell) -> None:
    """Bring the tables to this release's form where that may be done unasked. Raises `Refusal`s."""
    if upgrade or database.url.get_backend_name() == "sqlite" or upgrading.form(database) is upgrading.Form.EMPTY:
        keeping.renew(place, database, tell)
    else:
        upgrading.require(database)


def lead(database: Database, settings: Settings, address: str, tell: Tell) -> None:
    """Tell whoever starts an empty Lajur where to begin, with the code that nobody else on the network has."""
    with database.reading() as session:
        if office.is_new(session):
            page = f"{address}/mulai?kode={setup.code(settings.secret_key)}"
            tell(sentence("Belum ada kantor di Lajur ini. Buka %(page)s untuk menyiapkannya.", page=page))


def work(place: Place, tell: Tell) -> None:
    """Do the worker's work until told to stop; what is under way is finished then.

    The tables are made and upgraded by `lajur serve` or `lajur upgrade`; without that, NeedsUpgrade or CannotReach.
    """
    logs.configure(os.environ)
    os.umask(OWN)
    jobs = jobs_from(os.environ, place.store())
    database = place.database()
    upgrading.require(database)
    signals: list[int] = []

    def told(number: int, _frame: object) -> None:
        signals.append(number)
        if len(signals) > 1:
            raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):  # which a shell makes a background job ignore
        signal.signal(number, told)
    with suppress(KeyboardInterrupt):  # a second signal ends the job that is under way
        with working(database, jobs) as thread:
            tell(sentence("Pekerja Lajur berjalan; hentikan dengan Ctrl+C."))
            while not signals:
                thread.join(NOTICES)
        database.dispose()


@contextmanager
def working(database: Database, jobs: tuple[worker.Job, ...]) -> Iterator[Thread]:
    """The worker in a thread, which ends with the block: after the batch that is under way."""
    stop = Event()
    thread = Thread(target=worker.run, args=(database, jobs, stop, _now), name="lajur-worker", daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join()


def jobs_from(environment: Mapping[str, str], store: Store | None = None) -> tuple[worker.Job, ...]:
    """The worker's jobs as the environment sets them. Raises CannotServe, Invalid for what cannot be read.

    LAJUR_SMTP_URL (`smtp://user:password@host:587`) with LAJUR_MAIL_FROM: without them no mail is sent. LAJUR_URL is
    where people find Lajur, for the links in mails.
    """
    url, sender = setting.value(SMTP_URL, environment), setting.value("LAJUR_MAIL_FROM", environment)
    if url and not sender:
        raise CannotServe(sentence("LAJUR_SMTP_URL memerlukan LAJUR_MAIL_FROM: alamat pengirim surel."))
    return worker.jobs(mail.smtp(url, sender) if url else None, setting.value(URL, environment), store)


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket at which browsers may knock already; who comes before the server is ready waits."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        sock = socket.socket(family, kind, protocol)
    except OSError as unknown:
        raise CannotServe(sentence("Alamat %(host)s tidak dikenal di komputer ini.", host=host)) from unknown
    with sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(address)
            sock.listen()
        except OSError as taken:
            raise CannotServe(
                sentence("Porta %(port)d sedang dipakai program lain; pilih porta lain dengan --port.", port=port)
            ) from taken
        yield sock


def prepare(folder: Path) -> None:
    """Make the data folder. Raises CannotServe where that is denied."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as denied:
        raise CannotServe(
            sentence("Folder data %(folder)s tidak dapat ditulisi; pilih folder lain dengan --data.", folder=folder)
        ) from denied


def secret_from(environment: Mapping[str, str], folder: Path) -> str:
    """The key that signs cookies: LAJUR_SECRET_KEY where it is set, else the one kept in the data folder.

    Several processes need the same one. Raises CannotServe where it is too short, BadSetting.
    """
    given = setting.value(SECRET_KEY, environment)
    if not given:
        prepare(folder)
        return secret(folder)
    if len(given) < SHORTEST_KEY:
        raise CannotServe(
            sentence(
                "LAJUR_SECRET_KEY terlalu pendek: paling sedikit %(count)d karakter acak, misalnya hasil"
                " openssl rand -hex 32.",
                count=SHORTEST_KEY,
            )
        )
    return given


def secret(folder: Path) -> str:
    """The key that signs the session cookies, kept so that a restart logs nobody out."""
    file = folder / SECRET
    if not file.exists():
        unfinished = folder / f"{SECRET}.{secrets.token_hex(8)}"
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_hex(32))
        with suppress(FileExistsError):  # another process was first, and its key is the one
            file.hardlink_to(unfinished)
        unfinished.unlink()
    return file.read_text()


def answer(app: Flask, sock: socket.socket, threads: int, ready: Callable[[], None], *, proxied: bool = False) -> None:
    """Answer at a socket until SIGTERM or SIGINT; then take nothing new, and finish what is under way within GRACE.

    A second signal ends it at once. Waitress by itself drops the answers that are not sent yet, so its loop is run
    here.
    """
    # By itself waitress takes away what proxies say; where some are trusted, the application looks at that itself.
    server: Any = create_server(
        app, sockets=[sock], threads=threads, clear_untrusted_proxy_headers=not proxied, **LIMITS
    )
    signals: list[int] = []

    def told(number: int, _frame: object) -> None:
        signals.append(number)
        server.pull_trigger()  # wakes the loop

    before = {number: signal.signal(number, told) for number in (signal.SIGTERM, signal.SIGINT)}
    ready()
    while not signals:
        _turn(server)
    wasyncore.dispatcher.close(server)  # the listening socket only
    until = time.monotonic() + GRACE
    while len(signals) == 1 and _busy(server) and time.monotonic() < until:
        _turn(server)
    server.task_dispatcher.shutdown(timeout=0 if _busy(server) else 5)
    wasyncore.close_all(server._map)
    for number, handler in before.items():  # from here on a signal ends what the worker is still at
        signal.signal(number, handler)


def _turn(server: Any) -> None:
    wasyncore.loop(server.adj.asyncore_loop_timeout, server.adj.asyncore_use_poll, server._map, count=1)


def _busy(server: Any) -> bool:
    """Whether a request is being read or answered, or an answer is not sent yet."""
    return any(
        channel.requests or channel.request or channel.total_outbufs_len
        for channel in list(server.active_channels.values())
    )


def _now() -> datetime:
    return datetime.now(UTC)
