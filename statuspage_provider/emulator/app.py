"""The WSGI application: keys and errors for every route, and before it the door, where requests are logged."""

from __future__ import annotations

import copy
import functools
import secrets
import time
from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Flask, g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request
from werkzeug.wrappers import Response as Answer

from . import control
from .clock import rfc3339
from .errors import BadRequest, Broken, Forbidden, NotFound, Refusal, TooLarge, Unauthenticated, WrongMethod
from .faults import Fault
from .incident_io import html, widget
from .incident_io import routes as incident_io
from .request import ENVIRON_KEY
from .statuspage_me import routes as statuspage_me
from .validation import read_json
from .world import KEYS, World

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LARGEST_BODY = 1_000_000
WRITES = ("POST", "PUT", "PATCH", "DELETE")
WRITE_SCOPES = {
    incident_io.PREFIX: "Create status page incidents, maintenance windows and publish updates",
    statuspage_me.PREFIX: "incidents:write",
}


@functools.cache
def flask_app() -> Flask:
    """The routes of all services; the same for every emulator of the process, as making them is slow."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.before_request(_authenticate)
    app.register_error_handler(Exception, _refuse)
    app.register_blueprint(incident_io.v2)
    app.register_blueprint(statuspage_me.me)
    app.register_blueprint(widget.widget)
    app.register_blueprint(html.pages)
    app.register_blueprint(control.control)
    return app


def key_scope(authorization: str | None, path: str) -> str | None:
    """What the key in this header may do on this path; None for no key, or one nobody issued."""
    scheme, _, key = (authorization or "").partition(" ")
    key = key.strip()
    if _is_statuspage_me(path):
        key = key.removeprefix(statuspage_me.KEY_PREFIX)
    return KEYS.get(key) if scheme.lower() == "bearer" else None


def _is_statuspage_me(path: str) -> bool:
    return path.startswith(statuspage_me.PREFIX)


def _authenticate() -> None:
    if not request.path.startswith(tuple(WRITE_SCOPES)):
        return
    header = request.headers.get("Authorization")
    scope = key_scope(header, request.path)
    if not header:
        raise Unauthenticated.without_key()
    if scope is None:
        raise Unauthenticated("Send a valid API key as `Authorization: Bearer <key>`")
    if scope != "write" and request.method in WRITES and request.url_rule is not None:
        lacks = next(name for prefix, name in WRITE_SCOPES.items() if request.path.startswith(prefix))
        raise Forbidden(f'This API key lacks the scope "{lacks}"')
    g.api_key = header


def _refuse(error: Exception) -> ResponseReturnValue:
    """Every error in the form of the service that was called; incident.io's has a request id of its own."""
    refusal, headers = _as_refusal(error)
    if _is_statuspage_me(request.path):
        answer = jsonify(statuspage_me.error_body(refusal))
    else:
        answer = jsonify(refusal.to_wire(request_id=secrets.token_hex(8)))
    answer.status_code = refusal.status
    answer.headers.extend({**headers, **refusal.headers})
    return answer


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


class Door:
    """Every request comes through here, one at a time: time catches up, faults strike, the log is kept."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._app = flask_app()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._answer(environ)
        return answer(environ, start_response)

    def _answer(self, environ: WSGIEnvironment) -> Answer:
        asked = Request(environ)
        environ[ENVIRON_KEY] = self._world
        try:
            body = _read_body(asked)
        except (OSError, ValueError, HTTPException) as error:
            return self._refuse_unread(environ, error)
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        if _is_logged(asked.path):
            return self._answer_logged(environ, asked, body)
        with self._world.store.lock:
            return self._apply(environ)

    def _refuse_unread(self, environ: WSGIEnvironment, error: Exception) -> Answer:
        """A body that ends before its length, or in chunks that are none: nothing is applied, the connection ends."""
        with self._world.store.lock, self._app.request_context(environ):
            answer = self._app.make_response(_refuse(BadRequest(f"The body cannot be read: {error}")))
            answer.headers["Connection"] = "close"
            return answer

    def _answer_logged(self, environ: WSGIEnvironment, asked: Request, body: bytes) -> Answer:
        with self._world.store.lock:
            fault = self._world.faults.take(asked.method, asked.path)
        if fault is not None:
            time.sleep(fault.delay)  # outside the lock: only this request is slow
        with self._world.store.lock:
            self._world.late.carry_out_due()
            at = rfc3339(self._world.clock.now())
            later = copy.copy(environ)
            answer = self._answer_or_fault(environ, fault)
            line = self._log(asked, body, at, answer, fault)
            if fault is not None and fault.late_by is not None:
                self._world.late.wait(fault.late_by, functools.partial(self._carry_out, later, body, line))
            if answer is None or (fault is not None and fault.kind == "reset_after"):
                raise ConnectionResetError("A fault was ordered: the connection ends without an answer")
            self._world.late.count_answered()
        return answer

    def _carry_out(self, environ: WSGIEnvironment, body: bytes, line: dict[str, Any]) -> None:
        """Apply a request whose sender has given up on it. The answer goes nowhere; the log says when."""
        self._apply({**environ, "wsgi.input": BytesIO(body)})
        self._world.store.amend("requests", line, carried_out_at=rfc3339(self._world.clock.now()))
        self._world.store.flush()

    def _answer_or_fault(self, environ: WSGIEnvironment, fault: Fault | None) -> Answer | None:
        """The real answer, unless the fault comes before it; None when the connection just ends."""
        if fault is None:
            return self._apply(environ)
        refusal = fault.refusal(self._world.clock.now())
        if refusal is not None:
            with self._app.request_context(environ):
                return self._app.make_response(_refuse(refusal))
        if fault.kind == "reset_before" or fault.late_by is not None:
            return None
        if fault.kind == "garbage":
            return Answer("<html><body><h1>Bad gateway</h1></body></html>", 200, mimetype="text/html")
        return self._apply(environ)

    def _apply(self, environ: WSGIEnvironment) -> Answer:
        self._world.automation.catch_up()
        answer = Answer.from_app(self._app, environ, buffered=True)
        self._world.settle()
        return answer

    def _log(self, asked: Request, body: bytes, at: str, answer: Answer | None, fault: Fault | None) -> dict[str, Any]:
        line = {
            "method": asked.method,
            "path": asked.path,
            "query": asked.query_string.decode("latin-1"),
            "body": _logged_body(body),
            "key_scope": key_scope(asked.headers.get("Authorization"), asked.path),
            "at": at,
            "status": None if answer is None else answer.status_code,
        }
        if fault is not None:
            line["fault"] = "late" if fault.late_by is not None else fault.kind
        self._world.store.log("requests", line)
        self._world.store.flush()
        return line


def _is_logged(path: str) -> bool:
    """API calls and the widget. Control routes and people looking at a page leave no trace and meet no fault."""
    return path.startswith(tuple(WRITE_SCOPES)) or path.endswith(widget.SUFFIX)


def _read_body(asked: Request) -> bytes:
    """The whole body, one byte over the limit at most; read even if unwanted, so the connection stays usable."""
    body = asked.stream.read(LARGEST_BODY + 1)
    if len(body) < min(asked.content_length or 0, LARGEST_BODY + 1):
        raise OSError("it ends before its Content-Length")
    return body


def _logged_body(body: bytes) -> object:
    if not body:
        return None
    try:
        return read_json(body)
    except BadRequest:
        return body.decode("utf-8", "replace")
