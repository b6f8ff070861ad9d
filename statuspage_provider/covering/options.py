"""What one call of `covering` asks for, each value checked before anything runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from .. import times
from ..errors import Refused
from ..statuses import OnFailure, Outside
from .admission import ON_FAILURE, OUTSIDE


@dataclass(frozen=True)
class CoveringOptions:
    """What one call of `covering` asked for."""

    outside: Outside
    on_failure: OnFailure
    failure_message: str | None
    in_progress_message: str | None
    extend_up_to: timedelta | None
    required: bool

    @property
    def tells_failures(self) -> bool:
        """Whether a failed change is told to the page."""
        return self.on_failure != "keep" or self.failure_message is not None

    @property
    def need_failures(self) -> bool:
        """Whether a failed change must be known at once: it is told, or the end must not be moved for it any more."""
        return self.tells_failures or self.extend_up_to is not None

    @classmethod
    def of(
        cls,
        outside: Outside,
        on_failure: OnFailure = "keep",
        failure_message: str | None = None,
        in_progress_message: str | None = None,
        extend_up_to: timedelta | str | None = None,
        required: bool = False,
    ) -> CoveringOptions:
        """The options, each value checked: what is wrong with one is known before anything runs."""
        for name, value, allowed in (("outside", outside, OUTSIDE), ("on_failure", on_failure, ON_FAILURE)):
            if value not in allowed:
                raise Refused(f'covering: {name}="{value}" is not one of {", ".join(allowed)}')
        try:
            length = times.parse_length(extend_up_to) if isinstance(extend_up_to, str) else extend_up_to
        except ValueError as error:
            raise Refused(f"covering: extend_up_to: {error}") from None
        return cls(outside, on_failure, failure_message, in_progress_message, length, required)
