"""The workflow that publishes a release. That it is valid by GitHub's schema is in `tests/summary/test_recipes.py`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.recipes import RELEASE, Machine, loaded

# YAML reads the key `on` as True.
ON: Any = True

JOBS: dict[str, Any] = loaded(RELEASE)["jobs"]
BUILD, PUBLISH = JOBS["build"], JOBS["publish"]


def used(job: dict[str, Any]) -> list[str]:
    return [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]


def artifact(job: dict[str, Any], action: str) -> dict[str, Any]:
    (step,) = (step for step in job["steps"] if step.get("uses", "").startswith(action))
    return {key: step["with"][key] for key in ("name", "path")}


def test_it_runs_by_a_tag_alone_and_does_nothing_until_it_is_switched_on() -> None:
    assert loaded(RELEASE)[ON] == {"push": {"tags": ["v*"]}}
    assert {job["if"] for job in JOBS.values()} == {"vars.PUBLISH == 'true'"}


def test_every_action_is_pinned_by_a_commit_and_its_version_is_beside_it() -> None:
    pins = re.findall(r"uses: (\S+)@(\S+)(.*)", RELEASE.read_text())
    assert [action for action, _, _ in pins] == used(BUILD) + used(PUBLISH)
    for action, commit, comment in pins:
        assert re.fullmatch(r"[0-9a-f]{40}", commit), f"{action}: a tag can be moved to other code"
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_the_token_of_the_index_is_asked_for_only_where_no_code_of_ours_runs() -> None:
    assert loaded(RELEASE)["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "build": {"contents": "read"},
        "publish": {"id-token": "write"},
    }
    assert PUBLISH["environment"] == "pypi"
    assert used(PUBLISH) == ["actions/download-artifact", "pypa/gh-action-pypi-publish"]
    assert not [step for step in PUBLISH["steps"] if "run" in step]
    assert "secrets." not in RELEASE.read_text()


def test_what_is_published_is_what_was_built_after_every_test_had_passed() -> None:
    assert [step["run"] for step in BUILD["steps"] if step.get("run", "").startswith("make")] == [
        "make test",
        "make package",
    ]
    assert PUBLISH["needs"] == "build"
    assert artifact(BUILD, "actions/upload-artifact") == artifact(PUBLISH, "actions/download-artifact")


@pytest.mark.parametrize(
    ("tag", "version", "heading", "said"),
    [
        ("v0.2.0", "0.2.0", "[0.2.0] - 2027-03-06", ""),
        ("v0.2.1", "0.2.0", "[0.2.0] - 2027-03-06", "The tag is v0.2.1, and pyproject.toml has version 0.2.0."),
        ("v", "0.2.0", "[0.2.0] - 2027-03-06", "The tag is v, and pyproject.toml has version 0.2.0."),
        ("v0.2.0", "0.2.0", "[0.2.0] - unreleased", "CHANGELOG.md begins with '## [0.2.0] - unreleased'"),
        ("v0.2.0", "0.2.0", "[0.1.0] - 2027-03-06", "CHANGELOG.md begins with '## [0.1.0] - 2027-03-06'"),
    ],
)
def test_a_tag_is_published_only_as_the_version_and_the_changelog_say(
    tmp_path: Path, tag: str, version: str, heading: str, said: str
) -> None:
    (step,) = (step for step in BUILD["steps"] if "TAG" in step.get("env", {}))
    ours = (RELEASE.parents[2] / "pyproject.toml").read_text()
    text, replaced = re.subn(r'(?m)^version = ".*"$', f'version = "{version}"', ours)
    assert replaced == 1
    machine = Machine(tmp_path, TAG=tag)
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n## {heading}\n\n- A line.\n\n## [0.0.1] - 2026-01-01\n")
    code = machine.run("bash", "-e", "-c", step["run"])
    assert (code, said in machine.said) == (1 if said else 0, True)
    assert (machine.said == "") is (code == 0)
