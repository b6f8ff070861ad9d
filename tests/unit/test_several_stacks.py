"""One window, several stacks: which run completes it, with stacks, a page and a clock that are only here."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from statuspage_provider.covering.invocation import UNKNOWN, Invocation
from statuspage_provider.covering.participants import (
    Ending,
    Mark,
    RunState,
    ending,
    entry,
    full_names,
    mails_in,
    mark_in,
    marked,
    part,
    stacks_in,
)
from statuspage_provider.covering.session import Session
from statuspage_provider.covering.several_stacks import SeveralStacks
from statuspage_provider.errors import Refused, Unreachable
from tests.support.window_page import START, Page, rules, run, urn, work

A, B, C = "organization/a/prod", "organization/b/prod", "organization/c/prod"

EARLY, LATE = "2026-03-01T14:01:00Z", "2026-03-01T14:02:00Z"
DONE = Mark(EARLY, changed=True)
IDLE = Mark(EARLY, changed=False)


# what is named


@pytest.mark.parametrize(
    ("stacks", "line"),
    [
        (A, "must be a list of texts"),
        ({A, B}, "must be a list of texts"),
        ([], "must not be empty"),
        ([A, 1], "must hold texts, and a int is none"),
        (["prod"], '"prod" is not of the form organization/project/stack'),
        (["a/prod"], '"a/prod" is not of the form'),
        (["organization//prod"], '"organization//prod" is not of the form'),
        ([f"{A} "], "is not of the form"),
        ([f"{A}/more"], "is not of the form"),
    ],
)
def test_what_is_no_list_of_full_names_is_refused_in_one_line(stacks: object, line: str) -> None:
    with pytest.raises(Refused, match=r"^complete_after: stacks") as refused:
        full_names(stacks)
    assert line in str(refused.value)


def test_each_stack_counts_once() -> None:
    assert full_names([A, B, A]) == (A, B)


# what is recorded


@pytest.mark.parametrize("mark", [None, DONE, Mark(LATE, changed=False, deletes=True)])
def test_what_is_recorded_is_read_again(mark: Mark | None) -> None:
    output = {"window": entry((A, B), mark, ["complete"])}
    assert mark_in(output, "window") == mark
    assert stacks_in(output, "window") == [A, B]
    assert mails_in(output, "window") == ["complete"]
    assert mark_in(output, "another") is None


@pytest.mark.parametrize(
    "output",
    [None, "text", [], {"window": None}, {"window": []}, {"window": {"done_at": 1, "changed": True, "stacks": "x"}}],
)
def test_an_output_that_says_something_else_says_nothing(output: object) -> None:
    assert mark_in(output, "window") is None
    assert stacks_in(output, "window") == mails_in(output, "window") == []


@pytest.mark.parametrize(
    ("before", "stands", "after"),
    [
        (None, RunState(True, True, False, None), Mark(LATE, True)),
        (None, RunState(True, False, False, None), Mark(LATE, False)),
        (DONE, RunState(True, False, False, None), DONE),
        (DONE, RunState(True, True, False, None), Mark(LATE, True)),
        # Outside it is kept, and never made.
        (None, RunState(False, False, False, None), None),
        (DONE, RunState(False, False, True, "it failed"), DONE),
        (DONE, RunState(True, True, True, "it failed"), None),
        # A run that left resources out.
        (None, RunState(True, True, False, "--target"), None),
        (DONE, RunState(True, True, False, "--target"), DONE),
    ],
)
def test_only_a_run_inside_that_did_all_of_its_work_makes_a_mark(
    before: Mark | None, stands: RunState, after: Mark | None
) -> None:
    assert marked(before, stands, LATE, deletes=False) == after


# which run completes the window


@pytest.mark.parametrize(
    ("own", "is_new", "others", "why_not"),
    [
        (DONE, True, {B: DONE}, None),
        (IDLE, True, {B: DONE}, None),
        (DONE, True, {B: IDLE, C: IDLE}, None),
        (IDLE, True, {B: IDLE}, ""),
        (DONE, True, {B: None}, f"{B} has not done the work in it yet. The last to be done completes it"),
        (DONE, True, {C: None, B: None}, f"{B} and {C} have not done the work in it yet. The last"),
        (DONE, False, {B: Mark(LATE, True)}, f"{B} was the last to be done: its next run completes it"),
        (Mark(LATE, True), False, {B: DONE}, None),
        (DONE, True, {B: Mark(LATE, True, deletes=True)}, f"{B} may still be deleting: its next run completes it"),
        (DONE, True, dict.fromkeys((B, C), Mark(LATE, True, deletes=True)), f"{B} and {C} guard deletions, and none"),
        (Mark(EARLY, True, deletes=True), False, {B: Mark(LATE, True)}, None),
        (Mark(EARLY, True, deletes=True), True, {B: Mark(LATE, True, deletes=True)}, f"{B} and {A} guard deletions"),
    ],
)
def test_the_last_that_is_done_completes_the_window(
    own: Mark, is_new: bool, others: dict[str, Mark | None], why_not: str | None
) -> None:
    answer = ending(A, own, is_new, others)
    assert answer.completes is (why_not is None)
    assert answer.why_not.startswith(why_not or "")
    assert bool(answer.why_not) is bool(why_not)


@pytest.mark.parametrize(
    ("own", "others", "untold", "to_run", "why"),
    [
        (None, {B: DONE}, (), True, ""),
        (None, {}, (B,), True, ""),
        (DONE, {B: None}, (), False, f"{A} is done in it"),
        (DONE, {}, (B,), False, f"{A} is done in it"),
        # What its own deletions became only its run can tell, and it asks the others too.
        (Mark(EARLY, True, deletes=True), {}, (B,), True, "guards deletions: its next run may complete it"),
        (Mark(EARLY, True, deletes=True), {C: None}, (B,), False, f"{A} is done in it"),
        (IDLE, {B: IDLE}, (), False, "none had anything to change"),
        (DONE, {B: Mark(LATE, True)}, (), False, f"{B} was the last to be done: its next run completes it"),
        (Mark(LATE, True), {B: DONE}, (), True, f"the next run of {A} completes it"),
    ],
)
def test_a_stack_is_to_be_run_until_it_is_done_or_where_its_run_completes_the_window(
    own: Mark | None, others: dict[str, Mark | None], untold: tuple[str, ...], to_run: bool, why: str
) -> None:
    answer = part(A, own, others, untold)
    assert answer.to_run is to_run
    assert answer.why.endswith(why)


def test_once_all_are_done_exactly_one_stack_is_to_be_run() -> None:
    for times in permutations([EARLY, LATE, LATE]):
        marks = {name: Mark(at, True) for name, at in zip((A, B, C), times, strict=True)}
        parts = [part(me, marks[me], {name: mark for name, mark in marks.items() if name != me}) for me in marks]
        assert [one.to_run for one in parts].count(True) == 1


def test_a_stack_that_cannot_be_read_is_named_beside_those_that_are_not_done() -> None:
    answer = ending(A, DONE, True, {B: None}, {C: "unknown stack"})
    assert not answer.completes
    assert f"{B} has not done" in answer.why_not
    assert f"{C} cannot be read (unknown stack): check its name in stacks" in answer.why_not
    assert ending(A, DONE, True, {}) == Ending(True)


def test_of_runs_that_only_repeat_their_marks_exactly_one_completes_the_window() -> None:
    for times in permutations([EARLY, LATE, LATE]):
        marks = {name: Mark(at, True) for name, at in zip((A, B, C), times, strict=True)}
        ends = [
            ending(me, marks[me], False, {name: mark for name, mark in marks.items() if name != me}).completes
            for me in marks
        ]
        assert ends.count(True) == 1


# in a run


class Backend:
    """The stacks' outputs, as the backend has them: what a run records is there once it has ended."""

    def __init__(self) -> None:
        self.page = Page()
        self.outputs: dict[str, Any] = {A: None, B: None}
        self.down: set[str] = set()

    async def read(self, name: str) -> Any:
        if name not in self.outputs or name in self.down:
            raise Refused(f'unknown stack "{name}"')
        return self.outputs[name]

    def of(self, me: str, session: Session, missing: list[str] | None = None, **given: Any) -> SeveralStacks:
        async def unknown() -> list[str]:
            return missing or []

        rest: dict[str, Any] = {"guards_deletions": False, **given}
        return SeveralStacks(session, (A, B), unknown=unknown, read=self.read, me=me, **rest)

    async def up(self, me: str, *names: str, fails: bool = False, holds: bool = False, **given: Any) -> None:
        """A whole run of a stack, which changes the resources of these names."""
        session = self.page.session()
        session.holds_back = holds
        shared = self.of(me, session, [urn("failed")] if fails else None, **given)
        for name in names:
            await work(session, name)
        recorded = await shared.record()
        await shared.finish(None)
        self.outputs[me] = recorded


