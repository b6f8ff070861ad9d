"""The workflows of examples/github-actions: valid, safe to run for anyone, and their scripts do as they are told."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from statuspage_provider.summary.markdown import GITHUB
from tests.support.page import Page
from tests.support.plans import PLANS
from tests.support.previews import preview, printed
from tests.support.recipes import GITHUB as GITHUB_ACTIONS
from tests.support.recipes import loaded

PREVIEW, COMMENT = "statuspage-preview.yml", "statuspage-comment.yml"


def workflow(name: str) -> dict[Any, Any]:
    return loaded(GITHUB_ACTIONS / name)


def steps(name: str) -> list[dict[str, Any]]:
    (job,) = workflow(name)["jobs"].values()
    return list(job["steps"])


def step(name: str, action: str) -> dict[str, Any]:
    (found,) = (one for one in steps(name) if one.get("uses", "").startswith(f"actions/{action}@"))
    return found


def script(name: str, step: str) -> str:
    (found,) = (one["run"] for one in steps(name) if one.get("name") == step)
    return str(found)


STRICT = '[tool.statuspage.rules]\nlongest_window = "1h"\n'
NO_PLAN = "The preview left no readable plan"

# YAML reads the key `on` as True.
ON: Any = True


def test_the_workflow_that_runs_the_pull_request_s_code_may_write_nothing() -> None:
    assert workflow(PREVIEW)[ON] == "pull_request"
    assert workflow(PREVIEW)["permissions"] == {"contents": "read"}


def test_the_workflow_that_comments_runs_after_the_other_whatever_became_of_it() -> None:
    assert workflow(COMMENT)[ON] == {"workflow_run": {"workflows": [workflow(PREVIEW)["name"]], "types": ["completed"]}}
    assert "ref" not in step(COMMENT, "checkout")["with"], "the default branch is checked out, never the pull request"


def test_the_plan_is_kept_also_when_the_preview_failed() -> None:
    upload, download = step(PREVIEW, "upload-artifact"), step(COMMENT, "download-artifact")
    assert upload["if"] == "always()"
    assert upload["with"]["name"] == download["with"]["name"]


# what a fork must not be able to do


@pytest.mark.parametrize("name", [PREVIEW, COMMENT])
def test_every_action_is_pinned_by_a_commit_and_its_version_is_beside_it(name: str) -> None:
    used = re.findall(r"uses: (\S+)@(\S+)(.*)", (GITHUB_ACTIONS / name).read_text())
    assert len(used) >= 3
    for action, commit, comment in used:
        assert re.fullmatch(r"[0-9a-f]{40}", commit), f"{action}: a tag can be moved to other code"
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


@pytest.mark.parametrize("name", [PREVIEW, COMMENT])
def test_no_job_keeps_a_token_in_the_checkout_or_runs_for_hours(name: str) -> None:
    assert step(name, "checkout")["with"]["persist-credentials"] is False
    (job,) = workflow(name)["jobs"].values()
    assert job["timeout-minutes"] <= 20


def test_the_workflow_that_comments_may_do_no_more_than_that() -> None:
    assert workflow(COMMENT)["permissions"] == {}
    (job,) = workflow(COMMENT)["jobs"].values()
    assert job["permissions"] == {"actions": "read", "contents": "read", "pull-requests": "write"}


def test_the_package_is_not_installed_by_a_name_that_anyone_could_register() -> None:
    (install,) = (one["run"] for one in steps(COMMENT) if "pip install" in one.get("run", ""))
    assert [line for line in install.splitlines() if "pip" in line] == ['pip install "$PACKAGE"']
    assert re.fullmatch(r"statuspage-provider\[summary\] @ git\+https://\S+@\S+", workflow(COMMENT)["env"]["PACKAGE"])


def test_a_workflow_whose_package_was_not_set_ends_with_one_line_and_installs_nothing(runner: Runner) -> None:
    runner.program("pip", 'echo "pip $*"')
    ran = runner.run("Install", PACKAGE=workflow(COMMENT)["env"]["PACKAGE"])
    said = "::error::Set PACKAGE in this file to the repository of statuspage-provider and a commit of it\n"
    assert (ran.returncode, ran.stdout) == (1, said)
    given = "statuspage-provider[summary] @ git+https://example.com/acme/statuspage-provider@0123abc"
    assert runner.run("Install", PACKAGE=given).stdout == f"pip install {given}\n"


def test_no_secret_is_given_to_what_comes_from_a_fork_and_the_key_may_only_read() -> None:
    ours = "github.event.pull_request.head.repo.full_name == github.repository"
    given = [value for one in steps(PREVIEW) for value in one.get("env", {}).values() if "secrets." in value]
    secrets = [re.fullmatch(rf"\$\{{\{{ {ours} && secrets\.(\w+) \|\| '' \}}\}}", value) for value in given]
    assert [found and found[1] for found in secrets] == [
        *["PULUMI_ACCESS_TOKEN"] * 2,
        "READING_INCIDENT_KEY",
    ]
    assert (GITHUB_ACTIONS / PREVIEW).read_text().count("secrets.") == len(given)


def test_what_the_pull_request_asks_for_is_installed_without_its_token() -> None:
    (job,) = workflow(PREVIEW)["jobs"].values()
    (install,) = (one for one in steps(PREVIEW) if "pip install" in one.get("run", ""))
    for place in (workflow(PREVIEW), job, install):
        assert "secrets." not in str(place.get("env", ""))
    assert {one["name"] for one in steps(PREVIEW) if "secrets." in str(one.get("env"))} == {
        "Choose the state",
        "Preview",
    }


@pytest.mark.parametrize("name", [PREVIEW, COMMENT])
def test_no_script_is_made_of_what_others_wrote(name: str) -> None:
    for one in steps(name):
        assert "${{" not in one.get("run", ""), "an expression in a script is a way to inject one"
        if "run" in one:
            subprocess.run(["bash", "-n"], input=one["run"], text=True, check=True)


class Runner:
    """A runner's folders: the checkout of the default branch, and a folder for temporary files beside it."""

    def __init__(self, folder: Path) -> None:
        self.bin, self.workspace, self.temp = (folder / name for name in ("bin", "workspace", "temp"))
        for made in (self.bin, self.workspace, self.temp):
            made.mkdir()
        self.program("statuspage", f'exec "{sys.executable}" -m statuspage_provider "$@"\n')
        self.program("gh", GH)
        if shutil.which("timeout") is None:
            self.program("timeout", 'shift\nexec "$@"\n')

    def program(self, name: str, text: str) -> None:
        (self.bin / name).write_text(f"#!/bin/sh\n{text}")
        (self.bin / name).chmod(0o755)

    def download(self, artifact: Mapping[str, str]) -> None:
        """Unpack an artifact where the workflow says, as download-artifact does: over what is there."""
        path = str(step(COMMENT, "download-artifact")["with"].get("path", "."))
        folder = self.workspace / path.replace("${{ runner.temp }}", str(self.temp))
        for name, text in artifact.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)

    def run(self, name: str, **env: str) -> subprocess.CompletedProcess[str]:
        """A step's script as a runner runs it."""
        given = {
            **os.environ,
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(self.temp / "output"),
            **env,
        }
        command = ["bash", "-e", "-o", "pipefail", "-c", script(COMMENT, name)]
        return subprocess.run(command, cwd=self.workspace, env=given, capture_output=True, text=True, check=False)

    def summarise(self) -> tuple[str, str]:
        """The comment that the step writes, and the code it hands on."""
        ran = self.run("Summarise")
        assert ran.returncode == 0, ran.stderr
        self.log = ran.stdout
        given = (self.temp / "output").read_text().removeprefix("code=").strip()
        return (self.temp / "statuspage-summary.md").read_text(), given


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


