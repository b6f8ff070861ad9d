"""HTTP to one service: one pooled client, time-outs, retries, and errors a person can act on.

What an answer says is repeated on one line, not for ever, and without the key.
"""

from __future__ import annotations

import email.utils
import math
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from ..display import LONGEST_READ, quoted
from ..errors import KeyRefused, LostAnswer, NotFound, RateLimited, ServiceError, Unreachable
from ..times import LAST_YEAR, UTC
from . import answer
from .answer import Answer, TooMuch, TooSlow
from .secret import Secret
from .settings import Settings, is_this_machine

PATIENCE_S = 60.0
"""How long after the first try of a request another may begin. The engine cannot interrupt a provider."""


CONNECT_PATIENCE_S = 10.0
"""The same if there is no connection: a wrong endpoint should not cost a minute."""


PAUSE_S = 0.25
"""Half of the first pause. Each one after it is twice as long, up to 8 s."""


TIMEOUT = httpx.Timeout(20.0, connect=5.0)


LARGEST_LIST = 5 * answer.LARGEST
"""How many bytes the pages of one list may have together."""


LONGEST_LIST_S = 300.0
"""How long after the first page of a list is asked for another may be."""


@dataclass(frozen=True)
class Fault:
    """What a service's error body says. Each part may be empty."""

    message: str = ""
    code: str = ""
    field: str = ""
    request_id: str = ""


ReadFault = Callable[[Any], Fault]


