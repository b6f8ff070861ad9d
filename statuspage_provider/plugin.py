"""What the providers share on the engine's side: settings, checks, and posting a notice once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pulumi.dynamic import CheckFailure, CheckResult, ConfigureRequest, DiffResult, ResourceProvider
from pydantic import BaseModel, ValidationError

from .errors import LostAnswer, Refused, SettingsError, show_errors_on_one_line
from .lifecycle import Change, Post
from .models import ComponentStatuses, Incident, Maintenance, Notice, Update, faults_of
from .plain import plain
from .services import CAPABILITIES, Offer, provider_fault
from .settings import EXPLICIT, Settings, clock, clock_notice, read_settings
from .times import format_instant

Inputs = TypeVar("Inputs", bound=BaseModel)

TRIES = 3
"""How often a post is tried whose answers are lost, each time after a look at the timeline."""

GENERATIONS = 500
"""How many generations a create goes through to find one that is neither over nor gone."""


class Plugin(ResourceProvider, Generic[Inputs]):
    """A provider without fields until `configure`: state holds it by its import path alone."""

    serialize_as_secret_always = False
    inputs: type[Inputs]
    needs: ClassVar[Offer]

    def configure(self, req: ConfigureRequest) -> None:
        show_errors_on_one_line()
        self._config: Callable[[str], str | None] = req.config.get
        if notice := clock_notice():
            say(notice)

    def now(self) -> datetime:
        """The present moment. What rehearses a run brings its own."""
        return clock()

    def settings(self, service: str = "incident.io") -> Settings:
        return read_settings(CAPABILITIES[service].names, self._config)

    def check_inputs(self, news: Mapping[str, Any]) -> tuple[Inputs | None, CheckResult]:
        """The declared inputs, or None, and their canonical form or every fault at once. No network."""
        failures = []
        service = news.get("service", "incident.io")
        # A service that is none of ours is refused by the inputs' own rules.
        service = service if service in list(CAPABILITIES) else "incident.io"
        given = self._config(EXPLICIT) or service
        if fault := provider_fault(given, service, self.needs):
            failures.append(CheckFailure("", fault))
        try:
            self.settings(service)
        except SettingsError as error:
            failures.append(CheckFailure("", str(error)))
        try:
            declared = self.inputs.model_validate(news)
        except ValidationError as error:
            failures += [CheckFailure(where, reason) for where, reason in faults_of(error)]
            return None, CheckResult(dict(news), failures)
        return declared, CheckResult(declared.to_props(), failures)  # type: ignore[attr-defined]


class Run:
    """What this run has decided about objects. One plugin process serves one run.

    The engine deletes by id and tells nothing else, so a deletion is held against what the run still declares.
    """

    def __init__(self) -> None:
        self.kept: set[str] = set()
        self.corrected: dict[str, Any] = {}
        self._next: dict[str, int] = {}

    def decided(self, id_: str, change: Change, declared: Any, generation: int) -> DiffResult:
        """The engine's answer to a change, and a note of what becomes of the object."""
        if change.replaces:
            self.kept.discard(id_)
            self._next[str(declared.idempotency_key)] = generation + 1
        else:
            self.kept.add(id_)
        if change.delete_first:
            self.corrected[id_] = declared
        if not change:
            return DiffResult(changes=False)
        # None lets the engine compare the inputs itself: only so does it show the change property by property.
        return DiffResult(
            changes=None, replaces=list(change.replaces), stables=[], delete_before_replace=change.delete_first
        )

    def generations(self, key: str) -> range:
        """The generations that a create may use: those after the one that is being replaced, if one is."""
        first = self._next.get(key, 1)
        return range(first, first + GENERATIONS)

    def forget(self) -> None:
        """Begin as a new process does."""
        self.__init__()  # type: ignore[misc]


RUN = Run()


def say(line: str) -> None:
    """Tell the user. The engine shows what a provider prints beside the stack."""
    print(f"statuspage: {plain(line)}", flush=True)


def gone(name: str) -> Refused:
    return Refused(
        f"“{name}” is no longer on the page. Nothing was posted. Run `pulumi refresh`: the next `pulumi up` then "
        "announces it anew, or take it out of the program"
    )


class CreateUpdate(Protocol):
    """A service's call that adds an entry to a timeline."""

    def __call__(
        self,
        object_id: str,
        message: str,
        /,
        *,
        status: str | None,
        component_statuses: ComponentStatuses | None,
        notify_subscribers: bool,
    ) -> Update: ...


def publish(
    post: Post,
    id_: str,
    known: str | None,
    create_update: CreateUpdate,
    show: Callable[[str], Maintenance | Incident | None],
) -> Update:
    """Post once. After a lost answer the timeline since `known` is read, and the post is sent again only if it is
    not there."""
    for remaining in reversed(range(TRIES)):
        try:
            return create_update(
                id_,
                post.message,
                status=post.status,
                component_statuses=post.component_statuses,
                notify_subscribers=post.notify_subscribers,
            )
        except LostAnswer:
            remote = show(id_)
            found = post.found_in(remote.since(known)) if remote is not None else None
            if found is not None:
                return found
            if not remaining:
                raise
    raise AssertionError("unreachable")


def noted(post: Post, update: Update) -> Notice:
    """The ledger's entry for a post."""
    return Notice(
        event=post.event,
        at=format_instant(update.published_at),
        subscribers=post.notify_subscribers,
        update_id=update.id,
    )
