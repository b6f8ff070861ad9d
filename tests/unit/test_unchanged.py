"""What is told to be as it was: never what the decisions call a change, and no input that a check would refuse."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from statuspage_provider import StatusPageIncident, StatusPageMaintenance, times
from statuspage_provider.declaring import input_names
from statuspage_provider.engine_process import EngineProcess
from statuspage_provider.incident import IncidentProvider
from statuspage_provider.inputs import IncidentInputs, MaintenanceInputs, RetrospectiveInputs
from statuspage_provider.lifecycle import incident as incidents
from statuspage_provider.lifecycle import maintenance as windows
from statuspage_provider.maintenance import MaintenanceProvider
from statuspage_provider.retrospective import RetrospectiveIncidentProvider
from statuspage_provider.state import IncidentState, MaintenanceState
from statuspage_provider.unchanged import is_as_checked, is_as_recorded
from tests.support.declared import incident, window
from tests.support.states import incident_states, maintenance_states

WINDOW, INCIDENT = input_names(StatusPageMaintenance), input_names(StatusPageIncident)
NOW = st.integers(0, 20 * 366).map(lambda days: datetime(2020, 1, 1, tzinfo=timezone.utc) + timedelta(days))


@st.composite
def edited(draw, declared, other):
    """Inputs that a check lets pass, of which a few are those of another program, or left out."""
    now, then = declared.to_props(), other.to_props()
    for name in draw(st.lists(st.sampled_from(sorted({*now, *then})), max_size=2)):
        now = {key: value for key, value in {**now, name: then.get(name)}.items() if value is not None}
    try:
        return type(declared).model_validate(now).to_props()
    except ValidationError:
        reject()


@settings(max_examples=100)
@given(st.data(), maintenance_states(), maintenance_states(), NOW)
def test_a_window_as_recorded_is_none_that_changes_or_is_followed(data, state, other, now):
    recorded = state.to_props()
    if data.draw(st.booleans()):
        # A covered change that took longer has moved the end, or a person has.
        recorded["end_at"] = times.format_instant(state.window[1] + timedelta(minutes=data.draw(st.integers(-5, 5))))
    news = data.draw(edited(state.declared, other.declared))
    if is_as_recorded(WINDOW, recorded, news):
        before, declared = MaintenanceState.from_props(recorded), MaintenanceInputs.model_validate(news)
        for phase in (None, "scheduled", "in_progress", "complete"):
            assert not windows.diff("01H", before, declared, now, phase)
        assert not windows.may_be_followed(before, declared, now)


@given(st.data(), incident_states, incident_states)
def test_an_incident_as_recorded_is_none_that_changes(data, state, other):
    recorded, news = state.to_props(), data.draw(edited(state.declared, other.declared))
    if is_as_recorded(INCIDENT, recorded, news):
        before, declared = IncidentState.from_props(recorded), IncidentInputs.model_validate(news)
        assert not incidents.diff("01H", before, declared)


@given(maintenance_states())
def test_a_window_that_nobody_touched_is_as_recorded_unless_its_start_is_relative(state):
    assert is_as_recorded(WINDOW, state.to_props(), state.declared.to_props()) == (state.anchor is None)


@given(incident_states)
def test_an_incident_that_nobody_touched_is_as_recorded(state):
    assert is_as_recorded(INCIDENT, state.to_props(), state.declared.to_props())


@pytest.mark.parametrize("damage", [{"end_at": "soon"}, {"end_at": None}, {"end_at": 5.0}, {"duration": 5.0}])
def test_what_cannot_be_read_is_not_as_recorded(damage):
    news = window(end_at="2026-03-01T23:30:00Z") | {"duration": None} | {"duration": damage.get("duration", "1h30m")}
    assert not is_as_recorded(WINDOW, {**news, "phase": "scheduled", **damage}, news)


def test_inputs_are_as_checked_to_the_letter_only():
    checked = {**window(notify_subscribers=True), "repeat": False}
    assert is_as_checked(checked, dict(checked))
    assert not is_as_checked({}, {})
    for news in ({**checked, "name": "It"}, {**checked, "notify_subscribers": 1.0}, {**checked, "triggers": []}):
        assert not is_as_checked(checked, news)
    assert not is_as_checked(checked, {key: value for key, value in checked.items() if key != "repeat"})


@pytest.mark.parametrize(
    ("provider", "inputs"),
    [
        (MaintenanceProvider, MaintenanceInputs),
        (IncidentProvider, IncidentInputs),
        (RetrospectiveIncidentProvider, RetrospectiveInputs),
    ],
)
def test_a_provider_compares_every_input(provider, inputs):
    assert provider.inputs == set(inputs.model_fields)


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ({"incident:endpoint": "http://example.com"}, "is plain http, which would send the key unencrypted"),
        ({"statuspage:explicit": "statuspage.me"}, "the provider passed is for statuspage.me"),
    ],
)
@pytest.mark.parametrize(("kind", "declared"), [(MaintenanceProvider, window()), (IncidentProvider, incident())])
def test_settings_that_became_wrong_are_told_where_nothing_else_changed(kind, declared, config, line):
    provider = kind()
    inputs = provider.check({}, declared).inputs
    assert not provider.check(inputs, dict(inputs)).failures
    provider = kind()
    provider.config = config.get
    (failure,) = provider.check(inputs, dict(inputs)).failures
    assert line in failure.reason


def test_a_service_that_this_version_does_not_know_is_refused_where_nothing_changed():
    inputs = {**window(), "service": "other.example"}
    (failure,) = MaintenanceProvider().check(inputs, dict(inputs)).failures
    assert failure.property == "service"


def of_one_run(*kinds):
    process, providers = EngineProcess(), [kind() for kind in kinds]
    for provider in providers:
        provider.process = process
    return providers


def test_a_window_that_is_there_lets_no_incident_of_its_key_open_with_a_closing_note():
    windows, incidents = of_one_run(MaintenanceProvider, IncidentProvider)
    there = windows.check({}, window(idempotency_key="key")).inputs
    assert not windows.check(there, dict(there)).failures
    (failure,) = incidents.check({}, incident(idempotency_key="key", closing_note="It was the cache.")).failures
    assert failure.property == "closing_note"


def test_an_incident_with_a_closing_note_that_nothing_changed_can_be_replaced_on_demand():
    (provider,) = of_one_run(IncidentProvider)
    there = incident(closing_note="It was the cache.")
    assert not provider.check(there, dict(there)).failures
    assert not provider.check({}, dict(there)).failures