class Bounds:
    """What is left for one list, of size and of time."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._until = monotonic() + LONGEST_LIST_S
        self._left = LARGEST_LIST

    def take(self, found: Answer) -> None:
        self._left -= len(found.content)

    @property
    def passed(self) -> str | None:
        """What the list has that it may not have."""
        if self._left < 0:
            return f"more than {LARGEST_LIST // 2**20} MiB"
        return f"more than {LONGEST_LIST_S:.0f} s" if self._monotonic() > self._until else None


class Transport:
    """Requests to one service with one key.

    Tried again, with growing pauses and jitter, for `PATIENCE_S`:
    - 429, after the pause that `Retry-After` asks for (seconds or a date). It was not carried out. A request that is
      known to be limited may be given more patience for this alone.
    - no connection, for `CONNECT_PATIENCE_S` only. It was not carried out.
    - 5xx, a time-out, a closed connection: only if the request is repeatable, which means that doing it twice is
      the same as doing it once. Otherwise LostAnswer is raised, and the caller has to look before it posts again.

    Never tried again: every other refusal, and an answer that is not JSON unless it is 429 or 5xx. A page of some
    other server will be there next time too. So will one that is larger than `answer.LARGEST`.
    """

    def __init__(
        self,
        settings: Settings,
        read_fault: ReadFault,
        *,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        key = settings.key()
        self._secret = Secret(key)
        self._service = settings.service
        # A key that was pasted into a path would be in every line.
        self._endpoint = self._secret.hide(settings.endpoint, sure=True)
        self._read_fault = read_fault
        self._sleep = sleep
        self._monotonic = monotonic
        endpoint = urlsplit(settings.endpoint)
        self._open: Callable[[], httpx.Client] = lambda: httpx.Client(
            base_url=settings.endpoint,
            headers={**answer.HEADERS, "Authorization": f"Bearer {key}"},
            timeout=TIMEOUT,
            transport=transport,
            # What is on this machine is not asked for through a proxy, which would see the key.
            trust_env=not is_this_machine(endpoint.hostname or ""),
            # Plain http, which only this machine is asked by, needs no certificates, and they take long to load.
            verify=endpoint.scheme != "http",
        )
        self._client = self._open()
        self._leaving = threading.Lock()

    def bounds(self) -> Bounds:
        """Those of one list, from now on."""
        return Bounds(self._monotonic)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        repeatable: bool,
        patience_s: float | None = None,
        within: Bounds | None = None,
    ) -> Any:
        """The JSON of a successful answer, or None if it has no body. Raises ServiceError or Unreachable.

        What the answers cost is taken from what they are to stay `within`. Who asks for more looks at what is left.
        """
        begun = self._monotonic()
        attempt = 0
        while True:
            failure, pause = self._try(method, path, json, params, within)
            if not isinstance(failure, Exception):
                return failure
            attempt += 1
            if pause is None or (isinstance(failure, LostAnswer) and not repeatable):
                raise failure
            pause = max(pause, random.uniform(0.5, 1.0) * min(PAUSE_S * 2**attempt, 8.0))
            reached = isinstance(failure, (LostAnswer, ServiceError))
            patience = PATIENCE_S if reached else CONNECT_PATIENCE_S
            if isinstance(failure, RateLimited) and patience_s is not None:
                patience = patience_s
            if self._monotonic() + pause > begun + patience:
                raise failure
            self._sleep(pause)

    def _try(
        self,
        method: str,
        path: str,
        json: Mapping[str, Any] | None,
        params: Mapping[str, Any] | None,
        within: Bounds | None,
    ) -> tuple[Any, float | None]:
        """(answer, None), or (error, the shortest pause before another try, None for never)."""
        where, client = f"{self._service} at {self._endpoint}", self._client
        try:
            found = answer.fetch(client, method, path, json=json, params=params, monotonic=self._monotonic)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Unreachable(f"cannot reach {where}: {self._said(str(error))}"), 0.0
        except (httpx.RequestError, OSError, TooSlow) as error:
            if isinstance(error, TooSlow):
                self._leave(client)
            return LostAnswer(f"no answer from {where}: {self._said(str(error) or type(error).__name__)}"), 0.0
        except TooMuch as error:
            return self._unread(method, error.answer, self._said(str(error)))
        except (httpx.InvalidURL, UnicodeError) as error:
            return Unreachable(f"a request to {where} cannot be written: {self._said(str(error))}"), None
        if within is not None:
            within.take(found)
        if found.leads_to is not None:
            leads = f"{self._endpoint} answered {found.status}, a redirect to {self._said(found.leads_to)}"
            return Unreachable(f"{leads}: the key is not sent there. Set the endpoint to the API's own address"), None
        try:
            body = found.json()
        except ValueError:
            kind = found.headers.get("content-type", "no content type").split(";")[0]
            return self._unread(method, found, f"{self._said(kind)}, not JSON")
        if found.is_success:
            return self._without_key(body), None
        return self._refusal(method, found, self._read_fault(body))

    def _leave(self, client: httpx.Client) -> None:
        """Ask no more by a client that may have left a thread behind, that reads what never ends: interim answers, say.

        It ends with its connection, and that is closed once all other requests of the client have had their time.
        """
        with self._leaving:
            if self._client is not client:
                return
            self._client = self._open()
        closing = threading.Timer(answer.LONGEST_S, client.close)
        closing.daemon = True
        closing.start()

    def _said(self, text: str) -> str:
        """What others say, as it may be repeated. What is cut off is not looked at."""
        return quoted(self._secret.hide(text[:LONGEST_READ]))

    def _without_key(self, body: Any) -> Any:
        texts: list[str] = []

        def keep(text: str) -> str:
            texts.append(text)
            return text

        answer.with_texts(body, keep)
        # One look at all of them: hardly ever is there anything to hide.
        if not self._secret.is_in("\n".join(texts), sure=True):
            return body
        return answer.with_texts(body, lambda text: self._secret.hide(text, sure=True))

    def _unread(self, method: str, found: Answer, what: str) -> tuple[Exception, float | None]:
        where = f"{self._endpoint} answered {found.status} with {what}: is it {self._service}'s API?"
        if found.status == 429:
            return self._refusal(method, found, Fault())
        if found.status >= 500:
            return LostAnswer(where), 0.0
        return (LostAnswer(where) if found.is_success and method != "GET" else Unreachable(where)), None

    def _refusal(self, method: str, found: Answer, fault: Fault) -> tuple[Exception, float | None]:
        fault, status = Fault(*map(self._said, astuple(fault))), found.status
        details = ", ".join(part for part in (fault.code, fault.request_id and f"request {fault.request_id}") if part)
        said = fault.message or self._said(found.reason) or "no reason given"
        text = f"{self._service} answered {status}"
        text += f", {fault.field}: {said}" if fault.field else f": {said}"
        text += f" ({details})" if details else ""
        parts: dict[str, Any] = {
            "status": status,
            "code": fault.code,
            "field": fault.field,
            "request_id": fault.request_id,
        }
        if status == 401:
            return KeyRefused(f"{text}. The API key is not valid: check that it is this account's", **parts), None
        if status == 403:
            lacks = "may not read this: give it the scope that does" if method == "GET" else _READS_ONLY
            return KeyRefused(f"{text}. The API key {lacks}", **parts), None
        if status in (404, 410):
            return NotFound(text, **parts), None
        if status == 429:
            return RateLimited(f"{text}. Try again later", **parts), retry_after(found.headers)
        if status >= 500:
            lost = LostAnswer(text)
            lost.answered = True
            return lost, retry_after(found.headers)
        return ServiceError(text, **parts), None


_READS_ONLY = "may only read: give it the scope that publishes"


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float:
    """The pause that `Retry-After` asks for, in seconds; 0 if it asks for none. It is a number or a date.

    What is too far off to be counted is infinitely far.
    """
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        return _until(value, now or datetime.now(UTC))
    return math.inf if math.isnan(seconds) else max(0.0, seconds)


def _until(date: str, now: datetime) -> float:
    try:
        parts = email.utils.parsedate_tz(date)
        if parts is None:
            return 0.0
        if parts[0] > LAST_YEAR:
            return math.inf
        moment = email.utils.parsedate_to_datetime(date)
    except (TypeError, ValueError, IndexError, OverflowError):
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
