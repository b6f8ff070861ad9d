"""What refuses a well-formed body: unknown components, a closed timeline. None changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..errors import Invalid
from . import bodies
from .objects import OPERATIONAL, RESOLVED, Event
from .pages import Page

MOST_RECIPIENTS = 1_000

HasStatuses = (
    bodies.CreateIncident | bodies.CreateIncidentUpdate | bodies.RetrospectiveUpdate | bodies.CreateMaintenanceUpdate
)


def check_room(event: Event) -> None:
    if len(event.updates) >= bodies.MOST_UPDATES:
        raise Invalid(f"This {event.kind} already has {bodies.MOST_UPDATES} updates, the most it can have")


def check_recipients(page: Page, notify: bool) -> None:
    """The API does not mail a large page. Automation may."""
    if notify and page.subscribers > MOST_RECIPIENTS:
        reason = f"notify_subscribers must be false: the page has more than {MOST_RECIPIENTS} subscribers"
        raise Invalid.at("/notify_subscribers", reason, "too_many_subscribers")


def check_components(page: Page, ids: Sequence[str], pointer: str) -> None:
    """Each is a component of the page, and comes once. `pointer` has `{}` for the number."""
    known, seen = page.component_ids(), set[str]()
    for number, component in enumerate(ids):
        if component not in known:
            reason = f"There is no component {component} on this status page"
            raise Invalid.at(pointer.format(number), reason, "not_found")
        if component in seen:
            raise Invalid.at(pointer.format(number), f"Component {component} is listed twice")
        seen.add(component)


def check_statuses(page: Page, body: HasStatuses, *, closing: bool, at: str = "") -> None:
    """An update that closes an event has no component statuses, as every component becomes operational."""
    pointer = f"{at}/component_statuses"
    if closing and body.has("component_statuses"):
        reason = "component_statuses must not be set when resolved or complete: every component becomes operational"
        raise Invalid.at(pointer, reason)
    ids = [component.component_id for component in body.component_statuses]
    check_components(page, ids, pointer + "/{}/component_id")


def check_timeline(page: Page, updates: Sequence[bodies.RetrospectiveUpdate], now: datetime) -> None:
    """A past incident's updates: in the past, in order, the last one resolved."""
    for number, update in enumerate(updates):
        at = f"/updates/{number}"
        if update.published_at >= now:
            raise Invalid.at(f"{at}/published_at", "published_at must be in the past")
        if number and update.published_at < updates[number - 1].published_at:
            raise Invalid.at(f"{at}/published_at", "updates must be in chronological order, earliest first")
        check_statuses(page, update, closing=False, at=at)
        if update.incident_status == RESOLVED:
            _check_all_operational(update, at)
    if updates[-1].incident_status != RESOLVED:
        raise Invalid.at(f"/updates/{len(updates) - 1}/incident_status", "The final update must be resolved")


def _check_all_operational(update: bodies.RetrospectiveUpdate, at: str) -> None:
    """A resolved entry may say what resolving does anyway: every component becomes operational."""
    for number, component in enumerate(update.component_statuses):
        if component.component_status != OPERATIONAL:
            pointer = f"{at}/component_statuses/{number}/component_status"
            raise Invalid.at(pointer, "component_status must be operational where the incident is resolved")
