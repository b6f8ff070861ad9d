"""Where the key, the endpoint and the clock come from, and what is refused."""

from datetime import datetime, timezone

import pytest

from statuspage_provider import clock
from statuspage_provider.errors import SettingsError
from statuspage_provider.provider import Provider
from statuspage_provider.services.capabilities import CAPABILITIES
from statuspage_provider.services.settings import EXPLICIT, Settings, endpoint_fault, read_settings

KEY = "inc_s3cret0123456789"
CONFIG = {"incident:apiKey": "stored", "incident:endpoint": "https://stored.example"}
ENVIRONMENT = {"INCIDENT_API_KEY": "given", "INCIDENT_ENDPOINT": "https://given.example"}
OWN = {EXPLICIT: "true"}


def settings(config=(), environment=()):
    return read_settings(CAPABILITIES["incident.io"].names, dict(config).get, dict(environment))


def refused(config=(), environment=()):
    with pytest.raises(SettingsError) as caught:
        settings(config, environment).key()
    return str(caught.value)


@pytest.mark.parametrize(
    ("config", "environment", "key", "endpoint"),
    [
        pytest.param({}, {}, None, "https://api.incident.io", id="nothing set: no key, the service's endpoint"),
        pytest.param(CONFIG, {}, "stored", "https://stored.example", id="stack config alone"),
        pytest.param({}, ENVIRONMENT, "given", "https://given.example", id="environment alone"),
        pytest.param(CONFIG, ENVIRONMENT, "given", "https://given.example", id="environment over stack config"),
        pytest.param(
            CONFIG, {"INCIDENT_API_KEY": ""}, "stored", "https://stored.example", id="an empty variable is not set"
        ),
        pytest.param(OWN | CONFIG, {}, "stored", "https://stored.example", id="explicit provider alone"),
        pytest.param(
            OWN | CONFIG, ENVIRONMENT, "stored", "https://stored.example", id="explicit provider over environment"
        ),
        pytest.param(
            OWN | {"incident:apiKey": "stored"},
            {"INCIDENT_ENDPOINT": "https://given.example"},
            "stored",
            "https://given.example",
            id="what the explicit provider leaves out comes from the environment",
        ),
        pytest.param(
            OWN | {"incident:endpoint": "https://stored.example"},
            {"INCIDENT_API_KEY": "given"},
            "given",
            "https://stored.example",
            id="so does its key",
        ),
        pytest.param(
            {"incident:apiKey": "stored"},
            {"INCIDENT_ENDPOINT": "https://given.example"},
            "stored",
            "https://given.example",
            id="key and endpoint are looked up each for itself",
        ),
        pytest.param(
            {},
            {"STATUSPAGEME_API_KEY": "other"},
            None,
            "https://api.incident.io",
            id="another service's key",
        ),
    ],
)
def test_the_explicit_provider_wins_then_the_environment_then_stack_config(config, environment, key, endpoint):
    found = settings(config, environment)
    assert (found.api_key, found.endpoint) == (key, endpoint)


@pytest.mark.parametrize("value", [None, "", "  \n"], ids=["none", "empty", "blank"])
def test_a_missing_key_names_both_settings(value):
    said = refused(environment={} if value is None else {"INCIDENT_API_KEY": value})
    assert "INCIDENT_API_KEY" in said
    assert "pulumi config set --secret incident:apiKey" in said
    assert "\n" not in said


def test_a_missing_key_is_no_matter_until_it_is_needed():
    assert settings().service == "incident.io"


@pytest.mark.parametrize("around", ["{}\n", " {}", "{}\r\n", "\t{} "])
def test_the_line_break_that_a_file_ends_in_is_no_part_of_the_key(around):
    assert settings(environment={"INCIDENT_API_KEY": around.format(KEY)}).key() == KEY


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(f"{KEY}\nX-Evil: 1", id="a second header"),
        pytest.param(f"{KEY}\r\n\r\nGET /", id="a second request"),
        pytest.param(f"{KEY} {KEY}", id="two keys"),
        pytest.param(f"{KEY}\0", id="a null character"),
        pytest.param(f"{KEY}\x7f", id="a control character"),
        pytest.param(f"{KEY}é", id="a letter of Latin-1"),
        pytest.param(f"“{KEY}”", id="curly quotes"),
        pytest.param(f"\ufeff{KEY}", id="a byte order mark"),
        pytest.param(f"{KEY}\u200b", id="an invisible space"),
    ],
)
def test_a_key_that_cannot_be_sent_is_refused_on_one_line_that_does_not_show_it(key):
    said = refused(environment={"INCIDENT_API_KEY": key})
    assert "INCIDENT_API_KEY" in said
    assert "incident:apiKey" in said
    assert KEY not in said
    assert "\n" not in said


def test_the_key_is_in_no_text_of_settings():
    found = settings(environment={"INCIDENT_API_KEY": KEY})
    for text in (repr(found), str(found), f"{found}", repr([found]), repr({found: 1})):
        assert KEY not in text


def test_settings_are_one_thing_for_the_cache_of_clients():
    first, second = (settings(environment={"INCIDENT_API_KEY": KEY}) for _ in range(2))
    assert hash(first) == hash(second)
    assert first == second
    assert first != settings(environment={"INCIDENT_API_KEY": "other"})


