"""Maintenance windows: schedule, read, change, update, complete, delete. Automation has a file of its own."""

from datetime import datetime

import pytest

CREATE = "/v2/status_page_maintenances"
REQUIRED = [
    "affected_component_ids",
    "end_at",
    "idempotency_key",
    "maintenance_status",
    "message",
    "name",
    "notify_subscribers",
    "start_at",
    "status_page_id",
]


def test_a_created_window_comes_back_whole(acme):
    window = acme.window()
    database = acme.components["EU / Database"]
    assert set(window) == {
        "automate_maintenance_status",
        "component_maintenance_periods",
        "id",
        "maintenance_status",
        "name",
        "published_at",
        "status_page_id",
        "updates",
    }
    assert window["component_maintenance_periods"] == [
        {"component_id": database, "start_at": "2026-06-01T13:00:00Z", "end_at": "2026-06-01T14:00:00Z"}
    ]
    assert window["updates"][0]["component_statuses"] == [
        {"component_id": database, "component_status": "under_maintenance"}
    ]
    assert window["published_at"] == "2026-06-01T12:00:00Z"
    assert acme.read_window(window["id"]) == window


def test_automation_is_off_unless_asked_for(acme):
    assert acme.window()["automate_maintenance_status"] is False
    assert acme.window(automate_maintenance_status=True)["automate_maintenance_status"] is True


@pytest.mark.parametrize("field", REQUIRED)
def test_a_required_field_left_out_is_refused(acme, http, refused, field):
    body = acme.window_body()
    del body[field]
    refused(http.post(CREATE, json=body), 422, f"/{field}")


@pytest.mark.parametrize("field", [*REQUIRED, "automate_maintenance_status"])
@pytest.mark.parametrize("value", [None, 7, ""])
def test_a_field_of_the_wrong_type_or_empty_is_refused(acme, http, refused, field, value):
    refused(http.post(CREATE, json=acme.window_body(**{field: value})), 422, f"/{field}")


@pytest.mark.parametrize(
    "text",
    ["2026-06-01T13:00:00", "2026-06-01", "2026-06-01 13:00:00Z", "2026-06-31T13:00:00Z", "13:00", 1780318800,
     "2026-06-01T13:00:00+0200", "2026-06-01T25:00:00Z", "0001-01-01T00:00:00+14:00"],
)  # fmt: skip
def test_a_time_must_be_rfc_3339_with_an_offset(acme, http, refused, text):
    refused(http.post(CREATE, json=acme.window_body(start_at=text)), 422, "/start_at")


def test_times_are_instants_and_come_back_in_utc(acme):
    window = acme.window(start_at="2026-06-01T15:00:00.250+02:00", end_at="2026-06-01T16:00:00+02:00")
    [period] = window["component_maintenance_periods"]
    assert (period["start_at"], period["end_at"]) == ("2026-06-01T13:00:00.25Z", "2026-06-01T14:00:00Z")


@pytest.mark.parametrize("hours", [1, 0.5])
def test_the_end_must_come_after_the_start(acme, http, refused, hours):
    refused(http.post(CREATE, json=acme.window_body(end_at=acme.later(hours=hours))), 422, "/end_at")


def test_unknown_components_groups_and_repeats_are_refused(acme, http, refused):
    database = acme.components["EU / Database"]
    group = "01HZACMEGRP0000000000000EV"
    for ids, at in ((["01NONE"], 0), ([database, database], 1), ([group], 0)):
        body = acme.window_body(affected_component_ids=ids)
        refused(http.post(CREATE, json=body), 422, f"/affected_component_ids/{at}")


def test_a_window_may_affect_no_component(acme):
    assert acme.window(affected_component_ids=[])["component_maintenance_periods"] == []


def test_a_reused_key_answers_as_the_first_time_even_after_deletion(acme, http, emulator):
    body = acme.window_body(notify_subscribers=True)
    first = http.post(CREATE, json=body).json()
    key = first["status_page_maintenance"]["id"]
    acme.http.delete(f"{CREATE}/{key}")
    again = http.post(CREATE, json=body)
    assert (again.status_code, again.json()) == (201, first)
    assert http.get(f"{CREATE}/{key}").status_code == 404
    assert len(emulator.notices) == 1


