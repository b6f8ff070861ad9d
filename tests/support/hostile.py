"""Answers that no service gives, and what may become of them: `ANSWERS`, and `fault` of one call that meets one.

The server is real, on loopback, and writes whatever bytes an answer has. Where an answer is JSON, it has the shape of
every answer at once, so that whatever was asked for is found in it, and read to the end.
"""

from __future__ import annotations

import gzip
import json
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count, repeat
from typing import Any

import pytest

from statuspage_provider import lookups
from statuspage_provider.errors import StatusPageError
from statuspage_provider.remote import Incident, Maintenance
from statuspage_provider.services import answer, looking, transport
from statuspage_provider.services.capabilities import forget_clients
from statuspage_provider.services.incident_io import incidents, widget
from statuspage_provider.state import seen
from tests.support.loopback import Respond, listening, response
from tests.support.service_calls import CALLS, KEY, Call

MIB = 2**20
YEAR = 365 * 86_400
JSON = "Content-Type: application/json"
EVIL = "evil\x1b[2J\x9b31m\n::error::##[error]\u202e\u2066\x00\x07\ufeff\ud800"
SHOWN_EVIL = "\x1b[2J::error::"


@dataclass(frozen=True)
class Hostile:
    """One answer. One that is `slow` is ended by the clock alone; one that is `large` takes a moment to read."""

    respond: Respond
    slow: bool = False
    large: bool = False


Named = Iterator[tuple[str, Hostile]]


def shaped(text: str = "Upgrade", when: Any = "2026-03-01T14:00:00Z", **more: Any) -> dict[str, Any]:
    """What any call could have asked for, with one text in each place of a text, and likewise one time."""
    status = {"component_id": text, "component_status": text}
    statuses = {"maintenance_status": text, "incident_status": text, "incident_state_id": "1"}
    entry = {"id": text, "message": text, "published_at": when, "created_at": when, **statuses}
    update = {**entry, "component_statuses": [status]}
    texts = (
        *("title", "name", "description", "status_page_id", "component_id", "url", "public_url", "status"),
        *("current_worst_impact", "last_update_message", "availability_percent"),
    )
    times = ("last_update_at", "start_at", "end_at", "starts_at", "ends_at", "data_available_since")
    one = {
        **entry,
        **dict.fromkeys(texts, text),
        **dict.fromkeys(times, when),
        "component_maintenance_periods": [{"component_id": text, "start_at": when, "end_at": when}],
        "component_impacts": [{**status, "start_at": when, "end_at": None}],
        "affected_components": [{"id": text, "name": text, "group_name": text, "current_status": text}],
        "updates": [update],
        **more,
    }
    component = {"component_id": text, "name": text}
    group = {"id": text, "name": text, "components": [component]}
    return {
        "data": [one],
        **one,
        **dict.fromkeys(("status_page_maintenance", "status_page_incident", "availability"), one),
        **dict.fromkeys(("status_page_maintenance_update", "status_page_incident_update", "update"), update),
        **{name: [one] for name in ("status_page_maintenances", "status_page_incidents", "status_pages")},
        **{name: [one] for name in ("ongoing_incidents", "in_progress_maintenances", "scheduled_maintenances")},
        "page_title": text,
        "page_url": text,
        "current_structure": {"items": [{"component": component}, {"group": group}]},
    }


def head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", JSON, "Connection: close", *lines, "", ""]).encode("latin-1")


def says(body: object, *headers: str, status: str = "200 OK", **kind: bool) -> Hostile:
    """The same body for whoever asks: bytes, or JSON. What is large is made when it is asked for."""

    def respond(asked: bytes) -> Iterable[bytes]:
        made = body() if callable(body) else body
        content = made if isinstance(made, bytes) else json.dumps(made).encode("utf-8", "surrogatepass")
        return [response(status, content, JSON, *headers)]

    return Hostile(respond, **kind)


def writes(*parts: bytes) -> Hostile:
    return Hostile(lambda asked: parts)


def goes_on(first: bytes, part: bytes, **kind: bool) -> Hostile:
    return Hostile(lambda asked: chain([first], repeat(part)), **kind)


