"""The README's program, in a stack: a pull request that upgrades a database, of a main branch that has it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.support.markdown import Page
from tests.support.stack import Stack

PROGRAM = Page("README.md").blocks[0].text
BEFORE = 'from orders import Database\n\nDatabase("orders", version="16")\n'
"""What is on the main branch, and deployed."""

FOLDER = Path(__file__).parent
"""Where the infrastructure is that both import as `orders`."""


def deployed(folder: Path, url: str, now: str) -> Stack:
    """A stack of the main branch. `stack.write(PROGRAM)` is the pull request."""
    settings = {"INCIDENT_ENDPOINT": url, "INCIDENT_API_KEY": "emulator-write", "STATUSPAGE_NOW": now}
    stack = Stack(folder, program=BEFORE, env=settings)
    shutil.copy(FOLDER / "orders.py", folder)
    stack.init()
    stack.up()
    return stack
