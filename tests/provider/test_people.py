"""People edit the page, and state does not know: nothing of theirs is undone unseen, nothing announced by mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from statuspage_provider import Refused
from statuspage_provider.listed import SHOWN_FIRST
from statuspage_provider.services.incident_io import calls
from tests.support.page import Page
from tests.support.program import Killed

MAINTENANCES = "status_page_maintenances"
UPDATES = "status_page_maintenance_updates"


def statuses(told: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"component_id": key, "component_status": told[key]} for key in sorted(told)]


def shown(page: Page) -> dict[str, Any]:
    (window,) = page.windows()
    return window


def ends(page: Page) -> set[str]:
    return {period["end_at"] for period in shown(page)["component_maintenance_periods"]}


def impacts(page: Page) -> dict[str, str]:
    (incident,) = page.incidents()
    return {
        one["component_id"]: one["component_status"] for one in incident["component_impacts"] if "end_at" not in one
    }


# a rename


def test_a_rename_does_not_end_a_window_whose_only_component_was_let_out(page: Page) -> None:
    window = page.maintenance()
    window.up()
    page.advance(hours=3)
    page.tell(window, component_statuses=statuses({page.database: "operational"}))
    window.edit(name="Renamed").up()
    page.advance(minutes=30)
    assert (shown(page)["name"], shown(page)["maintenance_status"]) == ("Renamed", "maintenance_in_progress")
    page.advance(minutes=31)
    assert shown(page)["maintenance_status"] == "maintenance_complete"


def test_a_rename_that_would_end_the_window_is_refused(page: Page) -> None:
    window = page.maintenance()
    window.up()
    page.advance(hours=3)
    page.move(window, "2026-03-01T14:00:00Z", "2026-03-01T20:00:00Z")
    page.emulator.differ(open_ended_periods=True)
    page.advance(hours=2)
    page.wrote()
    with pytest.raises(Refused, match="“Upgrade” cannot be renamed: the page does not show when it ends"):
        window.edit(name="Renamed").up()
    assert page.wrote() == []
    assert shown(page)["maintenance_status"] == "maintenance_in_progress"
    window.edit(end_at="2026-03-01T20:00:00Z", duration=None).up()
    assert (shown(page)["name"], shown(page)["maintenance_status"]) == ("Renamed", "maintenance_in_progress")


def test_a_rename_keeps_the_times_to_which_a_human_has_moved_the_window(page: Page) -> None:
    window = page.maintenance()
    window.up()
    page.move(window, "2026-03-02T14:00:00Z", "2026-03-02T17:00:00Z")
    window.edit(name="Renamed").up()
    assert ends(page) == {"2026-03-02T17:00:00Z"}
    # The move shows at the next refresh, and the run after it makes it as declared.
    window.refresh()
    assert window.up() == "update"
    assert ends(page) == {"2026-03-01T16:00:00Z"}


@pytest.mark.parametrize("hours", [0, 3])
def test_a_rename_of_a_window_whose_periods_have_no_end_sends_the_recorded_end(page: Page, hours: int) -> None:
    page.emulator.differ(open_ended_periods=True)
    window = page.maintenance()
    window.up()
    page.advance(hours=hours)
    window.edit(name="Renamed").up()
    window.refresh()
    assert window.up() == "same"
    page.emulator.differ(open_ended_periods=False)
    assert ends(page) == {"2026-03-01T16:00:00Z"}


def test_a_window_that_a_human_moves_to_a_later_day_while_it_is_in_progress_gets_its_own_times_back(page: Page) -> None:
    window = page.maintenance()
    window.up()
    page.advance(hours=2, minutes=30)
    assert shown(page)["maintenance_status"] == "maintenance_in_progress"
    page.move(window, "2026-03-02T14:00:00Z", "2026-03-02T16:00:00Z")
    window.refresh()
    assert window.up() == "update"
    assert ends(page) == {"2026-03-01T16:00:00Z"}
    window.refresh()
    assert window.up() == "same"


# begun or ended early


def test_a_window_that_was_begun_early_is_not_deleted_for_other_components(page: Page) -> None:
    window = page.maintenance()
    window.up()
    first = window.id
    page.advance(hours=1)
    page.tell(window, maintenance_status="maintenance_in_progress")
    window.edit(affected_component_ids=[page.api]).up()
    assert page.wrote() == [f"POST {UPDATES}"]
    assert window.id == first


def test_a_window_that_begins_between_preview_and_deletion_stays(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    window = page.maintenance()
    window.up()
    provider = window.edit(affected_component_ids=[page.api])._provider()
    assert window.state is not None
    id_, olds, outs = window.state
    news = window._check(provider, olds)
    assert provider.diff(id_, dict(outs), news).delete_before_replace
    page.tell(window, maintenance_status="maintenance_in_progress")
    with pytest.raises(Refused, match=r"has begun on the page in the meantime. Nothing was deleted"):
        provider.delete(id_, dict(outs))
    assert shown(page)["id"] == id_


def test_a_window_that_was_ended_early_and_is_moved_before_its_old_start_is_announced_anew(page: Page) -> None:
    window = page.maintenance(notify_subscribers=["scheduled", "in_progress", "complete"])
    window.up()
    first = window.id
    page.advance(hours=1)
    for status in ("maintenance_in_progress", "maintenance_complete"):
        page.tell(window, maintenance_status=status)
    assert window.edit(start_at="2026-03-05T14:00:00Z").up() == "replace"
    assert page.wrote() == [f"POST {MAINTENANCES}"]
    assert {item["id"]: item["maintenance_status"] for item in page.windows()} == {
        first: "maintenance_complete",
        window.id: "maintenance_scheduled",
    }
    assert page.mails() == ["maintenance_scheduled"] * 2


def test_a_window_that_was_ended_early_keeps_its_history_where_components_change(page: Page) -> None:
    window = page.maintenance(notify_subscribers=True)
    window.up()
    page.advance(hours=1)
    for status in ("maintenance_in_progress", "maintenance_complete"):
        page.tell(window, maintenance_status=status)
    assert window.edit(affected_component_ids=[page.api]).up() == "update"
    assert page.wrote() == []
    assert page.mails() == ["maintenance_scheduled"]


# an end moved on the page


def test_an_end_that_was_moved_on_the_page_and_then_declared_makes_no_second_window(page: Page) -> None:
    window = page.maintenance(notify_subscribers=["scheduled", "in_progress", "complete"])
    window.up()
    page.advance(hours=3)
    page.move(window, "2026-03-01T14:00:00Z", "2026-03-01T18:00:00Z")
    page.advance(hours=1, minutes=30)
    assert window.edit(duration="4h").up() == "update"
    assert shown(page)["maintenance_status"] == "maintenance_in_progress"
    assert page.mails() == ["maintenance_scheduled", "maintenance_in_progress"]
    assert window.up() == "same"


def test_an_extended_end_does_not_block_the_run_after_a_refresh(page: Page) -> None:
    window = page.maintenance()
    window.up()
    page.advance(hours=3)
    page.move(window, "2026-03-01T14:00:00Z", "2026-03-01T16:30:00Z")
    page.advance(hours=1, minutes=5)
    window.refresh()
    page.asked()
    assert window.up() == "update"
    assert page.wrote() == []
    assert shown(page)["maintenance_status"] == "maintenance_in_progress"
    assert ends(page) == {"2026-03-01T16:30:00Z"}


# components


@pytest.mark.parametrize("hours", [0, 3])
def test_a_component_that_a_human_lets_out_of_a_window_shows_at_refresh_and_is_taken_in_again(
    page: Page, hours: int
) -> None:
    window = page.maintenance(affected_component_ids=[page.api, page.database])
    window.up()
    first = window.id
    page.advance(hours=hours)
    page.tell(window, component_statuses=statuses({page.database: "operational"}))
    assert window.up() == "same"
    window.refresh()
    assert window.preview() == "update"
    page.asked()
    assert window.up() == "update"
    assert page.wrote() == [f"POST {UPDATES}"]
    assert window.id == first
    assert shown(page)["updates"][-1]["component_statuses"] == statuses({page.database: "under_maintenance"})
    window.refresh()
    assert window.up() == "same"


@pytest.mark.parametrize("hours", [0, 3])
def test_what_leaves_the_component_statuses_of_a_window_is_as_the_window_has_it(page: Page, hours: int) -> None:
    window = page.maintenance(
        component_statuses=statuses({page.database: "operational", page.api: "under_maintenance"})
    )
    window.up()
    page.advance(hours=hours)
    window.refresh()
    assert window.up() == "same"
    window.edit(component_statuses=None).up()
    last = shown(page)["updates"][-1]["component_statuses"]
    assert last == statuses({page.database: "under_maintenance", page.api: "operational"})
    window.refresh()
    assert window.up() == "same"


def test_a_window_that_runs_over_its_end_without_automation_has_let_nobody_out(page: Page) -> None:
    window = page.maintenance(automate_maintenance_status=False)
    window.up()
    page.advance(hours=3)
    window.edit(maintenance_status="maintenance_in_progress").up()
    page.advance(hours=2)
    window.refresh()
    assert window.up() == "same"


@pytest.mark.parametrize("after", [None, {"API": "partial_outage"}])
def test_a_component_that_leaves_an_incident_is_operational(page: Page, after: dict[str, str] | None) -> None:
    both = statuses({page.api: "partial_outage", page.database: "full_outage"})
    incident = page.incident(component_statuses=both)
    incident.up()
    assert len(impacts(page)) == 2
    incident.edit(component_statuses=statuses({page.api: "partial_outage"}) if after else None).up()
    assert impacts(page) == ({page.api: "partial_outage"} if after else {})
    incident.refresh()
    assert incident.up() == "same"


def test_a_component_that_a_human_changed_in_an_incident_shows_at_refresh(page: Page) -> None:
    incident = page.incident(component_statuses=statuses({page.api: "partial_outage"}))
    incident.up()
    page.tell(incident, component_statuses=statuses({page.api: "operational", page.database: "full_outage"}))
    assert incident.up() == "same"
    incident.refresh()
    assert incident.preview() == "update"
    incident.up()
    assert impacts(page) == {page.api: "partial_outage"}
    incident.refresh()
    assert incident.up() == "same"


def test_components_of_an_incident_that_declares_none_are_left_to_people(page: Page) -> None:
    incident = page.incident()
    incident.up()
    page.tell(incident, component_statuses=statuses({page.database: "full_outage"}))
    incident.refresh()
    assert incident.up() == "same"
    incident.edit(message="More.").up()
    assert impacts(page) == {page.database: "full_outage"}


@pytest.mark.parametrize("after", [None, "degraded_performance"])
def test_a_killed_incident_whose_components_were_edited_since_is_corrected(page: Page, after: str | None) -> None:
    incident = page.incident(component_statuses=statuses({page.api: "full_outage"}))
    with pytest.raises(Killed):
        incident.up(killed=True)
    incident.edit(component_statuses=statuses({page.database: after}) if after else None).up()
    assert impacts(page) == ({page.database: after} if after else {})


def test_an_incident_that_is_taken_over_gets_the_components_that_are_declared(page: Page) -> None:
    made = page.incident(idempotency_key="other", component_statuses=statuses({page.api: "full_outage"}))
    made.up()
    incident = page.incident(adopt_id=made.id, component_statuses=statuses({page.api: "degraded_performance"}))
    incident.up()
    assert impacts(page) == {page.api: "degraded_performance"}


def test_a_killed_update_of_components_alone_is_not_repeated_and_not_lost(page: Page) -> None:
    incident = page.incident(notify_subscribers=True)
    incident.up()
    incident.edit(component_statuses=statuses({page.api: "full_outage"}))
    with pytest.raises(Killed):
        incident.up(killed=True)
    incident.edit(component_statuses=statuses({page.api: "partial_outage"})).up()
    assert impacts(page) == {page.api: "partial_outage"}
    assert len(page.mails()) == 3


# whose it is


def test_another_programs_window_under_the_same_key_is_not_touched(page: Page) -> None:
    theirs = page.maintenance(name="Theirs", message="Something else.")
    theirs.up()
    page.asked()
    with pytest.raises(Refused, match=r"idempotency_key: already used by “Theirs”, .*adopt_id="):
        page.maintenance().up()
    assert page.wrote() == [f"POST {MAINTENANCES}"]
    assert shown(page)["name"] == "Theirs"


def test_a_window_without_components_that_is_got_has_no_times(page: Page) -> None:
    made = page.human(
        "POST",
        MAINTENANCES,
        status_page_id=page.id,
        name="By hand",
        message="By hand.",
        start_at="2026-03-01T14:00:00Z",
        end_at="2026-03-01T15:00:00Z",
        affected_component_ids=[],
        maintenance_status="maintenance_scheduled",
        automate_maintenance_status=True,
        notify_subscribers=False,
        idempotency_key="by-hand",
    )
    read = page.maintenance()._provider().read(made["status_page_maintenance"]["id"], {})
    assert not {"start_at", "end_at"} & set(read.outs)
    assert read.outs["phase"] == "scheduled"


@pytest.mark.parametrize("status", [None, "maintenance_in_progress", "maintenance_complete"])
def test_a_window_that_is_got_after_its_end_still_has_its_times(page: Page, status: str | None) -> None:
    made = page.maintenance(automate_maintenance_status=False)
    made.up()
    page.advance(hours=2)
    if status is not None:
        page.tell(made, maintenance_status=status)
    page.advance(hours=2, minutes=1)
    read = page.maintenance()._provider().read(made.id, {})
    times = (
        "2026-03-01T14:00:00Z",
        "2026-03-01T16:00:00Z" if status != "maintenance_complete" else "2026-03-01T14:00:00Z",
    )
    assert (read.outs["start_at"], read.outs["end_at"]) == times


# what the service takes no more of


def test_over_1000_subscribers_the_end_goes_out_without_mail(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    window = page.maintenance(notify_subscribers=["complete"], automate_maintenance_status=False)
    window.up()
    page.advance(hours=3)
    page.emulator.set_subscribers(page.id, 1001)
    window.edit(maintenance_status="maintenance_complete").up()
    assert shown(page)["maintenance_status"] == "maintenance_complete"
    assert window.outs["notices"][-1]["subscribers"] is False
    assert "It was published without email" in capsys.readouterr().out
    assert page.mails() == []


def test_over_1000_subscribers_an_incident_is_resolved_without_mail(page: Page) -> None:
    incident = page.incident(notify_subscribers=True)
    incident.up()
    page.emulator.set_subscribers(page.id, 1001)
    incident.destroy()
    assert page.incidents()[0]["incident_status"] == "resolved"


def test_an_object_that_takes_no_more_updates_says_how_it_leaves_the_program(page: Page) -> None:
    incident = page.incident()
    incident.up()
    for _ in range(99):
        page.tell(incident)
    with pytest.raises(Refused, match=r"has 100 updates, .*by hand.*on_delete=\"retain\""):
        incident.destroy()
    incident.edit(on_delete="retain").up()
    incident.destroy()
    assert page.incidents()[0]["incident_status"] == "investigating"


@pytest.mark.parametrize("kind", ["maintenance", "incident"])
def test_many_are_refreshed_by_one_list_as_each_would_be_by_itself(page: Page, kind: str) -> None:
    programs = [getattr(page, kind)(idempotency_key=str(number), name=f"Number {number}") for number in range(12)]
    for program in programs:
        program.up()
    for program in programs[::3]:
        page.tell(program)
    by_one = []
    for program in programs:
        state = program.state
        program.refresh()
        by_one.append(program.state)
        program.state = state
    # One process reads all of them, as the engine's plugin does.
    provider = programs[0]._provider()
    page.asked()
    together = []
    for program in programs:
        assert program.state is not None
        read = provider.read(program.id, dict(program.outs))
        together.append((read.id, read.inputs or program.state[1], read.outs))
    assert together == by_one
    lists = [line for line in page.asked() if line.startswith("GET")]
    assert len(lists) == SHOWN_FIRST + 1


def test_what_is_gone_and_what_is_not_in_the_list_is_shown_by_itself(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "PAGE_SIZE", 25)
    programs = [page.maintenance(idempotency_key=str(number)) for number in range(32)]
    for program in programs:
        program.up()
    page.human("DELETE", f"status_page_maintenances/{programs[-1].id}")
    provider = programs[0]._provider()
    page.asked()
    read = [provider.read(program.id, dict(program.outs)).id for program in programs]
    assert read == [*(program.id for program in programs[:-1]), None]
    # Three by one, a list of the newest 25, the three that are older, and twice the one that is gone.
    assert len(page.asked()) <= SHOWN_FIRST + 1 + 4 + 2


# what a refresh compares


@pytest.mark.parametrize("kind", ["maintenance", "incident"])
def test_what_has_left_the_program_is_ended_though_the_refresh_of_that_run_compared_it(page: Page, kind: str) -> None:
    program = getattr(page, kind)()
    program.up()
    page.advance(hours=3)
    page.tell(program)
    # As in `up --refresh`: the engine compares what was read with the inputs of state, without a check.
    provider = program._provider()
    assert program.state is not None
    id_, inputs, outs = program.state
    read = provider.read(id_, dict(outs))
    provider.diff(id_, dict(read.outs), dict(inputs))
    provider.delete(id_, dict(read.outs))
    shown = (page.windows() + page.incidents())[0]
    assert shown[f"{kind}_status"] == {"maintenance": "maintenance_complete", "incident": "resolved"}[kind]


def test_a_window_that_has_left_the_program_is_not_deleted_for_a_successor_that_a_refresh_compared(page: Page) -> None:
    window = page.maintenance(affected_component_ids=[page.api, page.database])
    window.up()
    provider = window._provider()
    assert window.state is not None
    id_, inputs, outs = window.state
    # Compared with other components, as a refresh does where a person let one out; then the service itself begins it.
    assert provider.diff(id_, dict(outs), {**inputs, "affected_component_ids": [page.api]}).delete_before_replace
    page.tell(window, maintenance_status="maintenance_in_progress")
    provider.delete(id_, dict(outs))
    assert shown(page)["maintenance_status"] == "maintenance_complete"
