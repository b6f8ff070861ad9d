"""The endpoints of maintenance windows. A window is its title, its message and its times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from ... import slots, times
from ...display import moment
from ...errors import NotFound, Refused, ServiceError
from ...lifecycle.decision import Announcement, Edit, NewUpdate
from ...remote import Maintenance, Update, same_text
from ...statuses import STATUSES
from . import bodies
from .calls import Calls, write_once

SOON = timedelta(minutes=1)
"""How far ahead a window is ended where the service takes no end that is past."""


class Maintenances:
    """The maintenance windows of an account.

    No call carries an idempotency key, and whether a change mails subscribers is not documented. So a write first looks
    whether what it wants is there, sends nothing then, and looks again after a lost answer.
    """

    def __init__(self, calls: Calls, now: Callable[[], datetime]) -> None:
        self._calls = calls
        self._now = now

    def on_page(self, status_page_id: str, **filters: str) -> list[Maintenance]:
        return [self._read(item) for item in self._calls.list(status_page_id=status_page_id, **filters)]

    def newest(self, status_page_id: str) -> list[Maintenance]:
        return self.on_page(status_page_id)

    def create(self, announcement: Announcement, *, idempotency_key: str) -> Maintenance:
        """One that is already there is returned as it is. Raises Refused if it is unclear whose it is."""
        return self._calls.create_once(
            idempotency_key,
            lambda: self._found(announcement, idempotency_key),
            lambda: self._read(self._calls.post(bodies.create_maintenance(announcement))),
        )

    def _found(self, announcement: Announcement, idempotency_key: str) -> Maintenance | None:
        """The window that a run of ours has announced before and that nothing records, if there is one."""
        declared, window = announcement.declared, announcement.window
        doubtful = None
        for item in self._calls.list(status_page_id=declared.status_page_id):
            if bodies.read_id(item, declared.name) is None:
                # What another window shows is nobody's concern here, odd as it may be.
                continue
            found = self._read(item)
            if found.id == announcement.replaces or self._calls.is_of_another(found.id, idempotency_key):
                continue
            if found.phase == "complete" and found.window != window:
                continue
            if _is_at(found, announcement) and same_text(found.message, declared.message):
                return found
            if found.window is not None and found.window[0] < window[1] and window[0] < found.window[1]:
                doubtful = found
        if doubtful is not None and doubtful.window is not None:
            start, end = (moment(edge) for edge in doubtful.window)
            raise Refused(
                f"“{declared.name}” is already announced on the page, as {doubtful.id}, from {start} to {end}, with "
                f'another message or other times. Nothing was posted. To take it over, set adopt_id="{doubtful.id}"; '
                "to announce another one, change its name"
            )
        return None

    def show(self, id_: str) -> Maintenance | None:
        try:
            return self._read(self._calls.get(id_))
        except NotFound:
            item = self._calls.listed(id_)
            return None if item is None else self._read(item)

    def edit(self, id_: str, edit: Edit) -> Maintenance:
        """Change what differs from what is shown. Raises NotFound for a window that is gone."""
        seen: list[Maintenance] = []

        def as_wanted() -> Maintenance | None:
            found = self.show(id_)
            if found is None:
                raise NotFound(f"statuspage.me has no maintenance window {id_}", status=404)
            seen.append(found)
            return None if bodies.edit_maintenance(edit, found, sent=len(seen) > 1) else found

        def change() -> Maintenance:
            return self._read(self._calls.patch(id_, bodies.edit_maintenance(edit, seen[-1]), repeatable=False))

        try:
            return write_once(as_wanted, change)
        except ServiceError as refusal:
            was_sent = bool(seen) and refusal.status in (400, 422)
            if not was_sent or edit.window is None or edit.window[1] > self._now():
                raise
            # Whether an end may be past is not documented. A window that is to end can always be ended soon.
            soon = (self._now() + SOON).replace(microsecond=0)
            if seen[-1].window is None or soon >= seen[-1].window[1]:
                return seen[-1]
            edit = replace(edit, window=(edit.window[0], soon))
            seen.clear()
            return write_once(as_wanted, change)

    def delete(self, id_: str) -> None:
        """The window goes for good. Whether subscribers are told is not documented."""
        self._calls.delete(id_)

    def create_update(self, id_: str, update: NewUpdate) -> Update:
        raise Refused(f"a window on statuspage.me has no timeline, so “{update.event}” cannot be published")

    def _read(self, body: object) -> Maintenance:
        return bodies.read_maintenance(body, self._now())


def _is_at(found: Maintenance, announcement: Announcement) -> bool:
    """Whether a run that was killed may have announced a window of these times: a relative start was counted at another
    moment, and a window that is declared to be in progress was begun then."""
    declared, (start, end) = announcement.declared, announcement.window
    shown = found.window or (start, end)
    if shown == (start, end):
        return True
    if times.is_slot(declared.start_at):
        rule, zone = slots.parse(declared.start_at), times.parse_zone(declared.time_zone or "UTC")
        return shown[1] - shown[0] == end - start and slots.fits(rule, zone, end - start, shown[0])
    is_counted = times.is_relative(declared.start_at)
    if declared.maintenance_status == STATUSES["in_progress"] and found.phase == "in_progress":
        return shown[1] == end or is_counted
    # It was counted before, so it is not later, and as long.
    return is_counted and shown[0] <= start and shown[1] - shown[0] == end - start
