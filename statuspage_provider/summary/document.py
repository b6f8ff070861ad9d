"""The summary as blocks: what a reviewer is shown, in which order and in which words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .. import display, slots, times
from ..engine_formats import PAST, WINDOW
from ..inputs import IncidentInputs, MaintenanceInputs, RetrospectiveInputs
from ..lifecycle import maintenance
from ..lifecycle.planned import believed_phase, planned
from ..remote import Maintenance
from ..services.capabilities import CAPABILITIES, DEFAULT_SERVICE
from ..state import IncidentState, MaintenanceState, RetrospectiveState
from ..statuses import PHASES, STATUSES
from ..unknowns import has_unknown
from ..values import is_slot
from .blocks import Bar, Block, Document, Heading, Message, Steps, Table, Text, Timeline, Title, Warnings
from .forecast import PENDING, Covered, Forecast, Later, Summary, far
from .stand_in import Act

MOST_BARS = 40
"""How many windows a timeline shows: more cannot be told apart."""


@dataclass(frozen=True)
class Reading:
    """How the summary is to be read: zones beside UTC, names of components, what was found beside the plan."""

    zones: Sequence[ZoneInfo] = ()
    components: Mapping[str, str] = field(default_factory=dict)
    breaches: Sequence[str] = ()
    findings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What a look at the page found, by URN; under no URN, what could not be read."""
    others: Sequence[Bar] = ()


QUIET = "Nothing will be announced: no window and no incident is created, changed or removed."

FAILED = "What it did not come to is unknown: other windows and incidents, what is removed, and what is covered"


def document(summary: Summary, reading: Reading | None = None) -> Document:
    return list(_Writer(summary, reading or Reading()).blocks())


