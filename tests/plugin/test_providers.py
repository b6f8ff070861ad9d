"""Our providers in the real plugin process, driven as the engine drives them."""

from __future__ import annotations

import sys
import textwrap
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest

from statuspage_provider.emulator import Emulator
from statuspage_provider.incident import IncidentProvider
from statuspage_provider.inputs import IncidentInputs, MaintenanceInputs, RetrospectiveInputs
from statuspage_provider.maintenance import MaintenanceProvider
from statuspage_provider.retrospective import RetrospectiveIncidentProvider
from tests.support.plugin_process import UNKNOWN, Plugin, PluginError
from tests.support.waiting import wait_for

Page = tuple[Emulator, str]
SOON = datetime.now(timezone.utc) + timedelta(days=1)
KEY = "emulator-write"
SECRET = "a-secret-key-4711"


def maintenance(page: Page, **inputs: Any) -> dict[str, Any]:
    declared = {
        "status_page_id": page[0].page_id,
        "name": "Upgrade",
        "message": "We upgrade.",
        "start_at": f"{SOON:%Y-%m-%dT%H:%M:%SZ}",
        "duration": "2h",
        "affected_component_ids": [page[0].components["API"]],
        "idempotency_key": "key",
        # What the engine really sends: numbers as floats.
        "triggers": [1, "v1"],
    }
    return {**declared, **inputs}


def incident(page: Page, **inputs: Any) -> dict[str, Any]:
    declared = {
        "status_page_id": page[0].page_id,
        "name": "Slow",
        "message": "We look.",
        "component_statuses": {page[0].components["API"]: "full_outage"},
        "idempotency_key": "key",
    }
    return {**declared, **inputs}


def past(page: Page, **inputs: Any) -> dict[str, Any]:
    api = page[0].components["API"]
    first = {"incident_status": "investigating", "message": "We look.", "published_at": "2025-11-03T09:00:00Z"}
    last = {"incident_status": "resolved", "message": "Fixed.", "published_at": "2025-11-03 11:00"}
    declared = {
        "status_page_id": page[0].page_id,
        "name": "Old outage",
        "updates": [{**first, "component_statuses": {api: "full_outage"}}, last],
        "time_zone": "Europe/Berlin",
        "idempotency_key": "key",
    }
    return {**declared, **inputs}


def renamed_by_hand(page: Page, id_: str, name: str, outs: dict[str, Any]) -> None:
    body = {"start_at": outs["start_at"], "end_at": outs["end_at"]}
    url, headers = f"{page[1]}/v2/status_page_maintenances/{id_}", {"Authorization": f"Bearer {KEY}"}
    httpx.put(url, json={**body, "name": name}, headers=headers).raise_for_status()


@pytest.fixture(scope="module")
def plugin(page: Page) -> Iterator[Plugin]:
    """One process for many tests: nothing in it depends on the test before."""
    with Plugin(given(page)) as plugin:
        yield plugin


def given(page: Page) -> dict[str, str]:
    return {"INCIDENT_API_KEY": KEY, "INCIDENT_ENDPOINT": page[1]}


def test_a_window_lives_its_whole_life_in_the_plugin(plugin: Plugin, page: Page) -> None:
    page[0].reset()
    provider = MaintenanceProvider()
    with Plugin(given(page)) as first:
        inputs, failures = first.check(provider, maintenance(page))
        assert failures == []
        id_, outs = first.create(provider, inputs)
        assert first.diff(provider, id_, outs, inputs).changes is False
        edited, _ = first.check(provider, {**inputs, "name": "Renamed"}, inputs)
        diff = first.diff(provider, id_, outs, edited)
        # The engine is left to compare the inputs, so that it shows them one by one.
        assert (diff.changes, diff.replaces) == (None, [])
        outs = first.update(provider, id_, outs, edited)
        seen = first.read(provider, id_, outs)
        # Nobody edited it, so the engine keeps the inputs that it has.
        assert (seen.id, seen.inputs, seen.outs) == (id_, None, outs)
        renamed_by_hand(page, id_, "By hand", outs)
        seen = first.read(provider, id_, outs)
        assert (seen.inputs, seen.outs) == ({**edited, "name": "By hand"}, {**outs, "name": "By hand"})
        renamed_by_hand(page, id_, "Renamed", outs)
        with_get = first.read(provider, id_, {}, {})
        assert with_get.outs["name"] == "Renamed"
    # Another process knows nothing of the first.
    plugin.delete(provider, id_, outs)
    assert plugin.read(provider, id_, outs).id == ""


