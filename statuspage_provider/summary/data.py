"""The summary as JSON, for a script: all that the other formats tell, and the schema of it.

Fields are only ever added, and words to those that are one of a few. Anything else is a new `version`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import GenerateJsonSchema

from .. import times
from ..commands.json_output import json_text
from ..engine_formats import INCIDENT, PAST, WINDOW
from ..inputs import MaintenanceInputs, RetrospectiveInputs
from ..remote import Incident, Maintenance
from ..services.capabilities import DEFAULT_SERVICE
from ..state import MaintenanceState
from ..statuses import STATUSES
from ..times import Window
from ..unknowns import has_unknown
from .document import Reading, fate, has_timeline, warnings_of
from .forecast import PENDING, Covered, Forecast, Later, Summary
from .rules import Breach
from .stand_in import Act

VERSION = 1


class _Data(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class ComponentData(_Data):
    """A component of the page."""

    component_id: str | None
    """Its id. null: known only during pulumi up."""
    name: str | None
    """Its name, with the group and sub-page it stands in, as far as it is known."""
    component_status: str | None
    """What is told of it, such as "operational". null: nothing of its own."""


class StepData(_Data):
    """One thing that `pulumi up` does to the page."""

    what: Literal["announce", "post", "change", "delete"]
    """A new window or incident; an update of one; a change that publishes nothing; a removal."""
    public: bool
    """Whether it is published."""
    emailed: bool | None
    """Whether every subscriber is emailed. null: it is known only during pulumi up, or the service does not say."""
    replaced: bool
    """Whether it is done to the old object of two."""
    name: str | None
    """The title that the object has then. null: known only during pulumi up."""
    message: str | None
    """What is published, in Markdown. null: nothing, or known only during pulumi up."""
    status: str | None
    """The status that it sets, in the API's words. null: it sets none."""
    start_at: datetime | None
    """The start that it sets, in UTC. null: it sets none."""
    end_at: datetime | None
    """The end that it sets, in UTC. null: it sets none."""
    components: list[ComponentData]
    """The components whose status it sets."""


class LaterData(_Data):
    """One public update that the service makes by itself."""

    at: datetime
    """When, in UTC."""
    maintenance_status: str
    """The status that it sets, in the API's words."""
    emailed: bool | None
    """Whether every subscriber is emailed. null: it was decided when the window was announced."""
    replaced: bool
    """Whether it is of the old window of two, which stays on the page."""


class CoveredData(_Data):
    """A change that a window covers, and what becomes of it in a `pulumi up` now."""

    resource: str
    """The resource's name in the program."""
    urn: str
    """Pulumi's name for it."""
    type: str
    """Its type."""
    change: str
    """What the engine wants to do with it: "create", "update", "replace" or "delete"."""
    window: str
    """The name in the program of the window that covers it."""
    outside: str | None
    """What the program asked for outside the window. null: a program of an early version did not say."""
    fate: Literal["runs", "starts", "waits", "held", "refused", "unknown"]
    """It runs; it puts the window in progress first; it waits for the start; the first run inside makes it; it fails;
    or that is known only during pulumi up."""
    text: str
    """The same for a person to read."""


class TurnData(_Data):
    """From a moment on a `pulumi up` of the same plan does something else."""

    at: datetime
    """From when on, in UTC."""
    steps: list[StepData]
    """What it then does, in order."""
    refused: str | None
    """Why it is then refused. null: it is not."""


class ChangeData(_Data):
    """One input that changes."""

    property: str
    """Its name."""
    before: Any
    """Its value as recorded. null: none."""
    after: Any
    """Its value as declared, null in place of what is known only during pulumi up."""


class BeforeData(_Data):
    """The object as state has it."""

    name: str
    """Its title."""
    message: str | None
    """Its message. null: it has none of its own."""
    start_at: datetime | None
    """Its start, in UTC."""
    end_at: datetime | None
    """Its end, in UTC."""


