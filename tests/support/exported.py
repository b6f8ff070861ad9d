"""A stack's state as `pulumi stack export` prints it: windows, what they cover, and states that no engine wrote."""

from __future__ import annotations

import json
from typing import Any

from statuspage_provider.engine_formats import WINDOW as MAINTENANCE
from tests.support.program import Program

UPDATES = "status_page_maintenance_updates"


def work(modified: str | None, name: str = "work", window: str = "window", **state: Any) -> dict[str, Any]:
    """A covered resource, as the engine exports it."""
    hooks = {
        "before_update": [f"statuspage/{window}/1/fail/before"],
        "on_error": [f"statuspage/{window}/1/fail/failed"],
    }
    urn = f"urn:pulumi:test::project::test:index:Work::{name}"
    return {"urn": urn, "type": "test:index:Work", "id": "1", "modified": modified, "resourceHooks": hooks, **state}


WORKED = "2026-03-01T14:30:00.5Z"


def exported(*windows: Program, covered: list[dict[str, Any]] | None = None, **deployment: Any) -> dict[str, Any]:
    """The state of windows that are named window, window1, … and of what they cover."""
    resources = [
        {
            "urn": f"urn:pulumi:test::project::{MAINTENANCE}::window{number or ''}",
            "type": MAINTENANCE,
            "id": window.id,
            "outputs": dict(window.outs),
        }
        for number, window in enumerate(windows)
    ]
    covered = [work(WORKED)] if covered is None else covered
    return {"version": 3, "deployment": {"resources": [*resources, *covered], **deployment}}


def secret(plain: object, shown: bool) -> dict[str, str]:
    text = json.dumps(plain)
    mark = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
    return {**mark, **({"plaintext": text} if shown else {"ciphertext": "AAABAI4h"})}


HOSTILE: list[tuple[list[str | int], object]] = [
    (["deployment"], 7),
    (["deployment", "resources"], "none"),
    (["deployment", "resources", 0], []),
    (["deployment", "resources", 0, "urn"], None),
    (["deployment", "resources", 0, "id"], {"a": 1}),
    (["deployment", "resources", 0, "outputs"], ["a"]),
    (["deployment", "resources", 0, "outputs", "phase"], "gone"),
    (["deployment", "resources", 0, "outputs", "start_at"], 5),
    (["deployment", "resources", 0, "outputs", "start_at"], "99999-01-01T00:00:00Z"),
    (["deployment", "resources", 0, "outputs", "end_at"], "0001-01-01T00:00:00+14:00"),
    (["deployment", "resources", 0, "outputs", "end_at"], None),
    (["deployment", "resources", 0, "outputs", "message"], {"4dabf18193072939515e22adb298388d": 1}),
    (["deployment", "resources", 0, "outputs", "delete_message"], secret([1], True)),
    (["deployment", "resources", 0, "outputs", "delete_message"], secret("x", True) | {"plaintext": "["}),
    (["deployment", "resources", 0, "outputs", "notify_subscribers"], 7),
    (["deployment", "resources", 0, "outputs", "start_at"], "\n" * 200_000),
    (["deployment", "resources", 0, "outputs", "end_at"], "\x1b[31m\ud800\u202e"),
    (["deployment", "resources", 1, "modified"], "yesterday"),
    (["deployment", "resources", 1, "resourceHooks"], {"before_update": 1}),
    (["deployment", "pending_operations"], {"a": 1}),
]
