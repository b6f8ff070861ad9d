"""A provider as a program hands it over and as state holds it: what it does is loaded when the engine asks for it."""

from __future__ import annotations

import gc
from abc import abstractmethod
from collections.abc import Collection
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from pulumi.dynamic import (
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from . import clock
from .engine_process import PROCESS, EngineProcess, Run
from .errors import show_errors_on_one_line
from .services.capabilities import DEFAULT_SERVICE, service_fault, settings_faults
from .services.settings import Config, no_config
from .unchanged import is_as_checked, is_as_recorded

if TYPE_CHECKING:
    from .operations.base import Operations


@cache
def _leave_alone_what_is_loaded() -> None:
    """All of it stays, and Python's collector would go through it again and again while more is: a quarter of the time
    that this takes. Once in a process, since what is waste by then stays too."""
    gc.freeze()


class StatusPageProvider(ResourceProvider):
    """A provider without fields until it is used: state holds it by its import path alone.

    It tells by itself where nothing changed. All else is done by its operations, which load the models.
    """

    serialize_as_secret_always = False
    inputs: ClassVar[Collection[str]]
    """The names of what its resource declares."""
    process: EngineProcess = PROCESS
    config: Config = staticmethod(no_config)

    @abstractmethod
    def load(self) -> Operations[Any]:
        """What the provider does. It is imported here, because most runs of a program do not need it."""

    @property
    def run(self) -> Run:
        """What this run has decided about the objects of this provider."""
        return self.process.run_of(type(self).__name__)

    @cached_property
    def _operations(self) -> Operations[Any]:
        _leave_alone_what_is_loaded()
        operations = self.load()
        operations.process, operations.config, operations.run = self.process, self.config, self.run
        return operations

    def configure(self, req: ConfigureRequest) -> None:
        show_errors_on_one_line()
        self.config = req.config.get
        if notice := clock.notice():
            self.process.say_once(notice)

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        service = news.get("service", DEFAULT_SERVICE)
        is_known = is_as_checked(_olds, news) and not service_fault(service)
        if is_known and not settings_faults(service, self.config):
            self.run.declares(news, _olds)
            return CheckResult(news, [])
        return self._operations.check(_olds, news)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        if is_as_recorded(self.inputs, _olds, _news):
            return self.run.stays(_id, _news.get("idempotency_key"))
        return self._operations.diff(_id, _olds, _news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        return self._operations.create(props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        return self._operations.read(id_, props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        return self._operations.update(_id, _olds, _news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        self._operations.delete(_id, _props)
