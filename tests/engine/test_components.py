"""Whole components and whole stacks under a window, on a real engine: local, nested and remote resources alike."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.covered import UPDATES, WORK, Covered
from tests.support.job import Job
from tests.support.stack import Result

pytestmark = pytest.mark.engine

CHILDREN = 30

SHOP = """
import pulumi
from work import Work


class Shop(pulumi.ComponentResource):
    def __init__(self, name, count, version, fails, opts):
        super().__init__("test:index:Shop", name, None, opts)
        own = pulumi.ResourceOptions(parent=self)
        for number in range(count - 2):
            Work(f"{name}-{number}", version, 0, fails and number == 1, own)
        inner = pulumi.ComponentResource("test:index:Inner", f"{name}-inner", None, own)
        nested = Work(f"{name}-nested", version, 0, False, pulumi.ResourceOptions(parent=inner))
        # One that is only made once another is known.
        self.late = nested.urn.apply(
            lambda _: Work(f"{name}-late", version, 0, False, pulumi.ResourceOptions(parent=inner)).urn
        )
        self.register_outputs({})
"""

REMOTE = '''#!{python}
"""A component of another process, as one in another language is."""
import sys

sys.path.insert(0, {folder!r})

import pulumi
import pulumi.provider

from work import Work


class Far(pulumi.ComponentResource):
    def __init__(self, name, version, opts):
        super().__init__("far:index:Shop", name, None, opts)
        for number in range(2):
            Work(f"{{name}}-{{number}}", version, 0, False, pulumi.ResourceOptions(parent=self))
        self.register_outputs({{}})


class Provider(pulumi.provider.Provider):
    def __init__(self):
        super().__init__("1.0.0")

    def construct(self, name, resource_type, inputs, options=None):
        far = Far(name, inputs["version"], options)
        return pulumi.provider.ConstructResult(urn=far.urn, state={{}})


if __name__ == "__main__":
    pulumi.provider.main(Provider(), sys.argv[1:])
'''

PROGRAM = """
import json
from pathlib import Path

import pulumi

import statuspage_provider as statuspage
from shop import Shop
from work import Work

declared = json.loads(Path("declared.json").read_text())
window = statuspage.StatusPageMaintenance("window", **declared["StatusPageMaintenance"]["window"])
rules = declared.get("covering", {})
work = declared["work"]["shop"]
shop = Shop("shop", work["count"], work["version"], work.get("fails", False), window.covering(**rules))
parts = [shop]
if work.get("remote"):
    inputs = {"version": work["version"]}
    parts.append(pulumi.ComponentResource("far:index:Shop", "far", inputs, window.covering(**rules), True))
