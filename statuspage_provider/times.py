"""Instants and lengths of time, as text: one canonical spelling for each, so that a diff never sees two.

An instant is `2026-03-01T22:00:00Z`: UTC, whole seconds. A length is `1h30m`. A relative start is `now`, `+15m` or
a slot, which `slots.py` reads.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .statuses import Phase

Window = tuple[datetime, datetime]


def phase_at(window: Window, now: datetime) -> Phase:
    """What the clock makes of a window's times."""
    return "complete" if now >= window[1] else "in_progress" if now >= window[0] else "scheduled"


"""When a maintenance starts and ends."""


UTC = timezone.utc


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


LAST_YEAR = 9000
"""An end that is counted from a start must still be a time."""


_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:\.\d+)?(?P<offset>[Zz]|[+-]\d\d:[0-5]\d)?$",
)


# Files of a machine's own settings: the same name would be another zone elsewhere.
_LOCAL_ZONES = ("localtime", "posixrules")


_LENGTH = re.compile(r"(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$")


LONGEST = timedelta(days=36_525)  # so that an end can be counted, whatever was typed


def parse_instant(text: str, time_zone: str | None = None) -> datetime:
    """The instant that `text` names: RFC 3339 with an offset, or a naive time in `time_zone`.

    Raises ValueError, with a text that says how to write it, if there is no such instant or more than one.
    """
    match = _INSTANT.match(text.strip())
    if match is None:
        raise ValueError(f'"{text}" is not a time: write it like "2026-03-01T22:00:00Z"')
    offset = (match["offset"] or "").upper().replace("Z", "+00:00")
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2]}{match[3] or ':00'}{offset}")
    except ValueError as error:
        raise ValueError(f'"{text}" is not a time: {error}') from None
    if moment.year > LAST_YEAR:
        raise ValueError(f'"{text}" is not a time: the year is past {LAST_YEAR}')
    if moment.tzinfo is None and time_zone is None:
        raise ValueError(
            f'"{text}" has no UTC offset: end it in "Z" or "+01:00", or set time_zone, such as "Europe/Berlin"'
        )
    try:
        return moment.astimezone(UTC) if time_zone is None or moment.tzinfo else _in_zone(moment, time_zone, text)
    except OverflowError:
        raise ValueError(f'"{text}" is not a time: in UTC it is outside the years 1 to 9999') from None


def _in_zone(naive: datetime, time_zone: str, text: str) -> datetime:
    zone = parse_zone(time_zone)
    early, late = naive.replace(tzinfo=zone), naive.replace(tzinfo=zone, fold=1)
    if early.utcoffset() == late.utcoffset():
        return early.astimezone(UTC)
    # The clocks are put forward (no such time) or back (the time occurs twice): to choose for the user is to guess.
    exists = early.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == naive
    what = "occurs twice" if exists else "does not exist"
    raise ValueError(
        f'"{text}" {what} in {time_zone}, because the clocks change: write it with an offset, such as '
        f'"{early.isoformat()}" or "{late.isoformat()}"'
    )


def parse_zone(time_zone: str) -> ZoneInfo:
    """The zone of an IANA name. Raises ValueError for an unknown name."""
    try:
        if time_zone in _LOCAL_ZONES:
            raise ValueError(time_zone)
        return ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{time_zone}" is not a time zone: use an IANA name, such as "Europe/Berlin"') from None


def format_instant(moment: datetime) -> str:
    """The one spelling of an instant: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def with_room(moment: datetime) -> datetime:
    """A moment that has a date in every zone. Raises ValueError for one at the very edge of time."""
    if not 1 < moment.year <= LAST_YEAR:
        raise ValueError("too close to the first or last year")
    return moment


def parse_length(text: str) -> timedelta:
    """The length that `text` names, such as `1h30m`, `90m` or `2d`. Raises ValueError."""
    match = _LENGTH.match(text.replace(" ", ""))
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()) if match else (0, 0, 0, 0)
    in_all = seconds + 60 * (minutes + 60 * (hours + 24 * days))
    if in_all > LONGEST.total_seconds():
        raise ValueError(f'"{text}" is longer than a century: write it like "1h30m"')
    length = timedelta(seconds=in_all)
    if not length:
        raise ValueError(f'"{text}" is not a duration: write it like "1h30m"')
    return length


def format_length(length: timedelta) -> str:
    """The one spelling of a length: hours, minutes, seconds."""
    minutes, seconds = divmod(int(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return "".join(f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (seconds, "s")) if count)


def is_relative(start_at: str) -> bool:
    """Whether a start is counted from the moment of creation: `now`, `+15m` or a slot."""
    return start_at == "now" or start_at.startswith("+") or is_slot(start_at)


def is_slot(start_at: str) -> bool:
    """Whether a start is the next free slot of a rule: `next 22:00 on Tue`."""
    return start_at.lower().split(maxsplit=1)[:1] == ["next"]


def offset_of(start_at: str) -> timedelta:
    """How long after creation a relative start is."""
    return timedelta() if start_at == "now" else parse_length(start_at[1:])
