"""The bodies of a made-up incidents API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from statuspage_provider.errors import LostAnswer
from statuspage_provider.inputs import IncidentInputs
from statuspage_provider.remote import Incident, Update
from statuspage_provider.services.transport import Fault


def create_incident(declared: IncidentInputs, idempotency_key: str) -> dict[str, Any]:
    entry = {"text": declared.message, "state": declared.incident_status, "mail": declared.notify_subscribers}
    return {"key": idempotency_key, "page": declared.status_page_id, "headline": declared.name, "first": entry}


def read_incident(body: Any) -> Incident:
    try:
        return Incident(
            id=body["id"],
            name=body["headline"],
            status_page_id=body["page"],
            published_at=body["log"][0]["at"],
            incident_status=body["state"],
            updates=[read_update(entry) for entry in body["log"]],
        )
    except (LookupError, TypeError, ValidationError):
        raise LostAnswer("acme gave an unexpected answer") from None


def read_update(entry: Any) -> Update:
    try:
        return Update(
            id=entry["id"], message=entry["text"], published_at=entry["at"], incident_status=entry.get("state")
        )
    except (LookupError, TypeError, AttributeError, ValidationError):
        raise LostAnswer("acme gave an unexpected answer") from None


def read_fault(body: Any) -> Fault:
    return Fault(str(body.get("why", ""))) if isinstance(body, Mapping) else Fault()
