"""What a command answers as JSON."""

from __future__ import annotations

import json
from datetime import datetime

from .. import times


def json_text(value: object) -> str:
    """A value as JSON, for a script to read, with each moment in its one spelling.

    It may be printed to a terminal and to the log of a build: what others wrote is in it with every letter outside
    ASCII, and every command, escaped.
    """
    text = json.dumps(value, indent=2, default=_as_text)
    return text.replace("##", "#\\u0023")


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return times.format_instant(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
