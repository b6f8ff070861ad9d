"""One request: when it is tried again, when it never is, and what a person reads when it fails."""

import gzip
import json
import math
import socket
import ssl
import traceback
from datetime import datetime, timedelta, timezone

import httpx
import pytest

from statuspage_provider.errors import (
    KeyRefused,
    LostAnswer,
    NotFound,
    RateLimited,
    ServiceError,
    SettingsError,
    StatusPageError,
    Unreachable,
)
from statuspage_provider.services.capabilities import CAPABILITIES
from statuspage_provider.services.incident_io import bodies
from statuspage_provider.services.settings import Settings
from statuspage_provider.services.transport import CONNECT_PATIENCE_S, PATIENCE_S, Transport, retry_after

KEY = "inc_s3cret0123456789"
ENDPOINT = "https://api.example"
DONE = {"done": True}


class Service:
    """Answers in the given order, the last one for ever, on a clock that only pauses move."""

    def __init__(self, *answers, took=0.0):
        self.answers, self.took = list(answers), took
        self.now, self.started, self.pauses, self.requests = 1000.0, [], [], []

    def transport(self, key=KEY, endpoint=ENDPOINT):
        return Transport(
            Settings(CAPABILITIES["incident.io"].names, endpoint, key),
            bodies.read_fault,
            transport=httpx.MockTransport(self.answer),
            sleep=self.sleep,
            monotonic=lambda: self.now,
        )

    def answer(self, request):
        self.requests.append(request)
        self.started.append(self.now - 1000.0)
        self.now += self.took
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer() if callable(answer) else answer

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds

    def post(self, repeatable=False):
        return self.transport().request("POST", "/v2/things", json={"name": "x"}, repeatable=repeatable)

    def get(self):
        return self.transport().request("GET", "/v2/things", repeatable=True)

    def failure(self, method="POST", repeatable=False):
        with pytest.raises(StatusPageError) as caught:
            self.transport().request(method, "/v2/things", repeatable=repeatable)
        return caught.value


def envelope(status, message="name is too long", code="validation_error", field="name", **headers):
    body = {
        "type": "validation_error",
        "status": status,
        "request_id": "01HREQUEST",
        "errors": [{"code": code, "message": message, "source": {"field": field, "pointer": f"#/{field}"}}],
    }
    return lambda: httpx.Response(status, json=body, headers=headers)


def html(status, **headers):
    page = "<html><body>Sign in</body></html>"
    return lambda: httpx.Response(status, html=page, headers=headers)


def corrupt():
    return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"not gzip"))


def leads_elsewhere(status):
    return lambda: httpx.Response(status, headers={"location": "https://evil.example/v2/things"})


NOT_CARRIED_OUT = {
    "429": envelope(429),
    "429 without an envelope": lambda: httpx.Response(429),
    "429 as a page": html(429),
    "no connection": httpx.ConnectError("refused"),
    "no connection in time": httpx.ConnectTimeout("timed out"),
    "no free connection": httpx.PoolTimeout("timed out"),
}
AMBIGUOUS = {
    "500": envelope(500),
    "502 as a page": html(502),
    "503": envelope(503),
    "504 without a body": lambda: httpx.Response(504),
    "a time-out of the answer": httpx.ReadTimeout("timed out"),
    "a time-out of the request": httpx.WriteTimeout("timed out"),
    "a closed connection": httpx.RemoteProtocolError("Server disconnected without sending a response."),
    "a reset connection": httpx.ReadError("reset"),
    "a broken pipe": httpx.WriteError("broken pipe"),
    "an answer that cannot be unpacked": corrupt,
    "an error of the system": OSError("broken"),
}
FINAL = {
    "400": envelope(400),
    "401": envelope(401),
    "403": envelope(403),
    "404": envelope(404),
    "409": envelope(409),
    "410": envelope(410),
    "422": envelope(422),
    "404 as a page": html(404),
    "a page": html(200),
    "a text": lambda: httpx.Response(200, text="ok"),
    "half an answer": lambda: httpx.Response(201, content=b'{"status_page_mainten'),
    "301": leads_elsewhere(301),
    "302": leads_elsewhere(302),
    "307": leads_elsewhere(307),
    "308": leads_elsewhere(308),
    "304": lambda: httpx.Response(304),
}


