"""The rules of incident.io's Status Pages V2 API, on plain data: no HTTP here. docs/emulator.md has their sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ..clock import Clock, rfc3339
from ..errors import Invalid, NotFound
from ..mail import Mail
from ..stale_reads import Lag
from ..store import Store
from . import bodies
from .availability import availability_percent
from .ids import Ids, is_ulid
from .objects import (
    COMPLETE,
    IN_PROGRESS,
    SCHEDULED,
    Affected,
    Component,
    Event,
    Impact,
    Incident,
    Maintenance,
    Page,
    Period,
    Replay,
    Span,
    Update,
)
from .rate_limit import Bucket

LONGEST_AVAILABILITY = timedelta(days=366)

E = TypeVar("E", Incident, Maintenance)
Wire = dict[str, Any]


class IncidentIO:
    """One method a call. Each checks everything first and changes something after, so a refusal leaves no trace."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, mail: Mail, lag: Lag) -> None:
        self._store, self._clock, self._ids, self._mail, self._lag = store, clock, ids, mail, lag
        self._buckets: dict[str, Bucket] = {}

    # pages

    def list_pages(self, paging: bodies.Paging) -> tuple[list[Page], Wire]:
        return _one_page(list(self._store.pages.values()), paging, newest_first=False)

    def page(self, page_id: str) -> Page:
        return _found(self._store.pages, page_id, "status page")

    def availability(self, page_id: str, component_id: str, window: bodies.AvailabilityWindow) -> Wire:
        page = self.page(page_id)
        if component_id not in page.component_ids():
            raise NotFound(f"There is no component {component_id} on this status page")
        _check_order(window.start_at, window.end_at)
        if window.end_at - window.start_at > LONGEST_AVAILABILITY:
            raise Invalid.at("/end_at", "end_at must be at most 366 days after start_at")
        wire = {
            "component_id": component_id,
            "status_page_id": page.id,
            "start_at": rfc3339(window.start_at),
            "end_at": rfc3339(window.end_at),
            "data_available_since": rfc3339(page.since),
        }
        now = self._clock.now()
        impacts = [
            impact
            for incident in self._store.incidents.values()
            if incident.page_id == page.id
            for impact in incident.impacts
            if impact.component_id == component_id
        ]
        percent = availability_percent(impacts, max(window.start_at, page.since), min(window.end_at, now))
        return wire if percent is None else {**wire, "availability_percent": percent}

    # incidents

    def create_incident(self, body: bodies.CreateIncident) -> Wire:
        def create() -> Wire:
            page = self._page_named(body.status_page_id)
            self._mail.refuse_if_too_many(page, body.notify_subscribers)
            _check_statuses(page, body, closing=body.incident_status == "resolved")
            now = self._clock.now()
            incident = Incident(
                id=self._next_id(), page_id=page.id, name=body.name, published_at=now, updates=[], impacts=[]
            )
            self._add_incident_update(incident, body.incident_status, body.message, now, body.component_statuses)
            return self._created(page, incident, body.notify_subscribers)

        return self._once("incidents", body.idempotency_key, create)

    def count_retrospective(self, key: str) -> None:
        """Backfill has a rate limit of its own for each key; refused requests count too."""
        self._buckets.setdefault(key, Bucket("status_page_retrospective_incidents", 300, 5)).take(self._clock.now())

    def forget_limits(self) -> None:
        self._buckets.clear()

    def create_retrospective(self, body: bodies.CreateRetrospective) -> Wire:
        def create() -> Wire:
            page = self._page_named(body.status_page_id)
            _check_timeline(page, body.updates, self._clock.now())
            first = body.updates[0].published_at
            incident = Incident(
                id=self._next_id(), page_id=page.id, name=body.name, published_at=first, updates=[], impacts=[]
            )
            for told in body.updates:
                self._add_incident_update(
                    incident, told.incident_status, told.message, told.published_at, told.component_statuses
                )
            return self._created(page, incident, notify=False)

        return self._once("retrospectives", body.idempotency_key, create)

    def list_incidents(self, wanted: bodies.EventFilter) -> tuple[list[Incident], Wire]:
        return self._list(Incident, wanted)

    def incident(self, incident_id: str) -> Incident:
        """The incident as a read sees it."""
        return _checked(self._lag.find(Incident, incident_id), incident_id, "status page incident")

    def _true_incident(self, incident_id: str) -> Incident:
        return _found(self._store.incidents, incident_id, "status page incident")

    def change_incident(self, incident_id: str, body: bodies.ChangeIncident) -> Wire:
        incident = self._true_incident(incident_id)
        self._lag.changing(incident)
        incident.name = body.name
        return self._store.save(incident).to_wire(self._store.differences)

    def update_incident(self, body: bodies.CreateIncidentUpdate) -> Wire:
        incident = self._true_incident(body.status_page_incident_id)
        page = self._store.pages[incident.page_id]
        status = body.incident_status or incident.status
        _check_room(incident)
        self._mail.refuse_if_too_many(page, body.notify_subscribers)
        _check_statuses(page, body, closing=status == "resolved")
        self._lag.changing(incident)
        now = self._clock.now()
        update = self._add_incident_update(incident, status, body.message, now, body.component_statuses)
        self._published(page, incident, body.notify_subscribers)
        return incident.update_to_wire(update, self._store.differences)

    # maintenance windows

    def create_maintenance(self, body: bodies.CreateMaintenance) -> Wire:
        def create() -> Wire:
            page = self._page_named(body.status_page_id)
            _check_order(body.start_at, body.end_at)
            _check_components(page, body.affected_component_ids, "/affected_component_ids/{}")
            self._mail.refuse_if_too_many(page, body.notify_subscribers)
            now = self._clock.now()
            window = Maintenance(
                id=self._next_id(),
                page_id=page.id,
                name=body.name,
                published_at=now,
                start_at=body.start_at,
                end_at=body.end_at,
                automate=body.automate_maintenance_status,
                notify=body.notify_subscribers,
                changed_at=now,
                updates=[],
                periods=[
                    Period(component_id=component, start_at=body.start_at, end_at=body.end_at)
                    for component in body.affected_component_ids
                ],
            )
            told = "operational" if body.maintenance_status == COMPLETE else "under_maintenance"
            statuses = [Affected(component_id=key, component_status=told) for key in body.affected_component_ids]
            self._add_update(window, body.maintenance_status, body.message, now, statuses)
            if window.status == IN_PROGRESS and self._store.differences.early_starts:
                window.begin_periods(now)
            if window.over and now < window.end_at:
                window.end_periods(now)
            return self._created(page, window, body.notify_subscribers)

        return self._once("maintenances", body.idempotency_key, create)

    def list_maintenances(self, wanted: bodies.EventFilter) -> tuple[list[Maintenance], Wire]:
        return self._list(Maintenance, wanted)

    def maintenance(self, maintenance_id: str) -> Maintenance:
        """The window as a read sees it."""
        return _checked(self._lag.find(Maintenance, maintenance_id), maintenance_id, "status page maintenance window")

    def _true_window(self, maintenance_id: str) -> Maintenance:
        return _found(self._store.maintenances, maintenance_id, "status page maintenance window")

    def change_maintenance(self, maintenance_id: str, body: bodies.ChangeMaintenance) -> Wire:
        window = self._true_window(maintenance_id)
        _check_order(body.start_at, body.end_at)
        self._lag.changing(window)
        window.name, window.start_at, window.end_at = body.name, body.start_at, body.end_at
        for period in window.held():
            period.start_at, period.end_at = body.start_at, body.end_at
        window.changed_at = self._clock.now()
        return self._store.save(window).to_wire(self._store.differences)

    def delete_maintenance(self, maintenance_id: str) -> None:
        window = self._true_window(maintenance_id)
        self._lag.changing(window)
        self._store.remove(window)

    def update_maintenance(self, body: bodies.CreateMaintenanceUpdate) -> Wire:
        window = self._true_window(body.status_page_maintenance_id)
        page = self._store.pages[window.page_id]
        before, was_over = window.status, window.over
        status = body.maintenance_status or window.status
        _check_room(window)
        self._mail.refuse_if_too_many(page, body.notify_subscribers)
        _check_statuses(page, body, closing=status == COMPLETE)
        self._lag.changing(window)
        now = self._clock.now()
        statuses = _affected(body.component_statuses)
        if status == COMPLETE and not was_over:
            statuses = [
                Affected(component_id=held.component_id, component_status="operational") for held in window.held()
            ]
        update = self._add_update(window, status, body.message, now, statuses)
        if body.maintenance_status is not None:
            window.automate = False
        if window.over and not was_over:
            window.end_periods(now)
        elif was_over and not window.over:
            for period in window.held():
                period.end_at = max(window.end_at, now)
        if status == SCHEDULED != before:
            for period in window.held():
                period.start_at = window.start_at
        elif status == IN_PROGRESS != before and self._store.differences.early_starts:
            window.begin_periods(now)
        _apply_periods(window, body.component_statuses, now)
        window.changed_at = now
        self._published(page, window, body.notify_subscribers)
        return window.update_to_wire(update, self._store.differences)

    # shared steps

    def _next_id(self) -> str:
        return self._ids.next(self._clock.now())

    def _page_named(self, page_id: str) -> Page:
        """The page a body names: a reference, so an unknown one is an invalid field and not a missing object."""
        if page_id not in self._store.pages:
            raise Invalid.at("/status_page_id", f"status_page_id: there is no status page {page_id}", "not_found")
        return self._store.pages[page_id]

    def _once(self, call: str, key: str, create: Callable[[], Wire]) -> Wire:
        """The answer this key got the first time, whatever became of the object since; else a new one."""
        replay_id = f"{call} {key}"
        if replay_id not in self._store.replays:
            self._store.save(Replay(id=replay_id, response=create()))
        return self._store.replays[replay_id].response

    def _created(self, page: Page, event: Incident | Maintenance, notify: bool) -> Wire:
        self._lag.created(event)
        return self._published(page, event, notify)

    def _published(self, page: Page, event: Event, notify: bool) -> Wire:
        self._store.save(event)
        if notify:
            self._mail.announce(page, event)
        return event.to_wire(self._store.differences)

    def _add_update(self, event: Event, status: str, message: str, at: datetime, statuses: list[Affected]) -> Update:
        update = Update(
            id=self._next_id(),
            status=status,
            message=self._store.differences.rendered(message),
            published_at=at,
            component_statuses=statuses,
        )
        event.updates.append(update)
        return update

    def _add_incident_update(
        self,
        incident: Incident,
        status: str,
        message: str,
        at: datetime,
        told: Sequence[bodies.IncidentComponent],
    ) -> Update:
        """Add to the timeline and move the impacts along: a component's new status ends the one before."""
        open_now = {impact.component_id: impact for impact in incident.open_impacts()}
        statuses = _affected(told)
        if status == "resolved":
            statuses = [Affected(component_id=key, component_status="operational") for key in open_now]
            for impact in open_now.values():
                impact.end_at = at
        for component in told:
            before = open_now.get(component.component_id)
            if before is not None and before.component_status != component.component_status:
                before.end_at = at
            if component.component_status != "operational" and (before is None or before.end_at is not None):
                impact = Impact(
                    component_id=component.component_id, component_status=component.component_status, start_at=at
                )
                incident.impacts.append(impact)
        return self._add_update(incident, status, message, at, statuses)

    def _list(self, model: type[E], wanted: bodies.EventFilter) -> tuple[list[E], Wire]:
        page = self.page(wanted.status_page_id)
        components = _wanted_components(page, wanted)
        if wanted.start_at and wanted.end_at:
            _check_order(wanted.start_at, wanted.end_at, or_same=True)
        differences = self._store.differences
        return _one_page(
            [
                event
                for event in self._lag.listed(model, page.id)
                if _impacts_match(event.shown_spans(differences), components, wanted.start_at, wanted.end_at)
            ],
            wanted,
            newest_first=True,
        )


