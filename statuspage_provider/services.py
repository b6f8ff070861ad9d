"""What a service can do, and how one is opened."""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from .incident_io.api import IncidentIo
from .models import (
    Component,
    ComponentStatuses,
    Incident,
    IncidentInputs,
    Maintenance,
    MaintenanceInputs,
    Page,
    Update,
    Window,
)
from .settings import Settings


class MaintenanceService(Protocol):
    """A service with maintenance windows. `show_maintenance` answers None for one that is gone."""

    def create_maintenance(
        self,
        declared: MaintenanceInputs,
        *,
        window: Window,
        maintenance_status: str,
        notify_subscribers: bool,
        idempotency_key: str,
    ) -> Maintenance: ...
    def show_components(self, status_page_id: str) -> list[Component]: ...
    def show_maintenance(self, maintenance_id: str) -> Maintenance | None: ...
    def update_maintenance(self, maintenance_id: str, name: str, window: Window) -> Maintenance: ...
    def delete_maintenance(self, maintenance_id: str) -> None: ...
    def create_maintenance_update(
        self,
        maintenance_id: str,
        message: str,
        *,
        status: str | None,
        component_statuses: ComponentStatuses | None,
        notify_subscribers: bool,
    ) -> Update: ...


class IncidentService(Protocol):
    """A service with incidents. `show_incident` answers None for one that is gone."""

    def create_incident(self, declared: IncidentInputs, *, idempotency_key: str) -> Incident: ...
    def show_incident(self, incident_id: str) -> Incident | None: ...
    def update_incident(self, incident_id: str, name: str) -> Incident: ...
    def create_incident_update(
        self,
        incident_id: str,
        message: str,
        *,
        status: str | None,
        component_statuses: ComponentStatuses | None,
        notify_subscribers: bool,
    ) -> Update: ...


class PageService(Protocol):
    """A service whose pages and components can be listed."""

    def list_pages(self) -> list[Page]: ...
    def show_page(self, status_page_id: str) -> Page | None: ...
    def show_components(self, status_page_id: str) -> list[Component]: ...


class Service(MaintenanceService, IncidentService, PageService, Protocol):
    """A service that has them all."""


@lru_cache(maxsize=32)
def open_incident_io(settings: Settings) -> IncidentIo:
    """The account's client. There is one for a process, so that its connections are shared by all resources."""
    return IncidentIo(settings)
