"""What a service offers: the calls that each kind of object needs.

`on_page` takes the filters that the service's lists have, and `newest` is one request for as many objects as it gives,
each as `show` would give it; none of a service whose lists have less. `show` answers None for an object that is gone.
An edit is silent and may be repeated. A delete of what is gone is fine.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from ..inputs import IncidentInputs, RetrospectiveInputs
from ..lifecycle.decision import Announcement, Edit, NewUpdate
from ..remote import Availability, Component, Incident, Maintenance, Page, Update

Shown = TypeVar("Shown", Maintenance, Incident, covariant=True)


class Objects(Protocol[Shown]):
    """Objects of one kind that are there already."""

    def show(self, id_: str) -> Shown | None: ...
    def edit(self, id_: str, edit: Edit) -> Shown: ...


class Listing(Objects[Shown], Protocol[Shown]):
    """Objects of one kind that can be listed by page."""

    def on_page(self, status_page_id: str, **filters: str) -> Sequence[Shown]: ...
    def newest(self, status_page_id: str) -> Sequence[Shown]: ...


class Timelines(Objects[Shown], Protocol[Shown]):
    """Objects of one kind whose timeline can be added to."""

    def create_update(self, id_: str, update: NewUpdate) -> Update: ...


class MaintenanceService(Listing[Maintenance], Timelines[Maintenance], Protocol):
    """Maintenance windows."""

    def create(self, announcement: Announcement, *, idempotency_key: str) -> Maintenance: ...
    def delete(self, id_: str) -> None: ...


class IncidentService(Listing[Incident], Timelines[Incident], Protocol):
    """Incidents."""

    def create(self, declared: IncidentInputs, *, idempotency_key: str) -> Incident: ...


class DeletingService(Protocol):
    """Incidents that can be deleted."""

    def delete(self, id_: str) -> None: ...


class RetrospectiveService(Objects[Incident], Protocol):
    """Past incidents. Telling of one emails nobody."""

    def create(self, declared: RetrospectiveInputs, *, idempotency_key: str) -> Incident: ...


class PageService(Protocol):
    """Pages and their components."""

    def list_pages(self) -> list[Page]: ...
    def show_components(self, status_page_id: str) -> list[Component]: ...
    def show_component_availability(
        self, status_page_id: str, component_id: str, *, start_at: datetime, end_at: datetime
    ) -> Availability: ...
