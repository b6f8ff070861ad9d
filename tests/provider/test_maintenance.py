"""Stories of one window: announced once, moved, corrected, taken over, drifted, lost and found."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from statuspage_provider import KeyRefused, LostAnswer, NotFound, Refused, ServiceError, SettingsError, Unreachable
from tests.support.page import Page, completed_early
from tests.support.program import CheckFailed, Killed

MAINTENANCES = "status_page_maintenances"
UPDATES = "status_page_maintenance_updates"
LOST = {"kind": "reset_after", "times": 1}


# announcing


def test_a_window_is_announced_by_one_post_and_one_read(page: Page) -> None:
    window = page.maintenance()
    assert window.up() == "create"
    assert page.asked() == [f"POST {MAINTENANCES}", f"GET {MAINTENANCES}"]
    assert window.outs["phase"] == "scheduled"
    assert (window.outs["start_at"], window.outs["end_at"]) == ("2026-03-01T14:00:00Z", "2026-03-01T16:00:00Z")


def test_a_preview_asks_the_service_nothing_and_needs_no_key(page: Page) -> None:
    window = page.maintenance()
    window.api_key = None
    assert window.preview() == "create"
    assert page.asked() == []
    with pytest.raises(SettingsError, match=r"INCIDENT_API_KEY.*pulumi config set --secret incident:apiKey"):
        window.up()


def test_a_window_that_is_not_there_cannot_be_got(page: Page) -> None:
    with pytest.raises(NotFound, match=r"^there is no maintenance window nope: `statuspage list` shows the ids$"):
        page.maintenance()._provider().read("nope", {})


def test_a_rename_and_a_move_before_the_start_are_one_put_each_after_a_look(page: Page) -> None:
    window = page.maintenance()
    window.up()
    page.asked()
    window.edit(name="Renamed").up()
    assert page.asked() == [f"GET {MAINTENANCES}", f"PUT {MAINTENANCES}"]
    window.edit(start_at="2026-03-02T14:00:00Z").up()
    # Whether it is moved or announced anew, the page decides too.
    assert page.asked() == [f"GET {MAINTENANCES}", f"GET {MAINTENANCES}", f"PUT {MAINTENANCES}"]
    assert page.windows()[0]["component_maintenance_periods"][0]["end_at"] == "2026-03-02T16:00:00Z"


def test_a_message_is_one_post_after_one_read_and_leaves_automation_on(page: Page) -> None:
    window = page.maintenance()
    window.up()
    page.asked()
    window.edit(message="Other text.").up()
    assert page.asked() == [f"GET {MAINTENANCES}", f"POST {UPDATES}"]
    assert page.windows()[0]["automate_maintenance_status"] is True


def test_several_edits_are_one_put_and_one_post(page: Page) -> None:
    window = page.maintenance(notify_subscribers=True)
    window.up()
    page.asked()
    window.edit(name="Renamed", message="Other text.", start_at="2026-03-02T14:00:00Z").up()
    assert page.wrote() == [f"PUT {MAINTENANCES}", f"POST {UPDATES}"]
    moved, text = page.windows()[0]["updates"][-1]["message"].split("\n\n")
    assert moved == "This maintenance has been rescheduled. It now runs Mon 2 Mar 2026, 14:00 to 16:00 UTC."
    assert text == "Other text."
    assert page.mails() == ["maintenance_scheduled", "maintenance_scheduled"]


def test_a_window_whose_start_has_passed_begins_at_once_and_automation_ends_it(page: Page) -> None:
    window = page.maintenance(start_at="2026-03-01T11:30:00Z")
    window.up()
    assert page.windows()[0]["maintenance_status"] == "maintenance_in_progress"
    page.advance(hours=3)
    assert page.windows()[0]["maintenance_status"] == "maintenance_complete"


def test_a_window_that_is_over_is_refused_at_preview_but_only_when_it_would_be_announced(page: Page) -> None:
    with pytest.raises(CheckFailed) as refused:
        page.maintenance(start_at="2026-02-01T00:00:00Z").preview()
    ((where, reason),) = refused.value.failures
    assert where == "start_at"
    assert "already over" in reason
    window = page.maintenance()
    window.up()
    page.advance(days=400)
    assert window.preview() == "same"


def test_a_service_whose_clock_is_ahead_of_ours_is_announced_to_once_and_not_again_and_again(page: Page) -> None:
    page.emulator.set_clock(now=page.now + timedelta(days=1))
    window = page.maintenance()
    for _ in range(2):
        with pytest.raises(Refused, match=r"already over by the service's clock.*STATUSPAGE_NOW"):
            window.up()
    assert len(page.windows()) == 1


# relative times


def test_now_is_resolved_once_and_kept(page: Page) -> None:
    window = page.maintenance(start_at="now", duration="30m")
    window.up()
    assert window.outs["start_at"] == "2026-03-01T12:00:00Z"
    page.asked()
    page.advance(minutes=5)
    assert window.up() == "same"
    window.refresh()
    assert window.up() == "same"
    assert page.wrote() == []
    window.edit(duration="45m").up()
    assert window.outs["end_at"] == "2026-03-01T12:45:00Z"
    window.edit(start_at="+15m").up()
    # It has begun: only the end can still move.
    assert page.windows()[0]["component_maintenance_periods"][0]["start_at"] == "2026-03-01T12:00:00Z"
    assert window.outs["end_at"] == "2026-03-01T13:05:00Z"


def test_a_new_trigger_announces_a_new_window_and_closes_the_old_one(page: Page) -> None:
    window = page.maintenance(start_at="now", duration="30m", triggers=["v1"])
    window.up()
    page.advance(days=1)
    assert window.up() == "same"
    window.edit(triggers=["v2"])
    page.asked()
    assert window.up() == "replace"
    assert page.wrote() == [f"POST {MAINTENANCES}"]
    assert window.outs["start_at"] == "2026-03-02T12:00:00Z"
    assert sorted(item["maintenance_status"] for item in page.windows()) == [
        "maintenance_complete",
        "maintenance_in_progress",
    ]


@pytest.mark.parametrize(
    "spelling",
    [
        {"start_at": "2026-03-01T15:00:00+01:00"},
        {"start_at": "2026-03-01 15:00", "time_zone": "Europe/Berlin"},
        {"duration": "120m"},
        {"duration": None, "end_at": "2026-03-01T16:00:00Z"},
    ],
)
def test_another_spelling_of_the_same_times_is_no_change(page: Page, spelling: dict[str, Any]) -> None:
    window = page.maintenance()
    window.up()
    page.asked()
    assert window.edit(**spelling).up() == "same"
    assert window.up() == "same"
    assert page.asked() == []


# mails


@pytest.mark.parametrize(
    ("notify", "mails"),
    [
        (None, []),
        (True, ["maintenance_scheduled", "maintenance_in_progress", "maintenance_complete"]),
        (
            ["scheduled", "in_progress", "complete"],
            ["maintenance_scheduled", "maintenance_in_progress", "maintenance_complete"],
        ),
        (["scheduled"], ["maintenance_scheduled"]),
        (["update"], []),
    ],
)
def test_subscribers_are_mailed_of_just_the_events_that_were_named(page: Page, notify: Any, mails: list[str]) -> None:
    window = page.maintenance(notify_subscribers=notify)
    window.up()
    for _ in range(3):
        page.advance(hours=3)
        window.up()
        window.refresh()
    assert page.windows()[0]["maintenance_status"] == "maintenance_complete"
    assert page.mails() == mails


def test_mails_that_automation_will_not_send_are_named(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    page.maintenance(notify_subscribers=["complete"]).up()
    assert "will email nobody" in capsys.readouterr().out


def test_over_1000_subscribers_nothing_is_announced_and_the_error_says_why(page: Page) -> None:
    page.emulator.set_subscribers(page.id, 1001)
    for notify in (True, ["scheduled"]):
        with pytest.raises(ServiceError, match=r"422.*notify_subscribers.*1000"):
            page.maintenance(notify_subscribers=notify).up()
        assert page.windows() == []
    assert page.mails() == []


def test_a_refused_announcement_of_a_move_takes_the_move_back(page: Page) -> None:
    window = page.maintenance(notify_subscribers=["rescheduled"])
    window.up()
    page.emulator.set_subscribers(page.id, 1001)
    with pytest.raises(ServiceError, match="1000"):
        window.edit(start_at="2026-03-02T14:00:00Z", name="Renamed").up()
    (left,) = page.windows()
    assert left["name"] == "Upgrade"
    assert left["component_maintenance_periods"][0]["start_at"] == "2026-03-01T14:00:00Z"


# lost answers and killed runs


def test_a_lost_answer_to_a_create_is_asked_for_again(page: Page) -> None:
    page.emulator.fault(method="POST", **LOST)
    page.maintenance(notify_subscribers=True).up()
    assert len(page.windows()) == 1
    assert page.mails() == ["maintenance_scheduled"]


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "status:500", "status:429", "garbage"])
def test_an_update_whose_answer_is_lost_is_posted_once(page: Page, kind: str) -> None:
    window = page.maintenance(notify_subscribers=True)
    window.up()
    page.emulator.fault(method="POST", kind=kind, times=1, retry_after=0)
    window.edit(message="Other text.")
    if kind in ("reset_before", "garbage"):
        # The service did not answer, so it may still be carried out: this run posts no second one.
        with pytest.raises(LostAnswer):
            window.up()
        assert page.mails() == ["maintenance_scheduled"]
    window.up()
    assert [update["message"] for update in page.windows()[0]["updates"]] == ["We upgrade.", "Other text."]
    assert page.mails() == ["maintenance_scheduled", "maintenance_scheduled"]


def test_a_page_that_is_not_the_services_is_not_asked_again_and_again(page: Page) -> None:
    window = page.maintenance()
    window.up()
    page.emulator.fault(method="POST", kind="garbage", times=9)
    page.emulator.fault(method="GET", kind="garbage", times=9)
    with pytest.raises(Unreachable, match="not JSON"):
        window.edit(message="Other text.").up()


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_killed_create_leaves_one_window_however_often(page: Page, times: int) -> None:
    window = page.maintenance(notify_subscribers=True)
    for _ in range(times):
        with pytest.raises(Killed):
            window.up(killed=True)
    assert window.up() == "create"
    assert window.up() == "same"
    assert len(page.windows()) == 1
    assert page.mails() == ["maintenance_scheduled"]


def test_a_create_that_was_killed_and_then_edited_is_taken_over_and_corrected(page: Page) -> None:
    window = page.maintenance()
    with pytest.raises(Killed):
        window.up(killed=True)
    window.edit(message="Other text.", start_at="2026-03-02T14:00:00Z").up()
    window.edit(name="Renamed").up()
    (left,) = page.windows()
    assert left["name"] == "Renamed"
    assert [update["message"] for update in left["updates"]] == ["We upgrade.", "Other text."]
    assert left["component_maintenance_periods"][0]["start_at"] == "2026-03-02T14:00:00Z"


def test_a_create_that_was_killed_and_then_given_other_components_leaves_one_window(page: Page) -> None:
    window = page.maintenance()
    with pytest.raises(Killed):
        window.up(killed=True)
    window.edit(affected_component_ids=[page.api]).up()
    (left,) = page.windows()
    assert [period["component_id"] for period in left["component_maintenance_periods"]] == [page.api]


@pytest.mark.parametrize(
    ("declared", "announced", "mails"),
    [
        ("now", "2026-03-01T12:00:00Z", ["maintenance_in_progress"]),
        ("+15m", "2026-03-01T12:15:00Z", ["maintenance_scheduled"]),
    ],
)
def test_a_killed_relative_start_keeps_the_times_that_were_announced(
    page: Page, declared: str, announced: str, mails: list[str]
) -> None:
    window = page.maintenance(start_at=declared, duration="30m", notify_subscribers=True)
    with pytest.raises(Killed):
        window.up(killed=True)
    page.advance(minutes=5)
    page.asked()
    window.up()
    assert page.wrote() == [f"POST {MAINTENANCES}"]
    assert window.outs["start_at"] == announced
    assert len(page.windows()) == 1
    assert page.mails() == mails


def test_a_create_that_was_killed_before_a_new_trigger_leaves_one_window(page: Page) -> None:
    window = page.maintenance(triggers=["v1"])
    with pytest.raises(Killed):
        window.up(killed=True)
    window.edit(triggers=["v2"]).up()
    assert len(page.windows()) == 1


def test_thirty_releases_cost_one_post_and_one_read_each(page: Page) -> None:
    window = page.maintenance(start_at="now", duration="10m", triggers=[0])
    window.up()
    for release in range(1, 30):
        page.advance(hours=1)
        window.edit(triggers=[release])
        page.asked()
        assert window.up() == "replace"
        # The third is the look at the old window, which is over, before it is left alone.
        assert page.asked() == [f"POST {MAINTENANCES}", f"GET {MAINTENANCES}", f"GET {MAINTENANCES}"]
    assert window.outs["generation"] == 30


def test_a_killed_announcement_by_mail_alone_is_mailed_once(page: Page) -> None:
    window = page.maintenance(notify_subscribers=["scheduled"])
    with pytest.raises(Killed):
        window.up(killed=True)
    window.edit(message="Other text.")
    with pytest.raises(Killed):
        window.up(killed=True)
    window.up()
    assert page.mails() == ["maintenance_scheduled"]
    texts = [update["message"] for update in page.windows()[0]["updates"]]
    assert texts == ["We upgrade.", "We upgrade.", "Other text."]


@pytest.mark.parametrize(
    "edit",
    [
        {"message": "Other text."},
        {"message": "Other text.", "start_at": "2026-03-02T14:00:00Z"},
        {"start_at": "2026-03-02T14:00:00Z"},
        {"maintenance_status": "maintenance_in_progress"},
        {"maintenance_status": "maintenance_complete"},
    ],
)
def test_a_killed_update_is_announced_once(page: Page, edit: dict[str, Any]) -> None:
    window = page.maintenance(notify_subscribers=["rescheduled", "update", "in_progress", "complete"])
    window.up()
    window.edit(**edit)
    for _ in range(3):
        with pytest.raises(Killed):
            window.up(killed=True)
    assert window.up() == "update"
    assert window.up() == "same"
    assert len(page.mails()) == 1
    assert len(page.windows()[0]["updates"]) == 2


def test_destroying_and_announcing_again_at_once_makes_a_live_window(page: Page) -> None:
    window = page.maintenance()
    ids = set()
    for _ in range(3):
        window.up()
        ids.add(window.id)
        assert [item["maintenance_status"] for item in page.windows()] == ["maintenance_scheduled"]
        window.destroy()
        assert page.windows() == []
    assert len(ids) == 3


def test_replace_on_demand_keeps_the_window_and_mails_nobody(page: Page) -> None:
    window = page.maintenance(notify_subscribers=True)
    window.up()
    first = window.id
    assert window.up(forced=True) == "replace"
    assert window.id == first
    assert [item["id"] for item in page.windows()] == [first]
    assert page.mails() == ["maintenance_scheduled"]
    window.destroy()
    assert page.windows() == []


@pytest.mark.parametrize("hours", [0, 3])
@pytest.mark.parametrize("how", ["forced", "triggered"])
def test_a_window_that_is_deleted_before_it_is_replaced_on_demand_stays_as_it_is(
    page: Page, hours: int, how: str
) -> None:
    window = page.maintenance(notify_subscribers=True)
    window.up()
    page.advance(hours=hours)
    first, (before,), mails = window.id, page.windows(), page.mails()
    assert window.up(**{how: True}, delete_first=True) == "replace"
    assert window.id == first
    assert page.windows() == [before]
    assert page.mails() == mails
    assert window.up() == "same"
    window.destroy()
    assert [item["maintenance_status"] for item in page.windows()] == (["maintenance_complete"] if hours else [])


def test_a_window_that_ended_early_is_not_announced_again_by_a_replacement_on_demand(page: Page) -> None:
    window = page.maintenance(notify_subscribers=True)
    window.up()
    page.advance(hours=2, minutes=10)
    page.tell(window, maintenance_status="maintenance_complete")
    before, mails, state = page.windows(), page.mails(), window.state
    with pytest.raises(Refused, match=f"was announced before, as {window.id}, and is complete on the page"):
        window.up(forced=True)
    assert window.state == state
    assert window.up(forced=True, delete_first=True) == "replace"
    assert window.state == state
    assert page.windows() == before
    assert page.mails() == mails
    assert window.up() == "same"


def test_a_window_that_ended_early_and_left_state_is_announced_again_only_where_that_is_said(page: Page) -> None:
    window = page.maintenance()
    window.up()
    page.advance(hours=2, minutes=10)
    window.destroy()
    assert [item["maintenance_status"] for item in page.windows()] == ["maintenance_complete"]
    with pytest.raises(Refused, match="move its start or set another idempotency_key"):
        window.up()
    assert len(page.windows()) == 1
    window.edit(start_at="2026-03-01T14:05:00Z").up()
    assert len(page.windows()) == 2


def test_a_window_that_changed_and_is_deleted_before_it_is_replaced_on_demand_is_replaced(page: Page) -> None:
    window = page.maintenance(triggers=["v1"])
    window.up()
    first = window.id
    assert window.edit(triggers=["v2"]).up(forced=True, delete_first=True) == "replace"
    assert window.id != first
    assert window.outs["generation"] == 2
    assert [item["id"] for item in page.windows()] == [window.id]


def test_a_window_that_was_retained_is_left_alone_by_a_replacement_on_demand(page: Page) -> None:
    window = page.maintenance(on_delete="retain", triggers=["v1"])
    window.up()
    retained = window.id
    window.edit(triggers=["v2"], affected_component_ids=[page.emulator.components["API"]]).up()
    (wanted,) = (item for item in page.windows() if item["id"] == window.id)
    window.edit(triggers=["v1"]).up(delete_first=True)
    before = page.windows()
    assert window.up(forced=True, delete_first=True) == "replace"
    assert page.windows() == before
    assert {retained, wanted["id"]} < {item["id"] for item in before}


def test_a_run_killed_between_the_two_halves_of_a_replacement_on_demand_keeps_the_window(page: Page) -> None:
    window = page.maintenance()
    window.up()
    assert window.state is not None
    # The new half is saved, the old one is still to be deleted.
    window.deleting.append((window.state[0], window.state[2]))
    assert window.up() == "same"
    assert len(page.windows()) == 1


def test_a_killed_replacement_leaves_one_live_window(page: Page) -> None:
    window = page.maintenance(triggers=["v1"])
    window.up()
    window.edit(triggers=["v2"])
    for _ in range(2):
        with pytest.raises(Killed):
            window.up(killed=True)
    window.up()
    assert [item["id"] for item in page.windows()] == [window.id]


def test_a_replacement_for_other_components_never_leaves_two(page: Page) -> None:
    window = page.maintenance(on_delete="retain")
    window.up()
    window.edit(affected_component_ids=[page.api])
    with pytest.raises(Killed):
        window.up(killed=True)
    window.up()
    (left,) = page.windows()
    assert [period["component_id"] for period in left["component_maintenance_periods"]] == [page.api]


def test_a_replacement_that_would_fail_is_refused_before_the_old_window_is_gone(page: Page) -> None:
    window = page.maintenance()
    window.up()
    with pytest.raises(Refused, match=r"affected_component_ids: not on the page: 01HZNONE.*stays as it is"):
        window.edit(affected_component_ids=["01HZNONE"]).up()
    assert [item["id"] for item in page.windows()] == [window.id]


# taking over


def human_window(page: Page, **fields: Any) -> str:
    body = {
        "status_page_id": page.id,
        "name": "By hand",
        "message": "By hand.",
        "start_at": "2026-03-01T14:00:00Z",
        "end_at": "2026-03-01T15:00:00Z",
        "affected_component_ids": [page.database],
        "maintenance_status": "maintenance_scheduled",
        "automate_maintenance_status": True,
        "notify_subscribers": False,
        "idempotency_key": "by hand",
    }
    return str(page.human("POST", MAINTENANCES, **{**body, **fields})["status_page_maintenance"]["id"])


def test_an_adopted_window_is_made_as_declared_and_managed_from_then_on(page: Page) -> None:
    by_hand = human_window(page)
    window = page.maintenance(adopt_id=by_hand)
    assert window.up() == "create"
    assert window.id == by_hand
    assert page.wrote() == [f"PUT {MAINTENANCES}", f"POST {UPDATES}"]
    assert window.up() == "same"
    window.edit(adopt_id=None)
    assert window.up() == "same"
    window.destroy()
    assert page.windows() == []


def test_an_adopted_window_that_is_as_declared_is_left_alone(page: Page) -> None:
    by_hand = human_window(page)
    window = page.maintenance(adopt_id=by_hand, name="By hand", message="By hand.", duration="1h")
    window.up()
    assert page.wrote() == []


def test_adopting_what_is_not_there_is_refused(page: Page) -> None:
    with pytest.raises(Refused, match="adopt_id: there is no maintenance window"):
        page.maintenance(adopt_id="01HZNONE").up()
    assert page.windows() == []


def test_a_window_that_another_resource_adopts_survives_the_first_ones_removal(page: Page) -> None:
    first = page.maintenance()
    first.up()
    second = page.maintenance(adopt_id=first.id, idempotency_key="other")
    second.up()
    # The engine deletes what left the program at the end of the same run.
    second.deleting.append((first.id, first.outs))
    assert second.up() == "same"
    assert [item["id"] for item in page.windows()] == [second.id]


# people


def test_a_human_edit_comes_back_at_refresh_and_the_next_run_mends_it(page: Page) -> None:
    window = page.maintenance()
    window.up()
    body = {"name": "Human", "start_at": "2026-03-01T18:00:00Z", "end_at": "2026-03-01T20:00:00Z"}
    page.human("PUT", f"{MAINTENANCES}/{window.id}", **body)
    assert window.up() == "same"
    window.refresh()
    assert window.state is not None
    assert window.state[1]["name"] == "Human"
    assert window.state[1]["start_at"] == "2026-03-01T18:00:00Z"
    assert window.state[1]["duration"] == "2h"
    assert window.preview() == "update"
    window.up()
    assert page.windows()[0]["name"] == "Upgrade"


def test_human_updates_and_status_moves_are_respected(page: Page) -> None:
    window = page.maintenance()
    window.up()
    page.tell(window, "A human starts early.", maintenance_status="maintenance_in_progress")
    assert window.up() == "same"
    window.refresh()
    assert window.outs["phase"] == "in_progress"
    assert window.outs["automated"] is False
    assert window.up() == "same"
    assert page.wrote() == []


def test_a_window_that_a_human_deleted_is_dropped_at_refresh_and_announced_anew(page: Page) -> None:
    window = page.maintenance()
    window.up()
    page.human("DELETE", f"{MAINTENANCES}/{window.id}")
    assert window.up() == "same"
    with pytest.raises(Refused, match=r"no longer on the page.*pulumi refresh"):
        window.edit(message="Other text.").up()
    with pytest.raises(Refused, match=r"no longer on the page.*pulumi refresh"):
        window.edit(message="We upgrade.", name="Renamed").up()
    window.refresh()
    assert window.state is None
    assert window.up() == "create"
    assert len(page.windows()) == 1


def test_a_window_that_a_human_completed_early_is_announced_anew_where_it_is_to_last_longer(page: Page) -> None:
    window = completed_early(page)
    assert window.edit(duration="4h").up() == "replace"
    assert sorted(item["maintenance_status"] for item in page.windows()) == [
        "maintenance_complete",
        "maintenance_in_progress",
    ]


def test_declared_status_is_not_taken_back_when_automation_is_further(page: Page) -> None:
    window = page.maintenance(maintenance_status="maintenance_scheduled")
    window.up()
    page.advance(hours=3)
    window.refresh()
    assert window.up() == "same"
    page.advance(hours=3)
    window.refresh()
    assert window.up() == "same"
    assert page.windows()[0]["maintenance_status"] == "maintenance_complete"


def test_an_end_that_has_passed_already_is_not_sent(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    window = page.maintenance()
    window.up()
    page.advance(hours=3)
    window.edit(duration="30m").up()
    assert re.search(r"has already passed.*stays as it is.*maintenance_complete", capsys.readouterr().out)
    assert page.wrote() == [f"POST {MAINTENANCES}"]
    assert page.windows()[0]["maintenance_status"] == "maintenance_in_progress"
    # State has both ends, until one that is sent counts again.
    assert (window.outs["end_at"], window.outs["page_end_at"]) == ("2026-03-01T14:30:00Z", "2026-03-01T16:00:00Z")
    assert window.up() == "same"
    ended = page.maintenance(idempotency_key="ended")
    ended.up()
    ended.edit(duration="30m").up()
    ended.edit(maintenance_status="maintenance_complete").up()
    assert (ended.outs["phase"], ended.outs.get("page_end_at")) == ("complete", None)
    window.edit(duration="4h").up()
    assert "page_end_at" not in window.outs
    window.edit(duration="30m").up()
    window.refresh()
    assert (window.outs["end_at"], window.outs.get("page_end_at")) == ("2026-03-01T18:00:00Z", None)


# what the service refuses


def test_a_wrong_key_and_a_key_that_may_only_read_say_so(page: Page) -> None:
    window = page.maintenance()
    for key, words in (("wrong-key-4711", "401.*not valid"), ("emulator-read", "403.*may only read")):
        window.api_key = key
        with pytest.raises(KeyRefused, match=words) as refused:
            window.up()
        assert key not in str(refused.value)
        assert refused.value.request_id
    assert page.windows() == []


def test_an_unknown_page_and_component_are_named(page: Page) -> None:
    with pytest.raises((NotFound, ServiceError), match="status_page"):
        page.maintenance(status_page_id="01HZNONE").up()
    with pytest.raises(ServiceError, match="affected_component_ids"):
        page.maintenance(affected_component_ids=["01HZNONE"]).up()
    assert page.windows() == []


def test_plain_http_to_a_far_host_is_refused_at_preview(page: Page) -> None:
    window = page.maintenance()
    window.endpoint = "http://status.example.com"
    with pytest.raises(CheckFailed, match=r"INCIDENT_ENDPOINT.*use https"):
        window.preview()


def test_a_server_that_is_not_there_is_named(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("statuspage_provider.services.transport.CONNECT_PATIENCE_S", 0.0)
    window = page.maintenance()
    window.endpoint = "http://127.0.0.1:9"
    with pytest.raises(Unreachable, match=r"cannot reach incident.io at http://127.0.0.1:9"):
        window.up()


@pytest.mark.parametrize("automated", [True, False])
def test_a_window_that_was_completed_early_and_is_moved_is_announced_anew(page: Page, automated: bool) -> None:
    window = completed_early(page, automate_maintenance_status=automated)
    first = window.id
    assert window.edit(start_at="2026-03-08T14:00:00Z").up() == "replace"
    assert page.asked() == [f"GET {MAINTENANCES}", f"POST {MAINTENANCES}", f"GET {MAINTENANCES}", f"GET {MAINTENANCES}"]
    assert window.id != first
    assert window.up() == "same"
    assert sorted(item["maintenance_status"] for item in page.windows()) == [
        "maintenance_complete",
        "maintenance_scheduled",
    ]


def test_a_preview_without_a_key_goes_by_state_where_a_window_may_be_over(page: Page) -> None:
    window = completed_early(page).edit(start_at="2026-03-08T14:00:00Z")
    window.api_key = None
    assert window.preview() == "update"
    assert page.asked() == []


def test_a_window_without_components_is_announced_moved_and_left_as_history(page: Page) -> None:
    window = page.maintenance(affected_component_ids=[])
    assert window.up() == "create"
    assert window.up() == "same"
    assert window.edit(duration="3h").up() == "update"
    window.refresh()
    # The page tells no times of it, so those that were sent stand.
    assert (window.outs["end_at"], window.up()) == ("2026-03-01T17:00:00Z", "same")
    page.advance(hours=24)
    window.refresh()
    assert (window.outs["phase"], window.up()) == ("complete", "same")
    window.destroy()
    assert len(page.windows()) == 1


def test_a_finished_window_is_brought_along_silently_and_once(page: Page) -> None:
    past = {"start_at": "2026-02-01T14:00:00Z", "maintenance_status": "maintenance_complete"}
    window = page.maintenance(**past)
    with pytest.raises(Killed):
        window.up(killed=True)
    assert window.up() == "create"
    assert window.up() == "same"
    window.refresh()
    assert (window.up(), window.outs["phase"]) == ("same", "complete")
    (shown,) = page.windows()
    assert shown["maintenance_status"] == "maintenance_complete"
    assert [(one["start_at"], one["end_at"]) for one in shown["component_maintenance_periods"]] == [
        ("2026-02-01T14:00:00Z", "2026-02-01T16:00:00Z")
    ]
    window.destroy()
    assert len(page.windows()) == 1
    assert page.mails() == []


@pytest.mark.parametrize(
    ("inputs", "where", "why"),
    [
        ({"start_at": "2026-03-01T14:00:00Z"}, "maintenance_status", "cannot be announced as complete"),
        ({"notify_subscribers": True}, "notify_subscribers", "is brought along silently: remove this input"),
        ({"component_statuses": {"a": "operational"}}, "component_statuses", "leaves all components operational"),
    ],
    ids=["ahead", "mailed", "with statuses"],
)
def test_what_is_brought_along_is_history_and_nothing_else(
    page: Page, inputs: dict[str, Any], where: str, why: str
) -> None:
    past = {"start_at": "2026-02-01T14:00:00Z", "maintenance_status": "maintenance_complete"}
    with pytest.raises(CheckFailed) as refused:
        page.maintenance(**{**past, **inputs}).preview()
    ((property_, reason),) = refused.value.failures
    assert property_ == where
    assert why in reason


def test_a_finished_window_whose_components_ended_apart_keeps_its_name_on_the_page(
    page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    window = page.maintenance(affected_component_ids=[page.api, page.database])
    window.up()
    page.advance(hours=3)
    page.tell(window, component_statuses=[{"component_id": page.api, "component_status": "operational"}])
    page.advance(hours=3)
    page.asked()
    assert window.edit(name="Renamed").up() == "update"
    assert page.wrote() == []
    assert "name recorded only" in capsys.readouterr().out
