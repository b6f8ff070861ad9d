"""What the engine does with a maintenance window: in the plugin's process, which a program does not load."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from .. import times
from ..engine_process import GENERATIONS
from ..errors import NotFound, Refused, ServiceError, SettingsError, StatusPageError
from ..idempotency import generation_key
from ..inputs import MaintenanceInputs
from ..lifecycle import maintenance as lifecycle
from ..lifecycle.decision import Announcement, Edit, refuse_stranger
from ..lifecycle.planned import planned
from ..publishing import Published, current, is_fresh, made, publish, there
from ..remote import Maintenance, same_text
from ..services.capabilities import CAPABILITIES, DEFAULT_SERVICE, maintenance_faults
from ..services.protocols import MaintenanceService, PageService
from ..state import MaintenanceState, Notice, seen, with_entry
from ..statuses import PHASES, Phase
from .base import Operations, gone


class MaintenanceOperations(Operations[MaintenanceInputs]):
    """Decisions are made in `lifecycle`; here they are carried out."""

    inputs = MaintenanceInputs
    capability = "maintenances"

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        declared, result = self.check_inputs(_olds, news)
        result.failures += [CheckFailure(*fault) for fault in maintenance_faults(result.inputs)]
        # A window that exists may well be over: only one that is to be announced must not be.
        if declared is not None and not _olds and (fault := lifecycle.creation_fault(declared, self.now())):
            result.failures.append(CheckFailure(*fault))
        return result

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        recorded, declared = MaintenanceState.from_props(_olds), MaintenanceInputs.model_validate(_news)
        now = self.now()
        change = lifecycle.diff(_id, recorded, declared, now)
        follows = lifecycle.may_be_followed(recorded, declared, now)
        phase, doubt = None, None
        if follows or lifecycle.depends_on_phase(change):
            phase, doubt = self._phase(_id, recorded.declared)
        if phase is not None:
            change = lifecycle.diff(_id, recorded, declared, now, phase)
        if follows:
            if doubt is None:
                change = lifecycle.followed(change, recorded, declared, now, phase)
            line = lifecycle.told_of_next(recorded, declared, change, now, phase, doubt)
            # A refresh compares too, and announces nothing.
            if line and declared.idempotency_key in self.run.checked:
                self.process.say(line)
        return self.run.diff_result(_id, change, declared, recorded.generation)

    def create(self, props: dict[str, Any]) -> CreateResult:
        declared, now = MaintenanceInputs.model_validate(props), self.now()
        if (made_before := self._goes_on(declared, props)) is not None:
            return made_before
        service = self._service(declared)
        if declared.adopt_id is not None:
            remote = service.show(declared.adopt_id)
            if remote is None:
                raise Refused(f"adopt_id: there is no maintenance window {declared.adopt_id}. Nothing was posted")
            return self._adopted(declared, lifecycle.adopt(declared, remote, now), remote, now)
        change, replaces = self.run.replaced_by(declared.idempotency_key)
        able = CAPABILITIES[declared.service]
        announcement = lifecycle.announce(declared, now, change, replaces=replaces, timelines=able.timelines)
        for generation in self.run.generations(declared.idempotency_key):
            key = generation_key(declared.idempotency_key, declared.status_page_id, generation)
            created = service.create(announcement, idempotency_key=key)
            edit = Edit(declared.name, announcement.window)
            remote = made(created, service, edit, now, self.process, may_be_replay=able.keyed_creates)
            if remote is None or (remote.phase == "complete" and not lifecycle.is_history(declared)):
                lifecycle.refuse_other_clock(declared, announcement.window, remote)
                if change is None:
                    lifecycle.refuse_again(declared, announcement.window, remote)
                continue
            refuse_stranger(declared, remote)
            recorded = lifecycle.adopt(declared, remote, now)
            if lifecycle.diff(remote.id, recorded, declared, now, remote.phase).delete_first:
                # A run that was killed announced it, and its components have been changed since.
                service.delete(remote.id)
                continue
            for line in announcement.says:
                self.process.say(f"“{declared.name}”: {line}")
            remote, notices = self._announced(service, announcement, remote)
            recorded = lifecycle.adopt(declared, remote, now)
            recorded = recorded.model_copy(update={"generation": generation, "notices": notices})
            return self._adopted(declared, recorded, remote, now)
        raise Refused(
            f"idempotency_key: {GENERATIONS} windows with this key are over or gone. Nothing was posted. "
            "Set another idempotency_key"
        )

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        recorded = MaintenanceState.from_props(props) if "phase" in props else None
        name = str(props.get("service") or DEFAULT_SERVICE) if recorded is None else recorded.declared.service
        service, now = cast(MaintenanceService, self._connect("maintenances", name)), self.now()
        if recorded is None:
            return ReadResult(id_, _found(self._got(id_, "maintenance window", service), name, now))
        remote = self._read(id_, recorded.declared.status_page_id, recorded.last_update_id, service)
        if remote is None:
            return ReadResult(None, {})
        return self._refreshed(id_, recorded, lifecycle.read(recorded, remote, now))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        recorded, declared = MaintenanceState.from_props(_olds), MaintenanceInputs.model_validate(_news)
        return UpdateResult(self._changed(_id, recorded, declared, self.now()).to_props())

    def _end(self, id_: str, props: dict[str, Any]) -> bool:
        recorded = MaintenanceState.from_props(props)
        if self._stays(id_, props, recorded.declared, "window"):
            return False
        successor = self.run.successors.get(id_)
        if recorded.declared.on_delete == "retain" and successor is None:
            return False
        service, now = self._service(recorded.declared), self.now()
        if recorded.declared.on_delete == "delete" and successor is None:
            service.delete(id_)
            return True
        remote = current(id_, recorded.last_update_id, service, now, self.process)
        if remote is None and is_fresh(recorded.last_update_id, now):
            remote = there(id_, service, Edit(recorded.declared.name, recorded.window))
        if successor is not None:
            # A new one follows at once: what can be known to fail then must fail before this one is gone.
            lifecycle.refuse_begun(successor, remote)
            pages = cast(PageService, self._connect("pages", recorded.declared.service))
            lifecycle.refuse_strangers(successor, pages.show_components(successor.status_page_id))
            service.delete(id_)
            return True
        decision = lifecycle.delete(recorded, remote, now)
        if decision.delete:
            service.delete(id_)
        if decision.edit is not None:
            service.edit(id_, decision.edit)
        if decision.update is not None and remote is not None:
            publish(decision.update, id_, remote.last_update_id, service, self.process)
        return True

    def _service(self, declared: MaintenanceInputs) -> MaintenanceService:
        return cast(MaintenanceService, self._connect("maintenances", declared.service))

    def _phase(self, id_: str, recorded: MaintenanceInputs) -> tuple[Phase | None, str | None]:
        """The phase on the page, and why it is not known where it should be.

        Where the page cannot be asked, as in a preview without a key, or the window is gone, state has to do.
        """
        try:
            remote = self._service(recorded).show(id_)
            return (remote.phase if remote is not None else None), None
        except SettingsError:
            return None, None
        except StatusPageError as error:
            return None, str(error)

    def _announced(
        self, service: MaintenanceService, announcement: Announcement, remote: Maintenance
    ) -> tuple[Maintenance, list[Notice]]:
        """The window once the update that a create cannot carry has followed, and the ledger of both."""
        first = remote.timeline[0] if remote.updates else None
        notices = [
            Notice(
                event=announcement.event,
                at=times.format_instant(remote.published_at),
                subscribers=announcement.notify_subscribers,
                update_id=first.id if first else None,
            )
        ]
        if announcement.then is None or first is None:
            return remote, notices
        # It repeats the text of the create, so it is known also where the declared text has been changed since.
        entry = next((entry for entry in remote.timeline[1:] if same_text(entry.message, first.message)), None)
        if entry is not None:
            return remote, [*notices, Published(announcement.then, entry).notice]
        try:
            published = publish(announcement.then, remote.id, first.id, service, self.process)
        except ServiceError:
            if not announcement.notify_subscribers:
                # Nobody was told of the window, so it goes again: nothing stays half-done.
                service.delete(remote.id)
            raise
        remote = remote.model_copy(update={"updates": [*remote.updates, published.entry]})
        return remote, [*notices, published.notice]

    def _adopted(
        self, declared: MaintenanceInputs, recorded: MaintenanceState, remote: Maintenance, now: datetime
    ) -> CreateResult:
        state = self._changed(remote.id, recorded, declared, now, remote)
        self.run.meets(remote.id, declared.idempotency_key)
        return CreateResult(remote.id, state.to_props())

    def _changed(
        self,
        id_: str,
        recorded: MaintenanceState,
        declared: MaintenanceInputs,
        now: datetime,
        remote: Maintenance | None = None,
    ) -> MaintenanceState:
        """Make the window as declared, and answer what is recorded then."""
        change = lifecycle.diff(id_, recorded, declared, now)
        if not lifecycle.needs_read(change):
            window, anchor = planned(recorded, declared, now)
            return recorded.model_copy(update={"declared": declared, "window": window, "anchor": anchor})
        service = self._service(declared)
        remote = remote or current(id_, recorded.last_update_id, service, now, self.process)
        if remote is None:
            raise gone(recorded.declared.name)
        change = lifecycle.diff(id_, recorded, declared, now, remote.phase)
        window, anchor = planned(recorded, declared, now, remote.phase)
        state = recorded.model_copy(update={"declared": declared, "window": window, "anchor": anchor})
        decision = lifecycle.update(recorded, declared, change, remote, now)
        for line in decision.says:
            self.process.say(line)
        state, shown = _seen(state, remote), remote
        if decision.edit is not None:
            try:
                shown = service.edit(id_, decision.edit)
            except NotFound:
                raise gone(decision.edit.name) from None
            state = _seen(state, shown)
        state = state.model_copy(update={"page_end_at": lifecycle.page_end_at(window, shown, now)})
        if decision.update is None:
            return state
        entry = decision.update.found_in(remote.since(recorded.last_update_id))
        if entry is not None:
            return _published(state, Published(decision.update, entry))
        try:
            return _published(state, publish(decision.update, id_, state.last_update_id, service, self.process))
        except (ServiceError, Refused):
            if decision.edit is not None:
                # The announcement of the new times was refused, so the times go back: nothing stays half-done.
                service.edit(id_, Edit(recorded.declared.name, remote.window_at(now, recorded.window)))
            raise


def _published(state: MaintenanceState, published: Published) -> MaintenanceState:
    after: dict[str, object] = {
        "notices": [*state.notices, published.notice],
        "last_update_id": published.entry.id,
        "updates": with_entry(state.updates, published.entry),
    }
    if published.update.status is not None:
        after |= {"phase": PHASES[published.update.status], "automated": False}
    if after.get("phase") == "complete":
        after["page_end_at"] = None
    return state.model_copy(update=after)


def _found(remote: Maintenance, service: str, now: datetime) -> dict[str, Any]:
    """The properties of a window of which nothing is recorded. Times that the page does not show are left out."""
    shown = remote.found(now)
    start, end = shown[0] or remote.published_at, shown[1] or remote.published_at
    declared = MaintenanceInputs.model_construct(
        service=service,
        status_page_id=remote.status_page_id,
        name=remote.name,
        message=lifecycle.first_text(remote) or "",
        start_at=times.format_instant(start),
        end_at=times.format_instant(end),
        affected_component_ids=remote.affected_component_ids,
        idempotency_key="",
    )
    props = _seen(MaintenanceState(declared=declared, window=(start, end), phase="scheduled"), remote).to_props()
    unknown = {key for key, moment in zip(("start_at", "end_at"), shown, strict=True) if moment is None}
    return {key: value for key, value in props.items() if key not in unknown}


def _seen(state: MaintenanceState, remote: Maintenance) -> MaintenanceState:
    last = remote.last_update_id or state.last_update_id
    return state.model_copy(
        update={
            "phase": remote.known_phase or state.phase,
            "automated": remote.automate_maintenance_status,
            "last_update_id": last,
            **seen(remote),
        }
    )
