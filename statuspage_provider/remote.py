"""What the service has: windows, incidents, pages, as its answers are read. No I/O."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from typing import Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
)

from . import times
from .display import quoted
from .errors import Refused
from .properties import Model
from .statuses import PHASES, STATUSES, IncidentStatus, Phase
from .times import Window


def same_text(one: str, other: str) -> bool:
    """Whether two texts say the same, however a service re-renders Markdown: white space and marks do not count."""
    return one.strip() == other.strip() or (_words(one) != [] and _words(one) == _words(other))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", html.unescape(re.sub(r"<[^<>]*>", " ", text)).casefold())


Moment = Annotated[AwareDatetime, AfterValidator(times.with_room)]
"""A moment as the service has it: one that has a date in every zone."""


def _status_of(item: object) -> object:
    # What else is said of it is of any kind and size, and what is read is recorded.
    known = ("component_id", "component_status")
    return {key: str(item[key]) for key in known if key in item} if isinstance(item, dict) else item


ComponentStatus = Annotated[dict[str, str], BeforeValidator(_status_of)]
"""What an entry of a timeline tells of one component."""


class Update(Model):
    """One entry of an event's timeline."""

    id: str
    message: str
    published_at: Moment
    maintenance_status: str | None = None
    incident_status: str | None = None
    component_statuses: list[ComponentStatus] = Field(default_factory=list)

    @property
    def status(self) -> str | None:
        return self.maintenance_status or self.incident_status

    @property
    def told(self) -> dict[str, str]:
        """The statuses that it tells, by component."""
        return {str(item.get("component_id")): str(item.get("component_status")) for item in self.component_statuses}


class Period(Model):
    """When one component is under maintenance."""

    component_id: str
    start_at: Moment
    end_at: Moment | None = None


class _Event(Model):
    id: str
    name: str
    published_at: Moment
    updates: list[Update] = Field(default_factory=list)
    public_url: str | None = None
    tells_when: bool = Field(default=True, exclude=True)
    """Whether the service told when it was published: where it does not, that is the moment at which it was read."""

    @property
    def timeline(self) -> list[Update]:
        """The updates, oldest first. Those of one moment stay in the order in which the wire read them."""
        return sorted(self.updates, key=lambda update: update.published_at)

    @property
    def last_update_id(self) -> str | None:
        return self.timeline[-1].id if self.updates else None

    @property
    def made_at(self) -> datetime:
        """When the service made it. Its ids tell (ULIDs); of one that does not, when it was published."""
        return ulid_time(self.id) or self.published_at

    def since(self, update_id: str | None) -> list[Update]:
        """The updates that came after the one of that id: those a lost answer can have left behind."""
        timeline = self.timeline
        known = [index for index, update in enumerate(timeline) if update.id == update_id]
        return timeline[known[0] + 1 :] if known else timeline


def ulid_time(id_: str) -> datetime | None:
    """When an id was made, if it tells: a ULID begins with the time."""
    if not re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", id_):
        return None
    milliseconds = 0
    for letter in id_[:10]:
        milliseconds = milliseconds * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(letter)
    # An id that only looks like one would name some other age.
    return times.EPOCH + timedelta(milliseconds=milliseconds) if milliseconds < 1 << 42 else None


_ABOUT_NOW = timedelta(minutes=1)


