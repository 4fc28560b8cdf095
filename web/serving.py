"""Lajur as it runs for an office: `lajur serve`, with the worker in a thread of it, and `lajur worker` by itself."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
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
from engine.database import Database
from engine.store import Store
from web import create_app, single_sign_on
from web.config import Settings
from web.places import DOCUMENTS, Place

SECRET = "secret"  # noqa: S105 - the name of a file

SMTP_URL = "LAJUR_SMTP_URL"
"""The environment variable with the URL of the mail server."""

URL = "LAJUR_URL"
"""That with the address at which people find Lajur, for the links in mails."""

GRACE = 30
"""Seconds that requests under way are given to finish when the server is told to stop."""

LOG = "%(asctime)s %(levelname)s %(name)s: %(message)s"

Tell = Callable[[Sentence], None]


class CannotServe(Refusal):
    """The port is taken, the folder cannot hold the data, or a setting cannot be read."""


def serve(place: Place, host: str, port: int, threads: int, *, with_worker: bool, https: bool, tell: Tell) -> None:
    """Bring the database to this release, and serve until told to stop; requests under way are finished then."""
    logging.basicConfig(level=logging.INFO, format=LOG)
    with listening(host, port) as sock:
        jobs = jobs_from(os.environ, place.store())
        provider = single_sign_on.settings_from(os.environ)
        prepare(place.folder)
        database = place.database()
        upgrading.upgrade(database)
        settings = Settings(
            secret_key=secret(place.folder),
            database_url=place.database_url,
            documents=place.folder / DOCUMENTS,
            secure_cookies=https,
            sends_mail=bool(os.environ.get(SMTP_URL, "").strip()),
            resets_by_mail=all(os.environ.get(name, "").strip() for name in (SMTP_URL, URL)),
            single_sign_on=provider,
        )
        app = create_app(database, settings)
        tell(sentence("Data disimpan di %(folder)s.", folder=place.folder.resolve()))
        if not https:
            tell(
                sentence(
                    "Perhatian: --http membuat kata sandi dan kuki dikirim tanpa enkripsi;"
                    " pakai hanya di jaringan yang Anda percayai."
                )
            )
        address = f"http://{host}:{sock.getsockname()[1]}"
        with working(database, jobs) if with_worker else nullcontext():
            answer(app, sock, threads, lambda: tell(sentence("Lajur berjalan di %(address)s.", address=address)))
        database.dispose()


def work(place: Place, tell: Tell) -> None:
    """Do the worker's work until told to stop; what is under way is finished then."""
    logging.basicConfig(level=logging.INFO, format=LOG)
    jobs = jobs_from(os.environ, place.store())
    database = place.database()
    for number in (signal.SIGTERM, signal.SIGINT):  # which a shell makes a background job ignore
        signal.signal(number, signal.default_int_handler)
    try:
        with working(database, jobs) as thread:
            tell(sentence("Pekerja Lajur berjalan; hentikan dengan Ctrl+C."))
            thread.join()
    except KeyboardInterrupt:
        pass  # told to stop, by SIGINT or SIGTERM; the thread has been joined by then
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
    url, sender = environment.get(SMTP_URL, "").strip(), environment.get("LAJUR_MAIL_FROM", "").strip()
    if url and not sender:
        raise CannotServe(sentence("LAJUR_SMTP_URL memerlukan LAJUR_MAIL_FROM: alamat pengirim surel."))
    return worker.jobs(mail.smtp(url, sender) if url else None, environment.get(URL, "").strip(), store)


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


def answer(app: Flask, sock: socket.socket, threads: int, ready: Callable[[], None]) -> None:
    """Answer at a socket until SIGTERM or SIGINT; then take nothing new, and finish what is under way within GRACE.

    A second signal ends it at once. Waitress by itself drops the answers that are not sent yet, so its loop is run
    here.
    """
    server: Any = create_server(app, sockets=[sock], threads=threads)
    signals: list[int] = []

    def told(number: int, _frame: object) -> None:
        signals.append(number)
        server.pull_trigger()  # wakes the loop

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    ready()
    while not signals:
        _turn(server)
    wasyncore.dispatcher.close(server)  # the listening socket only
    until = time.monotonic() + GRACE
    while len(signals) == 1 and _busy(server) and time.monotonic() < until:
        _turn(server)
    server.task_dispatcher.shutdown(timeout=0 if _busy(server) else 5)
    wasyncore.close_all(server._map)


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