R = TypeVar("R", Page, Incident, Maintenance)
L = TypeVar("L", bound="Page | Event")


def _found(table: dict[str, R], key: str, what: str) -> R:
    return _checked(table.get(key), key, what)


def _checked(found: R | None, key: str, what: str) -> R:
    if found is None:
        raise NotFound(f"There is no {what} {key}")
    return found


def _one_page(records: list[L], paging: bodies.Paging, *, newest_first: bool) -> tuple[list[L], Wire]:
    """One page of records, and the cursor of the next. Ids sort by age, so a cursor outlives its record."""
    if paging.after is not None:
        after = paging.after
        if not is_ulid(after):
            raise Invalid.at("/after", "after must be a record's ID")
        records = [record for record in records if (record.id < after if newest_first else record.id > after)]
    if newest_first:
        records = records[::-1]
    shown = records[: paging.page_size]
    meta: Wire = {"page_size": paging.page_size}
    if len(records) > len(shown):
        meta["after"] = shown[-1].id
    return shown, meta


def _check_order(start_at: datetime, end_at: datetime, *, or_same: bool = False) -> None:
    if end_at < start_at or (end_at == start_at and not or_same):
        raise Invalid.at("/end_at", "end_at must be after start_at")


def _check_room(event: Event) -> None:
    if len(event.updates) >= bodies.MOST_UPDATES:
        raise Invalid(f"This {event.kind} already has {bodies.MOST_UPDATES} updates, the most it can have")


