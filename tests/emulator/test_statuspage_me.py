"""statuspage.me's incidents: each rule once, and the document's own requests."""

import pytest

from tests.support.accounts import says

INCIDENTS = "/user/api/v1/incidents"
UNKNOWN_PAGE = "550e8400-e29b-41d4-a716-446655440000"


# keys


@pytest.mark.parametrize("key", [None, "someone-elses", "spk_someone-elses", "spk_spk_emulator-write"])
@pytest.mark.parametrize("path", [INCIDENTS, "/user/api/v1/no_such_thing"])
def test_without_a_valid_key_everything_is_401(connect, key, path):
    says(connect(key).get(path), 401)


@pytest.mark.parametrize("prefix", ["", "spk_"])
def test_the_keys_work_with_and_without_the_documented_prefix(connect, me, prefix):
    writer, reader = connect(f"{prefix}emulator-write"), connect(f"{prefix}emulator-read")
    body = {"title": "t", "status_page_id": me.page}
    assert writer.post(INCIDENTS, json=body).status_code == 201
    assert reader.get(INCIDENTS).status_code == 200
    says(reader.post(INCIDENTS, json=body), 403, "incidents:write")


@pytest.mark.parametrize("key", ["spk_emulator-write", "emulator-incidents"])
def test_incident_io_knows_no_key_with_that_prefix_nor_the_one_for_incidents(connect, refused, key):
    refused(connect(key).get("/v2/status_pages"), 401)


def test_a_key_may_come_in_a_header_of_its_own(connect, emulator, refused):
    http = connect(None)
    says(http.get(INCIDENTS, headers={"X-API-Key": "spk_someone-elses"}), 401)
    assert http.get(INCIDENTS, headers={"X-API-Key": "spk_emulator-read"}).status_code == 200
    assert emulator.requests[-1]["key_scope"] == "read"
    refused(http.get("/v2/status_pages", headers={"X-API-Key": "emulator-read"}), 401)


def test_of_both_headers_authorization_counts(connect):
    for sent, other, status in (("spk_emulator-read", "x", 200), ("x", "spk_emulator-read", 401)):
        assert connect(sent).get(INCIDENTS, headers={"X-API-Key": other}).status_code == status
    basic = {"Authorization": "Basic spk_emulator-read", "X-API-Key": "spk_emulator-read"}
    says(connect(None).get(INCIDENTS, headers=basic), 401)


def test_a_key_for_incidents_may_read_and_write_them(connect, me):
    http = connect("spk_emulator-incidents")
    assert http.post(INCIDENTS, json={"title": "t", "status_page_id": me.page}).status_code == 201
    assert len(http.get(INCIDENTS).json()) == 1


def test_every_write_needs_the_scope_and_is_checked_before_the_body(connect, me):
    reader, key = connect("spk_emulator-read"), me.create()["id"]
    says(reader.post(INCIDENTS, content=b"not json"), 403)
    says(reader.patch(f"{INCIDENTS}/{key}", json={"title": "x"}), 403)
    says(reader.post(f"{INCIDENTS}/{key}/updates", json={"message": "x"}), 403)
    says(reader.delete(f"{INCIDENTS}/{key}"), 403)
    assert reader.get(f"{INCIDENTS}/{key}").json()["title"] == "Database latency"


# the document's own requests


def test_the_documents_requests_are_understood(connect, emulator):
    http, page = connect("spk_emulator-write"), emulator.statuspage_me_page_id
    created = http.post(
        INCIDENTS,
        json={
            "title": "Database latency spike",
            "message": "We are investigating elevated response times.",
            "status_page_id": page,
            "component_id": "",
            "incident_state_id": "1",
            "notify_subscribers": True,
        },
    )
    assert created.status_code == 201
    path = f"{INCIDENTS}/{created.json()['id']}"
    body = {"message": "We have identified the root cause and are applying a fix.", "incident_state_id": "2"}
    assert http.post(f"{path}/updates", json=body).is_success
    body = {"title": "Database latency — resolved", "message": "The issue has been resolved."}
    assert http.patch(path, json={**body, "incident_state_id": "4"}).status_code == 200
    [listed] = http.get(f"{INCIDENTS}?status_page_id={page}").json()
    assert (listed["title"], listed["incident_state_id"]) == ("Database latency — resolved", "4")
    assert [update["incident_state_id"] for update in http.get(path).json()["updates"]] == ["1", "2"]
    assert http.delete(path).status_code == 204
    assert http.get(path).status_code == 404


# create


