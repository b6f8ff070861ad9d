"""The end of a run: when the engine has done every step, deletions included, and the program still runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import grpc  # type: ignore[import-untyped]
import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_monitor

from ..engine_formats import STACK
from ..errors import Refused
from .participants import OUTPUT
from .threads import in_a_thread

Call = Callable[[], Awaitable[None]]
Record = Callable[[], Awaitable[Mapping[str, Any]]]


def ahead_of_the_end(call: Call) -> None:
    """Await `call` when all that the program declares has settled, also where the engine went on after a failure.

    Such a run has no end: the engine ends the program once its deletions are done.
    """
    if (end := _end()) is not None:
        end.ahead.append(call)


def at_the_end(call: Call) -> None:
    """Await `call` when the engine has nothing more to do. It is not reached where the program or a step failed.

    Deletions run after all that the program awaits, so no output tells of them. The SDK's own last request is answered
    once they are done, and the engine waits for the program to end after that: so `call` belongs between the two.
    """
    if (end := _end()) is not None:
        end.calls.append(call)


def record_at_the_end(record: Record) -> None:
    """Add what `record` answers to the stack's output of ours, once all that the program declares has settled.

    That is before what has left the program is deleted: the engine takes no outputs after that. `record` is awaited in
    a preview too, and not where the program failed: then the stack keeps the output that it had.
    """
    if (end := _end()) is not None:
        end.records.append(record)


class _End:
    """What is awaited around the SDK's last request. The last outputs that a stack registers are those it gets."""

    def __init__(self, monitor: Any) -> None:
        self.records: list[Record] = []
        self.ahead: list[Call] = []
        self.calls: list[Call] = []
        self._loop = asyncio.get_running_loop()
        self._outputs: resource_pb2.RegisterResourceOutputsRequest | None = None
        self._registered, self._answered = monitor.RegisterResourceOutputs, monitor.SignalAndWaitForShutdown
        monitor.RegisterResourceOutputs, monitor.SignalAndWaitForShutdown = self._register, self._wait

    def _register(self, request: Any) -> Any:
        if f"::{STACK}::" in request.urn:
            self._outputs = request
        return self._registered(request)

    def _wait(self, request: Any) -> Any:
        # This is a thread of the SDK's, and nothing is left to be registered that could want it.
        self._run(self._record())
        self._run(_each(self.ahead))
        answer = self._answered(request)
        self._run(_each(self.calls))
        return answer

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _record(self) -> None:
        if not self.records or self._outputs is None:
            return
        request = resource_pb2.RegisterResourceOutputsRequest()
        request.CopyFrom(self._outputs)
        if OUTPUT in request.outputs.fields:
            line = f'complete_after: the output "{OUTPUT}" holds what stacks have done: export yours by another name'
            if pulumi.runtime.is_dry_run():
                raise Refused(line)
            pulumi.log.warn(f"{line}. What this run has done is not recorded")
            return
        recorded: dict[str, Any] = {}
        for record in self.records:
            recorded |= await record()
        if not recorded:
            return
        request.outputs.update({OUTPUT: recorded})
        try:
            await in_a_thread(lambda: self._registered(request))
        except grpc.RpcError:
            pulumi.log.warn(f'complete_after: the output "{OUTPUT}" could not be written: run `pulumi up` again')


async def _each(calls: list[Call]) -> None:
    for call in calls:
        await call()


def _end() -> _End | None:
    """The end of this run. None for a test's program, which has no engine, and whose run has no end."""
    monitor: Any = get_monitor()
    if isinstance(monitor, MockMonitor):
        return None
    found = getattr(monitor, "_statuspage_end", None)
    if found is None:
        found = monitor._statuspage_end = _End(monitor)
    return found if isinstance(found, _End) else None
