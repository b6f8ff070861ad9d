"""The switches for what the documents do not say. Stale reads have a file of their own."""

import itertools

import pytest

from tests.support.accounts import says

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
    "mails_changes": False,
    "mails_deletions": False,
    "past_ends": True,
    "past_windows": True,
    "denied_shows": False,
    "list_limit": 0,
}


# the switches themselves


def test_every_switch_is_off_at_the_start(http):
    assert http.get(DIFFERENCES).json() == OFF


def test_an_order_changes_what_it_names_and_reset_clears_all(http, emulator):
    assert http.post(DIFFERENCES, json={"stale_reads": 2}).json() == {**OFF, "stale_reads": 2}
    emulator.differ(public_urls=False)
    assert http.get(DIFFERENCES).json() == {**OFF, "stale_reads": 2, "public_urls": False}
    emulator.reset()
    assert http.get(DIFFERENCES).json() == OFF


@pytest.mark.parametrize(
    "order",
    [{"stale_reads": -1}, {"stale_reads": True}, {"widgets": None}, {"list_limit": -1}, {"speed": 1}, []],
)
def test_an_order_that_makes_no_sense_is_refused(http, order):
    assert http.post(DIFFERENCES, json=order).status_code in (400, 422)
    assert http.get(DIFFERENCES).json() == OFF


def test_switches_survive_a_restart(start, client_of):
    start().differ(widgets=False, stale_reads=3)
    assert client_of(start()).get(DIFFERENCES).json() == {**OFF, "widgets": False, "stale_reads": 3}


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


def test_and_those_of_its_windows(me, emulator):
    emulator.differ(rerenders_markdown=True)
    window = me.window(message=WRITTEN, notify_subscribers=True)
    assert window["message"] == emulator.notices[0]["message"] == RENDERED
    assert me.change_window(window["id"], message="+ y").json()["data"]["message"] == "- y"


# statuspage.me: mails_changes, mails_deletions


def test_a_change_and_a_deletion_of_a_window_can_be_mailed(me, emulator):
    emulator.differ(mails_changes=True)
    key = me.window(message="Soon.")["id"]
    me.change_window(key, end_at=me.later(hours=3))
    assert me.change_window(key, end_at=me.later()).status_code == 400
    emulator.differ(mails_changes=False, mails_deletions=True)
    me.change_window(key, title="Database move")
    me.http.delete(f"{me.WINDOWS}/{key}")
    told = [(one["object_id"], one["name"], one["status"], one["recipients"]) for one in emulator.notices]
    assert told == [(key, "Database upgrade", "changed", 25), (key, "Database move", "deleted", 25)]


# statuspage.me: past_ends, past_windows


def test_an_end_that_is_not_in_the_future_can_be_refused(me, emulator):
    emulator.differ(past_ends=False)
    key = me.window(start_at=me.later(hours=-1))["id"]
    for past in (me.later(), me.later(minutes=-1)):
        says(me.change_window(key, end_at=past), 400, "end_at must be in the future")
        says(me.post_window(start_at=me.later(hours=-2), end_at=past), 400, "end_at must be in the future")
    assert me.change_window(key, end_at=me.later(seconds=1)).status_code == 200
    emulator.advance(60)
    assert me.change_window(key, title="Done").status_code == 200


def test_a_window_whose_end_has_passed_can_leave_the_list(me, emulator):
    emulator.differ(past_windows=False)
    key = me.window()["id"]
    emulator.advance(7199)
    assert me.windows() == ["Database upgrade"]
    emulator.advance(1)
    assert me.windows() == []
    assert me.read_window(key)["title"] == "Database upgrade"
    assert me.change_window(key, end_at=me.later(hours=1)).status_code == 200
    assert me.windows() == ["Database upgrade"]


# statuspage.me: denied_shows, list_limit


def test_what_the_list_has_can_be_404_by_itself(me, emulator):
    window, incident = me.window()["id"], me.create()["id"]
    emulator.differ(denied_shows=True)
    for path in (f"{me.WINDOWS}/{window}", f"{me.INCIDENTS}/{incident}"):
        says(me.http.get(path), 404, "not found or access denied")
    assert (me.windows(), me.titles()) == (["Database upgrade"], ["Database latency"])
    assert me.change_window(window, title="New").status_code == 200
    assert me.http.delete(f"{me.WINDOWS}/{window}").is_success


def test_a_list_of_windows_can_be_cut_without_a_word(me, emulator):
    for title in "abc":
        me.window(title=title)
    emulator.differ(list_limit=2)
    answer = me.http.get(me.WINDOWS).json()
    assert ([one["title"] for one in answer["data"]], answer["meta"]) == (["c", "b"], {"count": 2})
    assert len(me.http.get("/user/api/v1/status-pages").json()["data"]) == 1


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
