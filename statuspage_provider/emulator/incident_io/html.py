"""The status page as people see it: what is wrong, what is planned, how each component is doing, past events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from markdown_it import MarkdownIt
from markupsafe import Markup

from ..clock import rfc3339
from ..errors import NotFound
from ..request import from_environ
from .health import BY_WEIGHT, present_statuses
from .objects import IMPACTS, IN_PROGRESS, OPERATIONAL, SCHEDULED, UNDER_MAINTENANCE, Event, Incident, Maintenance
from .pages import Component, Group, Page
from .rules import IncidentIO

PAST_SHOWN = 10

LABELS = {
    "operational": "Operational",
    "degraded_performance": "Degraded performance",
    "partial_outage": "Partial outage",
    "full_outage": "Full outage",
    "under_maintenance": "Under maintenance",
    "investigating": "Investigating",
    "identified": "Identified",
    "monitoring": "Monitoring",
    "resolved": "Resolved",
    "maintenance_scheduled": "Scheduled",
    "maintenance_in_progress": "In progress",
    "maintenance_complete": "Complete",
}

TONES = {
    "operational": "good",
    "resolved": "good",
    "maintenance_complete": "good",
    "under_maintenance": "planned",
    "maintenance_scheduled": "planned",
    "maintenance_in_progress": "planned",
    "monitoring": "fair",
    "degraded_performance": "fair",
    "investigating": "poor",
    "identified": "poor",
    "partial_outage": "poor",
    "full_outage": "bad",
}

HEADLINES = {
    "operational": "All systems operational",
    "under_maintenance": "Maintenance in progress",
    "degraded_performance": "Some systems are slower than usual",
    "partial_outage": "Some systems are partly down",
    "full_outage": "Some systems are down",
}

# Anyone with a key writes messages: no HTML, no images from elsewhere, and only links that are safe to follow.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")

SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}

service: IncidentIO = from_environ("emulator.incident_io")
html = Blueprint("html", __name__, template_folder="templates")


@html.after_request
def harden(response: Response) -> Response:
    response.headers.extend(SAFE_HEADERS)
    return response


@html.errorhandler(NotFound)
def missing(error: NotFound) -> ResponseReturnValue:
    return render_template("missing.html", message=str(error)), 404


@html.get("/")
def index() -> ResponseReturnValue:
    return render_template("index.html", pages=list(service.pages.values()))


@html.get("/pages/<slug>")
def show(slug: str) -> ResponseReturnValue:
    page = service.page_with_slug(slug)
    return render_template("page.html", page=page, view=View(service, page))


@html.get("/pages/<slug>/incidents/<key>")
def show_incident(slug: str, key: str) -> ResponseReturnValue:
    return _event(slug, service.incidents.get(key))


@html.get("/pages/<slug>/maintenances/<key>")
def show_maintenance(slug: str, key: str) -> ResponseReturnValue:
    return _event(slug, service.maintenances.get(key))


def _event(slug: str, event: Event | None) -> ResponseReturnValue:
    page = service.page_with_slug(slug)
    if event is None or event.page_id != page.id:
        raise NotFound("There is no such event on this page. It may have been deleted.")
    return render_template("event.html", page=page, event=event, names=View(service, page).names(event))


@dataclass(frozen=True)
class Row:
    """A component as the page lists it."""

    name: str
    status: str


@dataclass(frozen=True)
class Block:
    """Rows under one heading. Components outside any group have no heading."""

    rows: list[Row]
    name: str | None = None
    description: str | None = None


class View:
    """What the page shows at this moment."""

    def __init__(self, service: IncidentIO, page: Page) -> None:
        incidents = [one for one in service.incidents.values() if one.page_id == page.id]
        windows = [one for one in service.maintenances.values() if one.page_id == page.id]
        self.incidents: list[Incident] = [one for one in reversed(incidents) if not one.over]
        self.in_progress: list[Maintenance] = [one for one in windows if one.status == IN_PROGRESS]
        self.scheduled: list[Maintenance] = sorted(
            (one for one in windows if one.status == SCHEDULED), key=lambda one: one.start_at
        )
        over: list[Event] = [one for one in [*incidents, *windows] if one.over]
        self.past = sorted(over, key=lambda one: one.updates[-1].published_at, reverse=True)[:PAST_SHOWN]
        self._names = {place.component.id: place.full_name for place in page.placed()}
        self._statuses = present_statuses(self.incidents, self.in_progress)
        self.blocks = list(_blocks(page.items, self._statuses))

    @property
    def worst(self) -> str:
        """What the headline is about. An open incident counts even if it names no component."""
        found = list(self._statuses.values())
        found += [UNDER_MAINTENANCE] if self.in_progress else []
        found += [IMPACTS[0]] if self.incidents and not any(one.open_impacts() for one in self.incidents) else []
        return max(found, key=BY_WEIGHT.index, default=OPERATIONAL)

    @property
    def headline(self) -> str:
        if self.worst == IMPACTS[0] and IMPACTS[0] not in self._statuses.values():
            return "We are looking into a problem"
        return HEADLINES[self.worst]

    def names(self, event: Event) -> list[str]:
        return [self._names[key] for key in event.affected_ids()]


def _blocks(items: list[Any], statuses: dict[str, str], above: str = "") -> list[Block]:
    def rows(components: list[Component]) -> list[Row]:
        return [Row(one.name, statuses.get(one.id, OPERATIONAL)) for one in components if not one.hidden]

    loose = rows([item for item in items if isinstance(item, Component)])
    blocks = [Block(loose, above or None)] if loose else []
    for item in items:
        if isinstance(item, Group):
            name = f"{above} / {item.name}" if above else item.name
            blocks.append(Block(rows(item.components), name, item.description))
        elif not isinstance(item, Component):
            blocks += _blocks(item.items, statuses, item.name)
    return blocks


@html.app_template_filter()
def label(status: str) -> str:
    return LABELS[status]


@html.app_template_filter()
def tone(status: str) -> str:
    return TONES[status]


@html.app_template_filter()
def markdown(text: str) -> Markup:
    return Markup(_MARKDOWN.render(text))


@html.app_template_filter()
def time_tag(instant: datetime) -> Markup:
    return _time(instant, f"{_day(instant)}, {_clock(instant)} UTC")


@html.app_template_filter()
def span_tag(start: datetime, end: datetime) -> Markup:
    """From one time to another. The day comes once if it is the same."""
    same_day = start.astimezone(timezone.utc).date() == end.astimezone(timezone.utc).date()
    until = _clock(end) if same_day else f"{_day(end)}, {_clock(end)}"
    first = _time(start, f"{_day(start)}, {_clock(start)}")
    return Markup("{} &ndash; {} UTC").format(first, _time(end, until))


def _time(instant: datetime, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(rfc3339(instant), text)


def _day(instant: datetime) -> str:
    utc = instant.astimezone(timezone.utc)
    return f"{utc:%a} {utc.day} {utc:%b %Y}"


def _clock(instant: datetime) -> str:
    return f"{instant.astimezone(timezone.utc):%H:%M}"
