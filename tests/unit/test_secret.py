"""The key is in no text of ours, whatever an answer repeats. The server is a real one that echoes what it is sent."""

import base64
import json
import logging
import traceback
import tracemalloc
from functools import partial
from urllib.parse import quote

import pytest

from statuspage_provider import lookups
from statuspage_provider.commands import listing
from statuspage_provider.commands.json_output import json_text
from statuspage_provider.errors import (
    KeyRefused,
    LookupFailed,
    LostAnswer,
    NotFound,
    RateLimited,
    ServiceError,
    StatusPageError,
    Unreachable,
)
from statuspage_provider.services import capabilities
from statuspage_provider.services.capabilities import CAPABILITIES
from statuspage_provider.services.incident_io import bodies
from statuspage_provider.services.secret import HIDDEN, Secret
from statuspage_provider.services.settings import Settings
from statuspage_provider.services.transport import Transport
from tests.support.loopback import listening, response

KEY = "inc_S3cret/Key+0123456789abcdefXYZ"
VALUE = f"Bearer {KEY}"

FORMS = {
    "as it is": KEY,
    "the header's value": VALUE,
    "the header": f"Authorization: {VALUE}",
    "its first eight": KEY[:8],
    "its last eight": KEY[-8:],
    "eight of its middle": KEY[11:19],
    "in another case": KEY.upper(),
    "URL-encoded": quote(KEY, safe=""),
    "URL-encoded throughout": "".join(f"%{ord(letter):02x}" for letter in KEY),
    "URL-encoded twice": quote(quote(KEY, safe=""), safe=""),
    "split over lines": "\n ".join(KEY[start : start + 5] for start in range(0, len(KEY), 5)),
    "letter by letter": " ".join(KEY),
    "with controls between": "\x00".join(KEY),
    "in base64": base64.b64encode(KEY.encode()).decode(),
    "in base64 with its scheme": base64.b64encode(VALUE.encode()).decode(),
    "in base64 after a user": base64.b64encode(f"u:{KEY}".encode()).decode(),
    "in base64 for URLs": base64.urlsafe_b64encode(f"us:{KEY}".encode()).decode(),
    "far into a long text": "word " * 50 + KEY,
    "quoted in Python": repr(VALUE.encode()),
}


def forms():
    return [pytest.param(text, id=name) for name, text in FORMS.items()]


@pytest.mark.parametrize("text", forms())
def test_a_text_that_holds_it_is_not_shown_at_all(text):
    assert Secret(KEY).hide(f"you sent {text} to us") == HIDDEN


@pytest.mark.parametrize("text", ["", "name is too long", "Bearer token expected", "Authorization", "inc_S3c"])
def test_other_text_stays_as_it_is(text):
    assert Secret(KEY).hide(text) == text
    assert Secret(KEY).hide(text, sure=True) == text


def test_a_key_of_words_has_words_in_common_with_what_a_page_says():
    secret = Secret("emulator-write")
    said = "The emulator writes: emulator-writ"
    assert secret.hide(said, sure=True) == said
    assert secret.hide(said) == HIDDEN
    assert secret.hide("emulator-write", sure=True) == HIDDEN


def test_a_short_key_is_looked_for_as_a_whole_and_changes_no_page():
    assert Secret("abc").hide("your key is abc") == HIDDEN
    assert Secret("abc").hide("abc", sure=True) == "abc"


