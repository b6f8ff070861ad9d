"""Whether a window is open that may have work waiting for it: what a schedule asks before it runs `pulumi up`.

Nothing starts the `pulumi up` inside the window. This tells whoever runs every few minutes whether it is the time, and
the run itself decides again: a change that its window refuses does not run, whatever was said here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..covering import admission
from ..display import about, moment
from ..errors import KeyRefused, RateLimited, StatusPageError, Unreachable
from ..lifecycle.maintenance import believed_phase
from ..remote import Maintenance
from ..services.protocols import MaintenanceService
from ..state import MaintenanceState
from ..statuses import Phase
from ..times import Window
from .exported_state import ExportedState, StateResource, line_of, recorded_window

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
    start, end = recorded.window
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
    """One window of the stack: what it covers, as far as the state knows, and whether its time has come."""

    resource: StateResource
    covers: tuple[str, ...]
    verdict: Verdict

    def as_json(self) -> dict[str, Any]:
        verdict = self.verdict
        start, end = verdict.window or (None, None)
        return {
            "resource": self.resource.name,
            "urn": self.resource.urn,
            "id": self.resource.id,
            "title": verdict.title or None,
            "start_at": start,
            "end_at": end,
            "phase": verdict.phase,
            "covers": list(self.covers),
            "due": verdict.due,
            "why": line_of(verdict.why),
            "asked": verdict.asked,
        }


@dataclass(frozen=True)
class Due:
    """The answer for a stack."""

    at: datetime
    windows: tuple[WindowReport, ...]

    @property
    def due(self) -> bool | None:
        """Whether any window is due; None where none is, as far as can be told, and one cannot be told."""
        answers = [report.verdict.due for report in self.windows]
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
        """What is due, what was looked at and is not, and what comes next."""
        for report in self.windows:
            verdict = report.verdict
            if verdict.due:
                yield line_of(f"due: {verdict.why}; it covers {', '.join(report.covers)}")
            elif verdict.due is False and verdict.asked:
                yield line_of(f"not due: {verdict.why}")
        if (ahead := self.next) is not None and ahead.verdict.window is not None:
            start = ahead.verdict.window[0]
            yield line_of(f"next: “{ahead.verdict.title}” opens {moment(start)}, in {about(start - self.at)}")
        elif self.due is False:
            yield "not due: no window is open or ahead"

    def faults(self) -> Iterator[str]:
        """What kept a window from being looked at."""
        for report in self.windows:
            if report.verdict.due is None:
                yield line_of(f"{report.resource.name}: {report.verdict.why}")

    def as_json(self) -> dict[str, Any]:
        """The answer as the reference describes it. Fields are only ever added."""
        ahead = self.next.as_json() if self.next is not None else None
        return {
            "now": self.at,
            "due": self.due,
            "windows": [report.as_json() for report in self.windows],
            "next": ahead and {key: ahead[key] for key in ("resource", "urn", "id", "title", "start_at", "end_at")},
        }


def look(state: ExportedState, service: MaintenanceService | None, now: datetime) -> Due:
    """The answer for a stack: at most one GET for each window that may be open. None asks nothing.

    A window that covers nothing only announces, and needs no run.
    """
    reports, page = [], _Page(service)
    for window in state.windows():
        known = {other.name for other in (*state.covered_by(window), *state.interrupted_under(window))}
        if covers := tuple(sorted(known | window.covers)):
            reports.append(WindowReport(window, covers, page.look_at(window, now)))
    return Due(now, tuple(reports))


class _Page:
    """The page, each window of it asked once. One that is down is not asked again."""

    def __init__(self, service: MaintenanceService | None) -> None:
        self._service = service
        self._shown: dict[str, Maintenance | None] = {}
        self._down: StatusPageError | None = None

    def look_at(self, window: StateResource, now: datetime) -> Verdict:
        recorded: MaintenanceState | None = None
        try:
            recorded = recorded_window(window, UNNEEDED)
            recorded.declared.name = recorded.declared.name or window.name
            if not may_be_open(recorded, now):
                return judge(recorded, now)
            if self._service is None:
                by_clock = judge(recorded, now)
                return replace(by_clock, why=f"{by_clock.why}, {UNASKED}") if by_clock.due else by_clock
            return judge_by_page(recorded, self._show(window.id, self._service), now)
        except StatusPageError as error:
            # By the clock it may be open. But it may have been completed since, and a second run be started for it.
            if recorded is None:
                return Verdict(None, str(error))
            return Verdict(None, str(error), recorded.declared.name, window=recorded.window)

    def _show(self, id_: str, service: MaintenanceService) -> Maintenance | None:
        if self._down is not None:
            raise self._down
        if id_ not in self._shown:
            try:
                self._shown[id_] = service.show(id_)
            except (Unreachable, RateLimited, KeyRefused) as error:
                self._down = error
                raise
        return self._shown[id_]
