"""What a summary is made of: headings, tables, steps and a timeline, the same for every format.

All text is plain. It may hold whatever a program declares, so each format escapes all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..times import Window


@dataclass(frozen=True)
class Title:
    text: str


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Table:
    """Rows under a header. One without a header is a list of facts, its first column their names."""

    rows: Sequence[Sequence[str]]
    header: Sequence[str] = ()


@dataclass(frozen=True)
class Steps:
    """What happens, in order."""

    items: Sequence[str]


@dataclass(frozen=True)
class Warnings:
    """What a reviewer must not miss."""

    items: Sequence[str]


@dataclass(frozen=True)
class Message:
    """A text of the program's, in Markdown, as the page shows it."""

    label: str
    text: str


@dataclass(frozen=True)
class Bar:
    """One window in the timeline. `kind` is new, old or other."""

    name: str
    window: Window
    kind: str


@dataclass(frozen=True)
class Timeline:
    bars: Sequence[Bar]
    now: datetime


Block = Title | Heading | Text | Table | Steps | Warnings | Message | Timeline
Document = list[Block]
