"""The API key, kept out of every text of ours, whatever an answer repeats."""

from __future__ import annotations

import base64
import binascii

PIECE = 8
"""This many characters of a key in a row are a part of it."""


LONG_PIECE = 16
"""This many are one even if they read as words."""


HIDDEN = "(not shown: it contains a part of the API key)"


# In one case, and in one of the two alphabets of base64.
_FOLDED = bytes(range(256)).lower().replace(b"+", b"-").replace(b"/", b"_")


_NOISE = bytes(code for code in range(256) if not ord("!") <= code <= ord("~"))
"""What a key cannot have."""


class Secret:
    """A key, found as it is, in pieces, split by white space, URL-encoded, and in base64.

    A text that holds it is not shown at all: what would be left of it could be the rest of the key.

    What a page says is compared with what is declared, so there a piece has to be a `sure` one: a key such as
    `emulator-write` has words in common with any text, and a piece with letters and digits has not.
    """

    def __init__(self, key: str) -> None:
        forms = [_folded(key.encode())]
        for before in range(3):
            # What stands before the key shifts its base64. The first and last characters depend on the neighbours.
            encoded = base64.b64encode(bytes(before) + key.encode()).rstrip(b"=")
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
        pieces, folded = self._sure if sure else self._pieces, _folded(text.encode("ascii", "ignore"))
        for _ in range(3):
            if any(piece in folded for piece in pieces):
                return True
            if b"%" not in folded:
                break
            # An address within an address is encoded twice.
            folded = _folded(_unquoted(folded))
        return False

    def hide(self, text: str, *, sure: bool = False) -> str:
        """The text, or a notice in its place."""
        return HIDDEN if self.is_in(text, sure=sure) else text


def _pieces(forms: list[bytes], length: int) -> frozenset[bytes]:
    return frozenset(form[start : start + length] for form in forms for start in range(len(form) - length + 1))


def _is_no_word(piece: bytes) -> bool:
    return any(map(str.isalpha, piece.decode())) and any(map(str.isdigit, piece.decode()))


def _folded(text: bytes) -> bytes:
    return text.translate(_FOLDED, _NOISE)


def _unquoted(text: bytes) -> bytes:
    # What an address writes with % is written with = where text is quoted for mail, and read at once, and in its place:
    # an answer may be nothing else.
    return binascii.a2b_qp(text.replace(b"=", b"=3d").replace(b"%", b"="))
