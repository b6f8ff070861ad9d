"""The account on statuspage.me as seen from outside, in process."""

from __future__ import annotations

from typing import Any

from tests.support.page import Page
from tests.support.program import Program
from tests.support.requests import Requests

BASE = "/user/api/v1"
INCIDENTS = f"{BASE}/incidents"


class Account(Requests):
    """The account as seen from outside, and a valid program to start from."""

    def __init__(self, page: Page) -> None:
        self.page, self.emulator, self.id = page, page.emulator, page.emulator.statuspage_me_page_id
        self.api = page.emulator.statuspage_me_components["API"]

    def incident(self, **inputs: Any) -> Program:
        declared = {"service": "statuspage.me", "status_page_id": self.id, "component_id": None}
        return self.page.incident(**declared).edit(**inputs)

    def window(self, **inputs: Any) -> Program:
        declared = {"service": "statuspage.me", "status_page_id": self.id, "affected_component_ids": None}
        return self.page.maintenance(**declared).edit(**inputs)

    def subject(self, path: str) -> str:
        """`incidents`, `incident` or `updates`; `maintenances` or `maintenance`; `status-pages`."""
        kind, *rest = path.removeprefix(f"{BASE}/").split("/")
        return "updates" if len(rest) == 2 else kind.removesuffix("s") if rest else kind

    def human(self, method: str, path: str = "", **body: Any) -> Any:
        answer = self.page.client.request(method, f"{INCIDENTS}{path}", json=body or None)
        answer.raise_for_status()
        self.emulator.clear_requests()
        return answer.json() if answer.content else None

    def incidents(self) -> list[dict[str, Any]]:
        return list(self.human("GET"))

    def windows(self) -> list[dict[str, Any]]:
        """The windows that the account has, newest first. From now on it answers as documented."""
        self.answers(shape="documented")
        answer = self.page.client.get(f"{BASE}/maintenances")
        self.emulator.clear_requests()
        return list(answer.json()["data"])

    def person(self, method: str, window: Program, **body: Any) -> None:
        """What a person does to the program's window in the dashboard, as seen from outside."""
        answer = self.page.client.request(method, f"{BASE}/maintenances/{window.id}", json=body or None)
        answer.raise_for_status()
        self.emulator.clear_requests()

    def timeline(self, incident: Program) -> list[tuple[str | None, str]]:
        shown = self.human("GET", f"/{incident.id}")
        return [(entry["message"], entry["incident_state_id"]) for entry in shown["updates"]]

    def answers(self, **order: Any) -> None:
        self.page.client.post("/_emulator/statuspage_me", json=order).raise_for_status()
