"""The emulator's time: a clock that can be moved and ticks on, and RFC 3339 text."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)")

EARLIEST = datetime(1970, 1, 1, tzinfo=timezone.utc)
LATEST = datetime(9000, 1, 1, tzinfo=timezone.utc)


def wall_clock() -> datetime:
    return datetime.now(timezone.utc)


def rfc3339(instant: datetime) -> str:
    """An instant in UTC, without trailing zeros in its fraction, as a Go service writes it."""
    text = instant.astimezone(timezone.utc).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"


def parse_rfc3339(text: object) -> datetime:
    """A date-time with an offset, or ValueError. Digits beyond microseconds are dropped."""
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


OUT_OF_SPAN = f"the clock goes from {rfc3339(EARLIEST)} to {rfc3339(LATEST)}"


def _check_span(instant: datetime) -> None:
    if not EARLIEST <= instant <= LATEST:
        raise ValueError(OUT_OF_SPAN)


class Clock:
    """A source of time, shifted. Setting the clock moves the shift, so it ticks on from there."""

    def __init__(self, source: Callable[[], datetime] = wall_clock) -> None:
        self._source = source
        self.shift = timedelta(0)

    def now(self) -> datetime:
        return self._source().astimezone(timezone.utc) + self.shift

    def set(self, instant: datetime) -> None:
        """ValueError for a time that leaves windows and ids no room."""
        _check_span(instant)
        self.shift = instant - self._source()

    def advance(self, seconds: float) -> None:
        try:
            shift = self.shift + timedelta(seconds=seconds)
            instant = self._source().astimezone(timezone.utc) + shift
        except (OverflowError, ValueError):  # no date is that far away, or it is NaN
            raise ValueError(OUT_OF_SPAN) from None
        _check_span(instant)
        self.shift = shift

    def restore(self, shift_s: float) -> None:
        """Take up a shift that was kept. One that leads out of the span is dropped: the clock shows the present."""
        self.shift = timedelta(0)
        with contextlib.suppress(ValueError):
            self.advance(shift_s)
