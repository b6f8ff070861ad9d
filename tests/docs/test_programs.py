"""The programs in the docs compile, what they declare is accepted, and the first ones really run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from statuspage_provider.emulator import Emulator
from tests.support import readme
from tests.support.markdown import PAGES, ROOT, Page
from tests.support.page import Page as Emulated
from tests.support.program import Program
from tests.support.stack import Stack

PROGRAMS = [
    pytest.param(block.text, id=f"{page.name}-{number}")
    for page in map(Page, PAGES)
    for number, block in enumerate(page.blocks)
    if block.language == "python"
]
SNIPPETS = [block.text for page in map(Page, PAGES) for block in page.blocks if "statuspage.StatusPage" in block.text]


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_compiles(program: str) -> None:
    compile(program, "<docs>", "exec")


@pytest.fixture(scope="module")
def declared() -> list[list[dict[str, Any]]]:
    """What each program of ours declares, run with the SDK's mocks and real look-ups."""
    with Emulator().serve() as served:
        settings = {"INCIDENT_ENDPOINT": served.url, "INCIDENT_API_KEY": "emulator-read"}
        ran = subprocess.run(
            [sys.executable, "-m", "tests.support.mocked"],
            input=json.dumps(SNIPPETS),
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, **settings, "PYTHONPATH": str(readme.FOLDER)},
        )
    assert ran.returncode == 0, ran.stderr
    resources: list[list[dict[str, Any]]] = json.loads(ran.stdout)
    return resources


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_what_each_program_declares_is_accepted(
    declared: list[list[dict[str, Any]]], page: Emulated, number: int
) -> None:
    ours = [one for one in declared[number] if "/statuspage:" in one["type"]]
    assert ours
    for one in ours:
        if one["id"]:
            continue  # only read
        kinds = {"Maintenance": page.maintenance, "RetrospectiveIncident": page.retrospective}
        program: Program = kinds.get(one["type"].rpartition("StatusPage")[2], page.incident)()
        program.inputs = one["inputs"]
        assert program.preview() == "create"


def test_the_test_of_the_docs_passes_for_the_program_that_it_is_of(tmp_path: Path) -> None:
    program, test = Page("docs/covering.md").blocks[0].text, Page("docs/testing.md").blocks[0].text
    (tmp_path / "infrastructure").mkdir()
    (tmp_path / "infrastructure" / "__main__.py").write_text(program)
    (tmp_path / "test_infrastructure.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert "1 passed" in ran.stdout, ran.stdout


@pytest.mark.engine
def test_the_program_of_the_readme_does_what_the_readme_says(tmp_path: Path) -> None:
    emulator = Emulator()
    before, inside = "2027-03-01T12:00:00+00:00", "2027-03-06T21:10:00+00:00"
    emulator.set_clock(datetime.fromisoformat(before))
    with emulator.serve() as served:
        stack = readme.deployed(tmp_path, served.url, before)
        stack.write(readme.PROGRAM)
        assert "orders: held: " in stack.preview().stdout
        assert written(emulator) == []
        stack.up()
        announced = ["POST /v2/status_page_maintenances"]
        assert (written(emulator), version(stack)) == (announced, "16")
        emulator.set_clock(datetime.fromisoformat(inside))
        stack.env["STATUSPAGE_NOW"] = inside
        stack.up()
        told = [*announced, "POST /v2/status_page_maintenance_updates"]
        assert (written(emulator), version(stack)) == (told, "17")
        assert stack.up().changes == {"same": 2}
        assert stack.destroy().changes == {"delete": 2}
        assert written(emulator) == told
        assert [one["status"] for one in emulator.notices] == [
            "maintenance_scheduled",
            "maintenance_in_progress",
            "maintenance_complete",
        ]


def version(stack: Stack) -> str:
    return str(stack.resource("orders")["outputs"]["version"])


@pytest.mark.engine
def test_the_programs_of_getting_started_do_what_it_says(tmp_path: Path) -> None:
    first, releases, more = (
        block.text for block in Page("docs/getting-started.md").blocks if block.language == "python"
    )
    emulator = Emulator()
    with emulator.serve() as served:
        settings = {"INCIDENT_ENDPOINT": served.url, "INCIDENT_API_KEY": "emulator-write"}
        stack = Stack(tmp_path, program=first, env=settings)
        (tmp_path / "releases.py").write_text(releases)
        stack.init()
        assert stack.up().changes == {"create": 1}
        assert stack.up().changes == {"same": 1}
        # A minute is not waited for here: the window begins at once.
        stack.write(first.replace('"+1h"', '"now"') + more)
        stack.up()
        assert (tmp_path / "release.txt").read_text() == "1.1"
        assert stack.up().changes == {"same": 2}
        assert [line.split()[0] for line in written(emulator)] == ["POST", "PUT", "POST"], "announced, moved, ended"
        assert emulator.notices == []


def written(emulator: Emulator) -> list[str]:
    return [f"{one['method']} {one['path']}" for one in emulator.requests if one["method"] != "GET"]
