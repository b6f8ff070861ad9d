"""The window follows the work, on a real engine: opened by a change, closed at its true end, quiet otherwise."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest

from statuspage_provider.covering.hook_names import Covering, read_hook_name
from tests.support.command import statuspage
from tests.support.covered import MAINTENANCES, PROGRAM, REPLACED, SEVERAL, UPDATES, WORK, Covered
from tests.support.inline import start_inline
from tests.support.job import Job
from tests.support.stack import Running, Stack
from tests.support.waiting import wait_for

pytestmark = pytest.mark.engine


@pytest.fixture
def covered(job: Job) -> Covered:
    return Covered(job)


def deployed(covered: Covered, **covering: Any) -> None:
    """The stack as it is after its first deployment, within a window of its own, which is over."""
    covered.declare({"outside": "warn"})
    covered.job.begin()
    covered.declare(covering)
    covered.job.asked()


def test_a_change_before_its_window_does_not_run_and_within_it_does(covered: Covered) -> None:
    deployed(covered)
    before = covered.done()
    covered.declare(work={"version": 2})
    preview = covered.job.stack.preview()
    assert "work: as of now, `up` would be refused: “Upgrade” opens Sun 1 Mar 2026, 14:00 UTC, in 2 h" in preview.output
    assert covered.job.asked() == []
    result = covered.up(check=False)
    assert result.code != 0
    assert covered.done() == before
    assert any("opens Sun 1 Mar 2026, 14:00 UTC, in 1 h 59 min. Nothing was" in line for line in result.errors)
    assert covered.job.wrote() == []

    covered.job.advance(hours=2, minutes=1)
    covered.up()
    assert covered.done() == before + "2 "
    assert covered.job.wrote() == [f"POST {UPDATES}"]
    covered.up()
    assert covered.job.wrote() == []
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


def test_twenty_covered_resources_send_nothing_when_none_changes_and_two_posts_when_one_does(covered: Covered) -> None:
    many: dict[str, dict[str, Any]] = {f"work{number}": {} for number in range(20)}
    covered.job.declared["work"] = {}
    covered.declare({"outside": "warn"}, **many)
    covered.up()
    covered.job.window(automate_maintenance_status=False)
    covered.up()
    covered.job.advance(hours=2, minutes=1)
    covered.job.asked()
    assert covered.up().changes == {"same": 21}
    assert len(covered.job.asked()) <= 1
    covered.declare({"outside": "fail"}, work7={"version": 2, "takes": 1})
    covered.up()
    posts = [one for one in covered.job.emulator.requests if one["method"] == "POST"]
    assert [one["body"]["maintenance_status"] for one in posts] == ["maintenance_in_progress", "maintenance_complete"]
    in_progress, complete = (datetime.fromisoformat(one["at"].replace("Z", "+00:00")) for one in posts)
    begun, ended = covered.times("work7")
    assert in_progress < begun < ended < complete
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


def test_hold_keeps_the_run_green_and_the_next_one_inside_applies_it(covered: Covered) -> None:
    deployed(covered, outside="hold")
    covered.declare(work={"version": 2})
    result = covered.up()
    assert result.changes == {"same": 2}
    assert covered.done() == "1 "
    assert "any change under it is held. Run `pulumi up` between then and" in result.output
    covered.job.advance(hours=2, minutes=1)
    assert covered.up().changes == {"same": 1, "update": 1}
    assert covered.done() == "1 2 "


def moved(covered: Covered, status: str) -> None:
    """A human moves the window on the page."""
    body = {
        "status_page_maintenance_id": covered.job.windows()[0]["id"],
        "message": "By hand.",
        "notify_subscribers": False,
    }
    answer = httpx.post(
        f"{covered.job.url}/v2/{UPDATES}",
        json={**body, "maintenance_status": f"maintenance_{status}"},
        headers={"Authorization": "Bearer emulator-write"},
    )
    answer.raise_for_status()
    covered.job.emulator.clear_requests()


def test_hold_keeps_the_run_green_after_the_window_was_completed_early(covered: Covered) -> None:
    deployed(covered, outside="hold")
    covered.job.advance(hours=2, minutes=10)
    moved(covered, "complete")
    covered.declare(work={"version": 2})
    over = "“Upgrade” ended Sun 1 Mar 2026, 14:10 UTC"
    preview, result = covered.job.stack.preview(), covered.up()
    assert preview.changes == {"same": 1, "update": 1}
    assert f"work: held: {over}. The first `pulumi up` inside makes the change that is shown" in preview.output
    assert result.changes == {"same": 2}
    assert f"{over}: any change under it is held until" in result.output
    assert covered.done() == "1 "
    assert covered.job.wrote() == []


def test_start_opens_the_window_early_and_closes_it_at_the_true_end(covered: Covered) -> None:
    deployed(covered, outside="start", in_progress_message="We begin.")
    covered.declare(work={"version": 2, "takes": 1})
    covered.up()
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]
    assert covered.job.windows()[0]["updates"][1]["message"] == "We begin."
    assert covered.up().changes == {"same": 2}


def test_wait_holds_the_change_until_the_window_opens(covered: Covered) -> None:
    deployed(covered, outside="wait")
    covered.declare(work={"version": 2})
    covered.job.advance(hours=1, minutes=59, seconds=45)
    # The run's clock begins with its first question, the page's is moved by hand: no machine is too slow.
    covered.job.emulator.set_clock(covered.job.now - timedelta(hours=1))
    with covered.job.stack.start_up() as run:
        wait_for(lambda: "the change waits for it" in run.output())
        assert covered.started("work") == 2
        covered.job.emulator.set_clock(datetime(2026, 3, 1, 14, tzinfo=timezone.utc))
        run.wait()
    assert covered.done() == "1 2 "
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


@pytest.mark.parametrize(
    ("on_failure", "message", "timeline", "incidents"),
    [
        ("keep", "It takes longer.", ["scheduled", "in_progress", "in_progress"], 0),
        ("complete", None, ["scheduled", "in_progress", "complete"], 0),
        ("incident", None, ["scheduled", "in_progress"], 1),
    ],
)
def test_a_failed_change_is_told_as_asked_and_once_and_success_closes_the_window(
    covered: Covered, on_failure: str, message: str | None, timeline: list[str], incidents: int
) -> None:
    deployed(covered, on_failure=on_failure, failure_message=message)
    covered.job.advance(hours=2, minutes=1)
    covered.declare(work={"version": 2, "fails": True})
    covered.up(check=False)
    if on_failure != "complete":
        # Failing again tells nothing again.
        covered.up(check=False)
    assert covered.timeline() == timeline
    assert len([line for line in covered.job.wrote() if line == "POST status_page_incidents"]) <= 2
    assert opened(covered.job) == incidents
    if on_failure == "complete":
        return
    covered.declare(work={"version": 2})
    covered.up()
    assert covered.timeline() == [*timeline, "complete"]


def opened(job: Job) -> int:
    answer = httpx.get(
        f"{job.url}/v2/status_page_incidents",
        params={"status_page_id": job.emulator.page_id},
        headers={"Authorization": "Bearer emulator-read"},
    ).json()
    job.emulator.clear_requests()
    return len(answer["status_page_incidents"])


def test_an_overrun_moves_the_end_in_steps_while_the_change_runs_and_never_past_the_cap(covered: Covered) -> None:
    deployed(covered, extend_up_to="7m")
    moved = []
    # Each run finds less than a minute left, by what the one before it left.
    covered.declare(work={"version": 2, "takes": 3, "fails": True})
    for end in (0, 5, 7):
        covered.job.at(datetime(2026, 3, 1, 16, tzinfo=timezone.utc) + timedelta(minutes=end, seconds=-40))
        covered.up(check=False)
        moved.append(covered.ends())
    assert moved == [["16:05:00"], ["16:07:00"], []]
    covered.declare(work={"version": 2})
    covered.up()
    assert covered.done() == "1 2 "
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


def test_a_window_stays_open_past_its_declared_end_while_the_change_runs(covered: Covered) -> None:
    deployed(covered, extend_up_to="90s")
    covered.job.advance(hours=3, minutes=59, seconds=20)
    covered.declare(work={"version": 2})
    with covered.holding("work"), covered.job.stack.start_up() as run:
        # The cap is nearer than a whole step.
        wait_for(lambda: covered.ends() == ["16:01:30"])
        covered.job.emulator.advance(seconds=60)
        assert covered.timeline() == ["scheduled", "in_progress"]
        covered.release("work")
        run.wait()
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


@pytest.mark.parametrize(
    ("outside", "begins", "said"),
    [
        (
            "fail",
            121,
            [
                ("the change runs", "in_progress"),
                ("the runner is killed", "in_progress"),
                ("an hour later", "in_progress"),
                ("its end has passed", "complete"),
                ("settle", "complete"),
                ("the next run", "complete"),
            ],
        ),
        (
            "start",
            60,
            [
                ("the change runs", "in_progress"),
                ("the runner is killed", "in_progress"),
                ("an hour later", "in_progress"),
                # The published status turned automation off: only a run can end it.
                ("its end has passed", "in_progress"),
                # The change was interrupted: whether it is done only a run can tell.
                ("settle", "in_progress"),
                ("the next run", "complete"),
            ],
        ),
    ],
)
def test_what_the_page_says_when_a_run_is_killed_in_the_middle_of_the_change(
    covered: Covered, outside: str, begins: int, said: list[tuple[str, str]]
) -> None:
    deployed(covered, outside=outside)
    covered.job.advance(minutes=begins)
    covered.declare(work={"version": 2})
    says: list[tuple[str, str]] = []

    def look(moment: str) -> None:
        says.append((moment, covered.timeline()[-1]))

    with covered.holding("work"), covered.job.stack.start_up() as run:
        wait_for(lambda: covered.started("work") == 3)
        look("the change runs")
        run.kill()
        look("the runner is killed")
    covered.job.stack.unlock()
    covered.job.advance(hours=1)
    look("an hour later")
    covered.job.advance(days=1)
    look("its end has passed")
    settle(covered)
    look("settle")
    covered.declare(work={"version": 1})
    covered.job.asked()
    covered.up()
    look("the next run")
    assert says == said
    assert covered.done() == "1 "
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


@pytest.mark.parametrize(("required", "runs"), [(False, True), (True, False)])
def test_a_page_that_is_down_blocks_the_change_only_where_it_is_required(
    covered: Covered, required: bool, runs: bool
) -> None:
    deployed(covered, required=required)
    covered.job.advance(hours=2, minutes=1)
    covered.declare(work={"version": 2})
    covered.job.stack.env["INCIDENT_ENDPOINT"] = "http://127.0.0.1:9"
    result = covered.up(check=False)
    assert (covered.done() == "1 2 ") is runs
    assert (result.code == 0) is runs
    assert result.tracebacks == []


def test_a_page_that_goes_down_while_the_change_runs_does_not_fail_it(covered: Covered) -> None:
    deployed(covered)
    covered.job.advance(hours=2, minutes=1)
    covered.declare(work={"version": 2})
    covered.job.emulator.fault(kind="status:503", times=1000, method="POST")
    result = covered.up()
    assert "“Upgrade” could not be completed" in result.output
    assert covered.done() == "1 2 "
    # The service still ends by itself what it began by itself.
    covered.job.advance(hours=2)
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


def test_each_window_follows_its_own_work(covered: Covered) -> None:
    covered.job.stack.write(SEVERAL)
    windows = covered.job.declared["StatusPageMaintenance"]
    windows["other"] = {**windows["window"], "name": "Other", "start_at": "2026-03-01T15:00:00Z"}
    covered.declare({"outside": "warn"}, work={}, work2={"window": "other"})
    covered.up()
    covered.declare(
        {"outside": "hold"}, work={"version": 2, "takes": 2}, work2={"version": 2, "takes": 1, "window": "other"}
    )
    covered.job.asked()

    covered.job.advance(hours=2, minutes=30)
    first = covered.up()
    assert "“Other” opens Sun 1 Mar 2026, 15:00 UTC" in first.output
    assert [covered.done("work"), covered.done("work2")] == ["1 2 ", "1 "]
    assert covered.job.wrote() == [f"POST {UPDATES}"]
    assert covered.timeline("Upgrade") == ["scheduled", "in_progress", "complete"]
    assert covered.timeline("Other") == ["scheduled"]

    covered.job.advance(hours=1)
    covered.up()
    assert covered.done("work2") == "1 2 "
    assert covered.job.wrote() == [f"POST {UPDATES}"]
    assert covered.timeline("Other") == ["scheduled", "in_progress", "complete"]


def test_two_windows_that_are_open_at_once_are_both_completed_by_one_run(covered: Covered) -> None:
    covered.job.stack.write(SEVERAL)
    windows = covered.job.declared["StatusPageMaintenance"]
    windows["other"] = {**windows["window"], "name": "Other"}
    covered.job.advance(hours=2, minutes=30)
    covered.declare({}, work={"takes": 1}, work2={"takes": 2, "window": "other"})
    covered.up()
    assert covered.job.wrote() == [f"POST {MAINTENANCES}"] * 2 + [f"POST {UPDATES}"] * 2
    assert [covered.timeline(name) for name in ("Upgrade", "Other")] == [["in_progress", "complete"]] * 2


@pytest.mark.parametrize(
    ("on_failure", "timeline"),
    [
        ("keep", ["scheduled", "in_progress", "in_progress"]),
        # Not before the last has ended, which succeeds.
        ("complete", ["scheduled", "in_progress", "complete"]),
    ],
)
def test_changes_that_fail_side_by_side_are_told_once_and_the_window_outlasts_those_that_still_run(
    covered: Covered, on_failure: str, timeline: list[str]
) -> None:
    covered.job.declared["work"] = {}
    covered.declare({"outside": "warn"}, work={}, work1={}, work2={})
    covered.job.begin()
    covered.declare({"on_failure": on_failure, "failure_message": "It takes longer."})
    covered.job.advance(hours=2, minutes=1)
    failing = {"version": 2, "fails": True}
    covered.declare(work={"version": 2}, work1=failing, work2=failing)
    covered.job.asked()
    holds = {name: covered.job.stack.folder / f"{name}.hold" for name in ("work", "work1", "work2")}
    for hold in holds.values():
        hold.touch()
    with covered.job.stack.start_up() as run:
        # None fails before all have begun: after a failure the engine begins nothing more. And one outlasts the others.
        wait_for(lambda: all(covered.has_begun(name, 2) for name in holds))
        holds["work1"].unlink()
        holds["work2"].unlink()
        wait_for(lambda: all(covered.has_ended(name, 2) for name in ("work1", "work2")))
        if on_failure == "keep":
            wait_for(lambda: any(one["method"] == "POST" for one in covered.job.emulator.requests))
        holds["work"].unlink()
        run.wait(check=False)
    assert covered.done() == "1 2 "
    posts = [one for one in covered.job.emulator.requests if one["method"] == "POST"]
    _, ended = covered.times("work")
    assert [(datetime.fromisoformat(one["at"].replace("Z", "+00:00")) > ended) for one in posts] == [
        on_failure == "complete"
    ]
    assert covered.timeline() == timeline


def test_a_resource_that_could_not_be_created_closes_the_window_in_the_run_that_creates_it(covered: Covered) -> None:
    covered.job.advance(hours=2, minutes=1)
    covered.declare({}, work={"fails": True})
    covered.up(check=False)
    assert covered.timeline() == ["in_progress"]
    covered.declare(work={})
    assert covered.up().changes == {"create": 1, "same": 1}
    assert covered.done() == "1 "
    assert covered.timeline() == ["in_progress", "complete"]


def test_a_change_whose_turn_comes_after_the_end_of_the_window_is_refused(covered: Covered) -> None:
    covered.job.stack.write(SEVERAL)
    covered.declare({"outside": "warn"}, work={}, late={"after": ["work"]})
    covered.up()
    covered.job.advance(hours=3, minutes=59, seconds=50)
    # The page's clock is moved by hand, as the run's goes on by itself.
    covered.job.emulator.set_clock(covered.job.now - timedelta(hours=1))
    covered.declare({"outside": "fail"}, work={"version": 2, "takes": 11}, late={"version": 2, "after": ["work"]})
    with covered.job.stack.start_up() as run:
        wait_for(lambda: covered.started("work") == 3)
        covered.job.emulator.advance(seconds=2 * 3600)
        result = run.wait(check=False)
    assert [covered.done("work"), covered.done("late")] == ["1 2 ", "1 "]
    assert any("late: “Upgrade” ended Sun 1 Mar 2026, 16:00 UTC. Nothing was" in line for line in result.errors)


def test_what_is_deleted_before_it_is_replaced_is_still_there_after_a_refusal(covered: Covered) -> None:
    deployed(covered)
    (covered.job.stack.folder / "work.py").write_text(REPLACED)
    covered.declare(work={"version": 2})
    assert covered.up(check=False).code != 0
    assert covered.done() == "1 "
    covered.job.advance(hours=2, minutes=1)
    covered.up()
    assert covered.done() == "1 deleted 2 "


def test_the_window_does_not_end_between_the_two_halves_of_a_replacement(covered: Covered) -> None:
    (covered.job.stack.folder / "work.py").write_text(REPLACED)
    covered.job.stack.write(PROGRAM.replace("complete_after(*covered)", "complete_after(covered[0])"))
    covered.declare({"outside": "warn"}, work={}, other={"takes": 1})
    covered.job.begin()
    covered.job.advance(hours=2, minutes=1)
    covered.declare({}, work={"version": 2}, other={"version": 2, "takes": 1})
    covered.up()
    assert [covered.done("work"), covered.done("other")] == ["1 deleted 2 "] * 2
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


@pytest.mark.parametrize("args", [(), ("--continue-on-error",)], ids=["", "continue-on-error"])
def test_a_failure_ends_the_window_after_what_is_half_replaced_where_deletions_are_guarded(
    covered: Covered, args: tuple[str, ...]
) -> None:
    (covered.job.stack.folder / "work.py").write_text(REPLACED)
    covered.job.stack.write(PROGRAM.replace("covered = [", "window.guard_deletions()\ncovered = ["))
    covered.declare({"outside": "warn"}, work={}, other={"takes": 1})
    covered.job.begin()
    covered.job.advance(hours=2, minutes=1)
    covered.declare({"on_failure": "complete"}, work={"version": 2, "fails": True}, other={"version": 2, "takes": 1})
    covered.job.stack.up(*args, check=False)
    if not args:
        # The engine does not go on with the other half, so the window is still open for it.
        assert covered.timeline() == ["scheduled", "in_progress"]
        assert covered.done("other") == "1 deleted "
        covered.declare(work={"version": 2})
        covered.up()
    assert covered.done("other") == "1 deleted 2 "
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


def test_a_replacement_that_was_prepared_for_a_closed_window_does_not_delete_what_it_makes(covered: Covered) -> None:
    deployed(covered)
    (covered.job.stack.folder / "work.py").write_text(REPLACED)
    covered.declare(work={"version": 2})
    moved(covered, "in_progress")
    result = covered.up(check=False)
    assert any("work: “Upgrade” is open, and was not by its declared times" in line for line in result.errors)
    assert covered.done() == "1 "
    covered.job.advance(hours=2, minutes=1)
    covered.up()
    assert covered.done() == "1 deleted 2 "


def test_a_resource_that_is_the_engines_own_is_covered_like_any(covered: Covered) -> None:
    begin, end = PROGRAM.index("covered = ["), PROGRAM.index("window.complete_after")
    native = """