def test_a_created_incident_comes_back_whole(me):
    made = me.create(message="We look.", component_id=me.components["API"])
    key = made.pop("id")
    assert made == {
        "title": "Database latency",
        "message": "We look.",
        "status_page_id": me.page,
        "component_id": me.components["API"],
        "incident_state_id": "1",
        "created_at": "2026-06-01T12:00:00Z",
        "updated_at": "2026-06-01T12:00:00Z",
    }
    shown = me.read(key)
    [first] = shown.pop("updates")
    assert shown == {"id": key, **made}
    assert first.pop("id")
    assert first == {"message": "We look.", "incident_state_id": "1", "created_at": "2026-06-01T12:00:00Z"}


def test_a_title_is_required(me):
    says(me.post(title=None), 400, "title is required")


def test_a_page_or_a_component_is_required_and_an_empty_one_is_none(me):
    for nothing in ({}, {"status_page_id": ""}, {"component_id": ""}, {"status_page_id": "", "component_id": ""}):
        answer = me.post(**{"status_page_id": None, **nothing})
        says(answer, 400, "status_page_id or component_id is required")


def test_a_component_alone_says_which_page(me, emulator):
    beta = emulator.add_statuspage_me_page("Beta", components=["API"])
    assert me.create(status_page_id=None, component_id=me.components["API"])["status_page_id"] == me.page
    assert me.titles(status_page_id=beta) == []
    assert me.titles(status_page_id=me.page) == ["Database latency"]


def test_an_unknown_page_or_component_is_400(me):
    says(me.post(status_page_id=UNKNOWN_PAGE), 400, "status_page_id", UNKNOWN_PAGE)
    says(me.post(component_id="none"), 400, "component_id", "none")
    says(me.post(status_page_id=None, component_id="none"), 400, "component_id")


def test_the_pages_of_the_two_services_are_not_each_others(me, emulator, http, refused):
    says(me.post(status_page_id=emulator.page_id), 400)
    refused(http.get(f"/v2/status_pages/{me.page}"), 404)


def test_a_component_must_be_on_the_page_named_beside_it(me, emulator):
    beta = emulator.add_statuspage_me_page("Beta", components=["API"])
    says(me.post(status_page_id=beta, component_id=me.components["API"]), 400, "component_id")


def test_the_states_are_1_to_4_and_the_default_is_investigating(me):
    assert me.create()["incident_state_id"] == "1"
    for state in "1234":
        assert me.create(incident_state_id=state)["incident_state_id"] == state
    for state in ("0", "5", "Resolved", ""):
        says(me.post(incident_state_id=state), 400, "incident_state_id")


def test_subscribers_are_told_only_if_asked(me, emulator):
    me.create(message="Silent.")
    me.create(message="Silent too.", notify_subscribers=False)
    assert emulator.notices == []
    key = me.create(message="We look.", notify_subscribers=True, incident_state_id="2")["id"]
    assert emulator.notices == [
        {
            "at": "2026-06-01T12:00:00Z",
            "status_page_id": me.page,
            "object": "incident",
            "object_id": key,
            "update_id": me.read(key)["updates"][0]["id"],
            "name": "Database latency",
            "status": "identified",
            "message": "We look.",
            "recipients": 25,
            "automated": False,
        }
    ]


def test_a_page_without_subscribers_mails_nobody(me, emulator):
    emulator.set_subscribers(me.page, 0)
    me.create(notify_subscribers=True)
    assert emulator.notices == []


def test_the_same_request_twice_makes_two_incidents(me):
    assert me.create()["id"] != me.create()["id"]
    assert me.titles() == ["Database latency"] * 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": " "},
        {"message": ""},
        {"message": 1},
        {"incident_state_id": 1},
        {"notify_subscribers": "true"},
        {"status_page_id": 7},
        {"idempotency_key": "k"},
        {"surprise": 1},
    ],
)
def test_empty_mistyped_and_unknown_fields_are_400(me, wrong):
    says(me.post(**wrong), 400, *wrong)
    assert me.titles() == []


def test_null_is_400(me, http):
    body = {"title": "t", "status_page_id": me.page, "component_id": None}
    says(http.post(INCIDENTS, json=body), 400, "component_id must not be null")


def test_an_error_names_everything_wrong(me):
    says(me.post(title="", surprise=1), 400, "title", "surprise")


# list


def test_the_list_is_newest_first_and_without_timelines(me, http):
    for title in ("one", "two", "three"):
        me.create(title=title)
    assert me.titles() == ["three", "two", "one"]
    assert all("updates" not in incident for incident in http.get(INCIDENTS).json())


def test_the_list_can_be_narrowed_to_a_page(me, emulator, http):
    beta = emulator.add_statuspage_me_page("Beta")
    me.create(title="ours")
    me.create(title="theirs", status_page_id=beta)
    assert me.titles(status_page_id=beta) == ["theirs"]
    assert me.titles() == ["theirs", "ours"]
    says(http.get(INCIDENTS, params={"status_page_id": UNKNOWN_PAGE}), 404)


