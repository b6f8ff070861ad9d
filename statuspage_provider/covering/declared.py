"""What the declared times of a window tell while the program runs, before anything is read: for previews and `hold`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .. import clock, times
from ..services.capabilities import CAPABILITIES
from ..statuses import Outside
from ..times import Window
from . import admission
from .admission import Admission, WindowStatus

_TIMES = "start_at", "end_at", "duration", "time_zone"


@dataclass(frozen=True)
class DeclaredWindow:
    """A window as the program declares it. An input may be an output, which is known only once it runs."""

    inputs: Mapping[str, Any]
    resource_name: str
    """What the window is called where its name is not known."""
    ignored: Collection[str] = ()
    """The inputs of which the engine keeps the value that state has: its option `ignore_changes`."""

    @property
    def has_timeline(self) -> bool:
        """Whether texts about the window can be published, as far as the program knows its service."""
        service = self.inputs.get("service")
        able = CAPABILITIES.get(service) if isinstance(service, str) else None
        return able is None or able.timelines

    def admission(self, outside: Outside) -> Admission | None:
        """What a change would be told at this moment. None where the program does not know the times."""
        window = self._window()
        if window is None:
            return None
        given = self.inputs.get("name")
        name = given if isinstance(given, str) else self.resource_name
        return admission.admit(WindowStatus(name, "scheduled", window, True), outside, clock.now())

    def _window(self) -> Window | None:
        if not {"*", *_TIMES}.isdisjoint(self.ignored):
            return None
        start, end, length, zone = (self.inputs.get(key) for key in _TIMES)
        if not isinstance(start, str) or times.is_relative(start) or not isinstance(end or length, str):
            return None
        if not isinstance(zone, str | None):
            return None
        try:
            begins = times.parse_instant(start, zone)
            ends = times.parse_instant(end, zone) if end else begins + times.parse_length(str(length))
        except ValueError:
            # `check` says what is wrong with it.
            return None
        return begins, ends
