"""A patch night every week in one resource, and patches that wait for it."""

import pulumi
from server import Server

import statuspage_provider as statuspage

config = pulumi.Config()

window = statuspage.StatusPageMaintenance(
    "patch-night",
    status_page_id=config.require("pageId"),
    name="Patch night",
    message="We are patching our servers. Requests may be slow.",
    start_at=statuspage.next_slot("22:00", weekdays="Tue", notice="24h", freeze=[("2026-12-18", "2027-01-06")]),
    duration="2h",
    time_zone="Europe/Berlin",
    affected_component_ids=[config.require("componentId")],
    repeat=True,
)

# Nobody uses a server that is new, so it waits for no window. Later patches are held until one is open.
live = config.get_bool("live")
server = Server(
    "server",
    database="server.sqlite",
    patch_level=config.require_int("patchLevel"),
    opts=window.covering(outside="hold") if live else None,
)

window.complete_after(server, message="All servers are patched.")

pulumi.export("patchNight", window.start_at)
pulumi.export("patchLevel", server.patch_level)
