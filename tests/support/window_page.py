"""A service with one window, and a clock and a sleep of its own, for tests of what covers: no engine, no network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta, timezone
from typing import Any

from statuspage_provider.covering.invocation import WHOLE, Invocation
from statuspage_provider.covering.options import CoveringOptions
from statuspage_provider.covering.session import Session
from statuspage_provider.errors import StatusPageError
from statuspage_provider.lifecycle.decision import Edit, NewUpdate
from statuspage_provider.remote import Maintenance, Period, Update
from statuspage_provider.state import MaintenanceState
from tests.support.declared import UPGRADE as DECLARED

START = datetime(2026, 3, 1, 14, tzinfo=timezone.utc)
END = START + timedelta(hours=2)
WITHIN = START + timedelta(minutes=10)


class Page:
    """A service with one window, which automation moves as the clock does, and all that is known of a run."""

    def __init__(self, now: datetime = WITHIN, asked: Invocation = WHOLE) -> None:
        self.now = now
        self.asked_for = asked
        self.real = True
        self.mails = False
        self.automated = True
        self.automates = True
        """Whether automation is declared."""
        self.phase = ""
        self.entries: list[Update] = []
        self.calls: list[str] = []
        self.said: list[str] = []
        self.slept: list[float] = []
        self.down: StatusPageError | None = None
        self.refuses: Callable[[bool], StatusPageError | None] = lambda mailed: None
        self.ends: list[datetime] = []
        self.seen: list[Update] | None = None
        """What a read shows, where it lags what was written."""

    # the window, as the program holds it

    async def is_real(self) -> bool:
        return self.real

    async def recorded(self) -> tuple[str, MaintenanceState]:
        given = {"notify_subscribers": self.mails, "automate_maintenance_status": self.automates}
        declared = DECLARED.model_copy(update=given)
        return "window", MaintenanceState(declared=declared, window=(START, END), phase="scheduled")

    async def maintenances(self, _service: str) -> Any:
        return self

    async def incidents(self, _service: str) -> Any:
        return self

    async def asked(self) -> Invocation:
        return self.asked_for

    def warn(self, line: str) -> None:
        self.said.append(line)

    info = warn

    # the service

    def show(self, _: str) -> Maintenance:
        self.calls.append("GET")
        if self.down is not None:
            raise self.down
        return self.shown(self.seen if self.seen is not None else self.entries)

    def shown(self, entries: list[Update]) -> Maintenance:
        return Maintenance(
            id="window",
            name="Upgrade",
            published_at=START - timedelta(days=1),
            updates=list(entries),
            status_page_id="page",
            maintenance_status=self.status_of(entries),
            automate_maintenance_status=self.automated,
            component_maintenance_periods=[
                Period(component_id="database", start_at=START, end_at=[END, *self.ends][-1])
            ],
        )

    def status_of(self, entries: list[Update]) -> str:
        """What the window is, as one sees it who sees only these entries."""
        told = [entry.maintenance_status for entry in entries if entry.maintenance_status]
        return f"maintenance_{self.stands()}" if entries == self.entries else (["maintenance_scheduled", *told])[-1]

    def edit(self, _: str, edit: Edit) -> Maintenance:
        assert edit.window is not None
        self.calls.append("PUT")
        if edit.window[1] != [END, *self.ends][-1]:
            self.ends.append(edit.window[1])
        return self.shown(self.entries)

    def create_update(self, _: str, update: NewUpdate) -> Update:
        message, status, notify_subscribers = update.message, update.status, update.notify_subscribers
        self.calls.append(f"POST {status}{' mailed' if notify_subscribers else ''}")
        if self.down is not None:
            raise self.down
        if (error := self.refuses(notify_subscribers)) is not None:
            raise error
        if status is not None:
            self.automated, self.phase = False, status.removeprefix("maintenance_")
        id_ = str(len(self.entries))
        shown = f"maintenance_{self.stands()}"
        self.entries.append(Update(id=id_, message=message, published_at=self.now, maintenance_status=shown))
        return self.entries[-1]

    def create(self, declared: Any, *, idempotency_key: str) -> None:
        self.calls.append(f"POST incident {idempotency_key}")

    def stands(self) -> str:
        if self.phase or not self.automated:
            return self.phase or "scheduled"
        return "scheduled" if self.now < START else "in_progress" if self.now < END else "complete"

    # the run

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def session(self, **seams: Any) -> Session:
        return Session(self, now=lambda: self.now, **{"sleep": self.sleep, **seams})  # type: ignore[arg-type]

    def posts(self) -> list[str]:
        return [call.removeprefix("POST maintenance_") for call in self.calls if call.startswith("POST")]


class TimesPage(Page):
    """The same on a service where a window is its times: it knows nothing but edits."""

    def __init__(self, now: datetime = WITHIN, asked: Invocation = WHOLE) -> None:
        super().__init__(now, asked)
        self.times = (START, END)

    async def recorded(self) -> tuple[str, MaintenanceState]:
        id_, state = await super().recorded()
        unaffected = {"service": "statuspage.me", "affected_component_ids": []}
        return id_, state.model_copy(update={"declared": state.declared.model_copy(update=unaffected)})

    def shown(self, _: list[Update]) -> Maintenance:
        return Maintenance.by_times(
            self.times,
            self.now,
            id="window",
            name="Upgrade",
            message="We upgrade.",
            published_at=START - timedelta(days=1),
            status_page_id="page",
        )

    def edit(self, _: str, edit: Edit) -> Maintenance:
        assert edit.window is not None
        if edit.window != self.times:
            self.calls.append("PATCH")
        self.times = edit.window
        return self.shown([])

    def create_update(self, _: str, update: NewUpdate) -> Update:
        raise AssertionError(f"there is no timeline: {update}")

    def create(self, declared: Any, *, idempotency_key: str) -> None:
        self.calls.append(f"POST incident {declared.service} {declared.component_statuses}")


def rules(**given: Any) -> CoveringOptions:
    defaults: dict[str, Any] = dict.fromkeys(("failure_message", "in_progress_message", "extend_up_to"))
    return CoveringOptions.of(**{"outside": "fail", "on_failure": "keep", **defaults, "required": False, **given})


def urn(name: str) -> str:
    return f"urn:pulumi:test::project::test:index:Work::{name}"


def run(program: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(program, 30))


async def work(session: Session, name: str, given: CoveringOptions | None = None) -> None:
    """A covered change that succeeds."""
    await session.before(urn(name), given or rules())
    await session.after(urn(name))
