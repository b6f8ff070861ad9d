"""What the engine records of each object, in the flat property bag that users see as outputs.

Each output is declared once, with its type and meaning: docs and docstrings are made of that (`make docs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, TypeVar, cast, get_args

from pydantic import (
    Field,
    ValidationError,
)

from . import times
from .errors import Refused
from .inputs import IncidentInputs, Inputs, MaintenanceInputs, RetrospectiveInputs
from .properties import Model, faults_of
from .remote import Impact, Incident, Maintenance, Period, Update
from .statuses import IncidentStatus, Phase
from .times import Window


@dataclass(frozen=True)
class Output:
    """What stands beside an output's type: its type in a program, and what it means.

    `name` is set if a field is recorded under other names than its own.
    """

    type: str
    meaning: str
    name: str = ""


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


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


_PUBLISHED_AT = Output("text", "when it was published, in UTC, as last seen")
_UPDATES = Output(
    "list of maps",
    "its timeline as last seen, oldest first, each with `id`, `message`, `published_at`, `status` and "
    "`component_statuses`. What is published is public, so it stands here in plain text",
)


def seen(remote: Maintenance | Incident) -> dict[str, object]:
    """What is recorded of how an object stands on the page, beside what decides about it."""
    return {
        **({"published_at": times.format_instant(remote.published_at)} if remote.tells_when else {}),
        "updates": [entry_of(update) for update in remote.timeline],
        **(
            {"component_maintenance_periods": [_span_of(period) for period in remote.component_maintenance_periods]}
            if isinstance(remote, Maintenance)
            else {"component_impacts": [_span_of(impact) for impact in remote.component_impacts]}
        ),
    }


def entry_of(update: Update) -> dict[str, Any]:
    """An entry of the timeline, as it is recorded."""
    at, told = times.format_instant(update.published_at), update.component_statuses
    entry = {"id": update.id, "message": update.message, "published_at": at, "status": update.status}
    return {key: value for key, value in {**entry, "component_statuses": told}.items() if value}


def with_entry(updates: list[Any], update: Update) -> list[Any]:
    """The recorded timeline with an entry. One that a killed run has published may be in it already."""
    entry = entry_of(update)
    return updates if entry in updates else [*updates, entry]


def _span_of(span: Period | Impact) -> dict[str, str]:
    shown = span.model_dump(exclude_none=True)
    return {
        key: times.format_instant(value) if isinstance(value, datetime) else str(value) for key, value in shown.items()
    }


_PHASE = Output("text", "its status on the page as last seen, whoever set it")
_URL = Output("text", "the incident's address, if the service tells it")


class MaintenanceState(Model):
    """A window as the engine records it.

    `declared` is what was last applied. `window` has the times it came to. The property bag is flat: the inputs under
    their own names, with `start_at` and `end_at` resolved, and the rest beside them. `automated` tells whether the
    service still moves the window by itself: a published status ends that. `generation` counts the windows that this
    declaration has announced: each has a key of its own.
    """

    id: ClassVar[Output] = Output(
        "text", "the window's id. It stays known in previews, so hand this one to other resources"
    )
    declared: MaintenanceInputs
    window: Annotated[
        Window,
        Output("text", "the start, in UTC", "start_at"),
        Output("text", "the end, in UTC, also if `duration` was declared", "end_at"),
    ]
    phase: Annotated[
        Phase,
        Output("text", f"one of {_named(get_args(Phase))}, as last seen: an `up` without a change does not look"),
    ]
    automated: Annotated[bool, Output("bool", "whether the service still moves the window by itself")] = True
    generation: Annotated[
        int,
        Output(
            "number",
            "how many windows this declaration has announced; it is part of the [key](lifecycle.md#once-and-only-once)",
        ),
    ] = 1
    notices: Annotated[
        list[Notice],
        Output(
            "list of maps",
            f"what this resource announced, each with {_named(Notice.model_fields)}. `subscribers` is whether it was "
            "emailed. What the service's automation published is not in it",
        ),
    ] = Field(default_factory=list)
    last_update_id: Annotated[
        str | None, Output("text", "the last entry of the timeline that was seen; what comes after it may be ours")
    ] = None
    anchor: Annotated[
        Anchor | None, Output("map", f"what a relative start was resolved to: {_named(Anchor.model_fields)}")
    ] = None
    public_url: Annotated[str | None, Output("text", "the window's address, if the service tells it")] = None
    page_end_at: Annotated[
        str | None,
        Output(
            "text",
            "the end on the page, in UTC, where `end_at` had passed by the time it was declared and the window ran on",
        ),
    ] = None
    published_at: Annotated[str | None, _PUBLISHED_AT] = None
    updates: Annotated[list[Any], _UPDATES] = Field(default_factory=list)
    component_maintenance_periods: Annotated[
        list[Any],
        Output("list of maps", "its times by component as last seen, with `component_id`, `start_at` and `end_at`"),
    ] = Field(default_factory=list)

    @property
    def page_window(self) -> Window:
        """The times on the page, as far as they are known."""
        start, end = self.window
        return start, times.parse_instant(self.page_end_at) if self.page_end_at else end

    def to_props(self) -> dict[str, Any]:
        start, end = (times.format_instant(moment) for moment in self.window)
        own = self.model_dump(exclude={"declared", "window"}, exclude_none=True)
        return {**self.declared.to_props(), "start_at": start, "end_at": end, **own}

    @classmethod
    def from_props(cls, props: Mapping[str, Any]) -> MaintenanceState:
        """The state in a property bag. The inputs are taken as they are: a rule that is new may not lock a stack.

        Raises Refused if it cannot be read, as of a version that is newer.
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
        """The state in a property bag, taken as it is. Raises Refused if it cannot be read."""
        inputs = cast("type[Inputs]", cls.model_fields["declared"].annotation)
        declared = inputs.model_construct(**{key: props[key] for key in inputs.model_fields if key in props})
        with _readable():
            return cls(declared=declared, **{key: props[key] for key in cls.model_fields if key in props})


