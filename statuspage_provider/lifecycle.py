"""What to do, what to refuse and what to say: pure functions of (declared, recorded, remote, now). No I/O.

Declared is the program, recorded is the engine's state, remote is what the service has. The table that these functions
make true is in docs/lifecycle.md, and is a table in the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from . import times
from .errors import Refused
from .models import (
    MESSAGE_LIMIT,
    PHASES,
    Anchor,
    Component,
    ComponentStatuses,
    Event,
    Incident,
    IncidentInputs,
    IncidentState,
    Maintenance,
    MaintenanceInputs,
    MaintenanceState,
    Phase,
    RetrospectiveInputs,
    RetrospectiveState,
    Update,
    Window,
    has_unknown,
    same_text,
)

STATUSES: dict[Phase, str] = {phase: status for status, phase in PHASES.items()}
ORDER: tuple[Phase, ...] = tuple(STATUSES)
COMPLETED = "This maintenance is complete."
"""What is published where a window ends and the program gives no text of its own."""

INCIDENT_ORDER = ("investigating", "identified", "monitoring", "resolved")


@dataclass(frozen=True)
class Put:
    """A silent change: nothing is published, nobody is told. It may be repeated."""

    name: str
    window: Window | None = None


@dataclass(frozen=True)
class Post:
    """A public update. It cannot be taken back, so it is looked for before it is sent."""

    event: str
    message: str
    status: str | None = None
    component_statuses: ComponentStatuses | None = None
    notify_subscribers: bool = False

    def found_in(self, entries: Iterable[Update]) -> Update | None:
        """The entry that this post already became, if its answer was lost."""
        for entry in entries:
            if same_text(entry.message, self.message) and self.status in (None, entry.status) and self._tells(entry):
                return entry
        return None

    def _tells(self, entry: Update) -> bool:
        # What became operational a service may leave out of what it shows.
        wanted = {item["component_id"]: item["component_status"] for item in self.component_statuses or []}
        return all(entry.told.get(key, "operational") == status for key, status in wanted.items())


@dataclass(frozen=True)
class Decision:
    """What is sent, in this order, and what the user is told."""

    put: Put | None = None
    post: Post | None = None
    delete: bool = False
    says: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """What differs between declared and recorded, and whether that takes a new object."""

    fields: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    delete_first: bool = False

    def __bool__(self) -> bool:
        return bool(self.fields)

    def touches(self, *fields: str) -> bool:
        return any(field in self.fields for field in fields)


# What only steers later runs, or names how the object was come by: it is recorded, and nothing is sent.
_QUIET = {"idempotency_key", "time_zone", "adopt_id"}

_TIMES = ("start_at", "end_at", "duration")


# maintenance: what changed


def resolve(declared: MaintenanceInputs, anchor: Anchor | None, now: datetime) -> tuple[Window, Anchor | None]:
    """The declared times as instants.

    A relative start is counted from `now` once. The anchor keeps what it came to, and holds as long as the expression
    is the same, so that a re-run does not move the window.
    """
    if times.is_relative(declared.start_at):
        if anchor is None or anchor.expression != declared.start_at:
            start_at = times.format_instant(now + times.offset_of(declared.start_at))
            anchor = Anchor(expression=declared.start_at, start_at=start_at)
        start = times.parse_instant(anchor.start_at)
    else:
        start, anchor = times.parse_instant(declared.start_at), None
    if declared.duration is not None:
        return (start, start + times.parse_length(declared.duration)), anchor
    return (start, times.parse_instant(declared.end_at or declared.start_at)), anchor


def creation_fault(declared: MaintenanceInputs, now: datetime) -> tuple[str, str] | None:
    """(property, reason) where a window that is to be announced is over already. The rule holds at creation only."""
    if declared.adopt_id is not None:
        return None
    if declared.maintenance_status == STATUSES["complete"]:
        return "maintenance_status", "a window cannot be announced as complete: leave it out, or take the window out"
    if has_unknown([declared.start_at, declared.end_at, declared.duration, declared.time_zone]):
        return None
    (start, end), _ = resolve(declared, None, now)
    if end <= start:
        return "end_at", f"{times.format_instant(end)} is not after the start, {times.format_instant(start)}"
    if end > now:
        return None
    where = "end_at" if declared.duration is None else "start_at"
    return where, (
        f"the window is already over: it ended at {times.format_instant(end)}, and it is {times.format_instant(now)}. "
        "Nothing is announced. Move it, or take it out of the program"
    )


def maintenance_change(
    id_: str, recorded: MaintenanceState, declared: MaintenanceInputs, now: datetime, phase: Phase | None = None
) -> Change:
    """What differs. Time passing changes nothing: it only tells, of a window that was changed, its phase.

    `phase` is the one on the page. Where it was not read, state and clock must do.
    """
    before = recorded.declared
    fields = _changed(before, declared, skip=_TIMES)
    if has_unknown([declared.start_at, declared.end_at, declared.duration, declared.time_zone]):
        fields.append("start_at")
        moved_to = None
    else:
        moved_to, _ = resolve(declared, recorded.anchor, now)
        if moved_to[0] != recorded.window[0]:
            fields.append("start_at")
        if moved_to[1] != recorded.window[1]:
            fields.append("end_at" if declared.duration is None else "duration")
    # An unknown value is a change, but never a reason to replace: it may turn out to be the same.
    known = {field for field in fields if not has_unknown(getattr(declared, field))}
    phase = phase or believed_phase(recorded, now)
    replaces = sorted(known & {"status_page_id", "triggers"})
    if declared.adopt_id not in (None, id_, before.adopt_id) and not has_unknown(declared.adopt_id):
        replaces.append("adopt_id")
        fields.append("adopt_id")
    times_changed = sorted(set(_TIMES) & set(fields))
    if phase == "complete" and times_changed and moved_to is not None and moved_to[1] > now:
        replaces += times_changed
    if replaces:
        return Change(tuple(fields), tuple(replaces))
    set_at_creation = sorted(known & {"affected_component_ids", "automate_maintenance_status"})
    if phase == "scheduled" and set_at_creation:
        return Change(tuple(fields), tuple(set_at_creation), delete_first=True)
    return Change(tuple(fields))


def believed_phase(recorded: MaintenanceState, now: datetime) -> Phase:
    """The phase as state and clock tell it, unread: the service's automation moves a window forwards by itself."""
    if not recorded.automated:
        return recorded.phase
    start, end = recorded.window
    by_clock: Phase = "complete" if now >= end else "in_progress" if now >= start else "scheduled"
    return max(recorded.phase, by_clock, key=ORDER.index)


