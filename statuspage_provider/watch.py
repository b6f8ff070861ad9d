"""The window while covered changes run: asked before them, moved while they last, told of how they end.

Runs in the program's process, in the hooks that `covering` binds.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar, cast

import pulumi

from . import gate, times
from .errors import RateLimited, Refused, StatusPageError, Unreachable
from .gate import ON_FAILURE, OUTSIDE, OnFailure, Outside, Standing
from .lifecycle import COMPLETED, STATUSES, Post
from .models import IncidentInputs, Maintenance, MaintenanceInputs, MaintenanceState
from .plugin import publish
from .provider import settings_of
from .services import MaintenanceService, open_incidents, open_maintenances
from .settings import clock, is_rehearsed

Result = TypeVar("Result")

PostedEvent = Literal["in_progress", "update", "complete"]

LOOK_AGAIN_S = 30.0
"""How often a change that waits says so, and how soon an end that could not be moved is tried again."""


@dataclass(frozen=True)
class Rules:
    """What one call of `covering` asked for."""

    outside: Outside
    on_failure: OnFailure
    failure_message: str | None
    in_progress_message: str | None
    extend_up_to: timedelta | None
    required: bool

    @classmethod
    def of(
        cls,
        outside: Outside,
        on_failure: OnFailure,
        failure_message: str | None,
        in_progress_message: str | None,
        extend_up_to: timedelta | str | None,
        required: bool,
    ) -> Rules:
        """The rules, each value checked: what is wrong with one is known before anything runs."""
        for name, value, allowed in (("outside", outside, OUTSIDE), ("on_failure", on_failure, ON_FAILURE)):
            if value not in allowed:
                raise Refused(f'covering: {name}="{value}" is not one of {", ".join(allowed)}')
        try:
            length = times.parse_length(extend_up_to) if isinstance(extend_up_to, str) else extend_up_to
        except ValueError as error:
            raise Refused(f"covering: extend_up_to: {error}") from None
        return cls(outside, on_failure, failure_message, in_progress_message, length, required)


class Watch:
    """The run's side: what one run knows of one window, and of the work under it.

    One lock keeps changes that run side by side from each reading, and then posting, the same.
    """

    def __init__(self, window: pulumi.CustomResource, name: str) -> None:
        self.messages: set[str] = set()
        """The texts with which the program itself puts the window in progress."""
        self._window = window
        self._name = name
        self._lock = asyncio.Lock()
        self._asked: float | None = None
        self._state: MaintenanceState | None = None
        self._id = ""
        self._seen: Maintenance | None = None
        self._standing: Standing | None = None
        self._seen_at: datetime | None = None
        self._used = False
        self._working = 0
        self._idle = asyncio.Event()
        self._ending: str | None = None
        self._extending: asyncio.Task[None] | None = None

    async def before(self, resource: str, rules: Rules) -> None:
        """Let the change run, or raise Refused."""
        async with self._lock:
            self._used = await self._is_let_in(resource, rules) or self._used
            self._working += 1
            self._idle.clear()
        if self._used and rules.extend_up_to and (self._extending is None or self._extending.done()):
            self._extending = asyncio.ensure_future(self._keep_extending(rules.extend_up_to))

    async def after(self) -> None:
        """One covered change has ended, well or not."""
        self._working -= 1
        if self._working:
            return
        self._idle.set()
        if self._ending is not None:
            await self._tell("complete", self._ending)

    async def failed(self, resource: str, rules: Rules) -> None:
        """Tell of a change that failed, as asked. One that ran outside the window, on purpose, is not the page's."""
        if self._used and rules.on_failure == "complete":
            # Others may still work: the window ends with the last of them.
            self._ending = rules.failure_message or "This maintenance has ended."
        await self.after()
        if self._used and rules.on_failure == "incident":
            await self._tell_incident(rules)
        elif self._used and rules.on_failure == "keep" and rules.failure_message is not None:
            await self._tell("update", rules.failure_message)

    async def settled(self, message: str | None) -> bool:
        """Complete the window if its work is done. Answers whether it was completed by this."""
        if await cast(Any, self._window).phase.future() is None:
            # Nothing was announced: the program runs under a test's mocks.
            return False
        recorded = await self._recorded()
        if not self._used and (recorded.phase == "complete" or self._now() < recorded.window[0]):
            return False
        return await self._tell("complete", message or COMPLETED)

    # before a change

    async def _is_let_in(self, resource: str, rules: Rules) -> bool:
        """Whether the change runs in the window (or, on purpose, outside it). Raises Refused where it must not run."""
        while True:
            answer = gate.ask(await self._stands(rules), rules.outside, self._now())
            if answer.refused:
                raise Refused(f"{resource}: {answer.refused}. Nothing was changed. {answer.fix}")
            if answer.says:
                pulumi.log.warn(f"{resource}: {answer.says}", resource=self._window)
            if answer.wait_until is None:
                break
            await asyncio.sleep(min(LOOK_AGAIN_S, max(0.0, (answer.wait_until - self._now()).total_seconds())))
        if answer.publish:
            await self._begin(rules)
        return answer.uses

    async def _stands(self, rules: Rules) -> Standing:
        """How the window stands: read once, and again where its start or end has passed since."""
        now, known, at = self._now(), self._standing, self._seen_at
        passed = known is None or at is None or any(at < edge <= now for edge in known.window)
        if known is None or passed or (rules.required and self._seen is None):
            recorded = await self._recorded()
            self._seen, self._seen_at = await self._look(rules), now
            known = self._standing = gate.standing(recorded, self._seen)
        return known

    async def _look(self, rules: Rules) -> Maintenance | None:
        """The window on the page. None where the page is down: the clock and state must do, unless it is required."""
        try:
            remote = await self._read()
        except (Unreachable, RateLimited) as error:
            if rules.required:
                raise
            pulumi.log.warn(f"{error}. The change goes by the declared times", resource=self._window)
            return None
        if remote is None:
            raise Refused(f"“{self._name}” is no longer on the page. Nothing was changed. Run `pulumi refresh`")
        return remote

    async def _begin(self, rules: Rules) -> None:
        if self._seen is None or self._standing is None:
            # The page is down.
            return
        message = rules.in_progress_message or (await self._recorded()).declared.message
        try:
            await self._post("in_progress", message, self._seen)
        except (Unreachable, RateLimited) as error:
            if rules.required:
                raise
            pulumi.log.warn(f"{error}. The change runs, and the page may not say so", resource=self._window)
        self._standing = replace(self._standing, phase="in_progress")

    # while changes run

    async def _keep_extending(self, up_to: timedelta) -> None:
        """Move the end as long as there is work and the cap is not reached."""
        while self._working:
            async with self._lock:
                pause = await self._extend(up_to)
            if pause is None:
                return
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._idle.wait(), pause)

    async def _extend(self, up_to: timedelta) -> float | None:
        """Move the end if it is near. Answers in how many seconds to look again, None for never."""
        cap = (await self._recorded()).window[1] + up_to
        try:
            remote = await self._read()
            if not self._working or remote is None or remote.window is None or remote.phase == "complete":
                return None
            start, end = remote.window
            later = gate.extended(end, cap, self._now())
            if later is not None:
                pulumi.log.info(f"“{remote.name}” is extended to {gate.moment(later)}", resource=self._window)
                await self._call(lambda service: service.update_maintenance(self._id, remote.name, (start, later)))
                end = later
                if self._standing is not None:
                    self._standing = replace(self._standing, window=(start, end))
        except StatusPageError as error:
            pulumi.log.warn(f"“{self._name}” could not be extended: {error}", resource=self._window)
            return LOOK_AGAIN_S
        return None if end >= cap else (end - self._now() - gate.EXTEND_BEFORE).total_seconds()

    # what is told to the page

    async def _tell(self, event: PostedEvent, message: str) -> bool:
        """Publish, unless the window is over. That the page cannot be told must not fail the run: the work is done."""
        try:
            async with self._lock:
                remote = await self._read()
                if remote is None or remote.phase == "complete":
                    return False
                if not self._used and not gate.is_left_open(await self._recorded(), remote, self.messages, self._now()):
                    return False
                await self._post(event, message, remote)
                if event == "complete" and self._standing is not None:
                    self._standing = replace(self._standing, phase="complete")
        except StatusPageError as error:
            what = "completed" if event == "complete" else "told of the failure"
            pulumi.log.warn(f"“{self._name}” could not be {what}: {error}", resource=self._window)
            return False
        return True

    async def _tell_incident(self, rules: Rules) -> None:
        declared = (await self._recorded()).declared
        statuses = [
            {"component_id": component, "component_status": "degraded_performance"}
            for component in declared.affected_component_ids
        ]
        incident = IncidentInputs(
            status_page_id=declared.status_page_id,
            name=declared.name,
            message=rules.failure_message or "Maintenance did not go as planned. We are looking into it.",
            component_statuses=statuses,
            notify_subscribers=declared.notifies("update"),
            idempotency_key=f"{declared.idempotency_key}.failure",
        )
        # One window has one incident: its id makes the key, so a change that fails again opens no other.
        key = f"{self._id}.failure"
        try:
            service = open_incidents(await settings_of(self._window))
            await asyncio.to_thread(service.create_incident, incident, idempotency_key=key)
        except StatusPageError as error:
            pulumi.log.warn(f"“{self._name}”: the incident could not be opened: {error}", resource=self._window)

    async def _post(self, event: PostedEvent, message: str, remote: Maintenance) -> None:
        """Publish once: what stands in the timeline already, from a run that was killed, is not posted again."""
        status = None if event == "update" else STATUSES[event]
        mails = (await self._recorded()).declared.notifies(event)
        post = Post(event, message, status, notify_subscribers=mails)
        if status is None and post.found_in(remote.updates):
            return
        known = remote.last_update_id
        await self._call(
            lambda service: publish(post, self._id, known, service.create_maintenance_update, service.show_maintenance)
        )

    # what is known

    def _now(self) -> datetime:
        if not is_rehearsed():
            return clock()
        # A rehearsed clock stands still, but whoever waits must see time pass.
        self._asked = time.monotonic() if self._asked is None else self._asked
        return clock() + timedelta(seconds=time.monotonic() - self._asked)

    async def _recorded(self) -> MaintenanceState:
        """The window as this run left it in state."""
        if self._state is None:
            names = [*MaintenanceInputs.model_fields, *MaintenanceState.model_fields]
            outputs = {name: getattr(self._window, name, None) for name in names}
            given = {name: value for name, value in outputs.items() if isinstance(value, pulumi.Output)}
            props = await pulumi.Output.all(**given).future(with_unknowns=True)
            known = {key: value for key, value in (props or {}).items() if value is not None}
            self._id = str(await self._window.id.future())
            self._state = MaintenanceState.from_props(known)
        return self._state

    async def _read(self) -> Maintenance | None:
        return await self._call(lambda service: service.show_maintenance(self._id))

    async def _call(self, call: Callable[[MaintenanceService], Result]) -> Result:
        # The hooks share the program's event loop, which a call that waits would stop.
        service = open_maintenances(await settings_of(self._window))
        return await asyncio.to_thread(call, service)
