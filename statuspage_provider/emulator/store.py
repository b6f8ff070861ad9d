"""The emulator's memory, kept in SQLite: in a file that survives a restart, or without one in SQLite's own memory.

Each request ends with one commit, before it is answered. So a process that is killed loses nothing it has answered.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import threading
import weakref
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel

from .differences import Differences

KEPT_LOG_LINES = 10_000

# Marks a database as ours: the bytes of "emul".
APPLICATION_ID = 0x656D756C

# In WAL mode NORMAL syncs at checkpoints, not at each commit. Only a power cut can lose what was committed.
SCHEMA = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
BEGIN IMMEDIATE;
PRAGMA application_id = {APPLICATION_ID};
CREATE TABLE IF NOT EXISTS records (kind TEXT, id TEXT, json TEXT, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS requests (number INTEGER PRIMARY KEY AUTOINCREMENT, json TEXT);
CREATE TABLE IF NOT EXISTS notices (number INTEGER PRIMARY KEY AUTOINCREMENT, json TEXT);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, json TEXT);
COMMIT;
"""

Log = Literal["requests", "notices"]


class Record(BaseModel):
    """Something stored by its id, in the table of its class."""

    table: ClassVar[str]
    id: str


class PageRecord(Record):
    """A record that belongs to one page."""

    page_id: str


R = TypeVar("R", bound=Record)


class Store:
    """Records by table and id, two logs, a few settings. Hold `lock` while you read or change it."""

    def __init__(self, file: Path | None = None) -> None:
        self.lock = threading.RLock()
        self._database = _open(file)
        # Closes an emulator that nobody closes: Python 3.13 warns of a connection that is left open.
        self._close = weakref.finalize(self, self._database.close)
        self._tables: dict[type[Record], dict[str, Any]] = {}
        self.settings: dict[str, Any] = self._read_settings()

    def _read_settings(self) -> dict[str, Any]:
        return {name: json.loads(value) for name, value in self._database.execute("SELECT name, json FROM settings")}

    def table(self, model: type[R]) -> dict[str, R]:
        """All records of a class by id, oldest first. It is the same dict every time."""
        if model not in self._tables:
            self._tables[model] = self._read_table(model)
        return self._tables[model]

    def _read_table(self, model: type[R]) -> dict[str, R]:
        rows = self._database.execute("SELECT id, json FROM records WHERE kind = ? ORDER BY rowid", (model.table,))
        return {key: model.model_validate_json(text) for key, text in rows}

    def save(self, record: R) -> R:
        self.table(type(record))[record.id] = record
        self._database.execute(
            "INSERT INTO records VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET json = excluded.json",
            (record.table, record.id, record.model_dump_json()),
        )
        return record

    def remove(self, record: Record) -> None:
        self.table(type(record)).pop(record.id, None)
        self._database.execute("DELETE FROM records WHERE kind = ? AND id = ?", (record.table, record.id))

    def log(self, log: Log, line: dict[str, Any]) -> int:
        """Add a line. Returns its number, which no other line ever has."""
        number = self._database.execute(f"INSERT INTO {log} (json) VALUES (?)", (json.dumps(line),)).lastrowid or 0
        self._database.execute(f"DELETE FROM {log} WHERE number <= ?", (number - KEPT_LOG_LINES,))
        return number

    def rewrite_log(self, log: Log, number: int, line: dict[str, Any]) -> None:
        """Replace a line. One that was cleared stays gone."""
        self._database.execute(f"UPDATE {log} SET json = ? WHERE number = ?", (json.dumps(line), number))

    def read_log(self, log: Log) -> list[dict[str, Any]]:
        return [json.loads(text) for (text,) in self._database.execute(f"SELECT json FROM {log} ORDER BY number")]

    def clear_log(self, log: Log) -> None:
        self._database.execute(f"DELETE FROM {log}")

    def set(self, name: str, value: Any) -> None:
        if self.settings.get(name) != value:
            self.settings[name] = value
            self._database.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, json.dumps(value)))

    @property
    def differences(self) -> Differences:
        """How the service differs from the documents now."""
        return Differences.model_validate(self.settings.get("differences", {}))

    def reset(self) -> None:
        for held in [*self._tables.values(), self.settings]:
            held.clear()
        for table in ("records", "requests", "notices", "settings"):
            self._database.execute(f"DELETE FROM {table}")

    def keep(self) -> Store:
        """A copy of all that is remembered, for `restore`. It ends when nobody holds it any more."""
        kept = Store()
        self._database.backup(kept._database)
        return kept

    def restore(self, kept: Store) -> None:
        kept._database.backup(self._database)
        self.settings.clear()
        self.settings.update(self._read_settings())
        for model, held in self._tables.items():
            held.clear()
            held.update(self._read_table(model))

    def commit(self) -> None:
        self._database.commit()

    def close(self) -> None:
        self._close()

    @property
    def closed(self) -> bool:
        return not self._close.alive


def _open(file: Path | None) -> sqlite3.Connection:
    """Our database in this file, made if it is not there. ValueError, in one line, for any other file."""
    if file is None:
        return _prepared(sqlite3.connect(":memory:", check_same_thread=False))
    target = _target(file)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _prepared(sqlite3.connect(target, check_same_thread=False))
    except sqlite3.Error as error:
        raise ValueError(f"{file}: {error}") from None


def _prepared(database: sqlite3.Connection) -> sqlite3.Connection:
    try:
        [owner] = database.execute("PRAGMA application_id").fetchone()
        [tables] = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and owner != APPLICATION_ID:
            raise sqlite3.DatabaseError("it is the database of another program")
        [found] = database.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(f"it is broken: {found}")
        database.executescript(SCHEMA)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _target(file: Path) -> Path:
    """The file that a link leads to. A link that leads to itself is an OSError."""
    target = Path(os.path.realpath(file))
    if target.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(file))
    return target
