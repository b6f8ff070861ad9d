"""The bodies of a made-up API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from statuspage_provider.errors import LostAnswer
from statuspage_provider.inputs import IncidentInputs
from statuspage_provider.lifecycle.decision import Announcement, Edit
from statuspage_provider.remote import Incident, Maintenance, Update
from statuspage_provider.services.transport import Fault
from statuspage_provider.times import format_instant, parse_instant


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


def create_window(announcement: Announcement, idempotency_key: str) -> dict[str, Any]:
    place = {"key": idempotency_key, "page": announcement.declared.status_page_id}
    text, mail = announcement.declared.message, announcement.notify_subscribers
    return {**place, "mail": mail, **edit_window(Edit(announcement.declared.name, announcement.window, text))}


def edit_window(edit: Edit) -> dict[str, Any]:
    body = {"headline": edit.name, "text": edit.message}
    if edit.window is not None:
        body |= {name: format_instant(at) for name, at in zip(("from", "to"), edit.window, strict=True)}
    return {name: value for name, value in body.items() if value is not None}


def read_window(body: Any, now: datetime) -> Maintenance:
    try:
        return Maintenance.by_times(
            (parse_instant(body["from"]), parse_instant(body["to"])),
            now,
            id=body["id"],
            name=body["headline"],
            message=body["text"],
            status_page_id=body["page"],
            published_at=body["at"],
        )
    except (LookupError, TypeError, ValueError):
        raise LostAnswer("acme gave an unexpected answer") from None


def read_fault(body: Any) -> Fault:
    return Fault(str(body.get("why", ""))) if isinstance(body, Mapping) else Fault()
