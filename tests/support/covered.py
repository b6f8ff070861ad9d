"""A real stack whose work is covered by its window, and the programs that such stacks run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from tests.support.job import Job
from tests.support.stack import Result

MAINTENANCES, UPDATES = "status_page_maintenances", "status_page_maintenance_updates"

WORK = '''
"""Work that takes a while, can fail, and leaves a file behind that tells it was done."""
import time
from datetime import datetime, timezone
from pathlib import Path
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


class WorkProvider(ResourceProvider):
    serialize_as_secret_always = False

    def diff(self, _id, _olds, _news):
        return DiffResult(changes=None if _olds["version"] != _news["version"] else False)

    def create(self, props):
        return CreateResult(props["path"], self.done(props))

    def update(self, _id, _olds, _news):
        return UpdateResult(self.done(_news))

    def done(self, props):
        with Path(props["path"]).with_suffix(".times").open("a") as times:
            print(datetime.now(timezone.utc).isoformat(), file=times, flush=True)
            time.sleep(props["takes"])
            while Path(props["path"]).with_suffix(".hold").exists():
                time.sleep(0.05)
            print(datetime.now(timezone.utc).isoformat(), file=times)
        if props["fails"]:
            raise Exception("the work failed")
        with Path(props["path"]).open("a") as file:
            file.write(f"{int(props['version'])} ")
        return {key: props[key] for key in ("path", "version", "takes", "fails")}


class Work(Resource, module="test", name="Work"):
    def __init__(self, name, version, takes, fails, opts):
        path = str(Path(f"{name}.txt").resolve())
        super().__init__(WorkProvider(), name, {"path": path, "version": version, "takes": takes, "fails": fails}, opts)
'''

REPLACED = WORK.replace(
    """        return DiffResult(changes=None if _olds["version"] != _news["version"] else False)
""",
    """        same = _olds["version"] == _news["version"]
        return DiffResult(changes=not same, replaces=[] if same else ["version"], delete_before_replace=True)

    def delete(self, _id, _props):
        time.sleep(_props["takes"])
        with Path(_props["path"]).open("a") as file:
            file.write("deleted ")
""",
)
"""The same work, of which there can be one at a time: it is deleted before it is replaced."""

PROGRAM = """
import json
from pathlib import Path

import pulumi

import statuspage_provider as statuspage
from work import Work

declared = json.loads(Path("declared.json").read_text())
window = statuspage.StatusPageMaintenance("window", **declared["StatusPageMaintenance"]["window"])
covered = [
    Work(name, work.get("version", 1), work.get("takes", 0), work.get("fails", False),
         window.covering(**declared.get("covering", {})))
    for name, work in declared["work"].items()
]
window.complete_after(*covered)
"""

SEVERAL = """
import json
from pathlib import Path

import pulumi

import statuspage_provider as statuspage
from work import Work

declared = json.loads(Path("declared.json").read_text())
work = {}
for key, inputs in declared["StatusPageMaintenance"].items():
    window = statuspage.StatusPageMaintenance(key, **inputs)
    under = {name: item for name, item in declared["work"].items() if item.get("window", "window") == key}
    for name, item in under.items():
        opts = pulumi.ResourceOptions(depends_on=[work[other] for other in item.get("after", [])])
        rules = {**declared.get("covering", {}), **item.get("covering", {})}
        work[name] = Work(name, item.get("version", 1), item.get("takes", 0), item.get("fails", False),
                          window.covering(opts, **rules))
    window.complete_after(*[work[name] for name in under])
"""


class Covered:
    """A job whose work is covered by its window."""

    def __init__(self, job: Job) -> None:
        self.job = job
        job.stack.write(PROGRAM)
        (job.stack.folder / "work.py").write_text(WORK)
        job.declared["work"] = {"work": {}}
        job.window()

    def declare(self, covering: dict[str, Any] | None = None, **work: dict[str, Any]) -> None:
        if covering is not None:
            self.job.declared["covering"] = covering
        self.job.declared["work"] = {**self.job.declared["work"], **work}
        self.job.save()

    def up(self, *, check: bool = True) -> Result:
        return self.job.stack.up(check=check)

    def done(self, name: str = "work") -> str:
        file = self.job.stack.folder / f"{name}.txt"
        return file.read_text() if file.exists() else ""

    def timeline(self, name: str = "Upgrade") -> list[str]:
        """What the newest window of that name published."""
        named = [window for window in self.job.windows() if window["name"] == name]
        updates = max(named, key=lambda window: window["published_at"])["updates"]
        return [update["maintenance_status"].split("_", 1)[1] for update in updates]

    def ends(self) -> list[str]:
        """When the service ends the window, by the last time it was told."""
        bodies = [one["body"] for one in self.job.emulator.requests if one["method"] == "PUT"]
        self.job.emulator.clear_requests()
        return [body["end_at"][11:19] for body in bodies]

    @contextmanager
    def holding(self, name: str) -> Iterator[None]:
        """Work of that name does not end before it is released."""
        (self.job.stack.folder / f"{name}.hold").touch()
        yield
        self.release(name)

    def release(self, name: str) -> None:
        (self.job.stack.folder / f"{name}.hold").unlink(missing_ok=True)

    def started(self, name: str) -> int:
        """How often work of that name began or ended."""
        file = self.job.stack.folder / f"{name}.times"
        return len(file.read_text().split()) if file.exists() else 0

    def has_begun(self, name: str, times: int) -> bool:
        """Whether the work of that name has begun so many times."""
        return len(self._lines(name)) >= 2 * times - 1

    def has_ended(self, name: str, times: int) -> bool:
        return len(self._lines(name)) >= 2 * times

    def times(self, name: str) -> list[datetime]:
        """When the last work of that name began and ended, on the page's clock."""
        ahead = self.job.emulator.now - datetime.now(timezone.utc)
        return [datetime.fromisoformat(line) + ahead for line in self._lines(name)[-2:]]

    def _lines(self, name: str) -> list[str]:
        file = self.job.stack.folder / f"{name}.times"
        return file.read_text().split() if file.exists() else []
