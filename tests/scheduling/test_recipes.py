"""The recipes for schedules: safe as they stand, and their scripts run with a stand-in for `pulumi`.

What the cron script does with a real engine is in `tests/engine/test_scheduling.py`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest

from statuspage_provider.covering.hook_names import record_name
from statuspage_provider.emulator import Emulator
from statuspage_provider.engine_formats import WINDOW as MAINTENANCE
from tests.support.recipes import (
    AZURE,
    BITBUCKET,
    CRON,
    GITHUB,
    GITLAB,
    UNSET,
    azure_job,
    bitbucket_step,
    gitlab_job,
    loaded,
)
from tests.support.recipes import Machine as AnyMachine

WORKFLOW = GITHUB / "statuspage-scheduled.yml"

# YAML reads the key `on` as True.
ON: Any = True


def workflow() -> dict[Any, Any]:
    return loaded(WORKFLOW)


def github_job() -> dict[str, Any]:
    (job,) = workflow()["jobs"].values()
    return dict(job)


def job() -> dict[str, Any]:
    return gitlab_job("deploy-when-due")


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
    assert workflow()["env"]["PACKAGE"] == job()["variables"]["PACKAGE"] == UNSET
    (install,) = [step["run"] for step in github_job()["steps"] if "PACKAGE" in step.get("run", "")]
    assert [line for line in install.splitlines() if "pip" in line] == ['pip install "$PACKAGE"']


def test_a_workflow_whose_package_was_not_set_ends_with_one_line_and_installs_nothing(machine: Machine) -> None:
    machine.environment["PACKAGE"] = UNSET
    assert github(machine) == 1
    said = "::error::Set PACKAGE in this file to the repository of statuspage-provider and a commit of it"
    assert machine.said.splitlines()[0] == said
    assert "pip" not in machine.calls.read_text()


def test_the_work_is_settled_whatever_became_of_the_run() -> None:
    settle = github_job()["steps"][-1]
    assert (settle["name"], settle["if"]) == ("Settle", "always()")
    assert "statuspage settle -" in settle["run"]
    assert "statuspage settle -" in job()["after_script"][0]
    assert "statuspage settle -" in bitbucket_step("custom")["after-script"][-1]
    settle = azure_job("deployment")["steps"][-1]
    assert (settle["displayName"], settle["condition"]) == ("Settle", "always()")


# the others: the same, in their words


def test_the_job_runs_by_schedule_on_the_default_branch_and_never_twice_at_once() -> None:
    assert job()["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "schedule" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH'}]
    assert job()["resource_group"]
    assert job()["interruptible"] is False
    assert job()["timeout"] == "90 minutes"


def test_the_pipeline_runs_by_schedule_alone_on_the_main_branch_and_never_twice_at_once(machine: Machine) -> None:
    step = bitbucket_step("custom")
    assert step["concurrency-group"]
    assert (step["deployment"], step["max-time"]) == ("production", 90)
    machine.environment["BITBUCKET_BRANCH"] = "feature"
    assert bitbucket(machine) == 1
    assert "only main is deployed" in machine.said
    assert not [call for call in machine.called() if "up" in call.split()]


def test_the_deployment_runs_by_schedule_alone_on_the_main_branch() -> None:
    deployment = azure_job("deployment")
    scheduled, on_main = "eq(variables['Build.Reason'], 'Schedule')", "refs/heads/main"
    assert deployment["condition"] == f"and({scheduled}, eq(variables['Build.SourceBranch'], '{on_main}'))"
    assert (deployment["environment"], deployment["timeoutInMinutes"]) == ("production", 90)
    assert loaded(AZURE)["schedules"][0]["always"] is True
    assert (loaded(AZURE)["trigger"], loaded(AZURE)["pr"]) == ("none", "none")


def test_no_recipe_holds_a_key() -> None:
    for path in (WORKFLOW, GITLAB, BITBUCKET, AZURE, CRON):
        held = r"^(?!\s*#).*(?:KEY|TOKEN)\s*[:=]\s*(?!\$\{\{ secrets\.|\"?\$|-\})\S"
        assert not re.search(held, path.read_text(), re.MULTILINE), path.name


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


class Machine(AnyMachine):
    """One with the state that `pulumi` would export, and the page's settings.

    `statuspage due` is the real one, unless its exit code is given.
    """

    def __init__(self, folder: Path, state: object, url: str) -> None:
        (folder / "exported.json").write_text(json.dumps(state))
        self.output = folder / "output"
        self.output.touch()
        super().__init__(
            folder,
            STATE=str(folder / "exported.json"),
            UP_CODE="0",
            DUE_CODE="",
            STACK="production",
            PACKAGE="the package",
            RUNNER_TEMP=str(folder),
            AGENT_TEMPDIRECTORY=str(folder),
            BITBUCKET_BRANCH="main",
            GITHUB_OUTPUT=str(self.output),
            INCIDENT_ENDPOINT=url,
            INCIDENT_API_KEY="emulator-read",
        )
        self.program("pulumi", PULUMI)
        self.program("statuspage", STATUSPAGE)

    def called(self) -> list[str]:
        """What was called, but for what a recipe installs. Two sides of a pipe begin in any order."""
        calls = [call for call in self.calls.read_text().splitlines() if not call.startswith(("pip ", "curl "))]
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
    return machine.gitlab("deploy-when-due")


def bitbucket(machine: Machine) -> int:
    return machine.bitbucket("custom", package="the package")


def azure(machine: Machine) -> int:
    return machine.azure("deployment", PULUMI_ACCESS_TOKEN="token", INCIDENT_API_KEY="emulator-read")


def cron(machine: Machine) -> int:
    return machine.run(str(CRON), str(machine.folder), "production")


Recipe = Callable[[Machine], int]
each_recipe = pytest.mark.parametrize("recipe", [cron, github, gitlab, bitbucket, azure])


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
