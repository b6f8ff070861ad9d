"""Many windows on the real engine, in turn with the least that could do the same, and with what else people would use.

Each pair runs the same operation on a stack of this package and on one of the other, one after the other, in one
process: what the machine does besides strikes both.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from statuspage_provider.emulator import Emulator
from tests.support.stack import Stack

OURS = """
import statuspage_provider as statuspage
for number in range({count}):
    statuspage.StatusPageMaintenance(
        f"window-{{number}}", status_page_id="{page}", name=f"Window {{number}}", message="We upgrade.",
        start_at="2031-03-01T14:00:00Z", duration="1h", affected_component_ids=["{api}"])
"""

# The same inputs, the same properties in state, and nothing done with them. In a module, so that state holds it by its
# name as it holds ours.
NOTHING = """
from pulumi.dynamic import CreateResult, ReadResult, Resource, ResourceProvider

AT, ENTRY, API = "2026-03-01T12:00:00Z", "01JNA0000000000000000000AB", "01HZACMECMP0000000000000AP"
RECORDED = {
    "phase": "scheduled",
    "automated": True,
    "generation": 1,
    "end_at": "2031-03-01T15:00:00Z",
    "published_at": AT,
    "last_update_id": ENTRY,
    "notices": [{"at": AT, "event": "scheduled", "subscribers": False, "update_id": ENTRY}],
    "updates": [
        {
            "id": ENTRY,
            "message": "We upgrade.",
            "published_at": AT,
            "status": "maintenance_scheduled",
            "component_statuses": [{"component_id": API, "component_status": "under_maintenance"}],
        }
    ],
    "component_maintenance_periods": [
        {"component_id": API, "start_at": "2031-03-01T14:00:00Z", "end_at": "2031-03-01T15:00:00Z"}
    ],
}

class Nothing(ResourceProvider):
    serialize_as_secret_always = False
    def create(self, props):
        return CreateResult("id", {**props, **RECORDED})
    def read(self, id_, props):
        return ReadResult(id_, props)

class Window(Resource, module="test", name="Window"):
    def __init__(self, resource_name, **given):
        super().__init__(Nothing(), resource_name, {**dict.fromkeys([*RECORDED, "anchor", "public_url"]), **given})
"""
EMPTY = """
from nothing import Window

for number in range({count}):
    Window(f"window-{{number}}", status_page_id="{page}", name=f"Window {{number}}", message="We upgrade.",
        start_at="2031-03-01T14:00:00Z", duration="1h", affected_component_ids=["{api}"],
        automate_maintenance_status=True, notify_subscribers=False, on_delete="auto", repeat=False,
        service="incident.io", idempotency_key=f"0123456789abcdef0123456789ab{{number}}")
"""

# What a person in a hurry writes: a class in the program, a new client for each call, and the key in the program.
HURRIED = """
import os
import httpx
from pulumi.dynamic import CreateResult, ReadResult, Resource, ResourceProvider

URL, KEY = os.environ["INCIDENT_ENDPOINT"], os.environ["INCIDENT_API_KEY"]

class Provider(ResourceProvider):
    def __init__(self):
        self.url, self.key = URL, KEY
    def create(self, props):
        body = {{name: value for name, value in props.items() if name != "__provider"}}
        with httpx.Client(base_url=self.url, headers={{"Authorization": f"Bearer {{self.key}}"}}) as client:
            made = client.post("/v2/status_page_maintenances", json=body).json()["status_page_maintenance"]
        return CreateResult(made["id"], props)
    def read(self, id_, props):
        with httpx.Client(base_url=self.url, headers={{"Authorization": f"Bearer {{self.key}}"}}) as client:
            client.get(f"/v2/status_page_maintenances/{{id_}}")
        return ReadResult(id_, props)
    def delete(self, id_, props):
        with httpx.Client(base_url=self.url, headers={{"Authorization": f"Bearer {{self.key}}"}}) as client:
            client.delete(f"/v2/status_page_maintenances/{{id_}}")

