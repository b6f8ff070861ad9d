"""The recipes for schedules: safe as they stand, and their scripts run with a stand-in for `pulumi`.

What the cron script does with a real engine is in `tests/engine/test_scheduling.py`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from statuspage_provider.covering.hook_names import record_name
from statuspage_provider.emulator import Emulator
from statuspage_provider.engine_formats import WINDOW as MAINTENANCE

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
WORKFLOW = EXAMPLES / "github-actions" / "statuspage-scheduled.yml"
PIPELINE = EXAMPLES / "gitlab" / ".gitlab-ci.yml"
CRON = EXAMPLES / "cron" / "deploy-when-due"

# YAML reads the key `on` as True.
ON: Any = True


def workflow() -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(WORKFLOW.read_text())
    return loaded


def github_job() -> dict[str, Any]:
    (job,) = workflow()["jobs"].values()
    return dict(job)


def gitlab_job() -> dict[str, Any]:
    (job,) = yaml.safe_load(PIPELINE.read_text()).values()
    return dict(job)


# GitHub: nobody's code but the default branch's, no key where it is not needed, no two runs at once


def test_the_workflow_runs_by_schedule_or_by_hand_and_only_what_is_on_the_default_branch() -> None:
    assert set(workflow()[ON]) == {"schedule", "workflow_dispatch"}
    by_hand = "github.ref_name == github.event.repository.default_branch"
    assert github_job()["if"] == f"github.event_name == 'schedule' || {by_hand}"
    checkout = github_job()["steps"][0]
    assert checkout["with"] == {"persist-credentials": False}


def test_the_workflow_may_read_the_repository_and_nothing_else() -> None:
    assert workflow()["permissions"] == {}
    assert github_job()["permissions"] == {"contents": "read"}
    assert github_job()["timeout-minutes"] <= 90


def test_two_runs_of_the_workflow_never_overlap_and_none_is_cut_off() -> None:
    group = workflow()["concurrency"]
    assert group["cancel-in-progress"] is False
    assert "${{" not in group["group"], "a group of its own for each run would hold nothing back"


def test_every_action_is_pinned_by_a_commit_and_its_version_is_beside_it() -> None:
    used = re.findall(r"uses: (\S+)@(\S+)(.*)", WORKFLOW.read_text())
    assert len(used) == 3
    others = "".join(path.read_text() for path in WORKFLOW.parent.glob("*.yml") if path != WORKFLOW)
    for action, commit, comment in used:
        assert re.fullmatch(r"[0-9a-f]{40}", commit), f"{action}: a tag can be moved to other code"
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action
        assert f"{action}@{commit}{comment}" in others, "the workflows of one folder use one version of an action"


def test_keys_are_given_to_the_steps_that_need_them_and_what_is_installed_sees_none() -> None:
    assert "secrets" not in str(workflow().get("env")) + str(github_job().get("env"))
    given = {step["name"]: step["env"] for step in github_job()["steps"] if "env" in step}
    assert set(given) == {"Due", "Deploy", "Settle"}
    assert given["Due"]["INCIDENT_API_KEY"] == "${{ secrets.READING_INCIDENT_KEY }}"
    installs = [step for step in github_job()["steps"] if "pip install" in step.get("run", "")]
    assert len(installs) == 2
    assert not [step for step in installs if "env" in step]


def test_no_script_of_the_workflow_is_made_of_what_others_wrote() -> None:
    for step in github_job()["steps"]:
        assert "${{" not in step.get("run", ""), "an expression in a script is a way to inject one"


def test_the_package_is_not_installed_by_a_name_that_anyone_could_register() -> None:
    pinned = re.compile(r"statuspage-provider @ git\+https://\S+@\S+")
    for package in (workflow()["env"]["PACKAGE"], gitlab_job()["variables"]["PACKAGE"]):
        assert pinned.fullmatch(package)
    installs = [step["run"] for step in github_job()["steps"] if "PACKAGE" in step.get("run", "")]
    assert installs == gitlab_job()["before_script"] == ['pip install "$PACKAGE"']


def test_the_work_is_settled_whatever_became_of_the_run() -> None:
    settle = github_job()["steps"][-1]
    assert (settle["name"], settle["if"]) == ("Settle", "always()")
    assert "statuspage settle -" in settle["run"]
    assert "statuspage settle -" in gitlab_job()["after_script"][0]


# GitLab: the same, in its words


def test_the_job_runs_by_schedule_on_the_default_branch_and_never_twice_at_once() -> None:
    job = gitlab_job()
    assert job["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "schedule" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH'}]
    assert job["resource_group"]
    assert job["interruptible"] is False
    assert job["timeout"] == "90 minutes"


def test_no_recipe_holds_a_key() -> None:
    for path in (WORKFLOW, PIPELINE, CRON):
        assert not re.search(r"(?:KEY|TOKEN)\s*[:=]\s*(?!\$\{\{ secrets\.)\S", path.read_text()), path.name


# their scripts, on a machine where `pulumi` writes down how it is called


PULUMI = """echo "pulumi $*" >> "$CALLS"
case "$1" in
  stack) cat "$STATE" ;;
  up) exit "$UP_CODE" ;;
