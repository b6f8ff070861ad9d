"""From merge to applied without a hand: three days of a schedule, on a real engine, by the recipes of the examples.

The clocks are moved, a quarter of an hour at a time; `SCHEDULING_STEP_MIN=1` takes every minute. `due` is asked in
process at each step. Only where it says so is the recipe run, and with it `pulumi`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import statuspage
from tests.support.covered import WORK, Covered
from tests.support.job import Job

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
STEP = timedelta(minutes=int(os.environ.get("SCHEDULING_STEP_MIN", "15")))
DAYS = timedelta(days=3)
STAGES = ["scheduled", "in_progress", "complete"]

BEFORE = """
from work import Work

Work("work", 1, 0, False, None)
"""


class Schedule:
    """The machine that runs the recipe: its own programs on the path, and a key that may write."""

    def __init__(self, job: Job, folder: Path) -> None:
        self.job = job
        bin_ = folder / "bin"
        bin_.mkdir()
        self._log = folder / "runs"
        self._log.touch()
        for name, text in (
            ("pulumi", f'echo "$1" >> "{self._log}"\nexec "{job.stack.engine.pulumi}" "$@"\n'),
            ("statuspage", f'exec "{sys.executable}" -m statuspage_provider "$@"\n'),
        ):
            (bin_ / name).write_text(f"#!/bin/sh\n{text}")
            (bin_ / name).chmod(0o755)
        self._path = f"{bin_}:{os.environ['PATH']}"

    def cron(self) -> subprocess.CompletedProcess[str]:
        """What the line of the crontab runs."""
        stack = self.job.stack
        command = [str(ROOT / "examples" / "cron" / "deploy-when-due"), str(stack.folder), stack.name]
        environment = {**stack.environment(), "PATH": self._path}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def due(self, state: str) -> int:
        code, _ = statuspage("due", "-", env=self.job.stack.environment(), stdin=state)
        return code

    def runs(self) -> list[str]:
        """The commands of `pulumi` that recipes ran."""
        return self._log.read_text().split()


def test_work_that_is_new_and_was_refused_at_the_merge_is_done_in_its_window(job: Job, tmp_path: Path) -> None:
    # Nothing of it is in the state, not even that a window covers it.
    covered, schedule = Covered(job), Schedule(job, tmp_path)
    from_merge_to_applied(covered, schedule, outside="fail")
    assert covered.done() == "2 "


def test_work_that_was_held_at_the_merge_is_done_in_its_window(job: Job, tmp_path: Path) -> None:
    (job.stack.folder / "work.py").write_text(WORK)
    job.stack.write(BEFORE)
    job.stack.up()
    covered, schedule = Covered(job), Schedule(job, tmp_path)
    from_merge_to_applied(covered, schedule, outside="hold")
    assert covered.done() == "1 2 "
    # A tick when nothing is due: cron has nothing to mail, and runs no `up`.
    quiet = schedule.cron()
    assert (quiet.returncode, quiet.stdout) == (0, "")
    assert [line for line in quiet.stderr.splitlines() if "STATUSPAGE_NOW" not in line] == []
    assert schedule.runs()[3:] == ["stack", "stack"]


def from_merge_to_applied(covered: Covered, schedule: Schedule, *, outside: str) -> None:
    """The merge and the run that it starts, and then three days in which nobody does anything."""
    job, merged_at = covered.job, covered.job.now
    job.asked()
    job.window(start_at="2026-03-03T22:00:00Z", duration="1h30m", notify_subscribers=True)
    covered.declare({"outside": outside}, work={"version": 2})
    before = covered.done()
    merged = covered.up(check=False)
    assert (merged.code == 0) == (outside == "hold")
    assert covered.done() == before
    merge = job.asked()

    state = exported(job)
    codes: list[int] = []
    applied_at, requests = merged_at, []
    while job.now < merged_at + DAYS:
        codes.append(schedule.due(state))
        if codes[-1] == 0:
            ran = schedule.cron()
            assert ran.returncode == 0, ran.stderr
            applied_at, state = job.now, exported(job)
        requests += job.asked()
        job.advance(minutes=STEP.total_seconds() / 60)

    assert f"{applied_at:%a %H:%M}" == "Tue 22:00"
    assert covered.timeline() == STAGES
    assert (codes.count(0), codes.count(2)) == (1, 0)
    assert schedule.runs() == ["stack", "up", "stack"]
    assert [line for line in requests if not line.startswith("GET")] == ["POST status_page_maintenance_updates"]
    # One for each step in the window; the recipe's own; two of the run, which reads before it changes and before it
    # tells; one of `settle`; and the post.
    assert len(requests) == timedelta(minutes=90) // STEP + 5
    assert [mail.removeprefix("maintenance_") for mail in job.mails()] == STAGES
    report(outside, codes, merge, requests, schedule, job)


def exported(job: Job) -> str:
    return job.stack.run("stack", "export").stdout


def report(outside: str, codes: list[int], merge: list[str], requests: list[str], schedule: Schedule, job: Job) -> None:
    """The numbers, for whoever runs it with `-s`."""
    numbers: dict[str, Any] = {
        "outside": outside,
        "due asked": len(codes),
        "due": codes.count(0),
        "pulumi, after the merge": schedule.runs(),
        "requests of the merge": merge,
        "requests since": {line: requests.count(line) for line in sorted(set(requests))},
        "mails": job.mails(),
    }
    print(json.dumps(numbers, indent=2), file=sys.stderr)
