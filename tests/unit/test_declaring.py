"""What a program may hand over: values, outputs of them, and what is still awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any

import pulumi
import pytest

import statuspage_provider as statuspage
from statuspage_provider import testing
from statuspage_provider.declaring import as_properties
from statuspage_provider.errors import Refused
from statuspage_provider.lookups import StatusPage

START = datetime(2030, 3, 1, 23, tzinfo=timezone(timedelta(hours=1)))


class Inputs(testing.Mocks):
    """Remembers what reaches the engine."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        self.seen = args.inputs
        return super().new_resource(args)


def reached(**inputs: Any) -> dict[str, Any]:
    """The inputs of a window as they reach the engine. One that is a function is called in the program."""
    mocks = Inputs()

    def program() -> None:
        made = {name: value() if isinstance(value, Callable) else value for name, value in inputs.items()}
        window = {"name": "Upgrade", "message": "We upgrade.", "start_at": START, "duration": "2h", **made}
        statuspage.StatusPageMaintenance("window", status_page_id="page", **window)

    mocks.run(program)
    return {name: mocks.seen[name] for name in inputs}


class Events(str, Enum):
    SCHEDULED = "scheduled"
    COMPLETE = "complete"


async def awaited(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("start_at", START, "2030-03-01T23:00:00+01:00"),
        ("duration", timedelta(minutes=90), "1h30m"),
        ("affected_component_ids", {"b", "a"}, ["a", "b"]),
        ("notify_subscribers", {"complete"}, ["complete"]),
        ("notify_subscribers", ["scheduled", Events.COMPLETE], ["scheduled", "complete"]),
        ("notify_subscribers", {Events.COMPLETE}, ["complete"]),
        ("component_statuses", {"a": "under_maintenance"}, {"a": "under_maintenance"}),
        ("triggers", [START, ["x"]], ["2030-03-01T23:00:00+01:00", ["x"]]),
    ],
)
def test_a_value_an_output_of_it_and_what_is_awaited_reach_the_engine_as_the_same(
    name: str, value: Any, text: Any
) -> None:
    assert reached(**{name: value}) == {name: text}
    assert reached(**{name: lambda: pulumi.Output.from_input(value)}) == {name: text}
    assert reached(**{name: lambda: awaited(value)}) == {name: text}


def test_an_output_may_stand_within_a_list_or_a_map() -> None:
    text = lambda value: pulumi.Output.from_input(value)  # noqa: E731
    assert reached(affected_component_ids=lambda: ["a", text("b")]) == {"affected_component_ids": ["a", "b"]}
    assert reached(affected_component_ids=lambda: {text("b")}) == {"affected_component_ids": ["b"]}
    assert reached(component_statuses=lambda: {"a": text("operational")}) == {
        "component_statuses": {"a": "operational"}
    }


def test_a_whole_page_in_an_output_is_refused_like_one_that_stands_there_itself() -> None:
    page: Any = StatusPage("page", "Acme", None, None, None)  # type: ignore[arg-type]
    line = "triggers: this is a whole StatusPage: pass its id, with .id"
    for value in ([page], lambda: pulumi.Output.from_input(page).apply(lambda one: [one])):
        with pytest.raises(Refused) as refused:
            reached(triggers=value)
        assert str(refused.value) == line


@pytest.mark.parametrize(
    "resource",
    [
        statuspage.StatusPageMaintenance,
        statuspage.StatusPageIncident,
        statuspage.StatusPageRetrospectiveIncident,
    ],
)
def test_the_types_of_outputs_are_text_no_more_once_one_is_declared(resource: type[pulumi.Resource]) -> None:
    # The SDK asks for them with each resource of a program, and compiles what is text each time.
    names = set(resource.__annotations__)
    assert set(as_properties(resource, {"name": "It"})) == set(resource.__annotations__) == names
    assert resource.__annotations__["name"] == pulumi.Output[str]
    assert not [kind for kind in resource.__annotations__.values() if isinstance(kind, str)]
