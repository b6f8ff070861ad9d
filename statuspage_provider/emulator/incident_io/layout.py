"""Pages to start with, and more on request: the part a person does in the vendor's dashboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from ..errors import Invalid
from ..validation import Body, Name, Text
from .objects import Component, Group, Page, SubPage

DEFAULT_PAGE_ID = "01HZACMEPAGE0000000000000A"
DATA_SINCE = datetime(2024, 1, 1, tzinfo=timezone.utc)
LAST_DEFAULT_ID = "01HZACMEZZZZZZZZZZZZZZZZZZ"


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise ValueError("must be lower-case letters, digits and single dashes")
    return value


class NewComponent(Body):
    """A component with more to it than its name. One whose id is named again is the same one, in another place."""

    name: Name
    id: Text | None = None
    hidden: bool = False


def _by_name(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


Listed = Annotated[NewComponent, BeforeValidator(_by_name)]


class Layout(Body):
    """Components, by name or with more to them, and groups of them."""

    components: list[Listed] = Field(default_factory=list)
    groups: dict[Name, list[Listed]] = Field(default_factory=dict)


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
    page = Page(
        id=next_id(),
        name=new.name,
        slug=slug,
        description=new.description,
        subscribers=new.subscribers,
        since=since,
        items=[*_items(new, next_id), *sub_pages],
    )
    _check_shared(page)
    return page


def _items(layout: Layout, next_id: Callable[[], str]) -> list[Any]:
    def made(listed: list[NewComponent]) -> list[Component]:
        return [Component(id=one.id or next_id(), name=one.name, hidden=one.hidden) for one in listed]

    groups = [Group(id=next_id(), name=name, components=made(listed)) for name, listed in layout.groups.items()]
    return [*made(layout.components), *groups]


def _check_shared(page: Page) -> None:
    """A component that stands in several places is one component, and is in no place twice."""
    names: dict[str, str] = {}
    places: set[tuple[str, ...]] = set()
    for placed in page.placed():
        component = placed.component
        place = (component.id, *(above.id for above in (placed.sub_page, placed.group) if above))
        if names.setdefault(component.id, component.name) != component.name or place in places:
            raise Invalid(f"The component {component.id} needs one name, and to be in each place once")
        places.add(place)


def slug_of(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "page"


def components_of(page: Page) -> dict[str, str]:
    """Component ids by name, `Group / Name` for those in a group."""
    return {place.full_name: place.component.id for place in page.placed()}
