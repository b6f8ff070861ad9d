"""Control routes serve this machine only, and no order breaks the emulator: it is refused, and all goes on."""

import json
import socket
from datetime import datetime, timedelta, timezone

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statuspage_provider.emulator import Emulator
from statuspage_provider.emulator.app import flask_app

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=timezone.utc)
RESET = "/_emulator/reset"
KEY = {"Authorization": "Bearer emulator-write"}

# who may use the control routes


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:4010", "acme.localhost", "127.0.0.1:80", "127.9.9.9", "[::1]"]
)
def test_a_name_or_address_of_this_machine_may(http, host):
    assert http.post(RESET, headers={"Host": host}).status_code == 204


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "10.0.0.1", "[fe80::1]", "[", "a b", ""])
@pytest.mark.parametrize("path", ["/_emulator/requests", "/_emulator/clock"])
def test_a_name_that_only_leads_here_may_not(http, refused, path, host):
    refused(http.get(path, headers={"Host": host}), 403)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:9", "https://localhost", ""])
def test_a_page_from_elsewhere_may_not(acme, http, refused, origin):
    acme.incident()
    refused(http.post(RESET, headers={"Origin": origin}), 403)
    refused(http.get("/_emulator/requests", headers={"Origin": origin}), 403)
    assert acme.emulator.requests


def test_the_emulators_own_pages_may(http):
    assert http.post(RESET, headers={"Origin": "http://localhost"}).status_code == 204
    headers = {"Host": "127.0.0.1:4010", "Origin": "http://127.0.0.1:4010"}
    assert http.post(RESET, headers=headers).status_code == 204


@pytest.mark.parametrize("declared", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
def test_a_body_must_say_that_it_is_json(http, refused, declared):
    headers = {"Content-Type": declared} if declared else {}
    refused(http.post("/_emulator/clock", content=b'{"advance_s": 60}', headers=headers), 403)
    assert http.get("/_emulator/clock").json() == {"now": "2026-06-01T12:00:00Z"}


CONTROL = sorted(
    (method, rule.rule)
    for rule in flask_app().url_map.iter_rules()
    if rule.rule.startswith("/_emulator/")
    for method in rule.methods or ()
)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Host": "rebound.example", "Origin": "http://rebound.example"},
        {"Host": "127.0.0.1:4010", "Origin": "https://evil.example"},
        {"Host": "127.0.0.1:4010", "Origin": "http://127.0.0.1:4011"},
        {"Host": "127.0.0.1:4010", "X-Forwarded-Host": "evil.example", "Origin": "http://evil.example"},
    ],
    ids=["another host", "another host that is its own origin", "another origin", "another port", "a forwarded host"],
)
def test_no_control_route_is_for_another_host_or_origin(acme, http, headers):
    acme.incident()
    for method, path in CONTROL:
        answer = http.request(method, path, headers=headers, json={} if method == "POST" else None)
        assert answer.status_code == 403, path
        assert "foreign_request" in answer.text or method == "HEAD", path
        assert "access-control-allow-origin" not in answer.headers, path
        assert len(acme.emulator.requests) == 1, path
        assert acme.emulator.now == NOW, path


# a clock that stays within what can be told


@pytest.mark.parametrize("order", [
    {"now": "9999-12-31T23:59:59Z"}, {"now": "9001-01-01T00:00:00Z"}, {"now": "1969-12-31T23:59:59Z"},
    {"advance_s": 1e300}, {"advance_s": -1e300}, {"advance_s": 1e18}, {"advance_s": 300_000_000_000},
])  # fmt: skip
def test_a_time_that_leaves_no_room_is_refused_and_the_clock_goes_on(http, refused, order):
    refused(http.post("/_emulator/clock", json=order), 422, f"/{next(iter(order))}")
    assert http.get("/_emulator/clock").json() == {"now": "2026-06-01T12:00:00Z"}
    assert http.get("/v2/status_pages").status_code == 200


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5_000])
def test_a_number_that_is_none_is_refused(http, number):
    text = f'{{"advance_s": {number}}}'.encode()
    answer = http.post("/_emulator/clock", content=text, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)


def test_in_process_it_is_an_error_too(emulator):
    for refused in (float("nan"), float("inf"), 1e300):
        with pytest.raises(ValueError, match="the clock goes from 1970"):
            emulator.advance(refused)
    with pytest.raises(ValueError, match="the clock goes from 1970"):
        emulator.set_clock(datetime(9999, 12, 31, tzinfo=timezone.utc))
    assert emulator.now == NOW


@pytest.mark.parametrize("now", ["1970-01-01T00:00:00Z", "9000-01-01T00:00:00Z"])
def test_everything_works_at_both_ends_of_the_clock(acme, http, now):
    http.post("/_emulator/clock", json={"now": now})
    acme.incident(component_statuses=acme.statuses(API="full_outage"))
    acme.window(automate_maintenance_status=True)
    for path in ("/v2/status_pages", "/pages/acme", "/pages/acme/api/v1/summary"):
        assert http.get(path).status_code == 200