ACCEPTED = [
    ("https", "https://api.incident.io"),
    ("https with a port", "https://api.example:8443"),
    ("https with a path", "https://gateway.example/incident"),
    ("https in capitals", "HTTPS://API.EXAMPLE"),
    ("https on an address", "https://10.0.0.1"),
    ("http on localhost", "http://localhost:4010"),
    ("http on LOCALHOST", "http://LOCALHOST:4010"),
    ("http on 127.0.0.1", "http://127.0.0.1:4010"),
    ("http on 127.8.9.1", "http://127.8.9.1"),
    ("http on ::1", "http://[::1]:4010"),
]

REFUSED = [
    ("http", "http://api.incident.io", "plain http"),
    ("http on a private address", "http://10.0.0.1", "plain http"),
    ("http on all addresses", "http://0.0.0.0:4010", "plain http"),
    ("http on another IPv6 address", "http://[2001:db8::1]", "plain http"),
    ("a name that begins like localhost", "http://localhost.example.com", "plain http"),
    ("a name that begins like 127.", "http://127.example.com", "plain http"),
    ("a name that begins like 127.0.0.1", "http://127.0.0.1.example.com", "plain http"),
    ("a user", "https://user@api.example", "bare URL"),
    ("a password", "https://user:pass@api.example", "bare URL"),
    ("an empty user", "https://@api.example", "bare URL"),
    ("loopback as a user", "http://127.0.0.1@evil.example", "bare URL"),
    ("loopback before a backslash", "http://127.0.0.1\\@evil.example", "bare URL"),
    ("a query", "https://api.example?key=1", "bare URL"),
    ("an empty query", "https://api.example?", "bare URL"),
    ("a fragment", "https://api.example/#top", "bare URL"),
    ("no scheme", "api.example", "not a URL"),
    ("no scheme, a port", "localhost:4010", "not a URL"),
    ("no host", "https:///v2", "not a URL"),
    ("another scheme", "ftp://api.example", "not a URL"),
    ("a file", "file:///etc/hosts", "not a URL"),
    ("a key", KEY, "not a URL"),
    ("an open bracket", "http://[::1", "not a URL"),
    ("a port of letters", "http://localhost:abc", "not a URL"),
    ("a port out of range", "https://api.example:99999", "not a URL"),
    ("a space", "https://api example", "not a URL"),
    ("a line break", "https://api.example\nhost", "not a URL"),
    ("a null character", "https://api.example\0", "not a URL"),
]


@pytest.mark.parametrize("endpoint", [row[1] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_an_endpoint_is_accepted(endpoint):
    assert endpoint_fault(endpoint) is None
    assert settings(environment={"INCIDENT_ENDPOINT": endpoint}).endpoint == endpoint


@pytest.mark.parametrize(("endpoint", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_an_endpoint_is_refused_without_being_shown(endpoint, why):
    said = refused(environment={"INCIDENT_ENDPOINT": endpoint})
    assert why in said
    assert "INCIDENT_ENDPOINT" in said
    assert "incident:endpoint" in said
    assert "\n" not in said
    assert endpoint not in said


@pytest.mark.parametrize("endpoint", ["https://api.example/", "https://api.example//", " https://api.example\n"])
def test_a_slash_or_line_break_at_the_end_of_an_endpoint_is_dropped(endpoint):
    assert settings(environment={"INCIDENT_ENDPOINT": endpoint}).endpoint == "https://api.example"


def test_an_explicit_provider_refuses_an_endpoint_where_it_is_written():
    with pytest.raises(SettingsError, match="endpoint is plain http") as caught:
        Provider("eu", api_key=KEY, endpoint="http://api.example")
    assert KEY not in str(caught.value)


def test_an_explicit_provider_refuses_an_unknown_service():
    with pytest.raises(SettingsError, match=r'service: "acme" is not one of incident\.io'):
        Provider("eu", service="acme")


def test_every_services_own_endpoint_is_acceptable():
    for able in CAPABILITIES.values():
        assert endpoint_fault(read_settings(able.names, {}.get, {}).endpoint) is None


def test_settings_can_be_made_by_hand():
    assert Settings(CAPABILITIES["incident.io"].names, "https://api.example", "k").key() == "k"


def test_the_clock_is_the_present_in_utc():
    before = datetime.now(timezone.utc)
    assert before <= clock.now({}) <= datetime.now(timezone.utc)
    assert clock.notice({}) is None


def test_the_clock_can_be_set_and_says_so():
    environment = {"STATUSPAGE_NOW": "2026-03-01T23:00:00+01:00"}
    assert clock.now(environment) == datetime(2026, 3, 1, 22, tzinfo=timezone.utc)
    assert clock.notice(environment) == "STATUSPAGE_NOW is set: this run assumes that it is Sun 1 Mar 2026, 22:00 UTC"


@pytest.mark.parametrize("value", ["soon", "2026-03-01T22:00:00", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize("read", [clock.now, clock.notice], ids=["clock", "notice"])
def test_a_clock_that_names_no_instant_is_refused(read, value):
    with pytest.raises(SettingsError, match=r"^STATUSPAGE_NOW: ") as caught:
        read({"STATUSPAGE_NOW": value})
    assert value in str(caught.value)


def test_an_empty_clock_is_not_set():
    assert clock.notice({"STATUSPAGE_NOW": ""}) is None