version = declared["work"]["work"]["version"]
opts = window.covering(**declared.get("covering", {}))
covered = [pulumi.Stash("work", input=version, opts=opts)]
"""
    covered.job.stack.write(PROGRAM[:begin] + native + PROGRAM[end:])
    covered.declare({"outside": "warn"}, work={"version": 1})
    covered.up()
    covered.declare({}, work={"version": 2})
    covered.job.asked()
    assert any("work: “Upgrade” opens" in line for line in covered.up(check=False).errors)
    covered.job.advance(hours=2, minutes=1)
    assert covered.up().changes == {"same": 1, "update": 1}
    assert covered.job.wrote() == [f"POST {UPDATES}"]
    assert set(covered.up().changes) == {"same"}


def test_where_the_window_could_not_be_announced_nothing_that_it_covers_is_changed(covered: Covered) -> None:
    covered.job.advance(hours=2, minutes=1)
    covered.job.stack.env["INCIDENT_API_KEY"] = "emulator-read"
    covered.declare({"outside": "warn"})
    result = covered.up(check=False)
    assert result.code != 0
    assert covered.done() == ""
    assert any("KeyRefused: incident.io answered 403" in line for line in result.errors)
    assert result.tracebacks == []


def test_a_window_of_another_stack_covers_what_this_one_changes(covered: Covered, tmp_path: Path) -> None:
    covered.job.stack.write(PROGRAM[: PROGRAM.index("covered = [")])
    covered.up()
    (window,) = covered.job.windows()
    other = Stack(
        tmp_path / "other",
        program=f"""
