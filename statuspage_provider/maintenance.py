"""A maintenance window as a Pulumi resource: the program's side and the engine's side.

The import path of `MaintenanceProvider` is stored in users' state. It never changes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from . import lifecycle, times
from .covering import Cover
from .errors import NotFound, Refused, ServiceError, StatusPageError
from .gate import OnFailure, Outside
from .identity import generation_key
from .identity import idempotency_key as derive_key
from .lifecycle import Creation, Post, Put, Seen
from .models import (
    PHASES,
    Maintenance,
    MaintenanceInputs,
    MaintenanceState,
    MaintenanceStatus,
    Notice,
    Window,
    as_inputs,
    same_text,
    to_wire_time,
)
from .plugin import GENERATIONS, RUN, Plugin, Sent, current, gone, is_fresh, made, publish, say, there
from .provider import warn_of_plain_key
from .services import MaintenanceService, open_maintenances
from .watch import Rules


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

    Inputs, each refused at preview with one line that names it and the fix:

    - `status_page_id`: the page's id. A change announces a new window.
    - `name`: the title, 1 to 200 characters (API limit). A change is silent.
    - `message`: Markdown, 1 to 4096 characters (API limit). A change is published as one update.
    - `start_at`: an aware datetime, RFC 3339 text, a naive time with `time_zone`, or relative to the moment the window
      is announced: "now", "+15m". A relative start is resolved once and kept until the expression changes.
    - `end_at` or `duration`: the end, after the start, or the length as a timedelta or "1h30m". A window that would be
      over when it is announced is refused.
    - `affected_component_ids`: at least one component id. The API takes them at creation only, so a change before the
      start replaces the window, and a change after it is published as one update.
    - `maintenance_status`: one of maintenance_scheduled, maintenance_in_progress, maintenance_complete. Default: not
      managed, the service's automation moves it. A change publishes one update, which turns automation off (API rule).
    - `automate_maintenance_status`: whether the service moves the window at its start and end. Default True.
    - `component_statuses`: a status by component id, operational or under_maintenance. Default: the service's.
    - `notify_subscribers`: whom to mail: False (default), True for every event, or a set of scheduled, rescheduled,
      in_progress, update, complete, cancelled. Refused by the service on a page with over 1000 subscribers.
    - `time_zone`: the IANA zone of naive times. A time that the change of clocks skips or repeats is refused.
    - `triggers`: values that, when one changes, announce a new window, such as a release.
    - `on_delete`: what leaving the program does. "auto" (default) deletes a window that has not begun, which tells
      nobody, completes one that has, and leaves a finished one. "complete", "delete" and "retain" do just that.
    - `delete_message`: what is published when leaving the program completes or cancels the window.
    - `adopt_id`: the id of a window that is on the page already, to take over.
    - `idempotency_key`: what makes announcing safe to repeat. Default: made of organisation, project, stack and name.

    Outputs, besides the inputs with times in UTC: `phase` (scheduled, in_progress, complete), `automated` (whether the
    service still moves it), `notices` (what was announced, when, and whether it was mailed), `public_url` when known.
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
    idempotency_key: pulumi.Output[str]
    phase: pulumi.Output[str]
    automated: pulumi.Output[bool]
    generation: pulumi.Output[int]
    notices: pulumi.Output[Sequence[Mapping[str, Any]]]
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
        idempotency_key: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = {
            "status_page_id": status_page_id,
            "name": name,
            "message": message,
            "start_at": to_wire_time(start_at),
            "end_at": to_wire_time(end_at),
            "duration": to_wire_time(duration),
            "affected_component_ids": affected_component_ids,
            "maintenance_status": maintenance_status,
            "automate_maintenance_status": automate_maintenance_status,
            "component_statuses": component_statuses,
            "notify_subscribers": notify_subscribers,
            "time_zone": time_zone,
            "triggers": triggers,
            "on_delete": on_delete,
            "delete_message": delete_message,
            "adopt_id": adopt_id,
            "idempotency_key": idempotency_key or derive_key(resource_name, opts),
        }
        declared = as_inputs(given)
        outputs = dict.fromkeys(
            ("phase", "automated", "generation", "notices", "last_update_id", "anchor", "public_url")
        )
        warn_of_plain_key()
        super().__init__(MaintenanceProvider(), resource_name, {**declared, **outputs}, opts)
        self._cover = Cover(self, resource_name, declared)

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
        """Options for a resource whose change this window covers, merged with `opts`.

        Only a resource that really is created, updated or replaced touches the window: before its change the window is
        read once for all that it covers. Nothing is posted by a run that changes nothing, by a preview or by a refresh.

        `outside`: what happens where the window is not open. "fail" (default): the change does not run, and the error
        says when the window opens. "hold": the resource keeps its present inputs in this run, which stays green; a
        resource that is new fails. "warn": the change runs. "wait": the change waits, for an hour
        at most. "start": the window is put in progress first, which turns the service's automation off.
        `on_failure`: what is told where a covered change fails: "keep" (default) publishes `failure_message` if there
        is one, "complete" ends the window, "incident" opens an incident on the same components.
        `in_progress_message`: what is published where the window is put in progress. Default: the window's message.
        `extend_up_to`: by how much, a timedelta or "1h", the end may be moved while the change still runs; silently, in
        steps of five minutes. Default: not at all.
        `required`: whether the change fails where the page cannot be reached. Default False: then the declared times
        decide, because a status page that is down must not block a deploy.

        Raises Refused for a value that is none of these, for a resource that another window covers, and where the
        options are given to a component.
        """
        rules = Rules.of(outside, on_failure, failure_message, in_progress_message, extend_up_to, required)
        return self._cover.options(opts, rules)

    def complete_after(self, *resources: pulumi.Resource, message: str | None = None) -> None:
        """Complete the window once `resources` have settled, if this run opened or used it.

        Where one of them failed, `covering(on_failure=…)` decides instead. A window that a run was killed in, and that
        the service no longer closes by itself, is completed by the next run.
        """
        self._cover.complete_after(resources, message)

    @classmethod
    def get(
        cls, resource_name: str, id: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None
    ) -> StatusPageMaintenance:
        """A window that is on the page already, read and never changed or deleted. NotFound where it is not."""
        found = cls.__new__(cls)
        names = [*MaintenanceInputs.model_fields, "phase", "automated", "notices", "public_url"]
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        Resource.__init__(found, MaintenanceProvider(), resource_name, dict.fromkeys(names), opts)
        found._cover = Cover(found, resource_name, {})
        return found


class MaintenanceProvider(Plugin[MaintenanceInputs]):
    """The engine's side. Decisions are made in `lifecycle`; here they are carried out."""

    inputs = MaintenanceInputs
    needs = "maintenances"

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        declared, result = self.check_inputs(news)
        # A window that exists may well be over: only one that is to be announced must not be.
        if declared is not None and not _olds and (fault := lifecycle.creation_fault(declared, self.now())):
            result.failures.append(CheckFailure(*fault))
        return result

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        recorded, declared = MaintenanceState.from_props(_olds), MaintenanceInputs.model_validate(_news)
        now = self.now()
        change = lifecycle.maintenance_change(_id, recorded, declared, now)
        if lifecycle.depends_on_phase(change):
            # Where the page cannot be asked, as in a preview without a key, state has to do.
            with contextlib.suppress(StatusPageError):
                remote = self._service().show_maintenance(_id)
                if remote is not None:
                    change = lifecycle.maintenance_change(_id, recorded, declared, now, remote.phase)
        return RUN.decided(_id, change, declared, recorded.generation)

    def create(self, props: dict[str, Any]) -> CreateResult:
        declared, now, service = MaintenanceInputs.model_validate(props), self.now(), self._service()
        if declared.adopt_id is not None:
            remote = service.show_maintenance(declared.adopt_id)
            if remote is None:
                raise Refused(f"adopt_id: there is no maintenance window {declared.adopt_id}. Nothing was posted")
            return self._adopted(declared, lifecycle.adopt_maintenance(declared, remote, now), remote, now)
        plan = lifecycle.create_maintenance(declared, now)
        for generation in RUN.generations(declared.idempotency_key):
            key = generation_key(declared.idempotency_key, declared.status_page_id, generation)
            created = service.create_maintenance(
                declared,
                window=plan.window,
                maintenance_status=plan.status,
                notify_subscribers=plan.notify_subscribers,
                idempotency_key=key,
            )
            put = partial(service.update_maintenance, name=declared.name, window=plan.window)
            remote = made(created, service.show_maintenance, put, declared.name, now)
            if remote is None or remote.phase == "complete":
                lifecycle.refuse_other_clock(declared, plan.window, remote)
                continue
            lifecycle.refuse_stranger(declared, remote)
            recorded = lifecycle.adopt_maintenance(declared, remote, now)
            if lifecycle.maintenance_change(remote.id, recorded, declared, now, remote.phase).delete_first:
                # A run that was killed announced it, and its components have been changed since.
                service.delete_maintenance(remote.id)
                continue
            for line in plan.says:
                say(f"“{declared.name}”: {line}")
            remote, notices = _announced(service, plan, remote)
            recorded = lifecycle.adopt_maintenance(declared, remote, now)
            recorded = recorded.model_copy(update={"generation": generation, "notices": notices})
            return self._adopted(declared, recorded, remote, now)
        raise Refused(
            f"idempotency_key: {GENERATIONS} windows of it are over or gone. Nothing was posted. "
            "Give another idempotency_key"
        )

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        service, now = self._service(), self.now()
        if "phase" not in props:
            # `get`: nothing is recorded of it. The engine would take one that is not there for one that says nothing.
            remote = service.show_maintenance(id_)
            if remote is None:
                raise NotFound(f"there is no maintenance window {id_}: `statuspage list` shows the ids", status=404)
            return ReadResult(id_, _found(remote, now))
        recorded = MaintenanceState.from_props(props)
        remote = current(id_, recorded.last_update_id, service.show_maintenance, now)
        if remote is None:
            return ReadResult(None, {})
        state = lifecycle.read_maintenance(recorded, remote, now)
        return ReadResult(id_, state.to_props(), state.declared.to_props())

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        recorded, declared = MaintenanceState.from_props(_olds), MaintenanceInputs.model_validate(_news)
        return UpdateResult(self._changed(_id, recorded, declared, self.now()).to_props())

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        recorded = MaintenanceState.from_props(_props)
        if _id in RUN.kept:
            return say(f"“{recorded.declared.name}” stays: the program still declares this window")
        if recorded.declared.on_delete == "retain" and _id not in RUN.corrected:
            return None
        service, now = self._service(), self.now()
        if recorded.declared.on_delete == "delete" and _id not in RUN.corrected:
            return service.delete_maintenance(_id)
        remote = current(_id, recorded.last_update_id, service.show_maintenance, now)
        if remote is None and is_fresh(recorded.last_update_id, now):
            put = partial(service.update_maintenance, name=recorded.declared.name, window=recorded.window)
            remote = there(_id, service.show_maintenance, put)
        if _id in RUN.corrected:
            # A new one follows at once: what can be known to fail then must fail before this one is gone.
            declared = RUN.corrected[_id]
            lifecycle.refuse_begun(declared, remote)
            lifecycle.refuse_strangers(declared, service.show_components(declared.status_page_id))
            return service.delete_maintenance(_id)
        decision = lifecycle.delete_maintenance(recorded, remote)
        if decision.delete:
            service.delete_maintenance(_id)
        if decision.post is not None and remote is not None:
            publish(
                decision.post, _id, remote.last_update_id, service.create_maintenance_update, service.show_maintenance
            )
        return None

    def _service(self) -> MaintenanceService:
        return open_maintenances(self.settings())

    def _adopted(
        self, declared: MaintenanceInputs, recorded: MaintenanceState, remote: Maintenance, now: datetime
    ) -> CreateResult:
        state = self._changed(remote.id, recorded, declared, now, remote)
        RUN.kept.add(remote.id)
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
        change = lifecycle.maintenance_change(id_, recorded, declared, now)
        window, anchor = lifecycle.resolve(declared, recorded.anchor, now)
        state = recorded.model_copy(update={"declared": declared, "window": window, "anchor": anchor})
        if lifecycle.is_recorded_only(change):
            return state
        service = self._service()
        remote = remote or current(id_, recorded.last_update_id, service.show_maintenance, now)
        if remote is None:
            raise gone(recorded.declared.name)
        seen = Seen.of(remote, recorded, now)
        decision = lifecycle.update_maintenance(recorded, declared, change, seen, now)
        for line in decision.says:
            say(line)
        state = _seen(state, remote)
        if decision.put is not None:
            state = _seen(state, _put(service, id_, decision.put, window))
        if decision.post is not None:
            undo = Put(recorded.declared.name, seen.window) if decision.put else None
            state = _post(service, id_, decision.post, seen, state, undo)
        return state


