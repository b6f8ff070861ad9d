"""A maintenance window as a Pulumi resource: the program's side.

The import path of `MaintenanceProvider` is stored in users' state. It never changes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import Resource

from . import component_names
from .covering.record import recording
from .declaring import as_inputs, as_properties, input_names
from .idempotency import key_of
from .provider import warn_of_plain_key
from .resource_provider import StatusPageProvider
from .statuses import (
    MaintenanceComponentStatus,
    MaintenanceEvent,
    MaintenanceOnDelete,
    MaintenanceStatus,
    OnFailure,
    Outside,
    OutsideDeletion,
    Phase,
    Service,
    ToldEvents,
    ToldStatuses,
)

if TYPE_CHECKING:
    from .covering.cover import Cover
    from .covering.options import CoveringOptions
    from .operations.base import Operations


_Covers = tuple[str, Mapping[str, Any], pulumi.ResourceOptions, list[str] | None, pulumi.Input[str] | None]
"""What a cover is made of, beside the window."""


class StatusPageMaintenance(Resource, module="statuspage", name="StatusPageMaintenance"):
    """A maintenance window on a status page.

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
    - `affected_component_ids` (list of text, default ()): the components under maintenance; order does not matter. Can
      only be set at creation; without any, the times cannot be read back. A change replaces the window before the
      start, and is published as one update after it.
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
    - `service` (text, default "incident.io"): which service the page is on: `incident.io` or `statuspage.me`. On
      statuspage.me a window is its times. A change makes a new window.
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
    - `page_end_at` (text): the end on the page, in UTC, where `end_at` had passed by the time it was declared and the
      window ran on.
    - `published_at` (text): when it was published, in UTC, as last seen.
    - `updates` (list of maps): its timeline as last seen, oldest first, each with `id`, `message`, `published_at`,
      `status` and `component_statuses`. What is published is public, so it stands here in plain text.
    - `component_maintenance_periods` (list of maps): its times by component as last seen, with `component_id`,
      `start_at` and `end_at`.
    """

    status_page_id: pulumi.Output[str]
    name: pulumi.Output[str]
    message: pulumi.Output[str]
    start_at: pulumi.Output[str]
    end_at: pulumi.Output[str]
    duration: pulumi.Output[str | None]
    time_zone: pulumi.Output[str | None]
    affected_component_ids: pulumi.Output[Sequence[str]]
    maintenance_status: pulumi.Output[MaintenanceStatus | None]
    automate_maintenance_status: pulumi.Output[bool]
    component_statuses: pulumi.Output[ToldStatuses]
    notify_subscribers: pulumi.Output[ToldEvents]
    triggers: pulumi.Output[Sequence[Any] | None]
    on_delete: pulumi.Output[MaintenanceOnDelete]
    delete_message: pulumi.Output[str | None]
    adopt_id: pulumi.Output[str | None]
    repeat: pulumi.Output[bool]
    service: pulumi.Output[Service]
    idempotency_key: pulumi.Output[str]
    phase: pulumi.Output[Phase]
    automated: pulumi.Output[bool]
    generation: pulumi.Output[int]
    notices: pulumi.Output[Sequence[Mapping[str, Any]]]
    last_update_id: pulumi.Output[str | None]
    anchor: pulumi.Output[Mapping[str, str] | None]
    public_url: pulumi.Output[str | None]
    page_end_at: pulumi.Output[str | None]
    published_at: pulumi.Output[str | None]
    updates: pulumi.Output[Sequence[Mapping[str, Any]]]
    component_maintenance_periods: pulumi.Output[Sequence[Mapping[str, str]]]

    def __init__(
        self,
        resource_name: str,
        *,
        status_page_id: pulumi.Input[str],
        name: pulumi.Input[str],
        message: pulumi.Input[str],
        start_at: pulumi.Input[str | datetime],
        end_at: pulumi.Input[str | datetime] | None = None,
        duration: pulumi.Input[str | timedelta] | None = None,
        affected_component_ids: pulumi.Input[Collection[pulumi.Input[str]]] = (),
        maintenance_status: pulumi.Input[MaintenanceStatus] | None = None,
        automate_maintenance_status: pulumi.Input[bool] = True,
        component_statuses: pulumi.Input[
            Mapping[str, pulumi.Input[MaintenanceComponentStatus]] | Sequence[pulumi.Input[Mapping[str, Any]]]
        ]
        | None = None,
        notify_subscribers: pulumi.Input[bool | Collection[pulumi.Input[MaintenanceEvent]]] = False,
        time_zone: pulumi.Input[str] | None = None,
        triggers: pulumi.Input[Sequence[Any]] | None = None,
        on_delete: pulumi.Input[MaintenanceOnDelete] = "auto",
        delete_message: pulumi.Input[str] | None = None,
        adopt_id: pulumi.Input[str] | None = None,
        repeat: pulumi.Input[bool] = False,
        service: pulumi.Input[Service] = "incident.io",
        idempotency_key: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = {**locals(), "idempotency_key": key_of(StatusPageMaintenance, locals())}
        declared = as_inputs(given)
        warn_of_plain_key()
        opts, record = recording(component_names.told(opts, declared), resource_name)
        super().__init__(MaintenanceProvider(), resource_name, as_properties(StatusPageMaintenance, declared), opts)
        self._covers: _Covers = resource_name, declared, opts, record.covered, None

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
        options = _options(outside, on_failure, failure_message, in_progress_message, extend_up_to, required)
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
        options = _options(outside, on_failure, failure_message, in_progress_message, extend_up_to, required)
        self._cover.cover_stack(types, options)

    def guard_deletions(self, outside: OutsideDeletion = "fail") -> None:
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
        cls,
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
        *,
        service: Service = "incident.io",
    ) -> StatusPageMaintenance:
        """A window that is already on the page, only read, never changed or deleted. NotFound if it is gone."""
        found = cls.__new__(cls)
        opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(id=id))
        properties = as_properties(StatusPageMaintenance, {"service": service})
        Resource.__init__(found, MaintenanceProvider(), resource_name, properties, opts)
        found._covers = resource_name, {"service": service}, opts, None, id
        return found

    @cached_property
    def _cover(self) -> Cover:
        # Only a program that covers something needs all that this loads.
        from .covering.cover import Cover

        return Cover(self, *self._covers)


def _options(*asked: Any) -> CoveringOptions:
    from .covering.options import CoveringOptions

    return CoveringOptions.of(*asked)


class MaintenanceProvider(StatusPageProvider):
    """The engine's side, which is in `operations/maintenance.py`."""

    inputs = input_names(StatusPageMaintenance)

    def load(self) -> Operations[Any]:
        from .operations.maintenance import MaintenanceOperations

        return MaintenanceOperations()
