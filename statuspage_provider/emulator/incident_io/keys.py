"""incident.io's keys: any of them reads, and writes need the scope."""

from __future__ import annotations

from ..keys import KEYS, WRITES, bearer

WRITE_SCOPE = "Create status page incidents, maintenance windows and publish updates"

sent_key = bearer


def scope_of(key: str) -> str | None:
    """What the log calls the key's scopes. None for an unknown key."""
    return KEYS.get(key)


def missing_scope(scope: str, method: str, path: str) -> str | None:
    return WRITE_SCOPE if scope != "write" and method in WRITES else None
