"""A past incident as a Pulumi resource: the program's side and the engine's side.

The import path of `RetrospectiveIncidentProvider` is stored in users' state. It never changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from .engine_process import GENERATIONS
from .errors import Refused
from .idempotency import generation_key
from .idempotency import idempotency_key as derive_key
from .inputs import RetrospectiveInputs, as_inputs
from .lifecycle import retrospective as lifecycle
from .lifecycle.decision import Edit
from .provider import warn_of_plain_key
from .publishing import made
from .resource_provider import StatusPageProvider
from .services.protocols import RetrospectiveService
from .state import RetrospectiveState, outputs


class StatusPageRetrospectiveIncident(Resource, module="statuspage", name="StatusPageRetrospectiveIncident"):
    """An incident that is over, told with its whole timeline: history that is brought along, or told late.

        statuspage.StatusPageRetrospectiveIncident(
            "slow-queries-2025",
            status_page_id=page.id,
            name="Slow queries",
            updates=[
                {
                    "incident_status": "investigating",
                    "message": "We are looking into slow queries.",
                    "published_at": "2025-11-03T09:12:00Z",
                    "component_statuses": {page.component("EU / Database").id: "degraded_performance"},
                },
                {
                    "incident_status": "resolved",
                    "message": "An index was missing. It is there now.",
                    "published_at": "2025-11-03T10:40:00Z",
                },
            ],
        )

    Nobody is emailed (API rule). It is published once and never touched again: a later change is recorded only, with a
    line, and leaving the program leaves it on the page, as the API has no call that changes or deletes it.

    The service takes 5 of them a second, after a burst of 300. What is over that waits for its turn, up to 5 minutes.

    Inputs (this list is made by `make docs`). A wrong one is refused at preview, in one line that names the fix:

    - `status_page_id` (text, required): the page's id. The one on the old page stays. A change makes a new incident.
    - `name` (text, required): the title. 1 to 200 characters. A change is recorded only.
    - `updates` (list of maps, required): the timeline, oldest first. 1 to 100 entries, in order, all in the past, the
      last one resolved. A change is recorded only.
      - `incident_status` (text): `investigating`, `identified`, `monitoring` or `resolved`.
      - `message` (text): what is published, in Markdown. 1 to 4096 characters.
      - `published_at` (datetime or text): when: an aware `datetime`, text with an offset, or one without, with
        `time_zone`. In the past when it is published; whole seconds, kept in UTC.
      - `component_statuses` (map of id to status): `operational`, `degraded_performance`, `partial_outage` or
        `full_outage` by component; the API's list form is accepted too. It may be left out. Not with `resolved`: the
        service then sets all components to operational.
    - `time_zone` (text, optional): the IANA zone of times without an offset. A time that a clock change skips or
      repeats is refused. A change does nothing by itself.
    - `idempotency_key` (text, optional): what makes publishing safe to repeat; by default made from organisation,
      project, stack, parent and resource name. The API requires one. A change does nothing by itself.

    Outputs (every input is one too):

    - `id` (text): the incident's id.
    - `phase` (text): its status on the page as last seen, whoever set it.
    - `public_url` (text): the incident's address, if the service tells it.
    """

    status_page_id: pulumi.Output[str]
    name: pulumi.Output[str]
    updates: pulumi.Output[Sequence[Mapping[str, Any]]]
    time_zone: pulumi.Output[str | None]
    idempotency_key: pulumi.Output[str]
    phase: pulumi.Output[str]
    public_url: pulumi.Output[str | None]

    def __init__(
        self,
        resource_name: str,
        *,
        status_page_id: pulumi.Input[str],
        name: pulumi.Input[str],
        updates: pulumi.Input[Sequence[pulumi.Input[Mapping[str, Any]]]],
        time_zone: pulumi.Input[str] | None = None,
        idempotency_key: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        given = {**locals(), "idempotency_key": idempotency_key or derive_key(resource_name, opts, "retrospective")}
        declared = as_inputs(RetrospectiveInputs, given)
        warn_of_plain_key()
        super().__init__(
            RetrospectiveIncidentProvider(),
            resource_name,
            {**declared, **dict.fromkeys(outputs(RetrospectiveState))},
            opts,
        )


class RetrospectiveIncidentProvider(StatusPageProvider[RetrospectiveInputs]):
    """The engine's side. Decisions are made in `lifecycle`; here they are carried out."""

    inputs = RetrospectiveInputs
    capability = "retrospectives"

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        declared, result = self.check_inputs(news)
        if declared is not None and not _olds and (fault := lifecycle.creation_fault(declared, self.now())):
            result.failures.append(CheckFailure(*fault))
        return result

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        recorded, declared = RetrospectiveState.from_props(_olds), RetrospectiveInputs.model_validate(_news)
        return self.process.run.diff_result(_id, lifecycle.diff(_id, recorded, declared), declared, 1)

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
        return ReadResult(id_, recorded.model_copy(update=seen).to_props(), recorded.declared.to_props())

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        recorded, declared = RetrospectiveState.from_props(_olds), RetrospectiveInputs.model_validate(_news)
        for line in lifecycle.told(declared, lifecycle.diff(_id, recorded, declared).fields):
            self.process.say(line)
        return UpdateResult(recorded.model_copy(update={"declared": declared}).to_props())

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """It stays on the page: the service has no call that deletes an incident, and history is history."""

    def _service(self) -> RetrospectiveService:
        return cast(RetrospectiveService, self._connect("retrospectives"))
