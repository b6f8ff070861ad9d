"""Pages and what stands on them. People make them in the vendor's dashboard, so the API only reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timezone
from typing import Any, Literal

from pydantic import BaseModel

from ..errors import Invalid
from ..store import Record
from .bodies import NewComponents, NewPage, NewSubPage

DEFAULT_PAGE_ID = "01HZACMEPAGE0000000000000A"


class Component(BaseModel):
    kind: Literal["component"] = "component"
    id: str
    name: str
    hidden: bool = False

    def to_wire(self) -> dict[str, Any]:
        return {"component_id": self.id, "display_uptime": True, "hidden": self.hidden, "name": self.name}


class Group(BaseModel):
    kind: Literal["group"] = "group"
    id: str
    name: str
    description: str | None = None
    components: list[Component]

    def to_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {"id": self.id, "name": self.name, "hidden": False, "display_aggregated_uptime": True}
        if self.description is not None:
            wire["description"] = self.description
        return {**wire, "components": [component.to_wire() for component in self.components]}


class SubPage(BaseModel):
    kind: Literal["sub_page"] = "sub_page"
    id: str
    name: str
    items: list[Component | Group]

    def to_wire(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "items": [{item.kind: item.to_wire()} for item in self.items]}


class Placed(BaseModel):
    """A component and where it stands."""

    component: Component
    group: Group | None = None
    sub_page: SubPage | None = None

    @property
    def full_name(self) -> str:
        above = [place.name for place in (self.sub_page, self.group) if place]
        return " / ".join([*above, self.component.name])


class Page(Record):
    table = "pages"
    name: str
    slug: str
    description: str | None = None
    subscribers: int
    since: datetime
    items: list[Component | Group | SubPage]

    def placed(self) -> Iterator[Placed]:
        """Every component in every place."""
        yield from _placed(self.items)

    def component_ids(self) -> set[str]:
        return {place.component.id for place in self.placed()}

    def components_by_name(self) -> dict[str, str]:
        """Component ids by name, `Group / Name` for those in a group."""
        return {place.full_name: place.component.id for place in self.placed()}

    def to_wire(self, public_url: str | None) -> dict[str, Any]:
        wire = {"id": self.id, "name": self.name}
        if public_url is not None:
            wire["public_url"] = public_url
        return wire if self.description is None else {**wire, "description": self.description}

    def structure_to_wire(self) -> dict[str, Any]:
        return {
            "current_structure": {"items": [{item.kind: item.to_wire()} for item in self.items]},
            "display_uptime_mode": "chart_and_percentage",
            "management_meta": {"annotations": {}, "managed_by": "dashboard"},
        }


def _placed(items: list[Any], sub_page: SubPage | None = None) -> Iterator[Placed]:
    for item in items:
        if isinstance(item, Component):
            yield Placed.model_construct(component=item, group=None, sub_page=sub_page)
        elif isinstance(item, Group):
            for component in item.components:
                yield Placed.model_construct(component=component, group=item, sub_page=sub_page)
        else:
            yield from _placed(item.items, item)


def default_page() -> Page:
    """Acme Status. Its ids never change, so that programs can name them."""
    return Page(
        id=DEFAULT_PAGE_ID,
        name="Acme Status",
        slug="acme",
        description="How Acme's services are doing.",
        subscribers=25,
        since=datetime(2024, 1, 1, tzinfo=timezone.utc),
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


def new_page(new: NewPage, slug: str, since: datetime, next_id: Callable[[], str]) -> Page:
    """A page as ordered, with new ids."""
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


def _items(layout: NewSubPage, next_id: Callable[[], str]) -> list[Any]:
    def made(listed: NewComponents) -> list[Component]:
        return [Component(id=one.id or next_id(), name=one.name, hidden=one.hidden) for one in listed]

    groups = [Group(id=next_id(), name=name, components=made(listed)) for name, listed in layout.groups.items()]
    return [*made(layout.components), *groups]


def _check_shared(page: Page) -> None:
    """A component in several places is one component, and is in no place twice."""
    names: dict[str, str] = {}
    places: set[tuple[str, ...]] = set()
    for placed in page.placed():
        component = placed.component
        place = (component.id, *(above.id for above in (placed.sub_page, placed.group) if above))
        if names.setdefault(component.id, component.name) != component.name or place in places:
            raise Invalid(f"The component {component.id} must have one name, and be in each place once")
        places.add(place)


def free_slug(name: str, taken: Collection[str]) -> str:
    """A slug for a page of this name that no other page has."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "page"
    number, free = 1, slug
    while free in taken:
        number += 1
        free = f"{slug}-{number}"
    return free
