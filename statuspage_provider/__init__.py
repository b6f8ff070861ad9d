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

from .covering.cover import release_deletions
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
from .inputs import next_slot
from .lookups import StatusPage, get_status_page, get_status_pages
from .maintenance import StatusPageMaintenance
from .provider import Provider
from .remote import Availability, Component
from .retrospective import StatusPageRetrospectiveIncident
from .services.incident_io.widget import Widget, get_widget

__all__ = [
    "Availability",
    "Component",
    "KeyRefused",
    "LookupFailed",
    "LostAnswer",
    "NotFound",
    "Provider",
    "RateLimited",
    "Refused",
    "ServiceError",
    "SettingsError",
    "StatusPage",
    "StatusPageError",
    "StatusPageIncident",
    "StatusPageMaintenance",
    "StatusPageRetrospectiveIncident",
    "Unreachable",
    "Widget",
    "get_status_page",
    "get_status_pages",
    "get_widget",
    "next_slot",
    "release_deletions",
]
