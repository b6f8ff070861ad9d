"""What statuspage.me has: pages, incidents with their timelines, windows. And the form in which it answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal, get_args

from pydantic import BaseModel

from ..clock import rfc3339
from ..store import PageRecord, Record

Shape = Literal["documented", "bare", "wrapped", "data", "nested"]
Stage = Literal["investigating", "identified", "monitoring", "resolved"]

STAGES: tuple[Stage, ...] = get_args(Stage)
STATES: dict[Stage, str] = {stage: str(number) for number, stage in enumerate(STAGES, start=1)}

DEFAULT_PAGE_ID = "ac3e0000-0000-4000-8000-000000000001"

Wire = dict[str, Any]


class Answers(BaseModel):
    """The form of an answer. The documents leave much of it open, so a test may choose."""

    shape: Shape = "documented"
    extra_fields: bool = False
    states: dict[Stage, str] = STATES


class Page(Record):
    """A status page. `components` has their names by id. Only the page's id is said to be a UUID."""

    table = "statuspage_me_pages"
    name: str
    subscribers: int
    components: dict[str, str]

    def components_by_name(self) -> dict[str, str]:
        return {name: key for key, name in self.components.items()}

    def to_wire(self, answers: Answers) -> Wire:
        components = [{"id": key, "name": name} for key, name in self.components.items()]
        wire: Wire = {"id": self.id, "name": self.name}
        return {**wire, "custom_domain": None, "components": components} if answers.extra_fields else wire


class Update(BaseModel):
    id: str
    message: str | None
    stage: Stage
    created_at: datetime

    def to_wire(self, answers: Answers) -> Wire:
        wire: Wire = {
            "id": self.id,
            "message": self.message,
            "incident_state_id": answers.states[self.stage],
            "created_at": rfc3339(self.created_at),
        }
        return {**wire, "author": {"name": "Someone"}} if answers.extra_fields else wire


class Event(PageRecord):
    """What an incident and a maintenance window have in common."""

    kind: ClassVar[str]
    title: str
    message: str | None
    created_at: datetime
    updated_at: datetime


class Incident(Event):
    table, kind = "statuspage_me_incidents", "incident"
    component_id: str | None
    stage: Stage
    updates: list[Update]

    def to_wire(self, answers: Answers) -> Wire:
        wire: Wire = {
            "id": self.id,
            "title": self.title,
            "message": self.message,
            "status_page_id": self.page_id,
            "component_id": self.component_id,
            "incident_state_id": answers.states[self.stage],
            "created_at": rfc3339(self.created_at),
            "updated_at": rfc3339(self.updated_at),
        }
        extra: Wire = {"severity": None, "tags": [], "incident_state": {"color": "#cc3300"}}
        return {**wire, **extra} if answers.extra_fields else wire

    def to_wire_with_updates(self, answers: Answers) -> Wire:
        return {**self.to_wire(answers), "updates": [update.to_wire(answers) for update in self.updates]}


class Maintenance(Event):
    """A window is its times: there is no status beside them, no timeline and no component."""

    table, kind = "statuspage_me_maintenances", "maintenance"
    start_at: datetime
    end_at: datetime

    def to_wire(self, answers: Answers) -> Wire:
        wire: Wire = {
            "id": self.id,
            "title": self.title,
            "message": self.message,
            "status_page_id": self.page_id,
            "start_at": rfc3339(self.start_at),
            "end_at": rfc3339(self.end_at),
        }
        times = {"created_at": rfc3339(self.created_at), "updated_at": rfc3339(self.updated_at)}
        return {**wire, **times, "state": None, "component_ids": []} if answers.extra_fields else wire


def default_page() -> Page:
    """Acme. Its ids never change, so that programs can name them."""
    return Page(
        id=DEFAULT_PAGE_ID,
        name="Acme",
        subscribers=25,
        components={"cmp-acme-api": "API", "cmp-acme-dashboard": "Dashboard", "cmp-acme-database": "Database"},
    )
