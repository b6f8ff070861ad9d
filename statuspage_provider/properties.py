"""Property bags: what the engine hands over and takes back, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
)
from pydantic_core import PydanticCustomError


def refusal(reason: str, within: Sequence[tuple[str, str]] = ()) -> PydanticCustomError:
    # The reason is the whole message: pydantic's own wording names types, not fixes. A value that is quoted in it may
    # have line breaks. `within` are the faults of a value's parts: where in it, and why.
    return PydanticCustomError("refused", "{reason}", {"reason": " ".join(reason.split()), "within": within})


class Model(BaseModel):
    # Unknown keys are dropped: the API may add fields, and a newer version's state may be read by an older one.
    # Built when first used: one call of the engine needs few of the models.
    model_config = ConfigDict(extra="ignore", populate_by_name=True, defer_build=True)

    def to_props(self) -> dict[str, Any]:
        """A fresh, JSON-safe property bag: the engine's SDK writes into what it is given."""
        return cast(
            "dict[str, Any]",
            {key: value for key, value in self.model_dump(warnings=False).items() if value is not None},
        )


def faults_of(error: ValidationError) -> list[tuple[str, str]]:
    """(property, reason) of every fault, each one line that names the fix."""
    faults = []
    for fault in error.errors(include_url=False):
        where = str(fault["loc"][0]) if fault["loc"] else ""
        reason = "is missing: set it" if fault["type"] == "missing" else fault["msg"]
        within = fault.get("ctx", {}).get("within") or [("", reason)]
        faults += [(where + part, why) for part, why in within]
    return faults
