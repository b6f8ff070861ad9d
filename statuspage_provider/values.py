"""One value of an input: what it may be, its one canonical spelling, and the line that refuses it. No I/O.

A value that a preview does not know yet passes every rule: nothing can be said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo

from . import times
from .properties import refusal
from .statuses import EVENTS, ComponentStatuses, MaintenanceEvent
from .unknowns import has_unknown

NAME_LIMIT = 200
MESSAGE_LIMIT = 4096
UPDATES_LIMIT = 100


def _text(limit: int | None = None) -> BeforeValidator:
    def validate(value: object) -> str:
        if not isinstance(value, str):
            raise refusal(f"must be text, not {shown(value)}")
        if not value.strip():
            raise refusal("must not be empty")
        if limit is not None and len(value) > limit:
            raise refusal(f"is {len(value)} characters long, and the service takes at most {limit}: shorten it")
        return value

    return BeforeValidator(validate)


def one_of(*allowed: str) -> BeforeValidator:
    def validate(value: object) -> str:
        if value not in allowed:
            raise refusal(f"{shown(value)} is not one of {', '.join(allowed)}")
        return str(value)

    return BeforeValidator(validate)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise refusal(f"must be True or False, not {shown(value)}")
    return value


def shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def attempt(parse: Callable[[], str]) -> str:
    try:
        return parse()
    except ValueError as error:
        raise refusal(str(error)) from None


def statuses_of(*allowed: str) -> BeforeValidator:
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
                raise refusal(f"{shown(component)} is not a component id")
            if status not in allowed:
                raise refusal(f"{component}: {shown(status)} is not one of {', '.join(allowed)}")
            if statuses.setdefault(component, status) != status:
                raise refusal(f"{component} is named twice, with different statuses")
        return [{"component_id": key, "component_status": statuses[key]} for key in sorted(statuses)]

    return BeforeValidator(validate)


def instant(value: object, info: ValidationInfo, also: str = "") -> str:
    if not isinstance(value, str):
        raise refusal(f'must be a datetime, text like "2026-03-01T22:00:00Z"{also}, not {shown(value)}')
    zone = info.data.get("time_zone")
    # Of a zone that was itself refused, its own line says why, and one is enough.
    if has_unknown(zone) or "time_zone" not in info.data:
        return value
    return attempt(lambda: times.format_instant(times.parse_instant(value, zone)))


def _zone(value: object) -> str | None:
    return value if value is None else attempt(lambda: times.parse_zone(str(value)).key)


def _length(value: object, info: ValidationInfo) -> str | None:
    if value is None:
        if is_slot(info.data.get("start_at")):
            raise refusal('is missing: a slot needs it, such as "2h", in place of end_at')
        return None
    if not isinstance(value, str):
        raise refusal(f'must be a timedelta or text like "1h30m", not {shown(value)}')
    return attempt(lambda: times.format_length(times.parse_length(value)))


def is_slot(start_at: object) -> bool:
    """Whether a start that may not be known yet is a slot."""
    return isinstance(start_at, str) and times.is_slot(start_at)


def _end(value: object, info: ValidationInfo) -> str | None:
    # A field that was itself refused is not in `info.data`: its own line says why, and one is enough.
    duration, start = info.data.get("duration"), info.data.get("start_at")
    if value is None:
        if "duration" in info.data and duration is None:
            raise refusal("is missing: set end_at or duration")
        return None
    if has_unknown(duration):
        return instant(value, info)
    if duration is not None:
        raise refusal("is set, and duration too: keep one")
    end = instant(value, info)
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
    return sorted(set(value))


def _triggers(value: object) -> list[Any] | None:
    if value is not None and not isinstance(value, (list, tuple)):
        raise refusal(f"must be a list of values, not {shown(value)}")
    return value if value is None else list(value)


def _events(value: object) -> bool | list[str]:
    if isinstance(value, bool):
        return value
    if not isinstance(value, (list, tuple, Set)):
        raise refusal(f"must be True, False or a set of {', '.join(EVENTS)}, not {shown(value)}")
    for event in value:
        if event not in EVENTS:
            raise refusal(f"{shown(event)} is not one of {', '.join(EVENTS)}")
    return [event for event in EVENTS if event in value] or False


Id = Annotated[str, _text()]
Name = Annotated[str, _text(NAME_LIMIT)]
Message = Annotated[str, _text(MESSAGE_LIMIT)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Instant = Annotated[str, BeforeValidator(instant)]
TimeZone = Annotated[str | None, BeforeValidator(_zone)]
Length = Annotated[str | None, BeforeValidator(_length), Field(validate_default=True)]
End = Annotated[str | None, BeforeValidator(_end), Field(validate_default=True)]
ComponentIds = Annotated[list[str], BeforeValidator(_ids), Field(validate_default=True)]
Triggers = Annotated[list[Any] | None, BeforeValidator(_triggers)]
Events = Annotated[bool | list[MaintenanceEvent], BeforeValidator(_events)]
