"""The rules of statuspage.me's API, without HTTP. docs/emulator.md has their sources."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import TypeVar

from .. import mail
from ..clock import Clock
from ..errors import Invalid, NotFound
from ..stale_reads import StaleReads
from ..store import Store
from ..validation import check_order
from . import bodies
from .objects import Answers, Event, Incident, Maintenance, Page, Stage, Update, default_page

E = TypeVar("E", Incident, Maintenance)
T = TypeVar("T")


class StatuspageMe:
    """One method for each call. It checks everything before it changes anything, so a refusal leaves no trace."""

    def __init__(self, store: Store, clock: Clock, stale_reads: StaleReads) -> None:
        self._store, self._clock, self._stale_reads = store, clock, stale_reads
        self.pages = store.table(Page)
        self.start()

    def start(self) -> None:
        """The default page, if there is no page."""
        if not self.pages:
            self._store.save(default_page())

    # incidents

    def list_incidents(self, wanted: bodies.ListIncidents) -> list[Incident]:
        return self._listed(Incident, wanted.status_page_id)[: wanted.limit]

    def incident(self, incident_id: str) -> Incident:
        return self._shown(Incident, incident_id)

    def create_incident(self, body: bodies.CreateIncident) -> Incident:
        page = self._page_named(body.status_page_id, body.component_id)
        stage = self._stage(body.incident_state_id, default="investigating")
        now = self._clock.now()
        incident = Incident(
            id=_new_id("inc"),
            page_id=page.id,
            component_id=body.component_id or None,
            title=body.title,
            message=self._rendered(body.message),
            stage=stage,
            created_at=now,
            updated_at=now,
            updates=[self._update(body.message, stage, now)],
        )
        self._created(incident)
        if body.notify_subscribers:
            self._mail(incident, incident.stage, update_id=incident.updates[0].id)
        return incident

    def change_incident(self, incident_id: str, body: bodies.ChangeIncident) -> Incident:
        """Change what the incident says of itself. Its timeline stays as it is."""
        incident = self._true(Incident, incident_id)
        stage = self._stage(body.incident_state_id, default=incident.stage)
        self._stale_reads.changing(incident)
        incident.stage = stage
        return self._changed(incident, body)

    def add_update(self, incident_id: str, body: bodies.CreateUpdate) -> Update:
        incident = self._true(Incident, incident_id)
        if body.message is None and body.incident_state_id is None:
            raise Invalid("message or incident_state_id is required")
        stage = self._stage(body.incident_state_id, default=incident.stage)
        self._stale_reads.changing(incident)
        now = self._clock.now()
        update = self._update(body.message, stage, now)
        incident.updates.append(update)
        incident.stage, incident.updated_at = stage, now
        self._store.save(incident)
        return update

    def delete_incident(self, incident_id: str) -> None:
        self._deleted(Incident, incident_id)

    # maintenance windows

    def list_maintenances(self, wanted: bodies.ListMaintenances) -> list[Maintenance]:
        differences, now = self._store.differences, self._clock.now()
        listed = self._listed(Maintenance, wanted.status_page_id)
        if not differences.past_windows:
            listed = [window for window in listed if window.end_at > now]
        return listed[: differences.list_limit or None]

    def maintenance(self, maintenance_id: str) -> Maintenance:
        return self._shown(Maintenance, maintenance_id)

    def create_maintenance(self, body: bodies.CreateMaintenance) -> Maintenance:
        page = self._page_named(body.status_page_id)
        check_order(body.start_at, body.end_at)
        self._check_end(body.end_at)
        now = self._clock.now()
        window = Maintenance(
            id=str(uuid.uuid4()),
            page_id=page.id,
            title=body.title,
            message=self._rendered(body.message),
            start_at=body.start_at,
            end_at=body.end_at,
            created_at=now,
            updated_at=now,
        )
        self._created(window)
        if body.notify_subscribers:
            self._mail(window, "created")
        return window

    def change_maintenance(self, maintenance_id: str, body: bodies.ChangeMaintenance) -> Maintenance:
        window = self._true(Maintenance, maintenance_id)
        start_at, end_at = body.start_at or window.start_at, body.end_at or window.end_at
        check_order(start_at, end_at)
        self._check_end(body.end_at)
        self._stale_reads.changing(window)
        window.start_at, window.end_at = start_at, end_at
        self._changed(window, body)
        if self._store.differences.mails_changes:
            self._mail(window, "changed")
        return window

    def delete_maintenance(self, maintenance_id: str) -> None:
        window = self._deleted(Maintenance, maintenance_id)
        if self._store.differences.mails_deletions:
            self._mail(window, "deleted")

    def _check_end(self, end_at: datetime | None) -> None:
        """A window is ended by a new end, so the present must do. Whether the past does is not documented."""
        if end_at is not None and end_at <= self._clock.now() and not self._store.differences.past_ends:
            raise Invalid.at("/end_at", "end_at must be in the future")

    # pages

    def list_pages(self) -> list[Page]:
        return list(self.pages.values())

    def page(self, page_id: str) -> Page:
        return _found(self.pages.get(page_id), f"status page {page_id}")

    # what control routes order

    def add_page(self, new: bodies.NewPage) -> Page:
        components = {_new_id("cmp"): name for name in new.components}
        page = Page(id=str(uuid.uuid4()), name=new.name, subscribers=new.subscribers, components=components)
        return self._store.save(page)

    @property
    def answers(self) -> Answers:
        return Answers.model_validate(self._store.settings.get("statuspage_me", {}))

    def set_answers(self, order: bodies.AnswersOrder) -> Answers:
        """Choose the form of answers, and the ids of the states."""
        now = self.answers
        states = {**now.states, **order.states}
        if len(set(states.values())) < len(states):
            raise Invalid.at("/states", "states: every state needs an id of its own")
        changed = {**order.model_dump(exclude_none=True), "states": states}
        self._store.set("statuspage_me", {**now.model_dump(), **changed})
        return self.answers

    # shared steps

    def _listed(self, model: type[E], page_id: str | None) -> list[E]:
        """As a list sees them, newest first."""
        if page_id is not None:
            self.page(page_id)
        return self._stale_reads.listed(model, page_id)[::-1]

    def _shown(self, model: type[E], key: str) -> E:
        """The object as a read sees it."""
        shown = self._stale_reads.find(model, key)
        return _found(None if self._store.differences.denied_shows else shown, f"{model.kind} {key}")

    def _true(self, model: type[E], key: str) -> E:
        """The object as a write sees it."""
        return _found(self._store.table(model).get(key), f"{model.kind} {key}")

    def _created(self, event: Event) -> None:
        self._stale_reads.created(event)
        self._store.save(event)

    def _changed(self, event: E, body: bodies.ChangeIncident | bodies.ChangeMaintenance) -> E:
        event.title = body.title or event.title
        event.message = self._rendered(body.message) or event.message
        event.updated_at = self._clock.now()
        return self._store.save(event)

    def _deleted(self, model: type[E], key: str) -> E:
        event = self._true(model, key)
        self._stale_reads.changing(event)
        self._store.remove(event)
        return event

    def _page_named(self, page_id: str, component_id: str = "") -> Page:
        """The page that a body names, by its own id or by that of a component. Both must agree."""
        if not page_id and not component_id:
            raise Invalid.at("/status_page_id", "status_page_id or component_id is required", "is_required")
        if page_id and page_id not in self.pages:
            raise Invalid.at("/status_page_id", f"status_page_id: there is no status page {page_id}", "not_found")
        searched = [self.pages[page_id]] if page_id else self.pages.values()
        page = next((page for page in searched if not component_id or component_id in page.components), None)
        if page is None:
            where = " on this status page" if page_id else ""
            reason = f"component_id: there is no component {component_id}{where}"
            raise Invalid.at("/component_id", reason, "not_found")
        return page

    def _stage(self, state_id: str | None, default: Stage) -> Stage:
        if state_id is None:
            return default
        stages = {known: stage for stage, known in self.answers.states.items()}
        if state_id not in stages:
            reason = f"incident_state_id: there is no state {state_id}, only {', '.join(stages)}"
            raise Invalid.at("/incident_state_id", reason, "not_found")
        return stages[state_id]

    def _rendered(self, message: str | None) -> str | None:
        return None if message is None else self._store.differences.rendered(message)

    def _update(self, message: str | None, stage: Stage, at: datetime) -> Update:
        return Update(id=_new_id("upd"), message=self._rendered(message), stage=stage, created_at=at)

    def _mail(self, event: Event, status: str, update_id: str | None = None) -> None:
        """A window has no status of its own, so its mail has what happened to it."""
        page = self.pages[event.page_id]
        mail.send(
            self._store,
            at=self._clock.now(),
            recipients=page.subscribers,
            status_page_id=page.id,
            object=event.kind,
            object_id=event.id,
            update_id=update_id,
            name=event.title,
            status=status,
            message=event.message,
        )


def _new_id(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(8)}"


def _found(record: T | None, what: str) -> T:
    """The record, or a 404, which says no more about it."""
    if record is None:
        raise NotFound(f"{what}: not found or access denied")
    return record
