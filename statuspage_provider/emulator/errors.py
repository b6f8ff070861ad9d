"""Refusals: each knows its status and its form on the wire.

Refusal
├── BadRequest        400  not JSON, not an object, not declared as JSON
├── Unauthenticated   401  no key, or an unknown one
├── Forbidden         403  the key may not write
├── NotFound          404  no such object, or no such path
├── WrongMethod       405
├── TooLarge          413
├── Invalid           422  well-formed, but against a rule
├── RateLimited       429  says when to come back
└── Broken            500  a fault of the emulator
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from .clock import rfc3339


@dataclass(frozen=True)
class Issue:
    """One reason for a refusal. `pointer` is a JSON pointer into the body, or names a query parameter."""

    message: str
    code: str = "invalid_value"
    pointer: str | None = None

    def to_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.pointer is not None:
            wire["source"] = {"field": self.pointer.rsplit("/", 1)[-1], "pointer": self.pointer}
        return wire


class Refusal(Exception):
    """An error in place of the answer that was asked for."""

    status = 500
    type = "api_error"
    code = "internal_error"

    def __init__(self, *issues: Issue | str) -> None:
        self.issues = [Issue(issue, self.code) if isinstance(issue, str) else issue for issue in issues]
        super().__init__("; ".join(issue.message for issue in self.issues))

    @property
    def headers(self) -> dict[str, str]:
        return {}

    def to_wire(self, request_id: str) -> dict[str, Any]:
        return {
            "type": self.type,
            "status": self.status,
            "request_id": request_id,
            "errors": [issue.to_wire() for issue in self.issues],
        }


class BadRequest(Refusal):
    status, type, code = 400, "invalid_request_error", "invalid_json"


class Unauthenticated(Refusal):
    status, type, code = 401, "authentication_error", "invalid_api_key"

    @classmethod
    def without_key(cls) -> Unauthenticated:
        return cls(Issue("No authorization material provided in request", "missing_authorization_material"))


class Forbidden(Refusal):
    status, type, code = 403, "resource_forbidden", "missing_scope"


class NotFound(Refusal):
    status, type, code = 404, "not_found", "not_found"


class WrongMethod(Refusal):
    status, type, code = 405, "method_not_allowed", "method_not_allowed"


class TooLarge(Refusal):
    status, type, code = 413, "payload_too_large", "payload_too_large"


class Invalid(Refusal):
    status, type, code = 422, "validation_error", "invalid_value"

    @classmethod
    def at(cls, pointer: str, message: str, code: str = "invalid_value") -> Invalid:
        """The usual case: one thing wrong, at one place."""
        return cls(Issue(message, code, pointer))


class RateLimited(Refusal):
    status, type, code = 429, "too_many_requests", "too_many_requests"

    def __init__(self, message: str, *, name: str, limit: int, retry_at: datetime, retry_after: str) -> None:
        super().__init__(message)
        self.name, self.limit, self.retry_at, self.retry_after = name, limit, retry_at, retry_after

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": self.retry_after}

    def to_wire(self, request_id: str) -> dict[str, Any]:
        limit = {"name": self.name, "limit": self.limit, "remaining": 0, "retry_after": rfc3339(self.retry_at)}
        return {**super().to_wire(request_id), "rate_limit": limit}


class Broken(Refusal):
    pass


T = TypeVar("T")


def found(record: T | None, what: str) -> T:
    """The record, or a 404."""
    if record is None:
        raise NotFound(f"There is no {what}")
    return record
