"""The mail subscribers would have got: one notice an announcement, with how many it went to."""

from __future__ import annotations

from datetime import datetime

from .clock import rfc3339
from .errors import Invalid
from .incident_io.objects import Event, Page
from .store import Store

MOST_RECIPIENTS = 1_000


class Mail:
    """Notes each announcement instead of sending it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def refuse_if_too_many(self, page: Page, notify: bool) -> None:
        """The API does not mail a large page; automation and the dashboard may."""
        if notify and page.subscribers > MOST_RECIPIENTS:
            reason = f"notify_subscribers must be false: the page has more than {MOST_RECIPIENTS} subscribers"
            raise Invalid.at("/notify_subscribers", reason, "too_many_subscribers")

    def announce(self, page: Page, event: Event, *, automated: bool = False) -> None:
        """Tell subscribers of the event's last update."""
        update = event.updates[-1]
        self.send(
            at=update.published_at,
            recipients=page.subscribers,
            automated=automated,
            status_page_id=page.id,
            object=event.kind,
            object_id=event.id,
            update_id=update.id,
            name=event.name,
            status=update.status,
            message=update.message,
        )

    def send(self, *, at: datetime, recipients: int, automated: bool = False, **told: str | None) -> None:
        """Note one announcement. A page without subscribers sends nothing."""
        if recipients:
            notice = {"at": rfc3339(at), **told, "recipients": recipients, "automated": automated}
            self._store.log("notices", notice)
