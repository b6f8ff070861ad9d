"""Status-page maintenance windows and incidents as Pulumi resources.

import statuspage_provider as statuspage

page = statuspage.get_status_page(name="Acme Status")
statuspage.StatusPageMaintenance(
    "db-upgrade",
    status_page_id=page.id,
    name="Database upgrade",
    message="Writes are paused for up to ten minutes.",
    start_at="2026-03-01T22:00:00Z",
    duration="1h30m",
    affected_component_ids=[page.component("EU / Database").id],
)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .errors import (
    KeyRefused,
    LookupFailed,
    LostAnswer,
    NotFound,
    RateLimited,
    Refused,
    ServiceError,
    SettingsError,
    StatusPageError,
    Unreachable,
)
from .incident import StatusPageIncident
from .maintenance import StatusPageMaintenance
from .provider import Provider
from .retrospective import StatusPageRetrospectiveIncident
from .statuses import (
    IncidentComponentStatus,
    IncidentOnDelete,
    IncidentStatus,
    MaintenanceComponentStatus,
    MaintenanceEvent,
    MaintenanceOnDelete,
    MaintenanceStatus,
    OnFailure,
    Outside,
    OutsideDeletion,
    Phase,
    Service,
)

if TYPE_CHECKING:
    from .covering.cover import release_deletions
    from .lookups import StatusPage, get_incidents, get_maintenances, get_status_page, get_status_pages
    from .remote import Availability, Component
    from .services.incident_io.widget import Widget, get_widget
    from .slots import next_slot

__all__ = [
    "Availability",
    "Component",
    "IncidentComponentStatus",
    "IncidentOnDelete",
    "IncidentStatus",
    "KeyRefused",
    "LookupFailed",
    "LostAnswer",
    "MaintenanceComponentStatus",
    "MaintenanceEvent",
    "MaintenanceOnDelete",
    "MaintenanceStatus",
    "NotFound",
    "OnFailure",
    "Outside",
    "OutsideDeletion",
    "Phase",
    "Provider",
    "RateLimited",
    "Refused",
    "Service",
    "ServiceError",
    "SettingsError",
    "StatusPage",
    "StatusPageError",
    "StatusPageIncident",
    "StatusPageMaintenance",
    "StatusPageRetrospectiveIncident",
    "Unreachable",
    "Widget",
    "get_incidents",
    "get_maintenances",
    "get_status_page",
    "get_status_pages",
    "get_widget",
    "next_slot",
    "release_deletions",
]

_WHEN_ASKED_FOR = {
    "Availability": "remote",
    "Component": "remote",
    "StatusPage": "lookups",
    "Widget": "services.incident_io.widget",
    "get_incidents": "lookups",
    "get_maintenances": "lookups",
    "get_status_page": "lookups",
    "get_status_pages": "lookups",
    "get_widget": "services.incident_io.widget",
    "next_slot": "slots",
    "release_deletions": "covering.cover",
}
"""Names that not every program uses, and where they are: a run imports this package twice, in program and plugin."""


def __getattr__(name: str) -> Any:
    if name not in _WHEN_ASKED_FOR:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_WHEN_ASKED_FOR[name]}", __name__), name)


def __dir__() -> list[str]:
    return __all__
