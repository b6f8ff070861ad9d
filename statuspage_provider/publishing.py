"""Reading what is there, and publishing an update once."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from .errors import LostAnswer, NotFound, Refused, ServiceError
from .lifecycle.decision import Edit, NewUpdate
from .remote import Incident, Maintenance, Update, ulid_time
from .services.looking import looks
from .services.protocols import Objects, Shown, Timelines
from .state import Notice
from .times import format_instant
from .values import UPDATES_LIMIT

FRESH = timedelta(minutes=15)
"""How long an entry that was just written may be missing from what is read. After it, what is not there is gone."""

JUST_MADE = timedelta(seconds=2)
"""How much older than the request under way an object may be that it has made: clocks differ. An older one comes of a
replay.
"""

TRIES = 2
"""How often an update is sent whose answer was an error of the service's own, each time after looks at the timeline."""


class Process(Protocol):
    """What is needed of the process that this runs in."""

    @property
    def clock_stands_still(self) -> bool: ...
    def sleep(self, seconds: float) -> None: ...
    def say(self, line: str) -> None: ...


def made(
    created: Shown,
    objects: Objects[Shown],
    edit: Edit,
    now: datetime,
    process: Process,
    *,
    may_be_replay: bool = True,
) -> Shown | None:
    """The object that a create answered with, as it is now; None if it is gone, and its key with it.

    The answer may be the replay of an earlier one, so the object is read. What a read does not show may be gone, or the
    read lags: then `edit`, a silent change to what it is already, tells, as a write is always up to date. Where no
    create carries a key the answer is no replay, so it stands if nothing shows the object. Raises Refused if a create
    with a key has only just made what neither finds: another one would be a second announcement on a guess.
    """
    if not may_be_replay:
        with contextlib.suppress(Refused, NotFound):
            return objects.show(created.id) or created
        return created
    found = there(created.id, objects, edit)
    if found is not None or process.clock_stands_still or now - created.made_at >= JUST_MADE:
        return found
    for found in looks(lambda: objects.show(created.id), process.sleep):
        if found is not None:
            return found
    raise Refused(
        f"“{edit.name}” was just announced as {created.id}, but the service does not find it. Nothing more was "
        "posted. Run `pulumi up` again in a minute"
    )


def there(id_: str, objects: Objects[Shown], edit: Edit) -> Shown | None:
    """The object, or None if it is gone. A silent write may find what a read does not show."""
    try:
        return objects.show(id_) or objects.edit(id_, edit)
    except NotFound:
        return None


def current(id_: str, known: str | None, objects: Objects[Shown], now: datetime, process: Process) -> Shown | None:
    """The object as it is now, with the last entry of its timeline that state knows; None if it is gone.

    Raises Refused if that entry is young and not shown: a read that lags must not decide what is posted.
    """
    found = objects.show(id_)
    if not is_fresh(known, now) or has_entry(found, known):
        return found
    for again in looks(lambda: objects.show(id_), process.sleep):
        if again is None and found is None:
            # Not there twice: it is gone. Where that decides what becomes of it, a write is asked too.
            return None
        found = again
        if has_entry(found, known):
            return found
    if found is None:
        return None
    raise Refused(
        f"“{found.name}”: the service does not yet show its last update. Nothing was posted. Run `pulumi up` again"
    )


def has_entry(found: Maintenance | Incident | None, update_id: str | None) -> bool:
    """Whether an object is shown with the entry of that id in its timeline."""
    return found is not None and any(update.id == update_id for update in found.updates)


def is_fresh(known: str | None, now: datetime) -> bool:
    """Whether the entry of that id is so young that a read may lag it. Of an id that does not tell, it is not."""
    made_at = ulid_time(known or "")
    return made_at is not None and now - made_at < FRESH


@dataclass(frozen=True)
class Published:
    """An update as it went out, and the entry that it became."""

    update: NewUpdate
    entry: Update

    @property
    def notice(self) -> Notice:
        """The ledger's entry for it."""
        at, id_ = format_instant(self.entry.published_at), self.entry.id
        return Notice(event=self.update.event, at=at, subscribers=self.update.notify_subscribers, update_id=id_)


def publish(
    update: NewUpdate,
    id_: str,
    known: str | None,
    objects: Timelines[Any],
    process: Process,
    *,
    must_be_told: bool = False,
) -> Published:
    """Publish an update once.

    After a lost answer the timeline since `known` is looked at, again and again for a while. If the update is not
    there, it is sent again only if the service itself answered with an error: a request that nobody answered may
    still be carried out, and then the notice would go out twice. LostAnswer is raised, and the next run looks first.

    A status, and what `must_be_told`, goes out without email if the service refuses to send it: the end of a window
    can always be told. Raises Refused if the object takes no more updates at all.
    """
    for remaining in reversed(range(TRIES)):
        try:
            return Published(update, objects.create_update(id_, update))
        except LostAnswer as lost:
            for remote in looks(lambda: objects.show(id_), process.sleep):
                found = update.found_in(remote.since(known)) if remote is not None else None
                if found is not None:
                    return Published(update, found)
            if not remaining or not lost.answered:
                raise
        except ServiceError as refusal:
            if refusal.status in (400, 422):
                _refuse_full(objects.show(id_), refusal)
                if update.notify_subscribers and (must_be_told or update.status is not None):
                    update = replace(update, notify_subscribers=False)
                    entry = objects.create_update(id_, update)
                    process.say(f"{refusal}. It was published without email")
                    return Published(update, entry)
            raise
    raise AssertionError("unreachable")


def _refuse_full(remote: Maintenance | Incident | None, refusal: ServiceError) -> None:
    if remote is not None and len(remote.updates) >= UPDATES_LIMIT:
        raise Refused(
            f"“{remote.name}” has {len(remote.updates)} updates, the most that the service accepts. Nothing "
            "was posted. "
            'End it on the page by hand. To remove it from the program, set on_delete="retain" in a `pulumi up` first'
        ) from refusal