class _Writer:
    def __init__(self, summary: Summary, reading: Reading) -> None:
        self._summary = summary
        self._reading = reading

    def blocks(self) -> Iterator[Block]:
        summary, reading = self._summary, self._reading
        if not summary.is_quiet or reading.breaches:
            yield Title("Status page: what this change announces")
        if summary.plan.failed:
            yield Warnings([*(f"The preview failed: {error}" for error in summary.plan.errors), FAILED])
        if reading.breaches:
            yield Warnings([f"Rule broken: {breach}" for breach in reading.breaches])
        yield Text(self._headline())
        if general := reading.findings.get(""):
            yield Text(" ".join(general))
        bars = self._bars()
        if bars:
            yield Timeline(bars[:MOST_BARS], summary.now)
        if len(bars) > MOST_BARS:
            yield Text(f"The timeline shows the first {MOST_BARS} of {len(bars)} windows.")
        for forecast in summary.forecasts:
            yield from self._forecast(forecast)
        yield from self._loose()
        if summary.notes:
            yield Text("The preview says:")
            yield Steps([line for _, line in summary.notes])

    def _headline(self) -> str:
        summary = self._summary
        if not summary.forecasts:
            return QUIET if not summary.plan.failed else "What this change announces is unknown."
        posts, mails = len(summary.posts), summary.mails
        is_untold = any(_is_untold(forecast) for forecast in summary.forecasts)
        unmailed = "whether anybody is emailed is not documented" if is_untold else "nobody is emailed"
        told = f"{_count(mails, 'email')} to each subscriber" if mails else unmailed
        told = f"{_count(posts, 'public post')}, {told}" if posts else f"nothing is posted, and {unmailed}"
        if not summary.is_certain:
            told += ", as far as is known before it runs"
        if summary.plan.failed:
            told += ". There may be more: the preview failed"
        return f"pulumi up at this moment, {display.for_people(summary.now)}: {told}."

    def _bars(self) -> list[Bar]:
        bars = []
        for forecast in self._summary.forecasts:
            before = forecast.before.page_window if isinstance(forecast.before, MaintenanceState) else None
            after = forecast.window if forecast.what != "removed" and not forecast.refused else None
            if before is not None and before != after:
                was = "removed" if forecast.what == "removed" else "before"
                bars.append(Bar(f"{forecast.name}, {was}", before, "old"))
            if after is not None:
                bars.append(Bar(forecast.name, after, "new"))
        return sorted([*bars, *self._reading.others], key=lambda bar: bar.window)

    def _forecast(self, forecast: Forecast) -> Iterator[Block]:
        what = "kept" if forecast.is_kept else _WORDS.get((forecast.is_window, forecast.what), forecast.what)
        if forecast.step.type == PAST and what == "opened":
            what = "published"
        yield Heading(f"{_KINDS.get(forecast.step.type, 'Incident')} {what}: {forecast.name}")
        if warnings := [*warnings_of(forecast, self._summary.now), *self._reading.findings.get(forecast.step.urn, ())]:
            yield Warnings(warnings)
        yield Table(list(self._facts(forecast)))
        if rows := list(self._changes(forecast)):
            yield Text("What changes:")
            yield Table(rows, ("", "before", "after"))
        yield Text("What pulumi up does, in this order:" if forecast.acts else "pulumi up posts nothing for it.")
        if forecast.acts:
            yield Steps([self._act(act, forecast) for act in forecast.acts])
        yield from self._messages(forecast)
        if forecast.later:
            yield Text("What the service then does by itself:")
            yield Steps([self._later(one) for one in forecast.later])
        if forecast.covered:
            yield Text("What this window covers, and what would happen to each change now:")
            yield Table([_row(one) for one in forecast.covered], ("resource", "change", "now"))
        if forecast.closes:
            yield Text(_closing(forecast))
        if forecast.turns:
            yield Text("A later pulumi up of the same plan does something different:")
            yield Table(
                [
                    (f"from {display.for_people(turn.at)}", self._turned(turn.acts, turn.refused, forecast))
                    for turn in forecast.turns
                ]
            )

    def _facts(self, forecast: Forecast) -> Iterator[tuple[str, str]]:
        declared = forecast.declared or (forecast.before.declared if forecast.before else None)
        window = forecast.window
        yield "resource", forecast.step.name
        if declared is not None and getattr(declared, "service", DEFAULT_SERVICE) != DEFAULT_SERVICE:
            yield "service", _value(declared.service)  # type: ignore[union-attr]
        if window is not None:
            yield "times", span(*window)
            for zone in self._reading.zones:
                yield f"in {zone.key}", span(*window, zone)
            yield "length", _length(window[1] - window[0])
            for verb, past, moment in (("begins", "began", window[0]), ("ends", "ended", window[1])):
                yield past if moment < self._summary.now else verb, far(moment, self._summary.now)
        elif forecast.is_window:
            yield "times", PENDING
        if isinstance(declared, MaintenanceInputs):
            if has_timeline(forecast):
                yield "components", self._names(declared.affected_component_ids)
            if declared.repeat is True and forecast.what != "removed":
                yield "repeats", "once it is over, the next pulumi up announces the next slot"
        elif declared is not None:
            status = getattr(declared, "incident_status", None)
            yield "status", _value(getattr(forecast.after, "incident_status", "unknown") if status is None else status)
            if statuses := getattr(declared, "component_statuses", None):
                yield "components", self._statuses(statuses)
        if isinstance(declared, RetrospectiveInputs):
            yield "timeline", f"{_count(len(declared.updates), 'update')} in the past"
        elif declared is not None and forecast.what != "removed":
            able = CAPABILITIES.get(str(getattr(declared, "service", DEFAULT_SERVICE)))
            only = " (at creation only)" if able is not None and not able.mails_updates else ""
            yield "subscribers are emailed about", _events(declared.notify_subscribers) + only
        if forecast.posts or forecast.later:
            own = sum(act.mails is True for act in forecast.posts)
            service = sum(one.mails is True for one in forecast.later)
            later = (
                f"{service} later by the service"
                if window is not None or not forecast.is_window
                else "the service's own are not known"
            )
            yield "emails to each subscriber", f"{own} by this pulumi up, {later}"

    def _changes(self, forecast: Forecast) -> Iterator[tuple[str, str, str]]:
        before, declared = forecast.before, forecast.declared
        if before is None or declared is None or forecast.what == "removed":
            return
        old, new = before.declared, declared
        window = forecast.window
        if isinstance(before, MaintenanceState) and window is not None and before.page_window != window:
            yield "times", span(*before.page_window), span(*window)
        for name in forecast.step.changed:
            # Times are told as a window, messages as they are shown.
            told = name in ("start_at", "end_at", "duration") and not has_unknown(getattr(new, name))
            if told or name == "message" or name not in type(new).model_fields:
                continue
            yield name, self._shown(name, getattr(old, name, None)), self._shown(name, getattr(new, name))

    def _shown(self, name: str, value: Any) -> str:
        if has_unknown(value) and not isinstance(value, list):
            return PENDING
        if name == "affected_component_ids":
            return self._names(value or [])
        if name == "component_statuses":
            return self._statuses(value or [])
        if name == "notify_subscribers":
            return _events(value)
        return _value(value)

    def _act(self, act: Act, forecast: Forecast) -> str:
        return " ".join(part for part in (self._deed(act, forecast), _mailed(act)) if part)

    def _deed(self, act: Act, forecast: Forecast) -> str:
        what = "window" if forecast.is_window else "incident"
        statuses = f" ({self._statuses(act.component_statuses)})" if act.component_statuses else ""
        if act.what == "announce":
            as_ = f", as {_status(act.status)}" if act.status else ""
            if forecast.step.type == PAST:
                return f"Publishes the past incident with its timeline{as_}."
            return f"{'Announces' if forecast.is_window else 'Opens'} the {what}{as_}{statuses}."
        if act.what == "post":
            to = f" that sets it to {_status(act.status)}" if act.status else ""
            of_old = " of the old window" if forecast.what == "replaced" and act.object_id == forecast.step.id else ""
            return f"Publishes an update{of_old}{to}{statuses}."
        if act.what == "change":
            return f"Changes {_silent(act, forecast)}{_untold(forecast, ' silently')}."
        return f"Deletes the {'old ' if forecast.what == 'replaced' else ''}{what} from the page{_untold(forecast)}."

    def _later(self, one: Later) -> str:
        told = {True: "Every subscriber is emailed.", False: "Nobody is emailed."}
        decided = "Whether it sends email was decided when it was announced."
        mailed = told[one.mails] if one.mails is not None else decided
        old = " of the old window" if one.old else ""
        return f"{display.for_people(one.at)}: publishes “{_status(STATUSES[one.event])}”{old}. {mailed}"

    def _messages(self, forecast: Forecast) -> Iterator[Block]:
        if isinstance(forecast.declared, RetrospectiveInputs) and forecast.posts:
            for entry in forecast.declared.updates:
                if not has_unknown(entry):
                    at = display.for_people(times.parse_instant(entry["published_at"]))
                    yield Message(f"{at}, {entry['incident_status']}:", entry["message"])
        before = getattr(forecast.before.declared, "message", None) if forecast.before is not None else None
        told = list(dict.fromkeys(act.message for act in forecast.acts if act.message is not None))
        if before is not None and before not in told and "message" in forecast.step.changed:
            yield Message("The previous message:", before)
        for text in told:
            steps = [str(place) for place, act in enumerate(forecast.acts, 1) if act.message == text]
            yield Message("The message:" if len(told) == 1 else f"The message of step {', '.join(steps)}:", text)
        declared = getattr(forecast.declared, "message", None)
        if not told and "message" in forecast.step.changed and isinstance(declared, str):
            yield Message("The declared message, which is not posted:", declared)

    def _turned(self, acts: Sequence[Act], refused: str | None, forecast: Forecast) -> str:
        if refused:
            return f"refused: {refused}"
        return " ".join(self._act(act, forecast) for act in acts) or "nothing is posted"

    def _loose(self) -> Iterator[Block]:
        read = {step.name for step in self._summary.plan.steps if step.type == WINDOW and step.external}
        elsewhere = [one for one in self._summary.loose if one.window in read]
        if elsewhere:
            yield Heading("Covered by a window that the program only reads")
            yield _changes(elsewhere)
            yield Text(
                "The window does not belong to this program: what happens to each change is known "
                "only during pulumi up."
            )
        if missing := [one for one in self._summary.loose if one.window not in read]:
            yield Heading("Covered by a window that is not in this plan")
            yield _changes(missing)
            yield Text(
                "What does not change is not in a plan. With pulumi preview --json --show-sames this shows what would "
                "happen to each change."
            )

    def _names(self, ids: Any) -> str:
        if not isinstance(ids, list):
            return PENDING
        known = self._reading.components
        return ", ".join(PENDING if has_unknown(id_) else known.get(id_, str(id_)) for id_ in ids) or "none"

    def _statuses(self, statuses: Iterable[Mapping[str, Any]]) -> str:
        if has_unknown(statuses):
            return PENDING
        known = self._reading.components
        shown = [
            f"{known.get(item['component_id'], item['component_id'])}: {_status(item['component_status'])}"
            for item in statuses
        ]
        return ", ".join(shown) or "none"


