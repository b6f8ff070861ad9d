"""What to do, refuse and say for a past incident: pure functions of declared and recorded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .. import times
from ..inputs import RetrospectiveInputs
from ..remote import Incident, same_text
from ..state import RetrospectiveState
from ..unknowns import has_unknown
from .decision import Change, change_of, changed_fields, replacing


def creation_fault(declared: RetrospectiveInputs, now: datetime) -> tuple[str, str] | None:
    """(property, reason) if a timeline is not past yet. The rule holds at creation only."""
    if has_unknown([declared.updates, declared.time_zone]):
        return None
    for index, update in enumerate(declared.updates):
        if times.parse_instant(update["published_at"]) >= now:
            return f"updates[{index}].published_at", (
                f"{update['published_at']} is not in the past, it is now {times.format_instant(now)}: "
                "declare what goes on as a "
                "StatusPageIncident"
            )
    return None


def diff(id_: str, recorded: RetrospectiveState, declared: RetrospectiveInputs) -> Change:
    """What differs between two declarations of a past incident. On another page it is another one."""
    fields = changed_fields(recorded.declared, declared)
    return change_of(declared, fields, replacing(id_, recorded.declared, declared, fields))


def unlike(declared: RetrospectiveInputs, remote: Incident) -> list[str]:
    """The inputs that the page shows otherwise: an earlier run published them, or a human changed them."""
    wanted = [(each["incident_status"], each["published_at"]) for each in declared.updates]
    shown = [(update.status, times.format_instant(update.published_at)) for update in remote.timeline]
    texts = zip(declared.updates, remote.timeline, strict=False)
    alike = wanted == shown and all(same_text(each["message"], update.message) for each, update in texts)
    return ["name"] * (declared.name != remote.name) + ["updates"] * (not alike)


def told(declared: RetrospectiveInputs, fields: Iterable[str]) -> list[str]:
    """What the user is told of inputs that the page will not show: the API has no call that changes what is past."""
    kept = ", ".join(fields)
    return [f"“{declared.name}” is past: {kept} recorded only; the page stays as it is"] if kept else []
