"""Pages and components by name, in the program, with a key that may only read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import statuspage_provider as statuspage
from statuspage_provider import LookupFailed, SettingsError, lookups
from tests.provider.conftest import Page


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


def test_a_name_that_none_has_lists_the_candidates() -> None:
    with pytest.raises(LookupFailed, match=r'no status page with name "Nope": there is Acme Status \('):
        statuspage.get_status_page(name="Nope")
    with pytest.raises(LookupFailed, match=r"no component .*: there is API, Dashboard, EU / Database, EU / Queue"):
        statuspage.get_status_page().component("Nope")


def test_a_name_that_two_have_lists_both(page: Page) -> None:
    layout = {"name": "Twins", "groups": {"EU": ["Queue"], "US": ["Queue"]}}
    page.client.post("/_emulator/pages", json=layout).raise_for_status()
    twins = statuspage.get_status_page(name="Twins")
    with pytest.raises(LookupFailed, match=r"more than one component .*: EU / Queue, US / Queue"):
        twins.component("Queue")
    assert twins.component("US / Queue").path == "US / Queue"


def test_120_pages_are_read_in_pages_of_25(page: Page) -> None:
    for number in range(119):
        page.emulator.add_page(f"Page {number}")
    assert statuspage.get_status_page(name="Page 118").name == "Page 118"
    assert page.asked() == ["GET status_pages"] * 5


def test_without_a_key_the_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INCIDENT_API_KEY")
    with pytest.raises(SettingsError, match="INCIDENT_API_KEY"):
        statuspage.get_status_pages()
