"""The state file: what survives a restart, and what a crash can do."""

import json
import time

import httpx
import pytest

from statuspage_provider.emulator import Emulator


@pytest.fixture
def start(tmp_path):
    started = []

    def start():
        for emulator in started:
            emulator.close()
        started.append(Emulator(tmp_path / "deep" / "state.jsonl"))
        return started[-1]

    yield start
    for emulator in started:
        emulator.close()


def client(emulator):
    headers = {"Authorization": "Bearer emulator-write"}
    return httpx.Client(transport=httpx.WSGITransport(app=emulator.app), base_url="http://localhost", headers=headers)


def incident(emulator, key="key"):
    body = {
        "idempotency_key": key,
        "incident_status": "investigating",
        "message": "Looking.",
        "name": "Errors",
        "notify_subscribers": True,
        "status_page_id": emulator.page_id,
    }
    with client(emulator) as http:
        return http.post("/v2/status_page_incidents", json=body).json()["status_page_incident"]


def test_everything_survives_a_restart(start):
    first = start()
    made = incident(first)
    other = first.add_page("Beta", components=["One"])
    first.set_subscribers(first.page_id, 7)
    first.advance(86_400)
    requests, notices, now = first.requests, first.notices, first.now
    second = start()
    with client(second) as http:
        assert second.requests == requests
        assert second.notices == notices
        assert 0 <= (second.now - now).total_seconds() < 60
        assert http.get(f"/v2/status_page_incidents/{made['id']}").json() == {"status_page_incident": made}
        assert http.get(f"/v2/status_pages/{other}").status_code == 200
    assert incident(second) == made
    assert len(second.notices) == 1
    assert incident(second, "another")["id"] > made["id"]
    assert second.notices[-1]["recipients"] == 7


def test_what_was_deleted_or_reset_stays_gone(start):
    first = start()
    incident(first)
    first.clear_requests()
    assert start().requests == []
    third = start()
    third.reset()
    fourth = start()
    assert fourth.notices == []
    assert fourth.components


def test_automation_catches_up_after_a_restart(start):
    first = start()
    now = first.now
    body = {
        "affected_component_ids": [],
        "start_at": now.isoformat(),
        "end_at": now.replace(year=now.year + 1).isoformat(),
        "idempotency_key": "k",
        "maintenance_status": "maintenance_scheduled",
        "message": "m",
        "name": "n",
        "notify_subscribers": True,
        "automate_maintenance_status": True,
        "status_page_id": first.page_id,
    }
    with client(first) as http:
        assert http.post("/v2/status_page_maintenances", json=body).status_code == 201
    second = start()
    second.advance(2 * 366 * 86_400)
    assert [notice["status"][12:] for notice in second.notices] == ["scheduled", "in_progress", "complete"]


def test_a_line_cut_off_by_a_crash_is_dropped(start, tmp_path):
    made = incident(start())
    file = tmp_path / "deep" / "state.jsonl"
    start().close()
    with file.open("a") as out:
        out.write('["save","incidents",{"id":"01')
    assert incident(start())["id"] == made["id"]
    json.loads(file.read_text().splitlines()[-1])


def test_a_file_that_is_something_else_is_refused_and_kept(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("my notes\nmore\n")
    with pytest.raises(ValueError, match="line 1 is not part of"):
        Emulator(file)
    assert file.read_text() == "my notes\nmore\n"


def test_a_long_lived_file_stays_small_and_quick(start, tmp_path):
    emulator = start()
    made = incident(emulator)
    file = tmp_path / "deep" / "state.jsonl"
    with client(emulator) as http:
        for number in range(1_200):
            http.put(f"/v2/status_page_incidents/{made['id']}", json={"name": f"Name {number}"})
            if number % 200 == 0:
                emulator.clear_requests()
    assert len(file.read_text().splitlines()) < 2_200
    began = time.perf_counter()
    assert start().requests
    assert time.perf_counter() - began < 2
