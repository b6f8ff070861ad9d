"""Blocking calls, made where nothing of the SDK waits for them."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")


async def in_a_thread(call: Callable[[], Result]) -> Result:
    """The answer of a call that blocks, made in a thread of its own.

    The loop's own threads are the SDK's: each waits for one resource to be registered, so none may be left for a hook
    that the registration itself waits for. A thread that still waits does not keep the program from ending.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Result] = loop.create_future()

    def settle(set_it: Callable[[Any], None], value: object) -> None:
        if not answer.done():
            set_it(value)

    def run() -> None:
        settling: tuple[Callable[[Any], None], object]
        try:
            settling = answer.set_result, call()
        except BaseException as error:
            settling = answer.set_exception, error
        # The loop may be closed: then nobody waits for it.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, *settling)

    run_here = contextvars.copy_context().run
    threading.Thread(target=run_here, args=(run,), name="statuspage", daemon=True).start()
    return await answer