def rows(table):
    return [pytest.param(answer, id=name) for name, answer in table.items()]


@pytest.mark.parametrize("repeatable", [True, False], ids=["repeatable", "not repeatable"])
@pytest.mark.parametrize("answer", rows(NOT_CARRIED_OUT))
def test_what_was_not_carried_out_is_tried_again(answer, repeatable):
    service = Service(answer, answer, httpx.Response(201, json=DONE))
    assert service.post(repeatable) == DONE
    assert len(service.requests) == 3
    assert len(service.pauses) == 2


@pytest.mark.parametrize("answer", rows(AMBIGUOUS))
def test_what_may_have_been_carried_out_is_tried_again_where_it_is_repeatable(answer):
    service = Service(answer, answer, httpx.Response(201, json=DONE))
    assert service.post(repeatable=True) == DONE
    assert len(service.requests) == 3


@pytest.mark.parametrize("answer", rows(AMBIGUOUS))
def test_what_may_have_been_carried_out_is_never_sent_twice_where_it_is_not_repeatable(answer):
    service = Service(answer, httpx.Response(201, json=DONE))
    assert type(service.failure()) is LostAnswer
    assert len(service.requests) == 1
    assert service.pauses == []


@pytest.mark.parametrize("repeatable", [True, False], ids=["repeatable", "not repeatable"])
@pytest.mark.parametrize("answer", rows(FINAL))
def test_a_refusal_or_an_answer_of_some_other_server_is_final(answer, repeatable):
    service = Service(answer, httpx.Response(201, json=DONE))
    service.failure(repeatable=repeatable)
    assert len(service.requests) == 1
    assert service.pauses == []


@pytest.mark.parametrize(
    "answer", [html(200), lambda: httpx.Response(201, content=b'{"half')], ids=["a page", "half an answer"]
)
def test_a_success_that_cannot_be_read_may_have_been_carried_out_if_it_was_no_get(answer):
    assert type(Service(answer).failure("POST")) is LostAnswer
    assert type(Service(answer).failure("GET", repeatable=True)) is Unreachable


def test_a_post_that_is_retried_after_a_429_is_not_sent_again_once_its_answer_is_lost():
    service = Service(envelope(429), httpx.ReadTimeout("timed out"), httpx.Response(201, json=DONE))
    assert type(service.failure()) is LostAnswer
    assert len(service.requests) == 2


@pytest.mark.parametrize("answer", rows(NOT_CARRIED_OUT | AMBIGUOUS))
def test_no_try_begins_after_the_patience_has_ended(answer):
    service = Service(answer, took=1.0)
    patience = CONNECT_PATIENCE_S if type(service.failure(repeatable=True)) is Unreachable else PATIENCE_S
    assert 4 <= len(service.requests) <= 60
    assert service.started[-1] <= patience
    assert service.now - 1000.0 <= patience + service.took


def test_a_request_may_have_more_patience_for_a_429_and_for_nothing_else():
    def pauses(answer, patience_s):
        service = Service(answer)
        with pytest.raises(StatusPageError):
            service.transport().request("POST", "/v2/things", repeatable=True, patience_s=patience_s)
        return sum(service.pauses)

    assert pauses(envelope(429, **{"Retry-After": "30"}), None) == 60
    assert pauses(envelope(429, **{"Retry-After": "30"}), 3 * PATIENCE_S) == 180
    assert pauses(envelope(503, **{"Retry-After": "30"}), 3 * PATIENCE_S) == 60
    assert pauses(httpx.ConnectError("refused"), 3 * PATIENCE_S) <= CONNECT_PATIENCE_S


