"""What is declared, what is recorded and what the service has: types, limits, defaults. No I/O.

`MaintenanceInputs` and `IncidentInputs` are what a program declares, in one canonical form. `MaintenanceState` and
`IncidentState` are what the engine records. `Maintenance` and `Incident` are what the service has. Field names are the
API's own. Limits are those of the incident.io Status Pages V2 reference.

A value that a preview does not know yet passes every rule: nothing can be said of it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar, cast, get_args

from pulumi.output import Unknown
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from . import times
from .errors import Refused
from .plain import quoted

MaintenanceStatus = Literal["maintenance_scheduled", "maintenance_in_progress", "maintenance_complete"]
IncidentStatus = Literal["investigating", "identified", "monitoring", "resolved"]
Phase = Literal["scheduled", "in_progress", "complete"]
Event = Literal["scheduled", "rescheduled", "in_progress", "update", "complete", "cancelled"]

EVENTS: tuple[Event, ...] = ("scheduled", "rescheduled", "in_progress", "update", "complete", "cancelled")
"""What subscribers can be told of a maintenance window."""

NAME_LIMIT = 200
MESSAGE_LIMIT = 4096
UPDATES_LIMIT = 100


def has_unknown(value: object) -> bool:
    """Whether any part of `value` is not known yet, as in a preview."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, (list, tuple, Set)):
        return any(has_unknown(item) for item in value)
    return isinstance(value, Unknown)


def refusal(reason: str, within: Sequence[tuple[str, str]] = ()) -> PydanticCustomError:
    # The reason is the whole message: pydantic's own wording names types, not fixes. A value that is quoted in it may
    # have line breaks. `within` are the faults of a value's parts: where in it, and why.
    return PydanticCustomError("refused", "{reason}", {"reason": " ".join(reason.split()), "within": within})


def _text(limit: int | None = None) -> BeforeValidator:
    def validate(value: object) -> str:
        if not isinstance(value, str):
            raise refusal(f"must be text, not {_shown(value)}")
        if not value.strip():
            raise refusal("must not be empty")
        if limit is not None and len(value) > limit:
            raise refusal(f"is {len(value)} characters long, and the service takes at most {limit}: shorten it")
        return value

    return BeforeValidator(validate)


def _choice(*allowed: str) -> BeforeValidator:
    def validate(value: object) -> str:
        if value not in allowed:
            raise refusal(f"{_shown(value)} is not one of {', '.join(allowed)}")
        return str(value)

    return BeforeValidator(validate)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise refusal(f"must be True or False, not {_shown(value)}")
    return value


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _attempt(parse: Callable[[], str]) -> str:
    try:
        return parse()
    except ValueError as error:
        raise refusal(str(error)) from None


Id = Annotated[str, _text()]
Name = Annotated[str, _text(NAME_LIMIT)]
Message = Annotated[str, _text(MESSAGE_LIMIT)]
Flag = Annotated[bool, BeforeValidator(_flag)]


class _Model(BaseModel):
    # Unknown keys are dropped: the API may add fields, and a newer version's state may be read by an older one.
    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    def to_props(self) -> dict[str, Any]:
        """A fresh, JSON-safe property bag: the engine's SDK writes into what it is given."""
        return cast(
            "dict[str, Any]",
            {key: value for key, value in self.model_dump(warnings=False).items() if value is not None},
        )


class _Inputs(_Model):
    @field_validator("*", mode="wrap")
    @classmethod
    def _unknown_passes(cls, value: Any, handler: Callable[[Any], Any]) -> Any:
        return value if has_unknown(value) else handler(value)


ComponentStatuses = list[dict[str, str]]
"""Components and their statuses, as the API writes them: {component_id, component_status}, sorted by id."""


def _component_statuses(*allowed: str) -> BeforeValidator:
    def validate(value: object) -> ComponentStatuses | None:
        if value is None:
            return None
        items = value if isinstance(value, (list, tuple)) else None
        if isinstance(value, Mapping):
            items = [{"component_id": key, "component_status": status} for key, status in value.items()]
        if not items:
            raise refusal("must map at least one component id to its status, or be left out")
        statuses: dict[str, str] = {}
        for item in items:
            if not isinstance(item, Mapping) or not {"component_id", "component_status"} <= set(item):
                raise refusal("each entry needs component_id and component_status")
            component, status = item["component_id"], item["component_status"]
            if not isinstance(component, str) or not component.strip():
                raise refusal(f"{_shown(component)} is not a component id")
            if status not in allowed:
                raise refusal(f"{component}: {_shown(status)} is not one of {', '.join(allowed)}")
            if statuses.setdefault(component, status) != status:
                raise refusal(f"{component} is named twice, with different statuses")
        return [{"component_id": key, "component_status": statuses[key]} for key in sorted(statuses)]

    return BeforeValidator(validate)


