"""One more service is three files and a row: a made-up one, added here, runs through each resource's whole life."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from statuspage_provider.provider import Provider
from statuspage_provider.services import capabilities
from statuspage_provider.services.capabilities import CAPABILITIES, Capabilities
from statuspage_provider.services.settings import SettingNames, read_settings
from tests.provider.third import bodies, incidents, maintenances
from tests.provider.third.incidents import Acme
from tests.support.page import Page
from tests.support.program import CheckFailed, Program

AT = "2026-03-01T12:00:00Z"


class Server:
    """The made-up service itself."""

    def __init__(self) -> None:
        self.incidents: dict[str, dict[str, Any]] = {}
        self.windows: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.path}")
        if request.headers["Authorization"] != "Bearer acme-key":
            return httpx.Response(401, json={"why": "no"})
        parts, body = request.url.path.split("/")[2:], json.loads(request.content or "null")
        if request.url.path.startswith("/windows"):
            return self._window(request.method, parts, body)
        if request.method == "GET" and not parts:
            return httpx.Response(200, json=list(self.incidents.values()))
        if request.method == "POST" and not parts:
            return httpx.Response(201, json=self._create(body))
        if parts and parts[0] not in self.incidents:
            return httpx.Response(404, json={"why": "gone"})
        incident = self.incidents[parts[0]]
        if request.method == "POST":
            incident["log"].append(self._entry(body, len(incident["log"])))
            incident["state"] = body["state"] or incident["state"]
            return httpx.Response(201, json=incident["log"][-1])
        incident.update(body or {})
        return httpx.Response(200, json=incident)

    def _window(self, method: str, parts: list[str], body: dict[str, Any]) -> httpx.Response:
        if method == "POST":
            id_ = self.keys.setdefault(body["key"], str(len(self.keys)))
            made = {"id": id_, "at": AT, **{name: value for name, value in body.items() if name not in ("key", "mail")}}
            return httpx.Response(201, json=self.windows.setdefault(id_, made))
        if not parts:
            return httpx.Response(200, json=list(self.windows.values()))
        if parts[0] not in self.windows:
            return httpx.Response(404, json={"why": "gone"})
        if method == "DELETE":
            return httpx.Response(200, json=self.windows.pop(parts[0]))
        self.windows[parts[0]].update(body or {})
        return httpx.Response(200, json=self.windows[parts[0]])

    def _create(self, body: dict[str, Any]) -> dict[str, Any]:
        id_ = self.keys.setdefault(body["key"], str(len(self.keys)))
        first, rest = body["first"], {"headline": body["headline"], "page": body["page"]}
        return self.incidents.setdefault(
            id_, {"id": id_, **rest, "state": first["state"], "log": [self._entry(first, 0)]}
        )

    def _entry(self, body: dict[str, Any], number: int) -> dict[str, Any]:
        return {"id": str(number), "text": body["text"], "state": body["state"], "at": AT}


@pytest.fixture
def server(page: Page, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    served = Server()
    row = Capabilities(
        SettingNames("acme", "acme", "ACME", "https://acme.example"),
        lambda settings: Acme(settings, transport=httpx.MockTransport(served)),
        has=frozenset({"incidents", "maintenances"}),
        component_statuses=False,
        timelines=False,
    )
    monkeypatch.setitem(CAPABILITIES, "acme", row)
    yield served
    capabilities.forget_clients()


@pytest.fixture
def incident(page: Page, server: Server) -> Program:
    declared = page.incident(service="acme")
    declared.config["acme:apiKey"] = "acme-key"
    return declared


def test_it_lives_as_every_incident_does(incident: Program, server: Server) -> None:
    assert incident.up() == "create"
    assert incident.up() == "same"
    assert incident.edit(name="Renamed", message="Found.", incident_status="identified").up() == "update"
    incident.refresh()
    assert incident.up() == "same"
    incident.destroy()
    (made,) = server.incidents.values()
    assert made["headline"] == "Renamed"
    assert [entry["state"] for entry in made["log"]] == ["investigating", "identified", "resolved"]


def test_its_windows_live_as_every_window_that_is_its_times(page: Page, server: Server) -> None:
    window = page.maintenance(service="acme", affected_component_ids=None)
    window.config["acme:apiKey"] = "acme-key"
    assert window.up() == "create"
    assert window.up() == "same"
    assert window.edit(name="Renamed", message="More.", duration="3h").up() == "update"
    page.advance(hours=3)
    window.refresh()
    assert (window.outs["phase"], window.up()) == ("in_progress", "same")
    window.destroy()
    (made,) = server.windows.values()
    assert (made["headline"], made["text"]) == ("Renamed", "More.")
    assert (made["from"], made["to"]) == ("2026-03-01T14:00:00Z", "2026-03-01T15:00:00Z")
    settings = read_settings(CAPABILITIES["acme"].names, window.config.get)
    assert [one.id for one in capabilities.connect(settings, "maintenances").on_page("page")] == [made["id"]]


def test_its_incidents_can_be_listed(incident: Program) -> None:
    incident.up()
    settings = read_settings(CAPABILITIES["acme"].names, incident.config.get)
    assert [item.id for item in capabilities.connect(settings, "incidents").on_page("page")] == [incident.id]


def test_what_its_row_leaves_out_is_refused_at_preview(incident: Program, server: Server) -> None:
    incident.edit(component_statuses={"a": "full_outage"}, component_id="a", on_delete="delete")
    with pytest.raises(CheckFailed) as refused:
        incident.preview()
    assert [where for where, _ in refused.value.failures] == ["component_id", "component_statuses", "on_delete"]
    assert all("acme" in reason for _, reason in refused.value.failures)
    assert server.asked == []


def test_a_provider_of_its_own_can_be_given_for_it(server: Server) -> None:
    assert "acme" in CAPABILITIES
    with pytest.raises(Exception, match="incident_states: acme has no state ids"):
        Provider("acme", service="acme", incident_states={})


def test_it_took_three_short_files_and_a_row() -> None:
    modules = (bodies, incidents, maintenances)
    sources = {module.__name__.rpartition(".")[2]: inspect.getsource(module) for module in modules}
    lines = {name: _code_lines(source) for name, source in sources.items()}
    assert set(lines) == {"bodies", "incidents", "maintenances"}
    assert sum(lines.values()) <= 140, lines


def _code_lines(source: str) -> int:
    return sum(1 for line in source.splitlines() if line.strip() and not line.strip().startswith(("#", '"""')))
