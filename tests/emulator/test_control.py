"""The control routes: requests, notices, clock, faults, subscribers, pages, reset."""

import contextlib
from datetime import datetime, timedelta, timezone

import pytest

from statuspage_provider.emulator import Emulator
from statuspage_provider.emulator.clock import Clock

PAGES = "/v2/status_pages"


def test_requests_are_logged_with_what_matters(acme, http, connect, emulator):
    body = acme.incident_body()
    http.post("/v2/status_page_incidents", json=body)
    connect("emulator-read").get(f"{PAGES}?page_size=3")
    connect("nobody").get(PAGES)
    logged = http.get("/_emulator/requests").json()
    assert logged == emulator.requests
    assert logged[0] == {
        "method": "POST",
        "path": "/v2/status_page_incidents",
        "query": "",
        "body": body,
        "key_scope": "write",
        "at": "2026-06-01T12:00:00Z",
        "status": 201,
    }
    assert [(one["query"], one["body"], one["key_scope"], one["status"]) for one in logged[1:]] == [
        ("page_size=3", None, "read", 200),
        ("", None, None, 401),
    ]


def test_the_log_holds_api_and_widget_requests_only(http, emulator):
    for path in ("/pages/acme", "/", "/_emulator/notices", "/pages/acme/api/v1/summary", PAGES):
        http.get(path)
    assert [one["path"] for one in emulator.requests] == ["/pages/acme/api/v1/summary", PAGES]


def test_the_log_can_be_cleared(http, emulator):
    http.get(PAGES)
    assert http.delete("/_emulator/requests").status_code == 204
    assert emulator.requests == []
    http.get(PAGES)
    emulator.clear_requests()
    assert emulator.requests == []


def test_what_is_not_json_is_logged_as_text(http, emulator):
    http.post("/v2/status_page_incidents", content=b"{oops")
    assert emulator.requests[0]["body"] == "{oops"


def test_the_clock_can_be_set_and_advanced(http, emulator):
    assert http.post("/_emulator/clock", json={"now": "2030-01-01T00:00:00+01:00"}).json() == {
        "now": "2029-12-31T23:00:00Z"
    }
    assert http.post("/_emulator/clock", json={"advance_s": 90.5}).json() == {"now": "2029-12-31T23:01:30.5Z"}
    emulator.set_clock(datetime(2031, 1, 1, tzinfo=timezone.utc))
    emulator.advance(1)
    assert http.get("/_emulator/clock").json() == {"now": "2031-01-01T00:00:01Z"}


@pytest.mark.parametrize("body", [{}, {"now": "2030-01-01"}, {"advance_s": "1"}, {"now": None}, {"tomorrow": 1}])
def test_a_clock_order_must_make_sense(http, refused, body):
    refused(http.post("/_emulator/clock", json=body), 422)


def test_a_set_clock_ticks_on():
    times = iter(datetime(2026, 1, 1, 0, 0, second, tzinfo=timezone.utc) for second in (0, 7))
    clock = Clock(lambda: next(times))
    clock.set(datetime(2030, 1, 1, tzinfo=timezone.utc))
    assert clock.now() == datetime(2030, 1, 1, 0, 0, 7, tzinfo=timezone.utc)


def test_automation_follows_the_control_route(acme, http):
    acme.window(automate_maintenance_status=True, notify_subscribers=True)
    http.post("/_emulator/clock", json={"advance_s": 3600})
    assert [notice["status"] for notice in http.get("/_emulator/notices").json()] == [
        "maintenance_scheduled",
        "maintenance_in_progress",
    ]


def test_ids_stay_in_order_when_the_clock_goes_back(acme, emulator):
    first = acme.incident()["id"]
    emulator.advance(-10_000_000)
    assert acme.incident()["id"] > first


