"""Statuses, phases and events, in the API's own words."""

from __future__ import annotations

from typing import Literal

MaintenanceStatus = Literal["maintenance_scheduled", "maintenance_in_progress", "maintenance_complete"]


IncidentStatus = Literal["investigating", "identified", "monitoring", "resolved"]


Phase = Literal["scheduled", "in_progress", "complete"]


Event = Literal["scheduled", "rescheduled", "in_progress", "update", "complete", "cancelled"]


EVENTS: tuple[Event, ...] = ("scheduled", "rescheduled", "in_progress", "update", "complete", "cancelled")
"""What subscribers can be told of a maintenance window."""


ComponentStatuses = list[dict[str, str]]
"""Components and their statuses, as the API writes them: {component_id, component_status}, sorted by id."""


PHASES: dict[str, Phase] = {
    "maintenance_scheduled": "scheduled",
    "maintenance_in_progress": "in_progress",
    "maintenance_complete": "complete",
}


STATUSES: dict[Phase, str] = {phase: status for status, phase in PHASES.items()}


ORDER: tuple[Phase, ...] = tuple(STATUSES)


INCIDENT_ORDER = ("investigating", "identified", "monitoring", "resolved")


Outside = Literal["fail", "hold", "warn", "wait", "start"]
"""What becomes of a covered change outside its window."""


OnFailure = Literal["keep", "complete", "incident"]
"""What is told of a covered change that failed."""
