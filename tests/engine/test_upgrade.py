"""State that an earlier version wrote is read by this one, and an upgrade posts nothing.

`golden/` holds, for each released version, a stack's state and the program's declarations. To add this version's:
`python -m tests.engine.test_upgrade`.
"""

from __future__ import annotations

import json
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from statuspage_provider.emulator import Emulator
from tests.support.job import NOON, PROGRAM, Job
from tests.support.stack import Stack

pytestmark = pytest.mark.engine

GOLDEN = Path(__file__).parent / "golden"


def declare(job: Job) -> None:
    """One resource of each shape that state can have."""
    page, api = job.emulator.page_id, job.emulator.components["API"]
    window = {"status_page_id": page, "name": "N", "message": "M", "affected_component_ids": [api]}
    job.declared = {
        "StatusPageMaintenance": {
            "plain": {**window, "start_at": "2026-03-02T14:00:00Z", "end_at": "2026-03-02T15:00:00Z"},
            "zoned": {**window, "start_at": "2026-03-02 14:00", "time_zone": "Europe/Berlin", "duration": "90m"},
            "relative": {**window, "start_at": "+15m", "duration": "2h", "triggers": ["v1", 2]},
            "mailed": {
                **window,
                "start_at": "now",
                "duration": "30m",
                "notify_subscribers": True,
                "on_delete": "complete",
                "delete_message": "Bye.",
            },
            "told": {
                **window,
                "start_at": "2026-03-02T14:00:00Z",
                "duration": "1h",
                "notify_subscribers": ["scheduled", "update"],
                "component_statuses": {api: "operational"},
            },
        },
        "StatusPageIncident": {
            "open": {"status_page_id": page, "name": "N", "message": "M", "component_statuses": {api: "full_outage"}},
            "resolved": {"status_page_id": page, "name": "N", "message": "M", "incident_status": "resolved"},
            "elsewhere": {
                "service": "statuspage.me",
                "component_id": job.emulator.statuspage_me_components["API"],
                "name": "N",
                "message": "M",
                "on_delete": "delete",
            },
        },
        "StatusPageRetrospectiveIncident": {
            "past": {
                "status_page_id": page,
                "name": "N",
                "time_zone": "Europe/Berlin",
                "updates": [
                    {"incident_status": "investigating", "message": "M", "published_at": "2025-11-03 09:12"},
                    {"incident_status": "resolved", "message": "M", "published_at": "2025-11-03T10:40:00Z"},
                ],
            }
        },
    }
    job.save()


@pytest.mark.parametrize("kept", sorted(path.name for path in GOLDEN.iterdir()))
def test_state_of_an_earlier_version_is_read_and_an_upgrade_posts_nothing(job: Job, kept: str) -> None:
    declared = json.loads((GOLDEN / kept / "declared.json").read_text())
    job.declared = declared
    job.save()
    job.stack.run("stack", "import", stdin=(GOLDEN / kept / "state.json").read_text())
    count = sum(len(resources) for resources in declared.values())
    job.advance(days=700)
    assert job.stack.up().changes == {"same": count}
    assert job.asked() == []
    # An edit is carried as far as the service: the page of this test has none of these objects.
    declared["StatusPageIncident"]["open"]["message"] = "Other text."
    job.save()
    result = job.stack.up(check=False)
    assert any("Refused: “N” is no longer on the page" in line for line in result.errors)
    job.stack.destroy()
    assert [line for line in job.wrote() if line.startswith("POST")] == []


def test_this_versions_state_is_kept() -> None:
    assert (GOLDEN / version("statuspage-provider")).is_dir()


def main() -> None:
    emulator = Emulator()
    with tempfile.TemporaryDirectory() as folder, emulator.serve(0) as server:
        stack = Stack(Path(folder) / "project", program=PROGRAM)
        stack.init()
        job = Job(stack, emulator, server.url)
        job.at(NOON)
        declare(job)
        stack.up()
        kept = GOLDEN / version("statuspage-provider")
        kept.mkdir(parents=True, exist_ok=True)
        (kept / "declared.json").write_text(json.dumps(job.declared, indent=1) + "\n")
        exported = without_places(json.loads(stack.run("stack", "export").stdout))
        (kept / "state.json").write_text(json.dumps(exported, indent=1) + "\n")


def without_places(value: Any) -> Any:
    """State without the paths of the machine that wrote it."""
    if isinstance(value, dict):
        return {key: without_places(item) for key, item in value.items() if key not in ("sourcePosition", "stackTrace")}
    return [without_places(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
