"""What is declared as it was: most of a stack in most runs. It is told from the property bags, so that a run which
changes nothing loads no models.

When in doubt it is not so, and the operations look at it in full: they alone refuse, and they alone say what changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from . import times

Bag = Mapping[str, Any]


def is_as_checked(checked: Bag, news: Bag) -> bool:
    """Whether inputs are to the letter those that an earlier run has checked. A rule that is newer locks no stack."""
    # True equals 1, and a check tells them apart.
    return bool(checked) and checked == news and all(type(checked[name]) is type(news[name]) for name in news)


def is_as_recorded(inputs: Collection[str], recorded: Bag, declared: Bag) -> bool:
    """Whether the inputs of these names are those that state holds. A relative start never is: state has its time."""
    if any(recorded.get(name) != declared.get(name) for name in inputs if name != "end_at"):
        return False
    return "end_at" not in inputs or _ends_alike(recorded, declared)


def _ends_alike(recorded: Bag, declared: Bag) -> bool:
    """State has the end of every window, and a program may declare how long it lasts instead."""
    if declared.get("duration") is None:
        return recorded.get("end_at") == declared.get("end_at")
    try:
        start, end = (times.parse_instant(recorded[name]) for name in ("start_at", "end_at"))
        return end - start == times.parse_length(declared["duration"])
    except (ValueError, TypeError, AttributeError, KeyError):
        return False
