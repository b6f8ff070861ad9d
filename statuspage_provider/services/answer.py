"""An HTTP answer, read within bounds: of size, also once it is unpacked, of time, of depth, and of how much is in it.

The engine cannot interrupt a provider, and a program waits for its look-ups. So no answer may cost more than this.
"""

from __future__ import annotations

import json
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import httpx

LARGEST = 10 * 2**20
"""How many bytes of an answer's body are taken, unpacked. The fullest page of a list has a tenth of it."""


LONGEST_S = 60.0
"""How long one request may take, from connecting to the last byte."""


DEEPEST = 64
"""How many levels an answer's JSON may have. The services' own have less than ten."""


MOST = 250_000
"""How many values it may have, as far as its commas tell: each becomes an object, which is larger than its bytes."""


HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip"}
"""gzip alone, because it is unpacked here, in steps: what is installed beside httpx would unpack others at once."""


_STEP = 2**16


_HALVES = re.compile(r"[\ud800-\udfff]")


class TooSlow(Exception):
    """The time for a request is over."""

    def __init__(self) -> None:
        super().__init__(f"it was not complete after {LONGEST_S:.0f} s")


@dataclass(frozen=True)
class Answer:
    """One answer. `content` is its body, unpacked. A redirect has only its target."""

    status: int
    reason: str
    headers: httpx.Headers
    content: bytes = b""
    leads_to: str | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON, None if there is none. Raises ValueError if it cannot be read.

        Halves of characters, which JSON can name and no text can hold, are U+FFFD.
        """
        try:
            return with_texts(json.loads(self.content), _whole) if self.content else None
        except RecursionError:
            raise ValueError("nested too deeply") from None


def _whole(text: str) -> str:
    return text if text.isascii() else _HALVES.sub("\ufffd", text)


def with_texts(value: Any, change: Callable[[str], str], depth: int = DEEPEST) -> Any:
    """The JSON value with each of its texts changed, in place. Raises ValueError if it is nested too deeply."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, (dict, list)):
        if not depth:
            raise ValueError("nested too deeply")
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            value[key] = with_texts(item, change, depth - 1)
    return value


class TooMuch(Exception):
    """An answer is over a bound; the text says what it has. `answer` is the rest of it, without a body."""

    def __init__(self, what: str, answer: Answer) -> None:
        super().__init__(what)
        self.answer = answer


def fetch(
    client: httpx.Client, method: str, url: str, *, monotonic: Callable[[], float] = time.monotonic, **request: Any
) -> Answer:
    """The answer to one request. Redirects are not followed: their bodies would be read without bounds.

    Raises TooMuch, TooSlow, and what the client raises.
    """
    until = monotonic() + LONGEST_S

    def read() -> Answer:
        with client.stream(method, url, follow_redirects=False, **request) as response:
            return _read(response, lambda: monotonic() > until)

    return _in_time(read)


def _in_time(read: Callable[[], Answer]) -> Answer:
    """What is read, in a thread of its own.

    The client has time-outs for each step only, and a name that does not resolve or headers that come byte by byte take
    as many as they like. A thread that is late is left behind: it does not keep the process from ending, and it ends by
    itself in a body, or when its client is closed.
    """
    answers: list[Answer] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(read())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name="statuspage-request", daemon=True)
    thread.start()
    thread.join(LONGEST_S)
    if errors:
        raise errors.pop()
    if not answers:
        raise TooSlow
    return answers.pop()


def _read(response: httpx.Response, is_late: Callable[[], bool]) -> Answer:
    answer = Answer(response.status_code, response.reason_phrase, response.headers)
    if response.has_redirect_location:
        return replace(answer, leads_to=answer.headers["location"])
    content = bytearray()
    packed = answer.headers.get("content-encoding", "").strip().lower()
    if packed not in ("", "identity", "gzip", "x-gzip"):
        raise TooMuch(f"content encoded as {packed}, which was not requested", answer)
    for part in _unpacked(response, packed):
        content += part
        if len(content) > LARGEST:
            raise TooMuch(f"more than {LARGEST // 2**20} MiB", answer)
        if is_late():
            raise TooSlow
    if content.count(b",") > MOST:
        raise TooMuch(f"more than {MOST:,} values", answer)
    return replace(answer, content=bytes(content))


def _unpacked(response: httpx.Response, packed: str) -> Iterator[bytes]:
    """The body in parts, each of a bounded size, some of them empty."""
    if response.is_stream_consumed:
        # It was made in this process, whole.
        yield response.content
    elif packed in ("", "identity"):
        yield from response.iter_raw()
    else:
        yield from _unzipped(response.iter_raw())


def _unzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    unzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
    begun = False
    try:
        for chunk in chunks:
            begun = begun or bool(chunk)
            while chunk:
                if unzip.eof:
                    raise httpx.DecodingError("it is compressed, and more stands behind its end")
                yield unzip.decompress(chunk, _STEP)
                chunk = unzip.unconsumed_tail or unzip.unused_data
            yield b""
        if begun:
            yield unzip.flush(_STEP)
        if begun and not unzip.eof:
            raise httpx.DecodingError("it is compressed, and its end is missing")
    except zlib.error as error:
        raise httpx.DecodingError(str(error)) from None