def test_a_notice_says_who_was_told_what(acme, http):
    key = acme.window(notify_subscribers=True)["id"]
    [notice] = http.get("/_emulator/notices").json()
    update_id = acme.read_window(key)["updates"][0]["id"]
    assert notice == {
        "at": "2026-06-01T12:00:00Z",
        "status_page_id": acme.page,
        "object": "maintenance",
        "object_id": key,
        "update_id": update_id,
        "name": "Database upgrade",
        "status": "maintenance_scheduled",
        "message": "We upgrade the database.",
        "recipients": 25,
        "automated": False,
    }


def test_a_page_without_subscribers_mails_nobody(acme, http, emulator):
    assert http.post("/_emulator/subscribers", json={"status_page_id": acme.page, "count": 0}).status_code == 200
    acme.window(notify_subscribers=True)
    assert emulator.notices == []


def test_subscribers_need_a_page_and_a_count(acme, http, refused):
    refused(http.post("/_emulator/subscribers", json={"status_page_id": "01NONE", "count": 1}), 404)
    refused(http.post("/_emulator/subscribers", json={"status_page_id": acme.page, "count": -1}), 422, "/count")


def test_an_ordered_status_comes_so_many_times(http, refused):
    assert (
        http.post("/_emulator/faults", json=[{"kind": "status:503", "times": 2, "retry_after": 7}]).status_code == 201
    )
    for _ in range(2):
        answer = http.get(PAGES)
        assert refused(answer, 503)["type"] == "api_error"
        assert answer.headers["Retry-After"] == "7"
    assert http.get(PAGES).status_code == 200


def test_an_ordered_429_has_the_rate_limit(emulator, http, refused):
    emulator.fault(kind="status:429", retry_after=3)
    answer = http.get(PAGES)
    limit = refused(answer, 429)["rate_limit"]
    assert (answer.headers["Retry-After"], limit["retry_after"]) == ("3", "2026-06-01T12:00:03Z")


def test_retry_after_may_be_a_date(emulator, http):
    emulator.fault(kind="status:429", retry_after="Mon, 01 Jun 2026 12:00:05 GMT")
    assert http.get(PAGES).headers["Retry-After"] == "Mon, 01 Jun 2026 12:00:05 GMT"


def test_a_fault_can_be_aimed(emulator, acme, http):
    emulator.fault(kind="status:500", method="POST", path_prefix="/v2/status_page_incidents")
    assert http.get(PAGES).status_code == 200
    assert http.get(f"/v2/status_page_incidents?status_page_id={acme.page}").status_code == 200
    assert http.post("/v2/status_page_incidents", json=acme.incident_body()).status_code == 500
    assert http.post("/v2/status_page_incidents", json=acme.incident_body()).status_code == 201


def test_a_fault_status_is_not_applied(emulator, acme, http):
    emulator.fault(kind="status:500")
    http.post("/v2/status_page_incidents", json=acme.incident_body())
    listed = acme.ok("GET", f"/v2/status_page_incidents?status_page_id={acme.page}")
    assert listed["status_page_incidents"] == []


@pytest.mark.parametrize(("kind", "applied", "status"), [("reset_before", 0, None), ("reset_after", 1, 201)])
def test_a_reset_comes_before_or_after_the_request_is_applied(emulator, acme, http, kind, applied, status):
    emulator.fault(kind=kind)
    with pytest.raises(ConnectionResetError):
        http.post("/v2/status_page_incidents", json=acme.incident_body())
    assert (emulator.requests[-1]["status"], emulator.requests[-1]["fault"]) == (status, kind)
    listed = acme.ok("GET", f"/v2/status_page_incidents?status_page_id={acme.page}")
    assert len(listed["status_page_incidents"]) == applied


def test_garbage_is_200_and_not_json(emulator, http):
    emulator.fault(kind="garbage")
    answer = http.get(PAGES)
    assert answer.status_code == 200
    assert "json" not in answer.headers["Content-Type"]


def test_slow_is_slow_and_still_answers(emulator, http, monkeypatch):
    slept = []
    monkeypatch.setattr("statuspage_provider.emulator.middleware.time.sleep", slept.append)
    emulator.fault(kind="slow:2.5")
    assert http.get(PAGES).status_code == 200
    assert slept == [2.5]