def test_a_key_belongs_to_its_call(acme):
    incident = acme.incident(idempotency_key="same")
    assert acme.window(idempotency_key="same")["id"] != incident["id"]


def test_a_change_is_silent_and_applies_to_every_component(acme, emulator):
    both = [acme.components["API"], acme.components["EU / Queue"]]
    window = acme.window(affected_component_ids=both, notify_subscribers=True)
    change = {"name": "Moved", "start_at": acme.later(hours=5), "end_at": acme.later(hours=6)}
    changed = acme.ok("PUT", f"{CREATE}/{window['id']}", change)["status_page_maintenance"]
    assert changed["name"] == "Moved"
    assert changed["updates"] == window["updates"]
    assert changed["maintenance_status"] == "maintenance_scheduled"
    assert changed["component_maintenance_periods"] == [
        {"component_id": key, "start_at": "2026-06-01T17:00:00Z", "end_at": "2026-06-01T18:00:00Z"} for key in both
    ]
    assert len(emulator.notices) == 1


@pytest.mark.parametrize("field", ["name", "start_at", "end_at"])
def test_a_change_needs_all_three_fields(acme, http, refused, field):
    key = acme.window()["id"]
    change = {"name": "Moved", "start_at": acme.later(hours=5), "end_at": acme.later(hours=6)}
    del change[field]
    refused(http.put(f"{CREATE}/{key}", json=change), 422, f"/{field}")


def test_a_change_takes_nothing_else_and_needs_order(acme, http, refused):
    key = acme.window()["id"]
    change = {"name": "Moved", "start_at": acme.later(hours=5), "end_at": acme.later(hours=6)}
    refused(http.put(f"{CREATE}/{key}", json={**change, "message": "x"}), 422, "/message")
    refused(http.put(f"{CREATE}/{key}", json={**change, "end_at": change["start_at"]}), 422, "/end_at")
    refused(http.put(f"{CREATE}/01NONE", json=change), 404)


def test_a_deleted_window_is_gone_everywhere_and_nobody_is_told(acme, http, emulator, refused):
    key = acme.window(notify_subscribers=True)["id"]
    link = f"/pages/acme/maintenances/{key}"
    assert http.get(link).status_code == 200
    answer = http.delete(f"{CREATE}/{key}")
    assert (answer.status_code, answer.content) == (204, b"")
    refused(http.get(f"{CREATE}/{key}"), 404)
    refused(http.delete(f"{CREATE}/{key}"), 404)
    refused(acme.update_window(key), 404)
    assert http.get(link).status_code == 404
    assert key not in http.get("/pages/acme").text
    assert acme.ok("GET", f"{CREATE}?status_page_id={acme.page}")["status_page_maintenances"] == []
    assert acme.ok("GET", "/pages/acme/api/v1/summary")["scheduled_maintenances"] == []
    assert len(emulator.notices) == 1


def test_an_update_without_status_leaves_status_and_automation(acme):
    key = acme.window(automate_maintenance_status=True)["id"]
    update = acme.update_window(key).json()["status_page_maintenance_update"]
    assert set(update) == {
        "component_statuses",
        "id",
        "maintenance_status",
        "message",
        "published_at",
        "status_page_maintenance_id",
    }
    assert update["maintenance_status"] == "maintenance_scheduled"
    assert acme.read_window(key)["automate_maintenance_status"] is True


def test_an_update_that_carries_a_status_turns_automation_off(acme):
    key = acme.window(automate_maintenance_status=True)["id"]
    acme.update_window(key, maintenance_status="maintenance_scheduled")
    assert acme.read_window(key)["automate_maintenance_status"] is False


