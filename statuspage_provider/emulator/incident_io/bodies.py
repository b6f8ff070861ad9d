"""What incident.io's calls take: the fields of each body and query."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ..validation import Body, Instant, Name, Text, whole_number
from .objects import IncidentStatus, MaintenanceStatus

PAGE_SIZES = range(1, 251)
MOST_UPDATES = 100

Message = Annotated[Text, Field(max_length=4096)]


class IncidentComponent(Body):
    component_id: Text
    component_status: Literal["operational", "degraded_performance", "partial_outage", "full_outage"]


class MaintenanceComponent(Body):
    component_id: Text
    component_status: Literal["operational", "under_maintenance"]


class CreateIncident(Body):
    idempotency_key: Text
    incident_status: IncidentStatus
    message: Message
    name: Name
    notify_subscribers: bool
    status_page_id: Text
    component_statuses: list[IncidentComponent] = Field(default_factory=list)


class CreateIncidentUpdate(Body):
    message: Message
    notify_subscribers: bool
    status_page_incident_id: Text
    component_statuses: list[IncidentComponent] = Field(default_factory=list)
    incident_status: IncidentStatus | None = None


class ChangeIncident(Body):
    name: Name


class RetrospectiveUpdate(Body):
    incident_status: IncidentStatus
    message: Message
    published_at: Instant
    component_statuses: list[IncidentComponent] = Field(default_factory=list)


class CreateRetrospective(Body):
    idempotency_key: Text
    name: Name
    status_page_id: Text
    updates: Annotated[list[RetrospectiveUpdate], Field(min_length=1, max_length=MOST_UPDATES)]


class CreateMaintenance(Body):
    affected_component_ids: list[Text]
    end_at: Instant
    idempotency_key: Text
    maintenance_status: MaintenanceStatus
    message: Message
    name: Name
    notify_subscribers: bool
    start_at: Instant
    status_page_id: Text
    automate_maintenance_status: bool = False


class CreateMaintenanceUpdate(Body):
    message: Message
    notify_subscribers: bool
    status_page_maintenance_id: Text
    component_statuses: list[MaintenanceComponent] = Field(default_factory=list)
    maintenance_status: MaintenanceStatus | None = None


class ChangeMaintenance(Body):
    end_at: Instant
    name: Name
    start_at: Instant


class Paging(Body):
    page_size: Annotated[int, BeforeValidator(whole_number(PAGE_SIZES))] = 25
    after: Text | None = None


class EventFilter(Paging):
    status_page_id: Text
    component_id: Text | None = None
    group_id: Text | None = None
    sub_page_id: Text | None = None
    start_at: Instant | None = None
    end_at: Instant | None = None


class AvailabilityWindow(Body):
    start_at: Instant
    end_at: Instant
