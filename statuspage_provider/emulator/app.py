"""The Flask app: the routes of both services, their keys, and errors in the form of the service that was called."""

from __future__ import annotations

import functools
from types import ModuleType

from flask import Flask, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from . import control
from .errors import BadRequest, Broken, Forbidden, NotFound, Refusal, TooLarge, Unauthenticated, WrongMethod
from .incident_io import keys as incident_io_keys
from .incident_io import routes as incident_io
from .incident_io.html import html
from .incident_io.widget import widget
from .statuspage_me import keys as statuspage_me_keys
from .statuspage_me import routes as statuspage_me

LARGEST_BODY = 1_000_000


@functools.cache
def flask_app() -> Flask:
    """One app for every emulator of the process, as making it is slow."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.before_request(_authenticate)
    app.register_error_handler(Exception, error_response)
    for blueprint in (incident_io.api, widget, html, statuspage_me.api, control.control):
        app.register_blueprint(blueprint)
    return app


def is_api_call(path: str) -> bool:
    return path.startswith((incident_io.PREFIX, statuspage_me.PREFIX))


def key_scope(headers: Headers, path: str) -> str | None:
    """What the key in these headers may do on this path. None for no key or an unknown one."""
    keys = _keys(path)
    key = keys.sent_key(headers)
    scope: str | None = None if key is None else keys.scope_of(key)
    return scope


def error_response(error: Exception) -> ResponseReturnValue:
    """Any error as an answer. What belongs to no service is in incident.io's form."""
    refusal, headers = _as_refusal(error)
    service = statuspage_me if _is_statuspage_me(request.path) else incident_io
    body, status = service.error(refusal)
    answer = jsonify(body)
    answer.status_code = status
    answer.headers.extend({**headers, **refusal.headers})
    return answer


def _is_statuspage_me(path: str) -> bool:
    return path.startswith(statuspage_me.PREFIX)


def _keys(path: str) -> ModuleType:
    return statuspage_me_keys if _is_statuspage_me(path) else incident_io_keys


def _authenticate() -> None:
    if not is_api_call(request.path):
        return
    keys = _keys(request.path)
    key = keys.sent_key(request.headers)
    if key is None:
        raise Unauthenticated.without_key()
    scope = keys.scope_of(key)
    if scope is None:
        raise Unauthenticated("Send a valid API key as `Authorization: Bearer <key>`")
    missing = keys.missing_scope(scope, request.method, request.path)
    if missing is not None and request.url_rule is not None:
        raise Forbidden(f'This API key lacks the scope "{missing}"')
    g.api_key = key


def _as_refusal(error: Exception) -> tuple[Refusal, dict[str, str]]:
    if isinstance(error, Refusal):
        return error, {}
    if not isinstance(error, HTTPException):
        return Broken(f"The emulator broke: {type(error).__name__}: {error}"), {}
    message = f"{request.method} {request.path}: {error.name}"
    match error.code:
        case 404:
            return NotFound(message), {}
        case 405:
            return WrongMethod(message), {"Allow": dict(error.get_headers()).get("Allow", "")}
        case 413:
            return TooLarge(f"The body is larger than {LARGEST_BODY} bytes"), {}
    return BadRequest(message), {}
