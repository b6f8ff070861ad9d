"""The rules of statuspage.me's incidents API, on plain data: no HTTP here. docs/emulator.md has their sources."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import TypeVar

from ..clock import Clock
from ..errors import Invalid, NotFound
from ..incident_io.objects import Record
from ..mail import Mail
from ..stale_reads import Lag
from ..store import Store
from .bodies import AnswersOrder, ChangeIncident, CreateIncident, CreateUpdate, ListIncidents, NewMePage
from .objects import Answers, MeIncident, MePage, MeUpdate, Stage

R = TypeVar("R", bound=Record)


class StatuspageMe:
    """One method a call. Each checks everything first and changes something after, so a refusal leaves no trace."""

    def __init__(self, store: Store, clock: Clock, mail: Mail, lag: Lag) -> None:
        self._store, self._clock, self._mail, self._lag = store, clock, mail, lag

    # incidents

    def list_incidents(self, wanted: ListIncidents) -> list[MeIncident]:
        if wanted.status_page_id is not None:
            self.page(wanted.status_page_id)
        return self._lag.listed(MeIncident, wanted.status_page_id)[::-1][: wanted.limit]

    def incident(self, incident_id: str) -> MeIncident:
        """The incident as a read sees it."""
        return _checked(self._lag.find(MeIncident, incident_id), incident_id, "incident")

    def _true_incident(self, incident_id: str) -> MeIncident:
        return _found(self._store.statuspage_me_incidents, incident_id, "incident")

    def create_incident(self, body: CreateIncident) -> MeIncident:
        page = self._page_named(body.status_page_id, body.component_id)
        stage = self._stage(body.incident_state_id, default="investigating")
        now = self._clock.now()
        incident = MeIncident(
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
        self._lag.created(incident)
        self._store.save(incident)
        if body.notify_subscribers:
            self._announce(page, incident)
        return incident

    def change_incident(self, incident_id: str, body: ChangeIncident) -> MeIncident:
        """Change what the incident says of itself; its timeline stays as it is."""
        incident = self._true_incident(incident_id)
        stage = self._stage(body.incident_state_id, default=incident.stage)
        self._lag.changing(incident)
        incident.title = body.title or incident.title
        incident.message = self._rendered(body.message) or incident.message
        incident.stage = stage
        incident.updated_at = self._clock.now()
        return self._store.save(incident)

    def add_update(self, incident_id: str, body: CreateUpdate) -> MeUpdate:
        incident = self._true_incident(incident_id)
        if body.message is None and body.incident_state_id is None:
            raise Invalid("message or incident_state_id is required")
        stage = self._stage(body.incident_state_id, default=incident.stage)
        self._lag.changing(incident)
        now = self._clock.now()
        update = self._update(body.message, stage, now)
        incident.updates.append(update)
        incident.stage, incident.updated_at = stage, now
        self._store.save(incident)
        return update

    def delete_incident(self, incident_id: str) -> None:
        incident = self._true_incident(incident_id)
        self._lag.changing(incident)
        self._store.remove(incident)

    # levers

    def page(self, page_id: str) -> MePage:
        return _found(self._store.statuspage_me_pages, page_id, "status page")

    def add_page(self, new: NewMePage) -> MePage:
        components = {_new_id("cmp"): name for name in new.components}
        page = MePage(id=str(uuid.uuid4()), name=new.name, subscribers=new.subscribers, components=components)
        return self._store.save(page)

    @property
    def answers(self) -> Answers:
        return Answers.model_validate(self._store.settings.get("statuspage_me", {}))

    def set_answers(self, order: AnswersOrder) -> Answers:
        """Choose how incidents are answered, and which ids the states have."""
        now = self.answers
        states = {**now.states, **order.states}
        if len(set(states.values())) < len(states):
            raise Invalid.at("/states", "states: every state needs an id of its own")
        changed = {**order.model_dump(exclude_none=True), "states": states}
        self._store.set("statuspage_me", {**now.model_dump(), **changed})
        return self.answers

    # shared steps

    def _page_named(self, page_id: str, component_id: str) -> MePage:
        """The page a body names, itself or by a component of it; both must agree."""
        pages = self._store.statuspage_me_pages
        if not page_id and not component_id:
            raise Invalid.at("/status_page_id", "status_page_id or component_id is required", "is_required")
        if page_id and page_id not in pages:
            raise Invalid.at("/status_page_id", f"status_page_id: there is no status page {page_id}", "not_found")
        searched = [pages[page_id]] if page_id else pages.values()
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

    def _update(self, message: str | None, stage: Stage, at: datetime) -> MeUpdate:
        return MeUpdate(id=_new_id("upd"), message=self._rendered(message), stage=stage, created_at=at)

    def _announce(self, page: MePage, incident: MeIncident) -> None:
        self._mail.send(
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


def _found(table: dict[str, R], key: str, what: str) -> R:
    return _checked(table.get(key), key, what)


def _checked(found: R | None, key: str, what: str) -> R:
    if found is None:
        raise NotFound(f"There is no {what} {key}")
    return found


def _new_id(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(8)}"