def warnings_of(forecast: Forecast, now: datetime) -> Iterator[str]:
    """What a reviewer must not miss."""
    declared = forecast.declared
    if forecast.refused:
        yield f"pulumi up refuses this: {forecast.refused}"
    if forecast.open:
        yield (
            f"Not known before pulumi up: {', '.join(forecast.open)}. What depends on it is shown as far as it is known"
        )
        if forecast.what == "changed" and {"triggers", "status_page_id", "affected_component_ids"} & set(forecast.open):
            yield "If that turns out to differ, a new one may be announced in its place"
    yield from forecast.says
    if forecast.what == "changed" and _may_be_over(forecast, now):
        yield (
            "If it ended early, for example by complete_after, a new one is announced instead: --check-live shows which"
        )
    adopts = getattr(declared, "adopt_id", None)
    if adopts is not None and forecast.what in ("announced", "replaced"):
        yield f"Takes over {_value(adopts)}, which is already on the page: only what differs is posted"
        if forecast.open:
            yield "With --check-live this summary compares it with the page"
    yield from _of_its_start(forecast)
    yield from _of_what_leaves(forecast)


def fate(one: Covered) -> str:
    """What becomes of a covered change in an `up` now."""
    answer = one.answer
    if answer is None:
        return "not known before pulumi up"
    if one.is_held:
        return f"held: {answer.refused}. The first pulumi up inside makes this change"
    if answer.refused:
        return f"refused. {answer.refused}"
    begins = "the window is put in progress first" if answer.publish else None
    return answer.says or begins or "runs within the window"