def test_completing_early_ends_the_periods_then(acme, emulator):
    key = acme.window(maintenance_status="maintenance_in_progress", start_at=acme.later(minutes=-30))["id"]
    emulator.advance(600)
    update = acme.update_window(key, maintenance_status="maintenance_complete").json()
    database = acme.components["EU / Database"]
    assert update["status_page_maintenance_update"]["component_statuses"] == [
        {"component_id": database, "component_status": "operational"}
    ]
    [period] = acme.read_window(key)["component_maintenance_periods"]
    assert period == {
        "component_id": database,
        "start_at": "2026-06-01T11:30:00Z",
        "end_at": "2026-06-01T12:10:00Z",
    }


def test_completing_late_ends_the_periods_then_too(acme, emulator):
    key = acme.window(maintenance_status="maintenance_in_progress")["id"]
    emulator.advance(3 * 3600)
    acme.update_window(key, maintenance_status="maintenance_complete")
    assert acme.read_window(key)["component_maintenance_periods"][0]["end_at"] == "2026-06-01T15:00:00Z"


@pytest.mark.parametrize("completed", ["2026-06-01T12:20:00Z", "2026-06-01T13:20:00Z"])
def test_a_window_begun_early_says_when_it_really_was_once_it_is_over(acme, emulator, completed):
    key = acme.window()["id"]
    emulator.advance(600)
    acme.update_window(key, maintenance_status="maintenance_in_progress")
    [period] = acme.read_window(key)["component_maintenance_periods"]
    assert (period["start_at"], period["end_at"]) == ("2026-06-01T13:00:00Z", "2026-06-01T14:00:00Z")
    emulator.set_clock(datetime.fromisoformat(completed.replace("Z", "+00:00")))
    acme.update_window(key, maintenance_status="maintenance_complete")
    [period] = acme.read_window(key)["component_maintenance_periods"]
    assert (period["start_at"], period["end_at"]) == ("2026-06-01T12:10:00Z", completed)
    for instant, count in {"2026-06-01T12:15:00Z": 1, "2026-06-01T13:30:00Z": 0}.items():
        query = f"status_page_id={acme.page}&start_at={instant}&end_at={instant}"
        listed = acme.ok("GET", f"/v2/status_page_maintenances?{query}")
        assert len(listed["status_page_maintenances"]) == count


def test_a_window_made_in_progress_before_its_start_began_when_it_was_made(acme, emulator):
    key = acme.window(maintenance_status="maintenance_in_progress")["id"]
    emulator.advance(60)
    acme.update_window(key, maintenance_status="maintenance_complete")
    [period] = acme.read_window(key)["component_maintenance_periods"]
    assert (period["start_at"], period["end_at"]) == ("2026-06-01T12:00:00Z", "2026-06-01T12:01:00Z")


def test_a_window_whose_start_was_moved_while_it_went_on_never_ends_in_the_future(acme, emulator):
    key = acme.window()["id"]
    acme.update_window(key, maintenance_status="maintenance_in_progress")
    times = {"name": "Moved", "start_at": acme.later(hours=5), "end_at": acme.later(hours=6)}
    acme.ok("PUT", f"/v2/status_page_maintenances/{key}", times)
    emulator.advance(60)
    acme.update_window(key, maintenance_status="maintenance_complete")
    [period] = acme.read_window(key)["component_maintenance_periods"]
    assert (period["start_at"], period["end_at"]) == ("2026-06-01T12:00:00Z", "2026-06-01T12:01:00Z")


def test_a_component_that_joins_a_window_begun_early_is_in_it_from_then_on(acme, emulator):
    key = acme.window(maintenance_status="maintenance_in_progress")["id"]
    emulator.advance(60)
    acme.update_window(key, component_statuses=acme.statuses(API="under_maintenance"))
    emulator.advance(60)
    acme.update_window(key, maintenance_status="maintenance_complete")
    periods = acme.read_window(key)["component_maintenance_periods"]
    assert [(one["start_at"][11:16], one["end_at"][11:16]) for one in periods] == [
        ("12:00", "12:02"),
        ("12:01", "12:02"),
    ]


