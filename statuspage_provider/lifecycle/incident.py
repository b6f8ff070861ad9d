"""What to do, refuse and say for an incident: pure functions of declared, recorded and remote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .. import page_texts
from ..errors import Refused
from ..inputs import Effect, IncidentInputs
from ..remote import Incident, same_text
from ..state import IncidentState, seen
from ..statuses import INCIDENT_ORDER
from .components import by_component, impacts_shown, told_apart
from .decision import Change, Decision, Edit, NewUpdate, change_of, changed_fields, kept_fields, replacing, shown_status


def diff(id_: str, recorded: IncidentState, declared: IncidentInputs) -> Change:
    """What differs between two declarations of an incident."""
    fields = changed_fields(recorded.declared, declared)
    replaces = replacing(id_, recorded.declared, declared, fields)
    return change_of(declared, [*fields, *(field for field in replaces if field not in fields)], replaces)


def adopt(declared: IncidentInputs, remote: Incident, *, ours: bool) -> IncidentState:
    """State for an incident that is there already, as if what it shows had been declared.

    One that is `ours` was opened by a run that was killed. As long as nobody moved it since, its status is that run's,
    and what is declared now is an edit of it.
    """
    unmoved = ours and bool(remote.updates) and remote.timeline[0].status == remote.incident_status
    status = shown_status(declared.incident_status, remote.phase, INCIDENT_ORDER)
    posted = NewUpdate("update", declared.message).found_in(remote.updates)
    shown = declared.model_copy(
        update={
            "name": remote.name,
            "message": declared.message if posted or not remote.updates else remote.timeline[0].message,
            "incident_status": remote.incident_status if unmoved else status,
            "component_statuses": impacts_shown(declared, remote, managed=ours),
            "closing_note": declared.closing_note if _has_note(declared, remote) else None,
        }
    )
    state = IncidentState(
        declared=shown,
        phase=remote.phase,
        last_update_id=remote.last_update_id,
        public_url=remote.public_url,
    )
    return state.model_copy(update=seen(remote))


def _has_note(declared: IncidentInputs, remote: Incident) -> bool:
    return declared.closing_note is not None and (
        NewUpdate("closing_note", declared.closing_note).found_in(remote.updates) is not None
    )


def update(
    recorded: IncidentState,
    declared: IncidentInputs,
    change: Change,
    remote: Incident | None,
    *,
    mails_updates: bool = True,
) -> Decision:
    """What to send for a change of an incident. `remote` is None if only its name changes, which is not read.

    `mails_updates` is whether the service can be asked to email an update.
    """
    at = remote.phase if remote is not None else recorded.phase
    status = declared.incident_status if change.touches("incident_status") and declared.incident_status != at else None
    edit = Edit(declared.name) if change.does(Effect.EDIT) else None
    if at == "resolved" and status is None:
        kept = kept_fields(change, declared, "incident_status", "name", "closing_note")
        says = (f"“{declared.name}” is resolved: {', '.join(kept)} recorded only; the page stays as it is",)
        lines = says if kept else ()
        if not change.touches("closing_note") or declared.closing_note is None:
            return Decision(edit, says=lines)
        if _is_told(declared.closing_note, recorded.updates):
            return Decision(edit, says=(*lines, f"“{declared.name}”: closing_note is in the timeline already"))
        mails = declared.notify_subscribers and mails_updates
        note = NewUpdate("closing_note", declared.closing_note, notify_subscribers=mails)
        return Decision(edit, note, says=(*lines, *_unmailed(declared, mails_updates)))
    if change.touches("closing_note") and declared.closing_note is not None:
        raise Refused(
            f"closing_note: “{declared.name}” is not resolved on the page yet. Nothing was posted. Resolve it in one "
            "`pulumi up`, and add the note in a later one"
        )
    components = None
    if status != "resolved" and (change.touches("component_statuses") or at == "resolved"):
        shown = remote.component_statuses if remote is not None else {}
        old, new = by_component(recorded.declared.component_statuses), by_component(declared.component_statuses)
        components = told_apart(old, new, shown)
    if not change.touches("message") and status is None and components is None:
        return Decision(edit)
    event = "resolved" if status == "resolved" else "update"
    mails = declared.notify_subscribers and mails_updates
    update = NewUpdate(event, declared.message, status, components, mails)
    return Decision(edit, update, says=_unmailed(declared, mails_updates))


def _is_told(note: str, updates: Iterable[Any]) -> bool:
    """Whether a note is an entry of the recorded timeline."""
    return any(isinstance(entry, Mapping) and same_text(str(entry.get("message", "")), note) for entry in updates)


def _unmailed(declared: IncidentInputs, mails_updates: bool) -> tuple[str, ...]:
    if mails_updates or not declared.notify_subscribers:
        return ()
    return (f"“{declared.name}”: {declared.service} sends email at creation only, so this update sends none",)


def needs_read(change: Change) -> bool:
    """Whether an incident must be read before it is changed: whatever can be seen is."""
    return not change.effects <= {Effect.EDIT, Effect.RECORDED}


def delete(recorded: IncidentState, remote: Incident | None, *, mails_updates: bool = True) -> Decision:
    """What to send when an incident leaves the program: one that is open is resolved, unless told otherwise."""
    declared = recorded.declared
    if remote is None or declared.on_delete == "retain":
        return Decision()
    if declared.on_delete == "delete":
        return Decision(delete=True)
    if remote.phase == "resolved":
        return Decision()
    message = declared.delete_message or page_texts.RESOLVED
    mails = declared.notify_subscribers and mails_updates
    return Decision(update=NewUpdate("resolved", message, "resolved", notify_subscribers=mails))


def read(recorded: IncidentState, remote: Incident) -> IncidentState:
    """State after a look at the service. A status that a human set is no edit; those of components are, if declared."""
    state = recorded.model_copy(
        update={
            "phase": remote.known_phase or recorded.phase,
            "public_url": remote.public_url or recorded.public_url,
            **seen(remote),
        }
    )
    if remote.incident_status == "resolved":
        return state
    declared = recorded.declared
    shown = {"name": remote.name, "component_statuses": impacts_shown(declared, remote, managed=False)}
    return state.model_copy(update={"declared": declared.model_copy(update=shown)})
