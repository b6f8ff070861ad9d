"""The names of the hooks, which say in state and plan what covers a resource: written and read here.

`statuspage/<window>/<n>/<outside>/before`, `after` and `failed`. `n` tells apart the calls of `covering`.
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST = "statuspage"
ROLES = ("before", "after", "failed")


@dataclass(frozen=True)
class Covering:
    """One call of `window.covering`, as a hook's name tells it. Programs before 0.1.0 left `outside` out: None."""

    window: str
    outside: str | None


def hook_name(window: str, number: int, outside: str, role: str) -> str:
    """The name of one hook of a call."""
    return f"{FIRST}/{window}/{number}/{outside}/{role}"


def read_hook_name(hook: str) -> Covering | None:
    """What a hook of this name stands for, or None for a hook that is not ours."""
    parts = hook.split("/")
    if len(parts) < 4 or parts[0] != FIRST or parts[-1] not in ROLES:
        return None
    # A resource name may hold slashes, so it is what the other parts leave.
    outside = None if parts[-2].isdigit() else parts[-2]
    window = "/".join(parts[1 : -2 if outside is None else -3])
    return Covering(window, outside) if window else None
