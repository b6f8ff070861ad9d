"""The endpoints of made-up windows: each is its times, and is made once by its key."""

from __future__ import annotations

from typing import Any

from statuspage_provider import clock
from statuspage_provider.errors import NotFound, Refused
from statuspage_provider.lifecycle.decision import Announcement, Edit, NewUpdate
from statuspage_provider.remote import Maintenance, Update
from statuspage_provider.services.transport import Transport
from tests.provider.third import bodies


class Windows:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def on_page(self, status_page_id: str, **filters: str) -> list[Maintenance]:
        answer = self._transport.request("GET", "/windows", params={"page": status_page_id}, repeatable=True)
        return [bodies.read_window(item, clock.now()) for item in answer]

    def newest(self, status_page_id: str) -> list[Maintenance]:
        return self.on_page(status_page_id)

    def create(self, announcement: Announcement, *, idempotency_key: str) -> Maintenance:
        body = bodies.create_window(announcement, idempotency_key)
        return self._read(self._transport.request("POST", "/windows", json=body, repeatable=True))

    def show(self, id_: str) -> Maintenance | None:
        try:
            return self._read(self._transport.request("GET", f"/windows/{id_}", repeatable=True))
        except NotFound:
            return None

    def edit(self, id_: str, edit: Edit) -> Maintenance:
        body = bodies.edit_window(edit)
        return self._read(self._transport.request("PUT", f"/windows/{id_}", json=body, repeatable=True))

    def delete(self, id_: str) -> None:
        self._transport.request("DELETE", f"/windows/{id_}", repeatable=True)

    def create_update(self, id_: str, update: NewUpdate) -> Update:
        raise Refused("a window on acme has no timeline")

    def _read(self, answer: Any) -> Maintenance:
        return bodies.read_window(answer, clock.now())
