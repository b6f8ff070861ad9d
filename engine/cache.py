"""The folder of this machine that keeps the engine, safe for several clones at once."""

import contextlib
import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.versions import PINNED

Say = Callable[[str], None]


def folder() -> Path:
    """Where the pinned engine is kept. Keyed by version: another version never changes this one's files."""
    if configured := os.environ.get("XDG_CACHE_HOME"):
        base = Path(configured)
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "statuspage-provider" / "engine" / str(PINNED)


@contextlib.contextmanager
def lock(say: Say) -> Iterator[None]:
    """One at a time on this machine. The lock goes with the process, so a killed run leaves none behind."""
    home = folder()
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("engine: another run is getting it; waiting")
            fcntl.flock(file, fcntl.LOCK_EX)
        for left_over in home.glob("new-*"):  # of a run that was killed; nobody else is in here
            shutil.rmtree(left_over, ignore_errors=True)
        yield


@contextlib.contextmanager
def staged(target: Path) -> Iterator[Path]:
    """A new folder to fill; it becomes `target` in one step when the block ends well, else nothing has changed."""
    new = Path(tempfile.mkdtemp(prefix="new-", dir=target.parent))
    new.chmod(0o755)
    try:
        yield new
        if target.exists():
            target.rename(tempfile.mkdtemp(prefix="new-", dir=target.parent))
        new.rename(target)
    finally:
        shutil.rmtree(new, ignore_errors=True)