def test_pauses_grow_with_jitter_up_to_a_ceiling():
    service = Service(envelope(503))
    service.failure(repeatable=True)
    for attempt, pause in enumerate(service.pauses, 1):
        ceiling = min(0.25 * 2**attempt, 8.0)
        assert ceiling / 2 <= pause <= ceiling
    assert service.pauses[-1] >= 4.0


@pytest.mark.parametrize("status", [429, 503])
def test_the_pause_that_the_service_asks_for_is_kept(status):
    service = Service(envelope(status, **{"Retry-After": "17"}), httpx.Response(200, json=DONE))
    assert service.get() == DONE
    assert service.pauses == [17.0]


def test_a_pause_that_is_longer_than_our_patience_is_not_begun():
    service = Service(envelope(429, **{"Retry-After": "61"}))
    error = service.failure(repeatable=True)
    assert type(error) is RateLimited
    assert error.status == 429
    assert "Try again later" in str(error)
    assert service.pauses == []


def test_a_date_to_wait_for_that_is_far_off_is_not_waited_for():
    service = Service(envelope(429, **{"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"}))
    assert type(service.failure(repeatable=True)) is RateLimited
    assert service.pauses == []


NOW = datetime(2026, 3, 1, 22, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param(None, 0.0, id="none"),
        pytest.param("", 0.0, id="empty"),
        pytest.param("0", 0.0, id="zero"),
        pytest.param("17", 17.0, id="seconds"),
        pytest.param(" 17 ", 17.0, id="spaces around"),
        pytest.param("1.5", 1.5, id="a fraction"),
        pytest.param("Sun, 01 Mar 2026 22:00:30 GMT", 30.0, id="a date"),
        pytest.param("Sun, 01 Mar 2026 23:00:30 +0100", 30.0, id="a date elsewhere"),
        pytest.param("Sun, 01 Mar 2026 22:00:30 -0000", 30.0, id="a date without a zone"),
        pytest.param("Sun, 01 Mar 2026 21:59:00 GMT", 0.0, id="a date that has passed"),
        pytest.param("-5", 0.0, id="negative"),
        pytest.param("soon", 0.0, id="a word"),
        pytest.param(".", 0.0, id="a dot"),
        pytest.param("1.2.3", 0.0, id="two dots"),
        pytest.param("²", 0.0, id="a digit that is no number"),
        pytest.param("Sun, 99 Mar 2026 22:00:30 GMT", 0.0, id="no such date"),
        pytest.param("Sun, 01 Mar 99999999999999999999 22:00:30 GMT", math.inf, id="a year of 20 digits"),
        pytest.param("Sun, 01 Mar 12026 22:00:30 GMT", math.inf, id="a year that no calendar has"),
        pytest.param("9" * 400, math.inf, id="a number of 400 digits"),
        pytest.param("1e999", math.inf, id="a number with a large exponent"),
        pytest.param("nan", math.inf, id="nan"),
        pytest.param("inf", math.inf, id="inf"),
        pytest.param("-inf", 0.0, id="minus inf"),
        pytest.param("Sun, 01 Mar 2026 22:00:30 +9999999999", 0.0, id="an offset that no zone has"),
    ],
)
def test_retry_after_is_a_number_or_a_date(value, seconds):
    headers = httpx.Headers({} if value is None else {"Retry-After": value.encode("latin-1")})
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize("value", ["nan", "inf", "9" * 400, "Sun, 01 Mar 99999999999999999999 22:00:30 GMT"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_that_cannot_be_counted_is_longer_than_we_wait(status, value):
    service = Service(envelope(status, **{"Retry-After": value}))
    assert type(service.failure(repeatable=True)) in (RateLimited, LostAnswer)
    assert service.pauses == []


@pytest.mark.parametrize(
    ("path", "params"), [("/v2/things", {"page": "\ud800"}), (f"/v2/{'x' * 70_000}", {}), ("/v2/\x00", {})]
)
def test_a_request_that_cannot_be_written_is_one_line(path, params):
    service = Service(httpx.Response(200, json=DONE))
    with pytest.raises(Unreachable, match="cannot be written") as caught:
        service.transport().request("GET", path, params=params, repeatable=True)
    assert "\n" not in str(caught.value)
    assert service.requests == service.pauses == []


def test_a_megabyte_of_error_text_is_no_line():
    error = Service(envelope(422, "no " * 400_000, "x" * 400_000, "y" * 400_000)).failure()
    assert len(str(error)) < 2000
    assert len(error.code) == 500


def test_a_refusal_carries_status_code_field_request_id_and_the_services_words():
    error = Service(envelope(422)).failure()
    assert str(error) == ("incident.io answered 422, name: name is too long (validation_error, request 01HREQUEST)")
    assert (type(error), error.status) == (ServiceError, 422)
    assert (error.code, error.field, error.request_id) == ("validation_error", "name", "01HREQUEST")


@pytest.mark.parametrize(
    ("status", "cls", "step"),
    [
        (401, KeyRefused, "The API key is not valid: check that it is this account's"),
        (403, KeyRefused, "The API key may only read: give it the scope that publishes"),
        (404, NotFound, ""),
        (410, NotFound, ""),
        (409, ServiceError, ""),
        (429, RateLimited, "Try again later"),
    ],
)
def test_each_refusal_has_its_class_and_next_step(status, cls, step):
    error = Service(envelope(status, "no", **{"Retry-After": "600"})).failure()
    assert type(error) is cls
    assert error.status == status
    assert str(error).endswith(step)
    assert f"answered {status}" in str(error)
    assert "01HREQUEST" in str(error)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(b"", "incident.io answered 422: Unprocessable Entity", id="nothing"),
        pytest.param(b"null", "incident.io answered 422: Unprocessable Entity", id="null"),
        pytest.param(b"[]", "incident.io answered 422: Unprocessable Entity", id="a list"),
        pytest.param(b"{}", "incident.io answered 422: Unprocessable Entity", id="an empty object"),
        pytest.param(b'{"errors": []}', "incident.io answered 422: Unprocessable Entity", id="no errors"),
        pytest.param(b'{"errors": {}}', "incident.io answered 422: Unprocessable Entity", id="errors is no list"),
        pytest.param(b'{"errors": ["no"]}', "incident.io answered 422: Unprocessable Entity", id="an error is text"),
        pytest.param(b'{"type": "conflict"}', "incident.io answered 422: conflict (conflict)", id="only a type"),
        pytest.param(
            b'{"errors": [{"message": "no", "source": "body"}]}', "incident.io answered 422: no", id="a source is text"
        ),
        pytest.param(
            b'{"errors": [{"message": "line one\\nline two"}]}',
            "incident.io answered 422: line one line two",
            id="two lines become one",
        ),
    ],
)
def test_an_error_body_of_any_shape_makes_one_line(body, text):
    error = Service(lambda: httpx.Response(422, content=body)).failure()
    assert str(error) == text


