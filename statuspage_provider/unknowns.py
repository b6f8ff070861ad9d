"""What a preview does not know yet."""

from __future__ import annotations

from collections.abc import Mapping, Set

from pulumi.output import Unknown

_PLAIN = (str, bool, int, float, type(None))


def has_unknown(value: object) -> bool:
    """Whether any part of `value` is not known yet, as in a preview."""
    # Nearly all values, and looked at far more often than any other.
    if type(value) in _PLAIN:
        return False
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, (list, tuple, Set)):
        return any(has_unknown(item) for item in value)
    return isinstance(value, Unknown)
