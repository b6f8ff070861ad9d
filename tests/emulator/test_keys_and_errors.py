"""Who may call, and how a refusal looks."""

import json

import pytest

PATHS = ["/v2/status_pages", "/v2/status_page_incidents", "/v2/no_such_thing"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("key", [None, "", "someone-elses"])
def test_without_a_valid_key_everything_is_401(connect, refused, key, path):
    assert refused(connect(key).get(path), 401)["type"] == "authentication_error"


def test_a_key_must_be_sent_as_bearer(connect, refused):
    refused(connect(None).get("/v2/status_pages", headers={"Authorization": "Basic emulator-write"}), 401)


def test_the_read_key_reads(connect):
    assert connect("emulator-read").get("/v2/status_pages").status_code == 200


def test_the_read_key_may_not_write(connect, acme, refused):
    reader = connect("emulator-read")
    window = acme.window()["id"]
    assert refused(reader.post("/v2/status_page_incidents", json=acme.incident_body()), 403)["type"] == (
        "resource_forbidden"
    )
    refused(reader.put(f"/v2/status_page_maintenances/{window}", json={}), 403)
    refused(reader.delete(f"/v2/status_page_maintenances/{window}"), 403)
    assert acme.read_window(window)


def test_scope_is_checked_before_the_body(connect, refused):
    refused(connect("emulator-read").post("/v2/status_page_incidents", content=b"not json"), 403)


@pytest.mark.parametrize("text", [b"", b"{", b"{'a': 1}", b"NaN", b"\xff", b"[" * 100_000])
def test_a_body_that_is_not_json_is_400(http, refused, text):
    answer = http.post("/v2/status_page_incidents", content=text, headers={"Content-Type": "application/json"})
    assert refused(answer, 400)["type"] == "invalid_request_error"


@pytest.mark.parametrize("body", [[], "text", 1, None])
def test_a_body_that_is_not_an_object_is_400(http, refused, body):
    refused(http.post("/v2/status_page_incidents", json=body), 400)


def test_a_body_must_be_declared_as_json(acme, http, refused):
    refused(http.post("/v2/status_page_incidents", data={"name": "x"}), 400)


def test_a_body_beyond_the_limit_is_413(acme, http, refused):
    refused(http.post("/v2/status_page_incidents", json=acme.incident_body(message="x" * 1_000_001)), 413)


def test_an_unknown_path_is_404(http, refused):
    assert refused(http.get("/v2/status_page_nonsense"), 404)["type"] == "not_found"
    refused(http.get("/v2/status_pages/"), 404)


def test_a_wrong_method_is_405_and_says_what_is_allowed(http, refused):
    answer = http.patch("/v2/status_pages")
    assert refused(answer, 405)["type"] == "method_not_allowed"
    assert "GET" in answer.headers["Allow"]
    refused(http.delete("/v2/status_page_incidents/x"), 405)


def test_every_error_has_a_request_id_of_its_own(http, refused):
    ids = {refused(http.get("/v2/status_pages/none"), 404)["request_id"] for _ in range(5)}
    assert len(ids) == 5


def test_an_invalid_body_lists_everything_wrong_with_it(acme, http, refused):
    body = {**acme.incident_body(name="", surprise=1), "notify_subscribers": "yes"}
    del body["message"]
    envelope = refused(http.post("/v2/status_page_incidents", json=body), 422)
    assert envelope["type"] == "validation_error"
    found = {(error["source"]["field"], error["code"]) for error in envelope["errors"]}
    assert found == {
        ("name", "invalid_value"),
        ("surprise", "unknown_field"),
        ("notify_subscribers", "invalid_value"),
        ("message", "is_required"),
    }


def test_the_emulators_own_fault_is_a_500_in_the_envelope(emulator, http, refused, monkeypatch):
    monkeypatch.setattr(emulator._world.incident_io, "page", lambda key: 1 / 0)
    assert refused(http.get(f"/v2/status_pages/{emulator.page_id}"), 500)["type"] == "api_error"


def test_a_refused_request_changes_nothing_and_mails_nobody(acme, http, emulator, refused):
    refused(http.post("/v2/status_page_incidents", json=acme.incident_body(name="", notify_subscribers=True)), 422)
    assert emulator.notices == []
    listed = acme.ok("GET", f"/v2/status_page_incidents?status_page_id={acme.page}")
    assert listed["status_page_incidents"] == []


def test_a_missing_key_and_an_unknown_one_have_codes_of_their_own(connect):
    codes = [connect(key).get("/v2/status_pages").json()["errors"][0]["code"] for key in (None, "someone-elses")]
    assert codes == ["missing_authorization_material", "invalid_api_key"]


def sent_as(http, text):
    return http.post("/v2/status_page_incidents", content=text, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_body_is_utf_8_without_a_byte_order_mark(acme, http, refused, encoding):
    text = json.dumps(acme.incident_body())
    refused(sent_as(http, text.encode(encoding)), 400)
    assert sent_as(http, text.encode()).status_code == 201


def test_a_name_that_comes_twice_and_a_number_beyond_all_are_400(acme, http, refused):
    text = json.dumps(acme.incident_body())
    refused(sent_as(http, text.replace("{", '{"name": "First", ', 1).encode()), 400)
    refused(sent_as(http, text.replace('"Elevated errors"', "1e999").encode()), 400)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2/status_pages/x"),
        ("GET", "/v2/status_page_structures/x"),
        ("GET", "/v2/status_page_incidents/x"),
        ("GET", "/v2/status_page_maintenances/x"),
        ("PUT", "/v2/status_page_maintenances/x"),
        ("DELETE", "/v2/status_page_maintenances/x"),
        ("POST", "/v2/status_page_incidents"),
        ("POST", "/v2/status_page_incident_updates"),
    ],
)
def test_a_query_parameter_that_a_call_does_not_have_is_422(http, refused, method, path):
    body = {"json": {}} if method in ("POST", "PUT") else {}
    refused(http.request(method, f"{path}?x=1", **body), 422, "/x")


def test_a_query_parameter_that_comes_twice_is_422(http, refused):
    refused(http.get("/v2/status_pages?page_size=1&page_size=2"), 422, "/page_size")
    refused(http.get("/v2/status_pages?page_size=1&page_size=1"), 422, "/page_size")
