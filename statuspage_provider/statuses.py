"""Statuses, phases and events, in the API's own words, and the other words that a program may choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

MaintenanceStatus = Literal["maintenance_scheduled", "maintenance_in_progress", "maintenance_complete"]


IncidentStatus = Literal["investigating", "identified", "monitoring", "resolved"]


Phase = Literal["scheduled", "in_progress", "complete"]


MaintenanceComponentStatus = Literal["operational", "under_maintenance"]
"""What a component can be in a maintenance window."""


IncidentComponentStatus = Literal["operational", "degraded_performance", "partial_outage", "full_outage"]
"""What a component can be in an incident."""


MaintenanceEvent = Literal["scheduled", "rescheduled", "in_progress", "update", "complete", "cancelled"]
"""What subscribers can be told of a maintenance window."""


EVENTS: tuple[MaintenanceEvent, ...] = get_args(MaintenanceEvent)


ComponentStatuses = list[dict[str, str]]
"""Components and their statuses, as the API writes them: {component_id, component_status}, sorted by id."""


if TYPE_CHECKING:
    ToldStatuses = Sequence[Mapping[str, str]] | None
    ToldEvents = bool | Sequence[MaintenanceEvent]
else:
    # What a program is given of statuses and events. The SDK turns outputs into what their annotations say, and fails
    # for a list where those say a union, and for the map of a preview where they say a list.
    ToldStatuses = ToldEvents = Any


PHASES: dict[str, Phase] = {
    "maintenance_scheduled": "scheduled",
    "maintenance_in_progress": "in_progress",
    "maintenance_complete": "complete",
}


STATUSES: dict[Phase, str] = {phase: status for status, phase in PHASES.items()}


ORDER: tuple[Phase, ...] = tuple(STATUSES)


INCIDENT_ORDER: tuple[IncidentStatus, ...] = get_args(IncidentStatus)


MaintenanceOnDelete = Literal["auto", "complete", "delete", "retain"]
"""What becomes of a maintenance window that leaves the program."""


IncidentOnDelete = Literal["auto", "resolve", "delete", "retain"]
"""What becomes of an incident that leaves the program."""


Service = Literal["incident.io", "statuspage.me"]
"""Which service a page is on."""


Outside = Literal["fail", "hold", "warn", "wait", "start"]
"""What becomes of a covered change outside its window."""


OutsideDeletion = Literal["fail", "warn", "wait", "start"]
"""What becomes of a guarded deletion outside the window. It cannot be held: what is deleted has left the program."""


OnFailure = Literal["keep", "complete", "incident"]
"""What is told of a covered change that failed."""
