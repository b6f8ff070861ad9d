"""What is already on a page, so that a person finds the id to set as `adopt_id`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from ..display import moment, quoted
from ..lookups import find_page
from ..remote import Incident, Maintenance
from ..services.capabilities import CAPABILITIES, connect
from ..services.settings import Settings


def listing(settings: Settings, page: str | None, local: tzinfo | None = None) -> Iterator[str]:
    """One line for each window and incident of a page, newest first: id, status, when, title.

    `page` is the page's id, name or public URL; without it, the account's only page. On a service whose pages cannot be
    listed it is an id; without it, all that the account has.
    """
    able, status_page_id = CAPABILITIES[settings.service], page or ""
    if "pages" in able.has:
        found = find_page(settings, page)
        status_page_id = found.id
        yield quoted(f"{found.name} ({found.id})")
    if "maintenances" in able.has:
        yield "Maintenance windows"
        windows = connect(settings, "maintenances").on_page(status_page_id)
        for window in windows:
            yield _line(window, window.maintenance_status.removeprefix("maintenance_"), _lasts(window, local))
        if not windows:
            yield "  none"
    yield "Incidents"
    incidents = connect(settings, "incidents").on_page(status_page_id)
    for incident in incidents:
        yield _line(incident, incident.incident_status, _lasted(incident, local))
    if not incidents:
        yield "  none"


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
