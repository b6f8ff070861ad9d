"""A table of a SQLite database. Deleting the resource drops the table."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider


class TableProvider(ResourceProvider):
    serialize_as_secret_always = False

    def create(self, props: dict[str, Any]) -> CreateResult:
        _run(props["database"], f'create table "{props["table"]}" (id integer primary key)')
        return CreateResult(props["table"], props)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        _run(_props["database"], f'drop table "{_props["table"]}"')


class Table(Resource, module="example", name="Table"):
    def __init__(self, resource_name: str, *, database: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(TableProvider(), resource_name, {"table": resource_name, "database": database}, opts)


def _run(path: str, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement)
