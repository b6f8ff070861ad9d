"""The emulator on a real socket."""

import socket
import threading

import httpx
import pytest

from statuspage_provider.emulator import Emulator

HEADERS = {"Authorization": "Bearer emulator-write"}


@pytest.fixture
def emulator(tmp_path):
    emulator = Emulator(tmp_path / "state")
    yield emulator
    emulator.close()


@pytest.fixture
def served(emulator):
    with emulator.serve() as served:
        yield served


def test_it_listens_on_this_machine_only(served):
    assert served.url == f"http://127.0.0.1:{served.port}"
    hosts = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for host in hosts - {"127.0.0.1", "127.0.1.1"}:
        with (
            pytest.raises((ConnectionRefusedError, TimeoutError)),
            socket.create_connection((host, served.port), timeout=1),
        ):
            pass


def test_it_answers_with_urls_of_its_own(served):
    page = httpx.get(f"{served.url}/v2/status_pages", headers=HEADERS).json()["status_pages"][0]
    assert page["public_url"] == f"{served.url}/pages/acme"
    assert httpx.get(page["public_url"]).status_code == 200


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
def test_a_reset_closes_the_connection_without_an_answer(emulator, served, kind):
    emulator.fault(kind=kind)
    with httpx.Client(headers=HEADERS) as http:
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            http.get(f"{served.url}/v2/status_pages")
        assert http.get(f"{served.url}/v2/status_pages").status_code == 200


def test_a_slow_answer_runs_into_the_clients_timeout(emulator, served):
    emulator.fault(kind="slow:0.5")
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{served.url}/v2/status_pages", headers=HEADERS, timeout=0.1)


def test_a_slow_answer_that_the_end_overtakes_is_no_noise(emulator, capfd):
    emulator.fault(kind="slow:0.2")
    before = set(threading.enumerate())
    with emulator.serve() as served, pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{served.url}/v2/status_pages", headers=HEADERS, timeout=0.1)
    emulator.close()
    answering = set(threading.enumerate()) - before
    assert answering
    for thread in answering:
        thread.join()
    assert capfd.readouterr().err == ""
    with pytest.raises(ConnectionError, match="closed"):
        emulator.advance(1)


def test_parallel_creates_with_one_key_make_one_incident(emulator, served):
    body = {
        "idempotency_key": "same",
        "incident_status": "investigating",
        "message": "Looking.",
        "name": "Errors",
        "notify_subscribers": True,
        "status_page_id": emulator.page_id,
    }
    seen = []

    def create():
        answer = httpx.post(f"{served.url}/v2/status_page_incidents", json=body, headers=HEADERS)
        seen.append(answer.json()["status_page_incident"]["id"])

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1
    assert len(emulator.notices) == 1


def test_a_stopped_server_answers_no_open_connection(emulator, tmp_path):
    with httpx.Client(headers=HEADERS) as http:
        with emulator.serve() as served:
            assert http.get(f"{served.url}/v2/status_pages").status_code == 200
        with pytest.raises(httpx.TransportError):
            http.get(f"{served.url}/v2/status_pages")
        emulator.close()
        again = Emulator(tmp_path / "state")
        with again.serve(served.port):
            assert http.get(f"{served.url}/v2/status_pages").status_code == 200
        assert len(again.requests) == 2
        again.close()
