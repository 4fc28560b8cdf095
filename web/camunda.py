"""What Camunda Modeler on a desktop calls to deploy a diagram and to start a run: a little of Camunda 7's REST API.

Every request carries its own credentials, a token or user name and password; the session cookie counts for nothing
here, so no page of another site can act by it, and no CSRF token is asked for.
"""

from __future__ import annotations

import logging
from base64 import b64decode
from datetime import datetime
from importlib.metadata import version as installed
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Blueprint, g, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response

from bpmn.errors import Refusal
from bpmn.lint import Severity
from bpmn.wording import sentence
from engine import deploying, offices, runs, tokens
from engine.database import Session
from engine.deploying import Deployed, Problem
from engine.errors import Invalid, MustChange, WrongCredentials
from engine.offices import Actor
from engine.states import Right
from engine.tokens import Bearer
from web import edge, entering, errors, local
from web.forms import MAX_ID
from web.language import told

BY_PASSWORD = frozenset({tokens.DEPLOY, tokens.START})
"""What user name and password give here: what is sent becomes a draft. A token may say that it is published."""

DRAFT = "draf"
"""Stands for the version in the id of what was deployed as a draft."""

SUBJECT = "perihal"
"""The one variable that a start may come with: the subject of the run."""

PARSE_ERROR = "ENGINE-09005 Could not parse BPMN process. Errors:"
"""By these words the modeler knows that it is the diagram that is wrong."""

blueprint = Blueprint("camunda", __name__)
_log = logging.getLogger("lajur.camunda")

Json = dict[str, Any]


class Unknown(WrongCredentials):
    """No credentials came with the request."""

    def __init__(self) -> None:
        Refusal.__init__(self, sentence("Masuk dengan token akses, atau dengan nama pengguna dan kata sandi Lajur."))


class Resource(NamedTuple):
    """A file of a deployment."""

    name: str
    content: bytes


# -- who asks ---------------------------------------------------------------------------------------------------------


@blueprint.before_request
def know() -> None:
    """Know for whom the application acts, by what came with this very request. Raises WrongCredentials."""
    if request.endpoint == "camunda.webapps":  # where it is, and nothing about anybody
        return
    kind, _, rest = request.headers.get("Authorization", "").strip().partition(" ")
    here, now = edge.here(), edge.here().settings.clock()
    person = _person(rest.strip()) if kind.lower() == "basic" else None
    with here.database.reading() as session:
        g.bearer = _bearer(session, kind.lower(), rest.strip(), now, person)
        unnoted = kind.lower() == "bearer" and tokens.unnoted(session, rest.strip(), now)
    if unnoted:
        with here.database.transaction() as session:
            tokens.note_use(session, rest.strip(), now)


def _bearer(session: Session, kind: str, given: str, now: datetime, person: int | None) -> Bearer:
    if kind == "bearer":
        return tokens.actor_by_token(session, given, now)
    if person is not None:
        return Bearer(offices.actor(session, person, now), BY_PASSWORD)
    raise Unknown


def _person(given: str) -> int:
    """Whose user name and password these are. Raises WrongCredentials, TooManyAttempts, MustChange."""
    known = entering.checked(*_pair(given))
    if known.must_change:
        raise MustChange
    return known.person_id


def _pair(given: str) -> tuple[str, str]:
    """User name and password. The modeler sends Latin-1, as browsers did of old; others UTF-8."""
    try:
        pair = b64decode(given, validate=True)
    except ValueError as garbled:
        raise WrongCredentials from garbled
    try:
        text = pair.decode()
    except UnicodeDecodeError:
        text = pair.decode("latin-1")
    username, _, password = text.partition(":")
    return username.replace("\x00", ""), password


def _asking(scope: str) -> Bearer:
    bearer: Bearer = g.bearer
    bearer.require(scope)
    return bearer


# -- what is asked ----------------------------------------------------------------------------------------------------


@blueprint.get("/engine-rest/version")
def version() -> Json:
    """Which Lajur this is."""
    return {"version": installed("lajur")}


