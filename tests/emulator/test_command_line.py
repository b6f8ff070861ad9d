"""`statuspage emulator`."""

import contextlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest

from statuspage_provider.__main__ import main
from statuspage_provider.emulator import Emulator


@pytest.fixture
def run(tmp_path):
    started = []

    def run(*args):
        command = [sys.executable, "-m", "statuspage_provider", "emulator", *args]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def read_settings(process):
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("export STATUSPAGEME_API_KEY"):
            break
    return dict(re.findall(r"^export (\w+)=(\S+)$", "".join(lines), re.M)), "".join(lines)


def test_it_prints_what_to_paste_and_ends_quietly(run):
    started = {ending: run("--port", "0") for ending in (signal.SIGINT, signal.SIGTERM)}
    for ending, process in started.items():
        settings, text = read_settings(process)
        url = settings["INCIDENT_ENDPOINT"]
        headers = {"Authorization": f"Bearer {settings['INCIDENT_API_KEY']}"}
        assert httpx.get(f"{url}/v2/status_pages", headers=headers).status_code == 200
        assert f"{url}/pages/acme" in text
        assert "components:\n  cmp-acme-api  API\n" in text
        headers = {"Authorization": f"Bearer {settings['STATUSPAGEME_API_KEY']}"}
        page = {"status_page_id": text.split("statuspage.me page ")[1].split(",")[0]}
        path = f"{settings['STATUSPAGEME_ENDPOINT']}/user/api/v1/incidents"
        assert httpx.get(path, headers=headers, params=page).status_code == 200
        assert "emulator-read" in text
        process.send_signal(ending)
        assert process.wait(5) == 0
        assert process.stderr.read() == ""


def test_a_kill_loses_nothing_that_was_answered(run, tmp_path, client_of):
    first = run("--state", str(tmp_path / "state"), "--port", "0")
    url = read_settings(first)[0]["INCIDENT_ENDPOINT"]
    pages, stopped = [], threading.Event()

    def add_pages():
        with contextlib.suppress(httpx.TransportError), httpx.Client() as http:
            while not stopped.is_set():
                made = http.post(f"{url}/_emulator/pages", json={"name": "Beta"}).json()
                pages.append(made["status_page"]["id"])

    adding = threading.Thread(target=add_pages)
    adding.start()
    while len(pages) < 20:
        time.sleep(0.01)
    first.kill()
    first.wait()
    stopped.set()
    adding.join()
    with contextlib.closing(Emulator(tmp_path / "state")) as again:
        listed = client_of(again).get("/v2/status_pages?page_size=250").json()["status_pages"]
        assert {page["id"] for page in listed} >= set(pages)


def test_without_its_packages_it_says_what_to_install(monkeypatch, capsys):
    for module in [name for name in sys.modules if name.startswith("statuspage_provider.emulator")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "flask", None)
    assert main(["emulator"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "pip install 'statuspage-provider[emulator]'" in said


def test_a_state_file_that_is_something_else_is_one_clear_line(tmp_path, capsys):
    file = tmp_path / "notes"
    file.write_text("notes\n")
    assert main(["emulator", "--state", str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_taken_port_is_one_clear_line(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["emulator", "--port", str(taken.getsockname()[1])]) == 1
    assert capsys.readouterr().err.startswith("statuspage: cannot listen on port ")
