"""Whether a covered change may run now, and what is said: pure functions, with the clock passed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import get_args

from ..display import about, moment
from ..remote import Maintenance
from ..state import MaintenanceState
from ..statuses import OnFailure, Outside, OutsideDeletion, Phase
from ..times import Window
from .invocation import Invocation

OUTSIDE: tuple[Outside, ...] = get_args(Outside)


DELETING: tuple[OutsideDeletion, ...] = get_args(OutsideDeletion)


ON_FAILURE: tuple[OnFailure, ...] = get_args(OnFailure)


WAIT_LIMIT = timedelta(hours=1)
"""How far off a start may be for `outside="wait"`: a run that hangs for longer helps nobody."""


EXTEND_BEFORE = timedelta(minutes=1)
"""How close to its end a window whose change still runs is extended."""


EXTEND_STEP = timedelta(minutes=5)


DELETE_ANYWAY = ', or let it go with guard_deletions(outside="warn")'
"""Ends the line of a deletion that was refused."""


NEW_IS_NOT_HELD = '. What is new, or replaced on demand, cannot be held: cover it with outside="wait" or "warn"'
"""Ends the line of a resource that is made, and that `outside="hold"` cannot hold."""


@dataclass(frozen=True)
class Admission:
    """What a covered change is told: to go on, to wait until a moment, or why it must not run and what to do.

    `publish` asks for the window to be put in progress first. `uses` tells whether the change runs in the window, so
    that its end is the window's. `says` is a line for the user. `is_over` is whether the window has ended, and none
    follows it.
    """

    refused: str | None = None
    fix: str = ""
    wait_until: datetime | None = None
    publish: bool = False
    uses: bool = True
    says: str | None = None
    is_over: bool = False


@dataclass(frozen=True)
class WindowStatus:
    """What is known of a window when a covered change wants to run."""

    name: str
    phase: Phase
    window: Window
    automated: bool
    repeats: bool = False
    """Whether the next run announces one that follows it."""


def window_status(recorded: MaintenanceState, remote: Maintenance | None) -> WindowStatus:
    """What the page shows of a window or, where that could not be read, what the declared times tell."""
    repeats = recorded.declared.repeat is True
    if remote is None or remote.known_phase is None:
        # A phase in state may be long past, but one that is complete stays so.
        phase: Phase = "complete" if recorded.phase == "complete" else "scheduled"
        return WindowStatus(recorded.declared.name, phase, recorded.page_window, recorded.automated, repeats)
    window = remote.window or recorded.page_window
    return WindowStatus(remote.name, remote.phase, window, remote.automate_maintenance_status, repeats)


def admit(status: WindowStatus, outside: Outside, now: datetime, local: tzinfo | None = None) -> Admission:
    """Whether a covered change may run now."""
    start, end = status.window
    if status.phase == "in_progress":
        return Admission()
    if status.phase == "complete" or now >= end:
        over = f"“{status.name}” ended {moment(min(end, now), local)}"
        if outside == "warn":
            return Admission(uses=False, says=f"{over}: the change runs outside it")
        if status.repeats:
            return Admission(refused=over, fix="The next `pulumi up` announces the next window")
        return Admission(refused=over, fix="Move start_at to announce a new window", is_over=True)
    if now >= start:
        # Its time has come. Automation begins it by itself; without, the first covered change does.
        return Admission(publish=not status.automated)
    opens = f"“{status.name}” opens {moment(start, local)}, in {about(start - now)}"
    if outside == "warn":
        return Admission(uses=False, says=f"{opens}: the change runs before it")
    if outside == "start":
        return Admission(publish=True, says=f"{opens}: it begins now, with the change")
    if outside == "wait" and start - now <= WAIT_LIMIT:
        return Admission(wait_until=start, says=f"{opens}: the change waits for it")
    too_far = ", which is too long to wait" if outside == "wait" else ""
    return Admission(refused=f"{opens}{too_far}", fix=f"Run `pulumi up` between then and {moment(end, local)}")


def held(answer: Admission) -> str:
    """The line that says of all that a window covers why this run leaves it as it is."""
    if answer.is_over:
        return f"{answer.refused}: any change under it is held until start_at is moved"
    return f"{answer.refused}: any change under it is held. {answer.fix}"


def foretold(resource: str, answer: Admission, outside: Outside, creates: bool) -> str | None:
    """What a preview says of a change: what `up` would do at this moment. None where it would just run."""
    if not answer.refused:
        return f"{resource}: {answer.says}" if answer.says else None
    if outside == "hold":
        # A creation may be half of a replacement, which is held: the engine does not say.
        held = "held, or refused if it is new or replaced on demand" if creates else "held"
        return f"{resource}: {held}: {answer.refused}. The first `pulumi up` inside makes the change that is shown"
    return f"{resource}: as of now, `up` would be refused: {answer.refused}. {answer.fix}"


def extended(end: datetime, cap: datetime, now: datetime) -> datetime | None:
    """The new end of a window whose change still runs, or None where it needs none or has reached its cap."""
    if end - now > EXTEND_BEFORE or end >= cap:
        return None
    return min(max(end, now) + EXTEND_STEP, cap)


def is_left_open(recorded: MaintenanceState, remote: Maintenance, messages: Iterable[str], now: datetime) -> bool:
    """Whether a run that was killed left the window open: it is in progress, and the service no longer closes it.

    `messages` are those with which the program itself opens it. One that a human opened, or that is moved by hand, is
    theirs until its end.
    """
    if remote.phase != "in_progress" or remote.automate_maintenance_status:
        return False
    begun = [update for update in remote.timeline if update.status == remote.maintenance_status]
    ours = not begun or begun[0].message in {recorded.declared.message, *messages}
    return (ours and recorded.declared.automate_maintenance_status) or now >= recorded.window[1]


def why_kept(
    asked: Invocation, used: bool, unfinished: Iterable[str], *, has_unseen: bool = False, holds_back: bool = False
) -> str | None:
    """Why a run must leave a window open whose work it may not have done, or None where it did it all.

    `used` is whether the run changed anything in the window. `unfinished` are resources whose change did not succeed.
    `has_unseen` is whether there are resources of which only the changes are seen, `holds_back` whether any are held.
    """
    if asked.kind == "partial":
        return f"this run left resources out ({asked.by})"
    if asked.kind == "other":
        return f"`{asked.by}` does none of its work"
    if names := sorted(set(unfinished)):
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return f"{', '.join(names[:3])}{more} did not succeed in this run"
    if holds_back:
        return "changes under it were held in this run"
    if asked.goes_on and has_unseen:
        return "whether all in a remote component succeeded cannot be told (--continue-on-error)"
    if asked.kind == "unknown" and not used:
        return "whether this run left resources out cannot be told"
    return None


def ahead(remote: Maintenance, local: tzinfo | None = None) -> str:
    """The line for a window whose work is done before it has begun on the page, so that its end would call it off."""
    begins = f", for {moment(remote.window[0], local)}" if remote.window is not None else ""
    return (
        f"“{remote.name}” is not completed, as that would call it off: on the page it is still scheduled{begins}. Is "
        "this machine's clock right? The service begins and ends it"
    )


def kept(remote: Maintenance, why: str, local: tzinfo | None = None, *, automates: bool = True) -> str:
    """The line that says why a window was left open, and what closes it: one without automation may be a person's."""
    then = "The next whole `pulumi up` that succeeds completes it"
    if not automates:
        then = "The next whole `pulumi up` that changes something under it completes it, or do it on the page"
    if remote.automate_maintenance_status and remote.window is not None:
        then = f"The service ends it {moment(remote.window[1], local)}"
    how = "as it is" if remote.phase == "scheduled" else "open"
    return f"“{remote.name}” stays {how}: {why}. {then}"
