"""Runs programs without an engine: `python -m tests.support.mocked` takes a list as JSON, and prints their resources.

It is a process of its own because the SDK's mocks are for the whole process, and stay.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import pulumi

import statuspage_provider as statuspage


class Recorder(pulumi.runtime.Mocks):
    """Remembers the inputs of every resource, and answers with them."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        inputs = {name: value for name, value in args.inputs.items() if name != "__provider"}
        self.seen.append({"type": args.typ, "name": args.name, "inputs": inputs, "id": args.resource_id})
        if args.typ == "pulumi:pulumi:StackReference":
            inputs["outputs"] = {"window": "window"}
        return args.resource_id or args.name, inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]]]:
        return {}, []


def run(program: str) -> list[dict[str, Any]]:
    """The resources that a program declares. Snippets find `pulumi`, `statuspage` and `page` in place."""
    recorder = Recorder()
    pulumi.runtime.set_mocks(recorder)
    pulumi.runtime.set_all_config({"project:euKey": "emulator-write"})
    namespace: dict[str, Any] = {"pulumi": pulumi, "statuspage": statuspage, "page": statuspage.get_status_page()}

    @pulumi.runtime.test
    def execute() -> None:
        exec(compile(program, "<docs>", "exec"), namespace)

    execute()
    return recorder.seen


if __name__ == "__main__":
    asyncio.set_event_loop(asyncio.new_event_loop())  # one for all: the SDK keeps the stack of the first
    json.dump([run(program) for program in json.load(sys.stdin)], sys.stdout)
