"""The WSGI middleware around the Flask app: the log of requests, ordered faults, late requests."""

from __future__ import annotations

import functools
import time
from io import BytesIO
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from .app import LARGEST_BODY, error_response, flask_app, is_api_call, key_scope
from .clock import rfc3339
from .errors import BadRequest
from .faults import Fault
from .incident_io.widget import SUFFIX as WIDGET_SUFFIX
from .validation import read_json
from .world import World

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Middleware:
    """Passes requests on to the Flask app, one at a time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._app = flask_app()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        response = self._respond(environ)
        return response(environ, start_response)

    def _respond(self, environ: WSGIEnvironment) -> Response:
        environ["emulator.world"] = self._world
        environ["emulator.incident_io"] = self._world.incident_io
        environ["emulator.statuspage_me"] = self._world.statuspage_me
        request = Request(environ)
        try:
            body = _read_body(request)
        except (OSError, ValueError, HTTPException) as error:
            return self._refuse_unread(environ, error)
        if _is_logged(request.path):
            return self._respond_and_log(environ, request, body)
        with self._world.turn():
            return self._apply(environ, body)

    def _refuse_unread(self, environ: WSGIEnvironment, error: Exception) -> Response:
        """For a body shorter than its length, or with malformed chunks: nothing is applied, the connection ends."""
        response = self._error(environ, BadRequest(f"The body cannot be read: {error}"))
        response.headers["Connection"] = "close"
        return response

    def _respond_and_log(self, environ: WSGIEnvironment, request: Request, body: bytes) -> Response:
        with self._world.turn():
            fault = self._world.faults.take(request.method, request.path)
        if fault is not None:
            time.sleep(fault.delay)  # outside the turn: only this request is slow
        with self._world.turn():
            late_requests = self._world.late_requests
            late_requests.carry_out_due()
            at = rfc3339(self._world.clock.now())
            response = self._respond_or_fail(environ, body, fault)
            line = _log_line(request, body, at, response, fault)
            number = self._world.store.log("requests", line)
            if fault is not None and fault.late_by is not None:
                late_requests.wait(fault.late_by, functools.partial(self._carry_out, environ, body, number, line))
            if response is None or (fault is not None and fault.kind == "reset_after"):
                raise ConnectionResetError("A fault was ordered: the connection ends without an answer")
            late_requests.count_answered()
        return response

    def _respond_or_fail(self, environ: WSGIEnvironment, body: bytes, fault: Fault | None) -> Response | None:
        """The real answer, unless a fault comes before it. None if the connection just ends."""
        if fault is None:
            return self._apply(environ, body)
        refusal = fault.refusal(self._world.clock.now())
        if refusal is not None:
            return self._error(environ, refusal)
        if fault.kind == "reset_before" or fault.late_by is not None:
            return None
        if fault.kind == "garbage":
            return Response("<html><body><h1>Bad gateway</h1></body></html>", 200, mimetype="text/html")
        return self._apply(environ, body)

    def _carry_out(self, environ: WSGIEnvironment, body: bytes, number: int, line: dict[str, Any]) -> None:
        """Apply a request whose sender has given up. Nobody gets the answer, and the log says when it was."""
        self._apply(environ, body)
        line["carried_out_at"] = rfc3339(self._world.clock.now())
        self._world.store.rewrite_log("requests", number, line)

    def _apply(self, environ: WSGIEnvironment, body: bytes) -> Response:
        readable = {**environ, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return Response.from_app(self._app, readable, buffered=True)

    def _error(self, environ: WSGIEnvironment, error: Exception) -> Response:
        with self._app.request_context(environ):
            return self._app.make_response(error_response(error))


def _is_logged(path: str) -> bool:
    """API calls and the widget. Control routes and the page for people leave no trace and meet no fault."""
    return is_api_call(path) or path.endswith(WIDGET_SUFFIX)


def _read_body(request: Request) -> bytes:
    """The whole body, one byte over the limit at most. Read even if unwanted, so that the connection stays usable."""
    body = request.stream.read(LARGEST_BODY + 1)
    if len(body) < min(request.content_length or 0, LARGEST_BODY + 1):
        raise OSError("it ends before its Content-Length")
    return body


def _log_line(request: Request, body: bytes, at: str, response: Response | None, fault: Fault | None) -> dict[str, Any]:
    line = {
        "method": request.method,
        "path": request.path,
        "query": request.query_string.decode("latin-1"),
        "body": _logged_body(body),
        "key_scope": key_scope(request.headers, request.path),
        "at": at,
        "status": None if response is None else response.status_code,
    }
    if fault is not None:
        line["fault"] = "late" if fault.late_by is not None else fault.kind
    return line


def _logged_body(body: bytes) -> object:
    if not body:
        return None
    try:
        return read_json(body)
    except BadRequest:
        return body.decode("utf-8", "replace")
