"""What went wrong, as a status and one sentence: the one place that maps refusals to HTTP."""

from __future__ import annotations

from typing import Any

from flask import Flask, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from bpmn.errors import BrokenTable, DiagramRefused, DocumentTooLarge, NotAnSop, NotBpmn, Refusal
from engine import errors
from web import logs
from web.language import gettext as _
from web.language import told

Answer = (
    str
    | Response
    | dict[str, Any]
    | tuple[str | dict[str, Any], int]
    | tuple[str | dict[str, Any], int, dict[str, str]]
)
"""What views give Flask."""

STATUSES: tuple[tuple[type[Refusal], int], ...] = (
    (errors.NotFound, 404),
    (errors.WrongCredentials, 401),
    (errors.TooManyAttempts, 429),
    (errors.MustChange, 403),
    (errors.UnknownIdentity, 403),
    (errors.LinkExpired, 410),
    (errors.NotAllowed, 403),
    (errors.Conflict, 409),
    (errors.FileTooLarge, 413),
    (errors.Invalid, 422),
    (NotAnSop, 422),
    (BrokenTable, 422),
    (DocumentTooLarge, 413),
    (NotBpmn, 422),
    (DiagramRefused, 422),
)


def status(refused: Refusal) -> int:
    """The HTTP status of a refusal: that of the first class it belongs to, else 400."""
    return next((code for kind, code in STATUSES if isinstance(refused, kind)), 400)


def wants_json() -> bool:
    """Whether a script asks (the modeler) rather than a person's browser."""
    accepted = request.accept_mimetypes
    return request.method == "PUT" or accepted["application/json"] > accepted["text/html"]


def install(app: Flask) -> None:
    """Answer refusals and faults with a page, or with JSON where a script asks."""
    app.jinja_env.filters["advice"] = advice
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, of_http)


def advice(refused: Refusal) -> str:
    """What to do about a refusal, where its sentence does not say so itself."""
    if isinstance(refused, errors.TaskAlreadyClaimed):
        return _("Pilih tugas lain dari daftar. Bila Anda yang seharusnya mengerjakannya, hubungi yang mengambilnya.")
    return ""


def headers(refused: Refusal) -> dict[str, str]:
    """What else an answer says of a refusal to browsers and applications: when to come again."""
    return {"Retry-After": str(refused.seconds)} if isinstance(refused, errors.TooManyAttempts) else {}


def _refused(refused: Refusal) -> Answer:
    return answer(status(refused), told(refused.sentence), headers(refused))


def of_http(error: HTTPException) -> Answer | HTTPException:
    """What HTTP itself refuses, and faults of ours."""
    code = error.code or 500
    if code < 400 or isinstance(error, SecurityError):  # under a foreign host name no address of ours can be made
        return error
    return answer(code, sentence_for(code))


def sentence_for(code: int) -> str:
    """What is told of an HTTP status that no refusal of ours led to."""
    sentences = {
        403: _("Anda tidak berwenang membuka halaman ini."),
        404: _("Halaman ini tidak ada. Periksa alamatnya, atau mulai lagi dari halaman depan."),
        405: _("Alamat ini tidak dapat dibuka dengan cara itu. Mulai lagi dari halaman depan."),
        413: _("Yang Anda kirim terlalu besar: paling besar %(size)s.", size=_largest()),
        500: _("Terjadi gangguan pada Lajur. Yang sudah tersimpan tetap aman; coba lagi sebentar lagi."),
    }
    return sentences.get(code, _("Permintaan ini tidak dapat dimengerti. Kembali ke halaman sebelumnya, lalu ulangi."))


def _largest() -> str:
    return f"{(request.max_content_length or 0) // (1024 * 1024)} MB"


def answer(code: int, sentence: str, more: dict[str, str] | None = None) -> Answer:
    """A page with one sentence, or JSON where a script asks; `more` are headers."""
    if wants_json():
        return {"message": sentence} | ({"request": logs.request_id()} if code >= 500 else {}), code, more or {}
    return render_template("error.html", code=code, sentence=sentence), code, more or {}
