from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from statuspage_provider.emulator import Emulator
from tests.support.job import NOON, PROGRAM, Job
from tests.support.stack import Stack


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Emulator, str]]:
    emulator = Emulator()
    with emulator.serve(0) as server:
        yield emulator, server.url


@pytest.fixture
def job(served: tuple[Emulator, str], tmp_path: Path) -> Job:
    emulator, url = served
    emulator.reset()
    stack = Stack(tmp_path / "project", program=PROGRAM)
    stack.init()
    job = Job(stack, emulator, url)
    job.at(NOON)
    return job
