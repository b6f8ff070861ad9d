"""Reads JSON and query parameters into models, strictly: what a model does not name is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from werkzeug.datastructures import MultiDict

from .clock import parse_rfc3339
from .errors import BadRequest, Invalid, Issue


def check_text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("must not contain NUL or a lone surrogate")
    return value


def whole_number(allowed: range) -> Callable[[object], int]:
    """Reads a query parameter that is a number in this range."""

    def read_number(value: object) -> int:
        number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else -1
        if number not in allowed:
            raise ValueError(f"must be a whole number from {allowed[0]} to {allowed[-1]}")
        return number

    return read_number


def check_order(start_at: datetime, end_at: datetime, *, or_same: bool = False) -> None:
    if end_at < start_at or (end_at == start_at and not or_same):
        raise Invalid.at("/end_at", "end_at must be after start_at")


Text = Annotated[str, AfterValidator(check_text)]
Name = Annotated[str, Field(max_length=200), AfterValidator(check_text)]
Instant = Annotated[datetime, BeforeValidator(parse_rfc3339)]


class Body(BaseModel):
    """Refuses unknown fields and values of another type: a client's mistake must not pass here."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def has(self, field: str) -> bool:
        return field in self.model_fields_set


class NoQuery(Body):
    """The query of a call that takes no parameters."""


M = TypeVar("M", bound=BaseModel)


def read_json(text: bytes) -> Any:
    """The body as JSON, or a 400.

    JSON is UTF-8 without a byte order mark. Python would also take NaN, Infinity and numbers too large for a float,
    which the standard does not. A name that comes twice in an object is refused, as readers differ on which one counts.
    """

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is not JSON")

    def number(digits: str) -> float:
        value = float(digits)
        return value if math.isfinite(value) else refuse(digits[:20])

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        read = dict(pairs)
        if len(read) < len(pairs):
            raise ValueError("a name comes twice in an object")
        return read

    try:
        decoded = text.decode("utf-8")
        return json.loads(decoded, parse_constant=refuse, parse_float=number, object_pairs_hook=members)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The body is not valid JSON: {error}") from None


def read_query(model: type[M], query: MultiDict[str, str]) -> M:
    """The query parameters as `model`. One that comes twice is refused, as readers differ on which one counts."""
    repeated = [name for name, values in query.lists() if len(values) > 1]
    if repeated:
        raise Invalid(*(Issue(f"{name} must be given once", pointer=f"/{name}") for name in repeated))
    return read(model, query)


def read(model: type[M], data: Any) -> M:
    """The data as `model`, or a 422 that lists everything wrong with it."""
    if not isinstance(data, Mapping):
        raise BadRequest("The body must be a JSON object")
    nulls = [
        Issue(f"{name} must not be null; leave it out instead", pointer=f"/{name}")
        for name, value in data.items()
        if value is None and name in model.model_fields
    ]
    if nulls:
        raise Invalid(*nulls)
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        raise Invalid(*map(_issue, error.errors(include_url=False))) from None


def _issue(error: ErrorDetails) -> Issue:
    pointer = "/" + "/".join(str(step) for step in error["loc"])
    where = pointer[1:].replace("/", ".")
    match error["type"]:
        case "missing":
            return Issue(f"{where} is required", "is_required", pointer)
        case "extra_forbidden":
            return Issue(f"{where} is not a field of this call", "unknown_field", pointer)
        case "value_error":
            return Issue(f"{where} {error['ctx']['error']}", pointer=pointer)
    return Issue(f"{where}: {error['msg']}", pointer=pointer)
