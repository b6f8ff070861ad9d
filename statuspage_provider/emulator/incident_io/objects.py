"""What is published on a page: incidents and maintenance windows, with their timelines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from ..clock import rfc3339
from ..differences import UNKNOWN_COMPONENT_STATUS, UNKNOWN_STATUSES, Differences
from ..store import PageRecord, Record

IncidentStatus = Literal["investigating", "identified", "monitoring", "resolved"]
MaintenanceStatus = Literal["maintenance_scheduled", "maintenance_in_progress", "maintenance_complete"]

RESOLVED: IncidentStatus = "resolved"
SCHEDULED: MaintenanceStatus = "maintenance_scheduled"
IN_PROGRESS: MaintenanceStatus = "maintenance_in_progress"
COMPLETE: MaintenanceStatus = "maintenance_complete"

OPERATIONAL, UNDER_MAINTENANCE = "operational", "under_maintenance"
IMPACTS = ("degraded_performance", "partial_outage", "full_outage")


class Affected(BaseModel):
    """A component's status as an update gives it."""

    component_id: str
    component_status: str

    def to_wire(self, *, unknown: bool) -> dict[str, Any]:
        hidden = unknown and self.component_status != OPERATIONAL
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
    """A time in which a component is not in its normal state. Without an end it lasts."""

    component_id: str
    start_at: datetime
    end_at: datetime | None = None

    def to_wire(self) -> dict[str, Any]:
        wire = {"component_id": self.component_id, "start_at": rfc3339(self.start_at)}
        return wire if self.end_at is None else {**wire, "end_at": rfc3339(self.end_at)}


class Impact(Span):
    """What an incident does to a component."""

    component_status: str

    def to_wire(self) -> dict[str, Any]:
        return {**super().to_wire(), "component_status": self.component_status}


class Period(Span):
    """A component's part in a window. `released` means that an update took it out before the end."""

    end_at: datetime
    released: bool = False


class Event(PageRecord):
    """What an incident and a maintenance window have in common: a timeline. Its last update gives the status."""

    kind: ClassVar[str]
    name: str
    published_at: datetime
    updates: list[Update]

    @property
    def status(self) -> str:
        return self.updates[-1].status

    @property
    def over(self) -> bool:
        return self.status in (RESOLVED, COMPLETE)

    @property
    def spans(self) -> Sequence[Span]:
        raise NotImplementedError

    def shown_spans(self, differences: Differences) -> Sequence[Span]:
        """The spans as answers show them, and as a filter by time finds them."""
        return self.spans

    def shown_status(self, differences: Differences) -> str:
        """The status as answers show it. With `unknown_values`, one that no document lists until the event is over."""
        if differences.is_unknown(self.name) and not self.over:
            return UNKNOWN_STATUSES[self.kind]
        return self.status

    def affected_ids(self) -> list[str]:
        return list(dict.fromkeys(span.component_id for span in self.spans))

    def to_wire(self, differences: Differences) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "published_at": rfc3339(self.published_at),
            "status_page_id": self.page_id,
            f"{self.kind}_status": self.shown_status(differences),
            "updates": [self.update_to_wire(update, differences) for update in self.updates],
        }

    def update_to_wire(self, update: Update, differences: Differences) -> dict[str, Any]:
        unknown = differences.is_unknown(self.name)
        verifying = unknown and update.automated and update.status != COMPLETE
        return {
            "id": update.id,
            f"{self.kind}_status": UNKNOWN_STATUSES[self.kind] if verifying else update.status,
            "message": update.message,
            "published_at": rfc3339(update.published_at),
            "component_statuses": [affected.to_wire(unknown=unknown) for affected in update.component_statuses],
            f"status_page_{self.kind}_id": self.id,
        }


class Incident(Event):
    table, kind = "incidents", "incident"
    impacts: list[Impact]

    @property
    def spans(self) -> Sequence[Span]:
        return self.impacts

    def open_impacts(self) -> list[Impact]:
        return [impact for impact in self.impacts if impact.end_at is None]

    def change_impacts(self, status: str, affected: list[Affected], at: datetime) -> list[Affected]:
        """Start and end impacts as an update says. Returns the component statuses which that update then shows.

        A component's new status ends its impact before. Resolving ends them all.
        """
        before = {impact.component_id: impact for impact in self.open_impacts()}
        if status == RESOLVED:
            for impact in before.values():
                impact.end_at = at
        for one in affected:
            impact_before = before.get(one.component_id)
            if impact_before is not None and impact_before.component_status != one.component_status:
                impact_before.end_at = at
            if one.component_status != OPERATIONAL and (impact_before is None or impact_before.end_at is not None):
                self.impacts.append(Impact(**one.model_dump(), start_at=at))
        return all_with(OPERATIONAL, before) if status == RESOLVED else affected

    def to_wire(self, differences: Differences) -> dict[str, Any]:
        impacts = [impact.to_wire() for impact in self.impacts]
        if differences.is_unknown(self.name):
            impacts = [{**impact, "component_status": UNKNOWN_COMPONENT_STATUS} for impact in impacts]
        return {**super().to_wire(differences), "component_impacts": impacts}