import statuspage_provider as statuspage
from work import Work
window = statuspage.StatusPageMaintenance.get("found", "{window["id"]}")
work = Work("work", 1, 0, False, window.covering())
window.complete_after(work)
""",
        env=dict(covered.job.stack.env),
    )
    (other.folder / "work.py").write_text(WORK)
    other.init()
    result = other.up(check=False)
    assert any("work: “Upgrade” opens Sun 1 Mar 2026, 14:00 UTC" in line for line in result.errors)
    covered.job.advance(hours=2, minutes=1)
    other.env["STATUSPAGE_NOW"] = covered.job.stack.env["STATUSPAGE_NOW"]
    other.up()
    assert (other.folder / "work.txt").exists()
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]
    assert set(other.up().changes) == {"read", "same"}
    # What the program does not know of the window, the page tells: changes are held.
    program = (other.folder / "__main__.py").read_text().replace('"work", 1', '"work", 2')
    other.write(program.replace("covering()", 'covering(outside="hold")'))
    assert "update" not in other.up().changes
    assert (other.folder / "work.txt").read_text() == "1 "


def test_children_of_a_component_are_covered_by_the_options_that_it_hands_on(covered: Covered) -> None:
    program = (
        PROGRAM[: PROGRAM.index("covered = [")]
        + """
