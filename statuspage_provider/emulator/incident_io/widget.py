"""The widget: a page's present and planned events as one public JSON document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, jsonify, request

from ..clock import rfc3339
from ..errors import NotFound
from ..request import world
from ..world import World
from .health import present_statuses
from .objects import IMPACTS, PHASES, Event, Incident, Maintenance, Page, Placed

SUFFIX = "/api/v1/summary"
CACHE_FOR_S = 30


widget = Blueprint("widget", __name__)


def _page(slug: str) -> Page:
    page = world.page_with_slug(slug)
    if not world.store.differences.widgets:
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
    page, differences = _page(slug), world.store.differences
    answer = jsonify(differences.with_unknown_fields(Summary(world, page, request.host_url).to_wire()))
    answer.headers["Cache-Control"] = f"public, max-age={CACHE_FOR_S}"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


class Summary:
    """What the widget says of one page."""

    def __init__(self, world: World, page: Page, base_url: str) -> None:
        self._page, self._url = page, f"{base_url}pages/{page.slug}"
        self._differences = world.store.differences
        self._placed: dict[str, Placed] = {}
        for place in page.placed():
            self._placed.setdefault(place.component.id, place)
        self._incidents = [one for one in world.store.incidents.values() if one.page_id == page.id and not one.over]
        self._windows = [one for one in world.store.maintenances.values() if one.page_id == page.id and not one.over]
        in_progress = (window for window in self._windows if window.status == PHASES[1])
        self._statuses = present_statuses(self._incidents, in_progress)

    def to_wire(self) -> dict[str, Any]:
        return {
            "page_title": self._page.name,
            "page_url": self._url,
            "ongoing_incidents": [self._incident(incident) for incident in reversed(self._incidents)],
            "in_progress_maintenances": [
                self._in_progress(window) for window in reversed(self._windows) if window.status == PHASES[1]
            ],
            "scheduled_maintenances": [
                self._scheduled(window)
                for window in sorted(self._windows, key=lambda window: window.start_at)
                if window.status == PHASES[0]
            ],
        }

    def _event(self, event: Event, components: Iterable[str]) -> dict[str, Any]:
        last = event.updates[-1]
        return {
            "id": event.id,
            "name": event.name,
            "url": f"{self._url}/{event.table}/{event.id}",
            "status": event.shown_status(self._differences),
            "last_update_at": rfc3339(last.published_at),
            "last_update_message": last.message,
            "affected_components": [self._component(key) for key in components],
        }

    def _incident(self, incident: Incident) -> dict[str, Any]:
        """An incident without an impact on any component still needs one here: the least."""
        open_now = {impact.component_id: impact.component_status for impact in incident.open_impacts()}
        worst = max(open_now.values(), key=IMPACTS.index, default=IMPACTS[0])
        return {**self._event(incident, open_now), "current_worst_impact": worst}

    def _in_progress(self, window: Maintenance) -> dict[str, Any]:
        components = [period.component_id for period in window.held()]
        times = {"started_at": rfc3339(window.started_at), "scheduled_end_at": rfc3339(window.end_at)}
        return {**self._event(window, components), **times}

    def _scheduled(self, window: Maintenance) -> dict[str, Any]:
        components = [period.component_id for period in window.held()]
        times = {"starts_at": rfc3339(window.start_at), "ends_at": rfc3339(window.end_at)}
        return {**self._event(window, components), **times}

    def _component(self, key: str) -> dict[str, Any]:
        """A component says the same of itself wherever it is named: the worst of all that goes on."""
        place, status = self._placed[key], self._statuses.get(key, "operational")
        wire = {"id": key, "name": place.component.name, "current_status": status}
        return wire if place.group is None else {**wire, "group_name": place.group.name}
