"""Times what a user waits for, each against the least that could do the same job, in turn and in one run."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import httpx

from benchmarks.windows import windows
from engine import Refusal, find_engine
from statuspage_provider.emulator import Emulator
from statuspage_provider.incident import IncidentProvider
from statuspage_provider.inputs import MaintenanceInputs
from statuspage_provider.lifecycle import maintenance
from statuspage_provider.lifecycle.planned import resolve
from statuspage_provider.maintenance import MaintenanceProvider
from statuspage_provider.services.capabilities import CAPABILITIES
from statuspage_provider.services.incident_io.client import IncidentIo
from statuspage_provider.services.settings import Settings
from statuspage_provider.state import MaintenanceState
from tests.support.previews import merged, preview, printed
from tests.support.program import Program
from tests.support.stack import Stack

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
INPUTS = {
    "status_page_id": "01HZPAGE",
    "name": "Upgrade",
    "message": "We upgrade.",
    "start_at": "2026-03-01T14:00:00Z",
    "duration": "2h",
    "affected_component_ids": ["01HZA", "01HZB"],
    "idempotency_key": "key",
}


def ratio(label: str, ours: Callable[[], object], least: Callable[[], object], runs: int, times: int) -> None:
    """Print the median of ours/least over pairs of runs, with the lowest and highest."""
    ours(), least()
    pairs = sorted(_spent(ours, times) / _spent(least, times) for _ in range(runs))
    print(f"{label:<66} {statistics.median(pairs):7.2f}x  ({pairs[0]:.2f} to {pairs[-1]:.2f}, {runs} pairs)")


def _spent(job: Callable[[], object], times: int) -> float:
    begun = time.perf_counter()
    for _ in range(times):
        job()
    return time.perf_counter() - begun


def pure() -> None:
    declared = MaintenanceInputs.model_validate(INPUTS)
    window, _ = resolve(declared, None, NOW)
    recorded = MaintenanceState(declared=declared, window=window, phase="scheduled")
    outs, text = recorded.to_props(), json.dumps(INPUTS)

    def change() -> object:
        return maintenance.diff("id", MaintenanceState.from_props(outs), declared, NOW)

    def check() -> object:
        return MaintenanceInputs.model_validate(INPUTS)

    ratio("check of one window / its JSON read", check, lambda: json.loads(text), 9, 500)
    ratio("diff of one window / check of it", change, check, 9, 500)


def client() -> None:
    emulator = Emulator()
    with emulator.serve(0) as server:
        ours = IncidentIo(Settings(CAPABILITIES["incident.io"].names, server.url, "emulator-read"))
        bare = httpx.Client(base_url=server.url, headers={"Authorization": "Bearer emulator-read"}, trust_env=False)
        least = lambda: bare.get("/v2/status_pages").json()  # noqa: E731
        ratio("a read through our client / through a bare httpx client", ours.pages.list_pages, least, 9, 40)


def imports() -> None:
    def process(module: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-c", f"import {module}"], check=True)

    ours, least = process("statuspage_provider"), process("pulumi")
    ratio("`import statuspage_provider` / `import pulumi`, in processes of their own", ours, least, 15, 1)


def plan_of(count: int) -> str:
    """A preview of so many windows and incidents: half of them are new, the others are there and are changed."""
    emulator, steps = Emulator(), []
    with emulator.serve(0) as server:
        for number in range(count):
            inputs = {"status_page_id": emulator.page_id, "name": f"Number {number}", "message": "We upgrade."}
            inputs["idempotency_key"] = f"key-{number}"
            if number % 2:
                program = Program(IncidentProvider, server.url, **inputs)
                change = {"incident_status": "identified", "message": "We know."}
            else:
                when = {"start_at": f"2031-03-{number % 28 + 1:02}T14:00:00Z", "duration": "1h"}
                components = [emulator.components["API"]]
                program = Program(MaintenanceProvider, server.url, **inputs, **when, affected_component_ids=components)
                change = {"duration": "2h", "message": "It takes longer."}
            if number % 4 > 1:
                program.up()
                program.edit(**change)
            steps.append(preview(f"number-{number}", program))
    return printed(merged(*steps))


def summary(count: int = 500) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.json"
        plan.write_text(plan_of(count))

        def process(*args: str) -> Callable[[], object]:
            return lambda: subprocess.run([sys.executable, *args], check=True, stdout=subprocess.DEVNULL)

        least = process("-c", "import pulumi")
        for form in ("markdown", "html", "json"):
            ours = process("-m", "statuspage_provider", "summary", str(plan), "--format", form)
            ratio(f"`summary` of {count} windows and incidents, {form} / `import pulumi`", ours, least, 9, 1)


PAST = """
import statuspage_provider as statuspage
for number in range({count}):
    statuspage.StatusPageRetrospectiveIncident(
        f"past-{{number}}", status_page_id="{page}", name=f"Outage {{number}}", updates=[
            {{"incident_status": "resolved", "message": "M", "published_at": "2025-01-01T00:00:00Z"}}])
"""
PER_SECOND = 5


def backfill(count: int = 400) -> None:
    """A whole history in one `up`, nothing left of the burst: then the service's limit is the least it can take."""
    emulator = Emulator()
    with emulator.serve(0) as server, tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), program=PAST.format(count=count, page=emulator.page_id))
        stack.env |= {"INCIDENT_ENDPOINT": server.url, "INCIDENT_API_KEY": "emulator-write"}
        stack.init()
        with httpx.Client(base_url=server.url, headers={"Authorization": "Bearer emulator-write"}) as another:
            while another.post("/v2/status_page_retrospective_incidents", json={}).status_code != 429:
                pass
        emulator.clear_requests()
        begun = time.perf_counter()
        stack.up()
        spent = time.perf_counter() - begun
        posts = [asked["status"] for asked in emulator.requests if asked["method"] == "POST"]
        label = f"`up` of {count} past incidents / their number at {PER_SECOND} a second"
        print(f"{label:<66} {spent / (count / PER_SECOND):7.2f}x  ({posts.count(201)} made, {posts.count(429)} waited)")


def machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {find_engine().version}"


HEAD = """# Performance

Made by `make bench WRITE=1`, on {machine}. Every figure is a ratio of two things that ran in turn in one process, or
says how many requests were made: seconds are of that machine. The median of the pairs stands first, then the lowest
and the highest; what leaves all as it was runs four times for each pair.

"""


def written(count: int, pairs: int) -> str:
    return HEAD.format(machine=machine()) + windows(count, pairs)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="benchmarks")
    asked.add_argument("--write", action="store_true", help="write docs/performance.md too")
    asked.add_argument("--count", type=int, default=200, help="how many windows a stack has")
    asked.add_argument("--pairs", type=int, default=3, help="how many pairs of runs there are")
    args = asked.parse_args()
    pure()
    client()
    imports()
    summary()
    try:
        print(f"on {find_engine()}")
    except Refusal as refusal:
        sys.exit(str(refusal))
    text = written(args.count, args.pairs)
    print(text)
    if args.write:
        (Path(__file__).parent.parent / "docs" / "performance.md").write_text(text)
    backfill()
