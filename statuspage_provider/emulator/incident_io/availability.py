"""How much of a time a component was up. Outages count as down; degraded performance and maintenance do not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from .objects import Impact

DOWN = ("partial_outage", "full_outage")


def availability_percent(impacts: Iterable[Impact], start: datetime, end: datetime) -> str | None:
    """The percentage with two decimals, rounded down. None if nothing is known about that time."""
    if end <= start:
        return None
    down, counted_to = timedelta(0), start
    for impact in sorted(impacts, key=lambda impact: impact.start_at):
        if impact.component_status not in DOWN:
            continue
        ends = min(impact.end_at or end, end)
        begins = max(impact.start_at, counted_to)
        if ends > begins:
            down += ends - begins
            counted_to = ends
    hundredths = 10_000 * (end - start - down) // (end - start)
    return f"{hundredths // 100}.{hundredths % 100:02}"
