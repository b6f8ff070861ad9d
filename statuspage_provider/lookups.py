"""Look-ups that run in the program, in a preview too: pages by name, components by name. Cached for the process.

A key that may only read is enough. Ids that are found are plain values, to be used as inputs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, TypeVar

from . import component_names
from .display import quoted
from .errors import LookupFailed
from .provider import program_settings
from .services.capabilities import CAPABILITIES, DEFAULT_SERVICE, connect, service_fault
from .services.settings import Settings
from .statuses import Service
from .times import format_instant

if TYPE_CHECKING:
    from .remote import Availability, Component, Incident, Maintenance, Page
    from .services.protocols import PageService

Item = TypeVar("Item")

CANDIDATES = 20
"""How many names an error lists."""

LONGEST = 250
"""How much of a name is compared: that of a page may be of any length."""


@dataclass(frozen=True)
class StatusPage:
    """A status page and, once asked for, its components."""

    id: str
    name: str
    public_url: str | None
    description: str | None
    _settings: Settings = field(repr=False)

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """All components, those of groups and sub-pages included. One request for a page and process."""
        found = _components(self._settings, self.id)
        component_names.remember(found)
        return found

    def component(self, name: str) -> Component:
        """The component of that name, or "Group / Name" if the name alone is not enough.

        One that stands in several sub-pages is one component, with the first of its paths; any of them finds it.
        Raises LookupFailed, with the candidates, if none or more than one fits.
        """
        found = _named(self.components, name, lambda component: component.path)
        # A component that stands in two places is listed in each, and is one.
        found, every = _each_once(found), _each_once(self.components)
        paths = Counter(component.path for component in every)
        return _only(
            found,
            every,
            f'component "{name}" on page "{quoted(self.name)}"',
            name,
            # Where two have one path, nothing but the id tells them apart.
            lambda one: (one.path if paths[one.path] == 1 else f"{one.path} ({one.id})", one.name),
        )

    def components_in(self, name: str) -> tuple[Component, ...]:
        """The components of the group or sub-page of that name, or of "Sub-page / Group".

        Raises LookupFailed, with the candidates, if none or more than one fits.
        """
        places = sorted({place for component in self.components for place in component.places})
        what = f'group or sub-page "{name}" on page "{quoted(self.name)}"'
        place = _only(_named(places, name, str), places, what, name, lambda place: (place,))
        return tuple(component for component in self.components if place in component.places)

    def availability(self, name: str, *, start_at: datetime, end_at: datetime) -> Availability:
        """How available the component of that name was between two aware datetimes, at most 366 days apart (API rule).

        It is asked anew each time. Raises LookupFailed as `component` does, for a naive datetime too, and
        ServiceError for times that the service refuses.
        """
        for which, when in (("start_at", start_at), ("end_at", end_at)):
            _refuse_naive(which, when)
        service = _open(self._settings)
        return service.show_component_availability(self.id, self.component(name).id, start_at=start_at, end_at=end_at)


def get_status_pages(*, service: Service = DEFAULT_SERVICE) -> tuple[StatusPage, ...]:
    """Every status page of the account.

    `service`: "incident.io" (default) or "statuspage.me". Raises LookupFailed for any other.
    """
    settings = _settings(service)
    return tuple(_page(page, settings) for page in _pages(settings))


def get_status_page(
    *,
    id: str | None = None,
    name: str | None = None,
    public_url: str | None = None,
    service: Service = DEFAULT_SERVICE,
) -> StatusPage:
    """The page of that id, name or public URL; with none of them, the account's only page.

    `service`: "incident.io" (default) or "statuspage.me", whose pages have no components that can be looked up.
    Raises LookupFailed, with the candidates, if none or more than one fits, and for any other service.
    """
    settings = _settings(service)
    pages = _pages(settings)
    given = {key: value for key, value in (("id", id), ("name", name), ("public_url", public_url)) if value is not None}
    found = [page for page in pages if all(_same(getattr(page, key), value) for key, value in given.items())]
    what = ", ".join(f'{key} "{value}"' for key, value in given.items()) or "no name given"
    return _page(_only(found, pages, f"status page with {what}", " ".join(given.values()), _page_names), settings)


def get_maintenances(
    status_page_id: str,
    *,
    component_id: str | None = None,
    group_id: str | None = None,
    sub_page_id: str | None = None,
    start_at: datetime | None = None,
    end_at: datetime | None = None,
    service: Service = DEFAULT_SERVICE,
) -> tuple[Maintenance, ...]:
    """The maintenance windows of a page, newest first, each with its timeline. They are asked for anew each time.

    They are those that touch the component, the group or the sub-page of that id, and that do so between two aware
    datetimes, as far as these are given (the API's own filters). Raises LookupFailed for a naive datetime, and for a
    filter that the service does not have; ServiceError for an id that is not on the page.
    """
    asked = _asked(component_id, group_id, sub_page_id, start_at, end_at, service)
    return tuple(connect(_settings(service), "maintenances").on_page(status_page_id, **asked))


def get_incidents(
    status_page_id: str,
    *,
    component_id: str | None = None,
    group_id: str | None = None,
    sub_page_id: str | None = None,
    start_at: datetime | None = None,
    end_at: datetime | None = None,
    service: Service = DEFAULT_SERVICE,
) -> tuple[Incident, ...]:
    """The incidents of a page, newest first, with the same filters and refusals as `get_maintenances`.

    On statuspage.me they come without their timelines, and there are at most 200 (its document).
    """
    asked = _asked(component_id, group_id, sub_page_id, start_at, end_at, service)
    return tuple(connect(_settings(service), "incidents").on_page(status_page_id, **asked))


def _asked(
    component_id: str | None,
    group_id: str | None,
    sub_page_id: str | None,
    start_at: datetime | None,
    end_at: datetime | None,
    service: str,
) -> dict[str, str]:
    """The filters that are given, as the service takes them."""
    ids = {"component_id": component_id, "group_id": group_id, "sub_page_id": sub_page_id}
    asked = {name: value for name, value in ids.items() if value is not None}
    for which, when in (("start_at", start_at), ("end_at", end_at)):
        if when is not None:
            _refuse_naive(which, when)
            asked[which] = format_instant(when)
    if service in CAPABILITIES and (unknown := sorted(set(asked) - CAPABILITIES[service].filters)):
        raise LookupFailed(f"{unknown[0]}: {service} has no such filter: leave it out")
    return asked


def _refuse_naive(which: str, when: object) -> None:
    if not isinstance(when, datetime) or when.tzinfo is None:
        # A naive one would be taken to be in the zone of this machine.
        raise LookupFailed(
            f"{which}: {when} is not a datetime with a time zone: write datetime(2026, 3, 1, tzinfo=timezone.utc)"
        )


def _settings(service: str) -> Settings:
    if fault := service_fault(service):
        raise LookupFailed(f"service: {fault}")
    return program_settings(service)


def find_page(settings: Settings, text: str | None) -> StatusPage:
    """The page whose id, name or public URL that is; without it, the account's only page. For the command line."""
    pages = _pages(settings)
    found = [page for page in pages if text is None or any(_same(own, text) for own in _page_names(page)[1:])]
    what = "status page" if text is None else f'status page "{text}"'
    return _page(_only(found, pages, what, text or "", _page_names), settings)


def _same(value: str | None, wanted: str) -> bool:
    return value is not None and value.rstrip("/") == wanted.rstrip("/")


def _page_names(page: Page) -> tuple[str, ...]:
    return f"{page.name} ({page.id})", page.id, page.name, page.public_url or ""


def _named(items: Iterable[Item], name: str, path: Callable[[Item], str]) -> list[Item]:
    """Those with that path; if there are none, those whose path ends in it."""
    items = list(items)
    return [item for item in items if path(item) == name] or [
        item for item in items if path(item).endswith(f" / {name}")
    ]


def _each_once(components: Iterable[Component]) -> list[Component]:
    first: dict[str, Component] = {}
    for component in components:
        first.setdefault(component.id, component)
    return list(first.values())


def _only(
    found: Sequence[Item], of: Sequence[Item], what: str, wanted: str, names: Callable[[Item], tuple[str, ...]]
) -> Item:
    """The one that was found, or LookupFailed with the candidates, closest first, each by the first of its names."""
    if len(found) == 1:
        return found[0]

    def distance(item: Item) -> tuple[float, str]:
        likeness = (SequenceMatcher(None, wanted.casefold(), name[:LONGEST].casefold()).ratio() for name in names(item))
        return -max(likeness), names(item)[0]

    labels = [quoted(names(item)[0]) for item in sorted(found or of, key=distance)]
    shown = ", ".join(labels[:CANDIDATES])
    shown += f" and {len(labels) - CANDIDATES} more" if len(labels) > CANDIDATES else ""
    if found:
        raise LookupFailed(f"more than one {what}: {shown}. Say which one")
    raise LookupFailed(f"no {what}: choose from {shown}" if shown else f"no {what}: there are none")


def _page(page: Page, settings: Settings) -> StatusPage:
    return StatusPage(page.id, page.name, page.public_url, page.description, settings)


@lru_cache(maxsize=32)
def _pages(settings: Settings) -> tuple[Page, ...]:
    return tuple(_open(settings).list_pages())


@lru_cache(maxsize=256)
def _components(settings: Settings, status_page_id: str) -> tuple[Component, ...]:
    return tuple(_open(settings).show_components(status_page_id))


def _open(settings: Settings) -> PageService:
    return connect(settings, "pages")
