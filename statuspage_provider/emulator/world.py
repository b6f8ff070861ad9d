"""The emulated world: state, clock, faults and rules together, with the levers a test or a person can pull."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from .clock import Clock, wall_clock
from .differences import Differences, DifferencesOrder
from .errors import Invalid, NotFound
from .faults import Faults
from .incident_io.automation import Automation
from .incident_io.ids import Ids
from .incident_io.layout import LAST_DEFAULT_ID, NewPage, build_page, default_page, slug_of
from .incident_io.objects import Page
from .incident_io.rules import IncidentIO
from .late_requests import Late
from .mail import Mail
from .stale_reads import Lag
from .statuspage_me.objects import default_page as default_me_page
from .statuspage_me.rules import StatuspageMe
from .store import Store

KEYS = {"emulator-write": "write", "emulator-read": "read"}


class World:
    """Hold `store.lock` around what is done to it, and end with `settle()`."""

    def __init__(self, file: Path | None = None, source: Callable[[], datetime] | None = None) -> None:
        self.store = Store(file)
        self.clock = Clock(source or wall_clock)
        self.faults = Faults()
        self.late = Late()
        self.clock.restore(self.store.settings.get("clock_shift_s", 0.0))
        self._assemble()

    def _assemble(self) -> None:
        self._save_default_pages()
        self.ids = Ids(self.store.settings.get("last_id", LAST_DEFAULT_ID))
        self.mail = Mail(self.store)
        self.automation = Automation(self.store, self.clock, self.ids, self.mail)
        self.lag = Lag(self.store)
        self.incident_io = IncidentIO(self.store, self.clock, self.ids, self.mail, self.lag)
        self.statuspage_me = StatuspageMe(self.store, self.clock, self.mail, self.lag)
        self.settle()

    def _save_default_pages(self) -> None:
        if not self.store.pages:
            self.store.save(default_page())
        if not self.store.statuspage_me_pages:
            self.store.save(default_me_page())

    def settle(self) -> None:
        """Write down what a request or a lever changed."""
        self.store.set("last_id", self.ids.last)
        self.store.set("clock_shift_s", self.clock.shift.total_seconds())
        self.store.flush()

    def reset(self) -> None:
        """Back to the beginning: default pages, present time, no faults, nothing published, nothing remembered."""
        self.store.reset()
        self.clock.shift = timedelta(0)
        self.clear_faults()
        self.lag.forget()
        self.incident_io.forget_limits()
        self._save_default_pages()
        self.ids.last = LAST_DEFAULT_ID

    def clear_faults(self) -> None:
        """Drop what was ordered, and the requests that were to be carried out later."""
        self.faults.clear()
        self.late.clear()

    def differ(self, order: DifferencesOrder) -> Differences:
        """Be unlike the documents in these ways. An order for `stale_reads` ends those that are left."""
        now = self.store.differences.model_dump()
        self.store.set("differences", {**now, **order.model_dump(exclude_none=True)})
        if order.stale_reads is not None:
            self.lag.forget()
        return self.store.differences

    def page_with_slug(self, slug: str) -> Page:
        page = next((page for page in self.store.pages.values() if page.slug == slug), None)
        if page is None:
            raise NotFound(f"There is no status page {slug}")
        return page

    def add_page(self, new: NewPage) -> Page:
        slugs = {page.slug for page in self.store.pages.values()}
        if new.slug in slugs:
            raise Invalid.at("/slug", f"slug: {new.slug} is taken")
        slug = new.slug or _free(slug_of(new.name), slugs)
        now = self.clock.now()
        return self.store.save(build_page(new, slug, now, lambda: self.ids.next(now)))

    def set_subscribers(self, page_id: str, count: int) -> None:
        page = self.store.statuspage_me_pages.get(page_id) or self.incident_io.page(page_id)
        page.subscribers = count
        self.store.save(page)


def _free(slug: str, taken: set[str]) -> str:
    number, free = 1, slug
    while free in taken:
        number += 1
        free = f"{slug}-{number}"
    return free