def test_a_kept_clock_that_time_has_carried_beyond_its_span_starts_at_the_present(tmp_path):
    file = tmp_path / "state"
    emulator = Emulator(file, now=lambda: NOW)
    emulator.set_clock(datetime(9000, 1, 1, tzinfo=timezone.utc))
    emulator.close()
    later = NOW + timedelta(days=1)
    emulator = Emulator(file, now=lambda: later)
    assert emulator.now == later
    emulator.close()


# faults


@pytest.mark.parametrize("after", ["1\r\nX-Evil: 1", "é", "1" * 1_001, 1e308, -1e308, 10**30, [1]])
def test_a_retry_after_that_fits_no_header_is_refused(http, refused, after):
    refused(http.post("/_emulator/faults", json=[{"kind": "status:429", "retry_after": after}]), 422)
    assert http.get("/v2/status_pages").status_code == 200


@pytest.mark.parametrize("kind", ["slow:1e9", "slow:99999", "slow:inf", "late:-1", "late:", "late:99999", "status:5٣٣"])
def test_a_fault_beyond_all_bounds_is_refused(http, refused, kind):
    refused(http.post("/_emulator/faults", json=[{"kind": kind}]), 422)


# the state file


def test_a_link_to_the_state_file_stays_a_link(tmp_path):
    target, link = tmp_path / "kept" / "state", tmp_path / "link"
    link.symlink_to(target)
    for _ in range(2):
        emulator = Emulator(link)
        emulator.advance(1)
        emulator.close()
    assert link.is_symlink()
    assert target.is_file()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["kept", "link"]


def test_a_link_that_leads_nowhere_is_an_ordinary_error(tmp_path):
    (tmp_path / "one").symlink_to(tmp_path / "two")
    (tmp_path / "two").symlink_to(tmp_path / "one")
    with pytest.raises(OSError, match="symbolic links"):
        Emulator(tmp_path / "one")
    assert (tmp_path / "one").is_symlink()


# bodies that cannot be read

CHUNKED = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("body", [b"zz\r\nhello\r\n", b"-5\r\nhello\r\n", b"\r\n\r\n", b"5\r\nhelloXX0\r\n\r\n"])
@pytest.mark.parametrize("path", [b"/v2/status_page_incidents", b"/_emulator/clock", b"/user/api/v1/incidents"])
def test_chunks_that_are_none_are_400_and_the_connection_ends(emulator, path, body):
    with emulator.serve() as served:
        with socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
            connection.sendall(CHUNKED % path + body)
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert answer.split(b"\r\n")[0].startswith(b"HTTP/1.1 400")
        assert (b'"error":' if b"user" in path else b'"errors":') in answer
        assert httpx.get(f"{served.url}/v2/status_pages", headers=KEY).status_code == 200


def test_a_body_shorter_than_its_length_is_400_and_changes_nothing(emulator):
    head = CHUNKED.replace(b"Transfer-Encoding: chunked", b"Content-Length: 99") % b"/_emulator/clock"
    with emulator.serve() as served, socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
        connection.sendall(head + b'{"advance_s": 60}')
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400")
    assert emulator.now == NOW


# whatever else is ordered

routes = st.sampled_from(
    ["/_emulator/clock", "/_emulator/faults", "/_emulator/subscribers", "/_emulator/pages", "/_emulator/late",
     "/_emulator/differences", "/_emulator/statuspage_me", "/_emulator/statuspage_me/pages", "/_emulator/reset"]
)  # fmt: skip
fields = st.sampled_from(
    ["now", "advance_s", "kind", "times", "method", "path_prefix", "retry_after", "status_page_id", "count", "name",
     "slug", "components", "groups", "sub_pages", "id", "hidden", "stale_reads", "unknown_values", "shape", "states",
     "subscribers"]
)  # fmt: skip
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "status:503", "late:0", "acme", 10**25])
)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(fields, inner, max_size=4))
orders = st.dictionaries(fields, values, max_size=4) | values


@settings(max_examples=60, deadline=None, derandomize=True)
@given(path=routes, order=orders)
def test_no_order_breaks_it(path, order):
    emulator = Emulator(now=lambda: NOW)
    headers = {**KEY, "Content-Type": "application/json"}
    transport = httpx.WSGITransport(app=emulator.app)
    with httpx.Client(transport=transport, base_url="http://localhost", headers=headers) as http:
        answer = http.post(path, content=json.dumps(order).encode())
        assert answer.status_code < 500, answer.text
        http.delete("/_emulator/faults")
        shown = [http.get(one) for one in ("/v2/status_pages", "/pages/acme", "/_emulator/clock")]
    assert [one.status_code for one in shown] == [200] * 3