def depends_on_phase(change: Change) -> bool:
    """Whether the phase decides between an update and a new window. Then the page is asked: state does not know of a
    window that was begun or ended early.
    """
    if set(change.replaces) & {"status_page_id", "triggers", "adopt_id"}:
        return False
    return change.touches(*_TIMES, "affected_component_ids", "automate_maintenance_status")


# maintenance: what to do


@dataclass(frozen=True)
class Creation:
    """How a window is announced. `then` is a second post, where the first must not mail."""

    window: Window
    anchor: Anchor | None
    event: Event
    status: str
    notify_subscribers: bool
    then: Post | None
    says: tuple[str, ...]


def create_maintenance(declared: MaintenanceInputs, now: datetime) -> Creation:
    """How to announce a window. Raises Refused where it is already over."""
    fault = creation_fault(declared, now)
    if fault is not None:
        raise Refused(": ".join(fault))
    window, anchor = resolve(declared, None, now)
    begun: Event = "in_progress" if window[0] <= now else "scheduled"
    status = declared.maintenance_status or STATUSES["in_progress" if begun == "in_progress" else "scheduled"]
    event: Event = "in_progress" if status == STATUSES["in_progress"] else begun
    mails = declared.notifies(event)
    says: tuple[str, ...] = ()
    later: tuple[Event, ...] = ("complete",) if event == "in_progress" else ("in_progress", "complete")
    if declared.automate_maintenance_status:
        # A create that mails makes the service's automation mail too, at the start and at the end (the API's rule).
        # Where those mails are not wanted, the window is made silently, and an update that sets no status mails.
        at_creation = mails and all(declared.notifies(other) for other in later)
        if not at_creation and any(declared.notifies(other) for other in later):
            says = (_UNMAILED,)
    else:
        at_creation = mails
    then = None
    if (mails and not at_creation) or declared.component_statuses:
        # What a create cannot carry follows it.
        mail = mails and not at_creation
        then = Post(event, declared.message, None, declared.component_statuses, notify_subscribers=mail)
    return Creation(window, anchor, event, status, at_creation, then, says)


