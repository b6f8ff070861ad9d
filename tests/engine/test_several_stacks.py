"""One window, several stacks, on a real engine: an owner that announces it, and a consumer that only finds it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.alike import begun
from tests.support.command import statuspage
from tests.support.covered import WORK, Covered
from tests.support.inline import start_inline
from tests.support.job import Job
from tests.support.stack import Result, Stack
from tests.support.waiting import wait_for

pytestmark = pytest.mark.engine

OWNER_NAME, APP_NAME = "organization/project/test", "organization/app/test"

OWNER = """
import json
from pathlib import Path

import pulumi

import statuspage_provider as statuspage
from work import Work

declared = json.loads(Path("declared.json").read_text())
window = statuspage.StatusPageMaintenance("window", **declared["StatusPageMaintenance"]["window"])
pulumi.export("window", window.id)
if declared.get("guard"):
    window.guard_deletions()
covered = [
    Work(name, work.get("version", 1), work.get("takes", 0), work.get("fails", False),
         window.covering(**declared.get("covering", {})))
    for name, work in declared["work"].items()
]
window.complete_after(*covered, **declared["after"])
"""

APP = OWNER.replace(
    """window = statuspage.StatusPageMaintenance("window", **declared["StatusPageMaintenance"]["window"])
pulumi.export("window", window.id)
""",
    f"""owner = pulumi.StackReference("{OWNER_NAME}")
