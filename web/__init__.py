"""Lajur in the browser: a thin Flask application over `engine`."""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.database import Database
from web import (
    account,
    administration,
    api,
    assets,
    auth,
    batches,
    board,
    camunda,
    digest,
    documents,
    edge,
    errors,
    event_log,
    forms,
    headers,
    health,
    kept,
    labels,
    language,
    local,
    logs,
    modeler,
    moments,
    personal,
    reviewing,
    runs,
    setup,
    sheets,
    single_sign_on,
    sops,
    statistics,
    task_list,
    tokens,
    traffic,
    versions,
)
from web.config import Settings

UPLOAD_LIMIT = 5 * 1024 * 1024
"""Bytes of a request."""

BLUEPRINTS = (
    auth.blueprint,
    account.blueprint,
    single_sign_on.blueprint,
    language.blueprint,
    task_list.blueprint,
    runs.blueprint,
    board.blueprint,
    documents.blueprint,
    personal.blueprint,
    sops.blueprint,
    versions.blueprint,
    traffic.blueprint,
    sheets.blueprint,
    reviewing.blueprint,
    statistics.blueprint,
    modeler.blueprint,
    tokens.blueprint,
    event_log.blueprint,
    camunda.blueprint,
    api.blueprint,
    batches.blueprint,
    digest.blueprint,
    administration.blueprint,
    setup.blueprint,
)


def create_app(database: Database, settings: Settings) -> Flask:
    """The application over a database. Raises AssetsMissing where the front end has not been built."""
    app = Flask(__name__)
    app.config.update(
        DEBUG=False,  # whatever the environment says: Flask reads FLASK_DEBUG
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=UPLOAD_LIMIT,
        MAX_FORM_MEMORY_SIZE=UPLOAD_LIMIT,  # a document may be pasted as well
        PERMANENT_SESSION_LIFETIME=auth.LIFETIME,
        SESSION_COOKIE_NAME="__Host-lajur" if settings.secure_cookies else "lajur",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as the session it belongs to
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["settings"] = settings
    logs.install(app)
    edge.install(app, database, settings)
    assets.install(app, settings.assets)
    language.install(app, str(settings.translations))
    documents.install(app)
    for part in (forms, local, kept, moments, labels, errors, api, auth, single_sign_on, setup):
        part.install(app)
    csrf = CSRFProtect(app)
    csrf.exempt(camunda.blueprint)
    csrf.exempt(api.blueprint)
    headers.install(app, https=settings.secure_cookies)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if settings.hosts:
        app.config["TRUSTED_HOSTS"] = list(settings.hosts)
    if settings.proxies:
        told = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=told, x_proto=told, x_host=told)  # type: ignore[method-assign]
    app.wsgi_app = health.Answers(app.wsgi_app, database)  # type: ignore[assignment, method-assign]
    return app
