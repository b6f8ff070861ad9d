"""The endpoints of incidents, present and past."""

from __future__ import annotations

from ...inputs import IncidentInputs, RetrospectiveInputs
from ...lifecycle.decision import Edit, NewUpdate
from ...remote import Incident, Update
from . import bodies
from .calls import Calls, quoted

INCIDENTS = "/v2/status_page_incidents"

BACKFILL_PATIENCE_S = 300.0
"""How long a past incident waits for its turn. A whole burst is allowed again after a minute, and other runs with the
same key may be in front."""


class Incidents:
    """The incidents of an account."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def on_page(self, status_page_id: str, **filters: str) -> list[Incident]:
        """Newest first, each with its timeline."""
        return self._calls.all(Incident, INCIDENTS, "status_page_incidents", status_page_id=status_page_id, **filters)

    def newest(self, status_page_id: str) -> list[Incident]:
        return self._calls.newest(Incident, INCIDENTS, "status_page_incidents", status_page_id=status_page_id)

    def create(self, declared: IncidentInputs, *, idempotency_key: str) -> Incident:
        body = bodies.create_incident(declared, idempotency_key=idempotency_key)
        return bodies.read(Incident, self._calls.post(INCIDENTS, body, repeatable=True), "status_page_incident")

    def show(self, id_: str) -> Incident | None:
        body = self._calls.find(f"{INCIDENTS}/{quoted(id_)}")
        return None if body is None else bodies.read(Incident, body, "status_page_incident")

    def edit(self, id_: str, edit: Edit) -> Incident:
        body = self._calls.put(f"{INCIDENTS}/{quoted(id_)}", bodies.edit_incident(edit))
        return bodies.read(Incident, body, "status_page_incident")

    def create_update(self, id_: str, update: NewUpdate) -> Update:
        body = bodies.create_incident_update(id_, update)
        answer = self._calls.post("/v2/status_page_incident_updates", body, repeatable=False)
        return bodies.read(Update, answer, "status_page_incident_update")


class RetrospectiveIncidents:
    """Past incidents: once they are created they are incidents like others."""

    def __init__(self, calls: Calls, incidents: Incidents) -> None:
        self._calls = calls
        self.show = incidents.show
        self.edit = incidents.edit

    def create(self, declared: RetrospectiveInputs, *, idempotency_key: str) -> Incident:
        """Publishes what is past, and tells nobody. It is limited to 5 a second, after a burst of 300."""
        body = bodies.create_retrospective_incident(declared, idempotency_key=idempotency_key)
        path = "/v2/status_page_retrospective_incidents"
        answer = self._calls.post(path, body, repeatable=True, patience_s=BACKFILL_PATIENCE_S)
        return bodies.read(Incident, answer, "status_page_incident")
