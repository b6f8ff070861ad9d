"""One incident.io account: its pages, incidents and windows.

Rules and limits: https://docs.incident.io/api-reference/status-pages-v2/
"""

from __future__ import annotations

from typing import Any

from ..settings import Settings
from ..transport import Transport
from . import bodies
from .calls import Calls
from .incidents import Incidents, RetrospectiveIncidents
from .maintenances import Maintenances
from .pages import Pages


class IncidentIo:
    """One incident.io account. Every call raises ServiceError or Unreachable.

    A create carries an idempotency key, so it may be repeated. Updates of a timeline carry none: a lost answer is
    raised as LostAnswer, and the caller looks at the timeline before it posts again.
    """

    def __init__(self, settings: Settings, **transport: Any) -> None:
        calls = Calls(Transport(settings, bodies.read_fault, **transport))
        self.pages = Pages(calls)
        self.incidents = Incidents(calls)
        self.retrospectives = RetrospectiveIncidents(calls, self.incidents)
        self.maintenances = Maintenances(calls)
