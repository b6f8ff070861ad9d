"""The `statuspage` command in this process: half a second sooner than as a process of its own, which others test."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from contextlib import redirect_stdout
from unittest.mock import patch

from statuspage_provider.__main__ import main


def faults(said: str) -> str:
    """What a command said on standard error, beside that the tests' clock is a rehearsed one: every answer says so."""
    return "".join(line for line in said.splitlines(keepends=True) if "STATUSPAGE_NOW is set" not in line)


def statuspage(*args: str, env: Mapping[str, str], stdin: str = "") -> tuple[int, str]:
    """Its exit code, and what it said."""
    with (
        patch.dict(os.environ, env, clear=True),
        patch("sys.stdin", io.StringIO(stdin)),
        redirect_stdout(io.StringIO()) as said,
    ):
        return main(args), said.getvalue()
