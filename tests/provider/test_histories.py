"""Generated histories: edits, re-runs, refreshes, killed runs, lost answers, people, time, and a service unlike ours.

Whatever happened, a quiet run in the end leaves the page as declared, with no window twice and no notice twice. The
oracle reads the program and the page, and shares no code with the providers. `HISTORIES=1000` runs as many of each.
"""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage_provider import StatusPageError
from tests.support.histories import HISTORIES, NAMES, RUNS, TEXTS, TIME, TITLES_AND_TEXTS, Step, edit, live
from tests.support.page import NOON, Page
from tests.support.program import CheckFailed, Program

STARTS = [f"2026-03-0{day}T14:00:00Z" for day in range(1, 6)]
BY_HAND = "By hand."
ALONE = ("name", "notify_subscribers", "duration", "start_at")
"""Inputs whose change alone is silent, unless the event `rescheduled` is told."""


SWITCHES = st.fixed_dictionaries(
    {
        "early_starts": st.booleans(),
        "open_ended_periods": st.booleans(),
        "rerenders_markdown": st.booleans(),
        "unknown_values": st.booleans(),
        "stale_reads": st.sampled_from([0, 0, 1, 3]),
    }
)


def by_hand(does: str, method: str, path: str, **body: Any) -> Step:
    """A person's edit, of the object that the program has; an id of a component is named by its place on the page."""

    def act(page: Page, program: Program) -> None:
        if program.state is None:
            return
        told = {key: program.id if value is OBJECT else value for key, value in body.items()}
        for status in told.get("component_statuses", []):
            status["component_id"] = getattr(page, status["component_id"], status["component_id"])
        with contextlib.suppress(httpx.HTTPStatusError):
            page.human(method, path.format(program.id), **told)

    return Step("person", does, act)


OBJECT = object()


def statuses(**told: str) -> list[dict[str, str]]:
    return [{"component_id": key, "component_status": told[key]} for key in sorted(told)]


def people(kind: str, told: Mapping[str, list[str]], *more: Step) -> st.SearchStrategy[Step]:
    common = {f"status_page_{kind}_id": OBJECT, "message": BY_HAND, "notify_subscribers": False}
    update = f"status_page_{kind}_updates"
    return st.sampled_from(
        [
            by_hand("says something", "POST", update, **common),
            *(by_hand(status, "POST", update, **common, **{f"{kind}_status": status}) for status in told["object"]),
            *(
                by_hand(f"{name} {status}", "POST", update, **common, component_statuses=statuses(**{name: status}))
                for name in ("api", "database")
                for status in told["component"]
            ),
            *more,
        ]
    )


MAINTENANCE_EDITS = st.one_of(
    st.sampled_from(TEXTS).map(lambda text: edit(message=text)),
    st.sampled_from(NAMES).map(lambda name: edit(name=name)),
    st.sampled_from(STARTS).map(lambda start: edit(start_at=start)),
    st.sampled_from(["1h", "2h", "5h"]).map(lambda length: edit(duration=length)),
    st.sampled_from(["v1", "v2"]).map(lambda release: edit(triggers=[release])),
    st.sampled_from([None, "maintenance_in_progress", "maintenance_complete"]).map(
        lambda status: edit(maintenance_status=status)
    ),
    st.sampled_from([["database"], ["api"], ["api", "database"]]).map(lambda names: edit(affected_component_ids=names)),
    st.sampled_from([None, {"database": "operational"}, {"api": "under_maintenance"}]).map(
        lambda told: edit(component_statuses=told and statuses(**told))
    ),
)
WINDOW_TIMES = {"start_at": "2026-03-02T10:00:00Z", "end_at": "2026-03-02T12:00:00Z"}
LONGER = {"start_at": "2026-03-01T14:00:00Z", "end_at": "2026-03-01T23:00:00Z"}
MAINTENANCE_PEOPLE = people(
    "maintenance",
    {
        "object": ["maintenance_in_progress", "maintenance_complete"],
        "component": ["operational", "under_maintenance"],
    },
    by_hand("renames", "PUT", "status_page_maintenances/{}", name="Named by hand", **WINDOW_TIMES),
    by_hand("moves", "PUT", "status_page_maintenances/{}", name="Upgrade", **WINDOW_TIMES),
    by_hand("extends", "PUT", "status_page_maintenances/{}", name="Upgrade", **LONGER),
    by_hand("deletes", "DELETE", "status_page_maintenances/{}"),
)
INCIDENT_EDITS = st.one_of(
    TITLES_AND_TEXTS,
    st.sampled_from([None, {"database": "full_outage"}, {"api": "partial_outage", "database": "operational"}]).map(
        lambda told: edit(component_statuses=told and statuses(**told))
    ),
)
INCIDENT_PEOPLE = people(
    "incident",
    {
        "object": ["identified", "monitoring", "resolved"],
        "component": ["operational", "degraded_performance", "full_outage"],
    },
    by_hand("renames", "PUT", "status_page_incidents/{}", name="Named by hand"),
)


