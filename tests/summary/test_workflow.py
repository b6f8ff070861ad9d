"""The workflows of examples/github-actions: valid, safe to run for anyone, and their scripts do as they are told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from statuspage_provider.summary.markdown import MARKER
from tests.provider.conftest import Page
from tests.summary.engine import preview, printed

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "github-actions"
PREVIEW, COMMENT = "statuspage-preview.yml", "statuspage-comment.yml"


def workflow(name: str) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load((FOLDER / name).read_text())
    return loaded


def steps(name: str) -> list[dict[str, Any]]:
    (job,) = workflow(name)["jobs"].values()
    return list(job["steps"])


def script(name: str, step: str) -> str:
    (found,) = (one["run"] for one in steps(name) if one.get("name") == step)
    return str(found)


# YAML reads the key `on` as True.
ON: Any = True


def test_the_workflow_that_runs_the_pull_request_s_code_may_write_nothing() -> None:
    assert workflow(PREVIEW)[ON] == "pull_request"
    assert workflow(PREVIEW)["permissions"] == {"contents": "read"}


def test_the_workflow_that_comments_runs_after_the_other_whatever_became_of_it() -> None:
    assert workflow(COMMENT)[ON] == {"workflow_run": {"workflows": [workflow(PREVIEW)["name"]], "types": ["completed"]}}
    (checkout,) = (one for one in steps(COMMENT) if one.get("uses", "").startswith("actions/checkout"))
    assert "with" not in checkout, "the default branch is checked out, never the pull request"


def test_the_plan_is_kept_also_when_the_preview_failed() -> None:
    (upload,) = (one for one in steps(PREVIEW) if one.get("uses", "").startswith("actions/upload-artifact"))
    (download,) = (one for one in steps(COMMENT) if one.get("uses", "").startswith("actions/download-artifact"))
    assert upload["if"] == "always()"
    assert upload["with"]["name"] == download["with"]["name"]


@pytest.mark.parametrize("name", [PREVIEW, COMMENT])
def test_no_script_is_made_of_what_others_wrote(name: str) -> None:
    for one in steps(name):
        assert "${{" not in one.get("run", ""), "an expression in a script is a way to inject one"
        if "run" in one:
            subprocess.run(["bash", "-n"], input=one["run"], text=True, check=True)


def run(text: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A step's script as a runner runs it."""
    bin_ = folder / "bin"
    bin_.mkdir(exist_ok=True)
    (bin_ / "statuspage").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m statuspage_provider "$@"\n')
    (bin_ / "gh").write_text(GH)
    for file in bin_.iterdir():
        file.chmod(0o755)
    root = str(Path(__file__).resolve().parents[2])
    path = f"{bin_}:{os.environ['PATH']}"
    given = {**os.environ, "PATH": path, "PYTHONPATH": root, "GITHUB_OUTPUT": str(folder / "output"), **env}
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", text], cwd=folder, env=given, capture_output=True, text=True, check=False
    )


GH = """#!/bin/sh
echo "$@" >> calls
case "$*" in
  "pr list"*) echo "$PULL_REQUEST" ;;
  *--paginate*) echo "$COMMENTS" ;;
esac
"""


@pytest.mark.parametrize(
    ("plan", "rules", "code", "shown"),
    [
        (True, "", "0", "Window announced: Upgrade"),
        (True, '[tool.statuspage.rules]\nlongest_window = "1h"\n', "1", "Rule broken"),
        (False, "", "2", "The preview left no plan"),
    ],
)
def test_each_end_of_a_preview_becomes_a_comment(
    page: Page, tmp_path: Path, plan: bool, rules: str, code: str, shown: str
) -> None:
    (tmp_path / "plan.json").write_text(
        printed(preview("window", page.maintenance())) if plan else "error: no backend\n"
    )
    (tmp_path / "pyproject.toml").write_text(rules)
    result = run(script(COMMENT, "Summarise"), tmp_path)
    assert result.returncode == 0, result.stderr
    text = (tmp_path / "summary.md").read_text()
    assert text.startswith(MARKER)
    assert shown in text
    assert (tmp_path / "output").read_text() == f"code={code}\n"


@pytest.mark.parametrize(
    ("number", "comments", "call"),
    [
        ("12", "", "api --method POST repos/acme/infra/issues/12/comments --field body=@summary.md"),
        ("12", "34\n56", "api --method PATCH repos/acme/infra/issues/comments/34 --field body=@summary.md"),
        ("", "", None),
    ],
)
def test_the_comment_is_made_once_and_edited_from_then_on(
    tmp_path: Path, number: str, comments: str, call: str | None
) -> None:
    given = {"GITHUB_REPOSITORY": "acme/infra", "HEAD": "abc", "PULL_REQUEST": number, "COMMENTS": comments}
    assert run(script(COMMENT, "Comment"), tmp_path, **given).returncode == 0
    calls = (tmp_path / "calls").read_text().splitlines()
    written = [line for line in calls if re.search("POST|PATCH", line)]
    assert written == ([call] if call else [])


def test_the_comment_is_found_by_the_marker_that_is_written() -> None:
    assert f'startswith("{MARKER}")' in script(COMMENT, "Comment")
    assert f"echo '{MARKER}'" in script(COMMENT, "Summarise")
