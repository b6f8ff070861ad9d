"""The emulator's memory, and the file that lets it survive a restart.

The file is a journal of JSON lines: every request appends the records it changed, in one write. A line cut off by
a crash is dropped at the next start. So a write costs what changed, not what there is; the journal is rewritten
(to a new file that then takes its place) at a start and whenever it has grown to several times its content.
"""

from __future__ import annotations

import errno
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

from .differences import Differences
from .incident_io.objects import Incident, Maintenance, Page, Record, Replay
from .statuspage_me.objects import MeIncident, MePage

KEPT_LOG_LINES = 10_000

R = TypeVar("R", bound=Record)


class Store:
    """Records by table and id, two logs, a few settings. Hold `lock` while reading or changing it."""

    def __init__(self, file: Path | None = None) -> None:
        self.lock = threading.RLock()
        self._file = file = None if file is None else _target(file)
        self._journal: IO[str] | None = None
        self._pending: list[list[Any]] = []
        self._lines = 0
        self._empty()
        if file is not None and file.exists():
            self._load(file)
        if file is not None:
            self._rewrite()

    def _empty(self) -> None:
        self.pages: dict[str, Page] = {}
        self.incidents: dict[str, Incident] = {}
        self.maintenances: dict[str, Maintenance] = {}
        self.replays: dict[str, Replay] = {}
        self.statuspage_me_pages: dict[str, MePage] = {}
        self.statuspage_me_incidents: dict[str, MeIncident] = {}
        self.requests: list[dict[str, Any]] = []
        self.notices: list[dict[str, Any]] = []
        self.settings: dict[str, Any] = {}
        self._automated: set[str] = set()
        self._tables: dict[str, dict[str, Any]] = {
            "pages": self.pages,
            "incidents": self.incidents,
            "maintenances": self.maintenances,
            "replays": self.replays,
            "statuspage_me_pages": self.statuspage_me_pages,
            "statuspage_me_incidents": self.statuspage_me_incidents,
        }
        self._logs: dict[str, list[dict[str, Any]]] = {"requests": self.requests, "notices": self.notices}

    def records(self, model: type[R]) -> dict[str, R]:
        """All of a kind, by id, in the order of their creation."""
        return self._tables[model.table]

    @property
    def differences(self) -> Differences:
        """How the service is unlike the documents at the moment."""
        return Differences.model_validate(self.settings.get("differences", {}))

    def save(self, record: R) -> R:
        self._keep(record)
        self._pending.append(["save", record.table, record])
        return record

    def remove(self, record: Record) -> None:
        self._forget(record.table, record.id)
        self._pending.append(["remove", record.table, record.id])

    def log(self, log: str, line: dict[str, Any]) -> None:
        self._append(log, line)
        self._pending.append(["log", log, line])

    def amend(self, log: str, line: dict[str, Any], **fields: Any) -> None:
        """Say more in a line written before; one that was cleared stays gone."""
        line.update(fields)
        place = next((number for number, kept in enumerate(self._logs[log]) if kept is line), None)
        if place is not None:
            self._pending.append(["amend", log, [place, fields]])

    def clear_log(self, log: str) -> None:
        self._logs[log].clear()
        self._pending.append(["clear", log, None])

    def set(self, name: str, value: Any) -> None:
        if self.settings.get(name) != value:
            self.settings[name] = value
            self._pending.append(["set", name, value])

    def reset(self) -> None:
        self._empty()
        self._pending.append(["reset", None, None])

    def automated(self) -> list[Maintenance]:
        """The windows automation may still move; an index, as it is read before every request."""
        return [self.maintenances[key] for key in sorted(self._automated)]

    def flush(self) -> None:
        """Write what changed since the last time."""
        changes, self._pending = self._pending, []
        if self._journal is None or not changes:
            return
        self._journal.write("".join(_line(change) for change in changes))
        self._journal.flush()
        self._lines += len(changes)
        if self._lines > 1_000 + 4 * self._size():
            self._rewrite()

    def close(self) -> None:
        self.flush()
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _keep(self, record: Record) -> None:
        self._tables[record.table][record.id] = record
        if isinstance(record, Maintenance):
            live = record.automate and not record.over
            (self._automated.add if live else self._automated.discard)(record.id)

    def _forget(self, table: str, key: str) -> None:
        self._tables[table].pop(key, None)
        self._automated.discard(key)

    def _append(self, log: str, line: dict[str, Any]) -> None:
        lines = self._logs[log]
        lines.append(line)
        if len(lines) > KEPT_LOG_LINES + KEPT_LOG_LINES // 10:
            del lines[:-KEPT_LOG_LINES]

    def _size(self) -> int:
        return sum(map(len, [*self._tables.values(), *self._logs.values(), self.settings]))

    def _load(self, file: Path) -> None:
        kept: tuple[type[Record], ...] = (Page, Incident, Maintenance, Replay, MePage, MeIncident)
        models = {model.table: model for model in kept}
        for change in _read(file):
            match change:
                case ["save", table, data]:
                    self._keep(models[table].model_validate(data))
                case ["remove", table, key]:
                    self._forget(table, key)
                case ["log", log, line]:
                    self._append(log, line)
                case ["amend", log, [place, fields]]:
                    self._logs[log][place].update(fields)
                case ["clear", log, _]:
                    self._logs[log].clear()
                case ["set", name, value]:
                    self.settings[name] = value
                case ["reset", _, _]:
                    self._empty()

    def _rewrite(self) -> None:
        """Put a journal of the present state in the place of the old one, in one step."""
        assert self._file is not None
        if self._journal is not None:
            self._journal.close()
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._file.with_name(self._file.name + ".new")
        changes = list(self._snapshot())
        with fresh.open("w", encoding="utf-8") as out:
            out.writelines(map(_line, changes))
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(self._file)
        self._lines = len(changes)
        self._journal = self._file.open("a", encoding="utf-8")

    def _snapshot(self) -> Iterator[list[Any]]:
        for name, value in self.settings.items():
            yield ["set", name, value]
        for table, records in self._tables.items():
            for record in records.values():
                yield ["save", table, record]
        for log, lines in self._logs.items():
            for line in lines:
                yield ["log", log, line]


def _line(change: list[Any]) -> str:
    """One change as JSON; a record is put into text only now, so its last form of the request is what is kept."""
    data = change[2].model_dump(mode="json") if isinstance(change[2], Record) else change[2]
    return json.dumps([change[0], change[1], data], separators=(",", ":")) + "\n"


def _target(file: Path) -> Path:
    """The file that a link leads to, so that the link stays one when the file is rewritten."""
    target = Path(os.path.realpath(file))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(file))
    return target


def _read(file: Path) -> Iterator[list[Any]]:
    lines = file.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            change = json.loads(line)
        except ValueError:
            if number == len(lines):  # no newline at its end: the write was cut off
                return
            raise ValueError(f"{file}: line {number} is not part of an emulator's state file") from None
        yield change
