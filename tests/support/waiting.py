"""Waiting for what another process does, with an end: it fails a test that would hang."""

from __future__ import annotations

import time
from collections.abc import Callable

LONGEST_S = 60.0


def wait_for(condition: Callable[[], object]) -> None:
    """Return once the condition holds."""
    end = time.monotonic() + LONGEST_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.03)
