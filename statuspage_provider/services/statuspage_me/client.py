"""One statuspage.me account: its incidents, windows and pages.

Rules: https://statuspage.me, the help centre's pages on the API (Incidents, Maintenances, API overview).
"""

from __future__ import annotations

from typing import Any

from ... import clock
from ..settings import Settings
from ..transport import Transport
from . import bodies
from .calls import Calls
from .incidents import Incidents
from .maintenances import Maintenances
from .pages import Pages


class StatuspageMe:
    """One statuspage.me account. Every call raises ServiceError, Unreachable or Refused."""

    def __init__(self, settings: Settings, **transport: Any) -> None:
        account = Transport(settings, bodies.read_fault, **transport)
        self.incidents = Incidents(Calls(account, "incidents"), dict(settings.incident_states))
        self.deletions = self.incidents
        self.maintenances = Maintenances(Calls(account, "maintenances"), clock.now)
        self.pages = Pages(Calls(account, "status-pages"))
