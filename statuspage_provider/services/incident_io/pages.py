"""The endpoints of pages and their components."""

from __future__ import annotations

from datetime import datetime

from ...remote import Availability, Component, Page
from ...times import format_instant
from . import bodies
from .calls import Calls, quoted

PAGES = "/v2/status_pages"


class Pages:
    """The pages of an account."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def list_pages(self) -> list[Page]:
        return self._calls.all(Page, PAGES, "status_pages")

    def show_components(self, status_page_id: str) -> list[Component]:
        return bodies.read_components(self._calls.get(f"/v2/status_page_structures/{quoted(status_page_id)}"))

    def show_component_availability(
        self, status_page_id: str, component_id: str, *, start_at: datetime, end_at: datetime
    ) -> Availability:
        path = f"{PAGES}/{quoted(status_page_id)}/components/{quoted(component_id)}/availability"
        params = {"start_at": format_instant(start_at), "end_at": format_instant(end_at)}
        return bodies.read(Availability, self._calls.get(path, params), "availability")
