"""The summary as plain text, for a terminal or a log."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from ..display import plain, unheeded, visible
from .blocks import Bar, Document, Heading, Message, Steps, Table, Text, Timeline, Title, Warnings

WIDTH = 100
_BAR = 50


def to_terminal(document: Document) -> str:
    return unheeded("\n\n".join(_block(block) for block in document) + "\n")


def _block(block: object) -> str:
    match block:
        case Title(text):
            return f"{plain(text)}\n{'=' * len(text)}"
        case Heading(text):
            line = plain(text)
            return f"{line}\n{'-' * min(len(line), WIDTH)}"
        case Text(text):
            return _wrapped(text, "", "")
        case Steps(items):
            return "\n".join(_wrapped(item, f"  {number}. ", "     ") for number, item in enumerate(items, 1))
        case Warnings(items):
            return "\n".join(_wrapped(item, "  ! ", "    ") for item in items)
        case Message(label, text):
            return "\n".join([plain(label), *(f"  | {line}".rstrip() for line in visible(text).splitlines())])
        case Table(rows, header):
            return _table([list(header)] * bool(header) + [list(row) for row in rows])
        case Timeline(bars, _):
            return _timeline(bars)
    raise AssertionError(block)


def _wrapped(text: str, first: str, others: str) -> str:
    return textwrap.fill(plain(text), WIDTH, initial_indent=first, subsequent_indent=others, break_on_hyphens=False)


def _table(rows: list[list[str]]) -> str:
    rows = [[plain(cell) for cell in row] for row in rows]
    widths = [min(max(len(row[column]) for row in rows), 40) for column in range(len(rows[0]) - 1)]
    lines = []
    for row in rows:
        left = "  " + "".join(f"{cell:<{width}}  " for cell, width in zip(row, widths, strict=False))
        lines.append(_wrapped(row[-1], left, " " * len(left)) if row[-1] else left.rstrip())
    return "\n".join(lines)


def _timeline(bars: Sequence[Bar]) -> str:
    first, last = min(bar.window[0] for bar in bars), max(bar.window[1] for bar in bars)
    whole = (last - first).total_seconds() or 1.0
    lines = [f"  {first:%a %d %b %H:%M} UTC{f'{last:%a %d %b %H:%M} UTC':>{_BAR - 16}}"]
    for bar in bars:
        begin, end = (round(_BAR * (moment - first).total_seconds() / whole) for moment in bar.window)
        drawn = " " * begin + {"new": "█", "old": "░", "other": "▒"}[bar.kind] * max(1, end - begin)
        lines.append(f"  {drawn:<{_BAR + 1}} {plain(bar.name)[: WIDTH - _BAR - 4]}")
    return "\n".join(lines)
