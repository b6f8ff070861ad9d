"""The rules as a policy pack, run by the engine itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.job import Job

pytestmark = pytest.mark.engine

PACK = """
from statuspage_provider.summary.policy import policy_pack

policy_pack({"longest_window": "4h", "freeze": ["2026-12-20/2027-01-02"]})
"""


@pytest.fixture
def pack(tmp_path: Path) -> str:
    folder = tmp_path / "pack"
    folder.mkdir()
    # Its Python is named, as in a pack with a virtual environment of its own.
    virtualenv = f"runtime:\n  name: python\n  options:\n    virtualenv: {sys.prefix}\n"
    (folder / "PulumiPolicy.yaml").write_text(f"description: Windows\n{virtualenv}")
    (folder / "__main__.py").write_text(PACK)
    return str(folder)


def test_a_window_that_follows_the_rules_is_announced(job: Job, pack: str) -> None:
    job.window()
    previewed = job.stack.preview("--policy-pack", pack)
    assert "✅ statuspage@v" in previewed.output, previewed
    announced = job.stack.up("--policy-pack", pack)
    assert (previewed.errors, announced.errors) == ([], [])
    assert job.wrote() == ["POST status_page_maintenances"]


def test_a_window_that_breaks_rules_is_refused_with_a_line_for_each(job: Job, pack: str) -> None:
    job.window(duration="5h", start_at="2026-12-24T14:00:00Z")
    for refused in (
        job.stack.preview("--policy-pack", pack, check=False),
        job.stack.up("--policy-pack", pack, check=False),
    ):
        assert refused.code != 0
        assert "❌ statuspage@v" in refused.output, refused
        lines = [line.strip() for line in refused.output.splitlines()]
        assert (
            "window: longest_window: it is 4h, but the window takes 5h. Make it shorter, or split it in two" in lines
        ), refused
        assert any(line.startswith("window: freeze: 2026-12-20 to 2027-01-02 is frozen") for line in lines), refused
        assert "failed to run policy" not in refused.output, refused
    assert job.wrote() == []
