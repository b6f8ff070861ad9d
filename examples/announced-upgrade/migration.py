"""Statements that run once on an SQLite database, all of them or none."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider


class Migration(Resource, module="example", name="Migration"):
    def __init__(
        self,
        resource_name: str,
        *,
        database: str,
        statements: Sequence[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(MigrationProvider(), resource_name, {"database": database, "statements": statements}, opts)


class MigrationProvider(ResourceProvider):
    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        changed = [key for key in ("database", "statements") if _olds[key] != _news[key]]
        return DiffResult(changes=bool(changed), replaces=changed)

    def create(self, props: dict[str, Any]) -> CreateResult:
        # Closed before its commit, a transaction is undone.
        with closing(sqlite3.connect(props["database"], isolation_level=None)) as database:
            database.execute("begin")
            for statement in props["statements"]:
                database.execute(statement)
            database.execute("commit")
        return CreateResult(props["database"], {key: props[key] for key in ("database", "statements")})