GH = """echo "$@" >> "$RUNNER_TEMP/calls"
case "$*" in
  "pr list"*) echo "$PULL_REQUEST" ;;
  *--paginate*) echo "$COMMENTS" ;;
esac
"""


@pytest.mark.parametrize(
    ("plan", "rules", "code", "shown"),
    [
        ("window-announced", "", "0", "Window announced: Orders database upgrade"),
        ("window-announced", STRICT, "1", "Rule broken"),
        ("program-that-failed", "", "3", "The preview failed: Exception: boom"),
        ("preview-that-was-cut-off", "", "3", "The preview failed: what it printed is cut off"),
        (None, "", "2", NO_PLAN),
    ],
)
def test_each_end_of_a_preview_becomes_a_comment(
    page: Page, runner: Runner, plan: str | None, rules: str, code: str, shown: str
) -> None:
    runner.download({"plan.json": "error: no backend\n" if plan is None else PLANS[plan](page)})
    (runner.workspace / "pyproject.toml").write_text(rules)
    text, given = runner.summarise()
    assert given == code
    assert text.startswith(GITHUB.marker)
    assert shown in text


def test_a_preview_that_kept_nothing_becomes_a_comment_too(runner: Runner) -> None:
    assert step(COMMENT, "download-artifact")["continue-on-error"] is True
    text, code = runner.summarise()
    assert (code, NO_PLAN in text) == ("2", True)