version = declared["work"]["shop"]["version"]

class Shop(pulumi.ComponentResource):
    def __init__(self, name, covering):
        super().__init__("test:index:Shop", name)
        mine = pulumi.ResourceOptions(parent=self)
        self.orders = Work("orders", version, 0, False, covering(mine))
        self.reports = Work("reports", version, 0, False, covering(mine))
        self.register_outputs({})

shop = Shop("shop", lambda opts: window.covering(opts, **declared.get("covering", {})))
window.complete_after(shop.orders, shop.reports)
"""
    )
    covered.job.stack.write(program)
    covered.declare({"outside": "warn"}, shop={"version": 1})
    covered.up()
    covered.declare({}, shop={"version": 2})
    refused = covered.up(check=False)
    assert sum("“Upgrade” opens" in line for line in refused.errors) == 2
    covered.job.advance(hours=2, minutes=1)
    covered.up()
    assert [covered.done("orders"), covered.done("reports")] == ["1 2 ", "1 2 "]
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


def test_a_quiet_run_is_not_failed_by_a_page_that_refuses(covered: Covered) -> None:
    deployed(covered)
    covered.job.advance(hours=2, minutes=1)
    covered.job.stack.env["INCIDENT_API_KEY"] = "wrong"
    result = covered.up()
    assert result.changes == {"same": 2}
    assert "could not be completed" in result.output


def test_covering_a_deployed_resource_is_no_change_to_it(covered: Covered) -> None:
    program = PROGRAM.replace('window.covering(**declared.get("covering", {}))', "None").replace(
        "window.complete_after(*covered)", ""
    )
    covered.job.stack.write(program)
    covered.up()
    covered.job.asked()
    covered.job.stack.write(PROGRAM)
    assert covered.up().changes == {"same": 2}
    assert covered.job.asked() == []
    covered.job.stack.destroy()


def test_a_plan_and_the_state_tell_which_window_covers_a_resource_and_what_happens_outside_it(covered: Covered) -> None:
    covered.job.stack.write(PROGRAM.replace('Maintenance("window"', 'Maintenance("team/window"'))
    deployed(covered, outside="fail")

    def told(hooks: dict[str, list[str]]) -> set[Covering | None]:
        return {read_hook_name(name) for names in hooks.values() for name in names}

    assert covered.up().changes == {"same": 2}
    assert told(covered.job.stack.resource("work")["resourceHooks"]) == {Covering("team/window", "fail")}
    covered.declare({"outside": "hold"})
    assert covered.up().changes == {"same": 2}
    covered.declare({"outside": "wait"}, work={"version": 2}, other={})
    steps = {step["urn"].split("::")[-1]: step for step in covered.job.stack.preview_json()["steps"]}
    assert told(steps["work"]["oldState"]["resourceHooks"]) == {Covering("team/window", "hold")}
    assert told(steps["work"]["newState"]["resourceHooks"]) == {Covering("team/window", "wait")}
    # What is covered in one way has one set of hooks, and the next run gives them the same names.
    assert steps["work"]["newState"]["resourceHooks"] == steps["other"]["newState"]["resourceHooks"]
    assert covered.job.asked() == []


def test_forty_covered_resources_change_at_once(covered: Covered) -> None:
    covered.job.declared["work"] = {}
    covered.job.advance(hours=2, minutes=1)
    covered.declare({}, **{f"work{number}": {} for number in range(40)})
    assert covered.up().changes == {"create": 41}
    assert covered.timeline() == ["in_progress", "complete"]


ORDINARY = """
for number in range(6):
    Work(f"ordinary{number}", 1, 0, False, pulumi.ResourceOptions(depends_on=[window]))
