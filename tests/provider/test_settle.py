"""`statuspage settle`: what a killed run left open is closed, what a human or automation minds is not."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from statuspage_provider.__main__ import main
from statuspage_provider.commands.exported_state import MAINTENANCE
from tests.provider.conftest import Page
from tests.provider.program import Program

UPDATES = "status_page_maintenance_updates"


def work(modified: str | None, name: str = "work", window: str = "window", **state: Any) -> dict[str, Any]:
    """A covered resource, as the engine exports it."""
    hooks = {
        "before_update": [f"statuspage/{window}/1/fail/before"],
        "on_error": [f"statuspage/{window}/1/fail/failed"],
    }
    urn = f"urn:pulumi:test::project::test:index:Work::{name}"
    return {"urn": urn, "type": "test:index:Work", "id": "1", "modified": modified, "resourceHooks": hooks, **state}


WORKED = "2026-03-01T14:30:00.5Z"


def exported(*windows: Program, covered: list[dict[str, Any]] | None = None, **deployment: Any) -> dict[str, Any]:
    """The state of windows that are named window, window1, … and of what they cover."""
    resources = [
        {
            "urn": f"urn:pulumi:test::project::{MAINTENANCE}::window{number or ''}",
            "type": MAINTENANCE,
            "id": window.id,
            "outputs": dict(window.outs),
        }
        for number, window in enumerate(windows)
    ]
    covered = [work(WORKED)] if covered is None else covered
    return {"version": 3, "deployment": {"resources": [*resources, *covered], **deployment}}


def settle(page: Page, window: Program, monkeypatch: pytest.MonkeyPatch, **state: Any) -> int:
    return run(page, json.dumps(exported(window, **state)), monkeypatch)


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
    begun(page, window)
    assert settle(page, window, monkeypatch) == 0
    assert "“Upgrade” was left open and is now complete" in capsys.readouterr().out
    assert page.wrote() == [f"POST {UPDATES}"]
    assert settle(page, window, monkeypatch) == 0
    assert page.wrote() == []


def begun(page: Page, window: Program) -> None:
    """The window as a run that was killed leaves it, an hour after its work was done."""
    page.advance(hours=1)
    begin(page, window, "We upgrade.")
    page.advance(hours=2, minutes=30)
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


def secret(plain: object, shown: bool) -> dict[str, str]:
    text = json.dumps(plain)
    mark = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    return {**mark, **({"plaintext": text} if shown else {"ciphertext": "AAABAI4h"})}


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
        assert said.err == (
            f"statuspage: window: {hidden} is a secret here: pass what `pulumi stack export --show-secrets` prints\n"
        )


HOSTILE: list[tuple[list[str | int], object]] = [
    (["deployment"], 7),
    (["deployment", "resources"], "none"),
    (["deployment", "resources", 0], []),
    (["deployment", "resources", 0, "urn"], None),
    (["deployment", "resources", 0, "id"], {"a": 1}),
    (["deployment", "resources", 0, "outputs"], ["a"]),
    (["deployment", "resources", 0, "outputs", "phase"], "gone"),
    (["deployment", "resources", 0, "outputs", "start_at"], 5),
    (["deployment", "resources", 0, "outputs", "start_at"], "99999-01-01T00:00:00Z"),
    (["deployment", "resources", 0, "outputs", "end_at"], "0001-01-01T00:00:00+14:00"),
    (["deployment", "resources", 0, "outputs", "end_at"], None),
    (["deployment", "resources", 0, "outputs", "message"], {"4dabf18193072939515e22adb298388d": 1}),
    (["deployment", "resources", 0, "outputs", "delete_message"], secret([1], True)),
    (["deployment", "resources", 0, "outputs", "delete_message"], secret("x", True) | {"plaintext": "["}),
    (["deployment", "resources", 0, "outputs", "notify_subscribers"], 7),
    (["deployment", "resources", 0, "outputs", "start_at"], "\n" * 200_000),
    (["deployment", "resources", 0, "outputs", "end_at"], "\x1b[31m\ud800\u202e"),
    (["deployment", "resources", 1, "modified"], "yesterday"),
    (["deployment", "resources", 1, "resourceHooks"], {"before_update": 1}),
    (["deployment", "pending_operations"], {"a": 1}),
]


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
    said = capsys.readouterr().err
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
    error = capsys.readouterr().err.strip()
    assert error
    assert "\n" not in error
