"""Every queue of a program under one maintenance window, by a single call."""

import pulumi
from queues import Dashboard, Queue, Shop

import statuspage_provider as statuspage

config = pulumi.Config()
retention = config.require_int("retentionDays")

window = statuspage.StatusPageMaintenance(
    "queues",
    status_page_id=config.require("pageId"),
    name="Queue maintenance",
    message="Orders are taken all the time; confirmations may come a few minutes later.",
    start_at=config.require("startAt"),
    duration="1h",
    affected_component_ids=[config.require("componentId")],
)

# Everything of this type that is declared from here on, in components too. What is of another type is left alone.
window.cover_stack(types=["pulumi-python:dynamic/example:Queue"])

Shop("shop", retention_days=retention)
Queue("mails", retention_days=retention)
Dashboard("dashboard", retention_days=retention)

# All that the window covers.
window.complete_after(message="All queues are changed.")
