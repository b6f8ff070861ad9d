"""statuspage.me's maintenance windows, and its pages: each rule once, and the vendor's own way to use them."""

import uuid

import pytest

from tests.support.accounts import says

WINDOWS, PAGES = "/user/api/v1/maintenances", "/user/api/v1/status-pages"
UNKNOWN_PAGE = "550e8400-e29b-41d4-a716-446655440000"


# keys


@pytest.mark.parametrize("path", [WINDOWS, f"{WINDOWS}/x", PAGES])
def test_without_a_valid_key_everything_is_401(connect, path):
    says(connect(None).get(path), 401)
    says(connect("spk_someone-elses").get(path), 401)


def test_every_write_needs_the_scope_and_is_checked_before_the_body(connect, me):
    reader, key = connect("spk_emulator-read"), me.window()["id"]
    says(reader.post(WINDOWS, content=b"not json"), 403, "maintenances:write")
    says(reader.patch(f"{WINDOWS}/{key}", json={"title": "x"}), 403, "maintenances:write")
    says(reader.delete(f"{WINDOWS}/{key}"), 403, "maintenances:write")
    assert reader.get(WINDOWS).json()["data"] == [reader.get(f"{WINDOWS}/{key}").json()["data"]]
    assert reader.get(PAGES).status_code == 200


def test_a_key_for_incidents_sees_neither_windows_nor_pages(connect, me):
    http, key = connect("spk_emulator-incidents"), me.window()["id"]
    says(http.get(WINDOWS), 403, "maintenances:read")
    says(http.get(f"{WINDOWS}/{key}"), 403, "maintenances:read")
    says(http.post(WINDOWS, json=me.window_body()), 403, "maintenances:write")
    says(http.get(PAGES), 403, "status-pages:read")
    says(http.get("/user/api/v1/monitors"), 404)


# the vendor's own way: open a window at the start of a deploy, and end it by PATCH or DELETE


def test_a_deploy_opens_a_window_and_ends_it_by_patch(connect, emulator, me):
    http = connect(None)
    http.headers["X-API-Key"] = "spk_emulator-write"
    body = me.window_body(start_at=me.later(), end_at=me.later(minutes=30), notify_subscribers=True)
    key = http.post(WINDOWS, json=body).json()["data"]["id"]
    emulator.advance(300)
    answer = http.patch(f"{WINDOWS}/{key}", json={"end_at": me.later()})
    assert answer.status_code == 200
    assert answer.json()["data"]["end_at"] == "2026-06-01T12:05:00Z"
    assert len(emulator.notices) == 1


def test_a_deploy_opens_a_window_and_ends_it_by_delete(emulator, me):
    key = me.window(start_at=me.later(), end_at=me.later(minutes=30), notify_subscribers=True)["id"]
    emulator.advance(300)
    assert me.http.delete(f"{WINDOWS}/{key}").status_code == 200
    assert me.windows(status_page_id=me.page) == []
    assert len(emulator.notices) == 1


# create


def test_a_created_window_comes_back_whole_in_the_envelope(me):
    answer = me.post_window(message="We upgrade the database.", start_at="2026-06-01T15:00:00.250+02:00")
    assert answer.status_code == 201
    assert list(answer.json()) == ["data"]
    made = answer.json()["data"]
    assert str(uuid.UUID(made["id"])) == made["id"]
    assert made == {
        "id": made["id"],
        "title": "Database upgrade",
        "message": "We upgrade the database.",
        "status_page_id": me.page,
        "start_at": "2026-06-01T13:00:00.25Z",
        "end_at": "2026-06-01T14:00:00Z",
    }
    assert me.read_window(made["id"]) == made
    assert me.window()["message"] is None


@pytest.mark.parametrize("field", ["status_page_id", "title", "start_at", "end_at"])
def test_a_page_a_title_and_both_times_are_required(me, field):
    says(me.post_window(**{field: None}), 400, f"{field} is required")


def test_an_unknown_page_is_400(me, emulator):
    says(me.post_window(status_page_id=UNKNOWN_PAGE), 400, "status_page_id", UNKNOWN_PAGE)
    says(me.post_window(status_page_id=emulator.page_id), 400, "status_page_id")


def test_the_end_comes_after_the_start_and_both_may_be_past(me):
    says(me.post_window(end_at=me.later(hours=1)), 400, "end_at must be after start_at")
    says(me.post_window(end_at=me.later(minutes=59)), 400, "end_at must be after start_at")
    assert me.window(start_at=me.later(hours=-2), end_at=me.later(hours=-1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": " "},
        {"message": ""},
        {"message": 1},
        {"notify_subscribers": "true"},
        {"status_page_id": ""},
        {"start_at": "2026-06-01"},
        {"start_at": "2026-06-01T13:00:00"},
        {"end_at": "2026-06-01 14:00:00Z"},
        {"end_at": 1780322400},
        {"end_at": "2026-02-30T14:00:00Z"},
        {"component_id": "cmp-acme-api"},
        {"idempotency_key": "k"},
        {"status": "scheduled"},
    ],
)
def test_empty_mistyped_and_unknown_fields_are_400(me, wrong):
    says(me.post_window(**wrong), 400, *wrong)
    assert me.windows() == []


def test_null_is_400(me):
    says(me.http.post(WINDOWS, json={**me.window_body(), "message": None}), 400, "message must not be null")


def test_an_error_names_everything_wrong(me):
    says(me.post_window(title="", end_at="soon", surprise=1), 400, "title", "end_at", "RFC 3339", "surprise")


def test_a_body_that_is_no_json_object_is_400(me):
    says(me.http.post(WINDOWS, content=b"{", headers={"Content-Type": "application/json"}), 400)
    says(me.http.post(WINDOWS, json=[]), 400)
    says(me.http.post(WINDOWS, data={"title": "t"}), 400)


