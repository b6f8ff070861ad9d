"""When a window is: its declared times as instants, relative ones counted once, and its phase by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from .. import slots, times
from ..errors import Refused
from ..inputs import MaintenanceInputs
from ..state import Anchor, MaintenanceState
from ..statuses import ORDER, Phase
from ..times import Window


def resolve(
    declared: MaintenanceInputs, anchor: Anchor | None, now: datetime, after: datetime | None = None
) -> tuple[Window, Anchor | None]:
    """The declared times as instants.

    A relative start is counted from `now` once. The anchor keeps what it came to, and holds as long as the expression
    is the same, so that a re-run does not move the window. A slot is one `after` that moment, where one is given.

    Raises Refused where no slot is free.
    """
    if times.is_relative(declared.start_at):
        if anchor is None or not _is_of(anchor, declared):
            try:
                anchor = _anchor(declared, counted(declared, now, after))
            except ValueError as error:
                raise Refused(f"start_at: {error}") from None
        start = times.parse_instant(anchor.start_at)
    else:
        start, anchor = times.parse_instant(declared.start_at), None
    if declared.duration is not None:
        return (start, start + times.parse_length(declared.duration)), anchor
    return (start, times.parse_instant(declared.end_at or declared.start_at)), anchor


def counted(declared: MaintenanceInputs, now: datetime, after: datetime | None = None) -> datetime:
    """What a relative start comes to. Raises ValueError where no slot is free."""
    if times.is_slot(declared.start_at):
        return slots.find(slots.parse(declared.start_at), *_span(declared), now, after)
    return now + times.offset_of(declared.start_at)


def _span(declared: MaintenanceInputs) -> tuple[tzinfo, timedelta]:
    """What a slot depends on beside its rule: the zone of its clocks, and how long the window is."""
    return times.parse_zone(declared.time_zone or "UTC"), times.parse_length(declared.duration or "")


def _anchor(declared: MaintenanceInputs, start: datetime) -> Anchor:
    zone = (declared.time_zone or "UTC") if times.is_slot(declared.start_at) else None
    return Anchor(expression=declared.start_at, start_at=times.format_instant(start), time_zone=zone)


def _is_of(anchor: Anchor, declared: MaintenanceInputs) -> bool:
    """Whether an anchor is that of the declared start."""
    start = times.parse_instant(anchor.start_at)
    return anchor == _anchor(declared, start)


def planned(
    recorded: MaintenanceState, declared: MaintenanceInputs, now: datetime, phase: Phase | None = None
) -> tuple[Window, Anchor | None]:
    """The times that a window which is there is to have.

    A slot is public once it is announced, so it is counted anew only where that is asked for: by another time of day,
    by other weekdays. What must be kept clear, and the zone, move it where it no longer fits. Of a window that has
    begun, another rule moves nothing: it counts for the next one. Raises Refused where no slot is free, and where a
    window that has not begun would run into a freeze by its new duration.
    """
    anchor = recorded.anchor
    if not times.is_slot(declared.start_at):
        return resolve(declared, anchor, now)
    phase = phase or believed_phase(recorded, now)
    if anchor is None or not _is_of(anchor, declared):
        kept = recorded.window[0] if phase == "in_progress" else _still_free(anchor, declared)
        anchor = _anchor(declared, kept) if kept is not None else None
    elif phase == "scheduled":
        _refuse_freeze(recorded, declared, anchor)
    if anchor is not None and phase == "complete":
        # What is over is over: another duration moves nothing.
        return recorded.window, anchor
    return resolve(declared, anchor, now)


def _still_free(anchor: Anchor | None, declared: MaintenanceInputs) -> datetime | None:
    """The start that was counted by another rule, where it may stay."""
    if anchor is None or not times.is_slot(anchor.expression):
        return None
    before, rule = slots.parse(anchor.expression), slots.parse(declared.start_at)
    start = times.parse_instant(anchor.start_at)
    may_stay = rule.is_of_the_same_hours(before) and slots.fits(rule, *_span(declared), start)
    return start if may_stay else None


def _refuse_freeze(recorded: MaintenanceState, declared: MaintenanceInputs, anchor: Anchor) -> None:
    if recorded.declared.duration in (None, declared.duration):
        return
    start = times.parse_instant(anchor.start_at)
    if frozen := slots.runs_into(slots.parse(declared.start_at), *_span(declared), start):
        raise Refused(
            f"duration: {declared.duration} from {anchor.start_at} runs into the freeze {frozen[0]}. Nothing was "
            "posted. Shorten it, or change triggers: a new window is then announced in the next free slot"
        )


def believed_phase(recorded: MaintenanceState, now: datetime) -> Phase:
    """The phase as state and clock tell it, unread: the service's automation moves a window forwards by itself."""
    if not recorded.automated:
        return recorded.phase
    return max(recorded.phase, times.phase_at(recorded.page_window, now), key=ORDER.index)