_UNMAILED = (
    "the service's own updates at the start and at the end will mail nobody: they do so only where "
    'notify_subscribers has "scheduled", "in_progress" and "complete" together'
)


def refuse_other_clock(declared: MaintenanceInputs, planned: Window, remote: Maintenance | None) -> None:
    """Raises Refused where the service ended a window at the declared end or later, and that is ahead of our clock.

    Its clock is another than ours, so it would end the next one too: one wrong announcement must not become many.
    """
    window = remote.window if remote is not None else None
    if window is not None and window[0] == planned[0] and window[1] >= planned[1]:
        raise Refused(
            f"“{declared.name}” is over already by the service's clock, though it ends at "
            f"{times.format_instant(planned[1])}: is this machine's clock right, is STATUSPAGE_NOW set?"
        )


def refuse_stranger(declared: MaintenanceInputs | IncidentInputs, remote: Maintenance | Incident) -> None:
    """Raises Refused where a key led to an object that has neither the name nor the text that is declared.

    A run that was killed may have made it, and all of it was edited since. Or another program sends the same key.
    """
    if declared.name == remote.name or any(same_text(declared.message, each.message) for each in remote.updates):
        return
    raise Refused(
        f"idempotency_key: it is that of “{remote.name}”, {remote.id}, which is on the page already and has neither "
        f"this name nor this message. Nothing was posted. If “{declared.name}” is the same, give "
        f'adopt_id="{remote.id}"; if not, give an idempotency_key of its own'
    )


def adopt_maintenance(declared: MaintenanceInputs, remote: Maintenance, now: datetime) -> MaintenanceState:
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
        anchor = Anchor(expression=anchor.expression, start_at=times.format_instant(window[0]))
    start, end = (times.format_instant(moment) for moment in window)
    posted = Post("update", declared.message).found_in(remote.updates)
    shown = declared.model_copy(
        update={
            "name": remote.name,
            "message": declared.message if posted or not remote.updates else remote.timeline[0].message,
            "start_at": declared.start_at if anchor else start,
            "end_at": None if declared.duration else end,
            "maintenance_status": declared.maintenance_status
            and _shown_status(declared.maintenance_status, remote.maintenance_status, tuple(STATUSES.values())),
            **_components_shown(declared, remote, now),
        }
    )
    return MaintenanceState(
        declared=shown,
        window=window,
        phase=remote.phase,
        automated=remote.automate_maintenance_status,
        last_update_id=remote.last_update_id,
        anchor=anchor,
        public_url=remote.public_url,
    )


_RECORDED_ONLY = {"notify_subscribers", "on_delete", "delete_message"}


def is_recorded_only(change: Change) -> bool:
    """Whether nothing of the change is sent."""
    return set(change.fields) <= _RECORDED_ONLY


@dataclass(frozen=True)
class Seen:
    """What the page shows of a window when it is changed: its phase, its times, its components, and the timeline since
    state was written.
    """

    phase: Phase
    window: Window
    component_statuses: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[Update, ...] = ()

    @classmethod
    def of(cls, remote: Maintenance, recorded: MaintenanceState, now: datetime) -> Seen:
        window = remote.window_at(now, recorded.window)
        return cls(remote.phase, window, remote.component_statuses, tuple(remote.since(recorded.last_update_id)))