@pytest.mark.parametrize(
    "order", [[(A, "x"), (B, "y")], [(B, "y"), (A, "x")], [(A, "x"), (A,), (B, "y")], [(A,), (B, "y")]]
)
def test_whatever_the_order_of_the_runs_the_window_ends_once_and_with_the_last(order: list[tuple[str, ...]]) -> None:
    backend = Backend()

    async def program() -> None:
        for number, (me, *names) in enumerate(order, start=1):
            await backend.up(me, *names)
            assert backend.page.posts() == ["complete"] * (number == len(order))
        await backend.up(A)
        await backend.up(B)

    run(program())
    assert backend.page.posts() == ["complete"]
    assert f"“Upgrade” stays open: {order[-1][0]} has not done the work in it yet" in backend.page.said[0]
    assert backend.page.said[0].endswith("The service ends it Sun 1 Mar 2026, 16:00 UTC at the latest")


def test_two_that_end_at_the_same_moment_leave_it_to_the_next_run_of_the_one_that_was_last() -> None:
    backend = Backend()

    async def program() -> None:
        both = {}
        for me in (A, B):
            session = backend.page.session()
            await work(session, me)
            both[me] = backend.of(me, session)
            backend.page.now += timedelta(seconds=1)
            both[me].recorded = await both[me].record()  # type: ignore[attr-defined]
        for me, shared in both.items():
            await shared.finish(None)
            backend.outputs[me] = shared.recorded  # type: ignore[attr-defined]
        assert backend.page.posts() == []
        await backend.up(A)
        assert backend.page.posts() == []
        assert f"{B} was the last to be done: its next run completes it" in backend.page.said[-1]
        await backend.up(B)

    run(program())
    assert backend.page.posts() == ["complete"]


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"fails": True}, None),
        ({"holds": True}, None),
        ({}, Invocation("partial", "--target")),
    ],
    ids=["failed", "held", "partial"],
)
def test_a_run_that_may_not_have_done_its_work_records_nothing(given: dict[str, Any], asked: Invocation | None) -> None:
    backend = Backend()
    backend.page.asked_for = asked or backend.page.asked_for

    async def program() -> None:
        await backend.up(B, "y")
        await backend.up(A, "x", **given)

    run(program())
    assert mark_in(backend.outputs[A], "window") is None
    assert backend.page.posts() == []


