"""Writes what `pulumi preview --json` prints for programs of the in-process engine.

The structure is the real engine's; tests/engine/test_summary.py holds the two against each other.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from statuspage_provider.incident import IncidentProvider
from tests.support.program import CheckFailed, Program

ROOT = "urn:pulumi:test::project::pulumi:pulumi:Stack::project-test"


def urn(kind: str, name: str) -> str:
    return f"urn:pulumi:test::project::{type_of(kind)}::{name}"


def type_of(kind: str) -> str:
    return f"pulumi-python:dynamic/statuspage:{kind}"


def kind_of(program: Program) -> str:
    return "StatusPageIncident" if issubclass(program.kind, IncidentProvider) else "StatusPageMaintenance"


def state(kind: str, name: str, **given: Any) -> dict[str, Any]:
    """A resource's state as a step shows it."""
    return {"urn": urn(kind, name), "custom": True, "type": type_of(kind), **given}


def stack(*steps: dict[str, Any], diagnostics: Iterable[dict[str, Any]] = ()) -> dict[str, Any]:
    """The document of a preview."""
    root = {"urn": ROOT, "custom": False, "type": "pulumi:pulumi:Stack"}
    counts: dict[str, int] = {}
    for step in steps:
        counts[step["op"]] = counts.get(step["op"], 0) + 1
    return {
        "steps": [{"op": "same", "urn": ROOT, "oldState": root, "newState": root, "detailedDiff": None}, *steps],
        "diagnostics": list(diagnostics),
        "duration": 1,
        "changeSummary": {**counts, "same": 1},
    }


def preview(
    name: str, program: Program, *, leaving: bool = False, forced: bool = False, delete_first: bool = False
) -> dict[str, Any]:
    """What `pulumi preview --json` prints for a stack of one resource."""
    kind, old = kind_of(program), program.state
    before = None if old is None else state(kind, name, id=old[0], inputs=old[1], outputs=old[2])
    if leaving:
        return stack({"op": "delete", "urn": urn(kind, name), "oldState": before, "detailedDiff": None})
    provider = program._provider()
    try:
        inputs = program._check(provider, {} if old is None or forced else old[1])
        if old is None:
            step = {"op": "create", "urn": urn(kind, name), "newState": state(kind, name, inputs=inputs)}
            return stack({**step, "detailedDiff": None})
        diff = provider.diff(old[0], dict(old[2]), dict(inputs))
        reasons = ["id"] if forced else list(diff.replaces or [])
        if reasons and not forced:
            inputs = program._check(provider, {})
    except CheckFailed as refused:
        lines = [
            f"error: {type_of(kind)} resource '{name}': property {where} value {{}} has a problem: {reason}\n"
            for where, reason in refused.failures
        ]
        said = [{"urn": urn(kind, name), "message": line, "severity": "error"} for line in lines]
        return stack(diagnostics=said)
    changed = sorted(key for key in {*inputs, *old[1]} if inputs.get(key) != old[1].get(key))
    if not reasons and (diff.changes is False or not changed):
        return stack()
    assert before is not None
    if (diff.delete_before_replace and not forced) or (reasons and delete_first):
        before["pendingReplacement"] = True
    step = {
        "op": "replace" if reasons else "update",
        "urn": urn(kind, name),
        "oldState": before,
        "newState": state(kind, name, inputs=inputs),
        "diffReasons": changed,
        "detailedDiff": {key: {"kind": "update", "inputDiff": True} for key in changed},
    }
    return stack({**step, "replaceReasons": reasons} if reasons else step)


def printed(*documents: dict[str, Any]) -> str:
    return json.dumps(merged(*documents), indent=4)


def merged(*documents: dict[str, Any]) -> dict[str, Any]:
    """One preview of several resources."""
    return stack(
        *(step for document in documents for step in document["steps"][1:]),
        diagnostics=[line for document in documents for line in document["diagnostics"]],
    )
