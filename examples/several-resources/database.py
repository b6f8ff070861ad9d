"""SQLite databases whose schema is brought to a version, and a component made of two of them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

UPGRADES = (
    "create table items (id integer primary key, name text not null)",
    "alter table items add column changed_at text",
    "create index items_by_name on items (name)",
)


class Database(Resource, module="example", name="Database"):
    schema_version: pulumi.Output[int]

    def __init__(
        self, resource_name: str, *, path: str, schema_version: int, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(DatabaseProvider(), resource_name, {"path": path, "schema_version": schema_version}, opts)


class Shop(pulumi.ComponentResource):
    """Two databases. A window that is given to it covers both."""

    def __init__(
        self,
        resource_name: str,
        *,
        schema_version: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("example:index:Shop", resource_name, None, opts)
        self.orders, self.customers = (
            Database(
                f"{resource_name}-{name}",
                path=f"{name}.sqlite",
                schema_version=schema_version,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for name in ("orders", "customers")
        )
        self.register_outputs({})


class DatabaseProvider(ResourceProvider):
    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=_olds["schema_version"] != _news["schema_version"])

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(props["path"], _upgraded(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(_upgraded(_news))


def _upgraded(props: dict[str, Any]) -> dict[str, Any]:
    with closing(sqlite3.connect(props["path"])) as database, database:
        (version,) = database.execute("pragma user_version").fetchone()
        for number in range(version, int(props["schema_version"])):
            database.execute(UPGRADES[number])
            database.execute(f"pragma user_version = {number + 1}")
    return {"path": props["path"], "schema_version": int(props["schema_version"])}
