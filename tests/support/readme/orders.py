"""The infrastructure of the README's program: a database whose version is upgraded in place."""

from typing import Any

from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult


class DatabaseProvider(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult("orders", props)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=olds["version"] != news["version"])

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        return UpdateResult(news)


class Database(Resource, name="Database"):
    def __init__(self, name: str, *, version: str, opts: Any = None) -> None:
        super().__init__(DatabaseProvider(), name, {"version": version}, opts)
