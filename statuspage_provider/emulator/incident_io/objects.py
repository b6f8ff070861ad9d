"""What the emulator keeps: pages and what is published on them. Plain data with its form on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from ..clock import rfc3339
from ..differences import UNKNOWN_COMPONENT_STATUS, UNKNOWN_STATUSES, Differences

ImpactStatus = Literal["degraded_performance", "partial_outage", "full_outage"]
IncidentStatus = Literal["investigating", "identified", "monitoring", "resolved"]
MaintenanceStatus = Literal["maintenance_scheduled", "maintenance_in_progress", "maintenance_complete"]

IMPACTS: tuple[ImpactStatus, ...] = ("degraded_performance", "partial_outage", "full_outage")
PHASES: tuple[MaintenanceStatus, ...] = ("maintenance_scheduled", "maintenance_in_progress", "maintenance_complete")
SCHEDULED, IN_PROGRESS, COMPLETE = PHASES

NO_DIFFERENCES = Differences()


class Record(BaseModel):
    """Something stored by its id, in the table of its class."""

    table: ClassVar[str]
    id: str


class Component(BaseModel):
    kind: Literal["component"] = "component"
    id: str
    name: str
    hidden: bool = False

    def to_wire(self) -> dict[str, Any]:
        return {"component_id": self.id, "display_uptime": True, "hidden": self.hidden, "name": self.name}


class Group(BaseModel):
    kind: Literal["group"] = "group"
    id: str
    name: str
    description: str | None = None
    components: list[Component]

    def to_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {"id": self.id, "name": self.name, "hidden": False, "display_aggregated_uptime": True}
        if self.description is not None:
            wire["description"] = self.description
        return {**wire, "components": [component.to_wire() for component in self.components]}


class SubPage(BaseModel):
    kind: Literal["sub_page"] = "sub_page"
    id: str
    name: str
    items: list[Component | Group]

    def to_wire(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "items": [{item.kind: item.to_wire()} for item in self.items]}


class Placed(BaseModel):
    """A component with where it stands."""

    component: Component
    group: Group | None = None
    sub_page: SubPage | None = None

    @property
    def full_name(self) -> str:
        above = [place.name for place in (self.sub_page, self.group) if place]
        return " / ".join([*above, self.component.name])


class Page(Record):
    table = "pages"
    name: str
    slug: str
    description: str | None = None
    subscribers: int
    since: datetime
    items: list[Component | Group | SubPage]

    def placed(self) -> Iterator[Placed]:
        yield from _placed(self.items)

    def component_ids(self) -> set[str]:
        return {place.component.id for place in self.placed()}

    def to_wire(self, public_url: str | None) -> dict[str, Any]:
        wire = {"id": self.id, "name": self.name}
        if public_url is not None:
            wire["public_url"] = public_url
        return wire if self.description is None else {**wire, "description": self.description}

    def structure_to_wire(self) -> dict[str, Any]:
        return {
            "current_structure": {"items": [{item.kind: item.to_wire()} for item in self.items]},
            "display_uptime_mode": "chart_and_percentage",
            "management_meta": {"annotations": {}, "managed_by": "dashboard"},
        }


def _placed(items: list[Any], sub_page: SubPage | None = None) -> Iterator[Placed]:
    for item in items:
        if isinstance(item, Component):
            yield Placed.model_construct(component=item, group=None, sub_page=sub_page)
        elif isinstance(item, Group):
            for component in item.components:
                yield Placed.model_construct(component=component, group=item, sub_page=sub_page)
        else:
            yield from _placed(item.items, item)


class Affected(BaseModel):
    """A component's status as an update told it."""

    component_id: str
    component_status: str

    def to_wire(self, *, unknown: bool) -> dict[str, Any]:
        hidden = unknown and self.component_status != "operational"
        status = UNKNOWN_COMPONENT_STATUS if hidden else self.component_status
        return {"component_id": self.component_id, "component_status": status}


class Update(BaseModel):
    id: str
    status: str
    message: str
    published_at: datetime
    component_statuses: list[Affected]
    automated: bool = False


class Span(BaseModel):
    """A component out of its normal state for a time; without an end it lasts."""

    component_id: str
    start_at: datetime
    end_at: datetime | None = None

    def to_wire(self) -> dict[str, Any]:
        wire = {"component_id": self.component_id, "start_at": rfc3339(self.start_at)}
        return wire if self.end_at is None else {**wire, "end_at": rfc3339(self.end_at)}


class Impact(Span):
    component_status: ImpactStatus

    def to_wire(self) -> dict[str, Any]:
        return {**super().to_wire(), "component_status": self.component_status}


class Period(Span):
    """A component's part in a window. `released` once an update declared it operational before the end."""

    end_at: datetime
    released: bool = False


