"""On a real engine: a key in stack config without --secret is warned of, and the command that is named mends it."""

from __future__ import annotations

from pathlib import Path

import pytest

from statuspage_provider.emulator import Emulator
from tests.support.stack import Stack

pytestmark = pytest.mark.engine

PROGRAM = """
import statuspage_provider as statuspage

for name in ("one", "two"):
    statuspage.StatusPageIncident(name, status_page_id="{page}", name=name, message="We look.")
"""


def test_a_key_without_secret_is_warned_of_at_each_run_until_the_named_command_is_run(tmp_path: Path) -> None:
    emulator = Emulator()
    with emulator.serve() as served:
        stack = Stack(tmp_path, program=PROGRAM.format(page=emulator.page_id), env={"INCIDENT_ENDPOINT": served.url})
        stack.init()
        stack.run("config", "set", "--plaintext", "incident:apiKey", "emulator-write")
        for run in (stack.preview, stack.up):
            (warning,) = [text for severity, text in run().diagnostics if severity == "warning"]
            assert warning.startswith("incident:apiKey is set as plain text")
            assert "Run: pulumi config set --secret incident:apiKey." in warning
            assert "emulator-write" not in warning
        assert "emulator-write" in stack.run("stack", "export").stdout
        stack.run("config", "set", "--secret", "incident:apiKey", "emulator-write")
        assert [text for severity, text in stack.up().diagnostics if severity == "warning"] == []
        assert "emulator-write" not in stack.run("stack", "export").stdout
        stack.destroy()
