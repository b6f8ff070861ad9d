"""Closes what a run that was killed left open: `pulumi stack export | statuspage settle -`, a step that always runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from . import gate
from .errors import Refused
from .lifecycle import COMPLETED, STATUSES, Post
from .models import MaintenanceState
from .plugin import publish
from .services import MaintenanceService

MAINTENANCE = "pulumi-python:dynamic/statuspage:StatusPageMaintenance"


def windows(exported: Mapping[str, Any]) -> Iterator[tuple[str, MaintenanceState]]:
    """The windows of a stack's exported state: (id, what is recorded). Raises Refused for what is no such state."""
    deployment = exported.get("deployment") if isinstance(exported, Mapping) else None
    if not isinstance(deployment, Mapping):
        raise Refused("this is no exported stack: give what `pulumi stack export` prints")
    for resource in deployment.get("resources") or []:
        if resource.get("type") == MAINTENANCE and not resource.get("external"):
            yield str(resource["id"]), MaintenanceState.from_props(resource["outputs"])


def settle(exported: Mapping[str, Any], service: MaintenanceService, now: datetime) -> Iterator[str]:
    """Complete each window that was left open. One line for each that is completed.

    A window that has not begun by the clock, or that state says is complete, is not even read.
    """
    for id_, recorded in windows(exported):
        if recorded.phase == "complete" or (now < recorded.window[0] and recorded.phase == "scheduled"):
            continue
        remote = service.show_maintenance(id_)
        if remote is None or not gate.is_left_open(recorded, remote, (), now):
            continue
        message = recorded.declared.delete_message or COMPLETED
        mails = recorded.declared.notifies("complete")
        post = Post("complete", message, STATUSES["complete"], notify_subscribers=mails)
        publish(post, id_, remote.last_update_id, service.create_maintenance_update, service.show_maintenance)
        yield f"“{remote.name}” was left open and is complete now"
