"""The recipes that write the summary as a comment, beside those of GitHub (`test_workflow.py`): run against an API on
loopback, and judged by the schemas that their services publish."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from statuspage_provider.summary.markdown import GITHUB, PLAIN
from tests.support.comments import BOT, STRANGER, TOKEN, AzureDevOps, Bitbucket, Comments, GitLab, served
from tests.support.page import Page
from tests.support.plans import PLANS
from tests.support.recipes import (
    AZURE,
    BITBUCKET,
    CRON,
    GITLAB,
    SCHEMAS,
    UNSET,
    Machine,
    azure_job,
    bitbucket_step,
    gitlab_job,
    loaded,
)

UNKNOWN = "No readable plan: what this change announces is unknown."
PULUMI = """echo "pulumi $*" >> "$CALLS"
echo "token $PULUMI_ACCESS_TOKEN, key $INCIDENT_API_KEY" >> "$CALLS"
case "$1" in preview) cat plan; exit "$PREVIEW_CODE" ;; esac
"""


@dataclass
class Recipe:
    """One recipe, the API that it asks, and how a machine runs it."""

    comments: Comments
    marker: str
    run: Callable[[Machine, Comments], int]


def gitlab(machine: Machine, comments: Comments) -> int:
    machine.environment |= {
        "CI_API_V4_URL": f"{comments.url}/api/v4",
        "CI_PROJECT_ID": "1",
        "CI_MERGE_REQUEST_IID": "12",
        "COMMENT_TOKEN": TOKEN,
        "READING_PULUMI_TOKEN": "reading-token",
        "READING_INCIDENT_KEY": "reading-key",
    }
    return machine.gitlab("summarise")


def bitbucket(machine: Machine, comments: Comments) -> int:
    machine.environment |= {
        "BITBUCKET_REPO_FULL_NAME": "acme/infra",
        "BITBUCKET_PR_ID": "12",
        "COMMENT_TOKEN": TOKEN,
        "READING_PULUMI_TOKEN": "reading-token",
        "READING_INCIDENT_KEY": "reading-key",
    }
    return machine.bitbucket("pull-requests", package=machine.environment["PACKAGE"], api=comments.url)


def azure(machine: Machine, comments: Comments) -> int:
    machine.environment |= {
        "SYSTEM_COLLECTIONURI": f"{comments.url}/acme/",
        "SYSTEM_TEAMPROJECTID": "project",
        "BUILD_REPOSITORY_ID": "repository",
        "SYSTEM_PULLREQUEST_PULLREQUESTID": "12",
        "AGENT_TEMPDIRECTORY": str(machine.folder),
    }
    secrets = {"READING_PULUMI_TOKEN": "reading-token", "READING_INCIDENT_KEY": "reading-key"}
    return machine.azure("job", **secrets, **{"System.AccessToken": TOKEN})


RECIPES = {
    "gitlab": lambda: Recipe(GitLab(), GITHUB.marker, gitlab),
    "bitbucket": lambda: Recipe(Bitbucket(), PLAIN.marker, bitbucket),
    "azure-devops": lambda: Recipe(AzureDevOps(), PLAIN.marker, azure),
}


@pytest.fixture(params=RECIPES)
def recipe(request: pytest.FixtureRequest) -> Iterator[Recipe]:
    recipe = RECIPES[request.param]()
    with served(recipe.comments):
        yield recipe


@pytest.fixture
def machine(tmp_path: Path, page: Page) -> Machine:
    """One that previews a window."""
    machine = Machine(
        tmp_path,
        PACKAGE="the package",
        PREVIEW_CODE="0",
        STATUSPAGE_NOW="2026-03-01T12:00:00Z",
        PULUMI_ACCESS_TOKEN="writing-token",
        INCIDENT_API_KEY="writing-key",
    )
    machine.program("pulumi", PULUMI)
    machine.program("statuspage", f'exec "{sys.executable}" -m statuspage_provider "$@"')
    (tmp_path / "plan").write_text(PLANS["window-announced"](page))
    return machine


def test_the_summary_is_one_comment_edited_with_each_push_of_a_preview_that_can_only_read(
    recipe: Recipe, machine: Machine, page: Page
) -> None:
    recipe.comments.said = [(STRANGER, "Looks good."), (STRANGER, "Really?"), (STRANGER, "Yes.")]
    assert recipe.run(machine, recipe.comments) == 0, machine.said
    (body,) = recipe.comments.ours
    assert body.startswith(recipe.marker)
    assert "Window announced: Orders database upgrade" in body
    (machine.folder / "plan").write_text(PLANS["window-moved-and-told"](page))
    (machine.folder / "pyproject.toml").write_text('[tool.statuspage.rules]\nlongest_window = "1h"\n')
    assert recipe.run(machine, recipe.comments) == 1, machine.said
    (body,) = recipe.comments.ours
    assert body.startswith(recipe.marker)
    assert "Window changed: Upgrade, moved" in body
    assert "Rule broken" in body
    assert len(recipe.comments.said) == 4
    assert "token reading-token, key reading-key" in machine.calls.read_text().splitlines()
    assert "writing" not in machine.calls.read_text()


# Whatever the summary says. How `statuspage summary` ends is its own tests' matter.


@pytest.fixture
def summarised(recipe: Recipe, machine: Machine) -> Callable[[int], None]:
    """Has `statuspage summary` write a summary, and end with a code."""

    def ends(code: int) -> None:
        written = f"printf '%s\\n\\nThe summary.\\n' '{recipe.marker}' > \"$file\""
        machine.program("statuspage", f"for file; do :; done\n{written}\nexit {code}")

    ends(0)
    return ends


@pytest.mark.usefixtures("summarised")
def test_what_somebody_else_wrote_is_never_edited_however_it_begins(recipe: Recipe, machine: Machine) -> None:
    theirs = f"{recipe.marker}\n\nAll is well."
    recipe.comments.said = [(STRANGER, theirs)]
    for _ in range(2):
        assert recipe.run(machine, recipe.comments) == 0, machine.said
    assert recipe.comments.said == [(STRANGER, theirs), (BOT, f"{recipe.marker}\n\nThe summary.\n")]


@pytest.mark.parametrize(
    ("summary", "preview", "code"),
    [
        (3, "255", 3),  # the preview failed, and the summary says so
        # Should a preview ever fail without a word of it in its plan, the job is not green.
        (0, "9", 9),
    ],
)
def test_a_preview_that_failed_becomes_a_comment_and_the_job_ends_with_its_code(
    recipe: Recipe, machine: Machine, summarised: Callable[[int], None], summary: int, preview: str, code: int
) -> None:
    summarised(summary)
    machine.environment["PREVIEW_CODE"] = preview
    assert recipe.run(machine, recipe.comments) == code, machine.said
    assert recipe.comments.ours == [f"{recipe.marker}\n\nThe summary.\n"]


def test_where_there_is_no_summary_the_comment_says_so_and_is_not_the_one_of_before(
    recipe: Recipe, machine: Machine
) -> None:
    (machine.folder / "summary.md").write_text(f"{recipe.marker}\n\nAll is well.")
    machine.program("statuspage", "exit 137")  # as one that was killed
    assert recipe.run(machine, recipe.comments) == 2, machine.said
    (body,) = recipe.comments.ours
    assert body.splitlines()[0] == recipe.marker
    assert UNKNOWN in body


@pytest.mark.usefixtures("summarised")
def test_a_comment_that_cannot_be_written_is_one_line_and_fails_the_job(recipe: Recipe, machine: Machine) -> None:
    recipe.comments.answer = lambda *_: (500, {}, {})  # type: ignore[method-assign]
    assert recipe.run(machine, recipe.comments) != 0
    (line,) = [line for line in machine.said.splitlines() if "comment was not written" in line]
    assert "500" in line
    assert "Traceback" not in machine.said
    assert TOKEN not in machine.said


@pytest.mark.parametrize("kind", ["summary", "schedule"])
@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_whose_package_was_not_set_ends_with_one_line_and_installs_nothing(
    machine: Machine, name: str, kind: str
) -> None:
    machine.environment["PACKAGE"] = UNSET
    machine.program("statuspage", "exit 0")
    run: dict[str, Callable[[], int]] = {
        "gitlab": lambda: machine.gitlab("summarise" if kind == "summary" else "deploy-when-due"),
        "bitbucket": lambda: machine.bitbucket("pull-requests" if kind == "summary" else "custom"),
        "azure-devops": lambda: machine.azure("job" if kind == "summary" else "deployment"),
    }
    machine.environment |= {"BITBUCKET_BRANCH": "main", "AGENT_TEMPDIRECTORY": str(machine.folder)}
    assert run[name]() == 1
    said = "Set PACKAGE in this file to the repository of statuspage-provider and a commit of it"
    assert machine.said.splitlines()[0] == said
    assert "pip" not in machine.calls.read_text()


# who runs it, and with what


def test_no_pull_request_from_a_fork_is_previewed_where_variables_are() -> None:
    (rule,) = gitlab_job("summarise")["rules"]
    assert rule["if"].endswith("&& $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID")
    assert "ne(variables['System.PullRequest.IsFork'], 'True')" in azure_job("job")["condition"]
    assert set(loaded(BITBUCKET)["pipelines"]) == {"pull-requests", "custom"}


def test_a_pull_request_has_no_key_that_publishes() -> None:
    for text in (str(gitlab_job("summarise")), str(bitbucket_step("pull-requests"))):
        assert 'PULUMI_ACCESS_TOKEN="$READING_PULUMI_TOKEN" INCIDENT_API_KEY="${READING_INCIDENT_KEY:-}"' in text
    assert azure_job("job")["variables"] == [{"group": "statuspage-reading"}]
    assert "deployment" not in bitbucket_step("pull-requests")


def test_on_azure_devops_what_is_installed_sees_no_secret() -> None:
    for kind in ("job", "deployment"):
        installs = [step for step in azure_job(kind)["steps"] if "pip install" in step.get("bash", "")]
        assert installs
        assert not [step for step in installs if "env" in step]


@pytest.mark.parametrize("path", [GITLAB, BITBUCKET, AZURE], ids=lambda path: path.parent.name)
def test_no_recipe_installs_a_name_that_anyone_could_register(path: Path) -> None:
    text = path.read_text()
    assert text.count(UNSET) == 1
    assert "pip install statuspage" not in text


# each by its own schema


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_recipe_is_valid_by_the_schema_of_its_service(path: Path) -> None:
    pytest.importorskip("check_jsonschema", reason="it comes with the dev dependencies, and brings the schemas")
    assert faults(path, path.read_text()) == []


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_schema_would_find_a_fault(path: Path) -> None:
    pytest.importorskip("check_jsonschema", reason="it comes with the dev dependencies, and brings the schemas")
    wrong = {GITLAB: ("interruptible: true", "interruptible: 12"), BITBUCKET: ("max-time: 20", "max-time: long")}
    there, instead = wrong.get(path, ("timeout-minutes: ", "timeout-minute: "))
    there, instead = ("displayName: Comment", "displayname: Comment") if path == AZURE else (there, instead)
    assert there in path.read_text()
    assert faults(path, path.read_text().replace(there, instead))


def faults(path: Path, text: str) -> list[str]:
    """What the schema that `check-jsonschema` brings finds."""
    from jsonschema.validators import validator_for

    folder = resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((folder / f"{SCHEMAS[path]}.json").read_text(encoding="utf-8"))
    # Azure DevOps reads every scalar as text, and its schema says so. In GitHub's, `on` is a word and no truth.
    reader: Any = yaml.BaseLoader if path == AZURE else _Words
    document = yaml.load(text, reader)
    return [error.message[:200] for error in validator_for(schema)(schema).iter_errors(document)]


class _Words(yaml.SafeLoader):
    """YAML 1.2, where `on` is a word."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool"]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Words.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def scripts() -> Iterator[str]:
    """Every script of every recipe and workflow, but that for cron, which is a file."""
    for name in ("summarise", "deploy-when-due"):
        job = gitlab_job(name)
        yield "\n".join([*job["before_script"], *job["script"]])
    for kind in ("pull-requests", "custom"):
        yield "\n".join(bitbucket_step(kind)["script"])
    for kind in ("job", "deployment"):
        yield from (step["bash"] for step in azure_job(kind)["steps"] if "bash" in step)
    for path in (path for path, schema in SCHEMAS.items() if schema == "github-workflows"):
        for job in loaded(path)["jobs"].values():
            yield from (step["run"] for step in job["steps"] if "run" in step)


def test_a_linter_of_shells_finds_nothing(tmp_path: Path) -> None:
    for number, script in enumerate(scripts()):
        (tmp_path / f"{number}").write_text(f"#!/usr/bin/env bash\n{script}\n")
    linter = Path(sysconfig.get_path("scripts"), "shellcheck")
    ran = subprocess.run([linter, CRON, *sorted(tmp_path.iterdir())], text=True, capture_output=True, check=False)
    assert (ran.stdout, ran.stderr) == ("", "")
