"""Runs a long child process, with a line every some seconds instead of its wall of text."""

import contextlib
import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from engine.cache import Say

EVERY_S = 10.0


class ChildFailed(Exception):
    """The child failed or ran out of time. The text ends with its last lines."""


def run(
    command: Sequence[str | os.PathLike[str]],
    *,
    doing: str,
    say: Say,
    timeout_s: float,
    describe: Callable[[str], str] = lambda line: line,
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run it to its end. `describe` makes a progress text of a line of output."""
    start = time.monotonic()
    lines: queue.Queue[str | None] = queue.Queue()
    last: deque[str] = deque(maxlen=15)
    # A session of its own: on a timeout or Ctrl-C the compilers under it are ended with it.
    with subprocess.Popen(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as child:

        def read() -> None:
            assert child.stdout is not None
            for line in child.stdout:
                lines.put(line.rstrip())
            lines.put(None)

        threading.Thread(target=read, daemon=True).start()
        try:
            _follow(lines, last, start, doing, say, timeout_s, describe)
            code = child.wait(timeout=max(1.0, timeout_s - (time.monotonic() - start)))
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            raise
    if code:
        raise ChildFailed(f"{doing} failed (exit code {code})" + _tail(last))


def _follow(
    lines: "queue.Queue[str | None]",
    last: "deque[str]",
    start: float,
    doing: str,
    say: Say,
    timeout_s: float,
    describe: Callable[[str], str],
) -> None:
    seen, now_at, next_at = 0, "", start + EVERY_S
    while True:
        with contextlib.suppress(queue.Empty):
            line = lines.get(timeout=0.5)
            if line is None:
                return
            seen, now_at = seen + 1, describe(line)
            last.append(line)
        now = time.monotonic()
        if now - start > timeout_s:
            raise ChildFailed(f"{doing} was stopped after {timeout_s:.0f} s" + _tail(last))
        if now >= next_at:
            minutes, seconds = divmod(int(now - start), 60)
            say(f"  {minutes}:{seconds:02d} {doing}" + (f": {now_at} ({seen} so far)" if now_at else ""))
            next_at = now + EVERY_S


def _tail(last: "deque[str]") -> str:
    return "".join(f"\n  | {line}" for line in last)