# A fork's workflow is its own: it keeps as artifact whatever it wants.


def test_a_fork_cannot_bring_rules_of_its_own(page: Page, runner: Runner) -> None:
    (runner.workspace / "pyproject.toml").write_text(STRICT)
    loose = STRICT.replace("1h", "90 d")
    plan = printed(preview("window", page.maintenance()))
    runner.download({"plan.json": plan, "pyproject.toml": loose, "../pyproject.toml": loose})
    text, code = runner.summarise()
    assert code == "1"
    assert "Rule broken: window: longest\\_window: it is 1h" in text


def test_a_fork_cannot_touch_the_checkout(runner: Runner) -> None:
    (runner.workspace / ".git").mkdir()
    (runner.workspace / ".git" / "config").write_text("ours")
    runner.download({"plan.json": "{}", ".git/config": "[core]\n\tfsmonitor = touch owned\n", "summary.md": "theirs"})
    assert [file.name for file in runner.workspace.iterdir()] == [".git"]
    assert (runner.workspace / ".git" / "config").read_text() == "ours"


@pytest.mark.parametrize("code", [0, 1, 2, 3, 124, 137])
def test_a_fork_cannot_write_the_comment_by_crashing_the_summary(runner: Runner, code: int) -> None:
    theirs = f"{GITHUB.marker}\n\nAll is well."
    runner.download({"plan.json": "{", "summary.md": theirs, "statuspage-summary.md": theirs})
    # What an earlier run on the same machine left, say.
    (runner.temp / "statuspage-summary.md").write_text(theirs)
    runner.program("statuspage", f"exit {code}\n")
    text, given = runner.summarise()
    assert (given, NO_PLAN in text, "All is well" in text) == ("2", True, False)


def test_a_fork_cannot_speak_to_the_runner_in_the_log(runner: Runner) -> None:
    runner.program("statuspage", "echo '::error::owned' >&2; echo '##[set-output name=code;]0' >&2; exit 2\n")
    runner.summarise()
    first, *said, last = runner.log.splitlines()
    assert said == ["::error::owned", "##[set-output name=code;]0"]
    word = first.removeprefix("::stop-commands::")
    assert re.fullmatch("[0-9a-f]{32}", word)
    assert last == f"::{word}::"


def test_a_plan_that_could_not_be_judged_or_a_preview_that_failed_fails_the_workflow_as_a_broken_rule_does() -> None:
    (rules,) = (one for one in steps(COMMENT) if one.get("name") == "Rules")
    assert rules["if"] == "steps.summary.outputs.code != '0'"


@pytest.mark.parametrize(
    ("number", "comments", "call"),
    [
        ("12", "", "api --method POST repos/acme/infra/issues/12/comments"),
        ("12", "34\n56", "api --method PATCH repos/acme/infra/issues/comments/34"),
        ("", "", None),
    ],
)
def test_the_comment_is_made_once_and_edited_from_then_on(
    runner: Runner, number: str, comments: str, call: str | None
) -> None:
    given = {"GITHUB_REPOSITORY": "acme/infra", "HEAD": "abc", "PULL_REQUEST": number, "COMMENTS": comments}
    assert runner.run("Comment", **given).returncode == 0
    calls = (runner.temp / "calls").read_text().splitlines()
    written = [line for line in calls if re.search("POST|PATCH", line)]
    body = f"--field body=@{runner.temp}/statuspage-summary.md"
    assert written == ([f"{call} {body}"] if call else [])


def test_the_comment_is_found_by_the_marker_that_is_written() -> None:
    assert f'startswith("{GITHUB.marker}")' in script(COMMENT, "Comment")
    assert f"echo '{GITHUB.marker}'" in script(COMMENT, "Summarise")
