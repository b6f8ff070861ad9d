"""The planned windows as an iCalendar file, for calendars that are subscribed to it or import it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta

from ..display import plain, visible
from ..inputs import MaintenanceInputs
from ..state import MaintenanceState
from ..unknowns import has_unknown
from .forecast import Forecast, Summary


def to_calendar(summary: Summary) -> bytes:
    """The windows of a plan. Raises ModuleNotFoundError without the extra `summary`.

    A window keeps its UID for as long as its resource keeps its idempotency key, so that one that is moved, replaced or
    cancelled updates the entry that a calendar has already. SEQUENCE counts the windows and posts that came before.
    """
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//statuspage-provider//statuspage summary//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for forecast in _windows(summary.forecasts):
        before = forecast.before if isinstance(forecast.before, MaintenanceState) else None
        declared = forecast.declared or (before.declared if before is not None else None)
        assert isinstance(declared, MaintenanceInputs)
        assert forecast.window is not None
        event = Event()
        event.add("uid", uid(str(declared.idempotency_key)))
        event.add("dtstamp", summary.now)
        event.add("dtstart", forecast.window[0])
        event.add("dtend", forecast.window[1])
        # icalendar writes some control characters as they are, and a bare CR ends a line for some readers.
        event.add("summary", plain(forecast.name))
        if not has_unknown(declared.message):
            event.add("description", visible(declared.message))
        # A calendar takes what has the higher number, and of two with one number the later stamp.
        event.add("sequence", 0 if before is None else before.generation + len(before.notices))
        event.add("status", "CANCELLED" if forecast.what == "removed" else "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    ics: bytes = calendar.to_ical()
    return ics


def uid(idempotency_key: str) -> str:
    """A UID from the key, which says nothing of what the key was made of."""
    return f"{hashlib.sha256(idempotency_key.encode()).hexdigest()[:32]}@statuspage-provider"


def _windows(forecasts: Iterable[Forecast]) -> Iterable[Forecast]:
    for forecast in forecasts:
        window = forecast.window
        if forecast.is_window and window is not None and window[1] - window[0] > timedelta() and not forecast.refused:
            yield forecast
