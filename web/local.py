"""Addresses of this site: to go back to, none of which may leave it, and of the rows of lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from engine.queries.paging import MAX_ID

HOME = "/"

CAME_FROM = "dari"
"""Says in an address, or in a form, from which list somebody came."""


def install(app: Flask) -> None:
    """Give templates `came_from()` and `numbered()`."""
    app.jinja_env.globals.update(came_from=came_from, numbered=numbered)


def path(wanted: str) -> str:
    r"""`wanted` if it is a path on this site, else the home page.

    Browsers read `//host`, `/\\host` and such with tabs or line ends in between as another site.
    """
    safe = wanted.startswith("/") and not wanted.startswith("//")
    odd = any(character <= " " or character in "\\\x7f" for character in wanted)
    return wanted if safe and not odd else HOME


def numbered(endpoint: str, name: str, **values: Any) -> Callable[[int], str]:
    """Addresses that differ in the id `name` alone, for long lists: the router is asked once, and not for each row."""
    before, _, after = url_for(endpoint, **values | {name: MAX_ID}).partition(str(MAX_ID))
    return lambda number: f"{before}{number}{after}"


def whole(endpoint: str) -> str:
    """The address of a page with the name of this site before it, for use elsewhere than in its pages."""
    https = current_app.config["SESSION_COOKIE_SECURE"]  # behind a proxy the request itself does not tell
    return url_for(endpoint, _external=True, _scheme="https" if https else None)


def current() -> str:
    """The page that is asked for, or from which a form was sent."""
    if request.method == "GET":
        return path(request.full_path.removesuffix("?"))
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc != request.host:
        return HOME
    return path(came_from.path + (f"?{came_from.query}" if came_from.query else ""))


def came_from() -> str:
    """The list from which the person came to this page, and to which the way back leads; empty where none is told."""
    try:
        told = request.values.get(CAME_FROM, "")
    except RequestEntityTooLarge:  # the form cannot be read, and the page that says so asks this, too
        told = ""
    return told if path(told) == told else ""
