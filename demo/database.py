"""The change that the demo announces: a real schema upgrade of a small SQLite database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

UPGRADES = (
    (
        "create table orders (id integer primary key, customer text not null, cents integer not null)",
        "insert into orders (customer, cents) values ('Ada', 1250), ('Grace', 4900), ('Edsger', 75)",
    ),
    (
        "alter table orders add column currency text not null default 'EUR'",
        "create index orders_by_customer on orders (customer)",
    ),
    ("alter table orders add column placed_at text",),
)
"""The statements of each schema version, from version 1 on."""


class Database(Resource, module="demo", name="Database"):
    """An SQLite database whose schema is at `schema_version`."""

    schema_version: pulumi.Output[int]

    def __init__(
        self, resource_name: str, *, path: str, schema_version: int, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        props = {"path": path, "schema_version": schema_version}
        super().__init__(DatabaseProvider(), resource_name, props, opts)


class DatabaseProvider(ResourceProvider):
    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        moved = ["path"] if _olds["path"] != _news["path"] else []
        changed = bool(moved) or _olds["schema_version"] != _news["schema_version"]
        return DiffResult(changes=None if changed else False, replaces=moved)

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(str(props["path"]), _upgraded(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(_upgraded(_news))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        Path(_props["path"]).unlink(missing_ok=True)


def _upgraded(props: dict[str, Any]) -> dict[str, Any]:
    target = int(props["schema_version"])
    with _open(props["path"]) as database:
        (version,) = database.execute("pragma user_version").fetchone()
        for step in range(version, target):
            for statement in UPGRADES[step]:
                database.execute(statement)
            database.execute(f"pragma user_version = {step + 1}")
    return {"path": props["path"], "schema_version": target}


@contextmanager
def _open(path: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as database, database:
        yield database
