"""A server may answer what it likes: each call ends, with a result or with one line that tells nothing it should not.

`HOSTILE_CALLS=31` lets each answer meet so many of the calls, and those that take long to read meet some at all.
`python -m benchmarks.hostile` measures all of them.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from tests.support.hostile import ANSWERS, Server, fault, shortened, writes
from tests.support.service_calls import CALLS, KEY

MANY = int(os.environ.get("HOSTILE_CALLS", "0"))
ALL = list(CALLS)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server().running() as server:
        yield server


def calls(number: int) -> list[str]:
    """Some for each answer: others for the next."""
    return [ALL[(number + more) % len(ALL)] for more in range(MANY or 1)]


TRIED = {name: calls(number) for number, name in enumerate(ANSWERS) if MANY or not ANSWERS[name].large}


@pytest.mark.parametrize("name", TRIED)
def test_each_call_ends_with_a_result_or_one_line(server: Server, name: str) -> None:
    server.hostile = ANSWERS[name]
    with shortened(server.hostile):
        faults = {call: fault(server.url, CALLS[call]) for call in TRIED[name]}
    assert not {call: wrong for call, wrong in faults.items() if wrong}
    assert not [asked for asked in server.astray if KEY.encode() in asked]


def test_every_call_meets_some_of_them() -> None:
    assert {call for calls in TRIED.values() for call in calls} == set(ALL)


def test_what_a_call_left_behind_ends_with_its_answer(server: Server) -> None:
    server.hostile = ANSWERS["without an end: 100 Continue"]
    before = threading.enumerate()
    with shortened(server.hostile):
        assert fault(server.url, CALLS["incident.io: show a window"]) is None
    left = [thread for thread in threading.enumerate() if thread not in before]
    assert "statuspage-request" in {thread.name for thread in left}
    server.hostile = writes()
    for thread in left:
        thread.join(30)
    assert not [thread for thread in left if thread.is_alive()]
