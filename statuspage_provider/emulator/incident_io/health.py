"""How each component of a page is doing at this moment: the worst of what it is in."""

from __future__ import annotations

from collections.abc import Iterable

from .objects import IMPACTS, Incident, Maintenance

BY_WEIGHT = ("operational", "under_maintenance", *IMPACTS)


def present_statuses(incidents: Iterable[Incident], in_progress: Iterable[Maintenance]) -> dict[str, str]:
    """By component id, of open incidents and of windows in progress; a component in nothing is not listed."""
    statuses = {held.component_id: "under_maintenance" for window in in_progress for held in window.held()}
    for incident in incidents:
        for impact in incident.open_impacts():
            before = statuses.get(impact.component_id, "operational")
            statuses[impact.component_id] = max(before, impact.component_status, key=BY_WEIGHT.index)
    return statuses
