"""Stale reads: after a write, so many reads answer as before it."""

INCIDENTS, WINDOWS = "/v2/status_page_incidents", "/v2/status_page_maintenances"
ME_INCIDENTS = "/user/api/v1/incidents"


def test_a_new_object_is_not_there_for_so_many_reads(acme, http, emulator, refused):
    emulator.differ(stale_reads=2)
    key = acme.window()["id"]
    refused(http.get(f"{WINDOWS}/{key}"), 404)
    assert acme.names(WINDOWS) == []
    assert acme.read_window(key)["name"] == "Database upgrade"
    assert acme.names(WINDOWS) == ["Database upgrade"]


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
    assert [acme.names(INCIDENTS) for _ in range(2)] == [["Newer"], ["Newest"]]


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
    assert acme.names(WINDOWS) == ["Third", "Second", "First"]
    assert acme.read_window(second)["name"] == "Second"
    refused(http.get(f"{WINDOWS}/{second}"), 404)
    assert acme.names(WINDOWS) == ["Third", "First"]
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


def test_reads_of_its_windows_lag_too(me, http, emulator):
    emulator.differ(stale_reads=1)
    key = me.window()["id"]
    assert me.windows() == []
    assert me.windows() == ["Database upgrade"]
    assert me.change_window(key, end_at=me.later(hours=5)).json()["data"]["end_at"] == me.later(hours=5)
    assert [me.read_window(key)["end_at"] for _ in range(2)] == [me.later(hours=2), me.later(hours=5)]
    assert me.change_window(key, end_at=me.later(hours=1)).status_code == 400
    assert me.read_window(key)["end_at"] == me.later(hours=5)
    assert http.delete(f"{me.WINDOWS}/{key}").is_success
    assert [me.windows() for _ in range(2)] == [["Database upgrade"], []]
