"""What `up` will do to the page: a rehearsal of each step of a plan. No I/O, unless a look at the page is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, cast

from pydantic import ValidationError

from .. import display, statuses, times
from ..covering import admission
from ..covering.admission import Admission, WindowStatus
from ..engine_formats import INCIDENT, PAST, WINDOW, name_of
from ..errors import Refused, StatusPageError
from ..inputs import IncidentInputs, MaintenanceInputs, RetrospectiveInputs, Type, declarations
from ..lifecycle.by_times import edit_for
from ..lifecycle.decision import NewUpdate
from ..properties import faults_of
from ..remote import Incident, Maintenance
from ..services.capabilities import CAPABILITIES, DEFAULT_SERVICE
from ..state import IncidentState, MaintenanceState, RetrospectiveState
from ..statuses import STATUSES, Outside
from ..times import Window
from ..unknowns import has_unknown
from .plan import CHANGING, MOST, SECRET, Plan, Step
from .rehearsal import Rehearsal
from .stand_in import Act, Declared, Look, StandIn, StandInIncidents, StandInMaintenances, State, Unforeseen

MOST_GENERATIONS = 1_000
"""How many windows one resource may have announced, one after the other: each has a key, which is computed."""

PENDING = "(known only during pulumi up)"
"""What stands for a text that a preview does not know."""

_TEXTS = {"name", "message", "delete_message", "status_page_id", "component_id", "idempotency_key"}

What = Literal["announced", "changed", "replaced", "removed", "unchanged"]
_WHAT: Mapping[str, What] = {
    "create": "announced",
    "update": "changed",
    "replace": "replaced",
    "delete": "removed",
    "delete-replaced": "removed",
    "same": "unchanged",
}


@dataclass(frozen=True)
class Covered:
    """A resource whose change a window covers, and what it would be told now. No answer: the window is not known."""

    step: Step
    window: str
    outside: str | None
    answer: Admission | None = None

    @property
    def is_held(self) -> bool:
        """Whether `up` leaves it as it is, and the first one inside the window makes the change that the plan shows."""
        refused = self.answer is not None and self.answer.refused is not None
        return self.outside == "hold" and refused and self.step.op in ("update", "replace")


@dataclass(frozen=True)
class Later:
    """A public update that the service makes by itself."""

    at: datetime
    event: Literal["in_progress", "complete"]
    mails: bool | None
    old: bool = False
    """Whether it is of the window that was replaced, and stays on the page."""


@dataclass(frozen=True)
class Turn:
    """From this moment on the same `up` would do something else."""

    at: datetime
    acts: tuple[Act, ...]
    refused: str | None


@dataclass(frozen=True)
class Forecast:
    """What becomes of one window or incident.

    `acts` is what `up` does, in order. `after` is the object as it then stands. `open` names the inputs that a preview
    does not know: what depends on them is promised only as far as it is known.
    """

    step: Step
    what: What
    before: State | None = None
    declared: Declared | None = None
    after: Maintenance | Incident | None = None
    acts: tuple[Act, ...] = ()
    says: tuple[str, ...] = ()
    refused: str | None = None
    open: tuple[str, ...] = ()
    later: tuple[Later, ...] = ()
    covered: tuple[Covered, ...] = ()
    turns: tuple[Turn, ...] = ()
    delete_first: bool = False
    """Whether a replaced object leaves before the new one is announced."""

    @property
    def is_window(self) -> bool:
        return self.step.type == WINDOW

    @property
    def name(self) -> str:
        """The title, as it is to be."""
        if self.declared is not None:
            return PENDING if has_unknown(self.declared.name) else self.declared.name
        return self.before.declared.name if self.before is not None else self.step.name

    @property
    def window(self) -> Window | None:
        """The times, as they are to be."""
        if isinstance(self.after, Maintenance) and self.after.window is not None:
            return self.after.window
        # Without a component that it still holds, a window's times cannot be read back: they are those that are sent.
        sent = [act.window for act in self.acts if act.window is not None]
        if sent:
            return sent[-1]
        return self.before.page_window if isinstance(self.before, MaintenanceState) and not self.open else None

    @property
    def is_kept(self) -> bool:
        """Whether a replacement by the engine leaves the object as it is."""
        return self.what == "replaced" and self.after is not None and self.after.id == self.step.id and not self.refused

    @property
    def posts(self) -> tuple[Act, ...]:
        return tuple(act for act in self.acts if act.is_public)

    @property
    def closes(self) -> bool:
        """Whether a program that calls `complete_after` ends the window when the covered work has ended."""
        return any(one.answer is not None and one.answer.refused is None and one.answer.uses for one in self.covered)


@dataclass(frozen=True)
class Summary:
    """Everything that a reviewer is shown."""

    now: datetime
    plan: Plan = field(default_factory=Plan)
    forecasts: tuple[Forecast, ...] = ()
    loose: tuple[Covered, ...] = ()
    """Covered changes whose window is not in the plan."""

    @property
    def posts(self) -> tuple[Act, ...]:
        return tuple(act for forecast in self.forecasts for act in forecast.posts)

    @property
    def mails(self) -> int:
        """How many emails each subscriber gets from the `up` itself."""
        return sum(act.mails is True for act in self.posts)

    @property
    def is_certain(self) -> bool:
        """Whether all of what it posts and mails is known before it runs, as far as state and clock tell."""
        return all(act.mails is not None for act in self.posts) and not any(one.open for one in self.forecasts)

    @property
    def is_quiet(self) -> bool:
        return not self.forecasts and not self.loose and not self.plan.failed

    @property
    def notes(self) -> list[tuple[str, str]]:
        """What the preview said of our resources that are not shown: (name, line)."""
        shown = {forecast.step.urn for forecast in self.forecasts}
        return [(name_of(urn), line) for urn, line in self.plan.notes if "statuspage:" in urn and urn not in shown]


def summarise(plan: Plan, now: datetime, look: Look | None = None) -> Summary:
    """The summary of a plan whose `up` would run at `now`."""
    forecasts = {forecast.step.urn: forecast for forecast in _rehearse(plan.steps, now, look)}
    covered = {one.step.urn for forecast in forecasts.values() for one in forecast.covered}
    loose = [
        Covered(step, step.covering.window, step.covering.outside)
        for step in plan.steps
        if step.covering is not None and step.op in CHANGING and step.urn not in covered
    ]
    shown = [
        replace(forecast, turns=tuple(_turns(forecast, now)))
        for forecast in forecasts.values()
        if forecast.what != "unchanged" or forecast.covered
    ]
    return Summary(now, plan, tuple(shown), tuple(loose))


def _turns(forecast: Forecast, now: datetime) -> Iterator[Turn]:
    """When the promise ends: the same step at the moments at which a window begins or ends."""
    if forecast.what == "unchanged" or forecast.open:
        return
    windows = [forecast.window, forecast.before.page_window if isinstance(forecast.before, MaintenanceState) else None]
    moments = sorted({moment for window in windows if window is not None for moment in window if moment > now})
    said = _told(forecast)
    for moment in moments:
        (then,) = _rehearse([forecast.step], moment)
        if _told(then) != said:
            yield Turn(moment, then.acts, then.refused)
            said = _told(then)


def _told(forecast: Forecast) -> Any:
    # A relative start is counted from the `up`, so its times differ at any moment.
    acts = [(act.what, act.status, act.mails) for act in forecast.acts]
    return acts, forecast.refused is None


def _rehearse(steps: Sequence[Step], now: datetime, look: Look | None = None) -> list[Forecast]:
    """One `up`: what is created and changed comes first, in the engine's order, then what leaves."""
    ours = [step for step in steps if step.is_ours and step.op in _WHAT]
    run = _Run(now, look)
    for step in ours:
        run.know(step)
    forecasts = {step.urn: run.step(step) for step in ours if not step.op.startswith("delete")}
    covered = _by_window(steps)
    for urn, forecast in list(forecasts.items()):
        under = [
            step
            for step in covered.get(forecast.step.name, [])
            if forecast.is_window and (urn in step.dependencies or not step.dependencies)
        ]
        if under:
            forecasts[urn] = run.cover(forecast, under)
    for step in ours:
        made = forecasts.get(step.urn)
        if made is None or (made.what == "replaced" and not made.delete_first):
            forecasts[step.urn] = run.leave(step, made)
    return [run.ended(forecast) for forecast in forecasts.values()]


