"""What the engine does with a past incident: in the plugin's process, which a program does not load."""

from __future__ import annotations

from typing import Any, cast

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from ..engine_process import GENERATIONS
from ..errors import Refused
from ..idempotency import generation_key
from ..inputs import RetrospectiveInputs
from ..lifecycle import retrospective as lifecycle
from ..lifecycle.decision import Edit
from ..publishing import made
from ..services.capabilities import DEFAULT_SERVICE
from ..services.protocols import RetrospectiveService
from ..state import RetrospectiveState
from .base import Operations


class RetrospectiveIncidentOperations(Operations[RetrospectiveInputs]):
    """Decisions are made in `lifecycle`; here they are carried out."""

    inputs = RetrospectiveInputs
    capability = "retrospectives"

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        declared, result = self.check_inputs(_olds, news)
        if declared is not None and not _olds and (fault := lifecycle.creation_fault(declared, self.now())):
            result.failures.append(CheckFailure(*fault))
        return result

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        recorded, declared = RetrospectiveState.from_props(_olds), RetrospectiveInputs.model_validate(_news)
        return self.run.diff_result(_id, lifecycle.diff(_id, recorded, declared), declared, 1)

    def create(self, props: dict[str, Any]) -> CreateResult:
        declared, service = RetrospectiveInputs.model_validate(props), self._service()
        # The old one of a replacement stays on its page, so there is no generation to leave out.
        for generation in range(1, 1 + GENERATIONS):
            key = generation_key(declared.idempotency_key, declared.status_page_id, generation)
            created = service.create(declared, idempotency_key=key)
            remote = made(created, service, Edit(declared.name), self.now(), self.process)
            if remote is None:
                continue
            for line in lifecycle.told(declared, lifecycle.unlike(declared, remote)):
                self.process.say(line)
            state = RetrospectiveState(
                declared=declared, phase=remote.known_phase or "resolved", public_url=remote.public_url
            )
            return CreateResult(remote.id, state.to_props())
        raise Refused(
            f"idempotency_key: {GENERATIONS} incidents with this key are gone. Nothing was posted. Set "
            "another idempotency_key"
        )

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        recorded, remote = RetrospectiveState.from_props(props), self._service().show(id_)
        if remote is None:
            return ReadResult(None, {})
        # What is past is no drift, whoever edits it.
        seen = {"phase": remote.known_phase or recorded.phase, "public_url": remote.public_url or recorded.public_url}
        return self._refreshed(id_, recorded, recorded.model_copy(update=seen))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        recorded, declared = RetrospectiveState.from_props(_olds), RetrospectiveInputs.model_validate(_news)
        for line in lifecycle.told(declared, lifecycle.diff(_id, recorded, declared).fields):
            self.process.say(line)
        return UpdateResult(recorded.model_copy(update={"declared": declared}).to_props())

    def _end(self, id_: str, props: dict[str, Any]) -> bool:
        """It stays on the page: the service has no call that deletes an incident, and history is history."""
        return False

    def _service(self) -> RetrospectiveService:
        return cast(RetrospectiveService, self._connect("retrospectives", DEFAULT_SERVICE))