def _row(one: Covered) -> tuple[str, str, str]:
    outside = f"outside={one.outside}: " if one.outside else ""
    return one.step.name, one.step.op, outside + fate(one)


def _of_its_start(forecast: Forecast) -> Iterator[str]:
    declared = forecast.declared
    if isinstance(declared, MaintenanceInputs) and is_slot(declared.start_at):
        if line := _slot(forecast, declared):
            yield line
    elif isinstance(declared, MaintenanceInputs) and forecast.what in ("announced", "replaced"):
        if isinstance(declared.start_at, str) and times.is_relative(declared.start_at):
            yield (f"Its start, {declared.start_at}, is counted from pulumi up: the times shown are those of a run now")
        elif any(act.what == "announce" and act.status == STATUSES["in_progress"] for act in forecast.acts):
            yield "Its start has passed: it is announced as in progress right away"


def _of_what_leaves(forecast: Forecast) -> Iterator[str]:
    """What leaves the page, stays on it, or is changed without a word."""
    before, step = forecast.before, forecast.step
    if step.retained and forecast.what in ("removed", "replaced"):
        yield "Pulumi's retain_on_delete: it stays on the page"
    elif any(act.what == "delete" for act in forecast.acts):
        cancel = _CANCEL if forecast.what == "removed" else ""
        if has_timeline(forecast):
            yield f"DELETE tells nobody, not even those who were emailed about it{cancel}"
    elif forecast.what == "removed" and not forecast.acts and not forecast.refused and not forecast.open:
        yield f"It stays on the page: {_left(before)}"
    if any(one.old for one in forecast.later):
        yield "The old window stays on the page, and the service keeps changing its status"
    moved = any(act.what == "change" for act in forecast.acts) and not forecast.posts
    if moved and forecast.what == "changed" and has_timeline(forecast):
        is_over = isinstance(forecast.after, Maintenance) and forecast.after.known_phase == "complete"
        yield (
            'A new title and new times are silent; with "rescheduled" in notify_subscribers a move is published'
            if forecast.is_window and not is_over
            else "A new title is silent"
        )
    if forecast.is_kept:
        yield "pulumi up --replace keeps it: it is not announced again"


def _changes(covered: Sequence[Covered]) -> Table:
    return Table([(one.step.name, one.step.op, one.window) for one in covered], ("resource", "change", "window"))


_WORDS = {(False, "announced"): "opened"}
_KINDS = {WINDOW: "Window", PAST: "Past incident"}
_CANCEL = '. To cancel it in public, set on_delete="complete" in one run and remove it in the next'


def span(start: datetime, end: datetime, zone: ZoneInfo | None = None) -> str:
    """A window in UTC, or on the clocks of a zone: `Sun 1 Mar 2026, 23:00 to Mon 2 Mar 2026, 00:30 CET`."""
    if zone is None:
        return display.span_for_people(start, end)
    here, there = start.astimezone(zone), end.astimezone(zone)
    day = f"{here:%a} {here.day} {here:%b %Y, %H:%M}"
    changes = "" if here.tzname() == there.tzname() else f" {here.tzname()}"
    if here.date() == there.date():
        return f"{day}{changes} to {there:%H:%M %Z}"
    return f"{day}{changes} to {there:%a} {there.day} {there:%b %Y, %H:%M %Z}"


