"""The commands beside the emulator's, as a shell meets them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from statuspage_provider.__main__ import main
from statuspage_provider.emulator import Emulator


def test_a_reader_that_has_seen_enough_is_no_traceback() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "-m", "statuspage_provider", "list"]
    with Emulator().serve() as served:
        environment = {**os.environ, "INCIDENT_ENDPOINT": served.url, "INCIDENT_API_KEY": "emulator-read"}
        ran = subprocess.run(command, env=environment, stdout=writes, stderr=subprocess.PIPE, text=True)
    os.close(writes)
    assert (ran.returncode, ran.stderr) == (1, "")


@pytest.mark.parametrize("port", ["x", "-1", "99999"])
def test_what_is_no_port_is_one_line(capsys: pytest.CaptureFixture[str], port: str) -> None:
    with pytest.raises(SystemExit):
        main(["emulator", f"--port={port}"])
    assert f"argument --port: {port} is not a port: use a number from 0 to 65535" in capsys.readouterr().err