def test_an_incident_lives_its_whole_life_in_the_plugin(plugin: Plugin, page: Page) -> None:
    page[0].reset()
    provider = IncidentProvider()
    inputs, failures = plugin.check(provider, incident(page))
    assert failures == []
    id_, outs = plugin.create(provider, inputs)
    edited, _ = plugin.check(provider, {**inputs, "incident_status": "resolved", "message": "Fixed."}, inputs)
    outs = plugin.update(provider, id_, outs, edited)
    assert outs["phase"] == "resolved"
    seen = plugin.read(provider, id_, outs)
    # What the post did to components is seen by a read.
    assert "end_at" in seen.outs["component_impacts"][0]
    assert (seen.inputs, {**seen.outs, "component_impacts": []}) == (None, {**outs, "component_impacts": []})


def test_a_past_incident_lives_its_whole_life_in_the_plugin(plugin: Plugin, page: Page) -> None:
    page[0].reset()
    provider = RetrospectiveIncidentProvider()
    inputs, failures = plugin.check(provider, past(page))
    assert failures == []
    assert inputs["updates"][1]["published_at"] == "2025-11-03T10:00:00Z"
    id_, outs = plugin.create(provider, inputs)
    assert outs["phase"] == "resolved"
    again, _ = plugin.check(provider, inputs, inputs)
    assert again == inputs
    assert plugin.diff(provider, id_, outs, inputs).changes is False
    edited, _ = plugin.check(provider, {**inputs, "name": "Renamed"}, inputs)
    diff = plugin.diff(provider, id_, outs, edited)
    assert (diff.changes, diff.replaces) == (None, [])
    outs = plugin.update(provider, id_, outs, edited)
    assert plugin.printed("“Renamed” is past: name recorded only; the page stays as it is")
    seen = plugin.read(provider, id_, outs)
    assert (seen.id, seen.inputs, seen.outs) == (id_, None, outs)
    plugin.delete(provider, id_, outs)
    assert plugin.read(provider, id_, outs).id == id_
    assert plugin.read(provider, "01HZNONE", outs).id == ""


def test_each_fault_of_a_timeline_is_a_failure_in_the_plugin(plugin: Plugin, page: Page) -> None:
    wrong = past(page, updates=[{"incident_status": "monitoring", "message": 4711, "published_at": "soon"}])
    _, failures = plugin.check(RetrospectiveIncidentProvider(), wrong)
    assert [failure.property for failure in failures] == ["updates[0].message", "updates[0].published_at"]


@pytest.mark.parametrize("field", list(RetrospectiveInputs.model_fields))
def test_an_unknown_input_of_a_past_incident_passes_check_and_never_replaces(
    plugin: Plugin, page: Page, field: str
) -> None:
    provider = RetrospectiveIncidentProvider()
    inputs, failures = plugin.check(provider, past(page, **{field: UNKNOWN}))
    assert failures == []
    assert inputs[field] == UNKNOWN
    recorded, _ = plugin.check(provider, past(page))
    assert plugin.diff(provider, "01HZ", {**recorded, "phase": "resolved"}, inputs).replaces == []


@pytest.mark.parametrize("field", list(MaintenanceInputs.model_fields))
def test_an_unknown_input_of_a_window_passes_check_and_never_replaces(plugin: Plugin, page: Page, field: str) -> None:
    assert_unknown_passes(plugin, MaintenanceProvider(), maintenance(page), field)


@pytest.mark.parametrize("field", list(IncidentInputs.model_fields))
def test_an_unknown_input_of_an_incident_passes_check_and_never_replaces(
    plugin: Plugin, page: Page, field: str
) -> None:
    assert_unknown_passes(plugin, IncidentProvider(), incident(page), field)


def assert_unknown_passes(plugin: Plugin, provider: Any, known: dict[str, Any], field: str) -> None:
    news = {**known, field: UNKNOWN}
    if field == "end_at":
        del news["duration"]
    inputs, failures = plugin.check(provider, news)
    assert failures == []
    assert inputs[field] == UNKNOWN
    recorded, _ = plugin.check(provider, known)
    outs = {**recorded, "phase": "scheduled", "end_at": f"{SOON + timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"}
    outs = outs if "start_at" in recorded else {**recorded, "phase": "investigating"}
    assert plugin.diff(provider, "01HZ", outs, inputs).replaces == []


