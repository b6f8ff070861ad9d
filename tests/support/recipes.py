"""The recipes in `examples` for pipelines, and this repository's own workflow, as their services read them, and a
machine that runs their scripts.

Programs on the machine's path stand in for what is not here: `pulumi` prints what a test gives it, `pip` installs
nothing. `statuspage` and `python` are the real ones.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
GITHUB = EXAMPLES / "github-actions"
GITLAB = EXAMPLES / "gitlab" / ".gitlab-ci.yml"
BITBUCKET = EXAMPLES / "bitbucket" / "bitbucket-pipelines.yml"
AZURE = EXAMPLES / "azure-devops" / "azure-pipelines.yml"
CRON = EXAMPLES / "cron" / "deploy-when-due"
RELEASE = ROOT / ".github" / "workflows" / "release.yml"

# Each folder's schema, as its service publishes it.
SCHEMAS = {
    **dict.fromkeys([*sorted(GITHUB.glob("*.yml")), RELEASE], "github-workflows"),
    GITLAB: "gitlab-ci",
    BITBUCKET: "bitbucket-pipelines",
    AZURE: "azure-pipelines",
}

UNSET = "statuspage-provider @ git+https://REPOSITORY@COMMIT"
"""PACKAGE, as it stands in what is copied."""


@cache
def loaded(path: Path) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load(path.read_text())
    return found


def gitlab_job(name: str) -> dict[str, Any]:
    """A job, with what it extends."""
    jobs = loaded(GITLAB)
    return {**jobs[jobs[name]["extends"]], **jobs[name]}


def bitbucket_step(kind: str) -> dict[str, Any]:
    """The one step of a pipeline: of pull requests, or a custom one."""
    ((pipeline, ((step,))),) = loaded(BITBUCKET)["pipelines"][kind].items()
    assert pipeline in ("**", "deploy-when-due")
    return dict(step["step"])


def azure_job(kind: str) -> dict[str, Any]:
    """A job, or a deployment."""
    (job,) = (job for job in loaded(AZURE)["jobs"] if kind in job)
    return {**job, "steps": job["steps"] if kind == "job" else job["strategy"]["runOnce"]["deploy"]["steps"]}


class Machine:
    """What runs a recipe: a folder, an environment, and programs that write down how they are called."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder, self.calls = folder, folder / "calls"
        self.calls.touch()
        self.said = ""
        self._bin = folder / "bin"
        self._bin.mkdir()
        self.program("pip", 'echo "pip $*" >> "$CALLS"')
        self.program("curl", 'echo "curl $*" >> "$CALLS"')
        self.program("python", f'exec "{sys.executable}" "$@"')
        self.environment = {
            **os.environ,
            "PATH": f"{self._bin}:{os.environ['PATH']}",
            "CALLS": str(self.calls),
            **environment,
        }

    def program(self, name: str, text: str) -> None:
        (self._bin / name).write_text(f"#!/bin/sh\n{text}\n")
        (self._bin / name).chmod(0o755)

    def run(self, *command: str, **environment: str) -> int:
        ran = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        self.said += ran.stdout + ran.stderr
        self._output = ran.stdout
        return ran.returncode

    # A job as each service runs it: what ends it, and what comes after it all the same.

    def gitlab(self, name: str) -> int:
        job = gitlab_job(name)
        self.environment |= {key: self.environment.get(key, value) for key, value in job["variables"].items()}
        code = self.run("bash", "-e", "-o", "pipefail", "-c", "\n".join([*job["before_script"], *job["script"]]))
        self.run("bash", "-c", "\n".join(job.get("after_script", [])))
        return code

    def bitbucket(self, kind: str, **instead: str) -> int:
        """`instead` are words of the script for others: there are no variables in the file."""
        step = bitbucket_step(kind)

        def script(part: str) -> str:
            text = "\n".join(step.get(part, []))
            for word, other in instead.items():
                text = text.replace(HERE[word], other)
            return text

        code = self.run("bash", "-e", "-c", script("script"))
        self.run("bash", "-c", script("after-script"))
        return code

    def azure(self, kind: str, **secrets: str) -> int:
        """Secrets are given to a step that names them, and to no other."""
        job, failed = azure_job(kind), 0
        for one in loaded(AZURE)["variables"]:
            self.environment.setdefault(one["name"], one["value"])
        for step in (step for step in job["steps"] if "bash" in step):
            condition = step.get("condition", "succeeded()")
            wanted = "'due'" not in condition or self.environment.get("DUE") == "0"
            if condition != "always()" and (failed or not wanted):
                continue
            given = {key: secrets.get(value[2:-1], value) for key, value in step.get("env", {}).items()}
            code = self.run("bash", "--noprofile", "--norc", "-c", step["bash"], **given)
            failed = failed or code
            for name, value in re.findall(
                r"^##vso\[task\.setvariable variable=(\w+)\](.*)$", self._output, re.MULTILINE
            ):
                self.environment[name.upper()] = value
        return failed


HERE = {"package": UNSET, "api": "https://api.bitbucket.org"}
