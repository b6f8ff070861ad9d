"""Stacks that one process deploys, one after the other: their programs are inline programs of the Automation API."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.support.stack import Running, Stack

DEPLOY = """
import json
import os
import sys
from pathlib import Path

from pulumi import automation as auto


def program():
    exec(Path("__main__.py").read_text(), {})


for folder, name in json.loads(sys.argv[1]):
    os.chdir(folder)
    settings = auto.LocalWorkspace(work_dir=".").project_settings()
    options = auto.LocalWorkspaceOptions(work_dir=".", project_settings=settings)
    stack = auto.select_stack(name, project_name=settings.name, program=program, opts=options)
    try:
        stack.up(on_output=print, **json.loads(sys.argv[2]))
    except auto.CommandError as error:
        sys.exit("failed")
"""


def start_inline(*stacks: Stack, **options: Any) -> Running:
    """Begin an `up` of each stack, in a process of its own. They share the first one's environment."""
    first = stacks[0]
    logs = Path(tempfile.mkdtemp(prefix="inline-", dir=first.folder))
    named = [(str(stack.folder), stack.name) for stack in stacks]
    environment = first.environment()
    found = [str(first.folder), *filter(None, [environment.get("PYTHONPATH")])]
    return Running(
        [sys.executable, "-c", DEPLOY, json.dumps(named), json.dumps(options)],
        first.folder,
        {**environment, "PYTHONPATH": os.pathsep.join(found)},
        logs,
        events=False,
    )
