"""The endpoints of incidents."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import quote

from ...errors import LostAnswer, NotFound, Refused
from ...inputs import IncidentInputs
from ...lifecycle.decision import Edit, NewUpdate
from ...remote import Incident, Update, same_text
from ..looking import looks
from ..transport import Transport
from . import bodies

INCIDENTS = "/user/api/v1/incidents"

LIST_LIMIT = 200
"""How many incidents a list can have: the API has no pages of lists."""

TRIES = 2
"""How often a create is sent whose answer was an error of the service's own, each time after looks at the list."""


class Incidents:
    """The incidents of an account.

    No call carries an idempotency key. So a create first looks whether a run that was killed has made the incident, and
    looks again after a lost answer. A lost answer to an update is raised as LostAnswer, and the caller looks.
    """

    def __init__(self, transport: Transport, states: bodies.States) -> None:
        self._transport = transport
        self._states = states
        self._creating = threading.Lock()
        self._made: dict[str, str] = {}

    def on_page(self, status_page_id: str | None = None) -> list[Incident]:
        """The newest incidents, each without its timeline."""
        return [bodies.read_incident(item, self._states) for item in self._list(status_page_id)]

    def create(self, declared: IncidentInputs, *, idempotency_key: str) -> Incident:
        """One that is already there is returned as it is. Raises Refused if it is unclear whose it is."""
        body = bodies.create_incident(declared, self._states)
        with self._creating:
            made, tries = self._found(declared, idempotency_key), 0
            while made is None:
                tries += 1
                try:
                    answer = self._transport.request("POST", INCIDENTS, json=body, repeatable=False)
                    made = bodies.read_incident(answer, self._states)
                except LostAnswer as lost:
                    found = looks(lambda: self._found(declared, idempotency_key))
                    made = next((one for one in found if one is not None), None)
                    # Nobody answered: it may still be carried out, and another one would be a second announcement.
                    if made is None and (tries == TRIES or not lost.answered):
                        raise
            self._made[made.id] = idempotency_key
            return made

    def _found(self, declared: IncidentInputs, idempotency_key: str) -> Incident | None:
        """The incident that a run of ours has made before and that nothing records, if there is one."""
        doubtful = None
        for item in self._list(declared.status_page_id):
            # Two resources may read alike: what this process made for another one is no find.
            id_ = bodies.read_id(item, declared.name)
            if id_ is None or self._made.get(id_, idempotency_key) != idempotency_key:
                continue
            shown = self.show(id_)
            if shown is None or declared.component_id not in (None, shown.component_id):
                continue
            is_over = shown.incident_status == "resolved"
            if is_over and declared.incident_status != "resolved":
                continue
            said = (shown.message, *(entry.message for entry in shown.updates))
            if any(same_text(declared.message, text) for text in said):
                return shown
            if not is_over:
                doubtful = shown
        if doubtful is not None:
            raise Refused(
                f"“{declared.name}” is already open on the page, as {doubtful.id}, with another message. Nothing was "
                f'posted. To take it over, set adopt_id="{doubtful.id}"; to open another one, change its name'
            )
        return None

    def show(self, id_: str) -> Incident | None:
        try:
            return bodies.read_timeline(self._get(_incident(id_)), self._states)
        except NotFound:
            return None

    def edit(self, id_: str, edit: Edit) -> Incident:
        """PATCH changes what the incident says of itself and adds nothing to its timeline, so it may be repeated."""
        body = bodies.edit_incident(edit)
        answer = self._transport.request("PATCH", _incident(id_), json=body, repeatable=True)
        return bodies.read_incident(answer, self._states)

    def create_update(self, id_: str, update: NewUpdate) -> Update:
        """An entry of the timeline, and the incident's new state with it: PATCH would leave no trace of either.

        The call knows neither components nor subscribers.
        """
        body = bodies.create_incident_update(update, self._states)
        answer = self._transport.request("POST", f"{_incident(id_)}/updates", json=body, repeatable=False)
        return bodies.read_update(answer, self._states)

    def delete(self, id_: str) -> None:
        """The incident and its timeline go for good. One that is gone already is fine."""
        try:
            self._transport.request("DELETE", _incident(id_), repeatable=True)
        except NotFound:
            return

    def _list(self, status_page_id: str | None) -> list[Any]:
        params = {"limit": LIST_LIMIT} | ({"status_page_id": status_page_id} if status_page_id else {})
        return bodies.read_list(self._get(INCIDENTS, params))

    def _get(self, path: str, params: dict[str, Any] | None = None) -> Any:
        return self._transport.request("GET", path, params=params, repeatable=True)


def _incident(id_: str) -> str:
    return f"{INCIDENTS}/{quote(id_, safe='', errors='replace')}"
