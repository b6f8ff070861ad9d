"""Unit tests of a program: Pulumi's mocks, which refuse what `up` refuses, and tell what it would announce.

    from statuspage_provider import testing

    def test_the_upgrade_is_announced_and_the_database_covered():
        mocks = testing.Mocks()
        program = mocks.run(lambda: runpy.run_path("infrastructure"), config={"pageId": "01HZACME…"})
        testing.assert_covered(program["database"], program["window"])
        assert [notice.event for notice in mocks.notices] == ["scheduled", "in_progress", "complete"]

A test framework is not needed, and none is loaded.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, TypeVar

import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.settings import set_root_resource

from . import clock, times
from .engine_formats import name_of
from .errors import Refused
from .idempotency import of_another
from .inputs import IncidentInputs, MaintenanceInputs
from .lifecycle.planned import resolve
from .maintenance import StatusPageMaintenance
from .remote import Maintenance
from .services.settings import Config
from .state import IncidentState, MaintenanceState
from .statuses import PHASES
from .summary.forecast import by_the_service
from .summary.rehearsal import PROVIDERS, Provider, Rehearsal
from .summary.stand_in import Act, StandIn

__all__ = ["Mocks", "Notice", "assert_covered"]

Answer = TypeVar("Answer")

_ACCOUNT = "pulumi:providers:pulumi-python"


@dataclass(frozen=True)
class Notice:
    """One public post.

    `resource` is the name of the resource in the program, `name` the title on the page.
    `event`: what subscribers could be told of a window (`MaintenanceEvent`), or the status of an incident.
    `at`: when, in UTC, such as "2027-03-06T21:00:00Z".
    `subscribers`: whether it is emailed. None: it is of a window that is taken over, and only the page knows.
    `message`: the text, as Markdown. None where the service has a text of its own.
    """

    resource: str
    event: str
    at: str
    subscribers: bool | None
    name: str
    message: str | None = None


class Mocks(pulumi.runtime.Mocks):
    """Mocks for a program that has resources of this package, for `run` or for Pulumi's own `set_mocks`.

    A window or an incident goes through the same checks as in `pulumi up`, and what they refuse is raised as Refused,
    all of a resource in one line. Its outputs are those of one that was just announced on an empty page. Nothing is
    sent, and no key is needed. The time is that of `STATUSPAGE_NOW`, if it is set, as in any run.

    `others`: your own mocks for the resources and calls of other packages. Default: a resource has its name as its id,
    and its inputs as outputs.
    """

    def __init__(self, others: pulumi.runtime.Mocks | None = None) -> None:
        self._others = others or _Echo()
        self._accounts: dict[str, Mapping[str, Any]] = {}
        self._notices: list[Notice] = []
        self._made: dict[tuple[str, str], str] = {}
        """The names of resources, by what they made on the page."""
        # The SDK asks from several threads at once.
        self._one_at_a_time = Lock()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """All that the page would publish once the program has been deployed for the first time, by time.

        That is what the resources announce, and what the service publishes by itself at the start and the end of a
        window. What covering posts with the work is not in it: there is no work.
        """
        return tuple(sorted(self._notices, key=lambda notice: (notice.at, notice.resource)))

    def run(self, program: Callable[[], Answer], *, config: Mapping[str, str] | None = None) -> Answer:
        """Run a program under these mocks, to its end, and answer what it answers.

        Each run has a stack of its own, and nothing of it is left in the process. What is refused, by the check of an
        input or a call such as `covering`, is raised here.

        `config`: stack config, in addition to what is set. A key without a namespace is the project's.
        """

        def deploy() -> Answer:
            given = {key if ":" in key else f"project:{key}": value for key, value in (config or {}).items()}
            pulumi.runtime.set_all_config({**pulumi.runtime.config.CONFIG.get(), **given})
            # The stack of an earlier run has its transformations, such as those of `cover_stack`.
            set_root_resource(None)  # type: ignore[arg-type]
            pulumi.runtime.set_mocks(self)
            loop = asyncio.get_event_loop()
            loop.set_default_executor(answering)
            answers: list[Answer] = []
            try:
                pulumi.runtime.test(lambda: answers.append(program()))()  # type: ignore[no-untyped-call]
            except BaseException:
                # Each output of what failed would say later, whenever it goes, that nobody has heard of it.
                loop.set_exception_handler(lambda *_: None)
                raise
            return answers[0]

        with _thread() as deploying, _thread() as answering:
            return deploying.submit(contextvars.copy_context().run, deploy).result()

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        """Called by the SDK for each resource. Raises Refused for one of ours that `check` refuses."""
        if args.typ == _ACCOUNT:
            self._accounts[args.name] = {name: _bare(value) for name, value in args.inputs.items()}
        if args.typ not in PROVIDERS or args.resource_id:
            # One that is only read is on a page that is not here.
            return self._others.new_resource(args)
        with self._one_at_a_time:
            return self._announce(args)

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        """Called by the SDK for each function of a provider."""
        return self._others.call(args)

    @cached_property
    def _rehearsal(self) -> Rehearsal:
        return Rehearsal(StandIn(clock.now()))

    def _announce(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[Any, Any]]:
        provider, page = self._rehearsal.provider(args.typ), self._rehearsal.page
        provider.config = self._config(args.provider)
        given = {name: _bare(value) for name, value in args.inputs.items() if name != "__provider"}
        checked = provider.check({}, given)
        if checked.failures:
            faults = [
                f"{fault.property}: {fault.reason}" if fault.property else fault.reason for fault in checked.failures
            ]
            raise Refused(f"{args.name}: {'; '.join(faults)}")
        inputs, first = dict(checked.inputs), len(page.acts)
        if inputs.get("adopt_id") is not None:
            page.know(inputs["adopt_id"], _taken_over(provider, inputs, page))
        made = provider.create(inputs)
        recorded, what = made.outs or {}, (args.typ, str(made.id))
        if inputs.get("adopt_id") is None and self._made.get(what, args.name) != args.name:
            raise of_another(args.name, self._made[what])
        if what not in self._made:
            # A test may declare it again under these mocks: it was announced by then.
            posts = [act for act in page.acts[first:] if act.is_public]
            self._notices += _posted(args.name, posts, recorded, page)
            self._notices += _later(args.name, str(made.id), recorded, page)
        self._made.setdefault(what, args.name)
        secret = {name for name, value in args.inputs.items() if rpc.is_rpc_secret(value)}
        outs = {name: rpc.wrap_rpc_secret(value) if name in secret else value for name, value in recorded.items()}
        return str(made.id), outs

    def _config(self, provider: str | None) -> Config:
        """The settings of an explicit provider, or those of the stack."""
        if provider:
            urn, _, _ = provider.rpartition("::")
            return self._accounts.get(name_of(urn), {}).get
        return _of_the_stack


class _Echo(pulumi.runtime.Mocks):
    """Every resource has its name as its id, and its inputs as outputs."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return args.resource_id or args.name, args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return {}, []


