"""The tables of docs/lifecycle.md: what each change sends in each phase, and what the user is told.

tests/provider proves them, tests/docs holds the page against them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest

PUT, POST, UPDATE, DELETE = (
    "PUT status_page_maintenances",
    "POST status_page_maintenances",
    "POST status_page_maintenance_updates",
    "DELETE status_page_maintenances",
)

PHASES = ("scheduled", "in_progress", "complete")

EDITED = ("begun early", "ended early", "a component let out", "end moved on the page")
"""What people do on the page, which state knows nothing of."""


def for_each(services: Iterable[str], rows: Iterable[Any]) -> list[Any]:
    """Each row (what `pytest.param` gives) on each of the services. With `SERVICES=1`, as `make fast` has it, on one of
    them, in turn: not in step with anything that takes turns in the table itself."""
    names = list(services)
    return [
        pytest.param(name, *row.values, id=f"{row.id}, {name}")
        for number, row in enumerate(rows)
        for turn, name in enumerate(names)
        if os.environ.get("SERVICES") != "1" or turn == bin(number).count("1") % len(names)
    ]


# change, then (engine's step, what is written, a part of what is said or None) for each phase.
CELLS: dict[str, tuple[dict[str, Any], tuple[tuple[str, list[str], str | None], ...]]] = {
    "nothing": ({}, (("same", [], None), ("same", [], None), ("same", [], None))),
    "name": (
        {"name": "Renamed"},
        (("update", [PUT], None),) * 3,
    ),
    "end": ({"duration": "3h"}, (("update", [PUT], None), ("update", [PUT], None), ("update", [], "recorded only"))),
    "moved": (
        {"start_at": "2026-03-09T14:00:00Z"},
        (("update", [PUT], None), ("update", [PUT], None), ("replace", [POST], None)),
    ),
    "moved, rescheduled is told": (
        {"start_at": "2026-03-09T14:00:00Z", "notify_subscribers": ["rescheduled"]},
        (("update", [PUT, UPDATE], None), ("update", [PUT, UPDATE], None), ("replace", [POST], None)),
    ),
    "message": (
        {"message": "Other text."},
        (("update", [UPDATE], None), ("update", [UPDATE], None), ("update", [], "recorded only")),
    ),
    "maintenance_status in progress": (
        {"maintenance_status": "maintenance_in_progress"},
        (("update", [UPDATE], "automation off"), ("update", [], None), ("update", [UPDATE], None)),
    ),
    "maintenance_status complete": (
        {"maintenance_status": "maintenance_complete"},
        (("update", [UPDATE], "automation off"), ("update", [UPDATE], "automation off"), ("update", [], None)),
    ),
    "component_statuses": (
        {"component_statuses": [{"component_id": "DATABASE", "component_status": "operational"}]},
        (("update", [UPDATE], None), ("update", [UPDATE], None), ("update", [], "recorded only")),
    ),
    "affected_component_ids": (
        {"affected_component_ids": ["API", "DATABASE"]},
        (("replace", [DELETE, POST], None), ("update", [UPDATE], None), ("update", [], "recorded only")),
    ),
    "automate_maintenance_status": (
        {"automate_maintenance_status": False},
        (
            ("replace", [DELETE, POST], None),
            ("update", [], "set at creation"),
            ("update", [], "recorded only"),
        ),
    ),
    "status_page_id": (
        {"status_page_id": "OTHER", "affected_component_ids": ["OTHER"]},
        (("replace", [POST, DELETE], None), ("replace", [POST, UPDATE], None), ("check", [], "already over")),
    ),
    "triggers": (
        {"triggers": ["v2"]},
        (("replace", [POST, DELETE], None), ("replace", [POST, UPDATE], None), ("check", [], "already over")),
    ),
    "notify_subscribers": ({"notify_subscribers": True}, (("update", [], None),) * 3),
    "on_delete": ({"on_delete": "retain"}, (("update", [], None),) * 3),
    "delete_message": ({"delete_message": "Bye."}, (("update", [], None),) * 3),
    "time_zone": ({"time_zone": "Europe/Berlin"}, (("same", [], None),) * 3),
}

# The same changes after people edited the page, which state knows nothing of: a cell for each of EDITED.
UNREAD: dict[str, tuple[tuple[str, list[str], str | None], ...]] = {
    "nothing": (("same", [], None), ("same", [], None), ("same", [], None), ("same", [], None)),
    "name": (
        ("update", [PUT], None),
        ("update", [], "recorded only"),
        ("update", [PUT], None),
        ("update", [PUT], None),
    ),
    "end": (("update", [PUT], None), ("replace", [POST], None), ("update", [PUT], None), ("update", [PUT], None)),
    "moved": (("update", [PUT], None), ("replace", [POST], None), ("update", [PUT], None), ("update", [PUT], None)),
    "moved, rescheduled is told": (
        ("update", [PUT, UPDATE], None),
        ("replace", [POST], None),
        ("update", [PUT, UPDATE], None),
        ("update", [PUT, UPDATE], None),
    ),
    "message": (
        ("update", [UPDATE], None),
        ("update", [], "recorded only"),
        ("update", [UPDATE], None),
        ("update", [UPDATE], None),
    ),
    "maintenance_status in progress": (
        ("update", [], None),
        ("update", [UPDATE], None),
        ("update", [], None),
        ("update", [], None),
    ),
    "maintenance_status complete": (
        ("update", [UPDATE], "automation off"),
        ("update", [], None),
        ("update", [UPDATE], "automation off"),
        ("update", [UPDATE], "automation off"),
    ),
    "component_statuses": (
        ("update", [UPDATE], None),
        ("update", [], "recorded only"),
        ("update", [], None),
        ("update", [UPDATE], None),
    ),
    "affected_component_ids": (
        ("update", [UPDATE], None),
        ("update", [], "recorded only"),
        ("update", [UPDATE], None),
        ("update", [UPDATE], None),
    ),
    "automate_maintenance_status": (
        ("update", [], "set at creation"),
        ("update", [], "recorded only"),
        ("update", [], "set at creation"),
        ("update", [], "set at creation"),
    ),
    "status_page_id": (
        ("replace", [POST, UPDATE], None),
        ("replace", [POST], None),
        ("replace", [POST, UPDATE], None),
        ("replace", [POST, UPDATE], None),
    ),
    "triggers": (
        ("replace", [POST, UPDATE], None),
        ("replace", [POST], None),
        ("replace", [POST, UPDATE], None),
        ("replace", [POST, UPDATE], None),
    ),
    "notify_subscribers": (("update", [], None), ("update", [], None), ("update", [], None), ("update", [], None)),
    "on_delete": (("update", [], None), ("update", [], None), ("update", [], None), ("update", [], None)),
    "delete_message": (("update", [], None), ("update", [], None), ("update", [], None), ("update", [], None)),
    "time_zone": (("same", [], None), ("same", [], None), ("same", [], None), ("same", [], None)),
}

# on_delete, then what is written in each phase.
LEAVING: list[tuple[str, dict[str, list[str]]]] = [
    ("auto", {"scheduled": [DELETE], "in_progress": [UPDATE], "complete": []}),
    ("complete", {"scheduled": [UPDATE], "in_progress": [UPDATE], "complete": []}),
    ("delete", {"scheduled": [DELETE], "in_progress": [DELETE], "complete": [DELETE]}),
    ("retain", {"scheduled": [], "in_progress": [], "complete": []}),
]

INCIDENT_PUT, INCIDENT_UPDATE = "PUT status_page_incidents", "POST status_page_incident_updates"

IncidentCell = tuple[str, list[str]]

# A change of an incident, then (engine's step, what is written) while it is open and once it is resolved.
INCIDENT_CELLS: list[tuple[dict[str, Any], IncidentCell, IncidentCell]] = [
    ({}, ("same", []), ("same", [])),
    ({"name": "Renamed"}, ("update", [INCIDENT_PUT]), ("update", [INCIDENT_PUT])),
    ({"message": "More."}, ("update", [INCIDENT_UPDATE]), ("update", [])),
    ({"incident_status": "identified"}, ("update", [INCIDENT_UPDATE]), ("update", [INCIDENT_UPDATE])),
    ({"component_statuses": {"API": "full_outage"}}, ("update", [INCIDENT_UPDATE]), ("update", [])),
    (
        {"message": "More.", "incident_status": "monitoring", "component_statuses": {"API": "operational"}},
        ("update", [INCIDENT_UPDATE]),
        ("update", [INCIDENT_UPDATE]),
    ),
    ({"notify_subscribers": True}, ("update", []), ("update", [])),
    ({"on_delete": "retain"}, ("update", []), ("update", [])),
]


PATCH_TIMES, POST_TIMES, DELETE_TIMES = "PATCH maintenance", "POST maintenances", "DELETE maintenance"

TIMES_EDITED = ("begun early", "ended early", "end moved on the page")
"""What people do to a window that is its times, which state knows nothing of."""

TimesCell = tuple[str, list[str], str | None]

# A window that is its times: a change, then a cell for each of PHASES and of TIMES_EDITED.
TIMES_CELLS: dict[str, tuple[dict[str, Any], tuple[TimesCell, ...]]] = {
    "nothing": ({}, (("same", [], None),) * 6),
    "name": (
        {"name": "Renamed"},
        (("update", [PATCH_TIMES], None),) * 6,
    ),
    "end": (
        {"duration": "3h"},
        (
            ("update", [PATCH_TIMES], None),
            ("update", [PATCH_TIMES], None),
            ("update", [], "recorded only"),
            ("update", [PATCH_TIMES], None),
            ("replace", [POST_TIMES], None),
            ("update", [PATCH_TIMES], None),
        ),
    ),
    "moved": (
        {"start_at": "2026-03-09T14:00:00Z"},
        (
            ("update", [PATCH_TIMES], None),
            ("update", [PATCH_TIMES], None),
            ("replace", [POST_TIMES], None),
            ("update", [PATCH_TIMES], None),
            ("replace", [POST_TIMES], None),
            ("update", [PATCH_TIMES], None),
        ),
    ),
    "message": (
        {"message": "Other text."},
        (
            ("update", [PATCH_TIMES], None),
            ("update", [PATCH_TIMES], None),
            ("update", [], "recorded only"),
            ("update", [PATCH_TIMES], None),
            ("update", [], "recorded only"),
            ("update", [PATCH_TIMES], None),
        ),
    ),
    "maintenance_status in progress": (
        {"maintenance_status": "maintenance_in_progress"},
        (
            ("update", [PATCH_TIMES], None),
            ("update", [], None),
            ("refused", [], "cannot be told"),
            ("update", [], None),
            ("refused", [], "cannot be told"),
            ("update", [], None),
        ),
    ),
    "maintenance_status complete": (
        {"maintenance_status": "maintenance_complete"},
        (
            ("refused", [], "cannot be told"),
            ("update", [PATCH_TIMES], None),
            ("update", [], None),
            ("update", [PATCH_TIMES], None),
            ("update", [], None),
            ("update", [PATCH_TIMES], None),
        ),
    ),
    "status_page_id": (
        {"status_page_id": "OTHER"},
        (
            ("replace", [POST_TIMES, DELETE_TIMES], None),
            ("replace", [POST_TIMES, PATCH_TIMES], None),
            ("check", [], "already over"),
            ("replace", [POST_TIMES, PATCH_TIMES], None),
            ("replace", [POST_TIMES], None),
            ("replace", [POST_TIMES, PATCH_TIMES], None),
        ),
    ),
    "triggers": (
        {"triggers": ["v2"]},
        (
            ("replace", [POST_TIMES, DELETE_TIMES], None),
            ("replace", [POST_TIMES, PATCH_TIMES], None),
            ("check", [], "already over"),
            ("replace", [POST_TIMES, PATCH_TIMES], None),
            ("replace", [POST_TIMES], None),
            ("replace", [POST_TIMES, PATCH_TIMES], None),
        ),
    ),
    "notify_subscribers": ({"notify_subscribers": ["scheduled"]}, (("update", [], None),) * 6),
    "on_delete": ({"on_delete": "retain"}, (("update", [], None),) * 6),
    "time_zone": ({"time_zone": "Europe/Berlin"}, (("same", [], None),) * 6),
}

# Likewise what is written when it leaves the program. "complete" is refused at preview.
TIMES_LEAVING: list[tuple[str, dict[str, list[str]]]] = [
    ("auto", {"scheduled": [DELETE_TIMES], "in_progress": [PATCH_TIMES], "complete": []}),
    ("delete", {"scheduled": [DELETE_TIMES], "in_progress": [DELETE_TIMES], "complete": [DELETE_TIMES]}),
    ("retain", {"scheduled": [], "in_progress": [], "complete": []}),
]
