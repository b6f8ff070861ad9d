"""The state file: what survives a restart, and which files are refused."""

import contextlib
import sqlite3

import pytest

from statuspage_provider.emulator import Emulator
from statuspage_provider.emulator.store import Store


def test_everything_survives_a_restart(start, account):
    first = start()
    acme = account(first)
    body = acme.incident_body(notify_subscribers=True)
    made = acme.incident(**body)
    other = first.add_page("Beta", components=["One"])
    first.set_subscribers(first.page_id, 7)
    first.advance(86_400)
    requests, notices, now = first.requests, first.notices, first.now
    second = start()
    acme = account(second)
    assert second.requests == requests
    assert second.notices == notices
    assert 0 <= (second.now - now).total_seconds() < 60
    assert acme.read_incident(made["id"]) == made
    assert acme.http.get(f"/v2/status_pages/{other}").status_code == 200
    assert acme.incident(**body) == made
    assert len(second.notices) == 1
    assert acme.incident(idempotency_key="another", notify_subscribers=True)["id"] > made["id"]
    assert second.notices[-1]["recipients"] == 7


def test_what_was_kept_is_closed_when_nobody_holds_it_any_more():
    with contextlib.closing(Emulator()) as emulator:
        database = emulator.keep().memory._database
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            database.execute("SELECT 1")


def test_what_was_deleted_or_reset_stays_gone(start, account):
    first = start()
    account(first).incident(notify_subscribers=True)
    first.clear_requests()
    second = start()
    assert second.requests == []
    second.reset()
    third = start()
    assert third.notices == []
    assert third.components


def test_automation_catches_up_after_a_restart(start, account):
    account(start()).window(automate_maintenance_status=True, notify_subscribers=True)
    second = start()
    second.advance(86_400)
    assert [notice["status"][12:] for notice in second.notices] == ["scheduled", "in_progress", "complete"]


def broken(file):
    """An emulator's own file, of which the second half is lost."""
    with contextlib.closing(Emulator(file)) as emulator:
        for number in range(200):
            emulator.add_page(f"Page {number}")
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


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="unable to open"):
        Emulator(tmp_path)


def test_a_file_is_as_small_after_many_changes_as_after_few(start, account, tmp_path):
    emulator = start()
    acme = account(emulator)
    key = acme.incident()["id"]
    sizes = []
    for _ in range(4):
        for number in range(100):
            acme.http.put(f"/v2/status_page_incidents/{key}", json={"name": f"Name {number}"})
        emulator.clear_requests()
        emulator.close()
        emulator = start()
        acme = account(emulator)
        sizes.append((tmp_path / "deep" / "state").stat().st_size)
    assert sizes == sizes[:1] * 4
    assert sizes[0] < 200_000
    acme.http.put(f"/v2/status_page_incidents/{key}", json={"name": "The last name"})
    assert start().requests


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
