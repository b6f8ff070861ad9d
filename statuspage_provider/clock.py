"""The one clock: the present moment, or the one that STATUSPAGE_NOW names."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from . import display, times
from .errors import SettingsError

NOW = "STATUSPAGE_NOW"


def now(environment: Mapping[str, str] = os.environ) -> datetime:
    """The present moment, or the one that STATUSPAGE_NOW names, to rehearse a window before its time."""
    rehearsed = environment.get(NOW)
    if not rehearsed:
        return datetime.now(times.UTC)
    try:
        return times.parse_instant(rehearsed)
    except ValueError as error:
        raise SettingsError(f"{NOW}: {error}") from None


def is_rehearsed(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the clock is STATUSPAGE_NOW's. It stands still."""
    return bool(environment.get(NOW))


def notice(environment: Mapping[str, str] = os.environ) -> str | None:
    """What to tell whoever set STATUSPAGE_NOW, or None: a run with a false clock must not go unnoticed."""
    if not is_rehearsed(environment):
        return None
    return f"{NOW} is set: this run assumes that it is {display.for_people(now(environment))}"


class RunClock:
    """The present moment of a run. A rehearsed clock stands still, but whoever waits must see time pass."""

    def __init__(self) -> None:
        self._asked: float | None = None

    def now(self) -> datetime:
        if not is_rehearsed():
            return now()
        self._asked = time.monotonic() if self._asked is None else self._asked
        return now() + timedelta(seconds=time.monotonic() - self._asked)
