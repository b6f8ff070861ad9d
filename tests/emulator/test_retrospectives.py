"""Past incidents with their whole timeline."""

import pytest

PATH = "/v2/status_page_retrospective_incidents"


@pytest.fixture
def body(acme):
    def body(*steps, **changes):
        steps = steps or (("investigating", -3), ("resolved", -1))
        return {
            "idempotency_key": acme._key(),
            "name": "Old outage",
            "status_page_id": acme.page,
            "updates": [
                {"incident_status": status, "message": f"{status}.", "published_at": acme.later(hours=hours)}
                for status, hours in steps
            ],
            **changes,
        }

    return body


def test_it_is_published_at_its_own_times_and_mails_nobody(acme, body, emulator):
    sent = body()
    sent["updates"][0]["component_statuses"] = acme.statuses(API="full_outage")
    incident = acme.ok("POST", PATH, sent)["status_page_incident"]
    assert incident["published_at"] == "2026-06-01T09:00:00Z"
    assert [update["published_at"] for update in incident["updates"]] == [
        "2026-06-01T09:00:00Z",
        "2026-06-01T11:00:00Z",
    ]
    assert incident["component_impacts"] == [
        {
            "component_id": acme.components["API"],
            "component_status": "full_outage",
            "start_at": "2026-06-01T09:00:00Z",
            "end_at": "2026-06-01T11:00:00Z",
        }
    ]
    assert emulator.notices == []
    assert acme.read_incident(incident["id"]) == incident


def test_updates_must_be_in_order(http, body, refused):
    sent = body(("investigating", -1), ("identified", -2), ("resolved", -0.5))
    refused(http.post(PATH, json=sent), 422, "/updates/1/published_at")


@pytest.mark.parametrize("hours", [0, 1])
def test_updates_must_be_in_the_past(http, body, refused, hours):
    refused(http.post(PATH, json=body(("investigating", -1), ("resolved", hours))), 422, "/updates/1/published_at")


def test_the_last_update_must_be_resolved(http, body, refused):
    sent = body(("resolved", -2), ("monitoring", -1))
    refused(http.post(PATH, json=sent), 422, "/updates/1/incident_status")


def test_there_must_be_updates_and_at_most_100(http, body, refused):
    refused(http.post(PATH, json=body(updates=[])), 422, "/updates")
    many = [("monitoring", -1)] * 100 + [("resolved", -1)]
    refused(http.post(PATH, json=body(*many)), 422, "/updates")


def test_the_resolved_entry_may_say_that_components_are_operational_and_nothing_else(acme, http, body, refused):
    sent = body()
    sent["updates"][0]["component_statuses"] = acme.statuses(API="full_outage")
    sent["updates"][1]["component_statuses"] = acme.statuses(API="operational")
    incident = acme.ok("POST", PATH, sent)["status_page_incident"]
    assert incident["updates"][1]["component_statuses"] == acme.statuses(API="operational")
    assert incident["component_impacts"][0]["end_at"] == "2026-06-01T11:00:00Z"
    sent = body()
    sent["updates"][1]["component_statuses"] = acme.statuses(API="full_outage")
    refused(http.post(PATH, json=sent), 422, "/updates/1/component_statuses/0/component_status")


def test_it_takes_no_notify_subscribers(http, body, refused):
    refused(http.post(PATH, json=body(notify_subscribers=False)), 422, "/notify_subscribers")


def test_an_invalid_update_is_pointed_at(http, body, refused):
    sent = body()
    sent["updates"][0]["message"] = "x" * 4097
    refused(http.post(PATH, json=sent), 422, "/updates/0/message")


def test_a_reused_key_answers_as_the_first_time(acme, http, body):
    sent = body()
    first = acme.ok("POST", PATH, sent)
    acme.ok("PUT", f"/v2/status_page_incidents/{first['status_page_incident']['id']}", {"name": "Renamed"})
    assert acme.ok("POST", PATH, sent) == first


def test_a_burst_of_300_then_5_a_second(http, body, emulator, refused):
    sent = body()
    assert {http.post(PATH, json=sent).status_code for _ in range(300)} == {201}
    answer = http.post(PATH, json=sent)
    envelope = refused(answer, 429)
    assert answer.headers["Retry-After"] == "1"
    assert envelope["type"] == "too_many_requests"
    assert envelope["rate_limit"]["remaining"] == 0
    assert envelope["rate_limit"]["retry_after"] == "2026-06-01T12:00:01Z"
    emulator.advance(1)
    assert [http.post(PATH, json=sent).status_code for _ in range(6)] == [201] * 5 + [429]