def _without_an_end() -> Named:
    chunked = head("Transfer-Encoding: chunked")
    yield "a body", goes_on(head(), b" " * 65_536, large=True)
    yield "chunks", goes_on(chunked, b"10000\r\n" + b"[" * 65_536 + b"\r\n", large=True)
    yield "headers", goes_on(b"HTTP/1.1 200 OK\r\n", b"Set-Cookie: a=b; Path=/\r\n" * 500)
    yield "a header", goes_on(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65_536)
    yield "a status line", goes_on(b"HTTP/1.1 200 ", b"x" * 65_536)
    yield "the size of a chunk", goes_on(chunked, b"0" * 65_536)
    yield "trailers", goes_on(chunked + b"2\r\n{}\r\n0\r\n", b"X: y\r\n" * 9_000)
    yield "100 Continue", goes_on(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100, slow=True)
    packed = head("Content-Encoding: gzip") + gzip.compress(b"{}")
    yield "what stands behind a packed body", goes_on(packed, b"x" * 65_536)
    yield "the body of a redirect", goes_on(head("Location: https://evil.example/", status="302 Found"), b" " * 65_536)


def _slow() -> Named:
    def drips(first: bytes, part: bytes) -> Hostile:
        def respond(asked: bytes) -> Iterator[bytes]:
            yield first
            while True:
                time.sleep(0.01)
                yield part

        return Hostile(respond, slow=True)

    def silent(asked: bytes) -> Iterator[bytes]:
        time.sleep(1)
        yield from ()

    yield "nothing", Hostile(silent, slow=True)
    yield "a status line", drips(b"HTTP/1.1 200 ", b"O")
    yield "headers", drips(b"HTTP/1.1 200 OK\r\nX: ", b"x")
    yield "a body", drips(head(), b" ")
    yield "chunks", drips(head("Transfer-Encoding: chunked"), b"1\r\n \r\n")
    yield "a packed body", drips(head("Content-Encoding: gzip") + gzip.compress(bytes(MIB))[:100], b"\0")


def _no_http() -> Named:
    end = b"\r\nContent-Length: 2\r\n\r\n{}"
    for name, text in {
        "no answer": b"",
        "half a status line": b"HTTP/1.1 20",
        "half a head": b"HTTP/1.1 200 OK\r\nContent-Ty",
        "HTTP/0.9": b"{}",
        "HTTP/9.9": b"HTTP/9.9 200 OK" + end,
        "ICY": b"ICY 200 OK" + end,
        "an alert of TLS": b"\x15\x03\x01\x00\x02\x02\x46",
        "noise": bytes(range(256)) * 20,
        "line breaks": b"\r\n" * 10_000,
        "a status of one digit": b"HTTP/1.1 2 OK" + end,
        "a status that is none": b"HTTP/1.1 999 \x1b[2J" + end,
        "a status below all": b"HTTP/1.1 000 OK" + end,
        "101": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        "a null in a header": b"HTTP/1.1 200 OK\r\nX: a\0b" + end,
        "a header without a name": b"HTTP/1.1 200 OK\r\n: x" + end,
        "a header without a colon": b"HTTP/1.1 200 OK\r\nX" + end,
        "a reason that steers": f"HTTP/1.1 422 {SHOWN_EVIL}\x9b\u202e".encode() + end,
        "a reason with the key": f"HTTP/1.1 422 no {KEY}".encode() + end,
    }.items():
        yield name, writes(text)


def _lengths() -> Named:
    for length in ("99", "1", "-1", "+2", "x", "9" * 30, "2, 3", "1e1", "0x2"):
        yield f"a length of {length[:9]}", writes(head(f"Content-Length: {length}"), b"{}")
    yield "two lengths", writes(head("Content-Length: 2", "Content-Length: 3"), b"{}")
    chunked = "Transfer-Encoding: chunked"
    yield "a length and chunks", writes(head("Content-Length: 99", chunked), b"2\r\n{}\r\n0\r\n\r\n")
    yield "an unknown transfer", writes(head("Transfer-Encoding: gzip, chunked"), b"2\r\n{}\r\n0\r\n\r\n")
    yield "chunks without the last", writes(head(chunked), b"2\r\n{}\r\n")
    for size in (b"zz", b"-5", b"", b"f" * 30, b"2;x=\x1b[2J"):
        yield f"a chunk of {size[:9]!r}", writes(head(chunked), size + b"\r\n{}\r\n")


