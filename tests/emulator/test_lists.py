"""Pages, structures, and lists: paging and filters."""

import pytest

INCIDENTS = "/v2/status_page_incidents"
WINDOWS = "/v2/status_page_maintenances"


def test_the_default_page(acme, http):
    [page] = acme.ok("GET", "/v2/status_pages")["status_pages"]
    assert (page["id"], page["name"], page["public_url"]) == (acme.page, "Acme Status", "http://localhost/pages/acme")
    assert acme.ok("GET", f"/v2/status_pages/{acme.page}") == {"status_page": page}
    assert http.get(page["public_url"]).status_code == 200


def test_the_default_structure(acme):
    structure = acme.ok("GET", f"/v2/status_page_structures/{acme.page}")
    assert structure["display_uptime_mode"] == "chart_and_percentage"
    assert structure["management_meta"] == {"annotations": {}, "managed_by": "dashboard"}
    api, dashboard, eu = structure["current_structure"]["items"]
    assert api["component"]["name"] == "API"
    assert dashboard["component"]["component_id"] == acme.components["Dashboard"]
    assert [one["name"] for one in eu["group"]["components"]] == ["Database", "Queue"]
    assert set(acme.components) == {"API", "Dashboard", "EU / Database", "EU / Queue"}


def test_an_unknown_page_is_404(http, refused):
    for path in ("/v2/status_pages/01NONE", "/v2/status_page_structures/01NONE", f"{INCIDENTS}?status_page_id=01NONE"):
        refused(http.get(path), 404)


def test_120_pages_can_be_walked(acme, emulator):
    for number in range(119):
        emulator.add_page(f"Page {number}")
    names, after = [], None
    while True:
        query = "/v2/status_pages?page_size=50" + (f"&after={after}" if after else "")
        answer = acme.ok("GET", query)
        assert answer["pagination_meta"]["page_size"] == 50
        names += [page["name"] for page in answer["status_pages"]]
        after = answer["pagination_meta"].get("after")
        if after is None:
            break
    assert names == ["Acme Status", *(f"Page {number}" for number in range(119))]


def test_the_default_page_size_is_25_and_after_only_when_there_is_more(acme, emulator):
    for number in range(24):
        emulator.add_page(f"Page {number}")
    assert acme.ok("GET", "/v2/status_pages")["pagination_meta"] == {"page_size": 25}
    emulator.add_page("One more")
    assert set(acme.ok("GET", "/v2/status_pages")["pagination_meta"]) == {"page_size", "after"}


@pytest.mark.parametrize("size", ["0", "251", "-1", "ten", "", "1.5"])
def test_page_size_goes_from_1_to_250(http, refused, size):
    refused(http.get("/v2/status_pages", params={"page_size": size}), 422, "/page_size")


def test_a_cursor_must_be_an_id_and_a_parameter_must_be_known(http, acme, refused):
    refused(http.get("/v2/status_pages?after=nonsense"), 422, "/after")
    refused(http.get("/v2/status_pages?limit=5"), 422, "/limit")
    refused(http.get(INCIDENTS), 422, "/status_page_id")


def test_lists_are_newest_first_and_a_cursor_outlives_its_record(acme, http):
    keys = [acme.window()["id"] for _ in range(5)]
    path = f"{WINDOWS}?status_page_id={acme.page}&page_size=2"
    first = acme.ok("GET", path)
    assert [one["id"] for one in first["status_page_maintenances"]] == [keys[4], keys[3]]
    http.delete(f"{WINDOWS}/{keys[3]}")
    second = acme.ok("GET", f"{path}&after={first['pagination_meta']['after']}")
    assert [one["id"] for one in second["status_page_maintenances"]] == [keys[2], keys[1]]


def test_lists_hold_one_pages_events(acme, emulator):
    other = emulator.add_page("Other")
    acme.incident()
    theirs = acme.incident(status_page_id=other)["id"]
    listed = acme.ok("GET", f"{INCIDENTS}?status_page_id={other}")["status_page_incidents"]
    assert [one["id"] for one in listed] == [theirs]


