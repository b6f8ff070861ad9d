"""Late requests: the sender gets no answer, and the request is carried out some requests later."""

import httpx
import pytest

INCIDENTS, WINDOWS = "/v2/status_page_incidents", "/v2/status_page_maintenances"
ME_INCIDENTS = "/user/api/v1/incidents"


def late(http, method, path, body):
    with pytest.raises(ConnectionResetError):
        http.request(method, path, json=body)


def test_a_late_request_is_carried_out_after_so_many_others(acme, http, emulator):
    emulator.fault(kind="late:2", method="POST")
    late(http, "POST", INCIDENTS, acme.incident_body(notify_subscribers=True))
    assert emulator.requests[-1]["status"] is None
    assert emulator.requests[-1]["fault"] == "late"
    assert acme.names(INCIDENTS) == []
    assert acme.names(INCIDENTS) == []
    assert emulator.notices == []
    emulator.advance(7)
    assert acme.names(INCIDENTS) == ["Elevated errors"]
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
    assert acme.names(INCIDENTS) == []
    assert acme.names(INCIDENTS) == ["Second", "First"]


@pytest.mark.parametrize("by_http", [True, False])
def test_all_that_wait_can_be_carried_out_at_once(acme, http, emulator, by_http):
    emulator.fault(kind="late:99", times=2)
    for _ in range(2):
        late(http, "POST", INCIDENTS, acme.incident_body())
    if by_http:
        assert http.post("/_emulator/late").json() == {"carried_out": 2}
    else:
        assert emulator.carry_out_late() == 2
    assert len(acme.names(INCIDENTS)) == 2
    assert emulator.carry_out_late() == 0


@pytest.mark.parametrize("path", ["/_emulator/faults", "/_emulator/reset"])
def test_dropping_the_faults_drops_what_waits(acme, http, emulator, path):
    emulator.fault(kind="late:0")
    late(http, "POST", INCIDENTS, acme.incident_body())
    http.request("DELETE" if path.endswith("faults") else "POST", path)
    assert acme.names(INCIDENTS) == []


def test_a_late_request_of_statuspage_me_and_one_that_is_refused(acme, http, emulator):
    emulator.fault(kind="late:0", times=2)
    late(http, "POST", ME_INCIDENTS, {"title": "Slow", "status_page_id": emulator.statuspage_me_page_id})
    assert emulator.carry_out_late() == 1
    late(http, "POST", ME_INCIDENTS, {"title": "Nowhere"})
    assert len(acme.ok("GET", ME_INCIDENTS)) == 1


def test_a_late_window_of_statuspage_me_comes_beside_one_that_was_sent_again(me, http, emulator):
    emulator.fault(kind="late:2", path_prefix=me.WINDOWS)
    late(http, "POST", me.WINDOWS, me.window_body(notify_subscribers=True))
    assert me.windows() == []
    me.window(notify_subscribers=True)
    assert me.windows() == ["Database upgrade"] * 2
    assert len(emulator.notices) == 2


def test_what_was_carried_out_is_in_the_log_after_a_restart(start, client_of):
    first = start()
    http = client_of(first)
    first.fault(kind="late:0")
    late(http, "GET", "/v2/status_pages", None)
    http.get("/v2/status_pages")
    logged = first.requests
    assert "carried_out_at" in logged[0]
    assert start().requests == logged


def test_on_a_socket_the_connection_ends_and_the_request_comes_late(emulator):
    emulator.fault(kind="late:0")
    with emulator.serve() as served, httpx.Client(headers={"Authorization": "Bearer emulator-write"}) as http:
        body = {"title": "Slow", "status_page_id": emulator.statuspage_me_page_id}
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            http.post(f"{served.url}{ME_INCIDENTS}", json=body)
        assert len(http.get(f"{served.url}{ME_INCIDENTS}").json()) == 1
