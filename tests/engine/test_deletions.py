"""Guarded deletions on a real engine: what a user sees in each way in which a covered resource can go."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.covered import REPLACED, UPDATES, WORK, Covered
from tests.support.job import Job
from tests.support.stack import Result

pytestmark = pytest.mark.engine

DELETED = WORK.replace(
    "    def done(self, props):",
    """    def delete(self, _id, _props):
        if Path(_props["path"]).with_suffix(".stuck").exists():
            raise Exception("the deletion failed")
        with Path(_props["path"]).open("a") as file:
            file.write("deleted ")

    def done(self, props):""",
    1,
)
"""Work whose deletion leaves a trace, and can fail."""

PROGRAM = """
import json
from pathlib import Path

import pulumi

import statuspage_provider as statuspage
from work import Work

declared = json.loads(Path("declared.json").read_text())
for name in declared.get("released", []):
    statuspage.release_deletions(name)
if "window" in declared["StatusPageMaintenance"]:
    window = statuspage.StatusPageMaintenance("window", **declared["StatusPageMaintenance"]["window"])
    if declared.get("guard"):
        window.guard_deletions(**declared["guard"])
    for name, work in declared["work"].items():
        opts = window.covering(**declared.get("covering", {})) if work.get("covered", True) else None
        Work(name, work.get("version", 1), 0, work.get("fails", False), opts)
    window.complete_after()
