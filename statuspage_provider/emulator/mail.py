"""The mail that subscribers would have got: one notice for each announcement, with the number of recipients."""

from __future__ import annotations

from datetime import datetime

from .clock import rfc3339
from .store import Store


def send(store: Store, *, at: datetime, recipients: int, automated: bool = False, **content: str | None) -> None:
    """Log a notice instead of sending mail. A page without subscribers sends nothing."""
    if recipients:
        store.log("notices", {"at": rfc3339(at), **content, "recipients": recipients, "automated": automated})