def _check_components(page: Page, ids: Sequence[str], pointer: str) -> None:
    known, seen = page.component_ids(), set[str]()
    for number, component in enumerate(ids):
        if component not in known:
            reason = f"There is no component {component} on this status page"
            raise Invalid.at(pointer.format(number), reason, "not_found")
        if component in seen:
            raise Invalid.at(pointer.format(number), f"Component {component} is listed twice")
        seen.add(component)


HasStatuses = (
    bodies.CreateIncident | bodies.CreateIncidentUpdate | bodies.RetrospectiveUpdate | bodies.CreateMaintenanceUpdate
)


def _check_statuses(page: Page, body: HasStatuses, *, closing: bool, at: str = "") -> None:
    """Statuses name components of the page, once each; at the end there are none, as all become operational."""
    pointer = f"{at}/component_statuses"
    if closing and body.says("component_statuses"):
        reason = "component_statuses must not be set when resolved or complete: every component becomes operational"
        raise Invalid.at(pointer, reason)
    ids = [component.component_id for component in body.component_statuses]
    _check_components(page, ids, pointer + "/{}/component_id")


def _check_timeline(page: Page, updates: Sequence[bodies.RetrospectiveUpdate], now: datetime) -> None:
    for number, update in enumerate(updates):
        at = f"/updates/{number}"
        if update.published_at >= now:
            raise Invalid.at(f"{at}/published_at", "published_at must be in the past")
        if number and update.published_at < updates[number - 1].published_at:
            raise Invalid.at(f"{at}/published_at", "updates must be in chronological order, earliest first")
        _check_statuses(page, update, closing=False, at=at)
        if update.incident_status == "resolved":
            _check_all_operational(update, at)
    if updates[-1].incident_status != "resolved":
        raise Invalid.at(f"/updates/{len(updates) - 1}/incident_status", "The final update must be resolved")


