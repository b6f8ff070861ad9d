"""The names of the hooks, which say in state and plan what covers a resource: written and read here.

`statuspage/<window>/<key>/<outside>/<role>`. The key tells apart what has one window name and one `outside`. It is made
of what the program says, so that the next run gives the same name: what is deleted is found by the name in state.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIRST = "statuspage"

ROLES = ("before", "after", "failed", "before_delete", "after_delete")


@dataclass(frozen=True)
class Covering:
    """What a hook's name tells. Programs before 0.1.0 left `outside` out: None."""

    window: str
    outside: str | None


def hook_key(*parts: object) -> str:
    """The part of a name that tells apart what is said otherwise."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:8]


def hook_name(window: str, key: str, outside: str, role: str) -> str:
    """The name of one hook."""
    return f"{FIRST}/{window}/{key}/{outside}/{role}"


_COVERS = "/covers/"


def record_name(window: str, covered: list[str]) -> str:
    """The name of the hook on a window itself that lists what it covers: `statuspage/<window>/covers/["a", "b"]`."""
    return f"{FIRST}/{window}{_COVERS}{json.dumps(sorted(set(covered)))}"


def read_record_name(hook: str) -> list[str]:
    """What a window covers, as a hook of this name lists it. Nothing, for another hook."""
    names = _listed(hook, _COVERS)
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


_NAMES = "/names/"


def names_hook(number: int, names: Mapping[str, str]) -> str:
    """The name of a hook that tells the names of components, by id: `statuspage/1/names/{"01H…": "EU / Database"}`.

    The number tells apart two that tell the same: the engine takes each name once.
    """
    return f"{FIRST}/{number}{_NAMES}{json.dumps(names)}"


def read_names(hook: str) -> dict[str, str]:
    """The names of components that a hook of this name tells. None, for another hook."""
    listed = _listed(hook, _NAMES)
    return {id_: name for id_, name in listed.items() if isinstance(name, str)} if isinstance(listed, dict) else {}


def _listed(hook: str, kind: str) -> Any:
    """What the name of a hook of that kind lists. None, for another hook."""
    head, found, listed = hook.partition(kind)
    if not found or not head.startswith(f"{FIRST}/"):
        return None
    try:
        return json.loads(listed)
    except (ValueError, RecursionError):
        return None


def read_hook_name(hook: str) -> Covering | None:
    """What a hook of this name stands for, or None for a hook that is not ours."""
    parts = hook.split("/")
    if len(parts) < 4 or parts[0] != FIRST or parts[-1] not in ROLES:
        return None
    # A resource name may hold slashes, so it is what the other parts leave. Once, the key was a number.
    outside = None if parts[-2].isdigit() else parts[-2]
    window = "/".join(parts[1 : -2 if outside is None else -3])
    return Covering(window, outside) if window else None
