"""The API key, kept out of every text of ours, whatever an answer repeats."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote

PIECE = 8
"""This many characters of a key in a row are a part of it."""


LONG_PIECE = 16
"""This many are one even if they read as words."""


HIDDEN = "(not shown: it contains a part of the API key)"


_NOISE = re.compile(r"[^!-~]+")


class Secret:
    """A key, found as it is, in pieces, split by white space, URL-encoded, and in base64.

    A text that holds it is not shown at all: what would be left of it could be the rest of the key.

    What a page says is compared with what is declared, so there a piece has to be a `sure` one: a key such as
    `emulator-write` has words in common with any text, and a piece with letters and digits has not.
    """

    def __init__(self, key: str) -> None:
        forms = [_folded(key)]
        for before in range(3):
            # What stands before the key shifts its base64. The first and last characters depend on the neighbours.
            encoded = base64.b64encode(bytes(before) + key.encode()).decode().rstrip("=")
            forms.append(_folded(encoded[2 * before : -1]))
        pieces, whole = _pieces(forms, PIECE), frozenset(forms[:1])
        # A key that is shorter than a piece, as in a try-out, is looked for as a whole, and only in what failed.
        is_short = len(key) < PIECE
        self._pieces = pieces | whole if is_short else pieces
        self._sure = frozenset(filter(_is_no_word, pieces)) | _pieces(forms, LONG_PIECE)
        self._sure |= whole if PIECE <= len(key) < LONG_PIECE else frozenset()

    def __repr__(self) -> str:
        return "Secret()"

    def is_in(self, text: str, *, sure: bool = False) -> bool:
        pieces = self._sure if sure else self._pieces
        for _ in range(3):
            text = _folded(text)
            if any(piece in text for piece in pieces):
                return True
            decoded = unquote(text, errors="ignore")
            if decoded == text:
                break
            # An address within an address is encoded twice.
            text = decoded
        return False

    def hide(self, text: str, *, sure: bool = False) -> str:
        """The text, or a notice in its place."""
        return HIDDEN if self.is_in(text, sure=sure) else text


def _pieces(forms: list[str], length: int) -> frozenset[str]:
    return frozenset(form[start : start + length] for form in forms for start in range(len(form) - length + 1))


def _is_no_word(piece: str) -> bool:
    return any(map(str.isalpha, piece)) and any(map(str.isdigit, piece))


def _folded(text: str) -> str:
    # Without what a key cannot have, in one case, and in one of the two alphabets of base64.
    return _NOISE.sub("", text).lower().replace("+", "-").replace("/", "_")
