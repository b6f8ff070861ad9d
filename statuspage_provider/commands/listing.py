"""What is already on a page: for a person who looks for the id to set as `adopt_id`, and for a script."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from ..display import moment, quoted
from ..lookups import StatusPage, find_page
from ..remote import Incident, Maintenance
from ..services.capabilities import CAPABILITIES, connect
from ..services.settings import Settings


@dataclass(frozen=True)
class Listing:
    """A page's windows and incidents, newest first. Of a service that has none of a kind, None."""

    page: StatusPage | None
    windows: Sequence[Maintenance] | None
    incidents: Sequence[Incident]


def listing(settings: Settings, page: str | None) -> Listing:
    """Everything that is on a page.

    `page` is the page's id, name or public URL; without it, the account's only page. On a service whose lists need no
    page it is an id; without it, all that the account has.
    """
    able = CAPABILITIES[settings.service]
    found = find_page(settings, page) if able.lists_need_page else None
    status_page_id = found.id if found is not None else page or ""
    windows = connect(settings, "maintenances").on_page(status_page_id) if "maintenances" in able.has else None
    return Listing(found, windows, connect(settings, "incidents").on_page(status_page_id))


def lines(listed: Listing, local: tzinfo | None = None) -> Iterator[str]:
    """One line for each window and incident: id, status, when, title."""
    if listed.page is not None:
        yield quoted(f"{listed.page.name} ({listed.page.id})")
    if listed.windows is not None:
        yield "Maintenance windows"
        for window in listed.windows:
            yield _line(window, window.maintenance_status.removeprefix("maintenance_"), _lasts(window, local))
        if not listed.windows:
            yield "  none"
    yield "Incidents"
    for incident in listed.incidents:
        yield _line(incident, incident.incident_status, _lasted(incident, local))
    if not listed.incidents:
        yield "  none"


def as_json(listed: Listing) -> dict[str, Any]:
    """The same for a script, as the reference describes it: the API's own names. Fields are only ever added."""
    page = listed.page
    return {
        "status_page": page and {"id": page.id, "name": page.name, "public_url": page.public_url},
        "status_page_maintenances": [_window(window) for window in listed.windows or []],
        "status_page_incidents": [_fields(incident, UPDATE | {"incident_status"}) for incident in listed.incidents],
    }


UPDATE = {"id", "message", "published_at", "component_statuses"}


def _window(window: Maintenance) -> dict[str, Any]:
    start, end = window.window or (None, None)
    return {**_fields(window, UPDATE | {"maintenance_status"}), "start_at": start, "end_at": end}


def _fields(found: Maintenance | Incident, update: set[str]) -> dict[str, Any]:
    return {
        **found.model_dump(exclude={"times"}),
        "updates": [entry.model_dump(include=update) for entry in found.timeline],
    }


def _line(found: Maintenance | Incident, status: str, when: str) -> str:
    return f"  {quoted(found.id)}  {quoted(status):<13}  {when}  {quoted(found.name)}"


def _lasts(window: Maintenance, local: tzinfo | None) -> str:
    if window.window is None:
        return f"announced {moment(window.published_at, local)}"
    start, end = window.window
    return f"{moment(start, local)} to {moment(end, local)}"


def _lasted(incident: Incident, local: tzinfo | None) -> str:
    begun = moment(incident.published_at, local)
    if incident.incident_status == "resolved" and incident.updates:
        return f"{begun} to {moment(incident.timeline[-1].published_at, local)}"
    return f"since {begun}"
