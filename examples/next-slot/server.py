"""Stands for a server that is patched: an SQLite table that tells which patches were applied."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


class Server(Resource, module="example", name="Server"):
    patch_level: pulumi.Output[int]

    def __init__(
        self, resource_name: str, *, database: str, patch_level: int, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(ServerProvider(), resource_name, {"database": database, "patch_level": patch_level}, opts)


class ServerProvider(ResourceProvider):
    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=_olds["patch_level"] != _news["patch_level"])

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult("server", _patched(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(_patched(_news))


def _patched(props: dict[str, Any]) -> dict[str, Any]:
    with closing(sqlite3.connect(props["database"])) as database, database:
        database.execute("create table if not exists patches (level integer primary key)")
        database.execute("insert into patches (level) values (?)", (int(props["patch_level"]),))
    return {"database": props["database"], "patch_level": int(props["patch_level"])}
