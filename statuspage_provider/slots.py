"""The next free slot: a rule for starts, written as one text, and the first moment that it allows. No I/O.

`next 22:00 on Tue, Wed; notice 48h; freeze 2026-12-18 to 2027-01-06` is at 22:00 on the clocks of a zone, on one of
these days, 48 hours ahead or more, and no moment of the window is on a frozen day. Both days of a freeze are frozen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from . import times
from .errors import Refused
from .times import UTC

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

LOOK_AHEAD = timedelta(days=731)
"""How far ahead a slot is looked for: two years, whichever."""

EXAMPLE = "next 22:00 on Tue, Thu; notice 48h; freeze 2026-12-18 to 2027-01-06"

_YEARS = (1970, times.LAST_YEAR)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Freeze:
    """Local days, the first and the last included, on which there is no slot."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"


@dataclass(frozen=True)
class Rule:
    """When a window may begin. Its text is the one spelling: the same rule is always written the same."""

    at: time
    weekdays: tuple[int, ...] = tuple(range(7))
    notice: timedelta = timedelta()
    freezes: tuple[Freeze, ...] = ()

    def __str__(self) -> str:
        days = ", ".join(WEEKDAYS[day] for day in self.weekdays)
        parts = [f"next {self.at:%H:%M}" + (f" on {days}" if len(self.weekdays) < 7 else "")]
        if self.notice:
            parts.append(f"notice {times.format_length(self.notice)}")
        if self.freezes:
            parts.append("freeze " + ", ".join(map(str, self.freezes)))
        return "; ".join(parts)

    def is_of_the_same_hours(self, other: Rule) -> bool:
        """Whether two rules differ in nothing but what must be kept clear: notice and freezes."""
        return (self.at, self.weekdays) == (other.at, other.weekdays)


# a rule as a program gives it, and as a text


def rule(
    at: str | time,
    weekdays: str | Iterable[str] = WEEKDAYS,
    notice: str | timedelta | None = None,
    freeze: object = (),
) -> Rule:
    """The rule of these parts. Raises ValueError, with a text that names the part and the fix."""
    return Rule(_time(at), _weekdays(weekdays), _notice(notice), _freezes(freeze))


def parse(text: str) -> Rule:
    """The rule that a text says. Raises ValueError, with a text that names the part and the fix."""
    first, *others = (part.strip() for part in text.strip().rstrip(";").split(";"))
    match = re.fullmatch(r"next\s+(\S+)(?:\s+on\s+(.+))?", first, re.IGNORECASE)
    if match is None:
        raise ValueError(f'"{first}" names no time of day: write it like "{EXAMPLE}"')
    given: dict[str, str] = {}
    for part in others:
        name, _, value = part.partition(" ")
        name = name.lower()
        if name not in ("notice", "freeze") or not value.strip():
            raise ValueError(f'"{part}" is no part of a slot: write it like "{EXAMPLE}"')
        if name in given:
            raise ValueError(f"{name} is given twice: keep one")
        given[name] = value.strip()
    days = _listed(match[2]) if match[2] else WEEKDAYS
    spans = [Freeze(*_span(part)) for part in _listed(given["freeze"])] if "freeze" in given else []
    return Rule(_time(match[1]), _weekdays(days), _notice(given.get("notice")), _sorted(spans))


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _time(value: object) -> time:
    if isinstance(value, time):
        if value.tzinfo is not None or value.second or value.microsecond:
            raise ValueError(f'"{value}" is not a time of day in whole minutes: write it like "22:00"')
        return value.replace(fold=0)
    match = re.fullmatch(r"(\d{1,2}):(\d\d)", value.strip()) if isinstance(value, str) else None
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise ValueError(f'"{value}" is not a time of day: write it like "22:00"')
    return time(int(match[1]), int(match[2]))


