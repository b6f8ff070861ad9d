"""Stale reads: after a write, a number of reads answer with the object as it was before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from .store import PageRecord, Store

P = TypeVar("P", bound=PageRecord)


@dataclass
class _Stale:
    """`before` is the object before the write, None if the write created it. `place` is its position in the table."""

    reads_left: int
    page_id: str
    before: Any
    place: int


class StaleReads:
    """Each object has its own count. A write starts it anew. The state file does not keep it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stale: dict[tuple[str, str], _Stale] = {}

    def created(self, record: PageRecord) -> None:
        self._start(record, None)

    def changing(self, record: PageRecord) -> None:
        """Call this before a change or a removal, once nothing can refuse it any more."""
        self._start(record, record)

    def forget(self) -> None:
        self._stale.clear()

    def find(self, model: type[P], key: str) -> P | None:
        """The object as a read sees it."""
        stale = self._stale.get((model.table, key))
        if stale is None:
            return self._store.table(model).get(key)
        self._use_up(model.table, key)
        found: P | None = stale.before
        return found

    def listed(self, model: type[P], page_id: str | None) -> list[P]:
        """A page's objects as a list sees them, oldest first. None means every page."""
        records = self._store.table(model)
        shown: dict[str, P | None] = dict(records)
        removed: list[_Stale] = []
        for (table, key), stale in list(self._stale.items()):
            if table != model.table or page_id not in (None, stale.page_id):
                continue
            self._use_up(table, key)
            if key in records:
                shown[key] = stale.before
            elif stale.before is not None:
                removed.append(stale)
        listed = list(shown.values())
        for stale in sorted(removed, key=lambda one: one.place):
            listed.insert(stale.place, stale.before)
        return [one for one in listed if one is not None and page_id in (None, one.page_id)]

    def _start(self, record: PageRecord, before: PageRecord | None) -> None:
        key = (record.table, record.id)
        reads = self._store.differences.stale_reads
        if not reads:
            self._stale.pop(key, None)
            return
        ids = list(self._store.table(type(record)))
        place = ids.index(record.id) if record.id in ids else len(ids)
        copied = None if before is None else before.model_copy(deep=True)
        self._stale[key] = _Stale(reads, record.page_id, copied, place)

    def _use_up(self, table: str, key: str) -> None:
        stale = self._stale[table, key]
        stale.reads_left -= 1
        if not stale.reads_left:
            del self._stale[table, key]
