"""The programs in the docs compile, what they declare is accepted, and the one of the README really runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from statuspage_provider.emulator import Emulator
from tests.support.markdown import PAGES, ROOT, Page
from tests.support.page import Page as Emulated
from tests.support.program import Program
from tests.support.stack import Stack

README = Page("README.md")
PROGRAMS = [
    pytest.param(block.text, id=f"{page.name}-{number}")
    for page in map(Page, PAGES)
    for number, block in enumerate(page.blocks)
    if block.language == "python"
]
SNIPPETS = [block.text for page in map(Page, PAGES) for block in page.blocks if "statuspage.StatusPage" in block.text]
MAIN = README.blocks[0].text
PREVIEW = README.blocks[1].text


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
            env={**os.environ, **settings},
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
def test_the_program_of_the_readme_gives_the_preview_of_the_readme_and_runs_once(tmp_path: Path) -> None:
    emulator = Emulator()
    with emulator.serve() as served:
        settings = {"INCIDENT_ENDPOINT": served.url, "INCIDENT_API_KEY": "emulator-write"}
        stack = Stack(tmp_path, program=MAIN, env={**settings, "STATUSPAGE_NOW": "2027-03-01T12:00:00Z"})
        stack.init()
        previewed = stack.preview("--diff").stdout.splitlines()
        assert written(emulator) == []
        kept = iter(previewed)
        missing = [line for line in PREVIEW.splitlines() if line not in kept]  # in this order, lines left out
        assert not missing, "\n".join(previewed)
        assert stack.up().changes == {"create": 1}
        assert written(emulator) == ["POST /v2/status_page_maintenances"]
        assert stack.up().changes == {"same": 1}
        assert written(emulator) == ["POST /v2/status_page_maintenances"]
        assert stack.destroy().changes == {"delete": 1}


def written(emulator: Emulator) -> list[str]:
    return [f"{one['method']} {one['path']}" for one in emulator.requests if one["method"] != "GET"]