def _weekdays(value: object) -> tuple[int, ...]:
    if not isinstance(value, Iterable):
        raise ValueError('weekdays must be a list such as ("Tue", "Thu")')
    days = {_weekday(day) for day in ([value] if isinstance(value, str) else value)}
    if not days:
        raise ValueError("weekdays is empty: name at least one, or leave it out for all seven")
    return tuple(sorted(days))


def _weekday(value: object) -> int:
    short = str(value).strip().lower()
    for names in ([day.lower() for day in WEEKDAYS], _FULL):
        if short in names:
            return list(names).index(short)
    raise ValueError(f'"{value}" is not a weekday: write {", ".join(WEEKDAYS[:-1])} or {WEEKDAYS[-1]}')


def _notice(value: object) -> timedelta:
    if value is None:
        return timedelta()
    if isinstance(value, timedelta):
        if value < timedelta():
            raise ValueError("notice is negative: it is how long before its start a window is announced")
        if value.days > times.LONGEST.days:
            raise ValueError('notice is longer than a century: write it like "48h"')
        return timedelta(days=value.days, seconds=value.seconds)
    try:
        return times.parse_length(str(value))
    except ValueError:
        raise ValueError(f'notice "{value}" is not a duration: write it like "48h", or leave it out') from None


def _freezes(value: object) -> tuple[Freeze, ...]:
    if isinstance(value, (str, date)):
        value = (value,)
    if not isinstance(value, Iterable):
        raise ValueError('freeze must be a list such as [("2026-12-18", "2027-01-06")]')
    items = list(value)
    if len(items) == 2 and all(_is_one_day(item) for item in items):
        # What was meant as a span would freeze nothing between: a window would be announced there.
        one, other = items
        raise ValueError(
            f'freeze: two days alone may mean a span or two days: write [("{one}", "{other}")] for all from the first '
            f'to the last, or [("{one}", "{one}"), ("{other}", "{other}")] for these two'
        )
    return _sorted([_freeze(item) for item in items])


def _is_one_day(item: object) -> bool:
    return isinstance(item, date) or (isinstance(item, str) and " to " not in item)


def _freeze(item: object) -> Freeze:
    if isinstance(item, str):
        return Freeze(*_span(item))
    if isinstance(item, date):
        return Freeze(_day(item), _day(item))
    if isinstance(item, Sequence) and len(item) == 2:
        return Freeze(*_ordered(_day(item[0]), _day(item[1])))
    raise ValueError(f'freeze: {item} is neither a day nor two: write it like ("2026-12-18", "2027-01-06")')


def _span(text: str) -> tuple[date, date]:
    first, found, last = text.partition(" to ")
    return _ordered(_day(first), _day(last if found else first))


def _ordered(first: date, last: date) -> tuple[date, date]:
    if last < first:
        raise ValueError(f"freeze: {first} to {last} ends before it begins: swap the two days")
    return first, last


def _day(value: object) -> date:
    day = value
    if isinstance(value, str):
        text = value.strip()
        try:
            day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
        except ValueError:
            day = None
    # A moment is a day too to Python: which days it freezes would be a guess.
    if not isinstance(day, date) or isinstance(day, datetime):
        raise ValueError(f'freeze: "{value}" is not a day: write it like "2026-12-24"')
    if not _YEARS[0] <= day.year <= _YEARS[1]:
        raise ValueError(f'freeze: "{value}" is not in the years {_YEARS[0]} to {_YEARS[1]}: give a nearer day')
    return day


def _sorted(freezes: Iterable[Freeze]) -> tuple[Freeze, ...]:
    return tuple(sorted(set(freezes), key=lambda one: (one.first, one.last)))


# the slot


