"""Every call that this package makes of a service, each by the account at a URL: `CALLS`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from statuspage_provider import lookups
from statuspage_provider.inputs import IncidentInputs, MaintenanceInputs, RetrospectiveInputs
from statuspage_provider.lifecycle.decision import Announcement, Edit, NewUpdate
from statuspage_provider.services.capabilities import CAPABILITIES, Capability, connect
from statuspage_provider.services.incident_io import widget
from statuspage_provider.services.settings import Settings

KEY = "inc_5ecretKey0123456789abcdef"

START = datetime(2026, 3, 1, 14, tzinfo=timezone.utc)
WINDOW = (START, START + timedelta(hours=1))
GIVEN = {"status_page_id": "page", "name": "Upgrade", "message": "We upgrade.", "idempotency_key": "key"}
DECLARED = MaintenanceInputs.model_validate(
    {**GIVEN, "start_at": "2026-03-01T14:00:00Z", "duration": "1h", "affected_component_ids": ["db"]}
)
INCIDENT = IncidentInputs.model_validate(GIVEN)
OVER = {"incident_status": "resolved", "message": "Over.", "published_at": "2026-01-01T00:00:00Z"}
PAST = RetrospectiveInputs.model_validate(
    {"status_page_id": "page", "name": "Outage", "idempotency_key": "key", "updates": [OVER]}
)
ANNOUNCEMENT = Announcement(DECLARED, WINDOW, None, "scheduled", "maintenance_scheduled", False, None, ())
EDIT = Edit("Upgrade", WINDOW)
UPDATE = NewUpdate("update", "More.")

Call = Callable[[str], object]


def settings(service: str, url: str) -> Settings:
    names = CAPABILITIES[service].names
    return Settings(names, url, KEY, names.incident_states)


def _of(service: str) -> Iterator[tuple[str, Call]]:
    def of(capability: Capability, url: str) -> Any:
        return connect(settings(service, url), capability)

    yield "create a window", lambda url: of("maintenances", url).create(ANNOUNCEMENT, idempotency_key="key")
    yield "show a window", lambda url: of("maintenances", url).show("id")
    yield "edit a window", lambda url: of("maintenances", url).edit("id", EDIT)
    yield "delete a window", lambda url: of("maintenances", url).delete("id")
    yield "list windows", lambda url: of("maintenances", url).on_page("page")
    yield "the newest windows", lambda url: of("maintenances", url).newest("page")
    yield "create an incident", lambda url: of("incidents", url).create(INCIDENT, idempotency_key="key")
    yield "show an incident", lambda url: of("incidents", url).show("id")
    yield "edit an incident", lambda url: of("incidents", url).edit("id", EDIT)
    yield "update an incident", lambda url: of("incidents", url).create_update("id", UPDATE)
    yield "list incidents", lambda url: of("incidents", url).on_page("page")
    yield "list pages", lambda url: of("pages", url).list_pages()
    if service == "statuspage.me":
        yield "delete an incident", lambda url: of("deletions", url).delete("id")
        return
    yield "update a window", lambda url: of("maintenances", url).create_update("id", UPDATE)
    yield "the newest incidents", lambda url: of("incidents", url).newest("page")
    yield "publish a past incident", lambda url: of("retrospectives", url).create(PAST, idempotency_key="key")
    yield "look a component up", lambda url: lookups.find_page(settings(service, url), None).component("API")
    day = {"start_at": START, "end_at": START + timedelta(days=1)}
    yield "availability", lambda url: of("pages", url).show_component_availability("page", "component", **day)


CALLS: dict[str, Call] = {f"{service}: {name}": call for service in CAPABILITIES for name, call in _of(service)}
CALLS["widget"] = lambda url: list(widget.lines(widget.get_widget(url)))