"""


def test_a_covered_change_needs_no_thread_that_ordinary_ones_wait_in(covered: Covered) -> None:
    covered.job.stack.write(PROGRAM + ORDINARY)
    covered.job.advance(hours=2, minutes=1)
    covered.declare({})
    assert covered.job.stack.up("--parallel", "1").changes == {"create": 8}
    assert covered.timeline() == ["in_progress", "complete"]


def up_inline(covered: Covered, **options: Any) -> str:
    """Run the program as an inline program of the Automation API. Answers what the CLI said."""
    return start_inline(covered.job.stack, **options).wait(check=False).output


def test_an_inline_program_of_the_automation_api_covers_and_knows_what_it_was_asked_for(covered: Covered) -> None:
    works: dict[str, dict[str, Any]] = {f"work{number}": {} for number in range(12)}
    covered.job.declared["work"] = {}
    covered.job.advance(hours=2, minutes=1)
    covered.declare({}, **works)
    up_inline(covered, parallel=2)
    assert [covered.done(name) for name in works] == ["1 "] * 12
    assert covered.timeline() == ["in_progress", "complete"]

    covered.job.window(name="Second", start_at="2026-03-01T18:00:00Z", triggers=["second"])
    covered.declare({"outside": "start"}, work0={"version": 2, "fails": True}, work1={"version": 2})
    up_inline(covered)
    assert covered.timeline("Second") == ["scheduled", "in_progress"]
    said = up_inline(covered, target=[covered.job.stack.urn("work1")])
    assert covered.done("work1") == "1 2 "
    assert "“Second” stays open: this run left resources out (--target)" in said
    assert covered.timeline("Second") == ["scheduled", "in_progress"]
    covered.declare(work0={"version": 2})
    up_inline(covered)
    assert covered.timeline("Second") == ["scheduled", "in_progress", "complete"]


@pytest.mark.parametrize("named", [True, False], ids=["named", "all that it covers"])
def test_where_the_engine_goes_on_after_an_error_the_window_of_what_failed_stays_open(
    covered: Covered, named: bool
) -> None:
    if not named:
        covered.job.stack.write(PROGRAM.replace("complete_after(*covered)", "complete_after()"))
    covered.declare({"outside": "warn"}, work={}, other={})
    covered.job.begin()
    covered.declare({}, work={"version": 2, "fails": True}, other={"version": 2})
    covered.job.advance(hours=2, minutes=1)
    result = covered.job.stack.up("--continue-on-error", check=False)
    assert covered.done("other") == "1 2 "
    assert "“Upgrade” stays open: work did not succeed in this run. The service ends it" in result.output
    assert covered.timeline() == ["scheduled", "in_progress"]
    covered.declare(work={"version": 2})
    covered.up()
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


@pytest.mark.parametrize("named", ["*covered", ""], ids=["named", "all that it covers"])
def test_a_failure_of_what_it_does_not_cover_keeps_no_window_open_where_the_engine_goes_on(
    covered: Covered, named: str
) -> None:
    loose = 'Work("loose", declared["loose"], 0, declared["loose"] == 2, None)\n'
    program = PROGRAM.replace("complete_after(*covered)", f"complete_after({named})")
    covered.job.stack.write(program.replace("covered = [", f"{loose}covered = ["))
    covered.job.declared["loose"] = 1  # type: ignore[assignment]
    covered.declare({"outside": "warn"})
    covered.job.begin()
    covered.job.advance(hours=2, minutes=1)
    covered.job.declared["loose"] = 2  # type: ignore[assignment]
    covered.declare({}, work={"version": 2})
    result = covered.job.stack.up("--continue-on-error", check=False)
    assert any("the work failed" in line for line in result.errors)
    assert covered.done() == "1 2 "
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


def test_a_run_that_leaves_resources_out_does_not_complete_the_window(covered: Covered) -> None:
    covered.declare({"outside": "start"}, work={})
    covered.up()
    covered.job.window(name="Second", triggers=["second"])
    covered.declare(work={"version": 2}, new={})
    stack, window = covered.job.stack, covered.job.stack.urn("window")
    result = stack.up("--target", window, "--target", stack.urn("work"))
    assert covered.done() == "1 2 "
    assert "stays open: this run left resources out (--target)" in result.output
    result = stack.up("--exclude", stack.urn("work"))
    assert covered.done("new") == "1 "
    assert "stays open: this run left resources out (--exclude)" in result.output
    assert covered.timeline("Second") == ["scheduled", "in_progress"]
    covered.up()
    assert covered.timeline("Second") == ["scheduled", "in_progress", "complete"]


def test_a_failed_change_keeps_its_window_open_whatever_runs_before_it_succeeds(covered: Covered) -> None:
    covered.declare({"outside": "warn"}, work={}, other={})
    covered.job.begin()
    covered.job.advance(minutes=30)
    covered.declare({"outside": "start"}, work={"version": 2, "fails": True})
    covered.up(check=False)
    # Its declared start passes, then its end.
    stack, opened = covered.job.stack, ["scheduled", "in_progress"]
    for hours in (3, 2):
        covered.job.advance(hours=hours)
        stack.up("--target", stack.urn("other"))
        stack.refresh("--run-program")
        assert settle(covered).startswith("“Upgrade” stays open: other, work was not changed since it began")
        assert covered.timeline() == opened
    covered.declare({"outside": "warn"}, work={"version": 2})
    covered.up()
    assert covered.timeline() == [*opened, "complete"]


def settle(covered: Covered) -> str:
    """What the step after a run says: it reads nothing but the stack's exported state."""
    exported = covered.job.stack.exported()
    for resource in exported["deployment"]["resources"]:
        # The engine's clock is not the page's, which has been set to noon before the first deployment.
        resource["modified"] = "2026-03-01T12:00:01Z"
    return asked_of_state(covered, "settle", exported)


