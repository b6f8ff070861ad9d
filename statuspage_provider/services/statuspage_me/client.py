"""One statuspage.me account: its incidents. Rules: https://statuspage.me (Incidents API)."""

from __future__ import annotations

from typing import Any

from ..settings import Settings
from ..transport import Transport
from . import bodies
from .incidents import Incidents


class StatuspageMe:
    """One statuspage.me account. Every call raises ServiceError, Unreachable or Refused."""

    def __init__(self, settings: Settings, **transport: Any) -> None:
        calls = Transport(settings, bodies.read_fault, **transport)
        self.incidents = Incidents(calls, dict(settings.incident_states))
        self.deletions = self.incidents
