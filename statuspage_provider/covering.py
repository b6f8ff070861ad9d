"""The window follows the work: hooks around the resources that a maintenance window covers.

Runs in the program's process. The engine calls the hooks only for resources that really change.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import pulumi

from . import gate, times
from .errors import Refused, StatusPageError, Unreachable
from .gate import ON_FAILURE, OUTSIDE, OnFailure, Outside, Standing
from .lifecycle import COMPLETED, STATUSES, Post
from .models import Event, IncidentInputs, Maintenance, MaintenanceInputs, MaintenanceState, Window
from .plugin import publish
from .provider import settings_of
from .services import MaintenanceService, open_incidents, open_maintenances
from .settings import clock, is_rehearsed

Result = TypeVar("Result")

LOOK_AGAIN_S = 1.0
"""How often a waiting change looks whether its window has begun, and a running one at the window's end."""

HOOKS: Counter[str] = Counter()
"""How many hooks each window's name has: two windows under different components may share a name, no two hooks may."""


@dataclass(frozen=True)
class Rules:
    """What one call of `covering` asked for."""

    outside: Outside
    on_failure: OnFailure
    failure_message: str | None
    in_progress_message: str | None
    extend_up_to: timedelta | None
    required: bool

    @classmethod
    def of(
        cls,
        outside: Outside,
        on_failure: OnFailure,
        failure_message: str | None,
        in_progress_message: str | None,
        extend_up_to: timedelta | str | None,
        required: bool,
    ) -> Rules:
        """The rules, each value checked: what is wrong with one is known before anything runs."""
        for name, value, allowed in (("outside", outside, OUTSIDE), ("on_failure", on_failure, ON_FAILURE)):
            if value not in allowed:
                raise Refused(f'covering: {name}="{value}" is not one of {", ".join(allowed)}')
        try:
            length = times.parse_length(extend_up_to) if isinstance(extend_up_to, str) else extend_up_to
        except ValueError as error:
            raise Refused(f"covering: extend_up_to: {error}") from None
        return cls(outside, on_failure, failure_message, in_progress_message, length, required)


