"""Reads that lag writes: for so many reads an object is answered as it was before its last write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from .incident_io.objects import Incident, Maintenance
from .statuspage_me.objects import MeIncident
from .store import Store

Published = Incident | Maintenance | MeIncident

P = TypeVar("P", Incident, Maintenance, MeIncident)


@dataclass
class _Behind:
    """`before` is None after a create; `place` is where the object stood in its table."""

    left: int
    page_id: str
    before: Any
    place: int


class Lag:
    """Counts are kept for each object, start anew with each write of it, and are not in the state file."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._behind: dict[tuple[str, str], _Behind] = {}

    def created(self, record: Published) -> None:
        self._start(record, None)

    def changing(self, record: Published) -> None:
        """To be called before a change or a removal, when nothing can refuse it any more."""
        self._start(record, record)

    def forget(self) -> None:
        self._behind.clear()

    def find(self, model: type[P], key: str) -> P | None:
        """The object as a read sees it."""
        behind = self._behind.get((model.table, key))
        if behind is None:
            return self._store.records(model).get(key)
        self._use_up(model.table, key)
        found: P | None = behind.before
        return found

    def listed(self, model: type[P], page_id: str | None) -> list[P]:
        """A page's objects (all, for None) as a list sees them, in the order of their creation."""
        records = self._store.records(model)
        shown: dict[str, P | None] = dict(records)
        removed: list[_Behind] = []
        for (table, key), behind in list(self._behind.items()):
            if table != model.table or page_id not in (None, behind.page_id):
                continue
            self._use_up(table, key)
            if key in records:
                shown[key] = behind.before
            elif behind.before is not None:
                removed.append(behind)
        listed = list(shown.values())
        for behind in sorted(removed, key=lambda one: one.place):
            listed.insert(behind.place, behind.before)
        return [one for one in listed if one is not None and page_id in (None, one.page_id)]

    def _start(self, record: Published, before: Published | None) -> None:
        key = (record.table, record.id)
        reads = self._store.differences.stale_reads
        if not reads:
            self._behind.pop(key, None)
            return
        ids = list(self._store.records(type(record)))
        place = ids.index(record.id) if record.id in ids else len(ids)
        copied = None if before is None else before.model_copy(deep=True)
        self._behind[key] = _Behind(reads, record.page_id, copied, place)

    def _use_up(self, table: str, key: str) -> None:
        behind = self._behind[table, key]
        behind.left -= 1
        if not behind.left:
            del self._behind[table, key]
