"""Dokumen: files attached to runs, shown by pages of ours, and given back as what they are, never as a page."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import NamedTuple

from flask import Blueprint, Flask, flash, redirect, render_template, request, send_file
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import documents, media, submissions
from engine.documents import Kept
from engine.errors import FileTooLarge, Invalid, NotFound
from web import edge, errors, forms, headers, local
from web.language import gettext as _
from web.language import ngettext, told

REQUEST_LIMIT = 100 * 1024 * 1024
"""Bytes of a request that brings documents, all of them together."""

BRINGING = frozenset({"documents.attach", "sops.start"})
"""The endpoints that documents may be brought to."""

blueprint = Blueprint("documents", __name__)


class UploadCutOff(Refusal):
    """The request ended before all of it had arrived."""


class Look(NamedTuple):
    """A kind of document as lists show it."""

    icon: str
    name: str


class Limits(NamedTuple):
    """What may be attached, for the script that looks before anything is sent; "{name}" stands for a file's name."""

    each: int
    together: int
    endings: tuple[str, ...]
    too_large: str
    empty: str
    refused: str


def install(app: Flask) -> None:
    """Let a request that brings documents be larger than others. To be called before anything reads forms."""
    app.jinja_env.filters["look"] = look
    app.jinja_env.globals.update(limits=limits, new_key=lambda: token_urlsafe(16))

    @app.before_request
    def receive() -> None:
        if request.endpoint in BRINGING and request.method == "POST":
            request.max_content_length = REQUEST_LIMIT
            read = request.form or request.files
            if request.mimetype == "multipart/form-data" and not read:  # in vain, so its end is missing
                raise UploadCutOff(
                    sentence(
                        "Kiriman terputus sebelum semuanya sampai, jadi tidak ada yang disimpan. Kirim sekali lagi."
                    )
                )


@blueprint.post("/berkas/<id:run_id>/dokumen")
def attach(run_id: int) -> errors.Answer:
    """Lampirkan: one file or several, to a run or to a task of it; what is refused keeps nothing else back."""
    count = 0
    try:
        count, refused = _attach(run_id, next(iter(forms.keys("tugas")), None))
    except NotFound:
        raise
    except Refusal as why:
        refused = [why]
    if errors.wants_json() and refused and not count:
        raise refused[0]
    done = ngettext("%(num)s dokumen terlampir.", "%(num)s dokumen terlampir.", count) if count else ""
    if errors.wants_json():
        return {"message": done, "refused": [told(one.sentence) for one in refused]}
    if done:
        flash(done, "success")
    for one in refused:
        flash(told(one.sentence), "error")
    return redirect(local.path(forms.text("kembali_ke")))


def _attach(run_id: int, task_id: int | None) -> tuple[int, list[Refusal]]:
    """How many files were attached, and why others were not. Their bytes are stored before the transaction begins."""
    with edge.reading() as (session, who, _now):
        documents.check_place(session, who, run_id, task_id)
    sent = forms.uploads("dokumen")
    if not sent:
        raise Invalid(sentence("Pilih dokumen yang akan diunggah."))
    kept, refused = documents.keep_each(edge.store(), sent)
    if kept:
        with edge.acting() as (session, who, now):
            title = forms.text("judul")

            def act() -> str:
                made = documents.attach(session, who, run_id, kept, task_id=task_id, title=title, now=now)
                return " ".join(map(str, made))

            asked = f"lampirkan {run_id} {task_id} {title} {_named(kept)}"
            submissions.once(session, who, forms.chosen("kunci"), asked, act, now)
    return len(kept), refused


def _named(kept: list[Kept]) -> str:
    return " ".join(f"{file.sha256} {file.filename}" for file in kept)


@blueprint.post("/dokumen/<id:document_id>/hapus")
def detach(document_id: int) -> Response:
    """Hapus lampiran: it leaves the list; the record stays."""
    try:
        with edge.acting() as (session, who, now):
            documents.detach(session, who, document_id, now)
    except NotFound:
        raise
    except Refusal as refused:
        flash(told(refused.sentence), "error")
        return redirect(local.path(forms.text("kembali_ke")))
    flash(_("Lampiran dihapus dari daftar."), "success")
    return redirect(local.path(forms.text("kembali_ke")))


@blueprint.get("/dokumen/<id:document_id>")
def one(document_id: int) -> Response:
    """The file, whole or a part of it: for the browser to save, and for our own pages to draw."""
    with edge.reading() as (session, who, _now):
        row, path = documents.content(session, who, edge.store(), document_id)
    headers.lock()
    return send_file(path, mimetype=row.media_type, as_attachment=True, download_name=row.filename)


@blueprint.get("/dokumen/<id:document_id>/lihat")
def preview(document_id: int) -> str:
    """Lihat: a PDF or a picture inside a page of ours; of other documents, what they are."""
    with edge.reading() as (session, who, _now):
        page = documents.page(session, who, edge.store(), document_id)
    return render_template("document.html", document=page.row, subject=page.subject)


def look(media_type: str) -> Look:
    """The icon and the name of a kind of document."""
    looks = {
        "application/pdf": Look("file-earmark-pdf", "PDF"),
        "application/msword": Look("file-earmark-word", "Word"),
        "application/vnd.ms-excel": Look("file-earmark-excel", "Excel"),
        "text/csv": Look("file-earmark-excel", "CSV"),
        "text/plain": Look("file-earmark-text", _("Teks")),
    }
    families = (
        ("image/", Look("file-earmark-image", _("Gambar"))),
        (".wordprocessingml.", Look("file-earmark-word", "Word")),
        (".spreadsheetml.", Look("file-earmark-excel", "Excel")),
        (".presentationml.", Look("file-earmark-slides", "PowerPoint")),
        ("opendocument.text", Look("file-earmark-word", "OpenDocument")),
        ("opendocument.spreadsheet", Look("file-earmark-excel", "OpenDocument")),
    )
    found = (family for part, family in families if part in media_type)
    return looks.get(media_type) or next(found, Look("file-earmark", _("Dokumen")))


def limits() -> Limits:
    """What may be attached, in the words that also a refusal has."""
    name = "{name}"
    return Limits(
        each=documents.LIMIT,
        together=REQUEST_LIMIT,
        endings=media.ENDINGS,
        too_large=told(FileTooLarge(documents.LIMIT, name).sentence),
        empty=told(media.empty(name).sentence),
        refused=told(media.refused(name).sentence),
    )
