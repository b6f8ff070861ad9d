"""Every sentence that is published if the program has none of its own."""

from __future__ import annotations

from .display import span_for_people
from .times import Window

COMPLETED = "This maintenance is complete."
CANCELLED = "This maintenance has been cancelled."
ENDED = "This maintenance has ended."
"""A covered change failed, and `on_failure="complete"` ends the window."""

FAILED = "Maintenance did not go as planned. We are looking into it."
"""A covered change failed, and `on_failure="incident"` opens an incident."""

RESOLVED = "This incident has been resolved."


def rescheduled(window: Window) -> str:
    """What precedes the message of a window that was moved."""
    return f"This maintenance has been rescheduled. It now runs {span_for_people(*window)}."