def test_an_unknown_within_a_list_passes_and_other_faults_are_still_told(plugin: Plugin, page: Page) -> None:
    news = maintenance(page, affected_component_ids=[UNKNOWN, "01HZ"], name="x" * 201, on_delete="never")
    _, failures = plugin.check(MaintenanceProvider(), news)
    assert [failure.property for failure in failures] == ["name", "on_delete"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"incident:apiKey": SECRET}, "KeyRefused: incident.io answered 401"),
        ({}, "SettingsError: no API key for incident.io: set INCIDENT_API_KEY"),
    ],
)
def test_an_expected_failure_is_one_line_without_a_traceback_or_the_key(
    page: Page, config: dict[str, str], words: str
) -> None:
    provider = MaintenanceProvider()
    with Plugin({"INCIDENT_API_KEY": None, "INCIDENT_ENDPOINT": page[1]}) as plugin:
        plugin.configure(config)
        inputs, failures = plugin.check(provider, maintenance(page))
        assert failures == []
        with pytest.raises(PluginError) as error:
            plugin.create(provider, inputs)
    details = error.value.details
    assert details.startswith(words)
    assert details.strip().count("\n") == 0
    assert SECRET not in details


def test_with_debug_the_traceback_is_back(page: Page) -> None:
    given = {"INCIDENT_API_KEY": SECRET, "INCIDENT_ENDPOINT": page[1], "STATUSPAGE_DEBUG": "1"}
    with Plugin(given) as plugin:
        inputs, _ = plugin.check(MaintenanceProvider(), maintenance(page))
        with pytest.raises(PluginError) as error:
            plugin.create(MaintenanceProvider(), inputs)
    assert error.value.details.startswith("Traceback")
    assert SECRET not in error.value.details


def test_another_providers_traceback_is_whole_in_the_same_process(page: Page, tmp_path: Path) -> None:
    (tmp_path / "others.py").write_text(
        textwrap.dedent(
            """
            from pulumi.dynamic import ResourceProvider

            class Other(ResourceProvider):
                def create(self, props):
                    raise ValueError("not ours")
            """
        )
    )
    sys.path.insert(0, str(tmp_path))
    try:
        import others  # type: ignore[import-not-found]

        with Plugin({"INCIDENT_ENDPOINT": page[1]}, cwd=str(tmp_path)) as plugin:
            plugin.check(MaintenanceProvider(), maintenance(page))
            with pytest.raises(PluginError) as error:
                plugin.create(others.Other(), {})
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("others", None)
    assert error.value.details.startswith("Traceback")
    assert "in create" in error.value.details


def test_a_false_clock_is_announced_once(page: Page) -> None:
    given = {"STATUSPAGE_NOW": "2026-03-01T12:00:00Z", "INCIDENT_ENDPOINT": page[1]}
    with Plugin(given) as plugin:
        plugin.check(MaintenanceProvider(), maintenance(page))
        plugin.check(IncidentProvider(), incident(page))
        line = "STATUSPAGE_NOW is set: this run assumes that it is Sun 1 Mar 2026, 12:00 UTC"
        assert plugin.printed(line)
    assert sum(line in said for said in plugin.output) == 1


@pytest.mark.parametrize(("method", "asked"), [("POST", 0), ("GET", 1)], ids=["in its POST", "in the read after it"])
def test_a_plugin_killed_in_a_create_leaves_one_window(plugin: Plugin, page: Page, method: str, asked: int) -> None:
    page[0].reset()
    provider = MaintenanceProvider()
    with Plugin(given(page)) as killed:
        inputs, _ = killed.check(provider, maintenance(page, notify_subscribers=True, idempotency_key=method))
        page[0].fault(kind="slow:1", times=1, method=method)

        def create() -> None:
            with pytest.raises(PluginError):
                killed.create(provider, inputs)

        call = threading.Thread(target=create)
        call.start()
        wait_for(lambda: len(page[0].requests) >= asked)
        killed.kill()
        call.join()
    made = plugin.create(provider, inputs)
    assert made.outs["generation"] == 1
    seen = plugin.read(provider, made.id, made.outs)
    assert seen.id == made.id
    assert [notice["object_id"] for notice in page[0].notices] == [made.id]
