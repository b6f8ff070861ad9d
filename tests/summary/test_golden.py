"""Summaries that were looked at, one for each plan. `GOLDEN=write` in the environment writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from statuspage_provider.summary.markdown import MARKER
from statuspage_provider.summary.report import report
from tests.support.page import Page
from tests.support.plans import PLANS

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", PLANS)
def test_the_summary_of_a_plan_is_as_it_was_looked_at(
    page: Page, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = PLANS[name](page)
    monkeypatch.chdir(tmp_path)
    page.asked()
    shown = report(text, page.now, time_zones=["Europe/Berlin"]).text
    assert page.asked() == []
    file = GOLDEN / f"{name}.md"
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(shown)
    assert shown == file.read_text()
    assert shown.startswith(MARKER)
    assert shown.count(MARKER) == 1
    assert "hunter2" not in shown


def test_every_summary_that_is_kept_has_its_plan() -> None:
    assert {file.stem for file in GOLDEN.glob("*.md")} == set(PLANS)
