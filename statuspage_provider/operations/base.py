"""What the operations on each kind of object share: their settings, and the checks of what is declared."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar, cast

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, ReadResult, ResourceProvider
from pydantic import ValidationError

from .. import inputs
from ..engine_process import PROCESS, EngineProcess, Run
from ..errors import NotFound, Refused
from ..inputs import IncidentInputs, MaintenanceInputs
from ..properties import faults_of
from ..publishing import current, has_entry
from ..services.capabilities import (
    DEFAULT_SERVICE,
    Capability,
    refuse_newer,
    service_fault,
    settings_faults,
)
from ..services.protocols import Listing, Objects, Shown
from ..services.settings import Config, no_config
from ..state import IncidentState, MaintenanceState, RetrospectiveState

Inputs = TypeVar("Inputs", bound=inputs.Inputs)
Recorded = MaintenanceState | IncidentState | RetrospectiveState


class Operations(ResourceProvider, Generic[Inputs]):
    """What a provider does, in the plugin's process."""

    inputs: type[Inputs]
    capability: ClassVar[Capability]
    process: EngineProcess = PROCESS
    config: Config = staticmethod(no_config)
    run: Run

    def now(self) -> datetime:
        return self.process.now()

    def check_inputs(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> tuple[Inputs | None, CheckResult]:
        """The declared inputs, or None, and their canonical form or every fault at once. No network."""
        self.run.declares(news, olds)
        service = news.get("service", DEFAULT_SERVICE)
        # An unknown service is refused by the inputs' own rules.
        service = DEFAULT_SERVICE if service_fault(service) else service
        failures = [CheckFailure("", fault) for fault in settings_faults(service, self.config, self.capability)]
        try:
            declared = self.inputs.model_validate(news)
        except ValidationError as error:
            failures += [CheckFailure(where, reason) for where, reason in faults_of(error)]
            return None, CheckResult(dict(news), failures)
        return declared, CheckResult(declared.to_props(), failures)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        # State may hold one object twice, as after a replacement in a run that failed: what is ended is ended.
        with self.run.alone(_id):
            if _id not in self.run.ended and self._end(_id, _props):
                self.run.ended.add(_id)

    @abstractmethod
    def _end(self, id_: str, props: dict[str, Any]) -> bool:
        """End what the engine deletes, or remove it. Answers whether it is over: not where it is left as it is."""

    def _stays(self, id_: str, props: dict[str, Any], declared: IncidentInputs | MaintenanceInputs, kind: str) -> bool:
        """Whether the program still declares what the engine deletes, and a line where it does."""
        news = self.run.not_compared(declared.idempotency_key)
        if news is not None:
            self.diff(id_, props, dict(news))
        if id_ not in self.run.declared:
            return False
        self.run.keep(id_, declared.idempotency_key, props)
        self.process.say(f"“{declared.name}” stays: the program still declares this {kind}")
        return True

    def _goes_on(self, declared: IncidentInputs | MaintenanceInputs, props: dict[str, Any]) -> CreateResult | None:
        """What is created, if that was deleted before it and stays: it is changed as by any other run."""
        kept = self.run.kept(declared.idempotency_key)
        if kept is None:
            return None
        id_, olds = kept
        return CreateResult(id_, self.update(id_, olds, props).outs)

    def _got(self, id_: str, kind: str, service: Objects[Shown]) -> Shown:
        """What `get` asks for: nothing is recorded of it. The engine would take one that is not there for one that says
        nothing, so NotFound is raised.
        """
        found = service.show(id_)
        if found is None:
            raise NotFound(f"there is no {kind} {id_}: `statuspage list` shows the ids", status=404)
        return found

    def _read(self, id_: str, page: str, known: str | None, service: Listing[Shown]) -> Shown | None:
        """The object as a refresh sees it: from a list of its page where many are read, if that shows its last update
        that state knows. What a write depends on is read by `current` alone.
        """
        listed = self.run.listed
        found = listed.find((self.capability, page), id_, lambda: service.newest(page)) if page else None
        if found is not None and (known is None or has_entry(found, known)):
            return cast("Shown", found)
        return current(id_, known, service, self.now(), self.process)

    @staticmethod
    def _refreshed(id_: str, recorded: Recorded, found: Recorded) -> ReadResult:
        """What a refresh records. Inputs are given back only where somebody edited them: else the engine keeps them."""
        edited = found.declared != recorded.declared
        return ReadResult(id_, found.to_props(), found.declared.to_props() if edited else None)

    def _connect(self, capability: Capability, service: str) -> Any:
        # It may be recorded so, by a version that knows it. An input is refused by its own rules.
        refuse_newer(service)
        return self.process.connect(capability, service, self.config)


def gone(name: str) -> Refused:
    return Refused(
        f"“{name}” is no longer on the page. Nothing was posted. Run `pulumi refresh`: the next `pulumi up` then "
        "announces it again, or remove it from the program"
    )
