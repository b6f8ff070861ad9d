"""What a program declares, as the SDK can hand it over. `inputs.py` judges it, in the plugin's process."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import date, timedelta
from inspect import get_annotations, isawaitable, signature
from typing import Any

import pulumi

from . import times
from .errors import Refused

_NOT_INPUTS = {"self", "__class__", "resource_name", "opts"}


def as_inputs(given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs among a constructor's parameters: a set becomes a list, a time becomes text, also within an output.
    The rest is for `check` to judge.

    Raises Refused for a page or component in place of its id: the SDK would only show a traceback.
    """
    return {name: _as_input(name, value) for name, value in given.items() if name not in _NOT_INPUTS}


def input_names(resource: type[pulumi.Resource]) -> frozenset[str]:
    """The names of all inputs that a resource's constructor takes."""
    return frozenset(signature(resource).parameters) - _NOT_INPUTS


def as_properties(resource: type[pulumi.Resource], declared: Mapping[str, Any]) -> dict[str, Any]:
    """All properties of a resource, as the SDK wants to know them: those that are not declared are outputs."""
    if any(isinstance(kind, str) for kind in resource.__annotations__.values()):
        # The SDK asks for their types with each resource that is made, and would compile them from text each time.
        resource.__annotations__ = get_annotations(resource, eval_str=True)
    return {**dict.fromkeys(resource.__annotations__), **declared}


def _as_input(name: str, value: Any) -> Any:
    if isinstance(value, pulumi.Output) or isawaitable(value):
        output = value if isinstance(value, pulumi.Output) else pulumi.Output.from_input(value)
        return output.apply(lambda known: _as_input(name, known))
    if isinstance(value, Mapping):
        return {key: _as_input(name, item) for key, item in value.items()}
    if isinstance(value, Set):
        value = sorted(value) if all(isinstance(item, str) for item in value) else list(value)
    if isinstance(value, (list, tuple)):
        return [_as_input(name, item) for item in value]
    # An Output makes up whatever attribute it is asked for, so only what is really there counts.
    if isinstance(getattr(value, "__dict__", {}).get("id"), str):
        raise Refused(f"{name}: this is a whole {type(value).__name__}: pass its id, with .id")
    return time_as_text(value)


def time_as_text(value: Any) -> Any:
    """A program's datetime or timedelta as text. Anything else is left for `check` to judge."""
    if isinstance(value, date):
        # A day without a time is refused as text, by name.
        return value.isoformat()
    if isinstance(value, timedelta):
        return times.format_length(value)
    return value
