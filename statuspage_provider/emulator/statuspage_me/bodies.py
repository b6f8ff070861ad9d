"""What statuspage.me's calls take: the fields of each body and query. And what its control routes take."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from ..validation import Body, Instant, Name, Text, whole_number
from .objects import Shape, Stage

LIMITS = range(1, 201)


class CreateIncident(Body):
    """An empty id is the same as none: the document's own example sends one."""

    title: Text
    status_page_id: str = ""
    component_id: str = ""
    message: Text | None = None
    incident_state_id: Text | None = None
    notify_subscribers: bool = False


class ChangeIncident(Body):
    title: Text | None = None
    message: Text | None = None
    incident_state_id: Text | None = None


class CreateUpdate(Body):
    message: Text | None = None
    incident_state_id: Text | None = None


class ListIncidents(Body):
    status_page_id: Text | None = None
    limit: Annotated[int, BeforeValidator(whole_number(LIMITS))] = 50


class CreateMaintenance(Body):
    status_page_id: Text
    title: Text
    start_at: Instant
    end_at: Instant
    message: Text | None = None
    notify_subscribers: bool = False


class ChangeMaintenance(Body):
    title: Text | None = None
    message: Text | None = None
    start_at: Instant | None = None
    end_at: Instant | None = None


class ListMaintenances(Body):
    status_page_id: Text | None = None


class NewPage(Body):
    """What `POST /_emulator/statuspage_me/pages` takes."""

    name: Name
    components: list[Name] = Field(default_factory=list)
    subscribers: Annotated[int, Field(ge=0)] = 25


class AnswersOrder(Body):
    """What `POST /_emulator/statuspage_me` takes. What is left out stays as it is."""

    shape: Shape | None = None
    extra_fields: bool | None = None
    states: dict[Stage, Text] = Field(default_factory=dict)
