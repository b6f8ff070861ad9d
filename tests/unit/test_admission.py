"""Whether a covered change may run, and what is said, as a table of phase, time and what was asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from statuspage_provider import display
from statuspage_provider.covering import admission
from statuspage_provider.covering.admission import Admission, WindowStatus
from statuspage_provider.state import MaintenanceState
from tests.support.declared import UPGRADE

START = datetime(2026, 3, 1, 14, tzinfo=timezone.utc)
END = START + timedelta(hours=2)
BEFORE, WITHIN, AFTER = START - timedelta(minutes=10), START + timedelta(minutes=10), END + timedelta(minutes=10)


def standing(phase="scheduled", *, automated=True):
    return WindowStatus("Upgrade", phase, (START, END), automated)


@pytest.mark.parametrize("outside", admission.OUTSIDE)
@pytest.mark.parametrize("now", [BEFORE, WITHIN, AFTER])
def test_in_a_window_that_is_in_progress_every_change_runs_and_nothing_is_posted(outside, now):
    assert admission.admit(standing("in_progress"), outside, now) == Admission()


@pytest.mark.parametrize("outside", admission.OUTSIDE)
@pytest.mark.parametrize(("automated", "publish"), [(True, False), (False, True)])
def test_at_its_time_a_window_without_automation_is_begun_by_the_change(outside, automated, publish):
    assert admission.admit(standing(automated=automated), outside, WITHIN) == Admission(publish=publish)


@pytest.mark.parametrize(
    ("outside", "runs", "publish", "waits", "uses"),
    [
        ("fail", False, False, False, True),
        ("hold", False, False, False, True),
        ("warn", True, False, False, False),
        ("wait", True, False, True, True),
        ("start", True, True, False, True),
    ],
)
def test_before_a_window(outside, runs, publish, waits, uses):
    answer = admission.admit(standing(), outside, BEFORE)
    assert (answer.refused is None) is runs
    assert answer.publish is publish
    assert (answer.wait_until == START) is waits
    assert answer.uses is uses
    assert "opens Sun 1 Mar 2026, 14:00 UTC, in 10 min" in (answer.refused or answer.says)


@pytest.mark.parametrize("outside", admission.OUTSIDE)
@pytest.mark.parametrize("phase", ["scheduled", "complete"])
def test_after_a_window_only_warn_lets_a_change_run_and_nothing_is_reopened(outside, phase):
    answer = admission.admit(standing(phase), outside, AFTER)
    assert (answer.refused is None) is (outside == "warn")
    assert not answer.publish
    assert "ended Sun 1 Mar 2026, 16:00 UTC" in (answer.refused or answer.says)


def test_a_wait_of_more_than_an_hour_is_refused():
    answer = admission.admit(standing(), "wait", START - timedelta(hours=2))
    assert "in 2 h, which is too long to wait" in answer.refused


def test_local_time_stands_beside_utc_where_it_differs():
    answer = admission.admit(standing(), "fail", BEFORE, ZoneInfo("Europe/Berlin"))
    assert "14:00 UTC (15:00 CET)" in answer.refused
    assert "(" not in admission.admit(standing(), "fail", BEFORE, ZoneInfo("UTC")).refused


def test_what_is_held_is_told_with_the_fix():
    answer = admission.admit(standing(), "hold", AFTER)
    assert admission.held(answer) == (
        "“Upgrade” ended Sun 1 Mar 2026, 16:00 UTC: any change under it is held until start_at is moved"
    )
    answer = admission.admit(replace(standing(), repeats=True), "hold", AFTER)
    assert admission.held(answer) == (
        "“Upgrade” ended Sun 1 Mar 2026, 16:00 UTC: any change under it is held. "
        "The next `pulumi up` announces the next window"
    )


@pytest.mark.parametrize(
    ("outside", "now", "creates", "line"),
    [
        ("fail", WITHIN, False, None),
        ("fail", BEFORE, False, "db: as of now, `up` would be refused: “Upgrade” opens"),
        ("warn", BEFORE, False, "db: “Upgrade” opens"),
        ("hold", BEFORE, False, "db: held: “Upgrade” opens"),
        ("hold", BEFORE, True, "db: held, or refused if it is new or replaced on demand: “Upgrade” opens"),
    ],
)
def test_a_preview_foretells_what_up_would_do_now(outside, now, creates, line):
    said = admission.foretold("db", admission.admit(standing(), outside, now), outside, creates)
    assert said is None if line is None else said.startswith(line)


@pytest.mark.parametrize(
    ("phase", "stands"), [("scheduled", "scheduled"), ("in_progress", "scheduled"), ("complete", "complete")]
)
def test_a_window_that_cannot_be_read_stands_as_declared_unless_state_knows_it_is_over(phase, stands):
    recorded = MaintenanceState(declared=UPGRADE, window=(START, END), phase=phase)
    assert admission.window_status(recorded, None) == WindowStatus("Upgrade", stands, (START, END), recorded.automated)


@pytest.mark.parametrize(
    ("left", "moved", "new_end"),
    [
        (timedelta(minutes=2), timedelta(), None),
        (timedelta(seconds=5), timedelta(), timedelta(minutes=5)),
        (timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=7)),
        (timedelta(seconds=5), timedelta(minutes=7), None),
        (-timedelta(minutes=1), timedelta(), timedelta(minutes=6)),
    ],
    ids=["time enough", "first step", "up to the cap", "at the cap", "over already"],
)
def test_an_end_is_moved_in_steps_and_never_past_the_cap(left, moved, new_end):
    end = END + moved
    assert admission.extended(end, END + timedelta(minutes=7), end - left) == (END + new_end if new_end else None)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(), "0 s"),
        (timedelta(seconds=40), "40 s"),
        (timedelta(minutes=125), "2 h 5 min"),
        (timedelta(days=3, hours=4, minutes=5), "3 d 4 h"),
    ],
)
def test_lengths_are_told_in_their_two_largest_units(length, text):
    assert display.about(length) == text
