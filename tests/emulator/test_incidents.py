"""Incidents: create, read, rename, update, resolve."""

import json

import pytest

CREATE = "/v2/status_page_incidents"
REQUIRED = ["idempotency_key", "incident_status", "message", "name", "notify_subscribers", "status_page_id"]


def test_a_created_incident_comes_back_whole(acme):
    incident = acme.incident(component_statuses=acme.statuses(API="partial_outage"))
    assert set(incident) == {
        "component_impacts",
        "id",
        "incident_status",
        "name",
        "published_at",
        "status_page_id",
        "updates",
    }
    api = acme.components["API"]
    assert incident["component_impacts"] == [
        {"component_id": api, "component_status": "partial_outage", "start_at": "2026-06-01T12:00:00Z"}
    ]
    [update] = incident["updates"]
    assert update["status_page_incident_id"] == incident["id"]
    assert update["component_statuses"] == [{"component_id": api, "component_status": "partial_outage"}]
    assert acme.read_incident(incident["id"]) == incident


@pytest.mark.parametrize("field", REQUIRED)
def test_a_required_field_left_out_is_refused(acme, http, refused, field):
    body = acme.incident_body()
    del body[field]
    refused(http.post(CREATE, json=body), 422, f"/{field}")


@pytest.mark.parametrize("field", REQUIRED)
@pytest.mark.parametrize("value", [None, 7, "", "  ", []])
def test_a_field_of_the_wrong_type_or_empty_is_refused(acme, http, refused, field, value):
    refused(http.post(CREATE, json=acme.incident_body(**{field: value})), 422, f"/{field}")


@pytest.mark.parametrize(("field", "most"), [("name", 200), ("message", 4096)])
def test_lengths_are_counted_in_characters(acme, http, refused, field, most):
    assert http.post(CREATE, json=acme.incident_body(**{field: "é" * most})).status_code == 201
    refused(http.post(CREATE, json=acme.incident_body(**{field: "é" * (most + 1)})), 422, f"/{field}")


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_what_is_not_text_is_refused(acme, http, refused, text):
    content = json.dumps(acme.incident_body(name=text)).encode()
    refused(http.post(CREATE, content=content, headers={"Content-Type": "application/json"}), 422, "/name")


def test_an_unknown_page_is_refused(acme, http, refused):
    refused(http.post(CREATE, json=acme.incident_body(status_page_id="01NONE")), 422, "/status_page_id")


def test_unknown_components_and_those_of_another_page_are_refused(acme, http, refused, emulator):
    emulator.add_page("Other", components=[{"name": "Elsewhere", "id": "01ELSEWHERE"}])
    for key in ("01NONE", "01ELSEWHERE"):
        statuses = [{"component_id": key, "component_status": "full_outage"}]
        body = acme.incident_body(component_statuses=statuses)
        refused(http.post(CREATE, json=body), 422, "/component_statuses/0/component_id")


def test_a_component_cannot_be_listed_twice(acme, http, refused):
    twice = acme.statuses(API="full_outage") * 2
    refused(
        http.post(CREATE, json=acme.incident_body(component_statuses=twice)), 422, "/component_statuses/1/component_id"
    )


def test_a_component_status_must_be_one_of_incidents(acme, http, refused):
    body = acme.incident_body(component_statuses=acme.statuses(API="under_maintenance"))
    refused(http.post(CREATE, json=body), 422, "/component_statuses/0/component_status")


def test_a_reused_key_answers_as_the_first_time_and_mails_nobody(acme, http, emulator):
    body = acme.incident_body(notify_subscribers=True)
    first = http.post(CREATE, json=body)
    key = first.json()["status_page_incident"]["id"]
    acme.update_incident(key, incident_status="resolved")
    again = http.post(CREATE, json={**body, "name": "Another name"})
    assert (again.status_code, again.json()) == (201, first.json())
    assert acme.read_incident(key)["incident_status"] == "resolved"
    assert len(emulator.notices) == 1


def test_a_rename_publishes_nothing(acme, http, emulator):
    incident = acme.incident(notify_subscribers=True)
    renamed = acme.ok("PUT", f"{CREATE}/{incident['id']}", {"name": "Slow API"})["status_page_incident"]
    assert renamed == {**incident, "name": "Slow API"} == acme.read_incident(incident["id"])
    assert len(emulator.notices) == 1