@blueprint.get("/engine-rest/deployment")
def deployments() -> Response:
    """No list of deployments, but an answer: by it the modeler finds out whether it may come in."""
    return Response("[]", mimetype="application/json")


@blueprint.post("/engine-rest/deployment/create")
def deploy() -> errors.Answer:
    """Make drafts of the diagrams, or versions where the token says so: of all of them, or of none."""
    bearer = _asking(tokens.DEPLOY)
    bearer.who.require(Right.ANALYST)
    resources = [Resource(_clean(file.filename or name), file.read()) for name, file in request.files.items(multi=True)]
    if not resources:
        raise Invalid(sentence("Tidak ada diagram dalam kiriman ini. Kirim satu berkas .bpmn atau lebih."))
    problems = {one.name: deploying.examine(one.content) for one in resources}
    if any(problem.severity is Severity.ERROR for found in problems.values() for problem in found):
        return _parse_exception(problems), 400
    name, publish = _clean(request.form.get("deployment-name", "")), tokens.PUBLISH in bearer.scopes
    with edge.acting_as(bearer.who.id) as (session, who, now):
        made = [
            (one.name, deploying.deploy(session, who, one.content, name, now, publish=publish)) for one in resources
        ]
    for resource, deployed in made:
        _log.info("%s deployed %r as %s", bearer.who.id, resource, _definition_id(deployed))
    return _deployment(name, made, bearer.who)


@blueprint.post("/engine-rest/process-definition/<definition>/start")
def start(definition: str) -> Json:
    """Start a run by what was deployed, if that is the version in force; the business key is its nomor agenda."""
    bearer = _asking(tokens.START)
    wanted, number = _definition(definition)
    sent = request.get_json(silent=True)
    body = sent if isinstance(sent, dict) else {}
    agenda = body.get("businessKey")
    if agenda is not None and not isinstance(agenda, str):
        raise Invalid(sentence("Business key harus berupa teks: nomor agenda berkas."))
    agenda = _clean(agenda or "")
    with edge.acting_as(bearer.who.id) as (session, who, now):
        title = deploying.require_in_force(session, who, wanted, number)
        subject = _subject(body.get("variables")) or title
        run = runs.start(session, who, wanted, subject, now, agenda)
    _log.info("%s started run %s", bearer.who.id, run)
    return {
        "links": [],
        "id": str(run),
        "definitionId": definition,
        "businessKey": agenda or None,
        "caseInstanceId": None,
        "ended": False,
        "suspended": False,
        "tenantId": None,
    }


@blueprint.get("/.well-known/camunda-automation-platform/webapps")
def webapps() -> Json:
    """Where people see what was deployed or started: what the modeler adds to the address is for nobody here."""
    return {"cockpitUrl": f"{local.whole('sops.all_of_office')}#", "adminUrl": None, "tasklistUrl": None}


@blueprint.route("/engine-rest", defaults={"rest": ""}, methods=["GET", "POST", "PUT", "DELETE"], strict_slashes=False)
@blueprint.route("/engine-rest/<path:rest>", methods=["GET", "POST", "PUT", "DELETE"])
def other(rest: str) -> Json:
    """The rest of Camunda's API is not here."""
    raise NotFound


# -- answers ----------------------------------------------------------------------------------------------------------


@blueprint.errorhandler(Refusal)
def refused(why: Refusal) -> Response | tuple[Json, int, dict[str, str]]:
    """A refusal as Camunda tells one.

    Only a token is asked for, so that no browser ever asks for a password here, keeps it, and sends it again for the
    pages of other sites.
    """
    status = errors.status(why)
    headers = {"WWW-Authenticate": 'Bearer realm="Lajur"'} if status == 401 else {}
    kind = "AuthorizationException" if status in {401, 403} else "RestException"
    return _exception(kind, told(why.sentence)), status, headers | errors.headers(why)


@blueprint.errorhandler(HTTPException)
def failed(error: HTTPException) -> tuple[Json, int]:
    """A fault, or a request that is none."""
    code = error.code or 500
    return _exception("RestException", errors.sentence_for(code)), code


