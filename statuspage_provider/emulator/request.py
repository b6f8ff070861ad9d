"""What a request brings along: the world it is about, as routes are made once for the process, and its JSON."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from flask import request
from pydantic import BaseModel
from werkzeug.local import LocalProxy

from . import validation
from .errors import BadRequest
from .world import World

ENVIRON_KEY = "statuspage.world"

world = cast(World, LocalProxy(lambda: request.environ[ENVIRON_KEY]))


B = TypeVar("B", bound=BaseModel)


def query(model: type[B]) -> B:
    """The request's query parameters."""
    return validation.read_query(model, request.args)


def no_query() -> None:
    query(validation.NoQuery)


def json_body() -> Any:
    """The request's JSON; it has to say that it is JSON. Calls with a body take no query parameters."""
    no_query()
    if request.mimetype != "application/json":
        raise BadRequest("The body must be JSON, sent with Content-Type: application/json")
    return validation.read_json(request.get_data())
