"""What a browser is, in words; and the mark by which one is known again in which an account's owner logged in.

The mark is a cookie of its own that outlives the session and is signed: for each account a number, by which the engine
counts failures (`engine.throttling`). It lets nobody in.
"""

from __future__ import annotations

from secrets import token_urlsafe

from flask import after_this_request, current_app, request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from engine import throttling

LASTING = 365 * 24 * 60 * 60
"""Seconds for which a browser keeps the mark after a log-in."""

MOST = 20
"""Accounts that one browser is known for: a shared PC."""

KINDS = (
    *(("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox")),
    *(("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari")),
)
SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows")),
    *(("CrOS", "ChromeOS"), ("Mac OS", "Mac"), ("Linux", "Linux")),
)
"""What in the header tells which one it is, the more special first."""


def words() -> str:
    """The browser of this request, like `Chrome, Windows`; empty where it does not tell."""
    agent = request.headers.get("User-Agent", "")
    found = [next((name for sign, name in signs if sign in agent), "") for signs in (KINDS, SYSTEMS)]
    return ", ".join(name for name in found if name)


def address() -> str:
    """The address that this request came from."""
    return request.remote_addr or ""


def known(username: str) -> str:
    """The mark of this browser for an account; empty where its owner never logged in here."""
    return _marks().get(throttling.account(username), "")


def remember(username: str) -> None:
    """Know this browser again as one in which the account's owner logged in."""
    account, marks = throttling.account(username), _marks()
    mark = marks.pop(account, "") or token_urlsafe(12)
    marks = dict([*marks.items(), (account, mark)][-MOST:])
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])

    @after_this_request
    def put(response: Response) -> Response:
        sealed = str(_signer().dumps(marks))
        response.set_cookie(_name(), sealed, max_age=LASTING, secure=secure, httponly=True, samesite="Lax", path="/")
        return response


def _marks() -> dict[str, str]:
    try:
        found = _signer().loads(request.cookies.get(_name(), ""))
    except BadData:
        return {}
    return {str(account): str(mark) for account, mark in found.items()} if isinstance(found, dict) else {}


def _name() -> str:
    return f"{current_app.config['SESSION_COOKIE_NAME']}-peramban"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="lajur peramban")
