"""What the engine records of each object, in the flat property bag that users see as outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from pydantic import (
    Field,
    ValidationError,
)

from . import times
from .errors import Refused
from .inputs import IncidentInputs, Inputs, MaintenanceInputs, RetrospectiveInputs
from .properties import Model, faults_of
from .statuses import IncidentStatus, Phase
from .times import Window


class Notice(Model):
    """One post of ours: the ledger that keeps a notice from going out twice."""

    event: str
    at: str
    subscribers: bool
    update_id: str | None = None


class Anchor(Model):
    """What a relative start was resolved to, kept so that a re-run does not move the window.

    `time_zone` is the one that a slot was found in.
    """

    expression: str
    start_at: str
    time_zone: str | None = None


class MaintenanceState(Model):
    """A window as the engine records it.

    `declared` is what was last applied. `window` has the times it came to. The property bag is flat: the inputs under
    their own names, with `start_at` and `end_at` resolved, and the rest beside them. `automated` tells whether the
    service still moves the window by itself: a published status ends that. `generation` counts the windows that this
    declaration has announced: each has a key of its own.
    """

    declared: MaintenanceInputs
    window: Window
    phase: Phase
    automated: bool = True
    generation: int = 1
    notices: list[Notice] = Field(default_factory=list)
    last_update_id: str | None = None
    anchor: Anchor | None = None
    public_url: str | None = None

    def to_props(self) -> dict[str, Any]:
        start, end = (times.format_instant(moment) for moment in self.window)
        own = self.model_dump(exclude={"declared", "window"}, exclude_none=True)
        return {**self.declared.to_props(), "start_at": start, "end_at": end, **own}

    @classmethod
    def from_props(cls, props: Mapping[str, Any]) -> MaintenanceState:
        """The state in a property bag. The inputs are taken as they are: a rule that is new may not lock a stack.

        Raises Refused where it cannot be read, as of a version that is newer.
        """
        with _readable():
            return cls._from_props(props)

    @classmethod
    def _from_props(cls, props: Mapping[str, Any]) -> MaintenanceState:
        window = (times.parse_instant(props["start_at"]), times.parse_instant(props["end_at"]))
        own = {key: props[key] for key in cls.model_fields if key in props}
        anchor = own.get("anchor")
        declared = MaintenanceInputs.model_construct(
            **{
                **{key: props[key] for key in MaintenanceInputs.model_fields if key in props},
                "start_at": anchor["expression"] if anchor else props["start_at"],
                "end_at": None if props.get("duration") else props["end_at"],
            }
        )
        return cls(declared=declared, window=window, **own)


State = TypeVar("State", bound="_State")


class _State(Model):
    """State whose bag is the inputs, and the rest beside them, all as they are."""

    declared: Inputs

    def to_props(self) -> dict[str, Any]:
        return {**self.declared.to_props(), **self.model_dump(exclude={"declared"}, exclude_none=True)}

    @classmethod
    def from_props(cls: type[State], props: Mapping[str, Any]) -> State:
        """The state in a property bag, taken as it is. Raises Refused where it cannot be read."""
        inputs = cast("type[Inputs]", cls.model_fields["declared"].annotation)
        declared = inputs.model_construct(**{key: props[key] for key in inputs.model_fields if key in props})
        with _readable():
            return cls(declared=declared, **{key: props[key] for key in cls.model_fields if key in props})


class IncidentState(_State):
    """An incident as the engine records it. `phase` is its status on the page, whoever set it."""

    declared: IncidentInputs
    phase: IncidentStatus
    generation: int = 1
    notices: list[Notice] = Field(default_factory=list)
    last_update_id: str | None = None
    public_url: str | None = None


class RetrospectiveState(_State):
    """A past incident as the engine records it. `phase` is its status on the page, whoever set it."""

    declared: RetrospectiveInputs
    phase: IncidentStatus
    public_url: str | None = None


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (KeyError, ValueError) as error:
        faults = faults_of(error) if isinstance(error, ValidationError) else []
        where = faults[0][0] if faults else str(error).strip("'")
        raise Refused(
            f"the recorded state cannot be read: {where} is missing or unknown. Nothing was posted. "
            "Was it written by a newer version? Then install that one"
        ) from None


def outputs(state: type[Model]) -> list[str]:
    """The names of what is recorded beside the inputs."""
    return [name for name in state.model_fields if name not in ("declared", "window")]
