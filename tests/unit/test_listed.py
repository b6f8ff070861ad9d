"""Many reads of one page: a few by one, then one list for all the others, however many wait for it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

from statuspage_provider.errors import Unreachable
from statuspage_provider.listed import SHOWN_FIRST, Listed
from statuspage_provider.remote import Incident

AT = datetime(2026, 3, 1, tzinfo=timezone.utc)


def incident(id_: str) -> Incident:
    return Incident(id=id_, name=id_, published_at=AT, incident_status="investigating")


class Asked:
    """A page of two incidents that counts how often it is listed."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> list[Incident]:
        self.times += 1
        return [incident("a"), incident("b")]


def first_reads(listed: Listed, newest: Asked) -> None:
    assert [listed.find("page", "a", newest) for _ in range(SHOWN_FIRST)] == [None] * SHOWN_FIRST
    assert newest.times == 0


def test_the_first_few_are_shown_and_the_others_found_in_one_list() -> None:
    listed, newest = Listed(), Asked()
    first_reads(listed, newest)
    for id_ in ("a", "b", "a"):
        found = listed.find("page", id_, newest)
        assert found is not None
        assert found.id == id_
    assert listed.find("page", "older, or gone", newest) is None
    assert newest.times == 1


def test_each_page_has_a_list_of_its_own() -> None:
    listed, newest = Listed(), Asked()
    first_reads(listed, newest)
    assert listed.find("another", "a", newest) is None
    assert newest.times == 0


def test_many_that_wait_for_a_list_have_it_made_once() -> None:
    listed, begun, go_on = Listed(), threading.Event(), threading.Event()
    first_reads(listed, Asked())
    times = []

    def slow() -> list[Incident]:
        times.append(1)
        begun.set()
        assert go_on.wait(30)
        return [incident("a")]

    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(listed.find, "page", "a", slow) for _ in range(8)]
        assert begun.wait(30)
        go_on.set()
        assert [done.result(30) is not None for done in waiting] == [True] * 8
    assert times == [1]


def test_a_list_that_cannot_be_read_is_asked_for_once_and_each_is_shown() -> None:
    listed, times = Listed(), []
    first_reads(listed, Asked())

    def down() -> list[Incident]:
        times.append(1)
        raise Unreachable("no answer")

    assert [listed.find("page", "a", down) for _ in range(3)] == [None] * 3
    assert times == [1]
