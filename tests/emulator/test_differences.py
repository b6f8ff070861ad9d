"""The switches: each way in which the real service may be unlike the emulator, by HTTP, and off unless asked for."""

import itertools

import httpx
import pytest

from statuspage_provider.emulator import Emulator

DIFFERENCES = "/_emulator/differences"
INCIDENTS, WINDOWS = "/v2/status_page_incidents", "/v2/status_page_maintenances"
ME_INCIDENTS = "/user/api/v1/incidents"
OFF = {
    "open_ended_periods": False,
    "early_starts": False,
    "public_urls": True,
    "widgets": True,
    "stale_reads": 0,
    "rerenders_markdown": False,
    "unknown_values": False,
}


def names(acme, path):
    listed = acme.ok("GET", f"{path}?status_page_id={acme.page}")
    return [one["name"] for one in listed[path.removeprefix("/v2/")]]


# the switches themselves


def test_every_switch_is_off_at_the_start(http):
    assert http.get(DIFFERENCES).json() == OFF


def test_an_order_changes_what_it_names_and_reset_clears_all(http, emulator):
    assert http.post(DIFFERENCES, json={"stale_reads": 2}).json() == {**OFF, "stale_reads": 2}
    emulator.differ(public_urls=False)
    assert http.get(DIFFERENCES).json() == {**OFF, "stale_reads": 2, "public_urls": False}
    emulator.reset()
    assert http.get(DIFFERENCES).json() == OFF


@pytest.mark.parametrize("order", [{"stale_reads": -1}, {"stale_reads": True}, {"widgets": None}, {"speed": 1}, []])
def test_an_order_that_makes_no_sense_is_refused(http, order):
    assert http.post(DIFFERENCES, json=order).status_code in (400, 422)
    assert http.get(DIFFERENCES).json() == OFF


def test_switches_survive_a_restart(tmp_path):
    first = Emulator(tmp_path / "state")
    first.differ(widgets=False, stale_reads=3)
    first.close()
    second = Emulator(tmp_path / "state")
    with httpx.Client(transport=httpx.WSGITransport(app=second.app), base_url="http://localhost") as http:
        assert http.get(DIFFERENCES).json() == {**OFF, "widgets": False, "stale_reads": 3}
    second.close()


# open_ended_periods


def test_a_window_that_is_not_over_has_periods_without_an_end(acme, emulator):
    emulator.differ(open_ended_periods=True)
    both = [acme.components["API"], acme.components["EU / Database"]]
    window = acme.window(affected_component_ids=both)
    assert [list(one) for one in window["component_maintenance_periods"]] == [["component_id", "start_at"]] * 2
    emulator.advance(5400)
    released = acme.statuses(API="operational")
    acme.update_window(window["id"], maintenance_status="maintenance_in_progress", component_statuses=released)
    shown = acme.read_window(window["id"])["component_maintenance_periods"]
    assert [one.get("end_at") for one in shown] == ["2026-06-01T13:30:00Z", None]
    emulator.advance(600)
    acme.update_window(window["id"], maintenance_status="maintenance_complete")
    shown = acme.read_window(window["id"])["component_maintenance_periods"]
    assert [one.get("end_at") for one in shown] == ["2026-06-01T13:30:00Z", "2026-06-01T13:40:00Z"]


def test_a_filter_by_time_takes_a_period_without_an_end_to_last(acme, emulator):
    acme.window()
    late = f"{WINDOWS}?status_page_id={acme.page}&start_at={acme.later(days=2)}"
    assert acme.ok("GET", late)["status_page_maintenances"] == []
    emulator.differ(open_ended_periods=True)
    assert len(acme.ok("GET", late)["status_page_maintenances"]) == 1


# early_starts


