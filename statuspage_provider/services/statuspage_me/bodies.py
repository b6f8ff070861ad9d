"""The bodies of statuspage.me's API: what is sent, and how answers are read.

The documents say what is sent, and of answers little, and not the same everywhere. So they are read leniently: bare or
under a name, in an envelope or in none, with fields unknown to us. What is needed and not there is named.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ...display import quoted
from ...errors import LostAnswer
from ...inputs import IncidentInputs
from ...lifecycle.decision import Announcement, Edit, NewUpdate
from ...remote import Incident, Maintenance, Page, Update, same_text
from ...times import UTC, format_instant, with_room
from ..transport import Fault

States = Mapping[str, str]
"""The account's own ids of states, by status."""


_MOMENT = TypeAdapter(datetime)


TIMELINE = ("updates", "timeline", "incident_updates")


def create_incident(declared: IncidentInputs, states: States) -> dict[str, Any]:
    return _given(
        title=declared.name,
        message=declared.message,
        status_page_id=declared.status_page_id,
        component_id=declared.component_id,
        incident_state_id=states[declared.incident_status],
        notify_subscribers=declared.notify_subscribers,
    )


def edit_incident(edit: Edit) -> dict[str, Any]:
    return {"title": edit.name}


def create_incident_update(update: NewUpdate, states: States) -> dict[str, Any]:
    return _given(message=update.message, incident_state_id=None if update.status is None else states[update.status])


def create_maintenance(announcement: Announcement) -> dict[str, Any]:
    declared, (start, end) = announcement.declared, announcement.window
    return {
        "status_page_id": declared.status_page_id,
        "title": declared.name,
        "message": declared.message,
        "start_at": format_instant(start),
        "end_at": format_instant(end),
        "notify_subscribers": announcement.notify_subscribers,
    }


def edit_maintenance(edit: Edit, shown: Maintenance, *, sent: bool = False) -> dict[str, Any]:
    """What an edit changes of a window. Nothing, where it is as wanted.

    Where it was `sent`, a message that says the same is what the service made of it.
    """
    says_so = edit.message is None or edit.message == shown.message or (sent and same_text(edit.message, shown.message))
    start, end = edit.window or (None, None)
    was = shown.times or (None, None)
    return _given(
        title=edit.name if edit.name != shown.name else None,
        message=None if says_so else edit.message,
        start_at=format_instant(start) if start is not None and start != was[0] else None,
        end_at=format_instant(end) if end is not None and end != was[1] else None,
    )


def _given(**fields: Any) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}


def read_incident(body: Any, states: States) -> Incident:
    """The incident in an answer. Raises LostAnswer, naming what is missing: it may have been carried out."""
    found = _unwrapped(body, "incident", "title")
    return _incident(found, _updates(_timeline(found) or [], states), states)


def read_timeline(body: Any, states: States) -> Incident:
    """The same, if the timeline has to be there: without it nobody could tell what was posted already."""
    if _timeline(_unwrapped(body, "incident", "title")) is None:
        raise _unexpected(TIMELINE[0])
    return read_incident(body, states)


def _timeline(found: Mapping[str, Any]) -> list[Any] | None:
    return next((found[key] for key in TIMELINE if isinstance(found.get(key), list)), None)


def read_list(body: Any) -> list[Any]:
    """The items of a list. Each is read for itself: one that is odd may be nobody's concern."""
    if isinstance(body, list):
        return body
    for value in body.values() if isinstance(body, Mapping) else ():
        if isinstance(value, (list, Mapping)) and (value or isinstance(value, list)):
            return read_list(value)
    raise _unexpected("the list")


def read_id(item: Any, title: str | None = None) -> str | None:
    """The id of a list's item; where a title is given, only if that is its own."""
    found = _unwrapped(item, "", "title")
    return _text(found, "id") if title in (None, found["title"]) else None


def read_maintenance(body: Any, now: datetime) -> Maintenance:
    """The window in an answer. Its phase is what the clock makes of its times. Raises LostAnswer, naming what is
    missing."""
    found = _unwrapped(body, "maintenance", "title")
    start, end = (_moment(found, key).replace(microsecond=0) for key in ("start_at", "end_at"))
    return Maintenance.by_times(
        (start, end),
        now,
        id=_text(found, "id"),
        name=_text(found, "title"),
        message=str(found.get("message") or ""),
        status_page_id=str(found.get("status_page_id") or ""),
        # When it was announced may not be told. It was not before now, then, for all that depends on it.
        published_at=_moment(found, "created_at") if found.get("created_at") else now,
        tells_when=bool(found.get("created_at")),
        public_url=_url(found),
    )


