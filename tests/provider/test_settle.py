"""`statuspage settle`: what a killed run left open is closed, what a human or automation minds is not."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from statuspage_provider.__main__ import main
from tests.support.command import faults
from tests.support.exported import HOSTILE, UPDATES, WORKED, exported, secret, work
from tests.support.page import Page
from tests.support.program import Program
from tests.support.statuspage_me import Account


def settle(page: Page, window: Program, monkeypatch: pytest.MonkeyPatch, **state: Any) -> int:
    return run(page, json.dumps(exported(window, **state)), monkeypatch)


def run(page: Page, text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("INCIDENT_ENDPOINT", page.url)
    monkeypatch.setenv("INCIDENT_API_KEY", "emulator-write")
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    return main(["settle", "-"])


def begin(page: Page, window: Program, message: str) -> None:
    page.tell(window, message, maintenance_status="maintenance_in_progress")


def test_a_window_that_a_killed_run_began_is_completed_once(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    window = page.maintenance()
    window.up()
    begun(page, window)
    assert settle(page, window, monkeypatch) == 0
    assert "“Upgrade” was left open and is now complete" in capsys.readouterr().out
    assert page.wrote() == [f"POST {UPDATES}"]
    assert settle(page, window, monkeypatch) == 0
    assert page.wrote() == []


@pytest.mark.parametrize("outside", ["start", "fail"])
def test_one_that_a_run_began_before_its_time_is_completed_as_well(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], outside: str
) -> None:
    window = page.maintenance()
    window.up()
    begun(page, window, minutes=30)
    hooks = {"before_update": [f"statuspage/window/1/{outside}/before"]}
    assert settle(page, window, monkeypatch, covered=[work("2026-03-01T13:10:00Z", resourceHooks=hooks)]) == 0
    # State takes it to be ahead: only where a run may begin it earlier, the page is asked.
    assert page.asked() == ([] if outside == "fail" else ["GET status_page_maintenances", f"POST {UPDATES}"])
    said = capsys.readouterr()
    assert ("“Upgrade” was left open and is now complete" in said.out) is (outside == "start")
    assert "STATUSPAGE_NOW is set: this run assumes that it is Sun 1 Mar 2026, 13:30" in said.err


def begun(page: Page, window: Program, minutes: int = 150) -> None:
    """The window as a run that was killed leaves it, this long after it was begun at one."""
    page.advance(hours=1)
    begin(page, window, "We upgrade.")
    page.advance(minutes=minutes)
    page.asked()


@pytest.mark.parametrize(
    ("stacks", "line"),
    [
        (["organization/project/test"], "“Upgrade” was left open and is now complete"),
        (
            ["organization/project/test", "organization/app/test"],
            "“Upgrade” stays open: whether the work of organization/app/test is done is not in this state",
        ),
    ],
    ids=["alone", "with another"],
)
def test_a_window_that_other_stacks_work_in_too_stays_open_with_a_line(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stacks: list[str], line: str
) -> None:
    window = page.maintenance()
    window.up()
    begun(page, window)
    root = {
        "urn": "urn:pulumi:test::project::pulumi:pulumi:Stack::project-test",
        "type": "pulumi:pulumi:Stack",
        "outputs": {"statuspage": {window.id: {"stacks": stacks}}},
    }
    assert settle(page, window, monkeypatch, covered=[root, work(WORKED)]) == 0
    assert line in capsys.readouterr().out
    assert bool(page.wrote()) is (len(stacks) == 1)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({"covered": [work("2026-03-01T12:59:59Z")]}, "work was not changed since it began"),
        ({"covered": [work(None)]}, "work was not changed since it began"),
        ({"covered": [work(WORKED), work("2026-02-01T00:00:00Z", "late")]}, "late was not changed since it began"),
        ({"covered": [work(WORKED, initErrors=["not ready"])]}, "work is not finished"),
        ({"covered": [work(WORKED), work(WORKED, delete=True)]}, "work is not finished"),
        ({"covered": []}, "nothing in the stack's state shows that its work is done"),
        ({"covered": [work(WORKED, window="other")]}, "nothing in the stack's state shows that its work is done"),
        (
            {"pending_operations": [{"resource": work(WORKED), "type": "updating"}]},
            "the change of work was interrupted",
        ),
        (
            {"covered": [], "pending_operations": [{"resource": work(None, "new"), "type": "creating"}]},
            "the change of new was interrupted",
        ),
    ],
)
@pytest.mark.parametrize("later", [0, 5], ids=["before its end", "after its end"])
def test_a_window_whose_work_may_not_be_done_stays_open_with_a_line(
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    state: dict[str, Any],
    why: str,
    later: int,
) -> None:
    window = page.maintenance()
    window.up()
    begun(page, window)
    page.advance(hours=later)
    assert settle(page, window, monkeypatch, **state) == 0
    assert page.wrote() == []
    line = f"“Upgrade” stays open: {why}. Run `pulumi up`, or complete it on the page"
    assert capsys.readouterr().out.splitlines()[-1] == line


@pytest.mark.parametrize(
    ("keys", "shown", "completed"),
    [
        (["message"], False, True),
        (["message"], True, True),
        (["start_at"], True, True),
        (["start_at", "message", "delete_message"], True, True),
        (["start_at", "message"], False, False),
        (["phase"], False, False),
        (["delete_message"], False, False),
    ],
)
def test_secrets_in_the_state_are_read_where_they_are_shown_and_keep_no_other_window_open(
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    keys: list[str],
    shown: bool,
    completed: bool,
) -> None:
    first, second = page.maintenance(delete_message="Over."), page.maintenance(idempotency_key="2", name="Second")
    for window in (first, second):
        window.up()
    page.advance(hours=1)
    begin(page, second, "We upgrade.")
    begin(page, first, "We upgrade.")
    page.advance(hours=3)
    state = exported(first, second, covered=[work(WORKED), work(WORKED, "other", "window1")])
    outputs = state["deployment"]["resources"][0]["outputs"]
    outputs |= {key: secret(outputs[key], shown) for key in keys}
    page.asked()
    code = run(page, json.dumps(state), monkeypatch)
    assert (code, page.wrote()) == ((0, [f"POST {UPDATES}"] * 2) if completed else (1, [f"POST {UPDATES}"]))
    said = capsys.readouterr()
    assert "“Second” was left open and is now complete" in said.out
    if not completed:
        hidden = ", ".join(key for key in keys if key != "message")
        assert faults(said.err) == (
            f"statuspage: window: {hidden} is a secret here: pass what `pulumi stack export --show-secrets` prints\n"
        )


def test_a_window_whose_name_is_a_secret_is_called_as_the_page_does(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    window = page.maintenance()
    window.up()
    begun(page, window, minutes=180)
    state = exported(window, covered=[work(WORKED)])
    outputs = state["deployment"]["resources"][0]["outputs"]
    outputs["name"] = secret("Upgrade", False)
    assert run(page, json.dumps(state), monkeypatch) == 0
    assert "“Upgrade” was left open and is now complete\n" in capsys.readouterr().out
    # Of one that is over nothing is needed.
    outputs |= {"phase": "complete", "start_at": secret("", False), "name": secret("", False)}
    page.asked()
    assert run(page, json.dumps(state), monkeypatch) == 0
    assert (faults(capsys.readouterr().err), page.asked()) == ("", [])


@pytest.mark.parametrize(("where", "value"), HOSTILE, ids=[f"{path[-1]} {value!r}"[:60] for path, value in HOSTILE])
def test_a_state_that_no_engine_wrote_is_one_line_and_posts_nothing(
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    where: list[str | int],
    value: object,
) -> None:
    window = page.maintenance()
    window.up()
    begun(page, window)
    state: Any = exported(window)
    part = state
    for key in where[:-1]:
        part = part[key]
    part[where[-1]] = value
    assert run(page, json.dumps(state), monkeypatch) in (1, 2)
    assert page.wrote() == []
    said = faults(capsys.readouterr().err)
    assert said.endswith("\n")
    assert said[:-1].isprintable()


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


@pytest.mark.parametrize(("text", "code"), [("{}", 2), ("no json", 2), ("[]", 2), ("[" * 100_000, 2), ("null", 2)])
def test_what_is_no_exported_stack_is_refused_in_one_line(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, code: int
) -> None:
    assert run(page, text, monkeypatch) == code
    error = faults(capsys.readouterr().err).strip()
    assert error
    assert "\n" not in error


def test_a_window_on_statuspage_me_ends_by_its_times_whatever_was_killed(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STATUSPAGEME_ENDPOINT", page.url)
    monkeypatch.setenv("STATUSPAGEME_API_KEY", "spk_emulator-write")
    me = Account(page)
    window = me.window()
    window.up()
    page.advance(hours=3)
    me.asked()
    assert settle(page, window, monkeypatch) == 0
    assert me.asked() == ["GET maintenance"]


def test_a_window_that_is_over_needs_neither_a_key_nor_a_service_that_is_known(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    over, open_ = page.maintenance(idempotency_key="over"), page.maintenance()
    for window in (over, open_):
        window.up()
    state = exported(over, open_)
    state["deployment"]["resources"][0]["outputs"] |= {"service": "acme", "phase": "complete"}
    assert run(page, json.dumps(state), monkeypatch) == 0
    state["deployment"]["resources"][0]["outputs"]["phase"] = "in_progress"
    assert run(page, json.dumps(state), monkeypatch) == 1
    assert 'service: "acme" is not one of' in faults(capsys.readouterr().err)
