"""The window while covered changes run, with a page, a clock and a sleep that are only here: no engine, no network."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from statuspage_provider.covering.invocation import UNKNOWN, WHOLE, Invocation
from statuspage_provider.covering.session import Session
from statuspage_provider.covering.threads import in_a_thread
from statuspage_provider.errors import Refused, ServiceError, SettingsError, StatusPageError, Unreachable
from statuspage_provider.lifecycle.decision import Edit, NewUpdate
from statuspage_provider.remote import Period
from statuspage_provider.statuses import OnFailure, Outside
from tests.support.window_page import END, START, WITHIN, Page, TimesPage, rules, run, urn, work

# threads


def test_a_hook_never_waits_for_a_thread_of_the_sdk() -> None:
    page = Page()

    async def program() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(max_workers=1))
        registered = threading.Event()
        registration = loop.run_in_executor(None, registered.wait, 20)
        session = page.session()
        await asyncio.wait_for(session.before(urn("a"), rules(on_failure="incident")), 5)
        await asyncio.wait_for(session.failed(urn("a"), rules(on_failure="incident")), 5)
        await asyncio.wait_for(work(session, "b"), 5)
        await asyncio.wait_for(session.complete_when_idle([], None), 5)
        registered.set()
        await registration

    run(program())


def test_what_a_call_in_a_thread_raises_is_raised_to_who_waits_for_it() -> None:
    async def program() -> None:
        def fails() -> None:
            raise Unreachable("no answer")

        with pytest.raises(Unreachable, match="no answer"):
            await in_a_thread(fails)
        assert await in_a_thread(lambda: threading.current_thread().daemon)

    run(program())


# before a change


def test_one_that_waits_for_the_window_does_not_hold_up_its_siblings() -> None:
    page = Page(START - timedelta(minutes=10))

    async def program() -> None:
        opened = asyncio.Event()

        async def sleep(_: float) -> None:
            await opened.wait()

        session = page.session(sleep=sleep)
        waiting = asyncio.ensure_future(session.before(urn("waits"), rules(outside="wait")))
        while not page.said:
            await asyncio.sleep(0)
        await work(session, "warns", rules(outside="warn"))
        with pytest.raises(Refused, match="fails: “Upgrade” opens"):
            await session.before(urn("fails"), rules())
        assert not waiting.done()
        page.now = START
        opened.set()
        await waiting

    run(program())


def test_one_that_waits_looks_at_the_page_again_before_it_runs() -> None:
    page = Page(START - timedelta(seconds=40))

    async def program() -> None:
        await page.session().before(urn("work"), rules(outside="wait"))

    run(program())
    assert sum(page.slept) == 40
    assert page.calls == ["GET", "GET"]
    assert page.said[0].startswith("work: “Upgrade” opens Sun 1 Mar 2026, 14:00 UTC, in 40 s: the change waits for it")


@pytest.mark.parametrize("after", [1, 40], ids=["at once", "as the window opens"])
def test_a_change_whose_run_ends_while_it_waits_does_not_run(after: int) -> None:
    page = Page(START - timedelta(seconds=40))

    async def program() -> None:
        session = page.session(is_over=lambda: len(page.slept) >= after)
        with pytest.raises(Refused, match="work: the run ended while the change waited"):
            await session.before(urn("work"), rules(outside="wait"))

    run(program())
    assert sum(page.slept) == after
    assert page.calls == ["GET"]


# after it


def test_a_window_whose_work_is_done_is_completed_once() -> None:
    page = Page()

    async def program() -> None:
        session = page.session()
        await work(session, "a")
        await work(session, "b")
        await session.complete_when_idle([], "Done.")
        await session.complete_when_idle([], "Done.")

    run(program())
    assert page.posts() == ["complete"]
    assert page.entries[-1].message == "Done."


@pytest.mark.parametrize("failure", [None, "complete"], ids=["done", "failed"])
def test_a_window_that_the_page_has_not_begun_is_not_ended(failure: OnFailure | None) -> None:
    # This machine's clock is ahead of the page's.
    page = Page()
    page.phase = "scheduled"

    async def program() -> None:
        session = page.session()
        await work(session, "a", rules(on_failure=failure or "keep"))
        if failure is not None:
            await session.failed(urn("a"), rules(on_failure=failure))
        await session.complete_when_idle([], None)

    run(program())
    assert page.posts() == []
    (line, *_) = [line for line in page.said if "not completed" in line]
    assert line.startswith(
        "“Upgrade” is not completed, as that would call it off: on the page it is still scheduled, for Sun 1 Mar 2026, "
        "14:00 UTC. Is this machine's clock right?"
    )


@pytest.mark.parametrize(
    ("now", "automated", "outside"),
    [(WITHIN, False, "fail"), (START - timedelta(minutes=30), True, "start")],
    ids=["without automation", "begun early"],
)
def test_one_that_could_not_be_begun_as_the_page_was_down_is_ended_with_its_work(
    now: datetime, automated: bool, outside: Outside
) -> None:
    page = Page(now)
    page.automated = page.automates = automated
    page.down, page.phase = Unreachable("no answer"), "scheduled"

    async def program() -> None:
        session = page.session()
        await session.before(urn("work"), rules(outside=outside))
        page.down = None
        await session.after(urn("work"))
        await session.complete_when_idle([], None)

    run(program())
    assert page.posts() == ["complete"]
    assert not [line for line in page.said if "clock" in line]


@pytest.mark.parametrize("automated", [True, False])
def test_a_window_that_somebody_moves_to_later_meanwhile_is_not_ended(automated: bool) -> None:
    page = Page()
    page.phase = "scheduled"
    page.down = None if automated else Unreachable("no answer")
    later = Period(component_id="database", start_at=END, end_at=END + timedelta(hours=2))

    async def program() -> None:
        session = page.session()
        await session.before(urn("work"), rules())
        page.down, page.automated = None, automated
        shown = page.shown
        page.shown = lambda entries: shown(entries).model_copy(update={"component_maintenance_periods": [later]})
        await session.after(urn("work"))
        await session.complete_when_idle([], None)

    run(program())
    assert page.posts() == []
    assert "on the page it is still scheduled, for Sun 1 Mar 2026, 16:00 UTC" in page.said[-1]


def test_a_window_that_the_service_begins_a_little_late_is_ended_once_it_has_begun() -> None:
    page = Page()
    page.phase = "scheduled"

    async def sleep(_: float) -> None:
        page.phase = "in_progress" if page.slept else "scheduled"
        page.slept.append(_)

    async def program() -> None:
        session = page.session(sleep=sleep)
        await work(session, "a")
        await session.complete_when_idle([], None)

    run(program())
    assert page.slept == [0.5, 1.0]
    assert page.posts() == ["complete"]


def test_under_mocks_nothing_is_asked() -> None:
    page = Page()
    page.real = False
    run(page.session().complete_when_idle([], None))
    assert page.calls == []


async def _fails(session: Session) -> None:
    await session.before(urn("a"), rules())
    await session.failed(urn("a"), rules())


@pytest.mark.parametrize("named", [True, False], ids=["named", "covered only"])
def test_after_a_failed_change_the_window_stays_open_with_a_line(named: bool) -> None:
    page = Page()

    async def program() -> None:
        session = page.session()
        await work(session, "b")
        await _fails(session)
        await session.complete_when_idle([urn("a")] if named else [], None)

    run(program())
    assert page.posts() == []
    assert page.said == [
        "“Upgrade” stays open: a did not succeed in this run. The service ends it Sun 1 Mar 2026, 16:00 UTC"
    ]


def test_after_a_refused_change_the_window_that_another_used_stays_open() -> None:
    page = Page(START - timedelta(minutes=10))

    async def program() -> None:
        session = page.session()
        with pytest.raises(Refused):
            await session.before(urn("a"), rules())
        await work(session, "b", rules(outside="start"))
        await session.complete_when_idle([], None)

    run(program())
    assert page.posts() == ["in_progress"]
    assert "a did not succeed in this run. The next whole `pulumi up` that succeeds completes it" in page.said[-1]


def test_a_named_resource_that_the_engine_skipped_keeps_the_window_open() -> None:
    page = Page()

    async def program() -> None:
        session = page.session()
        await work(session, "a")
        await session.complete_when_idle([urn("b")], None)

    run(program())
    assert page.posts() == []
    assert "b did not succeed" in page.said[-1]


def test_a_failure_that_only_its_missing_outputs_tell_keeps_the_window_open() -> None:
    page = Page()

    async def program() -> None:
        session = page.session()
        await work(session, "a")
        await session.before(urn("b"), rules())
        await session.complete_when_idle([urn("b")], None)

    run(program())
    assert page.posts() == []
    assert "b did not succeed" in page.said[-1]


def test_a_change_that_failed_and_was_tried_again_with_success_is_done() -> None:
    page = Page()

    async def program() -> None:
        session = page.session()
        await session.before(urn("a"), rules())
        await session.failed(urn("a"), rules())
        await session.after(urn("a"))
        await session.complete_when_idle([], None)

    run(program())
    assert page.posts() == ["complete"]


def test_covered_work_that_nobody_named_ends_before_the_window_does() -> None:
    page = Page()

    async def program() -> None:
        session = page.session()
        await session.before(urn("unnamed"), rules())
        await work(session, "named")
        await session.complete_when_idle([], None)
        assert page.posts() == []
        await session.after(urn("unnamed"))

    run(program())
    assert page.posts() == ["complete"]


@pytest.mark.parametrize(
    ("asked", "used", "posts", "line"),
    [
        (WHOLE, True, ["complete"], None),
        (WHOLE, False, ["complete"], None),
        (UNKNOWN, True, ["complete"], None),
        (UNKNOWN, False, [], "whether this run left resources out cannot be told"),
        (Invocation("partial", "--target"), True, [], "this run left resources out (--target)"),
        (Invocation("partial", "--target"), False, [], "this run left resources out (--target)"),
        (Invocation("other", "pulumi refresh"), False, [], "`pulumi refresh` does none of its work"),
    ],
)
def test_only_a_run_that_may_have_done_all_the_work_completes_the_window(
    asked: Invocation, used: bool, posts: list[str], line: str | None
) -> None:
    page = Page(asked=asked)
    # As a run that failed, or was killed, leaves it.
    page.create_update("window", NewUpdate("in_progress", "We upgrade.", "maintenance_in_progress"))
    page.calls.clear()

    async def program() -> None:
        session = page.session()
        if used:
            await work(session, "a")
        await session.complete_when_idle([], None)

    run(program())
    assert page.posts() == posts
    assert [line in said for said in page.said] == ([True] if line else [])


@pytest.mark.parametrize("begins_early", [True, False])
def test_before_its_time_a_window_is_looked_at_only_where_the_program_may_begin_it_early(begins_early: bool) -> None:
    page = Page(START - timedelta(minutes=10))
    page.automated, page.phase = False, "in_progress"

    async def program() -> None:
        session = page.session()
        session.begins_early = begins_early
        await session.complete_when_idle([], None)

    run(program())
    assert page.posts() == (["complete"] if begins_early else [])
    assert len(page.calls) == 3 * begins_early


@pytest.mark.parametrize("asked", [WHOLE, UNKNOWN, Invocation("partial", "--target")])
def test_a_run_that_changes_nothing_leaves_a_window_to_the_service_without_a_word(asked: Invocation) -> None:
    page = Page(asked=asked)
    run(page.session().complete_when_idle([], None))
    assert (page.posts(), page.said) == ([], [])


# what is held


@pytest.mark.parametrize(
    ("phase", "now", "held"),
    [("", WITHIN, False), ("complete", WITHIN, True), ("in_progress", START - timedelta(minutes=5), False)],
    ids=["open", "completed early", "begun early"],
)
def test_changes_are_held_as_the_page_says_which_is_read_once(phase: str, now: datetime, held: bool) -> None:
    page = Page(now)
    page.phase, page.automated = phase, not phase

    async def program() -> None:
        session = page.session()
        assert [await session.refusal("hold") is not None for _ in range(3)] == [held] * 3

    run(program())
    assert page.calls == ["GET"]


@pytest.mark.parametrize("error", [Unreachable("no answer"), SettingsError("no API key")])
@pytest.mark.parametrize(("now", "held"), [(WITHIN, False), (END, True)])
def test_where_the_page_cannot_be_read_the_recorded_times_hold_changes(
    error: StatusPageError, now: datetime, held: bool
) -> None:
    page = Page(now)
    page.down = error

    async def program() -> None:
        assert (await page.session().refusal("hold") is not None) is held

    run(program())


def test_a_new_resource_that_cannot_be_held_is_told_what_to_do() -> None:
    page = Page(START - timedelta(minutes=5))

    async def program() -> None:
        with pytest.raises(
            Refused, match='What is new, or replaced on demand, cannot be held: cover it with outside="wait" or "warn"'
        ):
            await page.session().before(urn("new"), rules(outside="hold"), creates=True)

    run(program())


@pytest.mark.parametrize(
    ("now", "fix"),
    [
        (START - timedelta(minutes=5), "Declare the times that it has on the page, and run `pulumi up` again"),
        (WITHIN, "Run `pulumi up` again"),
    ],
    ids=["begun early", "opened since"],
)
def test_a_replacement_prepared_for_a_closed_window_is_refused_where_it_is_open(now: datetime, fix: str) -> None:
    page = Page(now)
    page.phase, page.automated = "in_progress", False

    async def program() -> None:
        session = page.session()
        with pytest.raises(Refused) as refused:
            await session.before(urn("a"), rules(), creates=True, replaces_first=True)
        assert str(refused.value).endswith(f"might be lost. Nothing was changed. {fix}")
        # An update replaces nothing.
        await session.before(urn("b"), rules(), creates=False, replaces_first=True)

    run(program())


# a service that refuses


def too_many(mailed: bool) -> StatusPageError | None:
    return ServiceError("incident.io answered 422: too many subscribers", status=422) if mailed else None


def test_a_mail_that_the_service_refuses_does_not_keep_the_page_from_being_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = Page()
    page.mails, page.refuses = True, too_many

    async def program() -> None:
        session = page.session()
        await work(session, "a")
        await session.complete_when_idle([], None)

    run(program())
    assert page.posts() == ["complete mailed", "complete"]
    said = "\n".join([*page.said, capsys.readouterr().out])
    assert said.count("incident.io answered 422: too many subscribers. It was published without email") == 1


def full(_: bool) -> StatusPageError | None:
    return ServiceError("incident.io answered 422: too many updates", status=422)


def test_what_is_refused_as_400_has_the_same_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_page: TimesPage, _id: str, edit: Edit) -> None:
        raise ServiceError("statuspage.me answered 400: end_at must be in the future", status=400)

    monkeypatch.setattr(TimesPage, "edit", refuses)
    ahead, page = TimesPage(START - timedelta(minutes=5)), TimesPage()

    async def program() -> None:
        with pytest.raises(Refused, match="Put “Upgrade” in progress on the page"):
            await ahead.session().before(urn("a"), rules(outside="start"))
        session = page.session()
        await work(session, "a")
        await session.complete_when_idle([], None)

    run(program())
    assert page.said == [
        "“Upgrade” could not be completed: statuspage.me answered 400: end_at must be in the future. Do it on the page"
    ]


def test_an_end_that_the_service_refuses_is_a_line_that_says_what_to_do() -> None:
    page = Page()
    page.refuses = full

    async def program() -> None:
        session = page.session()
        await work(session, "a")
        await session.complete_when_idle([], None)

    run(program())
    assert page.said == [
        "“Upgrade” could not be completed: incident.io answered 422: too many updates. Do it on the page"
    ]


def test_a_change_does_not_run_where_the_service_refuses_to_begin_its_window() -> None:
    page = Page(START - timedelta(minutes=5))
    page.refuses = full

    async def program() -> None:
        with pytest.raises(Refused, match="Put “Upgrade” in progress on the page"):
            await page.session().before(urn("a"), rules(outside="start"))

    run(program())


# a change that fails, or takes longer


@pytest.mark.parametrize(
    ("given", "posts"),
    [
        ({"failure_message": "It takes longer."}, ["POST None"]),
        ({}, []),
        ({"on_failure": "complete"}, ["POST maintenance_complete"]),
        ({"on_failure": "incident"}, ["POST incident window.failure"]),
    ],
)
def test_a_failed_change_is_told_as_asked_and_once(given: dict[str, Any], posts: list[str]) -> None:
    page = Page()

    async def program() -> None:
        # A second run fails in the same way.
        for _ in range(2):
            session = page.session()
            await session.before(urn("a"), rules(**given))
            await session.failed(urn("a"), rules(**given))
            if page.stands() == "complete":
                break

    run(program())
    told = [call for call in page.calls if call.startswith("POST")]
    # An incident's key keeps it from being opened twice.
    assert sorted(set(told)) == posts
    assert len(told) == len(posts) or given.get("on_failure") == "incident"


def test_a_change_that_ran_outside_the_window_on_purpose_is_not_the_pages() -> None:
    page = Page(START - timedelta(minutes=10))

    async def program() -> None:
        session, given = page.session(), rules(outside="warn", on_failure="incident")
        await session.before(urn("a"), given)
        await session.failed(urn("a"), given)
        await session.complete_when_idle([], None)

    run(program())
    assert page.posts() == []


def test_where_one_fails_the_window_ends_with_the_last_that_still_works() -> None:
    page = Page()

    async def program() -> None:
        session, given = page.session(), rules(on_failure="complete")
        for name in ("a", "b"):
            await session.before(urn(name), given)
        await session.failed(urn("a"), given)
        assert page.posts() == []
        await session.after(urn("b"))

    run(program())
    assert page.posts() == ["complete"]


def test_what_is_deleted_before_it_is_replaced_is_not_done_between_the_two() -> None:
    page, options = Page(), rules(on_failure="complete")

    async def program() -> None:
        session = page.session()
        await session.before(urn("fails"), options)
        await session.before(urn("comes again"), options, deletes=True, returns=True)
        await session.failed(urn("fails"), options)
        await session.after(urn("comes again"))
        assert page.posts() == []
        await session.before(urn("comes again"), options, creates=True)
        assert page.posts() == []
        await session.after(urn("comes again"))

    run(program())
    assert page.posts() == ["complete"]


@pytest.mark.parametrize(("end", "events"), [("is deleted", ["complete"]), ("fails", []), ("is refused", [])])
def test_what_has_left_its_place_is_done_once_it_is_deleted(end: str, events: list[str]) -> None:
    """It has the type and the name of another that is declared: one that was moved to another parent."""
    page, old = Page(), urn("old place")

    async def program() -> None:
        session = page.session()
        await work(session, "new place")
        if end == "is refused":
            page.now = END
            with pytest.raises(Refused):
                await session.before(old, rules(), deletes=True, returns=True)
            page.now = WITHIN
        else:
            await session.before(old, rules(), deletes=True, returns=True)
            await (session.after(old) if end == "is deleted" else session.failed(old, rules()))
        await session.finish([], None)

    run(program())
    assert page.posts() == events


def test_of_a_window_without_automation_no_line_promises_that_a_quiet_run_completes_it() -> None:
    page = Page(asked=Invocation("partial", "--target"))
    page.automated = page.automates = False

    async def program() -> None:
        session = page.session()
        await work(session, "work")
        await session.complete_when_idle([], None)

    run(program())
    assert "The next whole `pulumi up` that changes something under it completes it" in page.said[-1]


def test_many_changes_side_by_side_read_the_page_once_and_begin_the_window_once() -> None:
    page = Page(START - timedelta(minutes=10))

    async def program() -> None:
        session = page.session()
        await asyncio.gather(*[work(session, str(number), rules(outside="start")) for number in range(50)])
        await session.complete_when_idle([], None)

    run(program())
    assert page.calls == ["GET", "PUT", "POST maintenance_in_progress", "GET", "POST maintenance_complete"]


@pytest.mark.parametrize("required", [False, True])
def test_a_page_that_is_down_blocks_a_change_only_where_it_is_required(required: bool) -> None:
    page = Page()
    page.down = Unreachable("no answer")

    async def program() -> None:
        session = page.session()
        if required:
            with pytest.raises(Unreachable):
                await session.before(urn("a"), rules(required=True))
            return
        await work(session, "a")
        await session.complete_when_idle([], None)

    run(program())
    assert page.said == (
        []
        if required
        else ["no answer. The change goes by the declared times", "“Upgrade” could not be completed: no answer"]
    )


def test_the_end_moves_in_steps_while_a_change_runs_and_never_past_the_cap() -> None:
    page = Page(END - timedelta(seconds=40))
    page.automated, page.phase = False, "in_progress"
    looked: list[float] = []

    async def program() -> None:
        session, given = page.session(), rules(extend_up_to="7m")
        session._outcomes[urn("a")] = "working"
        await session._recorded()
        while (pause := await session._extend(given.extend_up_to or timedelta())) is not None:
            looked.append(pause)
            page.now += timedelta(seconds=pause)

    run(program())
    assert page.ends == [END + timedelta(minutes=5), END + timedelta(minutes=7)]
    assert looked == [40 + 4 * 60]


# a read that lags what an earlier run published


def lagging(*published: NewUpdate, seen: int) -> Page:
    """A page after an earlier run, of which a read shows only so many entries."""
    page = Page()
    page.automated = False
    for update in published:
        page.create_update("window", update)
    page.seen = page.entries[:seen]
    page.calls.clear()
    return page


BEGUN = NewUpdate("in_progress", "We upgrade.", "maintenance_in_progress")
ENDED = NewUpdate("complete", "This maintenance is complete.", "maintenance_complete")


def test_a_window_that_is_complete_is_not_completed_again_by_a_run_that_changed_nothing() -> None:
    page = lagging(BEGUN, ENDED, seen=1)

    async def program() -> None:
        await page.session().complete_when_idle([], None)

    run(program())
    assert page.posts() == []


@pytest.mark.parametrize(("published", "said"), [([BEGUN], None), ([BEGUN, ENDED], "is complete on the page")])
def test_a_window_that_has_begun_is_not_begun_again(published: list[NewUpdate], said: str | None) -> None:
    page = lagging(*published, seen=0)

    async def program() -> None:
        session = page.session()
        if said is None:
            await session.before(urn("a"), rules())
        else:
            with pytest.raises(Refused, match=said):
                await session.before(urn("a"), rules())

    run(program())
    assert page.posts() == []


def test_a_failure_that_was_told_is_not_told_again_by_the_next_run_nor_by_a_second_resource() -> None:
    failure = NewUpdate("update", "It takes longer.")
    options = rules(failure_message="It takes longer.")
    page = lagging(BEGUN, failure, seen=1)

    async def program() -> None:
        session = page.session()
        await session.before(urn("a"), options)
        await session.failed(urn("a"), options)

    run(program())
    assert page.posts() == []

    page = lagging(BEGUN, seen=1)

    async def two() -> None:
        session = page.session()
        for name in ("a", "b"):
            await session.before(urn(name), options)
        for name in ("a", "b"):
            await session.failed(urn(name), options)

    run(two())
    assert page.posts() == ["POST None"]


# what is deleted before it is replaced


@pytest.mark.parametrize(
    ("phase", "now", "outside", "refused", "calls"),
    [
        ("", WITHIN, "fail", False, ["GET"]),
        ("complete", WITHIN, "fail", True, ["GET"]),
        ("complete", WITHIN, "start", True, ["GET"]),
        ("", START - timedelta(minutes=5), "fail", True, []),
        ("", START - timedelta(minutes=5), "start", False, []),
        ("", END, "fail", True, []),
    ],
)
def test_whether_a_change_would_be_refused_is_asked_of_the_page_only_inside_the_recorded_times(
    phase: str, now: datetime, outside: Any, refused: bool, calls: list[str]
) -> None:
    page = Page(now)
    page.phase, page.automated = phase, not phase

    async def program() -> None:
        assert (await page.session().refusal(outside) is not None) is refused

    run(program())
    assert page.calls == calls


# a window that is its times


def test_a_window_that_is_its_times_ends_with_its_work_by_a_change_of_its_end() -> None:
    page = TimesPage()

    async def program() -> None:
        session = page.session()
        await work(session, "a")
        await session.complete_when_idle([], None)
        await session.complete_when_idle([], None)

    run(program())
    assert page.calls == ["GET", "GET", "PATCH", "GET"]
    assert page.times == (START, WITHIN)
    assert page.said == []


def test_a_window_that_is_its_times_begins_early_by_a_change_of_its_start() -> None:
    page = TimesPage(START - timedelta(minutes=5))
    begun = page.now

    async def program() -> None:
        session = page.session()
        await work(session, "a", rules(outside="start"))
        await work(session, "b", rules(outside="start"))

    run(program())
    assert page.calls.count("PATCH") == 1
    assert page.times == (begun, END)


def test_a_window_that_is_its_times_is_left_to_its_end_by_a_run_that_changed_nothing() -> None:
    page = TimesPage()
    run(page.session().complete_when_idle([], None))
    assert page.calls == ["GET"]
    assert page.said == []


def test_a_failure_in_a_window_that_is_its_times_ends_it_or_opens_an_incident_without_components() -> None:
    for on_failure, calls in (("complete", "PATCH"), ("incident", "POST incident statuspage.me None")):
        page = TimesPage()

        async def program(page: TimesPage = page, on_failure: str = on_failure) -> None:
            session = page.session()
            await session.before(urn("a"), rules(on_failure=on_failure))
            await session.failed(urn("a"), rules(on_failure=on_failure))

        run(program())
        assert page.calls[-1] == calls
        assert page.said == []
