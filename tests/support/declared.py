"""What programs declare, as the engine sends it: a window and an incident that are accepted, to change from."""

from statuspage_provider.inputs import MaintenanceInputs

WINDOW = {
    "status_page_id": "page",
    "name": "Database upgrade",
    "message": "Writes are paused.",
    "start_at": "2026-03-01T22:00:00Z",
    "end_at": "2026-03-01T23:30:00Z",
    "affected_component_ids": ["api"],
    "idempotency_key": "key",
}
INCIDENT = {"status_page_id": "page", "name": "Slow queries", "message": "We look.", "idempotency_key": "key"}
MISSING = object()


def window(**changes):
    return {key: value for key, value in {**WINDOW, **changes}.items() if value is not MISSING}


def incident(**changes):
    return {key: value for key, value in {**INCIDENT, **changes}.items() if value is not MISSING}


UPGRADE = MaintenanceInputs(
    status_page_id="page",
    name="Upgrade",
    message="We upgrade.",
    start_at="2026-03-01T14:00:00Z",
    duration="2h",
    affected_component_ids=["database"],
    idempotency_key="key",
)
"""A window of two hours on one component, as a model."""