def test_a_window_that_goes_in_progress_before_its_start_can_begin_its_periods_at_once(acme, emulator):
    emulator.differ(early_starts=True)
    born = acme.window(maintenance_status="maintenance_in_progress")
    assert born["component_maintenance_periods"][0]["start_at"] == "2026-06-01T12:00:00Z"
    key = acme.window()["id"]
    emulator.advance(600)
    acme.update_window(key, maintenance_status="maintenance_in_progress")
    [period] = acme.read_window(key)["component_maintenance_periods"]
    assert (period["start_at"], period["end_at"]) == ("2026-06-01T12:10:00Z", "2026-06-01T14:00:00Z")
    acme.update_window(key, maintenance_status="maintenance_scheduled")
    assert acme.read_window(key)["component_maintenance_periods"][0]["start_at"] == "2026-06-01T13:00:00Z"


# public_urls, widgets


def test_pages_can_be_without_a_public_url(acme, emulator):
    emulator.differ(public_urls=False)
    [listed] = acme.ok("GET", "/v2/status_pages")["status_pages"]
    assert "public_url" not in listed
    assert acme.ok("GET", f"/v2/status_pages/{acme.page}")["status_page"] == listed


def test_the_widget_can_be_switched_off(http, emulator, refused):
    emulator.differ(widgets=False)
    refused(http.get("/pages/acme/api/v1/summary"), 404)
    assert http.get("/pages/acme").status_code == 200


# hidden and shared components


def test_a_component_can_be_hidden_and_stand_in_two_sub_pages(acme, http, emulator):
    shared = {"name": "Shared", "id": "01SHARED"}
    key = emulator.add_page(
        "Beta",
        components=["API", {"name": "Secret", "hidden": True}],
        sub_pages={"EU": {"components": [shared]}, "US": {"groups": {"Core": [shared]}}},
    )
    items = acme.ok("GET", f"/v2/status_page_structures/{key}")["current_structure"]["items"]
    assert [one["component"]["hidden"] for one in items[:2]] == [False, True]
    [in_eu], [in_us] = (one["sub_page"]["items"] for one in items[2:])
    assert in_eu["component"] == in_us["group"]["components"][0]
    assert in_eu["component"]["component_id"] == "01SHARED"
    statuses = [{"component_id": "01SHARED", "component_status": "full_outage"}]
    acme.incident(status_page_id=key, component_statuses=statuses)
    for sub_page in items[2:]:
        query = f"?status_page_id={key}&sub_page_id={sub_page['sub_page']['id']}"
        assert len(acme.ok("GET", f"{INCIDENTS}{query}")["status_page_incidents"]) == 1
    assert http.get("/pages/beta").status_code == 200
    assert "Secret" not in http.get("/pages/beta").text


@pytest.mark.parametrize(
    "layout",
    [
        {"components": [{"name": "A", "id": "1"}, {"name": "A", "id": "1"}]},
        {"components": [{"name": "A", "id": "1"}], "groups": {"G": [{"name": "B", "id": "1"}]}},
        {"components": [{"name": "A", "colour": "red"}]},
    ],
)
def test_a_layout_that_contradicts_itself_is_refused(http, refused, layout):
    refused(http.post("/_emulator/pages", json={"name": "Beta", **layout}), 422)


# stale_reads


def test_a_new_object_is_not_there_for_so_many_reads(acme, http, emulator, refused):
    emulator.differ(stale_reads=2)
    key = acme.window()["id"]
    refused(http.get(f"{WINDOWS}/{key}"), 404)
    assert names(acme, WINDOWS) == []
    assert acme.read_window(key)["name"] == "Database upgrade"
    assert names(acme, WINDOWS) == ["Database upgrade"]


def test_a_changed_object_is_read_as_before_its_last_change(acme, http, emulator):
    key = acme.incident()["id"]
    emulator.differ(stale_reads=1)
    assert acme.ok("PUT", f"{INCIDENTS}/{key}", {"name": "New"})["status_page_incident"]["name"] == "New"
    assert [acme.read_incident(key)["name"] for _ in range(2)] == ["Elevated errors", "New"]
    acme.ok("PUT", f"{INCIDENTS}/{key}", {"name": "Newer"})
    assert acme.update_incident(key, incident_status="resolved").status_code == 201
    shown = [acme.read_incident(key) for _ in range(2)]
    assert [one["name"] for one in shown] == ["Newer", "Newer"]
    assert [one["incident_status"] for one in shown] == ["investigating", "resolved"]
    acme.ok("PUT", f"{INCIDENTS}/{key}", {"name": "Newest"})
    assert [names(acme, INCIDENTS) for _ in range(2)] == [["Newer"], ["Newest"]]


