"""What every call to statuspage.me shares: methods, paths, what is not there, and doing once what carries no key."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from ...errors import LostAnswer, NotFound, Refused
from ...remote import Incident, Maintenance
from ..looking import looks
from ..transport import Transport
from . import bodies

Object = TypeVar("Object", bound=Maintenance | Incident)

BASE = "/user/api/v1"

TRIES = 2
"""How often a write is sent whose answer was an error of the service's own, each time after looks at what is there."""


class Calls:
    """The service's HTTP methods, with one account's transport, for one kind of object."""

    def __init__(self, transport: Transport, kind: str) -> None:
        self._transport = transport
        self._path = f"{BASE}/{kind}"
        self._creating = threading.Lock()
        self._made: dict[str, str] = {}

    def get(self, id_: str) -> Any:
        return self._transport.request("GET", self._of(id_), repeatable=True)

    def list(self, **filters: Any) -> list[Any]:
        params = {name: value for name, value in filters.items() if value}
        return bodies.read_list(self._transport.request("GET", self._path, params=params, repeatable=True))

    def post(self, body: dict[str, Any]) -> Any:
        """No call carries an idempotency key, so it is never repeated blindly."""
        return self._transport.request("POST", self._path, json=body, repeatable=False)

    def post_update(self, id_: str, body: dict[str, Any]) -> Any:
        return self._transport.request("POST", f"{self._of(id_)}/updates", json=body, repeatable=False)

    def patch(self, id_: str, body: dict[str, Any], *, repeatable: bool) -> Any:
        return self._transport.request("PATCH", self._of(id_), json=body, repeatable=repeatable)

    def delete(self, id_: str) -> None:
        """What is gone already is fine. What is only denied is not."""
        try:
            self._transport.request("DELETE", self._of(id_), repeatable=True)
        except NotFound:
            if self.listed(id_) is not None:
                raise

    def listed(self, id_: str, **filters: Any) -> Any:
        """The object as a list has it, or None. A 404 may mean "access denied", so only a list tells what is gone."""
        return next((item for item in self.list(**filters) if bodies.read_id(item) == id_), None)

    def is_of_another(self, id_: str, key: str) -> bool:
        """Whether this process made the object for another resource: two of them may read alike."""
        return self._made.get(id_, key) != key

    def create_once(self, key: str, find: Callable[[], Object | None], create: Callable[[], Object]) -> Object:
        """What a run that was killed has made already, or what is made now. One at a time, so that it is found."""
        with self._creating:
            try:
                made = write_once(find, create)
            except NotFound as error:
                raise Refused(f"status_page_id: {error}. Nothing was posted") from None
            self._made[made.id] = key
            return made

    def _of(self, id_: str) -> str:
        return f"{self._path}/{quote(id_, safe='', errors='replace')}"


def write_once(find: Callable[[], Object | None], write: Callable[[], Object]) -> Object:
    """What is there as wanted already, or what the write answers with.

    After a lost answer it is looked for, again and again for a while. Raises LostAnswer where it is not found: if
    nobody answered the write may still be carried out, and another one would be a second announcement.
    """
    found, tries = find(), 0
    while found is None:
        tries += 1
        try:
            found = write()
        except LostAnswer as lost:
            found = next((one for one in looks(find) if one is not None), None)
            if found is None and (tries == TRIES or not lost.answered):
                raise
    return found
