"""Response headers: what browsers may load, and what they may keep."""

from __future__ import annotations

from flask import Flask, Response, g, request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

LOCKED = "sandbox; default-src 'none'"
"""For what somebody uploaded: should a browser ever show it as a page, nothing of it runs or loads anything."""

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def install(app: Flask, *, https: bool) -> None:
    """Put the headers on every response."""

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.update(FIXED)
        response.headers["Content-Security-Policy"] = g.get("whole_policy", POLICY) + g.get("policy", "")
        response.headers["Cache-Control"] = _cache(response)
        if https:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response


def lock() -> None:
    """Let this response do nothing: it is a file of somebody's."""
    g.whole_policy = LOCKED


def allow_style_attributes() -> None:
    """Let this response's page set styles on elements: bpmn-js does so while drawing."""
    g.policy = "; style-src-attr 'unsafe-inline'"


def _cache(response: Response) -> str:
    """Built files carry a hash in their names and never change; everything else may be about people."""
    if request.endpoint != "static":
        return "no-store"
    hashed = request.path.startswith("/static/built/") and not request.path.endswith("/manifest.json")
    return "public, max-age=31536000, immutable" if hashed and response.status_code < 400 else "no-cache"
