"""The window follows the work, on a real engine: opened by a change, closed at its true end, quiet otherwise."""

from __future__ import annotations

import time
from typing import Any

import pytest

from statuspage_provider.covering import covering_window
from tests.engine.conftest import Job
from tests.engine.stack import Result

pytestmark = pytest.mark.engine

MAINTENANCES, UPDATES = "status_page_maintenances", "status_page_maintenance_updates"

WORK = '''
"""Work that takes a while, can fail, and leaves a file behind that tells it was done."""
import time
from pathlib import Path
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


class WorkProvider(ResourceProvider):
    serialize_as_secret_always = False

    def diff(self, _id, _olds, _news):
        return DiffResult(changes=None if _olds["version"] != _news["version"] else False)

    def create(self, props):
        return CreateResult(props["path"], self.done(props))

    def update(self, _id, _olds, _news):
        return UpdateResult(self.done(_news))

    def done(self, props):
        time.sleep(props["takes"])
        if props["fails"]:
            raise Exception("the work failed")
        with Path(props["path"]).open("a") as file:
            file.write(f"{int(props['version'])} ")
        return {key: props[key] for key in ("path", "version", "takes", "fails")}


class Work(Resource, module="test", name="Work"):
    def __init__(self, name, version, takes, fails, opts):
        path = str(Path(f"{name}.txt").resolve())
        super().__init__(WorkProvider(), name, {"path": path, "version": version, "takes": takes, "fails": fails}, opts)
'''

PROGRAM = """
import json
from pathlib import Path

import pulumi

import statuspage_provider as statuspage
from work import Work

declared = json.loads(Path("declared.json").read_text())
window = statuspage.StatusPageMaintenance("window", **declared["StatusPageMaintenance"]["window"])
covered = [
    Work(name, work.get("version", 1), work.get("takes", 0), work.get("fails", False),
         window.covering(**declared.get("covering", {})))
    for name, work in declared["work"].items()
]
window.complete_after(*covered)
"""


class Covered:
    """A job whose work is covered by its window."""

    def __init__(self, job: Job) -> None:
        self.job = job
        job.stack.write(PROGRAM)
        (job.stack.folder / "work.py").write_text(WORK)
        job.declared["work"] = {"work": {}}
        job.window()

    def declare(self, covering: dict[str, Any] | None = None, **work: dict[str, Any]) -> None:
        if covering is not None:
            self.job.declared["covering"] = covering
        self.job.declared["work"] = {**self.job.declared["work"], **work}
        self.job.save()

    def up(self, *, check: bool = True) -> Result:
        return self.job.stack.up(check=check)

    def done(self, name: str = "work") -> str:
        file = self.job.stack.folder / f"{name}.txt"
        return file.read_text() if file.exists() else ""

    def timeline(self) -> list[str]:
        return [update["maintenance_status"].split("_", 1)[1] for update in self.job.windows()[0]["updates"]]


@pytest.fixture
def covered(job: Job) -> Covered:
    return Covered(job)


def deployed(covered: Covered, **covering: Any) -> None:
    """The stack as it is after its first deployment, within a window of its own, which is over."""
    covered.declare({"outside": "warn"})
    covered.up()
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
    many = {f"work{number}": {} for number in range(20)}
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
    assert covered.job.wrote() == [f"POST {UPDATES}"] * 2
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


def test_hold_keeps_the_run_green_and_the_next_one_inside_applies_it(covered: Covered) -> None:
    deployed(covered, outside="hold")
    covered.declare(work={"version": 2})
    result = covered.up()
    assert result.changes == {"same": 2}
    assert covered.done() == "1 "
    assert "changes under it are held until then" in result.output
    covered.job.advance(hours=2, minutes=1)
    assert covered.up().changes == {"same": 1, "update": 1}
    assert covered.done() == "1 2 "


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
    covered.job.advance(hours=1, minutes=59, seconds=57)
    covered.up()
    assert covered.done() == "1 2 "
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


