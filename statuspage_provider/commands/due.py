"""Whether a window is open that may have work waiting for it: what a schedule asks before it runs `pulumi up`.

Nothing starts the `pulumi up` inside the window. This tells whoever runs every few minutes whether it is the time, and
the run itself decides again: a change that its window refuses does not run, whatever was said here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..covering import admission
from ..covering.participants import Part
from ..display import about, moment
from ..errors import KeyRefused, RateLimited, StatusPageError, Unreachable
from ..lifecycle.planned import believed_phase
from ..remote import Maintenance
from ..services.protocols import MaintenanceService
from ..state import MaintenanceState
from ..statuses import Phase
from ..times import Window
from .accounts import Accounts, account_of
from .exported_state import ExportedState, StateResource, line_of, recorded_window
from .shared_window import UNSHARED, SharedWindow, found_by_others, shared_window

UNNEEDED = ("name", "message", "delete_message", "notify_subscribers")
"""What may be a secret in the state: whether a window is open does not depend on it."""

UNASKED = "by the clock: the page was not asked, for want of a key"


@dataclass(frozen=True)
class Verdict:
    """Whether the time of a window has come, and why it is thought so. `due` is None where that cannot be told."""

    due: bool | None
    why: str
    title: str = ""
    phase: Phase | None = None
    window: Window | None = None
    asked: bool = False


def may_be_open(recorded: MaintenanceState, now: datetime) -> bool:
    """Whether only the page can tell if a window is open. Where it is not, the clock and the state tell that it is not.

    After the end that is recorded nothing is begun without a hand, whatever the page says: that end was announced.
    """
    start, end = recorded.page_window
    return now < end and recorded.phase != "complete" and (now >= start or recorded.phase == "in_progress")


def judge(recorded: MaintenanceState, now: datetime) -> Verdict:
    """What state and clock alone tell. A window that was completed early on the page counts as open."""
    return _judge(recorded, None, believed_phase(recorded, now), now)


def judge_by_page(recorded: MaintenanceState, remote: Maintenance | None, now: datetime) -> Verdict:
    """What the page tells. Raises Refused for a status that this version does not know."""
    if remote is None:
        name = recorded.declared.name
        return Verdict(False, f"“{name}” is no longer on the page", name, window=recorded.window, asked=True)
    return _judge(recorded, remote, remote.phase, now)


def _judge(recorded: MaintenanceState, remote: Maintenance | None, phase: Phase, now: datetime) -> Verdict:
    # The gate of the run itself, so that no run is started that it would refuse, and none is left out.
    status = admission.window_status(recorded, remote)
    refused = admission.admit(status, "fail", now).refused
    end = status.window[1]
    why = refused or f"“{status.name}” is open " + (f"until {moment(end)}" if now < end else "past its end")
    if status.phase == "complete":
        why = f"“{status.name}” is complete"
    return Verdict(refused is None, why, status.name, phase, status.window, remote is not None)


@dataclass(frozen=True)
class WindowReport:
    """One window of a stack: what it covers, as far as the state knows, and whether its time has come.

    `part` is the stack's own part in a window that several `share`.
    """

    resource: StateResource
    covers: tuple[str, ...]
    verdict: Verdict
    stack: str = ""
    part: Part | None = None
    shared: SharedWindow = UNSHARED

    @property
    def due(self) -> bool | None:
        """Whether the stack is to be run. One that is done is not, whatever the page says."""
        return False if self.part is not None and not self.part.to_run else self.verdict.due

    @property
    def why(self) -> str:
        """The reason, with the stack's part where that is what decides."""
        if self.part is None or not self.part.why or self.verdict.due is False:
            return self.verdict.why
        return f"{self.verdict.why}; {self.part.why}"

    def as_json(self) -> dict[str, Any]:
        verdict = self.verdict
        start, end = verdict.window or (None, None)
        return {
            "resource": self.resource.name,
            "urn": self.resource.urn,
            "stack": self.stack,
            "id": self.resource.id,
            "title": verdict.title or None,
            "start_at": start,
            "end_at": end,
            "phase": verdict.phase,
            "covers": list(self.covers),
            "due": self.due,
            "why": line_of(self.why),
            "asked": verdict.asked,
            "stacks": [{"stack": name, "done": done} for name, done in self.shared.done().items()],
        }


