"""What a service can do, and how one is opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, overload

from ..errors import Refused, SettingsError
from ..statuses import Service
from ..unknowns import has_unknown
from .settings import EXPLICIT, Config, SettingNames, Settings, read_settings

if TYPE_CHECKING:
    from .protocols import (
        DeletingService,
        IncidentService,
        MaintenanceService,
        PageService,
        RetrospectiveService,
    )

DEFAULT_SERVICE: Service = "incident.io"
"""The service of what names none."""


Capability = Literal["incidents", "maintenances", "pages", "deletions", "retrospectives"]

CALLED: dict[Capability, str] = {
    "incidents": "incidents",
    "maintenances": "maintenance windows",
    "pages": "pages that can be listed",
    "deletions": "call that deletes an incident",
    "retrospectives": "retrospective incidents",
}
"""What a service may have, in words that "has no …" can begin."""


@dataclass(frozen=True)
class Capabilities:
    """One service: what its settings are called, what opens an account, and what it can be asked for.

    `client` opens an account, and loads the service's code only then. What it opens has an attribute for each of `has`.
    `places` is what an incident can belong to: one of them is needed.
    `keyed_creates` is whether a create carries a key that makes it safe to repeat, `mails_updates` whether an update
    can ask for email. `timelines` is whether a window has a status and a timeline: where it has neither, it is its
    times, it has no components either, and email can be sent when it is announced and at no other time.
    `lists_need_page` is whether what is listed is of one page, `filters` what else a list can be narrowed by.
    """

    names: SettingNames
    client: Callable[[Settings], object]
    has: frozenset[Capability]
    places: tuple[str, ...] = ("status_page_id",)
    keyed_creates: bool = True
    component_statuses: bool = True
    mails_updates: bool = True
    timelines: bool = True
    lists_need_page: bool = True
    filters: frozenset[str] = frozenset()


def _incident_io(settings: Settings) -> object:
    from .incident_io.client import IncidentIo

    return IncidentIo(settings)


def _statuspage_me(settings: Settings) -> object:
    from .statuspage_me.client import StatuspageMe

    return StatuspageMe(settings)


STATES = (("investigating", "1"), ("identified", "2"), ("monitoring", "3"), ("resolved", "4"))
"""The ids that an incident's states typically have, as the document has it: an account's may be others."""


CAPABILITIES: dict[str, Capabilities] = {
    "incident.io": Capabilities(
        # The vendor's own Pulumi provider uses these names too: one setting serves both.
        SettingNames("incident.io", "incident", "INCIDENT", "https://api.incident.io"),
        _incident_io,
        has=frozenset({"incidents", "maintenances", "pages", "retrospectives"}),
        filters=frozenset({"component_id", "group_id", "sub_page_id", "start_at", "end_at"}),
    ),
    "statuspage.me": Capabilities(
        SettingNames("statuspage.me", "statuspageme", "STATUSPAGEME", "https://statuspage.me", STATES),
        _statuspage_me,
        has=frozenset({"incidents", "maintenances", "pages", "deletions"}),
        places=("status_page_id", "component_id"),
        keyed_creates=False,
        component_statuses=False,
        mails_updates=False,
        timelines=False,
        lists_need_page=False,
    ),
}


def service_fault(service: object) -> str | None:
    """What is wrong with a service's name, or None."""
    # State may hold anything, also what cannot be a key.
    return None if service in list(CAPABILITIES) else f'"{service}" is not one of {", ".join(CAPABILITIES)}'


def refuse_newer(service: object) -> None:
    """Raise Refused for a recorded service that this version does not know."""
    if fault := service_fault(service):
        raise Refused(f"service: {fault}: install a newer version")


def _unknown_service(service: object) -> list[tuple[str, str]]:
    # What is no text is refused by the input's own rule, and what a preview does not know yet passes.
    fault = service_fault(service)
    return [("service", fault)] if fault and isinstance(service, str) else []


