"""The window while covered changes run: asked before them, moved while they last, told of how they end.

Runs in the program's process, in the hooks that `covering` binds.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from .. import clock, display, page_texts
from ..engine_formats import name_of
from ..engine_process import PROCESS
from ..errors import RateLimited, Refused, ServiceError, SettingsError, StatusPageError, Unreachable
from ..inputs import IncidentInputs
from ..lifecycle.by_times import edit_for
from ..lifecycle.decision import Edit, NewUpdate
from ..publishing import publish
from ..remote import Maintenance
from ..services import looking
from ..services.protocols import MaintenanceService
from ..state import MaintenanceState
from ..statuses import EVENTS, STATUSES, Outside
from . import admission
from .admission import Admission, WindowStatus
from .announced import Announced
from .options import CoveringOptions
from .participants import RunState, left_open
from .threads import Result, in_a_thread

PostedEvent = Literal["in_progress", "update", "complete"]


Outcome = Literal["working", "half replaced", "done", "failed", "refused"]


AT_THE_END: dict[Outcome, Outcome] = {
    # It did not come again: the old one of a replacement in an earlier run, or one that stood under another parent.
    "half replaced": "done",
    # Whose end was not told has failed: only who asked to hear of failures is told of them.
    "working": "failed",
}
"""What became of changes that no hook has told the end of."""


REFUSED = (400, 422)
"""The statuses with which a service refuses what it was asked, and has done nothing of it."""


LOOK_AGAIN_S = 30.0
"""How often a change that waits says so, and how soon an end that could not be moved is tried again."""


class Session:
    """The run's side: what one run knows of one window, and of the work under it.

    One lock keeps changes that run side by side from each reading, and then posting, the same. Nobody waits for the
    window to open with the lock in hand.
    """

    def __init__(
        self,
        announced: Announced,
        *,
        now: Callable[[], datetime] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        is_over: Callable[[], bool] = lambda: not threading.main_thread().is_alive(),
    ) -> None:
        self.messages: set[str] = set()
        """The texts with which the program itself puts the window in progress."""
        self.begins_early = False
        """Whether the program may put the window in progress before its time."""
        self.holds_back = False
        """Whether changes are held in this run: so it may not do all of the work."""
        self.has_unseen = False
        """Whether there are covered resources of which only the changes are seen, as those of a remote component."""
        self.others_mail: Callable[[PostedEvent], Awaitable[bool]] | None = None
        """Whether another stack, which has the window, mails subscribers of an event."""
        self._announced = announced
        self._now = now or clock.RunClock().now
        self._sleep = sleep
        self._is_over = is_over
        self._lock = asyncio.Lock()
        self._state: MaintenanceState | None = None
        self._id = ""
        self._remote: Maintenance | None = None
        self._status: WindowStatus | None = None
        self._read_at: datetime | None = None
        self._used = False
        self._outcomes: dict[str, Outcome] = {}
        """What became in this run of each covered change, by the resource's URN."""
        self._idle = asyncio.Event()
        self._ending: str | None = None
        self._completion: str | None = None
        self._extending: asyncio.Task[None] | None = None
        self._posted: list[NewUpdate] = []

    async def before(
        self,
        urn: str,
        options: CoveringOptions,
        *,
        creates: bool = False,
        replaces_first: bool = False,
        deletes: bool = False,
        returns: bool = False,
    ) -> None:
        """Let the change run, or raise Refused.

        `creates`: the change is a creation, and may be the first half of a replacement: the engine does not say.
        `replaces_first`: the options were made for a window that is closed: a replacement begins with the new resource.
        `returns`: the program still declares what is deleted, so it is replaced.
        """
        comes_again = returns and urn not in self._outcomes
        try:
            await self._let_in(urn, options, creates, creates and replaces_first, deletes)
        except BaseException:
            self._outcomes[urn] = "refused"
            raise
        if comes_again:
            self._outcomes[urn] = "half replaced"
        if self._used and options.extend_up_to and (self._extending is None or self._extending.done()):
            self._extending = asyncio.ensure_future(self._keep_extending(options.extend_up_to))

    async def after(self, urn: str) -> None:
        """A covered change has succeeded."""
        if self._outcomes.get(urn) == "half replaced":
            # Deleted before it is replaced: the work goes on with the new one.
            return
        self._outcomes[urn] = "done"
        await self._close_when_idle()

    async def failed(self, urn: str, options: CoveringOptions) -> None:
        """Tell of a change that failed, as asked. One that ran outside the window, on purpose, is not the page's."""
        self._outcomes[urn] = "failed"
        if self._used and options.on_failure == "complete":
            # Others may still work: the window ends with the last of them.
            self._ending = options.failure_message or page_texts.ENDED
        await self._close_when_idle()
        if self._used and options.on_failure == "incident":
            await self._tell_incident(options)
        elif self._used and options.on_failure == "keep" and options.failure_message is not None:
            await self._tell("update", options.failure_message)

    async def complete_when_idle(self, missing: Iterable[str], message: str | None) -> None:
        """Complete the window if its work is done.

        `missing` are resources that belong to the work, and whose outputs this run does not know: the engine failed or
        skipped them, and went on.
        """
        if await self._announced.is_real():
            self._outcomes |= dict.fromkeys(missing, "failed")
            self._completion = message or page_texts.COMPLETED
            await self._close_when_idle()

    async def goes_on(self) -> bool:
        """Whether the run does what it can after a failure."""
        return await self._announced.is_real() and (await self._announced.asked()).goes_on

    async def finish(self, unknown: Iterable[str], message: str | None) -> None:
        """Complete the window at the end of the run, if its work is done: nothing is under way any more."""
        self._settle_all()
        await self.complete_when_idle(unknown, message)

    def _settle_all(self) -> None:
        self._outcomes = {urn: AT_THE_END.get(outcome, outcome) for urn, outcome in self._outcomes.items()}

    async def _close_when_idle(self) -> None:
        """End the window where that is due. Work that nobody named may run on, and the last of it ends the window."""
        if self._works:
            return
        self._idle.set()
        if self._ending is not None:
            await self._tell("complete", self._ending)
        elif self._completion is not None:
            await self._complete(self._completion)

    async def _complete(self, message: str) -> None:
        recorded = await self._recorded()
        scheduled = self._now() < recorded.window[0] and not self.begins_early
        if not self._used and (recorded.phase == "complete" or scheduled):
            return
        await self._tell("complete", message, await self._why_kept())

    async def _why_kept(self) -> str | None:
        asked = await self._announced.asked()
        return admission.why_kept(
            asked, self._used, self._unfinished(), has_unseen=self.has_unseen, holds_back=self.holds_back
        )

    def _unfinished(self) -> list[str]:
        return [name_of(urn) for urn, outcome in self._outcomes.items() if outcome in ("refused", "failed")]

    @property
    def _works(self) -> bool:
        return not AT_THE_END.keys().isdisjoint(self._outcomes.values())

    # where several stacks work

    async def is_announced(self) -> bool:
        """Whether there is a window to speak of: not under a test's mocks, nor where it could not be announced."""
        return await self._announced.is_real()

    async def window_id(self) -> str:
        """The window's id on the page. Raises Refused where nothing is known of it, as in a preview."""
        await self._recorded()
        return self._id

    async def mails(self) -> list[str]:
        """The events of which this program mails subscribers."""
        declared = (await self._recorded()).declared
        return [event for event in EVENTS if declared.notifies(event)]

    async def stands(self, missing: Iterable[str]) -> RunState:
        """How this run stands to the window, now that nothing of what it declares is under way any more."""
        self._settle_all()
        self._outcomes |= dict.fromkeys(missing, "failed")
        return RunState(await self._is_inside(), self._used, bool(self._unfinished()), await self._why_kept())

    async def _is_inside(self) -> bool:
        """Whether the window is open. Where nothing was changed in it, the page tells: the clock alone will not do."""
        if self._used:
            return True
        recorded = await self._recorded()
        ahead = recorded.phase == "scheduled" and self._now() < recorded.window[0] and not self.begins_early
        if recorded.phase == "complete" or ahead:
            return False
        try:
            async with self._lock:
                status = await self._known_status(required=True)
        except StatusPageError as error:
            self._announced.warn(f"whether “{await self._title()}” is open cannot be told: {error}")
            return False
        return admission.admit(status, "fail", self._now()).refused is None

    async def complete_for_all(self, message: str | None) -> None:
        """Complete the window, in which every stack is done."""
        await self._tell("complete", message or page_texts.COMPLETED, for_all=True)

    async def leave_open(self, why: str) -> None:
        """Say why the window stays open, where this run used it or one before left it open."""
        await self._tell("complete", "", why)

    async def leave_to_others(self, why: str, is_fault: bool) -> None:
        """Say why the window stays open though this stack is done."""
        try:
            remote = await self._read()
        except StatusPageError as error:
            self._announced.warn(f"“{await self._title()}” could not be looked at: {error}")
            return
        if remote is not None and remote.phase != "complete":
            (self._announced.warn if is_fault else self._announced.info)(left_open(remote, why))

    def now(self) -> datetime:
        return self._now()

    def warn(self, line: str) -> None:
        self._announced.warn(line)

    # before a change

    async def refusal(self, outside: Outside) -> Admission | None:
        """Why a change would be refused now. None: it would not be, or that is not known.

        It is asked for what may not change at all, so of a window that is closed by what is recorded the page is not
        asked. "hold" goes by the page in any case: it follows a window that was begun before its time.
        """
        if outside == "hold" or await self._may_be_open():
            answer = await self.foresee(outside)
        else:
            answer = admission.admit(admission.window_status(await self._recorded(), None), outside, self._now())
        return answer if answer is not None and answer.refused else None

    async def _may_be_open(self) -> bool:
        """Whether only the page can tell if the window is open, by what is recorded of it."""
        recorded = await self._recorded()
        start, end = recorded.page_window
        return recorded.phase != "complete" and start <= self._now() < end

    async def foresee(self, outside: Outside) -> Admission | None:
        """What a change would be told now. The page is read once for all that the window covers.

        None: nothing is known, and the hook of each change must do.
        """
        async with self._lock:
            try:
                status = await self._known_status(required=False, warns=False)
            except SettingsError:
                # A preview needs no key.
                status = admission.window_status(await self._recorded(), None)
            except StatusPageError:
                # It has not been announced yet, or is gone.
                return None
        return admission.admit(status, outside, self._now())

    async def _let_in(
        self, urn: str, options: CoveringOptions, creates: bool, replaces_first: bool, deletes: bool
    ) -> None:
        """Return once the change may run, in the window or on purpose outside it. Raises Refused where it must not."""
        while True:
            async with self._lock:
                answer = admission.admit(await self._known_status(options.required), options.outside, self._now())
                if answer.refused:
                    nothing, fix = "Nothing was changed", answer.fix
                    if deletes:
                        nothing, fix = "It was not deleted", fix + admission.DELETE_ANYWAY
                    elif creates and options.outside == "hold":
                        fix += admission.NEW_IS_NOT_HELD
                    raise Refused(f"{name_of(urn)}: {answer.refused}. {nothing}. {fix}")
                if replaces_first and answer.uses and answer.wait_until is None:
                    # The old resource would be deleted after the new one is made, and where the two have one name that
                    # deletes the new one.
                    raise Refused(f"{name_of(urn)}: {await self._opened_since()}")
                if answer.says:
                    self._announced.warn(f"{name_of(urn)}: {answer.says}")
                if answer.wait_until is None:
                    if answer.publish:
                        await self._begin(options)
                    self._used = answer.uses or self._used
                    self._outcomes[urn] = "working"
                    self._idle.clear()
                    return
            await self._wait(urn, min(answer.wait_until, self._now() + timedelta(seconds=LOOK_AGAIN_S)))

    async def _wait(self, urn: str, until: datetime) -> None:
        """Wait as long as the run goes on. Where the CLI runs the program, one Ctrl-C ends both; an inline program of
        the Automation API has a thread of its own, which outlives the interrupted one."""
        while (left := (until - self._now()).total_seconds()) > 0:
            await self._sleep(min(1.0, left))
            if self._is_over():
                raise Refused(f"{name_of(urn)}: the run ended while the change waited. Nothing was changed")

    async def _opened_since(self) -> str:
        start, end = (await self._recorded()).window
        fix = "Run `pulumi up` again"
        if not start <= self._now() < end:
            fix = "Declare the times that it has on the page, and run `pulumi up` again"
        return (
            f"“{await self._title()}” is open, and was not by its declared times when this run began: what is replaced "
            f"might be lost. Nothing was changed. {fix}"
        )

    async def _known_status(self, required: bool, warns: bool = True) -> WindowStatus:
        """How the window stands: read once, and again where its start or end has passed since."""
        now, known, at = self._now(), self._status, self._read_at
        passed = known is None or at is None or any(at < edge <= now for edge in known.window)
        if known is None or passed or (required and self._remote is None):
            recorded = await self._recorded()
            self._remote, self._read_at = await self._look(required, warns), now
            known = self._status = admission.window_status(recorded, self._remote)
        return known

    async def _look(self, required: bool, warns: bool) -> Maintenance | None:
        """The window on the page. None where the page is down: the clock and state must do, unless it is required."""
        try:
            remote = await self._read()
        except (Unreachable, RateLimited) as error:
            if required:
                raise
            if warns:
                self._announced.warn(f"{error}. The change goes by the declared times")
            return None
        if remote is None:
            title = await self._title()
            raise Refused(f"“{title}” is no longer on the page. Nothing was changed. Run `pulumi refresh`")
        return remote

    async def _begin(self, options: CoveringOptions) -> None:
        if self._remote is None or self._status is None:
            # The page is down.
            return
        message = options.in_progress_message or (await self._recorded()).declared.message
        try:
            remote = await self._as_written(self._remote)
            if remote.phase == "complete":
                raise Refused(f"“{remote.name}” is complete on the page. Nothing was changed. Run `pulumi up` again")
            if remote.phase == "scheduled":
                await self._post("in_progress", message, remote)
        except (Unreachable, RateLimited) as error:
            if options.required:
                raise
            self._announced.warn(f"{error}. The change runs, and the page may not say so")
        except ServiceError as error:
            if error.status not in REFUSED:
                raise
            raise Refused(f"{error}. Nothing was changed. Put “{self._remote.name}” in progress on the page") from None
        self._status = replace(self._status, phase="in_progress")

    # while changes run

    async def _keep_extending(self, up_to: timedelta) -> None:
        """Move the end as long as there is work and the cap is not reached."""
        if self._status is not None:
            # Until the end is near there is nothing to look at.
            await self._until_idle((self._status.window[1] - self._now() - admission.EXTEND_BEFORE).total_seconds())
        while self._works:
            async with self._lock:
                pause = await self._extend(up_to)
            if pause is None:
                return
            await self._until_idle(pause)

    async def _until_idle(self, at_most: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._idle.wait(), at_most)

    async def _extend(self, up_to: timedelta) -> float | None:
        """Move the end if it is near. Answers in how many seconds to look again, None for never."""
        cap = (await self._recorded()).window[1] + up_to
        try:
            remote = await self._read()
            if not self._works or remote is None or remote.phase == "complete":
                return None
            start, end = remote.window_at(self._now(), (await self._recorded()).window)
            later = admission.extended(end, cap, self._now())
            if later is not None:
                self._announced.info(f"“{remote.name}” is extended to {display.moment(later)}")
                await self._call(lambda service: service.edit(self._id, Edit(remote.name, (start, later))))
                end = later
                if self._status is not None:
                    self._status = replace(self._status, window=(start, end))
        except StatusPageError as error:
            self._announced.warn(f"“{await self._title()}” could not be extended: {error}")
            return LOOK_AGAIN_S
        return None if end >= cap else (end - self._now() - admission.EXTEND_BEFORE).total_seconds()

    # what is told to the page

    async def _tell(self, event: PostedEvent, message: str, why_not: str | None = None, for_all: bool = False) -> None:
        """Publish, unless the window is over. That the page cannot be told must not fail the run: the work is done.

        `why_not` is a reason to leave a window open that would be completed otherwise. `for_all` is whether other
        stacks used the window, where this run did not.
        """
        try:
            async with self._lock:
                uses = self._used or for_all
                # A run that changed nothing may have read it already, and whatever it posts is checked by a write.
                remote = self._remote if self._remote is not None and not uses else await self._read()
                if remote is None or remote.phase == "complete":
                    return
                if not uses and not admission.is_left_open(await self._recorded(), remote, self.messages, self._now()):
                    return
                if why_not is not None:
                    automates = (await self._recorded()).declared.automate_maintenance_status
                    self._announced.warn(admission.kept(remote, why_not, automates=automates))
                    return
                if event == "complete":
                    remote = await self._once_begun(remote)
                    if remote.phase == "complete":
                        return
                    if self._is_ahead(remote):
                        self._announced.warn(admission.ahead(remote))
                        return
                if event == "update" or not self._used:
                    # An earlier run may have said it a moment ago.
                    remote = await self._as_written(remote)
                    if remote.phase == "complete":
                        return
                await self._post(event, message, remote)
                if event == "complete" and self._status is not None:
                    self._status = replace(self._status, phase="complete")
        except StatusPageError as error:
            what = "completed" if event == "complete" else "updated after the failure"
            by_hand = ". Do it on the page" if isinstance(error, ServiceError) and error.status in REFUSED else ""
            self._announced.warn(f"“{await self._title()}” could not be {what}: {error}{by_hand}")

    async def _once_begun(self, remote: Maintenance) -> Maintenance:
        """The window as the page shows it once the service had a moment to begin it: it may be a little late."""
        for pause in looking.PAUSES_S:
            if not self._is_ahead(remote):
                break
            await self._sleep(pause)
            remote = await self._read() or remote
        return remote

    def _is_ahead(self, remote: Maintenance) -> bool:
        """Whether the service has not begun it though its time has come by this machine's clock: that is ahead then."""
        if remote.phase != "scheduled" or self._status is None or self._status.phase != "scheduled":
            return False
        start = self._status.window[0]
        if remote.window is not None and remote.window[0] != start:
            # Somebody has moved it since: its new time is still to come.
            return True
        # Without automation it is begun by the first change, and before its time by a change that may begin it.
        return remote.automate_maintenance_status and self._now() >= start

    async def _tell_incident(self, options: CoveringOptions) -> None:
        declared = (await self._recorded()).declared
        statuses = [
            {"component_id": component, "component_status": "degraded_performance"}
            for component in declared.affected_component_ids
        ]
        incident = IncidentInputs(
            service=declared.service,
            status_page_id=declared.status_page_id,
            name=declared.name,
            message=options.failure_message or page_texts.FAILED,
            component_statuses=statuses or None,
            notify_subscribers=declared.notifies("update"),
            idempotency_key=f"{declared.idempotency_key}.failure",
        )
        # One window has one incident: its id makes the key, so a change that fails again opens no other.
        key = f"{self._id}.failure"
        try:
            service = await self._announced.incidents(declared.service)
            await in_a_thread(lambda: service.create(incident, idempotency_key=key))
        except StatusPageError as error:
            self._announced.warn(f"“{await self._title()}”: the incident could not be opened: {error}")

    async def _post(self, event: PostedEvent, message: str, remote: Maintenance) -> None:
        """Publish once: what stands in the timeline already, from a run that was killed, is not posted again."""
        status = None if event == "update" else STATUSES[event]
        mails = (await self._recorded()).declared.notifies(event)
        if not mails and self.others_mail is not None:
            mails = await self.others_mail(event)
        update = NewUpdate(event, message, status, notify_subscribers=mails)
        if status is None and (update in self._posted or update.found_in(remote.updates)):
            return
        self._posted.append(update)
        if remote.times is not None:
            # Its times say what nothing else of it can say.
            if edit := edit_for(update, remote, self._now()):
                await self._call(lambda service: service.edit(self._id, edit))
            return
        known = remote.last_update_id
        # The page must be told, also where the service mails nobody: it does not, of a page with over 1000 subscribers.
        await self._call(lambda service: publish(update, self._id, known, service, PROCESS, must_be_told=True))

    # what is known

    async def _as_written(self, remote: Maintenance) -> Maintenance:
        """The window as a silent write shows it: a read may lag what an earlier run published, and a write does not.

        The write changes nothing: it has the name and the times that the page shows.
        """
        window = remote.window_at(self._now(), (await self._recorded()).window)
        if window[1] <= self._now():
            # The page does not show an end that is ahead, and one that is past would end the window.
            return await self._read() or remote
        return await self._call(lambda service: service.edit(self._id, Edit(remote.name, window)))

    async def _recorded(self) -> MaintenanceState:
        """The window as this run left it in state."""
        if self._state is None:
            self._id, self._state = await self._announced.recorded()
        return self._state

    async def _title(self) -> str:
        return (await self._recorded()).declared.name

    async def _read(self) -> Maintenance | None:
        await self._recorded()
        return await self._call(lambda service: service.show(self._id))

    async def _call(self, call: Callable[[MaintenanceService], Result]) -> Result:
        # The hooks share the program's event loop, which a call that waits would stop.
        service = await self._announced.maintenances((await self._recorded()).declared.service)
        return await in_a_thread(lambda: call(service))