def test_the_same_request_twice_makes_two_windows(me):
    assert me.window()["id"] != me.window()["id"]
    assert me.windows() == ["Database upgrade"] * 2


def test_subscribers_are_told_at_creation_and_only_if_asked(me, emulator):
    me.window()
    me.window(notify_subscribers=False)
    assert emulator.notices == []
    key = me.window(message="Soon.", notify_subscribers=True)["id"]
    emulator.advance(8000)
    me.change_window(key, title="New")
    me.http.delete(f"{WINDOWS}/{key}")
    assert emulator.notices == [
        {
            "at": "2026-06-01T12:00:00Z",
            "status_page_id": me.page,
            "object": "maintenance",
            "object_id": key,
            "update_id": None,
            "name": "Database upgrade",
            "status": "created",
            "message": "Soon.",
            "recipients": 25,
            "automated": False,
        }
    ]


# list


def test_the_list_is_newest_first_and_counted(me, emulator):
    for title in ("one", "two", "three"):
        me.window(title=title)
    emulator.advance(1_000_000)
    answer = me.http.get(WINDOWS).json()
    assert [window["title"] for window in answer["data"]] == ["three", "two", "one"]
    assert answer["meta"] == {"count": 3}


def test_the_list_can_be_narrowed_to_a_page(me, emulator):
    beta = emulator.add_statuspage_me_page("Beta")
    me.window(title="ours")
    me.window(title="theirs", status_page_id=beta)
    assert me.windows(status_page_id=beta) == ["theirs"]
    assert me.windows() == ["theirs", "ours"]
    says(me.http.get(WINDOWS, params={"status_page_id": UNKNOWN_PAGE}), 404, "not found or access denied")


def test_query_parameters_that_a_call_does_not_have_or_that_come_twice_are_400(me):
    key = me.window()["id"]
    says(me.http.get(f"{WINDOWS}?limit=1"), 400, "limit")
    says(me.http.get(f"{WINDOWS}?status_page_id={me.page}&status_page_id={me.page}"), 400, "status_page_id")
    says(me.http.get(f"{WINDOWS}/{key}?x=1"), 400, "x")
    says(me.http.post(f"{WINDOWS}?x=1", json=me.window_body()), 400, "x")
    says(me.http.patch(f"{WINDOWS}/{key}?x=1", json={"title": "t"}), 400, "x")
    says(me.http.delete(f"{WINDOWS}/{key}?x=1"), 400, "x")
    says(me.http.get(f"{PAGES}?x=1"), 400, "x")
    assert me.windows() == ["Database upgrade"]


# change


def test_a_change_takes_any_of_four_fields(me):
    key = me.window(message="Soon.")["id"]
    wanted = me.read_window(key)
    for name, value in {
        "title": "New",
        "message": "Later.",
        "end_at": "2026-06-01T18:00:00Z",
        "start_at": "2026-06-01T17:00:00Z",
    }.items():
        wanted[name] = value
        answer = me.change_window(key, **{name: value})
        assert (answer.status_code, answer.json()["data"]) == (200, wanted)
    assert me.change_window(key).json()["data"] == me.read_window(key) == wanted


def test_one_time_alone_is_held_against_the_other_as_it_is(me):
    key = me.window()["id"]
    says(me.change_window(key, end_at=me.later(hours=1)), 400, "end_at must be after start_at")
    says(me.change_window(key, start_at=me.later(hours=2)), 400, "end_at must be after start_at")
    assert me.change_window(key, start_at=me.later(hours=-3), end_at=me.later(hours=-2)).status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"title": ""}, {"message": ""}, {"end_at": "soon"}, {"notify_subscribers": True}, {"status_page_id": "x"}]
)
def test_a_change_of_anything_else_is_400_and_changes_nothing(me, wrong):
    key = me.window()["id"]
    before = me.read_window(key)
    says(me.change_window(key, **{"title": "New", **wrong}), 400, *wrong)
    assert me.read_window(key) == before


# delete, and what is not there


def test_a_deleted_window_is_gone_for_good(me):
    key = me.window()["id"]
    answer = me.http.delete(f"{WINDOWS}/{key}")
    assert (answer.status_code, answer.json()) == (200, {"data": {"deleted": True}})
    says(me.http.delete(f"{WINDOWS}/{key}"), 404)
    says(me.http.get(f"{WINDOWS}/{key}"), 404)
    assert me.windows() == []


@pytest.mark.parametrize("key", ["none", UNKNOWN_PAGE])
def test_an_unknown_window_is_404_which_may_mean_two_things(me, key):
    for answer in (
        me.http.get(f"{WINDOWS}/{key}"),
        me.change_window(key, title="x"),
        me.http.delete(f"{WINDOWS}/{key}"),
    ):
        says(answer, 404, key, "not found or access denied")


def test_a_window_is_no_incident_nor_the_other_way_round(me):
    says(me.http.get(f"{me.INCIDENTS}/{me.window()['id']}"), 404)
    says(me.http.get(f"{WINDOWS}/{me.create()['id']}"), 404)


def test_a_wrong_method_is_405(me):
    answer = me.http.put(f"{WINDOWS}/x")
    says(answer, 405)
    assert "PATCH" in answer.headers["Allow"]
    says(me.http.post(PAGES, json={"name": "Beta"}), 405)


# pages


def test_pages_are_listed_with_id_and_name(me, emulator):
    beta = emulator.add_statuspage_me_page("Beta", components=["One"])
    assert me.http.get(PAGES).json() == {
        "data": [{"id": me.page, "name": "Acme"}, {"id": beta, "name": "Beta"}],
        "meta": {"count": 2},
    }
    says(me.http.get(f"{PAGES}/{beta}"), 404)
