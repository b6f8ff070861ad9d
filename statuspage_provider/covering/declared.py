"""What the declared times of a window tell while the program runs, before anything is read: for previews and `hold`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import clock, times
from ..services.capabilities import CAPABILITIES
from ..statuses import Outside
from ..times import Window
from . import admission
from .admission import Admission, WindowStatus


@dataclass(frozen=True)
class DeclaredWindow:
    """A window as the program declares it."""

    inputs: Mapping[str, Any]

    @property
    def has_timeline(self) -> bool:
        """Whether texts about the window can be published, as far as the program knows its service."""
        able = CAPABILITIES.get(str(self.inputs.get("service")))
        return able is None or able.timelines

    def admission(self, outside: Outside) -> Admission | None:
        """What a change would be told at this moment. None where the program does not know the times."""
        window = self._window()
        if window is None:
            return None
        return admission.admit(WindowStatus(str(self.inputs["name"]), "scheduled", window, True), outside, clock.now())

    def _window(self) -> Window | None:
        zone = self.inputs.get("time_zone")
        start, end, length = (self.inputs.get(key) for key in ("start_at", "end_at", "duration"))
        if not isinstance(start, str) or times.is_relative(start) or not isinstance(end or length, str):
            return None
        try:
            begins = times.parse_instant(start, zone)
            ends = times.parse_instant(end, zone) if end else begins + times.parse_length(str(length))
        except ValueError:
            # `check` says what is wrong with it.
            return None
        return begins, ends