@pytest.fixture
def found(acme):
    def found(**query):
        query = {"status_page_id": acme.page, **query}
        answer = acme.http.get(WINDOWS, params=query)
        assert answer.status_code == 200, answer.text
        return {one["name"] for one in answer.json()["status_page_maintenances"]}

    return found


def test_lists_can_be_narrowed_to_a_component_or_group(acme, found, http, refused):
    acme.window(name="api", affected_component_ids=[acme.components["API"]])
    acme.window(name="queue", affected_component_ids=[acme.components["EU / Queue"]])
    acme.window(name="none", affected_component_ids=[])
    assert found() == {"api", "queue", "none"}
    assert found(component_id=acme.components["API"]) == {"api"}
    assert found(group_id="01HZACMEGRP0000000000000EV") == {"queue"}
    refused(http.get(WINDOWS, params={"status_page_id": acme.page, "component_id": "01NONE"}), 422, "/component_id")
    refused(http.get(WINDOWS, params={"status_page_id": acme.page, "group_id": "01NONE"}), 422, "/group_id")


def test_lists_can_be_narrowed_to_a_sub_page(acme, http):
    layout = {"name": "Big", "components": ["Top"], "sub_pages": {"UK": {"groups": {"Rail": ["Trains"]}}}}
    made = acme.ok("POST", "/_emulator/pages", layout)
    page, components = made["status_page"]["id"], made["components"]
    assert set(components) == {"Top", "UK / Rail / Trains"}
    items = acme.ok("GET", f"/v2/status_page_structures/{page}")["current_structure"]["items"]
    uk = next(item["sub_page"] for item in items if "sub_page" in item)
    assert uk["items"][0]["group"]["components"][0]["name"] == "Trains"
    inside = acme.window(status_page_id=page, affected_component_ids=[components["UK / Rail / Trains"]])
    acme.window(status_page_id=page, affected_component_ids=[components["Top"]])
    listed = acme.ok("GET", f"{WINDOWS}?status_page_id={page}&sub_page_id={uk['id']}")
    assert [one["id"] for one in listed["status_page_maintenances"]] == [inside["id"]]


def test_lists_can_be_narrowed_to_a_time(acme, found, http, refused):
    acme.window(name="early", start_at=acme.later(hours=1), end_at=acme.later(hours=2))
    acme.window(name="late", start_at=acme.later(hours=5), end_at=acme.later(hours=6))
    assert found(start_at=acme.later(hours=2)) == {"early", "late"}
    assert found(start_at=acme.later(hours=3)) == {"late"}
    assert found(end_at=acme.later(hours=3)) == {"early"}
    assert found(start_at=acme.later(hours=3), end_at=acme.later(hours=4)) == set()
    upside_down = {"status_page_id": acme.page, "start_at": acme.later(hours=4), "end_at": acme.later(hours=3)}
    refused(http.get(WINDOWS, params=upside_down), 422, "/end_at")
    refused(http.get(WINDOWS, params={"status_page_id": acme.page, "start_at": "2026-06-01"}), 422, "/start_at")


def test_an_ongoing_impact_has_no_end(acme, emulator):
    acme.incident(component_statuses=acme.statuses(API="full_outage"))
    query = {"status_page_id": acme.page, "start_at": acme.later(hours=500)}
    assert len(acme.http.get(INCIDENTS, params=query).json()["status_page_incidents"]) == 1


def test_300_components_fit_on_a_page(acme):
    names = [f"Component {number}" for number in range(300)]
    made = acme.ok("POST", "/_emulator/pages", {"name": "Wide", "components": names})
    items = acme.ok("GET", f"/v2/status_page_structures/{made['status_page']['id']}")["current_structure"]["items"]
    assert [item["component"]["name"] for item in items] == names
