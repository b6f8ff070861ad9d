"""A past incident as a Pulumi resource: the program's side.

The import path of `RetrospectiveIncidentProvider` is stored in users' state. It never changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import Resource

from .declaring import as_inputs, as_properties, input_names
from .idempotency import key_of
from .provider import warn_of_plain_key
from .resource_provider import StatusPageProvider
from .statuses import IncidentStatus

if TYPE_CHECKING:
    from .operations.base import Operations


class StatusPageRetrospectiveIncident(Resource, module="statuspage", name="StatusPageRetrospectiveIncident"):
    """An incident that is over, told with its whole timeline: history that is brought along, or told late.

        statuspage.StatusPageRetrospectiveIncident(
            "slow-queries-2025",
            status_page_id=page.id,
            name="Slow queries",
            updates=[
                {
                    "incident_status": "investigating",
                    "message": "We are looking into slow queries.",
                    "published_at": "2025-11-03T09:12:00Z",
                    "component_statuses": {page.component("EU / Database").id: "degraded_performance"},
                },
                {
                    "incident_status": "resolved",
                    "message": "An index was missing. It is there now.",
                    "published_at": "2025-11-03T10:40:00Z",
                },
            ],
        )

    Nobody is emailed (API rule). It is published once and never touched again: a later change is recorded only, with a
    line, and leaving the program leaves it on the page, as the API has no call that changes or deletes it.

    The service takes 5 of them a second, after a burst of 300. What is over that waits for its turn, up to 5 minutes.

    Inputs (this list is made by `make docs`). A wrong one is refused at preview, in one line that names the fix:

    - `status_page_id` (text, required): the page's id. The one on the old page stays. A change makes a new incident.
    - `name` (text, required): the title. 1 to 200 characters. A change is recorded only.
    - `updates` (list of maps, required): the timeline, oldest first. 1 to 100 entries, in order, all in the past, the
      last one resolved. A change is recorded only.
      - `incident_status` (text): `investigating`, `identified`, `monitoring` or `resolved`.
      - `message` (text): what is published, in Markdown. 1 to 4096 characters.
      - `published_at` (datetime or text): when: an aware `datetime`, text with an offset, or one without, with
        `time_zone`. In the past when it is published; whole seconds, kept in UTC.
      - `component_statuses` (map of id to status): `operational`, `degraded_performance`, `partial_outage` or
        `full_outage` by component; the API's list form is accepted too. It may be left out. Not with `resolved`: the
        service then sets all components to operational.
    - `time_zone` (text, optional): the IANA zone of times without an offset. A time that a clock change skips or
      repeats is refused. A change does nothing by itself.
    - `idempotency_key` (text, optional): what makes publishing safe to repeat; by default made from organisation,
      project, stack, parent and resource name. The API requires one. A change does nothing by itself.

    Outputs (every input is one too):

    - `id` (text): the incident's id.
    - `phase` (text): its status on the page as last seen, whoever set it.
    - `public_url` (text): the incident's address, if the service tells it.
    """

    status_page_id: pulumi.Output[str]
    name: pulumi.Output[str]
    updates: pulumi.Output[Sequence[Mapping[str, Any]]]
    time_zone: pulumi.Output[str | None]
    idempotency_key: pulumi.Output[str]
    phase: pulumi.Output[IncidentStatus]
    public_url: pulumi.Output[str | None]

    def __init__(
        self,
        resource_name: str,
        *,
        status_page_id: pulumi.Input[str],
        name: pulumi.Input[str],
        updates: pulumi.Input[Sequence[pulumi.Input[Mapping[str, Any]]]],
        time_zone: pulumi.Input[str] | None = None,
        idempotency_key: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = {**locals(), "idempotency_key": key_of(StatusPageRetrospectiveIncident, locals(), "retrospective")}
        properties = as_properties(StatusPageRetrospectiveIncident, as_inputs(given))
        warn_of_plain_key()
        super().__init__(RetrospectiveIncidentProvider(), resource_name, properties, opts)


class RetrospectiveIncidentProvider(StatusPageProvider):
    """The engine's side, which is in `operations/retrospective.py`."""

    inputs = input_names(StatusPageRetrospectiveIncident)

    def load(self) -> Operations[Any]:
        from .operations.retrospective import RetrospectiveIncidentOperations

        return RetrospectiveIncidentOperations()