def update_maintenance(
    recorded: MaintenanceState, declared: MaintenanceInputs, change: Change, seen: Seen, now: datetime
) -> Decision:
    """What to send for a change of a window that is kept. Raises Refused."""
    window, _ = resolve(declared, recorded.anchor, now)
    if seen.phase == "complete":
        return _update_complete(declared, change, window, now)
    says: list[str] = []
    put = _put(declared, change, seen, window, now, says)
    moves = change.touches(*_TIMES) and put is not None and window[1] > now
    post = _post(recorded, declared, change, seen, put.window if put is not None and moves else None, says)
    return Decision(put=put, post=post, says=tuple(says))


def _update_complete(declared: MaintenanceInputs, change: Change, window: Window, now: datetime) -> Decision:
    moved = change.touches(*_TIMES)
    if moved and window[1] > now and declared.adopt_id is not None:
        raise Refused(
            f"adopt_id: {declared.adopt_id} is complete on the page, so it cannot be moved. Nothing was posted. "
            "Take adopt_id out to announce a new window"
        )
    if moved and window[1] > now:
        raise Refused(
            f"“{declared.name}” was completed on the page before its end, so it cannot be moved. "
            "Run `pulumi refresh`: the next `pulumi up` then schedules a new window and keeps this one as history"
        )
    sent = "maintenance_status"
    kept = [field for field in change.fields if field != sent and field not in _RECORDED_ONLY | _QUIET]
    says = (f"“{declared.name}” is complete: {', '.join(kept)} recorded only, the page stays as it is",) if kept else ()
    status = declared.maintenance_status
    if not change.touches(sent) or status in (None, STATUSES["complete"]):
        return Decision(says=says)
    # Only a change of the declared value may reopen a window.
    post = Post("update", declared.message, status, notify_subscribers=declared.notifies("update"))
    return Decision(post=post, says=says)


def _put(
    declared: MaintenanceInputs, change: Change, seen: Seen, window: Window, now: datetime, says: list[str]
) -> Put | None:
    if not change.touches("name", *_TIMES):
        return None
    if not change.touches(*_TIMES):
        # The call takes the times too: those that the page has, so that nobody's change of them is undone.
        return Put(declared.name, seen.window)
    if window[1] > now:
        # What has begun has begun: only the end can still move.
        return Put(declared.name, (seen.window[0] if seen.phase == "in_progress" else window[0], window[1]))
    passed = f"“{declared.name}”: the end, {times.format_instant(window[1])}, has already passed"
    fix = 'To end the window now, declare maintenance_status="maintenance_complete"'
    if seen.phase == "scheduled":
        raise Refused(f"{passed}. {fix}")
    says.append(f"{passed}, and it is in progress: its end on the page stays as it is. {fix}")
    return Put(declared.name, seen.window) if change.touches("name") else None


def _post(
    recorded: MaintenanceState,
    declared: MaintenanceInputs,
    change: Change,
    seen: Seen,
    moved_to: Window | None,
    says: list[str],
) -> Post | None:
    status = declared.maintenance_status if change.touches("maintenance_status") else None
    if status == STATUSES[seen.phase]:
        status = None
    completes = status == STATUSES["complete"]
    components = None if completes else _component_changes(recorded.declared, declared, change, seen)
    if change.touches("automate_maintenance_status"):
        says.append(f"“{declared.name}” has begun: automate_maintenance_status is set at creation, so recorded only")
    # Held against state, not against what was seen: a run that was killed may have moved it and told nobody yet.
    rescheduled = moved_to not in (None, recorded.window) and declared.notifies("rescheduled")
    updated = change.touches("message") or status is not None or components is not None
    if not rescheduled and not updated:
        return None
    event: Event = "rescheduled" if rescheduled and not updated else "update"
    if status is not None:
        event = "complete" if completes else "in_progress" if status == STATUSES["in_progress"] else "update"
        if recorded.automated:
            says.append(
                f"“{declared.name}”: a published status turns the service's automation off, "
                "so the window no longer moves by itself"
            )
    message = declared.message
    if rescheduled and moved_to is not None:
        message = _with_times(declared.message, moved_to, keep="message" in change.fields)
    mails = declared.notifies(event) or (rescheduled and declared.notifies("rescheduled"))
    return Post(event, message, status, components, mails)


