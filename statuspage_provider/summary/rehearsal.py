"""The providers that `up` runs, in a process of their own: nothing is sent, and what would be is noted.

There is no second copy of the rules: what is promised is what the providers' own code does when the page is as it is
believed to be. That is what state and clock tell, or what the page itself shows if it can be asked.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..display import plain
from ..engine_formats import INCIDENT, PAST, WINDOW
from ..engine_process import EngineProcess
from ..operations.incident import IncidentOperations
from ..operations.maintenance import MaintenanceOperations
from ..operations.retrospective import RetrospectiveIncidentOperations
from ..services.capabilities import Capability
from ..services.settings import Config
from .stand_in import StandIn, StandInIncidents, StandInMaintenances, StandInPages, StandInRetrospectives

Provider = MaintenanceOperations | IncidentOperations | RetrospectiveIncidentOperations

PROVIDERS: dict[str, type[Provider]] = {
    WINDOW: MaintenanceOperations,
    INCIDENT: IncidentOperations,
    PAST: RetrospectiveIncidentOperations,
}


class Rehearsal(EngineProcess):
    """One run of the engine on a stand-in for the services. Its clock stands still."""

    clock_stands_still = True

    def __init__(self, page: StandIn) -> None:
        super().__init__()
        self.page = page
        self._said: list[str] = []

    def provider(self, type_: str) -> Provider:
        """The provider of a type, as `up` runs it, in this process."""
        provider = PROVIDERS[type_]()
        provider.process, provider.run = self, self.run_of(type_)
        return provider

    def now(self) -> datetime:
        return self.page.now

    def say(self, line: str) -> None:
        self._said.append(plain(line))

    def said(self) -> tuple[str, ...]:
        """What was said since the last time."""
        lines, self._said = tuple(self._said), []
        return lines

    def connect(self, capability: Capability, service: str, config: Config) -> Any:
        if capability == "maintenances":
            return StandInMaintenances(self.page, service)
        if capability == "pages":
            return StandInPages(self.page)
        kind = StandInRetrospectives if capability == "retrospectives" else StandInIncidents
        return kind(self.page, service)

    def sleep(self, seconds: float) -> None:
        """Nothing changes on a stand-in, however long it is waited for."""
