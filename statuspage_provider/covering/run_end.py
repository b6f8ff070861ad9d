"""The end of a run: when the engine has done every step, deletions included, and the program still runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor


def at_the_end(call: Callable[[], Awaitable[None]]) -> None:
    """Await `call` when the engine has nothing more to do. It is not reached where the program or a step failed.

    Deletions run after all that the program awaits, so no output tells of them. The SDK's own last request is answered
    once they are done, and the engine waits for the program to end after that: so `call` belongs between the two.
    """
    monitor: Any = get_monitor()
    if isinstance(monitor, MockMonitor):
        # A test's program has no engine, and its run no end.
        return
    loop, answered = asyncio.get_running_loop(), monitor.SignalAndWaitForShutdown

    async def awaited() -> None:
        await call()

    def wait(request: Any) -> Any:
        answer = answered(request)
        # This is a thread of the SDK's, and nothing is left to be registered that could want it.
        asyncio.run_coroutine_threadsafe(awaited(), loop).result()
        return answer

    monitor.SignalAndWaitForShutdown = wait
