"""Doubtful pages and states: what is late, odd, hostile, newer or begun by a killed run announces nothing twice."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from pulumi.output import Unknown

from statuspage_provider import Refused
from statuspage_provider.emulator.statuspage_me import objects
from statuspage_provider.services import capabilities
from statuspage_provider.summary.forecast import summarise
from statuspage_provider.summary.plan import read_plan
from tests.support.page import NOON, Page
from tests.support.previews import preview, printed
from tests.support.program import Killed, Program
from tests.support.statuspage_me import Account


@pytest.fixture
def me(page: Page) -> Account:
    return Account(page)


def killed(program: Program) -> None:
    with pytest.raises(Killed):
        program.up(killed=True)


# announced once, without keys


@pytest.mark.parametrize("stale", [5, 10, 50])
def test_what_the_service_does_not_show_yet_is_not_announced_again(me: Account, stale: int) -> None:
    me.emulator.differ(stale_reads=stale)
    window = me.window(notify_subscribers=["scheduled"])
    window.up()
    assert me.wrote() == ["POST maintenances"]
    me.emulator.differ(stale_reads=0)
    while not me.windows():
        pass
    assert window.up() == "same"
    assert (len(me.windows()), me.page.mails()) == (1, ["created"])


@pytest.mark.parametrize("stale", [1, 3, 50])
def test_an_incident_that_is_not_shown_yet_is_not_opened_again(me: Account, stale: int) -> None:
    incident = me.incident(notify_subscribers=True)
    incident.up()
    me.emulator.differ(stale_reads=stale)
    # The name and a replacement on demand: the new one is not the old one, which is then resolved.
    incident.edit(name="Slower")
    with contextlib.suppress(Refused):
        incident.up(forced=True)
    me.emulator.differ(stale_reads=0)
    while len(me.incidents()) < 2:
        pass
    incident.up()
    assert incident.up() == "same"
    assert sorted(item["title"] for item in me.incidents()) == ["Slow", "Slower"]
    assert me.page.mails() == ["investigating", "investigating"]


def test_a_killed_announcement_that_was_begun_at_once_is_found_by_the_next_run(me: Account) -> None:
    window = me.window(maintenance_status="maintenance_in_progress", notify_subscribers=["scheduled"])
    killed(window)
    me.page.advance(minutes=1)
    assert window.up() == "create"
    assert (len(me.windows()), me.page.mails()) == (1, ["created"])
    assert window.up() == "same"


def test_two_slots_that_read_alike_do_not_take_each_others_window(me: Account) -> None:
    tuesdays = me.window(start_at="next 22:00 on Tue", repeat=True, idempotency_key="Tue")
    thursdays = me.window(start_at="next 22:00 on Thu", repeat=True, idempotency_key="Thu")
    for program in (tuesdays, thursdays):
        # Each in a run of its own: nothing is remembered from the one before.
        capabilities.forget_clients()
        program.up()
    assert tuesdays.id != thursdays.id
    capabilities.forget_clients()
    me.page.at(NOON + timedelta(days=3))
    assert (tuesdays.up(), thursdays.up()) == ("replace", "same")
    assert [one["start_at"][8:10] for one in me.windows()] == ["10", "05", "03"]


def test_a_window_of_another_title_that_cannot_be_read_is_nobodys_concern(
    me: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    me.window(name="Other", idempotency_key="other").up()
    to_wire = objects.Maintenance.to_wire
    monkeypatch.setattr(
        objects.Maintenance,
        "to_wire",
        lambda one, answers: {**to_wire(one, answers), **({"end_at": None} if one.title == "Other" else {})},
    )
    assert me.window().up() == "create"


def test_a_summary_promises_no_window_for_one_that_is_replaced_on_demand(me: Account) -> None:
    window = me.window(triggers=["v1"])
    window.up()
    window.edit(triggers=["v2"]).up()
    assert window.outs["generation"] == 2
    (forecast,) = summarise(read_plan(printed(preview("window", window, forced=True))), me.page.now).forecasts
    assert [act.what for act in forecast.acts] == []
    assert forecast.open


# outputs


def test_a_refresh_does_not_change_when_a_window_was_published(me: Account) -> None:
    window = me.window()
    window.up()
    outs = dict(window.outs)
    me.page.advance(hours=1)
    window.refresh()
    assert window.outs == outs


@pytest.mark.parametrize("kind", ["maintenance", "incident"])
def test_an_update_that_a_killed_run_published_stands_once_in_the_outputs(page: Page, kind: str) -> None:
    program = getattr(page, kind)()
    program.up()
    killed(program.edit(message="More."))
    program.up()
    outs = dict(program.outs)
    program.refresh()
    assert [entry["message"] for entry in outs["updates"]][1:] == ["More."]
    assert program.outs["updates"] == outs["updates"]


def test_a_new_title_leaves_the_outputs_their_timeline(me: Account) -> None:
    incident = me.incident()
    incident.up()
    before = incident.outs["updates"]
    incident.edit(name="Renamed").up()
    assert incident.outs["updates"] == before
    incident.edit(name="Again", message="More.").up()
    assert [entry["message"] for entry in incident.outs["updates"]] == ["We look.", "More."]


# what is not known, and what cannot be read


@pytest.mark.parametrize("field", ["notify_subscribers", "component_statuses"])
def test_of_a_window_that_is_brought_along_nothing_is_said_of_what_a_preview_does_not_know(
    page: Page, field: str
) -> None:
    window = page.maintenance(maintenance_status="maintenance_complete", start_at="2026-02-01T10:00:00Z")
    window.inputs[field] = Unknown()
    assert window.preview() == "create"


@pytest.mark.parametrize("kind", ["maintenance", "incident"])
@pytest.mark.parametrize("service", ["acme", 7, ["acme"]], ids=str)
@pytest.mark.parametrize("step", ["refresh", "destroy"])
def test_a_recorded_service_that_is_new_to_this_version_is_refused(
    page: Page, kind: str, service: object, step: str
) -> None:
    program = getattr(page, kind)()
    program.up()
    program.outs["service"] = service
    with pytest.raises(Refused, match=r"^service: .*acme.* is not one of|^service: .*7.* is not one of"):
        getattr(program, step)()


@pytest.mark.parametrize(("field", "value"), [("start_at", 7), ("start_at", None), ("anchor", "x"), ("anchor", [1])])
@pytest.mark.parametrize("step", ["preview", "up", "refresh", "destroy"])
def test_recorded_times_that_are_none_are_refused(page: Page, field: str, value: object, step: str) -> None:
    window = page.maintenance()
    window.up()
    window.outs[field] = value
    with pytest.raises(Refused, match="the recorded state cannot be read"):
        getattr(window, step)()
