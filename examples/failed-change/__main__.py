"""A change that fails in its window is told to the page as an incident. The next run closes the window."""

import pulumi
from index import Index

import statuspage_provider as statuspage

config = pulumi.Config()

window = statuspage.StatusPageMaintenance(
    "customers-index",
    status_page_id=config.require("pageId"),
    name="Faster customer search",
    message="We are adding an index to the customers database. Searches may be slow.",
    start_at="now",
    duration="1h",
    affected_component_ids=[config.require("componentId")],
)

index = Index(
    "customers-by-email",
    database="customers.sqlite",
    column=config.require("column"),
    opts=window.covering(
        on_failure="incident",
        failure_message="The index could not be added. Searches stay slow while we look into it.",
    ),
)

window.complete_after(index, message="The index is there: searches are fast.")
