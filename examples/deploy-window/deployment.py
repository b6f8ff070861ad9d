"""Stands for a deployment: an SQLite table that tells which version went live."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


class Deployment(Resource, module="example", name="Deployment"):
    version: pulumi.Output[str]

    def __init__(
        self, resource_name: str, *, database: str, version: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(DeploymentProvider(), resource_name, {"database": database, "version": version}, opts)


class DeploymentProvider(ResourceProvider):
    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=any(_olds[key] != _news[key] for key in ("database", "version")))

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult("live", _deployed(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(_deployed(_news))


def _deployed(props: dict[str, Any]) -> dict[str, Any]:
    with closing(sqlite3.connect(props["database"])) as database, database:
        database.execute("create table if not exists live (id integer primary key, version text not null)")
        database.execute("insert into live (version) values (?)", (props["version"],))
    return {"database": props["database"], "version": props["version"]}