@pytest.mark.parametrize("status", [200, 404])
def test_a_page_in_place_of_an_answer_asks_whether_the_endpoint_is_right(status):
    error = Service(html(status)).failure("GET", repeatable=True)
    assert str(error) == f"{ENDPOINT} answered {status} with text/html, not JSON: is it incident.io's API?"
    assert not isinstance(error, NotFound)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (httpx.ConnectError("Connection refused"), f"cannot reach incident.io at {ENDPOINT}: Connection refused"),
        (httpx.ReadTimeout("timed out"), f"no answer from incident.io at {ENDPOINT}: timed out"),
        (httpx.ReadError(""), f"no answer from incident.io at {ENDPOINT}: ReadError"),
    ],
    ids=["connection", "time-out", "an error without words"],
)
def test_a_missing_answer_names_the_endpoint(answer, text):
    assert str(Service(answer).failure()) == text


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_says_where_it_leads(status):
    service = Service(leads_elsewhere(status))
    error = service.failure("GET", repeatable=True)
    assert [request.url.host for request in service.requests] == ["api.example"]
    assert "https://evil.example/v2/things" in str(error)
    assert "Set the endpoint" in str(error)


def everything_said(error):
    chain = "".join(traceback.format_exception(error))
    return " ".join([str(error), repr(error), repr(error.args), repr(vars(error)), chain])