def test_control_routes_and_pages_for_people_never_fail(emulator, http):
    emulator.fault(kind="status:500", times=5)
    for path in ("/_emulator/requests", "/_emulator/notices", "/pages/acme"):
        assert http.get(path).status_code == 200
    assert http.get("/_emulator/faults").json()[0]["times"] == 5
    http.delete("/_emulator/faults")
    assert http.get(PAGES).status_code == 200


@pytest.mark.parametrize("fault", [{"kind": "explode"}, {"kind": "status:200"}, {"kind": "garbage", "times": 0}, {}])
def test_an_unknown_fault_is_refused(http, refused, fault):
    refused(http.post("/_emulator/faults", json=[fault]), 422)


def test_a_page_can_be_added_with_its_own_slug(acme, http, refused):
    made = acme.ok("POST", "/_emulator/pages", {"name": "Beta", "slug": "b", "groups": {"EU": ["Queue"]}})
    assert made["status_page"]["public_url"] == "http://localhost/pages/b"
    assert list(made["components"]) == ["EU / Queue"]
    refused(http.post("/_emulator/pages", json={"name": "Other", "slug": "b"}), 422, "/slug")
    refused(http.post("/_emulator/pages", json={"name": "Other", "slug": "../b"}), 422, "/slug")
    assert acme.ok("POST", "/_emulator/pages", {"name": "Acme"})["status_page"]["public_url"].endswith("/acme-2")


def test_reset_brings_the_beginning_back(acme, http, emulator):
    before = emulator.components
    key = acme.window(notify_subscribers=True)["id"]
    emulator.add_page("Beta")
    emulator.fault(kind="status:500")
    emulator.advance(5)
    emulator.set_subscribers(acme.page, 5000)
    assert http.post("/_emulator/reset").status_code == 204
    assert (emulator.requests, emulator.notices) == ([], [])
    assert http.get(f"/v2/status_page_maintenances/{key}").status_code == 404
    assert len(acme.ok("GET", PAGES)["status_pages"]) == 1
    assert http.get("/_emulator/clock").json() == {"now": "2026-06-01T12:00:00Z"}
    assert emulator.components == before
    acme.window(idempotency_key="key-1", notify_subscribers=True)
    assert emulator.notices[0]["recipients"] == 25


def test_what_was_kept_can_be_begun_from_again_its_time_too(acme, http, emulator):
    emulator.advance(60)
    window = acme.window(notify_subscribers=True)
    emulator.set_subscribers(acme.page, 7)
    emulator.differ(public_urls=False)
    kept, requests, notices = emulator.keep(), emulator.requests, emulator.notices
    shown = http.get(f"/v2/status_page_maintenances/{window['id']}").json()
    for _ in range(2):
        acme.update_window(window["id"], message="Sooner.", maintenance_status="maintenance_in_progress")
        later = acme.window(idempotency_key="later")
        emulator.fault(kind="status:500")
        emulator.advance(86_400)
        emulator.restore(kept)
        assert http.get("/_emulator/clock").json() == {"now": "2026-06-01T12:01:00Z"}
        assert http.get(f"/v2/status_page_maintenances/{later['id']}").status_code == 404
        assert http.get(f"/v2/status_page_maintenances/{window['id']}").json() == shown
        assert (emulator.requests[: len(requests)], emulator.notices) == (requests, notices)
    acme.window(idempotency_key="one more", notify_subscribers=True)
    assert emulator.notices[-1]["recipients"] == 7


def test_another_emulator_can_begin_where_one_was_kept(acme, emulator, account):
    key = acme.window(idempotency_key="window")["id"]
    with contextlib.closing(Emulator()) as other:
        other.restore(emulator.keep())
        assert account(other).read_window(key)["name"] == "Database upgrade"
        # The key is used up there too.
        assert account(other).window(idempotency_key="window")["id"] == key
        assert other.now - emulator.now < timedelta(minutes=1)
