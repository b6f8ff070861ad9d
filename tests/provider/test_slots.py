"""Stories of windows in slots: decided once, kept, counted anew where that is asked for, and followed week by week."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statuspage_provider import Refused, StatusPageError, next_slot
from tests.support.page import NOON, Page
from tests.support.program import CheckFailed, Killed, Program

MAINTENANCES = "status_page_maintenances"
UPDATES = "status_page_maintenance_updates"
ANNOUNCE, MOVE, DELETE, TELL = (
    f"POST {MAINTENANCES}",
    f"PUT {MAINTENANCES}",
    f"DELETE {MAINTENANCES}",
    f"POST {UPDATES}",
)

TUESDAYS = next_slot("22:00", weekdays="Tue")
FIRST, SECOND, THIRD = "2026-03-03T22:00:00Z", "2026-03-10T22:00:00Z", "2026-03-17T22:00:00Z"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def patches(page: Page, **inputs: Any) -> Program:
    """A window in the night to Wednesday, announced on Sunday at noon."""
    return page.maintenance(**{"start_at": TUESDAYS, **inputs})


def starts(page: Page) -> list[str]:
    """When each window on the page begins, the earliest first."""
    return sorted(window["component_maintenance_periods"][0]["start_at"] for window in page.windows())


def complete(page: Page, window: Program) -> None:
    if page.windows()[0]["maintenance_status"] == "maintenance_scheduled":
        page.tell(window, maintenance_status="maintenance_in_progress")
    page.tell(window, maintenance_status="maintenance_complete")


# announced once


def test_a_slot_is_decided_when_the_window_is_announced_and_kept(page: Page) -> None:
    window = patches(page)
    assert window.preview() == "create"
    assert window.up() == "create"
    assert (window.outs["start_at"], window.outs["end_at"]) == (FIRST, "2026-03-04T00:00:00Z")
    assert window.outs["anchor"] == {"expression": TUESDAYS, "start_at": FIRST, "time_zone": "UTC"}
    page.asked()
    for _ in range(3):
        page.advance(days=1)
        assert window.preview() == "same"
        assert window.up() == "same"
        assert page.asked() == []
        window.refresh()
        assert page.wrote() == []
        assert window.up() == "same"
    page.advance(days=30)
    assert window.up() == "same"
    assert starts(page) == [FIRST]


def test_a_slot_is_on_the_clocks_of_the_windows_zone(page: Page) -> None:
    window = patches(page, time_zone="America/New_York")
    window.up()
    assert window.outs["start_at"] == "2026-03-04T03:00:00Z"
    assert window.outs["anchor"]["time_zone"] == "America/New_York"


def test_notice_and_freeze_are_kept(page: Page) -> None:
    window = patches(page, start_at=next_slot("22:00", notice="48h", freeze=[("2026-03-03", "2026-03-05")]))
    window.up()
    assert window.outs["start_at"] == "2026-03-06T22:00:00Z"


def test_another_spelling_of_the_rule_is_no_change(page: Page) -> None:
    window = patches(page)
    window.up()
    page.asked()
    assert window.edit(start_at="NEXT 22:00  on tuesday ;").up() == "same"
    assert window.edit(time_zone="UTC").up() == "same"
    assert page.asked() == []


@pytest.mark.parametrize(
    ("inputs", "field", "why"),
    [
        ({"duration": None}, "duration", "is missing: a slot needs it"),
        ({"duration": None, "end_at": FIRST}, "duration", "is missing: a slot needs it, such as"),
        ({"end_at": FIRST}, "end_at", "is set, and duration too: keep one"),
        ({"start_at": "next 25:00"}, "start_at", '"25:00" is not a time of day'),
        ({"start_at": "next 22:00 on Tues"}, "start_at", '"Tues" is not a weekday'),
        (
            {"start_at": next_slot("22:00", freeze=[("2026-01-01", "2029-01-01")])},
            "start_at",
            "no slot is free in the two years from 2026-03-01T12:00:00Z",
        ),
        ({"start_at": "2026-03-03T22:00:00Z", "repeat": True}, "repeat", "is for a start that has a next one"),
        ({"start_at": "+15m", "repeat": True}, "repeat", "is for a start that has a next one"),
        ({"repeat": "yes"}, "repeat", 'must be True or False, not "yes"'),
        ({"repeat": True, "adopt_id": "01H"}, "repeat", "is set, and adopt_id too: take the window over first"),
    ],
)
def test_what_is_refused_is_refused_at_preview_in_one_line(
    page: Page, inputs: dict[str, Any], field: str, why: str
) -> None:
    with pytest.raises(CheckFailed) as refused:
        patches(page).edit(**inputs).preview()
    ((where, reason),) = refused.value.failures
    assert where == field
    assert why in reason


# counted anew


def test_a_trigger_announces_a_window_in_the_next_slot_from_now(page: Page) -> None:
    window = patches(page, start_at=next_slot("22:00", weekdays=("Tue", "Thu"), notice="24h"), triggers=["v1"])
    window.up()
    page.advance(days=1, hours=11)  # Monday, 23:00: Tuesday's slot is too near
    assert window.edit(triggers=["v2"]).up() == "replace"
    assert window.outs["start_at"] == "2026-03-05T22:00:00Z"
    assert starts(page) == ["2026-03-05T22:00:00Z"]
    assert window.up() == "same"


def test_each_release_announces_itself_in_the_next_allowed_night(page: Page) -> None:
    window = patches(page, triggers=["v1"])
    window.up()
    page.advance(days=4)
    assert window.up() == "same"
    assert window.edit(triggers=["v2"]).up() == "replace"
    assert starts(page) == [FIRST, SECOND]
    assert window.up() == "same"


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        ({"start_at": next_slot("23:00", weekdays="Tue")}, "2026-03-03T23:00:00Z"),
        ({"start_at": next_slot("22:00", weekdays=("Mon", "Tue"))}, "2026-03-02T22:00:00Z"),
        ({"time_zone": "Europe/Berlin"}, "2026-03-03T21:00:00Z"),
        ({"start_at": next_slot("22:00", weekdays="Tue", freeze=["2026-03-03"])}, SECOND),
        ({"start_at": "2026-03-05T10:00:00Z"}, "2026-03-05T10:00:00Z"),
    ],
)
def test_a_change_of_when_moves_the_window_silently(page: Page, change: dict[str, Any], moved: str) -> None:
    window = patches(page)
    window.up()
    page.asked()
    assert window.edit(**change).preview() == "update"
    assert window.up() == "update"
    assert page.wrote() == [MOVE]
    assert starts(page) == [moved]
    assert window.up() == "same"
    window.refresh()
    assert window.up() == "same"


@pytest.mark.parametrize(
    "change",
    [
        {"start_at": next_slot("22:00", weekdays="Tue", freeze=["2026-12-24"])},
        {"start_at": next_slot("22:00", weekdays="Tue", notice="1000h")},
        {"time_zone": "Europe/London"},
    ],
)
def test_what_must_be_kept_clear_moves_no_window_that_fits(page: Page, change: dict[str, Any]) -> None:
    window = patches(page)
    window.up()
    page.asked()
    page.advance(hours=30)
    assert window.edit(**change).up() == "update"
    assert page.wrote() == []
    assert starts(page) == [FIRST]
    # It is recorded: the next run has nothing to do and asks nothing.
    assert window.outs["anchor"]["expression"] == window.inputs["start_at"]
    assert window.up() == "same"
    assert page.asked() == []


def test_a_rule_that_has_no_slot_is_refused_where_it_would_move_a_window(page: Page) -> None:
    window = patches(page)
    window.up()
    with pytest.raises(Refused, match=r"^start_at: no slot is free in the two years"):
        window.edit(start_at=next_slot("22:00", freeze=[("2026-01-01", "2030-01-01")])).preview()
    assert starts(page) == [FIRST]


def test_another_duration_moves_the_end_alone(page: Page) -> None:
    window = patches(page)
    window.up()
    page.asked()
    page.advance(hours=30)
    assert window.edit(duration="4h").up() == "update"
    assert page.wrote() == [MOVE]
    assert (window.outs["start_at"], window.outs["end_at"]) == (FIRST, "2026-03-04T02:00:00Z")
    assert window.up() == "same"


def test_a_duration_that_runs_into_a_freeze_is_refused_before_the_start_and_taken_after_it(page: Page) -> None:
    window = patches(page, start_at=next_slot("22:00", weekdays="Tue", freeze=["2026-03-04"]))
    window.edit(duration="1h").up()
    page.asked()
    window.edit(duration="4h")
    for run in (window.preview, window.up):
        with pytest.raises(
            Refused, match=r"^duration: 4h from 2026-03-03T22:00:00Z runs into the freeze 2026-03-04\. "
        ):
            run()
    assert page.wrote() == []
    page.at(at("2026-03-03T22:30:00Z"))
    assert window.up() == "update"
    assert window.outs["end_at"] == "2026-03-04T02:00:00Z"
    assert window.up() == "same"


def test_a_rule_that_changes_while_the_window_is_open_counts_for_the_next_one(
    page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    window = patches(page)
    window.up()
    page.at(at("2026-03-03T22:30:00Z"))
    page.asked()
    assert window.edit(start_at=next_slot("21:00", weekdays="Fri")).up() == "update"
    assert "has begun: another rule of start_at counts for the next window" in capsys.readouterr().out
    assert page.wrote() == []
    assert window.outs["start_at"] == FIRST
    assert window.up() == "same"
    page.advance(days=1)
    assert window.up() == "same"
    assert window.edit(repeat=True).up() == "replace"
    assert starts(page) == [FIRST, "2026-03-06T21:00:00Z"]


@pytest.mark.parametrize("known", ["by the clock", "by a refresh"])
def test_a_finished_window_is_announced_anew_by_other_hours_alone(page: Page, known: str) -> None:
    window = patches(page)
    window.up()
    page.advance(days=4)
    if known == "by a refresh":
        window.refresh()
    page.asked()
    assert window.edit(duration="100h").up() in ("same", "update")
    window.edit(duration="2h").up()
    window.edit(start_at=next_slot("22:00", weekdays="Tue", freeze=["2027-12-24"])).up()
    assert page.wrote() == []
    assert window.up() == "same"
    assert window.edit(start_at=next_slot("23:00", weekdays="Tue")).up() == "replace"
    assert starts(page) == [FIRST, "2026-03-10T23:00:00Z"]


@pytest.mark.parametrize("change", ["affected_component_ids", "automate_maintenance_status"])
def test_a_window_that_is_replaced_before_its_start_keeps_its_night(page: Page, change: str) -> None:
    window = patches(page, start_at=next_slot("22:00", weekdays="Tue", notice="48h"))
    window.up()
    page.advance(days=1)
    page.asked()
    window.edit(**{change: [page.api] if change == "affected_component_ids" else False})
    assert window.up() == "replace"
    assert page.wrote() == [DELETE, ANNOUNCE]
    assert starts(page) == [FIRST]
    assert window.up() == "same"


def test_a_fixed_start_becomes_a_slot(page: Page) -> None:
    window = patches(page, start_at="2026-03-02T10:00:00Z")
    window.up()
    assert window.edit(start_at=TUESDAYS).up() == "update"
    assert starts(page) == [FIRST]
    assert window.up() == "same"


def test_replace_on_demand_keeps_the_window_and_its_slot(page: Page) -> None:
    window = patches(page)
    window.up()
    first = window.id
    page.advance(days=1)
    assert window.up(forced=True) == "replace"
    assert window.id == first
    assert window.outs["anchor"]["start_at"] == FIRST
    assert starts(page) == [FIRST]


WHEN = {
    "hours": {"start_at": next_slot("23:00", weekdays=("Tue", "Fri"), notice="24h", freeze=["2026-03-06"])},
    "clear, and it fits": {"start_at": next_slot("22:00", weekdays=("Tue", "Fri"), notice="48h")},
    "clear, and it does not": {
        "start_at": next_slot("22:00", weekdays=("Tue", "Fri"), notice="24h", freeze=[("2026-03-03", "2026-03-06")])
    },
    "time_zone": {"time_zone": "Europe/Berlin"},
    "duration": {"duration": "3h"},
    "triggers": {"triggers": ["v2"]},
}
BEFORE, OPEN, OVER = "2026-03-02T12:00:00Z", "2026-03-03T22:30:00Z", "2026-03-04T12:00:00Z"
FRIDAY, EARLIER = "2026-03-06T22:00:00Z", "2026-03-06T21:00:00Z"


@pytest.mark.parametrize(
    ("change", "now", "left"),
    [
        ("hours", BEFORE, ["2026-03-03T23:00:00Z"]),
        ("hours", OPEN, [FIRST]),
        ("hours", OVER, [FIRST, "2026-03-10T23:00:00Z"]),
        ("clear, and it fits", BEFORE, [FIRST]),
        ("clear, and it fits", OPEN, [FIRST]),
        ("clear, and it fits", OVER, [FIRST]),
        ("clear, and it does not", BEFORE, [SECOND]),
        ("clear, and it does not", OPEN, [FIRST]),
        ("clear, and it does not", OVER, [FIRST, SECOND]),
        ("time_zone", BEFORE, ["2026-03-03T21:00:00Z"]),
        ("time_zone", OPEN, [FIRST]),
        ("time_zone", OVER, [FIRST, EARLIER]),
        ("duration", BEFORE, [FIRST]),
        ("duration", OPEN, [FIRST]),
        ("duration", OVER, [FIRST]),
        ("triggers", BEFORE, [FRIDAY]),
        ("triggers", OPEN, [FIRST, FRIDAY]),
        ("triggers", OVER, [FIRST, FRIDAY]),
    ],
)
def test_what_a_change_does_in_each_phase(page: Page, change: str, now: str, left: list[str]) -> None:
    notice = "36h" if change == "triggers" else "24h"
    window = patches(page, start_at=next_slot("22:00", weekdays=("Tue", "Fri"), notice=notice), triggers=["v1"])
    window.up()
    page.at(at(now))
    window.edit(**WHEN[change]).up()
    assert starts(page) == left
    page.asked()
    assert window.up() == "same"
    window.refresh()
    assert window.up() == "same"
    assert page.wrote() == []


# killed


@pytest.mark.parametrize("later", [timedelta(minutes=5), timedelta(days=2, hours=11), timedelta(days=5)])
def test_a_killed_create_keeps_the_slot_that_was_announced(page: Page, later: timedelta) -> None:
    window = patches(page, start_at=next_slot("22:00", weekdays=("Tue", "Fri"), notice="1h"), notify_subscribers=True)
    for _ in range(2):
        with pytest.raises(Killed):
            window.up(killed=True)
    page.at(page.now + later)
    window.up()
    assert window.up() == "same"
    # A window that the killed run announced and that is over by now is history, and the next one is another.
    assert starts(page) == ([FIRST, "2026-03-06T22:00:00Z"] if later.days == 5 else [FIRST])
    assert window.outs["start_at"] == starts(page)[-1]


def test_a_killed_follower_is_announced_once(page: Page) -> None:
    window = patches(page, repeat=True, notify_subscribers=True)
    window.up()
    page.advance(days=4)
    mailed = len(page.mails())
    for _ in range(3):
        with pytest.raises(Killed):
            window.up(killed=True)
        page.advance(hours=5)
    assert window.up() == "replace"
    assert window.up() == "same"
    assert starts(page) == [FIRST, SECOND]
    assert len(page.mails()) == mailed + 1


def test_a_killed_follower_that_is_over_by_the_next_run_is_followed_in_turn(page: Page) -> None:
    window = patches(page, repeat=True)
    window.up()
    page.advance(days=4)
    with pytest.raises(Killed):
        window.up(killed=True)
    page.advance(days=7)
    assert window.up() == "replace"
    assert window.up() == "same"
    assert starts(page) == [FIRST, SECOND, THIRD]


# repeat


def test_a_refresh_which_compares_too_tells_of_no_next_window(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    window = patches(page, repeat=True)
    window.up()
    page.at(at(FIRST) + timedelta(hours=2))
    provider, (id_, inputs, outs) = window._provider(), window.state
    capsys.readouterr()
    assert provider.diff(id_, outs, inputs).replaces
    assert "is over" not in capsys.readouterr().out
    provider.check(inputs, dict(inputs))
    provider.diff(id_, outs, inputs)
    assert "is over, so the next window is announced" in capsys.readouterr().out


def test_a_weekly_window_through_three_weeks(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    window = patches(page, repeat=True)
    window.up()
    wrote = page.wrote()
    for week, start in enumerate((FIRST, SECOND, THIRD)):
        assert wrote == [ANNOUNCE]
        assert window.outs["start_at"] == start
        assert window.outs["generation"] == week + 1
        # Before it, at its start, in it, and at its last minute: nothing.
        for moment in (at(start) - timedelta(hours=1), at(start), at(start) + timedelta(minutes=119)):
            page.at(moment)
            assert window.preview() == "same"
            assert window.up() == "same"
            window.refresh()
            assert window.up() == "same"
        assert page.wrote() == []
        page.at(at(start) + timedelta(hours=2))
        capsys.readouterr()
        assert window.preview() == "replace"
        assert "“Upgrade” is over, so the next window is announced: as of now, that is Tue" in capsys.readouterr().out
        assert window.up() == "replace"
        wrote = page.wrote()
        assert window.up() == "same"
        assert window.preview() == "same"
    assert starts(page) == [FIRST, SECOND, THIRD, "2026-03-24T22:00:00Z"]
    history = [one["maintenance_status"].removeprefix("maintenance_") for one in page.windows()]
    assert Counter(history) == {"complete": 3, "scheduled": 1}
    assert page.mails() == []


def test_a_run_within_the_window_asks_once_and_one_before_it_not_at_all(page: Page) -> None:
    window = patches(page, repeat=True)
    window.up()
    page.asked()
    page.at(at(FIRST) - timedelta(minutes=1))
    window.up()
    assert page.asked() == []
    page.at(at(FIRST) + timedelta(minutes=1))
    window.up()
    assert page.asked() == [f"GET {MAINTENANCES}"]


def test_a_window_that_was_completed_early_is_followed_by_a_later_slot(page: Page) -> None:
    window = patches(page, repeat=True)
    window.up()
    page.at(at(FIRST) + timedelta(minutes=20))
    complete(page, window)
    assert window.up() == "replace"
    assert starts(page) == [FIRST, SECOND]


def test_a_slot_that_a_person_cancelled_is_not_announced_again(page: Page) -> None:
    window = patches(page, repeat=True)
    window.up()
    complete(page, window)
    assert window.up() == "same"
    window.refresh()
    assert window.up() == "replace"
    assert window.outs["start_at"] == SECOND
    assert window.up() == "same"


def test_without_repeat_a_finished_window_stays_the_last(page: Page) -> None:
    window = patches(page)
    window.up()
    page.advance(days=4)
    window.refresh()
    assert window.up() == "same"
    assert window.edit(repeat=True).preview() == "replace"
    assert window.edit(repeat=False).up() in ("same", "update")
    assert starts(page) == [FIRST]


def test_taking_repeat_out_ends_the_row(page: Page) -> None:
    window = patches(page, repeat=True)
    window.up()
    page.advance(days=4)
    assert window.edit(repeat=None).up() == "update"
    assert window.up() == "same"
    assert starts(page) == [FIRST]


def test_a_window_that_is_still_open_on_the_page_is_not_followed(
    page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    window = patches(page, repeat=True)
    window.up()
    moved = {"name": "Upgrade", "start_at": FIRST, "end_at": "2026-03-04T10:00:00Z"}
    page.at(at(FIRST) + timedelta(hours=1))
    page.human("PUT", f"{MAINTENANCES}/{window.id}", **moved)
    page.at(at(FIRST) + timedelta(hours=3))
    assert window.up() == "same"
    assert "still in progress on the page: the next window is announced once it is complete" in capsys.readouterr().out
    page.at(at(FIRST) + timedelta(hours=13))
    assert window.up() == "replace"
    assert starts(page) == [FIRST, SECOND]


def test_a_page_that_cannot_be_asked_is_not_announced_to(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    window = patches(page, repeat=True)
    window.up()
    page.advance(days=4)
    page.asked()
    page.emulator.fault(method="GET", kind="garbage", times=1)
    assert window.up() == "same"
    said = capsys.readouterr().out
    assert "“Upgrade” is not followed by the next window in this run, as it may still run: " in said
    assert page.wrote() == []
    assert window.up() == "replace"


def test_a_preview_without_a_key_goes_by_the_clock(page: Page) -> None:
    window = patches(page, repeat=True)
    window.up()
    window.api_key = None
    for moment, step in ((FIRST, "same"), ("2026-03-03T23:59:59Z", "same"), ("2026-03-04T00:00:00Z", "replace")):
        page.at(at(moment))
        assert window.preview() == step


def test_whoever_declares_it_complete_wants_no_other(page: Page) -> None:
    window = patches(page, repeat=True)
    window.up()
    page.at(at(FIRST) + timedelta(minutes=20))
    assert window.edit(maintenance_status="maintenance_complete").up() == "update"
    page.advance(days=1)
    assert window.up() == "same"
    assert window.edit(maintenance_status=None).up() == "replace"
    assert starts(page) == [FIRST, SECOND]


def test_what_is_edited_counts_for_the_next_window(page: Page) -> None:
    window = patches(page, repeat=True)
    window.up()
    page.advance(days=4)
    page.asked()
    window.edit(name="Patch night", message="We patch.", duration="3h", affected_component_ids=[page.api])
    assert window.up() == "replace"
    assert page.wrote() == [ANNOUNCE]
    (new,) = [one for one in page.windows() if one["maintenance_status"] == "maintenance_scheduled"]
    assert (new["name"], new["updates"][0]["message"]) == ("Patch night", "We patch.")
    assert window.outs["end_at"] == "2026-03-11T01:00:00Z"
    assert window.up() == "same"


def test_a_rule_that_runs_out_is_refused_at_preview(page: Page) -> None:
    window = patches(
        page, start_at=next_slot("22:00", freeze=[("2026-03-04", "2029-01-01")]), repeat=True, duration="1h"
    )
    window.up()
    page.advance(days=1)
    window.up()
    page.at(at("2026-03-03T23:30:00Z"))
    for run in (window.preview, window.up):
        with pytest.raises((Refused, CheckFailed), match="no slot is free in the two years"):
            run()
    assert window.edit(repeat=False).up() == "update"


@pytest.mark.parametrize(("on_delete", "left"), [("auto", 2), ("complete", 2), ("retain", 2), ("delete", 1)])
def test_the_old_window_leaves_by_its_on_delete(page: Page, on_delete: str, left: int) -> None:
    window = patches(page, repeat=True, on_delete=on_delete)
    window.up()
    page.advance(days=4)
    window.up()
    assert len(page.windows()) == left
    window.destroy()


def test_destroy_takes_the_coming_window_and_leaves_history(page: Page) -> None:
    window = patches(page, repeat=True)
    window.up()
    page.advance(days=4)
    window.up()
    window.destroy()
    assert starts(page) == [FIRST]


# people


def test_a_window_that_a_person_moved_runs_when_they_said_and_is_then_followed(page: Page) -> None:
    window = patches(page, repeat=True)
    window.up()
    moved = {"name": "Upgrade", "start_at": "2026-03-05T10:00:00Z", "end_at": "2026-03-05T12:00:00Z"}
    page.human("PUT", f"{MAINTENANCES}/{window.id}", **moved)
    # Nothing tells a run of it until a refresh, and the page decides whether it is over.
    page.advance(days=3)
    assert window.up() == "same"
    page.advance(hours=25)
    assert window.up() == "replace"
    assert starts(page) == ["2026-03-05T10:00:00Z", SECOND]


def test_a_move_that_a_refresh_found_is_undone_by_the_next_run(page: Page) -> None:
    window = patches(page)
    window.up()
    moved = {"name": "Upgrade", "start_at": "2026-03-05T10:00:00Z", "end_at": "2026-03-05T12:00:00Z"}
    page.human("PUT", f"{MAINTENANCES}/{window.id}", **moved)
    window.refresh()
    assert window.preview() == "update"
    assert window.up() == "update"
    assert starts(page) == [FIRST]
    assert window.up() == "same"


def test_a_window_that_a_person_deleted_is_announced_anew_after_a_refresh(page: Page) -> None:
    window = patches(page, repeat=True)
    window.up()
    page.human("DELETE", f"{MAINTENANCES}/{window.id}")
    assert window.up() == "same"
    window.refresh()
    assert window.up() == "create"
    assert starts(page) == [FIRST]


def test_a_window_that_is_taken_over_keeps_its_times(page: Page) -> None:
    first = page.maintenance(start_at="2026-03-05T10:00:00Z", idempotency_key="by hand")
    first.up()
    window = patches(page, adopt_id=first.id)
    window.up()
    assert window.outs["start_at"] == "2026-03-05T10:00:00Z"
    assert window.up() == "same"
    assert window.edit(adopt_id=None, repeat=True).up() == "update"
    page.advance(days=5)
    assert window.up() == "replace"
    assert starts(page) == ["2026-03-05T10:00:00Z", SECOND]


# generated histories

DAY = 24 * 60
STEPS = st.lists(
    st.one_of(
        st.sampled_from(["up", "up", "up", "killed", "refresh", "complete", "move", "rename"]),
        st.sampled_from([10, 60, 180, DAY, 2 * DAY, 5 * DAY]),
    ),
    max_size=25,
)


@settings(
    max_examples=int(os.environ.get("HISTORIES", "25")),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS)
def test_whatever_happens_each_slot_is_announced_once_and_one_window_is_ahead(page: Page, steps: list[Any]) -> None:
    page.emulator.reset()
    page.at(NOON)
    window, announced = patches(page, start_at=next_slot("22:00", weekdays=("Tue", "Fri")), repeat=True), set()
    for number, step in enumerate(steps):
        with contextlib.suppress(Killed, StatusPageError, CheckFailed):
            if isinstance(step, int):
                page.advance(minutes=step)
            elif step in ("up", "killed"):
                window.up(killed=step == "killed")
            elif step == "refresh":
                window.refresh()
            elif step == "rename":
                window.edit(name=f"Upgrade {number}")
            elif window.state is not None and step == "complete" and page.windows():
                with contextlib.suppress(Exception):
                    complete(page, window)
            elif window.state is not None and step == "move":
                later = {"start_at": page.now + timedelta(days=1), "end_at": page.now + timedelta(days=1, hours=2)}
                times = {key: f"{value:%Y-%m-%dT%H:%M:%SZ}" for key, value in later.items()}
                with contextlib.suppress(Exception):
                    page.human("PUT", f"{MAINTENANCES}/{window.id}", name="Upgrade", **times)
        there = page.windows()
        assert sum(one["maintenance_status"] != "maintenance_complete" for one in there) <= 1, step
        announced |= {one["id"] for one in there}
    window.refresh()
    for _ in range(3):
        window.up()
    assert window.up() == "same"
    page.asked()
    assert window.up() == "same"
    assert page.wrote() == []
    assert {one["id"] for one in page.windows()} >= announced
    if "move" not in steps:
        assert len(set(starts(page))) == len(page.windows())
    assert window.outs["phase"] in ("scheduled", "in_progress")
