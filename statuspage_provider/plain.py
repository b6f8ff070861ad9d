"""One line of text that may be shown, whoever wrote it: it steers no terminal, no build log and no reading order."""

from __future__ import annotations

import re

LONGEST_QUOTE = 500
"""How many characters of an answer's text are repeated in a line of ours."""

_BREAKS = re.compile(r"[\t-\r\x85\u2028\u2029]+")
_STEERING = re.compile(
    r"[\x00-\x1f\x7f-\x9f"  # controls, escape among them
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # what turns round the reading order
    r"\ufeff\ufff9-\ufffb\ud800-\udfff]"  # what no text holds, and halves of characters
)
# What the log of a build takes for a command: `::error::…` where a line begins, `##[error]` and `##vso[…]` anywhere.
_COMMAND = re.compile(r"^(\s*:)(?=:)|(#)(?=#\w*\[)")


def plain(text: str) -> str:
    """The text on one line. Line breaks become a space; of all else that is not to be seen, U+FFFD is."""
    text = _STEERING.sub("\ufffd", _BREAKS.sub(" ", text))
    return _COMMAND.sub(lambda found: f"{found[0]} ", text)


def quoted(text: str) -> str:
    """What an answer says, as a part of a line of ours: plain, without needless space, and not too long."""
    # What is cut off is not looked at: an answer may be as long as it likes.
    text = " ".join(plain(text[: 4 * LONGEST_QUOTE]).split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"