def _instant(value: object, info: ValidationInfo, also: str = "") -> str:
    if not isinstance(value, str):
        raise refusal(f'must be a datetime, text like "2026-03-01T22:00:00Z"{also}, not {_shown(value)}')
    zone = info.data.get("time_zone")
    # Of a zone that was itself refused, its own line says why, and one is enough.
    if has_unknown(zone) or "time_zone" not in info.data:
        return value
    return _attempt(lambda: times.format_instant(times.parse_instant(value, zone)))


def _zone(value: object) -> str | None:
    return value if value is None else _attempt(lambda: times.parse_zone(str(value)).key)


def _start(value: object, info: ValidationInfo) -> str:
    if isinstance(value, str) and times.is_relative(value):
        if value == "now":
            return value
        return _attempt(lambda: "+" + times.format_length(times.offset_of(value)))
    return _instant(value, info, also=', "now" or "+15m"')


def _length(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise refusal(f'must be a timedelta or text like "1h30m", not {_shown(value)}')
    return _attempt(lambda: times.format_length(times.parse_length(value)))


def _end(value: object, info: ValidationInfo) -> str | None:
    # A field that was itself refused is not in `info.data`: its own line says why, and one is enough.
    duration, start = info.data.get("duration"), info.data.get("start_at")
    if value is None:
        if "duration" in info.data and duration is None:
            raise refusal("is missing: give end_at, or duration")
        return None
    if has_unknown(duration):
        return _instant(value, info)
    if duration is not None:
        raise refusal("is given, and duration too: keep one")
    end = _instant(value, info)
    zone_is_known = "time_zone" in info.data and not has_unknown(info.data["time_zone"])
    if not zone_is_known or not isinstance(start, str) or times.is_relative(start):
        return end
    if times.parse_instant(end) <= times.parse_instant(start):
        raise refusal(f"{end} is not after start_at {start}: move one of them")
    return end


def _ids(value: object) -> list[str]:
    # Order says nothing on the page, so it must not make a diff.
    if not isinstance(value, (list, tuple, Set)) or not all(isinstance(item, str) and item.strip() for item in value):
        raise refusal("must be a list of component ids")
    if not value:
        raise refusal("is empty: name at least one component, or the window's times cannot be read back")
    return sorted(set(value))


def _triggers(value: object) -> list[Any] | None:
    if value is not None and not isinstance(value, (list, tuple)):
        raise refusal(f"must be a list of values, not {_shown(value)}")
    return value if value is None else list(value)


def _events(value: object) -> bool | list[str]:
    if isinstance(value, bool):
        return value
    if not isinstance(value, (list, tuple, Set)):
        raise refusal(f"must be True, False or a set of {', '.join(EVENTS)}, not {_shown(value)}")
    for event in value:
        if event not in EVENTS:
            raise refusal(f"{_shown(event)} is not one of {', '.join(EVENTS)}")
    return [event for event in EVENTS if event in value] or False


class MaintenanceInputs(_Inputs):
    """A maintenance window as a program declares it. `StatusPageMaintenance` says what each input means."""

    status_page_id: Id
    name: Name
    message: Message
    time_zone: Annotated[str | None, BeforeValidator(_zone)] = None
    start_at: Annotated[str, BeforeValidator(_start)]
    duration: Annotated[str | None, BeforeValidator(_length)] = None
    end_at: Annotated[str | None, BeforeValidator(_end), Field(validate_default=True)] = None
    affected_component_ids: Annotated[list[str], BeforeValidator(_ids)]
    maintenance_status: (
        Annotated[
            MaintenanceStatus, _choice("maintenance_scheduled", "maintenance_in_progress", "maintenance_complete")
        ]
        | None
    ) = None
    automate_maintenance_status: Flag = True
    component_statuses: Annotated[ComponentStatuses | None, _component_statuses("operational", "under_maintenance")] = (
        None
    )
    notify_subscribers: Annotated[bool | list[Event], BeforeValidator(_events)] = False
    triggers: Annotated[list[Any] | None, BeforeValidator(_triggers)] = None
    on_delete: Annotated[
        Literal["auto", "complete", "delete", "retain"], _choice("auto", "complete", "delete", "retain")
    ] = "auto"
    delete_message: Message | None = None
    adopt_id: Id | None = None
    idempotency_key: Id

    def notifies(self, event: Event) -> bool:
        """Whether subscribers are to be mailed of `event`."""
        wanted = self.notify_subscribers
        return wanted if isinstance(wanted, bool) else event in wanted


class IncidentInputs(_Inputs):
    """An incident as a program declares it. `StatusPageIncident` says what each input means."""

    service: Id = "incident.io"
    status_page_id: Id | None = None
    component_id: Id | None = None
    name: Name
    message: Message
    incident_status: Annotated[IncidentStatus, _choice("investigating", "identified", "monitoring", "resolved")] = (
        "investigating"
    )
    component_statuses: Annotated[
        ComponentStatuses | None,
        _component_statuses("operational", "degraded_performance", "partial_outage", "full_outage"),
    ] = None
    notify_subscribers: Flag = False
    on_delete: Annotated[
        Literal["auto", "resolve", "delete", "retain"], _choice("auto", "resolve", "delete", "retain")
    ] = "auto"
    delete_message: Message | None = None
    adopt_id: Id | None = None
    idempotency_key: Id

    @property
    def place(self) -> str:
        """What the incident belongs to: a page, or a component where the service takes that instead."""
        return self.status_page_id or self.component_id or ""


class RetrospectiveUpdate(_Inputs):
    """One entry of a past incident's timeline. `time_zone` is that of the whole timeline."""

    time_zone: str | None = Field(default=None, exclude=True)
    incident_status: Annotated[IncidentStatus, _choice("investigating", "identified", "monitoring", "resolved")]
    message: Message
    published_at: Annotated[str, BeforeValidator(_instant)]
    component_statuses: Annotated[
        ComponentStatuses | None,
        _component_statuses("operational", "degraded_performance", "partial_outage", "full_outage"),
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
            faults.append((f"[{index}]", f"must be a map of {', '.join(_OF_AN_UPDATE)}, not {_shown(item)}"))
            continue
        for key in item:
            if key not in _OF_AN_UPDATE:
                faults.append((f"[{index}].{key}", "is no field of an update: take it out"))
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
                f"{update.published_at} is before the update before it, {before}: sort them",
            )
        if update.incident_status == "resolved" and update.component_statuses is not None:
            yield (
                f"[{index}].component_statuses",
                "must be left out where it is resolved: the service sets all operational",
            )
    if updates[-1].incident_status != "resolved":
        yield f"[{len(updates) - 1}].incident_status", f'is "{updates[-1].incident_status}": what is past ends resolved'


class RetrospectiveInputs(_Inputs):
    """A past incident as a program declares it. `StatusPageRetrospectiveIncident` says what each input means."""

    status_page_id: Id
    name: Name
    time_zone: Annotated[str | None, BeforeValidator(_zone)] = None
    updates: Annotated[list[Any], BeforeValidator(_past_updates)]
    idempotency_key: Id


class Notice(_Model):
    """One post of ours: the ledger that keeps a notice from going out twice."""

    event: str
    at: str
    subscribers: bool
    update_id: str | None = None


class Anchor(_Model):
    """What a relative start was resolved to, kept so that a re-run does not move the window."""

    expression: str
    start_at: str


Window = tuple[datetime, datetime]
"""When a maintenance starts and ends."""


class MaintenanceState(_Model):
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
    notices: list[Notice] = []
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


class _State(_Model):
    """State whose bag is the inputs, and the rest beside them, all as they are."""

    declared: _Inputs

    def to_props(self) -> dict[str, Any]:
        return {**self.declared.to_props(), **self.model_dump(exclude={"declared"}, exclude_none=True)}

    @classmethod
    def from_props(cls: type[State], props: Mapping[str, Any]) -> State:
        """The state in a property bag, taken as it is. Raises Refused where it cannot be read."""
        inputs = cast("type[_Inputs]", cls.model_fields["declared"].annotation)
        declared = inputs.model_construct(**{key: props[key] for key in inputs.model_fields if key in props})
        with _readable():
            return cls(declared=declared, **{key: props[key] for key in cls.model_fields if key in props})


class IncidentState(_State):
    """An incident as the engine records it. `phase` is its status on the page, whoever set it."""

    declared: IncidentInputs
    phase: IncidentStatus
    generation: int = 1
    notices: list[Notice] = []
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


def same_text(one: str, other: str) -> bool:
    """Whether two texts say the same, however a service re-renders Markdown: white space and marks do not count."""
    return one.strip() == other.strip() or (_words(one) != [] and _words(one) == _words(other))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", html.unescape(re.sub(r"<[^<>]*>", " ", text)).casefold())


Moment = Annotated[AwareDatetime, AfterValidator(times.with_room)]
"""A moment as the service has it: one that has a date in every zone."""


class Update(_Model):
    """One entry of an event's timeline."""

    id: str
    message: str
    published_at: Moment
    maintenance_status: str | None = None
    incident_status: str | None = None
    component_statuses: list[dict[str, Any]] = []

    @property
    def status(self) -> str | None:
        return self.maintenance_status or self.incident_status

    @property
    def told(self) -> dict[str, str]:
        """The statuses that it tells, by component."""
        return {str(item.get("component_id")): str(item.get("component_status")) for item in self.component_statuses}


class Period(_Model):
    """When one component is under maintenance."""

    component_id: str
    start_at: Moment
    end_at: Moment | None = None


class _Event(_Model):
    id: str
    name: str
    published_at: Moment
    updates: list[Update] = []
    public_url: str | None = None

    @property
    def timeline(self) -> list[Update]:
        """The updates, oldest first. Those of one moment stay in the order in which the wire read them."""
        return sorted(self.updates, key=lambda update: update.published_at)

    @property
    def last_update_id(self) -> str | None:
        return self.timeline[-1].id if self.updates else None

    @property
    def made_at(self) -> datetime:
        """When the service made it. Its ids tell (ULIDs); of one that does not, when it was published."""
        return ulid_time(self.id) or self.published_at

    def since(self, update_id: str | None) -> list[Update]:
        """The updates that came after the one of that id: those a lost answer can have left behind."""
        timeline = self.timeline
        known = [index for index, update in enumerate(timeline) if update.id == update_id]
        return timeline[known[0] + 1 :] if known else timeline


def ulid_time(id_: str) -> datetime | None:
    """When an id was made, where it tells: a ULID begins with the time."""
    if not re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", id_):
        return None
    milliseconds = 0
    for letter in id_[:10]:
        milliseconds = milliseconds * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(letter)
    # An id that only looks like one would name some other age.
    return times.EPOCH + timedelta(milliseconds=milliseconds) if milliseconds < 1 << 42 else None


_ABOUT_NOW = timedelta(minutes=1)


class Maintenance(_Event):
    """A window as the service has it. Its status may be one that this version does not know: the API adds to them."""

    status_page_id: str
    maintenance_status: str
    automate_maintenance_status: bool = False
    component_maintenance_periods: list[Period] = []

    @property
    def phase(self) -> Phase:
        """Where it stands, for what is decided by it. Raises Refused where that is not known."""
        if self.known_phase is None:
            raise _new_status("maintenance_status", self.maintenance_status)
        return self.known_phase

    @property
    def known_phase(self) -> Phase | None:
        return PHASES.get(self.maintenance_status)

    @property
    def affected_component_ids(self) -> list[str]:
        return sorted({period.component_id for period in self.component_maintenance_periods})

    @property
    def window(self) -> Window | None:
        """Start and end, or None: the service gives them only by component, so with none they cannot be read."""
        ends = [period.end_at for period in self.component_maintenance_periods if period.end_at is not None]
        starts = [period.start_at for period in self.component_maintenance_periods]
        return (min(starts).replace(microsecond=0), max(ends).replace(microsecond=0)) if ends else None

    def shown(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """Start and end of a window that is not over, as far as the page shows them.

        The period of a component that was let out ended then, and one without an end goes on: neither tells when the
        window ends. Nor does one that ends about now: it may just have been let out, and clocks differ.
        """
        periods = self.component_maintenance_periods
        starts = [period.start_at for period in (self._held if self.known_phase == "scheduled" else periods)]
        ends = [end for end in self._ends if end > now + _ABOUT_NOW]
        return (
            min(starts).replace(microsecond=0) if starts else None,
            max(ends).replace(microsecond=0) if ends else None,
        )

    def window_at(self, now: datetime, recorded: Window) -> Window:
        """Start and end as the page shows them; what it does not show is as recorded."""
        if self.known_phase == "complete":
            return self.window or recorded
        start, end = self.shown(now)
        start = start or recorded[0]
        if end is None and (self.known_phase == "scheduled" or recorded[1] <= start):
            # Who moved a window that has not begun moved all of it.
            end = start + (recorded[1] - recorded[0])
        return start, end or max([recorded[1], *self._ends]).replace(microsecond=0)

    @property
    def _held(self) -> list[Period]:
        told = self.component_statuses
        return [one for one in self.component_maintenance_periods if told[one.component_id] != "operational"]

    @property
    def _ends(self) -> list[datetime]:
        return [period.end_at for period in self._held if period.end_at is not None]

    @property
    def component_statuses(self) -> dict[str, str]:
        """What was told last of each component. One of which nothing was told is under maintenance."""
        begun = dict.fromkeys(self.affected_component_ids, "under_maintenance")
        statuses, over = begun, False
        for update in self.timeline:
            if update.status == "maintenance_complete":
                over = True
                continue
            # What the end told of all holds no longer where the window was opened again.
            statuses = (begun if over else statuses) | update.told
            over = False
        return statuses


class Impact(_Model):
    """What an incident does to one component, and since when. One that is over has an end."""

    component_id: str
    component_status: str
    start_at: Moment
    end_at: Moment | None = None


class Incident(_Event):
    """An incident as the service has it. `message` is its own, beside those of its timeline, where it has one.

    Its status may be one that this version does not know: the API adds to them.
    """

    message: str = ""
    status_page_id: str | None = None
    component_id: str | None = None
    incident_status: str
    component_impacts: list[Impact] = []

    @property
    def phase(self) -> IncidentStatus:
        """Its status, for what is decided by it. Raises Refused where that is not known."""
        if self.known_phase is None:
            raise _new_status("incident_status", self.incident_status)
        return self.known_phase

    @property
    def known_phase(self) -> IncidentStatus | None:
        statuses: tuple[IncidentStatus, ...] = get_args(IncidentStatus)
        return next((status for status in statuses if status == self.incident_status), None)

    @property
    def affected_component_ids(self) -> list[str]:
        """The components that it touches now."""
        return sorted(self.component_statuses)

    @property
    def component_statuses(self) -> dict[str, str]:
        """The status of each component that it touches now. Any other is operational."""
        return {one.component_id: one.component_status for one in self.component_impacts if one.end_at is None}


def _new_status(field: str, status: str) -> Refused:
    return Refused(
        f'the service answered {field} "{quoted(status)}", which this version does not know. Nothing more was posted. '
        "Install a newer version"
    )


PHASES: dict[str, Phase] = {
    "maintenance_scheduled": "scheduled",
    "maintenance_in_progress": "in_progress",
    "maintenance_complete": "complete",
}


class Page(_Model):
    """A status page as the service lists it."""

    id: str
    name: str
    description: str | None = None
    public_url: str | None = None


class Component(_Model):
    """A component of a page; `group` and `sub_page` name where it stands, if anywhere."""

    id: str
    name: str
    group: str | None = None
    sub_page: str | None = None

    @property
    def path(self) -> str:
        """The name that is used to look it up: `API`, or `EU / Database`."""
        return " / ".join(part for part in (self.sub_page, self.group, self.name) if part)

    @property
    def places(self) -> tuple[str, ...]:
        """Where it stands, from the outside in: nothing, `EU`, or `UK` and `UK / Rail`."""
        around = [part for part in (self.sub_page, self.group) if part]
        return tuple(" / ".join(around[:depth]) for depth in range(1, len(around) + 1))


class Availability(_Model):
    """How available a component was. `availability_percent` is text such as "99.95", or None where nothing is known."""

    component_id: str
    status_page_id: str
    start_at: Moment
    end_at: Moment
    data_available_since: Moment
    availability_percent: str | None = None


def faults_of(error: ValidationError) -> list[tuple[str, str]]:
    """(property, reason) of every fault, each one line that names the fix."""
    faults = []
    for fault in error.errors(include_url=False):
        where = str(fault["loc"][0]) if fault["loc"] else ""
        reason = "is missing: give it" if fault["type"] == "missing" else fault["msg"]
        within = fault.get("ctx", {}).get("within") or [("", reason)]
        faults += [(where + part, why) for part, why in within]
    return faults


def as_inputs(declared: Mapping[str, Any]) -> dict[str, Any]:
    """What a program declares, as the SDK can hand it over: a set becomes a list. The rest is for `check` to judge.

    Raises Refused for a page or component in place of its id, where the SDK has nothing but a traceback.
    """
    return {name: _as_input(name, value) for name, value in declared.items()}


def _as_input(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _as_input(name, item) for key, item in value.items()}
    if isinstance(value, Set):
        value = sorted(value) if all(isinstance(item, str) for item in value) else list(value)
    if isinstance(value, (list, tuple)):
        return [_as_input(name, item) for item in value]
    # An Output makes up whatever attribute it is asked for, so only what is really there counts.
    if isinstance(getattr(value, "__dict__", {}).get("id"), str):
        raise Refused(f"{name}: that is a whole {type(value).__name__}: give its id, with .id")
    return value


def to_wire_time(value: Any) -> Any:
    """A program's datetime or timedelta as text. Anything else is left for the model to judge."""
    if isinstance(value, date):
        # A day without a time is refused as text, by name.
        return value.isoformat()
    if isinstance(value, timedelta):
        return times.format_length(value)
    return value
