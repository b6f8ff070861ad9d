"""A maintenance window as a Pulumi resource: the program's side and the engine's side.

The import path of `MaintenanceProvider` is stored in users' state. It never changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from . import times
from .covering.admission import OnFailure, Outside
from .covering.cover import Cover
from .covering.options import CoveringOptions
from .covering.record import recording
from .engine_process import GENERATIONS
from .errors import NotFound, Refused, ServiceError, SettingsError, StatusPageError
from .idempotency import generation_key
from .idempotency import idempotency_key as derive_key
from .inputs import MaintenanceInputs, as_inputs
from .lifecycle import maintenance as lifecycle
from .lifecycle.decision import Announcement, Edit, refuse_stranger
from .provider import warn_of_plain_key
from .publishing import Published, current, is_fresh, made, publish, there
from .remote import Maintenance, same_text
from .resource_provider import StatusPageProvider, gone
from .services.protocols import MaintenanceService
from .state import MaintenanceState, Notice, outputs
from .statuses import PHASES, Phase


class StatusPageMaintenance(Resource, module="statuspage", name="StatusPageMaintenance"):
    """A maintenance window on an incident.io status page.

        window = statuspage.StatusPageMaintenance(
            "db-upgrade",
            status_page_id=page.id,
            name="Database upgrade",
            message="Writes are paused for up to ten minutes.",
            start_at="2026-03-01T22:00:00Z",
            duration="1h30m",
            affected_component_ids=[page.component("EU / Database").id],
        )

    Inputs (this list is made by `make docs`). A wrong one is refused at preview, in one line that names the fix:

    - `status_page_id` (text, required): the page's id. The API cannot move it to another page. A change makes a new
      window.
    - `name` (text, required): the title. 1 to 200 characters. A change is a silent edit.
    - `message` (text, required): what is published, in Markdown. 1 to 4096 characters. A change is published as one
      update.
    - `start_at` (datetime or text, required): when it starts: an aware `datetime`; text with an offset,
      `"2026-03-01T22:00:00Z"`; text or `datetime` without one, with `time_zone`; or, decided when the window is
      announced, `"now"`, `"+15m"`, or the next free slot. Whole seconds, kept in UTC. A change moves the window
      (silently, without the event `rescheduled`), or makes a new one if it is complete.
    - `end_at` (datetime or text, optional): when it ends, written like `start_at` but never relative. After `start_at`;
      this or `duration`. A change moves the window (silently, without the event `rescheduled`), or makes a new one if
      it is complete.
    - `duration` (timedelta or text, optional): how long it lasts: `"1h30m"`, in days `d`, hours `h`, minutes `m`,
      seconds `s`. This or `end_at`; a slot needs this one. A change moves the window (silently, without the event
      `rescheduled`), or makes a new one if it is complete.
    - `affected_component_ids` (list of text, required): the components under maintenance; order does not matter. Can
      only be set at creation; at least one, as the times are read back by component. A change replaces the window
      before the start, and is published as one update after it.
    - `maintenance_status` (text, optional): `maintenance_scheduled`, `maintenance_in_progress` or
      `maintenance_complete`; without it the status is left to the service. A published status turns the service's
      automation off. A change is published as one update.
    - `automate_maintenance_status` (bool, default True): whether the service begins and ends the window by itself. Can
      only be set at creation; the API's own default is false. A change replaces the window before the start, and is
      recorded only after it.
    - `component_statuses` (map of id to status, optional): `operational` or `under_maintenance` by component; the API's
      list form is accepted too. Not sent with `maintenance_complete`: the service then sets all components to
      operational. A change is published as one update.
    - `notify_subscribers` (bool or set of text, default False): which events are emailed: `False` for none, `True` for
      all, or a set of `scheduled`, `rescheduled`, `in_progress`, `update`, `complete` or `cancelled`. Refused by the
      service above 1000 subscribers. A change is recorded only.
    - `time_zone` (text, optional): the IANA zone of times without an offset, `"Europe/Berlin"`. A time that a clock
      change skips or repeats is refused. A change does nothing by itself.
    - `triggers` (list, optional): any values, such as the version to be installed. A change makes a new window.
    - `on_delete` (text, default "auto"): what leaving the program does: `auto` deletes a window that has not begun,
      completes one that has, and leaves a finished one; `complete`, `delete` and `retain` do just that. Deleting tells
      nobody and breaks links. A change is recorded only.
    - `delete_message` (text, optional): what is published when leaving the program completes or cancels the window; by
      default "This maintenance is complete." or "This maintenance has been cancelled." 1 to 4096 characters. A change
      is recorded only.
    - `adopt_id` (text, optional): the id of a window on the page, to take over. The engine's import does not work here.
      A change takes that window over instead.
    - `repeat` (bool, default False): whether a window that is over is followed by one in the next slot. Only where
      `start_at` is a slot. A change is recorded only.
    - `idempotency_key` (text, optional): what makes announcing safe to repeat; by default made from organisation,
      project, stack, parent and resource name. The API requires one. A change does nothing by itself.

    Outputs (every input is one too):

    - `id` (text): the window's id. It stays known in previews, so hand this one to other resources.
    - `start_at` (text): the start, in UTC.
    - `end_at` (text): the end, in UTC, also if `duration` was declared.
    - `phase` (text): one of `scheduled`, `in_progress`, `complete`, as last seen: an `up` without a change does not
      look.
    - `automated` (bool): whether the service still moves the window by itself.
    - `generation` (number): how many windows this declaration has announced; it is part of the key.
    - `notices` (list of maps): what this resource announced, each with `event`, `at`, `subscribers`, `update_id`.
      `subscribers` is whether it was emailed. What the service's automation published is not in it.
    - `last_update_id` (text): the last entry of the timeline that was seen; what comes after it may be ours.
    - `anchor` (map): what a relative start was resolved to: `expression`, `start_at`, `time_zone`.
    - `public_url` (text): the window's address, if the service tells it.
    """

    status_page_id: pulumi.Output[str]
    name: pulumi.Output[str]
    message: pulumi.Output[str]
    start_at: pulumi.Output[str]
    end_at: pulumi.Output[str]
    duration: pulumi.Output[str | None]
    time_zone: pulumi.Output[str | None]
    affected_component_ids: pulumi.Output[Sequence[str]]
    maintenance_status: pulumi.Output[str | None]
    automate_maintenance_status: pulumi.Output[bool]
    component_statuses: pulumi.Output[Any]
    notify_subscribers: pulumi.Output[Any]
    triggers: pulumi.Output[Sequence[Any] | None]
    on_delete: pulumi.Output[str]
    delete_message: pulumi.Output[str | None]
    adopt_id: pulumi.Output[str | None]
    repeat: pulumi.Output[bool]
    idempotency_key: pulumi.Output[str]
    phase: pulumi.Output[str]
    automated: pulumi.Output[bool]
    generation: pulumi.Output[int]
    notices: pulumi.Output[Sequence[Mapping[str, Any]]]
    last_update_id: pulumi.Output[str | None]
    anchor: pulumi.Output[Mapping[str, Any] | None]
    public_url: pulumi.Output[str | None]

    def __init__(
        self,
        resource_name: str,
        *,
        status_page_id: pulumi.Input[str],
        name: pulumi.Input[str],
        message: pulumi.Input[str],
        start_at: pulumi.Input[str] | datetime,
        end_at: pulumi.Input[str] | datetime | None = None,
        duration: pulumi.Input[str] | timedelta | None = None,
        affected_component_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        maintenance_status: pulumi.Input[str] | None = None,
        automate_maintenance_status: pulumi.Input[bool] = True,
        component_statuses: pulumi.Input[Mapping[str, Any] | Sequence[Mapping[str, Any]]] | None = None,
        notify_subscribers: pulumi.Input[bool] | Iterable[str] = False,
        time_zone: pulumi.Input[str] | None = None,
        triggers: pulumi.Input[Sequence[Any]] | None = None,
        on_delete: pulumi.Input[str] = "auto",
        delete_message: pulumi.Input[str] | None = None,
        adopt_id: pulumi.Input[str] | None = None,
        repeat: pulumi.Input[bool] = False,
        idempotency_key: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = {**locals(), "idempotency_key": idempotency_key or derive_key(resource_name, opts)}
        declared = as_inputs(MaintenanceInputs, given)
        warn_of_plain_key()
        opts, record = recording(opts, resource_name)
        super().__init__(
            MaintenanceProvider(), resource_name, {**declared, **dict.fromkeys(outputs(MaintenanceState))}, opts
        )
        self._cover = Cover(self, resource_name, declared, opts.parent, record.covered)

    def covering(
        self,
        opts: pulumi.ResourceOptions | None = None,
        *,
        outside: Outside = "fail",
        on_failure: OnFailure = "keep",
        failure_message: str | None = None,
        in_progress_message: str | None = None,
        extend_up_to: timedelta | str | None = None,
        required: bool = False,
    ) -> pulumi.ResourceOptions:
        """Options for a resource whose changes this window covers, merged with `opts`; or for a component, local or
        remote: then every resource in it is covered, nested and future ones too.

        Only a resource that is really created, updated or replaced touches the window: before the first such change the
        window is read once. A run that changes nothing, a preview and a refresh post nothing. In a component, providers
        and this package's own resources are left out, and a resource with a window of its own keeps that one.

        `outside`: what happens if the window is not open. "fail" (default): the change does not run, and the error
        says when the window opens. "hold": the resource keeps its current inputs in this run, which succeeds; a
        new resource fails. "warn": the change runs anyway. "wait": the change waits, for
        at most an hour. "start": the window is put in progress first, which turns the service's automation off.
        `on_failure`: what is told if a covered change fails: "keep" (default) publishes `failure_message` if there
        is one, "complete" ends the window, "incident" opens an incident on the same components.
        `in_progress_message`: what is published when the window is put in progress. Default: the window's message.
        `extend_up_to`: by how much (a timedelta, or text such as "1h") the end may move while the change still runs:
        silently, in steps of five minutes. Default: not at all.
        `required`: whether the change fails if the page cannot be reached. Default False: then the declared times
        decide, because a status page that is down must not block a deploy.

        Raises Refused for a value that is none of these, and for a resource that another window covers.
        """
        options = CoveringOptions.of(outside, on_failure, failure_message, in_progress_message, extend_up_to, required)
        return self._cover.resource_options(opts, options)

    def cover_stack(
        self,
        types: Sequence[str] | None = None,
        *,
        outside: Outside = "fail",
        on_failure: OnFailure = "keep",
        failure_message: str | None = None,
        in_progress_message: str | None = None,
        extend_up_to: timedelta | str | None = None,
        required: bool = False,
    ) -> None:
        """Cover every resource that the program declares after this call, those in components included.

        `types`: patterns of resource types, such as `["aws:rds/*"]`, where `*` stands for any text. Default: all.
        Providers and whatever else is the engine's own (`pulumi:*`), this package's resources, and a resource with a
        window of its own are left out. The rest is as for `covering`.

        Raises Refused where a resource of these types was declared before: it would not be guarded.
        """
        options = CoveringOptions.of(outside, on_failure, failure_message, in_progress_message, extend_up_to, required)
        self._cover.cover_stack(types, options)

    def guard_deletions(self, outside: Outside = "fail") -> None:
        """Guard the deletions of what this window covers too: of a resource that leaves the program, that is deleted
        before it is replaced, that is deleted since a dependency is, or in `pulumi destroy --run-program`.

        `outside`: what happens to a deletion outside the window: "fail" (default), "warn", "wait" or "start", as for
        `covering`. A deletion cannot be held.

        State then names hooks that the engine asks for at each deletion, also of later programs. So `pulumi destroy`
        needs `--run-program`, and the window must stay in the program as long as what it guards. `release_deletions`
        is the way out for a window that has left. Call it before `covering`; Refused is raised after it.
        """
        self._cover.guard_deletions(outside)

    def complete_after(
        self, *resources: pulumi.Resource, stacks: Sequence[str] | None = None, message: str | None = None
    ) -> None:
        """Complete the window once `resources` have settled, if this run opened or used it.

        A component has settled when everything in it has. Without names it is all that the window covers. Whether
        that has settled, and whether guarded deletions are done, is known only at the end of the run: then the window
        is completed when the engine has done everything else too.

        If one of them failed, `covering(on_failure=…)` decides instead. A window that a killed run left open, and that
        the service no longer closes by itself, is completed by the next run.

        `stacks`: the full names of all stacks that work in the window, `organization/project/stack`: the one that has
        it and those that `get` it. Each sets the same list, which may include its own name. The last of them to be done
        completes the window, with its own `message`; those that are not done yet are named in a line. Each must run
        inside the window once, even if it has nothing to change: it records that in its output `statuspage`, which the
        others read.

        Raises Refused for an empty list, and for a name that is not in full.
        """
        self._cover.complete_after(resources, stacks, message)

    @classmethod
    def get(
        cls, resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> StatusPageMaintenance:
        """A window that is already on the page, only read, never changed or deleted. NotFound if it is gone."""
        found = cls.__new__(cls)
        names = [*MaintenanceInputs.model_fields, *outputs(MaintenanceState)]
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        Resource.__init__(found, MaintenanceProvider(), resource_name, dict.fromkeys(names), opts)
        found._cover = Cover(found, resource_name, {}, opts.parent, id_=id)
        return found


class MaintenanceProvider(StatusPageProvider[MaintenanceInputs]):
    """The engine's side. Decisions are made in `lifecycle`; here they are carried out."""

    inputs = MaintenanceInputs
    capability = "maintenances"

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        declared, result = self.check_inputs(news)
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
            phase, doubt = self._phase(_id)
        if phase is not None:
            change = lifecycle.diff(_id, recorded, declared, now, phase)
        if follows:
            if doubt is None:
                change = lifecycle.followed(change, recorded, declared, now, phase)
            if line := lifecycle.told_of_next(recorded, declared, change, now, phase, doubt):
                self.process.say(line)
        return self.process.run.diff_result(_id, change, declared, recorded.generation)

    def create(self, props: dict[str, Any]) -> CreateResult:
        declared, now, service = MaintenanceInputs.model_validate(props), self.now(), self._service()
        if declared.adopt_id is not None:
            remote = service.show(declared.adopt_id)
            if remote is None:
                raise Refused(f"adopt_id: there is no maintenance window {declared.adopt_id}. Nothing was posted")
            return self._adopted(declared, lifecycle.adopt(declared, remote, now), remote, now)
        announcement = lifecycle.announce(declared, now, self.process.run.replaced_by(declared.idempotency_key))
        for generation in self.process.run.generations(declared.idempotency_key):
            key = generation_key(declared.idempotency_key, declared.status_page_id, generation)
            created = service.create(announcement, idempotency_key=key)
            remote = made(created, service, Edit(declared.name, announcement.window), now, self.process)
            if remote is None or remote.phase == "complete":
                lifecycle.refuse_other_clock(declared, announcement.window, remote)
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
        service, now = self._service(), self.now()
        if "phase" not in props:
            # `get`: nothing is recorded of it. The engine would take one that is not there for one that says nothing.
            remote = service.show(id_)
            if remote is None:
                raise NotFound(f"there is no maintenance window {id_}: `statuspage list` shows the ids", status=404)
            return ReadResult(id_, _found(remote, now))
        recorded = MaintenanceState.from_props(props)
        remote = current(id_, recorded.last_update_id, service, now, self.process)
        if remote is None:
            return ReadResult(None, {})
        state = lifecycle.read(recorded, remote, now)
        return ReadResult(id_, state.to_props(), state.declared.to_props())

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        recorded, declared = MaintenanceState.from_props(_olds), MaintenanceInputs.model_validate(_news)
        return UpdateResult(self._changed(_id, recorded, declared, self.now()).to_props())

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        recorded, run = MaintenanceState.from_props(_props), self.process.run
        successor = run.successors.get(_id)
        if _id in run.declared:
            return self.process.say(f"“{recorded.declared.name}” stays: the program still declares this window")
        if recorded.declared.on_delete == "retain" and successor is None:
            return None
        service, now = self._service(), self.now()
        if recorded.declared.on_delete == "delete" and successor is None:
            return service.delete(_id)
        remote = current(_id, recorded.last_update_id, service, now, self.process)
        if remote is None and is_fresh(recorded.last_update_id, now):
            remote = there(_id, service, Edit(recorded.declared.name, recorded.window))
        if successor is not None:
            # A new one follows at once: what can be known to fail then must fail before this one is gone.
            lifecycle.refuse_begun(successor, remote)
            lifecycle.refuse_strangers(successor, service.show_components(successor.status_page_id))
            return service.delete(_id)
        decision = lifecycle.delete(recorded, remote)
        if decision.delete:
            service.delete(_id)
        if decision.update is not None and remote is not None:
            publish(decision.update, _id, remote.last_update_id, service, self.process)
        return None

    def _service(self) -> MaintenanceService:
        return cast(MaintenanceService, self._connect("maintenances"))

    def _phase(self, id_: str) -> tuple[Phase | None, str | None]:
        """The phase on the page, and why it is not known where it should be.

        Where the page cannot be asked, as in a preview without a key, or the window is gone, state has to do.
        """
        try:
            remote = self._service().show(id_)
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
        self.process.run.declared.add(remote.id)
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
            window, anchor = lifecycle.planned(recorded, declared, now)
            return recorded.model_copy(update={"declared": declared, "window": window, "anchor": anchor})
        service = self._service()
        remote = remote or current(id_, recorded.last_update_id, service, now, self.process)
        if remote is None:
            raise gone(recorded.declared.name)
        change = lifecycle.diff(id_, recorded, declared, now, remote.phase)
        window, anchor = lifecycle.planned(recorded, declared, now, remote.phase)
        state = recorded.model_copy(update={"declared": declared, "window": window, "anchor": anchor})
        decision = lifecycle.update(recorded, declared, change, remote, now)
        for line in decision.says:
            self.process.say(line)
        state = _seen(state, remote)
        if decision.edit is not None:
            try:
                state = _seen(state, service.edit(id_, decision.edit))
            except NotFound:
                raise gone(decision.edit.name) from None
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
    }
    if published.update.status is not None:
        after |= {"phase": PHASES[published.update.status], "automated": False}
    return state.model_copy(update=after)


def _found(remote: Maintenance, now: datetime) -> dict[str, Any]:
    """The properties of a window of which nothing is recorded. Times that the page does not show are left out."""
    window = remote.window if remote.known_phase == "complete" else None
    shown = window or remote.shown(now)
    start, end = shown[0] or remote.published_at, shown[1] or remote.published_at
    declared = MaintenanceInputs.model_construct(
        status_page_id=remote.status_page_id,
        name=remote.name,
        message=remote.timeline[0].message if remote.updates else "",
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
        }
    )
