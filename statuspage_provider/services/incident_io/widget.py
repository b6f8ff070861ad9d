"""A page's widget: what is going on and what is planned, as anyone may read it. No key is needed, and none is sent.

The widget is for programs that show it, and the service adds to it as it likes. So everything is read leniently: what
is null, missing or of another form counts as not said, a status that is new stays the text it is, and fields beyond
these are passed over.
"""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

import httpx
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PrivateAttr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from ...display import moment, plain, quoted
from ...errors import NotFound, ServiceError, SettingsError, Unreachable
from ...times import with_room
from .. import answer
from ..answer import Answer, TooMuch, TooSlow
from ..settings import is_this_machine
from ..transport import TIMEOUT, retry_after

SUFFIX = "/api/v1/summary"


PAUSES_S = (0.5, 2.0)
"""The pauses before further tries if a page is out of order or busy. No more: someone waits for a preview."""


MOVES = 5
"""How often a page may say that it has moved."""


LONGEST_MESSAGE = 300
"""How much of an update's text is printed. The whole of it is at the event's address."""


class _Said(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)

    @field_validator("*", mode="wrap")
    @classmethod
    def _or_not_said(cls, value: Any, handler: Callable[[Any], Any], info: ValidationInfo) -> Any:
        try:
            return handler(value)
        except ValidationError:
            return cls.model_fields[str(info.field_name)].get_default()


def _objects(value: Any) -> list[Any]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


Moment = Annotated[AwareDatetime, AfterValidator(with_room)]


Item = TypeVar("Item")


Listed = Annotated[tuple[Item, ...], BeforeValidator(_objects)]
"""A list whose entries are each read by themselves: one that is broken does not hide the others."""


class AffectedComponent(_Said):
    """A component that an event touches. `current_status` is the service's own word, or None."""

    id: str = ""
    name: str = ""
    group_name: str | None = None
    current_status: str | None = None

    @property
    def path(self) -> str:
        """Its name with that of its group: `EU / Database`."""
        return " / ".join(part for part in (self.group_name, self.name) if part)


class Event(_Said):
    """What every event has. Texts that are not said are empty, the rest is None."""

    id: str = ""
    name: str = ""
    url: str = ""
    status: str = ""
    last_update_at: Moment | None = None
    last_update_message: str | None = None
    affected_components: Listed[AffectedComponent] = ()


class OngoingIncident(Event):
    """An incident that is not resolved: investigating, identified or monitoring."""

    current_worst_impact: str | None = None


class InProgressMaintenance(Event):
    """A maintenance that has begun."""

    started_at: Moment | None = None
    scheduled_end_at: Moment | None = None


class ScheduledMaintenance(Event):
    """A maintenance that is planned."""

    starts_at: Moment | None = None
    ends_at: Moment | None = None


class Widget(_Said):
    """What a page says at one moment, under the API's own names.

        widget = statuspage.get_widget("https://status.example.com")
        if widget.ongoing_incidents:
            pulumi.log.warn(f"there is trouble: {widget.ongoing_incidents[0].name}")

    `page_title`, `page_url`, and three tuples of events: `ongoing_incidents`, `in_progress_maintenances` and
    `scheduled_maintenances`. Each event has `id`, `name`, `url`, `status`, `last_update_at`, `last_update_message` and
    `affected_components` (`id`, `name`, `group_name`, `current_status`, `path`). An incident has `current_worst_impact`
    too, a maintenance in progress `started_at` and `scheduled_end_at`, a scheduled one `starts_at` and `ends_at`. Times
    are aware datetimes. What the page does not say is an empty text, an empty tuple or None.
    """

    page_title: str = ""
    page_url: str = ""
    ongoing_incidents: Listed[OngoingIncident] = ()
    in_progress_maintenances: Listed[InProgressMaintenance] = ()
    scheduled_maintenances: Listed[ScheduledMaintenance] = ()

    _url: str = PrivateAttr(default="")
    _etag: str | None = PrivateAttr(default=None)

    def refresh(self) -> Widget:
        """The widget as it is now, and what `get_widget` answers from now on. This one stays as it is.

        The page is asked whether it has changed since (ETag); if not, the answer is this same widget. Raises as
        `get_widget` does.
        """
        _KEPT[self._url] = _read(self._url, self)
        return _KEPT[self._url]


_KEPT: dict[str, Widget] = {}


def get_widget(url: str) -> Widget:
    """The widget of the page at that public URL, or at the widget's own URL. Needs no key, and sends none.

    It is read once and kept for the process, as the service asks of its readers; `Widget.refresh` reads it again.

    Raises SettingsError for what is not a URL, or is plain http to another machine; NotFound if the page has no widget;
    ServiceError if the page refuses; Unreachable if there is no usable answer.
    """
    where = address(url)
    if where not in _KEPT:
        _KEPT[where] = _read(where)
    return _KEPT[where]


