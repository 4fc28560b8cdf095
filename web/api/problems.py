"""Everything that goes wrong under `/api`, as a problem of RFC 9457: one table of kinds, and who maps to which."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

import msgspec
from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from bpmn.wording import Sentence, sentence
from engine.errors import KeyUsed, ScopeMissing
from web import errors, language
from web.language import told

ROOT = "/api/"
"""Begins every address that is for applications."""

TYPES = "/api/v1/problems/"
"""Begins the types of problems, which are addresses that tell what they mean."""

MEDIA_TYPE = "application/problem+json"


class FieldError(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong in what was sent.

    `field` is the name of a parameter or header, a path into the body (`$.subject`), or the id of a diagram's element,
    whose line is then told, too.
    """

    field: str
    detail: str
    line: int = 0


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went wrong, as RFC 9457 has it. `detail` is for people, in the language of `Accept-Language` (id, en)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of problem: the status it comes with, what it is called, and what it means."""

    status: int
    title: Sentence
    meaning: str


KINDS = {
    "malformed": Kind(
        400,
        sentence("Permintaan tidak sesuai dengan dokumentasi API"),
        "A parameter, header or body is not as the documentation says; `errors` names what.",
    ),
    "unauthenticated": Kind(
        401,
        sentence("Token akses tidak ada atau tidak berlaku"),
        "No bearer token was sent, or it is unknown, revoked or expired, or its owner is no longer active.",
    ),
    "not-allowed": Kind(
        403,
        sentence("Tidak berwenang"),
        "The owner of the token lacks the right or the jabatan that this needs.",
    ),
    "scope-missing": Kind(
        403,
        sentence("Izin token tidak cukup"),
        "The token was not made for this; `detail` and the header `WWW-Authenticate` name the scope.",
    ),
    "not-found": Kind(
        404,
        sentence("Tidak ditemukan"),
        "There is no such thing in the office of the token's owner. Whether another office has it is not told.",
    ),
    "method-not-allowed": Kind(
        405, sentence("Metode tidak didukung"), "The address does not take this method; the header `Allow` names which."
    ),
    "conflict": Kind(
        409,
        sentence("Keadaannya sudah berubah"),
        "Somebody else was first, or the thing is not in the state that this needs. Read it again.",
    ),
    "too-large": Kind(413, sentence("Kiriman terlalu besar"), "The body has more bytes than are taken here."),
    "unsupported-media-type": Kind(
        415, sentence("Jenis isi tidak didukung"), "The body is not of the media type that the documentation names."
    ),
    "refused": Kind(
        422,
        sentence("Tidak dapat dilakukan"),
        "What was sent is well-formed, but a rule of the SOP or of Lajur refuses it; `detail` says which.",
    ),
    "key-reused": Kind(
        422,
        sentence("Kunci kiriman sudah dipakai"),
        "The Idempotency-Key came before with another request. Nothing was done.",
    ),
    "fault": Kind(500, sentence("Gangguan pada Lajur"), "A fault of Lajur. Nothing was done; it can be sent again."),
}
"""By name, in the order of their status; where a status has several, the first one is what it means by itself."""

_BY_STATUS = {kind.status: name for name, kind in reversed(KINDS.items())}

_BY_STATUS[403], _BY_STATUS[422] = "not-allowed", "refused"


class Malformed(Refusal):
    """A request is not as the documentation says."""

    def __init__(self, *faults: FieldError) -> None:
        self.errors = faults
        super().__init__(
            sentence("Permintaan ini tidak sesuai dengan dokumentasi API. Perbaiki yang disebut di bawah.")
        )


class Unfit(Refusal):
    """A diagram cannot be taken: `errors` are all its faults, each with its line."""

    def __init__(self, *faults: FieldError) -> None:
        self.errors = faults
        super().__init__(sentence("Diagram ini tidak dapat dijalankan. Perbaiki yang disebut di bawah."))


class WrongMediaType(Refusal):
    """The body is of another media type than the operation takes."""

    def __init__(self, wanted: str) -> None:
        super().__init__(sentence("Kirim isinya sebagai %(type)s.", type=wanted))


def install(app: Flask) -> None:
    """Answer for addresses below ROOT that no operation has, or not with that method; for others as pages do."""
    app.register_error_handler(404, _routed)
    app.register_error_handler(405, _routed)


def _routed(error: HTTPException) -> errors.Answer | HTTPException:
    return failed(error) if request.path.startswith(ROOT) else errors.of_http(error)


def refused(why: Refusal) -> Response:
    """A refusal of the engine, or of the request itself."""
    name = _name(why)
    response = answer(name, told(why.sentence), getattr(why, "errors", ()))
    if name == "unauthenticated":
        response.headers["WWW-Authenticate"] = 'Bearer realm="Lajur"'
    if isinstance(why, ScopeMissing):
        challenge = f'Bearer realm="Lajur", error="insufficient_scope", scope="{why.scope}"'
        response.headers["WWW-Authenticate"] = challenge
    return response


def _name(why: Refusal) -> str:
    exact: tuple[tuple[type[Refusal], str], ...] = (
        (Malformed, "malformed"),
        (Unfit, "refused"),
        (WrongMediaType, "unsupported-media-type"),
        (ScopeMissing, "scope-missing"),
        (KeyUsed, "key-reused"),
    )
    return next((name for kind, name in exact if isinstance(why, kind)), None) or _BY_STATUS[errors.status(why)]


def failed(error: HTTPException) -> Response:
    """What HTTP itself refuses, and faults of ours."""
    listen()
    code = error.code or 500
    name = _BY_STATUS.get(code)
    detail = _detail(code)
    response = _blank(code, detail) if name is None else answer(name, detail)
    for header, value in error.get_headers():
        if header == "Allow":
            response.headers["Allow"] = value
    return response


def _detail(code: int) -> str:
    """What is told of a status, to who makes an application and sees no page."""
    sentences = {
        404: sentence("Alamat ini tidak ada. Lihat dokumentasi API."),
        405: sentence("Alamat ini tidak menerima metode %(method)s.", method=request.method),
        413: sentence(
            "Isinya terlalu besar: paling besar %(size)d kB.", size=(request.max_content_length or 0) // 1024
        ),
    }
    return told(sentences[code]) if code in sentences else errors.sentence_for(code)


def listen() -> None:
    """Answer in the language that the request asks for; in Indonesian where it asks for none of ours."""
    language.speak(request.accept_languages.best_match(tuple(language.LANGUAGES)) or "id")


def answer(name: str, detail: str, faults: tuple[FieldError, ...] = ()) -> Response:
    """A problem of a kind of ours."""
    kind = KINDS[name]
    return _encoded(Problem(TYPES + name, told(kind.title), kind.status, detail, quote(request.path), faults))


def _blank(code: int, detail: str) -> Response:
    """A status that has no kind of ours."""
    return _encoded(Problem("about:blank", HTTPStatus(code).phrase, code, detail, quote(request.path)))


def _encoded(problem: Problem) -> Response:
    return Response(msgspec.json.encode(problem), status=problem.status, mimetype=MEDIA_TYPE)
