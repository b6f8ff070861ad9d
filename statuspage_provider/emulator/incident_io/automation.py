"""What happens by itself as time passes: automated windows start and complete, forwards only."""

from __future__ import annotations

from datetime import datetime

from ..clock import Clock
from ..mail import Mail
from ..store import Store
from .ids import Ids
from .objects import COMPLETE, IN_PROGRESS, SCHEDULED, Affected, Maintenance, Update

MESSAGES = {
    IN_PROGRESS: "Scheduled maintenance is now in progress.",
    COMPLETE: "Scheduled maintenance is now complete.",
}


class Automation:
    """Brings every automated window up to the present. Run before each request; nothing runs in between."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, mail: Mail) -> None:
        self._store, self._clock, self._ids, self._mail = store, clock, ids, mail

    def catch_up(self) -> None:
        now = self._clock.now()
        due = [(at, window) for window in self._store.automated() if (at := _next_step(window)) and at <= now]
        while due:  # in the order of the planned instants, as the steps of several windows interleave
            at, window = min(due, key=lambda step: (step[0], step[1].id))
            due.remove((at, window))
            self._step(window, max(at, window.changed_at))
            if (following := _next_step(window)) and following <= now:
                due.append((following, window))

    def _step(self, window: Maintenance, at: datetime) -> None:
        status = IN_PROGRESS if window.status == SCHEDULED else COMPLETE
        told = "under_maintenance" if status == IN_PROGRESS else "operational"
        statuses = [Affected(component_id=period.component_id, component_status=told) for period in window.held()]
        update_id = self._ids.next(self._clock.now())
        update = Update(
            id=update_id,
            status=status,
            message=MESSAGES[status],
            published_at=at,
            component_statuses=statuses,
            automated=True,
        )
        window.updates.append(update)
        if status == COMPLETE:
            window.end_periods(at)
        window.changed_at = at
        self._store.save(window)
        if window.notify:
            self._mail.announce(self._store.pages[window.page_id], window, automated=True)


def _next_step(window: Maintenance) -> datetime | None:
    if not window.automate or window.over:
        return None
    return window.start_at if window.status == SCHEDULED else window.end_at