class Event(Record):
    """What an incident and a maintenance window have in common: a timeline, of which the last entry counts."""

    kind: ClassVar[str]
    page_id: str
    name: str
    published_at: datetime
    updates: list[Update]

    @property
    def status(self) -> str:
        return self.updates[-1].status

    @property
    def over(self) -> bool:
        return self.status in ("resolved", COMPLETE)

    @property
    def spans(self) -> list[Span]:
        raise NotImplementedError

    def shown_spans(self, differences: Differences) -> list[Span]:
        """The spans as they are answered, and as a filter by time finds them."""
        return self.spans

    def shown_status(self, differences: Differences) -> str:
        """The status as it is answered: one that no document lists, if that is wanted, until the event is over."""
        if differences.is_unknown(self.name) and not self.over:
            return UNKNOWN_STATUSES[self.kind]
        return self.status

    def affected_ids(self) -> list[str]:
        return list(dict.fromkeys(span.component_id for span in self.spans))

    def to_wire(self, differences: Differences = NO_DIFFERENCES) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "published_at": rfc3339(self.published_at),
            "status_page_id": self.page_id,
            f"{self.kind}_status": self.shown_status(differences),
            "updates": [self.update_to_wire(update, differences) for update in self.updates],
        }

    def update_to_wire(self, update: Update, differences: Differences = NO_DIFFERENCES) -> dict[str, Any]:
        unknown = differences.is_unknown(self.name)
        verifying = unknown and update.automated and update.status != COMPLETE
        return {
            "id": update.id,
            f"{self.kind}_status": UNKNOWN_STATUSES[self.kind] if verifying else update.status,
            "message": update.message,
            "published_at": rfc3339(update.published_at),
            "component_statuses": [told.to_wire(unknown=unknown) for told in update.component_statuses],
            f"status_page_{self.kind}_id": self.id,
        }


class Incident(Event):
    table, kind = "incidents", "incident"
    impacts: list[Impact]

    @property
    def spans(self) -> list[Span]:
        return list(self.impacts)

    def open_impacts(self) -> list[Impact]:
        return [impact for impact in self.impacts if impact.end_at is None]

    def to_wire(self, differences: Differences = NO_DIFFERENCES) -> dict[str, Any]:
        impacts = [impact.to_wire() for impact in self.impacts]
        if differences.is_unknown(self.name):
            impacts = [{**impact, "component_status": UNKNOWN_COMPONENT_STATUS} for impact in impacts]
        return {**super().to_wire(differences), "component_impacts": impacts}


class Maintenance(Event):
    """A window. Its own times and whether it notifies are kept here only: the API never answers with them."""

    table, kind = "maintenances", "maintenance"
    start_at: datetime
    end_at: datetime
    automate: bool
    notify: bool
    changed_at: datetime
    periods: list[Period]

    @property
    def spans(self) -> list[Span]:
        return list(self.periods)

    @property
    def started_at(self) -> datetime:
        """When it last went in progress; born that way, at the planned start, or at its birth if that is earlier."""
        steps = list(zip(self.updates, self.updates[1:], strict=False))
        for before, update in reversed(steps):
            if before.status != IN_PROGRESS == update.status:
                return update.published_at
        return min(self.start_at, self.published_at)

    def held(self) -> list[Period]:
        """The periods that last until the window's end."""
        return [period for period in self.periods if not period.released]

    def begin_periods(self, at: datetime) -> None:
        """What is held is under maintenance from now on, if it was not to be before."""
        for period in self.held():
            period.start_at = min(period.start_at, at)

    def end_periods(self, at: datetime) -> None:
        """Close what is still held, at the true times; a period that never began ends where it would have begun."""
        was_in_progress = len(self.updates) > 1 and self.updates[-2].status == IN_PROGRESS
        for period in self.held():
            if was_in_progress and period.start_at == self.start_at:  # a later one is that of a component that joined
                period.start_at = min(period.start_at, self.started_at)
            period.end_at = max(period.start_at, at)

    def shown_spans(self, differences: Differences) -> list[Span]:
        """A period that lasts until the window's end has an end once the window is over, if that is wanted."""
        if not differences.open_ended_periods or self.over:
            return self.spans
        return [
            period if period.released else Span(component_id=period.component_id, start_at=period.start_at)
            for period in self.periods
        ]

    def to_wire(self, differences: Differences = NO_DIFFERENCES) -> dict[str, Any]:
        return {
            **super().to_wire(differences),
            "automate_maintenance_status": self.automate,
            "component_maintenance_periods": [span.to_wire() for span in self.shown_spans(differences)],
        }


class Replay(Record):
    """The first answer to an idempotency key, kept word for word."""

    table = "replays"
    response: dict[str, Any]
