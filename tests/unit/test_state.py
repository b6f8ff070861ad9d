"""What state holds: it survives the engine, and what older and newer versions recorded can be read."""

import copy
import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage_provider import times
from statuspage_provider.inputs import IncidentInputs, MaintenanceInputs
from statuspage_provider.state import Anchor, IncidentState, MaintenanceState, Notice
from statuspage_provider.statuses import EVENTS
from tests.support.declared import INCIDENT, MISSING, incident, window

UTC = timezone.utc


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)
seconds = st.integers(0, 4_000_000_000)
json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
notices = st.lists(
    st.builds(Notice, event=st.sampled_from(EVENTS), at=texts, subscribers=st.booleans(), update_id=st.none() | texts),
    max_size=3,
)


@st.composite
def maintenance_states(draw):
    start = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=draw(seconds))
    length = timedelta(seconds=draw(st.integers(1, 10**7)))
    relative = draw(st.booleans())
    expression = draw(st.sampled_from(["now", "+15m", "+1h30m", "next 22:00 on Tue; notice 48h"]))
    is_slot = relative and expression.startswith("next")
    by_length = is_slot or draw(st.booleans())
    props = window(
        name=draw(texts),
        message=draw(texts),
        start_at=expression if relative else times.format_instant(start),
        end_at=MISSING if by_length else times.format_instant(start + length),
        duration=times.format_length(length) if by_length else MISSING,
        affected_component_ids=draw(st.lists(texts, min_size=1, max_size=4)),
        component_statuses=draw(
            st.none()
            | st.dictionaries(texts, st.sampled_from(["operational", "under_maintenance"]), min_size=1, max_size=3)
        ),
        notify_subscribers=draw(st.booleans() | st.lists(st.sampled_from(EVENTS), max_size=6)),
        triggers=draw(st.none() | st.lists(json_values, max_size=3)),
        time_zone=draw(st.sampled_from([None, "Europe/Berlin"])),
        repeat=is_slot and draw(st.booleans()),
        delete_message=draw(st.none() | texts),
    )
    return MaintenanceState(
        declared=MaintenanceInputs.model_validate(props),
        window=(start, start + length),
        phase=draw(st.sampled_from(["scheduled", "in_progress", "complete"])),
        automated=draw(st.booleans()),
        notices=draw(notices),
        last_update_id=draw(st.none() | texts),
        anchor=Anchor(
            expression=expression, start_at=times.format_instant(start), time_zone="Europe/Berlin" if is_slot else None
        )
        if relative
        else None,
        public_url=draw(st.none() | texts),
    )


incident_states = st.builds(
    IncidentState,
    declared=st.builds(
        lambda name, status, components: IncidentInputs.model_validate(
            incident(name=name, incident_status=status, component_statuses=components)
        ),
        texts,
        st.sampled_from(["investigating", "identified", "monitoring", "resolved"]),
        st.none() | st.dictionaries(texts, st.sampled_from(["operational", "full_outage"]), min_size=1, max_size=3),
    ),
    phase=st.sampled_from(["investigating", "identified", "monitoring", "resolved"]),
    notices=notices,
    last_update_id=st.none() | texts,
    public_url=st.none() | texts,
)


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
