"""Reads of many objects of one page, answered from one list of it: for a refresh, and never for what is then written.

The engine reads each object by itself, several at a time. The first few are shown one by one, so that a small stack
asks no more than that. Then the newest of the page are listed once for all others in the process. What is not
among them is shown by itself, as is whatever seems to be gone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

from .errors import StatusPageError

if TYPE_CHECKING:
    from .remote import Incident, Maintenance

    Found = Mapping[str, Maintenance | Incident]

SHOWN_FIRST = 3
"""How many objects of a page are shown one by one. The fourth, asked for beside them, lists the page."""


class Listed:
    """What one process has listed of each page. Of each page it is listed once, however many wait for it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[Hashable, threading.Lock] = {}
        self._asked: dict[Hashable, int] = {}
        self._found: dict[Hashable, Found] = {}

    def find(
        self, page: Hashable, id_: str, newest: Callable[[], Sequence[Maintenance | Incident]]
    ) -> Maintenance | Incident | None:
        """The object of that id among the newest of its page, once it is listed; None if it has to be shown."""
        with self._guard:
            self._asked[page] = self._asked.get(page, 0) + 1
            if self._asked[page] <= SHOWN_FIRST:
                return None
            lock = self._locks.setdefault(page, threading.Lock())
        with lock:
            if page not in self._found:
                try:
                    self._found[page] = {one.id: one for one in newest()}
                except StatusPageError:
                    # Whatever it is, it is told of the object that is then shown.
                    self._found[page] = {}
        return self._found[page].get(id_)