def _exception(kind: str, message: str) -> Json:
    return {"type": kind, "message": message, "code": 0}


def _parse_exception(problems: dict[str, tuple[Problem, ...]]) -> Json:
    """All problems of all files. The modeler shows the message only, so that says everything."""
    errors_told = [
        f"* {name} | {problem.line}: {told(problem.message)}"
        for name, found in problems.items()
        for problem in found
        if problem.severity is Severity.ERROR
    ]
    return {
        **_exception("ParseException", "\n".join([PARSE_ERROR, *errors_told])),
        "details": {
            name: {
                "errors": [_problem(one) for one in found if one.severity is Severity.ERROR],
                "warnings": [_problem(one) for one in found if one.severity is Severity.WARNING],
            }
            for name, found in problems.items()
            if found
        },
    }


def _problem(problem: Problem) -> Json:
    return {
        "message": told(problem.message),
        "line": problem.line,
        "column": 1,
        "mainBpmnElementId": problem.element or None,
        "bpmnElementIds": [problem.element] if problem.element else [],
    }


def _deployment(name: str, made: list[tuple[str, Deployed]], who: Actor) -> Json:
    first = made[0][1]
    deployment = f"{_definition_id(first)}:{int(first.at.timestamp())}"
    return {
        "links": [],
        "id": deployment,
        "name": name or None,
        "source": _clean(request.form.get("deployment-source", "")) or None,
        "deploymentTime": _moment(first.at, who),
        "tenantId": None,
        "deployedProcessDefinitions": {
            _definition_id(one): _process_definition(one, resource, deployment) for resource, one in made
        },
        "deployedCaseDefinitions": None,
        "deployedDecisionDefinitions": None,
        "deployedDecisionRequirementsDefinitions": None,
    }


def _process_definition(deployed: Deployed, resource: str, deployment: str) -> Json:
    return {
        "id": _definition_id(deployed),
        "key": deployed.process_id,
        "category": None,
        "description": None,
        "name": deployed.title,
        "version": deployed.version,
        "resource": resource,
        "deploymentId": deployment,
        "diagram": None,
        "suspended": deployed.version is None,
        "tenantId": None,
        "versionTag": None,
        "startableInTasklist": deployed.version is not None,
    }


def _moment(at: datetime, who: Actor) -> str:
    """`2026-11-23T09:00:00.000+0700`, in the time of the office."""
    here = at.astimezone(ZoneInfo(who.calendar.timezone))
    return f"{here:%Y-%m-%dT%H:%M:%S}.{here.microsecond // 1000:03d}{here:%z}"


def _definition_id(deployed: Deployed) -> str:
    """As Camunda makes them, `process:version:id`, so that a start says which version it means."""
    number = DRAFT if deployed.version is None else deployed.version
    return f"{deployed.process_id}:{number}:{deployed.definition_id}"


def _definition(given: str) -> tuple[int, int | None]:
    """The definition and the version, None for a draft, of such an id."""
    _, number, definition = ["", "", *given.rsplit(":", 2)][-3:]
    if not _is_id(definition) or not (number == DRAFT or _is_id(number)):
        raise NotFound
    return int(definition), None if number == DRAFT else int(number)


def _is_id(given: str) -> bool:
    return given.isascii() and given.isdigit() and len(given) < 11 and 0 < int(given) <= MAX_ID


def _subject(variables: object) -> str:
    """The subject among the variables of a start; empty where there are none. Raises Invalid for any others."""
    if variables is None or variables == {}:
        return ""
    wanted = variables.get(SUBJECT) if isinstance(variables, dict) and set(variables) == {SUBJECT} else None
    subject = wanted.get("value") if isinstance(wanted, dict) else wanted
    if not isinstance(subject, str):
        raise Invalid(
            sentence("Berkas Lajur hanya dapat dimulai dengan satu variabel: %(name)s, berupa teks.", name=SUBJECT)
        )
    return _clean(subject)


def _clean(text: str) -> str:
    """What JSON and file names may hold, and no database: lone surrogates and NUL are left out."""
    return text.encode("utf-8", "ignore").decode().replace("\x00", "")
