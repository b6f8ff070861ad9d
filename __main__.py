"""The demo: a database upgrade, the maintenance window that announces it, and an incident on the same page."""

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

# The change itself: it runs only once the window is announced.
orders = Database(
    "orders",
    path=config.require("database"),
    schema_version=config.require_int("schemaVersion"),
    opts=pulumi.ResourceOptions(depends_on=[window]),
)

statuspage.StatusPageIncident(
    "slow-reports",
    status_page_id=config.require("page"),
    name="Slow reports",
    message=config.get("incidentMessage") or "Reports take longer than usual. We are looking into it.",
    incident_status=config.get("incidentStatus") or "investigating",
    component_statuses={config.require("dashboardComponent"): "degraded_performance"},
)

pulumi.export("window", window.phase)
pulumi.export("schema", orders.schema_version)
