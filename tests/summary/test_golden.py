"""Summaries that were looked at, one for each plan. `GOLDEN=write` in the environment writes them anew."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from statuspage_provider.summary.markdown import GITHUB, PLAIN, Flavour
from statuspage_provider.summary.report import report
from tests.support.page import Page
from tests.support.plans import PLANS, previewed

GOLDEN = Path(__file__).parent / "golden"


# Of these the plain Markdown too: what it has in other forms, and a text that tries to break out.
PLAINLY = [
    "several-windows-and-an-incident",
    "covered-change-that-would-fail",
    "program-that-failed",
    "nothing-to-announce",
    "window-with-a-hostile-text",
]


@pytest.fixture
def summarised(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Flavour], str]:
    def summarise(name: str, flavour: Flavour) -> str:
        text, now = previewed(page)[name]
        monkeypatch.chdir(tmp_path)
        page.asked()
        shown = report(text, now, form=_FORMS[flavour], time_zones=["Europe/Berlin"]).text
        assert page.asked() == []
        return shown

    return summarise


_FORMS: dict[Flavour, Literal["markdown", "plain-markdown"]] = {GITHUB: "markdown", PLAIN: "plain-markdown"}
KEPT = [
    *((name, GITHUB, f"{name}.md") for name in PLANS),
    *((name, PLAIN, f"{name}.plain.md") for name in PLAINLY),
]


@pytest.mark.parametrize(("name", "flavour", "kept"), KEPT, ids=[kept for *_, kept in KEPT])
def test_the_summary_of_a_plan_is_as_it_was_looked_at(
    summarised: Callable[[str, Flavour], str], name: str, flavour: Flavour, kept: str
) -> None:
    shown, file = summarised(name, flavour), GOLDEN / kept
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(shown)
    assert shown == file.read_text()
    assert shown.startswith(flavour.marker)
    assert shown.count(flavour.marker) == 1
    assert "hunter2" not in shown


def test_plain_markdown_has_neither_a_chart_nor_a_box_nor_html(summarised: Callable[[str, Flavour], str]) -> None:
    for name in PLANS:
        shown = summarised(name, PLAIN)
        assert "mermaid" not in shown, name
        assert not re.search(r"\[!\w+\]|<[/!?A-Za-z]", shown), name
        assert "\n|  |  |\n" not in shown, f"{name}: a table without a head is none everywhere"


def test_every_summary_that_is_kept_has_its_plan() -> None:
    assert {file.name for file in GOLDEN.glob("*.md")} == {kept for *_, kept in KEPT}