def _announced(service: MaintenanceService, plan: Creation, remote: Maintenance) -> tuple[Maintenance, list[Notice]]:
    """The window once the post that a create cannot carry has followed, and the ledger of both."""
    first = remote.timeline[0] if remote.updates else None
    notices = [
        Notice(
            event=plan.event,
            at=times.format_instant(remote.published_at),
            subscribers=plan.notify_subscribers,
            update_id=first.id if first else None,
        )
    ]
    if plan.then is None or first is None:
        return remote, notices
    # It repeats the text of the create, so it is known also where the declared text has been changed since.
    update = next((entry for entry in remote.timeline[1:] if same_text(entry.message, first.message)), None)
    if update is not None:
        return remote, [*notices, Sent(plan.then, update).notice]
    try:
        sent = publish(plan.then, remote.id, first.id, service.create_maintenance_update, service.show_maintenance)
    except ServiceError:
        if not plan.notify_subscribers:
            # Nobody was told of the window, so it goes again: nothing stays half-done.
            service.delete_maintenance(remote.id)
        raise
    return remote.model_copy(update={"updates": [*remote.updates, sent.update]}), [*notices, sent.notice]


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


def _put(service: MaintenanceService, id_: str, put: Put, window: Window) -> Maintenance:
    try:
        return service.update_maintenance(id_, put.name, put.window or window)
    except NotFound:
        raise gone(put.name) from None


def _post(
    service: MaintenanceService, id_: str, post: Post, seen: Seen, state: MaintenanceState, undo: Put | None
) -> MaintenanceState:
    update = post.found_in(seen.entries)
    if update is None:
        try:
            sent = publish(post, id_, state.last_update_id, service.create_maintenance_update, service.show_maintenance)
        except (ServiceError, Refused):
            if undo is not None:
                # The announcement of the new times was refused, so the times go back: nothing stays half-done.
                service.update_maintenance(id_, undo.name, undo.window or seen.window)
            raise
    else:
        sent = Sent(post, update)
    after: dict[str, object] = {"notices": [*state.notices, sent.notice], "last_update_id": sent.update.id}
    if post.status is not None:
        after |= {"phase": PHASES[cast(MaintenanceStatus, post.status)], "automated": False}
    return state.model_copy(update=after)