def test_a_run_without_a_change_records_nothing_where_it_cannot_be_told_that_it_was_whole_or_inside() -> None:
    backend = Backend()

    async def program() -> None:
        backend.page.asked_for = UNKNOWN
        await backend.up(A)
        assert mark_in(backend.outputs[A], "window") is None
        await backend.up(A, "x")
        done = backend.outputs[A]
        backend.page.now = START - timedelta(minutes=1)
        await backend.up(A)
        await backend.up(B)
        backend.page.now = START + timedelta(minutes=1)
        backend.page.down = Unreachable("no answer")
        await backend.up(B)
        assert backend.outputs[A] == done
        assert mark_in(backend.outputs[B], "window") is None

    run(program())
    assert backend.page.posts() == []
    assert backend.page.said[-1] == "whether “Upgrade” is open cannot be told: no answer"


def test_where_what_it_recorded_before_cannot_be_read_a_run_that_only_repeats_it_starts_again() -> None:
    backend = Backend()

    async def program() -> None:
        await backend.up(A, "x")
        backend.down.add(A)
        await backend.up(A)

    run(program())
    assert mark_in(backend.outputs[A], "window") == Mark("2026-03-01T14:10:00Z", changed=False)
    assert f'What {A} recorded before cannot be read (unknown stack "{A}")' in " ".join(backend.page.said)


def test_a_stack_that_only_gets_the_window_mails_whom_the_stack_that_has_it_mails() -> None:
    backend = Backend()
    backend.outputs[B] = {"window": entry((A, B), DONE, ["complete"])}
    run(backend.up(A, "x"))
    assert backend.page.posts() == ["complete mailed"]
    backend = Backend()
    backend.page.mails = True
    run(backend.up(A, "x"))
    assert mails_in(backend.outputs[A], "window") == [
        "scheduled",
        "rescheduled",
        "in_progress",
        "update",
        "complete",
        "cancelled",
    ]


def test_under_mocks_nothing_is_asked_or_recorded() -> None:
    backend = Backend()
    backend.page.real = False
    run(backend.up(A))
    assert backend.outputs[A] == {}
    assert backend.page.calls == []


@pytest.mark.parametrize("outside", ["fail", "warn"])
def test_a_preview_of_a_program_that_does_not_know_the_times_reads_the_page_once(outside: Any) -> None:
    page = Page(START - timedelta(minutes=10))

    async def program() -> None:
        session = page.session()
        answers = [await session.foresee(outside) for _ in range(3)]
        assert all(answer is not None and (answer.refused or answer.says) for answer in answers)

    run(program())
    assert page.calls == ["GET"]


def test_a_preview_without_a_page_says_nothing() -> None:
    page = Page(START - timedelta(minutes=10))

    async def program() -> None:
        page.down = Refused("there is no key")
        assert await page.session().foresee(rules().outside) is None

    run(program())
    assert page.said == []