class Window(Resource):
    def __init__(self, resource_name, **given):
        super().__init__(Provider(), resource_name, given)

for number in range({count}):
    Window(f"window-{{number}}", status_page_id="{page}", name=f"Window {{number}}", message="We upgrade.",
        start_at="2031-03-01T14:00:00Z", end_at="2031-03-01T15:00:00Z", affected_component_ids=["{api}"],
        maintenance_status="maintenance_scheduled", automate_maintenance_status=True, notify_subscribers=False,
        idempotency_key=f"hurried-{{number}}")
"""

OPERATIONS: dict[str, Callable[[Stack], object]] = {
    "create": lambda stack: stack.up(),
    "nothing changed": lambda stack: stack.up(),
    "preview": lambda stack: stack.preview(),
    "refresh": lambda stack: stack.refresh(),
    "destroy": lambda stack: stack.destroy(),
}
SHORT = {"nothing changed": 4, "preview": 4, "refresh": 4}
"""How often each pair runs what leaves all as it was: of these, one run says little on a machine that does more."""


@dataclass
class Pairs:
    """What one operation took on both stacks, and what the page was asked by ours."""

    seconds: list[tuple[float, float]] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        ratios = sorted(ours / other for ours, other in self.seconds)
        ours, other = (statistics.median(column) for column in zip(*self.seconds, strict=True))
        spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
        return f"{statistics.median(ratios):.2f}x | {spread} | {ours:.1f} s | {other:.1f} s | {self.requests[-1]}"


class Bench:
    """One emulated page, and stacks of as many windows each."""

    def __init__(self, folder: Path, emulator: Emulator, url: str, count: int) -> None:
        self.folder, self.emulator, self.url, self.count = folder, emulator, url, count
        self._made = 0

    def stack(self, program: str) -> Stack:
        self._made += 1
        page, api = self.emulator.page_id, self.emulator.components["API"]
        text = program.format(count=self.count, page=page, api=api)
        stack = Stack(self.folder / str(self._made), program=text, passphrase=True)
        (stack.folder / "nothing.py").write_text(NOTHING)
        stack.env |= {"INCIDENT_ENDPOINT": self.url, "INCIDENT_API_KEY": "emulator-write"}
        stack.init()
        return stack

    def late(self, seconds: float) -> None:
        """From now on every answer takes this long."""
        if seconds:
            self.emulator.fault(kind=f"slow:{seconds}", times=1_000_000)

    def spent(self, job: Callable[[], object]) -> tuple[float, int]:
        """How long it takes, and how many requests it makes."""
        self.emulator.clear_requests()
        begun = time.perf_counter()
        job()
        return time.perf_counter() - begun, len(self.emulator.requests)

    def against(self, program: str, pairs: int, *names: str, late: float = 0.0) -> dict[str, Pairs]:
        """Each operation on a new stack of ours and on one of the other program, in turn; which is first alternates."""
        measured = {name: Pairs() for name in names or OPERATIONS}
        for number in range(pairs):
            self.emulator.reset()
            ours, other = self.stack(OURS), self.stack(program)
            self.late(late)
            for name, pair in measured.items():
                for again in range(SHORT.get(name, 1)):
                    self.pair(OPERATIONS[name], ours, other, pair, ours_first=bool((number + again) % 2))
        return measured

    def pair(
        self, job: Callable[[Stack], object], ours: Stack, other: Stack, measured: Pairs, *, ours_first: bool
    ) -> None:
        turn = [ours, other] if ours_first else [other, ours]
        took = {stack is ours: self.spent(lambda stack=stack: job(stack)) for stack in turn}  # type: ignore[misc]
        measured.requests.append(took[True][1])
        measured.seconds.append((took[True][0], took[False][0]))

    def state_ratio(self) -> float:
        """The size of our stack's state, against that of the empty provider's."""
        sizes = []
        for program in (OURS, EMPTY):
            stack = self.stack(program)
            stack.up()
            resources = [one for one in stack.state()["resources"] if "dynamic" in one["type"]]
            sizes.append(sum(len(json.dumps(one)) for one in resources))
        return sizes[0] / sizes[1]

    def by_sdk(self, threads: int) -> tuple[float, int]:
        """The same windows made by a script with the vendor's SDK, in so many threads."""
        from incident_io import AuthenticatedClient
        from incident_io.api.status_pages_v2 import status_pages_v2_create_status_page_maintenance as create
        from incident_io.models import StatusPagesCreateStatusPageMaintenancePayloadV2 as Payload

        def body(number: int) -> Payload:
            made: Payload = Payload.from_dict(
                {
                    "status_page_id": self.emulator.page_id,
                    "name": f"Window {number}",
                    "message": "We upgrade.",
                    "start_at": "2031-03-01T14:00:00Z",
                    "end_at": "2031-03-01T15:00:00Z",
                    "affected_component_ids": [self.emulator.components["API"]],
                    "maintenance_status": "maintenance_scheduled",
                    "automate_maintenance_status": True,
                    "notify_subscribers": False,
                    "idempotency_key": f"{time.perf_counter_ns()}-{number}",
                }
            )
            return made

        client = AuthenticatedClient(base_url=self.url, token="emulator-write")

        def make(number: int) -> None:
            create.sync_detailed(client=client, body=body(number))

        def script() -> None:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(make, range(self.count)))

        return self.spent(script)


