"""Texts that others wrote, so that nothing of them is hidden, turned round, or taken for a command."""

from __future__ import annotations

import re

# Control and escape characters, marks of direction, what has no width and says nothing, halves of a character.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)

# What the log of a build takes for a command: `::error::…` where a line begins, `##[error]` and `##vso[…]` anywhere.
_COMMAND = re.compile(r"^([ \t]*:)(?=:)|(#)(?=#\w*\[)", re.MULTILINE)


def visible(text: str) -> str:
    """The text, line by line, with a mark for each character that would hide or turn round a part of it."""
    return _HIDDEN.sub("\ufffd", re.sub("\r\n?", "\n", text))


def plain(text: str) -> str:
    """The same on one line."""
    return unheeded(" ".join(visible(text).split()))


def unheeded(text: str) -> str:
    """The text with no command in it to whatever keeps the log of a build."""
    return _COMMAND.sub(lambda found: f"{found[0]} ", text)
