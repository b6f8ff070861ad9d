"""Ids that look like the vendor's: ULIDs, which sort in the order they were given out."""

from __future__ import annotations

import secrets
from datetime import datetime

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80


def encode(number: int) -> str:
    return "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))


def is_ulid(text: str) -> bool:
    return len(text) == 26 and all(letter in _DIGITS for letter in text)


class Ids:
    """Gives out ids. Each is greater than the last one, even when the clock was moved back."""

    def __init__(self, last: str) -> None:
        self.last = last

    def next(self, now: datetime) -> str:
        made = encode((int(now.timestamp() * 1000) << _RANDOM_BITS) + secrets.randbits(_RANDOM_BITS))
        if made <= self.last:
            made = encode(sum(_DIGITS.index(letter) << 5 * place for place, letter in enumerate(self.last[::-1])) + 1)
        self.last = made
        return made
