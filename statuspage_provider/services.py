"""What a service can do, and how one is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import Any, Literal, Protocol

from .errors import Refused
from .incident_io.api import IncidentIo
from .models import (
    Availability,
    Component,
    ComponentStatuses,
    Incident,
    IncidentInputs,
    Maintenance,
    MaintenanceInputs,
    Page,
    RetrospectiveInputs,
    Update,
    Window,
    has_unknown,
)
from .settings import Names, Settings
from .statuspage_me.api import StatuspageMe
from .statuspage_me.wire import STATES


class MaintenanceService(Protocol):
    """A service with maintenance windows. `show_maintenance` answers None for one that is gone."""

    def list_maintenances(self, status_page_id: str) -> list[Maintenance]: ...
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

    def list_incidents(self, status_page_id: str) -> list[Incident]: ...
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


class DeletingService(Protocol):
    """A service whose incidents can be deleted. One that is gone already is fine."""

    def delete_incident(self, incident_id: str) -> None: ...


class RetrospectiveService(Protocol):
    """A service that can be told of past incidents. It mails nobody."""

    def create_retrospective_incident(self, declared: RetrospectiveInputs, *, idempotency_key: str) -> Incident: ...
    def show_incident(self, incident_id: str) -> Incident | None: ...
    def update_incident(self, incident_id: str, name: str) -> Incident: ...


class PageService(Protocol):
    """A service whose pages and components can be listed."""

    def list_pages(self) -> list[Page]: ...
    def show_page(self, status_page_id: str) -> Page | None: ...
    def show_components(self, status_page_id: str) -> list[Component]: ...
    def show_component_availability(
        self, status_page_id: str, component_id: str, *, start_at: datetime, end_at: datetime
    ) -> Availability: ...


Offer = Literal["incidents", "maintenances", "pages", "deletions", "retrospectives"]

OFFERS: dict[Offer, str] = {
    "incidents": "incidents",
    "maintenances": "maintenance windows",
    "pages": "pages that can be listed",
    "deletions": "call that deletes an incident",
    "retrospectives": "retrospective incidents",
}
"""What a service may have, in words that "has no …" can begin."""


@dataclass(frozen=True)
class Capabilities:
    """One service: what its settings are called, what opens each of its offers, and what it can be asked for.

    An offer that is None it does not have. `places` is what an incident can belong to: one of them is needed.
    `keyed_creates` is whether a create carries a key that makes it safe to repeat, `mails_updates` whether an update
    can ask for mail.
    """

    names: Names
    incidents: Callable[[Settings], IncidentService]
    maintenances: Callable[[Settings], MaintenanceService] | None = None
    pages: Callable[[Settings], PageService] | None = None
    deletions: Callable[[Settings], DeletingService] | None = None
    retrospectives: Callable[[Settings], RetrospectiveService] | None = None
    places: tuple[str, ...] = ("status_page_id",)
    keyed_creates: bool = True
    component_statuses: bool = True
    mails_updates: bool = True


CAPABILITIES: dict[str, Capabilities] = {
    "incident.io": Capabilities(
        # The vendor's own Pulumi provider uses these names too: one setting serves both.
        Names("incident.io", "incident", "INCIDENT", "https://api.incident.io"),
        incidents=IncidentIo,
        maintenances=IncidentIo,
        pages=IncidentIo,
        retrospectives=IncidentIo,
    ),
    "statuspage.me": Capabilities(
        Names("statuspage.me", "statuspageme", "STATUSPAGEME", "https://statuspage.me", STATES),
        incidents=StatuspageMe,
        deletions=StatuspageMe,
        places=("status_page_id", "component_id"),
        keyed_creates=False,
        component_statuses=False,
        mails_updates=False,
    ),
}


def incident_faults(props: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(property, reason) of all that the service of a declared incident cannot do. What is unknown yet passes."""
    service = props.get("service", "incident.io")
    if not isinstance(service, str):
        return []
    if service not in CAPABILITIES:
        return [("service", f'"{service}" is not one of {", ".join(CAPABILITIES)}')]
    able, given = CAPABILITIES[service], {key for key, value in props.items() if value is not None}
    known = {key for key in given if not has_unknown(props[key])}
    faults = []
    if not given & set(able.places):
        faults.append((able.places[0], f"is missing: give {' or '.join(able.places)}"))
    if "component_id" in known - set(able.places):
        faults.append(("component_id", f"an incident on {service} belongs to a page: use component_statuses"))
    if "component_statuses" in known and not able.component_statuses:
        faults.append(("component_statuses", f"{service} has no status for each component: leave it out"))
    if props.get("on_delete") == "delete" and able.deletions is None:
        faults.append(("on_delete", f'{service} has no call that deletes an incident: use "auto" or "retain"'))
    return faults


def provider_fault(given: str, service: str, needs: Offer) -> str | None:
    """What is wrong with an explicit provider of the service `given` for a resource of `service`, or None."""
    # Until 0.1.0 the service was not recorded, and there was one.
    if given in ("true", service) or given not in CAPABILITIES:
        return None
    if getattr(CAPABILITIES[given], needs) is None:
        return f"{given} has no {OFFERS[needs]}: give a provider for {service}"
    return f'the provider given is for {given}: give one for {service}, or say service="{given}"'


def open_incidents(settings: Settings) -> IncidentService:
    client: IncidentService = _open(settings, "incidents")
    return client


def open_maintenances(settings: Settings) -> MaintenanceService:
    client: MaintenanceService = _open(settings, "maintenances")
    return client


def open_pages(settings: Settings) -> PageService:
    client: PageService = _open(settings, "pages")
    return client


def open_deletions(settings: Settings) -> DeletingService:
    client: DeletingService = _open(settings, "deletions")
    return client


def open_retrospectives(settings: Settings) -> RetrospectiveService:
    client: RetrospectiveService = _open(settings, "retrospectives")
    return client


def _open(settings: Settings, offer: Offer) -> Any:
    opens = getattr(CAPABILITIES[settings.service], offer)
    if opens is None:
        raise Refused(f"{settings.service} has no {OFFERS[offer]}")
    with _OPENING:
        return _opened(opens, settings)


_OPENING = Lock()
"""The engine asks from several threads at once, and the cache alone would let each of them open a client."""


@lru_cache(maxsize=32)
def _opened(opens: Callable[[Settings], Any], settings: Settings) -> Any:
    # There is one client for an account and process, so that its connections are shared by all resources.
    return opens(settings)


def forget_clients() -> None:
    """Open new clients from now on, as a new process does."""
    _opened.cache_clear()