def test_the_list_holds_50_unless_asked_for_up_to_200(me):
    for number in range(201):
        me.create(title=str(number))
    assert len(me.titles()) == 50
    assert me.titles(limit=2) == ["200", "199"]
    assert len(me.titles(limit=200)) == 200


@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.5", "", "many"])
def test_any_other_limit_is_400(http, limit):
    says(http.get(INCIDENTS, params={"limit": limit}), 400, "limit must be a whole number from 1 to 200")


def test_an_unknown_parameter_of_the_list_is_400(http):
    says(http.get(INCIDENTS, params={"page": "2"}), 400, "page")


# change


def test_a_change_takes_any_of_three_fields_and_leaves_the_timeline(me, emulator):
    key = me.create(message="We look.")["id"]
    before = me.read(key)
    emulator.advance(60)
    for name, value in {"title": "New", "message": "Fixed.", "incident_state_id": "4"}.items():
        assert me.change(key, **{name: value}).json()[name] == value
    wanted = {"title": "New", "message": "Fixed.", "incident_state_id": "4", "updated_at": "2026-06-01T12:01:00Z"}
    assert me.read(key) == {**before, **wanted}
    assert me.change(key).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"message": ""}, {"incident_state_id": "9"}, {"notify_subscribers": True}, {"status_page_id": "x"}],
)
def test_a_change_of_anything_else_is_400_and_changes_nothing(me, wrong):
    key = me.create()["id"]
    before = me.read(key)
    says(me.change(key, **{"title": "New", **wrong}), 400, *wrong)
    assert me.read(key) == before


# updates


def test_an_update_is_an_entry_of_the_timeline_and_moves_the_state(me, emulator):
    key = me.create(message="We look.", notify_subscribers=True)["id"]
    emulator.advance(60)
    answer = me.update(key, message="Found it.", incident_state_id="2")
    assert answer.status_code == 201
    shown = me.read(key)
    assert shown["updates"][1:] == [answer.json()]
    assert (shown["incident_state_id"], shown["message"]) == ("2", "We look.")
    assert shown["updated_at"] == answer.json()["created_at"] == "2026-06-01T12:01:00Z"
    assert len(emulator.notices) == 1


def test_an_update_may_have_a_message_or_a_state_alone(me):
    key = me.create(message="We look.", incident_state_id="2")["id"]
    assert me.update(key, message="Still.").json()["incident_state_id"] == "2"
    assert me.update(key, incident_state_id="4").json()["message"] is None
    assert me.update(key, incident_state_id="1").status_code == 201
    assert [update["incident_state_id"] for update in me.read(key)["updates"]] == ["2", "2", "4", "1"]


def test_an_update_without_either_is_400(me):
    key = me.create()["id"]
    says(me.update(key), 400, "message or incident_state_id is required")
    says(me.update(key, message=""), 400, "message")
    says(me.update(key, message="m", notify_subscribers=True), 400, "notify_subscribers")
    assert len(me.read(key)["updates"]) == 1


# delete, and what is not there


def test_a_deleted_incident_is_gone_for_good(me, http, emulator):
    key = me.create()["id"]
    answer = http.delete(f"{INCIDENTS}/{key}")
    assert (answer.status_code, answer.content) == (204, b"")
    says(http.delete(f"{INCIDENTS}/{key}"), 404)
    assert me.titles() == []
    assert emulator.notices == []


def test_an_unknown_incident_is_404(me, http):
    says(http.get(f"{INCIDENTS}/none"), 404, "none")
    says(me.change("none", title="x"), 404)
    says(me.update("none", message="x"), 404)
    says(http.delete(f"{INCIDENTS}/none"), 404)


def test_an_unknown_path_is_404_and_a_wrong_method_405(http):
    says(http.get("/user/api/v1/monitors"), 404)
    answer = http.put(f"{INCIDENTS}/x")
    says(answer, 405)
    assert "PATCH" in answer.headers["Allow"]


def test_a_body_that_is_no_json_object_is_400(http):
    says(http.post(INCIDENTS, content=b"{", headers={"Content-Type": "application/json"}), 400)
    says(http.post(INCIDENTS, json=[]), 400)
    says(http.post(INCIDENTS, data={"title": "t"}), 400)


def test_query_parameters_that_a_call_does_not_have_or_that_come_twice_are_400(me):
    key = me.create()["id"]
    says(me.http.get(f"{INCIDENTS}/{key}?x=1"), 400, "x")
    says(me.http.delete(f"{INCIDENTS}/{key}?x=1"), 400, "x")
    says(me.http.patch(f"{INCIDENTS}/{key}?x=1", json={"title": "t"}), 400, "x")
    says(me.http.get(f"{INCIDENTS}?limit=1&limit=2"), 400, "limit")
    assert me.read(key)
