"""What type checkers take of a program, what they know of its outputs, and what they refuse. It is checked, not run."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, cast

import pulumi
from typing_extensions import assert_type

import statuspage_provider as statuspage
from statuspage_provider import testing

START = datetime(2027, 3, 6, 22, tzinfo=timezone.utc)


def outputs_of_a_window(window: statuspage.StatusPageMaintenance) -> None:
    assert_type(window.id, pulumi.Output[str])
    assert_type(window.start_at, pulumi.Output[str])
    assert_type(window.duration, pulumi.Output[str | None])
    assert_type(window.time_zone, pulumi.Output[str | None])
    assert_type(window.generation, pulumi.Output[int])
    assert_type(window.phase, pulumi.Output[statuspage.Phase])
    assert_type(window.on_delete, pulumi.Output[statuspage.MaintenanceOnDelete])
    assert_type(window.service, pulumi.Output[statuspage.Service])
    assert_type(window.notify_subscribers, pulumi.Output[bool | Sequence[statuspage.MaintenanceEvent]])
    assert_type(window.component_statuses, pulumi.Output[Sequence[Mapping[str, str]] | None])
    assert_type(window.component_maintenance_periods, pulumi.Output[Sequence[Mapping[str, str]]])
    assert_type(window.notices, pulumi.Output[Sequence[Mapping[str, Any]]])


def outputs_of_an_incident(incident: statuspage.StatusPageIncident) -> None:
    assert_type(incident.incident_status, pulumi.Output[statuspage.IncidentStatus])
    assert_type(incident.phase, pulumi.Output[statuspage.IncidentStatus])
    assert_type(incident.component_statuses, pulumi.Output[Sequence[Mapping[str, str]] | None])
    assert_type(incident.component_impacts, pulumi.Output[Sequence[Mapping[str, str]]])


def outputs_of_a_past_incident(past: statuspage.StatusPageRetrospectiveIncident) -> None:
    assert_type(past.updates, pulumi.Output[Sequence[Mapping[str, Any]]])
    assert_type(past.phase, pulumi.Output[statuspage.IncidentStatus])


def accepted(
    page: statuspage.StatusPage,
    text: pulumi.Output[str],
    start: pulumi.Output[datetime],
    later: Awaitable[datetime],
    length: pulumi.Output[timedelta],
    ids: pulumi.Output[list[str]],
    config: pulumi.Config,
) -> None:
    """A value, an output of it, or what is awaited, wherever the program may give one."""
    component = page.component("EU / Database").id
    window = statuspage.StatusPageMaintenance(
        "window",
        status_page_id=page.id,
        name=text,
        message=pulumi.Output.format("{0} is upgraded.", text),
        start_at=start,
        duration=length,
        affected_component_ids=ids,
        component_statuses={component: "under_maintenance"},
        notify_subscribers={"scheduled", "complete"},
        on_delete="complete",
    )
    statuspage.StatusPageMaintenance(
        "times",
        status_page_id=page.id,
        name="Upgrade",
        message="We upgrade.",
        start_at=later,
        end_at=START + timedelta(hours=2),
        affected_component_ids={component, text},
        component_statuses=[{"component_id": component, "component_status": "operational"}],
        notify_subscribers=["scheduled"],
        maintenance_status=cast(statuspage.MaintenanceStatus, config.get("status") or "maintenance_scheduled"),
        triggers=[1, text],
        service=cast(statuspage.Service, config.get("service") or "incident.io"),
    )
    statuspage.StatusPageIncident(
        "incident",
        status_page_id=text,
        name="Slow",
        message=text,
        incident_status=cast(statuspage.IncidentStatus, config.get("incidentStatus") or "identified"),
        component_statuses={component: "degraded_performance"},
    )
    statuspage.StatusPageRetrospectiveIncident(
        "past",
        status_page_id=page.id,
        name="Slow",
        updates=[{"incident_status": "resolved", "message": "Fixed.", "published_at": start}],
    )
    window.covering(outside=cast(statuspage.Outside, config.get("outside") or "fail"), extend_up_to=timedelta(hours=1))
    window.guard_deletions("wait")
    statuspage.get_status_page(name="Acme", service="statuspage.me")


def refused(window: statuspage.StatusPageMaintenance, config: pulumi.Config) -> None:
    """What a run would refuse too."""
    window.covering(outside=config.get("outside") or "fail")  # type: ignore[arg-type]
    window.covering(on_failure="ignore")  # type: ignore[arg-type]
    window.guard_deletions(outside="hold")  # type: ignore[arg-type]
    window.generation.apply(lambda number: number.upper())  # type: ignore[attr-defined]
    statuspage.get_status_page(service="other")  # type: ignore[arg-type]
    statuspage.StatusPageMaintenance(
        "window",
        status_page_id="page",
        name="Upgrade",
        message="We upgrade.",
        start_at=5,  # type: ignore[arg-type]
        duration=90,  # type: ignore[arg-type]
        component_statuses={"db": "degraded_performance"},  # type: ignore[dict-item]
        notify_subscribers="all",  # type: ignore[arg-type]
        on_delete="resolve",  # type: ignore[arg-type]
        maintenance_status="complete",  # type: ignore[arg-type]
    )
    statuspage.StatusPageIncident(
        "incident",
        status_page_id="page",
        name="Slow",
        message="It is slow.",
        incident_status="open",  # type: ignore[arg-type]
        component_statuses={"db": "under_maintenance"},  # type: ignore[dict-item]
        on_delete="complete",  # type: ignore[arg-type]
    )


def tested(program: dict[str, pulumi.Resource], window: statuspage.StatusPageMaintenance) -> None:
    mocks = testing.Mocks()
    assert_type(mocks.run(lambda: program), dict[str, pulumi.Resource])
    assert_type(mocks.notices, tuple[testing.Notice, ...])
    testing.assert_covered(program["database"], window)
    testing.assert_covered("database", window)  # type: ignore[arg-type]