class Maintenance(Event):
    """A window. Answers never show its planned times, nor whether it notifies."""

    table, kind = "maintenances", "maintenance"
    start_at: datetime
    end_at: datetime
    automate: bool
    notify: bool
    changed_at: datetime
    periods: list[Period]

    @property
    def spans(self) -> Sequence[Span]:
        return self.periods

    @property
    def started_at(self) -> datetime:
        """When it last went in progress. If created so: at its planned start, or when created if that is earlier."""
        steps = list(zip(self.updates, self.updates[1:], strict=False))
        for before, update in reversed(steps):
            if before.status != IN_PROGRESS == update.status:
                return update.published_at
        return min(self.start_at, self.published_at)

    def held(self) -> list[Period]:
        """The periods that last until the window's end."""
        return [period for period in self.periods if not period.released]

    def held_ids(self) -> list[str]:
        return [period.component_id for period in self.held()]

    def plan(self, start_at: datetime, end_at: datetime) -> None:
        self.start_at, self.end_at = start_at, end_at
        for period in self.held():
            period.start_at, period.end_at = start_at, end_at

    def begin_periods(self, at: datetime) -> None:
        """Every component still in the window is under maintenance from now on, if it was to be only later."""
        for period in self.held():
            period.start_at = min(period.start_at, at)

    def end_periods(self, at: datetime) -> None:
        """End what is still held, at the true times. A period that never began ends where it would have begun."""
        was_in_progress = len(self.updates) > 1 and self.updates[-2].status == IN_PROGRESS
        for period in self.held():
            if was_in_progress and period.start_at == self.start_at:  # another start: the component joined later
                period.start_at = min(period.start_at, self.started_at)
            period.end_at = max(period.start_at, at)

    def follow_status(self, before: str, now: datetime, *, early_starts: bool) -> None:
        """Give the periods the times that a new status means."""
        if self.status == before:
            return
        if self.over:
            self.end_periods(now)
        elif before == COMPLETE:
            for period in self.held():
                period.end_at = max(self.end_at, now)
        if self.status == SCHEDULED:
            for period in self.held():
                period.start_at = self.start_at
        elif self.status == IN_PROGRESS and early_starts:
            self.begin_periods(now)

    def change_components(self, affected: list[Affected], now: datetime) -> None:
        """Take components out of the window, or more of them in. One taken out before its start was never in."""
        for one in affected:
            held = next((period for period in self.held() if period.component_id == one.component_id), None)
            if one.component_status == UNDER_MAINTENANCE and held is None:
                start = self.start_at if self.status == SCHEDULED else now
                end = max(start, self.end_at)
                self.periods.append(Period(component_id=one.component_id, start_at=start, end_at=end))
            elif one.component_status == OPERATIONAL and held is not None:
                if held.start_at >= now:
                    self.periods.remove(held)
                else:
                    held.end_at, held.released = now, True

    def shown_spans(self, differences: Differences) -> Sequence[Span]:
        """With `open_ended_periods`, a period that lasts until the window's end has no end before that."""
        if not differences.open_ended_periods or self.over:
            return self.spans
        return [
            period if period.released else Span(component_id=period.component_id, start_at=period.start_at)
            for period in self.periods
        ]

    def to_wire(self, differences: Differences) -> dict[str, Any]:
        return {
            **super().to_wire(differences),
            "automate_maintenance_status": self.automate,
            "component_maintenance_periods": [span.to_wire() for span in self.shown_spans(differences)],
        }


class Replay(Record):
    """The first answer to an idempotency key, word for word."""

    table = "replays"
    response: dict[str, Any]


def all_with(status: str, component_ids: Sequence[str] | dict[str, Any]) -> list[Affected]:
    return [Affected(component_id=key, component_status=status) for key in component_ids]
