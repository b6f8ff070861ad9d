"""Pulumi's mocks in this process, whose settings come back after a test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pulumi.runtime import mocks
from pulumi.runtime.settings import SETTINGS

# The SDK asks for the event loop of the thread, and from Python 3.12 on it is a warning to ask where there is none.
asyncio.set_event_loop(asyncio.new_event_loop())


class Answers(mocks.Mocks):
    """Every resource has its inputs as outputs, and its name as its id."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return args.name, args.inputs

    def call(self, args: mocks.MockCallArgs) -> dict[Any, Any]:
        return {}


@contextmanager
def kept_settings() -> Iterator[None]:
    """The SDK's own settings come back afterwards."""
    names = ("organization", "project", "stack", "monitor", "engine", "dry_run")
    before = {name: getattr(SETTINGS, name) for name in names}
    yield
    for name, value in before.items():
        setattr(SETTINGS, name, value)