@pytest.mark.parametrize(
    ("on_failure", "message", "timeline", "incidents"),
    [
        ("keep", None, ["scheduled", "in_progress"], 0),
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
    import httpx

    answer = httpx.get(
        f"{job.url}/v2/status_page_incidents",
        params={"status_page_id": job.emulator.page_id},
        headers={"Authorization": "Bearer emulator-read"},
    ).json()
    job.emulator.clear_requests()
    return len(answer["status_page_incidents"])


def test_an_overrun_moves_the_end_while_the_change_runs_up_to_the_cap(covered: Covered) -> None:
    deployed(covered, extend_up_to="7m")
    covered.job.advance(hours=3, minutes=59, seconds=55)
    covered.declare(work={"version": 2, "takes": 3})
    covered.up()
    assert covered.job.wrote() == [f"PUT {MAINTENANCES}", f"POST {UPDATES}"]
    assert covered.done() == "1 2 "


def test_a_killed_run_leaves_no_window_open_for_ever(covered: Covered) -> None:
    deployed(covered, outside="start")
    covered.declare(work={"version": 2, "takes": 20})
    with covered.job.stack.start_up() as run:
        wait_for(lambda: covered.timeline() == ["scheduled", "in_progress"])
        run.kill()
    covered.job.stack.unlock()
    # The published status turned automation off: the page says in progress until the next run settles it.
    covered.job.advance(days=1)
    assert covered.timeline() == ["scheduled", "in_progress"]
    covered.declare(work={"version": 1})
    covered.up()
    assert covered.timeline() == ["scheduled", "in_progress", "complete"]


def wait_for(condition: Any) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


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
    assert "Traceback" not in result.output


def test_a_component_is_refused_by_complete_after_because_its_children_may_still_work(covered: Covered) -> None:
    component = "window.complete_after(pulumi.ComponentResource('test:index:Shop', 'shop'))"
    covered.job.stack.write(PROGRAM.replace("window.complete_after(*covered)", component))
    result = covered.job.stack.preview(check=False)
    assert any("complete_after: a component says nothing of when its work ends" in line for line in result.errors)


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

    def rules(hooks: dict[str, list[str]]) -> set[str]:
        return {name.rsplit("/", 1)[0] for names in hooks.values() for name in names}

    assert covered.up().changes == {"same": 2}
    assert rules(covered.job.stack.resource("work")["resourceHooks"]) == {"statuspage/team/window/1/fail"}
    covered.declare({"outside": "hold"})
    assert covered.up().changes == {"same": 2}
    covered.declare({"outside": "wait"}, work={"version": 2}, other={})
    steps = {step["urn"].split("::")[-1]: step for step in covered.job.stack.preview_json()["steps"]}
    assert rules(steps["work"]["oldState"]["resourceHooks"]) == {"statuspage/team/window/1/hold"}
    assert rules(steps["work"]["newState"]["resourceHooks"]) == {"statuspage/team/window/1/wait"}
    assert rules(steps["other"]["newState"]["resourceHooks"]) == {"statuspage/team/window/2/wait"}
    assert covered.job.asked() == []


@pytest.mark.parametrize(
    ("hook", "window"),
    [
        ("statuspage/window/1/fail/before", "window"),
        ("statuspage/team/window/1/fail/before", "team/window"),
        ("mine", None),
        ("mine/window/1/fail/before", None),
        ("statuspage/1/fail/before", None),
    ],
)
def test_a_hooks_name_tells_its_window(hook: str, window: str | None) -> None:
    assert covering_window(hook) == window


def test_a_resource_under_two_windows_is_refused(covered: Covered) -> None:
    other = 'other = statuspage.StatusPageMaintenance("other", **declared["StatusPageMaintenance"]["window"])'
    program = PROGRAM.replace("covered = [", f"{other}\ncovered = [")
    covered.job.stack.write(
        program.replace('window.covering(**declared.get("covering", {}))', "window.covering(other.covering())")
    )
    result = covered.job.stack.preview(check=False)
    assert any("the resource is covered by “other” already" in line for line in result.errors)
    assert "Traceback" not in result.output
