"""What a route gets from the request at hand: the emulator it came to, the JSON body, the query."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel
from werkzeug.local import LocalProxy

from . import validation
from .errors import BadRequest

M = TypeVar("M", bound=BaseModel)


def from_environ(name: str) -> Any:
    """What the middleware put into the WSGI environ. The routes are made once and serve every emulator."""
    return LocalProxy(lambda: request.environ[name])


def query(model: type[M]) -> M:
    """The query parameters."""
    return validation.read_query(model, request.args)


def no_query() -> None:
    query(validation.NoQuery)


def json_body(model: type[M]) -> M:
    """The JSON body, declared as JSON. A call with a body takes no query parameters."""
    no_query()
    if request.mimetype != "application/json":
        raise BadRequest("The body must be JSON, sent with Content-Type: application/json")
    return validation.read(model, validation.read_json(request.get_data()))
