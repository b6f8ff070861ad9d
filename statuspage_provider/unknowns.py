"""What a preview does not know yet."""

from __future__ import annotations

from collections.abc import Mapping, Set

from pulumi.output import Unknown


def has_unknown(value: object) -> bool:
    """Whether any part of `value` is not known yet, as in a preview."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, (list, tuple, Set)):
        return any(has_unknown(item) for item in value)
    return isinstance(value, Unknown)
