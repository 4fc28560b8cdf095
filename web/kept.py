"""What somebody typed into a form that could not be taken, because the session had ended or the page was too old.

It travels inside the pages, signed: through the log-in, and back to the person who wrote it and to nobody else. A form
says whose it is by a mark that only this Lajur can make, so no other site can put words into somebody's hands.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import Flask, current_app, g, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import RequestEntityTooLarge

from web import local

AGE = 30 * 24 * 60 * 60
"""Seconds for which a mark and what was kept are believed."""

LIMIT = 300_000
"""Characters of what was kept as it travels; less than Flask takes as fields of a form."""

WRITER, KEPT = "orang", "tertulis"
"""The fields of the mark, and of what is kept, in a form."""

CARRIED = frozenset(
    {"keputusan", "tugas", "kembali_ke", "isian", "kunci", "dari", "pengganti", "revisi", "langkah"}
    | {"daftar", "pengganti_dari"}
    | {"berkas", "tindakan", "pegawai", "penerima", "semula", "tampak"}
)
"""Fields that nobody types: they are sent again as they were, and not shown."""

NEVER = frozenset({"csrf_token", "sandi", "sandi_baru", "sandi_lagi", "kode", "next", "bahasa", WRITER, KEPT})
"""Fields that are not kept."""


class Kept(NamedTuple):
    """A form as it was sent: by whom, to which path, from which page; `files` are the fields that brought files."""

    person: int
    path: str
    page: str
    fields: tuple[tuple[str, str], ...]
    files: tuple[str, ...]

    @property
    def is_work(self) -> bool:
        """Whether there is something in it that the person would have to do again."""
        return bool(self.typed or self.files)

    @property
    def typed(self) -> tuple[tuple[str, str], ...]:
        """What the person wrote."""
        return tuple((name, text) for name, text in self.fields if name not in CARRIED and text.strip())

    @property
    def carried(self) -> tuple[tuple[str, str], ...]:
        """What goes along unseen."""
        return tuple((name, text) for name, text in self.fields if name in CARRIED)


def install(app: Flask) -> None:
    """Give templates `writer_mark()`, the mark of the person who looks; empty where nobody is logged in."""
    app.jinja_env.globals["writer_mark"] = lambda: mark(g.who.id) if g.get("who") else ""


def mark(person: int) -> str:
    """What a form carries to say for whom it was made."""
    return str(_signer(WRITER).dumps(person))


def sent() -> Kept | None:
    """The form of this request, if it is one that Lajur made for somebody."""
    try:
        form, files = request.form, request.files
    except RequestEntityTooLarge:
        return None
    person = _read(WRITER, form.get(WRITER, ""))
    endpoint = request.endpoint or ""
    path = local.path(request.full_path.removesuffix("?"))
    ours = endpoint and not endpoint.startswith(("auth.", "account.", "language.")) and path != local.HOME
    if not isinstance(person, int) or not ours:
        return None
    fields = tuple((name, text.replace("\x00", "")) for name, text in form.items(multi=True) if name not in NEVER)
    chosen = dict.fromkeys(name for name, file in files.items(multi=True) if file.filename)
    return Kept(person, path, local.current(), fields, tuple(chosen))


def sealed(kept: Kept) -> str:
    """What was kept, as it travels; empty where it is too long to."""
    text = str(_signer(KEPT).dumps(kept))
    return text if len(text) <= LIMIT else ""


def opened(text: str) -> Kept | None:
    """What was kept; None for what Lajur did not seal, or too long ago."""
    found = _read(KEPT, text)
    if not isinstance(found, list):
        return None
    person, path, page, fields, files = found
    return Kept(person, path, page, tuple((name, value) for name, value in fields), tuple(files))


def _read(purpose: str, text: str) -> object:
    try:
        found: object = _signer(purpose).loads(text, max_age=AGE)
    except BadData:
        return None
    return found


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=f"lajur {purpose}")