def incident_faults(props: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(property, reason) of all that the service of a declared incident cannot do. What is unknown yet passes."""
    service = props.get("service", DEFAULT_SERVICE)
    if service_fault(service):
        return _unknown_service(service)
    able, given = CAPABILITIES[service], {key for key, value in props.items() if value is not None}
    known = {key for key in given if not has_unknown(props[key])}
    faults = []
    if not given & set(able.places):
        faults.append((able.places[0], f"is missing: set {' or '.join(able.places)}"))
    if "component_id" in known - set(able.places):
        faults.append(("component_id", f"an incident on {service} belongs to a page: use component_statuses"))
    if "component_statuses" in known and not able.component_statuses:
        faults.append(("component_statuses", f"{service} has no component statuses: remove this input"))
    if props.get("on_delete") == "delete" and "deletions" not in able.has:
        faults.append(("on_delete", f'{service} has no call that deletes an incident: use "auto" or "retain"'))
    return faults


def maintenance_faults(props: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(property, reason) of all that the service of a declared window cannot do. What is unknown yet passes."""
    service = props.get("service", DEFAULT_SERVICE)
    if service_fault(service):
        return _unknown_service(service)
    if CAPABILITIES[service].timelines:
        return []
    known = {key: value for key, value in props.items() if value is not None and not has_unknown(value)}
    faults = []
    if known.get("affected_component_ids"):
        faults.append(("affected_component_ids", f"a window on {service} has no components: remove this input"))
    if "component_statuses" in known:
        faults.append(("component_statuses", f"a window on {service} has no components: remove this input"))
    if known.get("automate_maintenance_status") is False:
        faults.append(("automate_maintenance_status", f"a window on {service} begins and ends by its times"))
    if known.get("notify_subscribers", False) not in (False, ["scheduled"]):
        mails = f'{service} can email when a window is announced and at no other time: use {{"scheduled"}} or False'
        faults.append(("notify_subscribers", mails))
    if known.get("on_delete") == "complete":
        faults.append(("on_delete", f'{service} cannot tell that a window ahead is off: use "auto" or "delete"'))
    if "delete_message" in known:
        faults.append(("delete_message", f"a window on {service} has no timeline to publish it in: remove this input"))
    return faults


def settings_faults(service: str, config: Config, capability: Capability | None = None) -> list[str]:
    """What is wrong with the settings of a resource of a service, each in one line: its provider, and what that has."""
    fault = provider_fault(config(EXPLICIT) or service, service, capability)
    faults = [fault] if fault else []
    try:
        read_settings(CAPABILITIES[service].names, config)
    except SettingsError as error:
        faults.append(str(error))
    return faults


def provider_fault(given: str, service: str, capability: Capability | None) -> str | None:
    """What is wrong with an explicit provider of the service `given` for a resource of `service`, or None."""
    # Until 0.1.0 the service was not recorded, and there was one.
    if given in ("true", service) or given not in CAPABILITIES:
        return None
    if capability is not None and capability not in CAPABILITIES[given].has:
        return f"{given} has no {CALLED[capability]}: pass a provider for {service}"
    return f'the provider passed is for {given}: pass one for {service}, or set service="{given}"'


@overload
def connect(settings: Settings, capability: Literal["incidents"]) -> IncidentService: ...
@overload
def connect(settings: Settings, capability: Literal["maintenances"]) -> MaintenanceService: ...
@overload
def connect(settings: Settings, capability: Literal["pages"]) -> PageService: ...
@overload
def connect(settings: Settings, capability: Literal["deletions"]) -> DeletingService: ...
@overload
def connect(settings: Settings, capability: Literal["retrospectives"]) -> RetrospectiveService: ...
def connect(settings: Settings, capability: Capability) -> object:
    """What a service has of that kind, on one account. Raises Refused if it has none."""
    able = CAPABILITIES[settings.service]
    if capability not in able.has:
        raise Refused(f"{settings.service} has no {CALLED[capability]}")
    with _OPENING:
        return getattr(_client(able.client, settings), capability)


_OPENING = Lock()
"""The engine asks from several threads at once, and the cache alone would let each of them open a client."""


@lru_cache(maxsize=32)
def _client(client: Callable[[Settings], object], settings: Settings) -> object:
    # There is one client for an account and process, so that its connections are shared by all resources.
    return client(settings)


def forget_clients() -> None:
    """Open new clients from now on, as a new process does."""
    _client.cache_clear()
