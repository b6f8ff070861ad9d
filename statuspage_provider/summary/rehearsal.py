"""The providers that `up` runs, with a stand-in for the service: nothing is sent, and what would be is noted.

There is no second copy of the rules: what is promised is what the providers' own code does when the page is as it is
believed to be. That is what state and clock tell, or what the page itself shows where it can be asked.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from ..errors import NotFound
from ..identity import generation_key
from ..incident import IncidentProvider
from ..lifecycle import INCIDENT_ORDER, STATUSES, believed_phase
from ..maintenance import MaintenanceProvider
from ..models import (
    Component,
    ComponentStatuses,
    Impact,
    Incident,
    IncidentInputs,
    IncidentState,
    Maintenance,
    MaintenanceInputs,
    MaintenanceState,
    Notice,
    Period,
    RetrospectiveInputs,
    RetrospectiveState,
    Update,
    Window,
)
from ..plugin import JUST_MADE, RUN
from ..retrospective import RetrospectiveIncidentProvider
from ..services import CAPABILITIES

Inputs = MaintenanceInputs | IncidentInputs | RetrospectiveInputs
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
    """Whether subscribers are mailed. None: that is not known before `up`."""

    @property
    def is_public(self) -> bool:
        return self.what in ("announce", "post")


class Look(Protocol):
    """Reads of a real page. Each answers None for what is not there, and raises Unforeseen where it cannot be asked."""

    def maintenance(self, id_: str) -> Maintenance | None: ...
    def incident(self, service: str, id_: str) -> Incident | None: ...
    def components(self, status_page_id: str) -> list[Component]: ...


class StandIn:
    """Shows what is believed of each object, or what a real page shows, and notes what it is asked to do.

    `mailing` tells of a window whether the service's own updates of it mail: those of a window whose create mailed do
    (the API's rule).
    """

    def __init__(self, now: datetime, look: Look | None = None) -> None:
        self.now = now
        self.acts: list[Act] = []
        self.mailing: dict[str, bool | None] = {}
        self._look = look
        self._objects: dict[str, Maintenance | Incident | None] = {}
        self._believed: dict[str, Maintenance | Incident] = {}
        self._services: dict[str, str] = {}
        self.service = "incident.io"
        """The service whose incidents are asked for."""
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
            first = recorded.notices[0] if recorded.notices and recorded.declared.adopt_id is None else None
            self.mailing[id_] = first.subscribers if first is not None else None
            self._components |= set(recorded.declared.affected_component_ids)
        else:
            self._believed[id_] = believed_incident(id_, recorded, self.now)
            self._services[id_] = recorded.declared.service

    def name_components(self, ids: Iterable[str]) -> None:
        """Take these components to be on the page, where it cannot be asked."""
        self._components |= set(ids)

    # what a maintenance service is asked

    def create_maintenance(
        self,
        declared: MaintenanceInputs,
        *,
        window: Window,
        maintenance_status: str,
        notify_subscribers: bool,
        idempotency_key: str,
    ) -> Maintenance:
        id_ = self._replays.setdefault(idempotency_key, f"new:{idempotency_key}")
        made = Maintenance(
            id=id_,
            name=declared.name,
            status_page_id=declared.status_page_id,
            published_at=self.now if id_ else self.now - JUST_MADE,
            updates=[self._entry(declared.message, maintenance_status=maintenance_status)],
            maintenance_status=maintenance_status,
            automate_maintenance_status=declared.automate_maintenance_status,
            component_maintenance_periods=_periods(declared.affected_component_ids, window),
        )
        if id_.startswith("new:") and id_ not in self._objects:
            self._objects[id_] = made
            self.mailing[id_] = notify_subscribers
            self._note(
                "announce", id_, made.name, declared.message, maintenance_status, window, mails=notify_subscribers
            )
        return made

    def list_maintenances(self, status_page_id: str) -> list[Maintenance]:
        return [one for one in self._all() if isinstance(one, Maintenance) and one.status_page_id == status_page_id]

    def show_maintenance(self, maintenance_id: str) -> Maintenance | None:
        found = self._show(maintenance_id)
        return found if isinstance(found, Maintenance) else None

    def show_components(self, status_page_id: str) -> list[Component]:
        with contextlib.suppress(Unforeseen):
            if self._look is not None:
                return self._look.components(status_page_id)
        return [Component(id=id_, name=id_) for id_ in sorted(self._components)]

    def update_maintenance(self, maintenance_id: str, name: str, window: Window) -> Maintenance:
        before = self._there(maintenance_id)
        assert isinstance(before, Maintenance)
        moved = {"start_at": window[0], "end_at": window[1]}
        periods = [
            period if _is_released(period, self.now) else period.model_copy(update=moved)
            for period in before.component_maintenance_periods
        ]
        after = before.model_copy(update={"name": name, "component_maintenance_periods": periods})
        self._objects[maintenance_id] = after
        self._note("change", maintenance_id, name, window=window)
        return after

    def delete_maintenance(self, maintenance_id: str) -> None:
        found = self._show(maintenance_id)
        if found is not None:
            self._note("delete", maintenance_id, found.name)
        self._objects[maintenance_id] = None

    def create_maintenance_update(
        self,
        maintenance_id: str,
        message: str,
        *,
        status: str | None,
        component_statuses: ComponentStatuses | None,
        notify_subscribers: bool,
    ) -> Update:
        before = self._there(maintenance_id)
        assert isinstance(before, Maintenance)
        moved: dict[str, Any] = {"component_maintenance_periods": _told(before, component_statuses or [], self.now)}
        if status:
            # A published status turns the service's automation off (the API's rule).
            moved |= {"maintenance_status": status, "automate_maintenance_status": False}
        entry = self._entry(message, maintenance_status=status, component_statuses=component_statuses or [])
        return self._posted(maintenance_id, entry, moved, status, component_statuses, notify_subscribers)

    # what an incident service is asked

    def create_incident(self, declared: IncidentInputs, *, idempotency_key: str) -> Incident:
        id_ = self._replays.setdefault(idempotency_key, f"new:{idempotency_key}")
        if id_ in self._believed and not CAPABILITIES[declared.service].keyed_creates:
            raise Unforeseen(f"whether {declared.service} finds the incident again, which has no keys for that")
        status = declared.incident_status
        made = Incident(
            id=id_,
            name=declared.name,
            status_page_id=declared.status_page_id,
            component_id=declared.component_id,
            published_at=self.now if id_ else self.now - JUST_MADE,
            updates=[self._entry(declared.message, incident_status=status)],
            incident_status=status,
            component_impacts=_impacts([] if status == "resolved" else declared.component_statuses, self.now),
        )
        if id_.startswith("new:") and id_ not in self._objects:
            self._objects[id_] = made
            statuses = None if status == "resolved" else declared.component_statuses
            mails = declared.notify_subscribers
            self._note("announce", id_, made.name, declared.message, status, statuses=statuses, mails=mails)
        return made

    def list_incidents(self, status_page_id: str) -> list[Incident]:
        return [one for one in self._all() if isinstance(one, Incident) and one.status_page_id == status_page_id]

    def create_retrospective_incident(self, declared: RetrospectiveInputs, *, idempotency_key: str) -> Incident:
        # It is published with its whole timeline, and the service mails nobody of it.
        last = declared.updates[-1]
        made = Incident(
            id=self._replays.setdefault(idempotency_key, f"new:{idempotency_key}"),
            name=declared.name,
            status_page_id=declared.status_page_id,
            published_at=self.now,
            updates=[Update(id=f"past-{place}", **entry) for place, entry in enumerate(declared.updates)],
            incident_status=last["incident_status"],
        )
        if made.id not in self._objects:
            self._objects[made.id] = made
            self._note("announce", made.id, made.name, None, made.incident_status)
        return made

    def show_incident(self, incident_id: str) -> Incident | None:
        self._services.setdefault(incident_id, self.service)
        found = self._show(incident_id)
        return found if isinstance(found, Incident) else None

    def update_incident(self, incident_id: str, name: str) -> Incident:
        before = self._there(incident_id)
        assert isinstance(before, Incident)
        self._objects[incident_id] = after = before.model_copy(update={"name": name})
        self._note("change", incident_id, name)
        return after

    def delete_incident(self, incident_id: str) -> None:
        self.delete_maintenance(incident_id)

    def create_incident_update(
        self,
        incident_id: str,
        message: str,
        *,
        status: str | None,
        component_statuses: ComponentStatuses | None,
        notify_subscribers: bool,
    ) -> Update:
        before = self._there(incident_id)
        assert isinstance(before, Incident)
        moved: dict[str, Any] = {"incident_status": status} if status else {}
        there = before.component_statuses | {
            item["component_id"]: item["component_status"] for item in component_statuses or []
        }
        left = (
            [] if status == "resolved" else [{"component_id": key, "component_status": it} for key, it in there.items()]
        )
        moved["component_impacts"] = _impacts(left, self.now)
        entry = self._entry(message, incident_status=status, component_statuses=component_statuses or [])
        return self._posted(incident_id, entry, moved, status, component_statuses, notify_subscribers)

    # shared steps

    def _posted(
        self,
        id_: str,
        entry: Update,
        moved: dict[str, Any],
        status: str | None,
        component_statuses: ComponentStatuses | None,
        mails: bool,
    ) -> Update:
        before = self._there(id_)
        self._objects[id_] = before.model_copy(update={**moved, "updates": [*before.updates, entry]})
        self._note("post", id_, before.name, entry.message, status, statuses=component_statuses, mails=mails)
        return entry

    def _show(self, id_: str) -> Maintenance | Incident | None:
        if not id_ or id_ in self._objects:
            return self._objects.get(id_)
        if self._look is not None:
            with contextlib.suppress(Unforeseen):
                service = self._services.get(id_)
                self._objects[id_] = (
                    self._look.maintenance(id_) if service is None else self._look.incident(service, id_)
                )
                return self._objects[id_]
        if id_ not in self._believed:
            raise Unforeseen(f"what {id_} shows")
        return self._believed[id_]

    def _all(self) -> list[Maintenance | Incident]:
        return [one for one in {**self._believed, **self._objects}.values() if one is not None]

    def _there(self, id_: str) -> Maintenance | Incident:
        found = self._show(id_)
        if found is None:
            raise NotFound(f"there is no {id_}", status=404)
        return found

    def _entry(self, message: str, **status: Any) -> Update:
        return Update(id=f"entry-{len(self.acts)}", message=message, published_at=self.now, **status)

    def _note(
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


def believed_maintenance(id_: str, recorded: MaintenanceState, now: datetime) -> Maintenance:
    """The window as state and clock tell it, unread."""
    return Maintenance(
        id=id_,
        name=recorded.declared.name,
        status_page_id=recorded.declared.status_page_id,
        published_at=now,
        updates=_entries(recorded.notices, recorded.last_update_id, recorded.declared.message, now),
        maintenance_status=STATUSES[believed_phase(recorded, now)],
        automate_maintenance_status=recorded.automated,
        component_maintenance_periods=_periods(_held(recorded.declared), recorded.window),
    )


def believed_incident(id_: str, recorded: IncidentState, now: datetime) -> Incident:
    """The incident as state tells it: nothing but a person or a program moves it."""
    return Incident(
        id=id_,
        name=recorded.declared.name,
        status_page_id=recorded.declared.status_page_id,
        component_id=recorded.declared.component_id,
        published_at=now,
        updates=_entries(recorded.notices, recorded.last_update_id, recorded.declared.message, now),
        incident_status=recorded.phase,
        component_impacts=_impacts([] if recorded.phase == "resolved" else recorded.declared.component_statuses, now),
    )


def _entries(notices: Iterable[Notice], last: str | None, message: str, now: datetime) -> list[Update]:
    # State does not keep the texts. The last one is that of the last `up`, and the others are never compared. Of an
    # incident the first one's event is the status with which it was opened.
    entries = {notice.update_id: notice.event for notice in notices if notice.update_id}
    entries |= {last: ""} if last and last not in entries else {}
    return [
        Update(id=id_, message=message, published_at=now, incident_status=event if event in INCIDENT_ORDER else None)
        for id_, event in entries.items()
    ]


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


class Windows(MaintenanceProvider):
    """The provider of windows, as `up` runs it, on the stand-in."""

    def __init__(self, service: StandIn) -> None:
        self._stand_in = service

    def now(self) -> datetime:
        return self._stand_in.now

    def _service(self, *_: Any) -> StandIn:
        return self._stand_in


class Incidents(IncidentProvider):
    """The provider of incidents, likewise."""

    def __init__(self, service: StandIn) -> None:
        self._stand_in = service

    def now(self) -> datetime:
        return self._stand_in.now

    def _service(self, declared: IncidentInputs) -> StandIn:
        self._stand_in.service = declared.service
        return self._stand_in

    def _deletions(self, *_: Any) -> StandIn:
        return self._stand_in


class Retrospectives(RetrospectiveIncidentProvider):
    """The provider of past incidents, likewise."""

    def __init__(self, service: StandIn) -> None:
        self._stand_in = service

    def now(self) -> datetime:
        return self._stand_in.now

    def _service(self, *_: Any) -> StandIn:
        return self._stand_in


@contextlib.contextmanager
def process() -> Iterator[None]:
    """A run of its own: providers remember within one process what the run has decided."""
    RUN.forget()
    try:
        yield
    finally:
        RUN.forget()


@contextlib.contextmanager
def heard(lines: list[str]) -> Iterator[None]:
    """Collect what the providers would tell the user."""
    spoken = io.StringIO()
    try:
        with contextlib.redirect_stdout(spoken):
            yield
    finally:
        lines += [line.removeprefix("statuspage: ") for line in spoken.getvalue().splitlines() if line]
