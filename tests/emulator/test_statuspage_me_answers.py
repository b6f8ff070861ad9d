"""statuspage.me: the forms an answer may have, and what it shares with the other service."""

import itertools

import pytest

from tests.support.accounts import AcmeOnStatuspageMe, says

INCIDENTS, WINDOWS = "/user/api/v1/incidents", "/user/api/v1/maintenances"
PAGES = "/user/api/v1/status-pages"


# the forms an answer may have


@pytest.mark.parametrize(("shape", "extra"), list(itertools.product(["bare", "wrapped"], [False, True])))
def test_the_form_of_an_answer_can_be_switched(me, http, shape, extra):
    order = {"shape": shape, "extra_fields": extra}
    assert http.post("/_emulator/statuspage_me", json=order).json().items() >= order.items()
    answers = {"incident": me.post(message="We look.")}
    found = answers["incident"].json()
    path = f"{INCIDENTS}/{(found if shape == 'bare' else found['incident'])['id']}"
    answers["update"] = http.post(f"{path}/updates", json={"message": "More."})
    answers["incidents"] = http.get(INCIDENTS)
    for name, answer in answers.items():
        found = answer.json()
        if shape == "wrapped":
            assert list(found) == ([name, "success"] if extra else [name])
            found = found[name]
        one = found[0] if name == "incidents" else found
        assert one["message"]
        assert (("severity" in one) or ("author" in one)) == extra
    found = http.get(path).json()
    assert len((found if shape == "bare" else found["incident"])["updates"]) == 2


COUNTED = {"meta": {"count": 1}}
FORMS = {
    "documented": (lambda one: {"data": one}, lambda one: {"data": [one], **COUNTED}),
    "bare": (lambda one: one, lambda one: [one]),
    "wrapped": (lambda one: {"maintenance": one}, lambda one: {"maintenances": [one]}),
    "data": (lambda one: {"data": one}, lambda one: {"data": [one], **COUNTED}),
    "nested": (lambda one: {"data": {"maintenance": one}}, lambda one: {"data": [one], **COUNTED}),
}


@pytest.mark.parametrize("shape", FORMS)
def test_and_so_can_that_of_an_answer_about_windows(me, http, emulator, shape):
    emulator.set_statuspage_me(shape=shape)
    made, (one, listed) = me.post_window().json(), FORMS[shape]
    emulator.set_statuspage_me(shape="bare")
    [window] = http.get(WINDOWS).json()
    emulator.set_statuspage_me(shape=shape)
    path = f"{WINDOWS}/{window['id']}"
    assert made == http.get(path).json() == http.patch(path, json={}).json() == one(window)
    assert http.get(WINDOWS).json() == listed(window)
    assert http.delete(path).status_code == (204 if shape in ("bare", "wrapped") else 200)


def test_incidents_come_in_the_envelope_too_if_that_is_wanted(me, http, emulator):
    path = f"{INCIDENTS}/{me.create(message='We look.')['id']}"
    shown, [listed] = http.get(path).json(), http.get(INCIDENTS).json()
    emulator.set_statuspage_me(shape="data")
    assert http.get(path).json() == {"data": shown}
    assert http.get(INCIDENTS).json() == {"data": [listed], **COUNTED}
    emulator.set_statuspage_me(shape="nested")
    assert http.get(path).json() == {"data": {"incident": listed, "updates": shown["updates"]}}
    assert list(http.post(f"{path}/updates", json={"message": "More."}).json()["data"]) == ["update"]
    assert http.delete(path).status_code == 200


def test_windows_and_pages_have_undocumented_fields_if_those_are_wanted(me, http, emulator):
    window, [page] = me.window(), http.get(PAGES).json()["data"]
    emulator.set_statuspage_me(extra_fields=True)
    shown, pages = http.get(f"{WINDOWS}/{window['id']}").json(), http.get(PAGES).json()
    assert shown["data"].items() > window.items()
    assert pages["data"][0].items() > page.items()
    assert shown["success"] is pages["success"] is True


