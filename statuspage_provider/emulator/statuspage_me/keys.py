"""statuspage.me's keys: in either of two headers, and each kind of object has scopes of its own."""

from __future__ import annotations

from werkzeug.datastructures import Headers

from ..keys import KEYS, WRITES, bearer
from .routes import PREFIX

KEY_PREFIX = "spk_"

# A key without scopes has all of them.
SCOPES: dict[str, tuple[str, ...]] = {
    "write": (),
    "read": ("incidents:read", "maintenances:read", "status-pages:read"),
    "incidents": ("incidents:read", "incidents:write"),
}

OWN_KEYS = {**KEYS, "emulator-incidents": "incidents"}


def sent_key(headers: Headers) -> str | None:
    """The key in `Authorization`, which counts if both are sent, or in `X-API-Key`."""
    key = bearer(headers)
    return headers.get("X-API-Key") if key is None else key


def scope_of(key: str) -> str | None:
    """What the log calls the key's scopes. None for an unknown key."""
    return OWN_KEYS.get(key.removeprefix(KEY_PREFIX))


def missing_scope(scope: str, method: str, path: str) -> str | None:
    """A path begins with the kind of object, and so does the scope."""
    kind = path.removeprefix(PREFIX).partition("/")[0]
    wanted = f"{kind}:{'write' if method in WRITES else 'read'}"
    return wanted if SCOPES[scope] and wanted not in SCOPES[scope] else None
