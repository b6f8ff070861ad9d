"""Availability of a component over a time."""

import pytest


@pytest.fixture
def ask(acme):
    def ask(component="API", start="2026-06-01T00:00:00Z", end="2026-06-02T00:00:00Z", **query):
        path = f"/v2/status_pages/{acme.page}/components/{acme.components.get(component, component)}/availability"
        return acme.http.get(path, params={"start_at": start, "end_at": end, **query})

    return ask


def test_nothing_wrong_is_100_percent(acme, ask):
    assert ask().json()["availability"] == {
        "component_id": acme.components["API"],
        "status_page_id": acme.page,
        "start_at": "2026-06-01T00:00:00Z",
        "end_at": "2026-06-02T00:00:00Z",
        "data_available_since": "2024-01-01T00:00:00Z",
        "availability_percent": "100.00",
    }


@pytest.mark.parametrize(
    ("status", "percent"),
    [("full_outage", "95.83"), ("partial_outage", "95.83"), ("degraded_performance", "100.00")],
)
def test_outages_count_as_down_and_slowness_does_not(acme, ask, emulator, status, percent):
    key = acme.incident(component_statuses=acme.statuses(API=status))["id"]
    emulator.advance(3600)
    acme.update_incident(key, incident_status="resolved")
    emulator.advance(48 * 3600)
    assert ask().json()["availability"]["availability_percent"] == percent  # 23 of 24 hours are 95.833…: floored
    assert ask("Dashboard").json()["availability"]["availability_percent"] == "100.00"


def test_overlapping_outages_count_once(acme, ask, emulator):
    keys = [acme.incident(component_statuses=acme.statuses(API="full_outage"))["id"]]
    emulator.advance(1800)
    keys.append(acme.incident(component_statuses=acme.statuses(API="partial_outage"))["id"])
    emulator.advance(1800)
    for key in keys:
        acme.update_incident(key, incident_status="resolved")
    emulator.advance(48 * 3600)
    assert ask().json()["availability"]["availability_percent"] == "95.83"


def test_maintenance_is_not_downtime(acme, ask, emulator):
    acme.window(affected_component_ids=[acme.components["API"]], automate_maintenance_status=True)
    emulator.advance(48 * 3600)
    assert ask().json()["availability"]["availability_percent"] == "100.00"


def test_an_outage_that_goes_on_counts_up_to_now(acme, ask, emulator):
    acme.incident(component_statuses=acme.statuses(API="full_outage"))
    emulator.advance(12 * 3600)
    assert ask().json()["availability"]["availability_percent"] == "50.00"


def test_time_without_data_is_left_out(ask):
    answer = ask(start="2023-12-31T00:00:00Z", end="2024-01-02T00:00:00Z").json()["availability"]
    assert answer["availability_percent"] == "100.00"
    for start, end in (
        ("2023-01-01T00:00:00Z", "2023-02-01T00:00:00Z"),
        ("2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z"),
    ):
        assert "availability_percent" not in ask(start=start, end=end).json()["availability"]


def test_the_window_is_checked(ask, refused):
    assert ask(start="2025-01-01T00:00:00Z", end="2026-01-02T00:00:00Z").status_code == 200
    refused(ask(start="2025-01-01T00:00:00Z", end="2026-01-02T00:00:01Z"), 422, "/end_at")
    refused(ask(end="2026-06-01T00:00:00Z"), 422, "/end_at")
    refused(ask(start="2026-06-01"), 422, "/start_at")
    refused(ask(step="1h"), 422, "/step")


def test_an_unknown_component_is_404(ask, refused):
    refused(ask("01NONE"), 404)
