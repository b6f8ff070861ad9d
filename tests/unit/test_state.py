"""What state holds: it survives the engine, and what older and newer versions recorded can be read."""

import copy
import json
from datetime import datetime, timezone

import pytest
from hypothesis import given

from statuspage_provider.inputs import IncidentInputs, MaintenanceInputs
from statuspage_provider.state import Anchor, IncidentState, MaintenanceState, Notice
from tests.support.declared import INCIDENT, MISSING, window
from tests.support.states import incident_states, maintenance_states

UTC = timezone.utc


@given(maintenance_states())
def test_the_state_of_a_window_survives_the_engine(state):
    props = state.to_props()
    through_the_engine = json.loads(json.dumps(props))
    assert through_the_engine == props
    assert MaintenanceState.from_props(through_the_engine) == state
    assert MaintenanceState.from_props(props).to_props() == props


@given(incident_states)
def test_the_state_of_an_incident_survives_the_engine(state):
    props = state.to_props()
    through_the_engine = json.loads(json.dumps(props))
    assert through_the_engine == props
    assert IncidentState.from_props(through_the_engine) == state


def window_state(**changes):
    state = MaintenanceState(
        declared=MaintenanceInputs.model_validate(window(triggers=[["v1"]])),
        window=(datetime(2026, 3, 1, 22, tzinfo=UTC), datetime(2026, 3, 1, 23, 30, tzinfo=UTC)),
        phase="scheduled",
        notices=[Notice(event="scheduled", at="2026-02-01T00:00:00Z", subscribers=False)],
    )
    return {**state.to_props(), **changes}


def incident_state(**changes):
    state = IncidentState(declared=IncidentInputs.model_validate(INCIDENT), phase="investigating")
    return {**state.to_props(), **changes}


def test_the_bag_of_a_windows_state_is_fresh_each_time():
    state = MaintenanceState.from_props(window_state())
    first = state.to_props()
    kept = copy.deepcopy(first)
    first["notices"].append("changed")
    first["triggers"][0].append("changed")
    first["__provider"] = "gASV"
    assert state.to_props() == kept


def test_a_windows_state_has_its_times_resolved():
    props = MaintenanceState(
        declared=MaintenanceInputs.model_validate(window(start_at="+15m", end_at=MISSING, duration="1h")),
        window=(datetime(2026, 3, 1, 22, tzinfo=UTC), datetime(2026, 3, 1, 23, tzinfo=UTC)),
        phase="scheduled",
        anchor=Anchor(expression="+15m", start_at="2026-03-01T22:00:00Z"),
    ).to_props()
    assert (props["start_at"], props["end_at"]) == ("2026-03-01T22:00:00Z", "2026-03-01T23:00:00Z")
    assert (props["duration"], props["anchor"]["expression"]) == ("1h", "+15m")


@pytest.mark.parametrize(
    ("model", "props"),
    [(MaintenanceState, window_state), (IncidentState, incident_state)],
    ids=["window", "incident"],
)
def test_keys_that_a_newer_version_recorded_are_ignored(model, props):
    plain = model.from_props(props())
    assert model.from_props(props(__provider="gASV", color="red", id="01H")) == plain


@pytest.mark.parametrize(
    ("model", "props", "changes"),
    [
        (MaintenanceState, window_state, {"name": "x" * 500}),
        (MaintenanceState, window_state, {"message": ""}),
        (MaintenanceState, window_state, {"affected_component_ids": []}),
        (MaintenanceState, window_state, {"on_delete": "archive"}),
        (MaintenanceState, window_state, {"notify_subscribers": ["begun"]}),
        (MaintenanceState, window_state, {"time_zone": "Mars/Olympus"}),
        (MaintenanceState, window_state, {"start_at": "2026-03-01T23:30:00Z", "end_at": "2026-03-01T22:00:00Z"}),
        (IncidentState, incident_state, {"name": "x" * 500}),
        (IncidentState, incident_state, {"on_delete": "archive"}),
        (IncidentState, incident_state, {"service": "acme"}),
    ],
)
def test_state_that_a_newer_rule_would_refuse_can_be_read_and_written(model, props, changes):
    bag = props(**changes)
    assert model.from_props(bag).to_props() == bag


@pytest.mark.parametrize(
    ("model", "props", "optional"),
    [
        (MaintenanceState, window_state, ["notices", "automated", "on_delete", "notify_subscribers", "triggers"]),
        (IncidentState, incident_state, ["notices", "on_delete", "notify_subscribers", "service"]),
    ],
    ids=["window", "incident"],
)
def test_state_of_a_version_that_did_not_record_an_input_takes_its_default(model, props, optional):
    bag = {key: value for key, value in props().items() if key not in optional}
    state = model.from_props(bag)
    for field in optional:
        owner = state if field in model.model_fields else state.declared
        assert getattr(owner, field) == type(owner).model_fields[field].get_default(call_default_factory=True)
