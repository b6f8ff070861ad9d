"""An answer costs no more than its bounds: of bytes, also unpacked, of seconds, and of depth. The servers are real."""

import gzip
import json
import threading
import tracemalloc
import zlib
from functools import cache
from itertools import repeat

import httpx
import pytest

from statuspage_provider.errors import LostAnswer, NotFound, RateLimited, StatusPageError, Unreachable
from statuspage_provider.services import answer
from statuspage_provider.services.answer import LARGEST, LONGEST_S, Answer
from statuspage_provider.services.capabilities import CAPABILITIES
from statuspage_provider.services.incident_io import bodies, widget
from statuspage_provider.services.settings import Settings
from statuspage_provider.services.transport import Transport
from tests.support.loopback import listening, response

MIB = 2**20
PEAK = 4 * LARGEST
"""What reading an answer may cost in memory at once: its parts, and the whole of it."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Clock:
    """A clock that only pauses move, and each look at it by `tick`."""

    def __init__(self, tick=0.0):
        self.now, self.tick = 0.0, tick

    def monotonic(self):
        self.now += self.tick
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def transport(url, clock=None):
    clock = clock or Clock()
    settings = Settings(CAPABILITIES["incident.io"].names, url, "inc_s3cret0123456789")
    return Transport(settings, bodies.read_fault, sleep=clock.sleep, monotonic=clock.monotonic)


def failure(url, method="GET", clock=None):
    with pytest.raises(StatusPageError) as caught:
        transport(url, clock).request(method, "/v2/things", repeatable=False)
    assert "\n" not in str(caught.value)
    return caught.value


def peak_of(call):
    tracemalloc.start()
    try:
        result = call()
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def endless(head):
    yield HEAD + b"\r\n"
    yield from repeat(b"[" + b" " * 65535)


@cache
def bomb_of(size):
    """A gzip of so many zeros, a thousandth as large, made without holding them."""
    pack = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    zeros = bytes(MIB)
    return b"".join([*(pack.compress(zeros) for _ in range(size // MIB)), pack.flush()])


def packed(body, how="gzip", status="200 OK"):
    return response(status, body, f"Content-Encoding: {how}", "Content-Type: application/json")


TOO_MUCH = "answered 200 with more than 10 MiB: is it incident.io's API?"


@pytest.mark.parametrize(("method", "cls"), [("GET", Unreachable), ("POST", LostAnswer), ("PUT", LostAnswer)])
def test_an_endless_body_ends_and_a_post_may_have_been_carried_out(method, cls):
    with listening(endless) as url:
        error, peak = peak_of(lambda: failure(url, method))
    assert type(error) is cls
    assert str(error).endswith(TOO_MUCH)
    assert peak < PEAK


def test_a_gibibyte_in_a_mebibyte_is_not_unpacked():
    pack = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    first, again = (pack.compress(bytes(MIB)) + pack.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    bomb = first + 1023 * again
    assert len(bomb) < 2 * MIB
    with listening(lambda head: [packed(bomb)]) as url:
        error, peak = peak_of(lambda: failure(url, "POST"))
    assert type(error) is LostAnswer
    assert str(error).endswith(TOO_MUCH)
    assert peak < PEAK


def test_a_bomb_within_one_chunk_costs_no_more():
    # The whole of it comes at once: what is counted only after each chunk would be too late.
    bomb = bomb_of(64 * MIB)
    unpacked = list(answer._unzipped(iter([bomb])))
    assert max(map(len, unpacked)) <= 2**16
    assert sum(map(len, unpacked)) == 64 * MIB


def test_a_bomb_in_a_bomb_is_not_opened():
    with listening(lambda head: [packed(gzip.compress(bomb_of(64 * MIB)), "gzip, gzip")]) as url:
        error, peak = peak_of(lambda: failure(url))
    assert "encoded as gzip, gzip, which was not requested" in str(error)
    assert peak < PEAK


@pytest.mark.parametrize("how", ["br", "zstd", "deflate", "compress"])
def test_what_was_not_asked_for_is_not_unpacked(how):
    asked = []

    def respond(head):
        asked.append(head)
        return [packed(b"{}", how)]

    with listening(respond) as url:
        assert f"encoded as {how}, which was not requested" in str(failure(url))
    assert b"\r\naccept-encoding: gzip\r\n" in asked[0].lower() + b"\r\n"


def test_a_packed_answer_is_read_and_half_of_one_is_lost():
    body = gzip.compress(json.dumps({"done": "x" * 100_000}).encode())
    with listening(lambda head: [packed(body)]) as url:
        assert len(transport(url).request("GET", "/v2/things", repeatable=True)["done"]) == 100_000
    with listening(lambda head: [packed(body[:-20])]) as url:
        error = failure(url, "POST")
    assert type(error) is LostAnswer
    assert "its end is missing" in str(error)


@pytest.mark.parametrize("more", [b"x", bytes(MIB)], ids=["within its chunk", "after it"])
def test_what_stands_behind_a_packed_answer_is_not_read(more):
    def respond(head):
        yield HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}") + more
        yield from repeat(more)

    with listening(respond) as url:
        error, peak = peak_of(lambda: failure(url, "POST"))
    assert type(error) is LostAnswer
    assert "more stands behind its end" in str(error)
    assert peak < PEAK


@pytest.mark.parametrize("values", [b"{},", b"1,", b'"",'])
def test_an_answer_of_more_values_than_any_page_has_is_not_taken_apart(values):
    body = b"[" + values * (answer.MOST + 1) + b"0]"
    assert len(body) < LARGEST
    with listening(lambda head: [response("200 OK", body)]) as url:
        error, peak = peak_of(lambda: failure(url))
    assert str(error).endswith("with more than 250,000 values: is it incident.io's API?")
    assert peak < PEAK


def test_an_answer_of_just_the_bound_is_read():
    body = b'"' + b"x" * (LARGEST - 2) + b'"'
    with listening(lambda head: [packed(gzip.compress(body))]) as url:
        assert len(transport(url).request("GET", "/v2/things", repeatable=True)) == LARGEST - 2


@pytest.mark.parametrize(
    ("status", "cls"), [(404, Unreachable), (422, Unreachable), (429, RateLimited), (500, LostAnswer)]
)
def test_a_refusal_that_is_too_large_keeps_its_meaning(status, cls):
    def respond(head):
        yield f"HTTP/1.1 {status} No\r\nContent-Type: application/json\r\nRetry-After: 600\r\n\r\n".encode()
        yield from repeat(b" " * 65536)

    with listening(respond) as url:
        assert type(failure(url, "POST")) is cls


def test_where_a_redirect_leads_is_told_without_its_body():
    def respond(head):
        yield b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\n\r\n"
        yield from repeat(b" " * 65536)

    with listening(respond) as url:
        assert "redirect to https://evil.example/" in str(failure(url))


# Time


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_body_that_comes_byte_by_byte_ends_by_the_clock(method):
    clock = Clock(tick=1.0)
    # Each part is one look at the clock: a second.
    with listening(lambda head: slowly(clock)) as url:
        error = failure(url, method, clock)
    assert type(error) is LostAnswer
    assert str(error).endswith("it was not complete after 60 s")
    assert clock.now <= 3 * LONGEST_S


def slowly(clock):
    yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    while clock.now < 10 * LONGEST_S:
        yield b"1\r\n \r\n"


@pytest.mark.parametrize("part", [b"X-A: 1\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"], ids=["a header", "a hundred"])
def test_headers_that_never_end_do(monkeypatch, part):
    # Nothing of ours runs between the bytes of a head, so here the clock is the real one.
    monkeypatch.setattr(answer, "LONGEST_S", 0.2)
    ended = threading.Event()

    def respond(head):
        yield b"HTTP/1.1 100 Continue\r\n\r\n" if part.startswith(b"HTTP") else b"HTTP/1.1 200 OK\r\n"
        while not ended.wait(0.01):
            yield part

    try:
        with listening(respond) as url:
            error = failure(url, "POST")
    finally:
        ended.set()
    assert type(error) is LostAnswer
    assert "it was not complete after" in str(error)


def readers():
    return {thread for thread in threading.enumerate() if thread.name == "statuspage-request"}


@pytest.mark.parametrize("ask", [lambda url: failure(url, "POST"), lambda url: refused(url)], ids=["API", "widget"])
def test_whoever_still_reads_interim_answers_that_never_end_ends_when_all_other_requests_have(monkeypatch, ask):
    monkeypatch.setattr(answer, "LONGEST_S", 0.1)
    before = readers()
    with listening(lambda head: repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)) as url:
        assert "it was not complete after" in str(ask(url))
        for thread in readers() - before:
            thread.join(30)
            assert not thread.is_alive()


def test_after_a_request_that_was_too_slow_the_next_one_is_answered(monkeypatch):
    monkeypatch.setattr(answer, "LONGEST_S", 0.1)
    ended, asked = threading.Event(), []

    def respond(head):
        asked.append(head)
        if len(asked) == 1:
            ended.wait(30)
        return [response("200 OK", b'{"done": true}', "Content-Type: application/json")]

    with listening(respond) as url:
        ours = transport(url)
        with pytest.raises(LostAnswer):
            ours.request("POST", "/v2/things", repeatable=False)
        monkeypatch.setattr(answer, "LONGEST_S", 30.0)
        assert ours.request("GET", "/v2/things", repeatable=True) == {"done": True}
        ended.set()


def test_a_late_request_keeps_no_process_from_ending(monkeypatch):
    monkeypatch.setattr(answer, "LONGEST_S", 0.05)
    ended = threading.Event()

    def respond(head):
        ended.wait(30)
        return []

    before = threading.enumerate()
    try:
        with listening(respond) as url:
            failure(url)
        started = [thread for thread in threading.enumerate() if thread not in before]
        (left,) = [thread for thread in started if thread.name == "statuspage-request"]
        assert left.daemon
    finally:
        ended.set()
    left.join(30)


def test_what_a_request_raises_is_raised_here():
    def refuse(request):
        raise httpx.ConnectError("refused")

    with (
        httpx.Client(transport=httpx.MockTransport(refuse)) as client,
        pytest.raises(httpx.ConnectError, match="refused"),
    ):
        answer.fetch(client, "GET", "https://api.example")


# Depth, and what text cannot hold


@pytest.mark.parametrize("body", [b"[" * 100_000, b"[" * 100 + b"]" * 100, b'{"a":' * 65 + b"1" + b"}" * 65])
@pytest.mark.parametrize("status", ["200 OK", "422 No"])
def test_json_that_is_nested_too_deep_is_none(body, status):
    with listening(lambda head: [response(status, body, "Content-Type: application/json")]) as url:
        error = failure(url)
    assert type(error) is Unreachable
    assert f"answered {status[:3]} with application/json, not JSON" in str(error)


@pytest.mark.parametrize("body", [b"9" * 5000, b'{"a": NaN', b"\xff\xfe", b'{"a": "\xff"}', b"\x00"])
def test_what_is_no_json_that_can_be_read_is_one_line(body):
    with listening(lambda head: [response("200 OK", body)]) as url:
        assert "not JSON" in str(failure(url))


def test_half_a_character_is_shown_as_what_it_is():
    body = rb'{"id": "a\ud800b", "list": ["\udfff", {"x": "\ud83d\ude00"}]}'
    assert Answer(200, "OK", httpx.Headers(), body).json() == {
        "id": "a\ufffdb",
        "list": ["\ufffd", {"x": "\U0001f600"}],
    }


# The widget


@pytest.fixture(autouse=True)
def fresh_widgets(monkeypatch):
    monkeypatch.setattr(widget, "_KEPT", {})
    monkeypatch.setattr(widget, "PAUSES_S", (0.0, 0.0))


def refused(url):
    with pytest.raises(StatusPageError) as caught:
        widget.get_widget(url)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_widget_has_the_same_bounds():
    with listening(endless) as url:
        error, peak = peak_of(lambda: refused(url))
    assert type(error) is Unreachable
    assert "with more than 10 MiB" in str(error)
    assert peak < PEAK
    bomb = bomb_of(64 * MIB)
    with listening(lambda head: [packed(bomb)]) as url:
        error, peak = peak_of(lambda: refused(url))
    assert "with more than 10 MiB" in str(error)
    assert peak < PEAK


def test_a_widget_of_which_the_head_never_ends_is_given_up(monkeypatch):
    monkeypatch.setattr(answer, "LONGEST_S", 0.1)
    ended = threading.Event()

    def respond(head):
        yield b"HTTP/1.1 200 OK\r\n"
        while not ended.wait(0.01):
            yield b"X-A: 1\r\n"

    try:
        with listening(respond) as url:
            assert "it was not complete after" in str(refused(url))
    finally:
        ended.set()


def test_a_widget_that_moves_for_ever_is_not_followed_for_ever_and_no_move_is_read():
    asked = []

    def respond(head):
        asked.append(head)
        yield b"HTTP/1.1 302 Found\r\nLocation: /api/v1/summary?again\r\n\r\n"
        yield from repeat(b" " * 65536)

    with listening(respond) as url:
        assert "was redirected more than 5 times" in str(refused(url))
    assert len(asked) == 6


def test_a_widget_nested_too_deep_is_none():
    with listening(lambda head: [response("200 OK", b'{"page_title":' * 1000)]) as url:
        assert "something that is not a widget" in str(refused(url))


def test_a_widget_that_is_not_there_is_not_found_whatever_it_says():
    with listening(lambda head: [response("404 \x1b[2JNo", b"[" * 100_000)]) as url:
        assert type(refused(url)) is NotFound
    with listening(lambda head: [response("403 No\x1b[2J", b"")]) as url:
        assert str(refused(url)).isprintable()