def asked_of_state(covered: Covered, command: str, exported: dict[str, Any]) -> str:
    code, said = statuspage(command, "-", env=covered.job.stack.environment(), stdin=json.dumps(exported))
    assert code == 0
    return said


def test_a_page_with_too_many_subscribers_to_mail_is_told_all_the_same(covered: Covered) -> None:
    covered.job.window(notify_subscribers=["in_progress", "complete"], automate_maintenance_status=False)
    deployed(covered)
    covered.job.emulator.set_subscribers(covered.job.emulator.page_id, 1001)
    covered.job.advance(hours=2, minutes=1)
    covered.declare(work={"version": 2})
    result = covered.up()
    assert covered.done() == "1 2 "
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]
    assert result.output.count("It was published without email") >= 2


def test_a_change_that_succeeds_after_its_program_was_interrupted_is_a_success(covered: Covered) -> None:
    deployed(covered)
    covered.job.advance(hours=2, minutes=1)
    covered.declare(work={"version": 2})
    with covered.holding("work"), covered.job.stack.start_up() as run:
        wait_for(lambda: covered.started("work") == 3)
        # One Ctrl-C: Pulumi's own host ends the program, and the engine waits for what is under way.
        end_programs(run)
        covered.release("work")
        result = run.wait(check=False)
    assert covered.job.stack.resource("work")["outputs"]["version"] == 2
    assert not any("after hook" in line for line in result.errors)
    # Nobody was there to end the window, which the state shows to be done.
    assert covered.timeline() == ["scheduled", "in_progress"]


