"""Time as the emulator sees it: a clock that can be moved and keeps ticking, and RFC 3339 in and out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)")


def wall_clock() -> datetime:
    return datetime.now(timezone.utc)


def rfc3339(instant: datetime) -> str:
    """An instant in UTC, its fraction without trailing zeros, the way a Go service writes it."""
    text = instant.astimezone(timezone.utc).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"


def parse_rfc3339(text: object) -> datetime:
    """A date-time with its offset; ValueError for anything less. Digits beyond microseconds are dropped."""
    match = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("must be an RFC 3339 date-time with an offset, like 2025-01-28T10:00:00Z")
    day, time, fraction, offset = match.groups()
    offset = "+00:00" if offset in "Zz" else offset
    try:
        instant = datetime.fromisoformat(f"{day}T{time}.{(fraction or '0')[:6]:0<6}{offset}")
        return instant.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        raise ValueError("is not a date-time that exists") from None


class Clock:
    """Some source of time, shifted. Setting it moves the shift, so it ticks on from there."""

    def __init__(self, source: Callable[[], datetime] = wall_clock) -> None:
        self._source = source
        self.shift = timedelta(0)

    def now(self) -> datetime:
        return self._source().astimezone(timezone.utc) + self.shift

    def set(self, instant: datetime) -> None:
        self.shift = instant - self._source()

    def advance(self, seconds: float) -> None:
        self.shift += timedelta(seconds=seconds)
