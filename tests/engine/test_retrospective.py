"""Past incidents on a real engine: a whole history in one `up`, all of it there once, at the service's pace.

Four hundred of them are in `tests/provider`, on the page's own clock, and in `make bench`, in real time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from statuspage_provider.emulator import Emulator
from tests.support.job import NOON, Job
from tests.support.stack import Stack

pytestmark = pytest.mark.engine

COUNT = 40
BURST = 300
LEFT = 30
"""How much of the burst another run has left."""

PROGRAM = """
from datetime import datetime, timedelta, timezone

import statuspage_provider as statuspage

FIRST = datetime(2024, 1, 1, tzinfo=timezone.utc)
for number in range({count}):
    begun = FIRST + timedelta(days=number)
    statuspage.StatusPageRetrospectiveIncident(
        f"past-{{number}}",
        status_page_id="{page}",
        name=f"Outage {{number}}",
        updates=[
            {{
                "incident_status": "investigating",
                "message": "We look.",
                "published_at": begun,
                "component_statuses": {{"{api}": "partial_outage"}},
            }},
            {{"incident_status": "resolved", "message": "{fixed}", "published_at": begun + timedelta(hours=1)}},
        ],
    )
"""


class History:
    """A stack of past incidents, and a page whose clock stands still until a request was refused."""

    def __init__(self, stack: Stack, emulator: Emulator) -> None:
        self.stack, self.emulator = stack, emulator

    def leave(self, left: int) -> None:
        """Use up the burst, but for this much. A request that is refused for its body counts too."""
        headers = {"Authorization": "Bearer emulator-write"}
        here = httpx.WSGITransport(app=self.emulator.app)
        with httpx.Client(base_url="http://emulator", transport=here, headers=headers) as client:
            for _ in range(BURST - left):
                assert client.post("/v2/status_page_retrospective_incidents", json={}).status_code == 422
        self.emulator.clear_requests()

    def declare(self, count: int, fixed: str = "Fixed.") -> None:
        page, api = self.emulator.page_id, self.emulator.components["API"]
        self.stack.write(PROGRAM.format(count=count, page=page, api=api, fixed=fixed))

    def posts(self) -> list[int]:
        """The answers to every publication so far, in order."""
        log = self.emulator.requests
        return [item["status"] for item in log if item["method"] == "POST"]

    def shown(self) -> list[Any]:
        world = self.emulator._world
        with world.store.lock:
            return list(world.incident_io.incidents.values())


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    emulator = Emulator(now=lambda: NOON)
    stack = Stack(tmp_path / "project")
    history = History(stack, emulator)
    ended = threading.Event()

    def tick() -> None:
        # Whoever is refused waits a second, and so the page's clock is a second on.
        refused = 0
        while not ended.wait(0.05):
            if history.posts().count(429) > refused:
                refused = history.posts().count(429)
                emulator.advance(1)

    with emulator.serve(0) as server:
        stack.env |= {
            "INCIDENT_ENDPOINT": server.url,
            "INCIDENT_API_KEY": "emulator-write",
            "STATUSPAGE_NOW": f"{NOON:%Y-%m-%dT%H:%M:%SZ}",
        }
        ticking = threading.Thread(target=tick, daemon=True)
        ticking.start()
        yield history
        ended.set()
        ticking.join()


def test_past_incidents_beyond_the_burst_wait_for_their_turn_and_are_all_there_once(history: History) -> None:
    history.declare(COUNT)
    history.stack.init()
    assert history.stack.preview().changes == {"create": COUNT}
    assert history.emulator.requests == []

    history.leave(LEFT)
    assert history.stack.up().changes == {"create": COUNT}
    posts = history.posts()
    assert posts[:LEFT] == [201] * LEFT
    assert posts.count(201) == COUNT
    assert posts.count(429) > 0
    shown = history.shown()
    assert sorted(one.name for one in shown) == sorted(f"Outage {number}" for number in range(COUNT))
    assert all([update.status for update in one.updates] == ["investigating", "resolved"] for one in shown)
    begun = {one.name: one.published_at for one in shown}
    assert begun["Outage 7"] - begun["Outage 6"] == timedelta(days=1)
    assert history.emulator.notices == []

    history.emulator.clear_requests()
    assert history.stack.up().changes == {"same": COUNT}
    assert history.emulator.requests == []
    assert history.stack.destroy().changes == {"delete": COUNT}
    assert history.emulator.requests == []
    assert len(history.shown()) == COUNT


def test_a_killed_run_is_gone_on_with_where_it_ended(history: History) -> None:
    history.declare(24)
    history.stack.init()
    with history.stack.start_up() as running:
        while len(history.posts()) < 10:
            assert running.popen.poll() is None
            threading.Event().wait(0.01)
        running.kill()
    history.stack.unlock()
    history.stack.up()
    assert sorted(one.name for one in history.shown()) == sorted(f"Outage {number}" for number in range(24))


def test_an_edit_is_shown_recorded_and_changes_nothing_on_the_page(history: History) -> None:
    history.declare(1)
    history.stack.init()
    history.stack.up()
    history.declare(1, fixed="A typo was here.")
    (step,) = [step for step in history.stack.preview_json()["steps"] if step["op"] == "update"]
    assert list(step["detailedDiff"]) == ["updates[1].message"]
    history.emulator.clear_requests()
    result = history.stack.up()
    assert result.changes == {"update": 1}
    assert "“Outage 0” is past: updates recorded only; the page stays as it is" in result.output
    assert history.emulator.requests == []
    assert history.stack.up().changes == {"same": 1}
    assert history.stack.refresh().changes == {"same": 1}
    assert history.stack.preview().changes == {"same": 1}


def test_a_wrong_timeline_fails_the_preview_with_a_line_for_each_fault(job: Job) -> None:
    updates = [
        {"incident_status": "monitoring", "message": "It holds.", "published_at": "yesterday"},
        {"incident_status": "resolved", "published_at": "2025-01-01T00:00:00Z"},
    ]
    declared = {"status_page_id": job.emulator.page_id, "name": "Old", "updates": updates}
    job.declared["StatusPageRetrospectiveIncident"] = {"past": declared}
    job.save()
    result = job.stack.preview(check=False)
    assert result.code
    (time,) = [line for line in result.errors if "updates[0].published_at" in line]
    assert '"yesterday" is not a time: write it like' in time
    (message,) = [line for line in result.errors if "updates[1].message" in line]
    assert "is missing: set it" in message
    assert result.tracebacks == []
    assert job.asked() == []
