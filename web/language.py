"""The two languages of the screens: Indonesian, in which every text is written, and English from the catalogue."""

from __future__ import annotations

import flask_babel
from flask import Blueprint, Flask, abort, redirect
from flask import session as cookie
from werkzeug.wrappers import Response

from bpmn.wording import Sentence
from web import forms, local

LANGUAGES = {"id": "Bahasa Indonesia", "en": "English"}

COOKIE = "bahasa"
"""Key of the session cookie: the language chosen."""

blueprint = Blueprint("language", __name__)


def install(app: Flask, translations: str) -> None:
    """Translate templates and views into the language chosen."""
    flask_babel.Babel(
        app,
        default_locale="id",
        default_translation_directories=translations,
        locale_selector=lambda: cookie.get(COOKIE),
    )
    app.jinja_env.globals.update(language=language, languages=LANGUAGES)
    app.jinja_env.filters["told"] = told


def language() -> str:
    """The code of the language of this page."""
    return str(flask_babel.get_locale() or "id")


def gettext(text: str, /, **facts: object) -> str:
    """A text in the language of this page, its `%(name)s` places filled."""
    return str(flask_babel.gettext(text, **facts))


def ngettext(one: str, many: str, num: int, /) -> str:
    """A text about `%(num)s` things. Indonesian has one form, English two."""
    return str(flask_babel.ngettext(one, many, num))


def told(sentence: Sentence) -> str:
    """A sentence of the engine in the language of this page."""
    return sentence.told(gettext)


@blueprint.post("/bahasa")
def switch() -> Response:
    """Choose a language, and go back to the page."""
    wanted = forms.text("bahasa")
    if wanted not in LANGUAGES:
        abort(400)
    cookie[COOKIE] = wanted
    return redirect(local.path(forms.text("next")))