def _statuses(declared: MaintenanceInputs) -> dict[str, str]:
    """What is declared of each component. Any other is operational."""
    statuses = dict.fromkeys(declared.affected_component_ids, "under_maintenance")
    return statuses | _by_component(declared.component_statuses)


def _by_component(statuses: ComponentStatuses | None) -> dict[str, str]:
    return {item["component_id"]: item["component_status"] for item in statuses or []}


def _as_list(statuses: Mapping[str, str]) -> ComponentStatuses | None:
    return [{"component_id": key, "component_status": statuses[key]} for key in sorted(statuses)] or None


def _component_changes(
    before: MaintenanceInputs, declared: MaintenanceInputs, change: Change, seen: Seen
) -> ComponentStatuses | None:
    if not change.touches("affected_component_ids", "component_statuses"):
        return None
    return _told_apart(_statuses(before), _statuses(declared), seen.component_statuses)


def _told_apart(old: Mapping[str, str], new: Mapping[str, str], shown: Mapping[str, str]) -> ComponentStatuses | None:
    """The statuses to be told: of each component that is or was declared, where the page shows another.

    What is not declared any more is operational. What a human added is theirs.
    """
    wanted = {key: new.get(key, "operational") for key in {**old, **new}}
    return _as_list({key: status for key, status in wanted.items() if shown.get(key, "operational") != status})


def _components_shown(declared: MaintenanceInputs, remote: Maintenance, now: datetime) -> dict[str, object]:
    """What the page shows of the components of a window that is not over, as if it had been declared.

    A window that has not begun shows those that it was announced with; of one that has begun, that cannot be told from
    what was told later, so what differs from what is declared stands in `component_statuses`.
    """
    affected, own, shown = declared.affected_component_ids, declared.component_statuses, remote.component_statuses
    if remote.phase == "complete":
        return {}
    if remote.phase == "scheduled" and shown:
        later = set(_by_component(own)) - set(affected)
        held = {key for key, status in shown.items() if status == "under_maintenance" or key in affected}
        affected = sorted(held - later)
    usual = dict.fromkeys(affected, "under_maintenance")

    def unusual(statuses: Mapping[str, str]) -> dict[str, str]:
        return {key: told for key, told in statuses.items() if told != usual.get(key, "operational")}

    known = {key: told for key, told in shown.items() if told in ("operational", "under_maintenance")}
    if unusual({**usual, **_by_component(own)}) != unusual(known):
        own = _as_list(unusual(known))
    return {"affected_component_ids": affected, "component_statuses": own}


def _with_times(message: str, window: Window, *, keep: bool) -> str:
    sentence = f"This maintenance has been rescheduled. It now runs {times.span_for_people(*window)}."
    whole = f"{sentence}\n\n{message}"
    if len(whole) <= MESSAGE_LIMIT:
        return whole
    return message if keep else sentence


def delete_maintenance(recorded: MaintenanceState, remote: Maintenance | None) -> Decision:
    """What to send when a window leaves the program. A window that is gone, or over, is left as it is."""
    declared = recorded.declared
    if remote is None or declared.on_delete == "retain":
        return Decision()
    if declared.on_delete == "delete" or (declared.on_delete == "auto" and remote.phase == "scheduled"):
        return Decision(delete=True)
    if remote.phase == "complete":
        return Decision()
    cancelled = remote.phase == "scheduled"
    event: Event = "cancelled" if cancelled else "complete"
    default = "This maintenance has been cancelled." if cancelled else COMPLETED
    message = declared.delete_message or default
    return Decision(post=Post(event, message, STATUSES["complete"], notify_subscribers=declared.notifies(event)))


def refuse_begun(declared: MaintenanceInputs, remote: Maintenance | None) -> None:
    """Raises Refused where a window that was to be replaced before its start has begun on the page, or is over."""
    if remote is not None and remote.phase != "scheduled":
        is_so = "is complete" if remote.phase == "complete" else "has begun"
        raise Refused(f"“{declared.name}” {is_so} on the page since. Nothing was deleted. Run `pulumi up` again")


