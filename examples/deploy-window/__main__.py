"""A short maintenance window for every release, from its beginning to its true end."""

import pulumi
from deployment import Deployment

import statuspage_provider as statuspage

config = pulumi.Config()
version = config.require("version")

window = statuspage.StatusPageMaintenance(
    "release",
    status_page_id=config.require("pageId"),
    name=f"Release {version}",
    message=f"We are deploying {version}. Requests may be slow for a few minutes.",
    start_at="now",
    duration="15m",
    affected_component_ids=[config.require("componentId")],
    triggers=[version],
)

api = Deployment("api", database="deployments.sqlite", version=version, opts=window.covering())

window.complete_after(api, message=f"{version} is live.")

pulumi.export("live", api.version)