def test_writes_see_the_truth(acme, http, emulator):
    emulator.differ(stale_reads=5)
    key = acme.window()["id"]
    assert acme.update_window(key, maintenance_status="maintenance_in_progress").status_code == 201
    assert http.delete(f"{WINDOWS}/{key}").status_code == 204
    assert http.delete(f"{WINDOWS}/{key}").status_code == 404


def test_a_deleted_window_is_read_for_a_while(acme, http, emulator, refused):
    first, second, third = (acme.window(name=name)["id"] for name in ("First", "Second", "Third"))
    emulator.differ(stale_reads=2)
    http.delete(f"{WINDOWS}/{second}")
    assert names(acme, WINDOWS) == ["Third", "Second", "First"]
    assert acme.read_window(second)["name"] == "Second"
    refused(http.get(f"{WINDOWS}/{second}"), 404)
    assert names(acme, WINDOWS) == ["Third", "First"]
    assert first < third


def test_a_refused_write_and_a_replay_are_no_writes(acme, http, emulator):
    body = acme.incident_body()
    key = acme.ok("POST", INCIDENTS, body)["status_page_incident"]["id"]
    emulator.differ(stale_reads=1)
    assert http.put(f"{INCIDENTS}/{key}", json={"name": ""}).status_code == 422
    assert acme.update_incident(key, component_statuses=[{"component_id": "x"}]).status_code == 422
    acme.ok("POST", INCIDENTS, body)
    assert http.get(f"{INCIDENTS}/{key}").status_code == 200


def test_switching_it_off_shows_the_truth(acme, emulator):
    emulator.differ(stale_reads=9)
    key = acme.incident()["id"]
    emulator.differ(stale_reads=0)
    assert acme.read_incident(key)["id"] == key


def test_reads_of_statuspage_me_lag_too(acme, http, emulator):
    emulator.differ(stale_reads=1)
    body = {"title": "Slow", "status_page_id": emulator.statuspage_me_page_id}
    key = acme.ok("POST", ME_INCIDENTS, body)["id"]
    assert http.get(f"{ME_INCIDENTS}/{key}").status_code == 404
    assert http.get(f"{ME_INCIDENTS}/{key}").status_code == 200
    acme.ok("POST", f"{ME_INCIDENTS}/{key}/updates", {"message": "News"})
    assert [len(acme.ok("GET", f"{ME_INCIDENTS}/{key}")["updates"]) for _ in range(2)] == [1, 2]
    acme.ok("PATCH", f"{ME_INCIDENTS}/{key}", {"title": "Slower"})
    assert [acme.ok("GET", ME_INCIDENTS)[0]["title"] for _ in range(2)] == ["Slow", "Slower"]
    http.delete(f"{ME_INCIDENTS}/{key}")
    assert [len(acme.ok("GET", ME_INCIDENTS)) for _ in range(2)] == [1, 0]


# rerenders_markdown

WRITTEN = "* one  \n+ two\n\n\n\n  * three\t\n2 * 3\n\nend\n\n"
RENDERED = "- one\n- two\n\n  - three\n2 * 3\n\nend"


def test_messages_are_kept_mailed_and_answered_as_rendered(acme, emulator):
    emulator.differ(rerenders_markdown=True)
    made = acme.incident(message=WRITTEN, notify_subscribers=True)
    assert made["updates"][0]["message"] == RENDERED
    assert emulator.notices[0]["message"] == RENDERED
    assert acme.update_window(acme.window()["id"], message=WRITTEN).json()["status_page_maintenance_update"][
        "message"
    ] == (RENDERED)
    emulator.differ(rerenders_markdown=False)
    assert acme.read_incident(made["id"])["updates"][0]["message"] == RENDERED
    assert acme.incident(message=WRITTEN)["updates"][0]["message"] == WRITTEN