def test_one_interrupt_ends_the_wait_for_a_window_and_the_change_does_not_run(covered: Covered) -> None:
    deployed(covered, outside="wait")
    covered.declare(work={"version": 2})
    covered.job.advance(hours=1, minutes=59, seconds=45)
    covered.job.emulator.set_clock(covered.job.now - timedelta(hours=1))
    with covered.job.stack.start_up() as run:
        wait_for(lambda: "the change waits for it" in run.output())
        run.interrupt()
        end_programs(run)
        result = run.wait(check=False)
    assert result.code != 0
    assert covered.done() == "1 "
    assert covered.timeline() == ["scheduled"]


def end_programs(run: Running) -> None:
    """What Pulumi's own host does to a program after an interrupt."""
    for pid in run.programs():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not run.programs())


def test_what_fails_after_its_program_was_interrupted_is_shown_by_its_own_error(covered: Covered) -> None:
    deployed(covered)
    covered.job.advance(hours=2, minutes=1)
    covered.declare(work={"version": 2, "fails": True})
    with covered.holding("work"), covered.job.stack.start_up() as run:
        wait_for(lambda: covered.started("work") == 3)
        end_programs(run)
        covered.release("work")
        result = run.wait(check=False)
    assert any("the work failed" in line for line in result.errors)
    assert covered.timeline() == ["scheduled", "in_progress"]