@dataclass(frozen=True)
class Due:
    """The answer for one stack, or for several."""

    at: datetime
    windows: tuple[WindowReport, ...]
    names_stacks: bool = False

    @property
    def due(self) -> bool | None:
        """Whether any window is due; None where none is, as far as can be told, and one cannot be told."""
        answers = [report.due for report in self.windows]
        return True if True in answers else None if None in answers else False

    @property
    def code(self) -> int:
        """For a shell's `if`: 0 where a window is due, 1 where none is, 2 where that cannot be told."""
        return {True: 0, False: 1, None: 2}[self.due]

    @property
    def next(self) -> WindowReport | None:
        """The window that opens next."""
        ahead = [
            (report.verdict.window[0], number, report)
            for number, report in enumerate(self.windows)
            if report.verdict.due is False
            and report.verdict.window is not None
            and report.verdict.phase == "scheduled"
            and report.verdict.window[0] > self.at
        ]
        return min(ahead)[2] if ahead else None

    def lines(self) -> Iterator[str]:
        """What is due, what was looked at and is not, whom open windows wait for, and what comes next."""
        for report in self.windows:
            verdict, stack = report.verdict, self._stack(report)
            if report.due:
                covers = f"; it covers {', '.join(report.covers)}" if report.covers else ""
                yield line_of(f"due: {stack}{report.why}{covers}")
            elif report.due is False and (verdict.asked or verdict.due is not False):
                yield line_of(f"not due: {stack}{report.why}")
        open_ = {report.resource.id: report for report in self.windows if report.verdict.due}
        for report in open_.values():
            yield from map(line_of, report.shared.lines(report.verdict.title))
        if (ahead := self.next) is not None and ahead.verdict.window is not None:
            start = ahead.verdict.window[0]
            yield line_of(f"next: “{ahead.verdict.title}” opens {moment(start)}, in {about(start - self.at)}")
        elif self.due is False and not open_:
            yield "not due: no window is open or ahead"

    def faults(self) -> Iterator[str]:
        """What kept a window from being looked at."""
        for report in self.windows:
            if report.due is None:
                yield line_of(f"{self._stack(report)}{report.resource.name}: {report.verdict.why}")

    def _stack(self, report: WindowReport) -> str:
        return f"{report.stack}: " if self.names_stacks else ""

    def as_json(self) -> dict[str, Any]:
        """The answer as the reference describes it. Fields are only ever added."""
        ahead = self.next.as_json() if self.next is not None else None
        shown = ("resource", "urn", "stack", "id", "title", "start_at", "end_at")
        return {
            "now": self.at,
            "due": self.due,
            "windows": [report.as_json() for report in self.windows],
            "next": ahead and {key: ahead[key] for key in shown},
        }


def look(states: Sequence[ExportedState], accounts: Accounts, now: datetime) -> Due:
    """The answer for one stack, or for several: at most one GET for each window that may be open.

    A window that covers nothing only announces, and needs no run, if it is not for the work of several stacks.
    """
    reports, page = [], _Page(accounts)
    for state in states:
        own = [(window, state.work_under(window)) for window in state.windows()]
        for window, covers in [*own, *((window, ()) for window in found_by_others(state, states))]:
            shared = shared_window(window.id, states)
            part = shared.part(state)
            if covers or part is not None:
                stack = shared.by_stack.get(state.stack, state.stack)
                reports.append(WindowReport(window, covers, page.look_at(window, now), stack, part, shared))
    return Due(now, tuple(reports), names_stacks=len(states) > 1)


class _Page:
    """The page, each window of it asked once. A service that is down is not asked again."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._shown: dict[str, Maintenance | None] = {}
        self._down: dict[str, StatusPageError] = {}

    def look_at(self, window: StateResource, now: datetime) -> Verdict:
        recorded: MaintenanceState | None = None
        try:
            recorded = recorded_window(window, UNNEEDED)
            recorded.declared.name = recorded.declared.name or window.name
            if not may_be_open(recorded, now):
                return judge(recorded, now)
            service = recorded.declared.service
            account = account_of(service, self._accounts)
            if account is None:
                by_clock = judge(recorded, now)
                return replace(by_clock, why=f"{by_clock.why}, {UNASKED}") if by_clock.due else by_clock
            return judge_by_page(recorded, self._show(window.id, service, account), now)
        except StatusPageError as error:
            # By the clock it may be open. But it may have been completed since, and a second run be started for it.
            if recorded is None:
                return Verdict(None, str(error))
            return Verdict(None, str(error), recorded.declared.name, window=recorded.window)

    def _show(self, id_: str, service: str, account: MaintenanceService) -> Maintenance | None:
        if service in self._down:
            raise self._down[service]
        if id_ not in self._shown:
            try:
                self._shown[id_] = account.show(id_)
            except (Unreachable, RateLimited, KeyRefused) as error:
                self._down[service] = error
                raise
        return self._shown[id_]
