"""The window follows the work: hooks around the resources that a maintenance window covers.

Runs in the program's process. The engine calls the hooks only for resources that really change.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

import pulumi

from .. import clock, times
from ..errors import Refused
from ..times import Window
from . import admission
from .admission import Admission, WindowStatus
from .announced import Announced
from .hook_names import hook_name, read_hook_name
from .session import CoveringOptions, Session

HOOKS: Counter[str] = Counter()
"""How many hooks each window's name has: two windows under different components may share a name, no two hooks may."""


class Cover:
    """The program's side: which resources a window covers, and when it is to be completed."""

    def __init__(self, window: pulumi.CustomResource, name: str, declared: Mapping[str, Any]) -> None:
        self._window = window
        self._name = name
        self._declared = declared
        self._session = Session(Announced(window), name)
        self._hooks: set[str] = set()
        self._told = False

    def resource_options(self, opts: pulumi.ResourceOptions | None, options: CoveringOptions) -> pulumi.ResourceOptions:
        """`opts` with the window as a dependency and the hooks that guard the change."""
        self._refuse_another_window(opts)
        if options.in_progress_message is not None:
            self._session.messages.add(options.in_progress_message)
        self._session.begins_early = self._session.begins_early or options.outside == "start"
        answer = self._foreseen(options)
        # What is deleted before it is replaced would be gone before the hook can refuse the replacement.
        refuses = answer is not None and answer.refused is not None
        covered = pulumi.ResourceOptions(
            depends_on=[self._window],
            hooks=self._bind(options, refuses),
            transformations=[self._refuse_component],
            delete_before_replace=False if refuses else None,
        )
        if options.outside == "hold":
            if line := self._held():
                if not self._told:
                    pulumi.log.info(line, resource=self._window)
                    self._told = True
                covered.ignore_changes = ["*"]
            else:
                covered.transforms = [self._hold]
        return pulumi.ResourceOptions.merge(opts, covered)

    def complete_after(self, resources: tuple[pulumi.Resource, ...], message: str | None) -> None:
        """Complete the window once all of `resources` have settled. Where one failed this is not reached."""
        if self._hooks and not resources:
            raise Refused("complete_after: name the resources whose end is the end of the window")
        for resource in resources:
            if isinstance(resource, pulumi.ComponentResource):
                # A component is settled as soon as it is registered, while its children still work.
                raise Refused(
                    "complete_after: a component says nothing of when its work ends: name the resources in it"
                )
        if pulumi.runtime.is_dry_run():
            return

        async def settled(urns: list[str]) -> None:
            missing = [urn for urn, resource in zip(urns, resources, strict=True) if not await _is_known(resource)]
            await self._session.complete_when_idle(missing, message)

        # Nobody reads it, but the program does not end before it is known.
        self._done: pulumi.Output[None] = pulumi.Output.all(*[resource.urn for resource in resources]).apply(settled)

    def _refuse_another_window(self, opts: pulumi.ResourceOptions | None) -> None:
        hooks = opts.hooks.before_update if opts is not None and opts.hooks is not None else None
        for name in (getattr(hook, "name", "") for hook in hooks or []):
            other = read_hook_name(name)
            if other is not None and name not in self._hooks:
                raise Refused(f"covering: the resource is covered by “{other.window}” already. One window covers it")

    def _refuse_component(self, args: pulumi.ResourceTransformationArgs) -> None:
        # The children of what is covered come by here too.
        if isinstance(args.resource, pulumi.ComponentResource) and self._covers(args.opts):
            raise Refused(
                f"covering: {args.name} is a component, which changes nothing itself: its children would not be guarded"
                ". Hand it `lambda opts: window.covering(opts)`, and give that to each resource in it"
            )

    async def _hold(self, args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        """Keep the present inputs where the page says that the window is not open."""
        try:
            if not self._covers(args.opts) or not await self._session.held():
                return None
        except Exception:
            # It would end the whole program, and not as one line. The hook meets it too, and says it.
            return None
        args.opts.ignore_changes = ["*"]
        return pulumi.ResourceTransformResult(args.props, args.opts)

    def _covers(self, opts: pulumi.ResourceOptions) -> bool:
        hooks = opts.hooks.before_update if opts.hooks is not None else None
        return any(getattr(hook, "name", None) in self._hooks for hook in hooks or [])

    def _bind(self, options: CoveringOptions, replaces_first: bool) -> pulumi.ResourceHookBinding:
        async def before(args: pulumi.ResourceHookArgs) -> None:
            if pulumi.runtime.is_dry_run():
                self._foretell(args.name, options)
            else:
                creates = args.old_inputs is None and args.old_outputs is None
                await self._session.before(args.urn, options, creates=creates, replaces_first=replaces_first)

        async def after(args: pulumi.ResourceHookArgs) -> None:
            await self._session.after(args.urn)

        async def failed(args: pulumi.ErrorHookArgs) -> bool:
            # A deletion has no hook before it: it is no work that was counted.
            if args.failed_operation != "delete":
                await self._session.failed(args.urn, options)
            return False

        HOOKS[self._name] += 1
        # The engine records the names in state and shows them in a plan: they say what covers the resource, and how.
        name = partial(hook_name, self._name, HOOKS[self._name], options.outside)
        # In a preview the hook posts nothing: it says what would happen.
        ahead = pulumi.ResourceHook(name("before"), before, pulumi.ResourceHookOptions(on_dry_run=True))
        # Where the program has been interrupted, nobody is there to be told. The work is done all the same.
        told = pulumi.ResourceHookOptions(ignore_errors=True)
        behind = pulumi.ResourceHook(name("after"), after, told)
        self._hooks.add(ahead.name)
        return pulumi.ResourceHookBinding(
            before_create=[ahead],
            before_update=[ahead],
            after_create=[behind],
            after_update=[behind],
            # Where it cannot be called, as after a Ctrl-C, the engine shows that in place of what really failed.
            on_error=[pulumi.ErrorHook(name("failed"), failed)] if options.need_failures else None,
        )

    def _foretell(self, resource: str, options: CoveringOptions) -> None:
        """Say in a preview what an `up` at this moment would do."""
        answer = self._foreseen(options)
        if answer is None:
            return
        if answer.refused:
            line = f"{resource}: as of now, `up` would be refused: {answer.refused}. {answer.fix}"
            pulumi.log.info(line, resource=self._window)
        elif answer.says:
            pulumi.log.info(f"{resource}: {answer.says}", resource=self._window)

    def _foreseen(self, options: CoveringOptions) -> Admission | None:
        """What a change would be told at this moment, as far as the declared times tell it while the program runs."""
        window = self._declared_window()
        if window is None:
            return None
        return admission.admit(
            WindowStatus(str(self._declared["name"]), "scheduled", window, True), options.outside, clock.now()
        )

    def _held(self) -> str | None:
        """Why changes are held in this run, as far as the declared times tell it while the program runs."""
        window = self._declared_window()
        return None if window is None else admission.held(str(self._declared["name"]), window, clock.now())

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


async def _is_known(resource: pulumi.Resource) -> bool:
    """Whether the engine knows what became of a resource. One that failed or was skipped while it went on has a URN,
    and nothing else is known of it."""
    outputs = [value for value in vars(resource).values() if isinstance(value, pulumi.Output)]
    return all(await asyncio.gather(*[output.is_known() for output in outputs]))
