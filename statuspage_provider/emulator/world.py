"""One emulated account: both services, with the store, the clock and the failures they share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from .clock import Clock, wall_clock
from .differences import Differences, DifferencesOrder
from .faults import Faults
from .incident_io.rules import IncidentIO
from .late_requests import LateRequests
from .stale_reads import StaleReads
from .statuspage_me.rules import StatuspageMe
from .store import Store


class Kept(NamedTuple):
    """What an emulator remembered, and what time it was."""

    memory: Store
    now: datetime


class World:
    """Use it within `turn()`."""

    def __init__(self, file: Path | None = None, source: Callable[[], datetime] | None = None) -> None:
        self.store = Store(file)
        self.clock = Clock(source or wall_clock)
        self.clock.restore(self.store.settings.get("clock_shift_s", 0.0))
        self.faults = Faults()
        self.late_requests = LateRequests()
        self.stale_reads = StaleReads(self.store)
        self.incident_io = IncidentIO(self.store, self.clock, self.stale_reads)
        self.statuspage_me = StatuspageMe(self.store, self.clock, self.stale_reads)
        self.store.commit()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """One request or one control at a time. What it changed is written down at its end, whatever happens."""
        with self.store.lock:
            if self.store.closed:  # such as after a slow answer: the server then ends the connection, quietly
                raise ConnectionAbortedError("The emulator was closed")
            try:
                self.incident_io.automation.catch_up()
                yield
            finally:
                self.store.set("clock_shift_s", self.clock.shift.total_seconds())
                self.store.commit()

    def set_clock(self, now: datetime) -> None:
        self.clock.set(now)
        self.incident_io.automation.catch_up()

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.incident_io.automation.catch_up()

    def reset(self) -> None:
        """Back to the beginning: default pages, present time, no faults, nothing published, nothing remembered."""
        self.store.reset()
        self.clock.shift = timedelta(0)
        self.clear_faults()
        self.stale_reads.forget()
        self.incident_io.start()
        self.statuspage_me.start()

    def keep(self) -> Kept:
        return Kept(self.store.keep(), self.clock.now())

    def restore(self, kept: Kept) -> None:
        """Back to what was kept, its time too. Faults are no part of it: there are none then."""
        self.store.restore(kept.memory)
        self.clock.set(kept.now)
        self.clear_faults()
        self.stale_reads.forget()

    def clear_faults(self) -> None:
        """Drop the faults, and the requests that wait because of one."""
        self.faults.clear()
        self.late_requests.clear()

    def differ(self, order: DifferencesOrder) -> Differences:
        """Differ from the documents in these ways. An order for `stale_reads` ends the counts there are."""
        now = self.store.differences.model_dump()
        self.store.set("differences", {**now, **order.model_dump(exclude_none=True)})
        if order.stale_reads is not None:
            self.stale_reads.forget()
        return self.store.differences

    def set_subscribers(self, page_id: str, count: int) -> None:
        page = self.statuspage_me.pages.get(page_id) or self.incident_io.page(page_id)
        page.subscribers = count
        self.store.save(page)
