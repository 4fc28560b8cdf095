"""Dokumen: files attached to runs, and given back as what they are, never as a page of ours."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Flask, flash, redirect, request, send_file
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from bpmn.wording import sentence
from engine import documents, errors, runs
from engine.store import Store
from web import edge, forms, local
from web.language import gettext as _
from web.language import told

REQUEST_LIMIT = documents.LIMIT + 1024 * 1024
"""Bytes of a request that brings documents."""

blueprint = Blueprint("documents", __name__)


def install(app: Flask) -> None:
    """Let a request that brings documents be larger than others. To be called before anything reads forms."""

    @app.before_request
    def allow_more() -> None:
        if request.endpoint == "documents.attach":
            request.max_content_length = REQUEST_LIMIT


@blueprint.post("/berkas/<id:run_id>/dokumen")
def attach(run_id: int) -> Response:
    """Lampirkan: one file or several, to a run or to a task of it; all of them or none."""
    task_id = next(iter(forms.keys("tugas")), None)
    back = local.path(forms.text("kembali_ke"))
    try:
        with edge.acting() as (session, who, now):
            runs.own(session, who, run_id)
            for upload in forms.uploads("dokumen"):
                content = BytesIO(upload.content)
                documents.attach(
                    session,
                    who,
                    _store(),
                    run_id,
                    task_id=task_id,
                    title=forms.text("judul"),
                    filename=upload.name,
                    content=content,
                    now=now,
                )
    except errors.NotFound:
        raise
    except Refusal as refused:
        flash(told(refused.sentence), "error")
        return redirect(back)
    flash(_("Dokumen terlampir."), "success")
    return redirect(back)


@blueprint.post("/dokumen/<id:document_id>/hapus")
def detach(document_id: int) -> Response:
    """Hapus lampiran: it leaves the list; the record stays."""
    try:
        with edge.acting() as (session, who, now):
            documents.detach(session, who, document_id, now)
    except errors.NotFound:
        raise
    except Refusal as refused:
        flash(told(refused.sentence), "error")
        return redirect(local.path(forms.text("kembali_ke")))
    flash(_("Lampiran dihapus dari daftar."), "success")
    return redirect(local.path(forms.text("kembali_ke")))


@blueprint.get("/dokumen/<id:document_id>")
def one(document_id: int) -> Response:
    """The file, for the browser to save."""
    with edge.reading() as (session, who, _now):
        row, path = documents.content(session, who, _store(), document_id)
    return send_file(path, mimetype=row.media_type, as_attachment=True, download_name=row.filename)


def _store() -> Store:
    folder = edge.here().settings.documents
    if folder is None:
        raise errors.Invalid(sentence("Tempat menyimpan dokumen belum diatur di Lajur ini."))
    return Store(folder)
