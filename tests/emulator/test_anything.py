"""Whatever is sent, the answer is an answer: a success or a refusal in the service's form, never a 500."""

import io
from datetime import datetime, timezone
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from statuspage_provider.emulator import Emulator

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=timezone.utc)
EMULATOR = Emulator(now=lambda: NOW)
OTHERS = ["x", "", "é", "2026-06-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "resolved", "maintenance_complete", "1"]
IDS = [EMULATOR.page_id, *EMULATOR.components.values(), EMULATOR.statuspage_me_page_id, "cmp-acme-api"]

leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
words = st.sampled_from([*OTHERS, *IDS])
names = st.sampled_from(
    ["name", "message", "start_at", "end_at", "updates", "component_statuses", "status_page_id", "idempotency_key",
     "notify_subscribers", "incident_status", "maintenance_status", "affected_component_ids", "component_id",
     "component_status", "published_at", "status_page_incident_id", "status_page_maintenance_id",
     "title", "incident_state_id"]
)  # fmt: skip
values = st.recursive(
    leaves | words, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6), max_leaves=12
)
bodies = st.dictionaries(names, values, max_size=9)
calls = st.sampled_from(
    [*(("POST", f"/v2/status_page_{table}") for table in ("incidents", "incident_updates", "retrospective_incidents",
                                                         "maintenances", "maintenance_updates")),
     ("PUT", "/v2/status_page_incidents/01A"), ("PUT", "/v2/status_page_maintenances/01A"),
     ("POST", "/user/api/v1/incidents"), ("PATCH", "/user/api/v1/incidents/x"),
     ("POST", "/user/api/v1/incidents/x/updates"), ("POST", "/user/api/v1/maintenances"),
     ("PATCH", "/user/api/v1/maintenances/x")]
)  # fmt: skip


@settings(max_examples=50, deadline=None, derandomize=True)
@given(call=calls, body=bodies)
def test_no_body_breaks_it(call, body):
    transport = httpx.WSGITransport(app=EMULATOR.app)
    with httpx.Client(transport=transport, headers={"Authorization": "Bearer emulator-write"}) as http:
        answer = http.request(call[0], f"http://localhost{call[1]}", json=body)
    assert answer.status_code < 500, answer.text
    assert answer.is_success or {"errors", "error"} & set(answer.json())


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    path=st.sampled_from(["/v2/status_page_incidents", "/user/api/v1/incidents", "/user/api/v1/maintenances"]),
    query=st.dictionaries(
        names | st.sampled_from(["page_size", "after", "limit"]), st.text(max_size=8) | words, max_size=4
    ),
)
def test_no_query_breaks_it(path, query):
    transport = httpx.WSGITransport(app=EMULATOR.app)
    with httpx.Client(transport=transport, headers={"Authorization": "Bearer emulator-write"}) as http:
        answer = http.get(f"http://localhost{path}", params=query)
    assert answer.status_code < 500, answer.text


def test_it_is_a_well_behaved_wsgi_app():
    for path in (
        "/v2/status_pages",
        "/user/api/v1/incidents",
        "/pages/acme",
        "/pages/acme/api/v1/summary",
        "/_emulator/requests",
    ):
        environ = {"SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "", "wsgi.input": io.BytesIO()}
        setup_testing_defaults(environ)
        answer = validator(EMULATOR.app)(environ, lambda *_: io.BytesIO().write)
        assert b"".join(answer)
        answer.close()
