"""`statuspage settle`: what a killed run left open is closed, what a human or automation minds is not."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from statuspage_provider.__main__ import main
from statuspage_provider.settle import MAINTENANCE
from tests.provider.conftest import Page
from tests.provider.program import Program

UPDATES = "status_page_maintenance_updates"


def settle(page: Page, window: Program, monkeypatch: pytest.MonkeyPatch) -> int:
    state = {"deployment": {"resources": [{"type": MAINTENANCE, "id": window.id, "outputs": window.outs}]}}
    return run(page, json.dumps(state), monkeypatch)


def run(page: Page, text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("INCIDENT_ENDPOINT", page.url)
    monkeypatch.setenv("INCIDENT_API_KEY", "emulator-write")
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    return main(["settle", "-"])


def begin(page: Page, window: Program, message: str) -> None:
    body: dict[str, Any] = {"status_page_maintenance_id": window.id, "message": message, "notify_subscribers": False}
    page.human("POST", UPDATES, **body, maintenance_status="maintenance_in_progress")


def test_a_window_that_a_killed_run_began_is_completed_once(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    window = page.maintenance()
    window.up()
    begin(page, window, "We upgrade.")
    page.advance(hours=3)
    page.asked()
    assert settle(page, window, monkeypatch) == 0
    assert "“Upgrade” was left open and is complete now" in capsys.readouterr().out
    assert page.wrote() == [f"POST {UPDATES}"]
    assert settle(page, window, monkeypatch) == 0
    assert page.wrote() == []


@pytest.mark.parametrize(("hours", "written"), [(3, []), (5, [f"POST {UPDATES}"])], ids=["before its end", "after it"])
def test_a_window_that_a_human_began_is_theirs_until_its_end(
    page: Page, monkeypatch: pytest.MonkeyPatch, hours: int, written: list[str]
) -> None:
    window = page.maintenance()
    window.up()
    begin(page, window, "A human begins.")
    page.advance(hours=hours)
    page.asked()
    settle(page, window, monkeypatch)
    assert page.wrote() == written


def test_what_automation_closes_and_what_has_not_begun_is_left_alone(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = page.maintenance()
    window.up()
    page.asked()
    settle(page, window, monkeypatch)
    assert page.asked() == []
    page.advance(hours=3)
    settle(page, window, monkeypatch)
    assert page.wrote() == []


@pytest.mark.parametrize(("text", "code"), [("{}", 1), ("no json", 2), ("[]", 1)])
def test_what_is_no_exported_stack_is_refused_in_one_line(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, code: int
) -> None:
    assert run(page, text, monkeypatch) == code
    error = capsys.readouterr().err.strip()
    assert error
    assert "\n" not in error