class IncidentState(_State):
    """An incident as the engine records it. `phase` is its status on the page, whoever set it."""

    id: ClassVar[Output] = Output("text", "the incident's id")
    declared: IncidentInputs
    phase: Annotated[IncidentStatus, _PHASE]
    generation: Annotated[int, Output("number", "how many incidents this declaration has opened")] = 1
    notices: Annotated[
        list[Notice],
        Output(
            "list of maps",
            f"what this resource posted, each with {_named(Notice.model_fields)}. `subscribers` is whether an email "
            "was asked for",
        ),
    ] = Field(default_factory=list)
    last_update_id: Annotated[str | None, Output("text", "the last entry of the timeline that was seen")] = None
    public_url: Annotated[str | None, _URL] = None
    published_at: Annotated[str | None, _PUBLISHED_AT] = None
    updates: Annotated[list[Any], _UPDATES] = Field(default_factory=list)
    component_impacts: Annotated[
        list[Any],
        Output(
            "list of maps",
            "what it does to each component, with `component_id`, `component_status`, `start_at` and `end_at`, as last "
            "seen",
        ),
    ] = Field(default_factory=list)


class RetrospectiveState(_State):
    """A past incident as the engine records it. `phase` is its status on the page, whoever set it."""

    id: ClassVar[Output] = Output("text", "the incident's id")
    declared: RetrospectiveInputs
    phase: Annotated[IncidentStatus, _PHASE]
    public_url: Annotated[str | None, _URL] = None


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (KeyError, ValueError, AttributeError, TypeError) as error:
        faults = faults_of(error) if isinstance(error, ValidationError) else []
        where = faults[0][0] if faults else str(error).strip("'")
        if isinstance(error, (AttributeError, TypeError)):
            # A value that is of another kind altogether: Python's own words for it would say nothing.
            where = "one of its values"
        raise Refused(
            f"the recorded state cannot be read: {where} is missing or unknown. Nothing was posted. "
            "Was it written by a newer version? Then install that version"
        ) from None
