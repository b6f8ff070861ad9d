"""A provider as a program hands it over and as state holds it: what it does is loaded when the engine asks for it."""

from __future__ import annotations

import gc
from abc import abstractmethod
from functools import cache, cached_property
from typing import Any

from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)


@cache
def _leave_alone_what_is_loaded() -> None:
    """All of it stays, and Python's collector would go through it again and again while more is: a quarter of the time
    that this takes. Once in a process, since what is waste by then stays too."""
    gc.freeze()


class StatusPageProvider(ResourceProvider):
    """A provider without fields until it is used: state holds it by its import path alone."""

    serialize_as_secret_always = False

    @abstractmethod
    def load(self) -> ResourceProvider:
        """What the provider does. It is imported here, because a program that only declares does not need it."""

    @cached_property
    def _operations(self) -> ResourceProvider:
        _leave_alone_what_is_loaded()
        return self.load()

    def configure(self, req: ConfigureRequest) -> None:
        self._operations.configure(req)

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        return self._operations.check(_olds, news)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return self._operations.diff(_id, _olds, _news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        return self._operations.create(props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return self._operations.read(id_, props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return self._operations.update(_id, _olds, _news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        self._operations.delete(_id, _props)
