"""Whether a window is due is a function of what is recorded, what the page has, and the moment."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage_provider.commands import due
from statuspage_provider.covering import admission
from statuspage_provider.remote import Maintenance
from statuspage_provider.state import MaintenanceState
from statuspage_provider.statuses import ORDER, STATUSES, Phase

START = datetime(2026, 3, 1, 22, tzinfo=timezone.utc)
END = START + timedelta(hours=2)
MINUTES = st.integers(-300, 300).map(lambda minutes: START + timedelta(minutes=minutes))
PHASES = st.sampled_from(ORDER)


def recorded(phase: Phase = "scheduled", **props: Any) -> MaintenanceState:
    times = {"start_at": "2026-03-01T22:00:00Z", "end_at": "2026-03-02T00:00:00Z"}
    inputs = {"name": "Upgrade", "message": "We upgrade.", "automate_maintenance_status": True}
    return MaintenanceState.from_props({**times, **inputs, "phase": phase, **props})


def shown(phase: Phase, start: datetime = START, end: datetime = END, automated: bool = True) -> Maintenance:
    return Maintenance(
        id="01HZ",
        status_page_id="01HZPAGE",
        name="Upgrade",
        published_at=START - timedelta(days=1),
        maintenance_status=STATUSES[phase],
        automate_maintenance_status=automated,
        component_maintenance_periods=[{"component_id": "db", "start_at": start, "end_at": end}],  # type: ignore[list-item]
    )


@pytest.mark.parametrize(
    ("phase", "minutes", "asks"),
    [
        ("scheduled", -1, False),
        ("scheduled", 0, True),
        ("scheduled", 119, True),
        ("scheduled", 120, False),
        ("in_progress", -1, True),
        ("in_progress", 120, False),
        ("complete", -1, False),
        ("complete", 60, False),
        ("complete", 120, False),
    ],
)
def test_the_page_is_asked_only_where_it_alone_can_tell(phase: Phase, minutes: int, asks: bool) -> None:
    assert due.may_be_open(recorded(phase), START + timedelta(minutes=minutes)) is asks


@given(phase=PHASES, now=MINUTES, automated=st.booleans())
def test_where_the_page_is_not_asked_nothing_is_due(phase: Phase, now: datetime, automated: bool) -> None:
    state = recorded(phase, automated=automated)
    if not due.may_be_open(state, now):
        assert due.judge(state, now).due is False


@given(phase=PHASES, now=MINUTES, start=MINUTES, length=st.integers(1, 300), automated=st.booleans())
def test_what_is_due_by_the_page_is_what_the_run_would_let_in(
    phase: Phase, now: datetime, start: datetime, length: int, automated: bool
) -> None:
    state, remote = recorded(), shown(phase, start, start + timedelta(minutes=length), automated)
    verdict = due.judge_by_page(state, remote, now)
    for outside in ("fail", "hold"):
        let_in = admission.admit(admission.window_status(state, remote), outside, now).refused is None  # type: ignore[arg-type]
        assert verdict.due is let_in
    if phase == "complete":
        assert not verdict.due
    if phase == "in_progress":
        assert verdict.due


def report(verdict: bool | None) -> due.WindowReport:
    return due.WindowReport(None, (), due.Verdict(verdict, ""))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([], 1),
        ([False, False], 1),
        ([False, True], 0),
        ([None, False], 2),
        ([None, True], 0),
    ],
)
def test_one_window_that_is_due_is_enough_and_one_that_cannot_be_told_is_no_no(
    verdicts: list[bool | None], code: int
) -> None:
    assert due.Due(START, tuple(map(report, verdicts))).code == code
