"""The endpoints of maintenance windows."""

from __future__ import annotations

from ...lifecycle.decision import Announcement, Edit, NewUpdate
from ...remote import Maintenance, Update
from . import bodies
from .calls import Calls, quoted

MAINTENANCES = "/v2/status_page_maintenances"


class Maintenances:
    """The maintenance windows of an account."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def on_page(self, status_page_id: str, **filters: str) -> list[Maintenance]:
        """Newest first, each with its timeline."""
        field = "status_page_maintenances"
        return self._calls.all(Maintenance, MAINTENANCES, field, status_page_id=status_page_id, **filters)

    def newest(self, status_page_id: str) -> list[Maintenance]:
        return self._calls.newest(Maintenance, MAINTENANCES, "status_page_maintenances", status_page_id=status_page_id)

    def create(self, announcement: Announcement, *, idempotency_key: str) -> Maintenance:
        body = bodies.create_maintenance(announcement, idempotency_key=idempotency_key)
        answer = self._calls.post(MAINTENANCES, body, repeatable=True)
        return bodies.read(Maintenance, answer, "status_page_maintenance")

    def show(self, id_: str) -> Maintenance | None:
        body = self._calls.find(f"{MAINTENANCES}/{quoted(id_)}")
        return None if body is None else bodies.read(Maintenance, body, "status_page_maintenance")

    def edit(self, id_: str, edit: Edit) -> Maintenance:
        body = self._calls.put(f"{MAINTENANCES}/{quoted(id_)}", bodies.edit_maintenance(edit))
        return bodies.read(Maintenance, body, "status_page_maintenance")

    def delete(self, id_: str) -> None:
        """Subscribers are not told, and links to the window stop working."""
        self._calls.delete(f"{MAINTENANCES}/{quoted(id_)}")

    def create_update(self, id_: str, update: NewUpdate) -> Update:
        """An update that carries a status turns the service's automation off."""
        body = bodies.create_maintenance_update(id_, update)
        answer = self._calls.post("/v2/status_page_maintenance_updates", body, repeatable=False)
        return bodies.read(Update, answer, "status_page_maintenance_update")
