"""Three databases upgraded in one maintenance window, and held until it opens."""

import pulumi
from database import Database, Shop

import statuspage_provider as statuspage

config = pulumi.Config()
version = config.require_int("schemaVersion")

window = statuspage.StatusPageMaintenance(
    "upgrade",
    status_page_id=config.require("pageId"),
    name="Database upgrade",
    message="We are upgrading our databases. Orders and reports may be slow.",
    start_at=config.require("startAt"),
    duration="2h",
    affected_component_ids=config.require_object("componentIds"),
    triggers=[version],
)

# Before the window a run stays green, and each database keeps the schema it has.
shop = Shop("shop", schema_version=version, opts=window.covering(outside="hold"))
reports = Database("reports", path="reports.sqlite", schema_version=version, opts=window.covering(outside="hold"))

# A component has settled when all that is in it has.
window.complete_after(shop, reports, message="All databases are upgraded.")

pulumi.export("schemas", [shop.orders.schema_version, shop.customers.schema_version, reports.schema_version])
