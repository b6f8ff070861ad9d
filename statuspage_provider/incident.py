"""An incident as a Pulumi resource: the program's side and the engine's side.

The import path of `IncidentProvider` is stored in users' state. It never changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from . import lifecycle, times
from .errors import NotFound, Refused
from .identity import generation_key
from .identity import idempotency_key as derive_key
from .models import Incident, IncidentInputs, IncidentState, Notice, as_inputs
from .plugin import GENERATIONS, RUN, Plugin, Sent, current, gone, is_fresh, made, publish, say, there
from .provider import warn_of_plain_key
from .services import CAPABILITIES, DeletingService, IncidentService, incident_faults, open_deletions, open_incidents


class StatusPageIncident(Resource, module="statuspage", name="StatusPageIncident"):
    """An incident on a status page, with its timeline.

        incident = statuspage.StatusPageIncident(
            "slow-queries",
            status_page_id=page.id,
            name="Slow queries",
            message="We are looking into slow queries.",
            component_statuses={page.component("EU / Database").id: "degraded_performance"},
        )

    Inputs, each refused at preview with one line that names it and the fix:

    - `status_page_id`: the page's id. A change opens a new incident. Needed, unless `component_id` is given.
    - `name`: the title, 1 to 200 characters (API limit). A change is silent.
    - `message`: Markdown, 1 to 4096 characters (API limit). A change is published as one update.
    - `incident_status`: investigating (default), identified, monitoring or resolved. A change is published as one
      update, together with a changed message and component_statuses. Only a change reopens a resolved incident.
    - `component_statuses`: a status by component id: operational, degraded_performance, partial_outage, full_outage.
      Default: none. Not sent when the incident is resolved: incident.io then sets all operational (API rule). Refused
      for statuspage.me, which has no status for each component.
    - `notify_subscribers`: whether each post is mailed. Default False. Refused by incident.io on a page with over
      1000 subscribers. statuspage.me is asked for a mail at creation only: its updates take no such field.
    - `service`: which service the page is on, "incident.io" (default) or "statuspage.me". A change opens a new
      incident.
    - `component_id`: the component that the incident belongs to, with or instead of a page. Only for statuspage.me,
      refused for incident.io. A change opens a new incident.
    - `on_delete`: what leaving the program does: "auto" (default) and "resolve" resolve it if it is open, "retain"
      leaves it, "delete" removes it and its timeline for good. "delete" is refused for incident.io, which has no such
      call.
    - `delete_message`: what is published when leaving the program resolves it.
    - `adopt_id`: the id of an incident that is on the page already, to take over.
    - `idempotency_key`: what makes opening safe to repeat. Default: made of organisation, project, stack and name.

    Outputs, besides the inputs: `phase` (its status on the page, whoever set it), `notices` (what was posted, when, and
    whether it was mailed), `public_url` when known.
    """

    status_page_id: pulumi.Output[str]
    name: pulumi.Output[str]
    message: pulumi.Output[str]
    incident_status: pulumi.Output[str]
    component_statuses: pulumi.Output[Any]
    notify_subscribers: pulumi.Output[bool]
    service: pulumi.Output[str]
    component_id: pulumi.Output[str | None]
    on_delete: pulumi.Output[str]
    delete_message: pulumi.Output[str | None]
    adopt_id: pulumi.Output[str | None]
    idempotency_key: pulumi.Output[str]
    phase: pulumi.Output[str]
    generation: pulumi.Output[int]
    notices: pulumi.Output[Sequence[Mapping[str, Any]]]
    public_url: pulumi.Output[str | None]

    def __init__(
        self,
        resource_name: str,
        *,
        status_page_id: pulumi.Input[str] | None = None,
        name: pulumi.Input[str],
        message: pulumi.Input[str],
        incident_status: pulumi.Input[str] = "investigating",
        component_statuses: pulumi.Input[Mapping[str, Any] | Sequence[Mapping[str, Any]]] | None = None,
        notify_subscribers: pulumi.Input[bool] = False,
        component_id: pulumi.Input[str] | None = None,
        service: pulumi.Input[str] = "incident.io",
        on_delete: pulumi.Input[str] = "auto",
        delete_message: pulumi.Input[str] | None = None,
        adopt_id: pulumi.Input[str] | None = None,
        idempotency_key: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = {
            "status_page_id": status_page_id,
            "name": name,
            "message": message,
            "incident_status": incident_status,
            "component_statuses": component_statuses,
            "notify_subscribers": notify_subscribers,
            "component_id": component_id,
            "service": service,
            "on_delete": on_delete,
            "delete_message": delete_message,
            "adopt_id": adopt_id,
            "idempotency_key": idempotency_key or derive_key(resource_name, opts),
        }
        outputs = dict.fromkeys(("phase", "generation", "notices", "last_update_id", "public_url"))
        warn_of_plain_key()
        super().__init__(IncidentProvider(), resource_name, {**as_inputs(given), **outputs}, opts)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
        *,
        service: str = "incident.io",
    ) -> StatusPageIncident:
        """An incident that is on the page already, read and never changed or resolved. NotFound where it is not."""
        found = cls.__new__(cls)
        names = [*IncidentInputs.model_fields, "phase", "notices", "public_url"]
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        Resource.__init__(found, IncidentProvider(), resource_name, {**dict.fromkeys(names), "service": service}, opts)
        return found


class IncidentProvider(Plugin[IncidentInputs]):
    """The engine's side. Decisions are made in `lifecycle`; here they are carried out."""

    inputs = IncidentInputs
    needs = "incidents"

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        _, result = self.check_inputs(news)
        result.failures += [CheckFailure(*fault) for fault in incident_faults(news)]
        return result

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        recorded, declared = IncidentState.from_props(_olds), IncidentInputs.model_validate(_news)
        change = lifecycle.incident_change(_id, recorded, declared)
        return RUN.decided(_id, change, declared, recorded.generation)

    def create(self, props: dict[str, Any]) -> CreateResult:
        declared = IncidentInputs.model_validate(props)
        service, now = self._service(declared), self.now()
        if declared.adopt_id is not None:
            remote = service.show_incident(declared.adopt_id)
            if remote is None:
                raise Refused(f"adopt_id: there is no incident {declared.adopt_id}. Nothing was posted")
            return self._adopted(declared, remote, [], 1)
        for generation in RUN.generations(declared.idempotency_key):
            key = generation_key(declared.idempotency_key, declared.place, generation, "incident")
            created = service.create_incident(declared, idempotency_key=key)
            put = partial(service.update_incident, name=declared.name)
            remote = made(created, service.show_incident, put, declared.name, now)
            if remote is None or (remote.incident_status == "resolved" and declared.incident_status != "resolved"):
                continue
            lifecycle.refuse_stranger(declared, remote)
            notice = Notice(
                event=declared.incident_status,
                at=times.format_instant(remote.published_at),
                subscribers=declared.notify_subscribers,
                update_id=remote.timeline[0].id if remote.updates else None,
            )
            return self._adopted(declared, remote, [notice], generation)
        raise Refused(
            f"idempotency_key: {GENERATIONS} incidents of it are resolved or gone. Nothing was posted. "
            "Give another idempotency_key"
        )

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        recorded = IncidentState.from_props(props) if "phase" in props else None
        service = str(props.get("service") or "incident.io") if recorded is None else recorded.declared.service
        show = open_incidents(self.settings(service)).show_incident
        if recorded is None:
            # `get`: nothing is recorded of it. The engine would take one that is not there for one that says nothing.
            found = show(id_)
            if found is None:
                raise NotFound(f"there is no incident {id_}: `statuspage list` shows the ids", status=404)
            return ReadResult(id_, _found(found, service).to_props())
        remote = current(id_, recorded.last_update_id, show, self.now())
        if remote is None:
            return ReadResult(None, {})
        state = lifecycle.read_incident(recorded, remote)
        return ReadResult(id_, state.to_props(), state.declared.to_props())

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        recorded, declared = IncidentState.from_props(_olds), IncidentInputs.model_validate(_news)
        return UpdateResult(self._changed(_id, recorded, declared).to_props())

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        recorded = IncidentState.from_props(_props)
        if _id in RUN.kept:
            return say(f"“{recorded.declared.name}” stays: the program still declares this incident")
        if recorded.declared.on_delete == "retain":
            return None
        service, now = self._service(recorded.declared), self.now()
        remote = current(_id, recorded.last_update_id, service.show_incident, now)
        if remote is None and is_fresh(recorded.last_update_id, now):
            remote = there(_id, service.show_incident, partial(service.update_incident, name=recorded.declared.name))
        decision = lifecycle.delete_incident(recorded, remote, mails_updates=_mails_updates(recorded.declared))
        if decision.delete:
            self._deletions(recorded.declared).delete_incident(_id)
        if decision.post is not None and remote is not None:
            publish(decision.post, _id, remote.last_update_id, service.create_incident_update, service.show_incident)
        return None

    def _service(self, declared: IncidentInputs) -> IncidentService:
        return open_incidents(self.settings(declared.service))

    def _deletions(self, declared: IncidentInputs) -> DeletingService:
        return open_deletions(self.settings(declared.service))

    def _adopted(
        self, declared: IncidentInputs, remote: Incident, notices: list[Notice], generation: int
    ) -> CreateResult:
        recorded = lifecycle.adopt_incident(declared, remote, ours=declared.adopt_id is None)
        recorded = recorded.model_copy(update={"notices": notices, "generation": generation})
        state = self._changed(remote.id, recorded, declared, remote)
        RUN.kept.add(remote.id)
        return CreateResult(remote.id, state.to_props())

    def _changed(
        self, id_: str, recorded: IncidentState, declared: IncidentInputs, remote: Incident | None = None
    ) -> IncidentState:
        """Make the incident as declared, and answer what is recorded then."""
        change = lifecycle.incident_change(id_, recorded, declared)
        state = recorded.model_copy(update={"declared": declared})
        if lifecycle.is_recorded_only(change):
            return state
        service = self._service(declared)
        if remote is None and lifecycle.incident_needs_read(change):
            remote = current(id_, recorded.last_update_id, service.show_incident, self.now())
            if remote is None:
                raise gone(recorded.declared.name)
        decision = lifecycle.update_incident(recorded, declared, change, remote, mails_updates=_mails_updates(declared))
        for line in decision.says:
            say(line)
        if remote is not None:
            state = _seen(state, remote)
        if decision.put is not None:
            try:
                state = _seen(state, service.update_incident(id_, decision.put.name))
            except NotFound:
                raise gone(recorded.declared.name) from None
        if decision.post is None:
            return state
        post, entries = decision.post, remote.since(recorded.last_update_id) if remote is not None else []
        update = post.found_in(entries)
        if update is None:
            sent = publish(post, id_, state.last_update_id, service.create_incident_update, service.show_incident)
        else:
            sent = Sent(post, update)
        after: dict[str, object] = {"notices": [*state.notices, sent.notice], "last_update_id": sent.update.id}
        if post.status is not None:
            after["phase"] = post.status
        return state.model_copy(update=after)


def _mails_updates(declared: IncidentInputs) -> bool:
    return CAPABILITIES[declared.service].mails_updates


def _found(remote: Incident, service: str) -> IncidentState:
    """State for an incident of which nothing is recorded."""
    declared = IncidentInputs.model_construct(
        service=service,
        status_page_id=remote.status_page_id,
        component_id=remote.component_id,
        name=remote.name,
        message=remote.timeline[0].message if remote.updates else "",
        incident_status=remote.known_phase or "investigating",
        idempotency_key="",
    )
    return _seen(IncidentState(declared=declared, phase=declared.incident_status), remote)


def _seen(state: IncidentState, remote: Incident) -> IncidentState:
    last = remote.last_update_id or state.last_update_id
    return state.model_copy(update={"phase": remote.known_phase or state.phase, "last_update_id": last})
