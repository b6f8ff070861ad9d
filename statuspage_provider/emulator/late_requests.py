"""Late requests: the sender gets no answer, and the request is carried out all the same, some requests later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class _Waiting:
    requests_left: int
    carry_out: Callable[[], None]


class LateRequests:
    """Those that wait, in the order they came in. The state file does not keep them."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []

    def wait(self, requests: int, carry_out: Callable[[], None]) -> None:
        """Keep a request until this many more have been answered."""
        self._waiting.append(_Waiting(requests, carry_out))

    def count_answered(self) -> None:
        for one in self._waiting:
            one.requests_left -= 1

    def carry_out_due(self) -> int:
        """Carry out what is due, before the next request. Returns how many there were."""
        due = [one for one in self._waiting if one.requests_left <= 0]
        self._waiting = [one for one in self._waiting if one.requests_left > 0]
        for one in due:
            one.carry_out()
        return len(due)

    def carry_out_all(self) -> int:
        for one in self._waiting:
            one.requests_left = 0
        return self.carry_out_due()

    def clear(self) -> None:
        self._waiting.clear()
