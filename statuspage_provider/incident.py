"""An incident as a Pulumi resource: the program's side.

The import path of `IncidentProvider` is stored in users' state. It never changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import Resource

from . import component_names
from .declaring import as_inputs, as_properties, input_names
from .idempotency import key_of
from .provider import warn_of_plain_key
from .resource_provider import StatusPageProvider
from .statuses import IncidentComponentStatus, IncidentOnDelete, IncidentStatus, Service, ToldStatuses

if TYPE_CHECKING:
    from .operations.base import Operations


class StatusPageIncident(Resource, module="statuspage", name="StatusPageIncident"):
    """An incident on a status page, with its timeline.

        incident = statuspage.StatusPageIncident(
            "slow-queries",
            status_page_id=page.id,
            name="Slow queries",
            message="We are looking into slow queries.",
            component_statuses={page.component("EU / Database").id: "degraded_performance"},
        )

    Inputs (this list is made by `make docs`). A wrong one is refused at preview, in one line that names the fix:

    - `status_page_id` (text, optional): the page's id; needed, unless `component_id` is given. The API cannot move it
      to another page. A change makes a new incident.
    - `name` (text, required): the title. 1 to 200 characters. A change is a silent edit.
    - `message` (text, required): what is published, in Markdown. 1 to 4096 characters. A change is published as one
      update.
    - `incident_status` (text, default "investigating"): `investigating`, `identified`, `monitoring` or `resolved`. A
      status after `resolved` reopens it (only a change of the declared one does). A change is published as one update.
    - `component_statuses` (map of id to status, optional): `operational`, `degraded_performance`, `partial_outage` or
      `full_outage` by component; the API's list form is accepted too. Not sent with `resolved`: incident.io then sets
      all components to operational. Refused for statuspage.me, which has none. A change is published as one update.
    - `notify_subscribers` (bool, default False): whether each post is emailed. Refused by incident.io above 1000
      subscribers. statuspage.me accepts it at creation only, so updates send no email there. A change is recorded only.
    - `component_id` (text, optional): the component that the incident belongs to, with or instead of a page. Only for
      statuspage.me, refused for incident.io. A change makes a new incident.
    - `service` (text, default "incident.io"): which service the page is on: `incident.io` or `statuspage.me`. A change
      makes a new incident.
    - `on_delete` (text, default "auto"): what leaving the program does: `auto` and `resolve` resolve what is open,
      `retain` leaves it, `delete` removes it and its timeline for good. `delete` is refused for incident.io, which has
      no such call. A change is recorded only.
    - `delete_message` (text, optional): what is published when leaving the program resolves it; by default "This
      incident has been resolved." 1 to 4096 characters. A change is recorded only.
    - `closing_note` (text, optional): what is published of it afterwards, once it is resolved: a finding, a link to a
      report. 1 to 4096 characters; refused until it is resolved, and in the run that resolves it. A change is published
      as one update.
    - `adopt_id` (text, optional): the id of an incident on the page, to take over. A change takes that incident over
      instead.
    - `idempotency_key` (text, optional): what makes opening safe to repeat; by default made from organisation, project,
      stack, parent and resource name. The API requires one. A change does nothing by itself.

    Outputs (every input is one too):

    - `id` (text): the incident's id.
    - `phase` (text): its status on the page as last seen, whoever set it.
    - `generation` (number): how many incidents this declaration has opened.
    - `notices` (list of maps): what this resource posted, each with `event`, `at`, `subscribers`, `update_id`.
      `subscribers` is whether an email was asked for.
    - `last_update_id` (text): the last entry of the timeline that was seen.
    - `public_url` (text): the incident's address, if the service tells it.
    - `published_at` (text): when it was published, in UTC, as last seen.
    - `updates` (list of maps): its timeline as last seen, oldest first, each with `id`, `message`, `published_at`,
      `status` and `component_statuses`. What is published is public, so it stands here in plain text.
    - `component_impacts` (list of maps): what it does to each component, with `component_id`, `component_status`,
      `start_at` and `end_at`, as last seen.
    """

    status_page_id: pulumi.Output[str]
    name: pulumi.Output[str]
    message: pulumi.Output[str]
    incident_status: pulumi.Output[IncidentStatus]
    component_statuses: pulumi.Output[ToldStatuses]
    notify_subscribers: pulumi.Output[bool]
    service: pulumi.Output[Service]
    component_id: pulumi.Output[str | None]
    on_delete: pulumi.Output[IncidentOnDelete]
    delete_message: pulumi.Output[str | None]
    closing_note: pulumi.Output[str | None]
    adopt_id: pulumi.Output[str | None]
    idempotency_key: pulumi.Output[str]
    phase: pulumi.Output[IncidentStatus]
    generation: pulumi.Output[int]
    notices: pulumi.Output[Sequence[Mapping[str, Any]]]
    last_update_id: pulumi.Output[str | None]
    public_url: pulumi.Output[str | None]
    published_at: pulumi.Output[str | None]
    updates: pulumi.Output[Sequence[Mapping[str, Any]]]
    component_impacts: pulumi.Output[Sequence[Mapping[str, str]]]

    def __init__(
        self,
        resource_name: str,
        *,
        status_page_id: pulumi.Input[str] | None = None,
        name: pulumi.Input[str],
        message: pulumi.Input[str],
        incident_status: pulumi.Input[IncidentStatus] = "investigating",
        component_statuses: pulumi.Input[
            Mapping[str, pulumi.Input[IncidentComponentStatus]] | Sequence[pulumi.Input[Mapping[str, Any]]]
        ]
        | None = None,
        notify_subscribers: pulumi.Input[bool] = False,
        component_id: pulumi.Input[str] | None = None,
        service: pulumi.Input[Service] = "incident.io",
        on_delete: pulumi.Input[IncidentOnDelete] = "auto",
        delete_message: pulumi.Input[str] | None = None,
        closing_note: pulumi.Input[str] | None = None,
        adopt_id: pulumi.Input[str] | None = None,
        idempotency_key: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = {**locals(), "idempotency_key": key_of(StatusPageIncident, locals())}
        declared = as_inputs(given)
        warn_of_plain_key()
        opts = component_names.told(opts, declared)
        super().__init__(IncidentProvider(), resource_name, as_properties(StatusPageIncident, declared), opts)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
        *,
        service: Service = "incident.io",
    ) -> StatusPageIncident:
        """An incident that is already on the page, only read, never changed or resolved. NotFound if it is gone."""
        found = cls.__new__(cls)
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        properties = as_properties(StatusPageIncident, {"service": service})
        Resource.__init__(found, IncidentProvider(), resource_name, properties, opts)
        return found


class IncidentProvider(StatusPageProvider):
    """The engine's side, which is in `operations/incident.py`."""

    inputs = input_names(StatusPageIncident)

    def load(self) -> Operations[Any]:
        from .operations.incident import IncidentOperations

        return IncidentOperations()
