"""The demo: a database upgrade that runs only in its maintenance window, and the incident that made it necessary."""

from typing import cast

import pulumi

import statuspage_provider as statuspage
from demo.database import Database

config = pulumi.Config()

window = statuspage.StatusPageMaintenance(
    "orders-upgrade",
    status_page_id=config.require("page"),
    name="Orders database upgrade",
    message="We are upgrading the orders database. Orders can be **read** all the time; new ones wait a few minutes.",
    start_at=config.require("startAt"),
    duration="1h30m",
    affected_component_ids=[config.require("databaseComponent")],
    notify_subscribers=True,
)

# The change itself, of all that is in a component: outside the window it is refused, or held.
orders = Database(
    "orders",
    path=config.require("database"),
    version=config.require_int("schemaVersion"),
    opts=window.covering(outside=cast(statuspage.Outside, config.get("outside") or "fail")),
)
window.complete_after(orders, message="The orders database is upgraded.")

statuspage.StatusPageIncident(
    "slow-reports",
    status_page_id=config.require("page"),
    name="Slow reports",
    message=config.get("incidentMessage") or "Reports take longer than usual. The coming upgrade will fix that.",
    incident_status=cast(statuspage.IncidentStatus, config.get("incidentStatus") or "identified"),
    component_statuses={config.require("dashboardComponent"): "degraded_performance"},
)

pulumi.export("schema", orders.version)
