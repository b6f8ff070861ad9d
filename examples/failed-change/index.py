"""An index on the customers of an SQLite database. It fails for a column that is not there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider


class Index(Resource, module="example", name="Index"):
    def __init__(
        self, resource_name: str, *, database: str, column: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(IndexProvider(), resource_name, {"database": database, "column": column}, opts)


class IndexProvider(ResourceProvider):
    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        changed = [key for key in ("database", "column") if _olds[key] != _news[key]]
        return DiffResult(changes=bool(changed), replaces=changed)

    def create(self, props: dict[str, Any]) -> CreateResult:
        column = props["column"]
        with closing(sqlite3.connect(props["database"])) as database, database:
            database.execute("create table if not exists customers (id integer primary key, name text, email text)")
            database.execute(f"create index customers_by_{column} on customers ({column})")
        return CreateResult(f"customers_by_{column}", {"database": props["database"], "column": column})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        with closing(sqlite3.connect(_props["database"])) as database, database:
            database.execute(f"drop index if exists {_id}")
