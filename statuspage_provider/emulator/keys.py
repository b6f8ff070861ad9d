"""API keys: those that both services know, and where a request carries one."""

from __future__ import annotations

from werkzeug.datastructures import Headers

KEYS = {"emulator-write": "write", "emulator-read": "read"}
WRITES = ("POST", "PUT", "PATCH", "DELETE")


def bearer(headers: Headers) -> str | None:
    """The key in `Authorization: Bearer <key>`. None without that header, empty if it holds anything else."""
    header = headers.get("Authorization")
    if not header:
        return None
    scheme, _, key = header.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""