def _by_window(steps: Sequence[Step]) -> dict[str, list[Step]]:
    """The steps that the engine would call a hook for, by the name of the window."""
    found: dict[str, list[Step]] = {}
    for step in steps:
        if step.covering is not None and step.op in CHANGING:
            found.setdefault(step.covering.window, []).append(step)
    return found


class _Run:
    def __init__(self, now: datetime, look: Look | None) -> None:
        self.page = StandIn(now, look)
        self._rehearsal = Rehearsal(self.page)

    def know(self, step: Step) -> None:
        declared = _declared(step)
        if isinstance(declared, MaintenanceInputs) and isinstance(declared.affected_component_ids, list):
            self.page.name_components(id_ for id_ in declared.affected_component_ids if isinstance(id_, str))
        try:
            recorded = _recorded(step)
            if recorded is not None:
                self.page.know(step.id, recorded)
        except (StatusPageError, ValidationError, TypeError):
            # Its own step says so.
            return

    def step(self, step: Step) -> Forecast:
        """Create, change or replace one object. What is replaced leaves later, unless it must go first."""
        forecast = Forecast(step, _WHAT[step.op], declared=_declared(step))
        provider = self._rehearsal.provider(step.type)
        refused, id_, first, again = None, step.id, len(self.page.acts), step.replaces == ("id",)
        open_ = tuple(sorted(name for name, value in step.inputs.items() if has_unknown(value)))
        try:
            forecast = replace(forecast, before=_recorded(step))
            inputs = _filled_in(step)
            forecast = self._decided(step, forecast, inputs)
            if forecast.what == "changed":
                provider.update(step.id, dict(step.recorded), dict(inputs))
            elif forecast.what in ("announced", "replaced"):
                if forecast.delete_first and not step.retained:
                    provider.delete(step.id, dict(step.recorded))
                id_ = str(provider.create(dict(inputs)).id)
        except StatusPageError as error:
            refused = str(error)
        except Unforeseen as unforeseen:
            open_ = tuple(dict.fromkeys([*open_, str(unforeseen)]))
            # Whether an object that is replaced by force is kept is then not known either.
            id_ = "" if again else id_
        except ValidationError as error:
            open_ = tuple(dict.fromkeys([*open_, *(where for where, _ in faults_of(error))]))
        acts = tuple(self.page.acts[first:])
        adopts = getattr(forecast.declared, "adopt_id", None) is not None
        if (
            not acts
            and open_
            and not refused
            and not adopts
            and not again
            and forecast.what in ("announced", "replaced")
        ):
            acts = (_vague(forecast, step),)
        says, after = self._rehearsal.said(), self._after(step, id_)
        return replace(forecast, acts=acts, says=says, refused=refused, open=open_, after=after)

    def _decided(self, step: Step, forecast: Forecast, inputs: Mapping[str, Any]) -> Forecast:
        """The forecast with what the provider itself says of the change, since the plan may be of another moment."""
        provider = self._rehearsal.provider(step.type)
        # A plan's inputs are those that the preview has checked.
        provider.run.declares(inputs, step.recorded)
        if step.op == "create" or step.replaces == ("id",):
            # `up --replace` asks no provider.
            return replace(forecast, delete_first=step.delete_first)
        decided = provider.diff(step.id, dict(step.recorded), dict(inputs))
        delete_first = bool(decided.delete_before_replace) or step.delete_first
        if step.op == "same" or decided.changes is False:
            return replace(forecast, what="unchanged")
        return replace(forecast, what="replaced" if decided.replaces else "changed", delete_first=delete_first)

    def cover(self, forecast: Forecast, steps: Sequence[Step]) -> Forecast:
        """What each covered change is told, after the window's own step."""
        after, declared = forecast.after, forecast.declared
        if forecast.refused or not isinstance(after, Maintenance) or after.window is None or forecast.open:
            waiting = [Covered(step, forecast.step.name, cast("Any", step.covering).outside) for step in steps]
            return replace(forecast, covered=tuple(waiting))
        covered, first, window = list[Covered](), len(self.page.acts), after.window
        for step in steps:
            outside = cast("Any", step.covering).outside
            repeats = isinstance(declared, MaintenanceInputs) and declared.repeat is True
            status = WindowStatus(after.name, after.phase, window, after.automate_maintenance_status, repeats)
            answer = admission.admit(status, cast("Outside", outside or "fail"), self.page.now, times.UTC)
            covered.append(Covered(step, forecast.step.name, outside, answer))
            if answer.publish and isinstance(declared, MaintenanceInputs):
                mails = declared.notifies("in_progress")
                begins = NewUpdate("in_progress", declared.message, STATUSES["in_progress"], notify_subscribers=mails)
                service = StandInMaintenances(self.page, declared.service)
                if edit := edit_for(begins, after, self.page.now):
                    service.edit(after.id, edit)
                else:
                    service.create_update(after.id, begins)
                after = service.show(after.id) or after
        acts = (*forecast.acts, *self.page.acts[first:])
        return replace(forecast, covered=tuple(covered), acts=acts, after=after)

    def leave(self, step: Step, forecast: Forecast | None) -> Forecast:
        """What happens to an object that leaves, on its own or for its replacement."""
        if forecast is None:
            forecast = Forecast(step, "removed")
        if step.retained or (forecast.what == "replaced" and (forecast.refused or forecast.after is None)):
            # Pulumi's own option keeps it, or the run has failed before.
            return replace(forecast, before=forecast.before or _recorded_or_none(step))
        first = len(self.page.acts)
        try:
            forecast = replace(forecast, before=_recorded(step))
            self._rehearsal.provider(step.type).delete(step.id, dict(step.recorded))
        except StatusPageError as error:
            forecast = replace(forecast, refused=str(error))
        except Unforeseen as unforeseen:
            forecast = replace(forecast, open=(*forecast.open, str(unforeseen)))
        acts = (*forecast.acts, *self.page.acts[first:])
        after = forecast.after if forecast.what == "replaced" else self._after(step, step.id)
        return replace(forecast, acts=acts, says=(*forecast.says, *self._rehearsal.said()), after=after)

    def ended(self, forecast: Forecast) -> Forecast:
        """With what the service itself will post later."""
        old = self._after(forecast.step, forecast.step.id) if forecast.what == "replaced" else None
        old = None if forecast.after is None or (old is not None and old.id == forecast.after.id) else old
        before = forecast.before.page_window if isinstance(forecast.before, MaintenanceState) else None
        later = by_the_service(self.page, forecast.after, forecast.window)
        later += [replace(one, old=True) for one in by_the_service(self.page, old, before)]
        return replace(forecast, later=tuple(sorted(later, key=lambda one: one.at)))

    def _after(self, step: Step, id_: str) -> Maintenance | Incident | None:
        named = (step.inputs or step.recorded).get("service")
        service = named if isinstance(named, str) else DEFAULT_SERVICE
        kind = StandInMaintenances if step.type == WINDOW else StandInIncidents
        try:
            return kind(self.page, service).show(id_)
        except Unforeseen:
            return None


