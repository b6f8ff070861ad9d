"""A schema upgrade that is announced days ahead and runs only in its window."""

import pulumi
from migration import Migration

import statuspage_provider as statuspage

config = pulumi.Config()

window = statuspage.StatusPageMaintenance(
    "orders-upgrade",
    status_page_id=config.require("pageId"),
    name="Orders database upgrade",
    message="We are upgrading the orders database. Orders can be read; new ones wait a few minutes.",
    start_at=config.require("startAt"),
    end_at=config.require("endAt"),
    affected_component_ids=[config.require("componentId")],
)

# Not covered: it runs whenever it is new.
create_orders = Migration(
    "create-orders",
    database="orders.sqlite",
    statements=["create table orders (id integer primary key, customer text not null, cents integer not null)"],
)

# Covered: outside the window it fails, and nothing is changed.
add_currency = Migration(
    "add-currency",
    database="orders.sqlite",
    statements=[
        "alter table orders add column currency text not null default 'EUR'",
        "create index orders_by_customer on orders (customer)",
    ],
    opts=window.covering(pulumi.ResourceOptions(depends_on=[create_orders]), outside="fail"),
)

window.complete_after(add_currency, message="The orders database is upgraded.")
