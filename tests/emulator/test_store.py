"""The state file: what survives a restart, and which files are refused."""

import contextlib
import sqlite3
import time

import httpx
import pytest

from statuspage_provider.emulator import Emulator
from statuspage_provider.emulator.store import Store


@pytest.fixture
def start(tmp_path):
    started = []

    def start():
        for emulator in started:
            emulator.close()
        started.append(Emulator(tmp_path / "deep" / "state"))
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


def broken(file):
    """An emulator's own file, of which the second half is lost."""
    emulator = Emulator(file)
    for number in range(200):
        incident(emulator, f"key {number}")
    emulator.close()
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def anothers(file):
    with contextlib.closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE bookmarks (url TEXT)")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda file: file.write_text("my notes\nmore\n"), "not a database"),
        (anothers, "another program"),
        (broken, "broken|malformed"),
    ],
)
def test_a_file_that_is_something_else_is_refused_in_one_line_and_kept(tmp_path, make, reason):
    file = tmp_path / "state"
    make(file)
    before = file.read_bytes()
    with pytest.raises(ValueError, match=reason) as refused:
        Emulator(file)
    assert str(file) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert file.read_bytes() == before


def test_a_file_that_nobody_may_write_is_refused(tmp_path):
    with pytest.raises(ValueError, match="unable to open"):
        Emulator(tmp_path)


def test_a_long_lived_file_stays_small_and_quick(start, tmp_path):
    emulator = start()
    made = incident(emulator)
    with client(emulator) as http:
        for number in range(1_200):
            http.put(f"/v2/status_page_incidents/{made['id']}", json={"name": f"Name {number}"})
            if number % 200 == 0:
                emulator.clear_requests()
    began = time.perf_counter()
    assert start().requests
    assert time.perf_counter() - began < 2
    assert (tmp_path / "deep" / "state").stat().st_size < 200_000


def test_a_log_keeps_its_last_10_000_lines():
    store = Store()
    for number in range(10_005):
        store.log("requests", {"number": number})
    store.log("notices", {"number": -1})
    kept = store.read_log("requests")
    assert [kept[0]["number"], kept[-1]["number"], len(kept)] == [5, 10_004, 10_000]
    assert len(store.read_log("notices")) == 1


def test_a_cleared_line_is_not_written_again_in_the_place_of_another():
    store = Store()
    number = store.log("requests", {"line": "old"})
    store.clear_log("requests")
    store.log("requests", {"line": "new"})
    store.rewrite_log("requests", number, {"line": "old, carried out"})
    assert store.read_log("requests") == [{"line": "new"}]
