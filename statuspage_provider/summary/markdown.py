"""The summary as Markdown, to be posted as a comment: as GitHub and GitLab show it, or plain, as any place does.

Nothing that a program declares can leave its place: no table cell, no quote, no comment can be broken out of, nobody is
mentioned, no image is loaded and no other issue is linked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from ..display import plain, visible
from .blocks import Bar, Document, Heading, Message, Steps, Table, Text, Timeline, Title, Warnings
from .document import span, tick

_GAP = "\u200b"  # a space of no width: it is not seen, and it ends a mention, a tag or a reference before it begins


@dataclass(frozen=True)
class Flavour:
    """What one kind of place shows.

    `marker` is the first line: by it a bot finds its own comment, to edit it. `limit` is how long a summary may be.
    `escapable` are the characters that take a backslash there. `draws` is whether a timeline is drawn of Mermaid, and
    warnings stand in a box.
    """

    marker: str
    limit: int
    escapable: str
    draws: bool


GITHUB = Flavour("<!-- statuspage summary -->", 60_000, r"\`*_[]<>|~$", draws=True)
"""GitHub takes comments of up to 65,536 characters, and GitLab longer ones."""

PLAIN = Flavour("[statuspage summary]: #", 30_000, r"\`*_[]|", draws=False)
"""Bitbucket takes up to 32,768 characters, shows every HTML tag as text, and its Python-Markdown shows a backslash
before what it does not escape. A definition that nothing refers to is seen nowhere."""


def to_markdown(document: Document) -> str:
    """The document as GitHub and GitLab show it."""
    return _written(document, GITHUB)


def to_plain_markdown(document: Document) -> str:
    """The document without Mermaid, boxes and HTML, as Bitbucket and Azure DevOps show it."""
    return _written(document, PLAIN)


def _written(document: Document, flavour: Flavour) -> str:
    """The document, shortened at the end of a block if it is longer than a comment may be."""
    blocks, length = [flavour.marker], 0
    for block in document:
        written = _block(block, flavour)
        if not written:
            continue
        blocks.append(written)
        length += len(written) + 2
        if length > flavour.limit:
            if blocks[-2].startswith("### "):
                blocks.pop()
            blocks[-1] = (
                "**This is not all of it:** a comment cannot be longer. The terminal and HTML formats show the rest."
            )
            break
    return "\n\n".join(blocks) + "\n"


def _block(block: object, flavour: Flavour) -> str:
    def escaped(text: str) -> str:
        return escape(text, flavour)

    match block:
        case Title(text):
            return f"## {escaped(text)}"
        case Heading(text):
            return f"### {escaped(text)}"
        case Text(text):
            return escaped(text)
        case Steps(items):
            return "\n".join(f"{number}. {escaped(item)}" for number, item in enumerate(items, 1))
        case Warnings(items):
            head = "> [!WARNING]" if flavour.draws else "> **Warning**\n>"
            return "\n".join([head, *(f"> - {escaped(item)}" for item in items)])
        case Message(label, text):
            return f"{escaped(label)}\n\n{quote(text)}"
        case Table(rows, header) if header or flavour.draws:
            return _table(rows, header, flavour)
        case Table(rows):
            # Facts: a table without a head is none everywhere.
            return "\n".join(f"- {': '.join(escaped(cell) for cell in row)}" for row in rows)
        case Timeline(bars, _):
            return mermaid(bars) if flavour.draws else _listed(bars, flavour)
    raise AssertionError(block)


def _table(rows: Sequence[Sequence[str]], header: Sequence[str], flavour: Flavour) -> str:
    names = [escape(name, flavour) for name in header] or [""] * len(rows[0])
    lines = [names, ["---"] * len(names), *([escape(cell, flavour) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _listed(bars: Sequence[Bar], flavour: Flavour) -> str:
    """Several windows, one under the other. A single one is told by its facts."""
    rows = [(span(*bar.window), bar.name) for bar in bars]
    return _table(rows, ("times", "window"), flavour) if len(rows) > 1 else ""


def escape(text: str, flavour: Flavour = GITHUB) -> str:
    """Plain text that Markdown shows as it is, on one line."""
    text = re.sub(f"([{re.escape(flavour.escapable)}])", r"\\\1", plain(text))
    if "<" in flavour.escapable:
        text = re.sub(r"&(?=#?\w+;)", r"\&", text)
    else:
        # An entity, a tag, a line through the text, and a quote at the beginning of a line.
        text = re.sub(r"(&(?=#?\w+;)|<(?=[/!?A-Za-z])|~(?=~)|^>)", rf"\1{_GAP}", text)
    text = re.sub(r"^([-+#]|\d+(?=[.)]))", lambda match: f"{_GAP}{match[0]}", text)
    return _unlinked(text)


def quote(text: str) -> str:
    """A Markdown text in a quote: it is rendered, and stays harmless."""
    text = re.sub(r"<(?=[/!?A-Za-z])", f"<{_GAP}", visible(text))
    text = re.sub(r"&(?=#?\w+;)", f"&{_GAP}", text)
    text = re.sub(r"!(?=\[)", f"!{_GAP}", text)
    # A definition of a reference counts for the whole comment, and one of `[!WARNING]` makes a link of every box.
    text = re.sub(r"\](?=:)", f"]{_GAP}", text)
    # A box of its own; a footnote, which stands below everything else; a table of all headings.
    text = re.sub(r"\[(?=[!^]|TOC\])", f"[{_GAP}", text)
    # What a build's log takes for a command, where the summary is printed to one.
    text = re.sub(r"#(?=#\w*\[)", f"#{_GAP}", text)
    return "\n".join(f"> {line}".rstrip() for line in _unlinked(text).splitlines())


def _unlinked(text: str) -> str:
    # Mentions, numbers and addresses of issues and the like: whoever is mentioned is told, and what is mentioned says
    # so. Bitbucket has `@{id}`, Azure DevOps `@<id>` and `!12`, GitLab `!12` and `&12`.
    text = re.sub(r"@(?=[\w{<\\])", f"@{_GAP}", text)
    text = re.sub(r"([#!&])(?=\d)", rf"\1{_GAP}", text)
    text = re.sub(r"\b(GH\\?-)(?=\d)", rf"\1{_GAP}", text, flags=re.IGNORECASE)
    return _ISSUE.sub(rf"\1{_GAP}", text)


# By its path, since the host may be a company's own. Markdown reads `\/` as `/`.
_ISSUE = re.compile(
    r"(/(?:issues|pulls?|discussions|merge\\?_requests|work\\?_items|epics)\\?/\\?)(?=\d)", re.IGNORECASE
)


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
