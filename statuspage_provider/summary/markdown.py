"""The summary as GitHub's Markdown, to be posted as a comment.

Nothing that a program declares can leave its place: no table cell, no quote, no comment can be broken out of, nobody is
mentioned, no image is loaded and no other issue is linked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from ..display import plain, visible
from .blocks import Bar, Document, Heading, Message, Steps, Table, Text, Timeline, Title, Warnings
from .document import tick

MARKER = "<!-- statuspage summary -->"
"""The first line: by it a bot finds its own comment, to edit it."""

_GAP = "\u200b"  # a space of no width: it is not seen, and it ends a mention, a tag or a reference before it begins


LIMIT = 60_000
"""How long a summary may be: GitHub takes comments of up to 65,536 characters."""


def to_markdown(document: Document) -> str:
    """The document, shortened at the end of a block if it is longer than a comment may be."""
    blocks, length = [MARKER], 0
    for block in document:
        blocks.append(_block(block))
        length += len(blocks[-1]) + 2
        if length > LIMIT:
            if blocks[-2].startswith("### "):
                blocks.pop()
            blocks[-1] = (
                "**This is not all of it:** a comment cannot be longer. The terminal and HTML formats show the rest."
            )
            break
    return "\n\n".join(blocks) + "\n"


def _block(block: object) -> str:
    match block:
        case Title(text):
            return f"## {escape(text)}"
        case Heading(text):
            return f"### {escape(text)}"
        case Text(text):
            return escape(text)
        case Steps(items):
            return "\n".join(f"{number}. {escape(item)}" for number, item in enumerate(items, 1))
        case Warnings(items):
            return "> [!WARNING]\n" + "\n".join(f"> - {escape(item)}" for item in items)
        case Message(label, text):
            return f"{escape(label)}\n\n{quote(text)}"
        case Table(rows, header):
            names = [escape(name) for name in header] or [""] * len(rows[0])
            lines = [names, ["---"] * len(names), *([escape(cell) for cell in row] for row in rows)]
            return "\n".join(f"| {' | '.join(line)} |" for line in lines)
        case Timeline(bars, _):
            return mermaid(bars)
    raise AssertionError(block)


def escape(text: str) -> str:
    """Plain text that Markdown shows as it is, on one line."""
    text = re.sub(r"([\\`*_\[\]<>|~$])", r"\\\1", plain(text))
    text = re.sub(r"&(?=#?\w+;)", r"\&", text)
    text = re.sub(r"^([-+#]|\d+(?=[.)]))", lambda match: f"{_GAP}{match[0]}", text)
    return _unlinked(text)


def quote(text: str) -> str:
    """A Markdown text in a quote: it is rendered, and stays harmless."""
    text = re.sub(r"<(?=[/!?A-Za-z])", f"<{_GAP}", visible(text))
    text = re.sub(r"&(?=#?\w+;)", f"&{_GAP}", text)
    text = re.sub(r"!(?=\[)", f"!{_GAP}", text)
    # A definition of a reference counts for the whole comment, and one of `[!WARNING]` makes a link of every box.
    text = re.sub(r"\](?=:)", f"]{_GAP}", text)
    # A box of its own, and a footnote, which stands below everything else.
    text = re.sub(r"\[(?=[!^])", f"[{_GAP}", text)
    return "\n".join(f"> {line}".rstrip() for line in _unlinked(text).splitlines())


def _unlinked(text: str) -> str:
    # Mentions, issue numbers, addresses of issues, and what else GitHub makes a link of without being asked.
    text = re.sub(r"@(?=\w)", f"@{_GAP}", text)
    text = re.sub(r"#(?=\d)", f"#{_GAP}", text)
    text = re.sub(r"\b(GH\\?-)(?=\d)", rf"\1{_GAP}", text, flags=re.IGNORECASE)
    return _ISSUE.sub(rf"\1{_GAP}", text)


# By its path, since the host may be a company's own. Markdown reads `\/` as `/`.
_ISSUE = re.compile(r"(/(?:issues|pulls?|discussions)\\?/\\?)(?=\d)", re.IGNORECASE)


def mermaid(bars: Sequence[Bar]) -> str:
    """A Gantt chart. Its syntax has no escapes, so names keep only what cannot be part of it."""
    step = tick(max(bar.window[1] for bar in bars) - min(bar.window[0] for bar in bars))
    unit, marks = (
        ("minute", "%d %b %H:%M") if step < _HOUR else ("hour", "%d %b %H:%M") if step < _DAY else ("day", "%d %b")
    )
    lines = [
        "```mermaid",
        "gantt",
        "    title Times in UTC",
        "    dateFormat YYYY-MM-DD HH:mm:ss",
        f"    axisFormat {marks}",
        f"    tickInterval {step // _UNITS[unit]}{unit}",
    ]
    for bar in bars:
        start, end = (f"{moment:%Y-%m-%d %H:%M:%S}" for moment in bar.window)
        lines.append(f"    {_plain(bar.name)} :{_MARKS[bar.kind]}{start}, {end}")
    return "\n".join([*lines, "```"])


_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_UNITS = {"minute": _MINUTE, "hour": _HOUR, "day": _DAY}
_MARKS = {"new": "active, ", "old": "done, ", "other": "crit, "}


def _plain(name: str) -> str:
    kept = re.sub(r"[^\w .()+/-]", " ", name, flags=re.ASCII if name.isascii() else 0)
    kept = " ".join(kept.replace("_", " ").split())[:60]
    # A line that begins with a word of the syntax would be taken for it.
    return f"“{kept}”" if kept else "“”"
