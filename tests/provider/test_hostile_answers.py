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


def answers(number: int) -> list[str]:
    """Those that a call meets: the next call meets others, and each is met by one call, or by MANY."""
    tried = [name for name in ANSWERS if MANY or not ANSWERS[name].large]
    return [name for met, name in enumerate(tried) if (number - met) % len(ALL) < (MANY or 1)]


@pytest.mark.parametrize("call", ALL)
def test_a_call_ends_with_a_result_or_one_line(server: Server, call: str) -> None:
    faults = {}
    for name in answers(ALL.index(call)):
        server.hostile = ANSWERS[name]
        with shortened(server.hostile):
            faults[name] = fault(server.url, CALLS[call])
    assert faults
    assert not {name: wrong for name, wrong in faults.items() if wrong}
    assert not [asked for asked in server.astray if KEY.encode() in asked]


def test_every_answer_is_met() -> None:
    met = {name for number in range(len(ALL)) for name in answers(number)}
    assert met == {name for name in ANSWERS if MANY or not ANSWERS[name].large}


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
