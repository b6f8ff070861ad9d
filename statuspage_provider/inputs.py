"""What a program declares: each input once, with its type, limits, default, meaning, rule and effect.

Field names are the API's own. Limits are those of the incident.io Status Pages V2 reference, unless a rule says
otherwise. The resources' docstrings and docs/reference.md are made of this (`make docs`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator

from . import page_texts, slots, times
from .properties import Model, faults_of, refusal
from .statuses import (
    EVENTS,
    ComponentStatuses,
    IncidentComponentStatus,
    IncidentOnDelete,
    IncidentStatus,
    MaintenanceComponentStatus,
    MaintenanceEvent,
    MaintenanceOnDelete,
    MaintenanceStatus,
)
from .unknowns import has_unknown
from .values import (
    MESSAGE_LIMIT,
    NAME_LIMIT,
    UPDATES_LIMIT,
    ComponentIds,
    End,
    Events,
    Flag,
    Id,
    Instant,
    Length,
    Message,
    Name,
    TimeZone,
    Triggers,
    attempt,
    instant,
    is_slot,
    one_of,
    shown,
    statuses_of,
)


class Effect(Enum):
    """What a change of an input does to the object. The text follows "A change" in the docs."""

    QUIET = "does nothing by itself"
    RECORDED = "is recorded only"
    EDIT = "is a silent edit"
    UPDATE = "is published as one update"
    MOVE = "moves the {object} (silently, without the event `rescheduled`), or makes a new one if it is complete"
    NEW = "makes a new {object}"
    NEW_BEFORE_START = "replaces the {object} before the start, and is published as one update after it"
    SET_AT_START = "replaces the {object} before the start, and is recorded only after it"
    ADOPT = "takes that {object} over instead"


Type = Literal[
    "text",
    "datetime or text",
    "timedelta or text",
    "bool",
    "bool or set of text",
    "list",
    "list of text",
    "list of maps",
    "map of id to status",
]
"""What a program may give for an input, in the words of the docs."""


@dataclass(frozen=True)
class Input:
    """What stands beside an input's type: what its change does, what it means, what rule it is under and by whom."""

    effect: Effect
    type: Type
    meaning: str
    rule: str = ""


def _limited(limit: int) -> str:
    return f"1 to {limit} characters (reference)"


def _one_of(values: tuple[str, ...]) -> str:
    *most, last = (f"`{value}`" for value in values)
    return f"{', '.join(most)} or {last}"


_INCIDENT_STATUSES = get_args(IncidentStatus)
_IMPACT_STATUSES = get_args(IncidentComponentStatus)


_KEYED = "; by default made from organisation, project, stack, parent and resource name"
_SAME_CLOCK = "a time that a clock change skips or repeats is refused (ours)"
_NO_MOVE = "the API cannot move it to another page (reference)"
_IMPACTS = f"{_one_of(_IMPACT_STATUSES)} by component; the API's list form is accepted too"


def _start(value: object, info: ValidationInfo) -> str:
    if isinstance(value, str) and times.is_relative(value):
        if value == "now":
            return value
        if times.is_slot(value):
            return attempt(lambda: str(slots.parse(value)))
        return attempt(lambda: "+" + times.format_length(times.offset_of(value)))
    return instant(value, info, also=', "now", "+15m" or a slot')


Start = Annotated[str, BeforeValidator(_start)]


class Inputs(Model):
    """The base of what is declared."""

    @field_validator("*", mode="wrap")
    @classmethod
    def _unknown_passes(cls, value: Any, handler: Callable[[Any], Any]) -> Any:
        return value if has_unknown(value) else handler(value)


def _repeat(value: object, info: ValidationInfo) -> object:
    # Of a field that was itself refused, or is not known yet, nothing can be said.
    start, adopted = info.data.get("start_at"), info.data.get("adopt_id")
    if value is not True or not isinstance(start, str):
        return value
    if not is_slot(start):
        raise refusal('is for a start that has a next one: give start_at=statuspage.next_slot("22:00")')
    if adopted is not None:
        raise refusal("is set, and adopt_id too: take the window over first, then take adopt_id out and repeat it")
    return value


