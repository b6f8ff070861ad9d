"""An emulator whose clock stands still until moved, and a client that speaks plain HTTP to it, in process."""

import contextlib

import httpx
import pytest

pytest.importorskip("flask")

from statuspage_provider.emulator import Emulator
from tests.support import accounts

emulator = accounts.emulator


@pytest.fixture
def start(tmp_path):
    """Starts an emulator on one state file, and ends the one before."""
    started = []

    def start() -> Emulator:
        for emulator in started:
            emulator.close()
        started.append(Emulator(tmp_path / "deep" / "state"))
        return started[-1]

    yield start
    for emulator in started:
        emulator.close()


@pytest.fixture
def client_of():
    """A client of any emulator."""
    with contextlib.ExitStack() as clients:

        def client_of(emulator: Emulator, key: str | None = "emulator-write") -> httpx.Client:
            headers = {"Authorization": f"Bearer {key}"} if key else {}
            transport = httpx.WSGITransport(app=emulator.app)
            return clients.enter_context(
                httpx.Client(transport=transport, base_url="http://localhost", headers=headers)
            )

        yield client_of


@pytest.fixture
def connect(emulator, client_of):
    """A client of the emulator, with any key."""
    return lambda key="emulator-write": client_of(emulator, key)


@pytest.fixture
def http(connect):
    return connect()


@pytest.fixture
def account(client_of):
    """Acme's account on any emulator."""
    return lambda emulator: accounts.Acme(emulator, client_of(emulator))


@pytest.fixture
def acme(emulator, http):
    return accounts.Acme(emulator, http)


@pytest.fixture
def me(emulator, http):
    return accounts.AcmeOnStatuspageMe(emulator, http)


@pytest.fixture
def refused():
    return accounts.refused
