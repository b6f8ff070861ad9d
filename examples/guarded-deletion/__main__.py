"""Tables that are only dropped inside a maintenance window."""

import pulumi
from tables import Table

import statuspage_provider as statuspage

config = pulumi.Config()

window = statuspage.StatusPageMaintenance(
    "clean-up",
    status_page_id=config.require("pageId"),
    name="Database clean-up",
    message="We are removing data that nobody uses any more. Reports may be slow.",
    start_at=config.require("startAt"),
    duration="1h",
    affected_component_ids=[config.require("componentId")],
)

# Before anything is covered: from the next run on, state knows that a deletion asks the window first.
window.guard_deletions()

# A table that is taken out of this list is dropped, once the window is open.
for name in config.require_object("tables"):
    Table(name, database="orders.sqlite", opts=window.covering(outside="warn"))

window.complete_after(message="The clean-up is done.")
