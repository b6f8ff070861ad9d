"""What a window's declared times tell while the program runs, where some of its inputs are not known by then."""

from __future__ import annotations

import pulumi
import pytest

import statuspage_provider as statuspage
from statuspage_provider import testing
from statuspage_provider.covering.declared import DeclaredWindow

INPUTS = {"name": "Upgrade", "start_at": "2026-03-01T14:00:00Z", "duration": "2h", "service": "incident.io"}


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setenv("STATUSPAGE_NOW", "2026-03-01T12:00:00Z")


@pytest.fixture
def output():
    return pulumi.Output.__new__(pulumi.Output)


def test_a_change_is_told_when_the_window_opens():
    answer = DeclaredWindow(INPUTS, "window").admission("hold")
    assert answer.refused == "“Upgrade” opens Sun 1 Mar 2026, 14:00 UTC, in 2 h"


def test_a_window_whose_name_is_an_output_is_called_by_its_resource_s(output):
    answer = DeclaredWindow({**INPUTS, "name": output}, "window").admission("hold")
    assert answer.refused == "“window” opens Sun 1 Mar 2026, 14:00 UTC, in 2 h"


@pytest.mark.parametrize("key", ["start_at", "duration", "time_zone"])
def test_times_that_are_outputs_tell_nothing(output, key):
    assert DeclaredWindow({**INPUTS, key: output}, "window").admission("hold") is None


@pytest.mark.parametrize("ignored", ["start_at", "end_at", "duration", "time_zone", "*"])
def test_times_of_which_the_engine_keeps_those_in_state_tell_nothing(ignored):
    assert DeclaredWindow(INPUTS, "window", [ignored]).admission("hold") is None


def test_the_option_of_a_window_reaches_what_it_covers():
    def program():
        opts = pulumi.ResourceOptions(ignore_changes=["start_at"])
        given = {"status_page_id": "page", "message": "We upgrade.", **INPUTS}
        window = statuspage.StatusPageMaintenance("window", **given, opts=opts)
        assert window._cover._declared == DeclaredWindow(window._covers[1], "window", ["start_at"])

    testing.Mocks().run(program)


def test_another_input_that_the_engine_keeps_changes_no_times():
    assert DeclaredWindow(INPUTS, "window", ["message"]).admission("hold") is not None


@pytest.mark.parametrize(("service", "has"), [("incident.io", True), ("statuspage.me", False)])
def test_a_service_is_known_to_have_timelines_or_not(service, has):
    assert DeclaredWindow({**INPUTS, "service": service}, "window").has_timeline is has


def test_a_service_that_is_an_output_may_have_them(output, recwarn):
    assert DeclaredWindow({**INPUTS, "service": output}, "window").has_timeline
    assert not recwarn
