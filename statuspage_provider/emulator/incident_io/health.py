"""How each component of a page is doing now: the worst of all that goes on."""

from __future__ import annotations

from collections.abc import Iterable

from .objects import IMPACTS, OPERATIONAL, UNDER_MAINTENANCE, Incident, Maintenance

BY_WEIGHT = (OPERATIONAL, UNDER_MAINTENANCE, *IMPACTS)


def present_statuses(incidents: Iterable[Incident], in_progress: Iterable[Maintenance]) -> dict[str, str]:
    """Component statuses by id, from open incidents and windows in progress. Who is in neither is left out."""
    statuses = {key: UNDER_MAINTENANCE for window in in_progress for key in window.held_ids()}
    for incident in incidents:
        for impact in incident.open_impacts():
            before = statuses.get(impact.component_id, OPERATIONAL)
            statuses[impact.component_id] = max(before, impact.component_status, key=BY_WEIGHT.index)
    return statuses