class EntryData(_Data):
    """One entry of the timeline of a past incident."""

    incident_status: str
    """The status that it tells."""
    message: str
    """What is published, in Markdown."""
    published_at: str
    """When, as declared."""


class ObjectData(_Data):
    """A window or an incident that is created, changed, replaced or removed; or a window that covers a change."""

    resource: str
    """The resource's name in the program."""
    urn: str
    """Pulumi's name for it."""
    type: Literal["StatusPageMaintenance", "StatusPageIncident", "StatusPageRetrospectiveIncident"]
    """Its class."""
    service: str
    """The service that the page is on."""
    change: Literal["announced", "changed", "replaced", "removed", "unchanged"]
    """What becomes of it."""
    kept: bool
    """Whether a replacement that was asked of the engine leaves it as it is."""
    refused: str | None
    """The line with which pulumi up refuses it. null: it does not."""
    unknown: list[str]
    """The inputs, and whatever else, that are known only during pulumi up."""
    warnings: list[str]
    """What a reviewer must not miss."""
    findings: list[str]
    """What a look at the page found."""
    id: str | None
    """Its id on the page, as recorded. null: it is new."""
    status_page_id: str | None
    """The page's id. null: none, or known only during pulumi up."""
    name: str | None
    """The title as it is to be. null: known only during pulumi up."""
    message: str | None
    """The message as declared. null: none, or known only during pulumi up."""
    start_at: datetime | None
    """A window's start as it is to be, in UTC. null: known only during pulumi up; or of an incident."""
    end_at: datetime | None
    """A window's end, likewise."""
    status: str | None
    """The status that it then has, in the API's words. null: not known, or it is no longer there."""
    components: list[ComponentData]
    """The components that it affects, as declared."""
    notify_subscribers: bool | list[str] | None
    """The events that are emailed, as declared. null: no such input, or known only during pulumi up."""
    repeat: bool
    """Whether a window that is over is followed by one in the next slot."""
    updates: list[EntryData]
    """The timeline of a past incident; of all others none."""
    before: BeforeData | None
    """The object as state has it. null: it is new."""
    changes: list[ChangeData]
    """The inputs that change."""
    steps: list[StepData]
    """What pulumi up does, in order."""
    later: list[LaterData]
    """What the service then does by itself."""
    covered: list[CoveredData]
    """The changes that the window covers."""
    may_be_completed: bool
    """Whether the covered work uses the window, so that `complete_after`, which no plan shows, would end it."""
    turns: list[TurnData]
    """From when on a later pulumi up of the same plan does something else."""


class PreviewData(_Data):
    """How the preview ended."""

    failed: bool
    """Whether it failed: then what it did not come to is unknown."""
    reasons: list[str]
    """Why it failed."""


class NoteData(_Data):
    """A line that the preview showed of a resource that is not among the objects."""

    resource: str
    """The resource's name in the program."""
    text: str
    """The line."""


class BreachData(_Data):
    """One rule that one resource breaks."""

    resource: str
    """The resource's name in the program."""
    rule: str
    """The rule's name."""
    reason: str
    """What it asks for, and what is planned."""
    fix: str
    """What to do."""


class OtherData(_Data):
    """Another window that is on the page, and not over."""

    name: str
    """Its title."""
    start_at: datetime
    """Its start, in UTC."""
    end_at: datetime
    """Its end, in UTC."""