class Maintenance(_Event):
    """A window as the service has it. Its status may be one that this version does not know: the API adds to them.

    `times` and `message` are its own, of a service on which a window has neither a timeline nor components: then the
    status is what the clock makes of the times.
    """

    status_page_id: str
    maintenance_status: str
    automate_maintenance_status: bool = False
    component_maintenance_periods: list[Period] = Field(default_factory=list)
    times: Window | None = None
    message: str = ""

    @classmethod
    def by_times(cls, window: Window, now: datetime, **fields: Any) -> Maintenance:
        """A window that is its times, as the clock has it."""
        status = STATUSES[times.phase_at(window, now)]
        return cls(times=window, maintenance_status=status, automate_maintenance_status=True, **fields)

    @property
    def phase(self) -> Phase:
        """Where it stands, for what is decided by it. Raises Refused if that is not known."""
        if self.known_phase is None:
            raise _new_status("maintenance_status", self.maintenance_status)
        return self.known_phase

    @property
    def known_phase(self) -> Phase | None:
        return PHASES.get(self.maintenance_status)

    @property
    def affected_component_ids(self) -> list[str]:
        return sorted({period.component_id for period in self.component_maintenance_periods})

    @property
    def window(self) -> Window | None:
        """Start and end, or None: a service may give them only by component, so with none they cannot be read."""
        if self.times is not None:
            return self.times
        ends = [period.end_at for period in self.component_maintenance_periods if period.end_at is not None]
        starts = [period.start_at for period in self.component_maintenance_periods]
        return (min(starts).replace(microsecond=0), max(ends).replace(microsecond=0)) if ends else None

    @property
    def has_several_ends(self) -> bool:
        """Whether its components did not all begin and end together: an edit of its times would make them."""
        return len({(period.start_at, period.end_at) for period in self.component_maintenance_periods}) > 1

    def shown(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """Start and end of a window that is not over, as far as the page shows them.

        The period of a component that was let out ended then, and one without an end goes on: neither tells when the
        window ends. Nor does one that ends about now: it may just have been let out, and clocks differ.
        """
        if self.times is not None:
            return self.times
        periods = self.component_maintenance_periods
        starts = [period.start_at for period in (self._held if self.known_phase == "scheduled" else periods)]
        ends = [end for end in self._ends if end > now + _ABOUT_NOW]
        return (
            min(starts).replace(microsecond=0) if starts else None,
            max(ends).replace(microsecond=0) if ends else None,
        )

    def found(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        """Start and end of a window of which nothing is recorded. One that is past its end still has that end."""
        if self.known_phase == "complete" and self.window is not None:
            return self.window
        start, end = self.shown(now)
        return start, end or (max(self._ends).replace(microsecond=0) if self._ends else None)

    def window_at(self, now: datetime, recorded: Window) -> Window:
        """Start and end as the page shows them; what it does not show is as recorded."""
        if self.known_phase == "complete" or self.times is not None:
            return self.window or recorded
        start, end = self.shown(now)
        start = start or recorded[0]
        if end is None and (self.known_phase == "scheduled" or recorded[1] <= start):
            # Who moved a window that has not begun moved all of it.
            end = start + (recorded[1] - recorded[0])
        return start, end or max([recorded[1], *self._ends]).replace(microsecond=0)

    @property
    def _held(self) -> list[Period]:
        told = self.component_statuses
        return [one for one in self.component_maintenance_periods if told[one.component_id] != "operational"]

    @property
    def _ends(self) -> list[datetime]:
        return [period.end_at for period in self._held if period.end_at is not None]

    @property
    def component_statuses(self) -> dict[str, str]:
        """What was told last of each component. One of which nothing was told is under maintenance."""
        begun = dict.fromkeys(self.affected_component_ids, "under_maintenance")
        statuses, over = begun, False
        for update in self.timeline:
            if update.status == "maintenance_complete":
                over = True
                continue
            # What the end told of all holds no longer where the window was opened again.
            statuses = (begun if over else statuses) | update.told
            over = False
        return statuses


class Impact(Model):
    """What an incident does to one component, and since when. One that is over has an end."""

    component_id: str
    component_status: str
    start_at: Moment
    end_at: Moment | None = None


class Incident(_Event):
    """An incident as the service has it. `message` is its own, beside those of its timeline, if it has one.

    Its status may be one that this version does not know: the API adds to them.
    """

    message: str = ""
    status_page_id: str | None = None
    component_id: str | None = None
    incident_status: str
    component_impacts: list[Impact] = Field(default_factory=list)

    @property
    def phase(self) -> IncidentStatus:
        """Its status, for what is decided by it. Raises Refused if that is not known."""
        if self.known_phase is None:
            raise _new_status("incident_status", self.incident_status)
        return self.known_phase

    @property
    def known_phase(self) -> IncidentStatus | None:
        statuses: tuple[IncidentStatus, ...] = get_args(IncidentStatus)
        return next((status for status in statuses if status == self.incident_status), None)

    @property
    def affected_component_ids(self) -> list[str]:
        """The components that it touches now."""
        return sorted(self.component_statuses)

    @property
    def component_statuses(self) -> dict[str, str]:
        """The status of each component that it touches now. Any other is operational."""
        return {one.component_id: one.component_status for one in self.component_impacts if one.end_at is None}


def _new_status(field: str, status: str) -> Refused:
    return Refused(
        f'the service answered {field} "{quoted(status)}", which this version does not know. Nothing more was posted. '
        "Install a newer version"
    )


class Page(Model):
    """A status page as the service lists it."""

    id: str
    name: str
    description: str | None = None
    public_url: str | None = None


class Component(Model):
    """A component of a page; `group` and `sub_page` name where it stands, if anywhere, and their ids go with them."""

    id: str
    name: str
    group: str | None = None
    group_id: str | None = None
    sub_page: str | None = None
    sub_page_id: str | None = None

    @property
    def path(self) -> str:
        """The name that is used to look it up: `API`, or `EU / Database`."""
        return " / ".join(part for part in (self.sub_page, self.group, self.name) if part)

    @property
    def places(self) -> tuple[str, ...]:
        """Where it stands, from the outside in: nothing, `EU`, or `UK` and `UK / Rail`."""
        around = [part for part in (self.sub_page, self.group) if part]
        return tuple(" / ".join(around[:depth]) for depth in range(1, len(around) + 1))


class Availability(Model):
    """How available a component was. `availability_percent` is text such as "99.95", or None if nothing is known."""

    component_id: str
    status_page_id: str
    start_at: Moment
    end_at: Moment
    data_available_since: Moment
    availability_percent: str | None = None