window = statuspage.StatusPageMaintenance.get("found", owner.require_output("window"))
""",
)


class Deployed(Covered):
    """One of the stacks: its project, and what its program declares."""

    def __init__(self, job: Job, program: str) -> None:
        self.job = job
        job.stack.write(program)
        (job.stack.folder / "work.py").write_text(WORK)
        job.declared |= {"work": {"work": {}}, "after": {"stacks": [OWNER_NAME, APP_NAME]}}
        job.save()

    def marked(self) -> dict[str, Any]:
        """What the stack has recorded of its one window."""
        (entry,) = self.job.stack.plain_outputs()["statuspage"].values()
        return {key: value for key, value in entry.items() if key not in ("stacks", "mails", "done_at")}


class Together:
    """Two stacks of two projects on one backend, deployed before their window with work still to do in it."""

    def __init__(self, job: Job, folder: Path) -> None:
        self.job = job
        job.window()
        self.owner = Deployed(job, OWNER)
        other = Stack(folder / "app", env=dict(job.stack.env))
        (other.folder / "Pulumi.yaml").write_text("name: app\nruntime: python\n")
        other.env["PULUMI_BACKEND_URL"] = job.stack.environment()["PULUMI_BACKEND_URL"]
        self.app = Deployed(Job(other, job.emulator, job.url), APP)
        other.init()
        self.app.job.at(job.now)
        for stack in (self.owner, self.app):
            stack.declare({"outside": "warn"})
        begun(folder, job.emulator, job.stack.env, self.first_up)
        for stack in (self.owner, self.app):
            stack.declare({}, work={"version": 2})
        job.asked()

    def first_up(self) -> None:
        self.up("owner", "app")

    def opens(self) -> None:
        for stack in (self.owner, self.app):
            stack.job.at(stack.job.now.replace(hour=14, minute=1))

    def up(self, *names: str) -> list[Result]:
        return [getattr(self, name).up() for name in names]

    def due(self, *names: str) -> tuple[int, list[str]]:
        """What a schedule is told that asks for these stacks: the exit code, and the stacks that are to be run."""
        states = []
        for name in names:
            stack = getattr(self, name).job.stack
            states.append(stack.folder / "exported.json")
            states[-1].write_text(json.dumps(stack.exported()))
        code, said = statuspage("due", "--json", *map(str, states), env=self.owner.job.stack.environment())
        return code, [one["stack"] for one in json.loads(said)["windows"] if one["due"]]

    def foretold(self) -> list[list[str]]:
        """What the previews of both stacks say of their work, up to what the clock makes of it."""
        found = []
        for stack in (self.owner, self.app):
            said = stack.job.stack.preview().diagnostics
            lines = [line.strip() for _, line in said if line.startswith("work: ")]
            found.append(
                [line.partition(" in ")[0] + " in" if " in " in line else line.partition(". ")[0] for line in lines]
            )
        return found

    @property
    def timeline(self) -> list[str]:
        return self.owner.timeline()


@pytest.fixture
def together(job: Job, tmp_path: Path) -> Together:
    job.window(notify_subscribers=["in_progress", "complete"], automate_maintenance_status=False)
    return Together(job, tmp_path)


OPEN = ["scheduled", "in_progress"]


@pytest.mark.parametrize(
    ("order", "timelines"),
    [
        (["owner", "app"], [OPEN, [*OPEN, "complete"]]),
        (["app", "app", "owner"], [OPEN, OPEN, [*OPEN, "complete"]]),
    ],
    ids=["owner first", "consumer first, and twice"],
)
def test_the_last_of_two_stacks_completes_the_window_whichever_it_is(
    together: Together, order: list[str], timelines: list[list[str]]
) -> None:
    assert together.due("owner", "app") == (1, [])
    together.opens()
    assert together.due("owner", "app") == (0, [OWNER_NAME, APP_NAME])
    for name, timeline in zip(order, timelines, strict=True):
        (result,) = together.up(name)
        assert together.timeline == timeline
        other = {"owner": APP_NAME, "app": OWNER_NAME}[name]
        assert (f"“Upgrade” stays open: {other} has not done the work in it yet" in result.output) is (timeline == OPEN)
        assert together.due("owner", "app") == ((0, [other]) if timeline == OPEN else (1, []))
        # By its own state alone it is not due again, though the window is still open for the other.
        assert together.due(name) == (1, [])
    assert together.owner.marked() == together.app.marked() == {"changed": True, "guards_deletions": False}
    assert together.job.mails() == ["maintenance_in_progress", "maintenance_complete"]
    together.job.asked()
    together.up("owner", "app")
    assert together.job.wrote() == []
    assert together.timeline == [*OPEN, "complete"]


@pytest.mark.parametrize("killed", ["owner", "app"])
def test_a_stack_that_was_killed_in_its_work_is_waited_for_until_it_has_run_again(
    together: Together, killed: str
) -> None:
    together.opens()
    one, other = (together.owner, together.app) if killed == "owner" else (together.app, together.owner)
    with one.holding("work"), one.job.stack.start_up() as run:
        wait_for(lambda: one.started("work") == 3)
        run.kill()
    one.job.stack.unlock()
    assert together.timeline == OPEN
    result = other.up()
    assert "has not done the work in it yet" in result.output
    assert together.timeline == OPEN
    assert together.due("owner", "app") == (0, [{"owner": OWNER_NAME, "app": APP_NAME}[killed]])
    one.up()
    assert together.timeline == [*OPEN, "complete"]
    assert together.job.mails() == ["maintenance_in_progress", "maintenance_complete"]
    assert [one.done(), other.done()] == ["1 2 ", "1 2 "]


def test_one_process_runs_the_stacks_by_the_automation_api(together: Together) -> None:
    together.opens()
    # The other order is in the test of a process that was killed.
    stacks = [one.job.stack for one in (together.owner, together.app)]
    said = start_inline(*stacks).wait().output
    assert said.count(f"“Upgrade” stays open: {APP_NAME} has not done the work in it yet") == said.count("stays open")
    assert together.timeline == [*OPEN, "complete"]
    assert together.job.mails() == ["maintenance_in_progress", "maintenance_complete"]
    start_inline(*stacks).wait()
    assert together.job.wrote() == []


def test_a_process_of_the_automation_api_that_was_killed_is_waited_for(together: Together) -> None:
    together.opens()
    owner, app = together.owner.job.stack, together.app.job.stack
    with together.owner.holding("work"), start_inline(owner, app) as run:
        wait_for(lambda: together.owner.started("work") == 3)
        run.kill()
    owner.unlock()
    assert f"{OWNER_NAME} has not done the work in it yet" in start_inline(app).wait().output
    assert together.timeline == OPEN
    start_inline(app, owner).wait()
    assert together.timeline == [*OPEN, "complete"]
    assert together.job.mails() == ["maintenance_in_progress", "maintenance_complete"]
    assert [together.owner.done(), together.app.done()] == ["1 2 ", "1 2 "]


def test_a_stack_with_nothing_to_change_is_done_once_it_has_run_inside_and_alone_ends_nothing(
    together: Together,
) -> None:
    together.app.declare(work={"version": 1})
    together.opens()
    result = together.app.up()
    assert f"{OWNER_NAME} has not done the work in it yet" in result.output
    assert together.app.marked() == {"changed": False, "guards_deletions": False}
    assert together.timeline == ["scheduled"]
    together.owner.declare(work={"version": 1})
    # Nobody has worked: a change may still come.
    together.owner.up()
    assert together.job.wrote() == []
    together.owner.declare(work={"version": 2})
    together.owner.up()
    assert together.timeline == [*OPEN, "complete"]
    # What is recorded stays where a later run is not inside, and makes no second end.
    for stack in (together.owner, together.app):
        stack.job.advance(hours=5)
        stack.up()
    assert together.owner.marked() == {"changed": True, "guards_deletions": False}
    assert together.app.marked() == {"changed": False, "guards_deletions": False}
    assert together.timeline == [*OPEN, "complete"]


def test_only_a_run_that_did_all_of_its_work_counts_and_a_failure_takes_it_back(together: Together) -> None:
    together.opens()
    stack = together.app.job.stack
    together.app.declare(work={"version": 2, "fails": True})
    together.app.up(check=False)
    stack.up("--continue-on-error", check=False)
    assert together.app.marked() == {}
    together.app.declare(work={"version": 2})
    stack.up("--target", stack.urn("work"))
    assert together.app.marked() == {}
    together.app.up()
    assert together.app.marked()["changed"] is False
    together.app.declare(work={"version": 3})
    together.app.up()
    together.app.declare(work={"version": 4, "fails": True})
    stack.up("--continue-on-error", check=False)
    assert together.app.marked() == {}
    assert "has not done the work in it yet" in together.owner.up().output
    assert together.timeline[-1] == "in_progress"


def test_a_stack_that_cannot_be_read_is_named_and_nothing_is_posted(together: Together) -> None:
    names = [OWNER_NAME, APP_NAME, "organization/elsewhere/test"]
    for stack in (together.owner, together.app):
        stack.job.declared["after"] = {"stacks": names}
        stack.job.save()
    together.opens()
    together.app.up()
    result = together.owner.up()
    line = "organization/elsewhere/test cannot be read (unknown stack"
    assert line in result.output
    assert result.tracebacks == []
    assert together.timeline == OPEN


def test_the_preview_of_a_consumer_tells_a_refusal_like_that_of_the_owner(together: Together) -> None:
    refused = "work: as of now, `up` would be refused: “Upgrade” opens Sun 1 Mar 2026, 14:00 UTC, in"
    held = "work: held: “Upgrade” opens Sun 1 Mar 2026, 14:00 UTC, in"
    assert together.foretold() == [[refused], [refused]]
    # Whoever reviews needs no key that may write.
    together.app.job.stack.env["INCIDENT_API_KEY"] = "emulator-read"
    for stack in (together.owner, together.app):
        stack.declare({"outside": "hold"})
    assert together.foretold() == [[held], [held]]
    for stack in (together.owner, together.app):
        stack.declare({})
    together.opens()
    assert together.foretold() == [[], []]
    for stack in (together.owner, together.app):
        stack.job.advance(hours=2)
    over = "work: as of now, `up` would be refused: “Upgrade” ended Sun 1 Mar 2026, 16:00 UTC"
    assert together.foretold() == [[over], [over]]
    assert together.job.wrote() == []


def test_the_preview_of_a_consumer_tells_a_refused_deletion_like_that_of_the_owner(together: Together) -> None:
    for stack in (together.owner, together.app):
        stack.job.declared["guard"] = True
        stack.declare({"outside": "warn"})
        stack.up()
        stack.job.declared["work"] = {}
        stack.job.save()
    refused = "work: as of now, `up` would be refused: “Upgrade” opens Sun 1 Mar 2026, 14:00 UTC, in"
    assert together.foretold() == [[refused], [refused]]
    together.opens()
    assert together.foretold() == [[], []]
    assert together.job.wrote() == []


def test_a_stack_that_guards_deletions_completes_the_window_itself(together: Together) -> None:
    together.owner.job.declared["guard"] = True
    together.owner.job.save()
    together.opens()
    together.up("owner")
    assert f"{OWNER_NAME} may still be deleting: its next run completes it" in together.app.up().output
    assert together.timeline == OPEN
    together.up("owner")
    assert together.timeline == [*OPEN, "complete"]


def test_a_list_that_names_no_stack_in_full_is_refused_at_preview(job: Job) -> None:
    job.window()
    owner = Deployed(job, OWNER)
    job.declared["after"] = {"stacks": ["app/test"]}
    job.save()
    result = owner.job.stack.preview(check=False)
    line = 'complete_after: stacks: "app/test" is not of the form organization/project/stack'
    assert any(line in error for error in result.errors)
    assert result.tracebacks == []


def test_an_output_of_the_same_name_is_refused_at_preview(job: Job) -> None:
    job.window()
    owner = Deployed(job, OWNER + '\npulumi.export("statuspage", "mine")\n')
    result = owner.job.stack.preview(check=False)
    assert any('complete_after: the output "statuspage" holds what stacks have done' in one for one in result.errors)
    assert result.tracebacks == []
