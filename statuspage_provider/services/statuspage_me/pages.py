"""The endpoint of pages: a list, and nothing more."""

from __future__ import annotations

from datetime import datetime

from ...errors import Refused
from ...remote import Availability, Component, Page
from . import bodies
from .calls import Calls


class Pages:
    """The status pages of an account."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def list_pages(self) -> list[Page]:
        return [bodies.read_page(item) for item in self._calls.list()]

    def show_components(self, status_page_id: str) -> list[Component]:
        raise Refused("statuspage.me has no call that lists components: copy a component's id from its dashboard")

    def show_component_availability(
        self, status_page_id: str, component_id: str, *, start_at: datetime, end_at: datetime
    ) -> Availability:
        raise Refused("statuspage.me has no call that tells how available a component was")
