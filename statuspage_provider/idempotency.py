"""Keys that make a create safe to repeat: the same resource of the same stack always asks with the same key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import pulumi


def idempotency_key(resource_name: str, opts: pulumi.ResourceOptions | None, *kind: str) -> pulumi.Input[str]:
    """The key of a resource: of its organisation, project, stack, parent and name. The provider knows none of these.

    `kind` tells apart what may have one name and makes objects of one sort: a present incident and a past one.
    """
    place = [pulumi.get_organization(), pulumi.get_project(), pulumi.get_stack(), resource_name, *kind]
    if opts is not None and opts.parent is not None:
        return pulumi.Output.from_input(_within(opts.parent, place))
    return _digest(place)


async def _within(parent: pulumi.Resource, place: Sequence[str]) -> str:
    # Not by `apply`: what depends on a component depends on all its children, and this is the key of one of them.
    return _digest([*place, await parent.urn.future()])


def generation_key(key: str, place: str, generation: int, kind: str = "") -> str:
    """The key that is sent.

    A key that was used is answered with the original response, also when that object is over: the next object of the
    same resource has the next generation's key.

    A window and an incident may be of one resource name, and so have one `key`. Whether the service keeps their keys
    apart is not documented, so an incident's has a `kind`. A window's has none, and must not get one: its key is what
    version 0.1.0 sent, and a create that was killed then is found by it. An incident's had none in 0.1.0. What that
    version recorded is known by its id and is not created again; a later create of it sends a key that is new, as the
    next generation's would be. Only an incident that 0.1.0 opened and did not live to record is no longer found.
    """
    return f"{key}.{_digest([place, kind] if kind else [place])[:12]}.{generation}"


def _digest(parts: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(list(parts), sort_keys=True).encode()).hexdigest()[:32]
