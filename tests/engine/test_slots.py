"""A weekly patch night in one resource, on a real engine: from one week to the next by the emulator's clock.

More weeks are in `tests/provider`, and two of them with what they cover in the story of `examples/next-slot`.
"""

from __future__ import annotations

import json

import pytest

from statuspage_provider import next_slot
from statuspage_provider.summary.report import report
from tests.support.job import Job

pytestmark = pytest.mark.engine

ANNOUNCE = "POST status_page_maintenances"


def previewed(job: Job) -> tuple[dict[str, int], str]:
    """What a preview counts, and the summary of it."""
    text = job.stack.run("preview", "--json").stdout
    return json.loads(text)["changeSummary"], report(text, job.now).text


def test_a_patch_night_that_is_over_is_followed_by_the_next_one(job: Job) -> None:
    rule = next_slot("22:00", weekdays="Tue", notice="24h")
    job.window(start_at=rule, time_zone="Europe/Berlin", repeat=True)
    counted, summary = previewed(job)
    assert counted == {"create": 2}
    assert f"Decided at pulumi up: it begins in the next free slot of “{rule}” in Europe/Berlin." in summary
    assert "Tue 3 Mar 2026, 21:00 UTC; a pulumi up after Mon 2 Mar 2026, 21:00 UTC takes a later one" in summary
    assert job.wrote() == []
    job.stack.up()
    assert job.wrote() == [ANNOUNCE]

    first = job.stack.resource("window")
    anchor = {"expression": rule, "start_at": "2026-03-03T21:00:00Z", "time_zone": "Europe/Berlin"}
    assert first["outputs"]["anchor"] == anchor
    # While it is open, neither a run nor a refresh changes anything.
    job.advance(days=2, hours=10)
    assert job.stack.up().changes == {"same": 1}
    job.stack.refresh()
    assert job.wrote() == []
    # Two hours later it is over: a preview says what comes, and the next run announces it.
    job.advance(hours=2)
    counted, summary = previewed(job)
    assert counted == {"replace": 1, "same": 1}
    assert "is over, so the next window is announced: as of now, that is Tue 10 Mar 2026, 21:00 to" in summary
    ran = job.stack.up()
    assert ran.changes == {"replace": 1}
    assert ran.tracebacks == []
    assert job.wrote() == [ANNOUNCE]
    second = job.stack.resource("window")
    assert second["id"] != first["id"]
    assert second["outputs"]["anchor"] == {**anchor, "start_at": "2026-03-10T21:00:00Z"}
    assert job.stack.up().changes == {"same": 1}
    assert job.wrote() == []

    history = [one["maintenance_status"].removeprefix("maintenance_") for one in job.windows()]
    assert sorted(history) == ["complete", "scheduled"]
    assert job.mails() == []


def test_a_rule_that_cannot_be_kept_is_refused_in_one_line(job: Job) -> None:
    job.window(start_at=next_slot("22:00", freeze=[("2026-01-01", "2030-01-01")]))
    refused = job.stack.preview(check=False)
    assert refused.tracebacks == []
    (line,) = [line for line in refused.errors if "has a problem" in line]
    assert "no slot is free in the two years from 2026-03-01T12:00:00Z: each one runs into a freeze" in line
    job.window(start_at=next_slot("22:00", weekdays="Tue", freeze=["2026-03-04"]), duration="1h")
    job.stack.up()
    job.window(duration="4h")
    refused = job.stack.preview(check=False)
    assert refused.tracebacks == []
    assert any(
        "duration: 4h from 2026-03-03T22:00:00Z runs into the freeze 2026-03-04" in one for one in refused.errors
    )
    assert job.wrote() == [ANNOUNCE]
