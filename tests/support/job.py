"""A real stack and the emulated page that it posts to."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx

from statuspage_provider.emulator import Emulator
from tests.support.alike import begun
from tests.support.requests import Requests
from tests.support.stack import Stack

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)

PROGRAM = """
import json
from pathlib import Path

import pulumi

import statuspage_provider as statuspage

declared = json.loads(Path("declared.json").read_text())
for kind, resources in declared.items():
    for name, inputs in resources.items():
        resource = getattr(statuspage, kind)(name, **inputs)
        pulumi.export(f"{name}-phase", resource.phase)
"""


class Job(Requests):
    """A real stack whose program declares what `declared` holds, and the emulated page that it posts to."""

    def __init__(self, stack: Stack, emulator: Emulator, url: str) -> None:
        self.stack = stack
        self.emulator = emulator
        self.url = url
        self.declared: dict[str, dict[str, dict[str, Any]]] = {}
        stack.env |= {"INCIDENT_ENDPOINT": url, "INCIDENT_API_KEY": "emulator-write"}
        stack.env |= {"STATUSPAGEME_ENDPOINT": url, "STATUSPAGEME_API_KEY": "spk_emulator-write"}

    def at(self, moment: datetime) -> None:
        """Set the one clock that the page and the runs share."""
        self.now = moment
        self.emulator.set_clock(now=moment)
        self.stack.env["STATUSPAGE_NOW"] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"

    def advance(self, **length: float) -> None:
        self.at(self.now + timedelta(**length))

    def window(self, **inputs: Any) -> None:
        """Declare a window, or change the one that is."""
        before = self.declared.get("StatusPageMaintenance", {}).get("window") or {
            "status_page_id": self.emulator.page_id,
            "name": "Upgrade",
            "message": "We upgrade.",
            "start_at": "2026-03-01T14:00:00Z",
            "duration": "2h",
            "affected_component_ids": [self.emulator.components["EU / Database"]],
        }
        self.declared["StatusPageMaintenance"] = {"window": {**before, **inputs}}
        self.save()

    def incident(self, **inputs: Any) -> None:
        before = self.declared.get("StatusPageIncident", {}).get("incident") or {
            "status_page_id": self.emulator.page_id,
            "name": "Slow",
            "message": "We look.",
        }
        self.declared["StatusPageIncident"] = {"incident": {**before, **inputs}}
        self.save()

    def save(self) -> None:
        (self.stack.folder / "declared.json").write_text(json.dumps(self.declared))

    def begin(self) -> None:
        """An `up` that tests begin with. Those that begin alike share it, and each has a copy."""
        begun(self.stack.folder, self.emulator, self.stack.env, self.stack.up)

    def is_held_up(self) -> bool:
        """Whether the request that an ordered fault holds up has come in. It is logged once it is answered."""
        return not self.emulator._world.faults.to_wire()

    def windows(self) -> list[dict[str, Any]]:
        answer = httpx.get(
            f"{self.url}/v2/status_page_maintenances",
            params={"status_page_id": self.emulator.page_id, "page_size": 250},
            headers={"Authorization": "Bearer emulator-read"},
            verify=False,  # plain HTTP: to load the certificates would take longer than the answer
        ).json()
        self.emulator.clear_requests()
        return list(answer["status_page_maintenances"])