@pytest.mark.parametrize("answer", rows(NOT_CARRIED_OUT | AMBIGUOUS | FINAL))
def test_the_key_is_in_no_error(answer):
    service = Service(answer)
    error = service.failure()
    assert service.requests[0].headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in everything_said(error)
    assert "\n" not in str(error)
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    "key",
    [f"{KEY}\nX-Evil: 1", f"{KEY}\r\nX-Evil: 1", f"{KEY}é", f"{KEY}\0", f"{KEY} x"],
    ids=["line break", "carriage return", "not ASCII", "null", "space"],
)
def test_a_key_that_is_no_header_is_refused_before_anything_is_sent(key):
    service = Service(httpx.Response(200, json=DONE))
    with pytest.raises(SettingsError, match="INCIDENT_API_KEY") as caught:
        service.transport(key)
    assert KEY not in everything_said(caught.value)
    assert "\n" not in str(caught.value)
    assert service.requests == []


def test_a_missing_key_is_refused_before_anything_is_sent():
    with pytest.raises(SettingsError, match="no API key"):
        Service(httpx.Response(200)).transport(None)


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        (httpx.Response(200, json=DONE), DONE),
        (httpx.Response(201, json=DONE), DONE),
        (httpx.Response(204), None),
        (httpx.Response(200, content=b""), None),
        (httpx.Response(200, content=b"null"), None),
        (httpx.Response(200, content=b'{"done": true}'), DONE),
        (
            httpx.Response(
                200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(gzip.compress(b'{"done": true}'))
            ),
            DONE,
        ),
    ],
    ids=["200", "201", "204", "200 without a body", "null", "no content type", "compressed"],
)
def test_a_success_is_its_json(answer, value):
    assert Service(answer).get() == value


def test_a_request_carries_key_body_and_parameters():
    service = Service(httpx.Response(200, json=DONE))
    transport = service.transport(endpoint=f"{ENDPOINT}/gateway")
    transport.request("POST", "/v2/things", json={"name": "Ä"}, params={"page_size": 25}, repeatable=False)
    (request,) = service.requests
    assert str(request.url) == f"{ENDPOINT}/gateway/v2/things?page_size=25"
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.headers["Accept"] == "application/json"
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.read()) == {"name": "Ä"}


def real(endpoint):
    return Transport(Settings(CAPABILITIES["incident.io"].names, endpoint, KEY), bodies.read_fault)


@pytest.mark.parametrize("endpoint", ["https://api.example", "HTTPS://api.example", "https://127.0.0.1:4010"])
def test_whoever_is_asked_by_https_has_to_prove_who_they_are(endpoint):
    context = real(endpoint)._client._transport._pool._ssl_context
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.cert_store_stats()["x509_ca"] > 0


def test_for_plain_http_no_certificates_are_loaded():
    context = real("http://127.0.0.1:4010")._client._transport._pool._ssl_context
    assert context.cert_store_stats()["x509_ca"] == 0


def test_a_port_where_nothing_listens_is_named(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}"
        clock = Service(None)
        transport = Transport(
            Settings(CAPABILITIES["incident.io"].names, endpoint, KEY),
            bodies.read_fault,
            sleep=clock.sleep,
            monotonic=lambda: clock.now,
        )
        with pytest.raises(Unreachable) as caught:
            transport.request("GET", "/v2/status_pages", repeatable=True)
    assert str(caught.value).startswith(f"cannot reach incident.io at {endpoint}: ")
    assert type(caught.value) is Unreachable
    assert sum(clock.pauses) <= CONNECT_PATIENCE_S


def test_patience_is_a_minute():
    assert timedelta(seconds=PATIENCE_S) == timedelta(minutes=1)
