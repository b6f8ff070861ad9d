"""Names of components that a program has looked up, told to whoever reads its preview. State never has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count, islice
from typing import TYPE_CHECKING, Any

import pulumi

from .covering.hook_names import names_hook

if TYPE_CHECKING:
    from .remote import Component

MOST = 250
"""How many names one resource tells, those of its own components first."""

_LOOKED_UP: dict[str, str] = {}
_NUMBERS = count(1)


def remember(components: Iterable[Component]) -> None:
    """Keep what these are called. One that stands in two places has the first of its paths."""
    _LOOKED_UP.update({component.id: component.path for component in reversed(list(components))})


def told(opts: pulumi.ResourceOptions | None, declared: Mapping[str, Any]) -> pulumi.ResourceOptions | None:
    """The options of a resource, in a preview with the names: a plan shows the names of hooks, and this one is a list.

    The hook does nothing, and only a preview has it. So no state does, and a name is never older than the preview.
    """
    names = _names(declared) if pulumi.runtime.is_dry_run() else {}
    if not names:
        return opts
    hook = pulumi.ResourceHook(names_hook(next(_NUMBERS), names), _nothing)
    telling = pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(after_update=[hook]))
    return pulumi.ResourceOptions.merge(opts, telling)


def _names(declared: Mapping[str, Any]) -> dict[str, str]:
    # The others may be those of before: which they were, the program does not know.
    own = [*_texts(declared.get("affected_component_ids")), *_texts(declared.get("component_statuses"))]
    ids = dict.fromkeys([*(id_ for id_ in own if id_ in _LOOKED_UP), *_LOOKED_UP])
    return {id_: _LOOKED_UP[id_] for id_ in islice(ids, MOST)}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts([*value.keys(), *value.values()])
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


async def _nothing(_: pulumi.ResourceHookArgs) -> None:
    return
