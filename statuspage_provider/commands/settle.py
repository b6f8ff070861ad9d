"""Closes what a run that was killed left open: `pulumi stack export | statuspage settle -`, a step that always runs.

It knows nothing of the program, so it goes by evidence: everything in the stack that a window covers must have been
changed since the window began. Where it was not, the window stays, and the next `pulumi up` does the work and ends it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ..covering import admission
from ..errors import StatusPageError
from ..page_texts import COMPLETED
from ..remote import Maintenance
from ..statuses import STATUSES
from .accounts import Accounts, account_of
from .complete import publish_completion
from .exported_state import ExportedState, StateResource, line_of, names_of, recorded_window


@dataclass(frozen=True)
class Line:
    """What is said of one window. A fault is what kept it from being looked at."""

    text: str
    is_fault: bool = False


def settle(state: ExportedState, accounts: Accounts, now: datetime) -> Iterator[Line]:
    """Complete each window that was left open, if its work is done. A line for each that is, or that was left open.

    A window that has not begun by the clock, and that no run begins before its time, is not even read; nor is one that
    state says is complete. One that the stack only reads is another stack's to close. What is wrong with one window
    keeps no other from being completed.
    """
    for window in state.windows():
        if window.external or window.is_over:
            continue
        try:
            line = _settle(window, state, accounts, now)
        except StatusPageError as error:
            yield Line(line_of(f"{window.name}: {error}"), is_fault=True)
            continue
        if line is not None:
            yield Line(line_of(line))


def _settle(window: StateResource, state: ExportedState, accounts: Accounts, now: datetime) -> str | None:
    # What the page tells as well may be a secret.
    recorded = recorded_window(window, unneeded=("name", "message"))
    ahead = now < recorded.window[0] and recorded.phase == "scheduled"
    if recorded.phase == "complete" or (ahead and not state.may_be_begun_early(window)):
        return None
    service = account_of(recorded.declared.service, accounts)
    remote = service.show(window.id) if service is not None else None
    if remote is None or service is None:
        return None
    if not recorded.declared.message and remote.updates:
        # It is a secret. What was announced is on the page.
        recorded.declared.message = remote.timeline[0].message
    if not admission.is_left_open(recorded, remote, (), now):
        return None
    covered = state.covered_by(window)
    missing = window.covers - {resource.name for resource in covered}
    why = _doubt(remote, covered, state.interrupted_under(window), missing)
    if why is None and (others := state.others_under(window)):
        why = f"whether the work of {', '.join(others)} is done is not in this state"
    if why is not None:
        return f"“{remote.name}” stays open: {why}. Run `pulumi up`, or complete it on the page"
    message = recorded.declared.delete_message or COMPLETED
    publish_completion(remote, message, recorded.declared.notifies("complete"), service, now)
    return f"“{remote.name}” was left open and is now complete"


def _doubt(
    remote: Maintenance, covered: list[StateResource], interrupted: list[StateResource], missing: set[str]
) -> str | None:
    """Why the work of a window cannot be taken as done, or None if the state shows that it is."""
    begun = [entry.published_at for entry in remote.timeline if entry.status == STATUSES["in_progress"]]
    if interrupted:
        return f"the change of {names_of(interrupted)} was interrupted"
    if missing:
        return f"{', '.join(sorted(missing))} was not made"
    if not covered or not begun:
        return "nothing in the stack's state shows that its work is done"
    if unfinished := [resource for resource in covered if resource.initErrors or resource.delete]:
        return f"{names_of(unfinished)} is not finished"
    if unchanged := [resource for resource in covered if resource.modified is None or resource.modified < begun[0]]:
        return f"{names_of(unchanged)} was not changed since it began"
    return None
