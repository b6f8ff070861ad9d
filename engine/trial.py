"""Runs an engine once, for real: a program with a dynamic resource, up and destroyed, in a folder of its own."""

import importlib.util
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

PROGRAM = """\
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Trial(ResourceProvider):
    def create(self, props):
        return CreateResult("trial", {"answer": props["answer"]})

class TrialResource(Resource):
    answer: pulumi.Output

pulumi.export("answer", TrialResource(Trial(), "trial", {"answer": "works"}).answer)
"""
STEPS = (
    ("stack", "init", "trial"),
    ("up", "--yes", "--skip-preview"),
    ("stack", "output", "answer"),
    ("destroy", "--yes", "--skip-preview"),
)


class TrialFailed(Exception):
    """The engine does not do its work. The text shows what it said."""


class Runs(Protocol):
    def environment(self, folder: Path) -> Mapping[str, str]: ...


def try_out(engine: Runs) -> None:
    """Raise unless it works. Without the SDK in this Python only the start of `pulumi` can be tried."""
    with tempfile.TemporaryDirectory(prefix="engine-trial-") as name:
        folder = Path(name)
        (folder / "Pulumi.yaml").write_text("name: trial\nruntime: python\n")
        (folder / "__main__.py").write_text(PROGRAM)
        steps = STEPS if importlib.util.find_spec("pulumi") else (("version",),)
        said = ""
        for step in steps:
            try:
                done = subprocess.run(
                    ["pulumi", *step, "--non-interactive", "--color", "never"],
                    cwd=folder,
                    env=engine.environment(folder),
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=120,
                )
            except subprocess.TimeoutExpired:
                raise TrialFailed(f"`pulumi {' '.join(step)}` did not end") from None
            said += done.stdout
            if done.returncode:
                raise TrialFailed(f"`pulumi {' '.join(step)}` failed:\n{done.stdout}{done.stderr}")
        if len(steps) > 1 and "works" not in said:
            raise TrialFailed(f"the trial program's output is missing:\n{said}")
