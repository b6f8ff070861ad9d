"""What a window covers: resources, components with all that is in them, whole stacks; and when it is complete.

Runs in the program's process. Local resources pass by as objects while they are made, and their options are changed as
they are. What a remote component makes only the engine sees: it asks the program about each of these resources.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import pulumi

from ..engine_formats import TYPE_PREFIX
from ..errors import Refused
from ..statuses import Outside, OutsideDeletion
from . import admission
from .admission import DELETING, Admission
from .announced import Announced
from .declared import DeclaredWindow
from .hook_names import read_hook_name
from .hooks import Hooks, ResourceKey, bind_deletions, names_on, place_of
from .options import CoveringOptions
from .participants import full_names
from .run_end import ahead_of_the_end, at_the_end, record_at_the_end
from .session import Session
from .several_stacks import SeveralStacks


class Cover:
    """The program's side: which resources a window covers, and when it is to be completed."""

    def __init__(
        self,
        window: pulumi.CustomResource,
        name: str,
        declared: Mapping[str, Any],
        opts: pulumi.ResourceOptions,
        record: list[str] | None = None,
        id_: pulumi.Input[str] | None = None,
    ) -> None:
        """`opts` are the window's own. `id_` is that of a window which the program only finds."""
        announced = Announced(window, id_)
        self._window = window
        self._declared = DeclaredWindow(declared, name, opts.ignore_changes or ())
        self._session = Session(announced)
        self._hooks = Hooks(name, place_of(opts.parent), self._session, announced, self._declared)
        self._covered: list[pulumi.Resource] = []
        self._components: list[pulumi.Resource] = []
        self._record = [] if record is None else record
        self._told_held = False

    def resource_options(self, opts: pulumi.ResourceOptions | None, options: CoveringOptions) -> pulumi.ResourceOptions:
        """`opts` for a resource that the window covers, or for a component, whose resources it then covers."""
        for transformation in (opts.transformations if opts is not None else None) or []:
            given = getattr(transformation, "__self__", None)
            if isinstance(given, Scope) and given.cover is not self:
                raise Refused(
                    f"covering: “{given.cover.name}” already covers the resource, and it can have only one window"
                )
        self._refuse_untold("covering", options)
        scope = Scope(self, options)
        return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(transformations=[scope.local]))

    def cover_stack(self, types: Sequence[str] | None, options: CoveringOptions) -> None:
        """Cover every resource of these types that the program declares from now on."""
        if isinstance(types, str) or not all(isinstance(one, str) for one in types or []):
            raise Refused('cover_stack: types must be a list of resource types, such as ["aws:rds/*"]')
        self._refuse_untold("cover_stack", options)
        scope = Scope(self, options, whole_stack=True, types=types)
        before = {one.pulumi_resource_name for one in _made() if scope.takes(one, one.pulumi_resource_type)}
        if before:
            raise Refused(
                f"cover_stack: {', '.join(sorted(before)[:3])} was declared before it and would not be guarded: call "
                "cover_stack right after the window"
            )
        pulumi.runtime.register_stack_transformation(scope.local)

    def guard_deletions(self, outside: OutsideDeletion) -> None:
        """Guard the deletions of what is covered."""
        if outside not in DELETING:
            raise Refused(f'guard_deletions: outside="{outside}" is not one of {", ".join(DELETING)}')
        if self._hooks.are_bound:
            raise Refused("guard_deletions: call it before covering, or what is covered already is not guarded")
        self._hooks.bind_deletions(CoveringOptions.of(outside))

    def complete_after(
        self, resources: tuple[pulumi.Resource, ...], stacks: Sequence[str] | None, message: str | None
    ) -> None:
        """Complete the window once all of `resources`, and all that it covers besides, have settled. Where one failed
        this is not reached."""
        self._refuse_text("complete_after: message", message)
        if stacks is not None:
            self._complete_with_others(resources, full_names(stacks), message)
            return
        if pulumi.runtime.is_dry_run():
            return
        if not resources or self._hooks.guard_deletions or any(map(_is_component, resources)):
            # Only the end of the run tells that all in a component has settled, and that deletions are done.
            ahead_of_the_end(lambda: self._go_on(resources, message))
            at_the_end(lambda: self._finish(resources, message))
            return

        async def settled(_: list[str]) -> None:
            # What else it covers may be under way before any hook tells: between the two halves of a replacement. What
            # is skipped because of another failure never gets to a hook.
            await self._session.complete_when_idle(await _unknown([*resources, *self._covered]), message)

        # Nobody reads it, but the program does not end before it is known.
        self._done: pulumi.Output[None] = pulumi.Output.all(*[resource.urn for resource in resources]).apply(settled)

    def _refuse_untold(self, call: str, options: CoveringOptions) -> None:
        self._refuse_text(f"{call}: in_progress_message", options.in_progress_message)
        if options.on_failure != "incident":
            self._refuse_text(f"{call}: failure_message", options.failure_message)

    def _refuse_text(self, what: str, text: str | None) -> None:
        """Raise Refused for a text on a service where a window has no timeline to publish it in."""
        if text is not None and not self._declared.has_timeline:
            raise Refused(
                f"{what}: “{self.name}” is on a service whose windows have no timeline to publish it in: remove it"
            )

    def _complete_with_others(
        self, resources: tuple[pulumi.Resource, ...], stacks: tuple[str, ...], message: str | None
    ) -> None:
        shared = SeveralStacks(
            self._session,
            stacks,
            unknown=lambda: self._unknown(resources),
            guards_deletions=self._hooks.guard_deletions,
        )
        record_at_the_end(shared.record)
        if not pulumi.runtime.is_dry_run():
            at_the_end(lambda: shared.finish(message))

    async def _go_on(self, resources: Iterable[pulumi.Resource], message: str | None) -> None:
        """Where the engine goes on after a failure, the run may have no end. Guarded deletions are still to come."""
        if not await self._session.goes_on():
            return
        unknown = await self._unknown(resources)
        if unknown or not self._hooks.guard_deletions:
            await self._session.complete_when_idle(unknown, message)

    async def _finish(self, resources: Iterable[pulumi.Resource], message: str | None) -> None:
        await self._session.finish(await self._unknown(resources), message)

    async def _unknown(self, resources: Iterable[pulumi.Resource]) -> list[str]:
        """Of these resources, all that stands under them and all that is covered: those of which nothing is known."""
        return await _unknown([*_within(resources), *self._covered])

    @property
    def name(self) -> str:
        """The window's resource name."""
        return self._window.pulumi_resource_name

    def guards(self, options: CoveringOptions) -> pulumi.ResourceOptions:
        """What guards a resource: the window as a dependency, and hooks."""
        if options.in_progress_message is not None:
            self._session.messages.add(options.in_progress_message)
        self._session.begins_early = self._session.begins_early or options.outside == "start"
        answer = self._declared.admission(options.outside)
        # What is deleted before it is replaced would be gone before the hook can refuse the replacement.
        refuses = answer is not None and answer.refused is not None
        guards = pulumi.ResourceOptions(
            depends_on=[self._window],
            hooks=self._hooks.around(options),
            delete_before_replace=False if refuses else None,
        )
        if options.outside == "hold" and answer is not None and refuses and not pulumi.runtime.is_dry_run():
            self.hold(guards, answer)
        return guards

    def hold(self, opts: pulumi.ResourceOptions, answer: Admission) -> None:
        """Let the resource of these options keep its present inputs in this run."""
        opts.ignore_changes = ["*"]
        if not self._told_held:
            pulumi.log.info(admission.held(answer), resource=self._window)
            self._told_held = True
        # What is held would be left undone.
        self._session.holds_back = True

    def took(self, resource: pulumi.Resource, key: ResourceKey) -> None:
        """A local resource is covered. It is only being made, and does not know its name yet."""
        self._covered.append(resource)
        self._hooks.covered.add(key)
        self._record.append(key[1])

    def reached(self, component: pulumi.Resource) -> None:
        """What a component makes is covered from now on."""
        self._components.append(component)

    def left_out(self, resource: pulumi.Resource) -> list[pulumi.Resource]:
        """What the window does not cover: the resource itself, or of a component what is in it."""
        found = [resource]
        if _is_component(resource):
            found = [one for one in _within(found) if _can_be_covered(one, one.pulumi_resource_type)]
            if not found and resource not in self._components:
                return [resource]
        return [one for one in found if one not in self._covered]

    def took_unseen(self) -> None:
        """A resource of a remote component is covered: only its changes are seen."""
        self._session.has_unseen = True

    def replaces_first(self, resource: ResourceKey) -> None:
        """A replacement of the resource begins with the new one, so that nothing is deleted if it is refused."""
        self._hooks.replaced_first.add(resource)

    async def refusal(self, outside: Outside) -> Admission | None:
        """Why the page refuses a change that the declared times let in, or of which the program knows no times.

        A preview is not told: it shows the change, as it will be made once the window is open.
        """
        if pulumi.runtime.is_dry_run():
            return None
        try:
            return await self._session.refusal(outside)
        except Exception:
            # It would end the whole program, and not as one line. The hook meets it too, and says it.
            return None