def find(rule: Rule, zone: tzinfo, length: timedelta, now: datetime, after: datetime | None = None) -> datetime:
    """The first moment that the rule allows, `notice` from `now` or later, and later than `after`.

    A time of day that the change of clocks leaves out on a day passes that day over; one that comes twice is the first.
    Raises ValueError, with a text that says why, where there is none within two years.
    """
    earliest = now + rule.notice
    if after is not None:
        earliest = max(earliest, after + _SECOND)
    frozen = _frozen(rule, zone)
    day, until, met = earliest.astimezone(zone).date(), earliest + LOOK_AHEAD, None
    while (start := _on(day, rule.at, zone)) is None or start <= until:
        if start is not None and start >= earliest and day.weekday() in rule.weekdays:
            touched = _touched(frozen, start, length)
            if not touched:
                return start
            met = touched[-1]
        day += timedelta(days=1)
    because = f"each one runs into a freeze, the last into {met}" if met else "the clocks leave each one out"
    raise ValueError(
        f"no slot is free in the two years from {times.format_instant(earliest)}: {because}. "
        "Shorten the freeze or the duration, or allow other times"
    )


def fits(rule: Rule, zone: tzinfo, length: timedelta, start: datetime) -> bool:
    """Whether a window that begins then is in a slot of the rule. How much notice it has is not asked."""
    day = start.astimezone(zone).date()
    is_free = not runs_into(rule, zone, length, start)
    return day.weekday() in rule.weekdays and _on(day, rule.at, zone) == start and is_free


def runs_into(rule: Rule, zone: tzinfo, length: timedelta, start: datetime) -> list[Freeze]:
    """The freezes of which a window has a moment."""
    return _touched(_frozen(rule, zone), start, length)


def _touched(frozen: Iterable[tuple[Freeze, datetime, datetime]], start: datetime, length: timedelta) -> list[Freeze]:
    return [freeze for freeze, begins, ends in frozen if start < ends and start + length > begins]


def _on(day: date, at: time, zone: tzinfo) -> datetime | None:
    """The moment at which the clocks of a zone show that time on that day. None where they never do."""
    # Of a time that comes twice, it is the first, as `fold` is 0.
    local = datetime.combine(day, at, tzinfo=zone)
    moment = local.astimezone(UTC)
    return moment if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None) else None


def _frozen(rule: Rule, zone: tzinfo) -> list[tuple[Freeze, datetime, datetime]]:
    """Each freeze, with its first moment and the first one after it. One of days that are left out has none."""
    found = []
    for freeze in rule.freezes:
        begins, _ = _midnights(freeze.first, zone)
        first, second = _midnights(freeze.last + timedelta(days=1), zone)
        # Clocks that go back over midnight show the last day once more.
        ends = second if (second - _SECOND).astimezone(zone).date() <= freeze.last else first
        if begins < ends:
            found.append((freeze, begins, ends))
    return found


def _midnights(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """When a day begins: twice where the clocks go back over midnight, otherwise the same moment twice."""
    local = datetime.combine(day, time(), tzinfo=zone)
    first, second = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    # Clocks that are put forward at midnight leave it out: `first` is then when they are. None since 1970 have been put
    # forward over midnight, from before it to after it.
    return first, max(first, second)


def next_slot(
    time_of_day: str | time,
    *,
    weekdays: str | Iterable[str] = WEEKDAYS,
    notice: str | timedelta | None = None,
    freeze: str | date | Iterable[str | date | Sequence[str | date]] = (),
) -> str:
    """The `start_at` of a window that begins in the next free slot, decided when the window is announced.

    `time_of_day`: "22:00" on the clocks of the window's `time_zone`, which is UTC where it is not given.
    `weekdays`: the days on which it may begin, such as ("Tue", "Wed"). Default: all seven.
    `notice`: how long before its start it is announced at least, a timedelta or "48h". Default: none.
    `freeze`: days of that zone of which the window has no moment: single ones, or a first and a last, both included,
    such as [("2026-12-18", "2027-01-06"), "2027-03-26"].

    The answer is a text, the same for the same rule. Raises Refused for what is none of these.
    """
    try:
        return str(rule(time_of_day, weekdays, notice, freeze))
    except ValueError as error:
        raise Refused(f"next_slot: {error}") from None
