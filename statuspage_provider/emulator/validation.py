"""What a request may say: the fields of each call, their types and lengths. Nothing beyond them is accepted."""

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


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("must be text: NUL and lone surrogates are not")
    return value


def whole_number(allowed: range) -> Callable[[object], int]:
    """Reads a query parameter that is a number within this range."""

    def read_number(value: object) -> int:
        number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else -1
        if number not in allowed:
            raise ValueError(f"must be a whole number from {allowed[0]} to {allowed[-1]}")
        return number

    return read_number


Text = Annotated[str, AfterValidator(_text)]
Name = Annotated[str, Field(max_length=200), AfterValidator(_text)]
Instant = Annotated[datetime, BeforeValidator(parse_rfc3339)]


class Body(BaseModel):
    """Unknown fields, and values of another type, are refused: a slip in a client must not pass here."""

    model_config = ConfigDict(extra="forbid", strict=True)

    def says(self, field: str) -> bool:
        return field in self.model_fields_set


B = TypeVar("B", bound=BaseModel)


def read_json(text: bytes) -> Any:
    """The body as JSON, or a 400.

    It is UTF-8 without a byte order mark. NaN, Infinity and numbers beyond every float are Python's idea of JSON, not
    the standard's. A name that comes twice in an object is refused, as readers differ on which one counts.
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


class NoQuery(Body):
    """Of a call that takes no query parameter."""


def read_query(model: type[B], query: MultiDict[str, str]) -> B:
    """The query parameters as `model`; one that comes twice is refused, as readers differ on which one counts."""
    repeated = [name for name, values in query.lists() if len(values) > 1]
    if repeated:
        raise Invalid(*(Issue(f"{name} must be given once", pointer=f"/{name}") for name in repeated))
    return read(model, query)


def read(model: type[B], data: Any) -> B:
    """The data as `model`, or a 422 listing everything wrong with it."""
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