def test_completing_before_the_start_leaves_an_empty_period(acme):
    key = acme.window()["id"]
    acme.update_window(key, maintenance_status="maintenance_complete")
    [period] = acme.read_window(key)["component_maintenance_periods"]
    assert period["start_at"] == period["end_at"] == "2026-06-01T13:00:00Z"


def test_component_statuses_are_refused_at_completion(acme, refused):
    key = acme.window()["id"]
    for statuses in ([], acme.statuses(API="operational")):
        answer = acme.update_window(key, maintenance_status="maintenance_complete", component_statuses=statuses)
        refused(answer, 422, "/component_statuses")


def test_a_status_can_be_moved_back_by_an_update(acme, emulator):
    key = acme.window(maintenance_status="maintenance_in_progress")["id"]
    acme.update_window(key, maintenance_status="maintenance_complete")
    acme.update_window(key, maintenance_status="maintenance_in_progress")
    window = acme.read_window(key)
    assert window["maintenance_status"] == "maintenance_in_progress"
    assert window["component_maintenance_periods"][0]["end_at"] == "2026-06-01T14:00:00Z"


def test_components_leave_and_join_a_window_in_progress(acme, emulator):
    key = acme.window(maintenance_status="maintenance_in_progress", start_at=acme.later(hours=-1))["id"]
    emulator.advance(60)
    acme.update_window(
        key, component_statuses=acme.statuses(**{"EU / Database": "operational", "API": "under_maintenance"})
    )
    emulator.advance(60)
    acme.update_window(key, maintenance_status="maintenance_complete")
    periods = acme.read_window(key)["component_maintenance_periods"]
    assert [(p["component_id"], p["start_at"][11:16], p["end_at"][11:16]) for p in periods] == [
        (acme.components["EU / Database"], "11:00", "12:01"),
        (acme.components["API"], "12:01", "12:02"),
    ]


def test_components_leave_and_join_a_scheduled_window(acme):
    key = acme.window()["id"]
    acme.update_window(
        key, component_statuses=acme.statuses(**{"EU / Database": "operational", "API": "under_maintenance"})
    )
    [period] = acme.read_window(key)["component_maintenance_periods"]
    assert period["component_id"] == acme.components["API"]
    assert period["start_at"] == "2026-06-01T13:00:00Z"


def test_an_updates_components_are_the_pages_own(acme, refused):
    key = acme.window()["id"]
    stranger = [{"component_id": "01NONE", "component_status": "operational"}]
    refused(acme.update_window(key, component_statuses=stranger), 422, "/component_statuses/0/component_id")
    refused(acme.update_window(key, component_statuses=acme.statuses(API="full_outage")), 422)


def test_a_window_takes_100_updates_the_first_included(acme, refused):
    key = acme.window()["id"]
    for _ in range(99):
        assert acme.update_window(key).status_code == 201
    refused(acme.update_window(key), 422)


def test_an_update_refuses_unknown_fields_and_statuses(acme, refused):
    key = acme.window()["id"]
    refused(acme.update_window(key, affected_component_ids=[]), 422, "/affected_component_ids")
    refused(acme.update_window(key, maintenance_status="resolved"), 422, "/maintenance_status")
    refused(acme.update_window(key, maintenance_status=None), 422, "/maintenance_status")
    refused(acme.update_window(key, message="x" * 4097), 422, "/message")
    refused(acme.update_window("01NONE"), 404)


@pytest.mark.parametrize(("subscribers", "status"), [(1000, 201), (1001, 422)])
def test_a_page_with_more_than_1000_subscribers_is_not_mailed(acme, http, emulator, subscribers, status):
    emulator.set_subscribers(acme.page, subscribers)
    key = acme.window()["id"]
    assert http.post(CREATE, json=acme.window_body(notify_subscribers=True)).status_code == status
    assert acme.update_window(key, notify_subscribers=True).status_code == status
    assert len(emulator.notices) == (2 if status == 201 else 0)
