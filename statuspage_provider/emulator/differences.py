"""How the real service may differ from its documents: a switch for each way."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

UNKNOWN_MARK = "[unknown]"
UNKNOWN_STATUSES = {"maintenance": "maintenance_verifying", "incident": "watching"}
UNKNOWN_COMPONENT_STATUS = "under_observation"
UNKNOWN_FIELD = {"severity_hint": "none"}


class Differences(BaseModel):
    """The switches as they are set. The defaults are what the documents say."""

    open_ended_periods: bool = False
    early_starts: bool = False
    public_urls: bool = True
    widgets: bool = True
    stale_reads: int = 0
    rerenders_markdown: bool = False
    unknown_values: bool = False
    mails_changes: bool = False
    mails_deletions: bool = False
    past_ends: bool = True
    past_windows: bool = True
    denied_shows: bool = False
    list_limit: int = 0

    def rendered(self, message: str) -> str:
        """The message that is kept, mailed and answered."""
        return rerendered(message) if self.rerenders_markdown else message

    def is_unknown(self, name: str) -> bool:
        """Whether an object with this name has values that no document lists."""
        return self.unknown_values and UNKNOWN_MARK in name

    def with_unknown_fields(self, wire: Any) -> Any:
        """The answer, with one more field in each object if `unknown_values` is on."""
        return _with_field(wire) if self.unknown_values else wire


class DifferencesOrder(BaseModel):
    """What `POST /_emulator/differences` takes. What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    open_ended_periods: bool | None = None
    early_starts: bool | None = None
    public_urls: bool | None = None
    widgets: bool | None = None
    stale_reads: Annotated[int, Field(ge=0, le=1_000)] | None = None
    rerenders_markdown: bool | None = None
    unknown_values: bool | None = None
    mails_changes: bool | None = None
    mails_deletions: bool | None = None
    past_ends: bool | None = None
    past_windows: bool | None = None
    denied_shows: bool | None = None
    list_limit: Annotated[int, Field(ge=0, le=1_000)] | None = None


def rerendered(message: str) -> str:
    """The same Markdown as a renderer writes it: `-` for lists, no white space at ends, one empty line at most."""
    message = re.sub(r"\s+$", "", message)
    message = re.sub(r"[^\S\n]+$", "", message, flags=re.MULTILINE)
    message = re.sub(r"^([^\S\n]*)[*+] ", r"\1- ", message, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", message)


def _with_field(wire: Any) -> Any:
    if isinstance(wire, dict):
        return {**{name: _with_field(value) for name, value in wire.items()}, **UNKNOWN_FIELD}
    return [_with_field(value) for value in wire] if isinstance(wire, list) else wire
