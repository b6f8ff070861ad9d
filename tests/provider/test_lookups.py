"""Pages and components by name, in the program, with a key that may only read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

import statuspage_provider as statuspage
from statuspage_provider import KeyRefused, LookupFailed, Refused, ServiceError, SettingsError, lookups
from tests.support.page import Page
from tests.support.statuspage_me import Account


@pytest.fixture(autouse=True)
def fresh_process(page: Page, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("INCIDENT_ENDPOINT", page.url)
    monkeypatch.setenv("INCIDENT_API_KEY", "emulator-read")
    for cached in (lookups._pages, lookups._components):
        cached.cache_clear()
    yield
    for cached in (lookups._pages, lookups._components):
        cached.cache_clear()


def test_a_page_is_found_by_name_id_and_public_url(page: Page) -> None:
    found = statuspage.get_status_page(name="Acme Status")
    assert found.id == page.id
    assert statuspage.get_status_page(id=page.id) == found
    assert statuspage.get_status_page(public_url=f"{found.public_url}/") == found
    assert statuspage.get_status_page() == found


def test_components_are_found_by_name_and_by_group_and_name(page: Page) -> None:
    found = statuspage.get_status_page(name="Acme Status")
    assert found.component("API").id == page.api
    assert found.component("EU / Database").id == page.database
    assert found.component("Database").id == page.database


def test_one_request_for_pages_and_one_for_a_pages_components_whatever_is_asked(page: Page) -> None:
    for _ in range(3):
        statuspage.get_status_pages()
        found = statuspage.get_status_page(name="Acme Status")
        found.component("API")
        found.component("Dashboard")
    assert page.asked() == ["GET status_pages", "GET status_page_structures"]


def test_a_name_that_none_has_lists_the_candidates_closest_first() -> None:
    with pytest.raises(LookupFailed, match=r'^no status page with name "Nope": choose from Acme Status \('):
        statuspage.get_status_page(name="Nope")
    acme = statuspage.get_status_page()
    with pytest.raises(LookupFailed, match=r'^no component "Databse" .*: choose from EU / Database, Dashboard, '):
        acme.component("Databse")
    with pytest.raises(LookupFailed, match=r"choose from API, "):
        acme.component("api")


def test_of_many_candidates_the_closest_are_listed(page: Page) -> None:
    for number in range(40):
        page.emulator.add_page(f"Page {number}")
    with pytest.raises(LookupFailed, match=r"choose from Page 33 \(.* and 21 more$"):
        statuspage.get_status_page(name="Page 33!")


def test_a_name_that_two_have_lists_both(page: Page) -> None:
    layout = {"name": "Twins", "groups": {"EU": ["Queue"], "US": ["Queue"]}}
    page.client.post("/_emulator/pages", json=layout).raise_for_status()
    twins = statuspage.get_status_page(name="Twins")
    with pytest.raises(
        LookupFailed, match=r'^more than one component "Queue" .*: EU / Queue, US / Queue. Say which one$'
    ):
        twins.component("Queue")
    assert twins.component("US / Queue").path == "US / Queue"


def test_two_pages_or_components_of_one_name_are_told_apart_by_their_ids(page: Page) -> None:
    first, second = (page.emulator.add_page("Twin", components=["API", "API"]) for _ in range(2))
    with pytest.raises(LookupFailed) as two_pages:
        statuspage.get_status_page(name="Twin")
    assert first in str(two_pages.value)
    assert second in str(two_pages.value)
    found = statuspage.get_status_page(id=second)
    with pytest.raises(LookupFailed) as two_components:
        found.component("API")
    assert all(component.id in str(two_components.value) for component in found.components)


def test_without_a_name_one_of_several_pages_is_not_guessed(page: Page) -> None:
    page.emulator.add_page("Other")
    with pytest.raises(LookupFailed, match=r"^more than one status page with no name given: Acme Status .*, Other "):
        statuspage.get_status_page()


SUB_PAGES = {
    "name": "Big",
    "components": ["Top", "Trains"],
    "groups": {"Rail": ["Signals"]},
    "sub_pages": {"UK": {"components": ["Map"], "groups": {"Rail": ["Trains", "Trams"], "Air": ["Planes"]}}},
}


def test_components_of_groups_and_sub_pages_are_found_by_as_much_of_their_path_as_it_takes(page: Page) -> None:
    page.client.post("/_emulator/pages", json=SUB_PAGES).raise_for_status()
    big = statuspage.get_status_page(name="Big")
    found = {name: big.component(name).path for name in ("Trains", "Rail / Trains", "UK / Rail / Trams", "Planes")}
    assert found == {
        "Trains": "Trains",
        "Rail / Trains": "UK / Rail / Trains",
        "UK / Rail / Trams": "UK / Rail / Trams",
        "Planes": "UK / Air / Planes",
    }


def test_a_group_or_a_sub_page_gives_all_of_its_components(page: Page) -> None:
    page.client.post("/_emulator/pages", json=SUB_PAGES).raise_for_status()
    big = statuspage.get_status_page(name="Big")

    def within(name: str) -> list[str]:
        return [component.path for component in big.components_in(name)]

    assert within("UK / Rail") == ["UK / Rail / Trains", "UK / Rail / Trams"]
    assert within("UK") == ["UK / Map", "UK / Rail / Trains", "UK / Rail / Trams", "UK / Air / Planes"]
    assert within("Rail") == ["Rail / Signals"]
    assert within("Air") == ["UK / Air / Planes"]
    with pytest.raises(LookupFailed, match=r'no group or sub-page "Road" on page "Big": choose from Rail, '):
        within("Road")


def test_120_pages_and_300_components_take_two_requests_whatever_is_asked(page: Page) -> None:
    for number in range(118):
        page.emulator.add_page(f"Page {number}")
    groups = {f"Region {number}": [f"Service {index}" for index in range(30)] for number in range(10)}
    wide = page.emulator.add_page("Wide", groups=groups)
    page.emulator.clear_requests()
    found = statuspage.get_status_page(name="Wide")
    assert found.id == wide
    assert len(statuspage.get_status_pages()) == 120
    assert statuspage.get_status_page(id=wide) == statuspage.get_status_page(public_url=found.public_url) == found
    assert len(found.components) == 300
    ids = {found.component(f"Region {number} / Service {index}").id for number in range(10) for index in range(30)}
    assert len(ids) == 300
    assert len(found.components_in("Region 7")) == 30
    assert statuspage.get_status_page(name="Wide").component("Region 3 / Service 4").group == "Region 3"
    assert page.asked() == ["GET status_pages", "GET status_page_structures"]


def test_what_is_found_can_be_declared(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    acme = statuspage.get_status_page(name="Acme Status")
    ids = [component.id for component in acme.components_in("EU")]
    window = page.maintenance(status_page_id=acme.id, affected_component_ids=ids)
    assert window.preview() == "create"
    assert page.wrote() == []
    monkeypatch.setenv("INCIDENT_API_KEY", "emulator-write")
    window.up()
    assert window.outs["affected_component_ids"] == sorted(ids)


def test_the_availability_of_a_component_is_asked_anew_each_time(page: Page) -> None:
    page.human(
        "POST",
        "status_page_incidents",
        status_page_id=page.id,
        name="Down",
        message="Down.",
        incident_status="investigating",
        component_statuses=[{"component_id": page.api, "component_status": "full_outage"}],
        notify_subscribers=False,
        idempotency_key="down",
    )
    page.advance(hours=12)
    acme = statuspage.get_status_page()
    when = {"start_at": page.now - timedelta(days=1), "end_at": page.now}
    found = acme.availability("API", **when)
    assert isinstance(found, statuspage.Availability)
    assert (found.component_id, found.availability_percent) == (page.api, "50.00")
    assert acme.availability("EU / Database", **when).availability_percent == "100.00"
    with pytest.raises(LookupFailed):
        acme.availability("Nope", **when)
    with pytest.raises(ServiceError, match="366 days"):
        acme.availability("API", start_at=page.now - timedelta(days=400), end_at=page.now)


@pytest.mark.parametrize("end_at", ["2026-03-01", datetime(2026, 3, 1)])  # noqa: DTZ001
def test_an_availability_is_never_asked_in_the_zone_of_this_machine(page: Page, end_at: Any) -> None:
    with pytest.raises(LookupFailed, match=r"end_at: 2026-03-01.* is not a datetime with a time zone"):
        statuspage.get_status_page().availability("API", start_at=page.now, end_at=end_at)


def test_a_page_shows_no_settings() -> None:
    assert "settings" not in repr(statuspage.get_status_page())


def test_a_page_or_component_in_place_of_its_id_is_one_line() -> None:
    acme = statuspage.get_status_page()
    window: dict[str, Any] = {"name": "Upgrade", "message": "Soon.", "start_at": "+1h", "duration": "1h"}
    page_for_id: Any = {"status_page_id": acme, "affected_component_ids": ["ID"]}
    with pytest.raises(Refused, match=r"^status_page_id: this is a whole StatusPage: pass its id, with \.id$"):
        statuspage.StatusPageMaintenance("a", **page_for_id, **window)
    components_for_ids: Any = {"status_page_id": acme.id, "affected_component_ids": acme.components_in("EU")}
    with pytest.raises(Refused, match="affected_component_ids: this is a whole Component"):
        statuspage.StatusPageMaintenance("b", **components_for_ids, **window)


def test_without_a_key_the_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INCIDENT_API_KEY")
    with pytest.raises(SettingsError, match="INCIDENT_API_KEY"):
        statuspage.get_status_pages()


def test_a_page_on_statuspage_me_is_found_by_name_and_id(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGEME_ENDPOINT", page.url)
    monkeypatch.setenv("STATUSPAGEME_API_KEY", "spk_emulator-read")
    id_ = page.emulator.statuspage_me_page_id
    found = statuspage.get_status_page(name="Acme", service="statuspage.me")
    assert (found.id, found.name) == (id_, "Acme")
    assert statuspage.get_status_page(id=id_, service="statuspage.me") == found
    assert statuspage.get_status_pages(service="statuspage.me") == (found,)
    with pytest.raises(Refused, match="has no call that lists components: copy a component's id"):
        found.component("API")
    with pytest.raises(LookupFailed, match='no status page with name "Other": choose from Acme'):
        statuspage.get_status_page(name="Other", service="statuspage.me")
    with pytest.raises(LookupFailed, match='service: "acme" is not one of '):
        statuspage.get_status_page(service="acme")


def test_windows_and_incidents_are_listed_with_the_filters_of_the_api(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("INCIDENT_API_KEY")
    database, api = page.maintenance(), page.maintenance(affected_component_ids=[page.api], idempotency_key="api")
    later = page.maintenance(start_at="2026-03-09T14:00:00Z", idempotency_key="later")
    for window in (database, api, later):
        window.up()
    incident = page.incident(component_statuses={page.api: "full_outage"})
    incident.up()
    monkeypatch.setenv("INCIDENT_API_KEY", "emulator-read")
    eu = statuspage.get_status_page(name="Acme Status").component("EU / Database").group_id
    before = datetime(2026, 3, 5, tzinfo=timezone.utc)

    def found(**filters: Any) -> list[str]:
        return [window.id for window in statuspage.get_maintenances(page.id, **filters)]

    assert found() == [later.id, api.id, database.id]
    assert found(component_id=page.api) == [api.id]
    assert found(group_id=eu) == [later.id, database.id]
    assert found(group_id=eu, end_at=before) == [database.id]
    assert found(start_at=before) == [later.id]
    (window,) = statuspage.get_maintenances(page.id, start_at=before)
    assert window.window == (
        datetime(2026, 3, 9, 14, tzinfo=timezone.utc),
        datetime(2026, 3, 9, 16, tzinfo=timezone.utc),
    )
    assert [one.id for one in statuspage.get_incidents(page.id, component_id=page.api)] == [incident.id]
    assert statuspage.get_incidents(page.id, component_id=page.dashboard) == ()
    with pytest.raises(LookupFailed, match="start_at: 2026-03-05 00:00:00 is not a datetime with a time zone"):
        found(start_at=before.replace(tzinfo=None))
    with pytest.raises(ServiceError):
        found(component_id="nobody")


def test_the_lists_of_statuspage_me_have_no_filters(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    me = Account(page)
    window, incident = me.window(), me.incident()
    window.up()
    incident.up()
    monkeypatch.setenv("STATUSPAGEME_ENDPOINT", page.url)
    monkeypatch.setenv("STATUSPAGEME_API_KEY", "spk_emulator-read")
    (listed,) = statuspage.get_maintenances(me.id, service="statuspage.me")
    assert (listed.id, listed.message, listed.phase) == (window.id, "We upgrade.", "scheduled")
    assert [one.id for one in statuspage.get_incidents(me.id, service="statuspage.me")] == [incident.id]
    with pytest.raises(LookupFailed, match=r"component_id: statuspage\.me has no such filter: leave it out"):
        statuspage.get_maintenances(me.id, component_id="a", service="statuspage.me")


def test_a_key_without_the_scope_to_read_is_told_so(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGEME_ENDPOINT", page.url)
    monkeypatch.setenv("STATUSPAGEME_API_KEY", "spk_emulator-incidents")
    with pytest.raises(KeyRefused, match="The API key may not read this: give it the scope that does"):
        statuspage.get_maintenances(Account(page).id, service="statuspage.me")
