"""The two languages of the screens: Indonesian, in which every text is written, and English from the catalogue."""

from __future__ import annotations

from gettext import NullTranslations

import flask_babel
from flask import Blueprint, Flask, abort, g, redirect
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
        locale_selector=lambda: g.get("spoken") or cookie.get(COOKIE),
    )
    # Flask-Babel looks up language and catalogue anew for each text, and a page has many hundreds.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # by the extension that Flask-Babel added
        lambda text: _catalogue().gettext(text), lambda *forms: _catalogue().ngettext(*forms), newstyle=True
    )
    app.jinja_env.globals.update(language=language, languages=LANGUAGES)
    app.jinja_env.filters["told"] = told


def speak(code: str) -> None:
    """Let this answer be in a language, whatever was chosen in a browser: for applications, which look at no cookie."""
    g.spoken = code


def language() -> str:
    """The code of the language of this page."""
    if "language" not in g:
        g.language = str(flask_babel.get_locale() or "id")
    return str(g.language)


def _catalogue() -> NullTranslations:
    if "catalogue" not in g:
        g.catalogue = flask_babel.get_translations()
    catalogue: NullTranslations = g.catalogue
    return catalogue


def gettext(text: str, /, **facts: object) -> str:
    """A text in the language of this page, its `%(name)s` places filled."""
    found = _catalogue().gettext(text)
    return found % facts if facts else found


def ngettext(one: str, many: str, num: int, /) -> str:
    """A text about `%(num)s` things. Indonesian has one form, English two."""
    return _catalogue().ngettext(one, many, num) % {"num": num}


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
