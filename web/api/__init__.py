"""The REST API for applications, `/api/v1`: by bearer tokens only, with no look at any cookie.

Each operation parses, calls one use case or query that the pages call as well, and answers. See `operations`.
"""

from __future__ import annotations

from flask import Blueprint, Flask, request
from werkzeug.exceptions import HTTPException

from bpmn.errors import Refusal
from web.api import operations, pages, problems

blueprint = Blueprint("api", __name__)
blueprint.register_error_handler(Refusal, problems.refused)
blueprint.register_error_handler(HTTPException, problems.failed)
pages.route(blueprint)
operations.route(blueprint)


@blueprint.before_request
def listen() -> None:
    """Answer in the language that the request asks for. The page of the documentation is for browsers."""
    if request.endpoint != "api.documentation":
        problems.listen()


def install(app: Flask) -> None:
    """Tell problems also of addresses that there are not."""
    problems.install(app)