def test_the_ids_of_the_states_can_be_changed(me, emulator, http):
    key = me.create(incident_state_id="4")["id"]
    emulator.set_statuspage_me(states={"resolved": "done", "investigating": "11"})
    assert me.read(key)["incident_state_id"] == "done"
    assert me.create()["incident_state_id"] == "11"
    says(me.post(incident_state_id="4"), 400, "11, 2, 3, done")
    assert http.get("/_emulator/statuspage_me").json() == {
        "shape": "documented",
        "extra_fields": False,
        "states": {"investigating": "11", "identified": "2", "monitoring": "3", "resolved": "done"},
    }


@pytest.mark.parametrize(
    "order", [{"shape": "round"}, {"states": {"resolved": "1"}}, {"states": {"fixed": "5"}}, {"surprise": 1}]
)
def test_a_form_that_does_not_exist_is_refused(http, refused, order):
    refused(http.post("/_emulator/statuspage_me", json=order), 422)


# what all services share


def test_requests_are_logged_with_the_scope_of_the_key(me, connect, emulator):
    me.create()
    connect("spk_emulator-read").get(f"{INCIDENTS}?limit=3")
    logged = [(one["method"], one["path"], one["query"], one["key_scope"], one["status"]) for one in emulator.requests]
    assert logged == [("POST", INCIDENTS, "", "write", 201), ("GET", INCIDENTS, "limit=3", "read", 200)]


def test_faults_strike_here_too(me, emulator, http):
    emulator.fault(kind="status:503", path_prefix=INCIDENTS, retry_after=7)
    answer = me.post()
    says(answer, 503)
    assert answer.headers["Retry-After"] == "7"
    emulator.fault(kind="reset_after", times=2)
    for post in (me.post, me.post_window):
        with pytest.raises(ConnectionResetError):
            post()
    assert (me.titles(), me.windows()) == (["Database latency"], ["Database upgrade"])


def test_a_page_can_be_added_over_http(me, http):
    made = http.post("/_emulator/statuspage_me/pages", json={"name": "Beta", "components": ["One"]})
    assert made.status_code == 201
    page, component = made.json()["status_page"]["id"], made.json()["components"]["One"]
    assert me.create(status_page_id=None, component_id=component)["status_page_id"] == page


def test_reset_brings_the_beginning_back(me, emulator):
    me.create(notify_subscribers=True)
    me.window()
    beta = emulator.add_statuspage_me_page("Beta")
    emulator.set_statuspage_me(shape="wrapped", states={"resolved": "9"})
    emulator.reset()
    assert me.titles() == me.windows() == []
    assert me.create(incident_state_id="4")["status_page_id"] == me.page
    says(me.post(status_page_id=beta), 400)


def test_incidents_windows_and_pages_survive_a_restart(start, client_of):
    emulator = start()
    beta = emulator.add_statuspage_me_page("Beta", components=["One"])
    emulator.set_statuspage_me(shape="wrapped")
    http = client_of(emulator)
    me = AcmeOnStatuspageMe(emulator, http)
    made = [me.create(title=title, status_page_id=beta)["incident"]["id"] for title in "abc"]
    me.update(made[0], incident_state_id="4")
    http.delete(f"{INCIDENTS}/{made[1]}")
    me.post_window(status_page_id=beta)
    listed, shown, windows = http.get(INCIDENTS).json(), me.read(made[0]), http.get(WINDOWS).json()
    emulator = start()
    http = client_of(emulator)
    assert http.get(INCIDENTS).json() == listed
    assert http.get(WINDOWS).json() == windows
    assert len(windows["maintenances"]) == 1
    assert AcmeOnStatuspageMe(emulator, http).read(made[0]) == shown
    assert emulator.statuspage_me_components["API"]
    assert len(listed["incidents"]) == 2