def by_the_service(page: StandIn, after: Maintenance | Incident | None, window: Window | None) -> list[Later]:
    """What the service will publish of an object by itself, once it stands like this."""
    if not isinstance(after, Maintenance) or not after.automate_maintenance_status or window is None:
        return []
    if after.times is not None:
        # It begins and ends, and the service publishes nothing.
        return []
    mails = page.mailing.get(after.id)
    steps = [Later(window[0], "in_progress", mails), Later(window[1], "complete", mails)]
    return steps[statuses.ORDER.index(after.phase) :]


_KINDS: Mapping[str, tuple[type[Declared], type[State]]] = {
    WINDOW: (MaintenanceInputs, MaintenanceState),
    INCIDENT: (IncidentInputs, IncidentState),
    PAST: (RetrospectiveInputs, RetrospectiveState),
}


@lru_cache(maxsize=2 * MOST)
def _recorded(step: Step) -> State | None:
    """What the engine's state has of the object. Raises Refused if it cannot be read."""
    if not step.recorded:
        return None
    inputs, kind = _KINDS[step.type]
    for name, declared in declarations(inputs).items():
        value = step.recorded.get(name)
        if not (_is_of(declared.type, value) if value is not None else not inputs.model_fields[name].is_required()):
            raise Refused(f"the recorded state cannot be read: {name} is missing or is not a valid {name}")
    if step.type != PAST and step.recorded.get("service") not in (None, *CAPABILITIES):
        raise Refused("the recorded state cannot be read: service is missing or is not a valid service")
    try:
        state = kind.from_props(step.recorded)
    except (ArithmeticError, AttributeError, TypeError) as error:
        raise Refused(f"the recorded state cannot be read: {type(error).__name__}") from None
    if getattr(state, "generation", 1) > MOST_GENERATIONS:
        raise Refused(f"the recorded state cannot be read: its generation is above {MOST_GENERATIONS}")
    return state