def test_statuspage_me_renders_messages_too(acme, emulator):
    emulator.differ(rerenders_markdown=True)
    body = {"title": "Slow", "message": WRITTEN, "status_page_id": emulator.statuspage_me_page_id}
    made = acme.ok("POST", ME_INCIDENTS, body)
    assert made["message"] == RENDERED
    assert acme.ok("PATCH", f"{ME_INCIDENTS}/{made['id']}", {"message": "x\n"})["message"] == "x"
    assert acme.ok("POST", f"{ME_INCIDENTS}/{made['id']}/updates", {"message": "+ y"})["message"] == "- y"
    shown = acme.ok("GET", f"{ME_INCIDENTS}/{made['id']}")
    assert [one["message"] for one in shown["updates"]] == [RENDERED, "- y"]


# unknown_values


def objects_in(wire):
    if isinstance(wire, dict):
        return [wire, *itertools.chain.from_iterable(map(objects_in, wire.values()))]
    return list(itertools.chain.from_iterable(map(objects_in, wire))) if isinstance(wire, list) else []


def test_every_object_of_an_answer_has_a_field_nobody_documented(acme, emulator):
    emulator.differ(unknown_values=True)
    key = acme.window()["id"]
    for path in (
        f"{WINDOWS}/{key}",
        f"{WINDOWS}?status_page_id={acme.page}",
        "/v2/status_pages",
        f"/v2/status_page_structures/{acme.page}",
        "/pages/acme/api/v1/summary",
    ):
        found = objects_in(acme.ok("GET", path))
        assert found
        assert all(one["severity_hint"] == "none" for one in found), path


def test_an_event_marked_unknown_has_statuses_no_document_lists_until_it_is_over(acme, emulator):
    emulator.differ(unknown_values=True)
    statuses = acme.statuses(API="full_outage", Dashboard="operational")
    incident = acme.incident(name="Errors [unknown]", component_statuses=statuses)
    window = acme.window(name="Upgrade [unknown]", automate_maintenance_status=True)
    assert incident["incident_status"] == "watching"
    assert incident["component_impacts"][0]["component_status"] == "under_observation"
    told = incident["updates"][0]
    assert told["incident_status"] == "investigating"
    assert [one["component_status"] for one in told["component_statuses"]] == ["under_observation", "operational"]
    assert window["maintenance_status"] == "maintenance_verifying"
    assert window["updates"][0]["maintenance_status"] == "maintenance_scheduled"
    emulator.advance(4000)
    shown = acme.read_window(window["id"])
    assert [one["maintenance_status"] for one in shown["updates"]] == ["maintenance_scheduled", "maintenance_verifying"]
    assert shown["updates"][1]["component_statuses"][0]["component_status"] == "under_observation"
    assert acme.ok("GET", "/pages/acme/api/v1/summary")["in_progress_maintenances"][0]["status"] == (
        "maintenance_verifying"
    )
    emulator.advance(4000)
    shown = acme.read_window(window["id"])
    assert (shown["maintenance_status"], shown["updates"][2]["maintenance_status"]) == ("maintenance_complete",) * 2
    acme.update_incident(incident["id"], incident_status="resolved")
    assert acme.read_incident(incident["id"])["incident_status"] == "resolved"


def test_an_event_without_the_mark_keeps_its_documented_values(acme, emulator):
    emulator.differ(unknown_values=True)
    assert acme.incident()["incident_status"] == "investigating"
    assert acme.window()["maintenance_status"] == "maintenance_scheduled"


# a request that comes late


def late(http, method, path, body):
    with pytest.raises(ConnectionResetError):
        http.request(method, path, json=body)


def test_a_late_request_is_carried_out_after_so_many_others(acme, http, emulator):
    emulator.fault(kind="late:2", method="POST")
    late(http, "POST", INCIDENTS, acme.incident_body(notify_subscribers=True))
    assert emulator.requests[-1]["status"] is None
    assert emulator.requests[-1]["fault"] == "late"
    assert names(acme, INCIDENTS) == []
    assert names(acme, INCIDENTS) == []
    assert emulator.notices == []
    emulator.advance(7)
    assert names(acme, INCIDENTS) == ["Elevated errors"]
    assert len(emulator.notices) == 1
    assert emulator.requests[0]["carried_out_at"] == "2026-06-01T12:00:07Z"
    assert [one["method"] for one in emulator.requests] == ["POST", "GET", "GET", "GET"]


