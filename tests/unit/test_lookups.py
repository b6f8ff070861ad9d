"""What is found of a page whose structure is unusual. A server gives it as the service would."""

import json

import pytest

from statuspage_provider import lookups
from statuspage_provider.errors import LookupFailed
from statuspage_provider.services import capabilities
from statuspage_provider.services.capabilities import CAPABILITIES
from statuspage_provider.services.settings import Settings
from tests.support.loopback import listening, response


def component(id_, name):
    return {"component": {"component_id": id_, "name": name}}


def sub_page(name, *items):
    return {"sub_page": {"id": f"id of {name}", "name": name, "items": list(items)}}


@pytest.fixture
def page():
    """A page of the structure that a test gives."""
    items = []

    def answer(head):
        if b"structures" in head:
            body = {"current_structure": {"items": items}}
        else:
            body = {"status_pages": [{"id": "p", "name": "Big\x1b[2J\npage"}]}
        return [response("200 OK", json.dumps(body).encode())]

    for cached in (lookups._pages, lookups._components):
        cached.cache_clear()
    capabilities.forget_clients()
    with listening(answer) as url:
        settings = Settings(CAPABILITIES["incident.io"].names, url, "inc_s3cret0123456789")

        def find(*structure):
            items[:] = structure
            return lookups.find_page(settings, "p")

        yield find
    capabilities.forget_clients()


def test_a_component_that_stands_in_two_sub_pages_is_one(page):
    found = page(
        sub_page("EU", component("1", "Shared"), component("2", "Own")),
        sub_page("US", component("1", "Shared"), component("3", "Own")),
    )
    assert found.component("Shared").id == "1"
    assert found.component("EU / Shared").id == found.component("US / Shared").id == "1"
    assert [one.id for one in found.components_in("US")] == ["1", "3"]


def test_two_components_of_one_name_are_still_two(page):
    found = page(
        sub_page("EU", component("1", "Shared"), component("2", "Own")),
        sub_page("US", component("1", "Shared"), component("3", "Own")),
    )
    with pytest.raises(LookupFailed, match=r'more than one component "Own" .*: EU / Own, US / Own. Say which one$'):
        found.component("Own")


def test_names_of_a_page_are_listed_on_one_line_and_not_for_ever(page):
    found = page(component("1", "A\n::error::x"), component("2", "\u202eB" + "x" * 1_000_000))
    with pytest.raises(LookupFailed) as caught:
        found.component("Nope")
    said = str(caught.value)
    assert 'on page "Big\ufffd[2J page": choose from ' in said
    assert "A ::error::x" in said
    assert said.isprintable()
    assert len(said) < 1000
