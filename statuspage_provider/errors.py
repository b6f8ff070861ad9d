"""The errors, and when each is raised.

    StatusPageError
    ├── SettingsError   a key is missing or an endpoint is not acceptable; names the setting
    ├── LookupFailed    no page or component of that name, or more than one; lists the candidates
    ├── Refused         a post or change is held back, because it could be a wrong notice; says why
    ├── ServiceError    the service said no: status, code, field, request_id
    │   ├── KeyRefused  401 or 403: the key is unknown or may only read
    │   ├── NotFound    404 or 410: the object is gone
    │   └── RateLimited 429, for longer than we may wait
    └── Unreachable     there is no usable answer: no connection, a time-out, not JSON
        └── LostAnswer  the same, and the request may have been carried out

An input that is refused is no error here: `check` reports it to the engine. An expected failure reaches the user as one
line, `KeyRefused: …`, whatever text of others is in it. The key is in none of them: `transport.py` sees to that.
"""

from __future__ import annotations

import os
import sys

import pulumi

from .display import plain


class StatusPageError(pulumi.RunError):
    """The base of every error this package raises on purpose.

    It is a `RunError`, so that one raised in a program is shown as its message alone.
    """

    def __init__(self, message: str) -> None:
        super().__init__(plain(message))

    def __init_subclass__(cls) -> None:
        # Python prints an error with its module in front, unless that is `builtins`. Users see the bare name.
        cls.__module__ = "builtins"


StatusPageError.__module__ = "builtins"


class SettingsError(StatusPageError):
    """A setting is missing or not acceptable."""


class LookupFailed(StatusPageError):
    """A page or component was asked for by a name that none, or more than one, has."""


class Refused(StatusPageError):
    """A post or a change is held back: it could be a wrong notice, and those cannot be taken back."""


class ServiceError(StatusPageError):
    """The service answered with a refusal.

    `status` is the HTTP status, `code` and `field` are the service's own words for what it refused,
    `request_id` is what its support asks for. Any but `status` may be empty.
    """

    def __init__(self, message: str, *, status: int, code: str = "", field: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = plain(code)
        self.field = plain(field)
        self.request_id = plain(request_id)


class KeyRefused(ServiceError):
    """401 or 403: the key is unknown, or its scope does not allow the call."""


class NotFound(ServiceError):
    """404 or 410: there is no such object, or it is gone."""


class RateLimited(ServiceError):
    """429, and the service asks for a longer pause than one operation may take."""


class Unreachable(StatusPageError):
    """There is no usable answer, and nothing was changed."""


class LostAnswer(Unreachable):
    """There is no usable answer, and the request may have been carried out.

    `answered` is whether the service itself said that it failed: then the request is over, one way or the other.
    """

    answered = False


class _OneLine:
    """A `sys.tracebacklimit` that is 0 while one of our errors is formatted, and no limit otherwise.

    The engine's plugin shows users the whole traceback of whatever leaves a provider. The limit is one for the
    process, which other providers share, so it looks at the error that is being formatted.
    """

    def __index__(self) -> int:
        return 0 if isinstance(sys.exc_info()[1], StatusPageError) else sys.maxsize

    def __lt__(self, other: int) -> bool:
        return False

    def __ge__(self, other: int) -> bool:
        return True


def show_errors_on_one_line() -> None:
    """Let our errors leave the provider as one line. `STATUSPAGE_DEBUG=1` brings the tracebacks back."""
    if os.environ.get("STATUSPAGE_DEBUG") != "1":
        sys.tracebacklimit = _OneLine()  # type: ignore[assignment]
