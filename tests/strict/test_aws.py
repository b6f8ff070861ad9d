"""A program of AWS resources, with the real SDK: one window covers them all, by each of the ways there are."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pulumi
import pytest

from statuspage_provider import testing
from statuspage_provider.errors import Refused

pytest.importorskip("pulumi_aws", reason="make strict has it")

# The SDK imports what it has deprecated itself.
pytestmark = pytest.mark.filterwarnings("ignore:aws:DeprecationWarning")

PROGRAM = Path(__file__).parent / "aws"
CONFIG = {
    "pageId": "01HZACMEPAGE0000000000000A",
    "componentId": "01HZACMECMP0000000000000DB",
    "startAt": "2027-03-06 22:00",
    "engineVersion": "16.4",
    "taskDefinition": "orders:7",
}


class Aws(pulumi.runtime.Mocks):
    """Every resource has its inputs as outputs, and what AWS tells of it."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        assert args.typ.startswith(("aws:", "pulumi:")), args.typ
        return f"{args.name}-id", {**args.inputs, "endpoint": "orders.example:5432"}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return {}, []


@pytest.fixture(autouse=True)
def a_week_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_NOW", "2027-02-27T12:00:00Z")


def run(**config: str) -> tuple[dict[str, Any], testing.Mocks]:
    mocks = testing.Mocks(Aws())
    return mocks.run(lambda: runpy.run_path(str(PROGRAM)), config={**CONFIG, **config}), mocks


@pytest.mark.parametrize("name", ["reached", "parameters", "database", "service"])
def test_each_resource_is_covered(name: str) -> None:
    program, _ = run()
    testing.assert_covered(program[name], program["window"])


def test_the_window_is_announced_with_its_emails() -> None:
    _, mocks = run()
    assert [(notice.event, notice.at, notice.subscribers) for notice in mocks.notices] == [
        ("scheduled", "2027-02-27T12:00:00Z", True),
        ("in_progress", "2027-03-06T21:00:00Z", True),
        ("complete", "2027-03-06T23:00:00Z", True),
    ]


def test_what_up_refuses_is_refused() -> None:
    with pytest.raises(Refused, match=r'^orders-upgrade: start_at: "soon" is not a time: '):
        run(startAt="soon")
    with pytest.raises(Refused, match=r'^covering: outside="never" is not one of fail, hold, warn, wait, start$'):
        run(outside="never")
