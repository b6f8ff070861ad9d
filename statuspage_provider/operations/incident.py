"""What the engine does with an incident: in the plugin's process, which a program does not load."""

from __future__ import annotations

from typing import Any, cast

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from .. import times
from ..engine_process import GENERATIONS
from ..errors import NotFound, Refused
from ..idempotency import generation_key
from ..inputs import IncidentInputs
from ..lifecycle import incident as lifecycle
from ..lifecycle.decision import Edit, refuse_stranger
from ..publishing import Published, current, is_fresh, made, publish, there
from ..remote import Incident
from ..services.capabilities import CAPABILITIES, DEFAULT_SERVICE, incident_faults
from ..services.protocols import IncidentService
from ..state import IncidentState, Notice, seen, with_entry
from .base import Operations, gone


class IncidentOperations(Operations[IncidentInputs]):
    """Decisions are made in `lifecycle`; here they are carried out."""

    inputs = IncidentInputs
    capability = "incidents"

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        _, result = self.check_inputs(_olds, news)
        result.failures += [CheckFailure(*fault) for fault in incident_faults(news)]
        is_new = str(news.get("idempotency_key")) not in self.run.noted
        if is_new and isinstance(news.get("closing_note"), str) and news.get("adopt_id") is None:
            result.failures.append(
                CheckFailure(
                    "closing_note",
                    "is for an incident that is resolved: add it afterwards. With --replace it is checked as a new one",
                )
            )
        return result

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        recorded, declared = IncidentState.from_props(_olds), IncidentInputs.model_validate(_news)
        change = lifecycle.diff(_id, recorded, declared)
        return self.run.diff_result(_id, change, declared, recorded.generation)

    def create(self, props: dict[str, Any]) -> CreateResult:
        declared = IncidentInputs.model_validate(props)
        if (made_before := self._goes_on(declared, props)) is not None:
            return made_before
        service, now = self._service(declared), self.now()
        if declared.adopt_id is not None:
            remote = service.show(declared.adopt_id)
            if remote is None:
                raise Refused(f"adopt_id: there is no incident {declared.adopt_id}. Nothing was posted")
            return self._adopted(declared, remote, [], 1)
        for generation in self.run.generations(declared.idempotency_key):
            key = generation_key(declared.idempotency_key, declared.place, generation, "incident")
            created = service.create(declared, idempotency_key=key)
            keyed = CAPABILITIES[declared.service].keyed_creates
            remote = made(created, service, Edit(declared.name), now, self.process, may_be_replay=keyed)
            if remote is None or (remote.incident_status == "resolved" and declared.incident_status != "resolved"):
                continue
            refuse_stranger(declared, remote)
            notice = Notice(
                event=declared.incident_status,
                at=times.format_instant(remote.published_at),
                subscribers=declared.notify_subscribers,
                update_id=remote.timeline[0].id if remote.updates else None,
            )
            return self._adopted(declared, remote, [notice], generation)
        raise Refused(
            f"idempotency_key: {GENERATIONS} incidents with this key are resolved or gone. Nothing was posted. "
            "Set another idempotency_key"
        )

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        recorded = IncidentState.from_props(props) if "phase" in props else None
        name = str(props.get("service") or DEFAULT_SERVICE) if recorded is None else recorded.declared.service
        service = cast(IncidentService, self._connect("incidents", name))
        if recorded is None:
            return ReadResult(id_, _found(self._got(id_, "incident", service), name).to_props())
        remote = self._read(id_, recorded.declared.status_page_id or "", recorded.last_update_id, service)
        if remote is None:
            return ReadResult(None, {})
        return self._refreshed(id_, recorded, lifecycle.read(recorded, remote))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        recorded, declared = IncidentState.from_props(_olds), IncidentInputs.model_validate(_news)
        return UpdateResult(self._changed(_id, recorded, declared).to_props())

    def _end(self, id_: str, props: dict[str, Any]) -> bool:
        recorded = IncidentState.from_props(props)
        if self._stays(id_, props, recorded.declared, "incident") or recorded.declared.on_delete == "retain":
            return False
        service, now = self._service(recorded.declared), self.now()
        remote = current(id_, recorded.last_update_id, service, now, self.process)
        if remote is None and is_fresh(recorded.last_update_id, now):
            remote = there(id_, service, Edit(recorded.declared.name))
        decision = lifecycle.delete(recorded, remote, mails_updates=_mails_updates(recorded.declared))
        if decision.delete:
            self._connect("deletions", recorded.declared.service).delete(id_)
        if decision.update is not None and remote is not None:
            publish(decision.update, id_, remote.last_update_id, service, self.process)
        return True

    def _service(self, declared: IncidentInputs) -> IncidentService:
        return cast(IncidentService, self._connect("incidents", declared.service))

    def _adopted(
        self, declared: IncidentInputs, remote: Incident, notices: list[Notice], generation: int
    ) -> CreateResult:
        recorded = lifecycle.adopt(declared, remote, ours=declared.adopt_id is None)
        recorded = recorded.model_copy(update={"notices": notices, "generation": generation})
        state = self._changed(remote.id, recorded, declared, remote)
        self.run.meets(remote.id, declared.idempotency_key)
        return CreateResult(remote.id, state.to_props())

    def _changed(
        self, id_: str, recorded: IncidentState, declared: IncidentInputs, remote: Incident | None = None
    ) -> IncidentState:
        """Make the incident as declared, and answer what is recorded then."""
        change = lifecycle.diff(id_, recorded, declared)
        state = recorded.model_copy(update={"declared": declared})
        if change.is_recorded_only:
            return state
        service = self._service(declared)
        if remote is None and lifecycle.needs_read(change):
            remote = current(id_, recorded.last_update_id, service, self.now(), self.process)
            if remote is None:
                raise gone(recorded.declared.name)
        decision = lifecycle.update(recorded, declared, change, remote, mails_updates=_mails_updates(declared))
        for line in decision.says:
            self.process.say(line)
        if remote is not None:
            state = _seen(state, remote)
        if decision.edit is not None:
            try:
                state = _seen(state, service.edit(id_, decision.edit))
            except NotFound:
                raise gone(recorded.declared.name) from None
        if decision.update is None:
            return state
        entries = remote.since(recorded.last_update_id) if remote is not None else []
        entry = decision.update.found_in(entries)
        if entry is None:
            return _published(state, publish(decision.update, id_, state.last_update_id, service, self.process))
        return _published(state, Published(decision.update, entry))


def _published(state: IncidentState, published: Published) -> IncidentState:
    after: dict[str, object] = {
        "notices": [*state.notices, published.notice],
        "last_update_id": published.entry.id,
        "updates": with_entry(state.updates, published.entry),
    }
    if published.update.status is not None:
        after["phase"] = published.update.status
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
    now = {"phase": remote.known_phase or state.phase, "last_update_id": last}
    # The answer to an edit may come without the timeline, which is never empty.
    shown = {key: value for key, value in seen(remote).items() if key != "updates" or value}
    return state.model_copy(update={**now, **shown})
