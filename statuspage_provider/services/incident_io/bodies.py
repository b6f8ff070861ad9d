"""The bodies of the incident.io Status Pages V2 API: what is sent, and how answers are read.

Facts: https://docs.incident.io/api-reference/status-pages-v2/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ...errors import LostAnswer
from ...inputs import IncidentInputs, RetrospectiveInputs
from ...lifecycle.decision import Announcement, Edit, NewUpdate
from ...remote import Component, Incident, Maintenance
from ...times import Window, format_instant
from ..transport import Fault

Model = TypeVar("Model", bound=BaseModel)


def create_maintenance(announcement: Announcement, *, idempotency_key: str) -> dict[str, Any]:
    declared = announcement.declared
    return {
        "status_page_id": declared.status_page_id,
        "name": declared.name,
        "message": declared.message,
        **_times(announcement.window),
        "affected_component_ids": declared.affected_component_ids,
        "maintenance_status": announcement.maintenance_status,
        "automate_maintenance_status": declared.automate_maintenance_status,
        "notify_subscribers": announcement.notify_subscribers,
        "idempotency_key": idempotency_key,
    }


def edit_maintenance(edit: Edit) -> dict[str, Any]:
    return {"name": edit.name, **_times(edit.window)}


def _times(window: Window | None) -> dict[str, str]:
    return {} if window is None else {"start_at": format_instant(window[0]), "end_at": format_instant(window[1])}


def create_maintenance_update(maintenance_id: str, update: NewUpdate) -> dict[str, Any]:
    return _given(status_page_maintenance_id=maintenance_id, maintenance_status=update.status, **_of_any_update(update))


def create_incident(declared: IncidentInputs, *, idempotency_key: str) -> dict[str, Any]:
    # The service sets every component operational when an incident is resolved, and refuses to be told so.
    resolved = declared.incident_status == "resolved"
    return _given(
        status_page_id=declared.status_page_id,
        name=declared.name,
        message=declared.message,
        incident_status=declared.incident_status,
        component_statuses=None if resolved else declared.component_statuses,
        notify_subscribers=declared.notify_subscribers,
        idempotency_key=idempotency_key,
    )


def create_retrospective_incident(declared: RetrospectiveInputs, *, idempotency_key: str) -> dict[str, Any]:
    return {
        "status_page_id": declared.status_page_id,
        "name": declared.name,
        "updates": declared.updates,
        "idempotency_key": idempotency_key,
    }


def edit_incident(edit: Edit) -> dict[str, Any]:
    return {"name": edit.name}


def create_incident_update(incident_id: str, update: NewUpdate) -> dict[str, Any]:
    return _given(status_page_incident_id=incident_id, incident_status=update.status, **_of_any_update(update))


def _of_any_update(update: NewUpdate) -> dict[str, Any]:
    return {
        "message": update.message,
        "component_statuses": update.component_statuses,
        "notify_subscribers": update.notify_subscribers,
    }


def _given(**fields: Any) -> dict[str, Any]:
    # The API refuses null: what is not set is not sent.
    return {key: value for key, value in fields.items() if value is not None}


def read(model: type[Model], body: Any, *path: str) -> Model:
    """The model at `path` in an answer.

    Raises LostAnswer, naming what is missing, if there is none: what was asked for may have been carried out.
    """
    try:
        return _validated(model, _at(body, path))
    except (ValidationError, LookupError, TypeError) as error:
        raise LostAnswer(f"incident.io gave an unexpected answer: {_where(error, path)}") from None


def read_list(model: type[Model], body: Any, *path: str) -> list[Model]:
    """The models of a list at `path` in an answer."""
    try:
        items = _at(body, path)
        if not isinstance(items, list):
            raise TypeError
        return [_validated(model, item) for item in items]
    except (ValidationError, LookupError, TypeError) as error:
        raise LostAnswer(f"incident.io gave an unexpected answer: {_where(error, path)}") from None


def _validated(model: type[Model], item: Any) -> Model:
    found = model.model_validate(item)
    if isinstance(found, (Maintenance, Incident)):
        # The API promises no order, but its ids grow with time.
        found.updates.sort(key=lambda update: update.id)
    return found


def read_after(body: Any) -> str | None:
    """Where the next page of a list begins, or None after the last."""
    meta = body.get("pagination_meta")
    after = meta.get("after") if isinstance(meta, Mapping) else None
    if after is not None and not isinstance(after, str):
        raise LostAnswer("incident.io gave an unexpected answer: pagination_meta.after is missing or malformed")
    return after or None


def read_components(body: Any) -> list[Component]:
    """The components of a page's structure, flat, each with the names of the group and sub-page it stands in."""
    try:
        return list(_components(_at(body, ("current_structure", "items"))))
    except (ValidationError, LookupError, TypeError, AttributeError) as error:
        missing = str(error.args[0]) if isinstance(error, KeyError) else "items"
        where = _where(error, tuple(dict.fromkeys(("current_structure", missing))))
        raise LostAnswer(f"incident.io gave an unexpected answer: {where}") from None


def _components(items: Any, **place: str | None) -> Iterable[Component]:
    for item in items:
        if found := item.get("component"):
            yield Component(id=found["component_id"], name=found["name"], **place)
        if found := item.get("group"):
            inner = ({"component": component} for component in found["components"])
            yield from _components(inner, **{**place, "group": found["name"], "group_id": found["id"]})
        if found := item.get("sub_page"):
            yield from _components(found["items"], sub_page=found["name"], sub_page_id=found["id"])


def _at(body: Any, path: Iterable[str]) -> Any:
    for key in path:
        body = body[key]
    return body


def _where(error: Exception, path: tuple[str, ...]) -> str:
    if isinstance(error, ValidationError):
        fault = error.errors(include_url=False)[0]
        path = (*path, *(str(part) for part in fault["loc"]))
    return f"{'.'.join(path)} is missing or malformed"


def read_fault(body: Any) -> Fault:
    """What the service's error envelope says."""
    if not isinstance(body, Mapping):
        return Fault()
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], Mapping) else {}
    source = first.get("source")
    field = ""
    if isinstance(source, Mapping):
        # Within a list the field alone is just an index: the pointer has the whole way.
        field = str(source.get("pointer") or "").strip("#/").replace("/", ".") or source.get("field") or ""
    message = first.get("message") or body.get("type") or ""
    return Fault(
        str(message),
        str(first.get("code") or body.get("type") or ""),
        str(field or ""),
        str(body.get("request_id") or ""),
    )
