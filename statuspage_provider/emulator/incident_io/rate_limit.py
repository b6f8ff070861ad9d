"""A limit on requests a second, with room for bursts."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from ..errors import RateLimited


class Bucket:
    """A token bucket on the emulator's clock: it holds `burst`, gains `rate` a second, and a request takes one."""

    def __init__(self, name: str, burst: int, rate: float) -> None:
        self._name, self._burst, self._rate = name, burst, rate
        self._tokens = float(burst)
        self._at: datetime | None = None

    def take(self, now: datetime) -> None:
        passed = (now - (self._at or now)).total_seconds()
        self._tokens = min(self._burst, self._tokens + max(0.0, passed) * self._rate)
        self._at = now
        if self._tokens < 1:
            wait = math.ceil((1 - self._tokens) / self._rate)
            raise RateLimited(
                f"Too many requests: at most {self._rate:g} a second, in bursts of {self._burst}",
                name=self._name,
                limit=self._burst,
                retry_at=now + timedelta(seconds=wait),
                retry_after=str(wait),
            )
        self._tokens -= 1
