from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.support.page import emulator, page

__all__ = ["emulator", "page", "utc"]


@pytest.fixture
def utc() -> Iterator[None]:
    """A machine whose clock is UTC's, so that a line shows each moment once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()