Work("beside", work["version"], 0, False, None)
window.complete_after(*parts)
"""


class Shopping(Covered):
    """A job whose window covers a component."""

    def __init__(self, job: Job, program: str = PROGRAM) -> None:
        self.job = job
        folder = job.stack.folder
        job.stack.write(program)
        (folder / "work.py").write_text(WORK)
        (folder / "shop.py").write_text(SHOP)
        plugin = folder / "pulumi-resource-far"
        plugin.write_text(REMOTE.format(python=sys.executable, folder=str(folder)))
        plugin.chmod(plugin.stat().st_mode | stat.S_IXUSR)
        job.stack.env["PATH"] = os.pathsep.join([str(folder), job.stack.environment()["PATH"]])
        job.declared["work"] = {"shop": {"count": 4, "version": 1}}
        job.window()

    def shop(self, covering: dict[str, Any] | None = None, **work: Any) -> None:
        self.declare(covering, shop={**self.job.declared["work"]["shop"], **work})

    def versions(self) -> dict[str, str]:
        """What was done by each resource, in order."""
        return {file.stem: file.read_text() for file in sorted(self.job.stack.folder.glob("*.txt"))}

    def done_by(self, text: str) -> int:
        """How many resources of the component have done just this."""
        return sum(done == text for name, done in self.versions().items() if name != "beside")


@pytest.fixture
def shopping(job: Job) -> Shopping:
    return Shopping(job)


def deployed(shopping: Shopping, covering: dict[str, Any] | None = None, **work: Any) -> None:
    """The stack as it is after its first deployment, before its window."""
    shopping.shop({"outside": "warn"}, **work)
    shopping.up()
    shopping.shop(covering or {})
    shopping.job.asked()


def test_a_component_with_thirty_children_nested_late_and_remote_is_guarded_as_a_whole(shopping: Shopping) -> None:
    deployed(shopping, count=CHILDREN, remote=True)
    everything = CHILDREN + 2
    assert shopping.done_by("1 ") == everything
    shopping.shop(version=2)
    preview = shopping.job.stack.preview()
    for name in ("shop-0", "shop-nested", "shop-late", "far-1"):
        assert f"{name}: as of now, `up` would be refused: “Upgrade” opens" in preview.output
    assert "beside: as of now" not in preview.output

    refused = shopping.up(check=False)
    assert refused.code != 0
    assert shopping.done_by("1 ") == everything
    assert refused.tracebacks == []
    assert shopping.job.wrote() == []

    shopping.job.advance(hours=2, minutes=1)
    shopping.up()
    assert shopping.done_by("1 2 ") == everything
    assert shopping.job.wrote() == [f"POST {UPDATES}"]
    assert shopping.timeline() == ["scheduled", "in_progress", "complete"]
    assert set(shopping.up().changes) == {"same"}
    assert shopping.job.wrote() == []


@pytest.mark.parametrize("start_at", ["2026-03-01T14:00:00Z", "+2h"], ids=["declared times", "times that are read"])
def test_a_held_component_keeps_the_run_green_and_the_next_one_inside_applies_it(
    shopping: Shopping, start_at: str
) -> None:
    shopping.job.window(start_at=start_at)
    deployed(shopping, {"outside": "hold"}, remote=True)
    shopping.shop(version=2)
    held = shopping.up()
    assert shopping.done_by("1 ") == 6
    assert shopping.versions()["beside"] == "1 2 "
    assert "any change under it is held" in held.output
    shopping.job.advance(hours=2, minutes=1)
    shopping.up()
    assert shopping.done_by("1 2 ") == 6
    assert shopping.timeline() == ["scheduled", "in_progress", "complete"]


def test_a_child_that_fails_keeps_the_window_open_also_where_the_engine_goes_on(shopping: Shopping) -> None:
    deployed(shopping)
    shopping.job.advance(hours=2, minutes=1)
    shopping.shop(version=2, fails=True)
    shopping.up(check=False)
    assert shopping.timeline() == ["scheduled", "in_progress"]
    shopping.job.stack.up("--continue-on-error", check=False)
    assert shopping.timeline() == ["scheduled", "in_progress"]
    shopping.shop(fails=False, version=3)
    # Of a local component all is seen, so that an option which changes nothing here does not keep the window open.
    shopping.job.stack.up("--continue-on-error")
    assert shopping.timeline() == ["scheduled", "in_progress", "complete"]


STACK = """
import json
from pathlib import Path

import pulumi

import statuspage_provider as statuspage
from shop import Shop
from work import Work

declared = json.loads(Path("declared.json").read_text())
{before}
window = statuspage.StatusPageMaintenance("window", **declared["StatusPageMaintenance"]["window"])
other = statuspage.StatusPageMaintenance("other", **{{**declared["StatusPageMaintenance"]["window"], "name": "Other"}})
window.cover_stack({types}, **declared.get("covering", {{}}))
work = declared["work"]["shop"]
Shop("shop", work["count"], work["version"], work.get("fails", False), None)
Work("own", work["version"], 0, False, other.covering(outside="warn"))
if work.get("remote"):
    pulumi.ComponentResource("far:index:Shop", "far", {{"version": work["version"]}}, None, True)
for number in range(work.get("beside", 0)):
    pulumi.Stash(f"beside{{number}}", input=work["version"])
window.complete_after()
"""


def test_a_whole_stack_is_guarded_but_for_other_types_and_what_has_a_window_of_its_own(job: Job) -> None:
    types = '["pulumi-python:dynamic/test:*"]'
    shopping = Shopping(job, STACK.format(types=types, before=""))
    deployed(shopping, remote=True, beside=1)
    shopping.shop(version=2)
    refused = shopping.up(check=False)
    assert refused.code != 0
    assert shopping.versions() == {**dict.fromkeys(shopping.versions(), "1 "), "own": "1 2 "}
    shopping.job.advance(hours=2, minutes=1)
    shopping.up()
    assert set(shopping.versions().values()) == {"1 2 "}
    assert shopping.timeline() == ["scheduled", "in_progress", "complete"]
    assert shopping.timeline("Other") == ["scheduled", "in_progress"]


def test_what_was_declared_before_a_stack_is_covered_is_named(job: Job) -> None:
    shopping = Shopping(job, STACK.format(types="None", before='Work("early", 1, 0, False, None)'))
    result: Result = shopping.job.stack.preview(check=False)
    line = "cover_stack: early was declared before it and would not be guarded: call cover_stack right after the window"
    assert any(line in error for error in result.errors)
    assert result.tracebacks == []


def test_the_names_of_hooks_are_those_of_the_run_before(shopping: Shopping) -> None:
    deployed(shopping, remote=True)
    shopping.up()

    def hooks() -> dict[str, Any]:
        return {one["urn"]: one.get("resourceHooks") for one in shopping.job.stack.state()["resources"]}

    before = hooks()
    assert set(shopping.up().changes) == {"same"}
    assert hooks() == before
    assert Path(shopping.job.stack.folder / "work.py").exists()
