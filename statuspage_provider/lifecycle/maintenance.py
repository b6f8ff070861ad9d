"""What to do, what to refuse and what to say: pure functions of (declared, recorded, remote, now). No I/O.

Declared is the program, recorded is the engine's state, remote is what the service has. The table that these functions
make true is in docs/lifecycle.md, and is a table in the tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from .. import display, page_texts, times
from ..errors import Refused
from ..inputs import Effect, MaintenanceInputs, effects
from ..remote import Component, Maintenance, same_text
from ..state import Anchor, MaintenanceState, seen
from ..statuses import ORDER, STATUSES, MaintenanceEvent, Phase
from ..times import Window
from ..unknowns import has_unknown
from ..values import MESSAGE_LIMIT
from .by_times import by_times
from .components import components_shown, declared_statuses, told_apart
from .decision import (
    Announcement,
    Change,
    Decision,
    Edit,
    NewUpdate,
    change_of,
    changed_fields,
    kept_fields,
    replacing,
    shown_status,
)
from .planned import believed_phase, counted, planned, resolve

# what changed


def creation_fault(declared: MaintenanceInputs, now: datetime) -> tuple[str, str] | None:
    """(property, reason) if a window that is to be announced is already over, or finds no slot.

    The rule holds at creation only.
    """
    if declared.adopt_id is not None:
        return None
    if has_unknown([declared.start_at, declared.end_at, declared.duration, declared.time_zone]):
        return None
    if declared.maintenance_status == STATUSES["complete"]:
        return _history_fault(declared, now)
    if times.is_slot(declared.start_at):
        try:
            counted(declared, now)
        except ValueError as error:
            return "start_at", str(error)
    (start, end), _ = resolve(declared, None, now)
    if end <= start:
        return "end_at", f"{times.format_instant(end)} is not after the start, {times.format_instant(start)}"
    if end > now:
        return None
    where = "end_at" if declared.duration is None else "start_at"
    return where, (
        f"the window is already over: it ended at {times.format_instant(end)}, and it is now "
        f"{times.format_instant(now)}. "
        "Nothing is announced. Move it, or remove it from the program"
    )


def _history_fault(declared: MaintenanceInputs, now: datetime) -> tuple[str, str] | None:
    """(property, reason) if a window that is declared complete from the start cannot be brought along as history."""
    if times.is_slot(declared.start_at) or resolve(declared, None, now)[0][1] > now:
        return "maintenance_status", "a window cannot be announced as complete: remove this input, or the window"
    if declared.notify_subscribers is not False and not has_unknown(declared.notify_subscribers):
        return "notify_subscribers", "a window that is over is brought along silently: remove this input"
    if declared.component_statuses and not has_unknown(declared.component_statuses):
        return "component_statuses", "a window that is over leaves all components operational: remove this input"
    return None


def diff(
    id_: str, recorded: MaintenanceState, declared: MaintenanceInputs, now: datetime, phase: Phase | None = None
) -> Change:
    """What differs. Time passing changes nothing: it only tells, of a window that was changed, its phase.

    `phase` is the one on the page. Where it was not read, state and clock must do.
    """
    fields = changed_fields(recorded.declared, declared)
    moved_to: Window | None = None
    anchor: Anchor | None = None
    kept: list[str] = []
    if has_unknown([declared.start_at, declared.end_at, declared.duration, declared.time_zone]):
        fields.append("start_at")
    else:
        moved_to, anchor = planned(recorded, declared, now, phase)
        if moved_to[0] != recorded.window[0]:
            fields.append("start_at")
        if moved_to[1] != recorded.window[1]:
            fields.append("end_at" if declared.duration is None else "duration")
        if anchor is not None and anchor != recorded.anchor and "start_at" not in fields:
            kept.append("start_at")
    replaces = replacing(id_, recorded.declared, declared, fields)
    fields += [field for field in replaces if field not in fields]
    does = effects(MaintenanceInputs)
    phase = phase or believed_phase(recorded, now)
    if phase == "complete" and moved_to is not None and moved_to[1] > now:
        replaces += [field for field in fields if does[field] is Effect.MOVE]
    if not replaces and phase == "scheduled":
        at_creation = [field for field in fields if does[field] in _AT_CREATION]
        known = [field for field in at_creation if not has_unknown(getattr(declared, field))]
        change = change_of(declared, fields, known, kept)
        # A new window in the place of the old one begins when that one was to.
        return replace(change, delete_first=True, anchor=anchor) if known else change
    return change_of(declared, fields, replaces, kept)


_AT_CREATION = (Effect.NEW_BEFORE_START, Effect.SET_AT_START)


def depends_on_phase(change: Change) -> bool:
    """Whether the phase decides between an update and a new window. Then the page is asked: state does not know of a
    window that was begun or ended early.
    """
    does = effects(MaintenanceInputs)
    if any(does[field] in (Effect.NEW, Effect.ADOPT) for field in change.replaces):
        return False
    return change.touches("start_at") or change.does(Effect.MOVE, *_AT_CREATION)


def needs_read(change: Change) -> bool:
    """Whether a window must be read before it is changed: not where nothing of the change can be sent."""
    return not change.is_recorded_only or change.touches("start_at")


# what follows


def may_be_followed(recorded: MaintenanceState, declared: MaintenanceInputs, now: datetime) -> bool:
    """Whether the page is asked if a window is over that is then followed by the next one."""
    if declared.repeat is not True or has_unknown([declared.start_at, declared.duration, declared.time_zone]):
        return False
    return recorded.phase != "scheduled" or now >= recorded.window[0]


def followed(
    change: Change, recorded: MaintenanceState, declared: MaintenanceInputs, now: datetime, phase: Phase | None
) -> Change:
    """The change of a window that may be followed. One that is over is, by one in a slot later than its own.

    Whoever declares it complete wants no other. `phase` is the one on the page, or None where that cannot be asked.
    """
    if (phase or believed_phase(recorded, now)) != "complete" or declared.maintenance_status == STATUSES["complete"]:
        return change
    own = times.parse_instant(recorded.anchor.start_at) if recorded.anchor else recorded.window[0]
    return replace(change, replaces=tuple(sorted({*change.replaces, "start_at"})), follows=own)


def told_of_next(
    recorded: MaintenanceState,
    declared: MaintenanceInputs,
    change: Change,
    now: datetime,
    phase: Phase | None,
    doubt: str | None,
) -> str | None:
    """What the user is told where a window may be followed: why a new one comes though nothing was changed, or why not.

    `doubt` is why the page could not be asked.
    """
    if doubt is not None:
        return f"“{declared.name}” is not followed by the next window in this run, as it may still run: {doubt}"
    if change.follows is not None:
        window, _ = resolve(declared, None, now, change.follows)
        when = display.span_for_people(*window)
        return f"“{declared.name}” is over, so the next window is announced: as of now, that is {when}"
    if phase in ("scheduled", "in_progress") and now >= recorded.window[1]:
        shown = phase.replace("_", " ")
        return f"“{declared.name}” is still {shown} on the page: the next window is announced once it is complete"
    return None


# what to do


def announce(
    declared: MaintenanceInputs,
    now: datetime,
    change: Change | None = None,
    *,
    replaces: str | None = None,
    timelines: bool = True,
) -> Announcement:
    """How to announce a window; in the place of an earlier one, where `change` is what replaces that.

    `timelines` is whether the service's windows have more than their times: see `by_times`.

    Raises Refused if it is already over, or if no slot is free.
    """
    fault = creation_fault(declared, now)
    if fault is not None:
        raise Refused(": ".join(fault))
    kept = change.anchor if change is not None else None
    if kept is not None and times.parse_instant(kept.start_at) <= now:
        kept = None
    window, anchor = resolve(declared, kept, now, change.follows if change is not None else None)
    begun: MaintenanceEvent = "in_progress" if window[0] <= now else "scheduled"
    status = declared.maintenance_status or STATUSES["in_progress" if begun == "in_progress" else "scheduled"]
    event: MaintenanceEvent = (
        "complete" if is_history(declared) else "in_progress" if status == STATUSES["in_progress"] else begun
    )
    mails = declared.notifies(event)
    says: tuple[str, ...] = ()
    later: tuple[MaintenanceEvent, ...] = ("complete",) if event == "in_progress" else ("in_progress", "complete")
    if not timelines:
        # There is no email but that of the create, whether the window has begun by then or not.
        at_creation = mails = declared.notifies("scheduled")
    elif declared.automate_maintenance_status:
        # A create that sends email makes the service's automation send it too, at the start and at the end (API rule).
        # If those emails are not wanted, the window is made silently, and an update that sets no status sends email.
        at_creation = mails and all(declared.notifies(other) for other in later)
        if not at_creation and any(declared.notifies(other) for other in later):
            says = (_UNMAILED,)
    else:
        at_creation = mails
    then = None
    if (mails and not at_creation) or declared.component_statuses:
        # What a create cannot carry follows it.
        mail = mails and not at_creation
        then = NewUpdate(event, declared.message, None, declared.component_statuses, notify_subscribers=mail)
    return Announcement(declared, window, anchor, event, status, at_creation, then, says, replaces)


def is_history(declared: MaintenanceInputs) -> bool:
    """Whether a window that is announced is over already: one that is brought along from elsewhere."""
    return declared.maintenance_status == STATUSES["complete"]


_UNMAILED = (
    "the service's own updates at the start and at the end will email nobody: they do so only if "
    'notify_subscribers has "scheduled", "in_progress" and "complete" together'
)


def refuse_other_clock(declared: MaintenanceInputs, planned: Window, remote: Maintenance | None) -> None:
    """Raises Refused if the service ended a window at the declared end or later, and that is ahead of our clock.

    Its clock is another than ours, so it would end the next one too: one wrong announcement must not become many.
    """
    window = remote.window if remote is not None else None
    if window is not None and window[0] == planned[0] and window[1] >= planned[1]:
        raise Refused(
            f"“{declared.name}” is already over by the service's clock, though it ends at "
            f"{times.format_instant(planned[1])}: is this machine's clock right, and is STATUSPAGE_NOW set?"
        )


def refuse_again(declared: MaintenanceInputs, planned: Window, remote: Maintenance | None) -> None:
    """Raises Refused if a window that is to be announced was announced already, and ended before its declared end.

    Nobody can tell whether its work is to be done again, or whether it is only replaced on demand (`--replace`, a
    taint): a window that is over would be told to go on.
    """
    if remote is not None and remote.window is not None and remote.window[0] == planned[0]:
        raise Refused(
            f"“{declared.name}” with this start was announced before, as {remote.id}, and is complete on the page. "
            "Nothing was posted. To announce it again, move its start or set another idempotency_key"
        )


def adopt(declared: MaintenanceInputs, remote: Maintenance, now: datetime) -> MaintenanceState:
    """State for a window that is there already, as if what it shows had been declared.

    The difference to what is declared is then an update like any other. A window that was just created shows none.
    """
    planned, anchor = resolve(declared, None, now)
    window = remote.window_at(now, planned)
    if anchor is None and remote.phase == "in_progress":
        # What has begun has begun, whenever it was to: that is no difference.
        window = (planned[0], window[1])
    if anchor is not None:
        # What was announced is kept: a relative start is counted once.
        anchor = anchor.model_copy(update={"start_at": times.format_instant(window[0])})
    start, end = (times.format_instant(moment) for moment in window)
    said = first_text(remote)
    posted = NewUpdate("update", declared.message).found_in(remote.updates) or same_text(declared.message, said or "")
    shown = declared.model_copy(
        update={
            "name": remote.name,
            "message": declared.message if posted or said is None else said,
            "start_at": declared.start_at if anchor else start,
            "end_at": None if declared.duration else end,
            "maintenance_status": declared.maintenance_status
            and shown_status(declared.maintenance_status, remote.maintenance_status, tuple(STATUSES.values())),
            **components_shown(declared, remote, now),
        }
    )
    state = MaintenanceState(
        declared=shown,
        window=window,
        phase=remote.phase,
        automated=remote.automate_maintenance_status,
        last_update_id=remote.last_update_id,
        anchor=anchor,
        public_url=remote.public_url,
    )
    return state.model_copy(update=seen(remote))


def first_text(remote: Maintenance) -> str | None:
    """The text with which a window was announced, or its own. None where it shows neither."""
    return remote.timeline[0].message if remote.updates else remote.message or None


def update(
    recorded: MaintenanceState, declared: MaintenanceInputs, change: Change, remote: Maintenance, now: datetime
) -> Decision:
    """What to send for a change of a window that is kept. Raises Refused."""
    window, anchor = planned(recorded, declared, now, remote.phase)
    if remote.phase == "complete":
        return by_times(_update_complete(recorded, declared, change, remote, window, now), remote, now)
    says: list[str] = []
    if remote.phase == "in_progress" and times.is_slot(declared.start_at) and anchor != recorded.anchor:
        says.append(f"“{declared.name}” has begun: another rule of start_at counts for the next window")
    edit = _edit(recorded, declared, change, remote, window, now, says)
    moved_to = edit.window if edit is not None and change.does(Effect.MOVE) and window[1] > now else None
    decision = Decision(edit, _new_update(recorded, declared, change, remote, moved_to, says), says=tuple(says))
    return by_times(decision, remote, now, declared.message if change.touches("message") else None)


def _update_complete(
    recorded: MaintenanceState,
    declared: MaintenanceInputs,
    change: Change,
    remote: Maintenance,
    window: Window,
    now: datetime,
) -> Decision:
    moved = change.does(Effect.MOVE)
    if moved and window[1] > now and declared.adopt_id is not None:
        raise Refused(
            f"adopt_id: {declared.adopt_id} is complete on the page, so it cannot be moved. Nothing was posted. "
            "Remove adopt_id to announce a new window"
        )
    if moved and window[1] > now:
        raise Refused(
            f"“{declared.name}” was completed on the page before its end, so it cannot be moved. "
            "Run `pulumi refresh`: the next `pulumi up` then schedules a new window and keeps this one as history"
        )
    # The call takes the times too: those that the page has, and not where it could not be sent them.
    there = remote.window or recorded.window
    may_rename = change.does(Effect.EDIT) and there[0] < there[1] and not remote.has_several_ends
    renamed = Edit(declared.name, there) if may_rename else None
    kept = kept_fields(change, declared, "maintenance_status", *(["name"] if renamed is not None else []))
    says = (f"“{declared.name}” is complete: {', '.join(kept)} recorded only; the page stays as it is",) if kept else ()
    status = declared.maintenance_status
    if not change.touches("maintenance_status") or status in (None, STATUSES["complete"]):
        return Decision(renamed, says=says)
    # Only a change of the declared value may reopen a window.
    update = NewUpdate("update", declared.message, status, notify_subscribers=declared.notifies("update"))
    return Decision(renamed, update, says=says)


def _edit(
    recorded: MaintenanceState,
    declared: MaintenanceInputs,
    change: Change,
    remote: Maintenance,
    window: Window,
    now: datetime,
    says: list[str],
) -> Edit | None:
    # The call takes the times too: those that the page has, so that nobody's change of them is undone.
    renamed = Edit(declared.name, remote.window_at(now, recorded.window)) if change.does(Effect.EDIT) else None
    if not change.does(Effect.MOVE):
        _refuse_to_end(remote, renamed, now)
        return renamed
    if window[1] > now:
        # What has begun has begun: only the end can still move. But for a start that a person has set since.
        begun = remote.window_at(now, recorded.window)[0]
        has_begun = remote.phase == "in_progress" and begun <= now
        return Edit(declared.name, (begun if has_begun else window[0], window[1]))
    passed = f"“{declared.name}”: the end, {times.format_instant(window[1])}, has already passed"
    fix = 'To end the window now, declare maintenance_status="maintenance_complete"'
    if remote.phase == "scheduled":
        raise Refused(f"{passed}. {fix}")
    _refuse_to_end(remote, renamed, now)
    says.append(f"{passed}, and the window is in progress: its end on the page stays as it is. {fix}")
    return renamed


def page_end_at(window: Window, remote: Maintenance, now: datetime) -> str | None:
    """The end on the page of a window that runs on, though its declared one has passed."""
    end = remote.window_at(now, window)[1]
    runs_on = remote.phase == "in_progress" and window[1] <= now < end
    return times.format_instant(end) if runs_on else None


def _refuse_to_end(remote: Maintenance, edit: Edit | None, now: datetime) -> None:
    """Raises Refused if a silent edit would end a window that is in progress: the page shows no end, and the recorded
    one has passed.
    """
    if edit is not None and edit.window is not None and remote.phase == "in_progress" and edit.window[1] <= now:
        raise Refused(
            f"“{remote.name}” cannot be renamed: the page does not show when it ends, and the recorded end has passed, "
            "so the service would end it now. Nothing was changed. Rename it on the page, or declare its end"
        )


def _new_update(
    recorded: MaintenanceState,
    declared: MaintenanceInputs,
    change: Change,
    remote: Maintenance,
    moved_to: Window | None,
    says: list[str],
) -> NewUpdate | None:
    status = declared.maintenance_status if change.touches("maintenance_status") else None
    if status == STATUSES[remote.phase]:
        status = None
    completes = status == STATUSES["complete"]
    components = None
    if not completes and change.touches("affected_component_ids", "component_statuses"):
        before, wanted = declared_statuses(recorded.declared), declared_statuses(declared)
        components = told_apart(before, wanted, remote.component_statuses)
    if change.does(Effect.SET_AT_START):
        says.append(
            f"“{declared.name}” has begun: automate_maintenance_status can only be set at creation, so it "
            "is recorded only"
        )
    # Held against state, not against what was seen: a run that was killed may have moved it and told nobody yet.
    rescheduled = moved_to not in (None, recorded.window) and declared.notifies("rescheduled")
    updated = change.touches("message") or status is not None or components is not None
    if not rescheduled and not updated:
        return None
    event: MaintenanceEvent = "rescheduled" if rescheduled and not updated else "update"
    if status is not None:
        event = "complete" if completes else "in_progress" if status == STATUSES["in_progress"] else "update"
        if recorded.automated and remote.times is None:
            says.append(
                f"“{declared.name}”: a published status turns the service's automation off, "
                "so the window no longer moves by itself"
            )
    message = declared.message
    if rescheduled and moved_to is not None:
        message = _with_times(declared.message, moved_to, keep=change.touches("message"))
    mails = declared.notifies(event) or (rescheduled and declared.notifies("rescheduled"))
    return NewUpdate(event, message, status, components, mails)


def _with_times(message: str, window: Window, *, keep: bool) -> str:
    sentence = page_texts.rescheduled(window)
    whole = f"{sentence}\n\n{message}"
    if len(whole) <= MESSAGE_LIMIT:
        return whole
    return message if keep else sentence


def delete(recorded: MaintenanceState, remote: Maintenance | None, now: datetime) -> Decision:
    """What to send when a window leaves the program. A window that is gone, or over, is left as it is."""
    declared = recorded.declared
    if remote is None or declared.on_delete == "retain":
        return Decision()
    if declared.on_delete == "delete" or (declared.on_delete == "auto" and remote.phase == "scheduled"):
        return Decision(delete=True)
    if remote.phase == "complete":
        return Decision()
    cancelled = remote.phase == "scheduled"
    event: MaintenanceEvent = "cancelled" if cancelled else "complete"
    message = declared.delete_message or (page_texts.CANCELLED if cancelled else page_texts.COMPLETED)
    mails = declared.notifies(event)
    ended = Decision(update=NewUpdate(event, message, STATUSES["complete"], notify_subscribers=mails))
    return by_times(ended, remote, now)


def refuse_begun(declared: MaintenanceInputs, remote: Maintenance | None) -> None:
    """Raises Refused if a window that was to be replaced before its start has begun on the page, or is over."""
    if remote is not None and remote.phase != "scheduled":
        is_so = "has been completed" if remote.phase == "complete" else "has begun"
        raise Refused(
            f"“{declared.name}” {is_so} on the page in the meantime. Nothing was deleted. Run `pulumi up` again"
        )


def refuse_strangers(declared: MaintenanceInputs, components: Iterable[Component]) -> None:
    """Raises Refused if a declared component is not on the page."""
    there = {component.id for component in components}
    strangers = [component for component in declared.affected_component_ids if component not in there]
    if strangers:
        raise Refused(
            f"affected_component_ids: not on the page: {', '.join(strangers)}. “{declared.name}” stays as it is"
        )


def read(recorded: MaintenanceState, remote: Maintenance, now: datetime) -> MaintenanceState:
    """State after a look at the service.

    Edits that a human made of what the program manages come back as if declared, so that the next preview shows them.
    What time and automation do to a window is no edit: a start that has passed, an end that was reached early, a
    status further on than declared. A complete window is latched: nothing of it is an edit. Nor is anything of one
    whose status this version does not know.
    """
    if remote.known_phase is None:
        return recorded
    state = recorded.model_copy(
        update={
            "phase": remote.phase,
            "automated": remote.automate_maintenance_status,
            "public_url": remote.public_url or recorded.public_url,
            "page_end_at": None,
            **seen(remote),
        }
    )
    if remote.phase == "complete":
        return state
    declared: dict[str, object] = {"name": remote.name, **components_shown(recorded.declared, remote, now)}
    if remote.times is not None and not same_text(recorded.declared.message, remote.message):
        declared["message"] = remote.message
    status = recorded.declared.maintenance_status
    if status is not None and status in STATUSES.values():
        behind = ORDER.index(remote.phase) < list(STATUSES.values()).index(status)
        declared["maintenance_status"] = remote.maintenance_status if behind else status
    window = _edited_window(recorded, remote, now)
    if window != recorded.window:
        start, end = (times.format_instant(moment) for moment in window)
        declared |= {"start_at": start, "end_at": end, "duration": None}
        length = window[1] - window[0]
        if recorded.declared.duration and length and length == times.parse_length(recorded.declared.duration):
            declared |= {"end_at": None, "duration": recorded.declared.duration}
    edited = recorded.declared.model_copy(update=declared)
    return state.model_copy(update={"declared": edited, "window": window})


def _edited_window(recorded: MaintenanceState, remote: Maintenance, now: datetime) -> Window:
    start, end = remote.window_at(now, recorded.window)
    if remote.phase == "scheduled":
        return start, end
    # What has passed is what happened, not what was planned.
    return recorded.window[0], end if end > now else recorded.window[1]
