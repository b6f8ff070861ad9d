"""The table of docs/lifecycle.md, cell by cell: what each change sends in each phase, and what the user is told.

A row is a change; a cell is what is written to the service (reads are in the tests of each story). `moved` stands for
times that are still ahead.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.lifecycle_tables import CELLS, DELETE, EDITED, LEAVING, PHASES, UNREAD, UPDATE, for_each
from tests.support.page import Page
from tests.support.program import Program

BELIEVED, RECORDED = "as the clock tells", "as a refresh recorded"
TABLE = [
    pytest.param(known, phase, change, *cell, id=f"{name}, {phase}, {known}")
    for name, (change, cells) in CELLS.items()
    for phase, cell in zip((*PHASES, *EDITED), (*cells, *UNREAD[name]), strict=True)
    for known in (BELIEVED, RECORDED)
    # What a refresh records of people's edits is a difference of its own: tests/provider/test_people.py.
    if known == BELIEVED or phase in PHASES
]


def told(page: Page, change: dict[str, Any]) -> dict[str, Any]:
    """The change with real ids in the place of names."""
    if "status_page_id" in change:
        status_page_id, component = page.another()
        return {"status_page_id": status_page_id, "affected_component_ids": [component]}
    ids = {"API": page.api, "DATABASE": page.database}
    if "affected_component_ids" in change:
        return {"affected_component_ids": [ids[name] for name in change["affected_component_ids"]]}
    if "component_statuses" in change:
        return {"component_statuses": [{**change["component_statuses"][0], "component_id": page.database}]}
    return change


def into(page: Page, window: Program, phase: str) -> None:
    """Let time pass, and people edit, until the window is as `phase` says."""
    page.advance(hours={"scheduled": 0, "complete": 5, "begun early": 1, "ended early": 1}.get(phase, 3))
    if phase in ("begun early", "ended early"):
        page.tell(window, maintenance_status="maintenance_in_progress")
    if phase == "ended early":
        page.tell(window, maintenance_status="maintenance_complete")
    if phase == "a component let out":
        statuses = [{"component_id": page.database, "component_status": "operational"}]
        page.tell(window, component_statuses=statuses)
    if phase == "end moved on the page":
        page.move(window, "2026-03-01T14:00:00Z", "2026-03-01T18:00:00Z")


UNLIKE: dict[str, dict[str, Any]] = {
    "as documented": {},
    "unlike them": {
        "open_ended_periods": True,
        "rerenders_markdown": True,
        "public_urls": False,
        "unknown_values": True,
    },
}
"""The service as its documents say, and as it may be: the emulator's switches."""


@pytest.mark.parametrize(("service", "known", "phase", "change", "step", "written", "said"), for_each(UNLIKE, TABLE))
def test_cell(
    page: Page,
    service: str,
    capsys: pytest.CaptureFixture[str],
    known: str,
    phase: str,
    change: dict[str, Any],
    step: str,
    written: list[str],
    said: str | None,
) -> None:
    page.emulator.differ(**UNLIKE[service])
    window = page.maintenance()
    window.up()
    first = window.id
    into(page, window, phase)
    if known == RECORDED:
        window.refresh()
    change = told(page, change)
    page.emulator.clear_requests()
    capsys.readouterr()
    if step == "check":
        with pytest.raises(Exception, match=said):
            window.edit(**change).up()
        assert page.wrote() == []
        return
    assert window.edit(**change).up() == step
    assert page.wrote() == written
    assert (said or "") in capsys.readouterr().out
    # Whatever it was: it is done. Another run and a refresh find nothing to do.
    assert window.up() == "same"
    if phase in PHASES:
        window.refresh()
        assert window.up() == "same"
    assert page.wrote() == []
    if step == "update":
        assert window.id == first


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(
    ("on_delete", "sent"),
    LEAVING,
)
def test_leaving_the_program(page: Page, phase: str, on_delete: str, sent: dict[str, list[str]]) -> None:
    window = page.maintenance(on_delete=on_delete, delete_message="Done early.")
    window.up()
    into(page, window, phase)
    page.emulator.clear_requests()
    window.destroy()
    assert page.wrote() == sent[phase]
    left = page.windows()
    assert len(left) == (0 if DELETE in sent[phase] else 1)
    if UPDATE in sent[phase]:
        assert left[0]["maintenance_status"] == "maintenance_complete"
        assert left[0]["updates"][-1]["message"] == "Done early."


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("on_delete", ["auto", "complete", "delete", "retain"])
def test_leaving_the_program_when_a_human_deleted_it(page: Page, phase: str, on_delete: str) -> None:
    window = page.maintenance(on_delete=on_delete)
    window.up()
    into(page, window, phase)
    page.human("DELETE", f"status_page_maintenances/{window.id}")
    window.destroy()
    assert page.windows() == []


def test_a_year_of_runs_without_a_change_sends_nothing_and_reads_only_on_refresh(page: Page) -> None:
    window = page.maintenance()
    window.up()
    page.asked()
    for length in (timedelta(), timedelta(hours=3), timedelta(hours=2), timedelta(days=365)):
        page.at(page.now + length)
        assert window.up() == "same"
        assert page.asked() == []
        window.refresh()
        assert page.asked() == ["GET status_page_maintenances"]
        assert window.up() == "same"
        assert page.asked() == []
    assert window.outs["phase"] == "complete"
    assert page.mails() == []
