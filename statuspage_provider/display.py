"""Texts that others wrote, so that nothing in them is hidden, reversed, or taken for a command."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo

LONGEST_QUOTE = 500
"""How many characters of an answer's text are repeated in a line of ours."""


LONGEST_READ = 4 * LONGEST_QUOTE
"""How many are looked at for that: some are left out. An answer may be as long as it likes."""


_BREAKS = re.compile(r"[\t-\r\x85\u2028\u2029]+")


_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, escape among them
    r"\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f"  # what turns round the reading order, or breaks a line
    r"\xad\u180e\u200b\u2060-\u2065\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # what has no width and says nothing
    r"\ud800-\udfff]"  # halves of characters
)


# What the log of a build takes for a command: `::error::…` where a line begins, `##[error]` and `##vso[…]` anywhere.
_COMMAND = re.compile(r"^([ \t]*:)(?=:)|(#)(?=#\w*\[)", re.MULTILINE)


def visible(text: str) -> str:
    """The text, line by line, with U+FFFD for each character that would hide or turn round a part of it."""
    return _HIDDEN.sub("\ufffd", re.sub("\r\n?", "\n", text))


def unheeded(text: str) -> str:
    """The text with no command in it to whatever keeps the log of a build."""
    return _COMMAND.sub(lambda found: f"{found[0]} ", text)


def plain(text: str) -> str:
    """The text on one line. Line breaks become a space; of all else that is not to be seen, U+FFFD is."""
    return unheeded(_HIDDEN.sub("\ufffd", _BREAKS.sub(" ", text)))


def quoted(text: str) -> str:
    """What an answer says, as a part of a line of ours: plain, without needless space, and not too long."""
    text = " ".join(plain(text[:LONGEST_READ]).split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"


def moment(when: datetime, local: tzinfo | None = None) -> str:
    """A moment in UTC and, if that differs, in the local time of whoever reads it."""
    there = when.astimezone(local)
    if there.utcoffset() == timedelta():
        return for_people(when)
    return f"{for_people(when)} ({there:%H:%M} {there.tzname()})"


def about(length: timedelta) -> str:
    """A length in its two largest units: `3 d 4 h`, `2 h 5 min`, `40 s`."""
    seconds = int(length.total_seconds())
    parts = [
        (seconds // 86400, "d"),
        (seconds // 3600 % 24, "h"),
        (seconds // 60 % 60, "min"),
        (seconds % 60, "s"),
    ]
    given = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(given[:2]) or "0 s"


def for_people(moment: datetime) -> str:
    """An instant as a person reads it: `Sun 1 Mar 2026, 22:00 UTC`."""
    moment = moment.astimezone(timezone.utc)
    return f"{moment:%a} {moment.day} {moment:%b %Y, %H:%M} UTC"


def span_for_people(start: datetime, end: datetime) -> str:
    """A window as a person reads it: `Sun 1 Mar 2026, 22:00 to 23:30 UTC`, with both days if it runs past midnight."""
    start, end = start.astimezone(timezone.utc), end.astimezone(timezone.utc)
    if start.date() == end.date():
        return f"{for_people(start).removesuffix(' UTC')} to {end:%H:%M} UTC"
    return f"{for_people(start)} to {for_people(end)}"