class MaintenanceInputs(Inputs):
    """A maintenance window as a program declares it."""

    service: Annotated[
        Id,
        Input(
            Effect.NEW,
            "text",
            "which service the page is on: `incident.io` or `statuspage.me`",
            "on statuspage.me a window is [its times](statuspage-me.md#windows) (its document)",
        ),
    ] = "incident.io"
    status_page_id: Annotated[Id, Input(Effect.NEW, "text", "the page's id", _NO_MOVE)]
    name: Annotated[Name, Input(Effect.EDIT, "text", "the title", _limited(NAME_LIMIT))]
    message: Annotated[Message, Input(Effect.UPDATE, "text", "what is published, in Markdown", _limited(MESSAGE_LIMIT))]
    time_zone: Annotated[
        TimeZone,
        Input(Effect.QUIET, "text", 'the IANA zone of times without an offset, `"Europe/Berlin"`', _SAME_CLOCK),
    ] = None
    start_at: Annotated[
        Start,
        Input(
            Effect.MOVE,
            "datetime or text",
            'when it starts: an aware `datetime`; text with an offset, `"2026-03-01T22:00:00Z"`; text or `datetime` '
            'without one, with `time_zone`; or, decided when the window is announced, `"now"`, `"+15m"`, or the next '
            "free [slot](slots.md)",
            "whole seconds, kept in UTC (ours)",
        ),
    ]
    duration: Annotated[
        Length,
        Input(
            Effect.MOVE,
            "timedelta or text",
            'how long it lasts: `"1h30m"`, in days `d`, hours `h`, minutes `m`, seconds `s`',
            "this or `end_at`; a slot needs this one (ours)",
        ),
    ] = None
    end_at: Annotated[
        End,
        Input(
            Effect.MOVE,
            "datetime or text",
            "when it ends, written like `start_at` but never relative",
            "after `start_at`; this or `duration` (ours)",
        ),
    ] = None
    affected_component_ids: Annotated[
        ComponentIds,
        Input(
            Effect.NEW_BEFORE_START,
            "list of text",
            "the components under maintenance; order does not matter",
            "can only be set at creation (SDK); without any, the times cannot be read back (SDK)",
        ),
    ] = ()  # type: ignore[assignment]
    maintenance_status: Annotated[
        Annotated[MaintenanceStatus, one_of(*get_args(MaintenanceStatus))] | None,
        Input(
            Effect.UPDATE,
            "text",
            f"{_one_of(get_args(MaintenanceStatus))}; without it the status is left to the service",
            "a published status turns the service's automation off (SDK)",
        ),
    ] = None
    automate_maintenance_status: Annotated[
        Flag,
        Input(
            Effect.SET_AT_START,
            "bool",
            "whether the service begins and ends the window by itself",
            "can only be set at creation (SDK); the API's own default is false",
        ),
    ] = True
    component_statuses: Annotated[
        ComponentStatuses | None,
        statuses_of(*get_args(MaintenanceComponentStatus)),
        Input(
            Effect.UPDATE,
            "map of id to status",
            "`operational` or `under_maintenance` by component; the API's list form is accepted too",
            "not sent with `maintenance_complete`: the service then sets all components to operational (SDK)",
        ),
    ] = None
    notify_subscribers: Annotated[
        Events,
        Input(
            Effect.RECORDED,
            "bool or set of text",
            f"which [events](windows.md#emails) are emailed: `False` for none, `True` for all, or a set of "
            f"{_one_of(EVENTS)}",
            "refused by the service above 1000 subscribers (SDK)",
        ),
    ] = False
    triggers: Annotated[
        Triggers, Input(Effect.NEW, "list", "any values, such as the version to be installed", "ours")
    ] = None
    on_delete: Annotated[
        MaintenanceOnDelete,
        one_of(*get_args(MaintenanceOnDelete)),
        Input(
            Effect.RECORDED,
            "text",
            "what [leaving the program](lifecycle.md#leaving-the-program) does: `auto` deletes a window that has not "
            "begun, completes one that has, and leaves a finished one; `complete`, `delete` and `retain` do just that",
            "deleting tells nobody and breaks links (SDK)",
        ),
    ] = "auto"
    delete_message: Annotated[
        Message | None,
        Input(
            Effect.RECORDED,
            "text",
            "what is published when leaving the program completes or cancels the window; by default "
            f'"{page_texts.COMPLETED}" or "{page_texts.CANCELLED}"',
            _limited(MESSAGE_LIMIT),
        ),
    ] = None
    adopt_id: Annotated[
        Id | None,
        Input(
            Effect.ADOPT,
            "text",
            "the id of a window on the page, to [take over](windows.md#taking-over)",
            "the engine's import does not work here (ours)",
        ),
    ] = None
    repeat: Annotated[
        Flag,
        BeforeValidator(_repeat),
        Input(
            Effect.RECORDED,
            "bool",
            "whether a window that is over is followed by one in [the next slot](slots.md#a-window-every-week)",
            "only where `start_at` is a slot (ours)",
        ),
    ] = False
    idempotency_key: Annotated[
        Id,
        Input(
            Effect.QUIET, "text", f"what makes announcing safe to repeat{_KEYED}", "the API requires one (reference)"
        ),
    ]

    def notifies(self, event: MaintenanceEvent) -> bool:
        """Whether `event` is to be emailed to subscribers."""
        wanted = self.notify_subscribers
        return wanted if isinstance(wanted, bool) else event in wanted


