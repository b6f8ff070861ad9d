"""What happens by itself as time passes: automated windows start and complete, forwards only."""

from __future__ import annotations

from datetime import datetime

from ..clock import Clock
from ..store import Store
from .objects import COMPLETE, IN_PROGRESS, OPERATIONAL, SCHEDULED, UNDER_MAINTENANCE, Maintenance, all_with
from .timeline import Timeline


class Automation:
    """Brings every automated window up to the present. It runs before each request, and nothing runs in between."""

    def __init__(self, store: Store, clock: Clock, timeline: Timeline) -> None:
        self._windows, self._clock, self._timeline = store.table(Maintenance), clock, timeline

    def catch_up(self) -> None:
        now = self._clock.now()
        while due := [(at, key) for key, window in self._windows.items() if (at := _next_step(window)) and at <= now]:
            at, key = min(due)  # in the order of the planned instants, as the steps of several windows interleave
            window = self._windows[key]
            self._step(window, max(at, window.changed_at))

    def _step(self, window: Maintenance, at: datetime) -> None:
        if window.status == SCHEDULED:
            status, affected = IN_PROGRESS, all_with(UNDER_MAINTENANCE, window.held_ids())
            message = "Scheduled maintenance is now in progress."
        else:
            status, affected = COMPLETE, all_with(OPERATIONAL, window.held_ids())
            message = "Scheduled maintenance is now complete."
        self._timeline.add(window, status, message, at, affected, automated=True)
        if status == COMPLETE:
            window.end_periods(at)
        window.changed_at = at
        self._timeline.publish(window, notify=window.notify)


def _next_step(window: Maintenance) -> datetime | None:
    if not window.automate or window.over:
        return None
    return window.start_at if window.status == SCHEDULED else window.end_at
