"""The widget's summary of a page."""

import pytest

PATH = "/pages/acme/api/v1/summary"


@pytest.fixture
def summary(acme):
    return lambda: acme.ok("GET", PATH)


def test_a_quiet_page(summary):
    assert summary() == {
        "page_title": "Acme Status",
        "page_url": "http://localhost/pages/acme",
        "ongoing_incidents": [],
        "in_progress_maintenances": [],
        "scheduled_maintenances": [],
    }


def test_no_key_is_needed(connect):
    assert connect(None).get(PATH).status_code == 200


def test_an_ongoing_incident(acme, summary):
    statuses = acme.statuses(**{"API": "degraded_performance", "EU / Queue": "full_outage"})
    key = acme.incident(component_statuses=statuses)["id"]
    [incident] = summary()["ongoing_incidents"]
    assert incident == {
        "id": key,
        "name": "Elevated errors",
        "url": f"http://localhost/pages/acme/incidents/{key}",
        "status": "investigating",
        "current_worst_impact": "full_outage",
        "last_update_at": "2026-06-01T12:00:00Z",
        "last_update_message": "We are looking into it.",
        "affected_components": [
            {"id": acme.components["API"], "name": "API", "current_status": "degraded_performance"},
            {
                "id": acme.components["EU / Queue"],
                "name": "Queue",
                "group_name": "EU",
                "current_status": "full_outage",
            },
        ],
    }
    assert acme.http.get(incident["url"]).status_code == 200
    acme.update_incident(key, incident_status="resolved")
    assert summary()["ongoing_incidents"] == []


def test_a_window_from_plan_to_end(acme, summary, emulator):
    key = acme.window(automate_maintenance_status=True)["id"]
    [planned] = summary()["scheduled_maintenances"]
    assert (planned["id"], planned["status"]) == (key, "maintenance_scheduled")
    assert (planned["starts_at"], planned["ends_at"]) == ("2026-06-01T13:00:00Z", "2026-06-01T14:00:00Z")
    assert planned["affected_components"][0]["group_name"] == "EU"
    emulator.advance(3700)
    told = summary()
    assert told["scheduled_maintenances"] == []
    [now] = told["in_progress_maintenances"]
    assert now["status"] == "maintenance_in_progress"
    assert (now["started_at"], now["scheduled_end_at"]) == ("2026-06-01T13:00:00Z", "2026-06-01T14:00:00Z")
    assert now["affected_components"][0]["current_status"] == "under_maintenance"
    emulator.advance(3700)
    assert summary()["in_progress_maintenances"] == []


def test_it_can_be_cached_and_asked_for_again_cheaply(acme, http):
    first = http.get(PATH)
    assert "max-age=" in first.headers["Cache-Control"]
    again = http.get(PATH, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    acme.incident()
    assert http.get(PATH, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_an_unknown_page_has_no_widget(http, refused):
    refused(http.get("/pages/nobody/api/v1/summary"), 404)


def test_a_component_has_one_status_wherever_it_is_named(acme, summary):
    database = acme.components["EU / Database"]
    acme.window(maintenance_status="maintenance_in_progress")
    acme.window()
    found = summary()
    named = [found[name][0]["affected_components"] for name in ("in_progress_maintenances", "scheduled_maintenances")]
    assert [[one["current_status"] for one in listed] for listed in named] == [["under_maintenance"]] * 2
    for status in ("full_outage", "partial_outage"):
        acme.incident(component_statuses=[{"component_id": database, "component_status": status}])
    found = summary()
    said = [
        one["current_status"]
        for listed in ("ongoing_incidents", "in_progress_maintenances", "scheduled_maintenances")
        for event in found[listed]
        for one in event["affected_components"]
    ]
    assert said == ["full_outage"] * 4
    assert [one["current_worst_impact"] for one in found["ongoing_incidents"]] == ["partial_outage", "full_outage"]


def test_a_browser_may_ask_first_whether_it_may_read(http, refused):
    answer = http.options(PATH, headers={"Origin": "https://example.com", "Access-Control-Request-Method": "GET"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "*"
    refused(http.options("/pages/nobody/api/v1/summary"), 404)
