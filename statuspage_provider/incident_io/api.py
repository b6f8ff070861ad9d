"""The endpoints of the incident.io Status Pages V2 API, as methods, in the order of the vendor's reference.

Rules and limits: https://docs.incident.io/api-reference/status-pages-v2/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from ..errors import NotFound, Unreachable
from ..models import (
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
)
from ..settings import Settings
from ..times import format_instant
from ..transport import Transport
from . import wire

Model = TypeVar("Model", bound=BaseModel)

PAGE_SIZE = 250
"""The most that the service gives at a time."""

PAGES_LIMIT = 100
"""How many pages of a list are read: 25,000 entries. A list that goes on is no list."""

BACKFILL_PATIENCE_S = 300.0
"""How long a past incident waits for its turn. A whole burst is allowed again after a minute, and other runs with the
same key may be in front."""


class IncidentIo:
    """One incident.io account. Every method raises ServiceError or Unreachable.

    A create carries an idempotency key, so it may be repeated. Updates of a timeline carry none: a lost answer is
    raised as LostAnswer, and the caller looks at the timeline before it posts again.
    """

    def __init__(self, settings: Settings, **transport: Any) -> None:
        self._transport = Transport(settings, wire.read_fault, **transport)

    # pages

    def list_pages(self) -> list[Page]:
        return self._list(Page, "/v2/status_pages", "status_pages")

    def show_page(self, status_page_id: str) -> Page | None:
        body = self._find(_page(status_page_id))
        return None if body is None else wire.read(Page, body, "status_page")

    def show_components(self, status_page_id: str) -> list[Component]:
        return wire.read_components(self._get(f"/v2/status_page_structures/{_quoted(status_page_id)}"))

    def show_component_availability(
        self, status_page_id: str, component_id: str, *, start_at: datetime, end_at: datetime
    ) -> Availability:
        params = {"start_at": format_instant(start_at), "end_at": format_instant(end_at)}
        path = f"{_page(status_page_id)}/components/{_quoted(component_id)}/availability"
        return wire.read(Availability, self._get(path, params), "availability")

    # incidents

    def list_incidents(self, status_page_id: str) -> list[Incident]:
        """Newest first, each with its timeline."""
        return self._list(Incident, "/v2/status_page_incidents", "status_page_incidents", status_page_id=status_page_id)

    def create_incident(self, declared: IncidentInputs, *, idempotency_key: str) -> Incident:
        body = wire.create_incident(declared, idempotency_key=idempotency_key)
        return wire.read(
            Incident, self._post("/v2/status_page_incidents", body, repeatable=True), "status_page_incident"
        )

    def show_incident(self, incident_id: str) -> Incident | None:
        body = self._find(_incident(incident_id))
        return None if body is None else wire.read(Incident, body, "status_page_incident")

    def update_incident(self, incident_id: str, name: str) -> Incident:
        body = self._put(_incident(incident_id), wire.update_incident(name))
        return wire.read(Incident, body, "status_page_incident")

    def create_incident_update(
        self,
        incident_id: str,
        message: str,
        *,
        status: str | None,
        component_statuses: ComponentStatuses | None,
        notify_subscribers: bool,
    ) -> Update:
        body = wire.create_incident_update(
            incident_id,
            message,
            incident_status=status,
            component_statuses=component_statuses,
            notify_subscribers=notify_subscribers,
        )
        answer = self._post("/v2/status_page_incident_updates", body, repeatable=False)
        return wire.read(Update, answer, "status_page_incident_update")

    def create_retrospective_incident(self, declared: RetrospectiveInputs, *, idempotency_key: str) -> Incident:
        """Publishes what is past, and tells nobody. It is limited to 5 a second, after a burst of 300."""
        body = wire.create_retrospective_incident(declared, idempotency_key=idempotency_key)
        path = "/v2/status_page_retrospective_incidents"
        answer = self._post(path, body, repeatable=True, patience_s=BACKFILL_PATIENCE_S)
        return wire.read(Incident, answer, "status_page_incident")

    # maintenances

    def list_maintenances(self, status_page_id: str) -> list[Maintenance]:
        """Newest first, each with its timeline."""
        path = "/v2/status_page_maintenances"
        return self._list(Maintenance, path, "status_page_maintenances", status_page_id=status_page_id)

    def create_maintenance(
        self,
        declared: MaintenanceInputs,
        *,
        window: Window,
        maintenance_status: str,
        notify_subscribers: bool,
        idempotency_key: str,
    ) -> Maintenance:
        body = wire.create_maintenance(
            declared,
            window=window,
            maintenance_status=maintenance_status,
            notify_subscribers=notify_subscribers,
            idempotency_key=idempotency_key,
        )
        answer = self._post("/v2/status_page_maintenances", body, repeatable=True)
        return wire.read(Maintenance, answer, "status_page_maintenance")

    def show_maintenance(self, maintenance_id: str) -> Maintenance | None:
        body = self._find(_maintenance(maintenance_id))
        return None if body is None else wire.read(Maintenance, body, "status_page_maintenance")

    def update_maintenance(self, maintenance_id: str, name: str, window: Window) -> Maintenance:
        """PUT publishes nothing and tells nobody, so it may be repeated."""
        body = self._put(_maintenance(maintenance_id), wire.update_maintenance(name, window))
        return wire.read(Maintenance, body, "status_page_maintenance")

    def delete_maintenance(self, maintenance_id: str) -> None:
        """Subscribers are not told, and links to the window stop working. A window that is gone is fine."""
        try:
            self._transport.request("DELETE", _maintenance(maintenance_id), repeatable=True)
        except NotFound:
            return

    def create_maintenance_update(
        self,
        maintenance_id: str,
        message: str,
        *,
        status: str | None,
        component_statuses: ComponentStatuses | None,
        notify_subscribers: bool,
    ) -> Update:
        """An update that carries a status turns the service's automation off."""
        body = wire.create_maintenance_update(
            maintenance_id,
            message,
            maintenance_status=status,
            component_statuses=component_statuses,
            notify_subscribers=notify_subscribers,
        )
        answer = self._post("/v2/status_page_maintenance_updates", body, repeatable=False)
        return wire.read(Update, answer, "status_page_maintenance_update")

    def _list(self, model: type[Model], path: str, field: str, **filters: str) -> list[Model]:
        """Every page of a list. Raises Unreachable for a list without an end."""
        found: list[Model] = []
        params: dict[str, Any] = {**filters, "page_size": PAGE_SIZE}
        cursors = set[str]()
        for _ in range(PAGES_LIMIT):
            body = self._get(path, params)
            found += wire.read_list(model, body, field)
            after = wire.read_after(body)
            if after is None:
                return found
            if after in cursors:
                raise Unreachable(f"incident.io's list of {field} has no end: a cursor came twice")
            cursors.add(after)
            params["after"] = after
        raise Unreachable(f"incident.io's list of {field} has no end: it has more than {PAGES_LIMIT} pages")

    def _get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        return self._transport.request("GET", path, params=params, repeatable=True)

    def _find(self, path: str) -> Any:
        try:
            return self._get(path)
        except NotFound:
            return None

    def _put(self, path: str, body: dict[str, Any]) -> Any:
        return self._transport.request("PUT", path, json=body, repeatable=True)

    def _post(self, path: str, body: dict[str, Any], *, repeatable: bool, patience_s: float | None = None) -> Any:
        return self._transport.request("POST", path, json=body, repeatable=repeatable, patience_s=patience_s)


def _quoted(id_: str) -> str:
    return quote(id_, safe="", errors="replace")


def _page(status_page_id: str) -> str:
    return f"/v2/status_pages/{_quoted(status_page_id)}"


def _incident(incident_id: str) -> str:
    return f"/v2/status_page_incidents/{_quoted(incident_id)}"


def _maintenance(maintenance_id: str) -> str:
    return f"/v2/status_page_maintenances/{_quoted(maintenance_id)}"
