"""The change that the demo covers: a real schema upgrade of a small SQLite database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
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


class Database(pulumi.ComponentResource):
    """A database and its replica, both at `version`: the change of one thing is the change of two resources."""

    def __init__(
        self, resource_name: str, *, path: str, version: int, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("demo:index:Database", resource_name, None, opts)
        primary = Schema(
            f"{resource_name}-primary", path=path, version=version, opts=pulumi.ResourceOptions(parent=self)
        )
        # The replica follows: its schema is changed once that of the primary is.
        after = pulumi.ResourceOptions(parent=self, depends_on=[primary])
        Schema(f"{resource_name}-replica", path=f"{path}.replica", version=version, opts=after)
        self.version = primary.version
        self.register_outputs({"version": self.version})


class Schema(Resource, module="demo", name="Schema"):
    """The schema of the SQLite database at `path`, at `version`. Removing it leaves the database as it is."""

    version: pulumi.Output[int]

    def __init__(
        self, resource_name: str, *, path: str, version: int, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(SchemaProvider(), resource_name, {"path": path, "version": version}, opts)


class SchemaProvider(ResourceProvider):
    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        moved = ["path"] if _olds["path"] != _news["path"] else []
        changed = bool(moved) or _olds["version"] != _news["version"]
        return DiffResult(changes=None if changed else False, replaces=moved)

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(str(props["path"]), self._upgraded(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(self._upgraded(_news))

    def _upgraded(self, props: dict[str, Any]) -> dict[str, Any]:
        version = int(props["version"])
        upgrade(props["path"], version)
        return {"path": props["path"], "version": version}


def upgrade(path: str, version: int) -> None:
    """Bring the database up to `version`; it is made if there is none."""
    with _open(path) as database:
        (present,) = database.execute("pragma user_version").fetchone()
        for step in range(present, version):
            for statement in UPGRADES[step]:
                database.execute(statement)
            database.execute(f"pragma user_version = {step + 1}")


@contextmanager
def _open(path: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path)) as database, database:
        yield database
