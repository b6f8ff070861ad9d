"""A service whose reads lag, that carries requests out late or re-renders texts: told once all the same."""

from __future__ import annotations

import contextlib
from datetime import datetime, timezone

import pytest

from statuspage_provider import LostAnswer, Refused, StatusPageError
from tests.support.page import Page
from tests.support.program import Killed, Program

MARKDOWN = "We upgrade:\n* reads go on  \n+ writes wait\n\n\n\nThank you.\n"


def run_until_done(program: Program) -> int:
    """Runs as a person would, again and again; answers how many it took."""
    for run in range(1, 60):
        with contextlib.suppress(StatusPageError):
            program.up()
            return run
    raise AssertionError("it never came through")


@pytest.mark.parametrize("stale", [1, 5, 50])
@pytest.mark.parametrize("kind", ["maintenance", "incident", "retrospective"])
def test_a_create_whose_reads_lag_announces_once(page: Page, kind: str, stale: int) -> None:
    page.emulator.differ(stale_reads=stale)
    program = getattr(page, kind)(**({} if kind == "retrospective" else {"notify_subscribers": True}))
    assert run_until_done(program) == 1
    assert program.up() == "same"
    page.emulator.differ(stale_reads=0)
    assert len(page.windows() + page.incidents()) == 1
    assert len(page.mails()) == (0 if kind == "retrospective" else 1)


@pytest.mark.parametrize("stale", [1, 5, 50])
def test_updates_whose_reads_lag_are_posted_once_each(page: Page, stale: int) -> None:
    page.emulator.differ(stale_reads=stale)
    window = page.maintenance(notify_subscribers=True)
    run_until_done(window)
    for message in ("More.", "Nearly there.", "More."):
        window.edit(message=message)
        run_until_done(window)
    page.emulator.differ(stale_reads=0)
    told = [update["message"] for update in page.windows()[0]["updates"]]
    assert told == ["We upgrade.", "More.", "Nearly there.", "More."]
    assert len(page.mails()) == 4


def test_a_window_that_is_destroyed_while_reads_lag_does_not_stay_behind(page: Page) -> None:
    page.emulator.differ(stale_reads=50)
    window = page.maintenance()
    run_until_done(window)
    window.destroy()
    page.emulator.differ(stale_reads=0)
    assert page.windows() == []


def test_a_window_that_neither_reads_nor_writes_find_is_not_announced_again(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.emulator.set_clock(now=datetime.now(timezone.utc))
    monkeypatch.delenv("STATUSPAGE_NOW")
    page.emulator.fault(kind="status:404", method="GET", times=50)
    page.emulator.fault(kind="status:404", method="PUT", times=50)
    window = page.maintenance(notify_subscribers=True, start_at="+2h")
    for _ in range(3):
        with pytest.raises(Refused, match=r"was just announced as .*Nothing more was posted.*again in a minute"):
            window.up()
    assert len(page.mails()) == 1


@pytest.mark.parametrize("late", [0, 1, 2, 3, 4, 50])
@pytest.mark.parametrize("kind", ["maintenance", "incident"])
def test_an_update_that_is_carried_out_after_its_time_out_is_posted_once(page: Page, kind: str, late: int) -> None:
    program: Program = getattr(page, kind)(notify_subscribers=True)
    program.up()
    page.emulator.fault(kind=f"late:{late}", method="POST")
    program.edit(message="More.")
    with contextlib.suppress(LostAnswer):
        program.up()
    # Between two runs there is time.
    page.emulator.carry_out_late()
    program.up()
    assert program.up() == "same"
    (shown,) = page.windows() + page.incidents()
    assert [update["message"] for update in shown["updates"]][1:] == ["More."]
    assert len(page.mails()) == 2


@pytest.mark.parametrize("late", [0, 1, 3, 50])
@pytest.mark.parametrize("kind", ["maintenance", "incident", "retrospective"])
def test_a_create_that_is_carried_out_after_its_time_out_announces_once(page: Page, kind: str, late: int) -> None:
    program: Program = getattr(page, kind)()
    page.emulator.fault(kind=f"late:{late}", method="POST")
    run_until_done(program)
    page.emulator.carry_out_late()
    assert program.up() == "same"
    assert len(page.windows() + page.incidents()) == 1


@pytest.mark.parametrize("kind", ["maintenance", "incident", "retrospective"])
@pytest.mark.parametrize("killed", [False, True])
def test_a_text_that_is_re_rendered_is_announced_once(page: Page, kind: str, killed: bool) -> None:
    page.emulator.differ(rerenders_markdown=True)
    if kind == "retrospective":
        told = [
            {"incident_status": "investigating", "message": MARKDOWN, "published_at": "2025-11-03T09:00:00Z"},
            {"incident_status": "resolved", "message": "Fixed.\n", "published_at": "2025-11-03T10:00:00Z"},
        ]
        program = page.retrospective(updates=told)
    else:
        program = getattr(page, kind)(message=MARKDOWN, notify_subscribers=True)
    if killed:
        with pytest.raises(Killed):
            program.up(killed=True)
    program.up()
    program.refresh()
    assert program.up() == "same"
    (shown,) = page.windows() + page.incidents()
    assert len(shown["updates"]) == (2 if kind == "retrospective" else 1)
    assert len(page.mails()) == (0 if kind == "retrospective" else 1)


def test_a_killed_update_that_was_re_rendered_is_not_repeated(page: Page) -> None:
    page.emulator.differ(rerenders_markdown=True)
    window = page.maintenance(notify_subscribers=True)
    window.up()
    window.edit(message=MARKDOWN)
    with pytest.raises(Killed):
        window.up(killed=True)
    window.up()
    assert len(page.windows()[0]["updates"]) == 2


def test_an_edit_of_marks_alone_is_published_all_the_same(page: Page) -> None:
    window = page.maintenance(message="We *upgrade*.")
    window.up()
    window.edit(message="We **upgrade**!").up()
    assert [update["message"] for update in page.windows()[0]["updates"]] == ["We *upgrade*.", "We **upgrade**!"]
