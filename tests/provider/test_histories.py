"""Generated histories: edits, re-runs, refreshes, killed runs, lost answers, people, time.

Whatever happened, a quiet run in the end leaves the page as declared, with no window twice and no notice twice.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statuspage_provider import StatusPageError
from tests.provider.conftest import NOON, Page
from tests.provider.program import CheckFailed, Killed, Program

Step = Callable[[Page, Program], None]

TEXTS = ["We upgrade.", "It takes longer.", "Nearly there.", "Almost done."]
NAMES = ["Upgrade", "Database upgrade", "Upgrade of the database"]
STARTS = [f"2026-03-0{day}T14:00:00Z" for day in range(1, 6)]


def edit(**inputs: Any) -> Step:
    def step(page: Page, program: Program) -> None:
        program.edit(**inputs)

    step.edits = True  # type: ignore[attr-defined]
    return step


def run(page: Page, program: Program) -> None:
    program.up()


def killed_run(page: Page, program: Program) -> None:
    with contextlib.suppress(Killed):
        program.up(killed=True)


def refresh(page: Page, program: Program) -> None:
    program.refresh()


def lost_answer(kind: str, method: str) -> Step:
    def step(page: Page, program: Program) -> None:
        page.emulator.fault(method=method, kind=kind, times=1)
        program.up()

    return step


def time_passes(hours: int) -> Step:
    def step(page: Page, program: Program) -> None:
        page.advance(hours=hours)

    step.edits = True  # type: ignore[attr-defined]
    return step


def forced_run(page: Page, program: Program) -> None:
    program.up(forced=True)


QUIET = (refresh,)
RUNS = st.sampled_from(
    [
        run,
        killed_run,
        refresh,
        forced_run,
        lost_answer("reset_after", "POST"),
        lost_answer("reset_before", "POST"),
        lost_answer("status:503", "POST"),
        lost_answer("reset_after", "PUT"),
    ]
)
MAINTENANCE_EDITS = st.one_of(
    st.sampled_from(TEXTS).map(lambda text: edit(message=text)),
    st.sampled_from(NAMES).map(lambda name: edit(name=name)),
    st.sampled_from(STARTS).map(lambda start: edit(start_at=start)),
    st.sampled_from(["1h", "2h", "5h"]).map(lambda length: edit(duration=length)),
    st.sampled_from(["v1", "v2"]).map(lambda release: edit(triggers=[release])),
    st.sampled_from([None, "maintenance_in_progress", "maintenance_complete"]).map(
        lambda status: edit(maintenance_status=status)
    ),
)
INCIDENT_EDITS = st.one_of(
    st.sampled_from(TEXTS).map(lambda text: edit(message=text)),
    st.sampled_from(NAMES).map(lambda name: edit(name=name)),
    st.sampled_from(["investigating", "identified", "monitoring", "resolved"]).map(
        lambda status: edit(incident_status=status)
    ),
)
TIME = st.sampled_from([1, 3, 26]).map(time_passes)

HISTORIES = settings(
    max_examples=175,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def live(page: Page, program: Program, history: list[Step]) -> int:
    """Run a history. A run may end in an error that is expected; no other may leave the provider.

    Answers how many public posts the history can have asked for: one for each run whose declaration differs from that
    of the run before. Runs that were killed, lost their answers or were repeated ask for none.
    """
    asked, before = 0, None
    for step in history:
        declared = {key: program.inputs.get(key) for key in program.inputs if key not in ("name", "notify_subscribers")}
        if step not in QUIET and not getattr(step, "edits", False) and declared != before:
            asked, before = asked + 1, declared
        with contextlib.suppress(StatusPageError, CheckFailed):
            step(page, program)
    return asked + 1


def posts_of(program: Program, items: list[dict[str, Any]]) -> int:
    """How many entries of the timelines are the program's, beside the first of each."""
    own = [
        update
        for item in items
        for update in item["updates"][1:]
        if update["message"].split("\n\n")[-1] in TEXTS or update["message"].startswith("This maintenance has been re")
    ]
    return len(own)


@HISTORIES
@given(st.lists(st.one_of(MAINTENANCE_EDITS, RUNS, RUNS, TIME), max_size=14))
def test_a_window_ends_as_declared_once_with_each_notice_once(page: Page, history: list[Step]) -> None:
    page.emulator.reset()
    page.at(NOON)
    program = page.maintenance(notify_subscribers=["scheduled", "rescheduled", "in_progress", "update"])
    asked = live(page, program, history)
    try:
        program.up()
    except (StatusPageError, CheckFailed):
        # Held back, with a reason: then nothing is sent at all.
        page.asked()
        with pytest.raises((StatusPageError, CheckFailed)):
            program.up()
        assert page.wrote() == []
    else:
        page.asked()
        assert program.up() == "same"
        assert page.asked() == []
        program.refresh()
        assert program.up() == "same"
        assert page.wrote() == []
    windows = page.windows()
    alive = [item for item in windows if item["maintenance_status"] != "maintenance_complete"]
    assert len(alive) <= 1
    if alive and program.state is not None and program.state[0] == alive[0]["id"]:
        assert alive[0]["name"] == program.outs["name"]
    # A window that is announced by mail alone has a second entry from the start.
    assert posts_of(program, windows) <= asked + len(windows)
    sent = Counter((notice["object_id"], notice["update_id"]) for notice in page.emulator.notices)
    assert all(count == 1 for count in sent.values())


@HISTORIES
@given(st.lists(st.one_of(INCIDENT_EDITS, RUNS, RUNS, TIME), max_size=14))
def test_an_incident_ends_as_declared_once_with_each_notice_once(page: Page, history: list[Step]) -> None:
    page.emulator.reset()
    page.at(NOON)
    program = page.incident(notify_subscribers=True)
    asked = live(page, program, history)
    program.up()
    page.asked()
    assert program.up() == "same"
    assert page.asked() == []
    program.refresh()
    assert program.up() == "same"
    assert page.wrote() == []
    open_ = [item for item in page.incidents() if item["incident_status"] != "resolved"]
    assert len(open_) <= 1
    # The newest is listed first. One that was opened as resolved, by a run that was killed, is history.
    newest = page.incidents()[0]
    if killed_run not in history:
        # An edit that a killed run posted, and that the program then took back, is in no state: no run can see it.
        assert newest["incident_status"] == program.inputs.get("incident_status", "investigating")
    if newest["incident_status"] != "resolved":
        assert newest["name"] == program.outs["name"]
    assert posts_of(program, page.incidents()) <= asked


def test_a_year_of_daily_runs_reads_and_writes_nothing(page: Page) -> None:
    program = page.maintenance()
    program.up()
    page.asked()
    for _ in range(365):
        page.at(page.now + timedelta(days=1))
        assert program.up() == "same"
    assert page.asked() == []