def _check_all_operational(update: bodies.RetrospectiveUpdate, at: str) -> None:
    """A past entry may say what resolving does: every component becomes operational. It may not say otherwise."""
    for number, component in enumerate(update.component_statuses):
        if component.component_status != "operational":
            pointer = f"{at}/component_statuses/{number}/component_status"
            raise Invalid.at(pointer, "component_status must be operational where the incident is resolved")


def _affected(told: Sequence[bodies.IncidentComponent | bodies.MaintenanceComponent]) -> list[Affected]:
    return [Affected(**component.model_dump()) for component in told]


def _apply_periods(window: Maintenance, told: Sequence[bodies.MaintenanceComponent], now: datetime) -> None:
    """Let components out of the window, or take more in. One let out before its start was never in it."""
    for component in told:
        held = next((period for period in window.held() if period.component_id == component.component_id), None)
        if component.component_status == "under_maintenance" and held is None:
            started = window.start_at if window.status == SCHEDULED else now
            end = max(started, window.end_at)
            window.periods.append(Period(component_id=component.component_id, start_at=started, end_at=end))
        elif component.component_status == "operational" and held is not None:
            if held.start_at >= now:
                window.periods.remove(held)
            else:
                held.end_at, held.released = now, True


def _wanted_components(page: Page, wanted: bodies.EventFilter) -> set[str] | None:
    """The components a list is narrowed to; None when it is not."""
    narrowed: set[str] | None = None
    placed = list(page.placed())
    for field, key, ids in (
        ("component_id", wanted.component_id, [(place.component, place.component) for place in placed]),
        ("group_id", wanted.group_id, [(place.group, place.component) for place in placed]),
        ("sub_page_id", wanted.sub_page_id, [(place.sub_page, place.component) for place in placed]),
    ):
        if key is None:
            continue
        matching = _ids_within(key, ids)
        if not matching:
            raise Invalid.at(f"/{field}", f"{field}: there is no {key} on this status page", "not_found")
        narrowed = matching if narrowed is None else narrowed & matching
    return narrowed


def _ids_within(key: str, ids: Sequence[tuple[Any, Component]]) -> set[str]:
    return {component.id for place, component in ids if place is not None and place.id == key}


def _impacts_match(spans: Sequence[Span], ids: set[str] | None, start: datetime | None, end: datetime | None) -> bool:
    """Whether one of an event's spans touched such a component at such a time; without a filter, always."""
    if ids is None and start is None and end is None:
        return True
    return any(
        (ids is None or span.component_id in ids)
        and (start is None or span.end_at is None or span.end_at >= start)
        and (end is None or span.start_at <= end)
        for span in spans
    )
