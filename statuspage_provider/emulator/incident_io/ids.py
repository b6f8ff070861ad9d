"""Ids like the vendor's: ULIDs, which sort in the order they were given out."""

from __future__ import annotations

import secrets

from ..clock import Clock
from ..store import Store

_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80

# No id of the default page is greater.
_LAST_DEFAULT = "01HZACMEZZZZZZZZZZZZZZZZZZ"


def is_ulid(text: str) -> bool:
    return len(text) == 26 and all(letter in _DIGITS for letter in text)


class Ids:
    """Gives out ids. Each is greater than the one before, even when the clock was moved back."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def next(self) -> str:
        last = self._store.settings.get("last_id", _LAST_DEFAULT)
        made = _encode((int(self._clock.now().timestamp() * 1000) << _RANDOM_BITS) + secrets.randbits(_RANDOM_BITS))
        if made <= last:
            made = _encode(sum(_DIGITS.index(letter) << 5 * place for place, letter in enumerate(last[::-1])) + 1)
        self._store.set("last_id", made)
        return made


def _encode(number: int) -> str:
    return "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))
