"""Requests that time out for their sender and are carried out all the same, some requests later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class _Waiting:
    left: int
    carry_out: Callable[[], None]


class Late:
    """Those that wait, in the order in which they came in. They are not in the state file."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []

    def wait(self, requests: int, carry_out: Callable[[], None]) -> None:
        """Keep one until so many more requests have been answered."""
        self._waiting.append(_Waiting(requests, carry_out))

    def count_answered(self) -> None:
        for one in self._waiting:
            one.left -= 1

    def carry_out_due(self) -> int:
        """What is due comes before the next request; answers with how many there were."""
        due = [one for one in self._waiting if one.left <= 0]
        self._waiting = [one for one in self._waiting if one.left > 0]
        for one in due:
            one.carry_out()
        return len(due)

    def carry_out_all(self) -> int:
        for one in self._waiting:
            one.left = 0
        return self.carry_out_due()

    def clear(self) -> None:
        self._waiting.clear()