@pytest.mark.parametrize("part", ["%41", "%41x", "é", " ", "x ", "%", "%2541", "=3d"])
def test_a_text_that_is_nothing_but_marks_costs_no_more_than_another(part):
    text = part * (2**20 // len(part))
    tracemalloc.start()
    try:
        assert not Secret(KEY).is_in(text, sure=True)
        assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    finally:
        tracemalloc.stop()


def test_what_is_written_with_a_sign_of_its_own_is_found():
    key = "inc_%41=3d+/key0123456789"
    for form in (key, quote(key, safe=""), quote(quote(key, safe=""), safe=""), f"{key[:12]}é\u212a{key[12:]}"):
        assert Secret(key).hide(f"you sent {form}", sure=True) == HIDDEN


def test_it_does_not_print_what_it_holds():
    assert KEY not in repr(Secret(KEY))


# The server that echoes


def settings(url, service="incident.io"):
    return Settings(CAPABILITIES[service].names, url, KEY)


def transport(url):
    now = [0.0]

    def sleep(seconds):
        # One more try is enough.
        now[0] += 100

    return Transport(settings(url), bodies.read_fault, sleep=sleep, monotonic=lambda: now[0])


class Echo:
    """One server and one client for all echoes: what is said is set before each request."""

    def __init__(self, url):
        self.transport = transport(url)
        self.says = None

    def failure(self, says):
        self.says = says
        with pytest.raises(StatusPageError) as caught:
            self.transport.request("POST", "/v2/things", json={"name": "x"}, repeatable=False)
        return caught.value


@pytest.fixture(scope="module")
def echo():
    made = []
    with listening(lambda head: [made[0].says(head)]) as url:
        made.append(Echo(url))
        yield made[0]


def folded(text):
    return "".join(text.split()).lower()


PARTS = [KEY, *(base64.b64encode(b"x" * shift + KEY.encode()).decode()[2 * shift : -4] for shift in range(3))]
GRAMS = {folded(part[start : start + 8]) for part in PARTS for start in range(len(part) - 7)}


def holds_the_key(text):
    """Judged without the package's own means: no eight characters of the key, nor of its base64, are in the text."""
    text = folded(text)
    return any(gram in text for gram in GRAMS) or folded(quote(KEY, safe="")) in text


def everything_said(error):
    said = []
    while error is not None:
        said += [str(error), repr(error), repr(error.args), repr(vars(error))]
        said += traceback.format_exception(error)
        error = error.__cause__ or error.__context__
    return "\n".join(said)


def envelope(text):
    error = {"code": text, "message": text, "source": {"field": text, "pointer": f"#/{text}"}}
    return json.dumps({"type": text, "request_id": text, "errors": [error]}).encode()


def in_json(status):
    return lambda text, head: response(f"{status} No", envelope(text), "Content-Type: application/json")


def one_line(text):
    return text.replace("\n", " ").replace("\x00", "")


def as_text(status):
    return lambda text, head: response(f"{status} No", text.encode() + head, "Content-Type: text/plain")


def in_the_reason(status):
    return lambda text, head: response(f"{status} {one_line(text)}", b"{}", "Content-Type: application/json")


def in_the_kind(status):
    return lambda text, head: response(f"{status} No", b"<p>", f"Content-Type: {one_line(text)}")


def leads_to(status):
    return lambda text, head: response(f"{status} {one_line(text)}", head, f"Location: /{one_line(text)}?k={KEY}")


def no_http(text, head):
    return one_line(text).encode() + b"\r\n" + head


def packed_oddly(text, head):
    return response("200 OK", b"{}", f"Content-Encoding: {one_line(text)}")


ECHOES = {
    **{f"{status} in JSON": (in_json(status), cls) for status, cls in [
        (400, ServiceError), (401, KeyRefused), (403, KeyRefused), (404, NotFound), (410, NotFound),
        (422, ServiceError), (429, RateLimited), (500, LostAnswer), (503, LostAnswer),
    ]},
    **{f"{status} as text": (as_text(status), cls) for status, cls in [
        (200, LostAnswer), (400, Unreachable), (401, Unreachable), (422, Unreachable), (429, RateLimited),
        (500, LostAnswer),
    ]},
    **{f"{status} in the reason": (in_the_reason(status), cls) for status, cls in [
        (400, ServiceError), (401, KeyRefused), (404, NotFound), (422, ServiceError), (429, RateLimited),
        (500, LostAnswer),
    ]},
    "in the content type": (in_the_kind(200), LostAnswer),
    "in the Location": (leads_to(302), Unreachable),
    "in the Location of a 308": (leads_to(308), Unreachable),
    "in no HTTP": (no_http, LostAnswer),
    "in the encoding": (packed_oddly, LostAnswer),
}  # fmt: skip


@pytest.mark.parametrize(("echoed", "cls"), ECHOES.values(), ids=ECHOES)
def test_no_error_holds_what_the_server_echoes(echo, echoed, cls):
    for form, text in FORMS.items():
        error = echo.failure(partial(echoed, text))
        assert type(error) is cls, form
        assert not holds_the_key(everything_said(error)), form
        assert str(error).isprintable(), form
        assert error.__cause__ is None, form
        assert error.__context__ is None, form


def test_the_judge_of_this_file_finds_the_key():
    for name, text in FORMS.items():
        if name not in ("URL-encoded throughout", "URL-encoded twice", "with controls between"):
            assert holds_the_key(text), name
    assert not holds_the_key("incident.io answered 422: (not shown: it contains a part of the API key)")


def test_the_rest_of_what_was_said_is_still_there(echo):
    body = json.dumps({"request_id": "01HREQUEST", "errors": [{"code": "bad", "message": f"no: {VALUE}"}]}).encode()
    error = echo.failure(lambda head: response("422 No", body))
    assert str(error) == f"incident.io answered 422: {HIDDEN} (bad, request 01HREQUEST)"


def test_a_key_in_the_endpoint_is_not_repeated():
    with listening(lambda head: [response("200 OK", b"<p>")]) as url, pytest.raises(Unreachable) as caught:
        transport(f"{url}/{quote(KEY)}").request("GET", "/v2/things", repeatable=True)
    assert not holds_the_key(everything_said(caught.value))


@pytest.fixture
def echoing(monkeypatch):
    """A service all of whose names are what it was sent."""
    event = {"id": KEY, "name": VALUE, "published_at": "2026-03-01T12:00:00Z", "status_page_id": "p", "updates": []}

    def answer(head):
        bodies = {
            b"/v2/status_pages?": {"status_pages": [{"id": "p", "name": f"Page {VALUE}"}]},
            b"/v2/status_page_structures": {
                "current_structure": {"items": [{"component": {"component_id": "c", "name": f"API {KEY[:12]}"}}]}
            },
            b"maintenances": {"status_page_maintenances": [{**event, "maintenance_status": KEY}]},
            b"incidents": {"status_page_incidents": [{**event, "incident_status": VALUE}]},
        }
        found = next(body for path, body in bodies.items() if path in head.partition(b"\r\n")[0])
        return [response("200 OK", json.dumps({"echo": head.decode(), **found}).encode())]

    for cached in (lookups._pages, lookups._components):
        cached.cache_clear()
    capabilities.forget_clients()
    with listening(answer) as url:
        monkeypatch.setenv("INCIDENT_ENDPOINT", url)
        monkeypatch.setenv("INCIDENT_API_KEY", KEY)
        yield settings(url)
    capabilities.forget_clients()


def test_a_list_does_not_hold_what_the_server_echoes(echoing):
    listed = listing.listing(echoing, None)
    lines = list(listing.lines(listed))
    assert len(lines) == 5
    assert not holds_the_key("\n".join(lines))
    assert HIDDEN in lines[0]
    assert not holds_the_key(json_text(listing.as_json(listed)))


def test_a_look_up_does_not_name_what_the_server_echoes(echoing):
    with pytest.raises(LookupFailed) as caught:
        lookups.find_page(echoing, "Nope")
    assert not holds_the_key(everything_said(caught.value))
    with pytest.raises(LookupFailed) as caught:
        lookups.find_page(echoing, "p").component("Nope")
    assert not holds_the_key(everything_said(caught.value))


def test_what_is_logged_by_us_is_nothing(echoing, caplog):
    caplog.set_level(logging.DEBUG, logger="statuspage_provider")
    listing.listing(echoing, None)
    assert not [record for record in caplog.records if record.name.startswith("statuspage")]
