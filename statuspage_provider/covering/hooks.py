"""The hooks that the engine calls around a covered change, in the program's process; never for what is unchanged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

import pulumi

from ..statuses import Outside
from . import admission
from .admission import DELETING
from .announced import Announced
from .declared import DeclaredWindow
from .hook_names import hook_key, hook_name
from .options import CoveringOptions
from .session import Session

ResourceKey = tuple[str, str]
"""What a resource is known by before it has a URN: its type and its name."""

Hook = Callable[[pulumi.ResourceHookArgs], Awaitable[None]]


class Hooks:
    """The hooks of one window: one set for each way in which it covers, whatever the number of resources."""

    def __init__(
        self, window: str, place: str, session: Session, announced: Announced, declared: DeclaredWindow
    ) -> None:
        self._window = window
        self._place = place
        self._session = session
        self._announced = announced
        self._declared = declared
        self._bindings: dict[CoveringOptions, pulumi.ResourceHookBinding] = {}
        self._deletions: pulumi.ResourceHookBinding | None = None
        self.covered: set[ResourceKey] = set()
        """The resources that the program makes under the window."""
        self.replaced_first: set[ResourceKey] = set()
        """The resources whose replacement begins with the new one, since it is refused as of now."""

    def around(self, options: CoveringOptions) -> pulumi.ResourceHookBinding:
        """The hooks of a resource that is covered in this way."""
        if options not in self._bindings:
            self._bindings[options] = self._bind(options)
        return self._bindings[options]

    @property
    def are_bound(self) -> bool:
        """Whether the window covers anything."""
        return bool(self._bindings)

    @property
    def guard_deletions(self) -> bool:
        return self._deletions is not None

    def bind_deletions(self, options: CoveringOptions) -> None:
        """Guard the deletions of what is covered from now on."""

        async def before(args: pulumi.ResourceHookArgs) -> None:
            if pulumi.runtime.is_dry_run():
                await self._foretell(args.name, options.outside, creates=False)
            else:
                returns = (args.type, args.name) in self.covered
                await self._session.before(args.urn, options, deletes=True, returns=returns)

        self._deletions = bind_deletions(self._window, self._place, before, self._after)[options.outside]

    def _bind(self, options: CoveringOptions) -> pulumi.ResourceHookBinding:
        async def before(args: pulumi.ResourceHookArgs) -> None:
            creates = args.old_inputs is None and args.old_outputs is None
            if pulumi.runtime.is_dry_run():
                await self._foretell(args.name, options.outside, creates)
            else:
                first = (args.type, args.name) in self.replaced_first
                await self._session.before(args.urn, options, creates=creates, replaces_first=first)

        async def failed(args: pulumi.ErrorHookArgs) -> bool:
            # A deletion that is not guarded is no work that was counted.
            if args.failed_operation != "delete" or self.guard_deletions:
                await self._session.failed(args.urn, options)
            return False

        name = partial(hook_name, self._window, hook_key(self._place, options), options.outside)
        # In a preview the hook posts nothing: it says what would happen.
        ahead = pulumi.ResourceHook(name("before"), before, pulumi.ResourceHookOptions(on_dry_run=True))
        behind = pulumi.ResourceHook(name("after"), self._after, _MAY_FAIL)
        deletions = self._deletions
        return pulumi.ResourceHookBinding(
            before_create=[ahead],
            before_update=[ahead],
            after_create=[behind],
            after_update=[behind],
            before_delete=deletions.before_delete if deletions is not None else None,
            after_delete=deletions.after_delete if deletions is not None else None,
            # Where it cannot be called, as after a Ctrl-C, the engine shows that in place of what really failed.
            on_error=[pulumi.ErrorHook(name("failed"), failed)] if options.need_failures else None,
        )

    async def _after(self, args: pulumi.ResourceHookArgs) -> None:
        await self._session.after(args.urn)

    async def _foretell(self, resource: str, outside: Outside, creates: bool) -> None:
        """Say in a preview what an `up` at this moment would do."""
        answer = self._declared.admission(outside)
        if outside == "hold" and (answer is None or not answer.refused):
            # Where the program does not know the times, or the page does not keep to them, the page tells.
            answer = await self._session.refusal("hold") or answer
        elif answer is None:
            answer = await self._session.foresee(outside)
        line = admission.foretold(resource, answer, outside, creates) if answer is not None else None
        if line is not None:
            self._announced.info(line)


# Where the program has been interrupted, nobody is there to be told. The work is done all the same.
_MAY_FAIL = pulumi.ResourceHookOptions(ignore_errors=True)


def bind_deletions(window: str, place: str, before: Hook, after: Hook) -> dict[Outside, pulumi.ResourceHookBinding]:
    """The hooks around a deletion, by what happens outside the window.

    The engine finds them by the names that state has, which an earlier program gave. So there is one for each
    `outside`, and the name depends on nothing else that a program may change.
    """
    found: dict[Outside, pulumi.ResourceHookBinding] = {}
    for outside in DELETING:
        name = partial(hook_name, window, hook_key(place), outside)
        found[outside] = pulumi.ResourceHookBinding(
            before_delete=[
                pulumi.ResourceHook(name("before_delete"), before, pulumi.ResourceHookOptions(on_dry_run=True))
            ],
            after_delete=[pulumi.ResourceHook(name("after_delete"), after, _MAY_FAIL)],
        )
    return found


def names_on(opts: pulumi.ResourceOptions | None) -> list[str]:
    """The names of the hooks before an update."""
    hooks = opts.hooks.before_update if opts is not None and opts.hooks is not None else None
    return [str(getattr(hook, "name", "")) for hook in hooks or []]


def place_of(parent: pulumi.Resource | None) -> str:
    """What tells apart two windows of one name: under which resource each stands."""
    return "" if parent is None else f"{parent.pulumi_resource_type}::{parent.pulumi_resource_name}"
