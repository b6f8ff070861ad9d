"""What makes the tests quicker, whatever they test."""

from __future__ import annotations

import gc
import os
import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

STARTUP = Path(__file__).parent / "support" / "startup"


@pytest.fixture(scope="session", autouse=True)
def certificates_read_once() -> Iterator[None]:
    """Each new client of httpx reads the certificates of all authorities, and a test makes one for each run of a
    program, as each would be a process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def processes_without_garbage_collection() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(STARTUP), prepend=os.pathsep)
        yield


def pytest_collection_finish() -> None:
    """Thousands of tests, each with its marks, stay to the end: the collector need not look at them again and again."""
    gc.freeze()
