"""A stand-in for the services: it shows what is believed to be on the page, and notes what it is asked to do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from .. import times
from ..errors import NotFound
from ..idempotency import generation_key
from ..inputs import IncidentInputs, MaintenanceInputs, RetrospectiveInputs
from ..lifecycle.decision import Announcement, Edit, NewUpdate
from ..lifecycle.planned import believed_phase
from ..publishing import JUST_MADE
from ..remote import Component, Impact, Incident, Maintenance, Period, Update
from ..services.capabilities import CAPABILITIES
from ..state import IncidentState, MaintenanceState, RetrospectiveState
from ..statuses import INCIDENT_ORDER, STATUSES, ComponentStatuses
from ..times import Window

Declared = MaintenanceInputs | IncidentInputs | RetrospectiveInputs
State = MaintenanceState | IncidentState | RetrospectiveState


class Unforeseen(Exception):
    """What will happen depends on something that is not known before `up`. The text names it."""


@dataclass(frozen=True)
class Act:
    """One thing that `up` does to the page: a new object, a public post, a silent change, a removal."""

    what: Literal["announce", "post", "change", "delete"]
    object_id: str
    name: str
    message: str | None = None
    status: str | None = None
    window: Window | None = None
    component_statuses: ComponentStatuses | None = None
    mails: bool | None = False
    """Whether subscribers are emailed. None: that is not known before `up`."""

    @property
    def is_public(self) -> bool:
        return self.what in ("announce", "post")


class Look(Protocol):
    """Reads of a real page. Each answers None for what is not there, and raises Unforeseen if it cannot be asked."""

    def maintenance(self, service: str, id_: str) -> Maintenance | None: ...
    def incident(self, service: str, id_: str) -> Incident | None: ...
    def components(self, status_page_id: str) -> list[Component]: ...


Kind = Literal["maintenance", "incident"]


class StandIn:
    """A page that shows what is believed of each object, or what a real page shows, and notes what it is asked to do.

    `mailing` tells for a window whether the service's own updates send email: those of a window whose create did, do
    (the API's rule).
    """

    def __init__(self, now: datetime, look: Look | None = None) -> None:
        self.now = now
        self.acts: list[Act] = []
        self.mailing: dict[str, bool | None] = {}
        self._look = look
        self._objects: dict[str, Maintenance | Incident | None] = {}
        self._believed: dict[str, Maintenance | Incident] = {}
        self._kinds: dict[str, tuple[Kind, str]] = {}
        """Of an object, what it is and on which service: where a real page is asked for it."""
        self._replays: dict[str, str] = {}
        self._components: set[str] = set()

    def know(self, id_: str, recorded: State) -> None:
        """Take an object for what state and clock tell of it."""
        if isinstance(recorded, RetrospectiveState):
            # Nothing is done to it any more.
            return
        declared, place = recorded.declared, _place(recorded.declared)
        for generation in range(1, recorded.generation + 1):
            kind = "" if isinstance(recorded, MaintenanceState) else "incident"
            key = generation_key(str(declared.idempotency_key), place, generation, kind)
            # Each generation before the recorded one is over, or gone.
            self._replays[key] = id_ if generation == recorded.generation else ""
        if isinstance(recorded, MaintenanceState):
            self._believed[id_] = believed_maintenance(id_, recorded, self.now)
            self.look_for(id_, "maintenance", recorded.declared.service)
            first = recorded.notices[0] if recorded.notices and recorded.declared.adopt_id is None else None
            self.mailing[id_] = first.subscribers if first is not None else None
            self._components |= set(recorded.declared.affected_component_ids)
        else:
            self._believed[id_] = believed_incident(id_, recorded, self.now)
            self.look_for(id_, "incident", recorded.declared.service)

    def name_components(self, ids: Iterable[str]) -> None:
        """Take these components to be on the page, if it cannot be asked."""
        self._components |= set(ids)

    # what its services share

    def published(self, id_: str, update: NewUpdate, entry: Update, moved: dict[str, Any]) -> Update:
        before = self.there(id_)
        self._objects[id_] = before.model_copy(update={**moved, "updates": [*before.updates, entry]})
        self.note(
            "post",
            id_,
            before.name,
            update.message,
            update.status,
            statuses=update.component_statuses,
            mails=update.notify_subscribers,
        )
        return entry

    def made(self, id_: str, found: Maintenance | Incident) -> bool:
        """Take in what a create made. Answers whether it is new, and no replay of an earlier one."""
        if not id_.startswith("new:") or id_ in self._objects:
            return False
        self._objects[id_] = found
        return True

    def edited(
        self, id_: str, after: Maintenance | Incident, window: Window | None = None, message: str | None = None
    ) -> None:
        self._objects[id_] = after
        self.note("change", id_, after.name, message, window=window)

    def deleted(self, id_: str) -> None:
        found = self.show(id_)
        if found is not None:
            self.note("delete", id_, found.name)
        self._objects[id_] = None

    def replayed(self, idempotency_key: str) -> str:
        """The id that a create of that key answers with; an empty one is of an object that is over or gone."""
        return self._replays.setdefault(idempotency_key, f"new:{idempotency_key}")

    def believes(self, id_: str) -> bool:
        return id_ in self._believed

    def look_for(self, id_: str, kind: Kind, service: str) -> None:
        """Remember where an object is to be looked for."""
        self._kinds.setdefault(id_, (kind, service))

    def components(self, status_page_id: str) -> list[Component]:
        with contextlib.suppress(Unforeseen):
            if self._look is not None:
                return self._look.components(status_page_id)
        return [Component(id=id_, name=id_) for id_ in sorted(self._components)]

    def show(self, id_: str) -> Maintenance | Incident | None:
        if not id_ or id_ in self._objects:
            return self._objects.get(id_)
        if self._look is not None:
            with contextlib.suppress(Unforeseen):
                kind, service = self._kinds[id_]
                look = self._look.incident if kind == "incident" else self._look.maintenance
                self._objects[id_] = look(service, id_)
                return self._objects[id_]
        if id_ not in self._believed:
            raise Unforeseen(f"what {id_} shows")
        return self._believed[id_]

    def all(self) -> list[Maintenance | Incident]:
        return [one for one in {**self._believed, **self._objects}.values() if one is not None]

    def there(self, id_: str) -> Maintenance | Incident:
        found = self.show(id_)
        if found is None:
            raise NotFound(f"there is no {id_}", status=404)
        return found

    def entry(self, message: str, **status: Any) -> Update:
        return Update(id=f"entry-{len(self.acts)}", message=message, published_at=self.now, **status)

    def note(
        self,
        what: Literal["announce", "post", "change", "delete"],
        id_: str,
        name: str,
        message: str | None = None,
        status: str | None = None,
        window: Window | None = None,
        statuses: ComponentStatuses | None = None,
        mails: bool = False,
    ) -> None:
        self.acts.append(Act(what, id_, name, message, status, window, statuses, mails))


class StandInMaintenances:
    """What a maintenance service is asked."""

    def __init__(self, page: StandIn, service: str) -> None:
        self._page = page
        self._service = service
        self.delete = page.deleted

    def on_page(self, status_page_id: str, **filters: str) -> list[Maintenance]:
        return [
            one for one in self._page.all() if isinstance(one, Maintenance) and one.status_page_id == status_page_id
        ]

    newest = on_page

    def create(self, announcement: Announcement, *, idempotency_key: str) -> Maintenance:
        page, declared, window = self._page, announcement.declared, announcement.window
        id_, status = page.replayed(idempotency_key), announcement.maintenance_status
        if (page.believes(id_) or not id_) and not CAPABILITIES[declared.service].keyed_creates:
            raise Unforeseen(f"whether {declared.service} finds the window again, which has no keys for that")
        if not CAPABILITIES[declared.service].timelines:
            made = _of_times(id_, declared, window, page.now)
            page.made(id_, made)
            page.mailing[id_] = False
            page.note("announce", id_, made.name, declared.message, None, window, mails=announcement.notify_subscribers)
            return made
        made = Maintenance(
            id=id_,
            name=declared.name,
            status_page_id=declared.status_page_id,
            published_at=page.now if id_ else page.now - JUST_MADE,
            updates=[page.entry(declared.message, maintenance_status=status)],
            maintenance_status=status,
            automate_maintenance_status=declared.automate_maintenance_status,
            component_maintenance_periods=_periods(declared.affected_component_ids, window),
        )
        if page.made(id_, made):
            mails = page.mailing[id_] = announcement.notify_subscribers
            page.note("announce", id_, made.name, declared.message, status, window, mails=mails)
        return made

    def show(self, id_: str) -> Maintenance | None:
        self._page.look_for(id_, "maintenance", self._service)
        found = self._page.show(id_)
        return found if isinstance(found, Maintenance) else None

    def edit(self, id_: str, edit: Edit) -> Maintenance:
        before = self._page.there(id_)
        assert isinstance(before, Maintenance)
        assert edit.window is not None
        if before.times is not None:
            return self._edit_times(before, edit.window, edit)
        moved = {"start_at": edit.window[0], "end_at": edit.window[1]}
        periods = [
            period if _is_released(period, self._page.now) else period.model_copy(update=moved)
            for period in before.component_maintenance_periods
        ]
        after = before.model_copy(update={"name": edit.name, "component_maintenance_periods": periods})
        self._page.edited(id_, after, edit.window)
        return after

    def _edit_times(self, before: Maintenance, window: Window, edit: Edit) -> Maintenance:
        moved, message = window != before.times, edit.message or before.message
        status = STATUSES[times.phase_at(window, self._page.now)]
        shown = {"name": edit.name, "times": window, "message": message, "maintenance_status": status}
        after = before.model_copy(update=shown)
        if after != before:
            told = message if message != before.message else None
            self._page.edited(before.id, after, window if moved else None, told)
        return after

    def create_update(self, id_: str, update: NewUpdate) -> Update:
        before, statuses = self._page.there(id_), update.component_statuses or []
        assert isinstance(before, Maintenance)
        moved: dict[str, Any] = {"component_maintenance_periods": _told(before, statuses, self._page.now)}
        if update.status:
            # A published status turns the service's automation off (the API's rule).
            moved |= {"maintenance_status": update.status, "automate_maintenance_status": False}
        entry = self._page.entry(update.message, maintenance_status=update.status, component_statuses=statuses)
        return self._page.published(id_, update, entry, moved)


class StandInPages:
    """What a service of pages is asked."""

    def __init__(self, page: StandIn) -> None:
        self.show_components = page.components


class StandInIncidents:
    """What an incident service is asked."""

    def __init__(self, page: StandIn, service: str) -> None:
        self._page = page
        self._service = service
        self.delete = page.deleted

    def on_page(self, status_page_id: str, **filters: str) -> list[Incident]:
        return [one for one in self._page.all() if isinstance(one, Incident) and one.status_page_id == status_page_id]

    newest = on_page

    def create(self, declared: IncidentInputs, *, idempotency_key: str) -> Incident:
        page, id_ = self._page, self._page.replayed(idempotency_key)
        if page.believes(id_) and not CAPABILITIES[declared.service].keyed_creates:
            raise Unforeseen(f"whether {declared.service} finds the incident again, which has no keys for that")
        status = declared.incident_status
        statuses = None if status == "resolved" else declared.component_statuses
        made = Incident(
            id=id_,
            name=declared.name,
            status_page_id=declared.status_page_id,
            component_id=declared.component_id,
            published_at=page.now if id_ else page.now - JUST_MADE,
            updates=[page.entry(declared.message, incident_status=status)],
            incident_status=status,
            component_impacts=_impacts(statuses, page.now),
        )
        if page.made(id_, made):
            mails = declared.notify_subscribers
            page.note("announce", id_, made.name, declared.message, status, statuses=statuses, mails=mails)
        return made

    def show(self, id_: str) -> Incident | None:
        self._page.look_for(id_, "incident", self._service)
        found = self._page.show(id_)
        return found if isinstance(found, Incident) else None

    def edit(self, id_: str, edit: Edit) -> Incident:
        before = self._page.there(id_)
        assert isinstance(before, Incident)
        after = before.model_copy(update={"name": edit.name})
        self._page.edited(id_, after)
        return after

    def create_update(self, id_: str, update: NewUpdate) -> Update:
        before = self._page.there(id_)
        assert isinstance(before, Incident)
        moved: dict[str, Any] = {"incident_status": update.status} if update.status else {}
        told = {item["component_id"]: item["component_status"] for item in update.component_statuses or []}
        there = {} if update.status == "resolved" else before.component_statuses | told
        left = [{"component_id": key, "component_status": status} for key, status in there.items()]
        moved["component_impacts"] = _impacts(left, self._page.now)
        statuses = update.component_statuses or []
        entry = self._page.entry(update.message, incident_status=update.status, component_statuses=statuses)
        return self._page.published(id_, update, entry, moved)


class StandInRetrospectives(StandInIncidents):
    """What a service of past incidents is asked."""

    def create(self, declared: RetrospectiveInputs, *, idempotency_key: str) -> Incident:  # type: ignore[override]
        # It is published with its whole timeline, and the service emails nobody about it.
        made = Incident(
            id=self._page.replayed(idempotency_key),
            name=declared.name,
            status_page_id=declared.status_page_id,
            published_at=self._page.now,
            updates=[Update(id=f"past-{place}", **entry) for place, entry in enumerate(declared.updates)],
            incident_status=declared.updates[-1]["incident_status"],
        )
        if self._page.made(made.id, made):
            self._page.note("announce", made.id, made.name, None, made.incident_status)
        return made


def believed_maintenance(id_: str, recorded: MaintenanceState, now: datetime) -> Maintenance:
    """The window as state and clock tell it, unread."""
    if not CAPABILITIES[recorded.declared.service].timelines:
        window, phase = recorded.page_window, believed_phase(recorded, now)
        if phase != times.phase_at(window, now):
            # An earlier run began or ended it early: it said so by the times, and state does not keep when.
            before = now - timedelta(seconds=1)
            window = (min(window[0], before), now) if phase == "complete" else (min(window[0], before), window[1])
        return _of_times(id_, recorded.declared, window, now)
    return Maintenance(
        id=id_,
        name=recorded.declared.name,
        status_page_id=recorded.declared.status_page_id,
        published_at=now,
        updates=_entries(recorded, now),
        maintenance_status=STATUSES[believed_phase(recorded, now)],
        automate_maintenance_status=recorded.automated,
        component_maintenance_periods=_periods(_held(recorded.declared), recorded.page_window),
    )


def believed_incident(id_: str, recorded: IncidentState, now: datetime) -> Incident:
    """The incident as state tells it: nothing but a person or a program moves it."""
    return Incident(
        id=id_,
        name=recorded.declared.name,
        status_page_id=recorded.declared.status_page_id,
        component_id=recorded.declared.component_id,
        published_at=now,
        updates=_entries(recorded, now),
        incident_status=recorded.phase,
        component_impacts=_impacts([] if recorded.phase == "resolved" else recorded.declared.component_statuses, now),
    )


def _entries(recorded: MaintenanceState | IncidentState, now: datetime) -> list[Update]:
    # A state of the first release keeps no texts: then all are taken to be that of the last `up`. Of an incident the
    # first one's event is the status with which it was opened.
    last, message = recorded.last_update_id, recorded.declared.message
    texts: dict[str, str] = {}
    told: dict[str, list[Any]] = {}
    for entry in recorded.updates:
        match entry:
            case {"id": str(id_), "message": str(text), "component_statuses": list(statuses)}:
                texts[id_], told[id_] = text, [item for item in statuses if isinstance(item, dict)]
            case {"id": str(id_), "message": str(text)}:
                texts[id_] = text
    entries = {notice.update_id: notice.event for notice in recorded.notices if notice.update_id}
    entries |= {last: ""} if last and last not in entries else {}
    return [
        Update(
            id=id_,
            message=texts.get(id_, message),
            published_at=now,
            incident_status=event if event in INCIDENT_ORDER else None,
            component_statuses=told.get(id_, []),
        )
        for id_, event in entries.items()
    ]


def _of_times(id_: str, declared: MaintenanceInputs, window: Window, now: datetime) -> Maintenance:
    """A window on a service where it is its times."""
    return Maintenance.by_times(
        window,
        now,
        id=id_,
        name=declared.name,
        message=declared.message,
        status_page_id=declared.status_page_id,
        published_at=now,
    )


def _periods(component_ids: Iterable[str], window: Window) -> list[Period]:
    return [Period(component_id=id_, start_at=window[0], end_at=window[1]) for id_ in component_ids]


def _impacts(statuses: ComponentStatuses | None, now: datetime) -> list[Impact]:
    return [Impact(start_at=now, **item) for item in statuses or [] if item["component_status"] != "operational"]


def _held(declared: MaintenanceInputs) -> list[str]:
    """The components that the window holds once its statuses were told: one that is operational is let out."""
    told = {item["component_id"]: item["component_status"] for item in declared.component_statuses or []}
    held = dict.fromkeys(declared.affected_component_ids, "under_maintenance") | told
    return sorted(id_ for id_, status in held.items() if status == "under_maintenance")


def _told(window: Maintenance, statuses: ComponentStatuses, now: datetime) -> list[Period]:
    """The periods once these statuses were told: a component is let out before it began, or ends now, or comes in."""
    periods = list(window.component_maintenance_periods)
    for item in statuses:
        id_, lets_out = item["component_id"], item["component_status"] == "operational"
        held = next((one for one in periods if one.component_id == id_ and not _is_released(one, now)), None)
        if lets_out and held is not None:
            periods.remove(held)
            periods += [held.model_copy(update={"end_at": now})] if held.start_at < now else []
        elif not lets_out and held is None and window.window is not None:
            start, end = window.window
            periods += _periods([id_], (start if window.phase == "scheduled" else max(start, now), end))
    return periods


def _is_released(period: Period, now: datetime) -> bool:
    return period.end_at is not None and period.end_at <= now


def _place(declared: MaintenanceInputs | IncidentInputs) -> str:
    return str(declared.place if isinstance(declared, IncidentInputs) else declared.status_page_id)
