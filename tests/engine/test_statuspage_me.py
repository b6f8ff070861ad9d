"""An incident and a window on statuspage.me through their whole lives, on the real engine."""

from __future__ import annotations

import httpx
import pytest

from tests.support.covered import Covered
from tests.support.job import NOON, Job
from tests.support.waiting import wait_for

pytestmark = pytest.mark.engine

INCIDENTS = "/user/api/v1/incidents"


def calls(job: Job) -> list[str]:
    log = job.emulator.requests
    job.emulator.clear_requests()
    ids = {part for item in log for part in item["path"].split("/") if part.startswith("inc-")}
    return [f"{item['method']} {_without(item['path'], ids)}" for item in log if item["path"].startswith("/user")]


def _without(path: str, ids: set[str]) -> str:
    return "/".join(":id" if part in ids else part for part in path.removeprefix(INCIDENTS).split("/")) or "/"


@pytest.fixture
def me(job: Job) -> Job:
    job.emulator.clear_requests()
    return job


def declare(me: Job, **inputs: object) -> None:
    me.incident(service="statuspage.me", status_page_id=me.emulator.statuspage_me_page_id, **inputs)


def test_an_incident_lives_through_all_six_calls(me: Job) -> None:
    declare(me, notify_subscribers=True, on_delete="delete")
    me.stack.preview()
    assert calls(me) == []
    assert me.stack.up().changes == {"create": 1}
    assert calls(me) == ["GET /", "POST /", "GET /:id"]
    assert me.stack.up().changes == {"same": 1}
    assert calls(me) == []

    declare(me, name="Slow reports")
    assert me.stack.up().changes == {"update": 1}
    assert calls(me) == ["PATCH /:id"]
    declare(me, message="Found it.", incident_status="identified")
    told = me.stack.up()
    assert calls(me) == ["GET /:id", "POST /:id/updates"]
    assert "statuspage.me sends email at creation only" in told.output

    assert me.stack.refresh().changes == {"same": 1}
    assert calls(me) == ["GET /:id"]
    assert me.stack.up().changes == {"same": 1}
    assert me.stack.destroy().changes == {"delete": 1}
    assert calls(me) == ["GET /:id", "DELETE /:id"]
    assert me.mails() == ["investigating"]


def test_its_own_ids_of_states_come_from_stack_config(me: Job) -> None:
    me.stack.run("config", "set", "--path", "statuspageme:incidentStates.resolved", "7")
    declare(me, incident_status="resolved")
    failed = me.stack.up(check=False)
    assert failed.code != 0
    assert any("there is no state 7" in line for line in failed.errors)
    assert all("Traceback" not in line for line in failed.errors)


def test_what_it_cannot_do_is_one_line_of_the_preview(me: Job) -> None:
    declare(me, component_statuses={"a": "full_outage"})
    shown = me.stack.preview(check=False)
    assert shown.code != 0
    (line,) = [line for line in shown.errors if "component_statuses" in line]
    assert "statuspage.me has no component statuses: remove this input" in line
    assert calls(me) == []


WINDOWS = "/user/api/v1/maintenances"


def window_calls(job: Job) -> list[str]:
    """Every call about windows, the list's apart from one window's."""
    log = job.emulator.requests
    job.emulator.clear_requests()
    return [
        f"{item['method']} {'/' if item['path'] == WINDOWS else '/:id'}"
        for item in log
        if item["path"].startswith(WINDOWS)
    ]


def windows(job: Job) -> list[dict[str, str]]:
    key = {"Authorization": "Bearer spk_emulator-read"}
    found: list[dict[str, str]] = httpx.get(f"{job.url}{WINDOWS}", headers=key).json()["data"]
    job.emulator.clear_requests()
    return found


def test_work_runs_in_a_window_that_is_its_times_and_ends_it(me: Job) -> None:
    covered = Covered(me)
    place = {"service": "statuspage.me", "status_page_id": me.emulator.statuspage_me_page_id}
    me.window(**place, affected_component_ids=[], notify_subscribers=["scheduled"])
    me.at(NOON)
    outside = covered.up(check=False)
    assert "Nothing was changed" in outside.output
    assert covered.done() == ""
    # Announced once, and looked at once by what it refuses.
    assert window_calls(me) == ["GET /", "POST /", "GET /:id", "GET /:id"]

    me.advance(hours=2, minutes=10)
    assert covered.up().changes == {"create": 1, "same": 1}
    assert covered.done() == "1 "
    assert window_calls(me).count("PATCH /:id") == 1
    (window,) = windows(me)
    assert (window["start_at"], window["end_at"]) == ("2026-03-01T14:00:00Z", "2026-03-01T14:10:00Z")
    assert covered.up().changes == {"same": 2}
    assert "PATCH /:id" not in window_calls(me)
    me.stack.refresh()
    me.advance(hours=24)
    assert covered.up().changes == {"same": 2}
    assert me.stack.destroy().changes == {"delete": 2}
    assert not [call for call in window_calls(me) if not call.startswith("GET")]
    assert me.mails() == ["created"]


@pytest.mark.parametrize(
    ("method", "edit"), [("POST", {}), ("PATCH", {"start_at": "2026-03-02T14:00:00Z"})], ids=["create", "move"]
)
def test_a_run_that_is_killed_leaves_one_window_announced_once_and_changed_once(
    me: Job, method: str, edit: dict[str, str]
) -> None:
    # The worse case of what is not documented: each change mails.
    me.emulator.differ(mails_changes=True)
    place = {"service": "statuspage.me", "status_page_id": me.emulator.statuspage_me_page_id}
    me.window(**place, affected_component_ids=[], notify_subscribers=["scheduled"])
    if edit:
        me.stack.up()
        me.window(**edit)
    me.emulator.clear_requests()
    me.emulator.fault(kind="slow:2", times=1, method=method)
    with me.stack.start_up() as run:
        wait_for(me.is_held_up)
        run.kill()
    wait_for(lambda: any(item.get("fault") == "slow:2" for item in me.emulator.requests))
    me.stack.unlock()
    me.stack.up()
    assert me.stack.up().changes == {"same": 1}
    (window,) = windows(me)
    assert window["start_at"] == edit.get("start_at", "2026-03-01T14:00:00Z")
    assert me.mails() == ["created", "changed"][: 2 if edit else 1]