def test_a_resource_under_two_windows_is_refused(covered: Covered) -> None:
    other = 'other = statuspage.StatusPageMaintenance("other", **declared["StatusPageMaintenance"]["window"])'
    program = PROGRAM.replace("covered = [", f"{other}\ncovered = [")
    covered.job.stack.write(
        program.replace('window.covering(**declared.get("covering", {}))', "window.covering(other.covering())")
    )
    result = covered.job.stack.preview(check=False)
    assert any("“other” already covers the resource" in line for line in result.errors)
    assert result.tracebacks == []


@pytest.mark.parametrize("outside", ["fail", "start", "wait"])
def test_what_is_deleted_before_it_is_replaced_survives_a_window_that_was_completed_early(
    covered: Covered, outside: str
) -> None:
    (covered.job.stack.folder / "work.py").write_text(REPLACED)
    deployed(covered, outside=outside)
    covered.job.advance(hours=2, minutes=10)
    moved(covered, "complete")
    covered.declare(work={"version": 2})
    result = covered.up(check=False)
    assert any("ended Sun 1 Mar 2026, 14:10 UTC. Nothing was changed" in line for line in result.errors)
    assert covered.done() == "1 "
    assert covered.job.wrote() == []


def test_what_is_skipped_because_of_another_failure_keeps_the_window_open(covered: Covered) -> None:
    covered.job.stack.write(
        PROGRAM.replace(
            "covered = [", 'loose = Work("loose", declared["loose"], 0, declared["loose"] == 2, None)\ncovered = ['
        )
        .replace(
            'window.covering(**declared.get("covering", {}))',
            'window.covering(pulumi.ResourceOptions(depends_on=[loose] if name == "after" else []))',
        )
        .replace("complete_after(*covered)", "complete_after(covered[0])")
    )
    covered.job.advance(hours=2, minutes=1)
    covered.job.declared["loose"] = 1  # type: ignore[assignment]
    covered.declare(work={}, after={})
    covered.up()
    covered.job.window(start_at="2026-03-01T18:00:00Z", name="Second", triggers=["second"])
    covered.job.advance(hours=4)
    covered.job.declared["loose"] = 2  # type: ignore[assignment]
    covered.declare(work={"version": 2}, after={"version": 2})
    covered.job.stack.up("--continue-on-error", check=False)
    assert (covered.done(), covered.done("after")) == ("1 2 ", "1 ")
    assert covered.timeline("Second")[-1] == "in_progress"
    covered.job.declared["loose"] = 3  # type: ignore[assignment]
    covered.job.save()
    covered.job.stack.up("--continue-on-error")
    assert covered.done("after") == "1 2 "
    assert covered.timeline("Second")[-1] == "complete"


def test_a_new_resource_that_failed_keeps_settle_from_completing_the_window(covered: Covered) -> None:
    deployed(covered, outside="start")
    covered.declare(work={"version": 2}, new={"fails": True})
    covered.up(check=False)
    assert covered.timeline() == ["scheduled", "in_progress"]
    covered.job.advance(hours=2, minutes=1)
    exported = covered.job.stack.exported()
    assert "“Upgrade” stays open: new was not made" in asked_of_state(covered, "settle", exported)
    assert "it covers new, work" in asked_of_state(covered, "due", exported)
    covered.declare(new={"fails": False})
    covered.up()
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


def test_a_window_that_one_change_begins_is_not_completed_while_another_is_held(covered: Covered) -> None:
    covered.job.stack.write(
        PROGRAM.replace('window.covering(**declared.get("covering", {}))', 'window.covering(outside=work["outside"])')
    )
    covered.declare(work={"outside": "warn"}, other={"outside": "warn"})
    covered.up()
    covered.declare(work={"outside": "start", "version": 2}, other={"outside": "hold", "version": 2})
    result = covered.up()
    assert (covered.done(), covered.done("other")) == ("1 2 ", "1 ")
    assert "“Upgrade” stays open: changes under it were held in this run" in result.output
    assert covered.timeline() == ["scheduled", "in_progress"]
    covered.job.advance(hours=2, minutes=1)
    covered.up()
    assert covered.done("other") == "1 2 "
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


@pytest.mark.parametrize("how", ["--replace", "taint"])
def test_a_window_that_its_work_has_ended_is_not_announced_again_by_a_replacement(covered: Covered, how: str) -> None:
    covered.job.window(notify_subscribers=True)
    covered.job.advance(hours=2, minutes=1)
    covered.declare({})
    covered.up()
    assert covered.timeline() == ["in_progress", "complete"]
    windows, mails = covered.job.windows(), covered.job.mails()
    stack, window = covered.job.stack, covered.job.stack.urn("window")
    if how == "taint":
        stack.run("state", "taint", window)
    result = stack.up(*(["--replace", window] if how == "--replace" else []), check=False)
    assert any("was announced before, as 01" in line and "is complete on the page" in line for line in result.errors)
    assert covered.job.windows() == windows
    assert covered.job.mails() == mails