def refuse_strangers(declared: MaintenanceInputs, components: Iterable[Component]) -> None:
    """Raises Refused where a declared component is not on the page."""
    there = {component.id for component in components}
    strangers = [component for component in declared.affected_component_ids if component not in there]
    if strangers:
        raise Refused(
            f"affected_component_ids: {', '.join(strangers)} is not on the page. “{declared.name}” stays as it is"
        )


def read_maintenance(recorded: MaintenanceState, remote: Maintenance, now: datetime) -> MaintenanceState:
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
        }
    )
    if remote.phase == "complete":
        return state
    declared: dict[str, object] = {"name": remote.name, **_components_shown(recorded.declared, remote, now)}
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


# incidents


def incident_change(id_: str, recorded: IncidentState, declared: IncidentInputs) -> Change:
    """What differs between two declarations of an incident."""
    before = recorded.declared
    fields = _changed(before, declared)
    known = {field for field in fields if not has_unknown(getattr(declared, field))}
    replaces = sorted(known & {"service", "status_page_id", "component_id"})
    if declared.adopt_id not in (None, id_, before.adopt_id) and not has_unknown(declared.adopt_id):
        replaces.append("adopt_id")
        fields.append("adopt_id")
    return Change(tuple(fields), tuple(replaces))


def adopt_incident(declared: IncidentInputs, remote: Incident, *, ours: bool) -> IncidentState:
    """State for an incident that is there already, as if what it shows had been declared.

    One that is `ours` was opened by a run that was killed. As long as nobody moved it since, its status is that run's,
    and what is declared now is an edit of it.
    """
    unmoved = ours and bool(remote.updates) and remote.timeline[0].status == remote.incident_status
    status = _shown_status(declared.incident_status, remote.phase, INCIDENT_ORDER)
    posted = Post("update", declared.message).found_in(remote.updates)
    shown = declared.model_copy(
        update={
            "name": remote.name,
            "message": declared.message if posted or not remote.updates else remote.timeline[0].message,
            "incident_status": remote.incident_status if unmoved else status,
            "component_statuses": _impacts_shown(declared, remote, managed=ours),
        }
    )
    return IncidentState(
        declared=shown,
        phase=remote.phase,
        last_update_id=remote.last_update_id,
        public_url=remote.public_url,
    )


def update_incident(
    recorded: IncidentState,
    declared: IncidentInputs,
    change: Change,
    remote: Incident | None,
    *,
    mails_updates: bool = True,
) -> Decision:
    """What to send for a change of an incident. `remote` is None where only its name changes, which is not read.

    `mails_updates` is whether the service can be asked to mail an update.
    """
    at = remote.phase if remote is not None else recorded.phase
    status = declared.incident_status if change.touches("incident_status") and declared.incident_status != at else None
    if at == "resolved" and status is None:
        kept = [field for field in change.fields if field not in _RECORDED_ONLY | _QUIET | {"incident_status"}]
        says = (f"“{declared.name}” is resolved: {', '.join(kept)} recorded only, the page stays as it is",)
        return Decision(says=says if kept else ())
    put = Put(declared.name) if change.touches("name") else None
    components = None
    if status != "resolved" and (change.touches("component_statuses") or at == "resolved"):
        shown = remote.component_statuses if remote is not None else {}
        old, new = _by_component(recorded.declared.component_statuses), _by_component(declared.component_statuses)
        components = _told_apart(old, new, shown)
    if not change.touches("message") and status is None and components is None:
        return Decision(put=put)
    event = "resolved" if status == "resolved" else "update"
    mails = declared.notify_subscribers and mails_updates
    unmailed = declared.notify_subscribers and not mails_updates
    says = (f"“{declared.name}”: {declared.service} mails at creation only, this update asks for no mail",)
    return Decision(put, Post(event, declared.message, status, components, mails), says=says if unmailed else ())


def incident_needs_read(change: Change) -> bool:
    """Whether an incident must be read before it is changed: whatever can be seen is."""
    return not set(change.fields) <= {"name", *_RECORDED_ONLY}


