"""Accounts as a caller sees them, over plain HTTP, and how a refusal looks in each service."""

import contextlib
from datetime import datetime, timedelta, timezone

import httpx
import pytest

from statuspage_provider.emulator import Emulator

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=timezone.utc)


@pytest.fixture
def emulator():
    """One whose clock stands still until moved."""
    with contextlib.closing(Emulator(now=lambda: NOW)) as emulator:
        yield emulator


def as_text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


class Account:
    def __init__(self, emulator: Emulator, http: httpx.Client) -> None:
        self.emulator, self.http = emulator, http

    def later(self, **shift: float) -> str:
        """A time from the emulator's present, as text."""
        return as_text(self.emulator.now + timedelta(**shift))


class Acme(Account):
    """Acme's account as a caller sees it: valid bodies to start from, and the calls most tests make."""

    def __init__(self, emulator: Emulator, http: httpx.Client) -> None:
        super().__init__(emulator, http)
        self.page, self.components = emulator.page_id, emulator.components
        self._keys = 0

    def _key(self) -> str:
        self._keys += 1
        return f"key-{self._keys}"

    def incident_body(self, **changes):
        body = {
            "idempotency_key": self._key(),
            "incident_status": "investigating",
            "message": "We are looking into it.",
            "name": "Elevated errors",
            "notify_subscribers": False,
            "status_page_id": self.page,
        }
        return {**body, **changes}

    def window_body(self, **changes):
        body = {
            "affected_component_ids": [self.components["EU / Database"]],
            "end_at": self.later(hours=2),
            "idempotency_key": self._key(),
            "maintenance_status": "maintenance_scheduled",
            "message": "We upgrade the database.",
            "name": "Database upgrade",
            "notify_subscribers": False,
            "start_at": self.later(hours=1),
            "status_page_id": self.page,
        }
        return {**body, **changes}

    def incident(self, **changes):
        return self.ok("POST", "/v2/status_page_incidents", self.incident_body(**changes))["status_page_incident"]

    def window(self, **changes):
        return self.ok("POST", "/v2/status_page_maintenances", self.window_body(**changes))["status_page_maintenance"]

    def update_incident(self, key, **fields):
        body = {"message": "More news.", "notify_subscribers": False, "status_page_incident_id": key, **fields}
        return self.http.post("/v2/status_page_incident_updates", json=body)

    def update_window(self, key, **fields):
        body = {"message": "More news.", "notify_subscribers": False, "status_page_maintenance_id": key, **fields}
        return self.http.post("/v2/status_page_maintenance_updates", json=body)

    def read_incident(self, key):
        return self.ok("GET", f"/v2/status_page_incidents/{key}")["status_page_incident"]

    def read_window(self, key):
        return self.ok("GET", f"/v2/status_page_maintenances/{key}")["status_page_maintenance"]

    def ok(self, method, path, body=None):
        answer = self.http.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def names(self, path):
        listed = self.ok("GET", f"{path}?status_page_id={self.page}")
        return [one["name"] for one in listed[path.removeprefix("/v2/")]]

    def statuses(self, **by_name):
        return [{"component_id": self.components[n], "component_status": s} for n, s in by_name.items()]


def refused(answer: httpx.Response, status: int, pointer: str | None = None) -> dict:
    """The answer is an error of this status in the vendor's envelope, about this field; returns the envelope."""
    assert answer.status_code == status, answer.text
    envelope = answer.json()
    assert envelope["status"] == status
    assert envelope["request_id"]
    assert envelope["errors"]
    if pointer is not None:
        assert pointer in [error.get("source", {}).get("pointer") for error in envelope["errors"]], envelope
    return envelope


class AcmeOnStatuspageMe(Account):
    """The account at statuspage.me, likewise."""

    INCIDENTS, WINDOWS = "/user/api/v1/incidents", "/user/api/v1/maintenances"

    def __init__(self, emulator: Emulator, http: httpx.Client) -> None:
        super().__init__(emulator, http)
        self.page, self.components = emulator.statuspage_me_page_id, emulator.statuspage_me_components

    def post(self, **changes):
        body = {"title": "Database latency", "status_page_id": self.page, **changes}
        return self.http.post(self.INCIDENTS, json={name: value for name, value in body.items() if value is not None})

    def create(self, **changes):
        answer = self.post(**changes)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def read(self, key):
        answer = self.http.get(f"{self.INCIDENTS}/{key}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def change(self, key, **fields):
        return self.http.patch(f"{self.INCIDENTS}/{key}", json=fields)

    def update(self, key, **fields):
        return self.http.post(f"{self.INCIDENTS}/{key}/updates", json=fields)

    def titles(self, **query):
        answer = self.http.get(self.INCIDENTS, params=query)
        assert answer.status_code == 200, answer.text
        return [incident["title"] for incident in answer.json()]

    def window_body(self, **changes):
        body = {
            "title": "Database upgrade",
            "status_page_id": self.page,
            "start_at": self.later(hours=1),
            "end_at": self.later(hours=2),
            **changes,
        }
        return {name: value for name, value in body.items() if value is not None}

    def post_window(self, **changes):
        return self.http.post(self.WINDOWS, json=self.window_body(**changes))

    def window(self, **changes):
        answer = self.post_window(**changes)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]

    def read_window(self, key):
        answer = self.http.get(f"{self.WINDOWS}/{key}")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def change_window(self, key, **fields):
        return self.http.patch(f"{self.WINDOWS}/{key}", json=fields)

    def windows(self, **query):
        """Their titles, as the list has them."""
        answer = self.http.get(self.WINDOWS, params=query)
        assert answer.status_code == 200, answer.text
        return [window["title"] for window in answer.json()["data"]]


def says(answer: httpx.Response, status: int, *words: str) -> None:
    """The answer is an error of this status, in statuspage.me's form, and its text has these words."""
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error"]
    for word in words:
        assert word in answer.json()["error"]
