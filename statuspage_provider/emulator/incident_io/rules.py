"""The rules of incident.io's Status Pages V2 API, without HTTP. docs/emulator.md has their sources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ..clock import Clock, rfc3339
from ..differences import Differences
from ..errors import Invalid, NotFound, found
from ..stale_reads import StaleReads
from ..store import Store
from ..validation import check_order
from . import bodies, checks, lists
from .automation import Automation
from .availability import availability_percent
from .ids import Ids
from .objects import (
    COMPLETE,
    IN_PROGRESS,
    OPERATIONAL,
    RESOLVED,
    UNDER_MAINTENANCE,
    Affected,
    Event,
    Incident,
    Maintenance,
    Period,
    Replay,
    Update,
    all_with,
)
from .pages import Page, default_page, free_slug, new_page
from .rate_limit import Bucket
from .timeline import Timeline

LONGEST_AVAILABILITY = timedelta(days=366)

E = TypeVar("E", Incident, Maintenance)
Wire = dict[str, Any]


class IncidentIO:
    """One method for each call. It checks everything before it changes anything, so a refusal leaves no trace."""

    def __init__(self, store: Store, clock: Clock, stale_reads: StaleReads) -> None:
        self._store, self._clock, self._stale_reads = store, clock, stale_reads
        self.pages, self.replays = store.table(Page), store.table(Replay)
        self.incidents, self.maintenances = store.table(Incident), store.table(Maintenance)
        self._ids = Ids(store, clock)
        self._timeline = Timeline(store, self._ids)
        self.automation = Automation(store, clock, self._timeline)
        self._buckets: dict[str, Bucket] = {}
        self.start()

    def start(self) -> None:
        """Full rate limits, and the default page if there is no page."""
        self._buckets.clear()
        if not self.pages:
            self._store.save(default_page())

    @property
    def differences(self) -> Differences:
        return self._store.differences

    # pages

    def list_pages(self, paging: bodies.Paging) -> tuple[list[Page], Wire]:
        return lists.one_page(list(self.pages.values()), paging, newest_first=False)

    def page(self, page_id: str) -> Page:
        return found(self.pages.get(page_id), f"status page {page_id}")

    def page_with_slug(self, slug: str) -> Page:
        return found(next((page for page in self.pages.values() if page.slug == slug), None), f"status page {slug}")

    def add_page(self, new: bodies.NewPage) -> Page:
        slugs = {page.slug for page in self.pages.values()}
        if new.slug in slugs:
            raise Invalid.at("/slug", f"slug: {new.slug} is taken")
        slug = new.slug or free_slug(new.name, slugs)
        return self._store.save(new_page(new, slug, self._clock.now(), self._ids.next))

    def availability(self, page_id: str, component_id: str, time: bodies.AvailabilityTime) -> Wire:
        page = self.page(page_id)
        if component_id not in page.component_ids():
            raise NotFound(f"There is no component {component_id} on this status page")
        check_order(time.start_at, time.end_at)
        if time.end_at - time.start_at > LONGEST_AVAILABILITY:
            raise Invalid.at("/end_at", "end_at must be at most 366 days after start_at")
        wire = {
            "component_id": component_id,
            "status_page_id": page.id,
            "start_at": rfc3339(time.start_at),
            "end_at": rfc3339(time.end_at),
            "data_available_since": rfc3339(page.since),
        }
        impacts = [
            impact
            for incident in self.incidents.values()
            if incident.page_id == page.id
            for impact in incident.impacts
            if impact.component_id == component_id
        ]
        start, end = max(time.start_at, page.since), min(time.end_at, self._clock.now())
        percent = availability_percent(impacts, start, end)
        return wire if percent is None else {**wire, "availability_percent": percent}

    # incidents

    def create_incident(self, body: bodies.CreateIncident) -> Wire:
        def create() -> Wire:
            page = self._page_named(body.status_page_id)
            checks.check_recipients(page, body.notify_subscribers)
            checks.check_statuses(page, body, closing=body.incident_status == RESOLVED)
            now = self._clock.now()
            incident = self._new_incident(page, body.name, now)
            self._add_update(incident, body.incident_status, body.message, now, body.component_statuses)
            return self._created(incident, notify=body.notify_subscribers)

        return self._once("incidents", body.idempotency_key, create)

    def count_retrospective(self, key: str) -> None:
        """Retrospectives have a rate limit of their own for each key. Refused requests count too."""
        self._buckets.setdefault(key, Bucket("status_page_retrospective_incidents", 300, 5)).take(self._clock.now())

    def create_retrospective(self, body: bodies.CreateRetrospective) -> Wire:
        def create() -> Wire:
            page = self._page_named(body.status_page_id)
            checks.check_timeline(page, body.updates, self._clock.now())
            incident = self._new_incident(page, body.name, body.updates[0].published_at)
            for one in body.updates:
                self._add_update(incident, one.incident_status, one.message, one.published_at, one.component_statuses)
            return self._created(incident, notify=False)

        return self._once("retrospectives", body.idempotency_key, create)

    def list_incidents(self, wanted: bodies.EventFilter) -> tuple[list[Incident], Wire]:
        return self._list(Incident, wanted)

    def incident(self, incident_id: str) -> Incident:
        """The incident as a read sees it."""
        return found(self._stale_reads.find(Incident, incident_id), f"status page incident {incident_id}")

    def _true_incident(self, incident_id: str) -> Incident:
        return found(self.incidents.get(incident_id), f"status page incident {incident_id}")

    def change_incident(self, incident_id: str, body: bodies.ChangeIncident) -> Wire:
        incident = self._true_incident(incident_id)
        self._stale_reads.changing(incident)
        incident.name = body.name
        return self._store.save(incident).to_wire(self.differences)

    def update_incident(self, body: bodies.CreateIncidentUpdate) -> Wire:
        incident = self._true_incident(body.status_page_incident_id)
        status = body.incident_status or incident.status
        self._check_update(incident, body, closing=status == RESOLVED)
        self._stale_reads.changing(incident)
        update = self._add_update(incident, status, body.message, self._clock.now(), body.component_statuses)
        self._timeline.publish(incident, notify=body.notify_subscribers)
        return incident.update_to_wire(update, self.differences)

    def _new_incident(self, page: Page, name: str, at: datetime) -> Incident:
        return Incident(id=self._ids.next(), page_id=page.id, name=name, published_at=at, updates=[], impacts=[])

    def _add_update(
        self,
        incident: Incident,
        status: str,
        message: str,
        at: datetime,
        components: Sequence[bodies.IncidentComponent],
    ) -> Update:
        affected = incident.change_impacts(status, _affected(components), at)
        return self._timeline.add(incident, status, message, at, affected)

    # maintenance windows

    def create_maintenance(self, body: bodies.CreateMaintenance) -> Wire:
        def create() -> Wire:
            page = self._page_named(body.status_page_id)
            check_order(body.start_at, body.end_at)
            checks.check_components(page, body.affected_component_ids, "/affected_component_ids/{}")
            checks.check_recipients(page, body.notify_subscribers)
            now = self._clock.now()
            window = Maintenance(
                id=self._ids.next(),
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
            component_status = OPERATIONAL if body.maintenance_status == COMPLETE else UNDER_MAINTENANCE
            affected = all_with(component_status, body.affected_component_ids)
            self._timeline.add(window, body.maintenance_status, body.message, now, affected)
            if window.status == IN_PROGRESS and self.differences.early_starts:
                window.begin_periods(now)
            if window.over and now < window.end_at:
                window.end_periods(now)
            return self._created(window, notify=body.notify_subscribers)

        return self._once("maintenances", body.idempotency_key, create)

    def list_maintenances(self, wanted: bodies.EventFilter) -> tuple[list[Maintenance], Wire]:
        return self._list(Maintenance, wanted)

    def maintenance(self, maintenance_id: str) -> Maintenance:
        """The window as a read sees it."""
        window = self._stale_reads.find(Maintenance, maintenance_id)
        return found(window, f"status page maintenance window {maintenance_id}")

    def _true_window(self, maintenance_id: str) -> Maintenance:
        return found(self.maintenances.get(maintenance_id), f"status page maintenance window {maintenance_id}")

    def change_maintenance(self, maintenance_id: str, body: bodies.ChangeMaintenance) -> Wire:
        window = self._true_window(maintenance_id)
        check_order(body.start_at, body.end_at)
        self._stale_reads.changing(window)
        window.name = body.name
        window.plan(body.start_at, body.end_at)
        window.changed_at = self._clock.now()
        return self._store.save(window).to_wire(self.differences)

    def delete_maintenance(self, maintenance_id: str) -> None:
        window = self._true_window(maintenance_id)
        self._stale_reads.changing(window)
        self._store.remove(window)

    def update_maintenance(self, body: bodies.CreateMaintenanceUpdate) -> Wire:
        window = self._true_window(body.status_page_maintenance_id)
        before = window.status
        status = body.maintenance_status or before
        self._check_update(window, body, closing=status == COMPLETE)
        self._stale_reads.changing(window)
        now, affected = self._clock.now(), _affected(body.component_statuses)
        shown = all_with(OPERATIONAL, window.held_ids()) if status == COMPLETE != before else affected
        update = self._timeline.add(window, status, body.message, now, shown)
        if body.maintenance_status is not None:
            window.automate = False
        window.follow_status(before, now, early_starts=self.differences.early_starts)
        window.change_components(affected, now)
        window.changed_at = now
        self._timeline.publish(window, notify=body.notify_subscribers)
        return window.update_to_wire(update, self.differences)

    # shared steps

    def _page_named(self, page_id: str) -> Page:
        """The page that a body names. An unknown one is an invalid field, not a missing object."""
        if page_id not in self.pages:
            raise Invalid.at("/status_page_id", f"status_page_id: there is no status page {page_id}", "not_found")
        return self.pages[page_id]

    def _once(self, call: str, key: str, create: Callable[[], Wire]) -> Wire:
        """The answer this key got the first time, whatever became of the object since. Else a new one."""
        replay_id = f"{call} {key}"
        if replay_id not in self.replays:
            self._store.save(Replay(id=replay_id, response=create()))
        return self.replays[replay_id].response

    def _created(self, event: Incident | Maintenance, *, notify: bool) -> Wire:
        self._stale_reads.created(event)
        self._timeline.publish(event, notify=notify)
        return event.to_wire(self.differences)

    def _check_update(
        self, event: Event, body: bodies.CreateIncidentUpdate | bodies.CreateMaintenanceUpdate, *, closing: bool
    ) -> None:
        page = self.pages[event.page_id]
        checks.check_room(event)
        checks.check_recipients(page, body.notify_subscribers)
        checks.check_statuses(page, body, closing=closing)

    def _list(self, model: type[E], wanted: bodies.EventFilter) -> tuple[list[E], Wire]:
        page = self.page(wanted.status_page_id)
        components = lists.wanted_components(page, wanted)
        start, end = wanted.start_at, wanted.end_at
        if start and end:
            check_order(start, end, or_same=True)
        differences = self.differences
        events = [
            event
            for event in self._stale_reads.listed(model, page.id)
            if lists.matches(event.shown_spans(differences), components, start, end)
        ]
        return lists.one_page(events, wanted, newest_first=True)


def _affected(components: Sequence[bodies.IncidentComponent | bodies.MaintenanceComponent]) -> list[Affected]:
    return [Affected(**component.model_dump()) for component in components]
