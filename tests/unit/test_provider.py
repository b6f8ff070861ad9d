"""A key that stack config holds as plain text is warned of, once, with the command that mends it."""

import json

import pulumi
import pytest
from pulumi.runtime import mocks, set_all_config
from pulumi.runtime.config import _SECRET_KEYS, CONFIG
from pulumi.runtime.settings import SETTINGS

import statuspage_provider as statuspage
from statuspage_provider import lookups, provider
from statuspage_provider.provider import warn_of_plain_key
from statuspage_provider.services.settings import Settings
from tests.support.mocks import Answers, kept_settings

KEY = "inc_s3cret0123456789"


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch):
    """Nothing was said yet, and the SDK's own settings come back."""
    for name in ("PULUMI_CONFIG", "PULUMI_CONFIG_SECRET_KEYS", "INCIDENT_API_KEY", "STATUSPAGEME_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    provider._warn_of_plain.cache_clear()
    tokens = CONFIG.set({}), _SECRET_KEYS.set(set())
    with kept_settings():
        yield
    CONFIG.reset(tokens[0])
    _SECRET_KEYS.reset(tokens[1])


def warnings(capsys):
    out, err = capsys.readouterr()
    assert KEY not in out + err
    return [line for line in err.splitlines() if line.startswith("warning: ")]


@pytest.mark.parametrize("setting", ["incident:apiKey", "statuspageme:apiKey"])
def test_a_plain_key_is_warned_of_once(capsys, setting):
    set_all_config({setting: KEY}, [])
    for _ in range(3):
        warn_of_plain_key()
    (line,) = warnings(capsys)
    assert line.startswith(f"warning: {setting} is set as plain text")
    assert f"Run: pulumi config set --secret {setting}." in line


def test_it_is_warned_of_where_the_environment_has_a_key_too(capsys, monkeypatch):
    monkeypatch.setenv("INCIDENT_API_KEY", KEY)
    set_all_config({"incident:apiKey": KEY}, [])
    warn_of_plain_key()
    assert len(warnings(capsys)) == 1


@pytest.mark.parametrize(
    ("config", "secret"),
    [
        ({}, []),
        ({"incident:apiKey": KEY}, ["incident:apiKey"]),
        ({"incident:apiKey": ""}, []),
        ({"incident:endpoint": "https://x"}, []),
        ({"shop:apiKey": KEY}, []),
    ],
    ids=["no key", "a secret one", "an empty one", "another setting", "another's key"],
)
def test_nothing_else_is_warned_of(capsys, config, secret):
    set_all_config(config, secret)
    warn_of_plain_key()
    assert warnings(capsys) == []


def test_in_a_thread_that_knows_the_environment_alone_a_secret_is_one_too(capsys, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"incident:apiKey": KEY}))
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", json.dumps(["incident:apiKey"]))
    warn_of_plain_key()
    assert warnings(capsys) == []


def test_a_look_up_warns(capsys):
    set_all_config({"incident:apiKey": KEY, "incident:endpoint": "http://127.0.0.1:1"}, [])
    lookups._pages.cache_clear()
    assert isinstance(provider.program_settings(), Settings)
    assert len(warnings(capsys)) == 1


def window():
    statuspage.StatusPageMaintenance(
        "window", status_page_id="p", name="n", message="m", start_at="now", duration="1h", affected_component_ids=["c"]
    )


def incident():
    statuspage.StatusPageIncident("incident", status_page_id="p", name="n", message="m")


def past():
    statuspage.StatusPageRetrospectiveIncident("past", status_page_id="p", name="n", updates=[])


@pytest.mark.parametrize("declare", [window, incident, past], ids=lambda declare: declare.__name__)
def test_each_resource_warns_when_it_is_declared(capsys, declare):
    @pulumi.runtime.test
    def program():
        mocks.set_mocks(Answers(), project="shop", stack="prod", organization="acme")
        set_all_config({"incident:apiKey": KEY}, [])
        SETTINGS.engine = None
        declare()

    program()
    assert len(warnings(capsys)) == 1
