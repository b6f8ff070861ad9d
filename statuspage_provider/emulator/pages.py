"""Pages to start with, and more on request: the part a person does in the vendor's dashboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from .bodies import Body, Name
from .objects import Component, Group, Page, SubPage

DEFAULT_PAGE_ID = "01HZACMEPAGE0000000000000A"
DATA_SINCE = datetime(2024, 1, 1, tzinfo=timezone.utc)
LAST_DEFAULT_ID = "01HZACMEZZZZZZZZZZZZZZZZZZ"


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise ValueError("must be lower-case letters, digits and single dashes")
    return value


class Layout(Body):
    """Component names, and groups of them."""

    components: list[Name] = Field(default_factory=list)
    groups: dict[Name, list[Name]] = Field(default_factory=dict)


class NewPage(Layout):
    """What `POST /_emulator/pages` takes."""

    name: Name
    slug: Annotated[str, AfterValidator(_slug)] | None = None
    description: Name | None = None
    subscribers: int = 25
    sub_pages: dict[Name, Layout] = Field(default_factory=dict)


def default_page() -> Page:
    """Acme Status. Its ids never change, so that they can be written into a program."""
    return Page(
        id=DEFAULT_PAGE_ID,
        name="Acme Status",
        slug="acme",
        description="How Acme's services are doing.",
        subscribers=25,
        since=DATA_SINCE,
        items=[
            Component(id="01HZACMECMP0000000000000AP", name="API"),
            Component(id="01HZACMECMP0000000000000DA", name="Dashboard"),
            Group(
                id="01HZACMEGRP0000000000000EV",
                name="EU",
                description="Services in our European region.",
                components=[
                    Component(id="01HZACMECMP0000000000000DB", name="Database"),
                    Component(id="01HZACMECMP0000000000000QE", name="Queue"),
                ],
            ),
        ],
    )


def build_page(new: NewPage, slug: str, since: datetime, next_id: Callable[[], str]) -> Page:
    """A page as asked for, with fresh ids."""
    sub_pages = [
        SubPage(id=next_id(), name=name, items=_items(layout, next_id)) for name, layout in new.sub_pages.items()
    ]
    return Page(
        id=next_id(),
        name=new.name,
        slug=slug,
        description=new.description,
        subscribers=new.subscribers,
        since=since,
        items=[*_items(new, next_id), *sub_pages],
    )


def _items(layout: Layout, next_id: Callable[[], str]) -> list[Any]:
    components = [Component(id=next_id(), name=name) for name in layout.components]
    groups = [
        Group(id=next_id(), name=name, components=[Component(id=next_id(), name=inner) for inner in names])
        for name, names in layout.groups.items()
    ]
    return [*components, *groups]


def slug_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "page"


def components_of(page: Page) -> dict[str, str]:
    """Component ids by name, `Group / Name` for those in a group."""
    return {place.full_name: place.component.id for place in page.placed()}
