"""HTTP to one service: one pooled client, time-outs, retries, and errors a person can act on."""

from __future__ import annotations

import email.utils
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from .errors import KeyRefused, LostAnswer, NotFound, RateLimited, ServiceError, Unreachable
from .settings import Settings, is_this_machine
from .times import UTC

PATIENCE_S = 60.0
"""How long after the first try of a request another may begin. The engine cannot interrupt a provider."""

CONNECT_PATIENCE_S = 10.0
"""The same where there is no connection: a wrong endpoint should not cost a minute."""

PAUSE_S = 0.25
"""Half of the first pause. Each one after it is twice as long, up to 8 s."""

TIMEOUT = httpx.Timeout(20.0, connect=5.0)


@dataclass(frozen=True)
class Fault:
    """What a service's error body says. Each part may be empty."""

    message: str = ""
    code: str = ""
    field: str = ""
    request_id: str = ""


ReadFault = Callable[[Any], Fault]


class Transport:
    """Requests to one service with one key.

    Tried again, with growing pauses and jitter, for `PATIENCE_S`:
    - 429, after the pause that `Retry-After` asks for (seconds or a date). It was not carried out. A request that is
      known to be limited may be given more patience for this alone.
    - no connection, for `CONNECT_PATIENCE_S` only. It was not carried out.
    - 5xx, a time-out, a closed connection: only where the request is repeatable, which means that doing it twice is
      the same as doing it once. Otherwise LostAnswer is raised, and the caller has to look before it posts again.

    Never tried again: every other refusal, and an answer that is not JSON unless it is 429 or 5xx. A page of some
    other server will be there next time too.
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
        self._service = settings.service
        self._endpoint = settings.endpoint
        self._read_fault = read_fault
        self._sleep = sleep
        self._monotonic = monotonic
        self._client = httpx.Client(
            base_url=settings.endpoint,
            headers={"Authorization": f"Bearer {settings.key()}", "Accept": "application/json"},
            timeout=TIMEOUT,
            transport=transport,
            # What is on this machine is not asked for through a proxy, which would see the key.
            trust_env=not is_this_machine(urlsplit(settings.endpoint).hostname or ""),
        )

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        repeatable: bool,
        patience_s: float | None = None,
    ) -> Any:
        """The JSON of a successful answer, or None where it has no body. Raises ServiceError or Unreachable."""
        begun = self._monotonic()
        attempt = 0
        while True:
            failure, pause = self._try(method, path, json, params)
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
        self, method: str, path: str, json: Mapping[str, Any] | None, params: Mapping[str, Any] | None
    ) -> tuple[Any, float | None]:
        """(answer, None), or (error, the shortest pause before another try, None for never)."""
        try:
            response = self._client.request(method, path, json=json, params=params)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return Unreachable(f"cannot reach {self._service} at {self._endpoint}: {error}"), 0.0
        except (httpx.RequestError, OSError) as error:
            what = str(error) or type(error).__name__
            return LostAnswer(f"no answer from {self._service} at {self._endpoint}: {what}"), 0.0
        if response.has_redirect_location:
            where = f"{self._endpoint} answered {response.status_code}, which leads to {response.headers['location']}"
            return Unreachable(f"{where}: the key is not taken there. Set the endpoint to the API's own address"), None
        try:
            body = response.json() if response.content else None
        except ValueError:
            return self._not_json(method, response)
        if response.is_success:
            return body, None
        return self._refusal(response, self._read_fault(body))

    def _not_json(self, method: str, response: httpx.Response) -> tuple[Exception, float | None]:
        kind = response.headers.get("content-type", "no content type").split(";")[0]
        where = f"{self._endpoint} answered {response.status_code} with {kind}, not JSON: is it {self._service}'s API?"
        if response.status_code == 429:
            return self._refusal(response, Fault())
        if response.status_code >= 500:
            return LostAnswer(where), 0.0
        return (LostAnswer(where) if response.is_success and method != "GET" else Unreachable(where)), None

    def _refusal(self, response: httpx.Response, fault: Fault) -> tuple[Exception, float | None]:
        status = response.status_code
        details = ", ".join(part for part in (fault.code, fault.request_id and f"request {fault.request_id}") if part)
        said = " ".join((fault.message or response.reason_phrase or "no reason given").split())
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
            return KeyRefused(f"{text}. The API key may only read: give it the scope that publishes", **parts), None
        if status in (404, 410):
            return NotFound(text, **parts), None
        if status == 429:
            return RateLimited(f"{text}. Try again later", **parts), retry_after(response.headers)
        if status >= 500:
            lost = LostAnswer(text)
            lost.answered = True
            return lost, retry_after(response.headers)
        return ServiceError(text, **parts), None


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float:
    """The pause that `Retry-After` asks for, in seconds; 0 where it asks for none. It is a number or a date."""
    value = headers.get("retry-after", "").strip()
    if value.replace(".", "", 1).isdecimal():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
