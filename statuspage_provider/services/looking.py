"""Looking again at what is not shown as it should be."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

Seen = TypeVar("Seen")

PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Before each further look. Reads of a service may lag its writes, and a request that was not answered in time may
still be carried out."""


def looks(look: Callable[[], Seen], sleep: Callable[[float], None] = time.sleep) -> Iterator[Seen]:
    """What is seen after each of some pauses."""
    for pause in PAUSES_S:
        sleep(pause)
        yield look()
