"""Ordered failures: what a client meets in a bad hour, as often as ordered, then no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from .errors import Issue, RateLimited, Refusal

KIND = r"^(status:[45][0-9]{2}|reset_before|reset_after|slow:[0-9]{1,4}(\.[0-9]{1,6})?|garbage|late:[0-9]{1,4})$"

FARTHEST_S = 1_000_000_000

# Seconds that can be added to any time of the clock, or text that fits into a header.
WithinReach = Field(ge=-FARTHEST_S, le=FARTHEST_S)
Seconds = Annotated[int, WithinReach] | Annotated[float, WithinReach]
HeaderText = Annotated[str, Field(pattern=r"^[\x20-\x7e]*$", max_length=1_000)]

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "resource_forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "request_timeout",
    409: "conflict",
    412: "precondition_failed",
    413: "payload_too_large",
    422: "validation_error",
    429: "too_many_requests",
}


class Fault(BaseModel):
    """One kind of failure for the next `times` matching requests."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str, Field(pattern=KIND)]
    times: Annotated[int, Field(ge=1)] = 1
    method: str | None = None
    path_prefix: str = "/"
    retry_after: Seconds | HeaderText | None = None

    def matches(self, method: str, path: str) -> bool:
        return path.startswith(self.path_prefix) and (self.method is None or self.method.upper() == method)

    @property
    def delay(self) -> float:
        return float(self.kind.removeprefix("slow:")) if self.kind.startswith("slow:") else 0.0

    @property
    def late_by(self) -> int | None:
        """After how many more requests this one is carried out. None if it is not late."""
        return int(self.kind.removeprefix("late:")) if self.kind.startswith("late:") else None

    def refusal(self, now: datetime) -> Refusal | None:
        """The error in place of the real answer. None if the fault is another."""
        if not self.kind.startswith("status:"):
            return None
        status = int(self.kind.removeprefix("status:"))
        if status == 429:
            return self._rate_limited(now)
        return _Ordered(status, self.retry_after)

    def _rate_limited(self, now: datetime) -> RateLimited:
        after = 1 if self.retry_after is None else self.retry_after
        seconds = after if isinstance(after, (int, float)) else 1
        retry_at = now + timedelta(seconds=seconds)
        return RateLimited("Too many requests", name="api_key", limit=1200, retry_at=retry_at, retry_after=str(after))


class _Ordered(Refusal):
    def __init__(self, status: int, retry_after: int | float | str | None) -> None:
        super().__init__(Issue(f"A fault was ordered: status {status}", "ordered_fault"))
        self.status = status
        self.type = _TYPES.get(status, "api_error")
        self._retry_after = retry_after

    @property
    def headers(self) -> dict[str, str]:
        return {} if self._retry_after is None else {"Retry-After": str(self._retry_after)}


class Faults:
    """The faults not yet used up, first come first served."""

    def __init__(self) -> None:
        self._ordered: list[Fault] = []

    def order(self, fault: Fault) -> None:
        self._ordered.append(fault)

    def clear(self) -> None:
        self._ordered.clear()

    def to_wire(self) -> list[dict[str, Any]]:
        return [fault.model_dump(exclude_none=True) for fault in self._ordered]

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets. It then has one time less."""
        for fault in self._ordered:
            if fault.matches(method, path):
                fault.times -= 1
                if fault.times == 0:
                    self._ordered.remove(fault)
                return fault
        return None