class Scope:
    """One call of `covering` or `cover_stack`: what it reaches."""

    def __init__(
        self,
        cover: Cover,
        options: CoveringOptions,
        *,
        whole_stack: bool = False,
        types: Sequence[str] | None = None,
    ) -> None:
        self.cover = cover
        self._options = options
        self._whole_stack = whole_stack
        self._types = types
        self._inside: set[pulumi.Resource] = set()

    def takes(self, resource: object, type_: str) -> bool:
        """Whether a resource is of those that can be covered, and of the types that were asked for."""
        if not _can_be_covered(resource, type_):
            return False
        return self._types is None or any(fnmatchcase(type_, pattern) for pattern in self._types)

    def local(self, args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        """Guard a resource that the program itself makes. All that stands under what is covered comes by here too."""
        resource, opts = args.resource, args.opts
        is_given = self.local in (opts.transformations or [])
        within = opts.parent in self._inside
        if _is_component(resource):
            if not (is_given or within or self._whole_stack):
                return None
            self._inside.add(resource)
            self.cover.reached(resource)
            if within:
                return None
            opts = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(transforms=[self.remote]))
            return pulumi.ResourceTransformationResult(args.props, opts)
        if within:
            self._inside.add(resource)
        # Where the resource has a window of its own, that one wins: what is inside is made, and comes by, first.
        wanted = is_given or ((within or self._whole_stack) and self.takes(resource, args.type_))
        if not wanted or _is_covered(opts):
            return None
        if self._options.tells_failures and opts.hooks is not None and opts.hooks.on_error:
            raise Refused(
                f"covering: {args.name} has an error hook of its own, which may try again, so what is told of a "
                'failure may not be so. Use on_failure="keep" without failure_message'
            )
        self.cover.took(resource, (args.type_, args.name))
        guards = self.cover.guards(self._options)
        if guards.delete_before_replace is False:
            self.cover.replaces_first((args.type_, args.name))
        elif self._options.outside != "warn":
            guards.transforms = [self._by_page]
        return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(opts, guards))

    async def remote(self, args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        """Guard a resource that a remote component makes. One that the program made has its guard already."""
        if not args.custom or _is_covered(args.opts) or not self.takes(None, args.type_):
            return None
        self.cover.took_unseen()
        guards = self.cover.guards(self._options)
        opts = pulumi.ResourceOptions.merge(args.opts, guards)
        if guards.delete_before_replace is False:
            self._replace_first(args, opts)
        elif self._options.outside != "warn":
            await self._restrain(args, opts)
        return pulumi.ResourceTransformResult(args.props, opts)

    async def _by_page(self, args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        """Go by the page where the declared times say that the window is open, or where the program knows none."""
        # What stands under a covered resource comes by here too.
        if not _is_covered(args.opts) or not await self._restrain(args, args.opts):
            return None
        return pulumi.ResourceTransformResult(args.props, args.opts)

    async def _restrain(self, args: pulumi.ResourceTransformArgs, opts: pulumi.ResourceOptions) -> bool:
        """Change the options where the page refuses the change. Answers whether it does."""
        refusal = await self.cover.refusal(self._options.outside)
        if refusal is None:
            return False
        if self._options.outside == "hold":
            self.cover.hold(opts, refusal)
        else:
            self._replace_first(args, opts)
        return True

    def _replace_first(self, args: pulumi.ResourceTransformArgs, opts: pulumi.ResourceOptions) -> None:
        opts.delete_before_replace = _SENT_FALSE
        self.cover.replaces_first((args.type_, args.name))


class _SentFalse(int):
    """False, for a transform: the SDK sends its `delete_before_replace` only if that is truthy, as a number."""

    def __bool__(self) -> bool:
        return True


_SENT_FALSE: Any = _SentFalse(0)


def release_deletions(window: str, parent: pulumi.Resource | None = None) -> None:
    """Let go the deletions of what a window guarded that has left the program.

    State still names the hooks of `guard_deletions`, and the engine refuses to delete what has hooks that no program
    registers: `hook "statuspage/…" was not registered`. One `pulumi up` with this call deletes them, each with a line;
    after it the call can go too. To keep a guard, keep the window and run inside it instead.

    `window`: the resource name that the window had. `parent`: what it stood under, if anything;
    a component that has gone too is declared once more for that run, empty, of the same type and name.
    """

    async def before(args: pulumi.ResourceHookArgs) -> None:
        if not pulumi.runtime.is_dry_run():
            pulumi.log.warn(f"{args.name} is deleted without a window: “{window}” has left the program")

    async def after(_: pulumi.ResourceHookArgs) -> None:
        return

    bind_deletions(window, place_of(parent), before, after)


def _is_component(resource: object) -> bool:
    return isinstance(resource, pulumi.ComponentResource)


def _can_be_covered(resource: object, type_: str) -> bool:
    return not _is_component(resource) and not type_.startswith(("pulumi:", TYPE_PREFIX))


def _is_covered(opts: pulumi.ResourceOptions) -> bool:
    return any(read_hook_name(name) is not None for name in names_on(opts))


def _made() -> list[pulumi.CustomResource]:
    """The resources that this run has made. The SDK keeps no list of them, but the interpreter knows its objects."""
    made = [one for one in gc.get_objects() if issubclass(type(one), pulumi.CustomResource) and "urn" in vars(one)]
    # An earlier program of this process, as the Automation API runs them, had a loop of its own.
    loop = asyncio.get_running_loop()
    return [one for one in made if getattr(getattr(one.urn, "_data", None), "_loop", loop) is loop]


def _within(resources: Iterable[pulumi.Resource]) -> Iterator[pulumi.Resource]:
    """These resources and all that stands under them, as far as the program made it."""
    for resource in resources:
        yield resource
        yield from _within(list(getattr(resource, "_childResources", ())))


async def _unknown(resources: Iterable[pulumi.Resource]) -> list[str]:
    """The URNs of those of which the engine does not know what became."""
    # What is named is covered too, as a rule.
    unknown = [one for one in dict.fromkeys(resources) if not await _is_known(one)]
    return [await one.urn.future() or one.pulumi_resource_name for one in unknown]


async def _is_known(resource: pulumi.Resource) -> bool:
    """One that failed, or was skipped while the engine went on, has a URN, and nothing else is known of it."""
    outputs = [value for value in vars(resource).values() if isinstance(value, pulumi.Output)]
    return all(await asyncio.gather(*[output.is_known() for output in outputs]))
