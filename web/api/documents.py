"""Documents: those of a run, the bytes of one, and attaching one more."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated

from flask import request, send_file
from msgspec import UNSET, Meta, UnsetType
from werkzeug.wrappers import Response

from engine import documents, submissions, tokens
from engine.documents import TITLE_LIMIT, DocumentRow, Kept
from engine.errors import NotFound
from engine.tokens import Bearer
from web import edge, headers
from web.api import asking, shapes
from web.api.operations import get, post
from web.api.problems import FieldError, Malformed, WrongMediaType
from web.api.shapes import Given, Id, Moment, Paged, Taken
from web.edge import Act

FORM = "multipart/form-data"

BINARY = "application/octet-stream"

BODY_LIMIT = documents.LIMIT + 64 * 1024
"""Bytes of a request that brings a document."""


class Document(Given, frozen=True):
    """A document of a run; `task` and `round` are null where it came with the run and not with a task."""

    id: Id
    run_id: Id
    title: str
    filename: str
    media_type: str
    size: int
    sha256: str
    added_by: str
    added_at: Moment
    task: str | None
    round: int | None


class DocumentList(Given, frozen=True):
    """A page of documents."""

    items: tuple[Document, ...]
    next: str | None


class DocumentForm(Taken, frozen=True):
    """A file, what it is called, and the task it belongs to, which its owner has claimed; without one, the run."""

    file: Annotated[str, Meta(extra_json_schema={"format": "binary"})]
    title: Annotated[str, Meta(max_length=TITLE_LIMIT)] = ""
    task_id: Id | UnsetType = UNSET


@get("/runs/{run_id}/documents", tokens.RUNS)
def list_documents(act: Act, run_id: int, query: Paged) -> DocumentList:
    """List the documents of a run, in the order in which they were attached."""
    found = documents.of_run(act.session, act.who, run_id)
    rows, following = shapes.cut(found, lambda row: row.id, query)
    return DocumentList(items=tuple(map(document, rows)), next=following)


@get("/documents/{document_id}", tokens.RUNS, gives=BINARY)
def download_document(act: Act, document_id: int) -> Response:
    """Download a document.

    The answer has the media type that was found in the bytes when it was attached, and the name it was given.
    """
    row, path = documents.content(act.session, act.who, edge.store(), document_id)
    headers.lock()
    return send_file(path, mimetype=row.media_type, as_attachment=True, download_name=row.filename)


@post("/runs/{run_id}/documents", tokens.RUNS, status=201, takes=FORM, location="/documents/{id}")
def attach_document(bearer: Bearer, run_id: int, key: str | None) -> Document:
    """Attach a document to a live run, or to a task of it that the token's owner has claimed.

    One file a request. Its kind is judged by its bytes; programs and the like are refused.
    """
    request.max_content_length = BODY_LIMIT
    if request.mimetype != FORM:
        raise WrongMediaType(FORM)
    form, file = _form()
    task_id, title = shapes.or_none(form.task_id), shapes.clean(form.title)
    with edge.reading_as(bearer.who.id) as (session, who, _now):
        documents.check_place(session, who, run_id, task_id)
    kept = file()
    with edge.acting_as(bearer.who.id) as (session, who, now):

        def act() -> int:
            return documents.attach(session, who, run_id, [kept], task_id=task_id, title=title, now=now)[0]

        said = hashlib.sha256(title.encode()).hexdigest()
        asked = f"api attach {run_id} {task_id} {said} {kept.sha256} {kept.filename}"
        made = submissions.once(session, who, key, asked, act, now)
        row = next((one for one in documents.of_run(session, who, run_id) if one.id == made), None)
        if row is None:
            raise NotFound
        return document(row)


def _form() -> tuple[DocumentForm, Callable[[], Kept]]:
    """What the form says, and what stores its file."""
    files = [(name, file) for name, file in request.files.items(multi=True)]
    faults = [FieldError(name, "Unknown field") for name, _ in files if name != "file"]
    faults += [FieldError(name, "Unknown field") for name in request.form if name not in {"title", "task_id"}]
    faults += [FieldError(name, "Given more than once") for name, given in request.form.lists() if len(given) > 1]
    if len(files) != 1:
        faults.append(FieldError("file", "Expected one file"))
    if faults:
        raise Malformed(*faults)
    file = files[0][1]
    form = asking.converted({"file": "", **request.form}, DocumentForm)
    return form, lambda: documents.keep(edge.store(), shapes.clean(file.filename or "dokumen"), file.stream)


def document(row: DocumentRow) -> Document:
    """A document as lists have it."""
    return Document(
        id=row.id,
        run_id=row.run_id,
        title=row.title,
        filename=row.filename,
        media_type=row.media_type,
        size=row.size,
        sha256=row.sha256,
        added_by=row.added_by,
        added_at=shapes.moment(row.added_at),
        task=row.task,
        round=row.round,
    )