class IncidentInputs(Inputs):
    """An incident as a program declares it."""

    service: Annotated[
        Id,
        Input(
            Effect.NEW,
            "text",
            "which service the page is on: `incident.io` or `statuspage.me`",
        ),
    ] = "incident.io"
    status_page_id: Annotated[
        Id | None,
        Input(
            Effect.NEW,
            "text",
            "the page's id; needed, unless `component_id` is given",
            _NO_MOVE,
        ),
    ] = None
    component_id: Annotated[
        Id | None,
        Input(
            Effect.NEW,
            "text",
            "the component that the incident belongs to, with or instead of a page",
            "only for statuspage.me (its document), refused for incident.io",
        ),
    ] = None
    name: Annotated[Name, Input(Effect.EDIT, "text", "the title", _limited(NAME_LIMIT))]
    message: Annotated[Message, Input(Effect.UPDATE, "text", "what is published, in Markdown", _limited(MESSAGE_LIMIT))]
    incident_status: Annotated[
        IncidentStatus,
        one_of(*_INCIDENT_STATUSES),
        Input(
            Effect.UPDATE,
            "text",
            _one_of(_INCIDENT_STATUSES),
            "a status after `resolved` reopens it (ours: only a change of the declared one does)",
        ),
    ] = "investigating"
    component_statuses: Annotated[
        ComponentStatuses | None,
        statuses_of(*_IMPACT_STATUSES),
        Input(
            Effect.UPDATE,
            "map of id to status",
            _IMPACTS,
            "not sent with `resolved`: incident.io then sets all components to operational (SDK). Refused "
            "for statuspage.me, which has none",
        ),
    ] = None
    notify_subscribers: Annotated[
        Flag,
        Input(
            Effect.RECORDED,
            "bool",
            "whether each post is emailed",
            "refused by incident.io above 1000 subscribers (SDK). statuspage.me accepts it at creation only (its "
            "document), so updates send no email there",
        ),
    ] = False
    on_delete: Annotated[
        IncidentOnDelete,
        one_of(*get_args(IncidentOnDelete)),
        Input(
            Effect.RECORDED,
            "text",
            "what leaving the program does: `auto` and `resolve` resolve what is open, `retain` leaves it, `delete` "
            "removes it and its timeline for good",
            "`delete` is refused for incident.io, which has no such call",
        ),
    ] = "auto"
    delete_message: Annotated[
        Message | None,
        Input(
            Effect.RECORDED,
            "text",
            f'what is published when leaving the program resolves it; by default "{page_texts.RESOLVED}"',
            _limited(MESSAGE_LIMIT),
        ),
    ] = None
    closing_note: Annotated[
        Message | None,
        Input(
            Effect.UPDATE,
            "text",
            "what is published of it afterwards, once it is resolved: a finding, a link to a report",
            f"{_limited(MESSAGE_LIMIT)}; refused until it is resolved, and in the run that resolves it (ours)",
        ),
    ] = None
    adopt_id: Annotated[
        Id | None,
        Input(
            Effect.ADOPT, "text", "the id of an incident on the page, to [take over](windows.md#taking-over)", "ours"
        ),
    ] = None
    idempotency_key: Annotated[
        Id,
        Input(Effect.QUIET, "text", f"what makes opening safe to repeat{_KEYED}", "the API requires one (reference)"),
    ]

    @property
    def place(self) -> str:
        """What the incident belongs to: a page, or a component if the service takes that instead."""
        return self.status_page_id or self.component_id or ""


