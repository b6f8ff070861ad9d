"""Closes what a run that was killed left open: `pulumi stack export | statuspage settle -`, a step that always runs.

It knows nothing of the program, so it goes by evidence: everything in the stack that a window covers must have been
changed since the window began. Where it was not, the window stays, and the next `pulumi up` does the work and ends it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from ..covering import admission
from ..covering.hook_names import read_hook_name
from ..display import plain
from ..engine_process import PROCESS
from ..errors import Refused, StatusPageError
from ..lifecycle.decision import NewUpdate
from ..page_texts import COMPLETED
from ..properties import faults_of
from ..publishing import publish
from ..remote import Maintenance
from ..services.protocols import MaintenanceService
from ..state import MaintenanceState
from ..statuses import STATUSES, Phase

MAINTENANCE = "pulumi-python:dynamic/statuspage:StatusPageMaintenance"


SPECIAL, SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
"""How the engine marks a secret in a state: {SPECIAL: SECRET, "ciphertext": …}, or "plaintext", which is JSON."""


LINE_LIMIT = 1000


@dataclass(frozen=True)
class Line:
    """What is said of one window. A fault is what kept it from being looked at."""

    text: str
    is_fault: bool = False


class _Resource(BaseModel):
    """One resource of an exported state, as far as it matters here."""

    model_config = ConfigDict(extra="ignore")

    urn: str
    type: str = ""
    id: str = ""
    outputs: dict[str, Any] = {}
    external: bool = False
    delete: bool = False
    modified: AwareDatetime | None = None
    resourceHooks: dict[str, list[str]] = {}
    initErrors: list[Any] = []

    @property
    def name(self) -> str:
        return self.urn.split("::", 3)[-1]

    @property
    def windows(self) -> set[str]:
        """The resource names of the windows that cover it."""
        found = [read_hook_name(hook) for hooks in self.resourceHooks.values() for hook in hooks]
        return {covering.window for covering in found if covering is not None}

    @field_validator("outputs", "resourceHooks", "initErrors", "external", "delete", mode="before")
    @classmethod
    def _nothing_is_empty(cls, value: Any, info: Any) -> Any:
        return cls.model_fields[info.field_name].default if value is None else value


class _Pending(BaseModel):
    resource: _Resource


class _Deployment(BaseModel):
    resources: list[_Resource] | None = None
    pending_operations: list[_Pending] | None = None


class _Exported(BaseModel):
    deployment: _Deployment


class _Recorded(BaseModel):
    """The outputs of a window, of which each must be readable for it to be completed."""

    model_config = ConfigDict(extra="ignore")

    name: str
    start_at: str
    end_at: str
    phase: Phase
    message: str | None = None
    delete_message: str | None = None
    automated: bool = True
    automate_maintenance_status: bool = True
    notify_subscribers: bool | list[str] = Field(default=False)


def settle(exported: object, service: MaintenanceService, now: datetime) -> Iterator[Line]:
    """Complete each window that was left open, if its work is done. A line for each that is, or that was left open.

    A window that has not begun by the clock, or that state says is complete, is not even read. Raises Refused for what
    is not an exported state. What is wrong with one window keeps no other from being completed.
    """
    try:
        state = _Exported.model_validate(exported).deployment
    except ValidationError as error:
        where, _ = faults_of(error)[0]
        raise Refused(
            f"not an exported stack ({where or 'it'} cannot be read): pass what `pulumi stack export` prints"
        ) from None
    resources = state.resources or []
    pending = [operation.resource for operation in state.pending_operations or []]
    for resource in resources:
        if resource.type != MAINTENANCE or resource.external or resource.delete:
            continue
        covered = [other for other in resources if resource.name in other.windows and not other.external]
        interrupted = [other for other in pending if resource.name in other.windows]
        try:
            line = _settle(resource, covered, interrupted, service, now)
        except StatusPageError as error:
            yield Line(_visible(f"{resource.name}: {error}"), is_fault=True)
            continue
        if line is not None:
            yield Line(_visible(line))


def _settle(
    window: _Resource,
    covered: list[_Resource],
    interrupted: list[_Resource],
    service: MaintenanceService,
    now: datetime,
) -> str | None:
    recorded = _recorded(window)
    if recorded.phase == "complete" or (now < recorded.window[0] and recorded.phase == "scheduled"):
        return None
    remote = service.show(window.id)
    if remote is None:
        return None
    if not recorded.declared.message and remote.updates:
        # It is a secret. What was announced is on the page.
        recorded.declared.message = remote.timeline[0].message
    if not admission.is_left_open(recorded, remote, (), now):
        return None
    if (why := _doubt(remote, covered, interrupted)) is not None:
        return f"“{remote.name}” stays as it is: {why}. Run `pulumi up`, or complete it on the page"
    message = recorded.declared.delete_message or COMPLETED
    mails = recorded.declared.notifies("complete")
    update = NewUpdate("complete", message, STATUSES["complete"], notify_subscribers=mails)
    publish(update, window.id, remote.last_update_id, service, PROCESS)
    return f"“{remote.name}” was left open and is now complete"


def _recorded(window: _Resource) -> MaintenanceState:
    """What is recorded of a window. Raises Refused if it cannot be read, as for a secret that is not shown."""
    props, hidden = {}, []
    for key in _Recorded.model_fields:
        if key in window.outputs:
            try:
                props[key] = _plain(window.outputs[key])
            except KeyError:
                hidden.append(key)
    if hidden := [key for key in hidden if key != "message"]:
        raise Refused(f"{', '.join(hidden)} is a secret here: pass what `pulumi stack export --show-secrets` prints")
    try:
        known = _Recorded.model_validate({key: value for key, value in props.items() if value is not None})
    except ValidationError as error:
        raise Refused(f"the recorded state cannot be read: {faults_of(error)[0][0]} is missing or unknown") from None
    return MaintenanceState.from_props({"message": "", **known.model_dump(exclude_none=True)})


def _plain(value: object) -> Any:
    """A value of a state. Raises KeyError for a secret whose text is not in it."""
    if not isinstance(value, Mapping) or value.get(SPECIAL) != SECRET:
        return value
    try:
        return json.loads(value["plaintext"])
    except (TypeError, ValueError, RecursionError):
        raise KeyError("plaintext") from None


def _doubt(remote: Maintenance, covered: list[_Resource], interrupted: list[_Resource]) -> str | None:
    """Why the work of a window cannot be taken as done, or None if the state shows that it is."""
    begun = [entry.published_at for entry in remote.timeline if entry.status == STATUSES["in_progress"]]
    if interrupted:
        return f"the change of {_names(interrupted)} was interrupted"
    if not covered or not begun:
        return "nothing in the stack's state shows that its work is done"
    if unfinished := [resource for resource in covered if resource.initErrors or resource.delete]:
        return f"{_names(unfinished)} is not finished"
    if unchanged := [resource for resource in covered if resource.modified is None or resource.modified < begun[0]]:
        return f"{_names(unchanged)} was not changed since it began"
    return None


def _visible(line: str) -> str:
    # A state that no engine wrote may hold anything, and this goes to a terminal.
    return plain(line if len(line) <= LINE_LIMIT else f"{line[: LINE_LIMIT - 1]}…")


def _names(resources: Iterable[_Resource]) -> str:
    return ", ".join(sorted({resource.name for resource in resources}))
