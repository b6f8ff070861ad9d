"""Ends a window from a pipeline, by its id: `statuspage complete ID`."""

from __future__ import annotations

from datetime import datetime

from ..display import about, moment, quoted
from ..engine_process import PROCESS
from ..errors import Refused
from ..lifecycle.by_times import edit_for
from ..lifecycle.decision import NewUpdate
from ..page_texts import COMPLETED
from ..publishing import publish
from ..remote import Maintenance
from ..services.protocols import MaintenanceService
from ..statuses import STATUSES
from ..values import MESSAGE_LIMIT


def complete(id_: str, message: str | None, mails: bool, service: MaintenanceService, now: datetime) -> str | None:
    """Publish the end of a window, once. None where it is complete already: then there is nothing to say.

    `message` is what is published; None is the usual sentence. Raises Refused for a window that is not there or has not
    begun, and for a message, or an email, that the page does not take.
    """
    if message is not None and not message.strip():
        raise Refused("--message: must not be empty")
    if message is not None and len(message) > MESSAGE_LIMIT:
        raise Refused(
            f"--message: is {len(message)} characters long, and the service takes at most {MESSAGE_LIMIT}: shorten it"
        )
    # Without an id the path would be that of the list.
    remote = service.show(id_) if id_.strip() else None
    if remote is None:
        raise Refused(
            f"there is no maintenance window “{quoted(id_)}” on this account. Nothing was posted. "
            "`statuspage list` shows the ids"
        )
    if remote.phase == "complete":
        return None
    if remote.phase == "scheduled":
        raise Refused(not_begun(remote, now))
    if remote.times is not None and (message is not None or mails):
        raise Refused(
            f"“{quoted(remote.name)}” has no timeline to publish anything in: leave out --message and --notify"
        )
    publish_completion(remote, message or COMPLETED, mails, service, now)
    return f"“{quoted(remote.name)}” is complete now"


def publish_completion(
    remote: Maintenance, message: str, mails: bool, service: MaintenanceService, now: datetime
) -> None:
    """Publish the end of a window that is in progress. A lost answer does not make it go out twice."""
    update = NewUpdate("complete", message, STATUSES["complete"], notify_subscribers=mails)
    if edit := edit_for(update, remote, now):
        service.edit(remote.id, edit)
        return
    publish(update, remote.id, remote.last_update_id, service, PROCESS)


def not_begun(remote: Maintenance, now: datetime) -> str:
    """The line that refuses to complete a window that is only announced, and says what to do instead."""
    opens = ""
    if remote.window is not None:
        start = remote.window[0]
        ahead = now < start
        opens = f": it opens {moment(start)}, in {about(start - now)}" if ahead else f": it was to open {moment(start)}"
    return (
        f"“{quoted(remote.name)}” has not begun{opens}. Nothing was posted. To cancel it, take it out of the program "
        "and run `pulumi up`, or cancel it on the page"
    )
