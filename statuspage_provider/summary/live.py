"""A look at the real page: reads only. What cannot be asked is said once, and the rest goes by state and clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from ..errors import StatusPageError
from ..remote import Component, Incident, Maintenance
from ..services.capabilities import CAPABILITIES, DEFAULT_SERVICE, Capability, connect
from ..services.incident_io.widget import Event, InProgressMaintenance, Widget
from ..services.settings import Settings
from ..state import MaintenanceState
from ..times import Window
from .blocks import Bar
from .document import span
from .forecast import Forecast, Summary
from .rules import meet
from .stand_in import Unforeseen

Answer = TypeVar("Answer")

OFFLINE = "The page was not looked at"


class LivePage:
    """Reads on the accounts of these settings, each thing once. `unasked` says why a service cannot be asked."""

    def __init__(self, settings: Mapping[str, Settings], unasked: Mapping[str, str] | None = None) -> None:
        self.problems: list[str] = []
        self._settings = settings
        self._unasked = unasked or {}
        self._answers: dict[tuple[str, str, str], Any] = {}

    def maintenance(self, service: str, id_: str) -> Maintenance | None:
        found: Maintenance | None = self._once(service, "maintenances", id_, lambda opened: opened.show(id_))
        return found

    def incident(self, service: str, id_: str) -> Incident | None:
        found: Incident | None = self._once(service, "incidents", id_, lambda opened: opened.show(id_))
        return found

    def components(self, status_page_id: str) -> list[Component]:
        return self._once(
            DEFAULT_SERVICE, "pages", status_page_id, lambda service: service.show_components(status_page_id)
        )

    def findings(self, summary: Summary) -> tuple[dict[str, list[str]], list[Maintenance], dict[str, str]]:
        """What is worth telling, by URN; the page's other windows that are not over; the names of components."""
        found: dict[str, list[str]] = {}
        others: dict[str, Maintenance] = {}
        names: dict[str, str] = {}
        windows = [forecast for forecast in summary.forecasts if forecast.is_window]
        ours = _ours(summary)
        for forecast in windows:
            try:
                lines = self._of_window(forecast, ours, others, names)
                found[forecast.step.urn] = list(lines)
            except Unforeseen:
                continue
        if self.problems:
            found[""] = [f"{OFFLINE}: {problem}. All of this is based on state and clock." for problem in self.problems]
        return found, list(others.values()), names

    def bars(self, others: list[Maintenance]) -> list[Bar]:
        return [
            Bar(f"{other.name}, on the page", other.window, "other") for other in others if other.window is not None
        ]

    def _of_window(
        self, forecast: Forecast, ours: set[str], others: dict[str, Maintenance], names: dict[str, str]
    ) -> Iterator[str]:
        before, after = forecast.before, forecast.after
        if isinstance(before, MaintenanceState):
            yield from _drift(before, self.maintenance(before.declared.service, forecast.step.id))
        page = getattr(forecast.declared, "status_page_id", None) or getattr(
            before and before.declared, "status_page_id", None
        )
        if not isinstance(page, str):
            return
        service = str(getattr(forecast.declared or (before and before.declared), "service", DEFAULT_SERVICE))
        if CAPABILITIES[service].timelines:
            # Where it is its times, a window has no components to be named, or to be told as held twice.
            names |= {component.id: component.path for component in self.components(page)}
        held = set(after.affected_component_ids) if isinstance(after, Maintenance) else set()
        for there in self._maintenances(service, page):
            if there.known_phase == "complete" or there.id in ours or there.window is None:
                continue
            others[there.id] = there
            shared = sorted(names.get(id_, id_) for id_ in held & set(there.affected_component_ids))
            window = forecast.window if forecast.what != "removed" else None
            if window is not None and shared and meet(window, there.window):
                yield _at_once(there.name, there.window, shared)
        for incident in self._incidents(service, page) if held else ():
            shared = sorted(names.get(id_, id_) for id_ in held & set(incident.affected_component_ids))
            surprises = incident.incident_status != "resolved" and incident.id not in ours
            if surprises and forecast.what != "removed" and shared:
                yield _open(incident.name, incident.incident_status, shared)

    def _maintenances(self, service: str, page: str) -> list[Maintenance]:
        return self._once(service, "maintenances", page, lambda opened: opened.on_page(page))

    def _incidents(self, service: str, page: str) -> list[Incident]:
        return self._once(service, "incidents", page, lambda opened: opened.on_page(page))

    def _once(self, name: str, what: Capability, id_: str, ask: Callable[[Any], Answer]) -> Answer:
        known = (name, what, id_)
        if known not in self._answers:
            try:
                if name not in self._settings:
                    raise StatusPageError(self._unasked.get(name, f"no key for {name}"))
                self._answers[known] = ask(connect(self._settings[name], what))
            except StatusPageError as error:
                if str(error) not in self.problems:
                    self.problems.append(str(error))
                # One service that is down is asked once.
                self._settings = {key: value for key, value in self._settings.items() if key != name}
                self._unasked = {**self._unasked, name: str(error)}
                raise Unforeseen(f"what {id_} shows") from None
        answer: Answer = self._answers[known]
        return answer


