"""What `pulumi stack export` prints, as far as the commands need it: the windows of a stack, and what they cover.

A state that no engine wrote may hold anything, so what cannot be read is refused by name, in one line.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError, field_validator

from ..covering.hook_names import Covering, read_hook_name, read_record_name
from ..covering.participants import OUTPUT, stacks_in, without_organization
from ..display import plain
from ..engine_formats import SECRET_MARK, SPECIAL, STACK, WINDOW, name_of, stack_of
from ..errors import Refused
from ..properties import faults_of
from ..services.capabilities import DEFAULT_SERVICE
from ..state import MaintenanceState
from ..statuses import Phase

LINE_LIMIT = 1000


class StateResource(BaseModel):
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
        return name_of(self.urn)

    @property
    def service(self) -> str:
        """On which service a window is."""
        named = self.outputs.get("service")
        return named if isinstance(named, str) else DEFAULT_SERVICE

    @property
    def is_over(self) -> bool:
        """Whether a window is known to be complete."""
        return bool(self.outputs.get("phase") == "complete")

    @property
    def coverings(self) -> set[Covering]:
        """What its hooks stand for."""
        found = (read_hook_name(hook) for hooks in self.resourceHooks.values() for hook in hooks)
        return {covering for covering in found if covering is not None}

    @property
    def windows(self) -> set[str]:
        """The resource names of the windows that cover it."""
        return {covering.window for covering in self.coverings}

    @property
    def covers(self) -> set[str]:
        """The names of what a window covers, as its program last declared it."""
        return {name for hooks in self.resourceHooks.values() for hook in hooks for name in read_record_name(hook)}

    @field_validator("outputs", "resourceHooks", "initErrors", "external", "delete", mode="before")
    @classmethod
    def _nothing_is_empty(cls, value: Any, info: Any) -> Any:
        return cls.model_fields[info.field_name].default if value is None else value


class _Pending(BaseModel):
    resource: StateResource


class _Deployment(BaseModel):
    resources: list[StateResource] | None = None
    pending_operations: list[_Pending] | None = None


class _Exported(BaseModel):
    deployment: _Deployment


class _Recorded(BaseModel):
    """The outputs of a window that the commands go by."""

    model_config = ConfigDict(extra="ignore")

    service: str = DEFAULT_SERVICE
    name: str
    start_at: str
    end_at: str
    phase: Phase
    message: str | None = None
    delete_message: str | None = None
    page_end_at: str | None = None
    automated: bool = True
    automate_maintenance_status: bool = True
    notify_subscribers: bool | list[str] = False


class ExportedState:
    """The resources of an exported stack. `what` names where it came from, for the line that refuses it."""

    def __init__(self, text: str, what: str) -> None:
        """Raises Refused for what is no exported stack."""
        if not text.strip():
            raise Refused(f"cannot read {what}: it is empty. Did `pulumi stack export` fail?")
        try:
            deployment = _Exported.model_validate(json.loads(text)).deployment
        except ValidationError as error:
            where, _ = faults_of(error)[0]
            raise Refused(
                f"not an exported stack ({where or 'it'} cannot be read): pass what `pulumi stack export` prints"
            ) from None
        except ValueError as error:
            raise Refused(f"cannot read {what}: {error}") from None
        except RecursionError:
            raise Refused(f"cannot read {what}: it is nested too deeply") from None
        self._resources = deployment.resources or []
        self._pending = [operation.resource for operation in deployment.pending_operations or []]

    def windows(self) -> Iterator[StateResource]:
        """The maintenance windows that the stack has, those that it only reads (`get`) among them."""
        for resource in self._resources:
            if resource.type == WINDOW and not resource.delete:
                yield resource

    def services(self) -> Iterator[str]:
        """The services of the windows that may have to be asked for: those that are not known to be over."""
        for window in self.windows():
            if not window.is_over:
                yield window.service

    def covered_by(self, window: StateResource) -> list[StateResource]:
        """What stands under a window, as the last run that could change it, or keep it, has left it in state."""
        return [other for other in self._resources if window.name in other.windows and not other.external]

    @property
    def stack(self) -> str:
        """The stack's project and name, by what is in it. Empty where nothing is."""
        return next((stack_of(resource.urn) for resource in self._resources), "")

    @property
    def recorded(self) -> Any:
        """What the stack has recorded of windows that it shares with others: its output of ours."""
        return next((one.outputs.get(OUTPUT) for one in self._resources if one.type == STACK), None)

    def others_under(self, window: StateResource) -> list[str]:
        """The other stacks that work under a window, as this one has recorded them."""
        return [name for name in stacks_in(self.recorded, window.id) if without_organization(name) != self.stack]

    def work_under(self, window: StateResource) -> tuple[str, ...]:
        """The names of what a window covers, what is new and what was interrupted among it."""
        known = {other.name for other in (*self.covered_by(window), *self.interrupted_under(window))}
        return tuple(sorted(known | window.covers))

    def may_be_begun_early(self, window: StateResource) -> bool:
        """Whether a run may have put a window in progress before its time, with the first change under it."""
        begins = Covering(window.name, "start")
        return any(begins in other.coverings for other in (*self._resources, *self._pending))

    def interrupted_under(self, window: StateResource) -> list[StateResource]:
        """What stands under a window, and was being changed when a run was killed."""
        return [other for other in self._pending if window.name in other.windows]


def recorded_window(window: StateResource, unneeded: Collection[str] = ()) -> MaintenanceState:
    """What is recorded of a window.

    Raises Refused where it cannot be read, as for a secret that is not shown. What is `unneeded` may be such a secret:
    then it is an empty text, or what it is by default.
    """
    props, hidden = {}, []
    for key in _Recorded.model_fields:
        if key in window.outputs:
            try:
                props[key] = _plain(window.outputs[key])
            except KeyError:
                hidden.append(key)
    if needed := [key for key in hidden if key not in unneeded]:
        raise Refused(f"{', '.join(needed)} is a secret here: pass what `pulumi stack export --show-secrets` prints")
    given = {key: value for key, value in props.items() if value is not None}
    try:
        known = _Recorded.model_validate({**({"name": ""} if "name" in hidden else {}), **given})
    except ValidationError as error:
        raise Refused(f"the recorded state cannot be read: {faults_of(error)[0][0]} is missing or unknown") from None
    return MaintenanceState.from_props({"message": "", **known.model_dump(exclude_none=True)})


def _plain(value: object) -> Any:
    """A value of a state. Raises KeyError for a secret whose text is not in it."""
    if not isinstance(value, Mapping) or value.get(SPECIAL) != SECRET_MARK:
        return value
    try:
        return json.loads(value["plaintext"])
    except (TypeError, ValueError, RecursionError):
        raise KeyError("plaintext") from None


def line_of(text: str) -> str:
    """A line that holds what a state says, as it may be shown on a terminal."""
    return plain(text if len(text) <= LINE_LIMIT else f"{text[: LINE_LIMIT - 1]}…")


def names_of(resources: Iterable[StateResource]) -> str:
    return ", ".join(sorted({resource.name for resource in resources}))