def _packed() -> Named:
    gz = "Content-Encoding: gzip"
    pack = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    first, again = (pack.compress(bytes(MIB)) + pack.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    bomb = first + 1023 * again
    yield "a gibibyte in a mebibyte", says(bomb, gz, large=True)
    yield "a bomb in a bomb", says(lambda: gzip.compress(bomb), f"{gz}, gzip")
    yield "packed a hundred times", says(b"{}", gz + ", gzip" * 99)
    for how in ("deflate", "br", "zstd", "compress", SHOWN_EVIL):
        yield f"packed as {how!r}", says(zlib.compress(bytes(MIB)), f"Content-Encoding: {how}")
    yield "not packed, as it says", says(b"{}", gz)
    yield "half of what was packed", says(gzip.compress(b"{}" * 99)[:-9], gz)
    yield "packed, and more behind it", says(gzip.compress(b"{}") + b"x", gz)
    yield "packed, and a bomb behind it", says(gzip.compress(b"{}") + bomb, gz, large=True)
    yield "packed blocks of nothing", goes_on(head(gz) + gzip.compress(b"")[:10], b"\0\0\0\xff\xff" * 9999, slow=True)


def _json() -> Named:
    for name, text in {
        "100,000 lists in each other": b"[" * 100_000 + b"]" * 100_000,
        "100,000 objects in each other": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "65 levels": b'{"a":' * 65 + b"1" + b"}" * 65,
        "half an object": b'{"id": "a',
        "two objects": b"{} {}",
        "a comment": b"{} // no",
        "a number of 100,000 digits": b"9" * 100_000,
        "a number of 4,000 digits": b"9" * 4_000,
        "1e999999": b"1e999999",
        "NaN": b"NaN",
        "no UTF-8": b'{"id": "\xff\xfe"}',
        "UTF-16": '{"id": "a"}'.encode("utf-16"),
        "a mark of its order": b"\xef\xbb\xbf{}",
        "a page": b"<html><body>Sign in</body></html>",
        "nothing": b"",
        "spaces": b" " * 1000,
        "null": b"null",
        "true": b"true",
        "a number": b"7",
        "a text": b'"ok"',
        "a list": b"[]",
        "a list of lists": b"[[[]]]",
        "an object": b"{}",
        "a name twice": b'{"id": 1, ' + json.dumps(shaped())[1:-1].encode() + b', "id": null}',
    }.items():
        yield name, says(text)


def _huge_json() -> Named:
    """As large as an answer may be, or with as many values as it may have; and with more."""

    def filled(before: bytes, part: bytes, after: bytes, most: int = answer.LARGEST) -> Callable[[], bytes]:
        return lambda: before + part * min(most, (answer.LARGEST - len(before) - len(after)) // len(part)) + after

    def values(before: bytes, part: bytes, after: bytes) -> Callable[[], bytes]:
        return filled(before, part + b",", part + after, answer.MOST // (1 + part.count(b",")) - 9)

    bodies = {
        "of one text": filled(b'"', b"x", b'"'),
        "of lists": filled(b"[", b"[],", b"[]]"),
        "of numbers": filled(b"[", b"1,", b"1]"),
        "of escapes": filled(b'{"message": "', rb"\u0041", b'"}'),
        "of percent signs": filled(b'{"message": "', b"%41", b'"}'),
        "of a title of dashes": filled(b'{"data": [{"id": 1, "title": "', b"-", b'"}]}'),
    }
    entry, window = (json.dumps(one).encode() for one in (shaped()["update"], shaped()["data"][0]))
    for field in ("status_page_maintenances", "status_page_incidents", "data", "ongoing_incidents"):
        before = f'{{"{field}": ['.encode()
        bodies[f"of nothing, as {field}"] = values(before, b"{}", b"]}")
        bodies[f"of objects, as {field}"] = values(before, window, b"]}")
    for field in ("status_page_maintenance", "status_page_incident", "data"):
        before = f'{{"{field}": '.encode() + window[:-1] + b', "updates": ['
        bodies[f"of entries of {field}"] = values(before, entry, b"]}}")
    for name, body in bodies.items():
        yield name, says(body, large=True)
    for name in ("of one text", "of lists", "of percent signs"):
        yield f"{name}, as a refusal", says(bodies[name], status="422 No", large=True)


def _shapes() -> Named:
    values: dict[str, Any] = {
        "null": None,
        "a number": 7,
        "a list": [],
        "an object": {},
        "empty": "",
        "infinite": float("inf"),
    }
    for name, value in values.items():
        yield f"everything is {name}", says(dict.fromkeys(shaped(), value))
        within = {
            field: dict.fromkeys(of, value) if isinstance(of, dict) else [value] if isinstance(of, list) else of
            for field, of in shaped().items()
        }
        yield f"everything within is {name}", says(within)
        yield (
            f"every status is {name}",
            says(shaped(updates=[{**shaped()["update"], "component_statuses": [{"component_id": value, "x": value}]}])),
        )
    texts = {
        "control characters": EVIL,
        "long": "x" * (MIB // 512),
        "the key": KEY,
        "half a character": "\ud800",
        "a path": "../../status_pages?x=1#",
        "a script": "javascript:alert(1)",
    }
    for name, text in texts.items():
        yield f"every text is {name}", says(shaped(text))
        yield f"every time is {name}", says(shaped(when=text))
        told = {**shaped()["update"], "component_statuses": [{text: 1}]}
        yield f"the name of a field is {name}", says({**shaped(updates=[told]), text: 1})
    for when in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "now", 1e400, -1e18, 10**25, "1e999", True):
        yield f"every time is {when}", says(shaped(when=when))


def _fault(text: str) -> dict[str, Any]:
    said = {"code": text, "message": text, "source": {"field": text, "pointer": text}}
    return {"type": text, "request_id": text, "error": {"message": text}, "errors": [said]}


def _refusals() -> Named:
    bodies = {"nothing": b"", "control characters": _fault(EVIL), "the key": _fault(f"no {KEY}"), "lists": [[]] * 9}
    for status in (300, 304, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503):
        for name, body in bodies.items():
            yield f"{status} with {name}", says(body, status=f"{status} No")
    for status in (200, 201, 202, 204, 205):
        yield f"{status} without a body", writes(f"HTTP/1.1 {status} OK\r\nConnection: close\r\n\r\n".encode())


def _elsewhere() -> Named:
    for status in (301, 302, 303, 307, 308):
        yield f"{status} to another host", says(b"", f"Location: {ASTRAY}/v2/things", status=f"{status} Moved")
    for name, where in {
        "itself": "?again",
        "a file": "file:///etc/passwd",
        "a script": "javascript:alert(1)",
        "plain http": "http://192.0.2.1/",
        "nowhere": "",
        "a port that is none": "http://a:99999999/",
        "control characters": f"https://{SHOWN_EVIL}",
        "the key": f"https://evil.example/{KEY}",
        "an address without an end": "https://" + "x" * 60_000,
        "half an address": "http://[::1",
    }.items():
        yield f"302 to {name}", says(b"", f"Location: {where}", status="302 Found")


ASTRAY = "{astray}"
"""Stands for the address of another server, to which nothing may be sent."""


def _pauses() -> Named:
    for status in (429, 503):
        for name, pause in {
            "a year": str(YEAR),
            "a date in years": "Wed, 21 Oct 2099 07:28:00 GMT",
            "a date that is past": "Wed, 21 Oct 1999 07:28:00 GMT",
            "less than nothing": "-5",
            "NaN": "nan",
            "9,999 digits": "9" * 9_999,
            "a year of 20 digits": "Sun, 01 Mar 99999999999999999999 22:00:30 GMT",
            "a word": "soon",
            "control characters": SHOWN_EVIL,
        }.items():
            yield f"{status} and a pause of {name}", says(_fault("no"), f"Retry-After: {pause}", status=f"{status} No")
        two = "Retry-After: 1", f"Retry-After: {YEAR}"
        yield f"{status} and two pauses", says(_fault("no"), *two, status=f"{status} No")


def _lists() -> Named:
    cursors = count()
    window = shaped()["data"][0]

    def page(after: object, many: int = 1) -> dict[str, Any]:
        return {**shaped(), "status_page_maintenances": [window] * many, "pagination_meta": {"after": after}}

    yield "a list without an end", says(lambda: page(f"cursor-{next(cursors)}"), large=True)
    yield "a list of full pages without an end", says(lambda: page(f"cursor-{next(cursors)}", 4_000), large=True)
    yield "a list whose cursor is repeated", says(page("again"))
    texts = {"a number": 7, "a list": [1], "control characters": EVIL, "long": "x" * (MIB // 8), "the key": KEY}
    for name, after in texts.items():
        yield f"a cursor that is {name}", says(page(after))


def _all() -> Named:
    groups = {
        "without an end: ": _without_an_end(),
        "byte by byte: ": _slow(),
        "no HTTP: ": _no_http(),
        "JSON: ": _json(),
        "10 MiB ": _huge_json(),
    }
    for name, group in groups.items():
        yield from ((name + one, hostile) for one, hostile in group)
    for group in (_lengths(), _packed(), _shapes(), _refusals(), _elsewhere(), _pauses(), _lists()):
        yield from group


ANSWERS = dict(_all())


# What may become of them


@contextmanager
def shortened(hostile: Hostile) -> Iterator[None]:
    """No second tries, and hardly a pause; where an answer is slow, a fraction of a second for a request."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in (
            (transport, "PATIENCE_S"),
            (transport, "CONNECT_PATIENCE_S"),
            (incidents, "BACKFILL_PATIENCE_S"),
        ):
            patch.setattr(module, name, 0.0)
        for module in (looking, widget):
            patch.setattr(module, "PAUSES_S", (0.0,))
        if hostile.slow:
            patch.setattr(answer, "LONGEST_S", 0.1)
        yield


class Server:
    """Gives the answer that is set, to whatever is asked. What is `astray` was asked of another server.

    An answer without an end goes on until another is set. Else it would keep the thread that its reader left behind,
    and a processor, for as long as the process lives.
    """

    def __init__(self) -> None:
        self.hostile = writes()
        self.astray: list[bytes] = []
        self.url = ""

    @contextmanager
    def running(self) -> Iterator[Server]:
        def elsewhere(asked: bytes) -> Iterable[bytes]:
            self.astray.append(asked)
            return [response("200 OK", json.dumps(shaped()).encode(), JSON)]

        with listening(elsewhere) as there:

            def respond(asked: bytes) -> Iterator[bytes]:
                hostile = self.hostile
                for part in hostile.respond(asked):
                    if self.hostile is not hostile:
                        return
                    yield part.replace(ASTRAY.encode(), there.encode()) if len(part) < 999 else part

            with listening(respond) as self.url:
                forget_clients()
                yield self
                self.hostile = writes()


def fault(url: str, call: Call) -> str | None:
    """What is wrong with how a call takes the answer, if anything is."""
    widget._KEPT.clear()
    for cached in (lookups._pages, lookups._components):
        cached.cache_clear()
    try:
        found = call(url)
    except StatusPageError as error:
        return _fault_of(error, knows_key=call is not CALLS["widget"])
    except BaseException as error:
        return f"it leaves with {error!r}"
    if isinstance(found, (Maintenance, Incident)):
        try:
            # It may be recorded.
            json.dumps(seen(found), allow_nan=False, ensure_ascii=False).encode()
        except ValueError as error:
            return f"it cannot be recorded: {error}"
    return None


def _fault_of(error: StatusPageError, *, knows_key: bool) -> str | None:
    said = [str(error), repr(error), *(str(value) for value in vars(error).values())]
    if not all(text.isprintable() for text in said) or not said[0]:
        return f"a line that is none: {said}"
    if max(map(len, said)) > 3_000:
        return f"a line of {len(said[0])} characters"
    origin = None if error.__suppress_context__ else error.__cause__ or error.__context__
    if not isinstance(origin, (StatusPageError, type(None))):
        return f"it comes of {origin!r}"
    shown = " ".join(said).lower()
    # A page that is read without a key says what it likes of one.
    if knows_key and any(KEY[start : start + 8].lower() in shown for start in range(len(KEY) - 7)):
        return f"the key is in it: {shown}"
    return None
