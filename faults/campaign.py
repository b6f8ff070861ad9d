"""Runs schedules on the real engine: each in a folder of its own, with an emulator of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from faults.judge import Left, Seen, Verdict, doubled, open_at_once, seen, unlike, untrue
from faults.schedule import BEGINNING, KINDS, Act, Kill, Program, Run, Schedule
from faults.service import Service
from tests.support.covered import WORK
from tests.support.stack import Result, Running, Stack

PROGRAM = """
import json
from pathlib import Path

import statuspage_provider as statuspage
from work import Work

declared = json.loads(Path("declared.json").read_text())
made = {}
for kind, resources in declared["resources"].items():
    for name, inputs in resources.items():
        made[name] = getattr(statuspage, kind)(name, **inputs)
for name, work in declared["work"].items():
    window = made[name]
    opts = window.covering(outside=work["outside"])
    window.complete_after(Work(f"{name}-work", work["version"], 0, work["fails"], opts))
"""

DURATION_S = 60.0
"""How long a process outlives its engine before it is ended too."""


class Rehearsal:
    """One schedule under way."""

    def __init__(self, schedule: Schedule, folder: Path) -> None:
        self.schedule = schedule
        self.service = Service(folder / "emulator.db")
        self.program = Program(schedule, self.service.pages)
        self.stack = Stack(folder / "project", program=PROGRAM)
        (self.stack.folder / "work.py").write_text(WORK)
        self.stack.env |= {"INCIDENT_ENDPOINT": self.service.url, "INCIDENT_API_KEY": "emulator-write"}
        self.stack.env |= {"STATUSPAGEME_ENDPOINT": self.service.url, "STATUSPAGEME_API_KEY": "spk_emulator-write"}
        self.log: list[str] = []
        self.ended_well = True
        """Whether the last run did."""

    def judged(self) -> Verdict:
        verdict = Verdict()
        try:
            self.stack.init()
            self._at(BEGINNING)
            for run in self.schedule.runs:
                # What was completed before this run was so for the work of then.
                over = {one.id for one in self._seen() if one.is_over}
                self._live(run)
                left = self._left()
                verdict.faults += doubled(left, self.program.allowed)
                # What a killed replacement left stays until a run of the program ends well: a refresh is none.
                verdict.faults += open_at_once(left, self.schedule.resources) if self.ended_well else []
                new = Left(left.now, tuple(one for one in left.objects if one.id not in over), left.notices)
                verdict.faults += untrue(new, self.program.work, self._done())
            self._end(verdict)
        finally:
            self.service.kill()
        return verdict

    def _live(self, run: Run) -> None:
        self._at(self.now + run.pause)
        known = self._kept() - self._unsure()
        for act in run.acts:
            if act.resource not in known and (act.kind == "gone" or self._has_no_keys(act.resource)):
                # What nobody knows of: see docs/faults.md.
                continue
            self.log.append(f"{act}")
            self.program.do(act)
            if act.kind == "person":
                self._by_hand(act)
        if run.command == "replace":
            self.program.replaced()
        self._save()
        self.service.control("POST", "differences", self.schedule.differences)
        if run.faults:
            self.service.control("POST", "faults", list(run.faults))
        self.log.append(f"{run.command}, {run.faults}, {run.kill}")
        result = self._killed(run.command, run.kill) if run.kill else self._run(run.command).wait(check=False)
        self._note(result)
        self.ended_well = result.code == 0 and run.command != "refresh"
        # Between two runs there is time: reads are up to date, and what was late has been carried out.
        self.service.control("POST", "late")
        self.service.control("DELETE", "faults")
        self.service.control("POST", "differences", {"stale_reads": 0})
        self._at(self.now + timedelta(seconds=5))

    def _kept(self) -> set[str]:
        """The names that state has."""
        return _names(self.stack.state().get("resources"))

    def _unsure(self) -> set[str]:
        """The names of which the last run may have announced what state does not have."""
        pending = [] if self.ended_well else self.stack.state().get("pending_operations") or []
        return _names([one["resource"] for one in pending if one["type"] == "creating"])

    def _has_no_keys(self, resource: str) -> bool:
        return self.schedule.resources[resource].endswith("-me")

    def _end(self, verdict: Verdict) -> None:
        """Runs without faults bring the page to the program, and the last one does nothing."""
        self.program.mend()
        self._save()
        for _ in range(6):
            before = self._left()
            self.service.control("DELETE", "requests")
            last = self.stack.up("--refresh", check=False)
            self._note(last)
            wrote = [one for one in self.service.control("GET", "requests") if one["method"] != "GET"]
            if last.tracebacks:
                verdict.faults.append(f"a user sees a traceback: {last.tracebacks[0]}")
            if not last.code and not wrote and not set(last.changes) - {"same"}:
                break
            for name in re.findall(r"resource '(\w+)'.* the window is already over", last.output):
                # What the line says that a user should do.
                self.program.do(Act("start", name, f"{self.now + timedelta(days=3):%Y-%m-%dT%H:00:00Z}"))
                self._save()
        left = self._left()
        if left.objects != before.objects or left.notices != before.notices:
            verdict.faults.append(f"the last run changed the page: {[(one['method'], one['path']) for one in wrote]}")
        verdict.faults += doubled(left, self.program.allowed)
        if last.code:
            # A create may be sent again under its key, which is answered with what is there. What a replacement left
            # is removed by a run that ends well.
            verdict.held = last.errors or [last.output[-500:]]
            return
        verdict.faults += open_at_once(left, self.schedule.resources)
        if wrote:
            verdict.faults.append(f"the last run wrote: {[(one['method'], one['path']) for one in wrote]}")
        verdict.faults += unlike(left, self.schedule.resources, self.program.declared)
        if self._kept() != set(self.program.declared):
            verdict.faults.append(f"state has {self._kept()}")
        done = self._done()
        for name, work in self.program.work.items():
            if done.get(name) != work["version"]:
                verdict.faults.append(f"{name}: its work is not done: {done.get(name)} of {work['version']}")

    def _done(self) -> dict[str, int]:
        """The last version of the work that was done, by resource."""
        files = {name: self.stack.folder / f"{name}-work.txt" for name in self.program.work}
        return {name: int(file.read_text().split()[-1]) for name, file in files.items() if file.exists()}

    def _run(self, command: str) -> Running:
        if command == "refresh":
            return self.stack.start("refresh", "--yes", "--skip-preview")
        names = sorted(self._kept() & set(self.program.declared)) if command == "replace" else []
        replaced = [f"--replace={self._urn(name)}" for name in names]
        return self.stack.start_up(*replaced)

    def _urn(self, name: str) -> str:
        kind = KINDS[self.schedule.resources[name]][0]
        return f"urn:pulumi:test::project::pulumi-python:dynamic/statuspage:{kind}::{name}"

    def _killed(self, command: str, kill: Kill) -> Result:
        self.service.stop_at(kill.number, kill.side)
        with self._run(command) as running:
            while running.popen.poll() is None:
                if self.service.reached.wait(0.05):
                    self._kill(kill, running)
                    break
            try:
                result = running.wait(check=False)
            finally:
                self._back()
                self.service.go()
        self.stack.unlock()
        return result

    def _kill(self, kill: Kill, running: Running) -> None:
        if kill.late_ms:
            self.service.go()
            time.sleep(kill.late_ms / 1000)
        match kill.target:
            case "machine":
                running.kill()
            case "engine":
                below = running.processes()
                running.popen.kill()
                self.service.go()
                _let_end(below)
            case "plugin":
                _end(running.plugins())
            case "program":
                _end(running.programs())
            case "service" | "service for long":
                self.service.kill()
                if kill.target == "service":
                    self._back()
        if kill.target not in ("service", "service for long"):
            self.service.go()

    def _back(self) -> None:
        """The service runs, whatever became of it."""
        if not self.service.runs:
            self.service.start()
            self.service.control("POST", "differences", self.schedule.differences)

    def _by_hand(self, act: Act) -> None:
        """A person's edit of what is open on the page, if it is there yet."""
        own = [one for one in self._seen() if one.belongs_to(act.resource) and not one.is_over]
        if not own:
            return
        one, does = own[0], str(act.value)
        later = f"{self.now + timedelta(hours=30):%Y-%m-%dT%H:%M:%SZ}"
        soon = f"{self.now + timedelta(hours=28):%Y-%m-%dT%H:%M:%SZ}"
        body: dict[str, Any]
        match one.kind, does:
            case "window", "renames" | "moves":
                times = (one.start_at, one.end_at) if does == "renames" else (soon, later)
                if None in times:
                    return
                name = f"{act.resource} by hand" if does == "renames" else one.name
                body = {"name": name, "start_at": times[0], "end_at": times[1]}
                self.service.call("PUT", f"/v2/status_page_maintenances/{one.id}", body)
            case "window", _:
                status = {"begins": "maintenance_in_progress", "ends": "maintenance_complete"}.get(does)
                body = {"status_page_maintenance_id": one.id, "message": "By hand.", "notify_subscribers": False}
                body |= {"maintenance_status": status} if status else {}
                self.service.call("POST", "/v2/status_page_maintenance_updates", body)
            case "incident", "renames":
                body = {"name": f"{act.resource} by hand"}
                self.service.call("PUT", f"/v2/status_page_incidents/{one.id}", body)
            case "incident", _:
                body = {"status_page_incident_id": one.id, "message": "By hand.", "notify_subscribers": False}
                self.service.call("POST", "/v2/status_page_incident_updates", body)
            case "window-me", _:
                body = {"title": f"{act.resource} by hand"}
                if does in ("moves", "begins", "ends"):
                    body = {"start_at": soon, "end_at": later}
                self.service.call("PATCH", f"/user/api/v1/maintenances/{one.id}", body)
            case "incident-me", "renames":
                self.service.call("PATCH", f"/user/api/v1/incidents/{one.id}", {"title": f"{act.resource} by hand"})
            case "incident-me", _:
                self.service.call("POST", f"/user/api/v1/incidents/{one.id}/updates", {"message": "By hand."})

    def _seen(self) -> tuple[Seen, ...]:
        pages = self.service.pages

        def get(path: str) -> Any:
            page = pages["incident.io" if path.startswith("/v2") else "statuspage.me"]["page"]
            query = "" if path.count("/") > 4 else f"?status_page_id={page}"
            answer = self.service.call("GET", path + query)
            answer.raise_for_status()
            return answer.json()

        return seen(get, self.now)

    def _left(self) -> Left:
        return Left(self.now, self._seen(), tuple(self.service.control("GET", "notices")))

    def _at(self, now: datetime) -> None:
        self.now = now
        self.service.control("POST", "clock", {"now": now.isoformat()})
        self.stack.env["STATUSPAGE_NOW"] = f"{now:%Y-%m-%dT%H:%M:%SZ}"

    def _save(self) -> None:
        (self.stack.folder / "declared.json").write_text(json.dumps(self.program.as_json()))

    def _note(self, result: Result) -> None:
        self.log.append(str(result))


def _names(resources: list[dict[str, Any]] | None) -> set[str]:
    return {one["urn"].split("::")[-1] for one in resources or [] if "statuspage" in one["type"]}


def _end(pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _let_end(pids: Iterable[int]) -> None:
    """Processes that lost their engine end by themselves, or are ended."""
    deadline = time.monotonic() + DURATION_S
    while (left := _running(pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    _end(left)


def _running(pids: Iterable[int]) -> list[int]:
    listed = subprocess.run(["ps", "-A", "-o", "pid=,stat="], capture_output=True, text=True, check=True).stdout
    states = dict(line.split() for line in listed.splitlines())
    # One that has ended stays in the list until somebody asks how.
    return [pid for pid in pids if not states.get(str(pid), "Z").startswith("Z")]