def _ours(summary: Summary) -> set[str]:
    """The objects that the plan itself is about, or takes over: they are no surprise."""
    return {id_ for one in summary.forecasts for id_ in (one.step.id, getattr(one.declared, "adopt_id", None)) if id_}


def widget_findings(summary: Summary, widget: Widget) -> dict[str, list[str]]:
    """The same as far as the page's public widget tells it, for which nobody needs a key."""
    found: dict[str, list[str]] = {}
    ours = _ours(summary)
    for forecast in summary.forecasts:
        after = forecast.after
        if forecast.what == "removed" or not isinstance(after, Maintenance) or forecast.window is None:
            continue
        held, lines = set(after.affected_component_ids), found.setdefault(forecast.step.urn, [])
        for event, window in _planned(widget):
            shared = _shared(event, held)
            if event.id not in ours and shared and window is not None and meet(forecast.window, window):
                lines.append(_at_once(event.name, window, shared))
            elif event.id == forecast.step.id and isinstance(forecast.before, MaintenanceState):
                planned = forecast.before.page_window
                # What has begun shows when it really did, so only its end is compared.
                begun = isinstance(event, InProgressMaintenance)
                if window is not None and window[begun:] != planned[begun:]:
                    lines.append(_moved(window, planned))
        for incident in widget.ongoing_incidents:
            if (shared := _shared(incident, held)) and incident.id not in ours:
                lines.append(_open(incident.name, incident.status, shared))
    return found


def _planned(widget: Widget) -> Iterator[tuple[Event, Window | None]]:
    for begun in widget.in_progress_maintenances:
        yield begun, _window(begun.started_at, begun.scheduled_end_at)
    for ahead in widget.scheduled_maintenances:
        yield ahead, _window(ahead.starts_at, ahead.ends_at)


def _window(start: datetime | None, end: datetime | None) -> Window | None:
    return None if start is None or end is None else (start.replace(microsecond=0), end.replace(microsecond=0))


def _shared(event: Event, held: set[str]) -> list[str]:
    return sorted(component.path or component.id for component in event.affected_components if component.id in held)


def _at_once(name: str, window: Window, components: list[str]) -> str:
    return f"“{name}” is on the page for {', '.join(components)} at the same time: {span(*window)}"


def _open(name: str, status: str, components: list[str]) -> str:
    return f"An incident is open on {', '.join(components)}: “{name}”, {status}"


def _moved(there: Window, recorded: Window) -> str:
    return f"On the page it is {span(*there)}, not {span(*recorded)}: somebody moved it there"


def _drift(recorded: MaintenanceState, there: Maintenance | None) -> Iterator[str]:
    if there is None:
        yield "It is no longer on the page: somebody deleted it there"
        return
    if there.known_phase != "complete" and there.window is not None and there.window != recorded.page_window:
        yield _moved(there.window, recorded.page_window)
    if there.name != recorded.declared.name:
        yield f"On the page it is called “{there.name}”: somebody renamed it there"
    if there.known_phase == "complete" and recorded.phase != "complete":
        yield "On the page it is complete"