def tick(length: timedelta) -> timedelta:
    """How far apart the marks of a timeline of that length are: round, and few enough to be read."""
    hours = (timedelta(minutes=15), timedelta(minutes=30), *(timedelta(hours=count) for count in (1, 2, 3, 6, 12, 24)))
    few = length / _MOST_TICKS
    return next((step for step in hours if step >= few), timedelta(days=1 + few // timedelta(days=1)))


_MOST_TICKS = 4


def _mailed(act: Act) -> str:
    if not act.is_public:
        return ""
    if act.mails is None:
        return "Whether subscribers are emailed is known only during pulumi up."
    return "Every subscriber is emailed." if act.mails else "Nobody is emailed."


def _closing(forecast: Forecast) -> str:
    declared = forecast.declared
    if not has_timeline(forecast):
        return "A plan does not show complete_after: if the program calls it, the window ends with the covered work."
    mails = isinstance(declared, MaintenanceInputs) and declared.notifies("complete")
    told = "every subscriber is emailed about it" if mails else "nobody is emailed about it"
    return (
        "A plan does not show complete_after: if the program calls it, one more update completes the window when "
        f"the covered work has ended, and {told}."
    )


def _left(before: Any) -> str:
    if isinstance(before, RetrospectiveState):
        return "what is past is history"
    on_delete = before.declared.on_delete if before is not None else ""
    if on_delete == "retain":
        return 'on_delete="retain"'
    return "it is already resolved" if isinstance(before, IncidentState) else "it is already over or gone"


def _status(status: str | None) -> str:
    phase = PHASES.get(status, status) if status else status
    return str(phase).replace("_", " ")


def _may_be_over(forecast: Forecast, now: datetime) -> bool:
    before, declared = forecast.before, forecast.declared
    if not isinstance(before, MaintenanceState) or not isinstance(declared, MaintenanceInputs):
        return False
    times_ = [declared.start_at, declared.end_at, declared.duration, declared.time_zone]
    if now < before.window[0] or believed_phase(before, now) == "complete" or has_unknown(times_):
        return False
    (start, _), _ = planned(before, declared, now)
    return start > now and maintenance.depends_on_phase(maintenance.diff(forecast.step.id, before, declared, now))


def _slot(forecast: Forecast, declared: MaintenanceInputs) -> str | None:
    """What is to be known of a start that this `up` decides. None where it does not."""
    before, window = forecast.before, forecast.window
    if window is None or forecast.refused or declared.adopt_id is not None or forecast.what in ("removed", "unchanged"):
        return None
    stays = isinstance(before, MaintenanceState) and before.window[0] == window[0]
    if stays and (forecast.what == "changed" or forecast.delete_first):
        return None
    zone = "UTC" if declared.time_zone is None else _value(declared.time_zone)
    latest = window[0] - slots.parse(declared.start_at).notice
    return (
        f"Decided at pulumi up: it begins in the next free slot of “{declared.start_at}” in {zone}. As of now that is "
        f"{display.for_people(window[0])}; a pulumi up after {display.for_people(latest)} takes a later one"
    )


def _silent(act: Act, forecast: Forecast) -> str:
    """What of an object is changed without a word."""
    before = forecast.before
    if before is None or not isinstance(before.declared, MaintenanceInputs | IncidentInputs):
        return "title and times" if forecast.is_window else "the title"
    renamed = act.name != before.declared.name
    moved = isinstance(before, MaintenanceState) and act.window not in (None, before.page_window)
    reworded = act.message is not None
    parts = [part for part, is_so in (("title", renamed), ("message", reworded), ("times", moved)) if is_so]
    *most, last = parts or ["title"]
    return f"{', '.join(most)} and {last}" if most else f"the {last}"


def _untold(forecast: Forecast, how: str = "") -> str:
    """What is known of whether subscribers hear of a change that publishes nothing."""
    return f"{how}: nobody is told" if has_timeline(forecast) else ": whether subscribers are told is not documented"


def _is_untold(forecast: Forecast) -> bool:
    """Whether something is done of which no document says whether subscribers hear of it."""
    return not has_timeline(forecast) and any(act.what in ("change", "delete") for act in forecast.acts)


def has_timeline(forecast: Forecast) -> bool:
    """Whether an incident, or a window on its service, has a timeline to be told in."""
    declared = forecast.declared or (forecast.before.declared if forecast.before else None)
    able = CAPABILITIES.get(str(getattr(declared, "service", DEFAULT_SERVICE)))
    return not forecast.is_window or able is None or able.timelines


def _events(wanted: Any) -> str:
    if isinstance(wanted, bool):
        return "everything" if wanted else "nothing"
    return ", ".join(wanted) if isinstance(wanted, list) and not has_unknown(wanted) else PENDING


def _value(value: Any) -> str:
    if has_unknown(value):
        return PENDING
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _length(length: timedelta) -> str:
    return times.format_length(length) or "0s"


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
