"""The Flask app: the routes of both services, their keys, and errors in the form of the service that was called."""

from __future__ import annotations

import functools

from flask import Flask, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from . import control
from .errors import BadRequest, Broken, Forbidden, NotFound, Refusal, TooLarge, Unauthenticated, WrongMethod
from .incident_io import routes as incident_io
from .incident_io.html import html
from .incident_io.widget import widget
from .statuspage_me import routes as statuspage_me

KEYS = {"emulator-write": "write", "emulator-read": "read"}
LARGEST_BODY = 1_000_000
WRITES = ("POST", "PUT", "PATCH", "DELETE")
WRITE_SCOPES = {incident_io.PREFIX: incident_io.WRITE_SCOPE, statuspage_me.PREFIX: statuspage_me.WRITE_SCOPE}


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
    return path.startswith(tuple(WRITE_SCOPES))


def key_scope(authorization: str | None, path: str) -> str | None:
    """What the key in this header may do on this path. None for no key or an unknown one."""
    scheme, _, key = (authorization or "").partition(" ")
    key = key.strip()
    if _is_statuspage_me(path):
        key = key.removeprefix(statuspage_me.KEY_PREFIX)
    return KEYS.get(key) if scheme.lower() == "bearer" else None


def error_response(error: Exception) -> ResponseReturnValue:
    """Any error as an answer. What belongs to no service is in incident.io's form."""
    refusal, headers = _as_refusal(error)
    service = statuspage_me if _is_statuspage_me(request.path) else incident_io
    answer = jsonify(service.error_body(refusal))
    answer.status_code = refusal.status
    answer.headers.extend({**headers, **refusal.headers})
    return answer


def _is_statuspage_me(path: str) -> bool:
    return path.startswith(statuspage_me.PREFIX)


def _authenticate() -> None:
    if not is_api_call(request.path):
        return
    header = request.headers.get("Authorization")
    scope = key_scope(header, request.path)
    if not header:
        raise Unauthenticated.without_key()
    if scope is None:
        raise Unauthenticated("Send a valid API key as `Authorization: Bearer <key>`")
    if scope != "write" and request.method in WRITES and request.url_rule is not None:
        missing = next(name for prefix, name in WRITE_SCOPES.items() if request.path.startswith(prefix))
        raise Forbidden(f'This API key lacks the scope "{missing}"')
    g.api_key = header


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
