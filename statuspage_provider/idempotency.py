"""Keys that make a create safe to repeat: the same resource of the same stack always asks with the same key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.settings import get_monitor

from .errors import Refused
from .services.capabilities import CAPABILITIES


def key_of(resource: type[pulumi.Resource], given: Mapping[str, Any], *kind: str) -> pulumi.Input[str]:
    """The key of a resource that is declared with these parameters: its own one, or one that is made for it.

    Raises Refused for an own one that another of the program has on the same page: both would be one object.
    """
    if not given["idempotency_key"]:
        return idempotency_key(given["resource_name"], given["opts"], *kind)

    def taken(told: Sequence[Any]) -> Any:
        key, service, *place = told
        able = CAPABILITIES.get(service) if isinstance(service, str) else None
        # Without a call that carries it a key makes nothing one. What is no key at all is for `check` to refuse.
        if (able is None or able.keyed_creates) and isinstance(key, str) and key:
            _take((resource, key, *place), given["resource_name"])
        return key

    told = [given.get(name) for name in ("idempotency_key", "service", "status_page_id", "component_id")]
    if all(value is None or isinstance(value, str) for value in told):
        return str(taken(told))
    return pulumi.Output.all(*told).apply(taken)


def of_another(resource_name: str, other: str) -> Refused:
    """That a resource has the key of another one, as a line."""
    return Refused(
        f"idempotency_key: “{resource_name}” has that of “{other}”, so both would be one on the page. Give each a key "
        "of its own"
    )


def _take(what: tuple[Any, ...], resource_name: str) -> None:
    """Note that a resource of this run has this key there. Raises Refused where another has."""
    monitor: Any = get_monitor()
    if isinstance(monitor, MockMonitor):
        # Tests may declare a resource again and again in what is one run to the SDK.
        return
    taken: dict[tuple[Any, ...], str] = monitor.__dict__.setdefault("_statuspage_keys", {})
    if what in taken:
        raise of_another(resource_name, taken[what])
    taken[what] = resource_name


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