class SummaryData(_Data):
    """What `statuspage summary --format json` writes. Every field is always there.

    What is a secret stands as the text "[secret]".
    """

    version: Literal[1]
    """The version of this schema. Within one, fields are only ever added."""
    now: datetime
    """The moment at which pulumi up would run, in UTC."""
    quiet: bool
    """Whether nothing is announced, changed or removed. Never true of a preview that failed."""
    preview: PreviewData
    """How the preview ended."""
    posts: int
    """How many public posts pulumi up makes."""
    emails: int
    """How many emails each subscriber gets from pulumi up itself."""
    certain: bool
    """Whether `posts` and `emails` are all that there will be, as far as state and clock tell."""
    broken_rules: list[BreachData]
    """The rules that the plan breaks."""
    objects: list[ObjectData]
    """The windows and incidents, in the engine's order."""
    covered: list[CoveredData]
    """Changes covered by a window that is not in the plan, or that the program only reads."""
    notes: list[NoteData]
    """What else the preview said of windows and incidents."""
    findings: list[str]
    """What a look at the page could not read."""
    other_windows: list[OtherData]
    """What a look at the page found beside the plan."""


class _Untitled(GenerateJsonSchema):
    """Without titles of fields: they would say the names again."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema() -> str:
    """The JSON Schema of what `to_json` writes."""
    described = SummaryData.model_json_schema(mode="serialization", schema_generator=_Untitled)
    return json_text({"$schema": "https://json-schema.org/draft/2020-12/schema", **described}) + "\n"


def to_json(summary: Summary, reading: Reading | None = None, breaches: Sequence[Breach] = ()) -> str:
    """The summary as JSON."""
    return json_text(_Writer(summary, reading or Reading()).data(breaches).model_dump()) + "\n"


class _Writer:
    def __init__(self, summary: Summary, reading: Reading) -> None:
        self._summary = summary
        self._reading = reading

    def data(self, breaches: Sequence[Breach]) -> SummaryData:
        summary, reading = self._summary, self._reading
        return SummaryData(
            version=VERSION,
            now=summary.now,
            quiet=summary.is_quiet,
            preview=PreviewData(failed=summary.plan.failed, reasons=list(summary.plan.errors)),
            posts=len(summary.posts),
            emails=summary.mails,
            certain=summary.is_certain and not summary.plan.failed,
            broken_rules=[
                BreachData(resource=one.resource, rule=one.rule, reason=one.reason, fix=one.fix) for one in breaches
            ],
            objects=[self._object(forecast) for forecast in summary.forecasts],
            covered=[_covered(one) for one in summary.loose],
            notes=[NoteData(resource=name, text=line) for name, line in summary.notes],
            findings=list(reading.findings.get("", ())),
            other_windows=[
                OtherData(name=bar.name, start_at=bar.window[0], end_at=bar.window[1]) for bar in reading.others
            ],
        )

    def _object(self, forecast: Forecast) -> ObjectData:
        before, step = forecast.before, forecast.step
        declared = forecast.declared or (before.declared if before is not None else None)
        start, end = forecast.window or (None, None)
        past = forecast.declared if isinstance(forecast.declared, RetrospectiveInputs) else None
        return ObjectData(
            resource=step.name,
            urn=step.urn,
            type=_TYPES[step.type],
            service=_text(declared, "service") or DEFAULT_SERVICE,
            change=forecast.what,
            kept=forecast.is_kept,
            refused=forecast.refused,
            unknown=list(forecast.open),
            warnings=list(warnings_of(forecast, self._summary.now)),
            findings=list(self._reading.findings.get(step.urn, ())),
            id=step.id or None,
            status_page_id=_text(declared, "status_page_id"),
            name=_text(declared, "name"),
            message=_text(declared, "message"),
            start_at=start,
            end_at=end,
            status=_status(forecast),
            components=self._affected(declared),
            notify_subscribers=_events(declared),
            repeat=getattr(declared, "repeat", False) is True,
            updates=[EntryData(**entry) for entry in (past.updates if past else []) if not has_unknown(entry)],
            before=_before(forecast),
            changes=_changes(forecast),
            steps=[self._step(act, forecast) for act in forecast.acts],
            later=[_later(one) for one in forecast.later],
            covered=[_covered(one) for one in forecast.covered],
            may_be_completed=forecast.closes,
            turns=[
                TurnData(at=turn.at, steps=[self._step(act, forecast) for act in turn.acts], refused=turn.refused)
                for turn in forecast.turns
            ],
        )

    def _step(self, act: Act, forecast: Forecast) -> StepData:
        start, end = act.window or (None, None)
        return StepData(
            what=act.what,
            public=act.is_public,
            emailed=act.mails if act.is_public or has_timeline(forecast) else None,
            replaced=forecast.what == "replaced" and act.object_id == forecast.step.id,
            name=_known(act.name),
            message=_known(act.message),
            status=act.status,
            start_at=start,
            end_at=end,
            components=self._told(act.component_statuses),
        )

    def _affected(self, declared: object) -> list[ComponentData]:
        told = {one.component_id: one for one in self._told(getattr(declared, "component_statuses", None))}
        if not isinstance(declared, MaintenanceInputs):
            return list(told.values())
        ids = declared.affected_component_ids if isinstance(declared.affected_component_ids, list) else []
        return [told.get(id_) or self._component(id_) for id_ in map(_known, ids)]

    def _told(self, statuses: Any) -> list[ComponentData]:
        items = [item for item in statuses if isinstance(item, Mapping)] if isinstance(statuses, list) else []
        return [
            self._component(_known(item.get("component_id")), _known(item.get("component_status"))) for item in items
        ]

    def _component(self, id_: str | None, status: str | None = None) -> ComponentData:
        return ComponentData(
            component_id=id_, name=self._reading.components.get(id_) if id_ else None, component_status=status
        )


_TYPES: Mapping[str, Any] = {kind: kind.rpartition(":")[2] for kind in (WINDOW, INCIDENT, PAST)}


def _covered(one: Covered) -> CoveredData:
    return CoveredData(
        resource=one.step.name,
        urn=one.step.urn,
        type=one.step.type,
        change=one.step.op,
        window=one.window,
        outside=one.outside,
        fate=_fate(one),
        text=fate(one),
    )


def _fate(one: Covered) -> Literal["runs", "starts", "waits", "held", "refused", "unknown"]:
    answer = one.answer
    if answer is None:
        return "unknown"
    if answer.refused:
        return "held" if one.is_held else "refused"
    if answer.publish:
        return "starts"
    return "runs" if answer.wait_until is None else "waits"


def _later(one: Later) -> LaterData:
    return LaterData(at=one.at, maintenance_status=STATUSES[one.event], emailed=one.mails, replaced=one.old)


def _before(forecast: Forecast) -> BeforeData | None:
    before = forecast.before
    if before is None:
        return None
    window: Window | tuple[None, None] = before.window if isinstance(before, MaintenanceState) else (None, None)
    message = _text(before.declared, "message")
    return BeforeData(name=before.declared.name, message=message, start_at=window[0], end_at=window[1])


def _changes(forecast: Forecast) -> list[ChangeData]:
    before, declared = forecast.before, forecast.declared
    if before is None or declared is None or forecast.what == "removed":
        return []
    names = [name for name in forecast.step.changed if name in type(declared).model_fields]
    return [
        ChangeData(
            property=name,
            before=_plain(getattr(before.declared, name, None)),
            after=_plain(getattr(declared, name)),
        )
        for name in names
    ]


def _status(forecast: Forecast) -> str | None:
    after = forecast.after
    if isinstance(after, Maintenance):
        return after.maintenance_status
    return after.incident_status if isinstance(after, Incident) else None


def _events(declared: object) -> bool | list[str] | None:
    wanted = getattr(declared, "notify_subscribers", None)
    return wanted if isinstance(wanted, (bool, list)) and not has_unknown(wanted) else None


def _text(declared: object, name: str) -> str | None:
    return _known(getattr(declared, name, None))


def _known(value: object) -> str | None:
    return value if isinstance(value, str) and value != PENDING else None


def _plain(value: object) -> Any:
    """A value as JSON has it: null for what is not known yet, and text for what is no number of JSON's."""
    if has_unknown(value) and not isinstance(value, (list, Mapping)):
        return None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return times.format_instant(value)
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
