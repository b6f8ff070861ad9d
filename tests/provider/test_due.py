"""`statuspage due`: whether a window is open that `pulumi up` is to be run in, for a shell's `if`."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from statuspage_provider.__main__ import main
from statuspage_provider.covering.hook_names import record_name
from statuspage_provider.emulator import Emulator
from statuspage_provider.engine_formats import WINDOW as MAINTENANCE
from statuspage_provider.services import transport
from tests.support import exported as states
from tests.support.command import faults
from tests.support.exported import HOSTILE, secret, work
from tests.support.page import URL, Page
from tests.support.program import Program
from tests.support.statuspage_me import Account

pytestmark = pytest.mark.usefixtures("utc")

DUE, NOT_DUE, UNTOLD = 0, 1, 2
LOOK = ["GET status_page_maintenances"]


class Asked:
    """`statuspage due -` on a state, as a shell runs it. A key that may only read is enough."""

    def __init__(
        self, page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
    ) -> None:
        self.page, self._patch, self._capsys, self._folder = page, monkeypatch, capsys, folder
        self.key: str | None = "emulator-read"
        self.endpoint = page.url

    def __call__(self, state: object, *args: str) -> int:
        return self.on([state], *args)

    def on(self, states: list[object], *args: str) -> int:
        """The same on several states: the first comes by standard input."""
        first, *more = [state if isinstance(state, str) else json.dumps(state) for state in states]
        files = [self._folder / f"{number}.json" for number in range(len(more))]
        for file, text in zip(files, more, strict=True):
            file.write_text(text)
        self.page.asked()
        self._capsys.readouterr()
        with self._patch.context() as patch:
            patch.setenv("INCIDENT_ENDPOINT", self.endpoint)
            if self.key is not None:
                patch.setenv("INCIDENT_API_KEY", self.key)
            patch.setattr("sys.stdin", io.StringIO(first))
            code = main(["due", *args, "-", *map(str, files)])
        self.out, self.err = self._capsys.readouterr()
        self.err = faults(self.err)
        self.requests = self.page.asked()
        return code

    def json(self, state: object, *args: str) -> Any:
        self(state, "--json", *args)
        return json.loads(self.out)


@pytest.fixture
def due(page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Asked:
    return Asked(page, monkeypatch, capsys, tmp_path)


def announced(page: Page, **inputs: Any) -> Program:
    """A window from 14:00 to 16:00. It is 12:00."""
    window = page.maintenance(**inputs)
    window.up()
    return window


def exported(*windows: Program, covered: list[dict[str, Any]] | None = None, **deployment: Any) -> dict[str, Any]:
    """The state of windows of which each covers something, but where nothing is covered."""
    state = states.exported(*windows, covered=covered, **deployment)
    for resource in state["deployment"]["resources"] if covered != [] else []:
        if resource["type"] == MAINTENANCE:
            resource["resourceHooks"] = {"after_update": [record_name("window", ["work"])]}
    return state


def published(page: Page, window: Program, status: str) -> None:
    page.tell(window, maintenance_status=f"maintenance_{status}")


# what the clock tells, and what the page


def test_a_window_that_runs_on_though_its_declared_end_has_passed_is_due(page: Page, due: Asked) -> None:
    window = announced(page)
    page.advance(hours=3)
    window.edit(duration="30m").up()
    page.asked()
    assert due(exported(window)) == DUE
    assert due.out.startswith("due: “Upgrade” is open until Sun 1 Mar 2026, 16:00 UTC")
    assert due.requests == LOOK


@pytest.mark.parametrize(
    ("hours", "code", "asked", "line"),
    [
        (0, NOT_DUE, [], "next: “Upgrade” opens Sun 1 Mar 2026, 14:00 UTC, in 2 h"),
        (1.999, NOT_DUE, [], "next: “Upgrade” opens Sun 1 Mar 2026, 14:00 UTC, in 4 s"),
        (2, DUE, LOOK, "due: “Upgrade” is open until Sun 1 Mar 2026, 16:00 UTC; it covers work"),
        (3.999, DUE, LOOK, "due: “Upgrade” is open until Sun 1 Mar 2026, 16:00 UTC; it covers work"),
        (4, NOT_DUE, [], "not due: no window is open or ahead"),
        (100, NOT_DUE, [], "not due: no window is open or ahead"),
    ],
)
def test_a_window_is_due_from_its_start_to_its_end_and_read_once_only_then(
    due: Asked, page: Page, hours: float, code: int, asked: list[str], line: str
) -> None:
    state = exported(announced(page))
    page.advance(hours=hours)
    assert due(state) == code
    assert (due.requests, due.out, due.err) == (asked, f"{line}\n", "")


@pytest.mark.parametrize("automated", [True, False])
def test_a_window_is_not_due_any_more_once_it_is_complete_on_the_page(due: Asked, page: Page, automated: bool) -> None:
    window = announced(page, automate_maintenance_status=automated)
    page.advance(hours=2)
    assert due(exported(window)) == DUE
    published(page, window, "in_progress")
    assert due(exported(window)) == DUE
    published(page, window, "complete")
    assert window.outs["phase"] == "scheduled"
    assert due(exported(window)) == NOT_DUE
    assert (due.requests, due.out.splitlines()[0]) == (LOOK, "not due: “Upgrade” is complete")
    # Once a refresh has told the state, nobody is asked.
    window.refresh()
    assert due(exported(window)) == NOT_DUE
    assert due.requests == []


def test_what_people_did_on_the_page_counts_within_the_recorded_times(due: Asked, page: Page) -> None:
    window = announced(page)
    page.move(window, "2026-03-01T14:30:00Z", "2026-03-01T17:00:00Z")
    page.advance(hours=2)
    assert due(exported(window)) == NOT_DUE
    assert due.out.splitlines() == [
        "not due: “Upgrade” opens Sun 1 Mar 2026, 14:30 UTC, in 30 min",
        "next: “Upgrade” opens Sun 1 Mar 2026, 14:30 UTC, in 30 min",
    ]
    page.advance(minutes=30)
    assert due(exported(window)) == DUE
    # What was announced ends at four, and the state knows of no other end: after it nothing begins without a hand.
    page.advance(hours=2)
    assert due(exported(window)) == NOT_DUE
    assert due.requests == []
    window.refresh()
    assert due(exported(window)) == DUE


def test_a_window_that_was_begun_early_is_due_once_the_state_knows_it(due: Asked, page: Page) -> None:
    window = announced(page)
    page.advance(hours=1)
    published(page, window, "in_progress")
    assert due(exported(window)) == NOT_DUE
    assert due.requests == []
    window.refresh()
    assert due(exported(window)) == DUE
    due.key = None
    assert due(exported(window)) == NOT_DUE


def test_a_window_that_is_gone_from_the_page_is_not_due(due: Asked, page: Page) -> None:
    window = announced(page)
    page.human("DELETE", f"status_page_maintenances/{window.id}")
    page.advance(hours=2)
    assert due(exported(window)) == NOT_DUE
    assert "not due: “Upgrade” is no longer on the page" in due.out


# without a key, and where the page is down


@pytest.mark.parametrize("key", [None, "", "  \n"])
def test_without_a_key_the_clock_answers_and_says_that_the_page_was_not_asked(
    due: Asked, page: Page, key: str | None
) -> None:
    due.key, state = key, exported(announced(page))
    assert due(state) == NOT_DUE
    assert "not asked" not in due.out
    page.advance(hours=2)
    assert due(state) == DUE
    assert due.requests == []
    assert due.out == (
        "due: “Upgrade” is open until Sun 1 Mar 2026, 16:00 UTC, by the clock: the page was not asked, for want of a "
        "key; it covers work\n"
    )
    assert due.json(state)["windows"][0]["asked"] is False
    page.advance(hours=2)
    assert due(state) == NOT_DUE


def test_a_page_that_is_down_starts_no_run_and_is_asked_for_one_window_only(
    due: Asked, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "PATIENCE_S", 0.0)
    state = exported(announced(page), announced(page, idempotency_key="2"))
    assert due(state) == NOT_DUE
    page.advance(hours=2)
    page.emulator.fault(kind="status:503", times=1000)
    assert due(state) == UNTOLD
    assert (due.out, due.requests) == ("", LOOK)
    first, second = due.err.splitlines()
    assert first.startswith("statuspage: window: incident.io answered 503")
    assert second.startswith("statuspage: window1: incident.io answered 503")
    answer = due.json(state)
    assert (answer["due"], [window["due"] for window in answer["windows"]]) == (None, [None, None])


def test_a_key_that_is_not_valid_cannot_tell(due: Asked, page: Page) -> None:
    state = exported(announced(page), announced(page, idempotency_key="2"))
    due.key = "wrong-key"
    page.advance(hours=2)
    assert due(state) == UNTOLD
    assert due.requests == LOOK
    assert "The API key is not valid" in due.err
    assert "wrong-key" not in due.out + due.err


def test_a_window_that_is_due_is_due_whatever_is_wrong_with_another(due: Asked, page: Page) -> None:
    state = exported(announced(page), announced(page, idempotency_key="2"))
    state["deployment"]["resources"][0]["outputs"]["start_at"] = secret("2026-03-01T14:00:00Z", False)
    page.advance(hours=2)
    assert due(state) == DUE
    assert due.out.startswith("due: “Upgrade” is open")
    assert due.err == (
        "statuspage: window: start_at is a secret here: pass what `pulumi stack export --show-secrets` prints\n"
    )


# what counts


def test_what_a_window_covers_is_told_from_the_hooks_in_the_state(due: Asked, page: Page) -> None:
    window = announced(page)
    page.advance(hours=2)
    covered = [work(None), work(None, "more"), work(None, "theirs", "other"), work(None, "read", external=True)]
    interrupted = [{"resource": work(None, "new"), "type": "creating"}]
    state = exported(window, covered=covered, pending_operations=interrupted)
    assert due.json(state)["windows"][0]["covers"] == ["more", "new", "work"]


def test_a_window_that_only_announces_is_never_due(due: Asked, page: Page) -> None:
    state = exported(announced(page), covered=[])
    page.advance(hours=2)
    assert due(state) == NOT_DUE
    assert due.out == "not due: no window is open or ahead\n"
    assert due.requests == []


def test_what_is_covered_and_new_is_known_from_the_record_beside_the_window(due: Asked, page: Page) -> None:
    state = exported(announced(page), covered=[])
    hooks = state["deployment"]["resources"][0].setdefault("resourceHooks", {})
    hooks["after_update"] = [record_name("window", ["new", "old"])]
    page.advance(hours=2)
    assert due(state) == DUE
    assert due.out.endswith("; it covers new, old\n")


def test_a_window_of_another_stack_counts_and_one_that_is_about_to_be_deleted_does_not(due: Asked, page: Page) -> None:
    state = exported(announced(page))
    window = state["deployment"]["resources"][0]
    page.advance(hours=2)
    window["external"] = True
    assert due(state) == DUE
    window |= {"external": False, "delete": True}
    assert due(state) == NOT_DUE
    assert due.requests == []


def test_a_window_that_stands_in_the_state_twice_is_read_once(due: Asked, page: Page) -> None:
    window = announced(page)
    page.advance(hours=2)
    assert due(exported(window, window)) == DUE
    assert due.requests == LOOK


def test_a_stack_without_windows_is_not_due(due: Asked) -> None:
    assert due({"version": 3, "deployment": {}}) == NOT_DUE
    assert due.out == "not due: no window is open or ahead\n"


def test_the_window_that_opens_next_is_the_earliest_that_is_still_ahead(due: Asked, page: Page) -> None:
    windows = [
        announced(page, idempotency_key=f"{day}", name=f"Day {day}", start_at=f"2026-03-0{day}T14:00:00Z")
        for day in (4, 2, 3, 1)
    ]
    cancelled = windows[1]
    published(page, cancelled, "complete")
    cancelled.refresh()
    state = exported(*windows)
    assert due.json(state)["next"]["title"] == "Day 1"
    page.advance(hours=2)
    assert due(state) == DUE
    assert due.out.splitlines()[1] == "next: “Day 3” opens Tue 3 Mar 2026, 14:00 UTC, in 2 d"


# a window that several stacks share

OWNER, APP, WEB = "acme/project/test", "acme/app/prod", "acme/web/prod"
OWNER_IS_DONE = f"“Upgrade” is open until Sun 1 Mar 2026, 16:00 UTC; {OWNER} is done in it"


def shared(
    window: Program, stack: str, *, done: bool | None, stacks: list[str] | None = None, found: bool = True, **mark: Any
) -> dict[str, Any]:
    """The state of a stack that works under a window of several: `done` is None where none of its runs recorded it."""
    _, project, name = stack.split("/")
    state = exported(*[window] if found else [], covered=None if found else [])
    kept = {} if done is None else {window.id: {"stacks": stacks or [OWNER, APP]}}
    if done:
        kept[window.id] |= {"done_at": "2026-03-01T14:00:00Z", "changed": True, "guards_deletions": False, **mark}
    outputs = {"statuspage": kept} if kept else {}
    root = {"urn": "urn:pulumi:test::project::pulumi:pulumi:Stack::root", "type": "pulumi:pulumi:Stack"}
    state["deployment"]["resources"].insert(0, {**root, "outputs": outputs})
    moved: dict[str, Any] = json.loads(
        json.dumps(state).replace("urn:pulumi:test::project", f"urn:pulumi:{name}::{project}")
    )
    return moved


def test_a_stack_that_is_done_is_not_due_again_and_the_others_are_named(due: Asked, page: Page) -> None:
    window = announced(page)
    page.advance(hours=2)
    # Outside nobody is waited for, and nothing is asked.
    assert due(shared(window, OWNER, done=False)) == DUE
    assert due.out.splitlines() == [
        "due: “Upgrade” is open until Sun 1 Mar 2026, 16:00 UTC; it covers work",
        f"“Upgrade” waits for {OWNER}",
        f"“Upgrade”: no state given tells whether {APP} is done",
    ]
    assert due(shared(window, OWNER, done=True)) == NOT_DUE
    assert due.requests == LOOK
    assert due.out.splitlines() == [
        f"not due: {OWNER_IS_DONE}",
        f"“Upgrade”: no state given tells whether {APP} is done",
    ]


def test_given_the_states_of_all_it_tells_which_of_them_has_to_be_run(due: Asked, page: Page) -> None:
    window = announced(page)
    names = [OWNER, APP, WEB]
    owner, app = (shared(window, name, done=done, stacks=names) for name, done in ((OWNER, True), (APP, False)))
    assert due.on([owner, app]) == NOT_DUE
    assert (due.requests, due.out) == ([], "next: “Upgrade” opens Sun 1 Mar 2026, 14:00 UTC, in 2 h\n")
    page.advance(hours=2)
    assert due.on([owner, app]) == DUE
    assert due.requests == LOOK
    assert due.out.splitlines() == [
        f"not due: {OWNER}: {OWNER_IS_DONE}",
        f"due: {APP}: “Upgrade” is open until Sun 1 Mar 2026, 16:00 UTC; it covers work",
        f"“Upgrade” waits for {APP}",
        f"“Upgrade”: no state given tells whether {WEB} is done",
    ]
    due.on([owner, app], "--json")
    answer = json.loads(due.out)
    assert [(one["stack"], one["due"]) for one in answer["windows"]] == [(OWNER, False), (APP, True)]
    assert answer["windows"][0]["stacks"] == answer["windows"][1]["stacks"]
    told = {one["stack"]: one["done"] for one in answer["windows"][0]["stacks"]}
    assert told == {OWNER: True, APP: False, WEB: None}


@pytest.mark.parametrize("found", [False, True], ids=["has not found the window", "has recorded nothing"])
def test_a_stack_that_never_ran_inside_is_due_by_what_another_says_of_it(due: Asked, page: Page, found: bool) -> None:
    window = announced(page)
    owner, app = shared(window, OWNER, done=True), shared(window, APP, done=None, found=found)
    page.advance(hours=2)
    assert due.on([app, owner]) == DUE
    covers = "; it covers work" if found else ""
    assert f"due: {APP}: “Upgrade” is open until Sun 1 Mar 2026, 16:00 UTC{covers}" in due.out.splitlines()
    assert f"“Upgrade” waits for {APP}" in due.out.splitlines()
    assert due.requests == LOOK
    published(page, window, "complete")
    assert due.on([app, owner]) == NOT_DUE
    assert "waits for" not in due.out


def test_a_state_in_which_nothing_is_cannot_be_told_from_another(due: Asked, page: Page) -> None:
    window = announced(page)
    page.advance(hours=2)
    assert due.on([shared(window, OWNER, done=True), {"version": 3, "deployment": {}}]) == NOT_DUE
    assert f"no state given tells whether {APP} is done" in due.out


def test_where_all_are_done_and_it_is_still_open_the_one_whose_run_completes_it_is_due(due: Asked, page: Page) -> None:
    window = announced(page)
    page.advance(hours=2)
    early = shared(window, OWNER, done=True)
    late = shared(window, APP, done=True, done_at="2026-03-01T14:00:01Z")
    assert due.on([early, late]) == DUE
    owner, app = due.out.splitlines()
    assert owner.startswith(f"not due: {OWNER}: ")
    assert owner.endswith(f"; {APP} was the last to be done: its next run completes it")
    assert app.startswith(f"due: {APP}: ")
    assert app.endswith(f"; every stack is done in it, and the next run of {APP} completes it; it covers work")
    published(page, window, "complete")
    assert due.on([early, late]) == NOT_DUE


def test_a_stack_that_guards_deletions_is_due_until_the_window_is_complete_or_another_is_not_done(
    due: Asked, page: Page
) -> None:
    window = announced(page)
    page.advance(hours=2)
    owner = shared(window, OWNER, done=True, guards_deletions=True)
    assert due(owner) == DUE
    assert f"{OWNER} is done in it, and guards deletions: its next run may complete it; it covers work" in due.out
    assert due.on([owner, shared(window, APP, done=True)]) == DUE
    # It is the other that is due.
    due.on([owner, shared(window, APP, done=False)], "--json")
    assert [one["due"] for one in json.loads(due.out)["windows"]] == [False, True]


def test_a_page_that_is_down_does_not_keep_what_is_done_from_being_told(
    due: Asked, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "PATIENCE_S", 0.0)
    window = announced(page)
    page.advance(hours=2)
    page.emulator.fault(kind="status:503", times=1000)
    assert due(shared(window, OWNER, done=True)) == NOT_DUE
    assert due.err == ""
    assert due(shared(window, OWNER, done=False)) == UNTOLD
    assert due.on([shared(window, OWNER, done=True), shared(window, APP, done=False)]) == UNTOLD
    assert due.err.startswith(f"statuspage: {APP}: window: incident.io answered 503")


def test_what_a_hostile_stack_recorded_is_no_obstacle(due: Asked, page: Page) -> None:
    window = announced(page)
    page.advance(hours=2)
    for hostile in (
        7,
        [],
        {window.id: 7},
        {window.id: {"stacks": [7, "\x1b[2J", "a/b"], "done_at": []}},
        secret({}, False),
    ):
        state = shared(window, OWNER, done=None)
        state["deployment"]["resources"][0]["outputs"] = {"statuspage": hostile}
        assert due(state) == DUE
        assert all(line.isprintable() for line in due.out.splitlines())


# the answer for a script


def test_the_answer_as_json_has_the_fields_of_the_reference(due: Asked, page: Page) -> None:
    open_, ahead = announced(page), announced(page, idempotency_key="2", start_at="2026-03-02T14:00:00Z", name="Later")
    page.advance(hours=2)
    urn = "urn:pulumi:test::project::pulumi-python:dynamic/statuspage:StatusPageMaintenance::window"
    later = {
        "resource": "window1",
        "urn": f"{urn}1",
        "stack": "project/test",
        "id": ahead.id,
        "title": "Later",
        "start_at": "2026-03-02T14:00:00Z",
        "end_at": "2026-03-02T16:00:00Z",
    }
    assert due.json(exported(open_, ahead)) == {
        "now": "2026-03-01T14:00:00Z",
        "due": True,
        "windows": [
            {
                "resource": "window",
                "urn": urn,
                "stack": "project/test",
                "id": open_.id,
                "title": "Upgrade",
                "start_at": "2026-03-01T14:00:00Z",
                "end_at": "2026-03-01T16:00:00Z",
                "phase": "in_progress",
                "covers": ["work"],
                "due": True,
                "why": "“Upgrade” is open until Sun 1 Mar 2026, 16:00 UTC",
                "asked": True,
                "stacks": [],
            },
            {
                **later,
                "phase": "scheduled",
                "covers": ["work"],
                "due": False,
                "why": "“Later” opens Mon 2 Mar 2026, 14:00 UTC, in 1 d",
                "asked": False,
                "stacks": [],
            },
        ],
        "next": later,
    }


def test_json_has_the_same_exit_codes_and_nothing_in_it_steers_a_terminal_or_a_build(due: Asked, page: Page) -> None:
    state = exported(announced(page, name="Up\x1b[2J##[error]x ::error::y\u202e"))
    assert due(state, "--json") == NOT_DUE
    assert due.out.isascii()
    assert not [line for line in due.out.splitlines() if not line.isprintable()]
    assert "##[" not in due.out
    assert json.loads(due.out)["windows"][0]["title"] == "Up\x1b[2J##[error]x ::error::y\u202e"
    page.advance(hours=2)
    assert due(state, "--json") == DUE
    assert due(state) == DUE
    assert due.out[:-1].isprintable()


def test_a_reader_that_has_seen_enough_does_not_change_the_answer() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "-m", "statuspage_provider", "due", "-"]
    state = exported(covered=[])
    ran = subprocess.run(command, input=json.dumps(state), stdout=writes, stderr=subprocess.PIPE, text=True)
    os.close(writes)
    assert (ran.returncode, ran.stderr) == (NOT_DUE, "")


# what cannot be read


@pytest.mark.parametrize("shown", [False, True])
def test_a_secret_that_is_not_needed_to_tell_is_no_obstacle(due: Asked, page: Page, shown: bool) -> None:
    state = exported(announced(page))
    outputs = state["deployment"]["resources"][0]["outputs"]
    outputs |= {key: secret(outputs[key], shown) for key in ("name", "message", "notify_subscribers")}
    assert due(state) == NOT_DUE
    assert due.out.startswith(f"next: “{'Upgrade' if shown else 'window'}” opens")
    page.advance(hours=2)
    assert due(state) == DUE


@pytest.mark.parametrize("key", ["start_at", "end_at", "phase"])
def test_a_secret_that_is_needed_says_how_to_show_it(due: Asked, page: Page, key: str) -> None:
    state = exported(announced(page))
    outputs = state["deployment"]["resources"][0]["outputs"]
    outputs[key] = secret(outputs[key], False)
    assert due(state) == UNTOLD
    assert due.err == (
        f"statuspage: window: {key} is a secret here: pass what `pulumi stack export --show-secrets` prints\n"
    )
    assert due.json(state)["windows"][0]["title"] is None


@pytest.mark.parametrize(("where", "value"), HOSTILE, ids=[f"{path[-1]} {value!r}"[:60] for path, value in HOSTILE])
def test_a_state_that_no_engine_wrote_is_one_line_and_starts_no_run(
    due: Asked, page: Page, where: list[str | int], value: object
) -> None:
    state: Any = exported(announced(page))
    page.advance(hours=2)
    part = state
    for key in where[:-1]:
        part = part[key]
    part[where[-1]] = value
    if where[-1] == "delete_message" and due(state) == DUE:
        return  # a text that is not needed, in a secret that cannot be read
    assert due(state) == UNTOLD
    assert due.err.endswith("\n")
    assert due.err[:-1].isprintable()
    assert due.requests == []


@pytest.mark.parametrize("text", ["{}", "no json", "[]", "[" * 100_000, "null", '{"deployment": null}'])
def test_what_is_no_exported_stack_is_refused_in_one_line(due: Asked, text: str) -> None:
    assert due(text) == UNTOLD
    assert due.err.count("\n") == 1


@pytest.mark.parametrize("text", ["", "\n"])
def test_an_export_that_failed_is_told_as_that(due: Asked, text: str) -> None:
    # As in `pulumi stack export | statuspage due -`.
    assert due(text) == UNTOLD
    assert due.err == "statuspage: cannot read -: it is empty. Did `pulumi stack export` fail?\n"


def test_a_file_is_read_like_standard_input_and_its_name_is_in_the_line(
    page: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "state.json"
    for make, words in ((lambda: None, "No such file"), (lambda: file.write_bytes(b"\xff"), "can't decode")):
        make()
        assert main(["due", str(file)]) == UNTOLD
        assert capsys.readouterr().err.startswith(f"statuspage: cannot read {file}: ")
        assert words
    file.write_text(json.dumps(exported(announced(page))))
    assert main(["due", str(file)]) == NOT_DUE


SETTINGS: list[tuple[str, Callable[[Asked, pytest.MonkeyPatch], object]]] = [
    ("INCIDENT_ENDPOINT or incident:endpoint is plain http", lambda due, _: setattr(due, "endpoint", "http://a.com")),
    ("INCIDENT_API_KEY or incident:apiKey: contains a line break", lambda due, _: setattr(due, "key", "two\nlines")),
    ('STATUSPAGE_NOW: "noon" is not a time', lambda _, patch: patch.setenv("STATUSPAGE_NOW", "noon")),
]


@pytest.mark.parametrize(("line", "spoil"), SETTINGS, ids=[line.split()[0] for line, _ in SETTINGS])
def test_settings_that_are_not_acceptable_are_told_before_any_window_opens(
    due: Asked,
    page: Page,
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    spoil: Callable[[Asked, pytest.MonkeyPatch], object],
) -> None:
    state = exported(announced(page))
    spoil(due, monkeypatch)
    assert due(state) == UNTOLD
    assert due.err.startswith(f"statuspage: {line}")
    assert due.err.count("\n") == 1
    assert due.requests == []


def test_a_clock_that_is_rehearsed_does_not_go_unseen(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(exported(announced(page)))))
    main(["due", "-"])
    assert "STATUSPAGE_NOW is set: this run assumes that it is Sun 1 Mar 2026, 12:00 UTC" in capsys.readouterr().err


def test_due_is_asked_as_a_process_of_its_own(page: Page) -> None:
    assert page.url == URL
    with Emulator().serve() as served:
        environment = {**os.environ, "INCIDENT_ENDPOINT": served.url, "INCIDENT_API_KEY": "emulator-read"}
        command = 'if "$0" -m statuspage_provider due -; then echo deploy; fi'
        ran = subprocess.run(
            ["sh", "-c", command, sys.executable],
            input=json.dumps(exported(covered=[])),
            env=environment,
            capture_output=True,
            text=True,
        )
    assert (ran.returncode, ran.stdout) == (0, "not due: no window is open or ahead\n")


def test_a_window_on_statuspage_me_is_asked_for_there_with_its_own_key(
    due: Asked, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATUSPAGEME_ENDPOINT", page.url)
    me = Account(page)
    there, here = me.window(name="There"), announced(page)
    there.up()
    state = exported(there, here)
    page.advance(hours=2)
    due.key = None
    assert due(state) == DUE
    assert due.requests == []
    assert due.out.count("by the clock: the page was not asked, for want of a key") == 2
    monkeypatch.setenv("STATUSPAGEME_API_KEY", "spk_emulator-read")
    due.key = "emulator-read"
    assert due(state) == DUE
    assert sorted(due.requests) == ["GET api", "GET status_page_maintenances"]
    me.person("PATCH", there, end_at="2026-03-01T13:59:00Z", start_at="2026-03-01T13:00:00Z")
    assert due(exported(there)) == NOT_DUE
    assert due.out.startswith("not due: “There” is complete\n")


def test_a_window_on_a_service_that_is_not_known_is_refused(due: Asked, page: Page) -> None:
    state = exported(announced(page))
    state["deployment"]["resources"][0]["outputs"]["service"] = "acme"
    page.advance(hours=2)
    assert due(state) == UNTOLD
    line = 'service: "acme" is not one of incident.io, statuspage.me: install a newer version'
    assert due.err == f"statuspage: window: {line}\n"