def address(url: str) -> str:
    """The one spelling of a widget's URL, given that of its page or its own."""
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or not url.isprintable() or " " in url.strip():
        raise SettingsError('url: this is not a URL: write it like "https://status.example.com"')
    if "@" in parts.netloc:
        raise SettingsError("url: remove the user name: a widget is read without one")
    if parts.scheme == "http" and not is_this_machine(host):
        raise SettingsError(f"url: {url.strip()} is plain http, which anyone on the network can change: use https")
    path = parts.path.rstrip("/").removesuffix(SUFFIX) + SUFFIX
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def _read(where: str, before: Widget | None = None) -> Widget:
    tag = before._etag if before is not None else None
    found = _get(where, {"If-None-Match": tag} if tag else {})
    if found.status == 304 and before is not None:
        return before
    if found.status in (404, 410):
        raise NotFound(
            f"there is no widget at {where}: is the page's public URL right, and is its widget enabled?",
            status=found.status,
        )
    if not found.is_success:
        said = quoted(found.reason) or "no reason given"
        raise ServiceError(f"{where} answered {found.status}: {said}", status=found.status)
    try:
        body = found.json()
    except ValueError:
        body = None
    if not isinstance(body, Mapping) or not body.keys() & Widget.model_fields.keys():
        raise Unreachable(
            f"{where} answered {found.status} with something that is not a widget: pass the page's public URL"
        )
    widget = Widget.model_validate(body)
    widget._url, widget._etag = where, found.headers.get("etag")
    return widget


def _get(where: str, headers: Mapping[str, str]) -> Answer:
    """The answer, tried again if the page is out of order or busy. Raises Unreachable."""
    with client(where) as asking:
        for pause in (*PAUSES_S, None):
            asked_to_wait = 0.0
            try:
                found = _followed(asking, where, headers)
            except TooMuch as error:
                raise Unreachable(f"{where} answered with {quoted(str(error))}: is it a widget?") from None
            except (httpx.RequestError, httpx.InvalidURL, OSError, ValueError, TooSlow) as error:
                fault = f"cannot read the widget at {where}: {quoted(str(error)) or type(error).__name__}"
            else:
                if found.status != 429 and found.status < 500:
                    return found
                fault = f"{where} answered {found.status}: try again later"
                asked_to_wait = retry_after(found.headers)
            if pause is None or asked_to_wait > PAUSES_S[-1]:
                break
            time.sleep(max(pause, asked_to_wait))
    raise Unreachable(fault)


def _followed(asking: httpx.Client, where: str, headers: Mapping[str, str]) -> Answer:
    """The answer at the end of a page's moves, but not from where anyone can change it."""
    url = httpx.URL(where)
    for _ in range(1 + MOVES):
        if url.scheme != "https" and not is_this_machine(url.host):
            raise Unreachable(f"the widget has moved to {quoted(str(url))}, which is plain http: pass an https URL")
        found = answer.fetch(asking, "GET", str(url), headers=headers)
        if found.leads_to is None:
            return found
        url = url.join(found.leads_to)
    raise Unreachable(f"the widget at {where} was redirected more than {MOVES} times: pass its final URL")


def client(where: str, transport: httpx.BaseTransport | None = None) -> httpx.Client:
    """A client that knows no key."""
    return httpx.Client(
        transport=transport,
        headers=answer.HEADERS,
        timeout=TIMEOUT,
        trust_env=not is_this_machine(urlsplit(where).hostname or ""),
    )


# for people


def lines(widget: Widget, local: tzinfo | None = None) -> Iterator[str]:
    """What a person is shown. Times are in UTC and, if that differs, in the local time of whoever reads them."""
    yield f"{quoted(widget.page_title) or 'Status page'}  {quoted(widget.page_url)}"
    headings: tuple[tuple[str, tuple[Event, ...]], ...] = (
        ("Ongoing incidents", widget.ongoing_incidents),
        ("Maintenance in progress", widget.in_progress_maintenances),
        ("Scheduled maintenance", widget.scheduled_maintenances),
    )
    for heading, events in headings:
        if events:
            yield ""
            yield heading
        for event in events:
            for line in _told(event, local):
                yield f"  {plain(line)}"
    if not any(events for _, events in headings):
        yield ""
        yield "Nothing is going on and nothing is planned."


def _told(event: Event, local: tzinfo | None) -> Iterator[str]:
    def at(label: str, when: datetime | None) -> list[str]:
        return [] if when is None else [f"{label} {moment(when, local)}"]

    words = [event.status.removeprefix("maintenance_").replace("_", " ")]
    if isinstance(event, OngoingIncident):
        words.append((event.current_worst_impact or "").replace("_", " "))
    elif isinstance(event, InProgressMaintenance):
        words += at("since", event.started_at) + at("planned to end", event.scheduled_end_at)
    elif isinstance(event, ScheduledMaintenance):
        words += at("from", event.starts_at) + at("to", event.ends_at)
    yield f"{quoted(event.name or event.id)}: {', '.join(quoted(word) for word in words if word) or 'no status'}"
    if event.affected_components:
        yield "  affects " + ", ".join(map(_component, event.affected_components))
    if event.last_update_message:
        told = moment(event.last_update_at, local) if event.last_update_at is not None else "last update"
        yield f"  {told}: {textwrap.shorten(event.last_update_message, LONGEST_MESSAGE)}"
    if event.url:
        yield f"  {quoted(event.url)}"


def _component(component: AffectedComponent) -> str:
    status = (component.current_status or "").replace("_", " ")
    name = quoted(component.path or component.id)
    return f"{name} ({quoted(status)})" if status else name
