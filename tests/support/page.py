"""The emulated page in process, its one clock, and the fixtures that give both to a test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from statuspage_provider.emulator import Emulator
from statuspage_provider.incident import IncidentProvider
from statuspage_provider.maintenance import MaintenanceProvider
from statuspage_provider.retrospective import RetrospectiveIncidentProvider
from statuspage_provider.services import capabilities, looking, transport
from statuspage_provider.services.incident_io.client import IncidentIo
from statuspage_provider.services.settings import Settings
from statuspage_provider.services.statuspage_me.client import StatuspageMe
from statuspage_provider.summary.live import LivePage
from tests.support.program import Program
from tests.support.requests import Requests

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)

URL = "http://127.0.0.1:4010"


class Page(Requests):
    """The emulated page, in process, and the one clock that it and the provider share."""

    def __init__(self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
        self.emulator = emulator
        self.url = URL
        self.client = httpx.Client(
            base_url=URL,
            transport=httpx.WSGITransport(app=emulator.app),
            headers={"Authorization": "Bearer emulator-write"},
        )
        self.id = emulator.page_id
        self.api = emulator.components["API"]
        self.dashboard = emulator.components["Dashboard"]
        self.database = emulator.components["EU / Database"]
        self._patch = monkeypatch
        self.at(NOON)

    def at(self, moment: datetime) -> None:
        self.now = moment
        self.emulator.set_clock(now=moment)
        self._patch.setenv("STATUSPAGE_NOW", f"{moment:%Y-%m-%dT%H:%M:%SZ}")

    def advance(self, **length: float) -> None:
        # No clock goes back, and the emulator's own runs on from where it was set.
        if any(length.values()):
            self.at(self.now + timedelta(**length))

    def bodies(self) -> list[dict[str, Any]]:
        return [item["body"] for item in self.logged() if item["method"] in ("POST", "PUT")]

    def windows(self) -> list[dict[str, Any]]:
        return self._list("maintenances")

    def incidents(self) -> list[dict[str, Any]]:
        return self._list("incidents")

    def human(self, method: str, path: str, **body: Any) -> Any:
        """What a person does in the dashboard, as seen from outside."""
        answer = self.client.request(method, f"/v2/{path}", json=body or None)
        answer.raise_for_status()
        self.emulator.clear_requests()
        return answer.json() if answer.content else None

    def tell(self, program: Program, message: str = "By hand.", **fields: Any) -> None:
        """A person posts an update of the program's window or incident."""
        kind = "maintenance" if issubclass(program.kind, MaintenanceProvider) else "incident"
        told = {f"status_page_{kind}_id": program.id, "message": message, "notify_subscribers": False, **fields}
        self.human("POST", f"status_page_{kind}_updates", **told)

    def move(self, window: Program, start_at: str, end_at: str, name: str = "Upgrade") -> None:
        """A person gives the window other times, or another name."""
        self.human("PUT", f"status_page_maintenances/{window.id}", name=name, start_at=start_at, end_at=end_at)

    def another(self) -> tuple[str, str]:
        """One more page: its id and that of its only component."""
        made = self.client.post("/_emulator/pages", json={"name": "Other", "components": ["One"]})
        made.raise_for_status()
        return str(made.json()["status_page"]["id"]), str(made.json()["components"]["One"])

    def _list(self, kind: str) -> list[dict[str, Any]]:
        answer = self.human("GET", f"status_page_{kind}?status_page_id={self.id}&page_size=250")
        return list(answer[f"status_page_{kind}"])

    def maintenance(self, **inputs: Any) -> Program:
        declared = {
            "status_page_id": self.id,
            "name": "Upgrade",
            "message": "We upgrade.",
            "start_at": "2026-03-01T14:00:00Z",
            "duration": "2h",
            "affected_component_ids": [self.database],
            "idempotency_key": "key",
        }
        return Program(MaintenanceProvider, self.url, **declared).edit(**inputs)

    def incident(self, **inputs: Any) -> Program:
        declared = {"status_page_id": self.id, "name": "Slow", "message": "We look.", "idempotency_key": "key"}
        return Program(IncidentProvider, self.url, **declared).edit(**inputs)

    def retrospective(self, **inputs: Any) -> Program:
        updates = [
            {"incident_status": "investigating", "message": "We look.", "published_at": "2025-11-03T09:00:00Z"},
            {"incident_status": "resolved", "message": "Fixed.", "published_at": "2025-11-03T10:00:00Z"},
        ]
        declared = {"status_page_id": self.id, "name": "Old outage", "updates": updates, "idempotency_key": "key"}
        return Program(RetrospectiveIncidentProvider, self.url, **declared).edit(**inputs)


def completed_early(page: Page, **inputs: Any) -> Program:
    """A window that was ended by `complete_after`, or by a person, before its declared end: state does not know."""
    window = page.maintenance(**inputs)
    window.up()
    page.advance(hours=3)
    page.tell(window, "Done.", maintenance_status="maintenance_complete")
    return window


def look(page: Page) -> LivePage:
    names = capabilities.CAPABILITIES["incident.io"].names
    return LivePage({"incident.io": Settings(names, URL, "emulator-read")})


@pytest.fixture(scope="session")
def emulator() -> Emulator:
    return Emulator()


@pytest.fixture
def page(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    emulator.reset()
    for name in ("INCIDENT_API_KEY", "INCIDENT_ENDPOINT", "STATUSPAGEME_API_KEY", "STATUSPAGEME_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)

    def client(settings: Settings) -> IncidentIo:
        # The real client over the emulator's WSGI app: a third of the time that a socket takes.
        return IncidentIo(settings, transport=here(settings))

    def me(settings: Settings) -> StatuspageMe:
        return StatuspageMe(settings, transport=here(settings))

    def here(settings: Settings) -> httpx.BaseTransport | None:
        return httpx.WSGITransport(app=emulator.app) if settings.endpoint == URL else None

    # A provider sets the process's limit, which the next test must not find.
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)
    row = capabilities.CAPABILITIES["incident.io"]
    monkeypatch.setitem(capabilities.CAPABILITIES, "incident.io", replace(row, client=client))
    row = capabilities.CAPABILITIES["statuspage.me"]
    monkeypatch.setitem(capabilities.CAPABILITIES, "statuspage.me", replace(row, client=me))
    monkeypatch.setattr(transport, "PAUSE_S", 0.001)
    monkeypatch.setattr(looking, "PAUSES_S", (0.001,) * 5)
    capabilities.forget_clients()
    yield Page(emulator, monkeypatch)
    capabilities.forget_clients()
