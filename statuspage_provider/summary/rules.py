"""An organisation's rules for windows: how early, how long, when, and what must be covered. Pure, but for `read_rules`.

Only what a plan announces or moves is judged, so a window that was fine when it was announced stays fine.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from .. import display, times
from ..errors import Refused
from ..properties import refusal
from ..remote import Maintenance
from ..state import MaintenanceState
from ..times import Window
from .document import span
from .forecast import Forecast, Summary
from .plan import CHANGING, OURS, Step

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_MOMENT = timedelta(microseconds=1)

TABLE = ("tool", "statuspage", "rules")
"""Where the rules are in pyproject.toml, or in a file of their own that has the same table."""


def _length(value: object) -> timedelta:
    try:
        return times.parse_length(str(value))
    except ValueError as error:
        raise refusal(str(error)) from None


def _zone(value: object) -> ZoneInfo:
    try:
        return times.parse_zone(str(value))
    except ValueError as error:
        raise refusal(str(error)) from None


def _weekdays(value: object) -> tuple[str, ...]:
    days = value if isinstance(value, (list, tuple)) else [value]
    for day in days:
        if day not in WEEKDAYS:
            raise refusal(f'"{day}" is not one of {", ".join(WEEKDAYS)}')
    return tuple(day for day in WEEKDAYS if day in days)


def _hours(value: object) -> tuple[time, time]:
    match = re.fullmatch(r"([\d:]{5})\s*-\s*([\d:]{5})", str(value))
    try:
        first, last = (time.fromisoformat(part) for part in (match.groups() if match else ("", "")))
    except ValueError:
        raise refusal(f'"{value}" is not a span of hours: write it like "22:00-06:00"') from None
    return first, last


def _freeze(value: object) -> tuple[tuple[date, date], ...]:
    spans = []
    for item in value if isinstance(value, (list, tuple)) else [value]:
        parts = [item, item] if isinstance(item, date) else str(item).split("/")
        try:
            first, last = (
                part if isinstance(part, date) else date.fromisoformat(part) for part in (parts[0], parts[-1])
            )
        except ValueError:
            raise refusal(f'"{item}" is not a date: write it like "2026-12-24", or "2026-12-20/2027-01-02"') from None
        if last < first or len(parts) > 2:
            raise refusal(f'"{item}" ends before it begins: write it like "2026-12-20/2027-01-02"')
        spans.append((first, last))
    return tuple(spans)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise refusal('must be a list of types, such as ["aws:rds/*"]')
    return tuple(value)


class Rules(BaseModel):
    """The rules. Each one that is left out asks for nothing.

    `minimum_notice`: how long before its start a window is announced or moved, such as "24h".
    `longest_window`: how long one may be.
    `time_zone`: the zone of the days and hours below. Default UTC.
    `weekdays`, `hours`: when a window may be, such as ["Tue", "Wed"] and "22:00-06:00". A night counts by the day on
    which it begins.
    `freeze`: dates, or spans of dates, on which there is none.
    `overlap`: False refuses two windows on the same component at the same time. Default True.
    `covered_types`: types of resources whose change a window must cover, such as "aws:rds/*".
    """

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    minimum_notice: Annotated[timedelta, BeforeValidator(_length)] | None = None
    longest_window: Annotated[timedelta, BeforeValidator(_length)] | None = None
    time_zone: Annotated[ZoneInfo, BeforeValidator(_zone)] = ZoneInfo("UTC")
    weekdays: Annotated[tuple[str, ...], BeforeValidator(_weekdays)] = WEEKDAYS
    hours: Annotated[tuple[time, time], BeforeValidator(_hours)] | None = None
    freeze: Annotated[tuple[tuple[date, date], ...], BeforeValidator(_freeze)] = ()
    overlap: bool = True
    covered_types: Annotated[tuple[str, ...], BeforeValidator(_texts)] = ()


@dataclass(frozen=True)
class Breach:
    """One rule that one resource breaks, and what to do."""

    resource: str
    rule: str
    reason: str
    fix: str

    def __str__(self) -> str:
        return f"{self.resource}: {self.rule}: {self.reason}. {self.fix}"


def parse_rules(table: Mapping[str, Any]) -> Rules:
    """The rules of a table. Raises Refused, in one line, for what is not a rule."""
    # A table that a program makes, of its environment perhaps: what is not there must not be taken for no rule.
    missing = [name for name, value in table.items() if value is None]
    if missing:
        raise Refused(f"{missing[0]}: is None: set it, or leave it out")
    try:
        return Rules.model_validate(table)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        name = str(fault["loc"][0]) if fault["loc"] else "rules"
        if fault["type"] == "extra_forbidden":
            raise Refused(f"{name} is not a rule: choose from {', '.join(Rules.model_fields)}") from None
        raise Refused(f"{name}: {fault['msg']}") from None
    except RecursionError:
        raise Refused("the rules cannot be read: lists are nested too deeply") from None


def read_rules(path: Path | None) -> Rules:
    """The rules of a TOML file, or of pyproject.toml in this folder if it has any. Raises Refused."""
    file = path or Path("pyproject.toml")
    if path is None and not file.exists():
        return Rules()
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        table: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused(f"cannot read {file}: {error.strerror or error}") from None
    except ValueError as error:
        raise Refused(f"cannot read {file}: {error}") from None
    except RecursionError:
        raise Refused(f"cannot read {file}: lists are nested too deeply") from None
    for key in TABLE:
        table = table.get(key, {}) if isinstance(table, Mapping) else {}
    if path is not None and not table:
        raise Refused(f"{file} has no rules: write them under [{'.'.join(TABLE)}]")
    return parse_rules(table)


def breaches(rules: Rules, summary: Summary, others: Iterable[Maintenance] = ()) -> list[Breach]:
    """Every rule that the plan breaks. `others` are windows that are on the page beside those of the plan."""
    found = []
    judged = [
        (one, one.window) for one in summary.forecasts if one.is_window and _is_new(one) and one.window is not None
    ]
    for forecast, window in judged:
        found += list(of_window(rules, forecast.step.name, window, summary.now))
    if not rules.overlap:
        found += list(_overlaps(judged, list(others)))
    found += list(_uncovered(rules, summary.plan.steps))
    return found


def unjudged(rules: Rules, summary: Summary) -> dict[str, list[str]]:
    """Windows, by URN, whose times a preview does not know, if there are rules about times."""
    silent = Rules(overlap=rules.overlap, covered_types=rules.covered_types, time_zone=rules.time_zone)
    if rules == silent:
        return {}
    unknown = {"start_at", "end_at", "duration", "time_zone"}
    line = "Its times are not known before pulumi up, so the rules about times cannot be checked"
    return {one.step.urn: [line] for one in summary.forecasts if one.is_window and unknown & set(one.open)}


def of_window(rules: Rules, name: str, window: Window, now: datetime | None = None) -> Iterator[Breach]:
    """The rules that one window breaks by its times. Without `now`, how early it is announced is not judged."""
    start, end = window
    notice, longest, zone = rules.minimum_notice, rules.longest_window, rules.time_zone
    if notice is not None and now is not None and start - now < notice:
        early, ahead = display.for_people(now + notice), display.about(max(start - now, timedelta()))
        reason = f"it is {times.format_length(notice)}, but the window begins in {ahead}"
        yield Breach(name, "minimum_notice", reason, f"Move start_at to {early} or later")
    if longest is not None and end - start > longest:
        reason = f"it is {times.format_length(longest)}, but the window takes {times.format_length(end - start)}"
        yield Breach(name, "longest_window", reason, "Make it shorter, or split it in two")
    if not _is_allowed(rules, window):
        when = f"{', '.join(rules.weekdays)}"
        if rules.hours is not None:
            when += f", {rules.hours[0]:%H:%M} to {rules.hours[1]:%H:%M}"
        rule = "hours" if rules.hours is not None else "weekdays"
        yield Breach(name, rule, f"{span(start, end, zone)} is outside {when} in {zone.key}", "Move it there")
    for first, last in rules.freeze:
        # The end is the first moment after the window.
        if start.astimezone(zone).date() <= last and (end - _MOMENT).astimezone(zone).date() >= first:
            days = f"{first}" if first == last else f"{first} to {last}"
            reason = f"{days} is frozen, but the window is {span(start, end, zone)}"
            yield Breach(name, "freeze", reason, "Move it to another day")


def _is_new(forecast: Forecast) -> bool:
    if forecast.what in ("announced", "replaced"):
        return True
    before = forecast.before
    return forecast.what == "changed" and isinstance(before, MaintenanceState) and before.window != forecast.window


def _is_allowed(rules: Rules, window: Window) -> bool:
    """Whether the whole window is in one allowed span of hours, or on allowed days if no hours are set."""
    start, end = (moment.astimezone(rules.time_zone).replace(tzinfo=None) for moment in window)
    days = [start.date() + timedelta(days=ahead) for ahead in range(-1, (end - start).days + 2)]
    allowed = [day for day in days if WEEKDAYS[day.weekday()] in rules.weekdays]
    if rules.hours is None:
        last = (end - _MOMENT).date()
        return all(day in allowed for day in days if start.date() <= day <= last)
    first, until = rules.hours
    for day in allowed:
        opens, closes = datetime.combine(day, first), datetime.combine(day, until)
        closes += timedelta(days=1) if closes <= opens else timedelta()
        if opens <= start and end <= closes:
            return True
    return False


def _overlaps(judged: list[tuple[Forecast, Window]], others: list[Maintenance]) -> Iterator[Breach]:
    for place, (one, window) in enumerate(judged):
        for other, its in judged[:place]:
            if meet(window, its) and _shared(one.after, other.after):
                reason = f"it runs at the same time as {other.step.name}, on the same component"
                yield Breach(one.step.name, "overlap", reason, "Move one of them")
        for there in others:
            if there.window is not None and meet(window, there.window) and _shared(one.after, there):
                reason = f"it runs at the same time as “{there.name}”, which is on the page already"
                yield Breach(one.step.name, "overlap", reason, "Move one of them")


def meet(one: Window, other: Window) -> bool:
    """Whether two windows have a moment in common."""
    return one[0] < other[1] and other[0] < one[1]


def _shared(one: object, other: object) -> set[str]:
    if not isinstance(one, Maintenance) or not isinstance(other, Maintenance):
        return set()
    return set(one.affected_component_ids) & set(other.affected_component_ids)


def _uncovered(rules: Rules, steps: Iterable[Step]) -> Iterator[Breach]:
    for step in steps:
        if step.op not in CHANGING or step.covering is not None or step.retained or step.type in OURS:
            continue
        if any(fnmatchcase(step.type, pattern) for pattern in rules.covered_types):
            reason, fix = f"a change of {step.type} must be covered by a window", "Pass it opts=window.covering()"
            if step.op == "delete":
                reason += ", and what leaves the program is deleted at once"
                fix = "Cover it, call window.guard_deletions(), and run pulumi up, before it leaves the program"
            yield Breach(step.name, "covered_types", reason, fix)
