"""What every call to incident.io shares: methods, paths, lists, and what is not there."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from ...errors import NotFound, Unreachable
from ..transport import Bounds, Transport
from . import bodies

Model = TypeVar("Model", bound=BaseModel)

PAGE_SIZE = 250
"""The most that the service gives at a time."""

PAGES_LIMIT = 100
"""How many pages of a list are read: 25,000 entries. A list that goes on is no list."""


class Calls:
    """The service's HTTP methods, with one account's transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, path: str, params: dict[str, Any] | None = None, within: Bounds | None = None) -> Any:
        return self._transport.request("GET", path, params=params, repeatable=True, within=within)

    def find(self, path: str) -> Any:
        """The answer, or None for what is not there."""
        try:
            return self.get(path)
        except NotFound:
            return None

    def put(self, path: str, body: dict[str, Any]) -> Any:
        """An edit publishes nothing and tells nobody, so it may be repeated."""
        return self._transport.request("PUT", path, json=body, repeatable=True)

    def post(self, path: str, body: dict[str, Any], *, repeatable: bool, patience_s: float | None = None) -> Any:
        return self._transport.request("POST", path, json=body, repeatable=repeatable, patience_s=patience_s)

    def delete(self, path: str) -> None:
        """What is gone already is fine."""
        try:
            self._transport.request("DELETE", path, repeatable=True)
        except NotFound:
            return

    def newest(self, model: type[Model], path: str, field: str, **filters: str) -> list[Model]:
        """The first page of a list."""
        return bodies.read_list(model, self.get(path, {**filters, "page_size": PAGE_SIZE}), field)

    def all(self, model: type[Model], path: str, field: str, **filters: str) -> list[Model]:
        """Every page of a list. Raises Unreachable for a list without an end."""
        found: list[Model] = []
        params: dict[str, Any] = {**filters, "page_size": PAGE_SIZE}
        cursors = set[str]()
        within = self._transport.bounds()
        for _ in range(PAGES_LIMIT):
            body = self.get(path, params, within)
            found += bodies.read_list(model, body, field)
            after = bodies.read_after(body)
            if after is None:
                return found
            if after in cursors:
                raise Unreachable(f"incident.io's list of {field} never ends: a cursor was repeated")
            if within.passed:
                raise Unreachable(f"incident.io's list of {field} never ends: it has {within.passed}")
            cursors.add(after)
            params["after"] = after
        raise Unreachable(f"incident.io's list of {field} never ends: it has more than {PAGES_LIMIT} pages")


def quoted(id_: str) -> str:
    """An id as a part of a path."""
    return quote(id_, safe="", errors="replace")
