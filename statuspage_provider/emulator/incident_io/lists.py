"""Lists: filters by component, group, sub-page and time, and paging."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from ..errors import Invalid
from ..store import Record
from . import bodies
from .ids import is_ulid
from .objects import Span
from .pages import Component, Page

R = TypeVar("R", bound=Record)
Wire = dict[str, Any]


def one_page(records: list[R], paging: bodies.Paging, *, newest_first: bool) -> tuple[list[R], Wire]:
    """One page of records, and the cursor of the next. Ids sort by age, so a cursor outlives its record."""
    if paging.after is not None:
        after = paging.after
        if not is_ulid(after):
            raise Invalid.at("/after", "after must be a record's ID")
        records = [record for record in records if (record.id < after if newest_first else record.id > after)]
    if newest_first:
        records = records[::-1]
    shown = records[: paging.page_size]
    meta: Wire = {"page_size": paging.page_size}
    if len(records) > len(shown):
        meta["after"] = shown[-1].id
    return shown, meta


def matches(spans: Sequence[Span], ids: set[str] | None, start: datetime | None, end: datetime | None) -> bool:
    """Whether one of an event's spans touched such a component at such a time. Without a filter, always."""
    if ids is None and start is None and end is None:
        return True
    return any(
        (ids is None or span.component_id in ids)
        and (start is None or span.end_at is None or span.end_at >= start)
        and (end is None or span.start_at <= end)
        for span in spans
    )


def wanted_components(page: Page, wanted: bodies.EventFilter) -> set[str] | None:
    """The components a list is narrowed to. None if it is not."""
    narrowed: set[str] | None = None
    placed = list(page.placed())
    for field, key, ids in (
        ("component_id", wanted.component_id, [(place.component, place.component) for place in placed]),
        ("group_id", wanted.group_id, [(place.group, place.component) for place in placed]),
        ("sub_page_id", wanted.sub_page_id, [(place.sub_page, place.component) for place in placed]),
    ):
        if key is None:
            continue
        matching = _ids_within(key, ids)
        if not matching:
            raise Invalid.at(f"/{field}", f"{field}: there is no {key} on this status page", "not_found")
        narrowed = matching if narrowed is None else narrowed & matching
    return narrowed


def _ids_within(key: str, ids: Sequence[tuple[Any, Component]]) -> set[str]:
    return {component.id for place, component in ids if place is not None and place.id == key}
