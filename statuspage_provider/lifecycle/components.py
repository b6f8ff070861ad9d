"""The statuses of components: what is declared, what the page shows, and what must be told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ..inputs import IncidentInputs, MaintenanceInputs
from ..remote import Incident, Maintenance
from ..statuses import ComponentStatuses


def declared_statuses(declared: MaintenanceInputs) -> dict[str, str]:
    """What is declared of each component. Any other is operational."""
    statuses = dict.fromkeys(declared.affected_component_ids, "under_maintenance")
    return statuses | by_component(declared.component_statuses)


def by_component(statuses: ComponentStatuses | None) -> dict[str, str]:
    return {item["component_id"]: item["component_status"] for item in statuses or []}


def as_list(statuses: Mapping[str, str]) -> ComponentStatuses | None:
    return [{"component_id": key, "component_status": statuses[key]} for key in sorted(statuses)] or None


def told_apart(old: Mapping[str, str], new: Mapping[str, str], shown: Mapping[str, str]) -> ComponentStatuses | None:
    """The statuses to be told: of each component that is or was declared, where the page shows another.

    What is not declared any more is operational. What a human added is theirs.
    """
    wanted = {key: new.get(key, "operational") for key in {**old, **new}}
    return as_list({key: status for key, status in wanted.items() if shown.get(key, "operational") != status})


def components_shown(declared: MaintenanceInputs, remote: Maintenance, now: datetime) -> dict[str, object]:
    """What the page shows of the components of a window that is not over, as if it had been declared.

    A window that has not begun shows those that it was announced with; of one that has begun, that cannot be told from
    what was told later, so what differs from what is declared stands in `component_statuses`.
    """
    affected, own, shown = declared.affected_component_ids, declared.component_statuses, remote.component_statuses
    if remote.phase == "complete":
        return {}
    if remote.phase == "scheduled" and shown:
        later = set(by_component(own)) - set(affected)
        held = {key for key, status in shown.items() if status == "under_maintenance" or key in affected}
        affected = sorted(held - later)
    usual = dict.fromkeys(affected, "under_maintenance")

    def unusual(statuses: Mapping[str, str]) -> dict[str, str]:
        return {key: told for key, told in statuses.items() if told != usual.get(key, "operational")}

    known = {key: told for key, told in shown.items() if told in ("operational", "under_maintenance")}
    if unusual({**usual, **by_component(own)}) != unusual(known):
        own = as_list(unusual(known))
    return {"affected_component_ids": affected, "component_statuses": own}


def impacts_shown(declared: IncidentInputs, remote: Incident, *, managed: bool) -> ComponentStatuses | None:
    """The component statuses of an incident that is not over, as if what it shows had been declared.

    Where none are declared they are left to others, unless the incident is `managed` as it is.
    """
    own = declared.component_statuses
    if remote.incident_status == "resolved" or (own is None and not managed):
        return own
    wanted = {key: status for key, status in by_component(own).items() if status != "operational"}
    return own if wanted == remote.component_statuses else as_list(remote.component_statuses)