def assert_covered(resource: pulumi.Resource, window: StatusPageMaintenance) -> None:
    """Raise AssertionError, with a line that names each, unless the window covers the resource, or all of a component.

    It asks nothing, so it may be called within the program or after it.
    """
    left_out = window._cover.left_out(resource)
    if left_out:
        names = ", ".join(one.pulumi_resource_name for one in left_out)
        raise AssertionError(
            f"“{window.pulumi_resource_name}” does not cover {names}: declare it with opts=window.covering(), or after "
            "window.cover_stack()"
        )


@contextmanager
def _thread() -> Iterator[ThreadPoolExecutor]:
    """A thread whose event loop is closed at the end. So a program does not meet that of a test framework, and what the
    SDK does in threads is done in order.
    """
    loops: list[asyncio.AbstractEventLoop] = []

    def begin() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[0])

    try:
        with ThreadPoolExecutor(1, initializer=begin) as thread:
            yield thread
    finally:
        for loop in loops:
            loop.close()


def _posted(resource: str, posts: list[Act], outs: Mapping[str, Any], page: StandIn) -> list[Notice]:
    """What was published, each with what is recorded of it, if anything is."""
    now, recorded = times.format_instant(page.now), outs.get("notices") or []
    if not recorded:
        return [Notice(resource, outs["phase"], now, act.mails, act.name, act.message) for act in posts]
    return [
        Notice(resource, notice["event"], notice["at"], notice["subscribers"], act.name, act.message)
        for act, notice in zip(posts, recorded, strict=True)
    ]


def _later(resource: str, id_: str, outs: Mapping[str, Any], page: StandIn) -> list[Notice]:
    after = page.show(id_)
    if not isinstance(after, Maintenance):
        return []
    window = (times.parse_instant(outs["start_at"]), times.parse_instant(outs["end_at"]))
    return [
        Notice(resource, later.event, times.format_instant(later.at), later.mails, after.name)
        for later in by_the_service(page, after, window)
    ]


def _taken_over(provider: Provider, inputs: Mapping[str, Any], page: StandIn) -> MaintenanceState | IncidentState:
    """What is taken over, as it is declared: a test has no page that could show another."""
    declared = provider.inputs.model_validate(inputs)
    if isinstance(declared, MaintenanceInputs):
        window, _ = resolve(declared, None, page.now)
        phase = PHASES.get(declared.maintenance_status or "", "scheduled")
        return MaintenanceState(declared=declared, window=window, phase=phase)
    assert isinstance(declared, IncidentInputs)
    return IncidentState(declared=declared, phase=declared.incident_status)


def _bare(value: Any) -> Any:
    return rpc.unwrap_rpc_secret(value) if rpc.is_rpc_secret(value) else value


def _of_the_stack(key: str) -> str | None:
    namespace, _, name = key.partition(":")
    return pulumi.Config(namespace).get(name)