class Cover:
    """What one run knows of one window and of the work under it."""

    def __init__(self, window: pulumi.CustomResource, name: str, declared: Mapping[str, Any]) -> None:
        self._window = window
        self._name = name
        self._declared = declared
        self._lock = asyncio.Lock()
        self._begun = time.monotonic()
        self._state: MaintenanceState | None = None
        self._id = ""
        self._used = False
        self._working = 0
        self._extending: asyncio.Task[None] | None = None
        self._hooks: set[str] = set()
        self._told = False
        self._messages: set[str] = set()

    # the program's side

    def options(self, opts: pulumi.ResourceOptions | None, rules: Rules) -> pulumi.ResourceOptions:
        """`opts` with the window as a dependency and the hooks that guard the change."""
        if opts is not None and opts.hooks is not None:
            for hook in opts.hooks.before_update or []:
                name = getattr(hook, "name", "")
                other = covering_window(name)
                if other is not None and name not in self._hooks:
                    raise Refused(f"covering: the resource is covered by “{other}” already. One window covers it")
        HOOKS[self._name] += 1
        if rules.in_progress_message is not None:
            self._messages.add(rules.in_progress_message)
        # The engine records the names in state and shows them in a plan: they say what covers the resource, and how.
        prefix = f"statuspage/{self._name}/{HOOKS[self._name]}/{rules.outside}"

        async def before(args: pulumi.ResourceHookArgs) -> None:
            await self._before(args.name, rules)

        async def after(args: pulumi.ResourceHookArgs) -> None:
            self._ended()

        async def failed(args: pulumi.ErrorHookArgs) -> bool:
            await self._failed(args.name, rules)
            return False

        # In a preview the hook posts nothing: it says what would happen.
        shown = pulumi.ResourceHookOptions(on_dry_run=True)
        ahead = pulumi.ResourceHook(f"{prefix}/before", before, shown)
        behind = pulumi.ResourceHook(f"{prefix}/after", after)
        hooks = pulumi.ResourceHookBinding(
            before_create=[ahead],
            before_update=[ahead],
            after_create=[behind],
            after_update=[behind],
            on_error=[pulumi.ErrorHook(f"{prefix}/failed", failed)],
        )
        self._hooks.add(ahead.name)
        covered = pulumi.ResourceOptions(depends_on=[self._window], hooks=hooks)
        if rules.outside == "hold" and (line := self._held()):
            if not self._told:
                pulumi.log.info(line, resource=self._window)
                self._told = True
            covered.ignore_changes = ["*"]
        return pulumi.ResourceOptions.merge(opts, covered)

    def complete_after(self, resources: tuple[pulumi.Resource, ...], message: str | None) -> None:
        """Complete the window once all of `resources` have settled. Where one failed this is not reached."""
        for resource in resources:
            if isinstance(resource, pulumi.ComponentResource):
                # A component is settled as soon as it is registered, while its children still work.
                raise Refused(
                    "complete_after: a component says nothing of when its work ends: name the resources in it"
                )
        if pulumi.runtime.is_dry_run():
            return

        def settled(_: list[str]) -> Awaitable[bool]:
            return self._settled(message)

        # Nobody reads it, but the program does not end before it is known.
        self._done: pulumi.Output[bool] = pulumi.Output.all(*[resource.urn for resource in resources]).apply(settled)

    def _held(self) -> str | None:
        """Why changes are held in this run, as far as the declared times tell it while the program runs."""
        window = self._declared_window()
        return None if window is None else gate.held(str(self._declared["name"]), window, clock())

    def _declared_window(self) -> Window | None:
        zone = self._declared.get("time_zone")
        start, end, length = (self._declared.get(key) for key in ("start_at", "end_at", "duration"))
        if not isinstance(start, str) or times.is_relative(start) or not isinstance(end or length, str):
            return None
        try:
            begins = times.parse_instant(start, zone)
            ends = times.parse_instant(end, zone) if end else begins + times.parse_length(str(length))
        except ValueError:
            # `check` says what is wrong with it.
            return None
        return begins, ends

    # the run's side

    def _now(self) -> datetime:
        # A rehearsed clock stands still, but whoever waits must see time pass.
        passed = time.monotonic() - self._begun if is_rehearsed() else 0.0
        return clock() + timedelta(seconds=passed)

    async def _recorded(self) -> MaintenanceState:
        """The window as this run left it in state."""
        if self._state is None:
            names = [*MaintenanceInputs.model_fields, *MaintenanceState.model_fields]
            outputs = {name: getattr(self._window, name, None) for name in names}
            given = {name: value for name, value in outputs.items() if isinstance(value, pulumi.Output)}
            props = await pulumi.Output.all(**given).future(with_unknowns=True)
            known = {key: value for key, value in (props or {}).items() if value is not None}
            self._state = MaintenanceState.from_props(known)
            self._id = str(await self._window.id.future())
        return self._state

    async def _window_output(self, name: str) -> Any:
        output: pulumi.Output[Any] = getattr(self._window, name)
        return await output.future()

    async def _before(self, resource: str, rules: Rules) -> None:
        if pulumi.runtime.is_dry_run():
            return self._foretell(resource, rules)
        async with self._lock:
            if not self._used:
                self._used = await self._open(resource, rules)
        self._working += 1
        if self._used and rules.extend_up_to is not None and self._extending is None:
            self._extending = asyncio.ensure_future(self._keep_extending(rules.extend_up_to))
        return None

    def _foretell(self, resource: str, rules: Rules) -> None:
        """Say in a preview what an `up` at this moment would do, as far as the declared times tell it."""
        window = self._declared_window()
        if window is None:
            return
        answer = gate.ask(Standing(str(self._declared["name"]), "scheduled", window, True), rules.outside, clock())
        if answer.refused:
            pulumi.log.info(f"{resource}: as of now, `up` would be refused: {answer.refused}", resource=self._window)
        elif answer.says:
            pulumi.log.info(f"{resource}: {answer.says}", resource=self._window)

    async def _open(self, resource: str, rules: Rules) -> bool:
        """Let the change run, or raise Refused. Answers whether it runs in the window."""
        recorded = await self._recorded()
        waited = False
        while True:
            remote = await self._look(rules)
            answer = gate.ask(_standing(recorded, remote), rules.outside, self._now())
            if answer.refused:
                raise Refused(f"{resource}: {answer.refused}")
            if answer.says and not waited:
                pulumi.log.warn(f"{resource}: {answer.says}", resource=self._window)
            if answer.wait_until is None:
                break
            waited = True
            await asyncio.sleep(min(LOOK_AGAIN_S, max(0.0, (answer.wait_until - self._now()).total_seconds())))
        if answer.publish and remote is not None:
            message = rules.in_progress_message or recorded.declared.message
            await self._post("in_progress", message, remote, STATUSES["in_progress"])
        return answer.uses

    async def _look(self, rules: Rules) -> Maintenance | None:
        """The window on the page. None where the page is down: the clock and state must do, unless it is required."""
        try:
            remote = await self._call(lambda service: service.show_maintenance(self._id))
        except Unreachable as error:
            if rules.required:
                raise
            pulumi.log.warn(f"{error}. The change goes by the declared times", resource=self._window)
            return None
        if remote is None:
            raise Refused(f"“{self._name}” is no longer on the page. Nothing was changed. Run `pulumi refresh`")
        return remote

    async def _extend(self, remote: Maintenance, up_to: timedelta) -> Maintenance:
        recorded = await self._recorded()
        if remote.window is None:
            return remote
        end = gate.extended(remote.window[1], recorded.window[1], up_to, self._now())
        if end is None:
            return remote
        window: Window = (remote.window[0], end)
        pulumi.log.info(f"“{remote.name}” is extended to {gate.moment(end)}", resource=self._window)
        return await self._call(lambda service: service.update_maintenance(self._id, remote.name, window))

    async def _keep_extending(self, up_to: timedelta) -> None:
        while True:
            left = 10 * LOOK_AGAIN_S
            try:
                remote = await self._call(lambda service: service.show_maintenance(self._id))
                if remote is None or remote.phase == "complete":
                    return
                remote = await self._extend(remote, up_to)
                if remote.window is not None:
                    left = (remote.window[1] - self._now() - gate.EXTEND_BEFORE).total_seconds()
            except StatusPageError as error:
                pulumi.log.warn(f"“{self._name}” could not be extended: {error}", resource=self._window)
            await asyncio.sleep(max(LOOK_AGAIN_S, left))

    def _ended(self) -> None:
        """One covered change has ended. With the last of them, the end of the window stays where it is."""
        self._working -= 1
        if self._working == 0 and self._extending is not None:
            self._extending.cancel()
            self._extending = None

    async def _settled(self, message: str | None) -> bool:
        """Complete the window if its work is done. Answers whether it was completed by this."""
        if await self._window_output("phase") is None:
            # Nothing was announced: the program runs under a test's mocks.
            return False
        recorded = await self._recorded()
        if not self._used and (recorded.phase == "complete" or self._now() < recorded.window[0]):
            return False
        try:
            remote = await self._call(lambda service: service.show_maintenance(self._id))
            if remote is None or remote.phase == "complete":
                return False
            if not self._used and not gate.is_left_open(recorded, remote, self._messages, self._now()):
                return False
            await self._post("complete", message or COMPLETED, remote, STATUSES["complete"])
        except StatusPageError as error:
            # The work is done, or there was none: that the page cannot be told must not fail the run.
            pulumi.log.warn(f"“{self._name}” could not be completed: {error}. The next run does", resource=self._window)
            return False
        return True

    async def _failed(self, resource: str, rules: Rules) -> None:
        self._ended()
        if not self._used:
            # The change ran outside the window, on purpose: the window has nothing to tell of it.
            return
        recorded = await self._recorded()
        try:
            remote = await self._call(lambda service: service.show_maintenance(self._id))
            if remote is None:
                return
            if rules.on_failure == "incident":
                await self._open_incident(recorded, rules)
            elif rules.on_failure == "complete" and remote.phase != "complete":
                message = rules.failure_message or "This maintenance has ended."
                await self._post("complete", message, remote, STATUSES["complete"])
            elif rules.on_failure == "keep" and rules.failure_message is not None and remote.phase != "complete":
                await self._post("update", rules.failure_message, remote, None)
        except StatusPageError as error:
            pulumi.log.warn(f"{resource} failed, and the page could not be told: {error}", resource=self._window)

    async def _open_incident(self, recorded: MaintenanceState, rules: Rules) -> None:
        declared = recorded.declared
        statuses = [
            {"component_id": component, "component_status": "degraded_performance"}
            for component in declared.affected_component_ids
        ]
        incident = IncidentInputs(
            status_page_id=declared.status_page_id,
            name=declared.name,
            message=rules.failure_message or "Maintenance did not go as planned. We are looking into it.",
            component_statuses=statuses,
            notify_subscribers=declared.notifies("update"),
            idempotency_key=f"{declared.idempotency_key}.failure",
        )
        # One window has one incident: its id makes the key, so a change that fails again opens no other.
        key = f"{self._id}.failure"
        service = open_incidents(await settings_of(self._window))
        await asyncio.to_thread(service.create_incident, incident, idempotency_key=key)

    async def _post(self, event: Event, message: str, remote: Maintenance, status: str | None) -> None:
        """Publish once: what stands in the timeline already, from a run that was killed, is not posted again."""
        recorded = await self._recorded()
        post = Post(event, message, status, notify_subscribers=recorded.declared.notifies(event))
        if status is None and post.found_in(remote.updates):
            return
        known = remote.last_update_id
        await self._call(
            lambda service: publish(post, self._id, known, service.create_maintenance_update, service.show_maintenance)
        )

    async def _call(self, call: Callable[[MaintenanceService], Result]) -> Result:
        # The hooks share the program's event loop, which a call that waits would stop.
        service = open_maintenances(await settings_of(self._window))
        return await asyncio.to_thread(call, service)


def covering_window(hook: str) -> str | None:
    """The resource name of the window that a hook of this name stands for, or None for a hook that is not ours."""
    # A resource name may hold slashes, so it is what the other parts leave.
    parts = hook.rsplit("/", 3)
    head, slash, window = parts[0].partition("/")
    return window if len(parts) == 4 and head == "statuspage" and slash else None


def _standing(recorded: MaintenanceState, remote: Maintenance | None) -> Standing:
    if remote is None:
        return Standing(recorded.declared.name, recorded.phase, recorded.window, recorded.automated)
    window = remote.window or recorded.window
    return Standing(remote.name, remote.phase, window, remote.automate_maintenance_status)
