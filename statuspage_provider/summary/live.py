"""A look at the real page: reads only. What cannot be asked is said once, and the rest goes by state and clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..errors import StatusPageError
from ..models import Component, Incident, Maintenance
from .rehearsal import Unforeseen

Answer = TypeVar("Answer")

MAINTENANCES = "incident.io"
"""The service that has maintenance windows."""


class LivePage:
    """Reads through the services' own clients, each thing once. `problems` says what could not be read."""

    def __init__(self, services: Mapping[str, Any]) -> None:
        self.problems: list[str] = []
        self._services = services
        self._answers: dict[tuple[str, str, str], Any] = {}

    def maintenance(self, id_: str) -> Maintenance | None:
        return self._once(MAINTENANCES, "maintenance", id_, lambda service: service.show_maintenance(id_))

    def incident(self, service: str, id_: str) -> Incident | None:
        return self._once(service, "incident", id_, lambda opened: opened.show_incident(id_))

    def components(self, status_page_id: str) -> list[Component]:
        return self._once(
            MAINTENANCES, "components", status_page_id, lambda service: service.show_components(status_page_id)
        )

    def _once(self, name: str, what: str, id_: str, ask: Callable[[Any], Answer]) -> Answer:
        known = (name, what, id_)
        if known not in self._answers:
            service = self._services.get(name)
            if service is None:
                raise Unforeseen(f"what {id_} shows")
            try:
                self._answers[known] = ask(service)
            except StatusPageError as error:
                line = str(error)
                if line not in self.problems:
                    self.problems.append(line)
                raise Unforeseen(f"what {id_} shows") from None
        answer: Answer = self._answers[known]
        return answer
