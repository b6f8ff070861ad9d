"""`make demo`, as a new user runs it: it ends well, and the README shows what it prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.markdown import ROOT, Page

pytestmark = pytest.mark.engine


def test_the_demo_ends_well_and_shows_what_the_readme_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "demo", tmp_path / "demo", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("__main__.py", "Pulumi.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    ran = subprocess.run(
        [sys.executable, "-m", "demo"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    # Where the program stood when Pulumi interrupted it is Pulumi's own to show.
    frames = re.findall(r'File "(.*?)", line', ran.stdout + ran.stderr)
    assert [file for file in frames if "statuspage_provider" in file or str(tmp_path) in file] == []
    shown = [block.text for block in Page("README.md").blocks if "the page says" in block.text]
    assert [timeless(text) in timeless(ran.stdout) for text in shown] == [True]
    upgraded = re.findall(r"the database is at schema (\d)", ran.stdout)
    assert upgraded == ["1", "2", "2"], "refused, applied, held"


def timeless(text: str) -> str:
    """Dates left out, and the second in which something happened."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "<moment>", text)
