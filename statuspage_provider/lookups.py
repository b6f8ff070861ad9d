"""Look-ups that run in the program, in a preview too: pages by name, components by name. Cached for the process.

A key that may only read is enough. Ids that are found are plain values, to be used as inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar

from .errors import LookupFailed
from .models import Component, Page
from .provider import program_settings
from .services import PageService, open_pages
from .settings import Settings

Item = TypeVar("Item")


@dataclass(frozen=True)
class StatusPage:
    """A status page and, once asked for, its components."""

    id: str
    name: str
    public_url: str | None
    description: str | None
    _settings: Settings

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """All components, those of groups and sub-pages included. One request for a page and process."""
        return _components(self._settings, self.id)

    def component(self, name: str) -> Component:
        """The component of that name, or "Group / Name" where the name alone is not enough.

        Raises LookupFailed, with the candidates, where none or more than one fits.
        """
        paths = [component for component in self.components if component.path == name]
        found = paths or [component for component in self.components if component.name == name]
        return _only(found, self.components, f'component "{name}" on page "{self.name}"', lambda item: item.path)


def get_status_pages() -> tuple[StatusPage, ...]:
    """Every status page of the account."""
    settings = program_settings()
    return tuple(_page(page, settings) for page in _pages(settings))


def get_status_page(*, id: str | None = None, name: str | None = None, public_url: str | None = None) -> StatusPage:
    """The page of that id, name or public URL; with none of them, the account's only page.

    Raises LookupFailed, with the candidates, where none or more than one fits.
    """
    settings = program_settings()
    pages = _pages(settings)
    given = {key: value for key, value in (("id", id), ("name", name), ("public_url", public_url)) if value is not None}
    found = [page for page in pages if all(_same(getattr(page, key), value) for key, value in given.items())]
    what = ", ".join(f'{key} "{value}"' for key, value in given.items()) or "no name given"
    return _page(_only(found, pages, f"status page with {what}", lambda page: f"{page.name} ({page.id})"), settings)


def _same(value: str | None, wanted: str) -> bool:
    return value is not None and value.rstrip("/") == wanted.rstrip("/")


def _only(found: Sequence[Item], of: Sequence[Item], what: str, label: Callable[[Item], str]) -> Item:
    if len(found) == 1:
        return found[0]
    names = sorted(label(item) for item in (found or of))
    shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    if found:
        raise LookupFailed(f"more than one {what}: {shown}. Say which")
    raise LookupFailed(f"no {what}: there is {shown or 'none at all'}")


def _page(page: Page, settings: Settings) -> StatusPage:
    return StatusPage(page.id, page.name, page.public_url, page.description, settings)


@lru_cache(maxsize=32)
def _pages(settings: Settings) -> tuple[Page, ...]:
    return tuple(_open(settings).list_pages())


@lru_cache(maxsize=256)
def _components(settings: Settings, status_page_id: str) -> tuple[Component, ...]:
    return tuple(_open(settings).show_components(status_page_id))


def _open(settings: Settings) -> PageService:
    return open_pages(settings)
