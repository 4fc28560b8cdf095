"""Impor daftar pegawai: shown row by row, then done as one."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import errors as facts
from engine.administration import importing as acts
from engine.administration import one_time, sheets
from engine.administration.importing import Applied, Fate, Preview
from engine.queries import administration
from web import edge, errors, forms
from web.administration import base
from web.administration.base import blueprint


@blueprint.get("/kelola/pegawai/impor")
def list_of_people() -> str:
    """Impor: a file, or what was copied from a spreadsheet."""
    return _page()


@blueprint.get("/kelola/pegawai/impor/contoh.csv")
def template() -> Response:
    """A list to begin with."""
    with edge.reading() as (session, who, _now):
        administration.choices(session, who)
    headers = {"Content-Disposition": 'attachment; filename="pegawai.csv"'}
    return Response(sheets.template(), mimetype="text/csv", headers=headers)


@blueprint.post("/kelola/pegawai/impor")
def preview() -> errors.Answer:
    """Lihat Pratinjau: what each row would change."""
    content = _sent()
    if content is None:
        return _page(facts.Invalid(sentence("Pilih berkas CSV, atau tempelkan isinya."))), 422
    return base.act(
        lambda session, who, now: acts.preview(session, who, content, now),
        _page,
        lambda found: _shown(found, sheets.text(content)),
    )


@blueprint.post("/kelola/pegawai/impor/terapkan")
def apply() -> errors.Answer:
    """Terapkan: do what was shown. The page that answers is the only one that ever shows the passwords."""
    listed = forms.text("daftar")
    content = listed.encode("utf-8", "replace")
    with edge.acting() as (session, who, now):
        found = acts.preview(session, who, content, now)
    # To hash many passwords takes long, so it is not done while everybody else waits for this transaction.
    ready = [one_time.make() for _ in range(found.people)] if found.mark == forms.text("tampak") else []
    shown, key = forms.text("tampak"), forms.text("kunci")[:80] or None
    return base.act(
        lambda session, who, now: acts.apply(session, who, content, shown, key, now, ready),
        lambda refused: _shown(found, listed, refused),
        _done,
    )


def _sent() -> bytes | None:
    """The file, else what was pasted; None where there is neither. No more is read than can be taken."""
    file = request.files.get("berkas")
    if file is not None and file.filename:
        with file.stream as stream:
            return stream.read(sheets.LIMIT + 1)
    return forms.text("tempelan").encode("utf-8", "replace") or None


def _done(done: Applied) -> str:
    with edge.reading():  # for what stands at the head of every page
        return render_template("admin_passwords.html", issued=done.issued, rows=done.rows)


def _page(refused: Refusal | None = None) -> str:
    with edge.reading() as (session, who, _now):
        administration.choices(session, who)
    return render_template(
        "admin_import.html", columns=sheets.COLUMNS, most=sheets.MOST, most_new=acts.MOST_NEW, refused=refused
    )


def _shown(found: Preview, listed: str, refused: Refusal | None = None) -> str:
    with edge.reading():  # for what stands at the head of every page
        return render_template(
            "admin_import_preview.html", found=found, listed=listed, fates=tuple(Fate), refused=refused
        )
