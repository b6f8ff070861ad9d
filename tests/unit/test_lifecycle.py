"""The decisions on a window, called directly: declared, recorded, remote and the clock go in, values come out."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from statuspage_provider.errors import Refused
from statuspage_provider.inputs import Effect, MaintenanceInputs, effects
from statuspage_provider.lifecycle import maintenance
from statuspage_provider.lifecycle.decision import Decision, Edit
from statuspage_provider.remote import Maintenance, Period, Update
from statuspage_provider.state import MaintenanceState
from statuspage_provider.statuses import STATUSES, Phase

START = datetime(2026, 3, 1, 14, tzinfo=timezone.utc)
END = START + timedelta(hours=2)
BEFORE, WITHIN, AFTER = START - timedelta(hours=2), START + timedelta(hours=1), END + timedelta(hours=1)
MOMENTS: dict[Phase, datetime] = {"scheduled": BEFORE, "in_progress": WITHIN, "complete": AFTER}
INPUTS: dict[str, Any] = {
    "status_page_id": "page",
    "name": "Upgrade",
    "message": "We upgrade.",
    "start_at": "2026-03-01T14:00:00Z",
    "duration": "2h",
    "affected_component_ids": ["database"],
    "idempotency_key": "key",
}
OTHER: dict[str, Any] = {
    "service": "statuspage.me",
    "status_page_id": "other",
    "name": "Renamed",
    "message": "More.",
    "time_zone": "Europe/Berlin",
    "start_at": "2026-03-09T14:00:00Z",
    "duration": "4h",
    "end_at": "2026-03-01T18:00:00Z",
    "affected_component_ids": ["api", "database"],
    "maintenance_status": "maintenance_in_progress",
    "automate_maintenance_status": False,
    "component_statuses": {"database": "operational"},
    "notify_subscribers": True,
    "triggers": ["v2"],
    "on_delete": "retain",
    "delete_message": "Gone.",
    "adopt_id": "another",
    "repeat": True,
    "idempotency_key": "other",
}
"""Another value of each input."""


def declared(**changes: Any) -> MaintenanceInputs:
    given = {**INPUTS, **changes}
    if "end_at" in changes:
        del given["duration"]
    if changes.get("repeat"):
        given["start_at"] = "next 14:00"
    return MaintenanceInputs.model_validate(given)


def recorded(phase: Phase = "scheduled", **changes: Any) -> MaintenanceState:
    return MaintenanceState(declared=declared(**changes), window=(START, END), phase=phase)


def remote(phase: Phase = "scheduled", **changes: Any) -> Maintenance:
    status = STATUSES[phase]
    given = {
        "id": "window",
        "name": "Upgrade",
        "status_page_id": "page",
        "published_at": BEFORE,
        "maintenance_status": status,
        "automate_maintenance_status": True,
        "updates": [Update(id="1", message="We upgrade.", published_at=BEFORE, maintenance_status=status)],
        "component_maintenance_periods": [Period(component_id="database", start_at=START, end_at=END)],
        **changes,
    }
    return Maintenance(**given)


def test_each_input_has_another_value_here() -> None:
    assert set(OTHER) == set(MaintenanceInputs.model_fields)


@pytest.mark.parametrize("phase", MOMENTS)
def test_nothing_differs_however_much_time_has_passed(phase: Phase) -> None:
    assert not maintenance.diff("window", recorded(phase), declared(), MOMENTS[phase])


@pytest.mark.parametrize("phase", MOMENTS)
@pytest.mark.parametrize("field", [field for field in OTHER if field != "repeat"])
def test_a_change_does_what_its_input_declares(field: str, phase: Phase) -> None:
    change = maintenance.diff("window", recorded(phase), declared(**{field: OTHER[field]}), MOMENTS[phase])
    effect = effects(MaintenanceInputs)[field]
    match effect:
        case Effect.QUIET:
            assert not change
        case Effect.NEW | Effect.ADOPT:
            assert change.replaces == (field,)
        case Effect.NEW_BEFORE_START | Effect.SET_AT_START:
            assert change.delete_first == (phase == "scheduled") == bool(change.replaces)
        case Effect.MOVE:
            assert change.does(effect)
            # Each of these values ends after the moment at which the window is over: a new one is announced.
            assert bool(change.replaces) == (phase == "complete")
        case _:
            assert change.fields == (field,)
            assert not change.replaces
    assert change.is_recorded_only == (effect in (Effect.QUIET, Effect.RECORDED))


@pytest.mark.parametrize(
    ("on_delete", "phase", "sends"),
    [
        ("auto", "scheduled", "delete"),
        ("auto", "in_progress", "update"),
        ("auto", "complete", "nothing"),
        ("complete", "scheduled", "update"),
        ("complete", "complete", "nothing"),
        ("delete", "in_progress", "delete"),
        ("delete", "complete", "delete"),
        ("retain", "in_progress", "nothing"),
    ],
)
def test_leaving_the_program_sends_what_on_delete_says(on_delete: str, phase: Phase, sends: str) -> None:
    decision = maintenance.delete(recorded(on_delete=on_delete), remote(phase), MOMENTS[phase])
    assert decision.delete == (sends == "delete")
    assert (decision.update is not None) == (sends == "update")
    assert maintenance.delete(recorded(on_delete=on_delete), None, WITHIN) == Decision()


def test_a_rename_sends_the_times_that_the_page_has() -> None:
    moved = (START + timedelta(days=1), END + timedelta(days=1))
    periods = [Period(component_id="database", start_at=moved[0], end_at=moved[1])]
    wanted = declared(name="Renamed")
    change = maintenance.diff("window", recorded(), wanted, BEFORE)
    there = remote(component_maintenance_periods=periods)
    assert maintenance.update(recorded(), wanted, change, there, BEFORE).edit == Edit("Renamed", moved)


@pytest.mark.parametrize("periods", [[], [Period(component_id="database", start_at=START)]], ids=["none", "no end"])
def test_a_rename_is_refused_if_it_would_end_the_window(periods: list[Period]) -> None:
    wanted = declared(name="Renamed")
    change = maintenance.diff("window", recorded("in_progress"), wanted, AFTER, "in_progress")
    there = remote("in_progress", component_maintenance_periods=periods)
    with pytest.raises(Refused, match="“Upgrade” cannot be renamed"):
        maintenance.update(recorded("in_progress"), wanted, change, there, AFTER)


def test_a_finished_window_is_latched_whatever_the_page_shows() -> None:
    there = remote("complete", name="Renamed by hand")
    assert maintenance.read(recorded(), there, AFTER).declared == declared()


def test_what_a_person_changed_comes_back_as_if_declared() -> None:
    there = remote(name="Renamed by hand")
    state = maintenance.read(recorded(), there, BEFORE)
    assert state.declared.name == "Renamed by hand"
    assert maintenance.diff("window", state, declared(), BEFORE).fields == ("name",)
