"""Queues and a dashboard, each kept as a small JSON file, and a component made of two queues."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


class FileProvider(ResourceProvider):
    serialize_as_secret_always = False

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=_olds["retention_days"] != _news["retention_days"])

    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(props["path"], _written(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(_written(_news))


class Queue(Resource, module="example", name="Queue"):
    def __init__(self, resource_name: str, *, retention_days: int, opts: pulumi.ResourceOptions | None = None) -> None:
        props = {"path": f"{resource_name}.json", "retention_days": retention_days}
        super().__init__(FileProvider(), resource_name, props, opts)


class Dashboard(Resource, module="example", name="Dashboard"):
    def __init__(self, resource_name: str, *, retention_days: int, opts: pulumi.ResourceOptions | None = None) -> None:
        props = {"path": f"{resource_name}.json", "retention_days": retention_days}
        super().__init__(FileProvider(), resource_name, props, opts)


class Shop(pulumi.ComponentResource):
    """Two queues. It knows nothing of windows."""

    def __init__(self, resource_name: str, *, retention_days: int, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("example:index:Shop", resource_name, None, opts)
        for name in ("orders", "payments"):
            inside = pulumi.ResourceOptions(parent=self)
            Queue(f"{resource_name}-{name}", retention_days=retention_days, opts=inside)
        self.register_outputs({})


def _written(props: dict[str, Any]) -> dict[str, Any]:
    settings = {"retention_days": int(props["retention_days"])}
    Path(props["path"]).write_text(json.dumps(settings))
    return {"path": props["path"], **settings}
