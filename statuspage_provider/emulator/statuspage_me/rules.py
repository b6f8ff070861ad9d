"""The rules of statuspage.me's incidents API, without HTTP. docs/emulator.md has their sources."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

from .. import mail
from ..clock import Clock
from ..errors import Invalid, found
from ..stale_reads import StaleReads
from ..store import Store
from . import bodies
from .objects import Answers, Incident, Page, Stage, Update, default_page


class StatuspageMe:
    """One method for each call. It checks everything before it changes anything, so a refusal leaves no trace."""

    def __init__(self, store: Store, clock: Clock, stale_reads: StaleReads) -> None:
        self._store, self._clock, self._stale_reads = store, clock, stale_reads
        self.pages, self.incidents = store.table(Page), store.table(Incident)
        self.start()

    def start(self) -> None:
        """The default page, if there is no page."""
        if not self.pages:
            self._store.save(default_page())

    # incidents

    def list_incidents(self, wanted: bodies.ListIncidents) -> list[Incident]:
        if wanted.status_page_id is not None:
            self.page(wanted.status_page_id)
        return self._stale_reads.listed(Incident, wanted.status_page_id)[::-1][: wanted.limit]

    def incident(self, incident_id: str) -> Incident:
        """The incident as a read sees it."""
        return found(self._stale_reads.find(Incident, incident_id), f"incident {incident_id}")

    def _true_incident(self, incident_id: str) -> Incident:
        return found(self.incidents.get(incident_id), f"incident {incident_id}")

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
        self._stale_reads.created(incident)
        self._store.save(incident)
        if body.notify_subscribers:
            self._announce(page, incident)
        return incident

    def change_incident(self, incident_id: str, body: bodies.ChangeIncident) -> Incident:
        """Change what the incident says of itself. Its timeline stays as it is."""
        incident = self._true_incident(incident_id)
        stage = self._stage(body.incident_state_id, default=incident.stage)
        self._stale_reads.changing(incident)
        incident.title = body.title or incident.title
        incident.message = self._rendered(body.message) or incident.message
        incident.stage, incident.updated_at = stage, self._clock.now()
        return self._store.save(incident)

    def add_update(self, incident_id: str, body: bodies.CreateUpdate) -> Update:
        incident = self._true_incident(incident_id)
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
        incident = self._true_incident(incident_id)
        self._stale_reads.changing(incident)
        self._store.remove(incident)

    # what control routes order

    def page(self, page_id: str) -> Page:
        return found(self.pages.get(page_id), f"status page {page_id}")

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

    def _page_named(self, page_id: str, component_id: str) -> Page:
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

    def _announce(self, page: Page, incident: Incident) -> None:
        mail.send(
            self._store,
            at=incident.created_at,
            recipients=page.subscribers,
            status_page_id=page.id,
            object="incident",
            object_id=incident.id,
            update_id=incident.updates[0].id,
            name=incident.title,
            status=incident.stage,
            message=incident.message,
        )


def _new_id(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(8)}"
