"""The files that the front end's build leaves: their addresses, and the icons of its sprite."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import Flask, request, url_for
from markupsafe import Markup


class AssetsMissing(Exception):
    """The front end has not been built, or without a file that a page needs."""


def install(app: Flask, built: Path) -> None:
    """Give templates `asset(name)` and `icon(name)`. Raises AssetsMissing at the start rather than on a page."""
    names = _manifest(built)

    @cache  # a page has hundreds of icons; under another root the addresses are others
    def address(_root: str, name: str) -> str:
        if name not in names:
            raise AssetsMissing(f"{name} is not in {built / 'manifest.json'}. Run: python web/frontend/hatch_build.py")
        return url_for("static", filename=f"built/{names[name]}")

    @cache
    def drawn(root: str, name: str) -> Markup:
        return Markup('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>').format(
            address(root, "icons.svg"), name
        )

    def asset(name: str) -> str:
        return address(request.root_path, name)

    def icon(name: str) -> Markup:
        return drawn(request.root_path, name)

    app.jinja_env.globals.update(asset=asset, icon=icon)


def _manifest(built: Path) -> dict[str, str]:
    path = built / "manifest.json"
    try:
        names: dict[str, str] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as missing:
        raise AssetsMissing(f"{path} does not exist. Run: python web/frontend/hatch_build.py") from missing
    return names