def _is_of(declared: Type, value: Any) -> bool:
    """Whether a recorded input is of its type. State is trusted with the rest, so that no new rule locks a stack."""
    match declared:
        case "text" | "datetime or text" | "timedelta or text":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "bool or set of text":
            return isinstance(value, bool) or _are_texts(value)
        case "list":
            return True
        case "list of text":
            return _are_texts(value)
        case "list of maps" | "map of id to status":
            return isinstance(value, list) and all(isinstance(item, dict) and _are_told(item) for item in value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _are_told(item: Mapping[str, Any]) -> bool:
    wanted = ("component_id", "component_status") if "component_id" in item else _OF_AN_ENTRY
    return all(isinstance(item.get(key), str) for key in wanted)


_OF_AN_ENTRY = ("incident_status", "message", "published_at")


def _recorded_or_none(step: Step) -> State | None:
    try:
        return _recorded(step)
    except StatusPageError:
        return None


@lru_cache(maxsize=2 * MOST)
def _declared(step: Step) -> Declared | None:
    """What the program declares, unknown values included. None if nothing is declared, or it cannot be read."""
    if not step.inputs:
        return None
    try:
        return _KINDS[step.type][0].model_validate(step.inputs)
    except ValidationError:
        return None


def _filled_in(step: Step) -> dict[str, Any]:
    """The inputs with something in the place of what is not known, as far as the rest can be told with it.

    For a change that is what stands now, since an unknown value may turn out to be the same; texts are shown as
    unknown. Raises Unforeseen if nothing can stand for it.
    """
    inputs = dict(step.inputs)
    for name, value in step.inputs.items():
        if value == SECRET and step.old_inputs.get(name) == SECRET and name in step.changed:
            # Two secrets look the same, but the engine knows that they differ.
            inputs[name] = f"{SECRET} (changed)"
        elif not has_unknown(value):
            continue
        elif name in ("name", "message") or (name in _TEXTS and step.op != "update"):
            inputs[name] = PENDING
        elif name == "affected_component_ids" and step.op != "update":
            ids = value if isinstance(value, list) else []
            inputs[name] = [id_ for id_ in ids if not has_unknown(id_)] + [PENDING]
        elif step.op == "update" and name in step.old_inputs:
            inputs[name] = step.old_inputs[name]
        elif step.op == "update":
            del inputs[name]
        else:
            raise Unforeseen(name)
    return inputs


def _vague(forecast: Forecast, step: Step) -> Act:
    """An announcement of which only that it comes is known."""
    declared = forecast.declared
    message = getattr(declared, "message", None)
    mails: bool | None = None
    wanted = False if step.type == PAST else getattr(declared, "notify_subscribers", None)
    if wanted in (True, False):
        mails = bool(wanted)
    return Act("announce", "", forecast.name, PENDING if has_unknown(message) else message, mails=mails)


def far(moment: datetime, now: datetime) -> str:
    """How far away a moment is: `in 2 d 3 h`, `5 min ago`."""
    away = moment - now
    if abs(away) < timedelta(minutes=1):
        return "now"
    return f"in {display.about(away)}" if away > timedelta() else f"{display.about(-away)} ago"