"""

OPENS = "“Upgrade” opens Sun 1 Mar 2026, 14:00 UTC, in"


class Deleting(Covered):
    """A job whose window guards the deletions of its work."""

    def __init__(self, job: Job, work: str = DELETED) -> None:
        self.job = job
        job.stack.write(PROGRAM)
        (job.stack.folder / "work.py").write_text(work)
        job.declared["work"] = {"work": {}, "other": {}}
        job.declared["guard"] = {"outside": "fail"}
        job.window()
        for covering in ({"outside": "warn"}, {}):
            self.declare(covering)
            job.begin()
            job.asked()

    def remove(self, *names: str) -> None:
        work = {name: one for name, one in self.job.declared["work"].items() if name not in names}
        self.job.declared["work"] = work
        self.job.save()

    def opens(self) -> None:
        self.job.advance(hours=2, minutes=1)
        self.job.asked()

    def state(self) -> set[str]:
        return {one["urn"].rpartition("::")[2] for one in self.job.stack.state().get("resources", [])}


@pytest.fixture
def deleting(job: Job) -> Deleting:
    return Deleting(job)


def refusals(result: Result) -> list[str]:
    assert result.code != 0
    assert result.tracebacks == []
    return [line for line in result.errors if OPENS in line]


def test_what_leaves_the_program_stays_until_the_window_opens_and_the_end_waits_for_it(deleting: Deleting) -> None:
    deleting.remove("work")
    preview = deleting.job.stack.preview()
    assert f"work: as of now, `up` would be refused: {OPENS} 2 h" in preview.output
    (line, *_) = refusals(deleting.up(check=False))
    assert "It was not deleted. Run `pulumi up` between then and Sun 1 Mar 2026, 16:00 UTC" in line
    assert 'or let it go with guard_deletions(outside="warn")' in line
    assert deleting.done() == "1 "
    assert "work" in deleting.state()
    assert deleting.job.wrote() == []

    deleting.opens()
    deleting.up()
    assert deleting.done() == "1 deleted "
    assert "work" not in deleting.state()
    assert deleting.job.wrote() == [f"POST {UPDATES}"]
    assert deleting.timeline() == ["scheduled", "in_progress", "complete"]
    assert set(deleting.up().changes) == {"same"}


def test_a_deletion_that_fails_keeps_the_window_open(deleting: Deleting) -> None:
    deleting.opens()
    deleting.remove("work")
    (deleting.job.stack.folder / "work.stuck").touch()
    deleting.up(check=False)
    deleting.job.stack.up("--continue-on-error", check=False)
    assert deleting.timeline() == ["scheduled", "in_progress"]
    (deleting.job.stack.folder / "work.stuck").unlink()
    deleting.up()
    assert deleting.done() == "1 deleted "
    assert deleting.timeline() == ["scheduled", "in_progress", "complete"]


def test_what_is_replaced_deleted_first_is_refused_before_anything_is_deleted(job: Job) -> None:
    deleting = Deleting(job, REPLACED)
    deleting.declare(work={"version": 2})
    assert refusals(deleting.up(check=False))
    assert deleting.done() == "1 "
    deleting.opens()
    deleting.up()
    assert deleting.done() == "1 deleted 2 "
    assert deleting.timeline() == ["scheduled", "in_progress", "complete"]


DEPENDENT = PROGRAM.replace(
    'Work(name, work.get("version", 1), 0',
    'made[name] = Work(name, made["other"].version if name == "work" else work.get("version", 1), 0',
).replace("    for name, work in", "    made = {}\n    for name, work in")


def test_what_is_deleted_because_a_dependency_is_replaced_is_refused_first(job: Job) -> None:
    deleting = Deleting(job, REPLACED.replace('name="Work"):', 'name="Work"):\n    version: "pulumi.Output[int]"\n', 1))
    job.stack.write(DEPENDENT)
    job.declared["work"] = {"other": {"covered": False}, "work": {}}
    deleting.declare({"outside": "warn"})
    deleting.up()
    deleting.declare({}, other={"covered": False, "version": 2})
    before = deleting.done(), deleting.done("other")
    assert refusals(deleting.up(check=False))
    assert (deleting.done(), deleting.done("other")) == before


def test_a_destroy_asks_for_the_program_and_then_goes_by_the_window(deleting: Deleting) -> None:
    plain = deleting.job.stack.destroy(check=False)
    assert plain.code != 0
    assert "--run-program" in plain.output
    assert refusals(deleting.job.stack.destroy("--run-program", check=False))
    assert (deleting.done(), deleting.done("other")) == ("1 ", "1 ")
    deleting.opens()
    deleting.job.stack.destroy("--run-program")
    assert (deleting.done(), deleting.done("other")) == ("1 deleted ", "1 deleted ")
    assert deleting.timeline() == ["scheduled", "in_progress", "complete"]


def test_a_window_that_left_the_program_with_its_work_is_released_by_a_call(deleting: Deleting) -> None:
    deleting.job.declared["StatusPageMaintenance"] = {}
    deleting.job.save()
    stuck = deleting.up(check=False)
    assert "was not registered" in stuck.output
    assert deleting.done() == "1 "
    deleting.job.declared["released"] = ["window"]
    deleting.job.save()
    released = deleting.up()
    assert "work is deleted without a window: “window” has left the program" in released.output
    assert (deleting.done(), deleting.done("other")) == ("1 deleted ", "1 deleted ")
    deleting.job.declared["released"] = []
    deleting.job.save()
    assert deleting.up().changes == {}


@pytest.mark.parametrize("dropped", ["guard", "covering"])
def test_opting_out_needs_one_run_and_nothing_else(deleting: Deleting, dropped: str) -> None:
    if dropped == "guard":
        deleting.job.declared["guard"] = {}
        deleting.job.save()
    else:
        deleting.declare(work={"covered": False}, other={"covered": False})
    deleting.up()
    deleting.job.stack.destroy()
    assert deleting.done() == "1 deleted "


def test_a_guard_that_only_warns_lets_go_what_an_earlier_program_guarded(deleting: Deleting) -> None:
    deleting.job.declared["guard"] = {"outside": "warn"}
    deleting.remove("work")
    result = deleting.up()
    assert f"work: {OPENS} 1 h 59 min: the change runs before it" in result.output
    assert deleting.done() == "1 deleted "
    assert deleting.job.wrote() == []


@pytest.mark.parametrize(
    ("outside", "line"),
    [
        ("hold", 'guard_deletions: outside="hold" is not one of fail, warn, wait, start'),
        ("late", 'guard_deletions: outside="late" is not one of fail, warn, wait, start'),
    ],
)
def test_what_cannot_happen_to_a_deletion_is_refused(deleting: Deleting, outside: str, line: str) -> None:
    declared: dict[str, Any] = deleting.job.declared
    declared["guard"] = {"outside": outside}
    deleting.job.save()
    result = deleting.job.stack.preview(check=False)
    assert any(line in error for error in result.errors)
