"""What makes the tests quicker, whatever they test."""

from __future__ import annotations

import gc
import ssl
from collections.abc import Iterator
from functools import cache

import pytest


@pytest.fixture(scope="session", autouse=True)
def certificates_read_once() -> Iterator[None]:
    """Each new client of httpx reads the certificates of all authorities, and a test makes one for each run of a
    program, as each would be a process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


def pytest_collection_finish() -> None:
    """Thousands of tests, each with its marks, stay to the end: the collector need not look at them again and again."""
    gc.freeze()
