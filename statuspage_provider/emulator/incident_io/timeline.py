"""Updates: written into an event's timeline, and mailed to subscribers."""

from __future__ import annotations

from datetime import datetime

from .. import mail
from ..store import Store
from .ids import Ids
from .objects import Affected, Event, Update
from .pages import Page


class Timeline:
    """What calls and automation both do with an update."""

    def __init__(self, store: Store, ids: Ids) -> None:
        self._store, self._ids = store, ids

    def add(
        self,
        event: Event,
        status: str,
        message: str,
        at: datetime,
        affected: list[Affected],
        *,
        automated: bool = False,
    ) -> Update:
        update = Update(
            id=self._ids.next(),
            status=status,
            message=self._store.differences.rendered(message),
            published_at=at,
            component_statuses=affected,
            automated=automated,
        )
        event.updates.append(update)
        return update

    def publish(self, event: Event, *, notify: bool) -> None:
        """Save the event, and mail its last update if asked to."""
        self._store.save(event)
        if not notify:
            return
        page, update = self._store.table(Page)[event.page_id], event.updates[-1]
        mail.send(
            self._store,
            at=update.published_at,
            recipients=page.subscribers,
            automated=update.automated,
            status_page_id=page.id,
            object=event.kind,
            object_id=event.id,
            update_id=update.id,
            name=event.name,
            status=update.status,
            message=update.message,
        )