esac
"""
STATUSPAGE = f"""echo "statuspage $1" >> "$CALLS"
case "$1$DUE_CODE" in
  settle*) cat > /dev/null ;;
  due) exec "{sys.executable}" -m statuspage_provider "$@" ;;
  due?) exit "$DUE_CODE" ;;
esac
"""
EXPORT = "pulumi stack export --stack production"
UP = "pulumi up --yes --skip-preview --non-interactive --stack production"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


class Machine:
    """What runs a recipe: programs on the path, the state that `pulumi` would export, and the page's settings.

    `statuspage due` is the real one, unless its exit code is given.
    """

    def __init__(self, folder: Path, state: object, url: str) -> None:
        self.folder, self.calls, self.output = folder, folder / "calls", folder / "output"
        (folder / "exported.json").write_text(json.dumps(state))
        self.calls.touch()
        self.output.touch()
        bin_ = folder / "bin"
        bin_.mkdir()
        for name, text in (("pulumi", PULUMI), ("statuspage", STATUSPAGE), ("pip", 'echo "pip $*" >> "$CALLS"\n')):
            (bin_ / name).write_text(f"#!/bin/sh\n{text}")
            (bin_ / name).chmod(0o755)
        self.environment = {
            **os.environ,
            "PATH": f"{bin_}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "CALLS": str(self.calls),
            "STATE": str(folder / "exported.json"),
            "UP_CODE": "0",
            "DUE_CODE": "",
            "STACK": "production",
            "PACKAGE": "the package",
            "RUNNER_TEMP": str(folder),
            "GITHUB_OUTPUT": str(self.output),
            "INCIDENT_ENDPOINT": url,
            "INCIDENT_API_KEY": "emulator-read",
        }

    def run(self, *command: str) -> int:
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, check=False
        ).returncode

    def called(self) -> list[str]:
        """What was called, but for what a recipe installs. Two sides of a pipe begin in any order."""
        calls = [call for call in self.calls.read_text().splitlines() if not call.startswith("pip ")]
        return [*calls[:-2], *sorted(calls[-2:])]


@pytest.fixture(scope="module")
def announced() -> Iterator[tuple[str, dict[str, Any]]]:
    """The page's address, and the state of a stack whose window on it is open from 14:00 to 16:00."""
    emulator = Emulator()
    emulator.set_clock(now=NOON)
    with emulator.serve() as served:
        times = {"start_at": "2026-03-01T14:00:00Z", "end_at": "2026-03-01T16:00:00Z"}
        made = httpx.post(
            f"{served.url}/v2/status_page_maintenances",
            headers={"Authorization": "Bearer emulator-write"},
            json={
                **times,
                "status_page_id": emulator.page_id,
                "name": "Upgrade",
                "message": "We upgrade.",
                "maintenance_status": "maintenance_scheduled",
                "affected_component_ids": [emulator.components["API"]],
                "automate_maintenance_status": True,
                "notify_subscribers": False,
                "idempotency_key": "key",
            },
        ).raise_for_status()
        emulator.set_clock(now=NOON + timedelta(hours=3))
        urn = f"urn:pulumi:production::project::{MAINTENANCE}::window"
        outputs = {"name": "Upgrade", "phase": "scheduled", **times}
        window = {"urn": urn, "type": MAINTENANCE, "id": made.json()["status_page_maintenance"]["id"]}
        window["resourceHooks"] = {"after_update": [record_name("window", ["database"])]}
        yield served.url, {"version": 3, "deployment": {"resources": [{**window, "outputs": outputs}]}}