def settled(page: Page, program: Program) -> bool:
    """Run and refresh until nothing is left to do; False where the program is held back, with a reason and no post."""
    for _ in range(4):
        try:
            program.refresh()
            step = program.up()
        except (StatusPageError, CheckFailed):
            # A create may be sent again under its key: it is answered with what is there, and changes nothing.
            there = (page.windows(), page.incidents(), page.mails())
            with pytest.raises((StatusPageError, CheckFailed)):
                program.up()
            assert (page.windows(), page.incidents(), page.mails()) == there
            return False
        if step == "same":
            break
    page.asked()
    assert program.up() == "same"
    assert page.asked() == []
    program.refresh()
    assert program.up() in ("same", "update")
    assert page.wrote() == []
    return True


def posts_of(items: list[dict[str, Any]]) -> int:
    """How many entries of the timelines are the program's, beside the first of each."""
    own = [rendered(text) for text in TEXTS]
    return sum(
        rendered(update["message"].split("\n\n")[-1]) in own or update["message"].startswith("This maintenance has be")
        for item in items
        for update in item["updates"][1:]
    )


def rendered(text: str) -> str:
    return text.strip().replace("* ", "- ")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def assert_told_once(page: Page) -> None:
    sent = Counter((notice["object_id"], notice["update_id"]) for notice in page.emulator.notices)
    assert all(count == 1 for count in sent.values())
    # A retry that came through twice would be two entries of one text and status, one after the other.
    for item in page.windows() + page.incidents():
        told = [
            None
            if update["message"] == BY_HAND
            else (
                update["message"],
                update.get("incident_status"),
                update.get("maintenance_status"),
                update["component_statuses"],
            )
            for update in item["updates"]
        ]
        # A window that is announced by mail alone, or with statuses of its own, says its text twice from the start.
        told = told[1:] if "maintenance_status" in item else told
        assert not [one for one, two in itertools.pairwise(told) if one is not None and one == two], item["updates"]


def assert_window_is_as_declared(page: Page, program: Program, window: dict[str, Any]) -> None:
    inputs, status = program.inputs, window["maintenance_status"]
    assert window["name"] == inputs["name"]
    start = moment(inputs["start_at"])
    hours = int(inputs["duration"].removesuffix("h"))
    told = dict.fromkeys(inputs["affected_component_ids"], "under_maintenance")
    told |= {one["component_id"]: one["component_status"] for one in inputs.get("component_statuses") or []}
    now = page.now
    held = {
        period["component_id"]: period
        for period in window["component_maintenance_periods"]
        if moment(period["end_at"]) > now + timedelta(minutes=1)
    }
    if start + timedelta(hours=hours) > now + timedelta(minutes=1):
        assert set(held) == {key for key, status in told.items() if status == "under_maintenance"}
        assert all(moment(period["end_at"]) == start + timedelta(hours=hours) for period in held.values())
    if status == "maintenance_scheduled":
        assert all(moment(period["start_at"]) == start for period in held.values())


@HISTORIES
@given(st.lists(st.one_of(MAINTENANCE_EDITS, RUNS, RUNS, TIME, MAINTENANCE_PEOPLE), max_size=14), SWITCHES)
def test_a_window_ends_as_declared_once_with_each_notice_once(
    page: Page, history: list[Step], switches: dict[str, Any]
) -> None:
    page.emulator.reset()
    page.at(NOON)
    program = page.maintenance(
        message=TEXTS[0], notify_subscribers=["scheduled", "rescheduled", "in_progress", "update"]
    )
    asked = live(page, program, history, switches)
    if settled(page, program):
        alive = [item for item in page.windows() if item["maintenance_status"] != "maintenance_complete"]
        assert len(alive) <= 1
        if alive and program.state is not None and program.id == alive[0]["id"]:
            assert_window_is_as_declared(page, program, alive[0])
    windows = page.windows()
    # A window that is announced by mail alone has a second entry from the start.
    assert posts_of(windows) <= asked + len(windows)
    assert_told_once(page)


@HISTORIES
@given(st.lists(st.one_of(INCIDENT_EDITS, RUNS, RUNS, TIME, INCIDENT_PEOPLE), max_size=14), SWITCHES)
def test_an_incident_ends_as_declared_once_with_each_notice_once(
    page: Page, history: list[Step], switches: dict[str, Any]
) -> None:
    page.emulator.reset()
    page.at(NOON)
    program = page.incident(message=TEXTS[0], notify_subscribers=True)
    asked = live(page, program, history, switches)
    if settled(page, program):
        open_ = [item for item in page.incidents() if item["incident_status"] != "resolved"]
        assert len(open_) <= 1
        if open_ and program.id == open_[0]["id"]:
            assert open_[0]["name"] == program.inputs["name"]
            if (declared := program.inputs.get("component_statuses")) is not None:
                wanted = {one["component_id"]: one["component_status"] for one in declared}
                shown = {
                    one["component_id"]: one["component_status"]
                    for one in open_[0]["component_impacts"]
                    if "end_at" not in one
                }
                assert shown == {key: status for key, status in wanted.items() if status != "operational"}
    assert posts_of(page.incidents()) <= asked
    assert_told_once(page)
