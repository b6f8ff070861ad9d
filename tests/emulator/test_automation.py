"""Windows that move by themselves as the clock does."""

CREATE = "/v2/status_page_maintenances"


def timeline(window):
    return [
        (update["maintenance_status"].removeprefix("maintenance_"), update["published_at"])
        for update in window["updates"]
    ]


def test_a_window_starts_and_completes_at_its_planned_instants(acme, emulator):
    key = acme.window(automate_maintenance_status=True)["id"]
    emulator.advance(3599)
    assert acme.read_window(key)["maintenance_status"] == "maintenance_scheduled"
    emulator.advance(31)
    assert acme.read_window(key)["maintenance_status"] == "maintenance_in_progress"
    emulator.advance(24 * 3600)
    window = acme.read_window(key)
    assert timeline(window) == [
        ("scheduled", "2026-06-01T12:00:00Z"),
        ("in_progress", "2026-06-01T13:00:00Z"),
        ("complete", "2026-06-01T14:00:00Z"),
    ]
    assert window["updates"][-1]["component_statuses"][0]["component_status"] == "operational"
    assert window["automate_maintenance_status"] is True


def test_without_automation_nothing_moves(acme, emulator):
    key = acme.window()["id"]
    emulator.advance(24 * 3600)
    assert acme.read_window(key)["maintenance_status"] == "maintenance_scheduled"


def test_automated_updates_notify_if_the_create_did(acme, emulator):
    loud = acme.window(automate_maintenance_status=True, notify_subscribers=True)["id"]
    acme.window(automate_maintenance_status=True)
    emulator.advance(24 * 3600)
    assert [(n["object_id"], n["status"], n["at"][11:16], n["automated"]) for n in emulator.notices] == [
        (loud, "maintenance_scheduled", "12:00", False),
        (loud, "maintenance_in_progress", "13:00", True),
        (loud, "maintenance_complete", "14:00", True),
    ]


def test_automation_may_mail_a_page_that_grew_large(acme, emulator):
    acme.window(automate_maintenance_status=True, notify_subscribers=True)
    emulator.set_subscribers(acme.page, 5000)
    emulator.advance(24 * 3600)
    assert [notice["recipients"] for notice in emulator.notices] == [25, 5000, 5000]


def test_it_follows_a_changed_schedule(acme, emulator):
    key = acme.window(automate_maintenance_status=True)["id"]
    change = {"name": "Later", "start_at": acme.later(hours=10), "end_at": acme.later(hours=11)}
    acme.ok("PUT", f"{CREATE}/{key}", change)
    emulator.advance(5 * 3600)
    assert acme.read_window(key)["maintenance_status"] == "maintenance_scheduled"
    emulator.advance(24 * 3600)
    assert [at for _, at in timeline(acme.read_window(key))][1:] == ["2026-06-01T22:00:00Z", "2026-06-01T23:00:00Z"]


def test_it_moves_forwards_only(acme, emulator):
    key = acme.window(automate_maintenance_status=True)["id"]
    emulator.advance(4000)
    change = {"name": "Later", "start_at": acme.later(hours=10), "end_at": acme.later(hours=11)}
    assert acme.ok("PUT", f"{CREATE}/{key}", change)["status_page_maintenance"]["maintenance_status"] == (
        "maintenance_in_progress"
    )
    emulator.advance(24 * 3600)
    change = {"name": "Again", "start_at": acme.later(hours=10), "end_at": acme.later(hours=11)}
    acme.ok("PUT", f"{CREATE}/{key}", change)
    emulator.advance(24 * 3600)
    assert [status for status, _ in timeline(acme.read_window(key))] == ["scheduled", "in_progress", "complete"]


def test_a_window_created_after_its_start_moves_at_once(acme):
    key = acme.window(automate_maintenance_status=True, start_at=acme.later(hours=-1))["id"]
    assert timeline(acme.read_window(key))[-1] == ("in_progress", "2026-06-01T12:00:00Z")


def test_a_window_created_in_progress_only_completes(acme, emulator):
    key = acme.window(
        automate_maintenance_status=True,
        start_at=acme.later(hours=-1),
        maintenance_status="maintenance_in_progress",
    )["id"]
    emulator.advance(24 * 3600)
    assert [status for status, _ in timeline(acme.read_window(key))] == ["in_progress", "complete"]


def test_an_end_moved_into_the_past_completes_no_earlier_than_it_was_moved(acme, emulator):
    key = acme.window(automate_maintenance_status=True)["id"]
    emulator.advance(5400)
    change = {"name": "Short", "start_at": acme.later(hours=-1), "end_at": acme.later(minutes=-10)}
    acme.ok("PUT", f"{CREATE}/{key}", change)
    assert timeline(acme.read_window(key))[-1] == ("complete", "2026-06-01T13:30:00Z")


def test_a_deleted_window_publishes_nothing_more(acme, emulator):
    key = acme.window(automate_maintenance_status=True, notify_subscribers=True)["id"]
    acme.http.delete(f"{CREATE}/{key}")
    emulator.advance(24 * 3600)
    assert len(emulator.notices) == 1


def test_several_windows_move_in_the_order_of_their_times(acme, emulator):
    late = acme.window(automate_maintenance_status=True, notify_subscribers=True)["id"]
    early = acme.window(
        automate_maintenance_status=True,
        notify_subscribers=True,
        start_at=acme.later(minutes=10),
        end_at=acme.later(minutes=90),
    )["id"]
    emulator.advance(24 * 3600)
    assert [notice["object_id"] for notice in emulator.notices if notice["automated"]] == [early, late, early, late]


def test_automated_updates_count_but_are_never_held_back(acme, emulator):
    key = acme.window(automate_maintenance_status=True)["id"]
    for _ in range(99):
        acme.update_window(key)
    emulator.advance(24 * 3600)
    assert acme.read_window(key)["maintenance_status"] == "maintenance_complete"


def test_a_component_declared_operational_stays_out(acme, emulator):
    both = [acme.components["API"], acme.components["EU / Queue"]]
    key = acme.window(automate_maintenance_status=True, affected_component_ids=both)["id"]
    emulator.advance(3660)
    acme.update_window(key, component_statuses=acme.statuses(API="operational"))
    emulator.advance(24 * 3600)
    window = acme.read_window(key)
    assert [period["end_at"][11:16] for period in window["component_maintenance_periods"]] == ["13:01", "14:00"]
    assert [one["component_id"] for one in window["updates"][-1]["component_statuses"]] == [both[1]]
