from __future__ import annotations

from collections.abc import Iterator

import pytest

from statuspage_provider.emulator import Emulator


@pytest.fixture(scope="module")
def page() -> Iterator[tuple[Emulator, str]]:
    emulator = Emulator()
    with emulator.serve(0) as server:
        yield emulator, server.url