@pytest.fixture
def machine(tmp_path: Path, announced: tuple[str, dict[str, Any]]) -> Machine:
    url, state = announced
    return Machine(tmp_path, state, url)


def github(machine: Machine) -> int:
    """Each step as a runner runs it: those after a failure only where they always run."""
    failed = 0
    for step in github_job()["steps"]:
        condition = step.get("if", "")
        wanted = "outputs" not in condition or "code=0\n" in machine.output.read_text()
        if "run" in step and (condition == "always()" or (not failed and wanted)):
            failed = machine.run("bash", "-e", "-c", step["run"]) or failed
    return failed


def gitlab(machine: Machine) -> int:
    """The script and, in a shell of its own and whatever became of it, the script after it."""
    job = gitlab_job()
    code = machine.run("sh", "-e", "-c", "\n".join([*job["before_script"], *job["script"]]))
    machine.run("sh", "-c", "\n".join(job["after_script"]))
    return code


def cron(machine: Machine) -> int:
    return machine.run(str(CRON), str(machine.folder), "production")


Recipe = Callable[[Machine], int]
each_recipe = pytest.mark.parametrize("recipe", [cron, github, gitlab])


@each_recipe
def test_where_nothing_is_due_nothing_is_deployed(machine: Machine, recipe: Recipe) -> None:
    machine.environment["DUE_CODE"] = "1"
    assert recipe(machine) == 0
    assert machine.called() == [EXPORT, "statuspage due", EXPORT, "statuspage settle"]
    assert "requirements.txt" not in machine.calls.read_text()


@each_recipe
def test_where_a_window_is_open_the_stack_is_deployed_and_settled(machine: Machine, recipe: Recipe) -> None:
    machine.environment["STATUSPAGE_NOW"] = "2026-03-01T14:00:00Z"
    assert recipe(machine) == 0
    assert machine.called() == [EXPORT, "statuspage due", UP, EXPORT, "statuspage settle"]


@each_recipe
def test_a_run_that_fails_fails_the_recipe_and_is_settled(machine: Machine, recipe: Recipe) -> None:
    machine.environment |= {"DUE_CODE": "0", "UP_CODE": "255"}
    assert recipe(machine) == 255
    assert machine.called() == [EXPORT, "statuspage due", UP, EXPORT, "statuspage settle"]


@each_recipe
def test_where_it_cannot_be_told_nothing_is_deployed(machine: Machine, recipe: Recipe) -> None:
    machine.environment["DUE_CODE"] = "2"
    # Cron mails the line that says why, and its exit code is read by nobody.
    assert recipe(machine) == (0 if recipe is cron else 2)
    assert machine.called() == [EXPORT, "statuspage due", EXPORT, "statuspage settle"]


@each_recipe
def test_where_the_state_cannot_be_exported_nothing_is_deployed(machine: Machine, recipe: Recipe) -> None:
    machine.environment["STATE"] = "gone"
    assert recipe(machine) == 1
    assert machine.called() == [EXPORT, EXPORT, "statuspage settle"]
