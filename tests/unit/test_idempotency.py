"""The keys that make a create safe to repeat."""

import re
from types import SimpleNamespace

import pulumi
import pytest
from pulumi.runtime import mocks
from pulumi.runtime.settings import Settings, configure

import statuspage_provider as statuspage
from statuspage_provider import Refused
from statuspage_provider.idempotency import generation_key, idempotency_key, key_of
from tests.support.mocks import Answers, kept_settings

PLACE = {"organization": "acme", "project": "shop", "stack": "prod"}


def key(resource_name="db-upgrade", opts=None, **place):
    configure(Settings(**{**PLACE, **place}))
    return idempotency_key(resource_name, opts)


@pytest.fixture(autouse=True)
def settings():
    """The SDK's own settings come back after each test."""
    with kept_settings():
        yield


def test_a_key_is_the_same_in_every_run():
    assert key() == key()
    assert generation_key(key(), ["page", ["v1"]], 1) == generation_key(key(), ["page", ["v1"]], 1)


@pytest.mark.parametrize(
    "other",
    [
        {"organization": "other"},
        {"project": "other"},
        {"stack": "other"},
        {"resource_name": "other"},
        {"resource_name": "db-upgrade "},
        {"organization": "acme-shop", "project": ""},
        {"project": "prod", "stack": "shop"},
    ],
    ids=["organisation", "project", "stack", "name", "a space", "parts are kept apart", "order counts"],
)
def test_a_key_differs_by(other):
    assert key(**other) != key()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((["page", None], 1), (["other", None], 1)),
        ((["page", None], 1), (["page", []], 1)),
        ((["page", ["v1"]], 1), (["page", ["v2"]], 1)),
        ((["page", ["v1", "v2"]], 1), (["page", ["v2", "v1"]], 1)),
        ((["page", ["v1,v2"]], 1), (["page", ["v1", "v2"]], 1)),
        ((["page", None], 1), (["page", None], 2)),
    ],
    ids=["page", "no triggers and none", "triggers", "order of triggers", "triggers are kept apart", "attempt"],
)
def test_a_generation_has_a_key_of_its_own(one, other):
    assert generation_key("key", *one) != generation_key("key", *other)


def test_the_order_of_a_mapping_makes_no_other_generation():
    one, other = [{"a": 1.0, "b": 2.0}], [{"b": 2.0, "a": 1.0}]
    assert generation_key("key", ["page", one], 1) == generation_key("key", ["page", other], 1)


def test_a_key_is_short_and_tells_nothing_of_what_it_is_made_of():
    text = generation_key(key(organization="acme-secret"), ["page-secret", ["trigger-secret"]], 3)
    assert re.fullmatch(r"[0-9a-f]{32}\.[0-9a-f]{12}\.3", text)


def test_a_key_of_ones_own_is_kept_in_front():
    assert generation_key("release-42", ["page", None], 1).startswith("release-42.")


def test_names_of_any_script_make_a_key():
    assert re.fullmatch(r"[0-9a-f]{32}", key("Überfällig 維護"))


def test_a_windows_key_is_what_0_1_0_sent():
    # A create that was killed then is found by it.
    assert generation_key("release-42", "01PAGE", 1) == "release-42.43afd127c3de.1"
    assert key() == "08334dd6bb99d3314d35da409aa88e5e"


def test_a_key_differs_by_parent():
    keys = []

    @pulumi.runtime.test
    def program():
        mocks.set_mocks(Answers(), project="shop", stack="prod", organization="acme")
        parents = [pulumi.ComponentResource("acme:Service", name) for name in ("one", "two")]
        children = [idempotency_key("db-upgrade", pulumi.ResourceOptions(parent=parent)) for parent in parents]
        alone = idempotency_key("db-upgrade", pulumi.ResourceOptions())
        return pulumi.Output.all(*children, alone).apply(keys.extend)

    program()
    assert len(set(keys)) == 3
    assert all(re.fullmatch(r"[0-9a-f]{32}", text) for text in keys)


def own_key(resource=statuspage.StatusPageMaintenance, resource_name="window", **declared):
    """What a program's resource sends, of one run."""
    place = {"status_page_id": "page", "service": "incident.io", "idempotency_key": "release-42"}
    return key_of(resource, {"resource_name": resource_name, "opts": None, **place, **declared})


def test_a_key_of_ones_own_is_that_of_one_resource_of_a_run():
    configure(Settings(**PLACE, monitor=SimpleNamespace()))
    assert own_key() == "release-42"
    with pytest.raises(Refused, match="idempotency_key: “copy” has that of “window”"):
        own_key(resource_name="copy")
    # The service takes these for others, or asks for no key.
    others = [
        own_key(idempotency_key="release-43"),
        own_key(status_page_id="other"),
        own_key(statuspage.StatusPageIncident),
        own_key(statuspage.StatusPageIncident, status_page_id=None, component_id="component"),
        own_key(service="statuspage.me"),
        own_key(service="statuspage.me"),
        own_key(idempotency_key=None),
    ]
    assert len(others) == 7
    configure(Settings(**PLACE, monitor=SimpleNamespace()))
    assert own_key() == "release-42", "another run may have it"


def test_a_key_or_a_page_that_is_an_output_is_held_apart_too():
    @pulumi.runtime.test
    def program():
        mocks.set_mocks(Answers(), project="shop", stack="prod", organization="acme")
        # As in a run on the engine: what tests declare is not held apart.
        configure(Settings(**PLACE, monitor=SimpleNamespace()))
        one = own_key(status_page_id=pulumi.Output.secret("page"))
        return one.apply(lambda _: own_key(resource_name="copy", idempotency_key=pulumi.Output.from_input(one)))

    with pytest.raises(Refused, match="idempotency_key: “copy” has that of “window”"):
        program()


def test_an_output_that_comes_to_no_key_is_none():
    found = []

    @pulumi.runtime.test
    def program():
        mocks.set_mocks(Answers(), project="shop", stack="prod", organization="acme")
        return own_key(idempotency_key=pulumi.Output.from_input(None)).apply(found.append)

    program()
    # For `check` to refuse: a text that is made of it would be a key that others have too.
    assert found == [None]
