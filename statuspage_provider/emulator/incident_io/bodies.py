"""What incident.io's calls take: the fields of each body and query. And what a new page is made from."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from ..validation import Body, Instant, Name, Text, check_text, whole_number
from .objects import IncidentStatus, MaintenanceStatus

PAGE_SIZES = range(1, 251)
MOST_UPDATES = 100

Message = Annotated[str, Field(max_length=4096), AfterValidator(check_text)]


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


class AvailabilityTime(Body):
    start_at: Instant
    end_at: Instant


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise ValueError("must be lower-case letters, digits and single dashes")
    return value


def _by_name(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class NewComponent(Body):
    """A component. One whose id comes again is the same component in another place."""

    name: Name
    id: Text | None = None
    hidden: bool = False


NewComponents = list[Annotated[NewComponent, BeforeValidator(_by_name)]]


class NewSubPage(Body):
    """Components, each a name or an object, and groups of them."""

    components: NewComponents = Field(default_factory=list)
    groups: dict[Name, NewComponents] = Field(default_factory=dict)


class NewPage(NewSubPage):
    """What `POST /_emulator/pages` takes."""

    name: Name
    slug: Annotated[str, AfterValidator(_slug)] | None = None
    description: Name | None = None
    subscribers: int = 25
    sub_pages: dict[Name, NewSubPage] = Field(default_factory=dict)
