"""The endpoints of incidents."""

from __future__ import annotations

from ...errors import NotFound, Refused, Unreachable
from ...inputs import IncidentInputs
from ...lifecycle.decision import Edit, NewUpdate
from ...remote import Incident, Update, same_text
from ..looking import looks
from . import bodies
from .calls import Calls

LIST_LIMIT = 200
"""How many incidents a list can have: the API has no pages of lists."""


class Incidents:
    """The incidents of an account.

    No call carries an idempotency key. So a create first looks whether a run that was killed has made the incident, and
    looks again after a lost answer. A lost answer to an update is raised as LostAnswer, and the caller looks.
    """

    def __init__(self, calls: Calls, states: bodies.States) -> None:
        self._calls = calls
        self._states = states

    def on_page(self, status_page_id: str | None = None, **filters: str) -> list[Incident]:
        """The newest incidents, each without its timeline."""
        listed = self._calls.list(status_page_id=status_page_id, limit=LIST_LIMIT, **filters)
        return [bodies.read_incident(item, self._states) for item in listed]

    def newest(self, status_page_id: str) -> list[Incident]:
        """None: a list has no timelines."""
        return []

    def create(self, declared: IncidentInputs, *, idempotency_key: str) -> Incident:
        """One that is already there is returned as it is. Raises Refused if it is unclear whose it is."""
        return self._calls.create_once(
            idempotency_key,
            lambda: self._found(declared, idempotency_key),
            lambda: bodies.read_incident(
                self._calls.post(bodies.create_incident(declared, self._states)), self._states
            ),
        )

    def _found(self, declared: IncidentInputs, idempotency_key: str) -> Incident | None:
        """The incident that a run of ours has made before and that nothing records, if there is one."""
        doubtful, alike = None, 0
        for item in self._calls.list(status_page_id=declared.status_page_id, limit=LIST_LIMIT):
            id_ = bodies.read_id(item, declared.name)
            if id_ is None or self._calls.is_of_another(id_, idempotency_key):
                continue
            alike += 1
            if alike > LIST_LIMIT:
                many = f"statuspage.me lists more than {LIST_LIMIT} incidents “{declared.name}”: change its name"
                raise Unreachable(f"{many}. Nothing was posted")
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
        """The incident with its timeline. Raises Refused for one that is listed and not shown: access is denied.

        Where it is only late, it is shown after a while.
        """
        found = self._get(id_)
        if isinstance(found, Incident) or self._calls.listed(id_, limit=LIST_LIMIT) is None:
            return found if isinstance(found, Incident) else None
        for again in looks(lambda: self._get(id_)):
            if isinstance(again, Incident):
                return again
        raise Refused(f"the incident {id_} is listed, but not shown: may the key read it? {found}")

    def _get(self, id_: str) -> Incident | NotFound:
        try:
            return bodies.read_timeline(self._calls.get(id_), self._states)
        except NotFound as error:
            return error

    def edit(self, id_: str, edit: Edit) -> Incident:
        """PATCH changes what the incident says of itself and adds nothing to its timeline, so it may be repeated."""
        answer = self._calls.patch(id_, bodies.edit_incident(edit), repeatable=True)
        return bodies.read_incident(answer, self._states)

    def create_update(self, id_: str, update: NewUpdate) -> Update:
        """An entry of the timeline, and the incident's new state with it: PATCH would leave no trace of either.

        The call knows neither components nor subscribers.
        """
        body = bodies.create_incident_update(update, self._states)
        return bodies.read_update(self._calls.post_update(id_, body), self._states)

    def delete(self, id_: str) -> None:
        """The incident and its timeline go for good. One that is gone already is fine."""
        self._calls.delete(id_)
