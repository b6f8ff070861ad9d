"""What the providers share on the engine's side: settings, checks, and posting a notice once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pulumi.dynamic import CheckFailure, CheckResult, ConfigureRequest, DiffResult, ResourceProvider
from pydantic import BaseModel, ValidationError

from .errors import LostAnswer, NotFound, Refused, ServiceError, SettingsError, show_errors_on_one_line
from .lifecycle import Change, Post
from .models import UPDATES_LIMIT, ComponentStatuses, Incident, Maintenance, Notice, Update, faults_of, ulid_time
from .plain import plain
from .services import CAPABILITIES, Offer, provider_fault
from .settings import EXPLICIT, Settings, clock, clock_notice, is_rehearsed, read_settings
from .times import format_instant
from .transport import looks

Inputs = TypeVar("Inputs", bound=BaseModel)

FRESH = timedelta(minutes=15)
"""How long an entry that was just written may be missing from what is read. After it, what is not there is gone."""

JUST_MADE = timedelta(seconds=2)
"""How much older than the request under way an object may be that it has made: clocks differ. An older one comes of a
replay.
"""

TRIES = 2
"""How often a post is sent whose answer was an error of the service's own, each time after looks at the timeline."""

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


Shown = TypeVar("Shown", Maintenance, Incident)


def made(
    created: Shown, show: Callable[[str], Shown | None], put: Callable[[str], Shown], name: str, now: datetime
) -> Shown | None:
    """The object that a create answered with, as it is now; None where it is gone, and its key with it.

    The answer may be the replay of an earlier one, so the object is read. What a read does not show may be gone, or the
    read lags: then `put`, a silent change to what it is already, tells, as a write is always up to date. Raises Refused
    where neither finds what was made only now: another one would be a second announcement on a guess.
    """
    found = there(created.id, show, put)
    # A rehearsed clock stands still, and tells no age.
    if found is not None or is_rehearsed() or now - created.made_at >= JUST_MADE:
        return found
    for found in looks(lambda: show(created.id)):
        if found is not None:
            return found
    raise Refused(
        f"“{name}” was announced as {created.id} just now, and the service does not find it. Nothing more was posted. "
        "Run `pulumi up` again, in a minute"
    )


def there(id_: str, show: Callable[[str], Shown | None], put: Callable[[str], Shown]) -> Shown | None:
    """The object, or None where it is gone. What a read does not show a silent write may find."""
    try:
        return show(id_) or put(id_)
    except NotFound:
        return None


def current(id_: str, known: str | None, show: Callable[[str], Shown | None], now: datetime) -> Shown | None:
    """The object as it is now, with the entry of its timeline that state knows last; None where it is gone.

    Raises Refused where that entry is young and not shown: a read that lags must not decide what is posted.
    """
    found = show(id_)
    if not is_fresh(known, now) or _has(found, known):
        return found
    for again in looks(lambda: show(id_)):
        if again is None and found is None:
            # Not there twice: it is gone. Where that decides what becomes of it, a write is asked too.
            return None
        found = again
        if _has(found, known):
            return found
    if found is None:
        return None
    raise Refused(
        f"“{found.name}”: the service does not show yet what was last published of it. Nothing was posted. "
        "Run `pulumi up` again"
    )


def _has(found: Maintenance | Incident | None, update_id: str | None) -> bool:
    return found is not None and any(update.id == update_id for update in found.updates)


def is_fresh(known: str | None, now: datetime) -> bool:
    """Whether the entry of that id is so young that a read may lag it. Of an id that does not tell, it is not."""
    made_at = ulid_time(known or "")
    return made_at is not None and now - made_at < FRESH


@dataclass(frozen=True)
class Sent:
    """A post as it went out, and the entry that it became."""

    post: Post
    update: Update

    @property
    def notice(self) -> Notice:
        """The ledger's entry for it."""
        at, id_ = format_instant(self.update.published_at), self.update.id
        return Notice(event=self.post.event, at=at, subscribers=self.post.notify_subscribers, update_id=id_)


def publish(
    post: Post,
    id_: str,
    known: str | None,
    create_update: CreateUpdate,
    show: Callable[[str], Maintenance | Incident | None],
    *,
    must_be_told: bool = False,
) -> Sent:
    """Post once.

    After a lost answer the timeline since `known` is looked at, again and again for a while. If the post is not there,
    it is sent again only where the service itself answered with an error: a request that nobody answered may still be
    carried out, and then the notice would go out twice. LostAnswer is raised, and the next run looks first.

    A status, and what `must_be_told`, goes out without mail where the service refuses the mail: the end of a window can
    always be told. Raises Refused where the object takes no more updates at all.
    """
    for remaining in reversed(range(TRIES)):
        try:
            return _sent(post, id_, create_update)
        except LostAnswer as lost:
            for remote in looks(lambda: show(id_)):
                found = post.found_in(remote.since(known)) if remote is not None else None
                if found is not None:
                    return Sent(post, found)
            if not remaining or not lost.answered:
                raise
        except ServiceError as refusal:
            if refusal.status in (400, 422):
                _refuse_full(id_, show, refusal)
                if post.notify_subscribers and (must_be_told or post.status is not None):
                    unmailed = _sent(replace(post, notify_subscribers=False), id_, create_update)
                    say(f"{refusal}. It was published without mail")
                    return unmailed
            raise
    raise AssertionError("unreachable")


def _sent(post: Post, id_: str, create_update: CreateUpdate) -> Sent:
    update = create_update(
        id_,
        post.message,
        status=post.status,
        component_statuses=post.component_statuses,
        notify_subscribers=post.notify_subscribers,
    )
    return Sent(post, update)


def _refuse_full(id_: str, show: Callable[[str], Maintenance | Incident | None], refusal: ServiceError) -> None:
    remote = show(id_)
    if remote is not None and len(remote.updates) >= UPDATES_LIMIT:
        raise Refused(
            f"“{remote.name}” has {len(remote.updates)} updates, the most that the service takes. Nothing was posted. "
            'End it on the page by hand. To let it leave the program, declare on_delete="retain" in a `pulumi up` first'
        ) from refusal
