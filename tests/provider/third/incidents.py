"""The endpoints of a made-up incidents API."""

from __future__ import annotations

from typing import Any

from statuspage_provider.errors import NotFound
from statuspage_provider.inputs import IncidentInputs
from statuspage_provider.lifecycle.decision import Edit, NewUpdate
from statuspage_provider.remote import Incident, Update
from statuspage_provider.services.settings import Settings
from statuspage_provider.services.transport import Transport
from tests.provider.third import bodies
from tests.provider.third.maintenances import Windows


class Acme:
    def __init__(self, settings: Settings, **transport: Any) -> None:
        self._transport = Transport(settings, bodies.read_fault, **transport)
        self.incidents = self
        self.maintenances = Windows(self._transport)

    def on_page(self, status_page_id: str, **filters: str) -> list[Incident]:
        answer = self._transport.request("GET", "/incidents", params={"page": status_page_id}, repeatable=True)
        return [bodies.read_incident(item) for item in answer]

    def newest(self, status_page_id: str) -> list[Incident]:
        return self.on_page(status_page_id)

    def create(self, declared: IncidentInputs, *, idempotency_key: str) -> Incident:
        body = bodies.create_incident(declared, idempotency_key)
        return bodies.read_incident(self._transport.request("POST", "/incidents", json=body, repeatable=True))

    def show(self, id_: str) -> Incident | None:
        try:
            return bodies.read_incident(self._transport.request("GET", f"/incidents/{id_}", repeatable=True))
        except NotFound:
            return None

    def edit(self, id_: str, edit: Edit) -> Incident:
        body = {"headline": edit.name}
        return bodies.read_incident(self._transport.request("PUT", f"/incidents/{id_}", json=body, repeatable=True))

    def create_update(self, id_: str, update: NewUpdate) -> Update:
        body = {"text": update.message, "state": update.status, "mail": update.notify_subscribers}
        answer = self._transport.request("POST", f"/incidents/{id_}/log", json=body, repeatable=False)
        return bodies.read_update(answer)