def read_page(item: Any) -> Page:
    found = _unwrapped(item, "status_page", "name")
    return Page(id=_text(found, "id"), name=_text(found, "name"), public_url=_url(found))


def read_update(body: Any, states: States) -> Update:
    """The entry that an update became. An answer that is the whole incident does not tell which entry it is."""
    found = _unwrapped(body, "update", "id")
    if "title" in found:
        raise _unexpected("update")
    return _update(found, states)


def _incident(found: Mapping[str, Any], updates: list[Update], states: States) -> Incident:
    try:
        return Incident(
            id=_text(found, "id"),
            name=_text(found, "title"),
            message=str(found.get("message") or ""),
            status_page_id=found.get("status_page_id") or None,
            component_id=found.get("component_id") or None,
            published_at=_moment(found, "created_at"),
            incident_status=_status(found, states),
            updates=updates,
            public_url=_url(found),
        )
    except ValidationError as error:
        raise _unexpected(str(error.errors()[0]["loc"][0])) from None


def _updates(entries: list[Any], states: States) -> list[Update]:
    updates = [_update(entry, states) for entry in entries]
    # Newest first is as likely as oldest first, and only the times tell which it is.
    newest_first = len(updates) > 1 and updates[0].published_at > updates[-1].published_at
    return updates[::-1] if newest_first else updates


def _update(entry: Any, states: States) -> Update:
    if not isinstance(entry, Mapping):
        raise _unexpected("update")
    return Update(
        id=_text(entry, "id"),
        message=str(entry.get("message") or ""),
        published_at=_moment(entry, "created_at"),
        incident_status=_status(entry, states) if _state(entry) is not None else None,
    )


def _text(found: Mapping[str, Any], key: str) -> str:
    # An id may be a number.
    if found.get(key) in (None, ""):
        raise _unexpected(key)
    return str(found[key])


def _url(found: Mapping[str, Any]) -> str | None:
    url = found.get("public_url") or found.get("url")
    return str(url) if url else None


def _moment(found: Mapping[str, Any], key: str) -> datetime:
    try:
        moment = with_room(_MOMENT.validate_python(_text(found, key)))
    except ValueError:
        raise _unexpected(key) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _state(found: Mapping[str, Any]) -> Any:
    """The id of an incident's state: a field of its own, or that of an object."""
    state = found.get("incident_state")
    return found.get("incident_state_id") or (state.get("id") if isinstance(state, Mapping) else None) or None


def _status(found: Mapping[str, Any], states: States) -> str:
    if _state(found) is None:
        raise _unexpected("incident_state_id")
    state = str(_state(found))
    for status, id_ in states.items():
        if id_ == state:
            return status
    raise LostAnswer(
        f"statuspage.me answered incident_state_id {quoted(state)}, which is not one of {', '.join(states.values())}: "
        "set statuspageme:incidentStates to your account's ids"
    )


def _unwrapped(body: Any, name: str, mark: str) -> Mapping[str, Any]:
    """The object in an answer, bare or under `name` or whatever names; `mark` is a field that only it has.

    A list that stands beside the object, as its timeline may, is taken for a field of it.
    """
    if isinstance(body, Mapping):
        candidates: Iterable[Any] = (body.get(name), body, *body.values())
        for candidate in candidates:
            if isinstance(candidate, Mapping) and mark in candidate:
                beside = {key: value for key, value in body.items() if isinstance(value, list)}
                return candidate if candidate is body else {**beside, **candidate}
        for within in body.values():
            if isinstance(within, Mapping):
                with contextlib.suppress(LostAnswer):
                    return _unwrapped(within, name, mark)
    raise _unexpected(mark)


def _unexpected(field: str) -> LostAnswer:
    return LostAnswer(f"statuspage.me gave an unexpected answer: {field} is missing or malformed")


def read_fault(body: Any) -> Fault:
    """What an error says. Its form is not documented."""
    if not isinstance(body, Mapping):
        return Fault()
    said = body.get("error") or body.get("message") or ""
    return Fault(str(said.get("message") or "") if isinstance(said, Mapping) else str(said))