def table(title: str, measured: dict[str, Pairs]) -> str:
    rows = "\n".join(f"| {name} | {pair} |" for name, pair in measured.items())
    head = "| | ratio | spread | this package | the other | requests |\n|---|---|---|---|---|---|"
    return f"{title}\n\n{head}\n{rows}\n"


def windows(count: int, pairs: int) -> str:
    """All of it, as Markdown."""
    emulator = Emulator()
    emulator.set_clock(now=datetime(2026, 3, 1, 12, tzinfo=timezone.utc))
    parts = []
    with emulator.serve(0) as server, tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), emulator, server.url, count)
        parts.append(table(f"{count} windows, against an empty provider:", bench.against(EMPTY, pairs)))
        late = bench.against(EMPTY, 1, "create", "refresh", late=0.1)
        parts.append(table("The same, where every answer takes 100 ms:", late))
        made = late["create"]
        bound = made.requests[0] * 0.1 / 4
        parts.append(
            f"Of that create, {bound:.1f} s are the {made.requests[0]} answers, four at a time: with them the empty "
            f"one would take {made.seconds[0][1] + bound:.1f} s, and this package takes {made.seconds[0][0]:.1f} s "
            f"({made.seconds[0][0] / (made.seconds[0][1] + bound):.2f}x).\n"
        )
        hurried = bench.against(HURRIED, pairs, "create", "nothing changed", "refresh")
        parts.append(table("Against a provider written in a hurry:", hurried))
        parts.append(table("The same at 100 ms:", bench.against(HURRIED, 1, "create", "refresh", late=0.1)))
        lines = ["Against a script with the vendor's SDK, which makes them and knows nothing afterwards:", ""]
        lines += ["| answers take | threads | seconds | requests |", "|---|---|---|---|"]
        for seconds in (0.0, 0.1):
            for threads in (1, 4):
                emulator.reset()
                bench.late(seconds)
                spent, asked = bench.by_sdk(threads)
                lines.append(f"| {seconds * 1000:.0f} ms | {threads} | {spent:.1f} | {asked} |")
        parts.append("\n".join(lines) + "\n")
        emulator.reset()
        parts.append(f"State of one window, against the empty provider's: {bench.state_ratio():.2f}x.\n")
    return "\n".join(parts)