def delete_incident(recorded: IncidentState, remote: Incident | None, *, mails_updates: bool = True) -> Decision:
    """What to send when an incident leaves the program: one that is open is resolved, unless told otherwise."""
    declared = recorded.declared
    if remote is None or declared.on_delete == "retain":
        return Decision()
    if declared.on_delete == "delete":
        return Decision(delete=True)
    if remote.phase == "resolved":
        return Decision()
    message = declared.delete_message or "This incident has been resolved."
    mails = declared.notify_subscribers and mails_updates
    return Decision(post=Post("resolved", message, "resolved", notify_subscribers=mails))


def read_incident(recorded: IncidentState, remote: Incident) -> IncidentState:
    """State after a look at the service. A status that a human set is no edit; those of components are, if declared."""
    state = recorded.model_copy(
        update={
            "phase": remote.known_phase or recorded.phase,
            "public_url": remote.public_url or recorded.public_url,
        }
    )
    if remote.incident_status == "resolved":
        return state
    declared = recorded.declared
    shown = {"name": remote.name, "component_statuses": _impacts_shown(declared, remote, managed=False)}
    return state.model_copy(update={"declared": declared.model_copy(update=shown)})


def _impacts_shown(declared: IncidentInputs, remote: Incident, *, managed: bool) -> ComponentStatuses | None:
    """The component statuses of an incident that is not over, as if what it shows had been declared.

    Where none are declared they are left to others, unless the incident is `managed` as it is.
    """
    own = declared.component_statuses
    if remote.incident_status == "resolved" or (own is None and not managed):
        return own
    wanted = {key: status for key, status in _by_component(own).items() if status != "operational"}
    return own if wanted == remote.component_statuses else _as_list(remote.component_statuses)


# retrospective incidents


def retrospective_fault(declared: RetrospectiveInputs, now: datetime) -> tuple[str, str] | None:
    """(property, reason) where a timeline is not past yet. The rule holds at creation only."""
    if has_unknown([declared.updates, declared.time_zone]):
        return None
    for index, update in enumerate(declared.updates):
        if times.parse_instant(update["published_at"]) >= now:
            return f"updates[{index}].published_at", (
                f"{update['published_at']} is not past, it is {times.format_instant(now)}: what goes on is a "
                "StatusPageIncident"
            )
    return None


def retrospective_change(recorded: RetrospectiveState, declared: RetrospectiveInputs) -> Change:
    """What differs between two declarations of a past incident. On another page it is another one."""
    fields = _changed(recorded.declared, declared)
    moved = "status_page_id" in fields and not has_unknown(declared.status_page_id)
    return Change(tuple(fields), ("status_page_id",) if moved else ())


def unlike(declared: RetrospectiveInputs, remote: Incident) -> list[str]:
    """The inputs that the page shows otherwise: an earlier run published them, or a human changed them."""
    told = [(each["incident_status"], each["published_at"]) for each in declared.updates]
    shown = [(update.status, times.format_instant(update.published_at)) for update in remote.timeline]
    texts = zip(declared.updates, remote.timeline, strict=False)
    alike = told == shown and all(same_text(each["message"], update.message) for each, update in texts)
    return ["name"] * (declared.name != remote.name) + ["updates"] * (not alike)


def retrospective_says(declared: RetrospectiveInputs, fields: Iterable[str]) -> list[str]:
    """What the user is told of inputs that the page will not show: the API has no call that changes what is past."""
    kept = [field for field in fields if field not in _QUIET]
    return [f"“{declared.name}” is past: {', '.join(kept)} recorded only, the page stays as it is"] if kept else []


def _shown_status(declared: str, remote: str, order: tuple[str, ...]) -> str:
    # An object that is taken over is moved forwards only: further on than declared, it was moved there on purpose.
    return remote if order.index(declared) > order.index(remote) else declared


def _changed(
    before: MaintenanceInputs | IncidentInputs | RetrospectiveInputs,
    declared: MaintenanceInputs | IncidentInputs | RetrospectiveInputs,
    skip: Iterable[str] = (),
) -> list[str]:
    fields: Mapping[str, object] = type(declared).model_fields
    return [
        field
        for field in fields
        if field not in _QUIET
        and field not in skip
        and (has_unknown(getattr(declared, field)) or getattr(declared, field) != getattr(before, field))
    ]
