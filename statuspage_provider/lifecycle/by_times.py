"""A window that is its times, on a service where it has neither a status nor a timeline: what is said by an edit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ..errors import Refused
from ..remote import Maintenance
from ..statuses import STATUSES
from ..times import Window
from .decision import Decision, Edit, NewUpdate


def by_times(decision: Decision, remote: Maintenance, now: datetime, message: str | None = None) -> Decision:
    """The same decision where a window is its times, as `remote` tells: a status moves its start or its end to now.

    `message` is the window's own, if that is to change. Whatever else an update would say, nobody can be told. Raises
    Refused for a status that times cannot say.
    """
    if remote.times is None or decision.delete:
        return decision
    edit = decision.edit
    if message is not None:
        edit = replace(edit or Edit(remote.name, remote.times), message=message)
    if decision.update is not None and decision.update.status is not None:
        edit = edit or Edit(remote.name, remote.times)
        edit = replace(edit, window=_times(decision.update, remote, edit.window or remote.times, now))
    return replace(decision, edit=edit, update=None)


def edit_for(update: NewUpdate, remote: Maintenance, now: datetime) -> Edit | None:
    """The edit that says what an update would. None where it has to be published, or cannot be said at all."""
    return by_times(Decision(update=update), remote, now).edit


def _times(update: NewUpdate, remote: Maintenance, window: Window, now: datetime) -> Window:
    now = now.replace(microsecond=0)
    if update.status == remote.maintenance_status:
        return window
    if update.status == STATUSES["in_progress"] and remote.phase == "scheduled":
        return now, window[1]
    if update.status == STATUSES["complete"] and remote.phase == "in_progress":
        # It lasted a second at least: no service takes an end at its start.
        return window[0], max(now, window[0] + timedelta(seconds=1))
    shown = remote.phase.replace("_", " ")
    fix = "remove it from the program to cancel it" if remote.phase == "scheduled" else "move its end"
    raise Refused(
        f'maintenance_status: “{remote.name}” is {shown}, and only its times say so: "{update.status}" cannot be told. '
        f"Nothing was changed. Instead, {fix}"
    )
