"""The widget: a page's present and planned events as one public JSON document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from ..clock import rfc3339
from ..errors import NotFound
from ..request import from_environ
from .health import present_statuses
from .objects import IMPACTS, IN_PROGRESS, OPERATIONAL, SCHEDULED, Event, Incident, Maintenance
from .pages import Page, Placed
from .rules import IncidentIO

SUFFIX = "/api/v1/summary"
CACHE_FOR_S = 30

service: IncidentIO = from_environ("emulator.incident_io")
widget = Blueprint("widget", __name__)


def _page(slug: str) -> Page:
    page = service.page_with_slug(slug)
    if not service.differences.widgets:
        raise NotFound(f"The widget of the status page {slug} is switched off")
    return page


@widget.route("/pages/<slug>" + SUFFIX, methods=["OPTIONS"])
def preflight(slug: str) -> Response:
    """What a browser asks before a page from elsewhere may read the widget with headers of its own."""
    _page(slug)
    answer = Response(status=204)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
    answer.headers["Access-Control-Allow-Headers"] = "*"
    return answer


@widget.get("/pages/<slug>" + SUFFIX)
def summary(slug: str) -> Response:
    document = Summary(service, _page(slug), request.host_url).to_wire()
    answer = jsonify(service.differences.with_unknown_fields(document))
    answer.headers["Cache-Control"] = f"public, max-age={CACHE_FOR_S}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


class Summary:
    """What the widget says about one page."""

    def __init__(self, service: IncidentIO, page: Page, base_url: str) -> None:
        self._page, self._url = page, f"{base_url}pages/{page.slug}"
        self._differences = service.differences
        self._placed: dict[str, Placed] = {}
        for place in page.placed():
            self._placed.setdefault(place.component.id, place)
        self._incidents = [one for one in service.incidents.values() if one.page_id == page.id and not one.over]
        windows = [one for one in service.maintenances.values() if one.page_id == page.id]
        self._in_progress = [one for one in windows if one.status == IN_PROGRESS]
        self._scheduled = [one for one in windows if one.status == SCHEDULED]
        self._statuses = present_statuses(self._incidents, self._in_progress)

    def to_wire(self) -> dict[str, Any]:
        scheduled = sorted(self._scheduled, key=lambda window: window.start_at)
        return {
            "page_title": self._page.name,
            "page_url": self._url,
            "ongoing_incidents": [self._incident_to_wire(incident) for incident in reversed(self._incidents)],
            "in_progress_maintenances": [
                self._window_to_wire(window, started_at=window.started_at, scheduled_end_at=window.end_at)
                for window in reversed(self._in_progress)
            ],
            "scheduled_maintenances": [
                self._window_to_wire(window, starts_at=window.start_at, ends_at=window.end_at) for window in scheduled
            ],
        }

    def _event_to_wire(self, event: Event, components: Iterable[str]) -> dict[str, Any]:
        last = event.updates[-1]
        return {
            "id": event.id,
            "name": event.name,
            "url": f"{self._url}/{event.table}/{event.id}",
            "status": event.shown_status(self._differences),
            "last_update_at": rfc3339(last.published_at),
            "last_update_message": last.message,
            "affected_components": [self._component_to_wire(key) for key in components],
        }

    def _incident_to_wire(self, incident: Incident) -> dict[str, Any]:
        """An incident without an impact on any component still needs one here: the least."""
        open_now = {impact.component_id: impact.component_status for impact in incident.open_impacts()}
        worst = max(open_now.values(), key=IMPACTS.index, default=IMPACTS[0])
        return {**self._event_to_wire(incident, open_now), "current_worst_impact": worst}

    def _window_to_wire(self, window: Maintenance, **times: datetime) -> dict[str, Any]:
        shown = {name: rfc3339(instant) for name, instant in times.items()}
        return {**self._event_to_wire(window, window.held_ids()), **shown}

    def _component_to_wire(self, key: str) -> dict[str, Any]:
        """A component has the same status wherever it is named: the worst of all that goes on."""
        place, status = self._placed[key], self._statuses.get(key, OPERATIONAL)
        wire = {"id": key, "name": place.component.name, "current_status": status}
        return wire if place.group is None else {**wire, "group_name": place.group.name}