def test_a_rename_takes_a_name_only(acme, http, refused):
    key = acme.incident()["id"]
    refused(http.put(f"{CREATE}/{key}", json={"name": "x", "message": "y"}), 422, "/message")
    refused(http.put(f"{CREATE}/{key}", json={}), 422, "/name")
    refused(http.put(f"{CREATE}/01NONE", json={"name": "x"}), 404)


def test_an_update_without_status_leaves_the_status(acme):
    key = acme.incident(incident_status="identified")["id"]
    update = acme.update_incident(key).json()["status_page_incident_update"]
    assert update["incident_status"] == "identified"
    assert update["component_statuses"] == []


def test_an_update_to_an_unknown_incident_is_404(acme, refused):
    refused(acme.update_incident("01NONE"), 404)


def test_a_components_new_status_ends_the_impact_before(acme, emulator):
    key = acme.incident(component_statuses=acme.statuses(API="full_outage", Dashboard="full_outage"))["id"]
    emulator.advance(60)
    acme.update_incident(key, component_statuses=acme.statuses(API="degraded_performance", Dashboard="full_outage"))
    emulator.advance(60)
    acme.update_incident(key, component_statuses=acme.statuses(API="operational"))
    impacts = [
        (impact["component_status"], impact["start_at"][14:16], impact.get("end_at", "")[14:16])
        for impact in acme.read_incident(key)["component_impacts"]
    ]
    assert impacts == [("full_outage", "00", "01"), ("full_outage", "00", ""), ("degraded_performance", "01", "02")]


def test_resolving_makes_every_component_operational(acme, emulator):
    key = acme.incident(component_statuses=acme.statuses(API="full_outage"))["id"]
    emulator.advance(60)
    update = acme.update_incident(key, incident_status="resolved").json()["status_page_incident_update"]
    assert update["component_statuses"] == acme.statuses(API="operational")
    incident = acme.read_incident(key)
    assert incident["incident_status"] == "resolved"
    assert incident["component_impacts"][0]["end_at"] == "2026-06-01T12:01:00Z"


@pytest.mark.parametrize("statuses", [[], [{"component_id": "x", "component_status": "operational"}]])
def test_component_statuses_are_refused_when_resolving(acme, http, refused, statuses):
    key = acme.incident()["id"]
    answer = acme.update_incident(key, incident_status="resolved", component_statuses=statuses)
    refused(answer, 422, "/component_statuses")
    body = acme.incident_body(incident_status="resolved", component_statuses=statuses)
    refused(http.post(CREATE, json=body), 422, "/component_statuses")


def test_component_statuses_are_refused_on_a_resolved_incident_that_stays_so(acme, refused):
    key = acme.incident(incident_status="resolved")["id"]
    refused(acme.update_incident(key, component_statuses=acme.statuses(API="full_outage")), 422)


def test_an_explicit_status_reopens(acme):
    key = acme.incident(incident_status="resolved")["id"]
    acme.update_incident(key, incident_status="monitoring", component_statuses=acme.statuses(API="full_outage"))
    incident = acme.read_incident(key)
    assert incident["incident_status"] == "monitoring"
    assert "end_at" not in incident["component_impacts"][0]


def test_an_incident_takes_100_updates_the_first_included(acme, refused):
    key = acme.incident()["id"]
    for _ in range(99):
        assert acme.update_incident(key).status_code == 201
    refused(acme.update_incident(key), 422)
    assert len(acme.read_incident(key)["updates"]) == 100


def test_subscribers_are_told_only_when_asked(acme, emulator):
    key = acme.incident(notify_subscribers=True)["id"]
    acme.update_incident(key)
    acme.update_incident(key, notify_subscribers=True, incident_status="resolved", message="Fixed.")
    assert [(n["object"], n["status"], n["message"], n["automated"]) for n in emulator.notices] == [
        ("incident", "investigating", "We are looking into it.", False),
        ("incident", "resolved", "Fixed.", False),
    ]
    assert {n["object_id"] for n in emulator.notices} == {key}


@pytest.mark.parametrize(("subscribers", "status"), [(1000, 201), (1001, 422)])
def test_a_page_with_more_than_1000_subscribers_is_not_mailed(acme, http, emulator, subscribers, status):
    emulator.set_subscribers(acme.page, subscribers)
    key = acme.incident()["id"]
    assert http.post(CREATE, json=acme.incident_body(notify_subscribers=True)).status_code == status
    assert acme.update_incident(key, notify_subscribers=True).status_code == status
    assert acme.update_incident(key).status_code == 201
