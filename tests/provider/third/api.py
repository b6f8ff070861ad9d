"""The endpoints of a made-up incidents API."""

from __future__ import annotations

from typing import Any

from statuspage_provider.errors import NotFound
from statuspage_provider.models import ComponentStatuses, Incident, IncidentInputs, Update
from statuspage_provider.settings import Settings
from statuspage_provider.transport import Transport
from tests.provider.third import wire


class Acme:
    def __init__(self, settings: Settings, **transport: Any) -> None:
        self._transport = Transport(settings, wire.read_fault, **transport)

    def list_incidents(self, status_page_id: str) -> list[Incident]:
        body = self._transport.request("GET", "/incidents", params={"page": status_page_id}, repeatable=True)
        return [wire.read_incident(item) for item in body]

    def create_incident(self, declared: IncidentInputs, *, idempotency_key: str) -> Incident:
        body = wire.create_incident(declared, idempotency_key)
        return wire.read_incident(self._transport.request("POST", "/incidents", json=body, repeatable=True))

    def show_incident(self, incident_id: str) -> Incident | None:
        try:
            return wire.read_incident(self._transport.request("GET", f"/incidents/{incident_id}", repeatable=True))
        except NotFound:
            return None

    def update_incident(self, incident_id: str, name: str) -> Incident:
        body = {"headline": name}
        return wire.read_incident(
            self._transport.request("PUT", f"/incidents/{incident_id}", json=body, repeatable=True)
        )

    def create_incident_update(
        self,
        incident_id: str,
        message: str,
        *,
        status: str | None,
        component_statuses: ComponentStatuses | None,
        notify_subscribers: bool,
    ) -> Update:
        body = {"text": message, "state": status, "mail": notify_subscribers}
        return wire.read_update(
            self._transport.request("POST", f"/incidents/{incident_id}/log", json=body, repeatable=False)
        )