def test_the_next_request_finds_what_came_late_by_none(acme, http, emulator):
    key = acme.window()["id"]
    emulator.fault(kind="late:0")
    late(http, "DELETE", f"{WINDOWS}/{key}", None)
    http.get("/_emulator/clock")
    assert "carried_out_at" not in emulator.requests[-1]
    assert http.get(f"{WINDOWS}/{key}").status_code == 404


def test_one_that_was_sent_again_is_applied_twice(acme, http, emulator):
    key = acme.incident()["id"]
    body = {"message": "Fixed.", "notify_subscribers": True, "status_page_incident_id": key}
    emulator.fault(kind="late:1")
    late(http, "POST", "/v2/status_page_incident_updates", body)
    assert len(acme.read_incident(key)["updates"]) == 1
    acme.ok("POST", "/v2/status_page_incident_updates", body)
    assert len(acme.read_incident(key)["updates"]) == 3
    assert len(emulator.notices) == 2


def test_a_request_without_an_answer_does_not_count(acme, http, emulator):
    emulator.fault(kind="late:1", times=2)
    late(http, "POST", INCIDENTS, acme.incident_body(name="First"))
    late(http, "POST", INCIDENTS, acme.incident_body(name="Second"))
    assert names(acme, INCIDENTS) == []
    assert names(acme, INCIDENTS) == ["Second", "First"]


@pytest.mark.parametrize("by_http", [True, False])
def test_all_that_wait_can_be_carried_out_at_once(acme, http, emulator, by_http):
    emulator.fault(kind="late:99", times=2)
    for _ in range(2):
        late(http, "POST", INCIDENTS, acme.incident_body())
    if by_http:
        assert http.post("/_emulator/late").json() == {"carried_out": 2}
    else:
        assert emulator.carry_out_late() == 2
    assert len(names(acme, INCIDENTS)) == 2
    assert emulator.carry_out_late() == 0


@pytest.mark.parametrize("path", ["/_emulator/faults", "/_emulator/reset"])
def test_dropping_the_faults_drops_what_waits(acme, http, emulator, path):
    emulator.fault(kind="late:0")
    late(http, "POST", INCIDENTS, acme.incident_body())
    http.request("DELETE" if path.endswith("faults") else "POST", path)
    assert names(acme, INCIDENTS) == []


def test_a_late_request_of_statuspage_me_and_one_that_is_refused(acme, http, emulator):
    emulator.fault(kind="late:0", times=2)
    late(http, "POST", ME_INCIDENTS, {"title": "Slow", "status_page_id": emulator.statuspage_me_page_id})
    assert emulator.carry_out_late() == 1
    late(http, "POST", ME_INCIDENTS, {"title": "Nowhere"})
    assert len(acme.ok("GET", ME_INCIDENTS)) == 1


def test_what_was_carried_out_is_in_the_log_after_a_restart(tmp_path):
    first = Emulator(tmp_path / "state")
    first.fault(kind="late:0")
    with httpx.Client(
        transport=httpx.WSGITransport(app=first.app),
        base_url="http://localhost",
        headers={"Authorization": "Bearer emulator-write"},
    ) as http:
        late(http, "GET", "/v2/status_pages", None)
        http.get("/v2/status_pages")
    logged = first.requests
    first.close()
    second = Emulator(tmp_path / "state")
    assert "carried_out_at" in logged[0]
    assert second.requests == logged
    second.close()


def test_on_a_socket_the_connection_ends_and_the_request_comes_late(emulator):
    emulator.fault(kind="late:0")
    with emulator.serve() as served, httpx.Client(headers={"Authorization": "Bearer emulator-write"}) as http:
        body = {"title": "Slow", "status_page_id": emulator.statuspage_me_page_id}
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            http.post(f"{served.url}{ME_INCIDENTS}", json=body)
        assert len(http.get(f"{served.url}{ME_INCIDENTS}").json()) == 1