class RetrospectiveUpdate(Inputs):
    """One entry of a past incident's timeline. `time_zone` is that of the whole timeline."""

    time_zone: str | None = Field(default=None, exclude=True)
    incident_status: Annotated[
        IncidentStatus,
        one_of(*_INCIDENT_STATUSES),
        Input(Effect.RECORDED, "text", _one_of(_INCIDENT_STATUSES)),
    ]
    message: Annotated[
        Message, Input(Effect.RECORDED, "text", "what is published, in Markdown", _limited(MESSAGE_LIMIT))
    ]
    published_at: Annotated[
        Instant,
        Input(
            Effect.RECORDED,
            "datetime or text",
            "when: an aware `datetime`, text with an offset, or one without, with `time_zone`",
            "in the past when it is published (SDK); whole seconds, kept in UTC (ours)",
        ),
    ]
    component_statuses: Annotated[
        ComponentStatuses | None,
        statuses_of(*_IMPACT_STATUSES),
        Input(
            Effect.RECORDED,
            "map of id to status",
            f"{_IMPACTS}. It may be left out",
            "not with `resolved`: the service then sets all components to operational (SDK)",
        ),
    ] = None


_OF_AN_UPDATE = tuple(field for field in RetrospectiveUpdate.model_fields if field != "time_zone")


def _past_updates(value: object, info: ValidationInfo) -> list[Any]:
    if not isinstance(value, (list, tuple)) or not value:
        raise refusal("must be a list of at least one update")
    zone = info.data.get("time_zone")
    # Of a zone that was itself refused, its own line says why, and one is enough.
    if has_unknown(zone) or "time_zone" not in info.data:
        return list(value)
    faults: list[tuple[str, str]] = []
    updates: list[RetrospectiveUpdate] = []
    for index, item in enumerate(value):
        if not isinstance(item, Mapping):
            faults.append((f"[{index}]", f"must be a map of {', '.join(_OF_AN_UPDATE)}, not {shown(item)}"))
            continue
        for key in item:
            if key not in _OF_AN_UPDATE:
                faults.append((f"[{index}].{key}", "is an unknown field: remove it"))
        try:
            updates.append(RetrospectiveUpdate.model_validate({**item, "time_zone": zone}))
        except ValidationError as error:
            faults += [(f"[{index}].{where}", reason) for where, reason in faults_of(error)]
    if faults := faults or list(_faults_of_timeline(updates)):
        raise refusal("; ".join(f"{where} {reason}" for where, reason in faults), faults)
    return [update.to_props() for update in updates]


def _faults_of_timeline(updates: list[RetrospectiveUpdate]) -> Iterator[tuple[str, str]]:
    if len(updates) > UPDATES_LIMIT:
        yield (
            f"[{UPDATES_LIMIT}]",
            f"is one too many: there are {len(updates)}, and the service takes at most {UPDATES_LIMIT}",
        )
    for index, update in enumerate(updates):
        before = updates[max(index - 1, 0)].published_at
        # Instants have one spelling, in UTC, which sorts by time.
        if update.published_at < before:
            yield (
                f"[{index}].published_at",
                f"{update.published_at} is earlier than the update before it, {before}: sort them",
            )
        if update.incident_status == "resolved" and update.component_statuses is not None:
            yield (
                f"[{index}].component_statuses",
                "must be left out of an update that resolves: the service sets all operational",
            )
    if updates[-1].incident_status != "resolved":
        yield (
            f"[{len(updates) - 1}].incident_status",
            f'is "{updates[-1].incident_status}": a past incident must end as resolved',
        )


class RetrospectiveInputs(Inputs):
    """A past incident as a program declares it."""

    status_page_id: Annotated[Id, Input(Effect.NEW, "text", "the page's id", "the one on the old page stays (ours)")]
    name: Annotated[Name, Input(Effect.RECORDED, "text", "the title", _limited(NAME_LIMIT))]
    time_zone: Annotated[
        TimeZone, Input(Effect.QUIET, "text", "the IANA zone of times without an offset", _SAME_CLOCK)
    ] = None
    updates: Annotated[
        list[Any],
        BeforeValidator(_past_updates),
        Input(
            Effect.RECORDED,
            "list of maps",
            "the timeline, oldest first",
            f"1 to {UPDATES_LIMIT} entries, in order, all in the past, the last one resolved (SDK)",
        ),
    ]
    idempotency_key: Annotated[
        Id,
        Input(
            Effect.QUIET, "text", f"what makes publishing safe to repeat{_KEYED}", "the API requires one (reference)"
        ),
    ]


@cache
def declarations(inputs: type[Model]) -> dict[str, Input]:
    """What each input declares of itself, in the order of declaration."""
    found = {}
    for name, field in inputs.model_fields.items():
        for beside in field.metadata:
            if isinstance(beside, Input):
                found[name] = beside
    return found


@cache
def effects(inputs: type[Model]) -> Mapping[str, Effect]:
    """What a change of each input does."""
    return {name: each.effect for name, each in declarations(inputs).items()}
