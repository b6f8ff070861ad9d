"""The campaign's judge and schedules: what is judged wrong, and that a seed says all."""

from __future__ import annotations

import ast
import inspect
from datetime import datetime, timezone
from typing import Any

import pytest

from faults import judge
from faults.judge import COMPLETED, Left, Seen, doubled, open_at_once, unlike, untrue
from faults.schedule import Act, Program, Schedule, schedule

NOW = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
KINDS = {"r0": "window"}
PAGES = {
    "incident.io": {"page": "P", "components": ["A", "B"]},
    "statuspage.me": {"page": "Q", "components": ["C"]},
}


def seen(**changes: Any) -> Seen:
    window: dict[str, Any] = {
        "id": "1",
        "kind": "window",
        "name": "r0 title",
        "status": "maintenance_scheduled",
        "texts": ("r0 text 0.",),
        "start_at": "2026-03-01T17:00:00Z",
        "end_at": "2026-03-01T19:00:00Z",
    }
    return Seen(**{**window, **changes})


def mail(**changes: Any) -> dict[str, Any]:
    told = {"object_id": "1", "update_id": "u1", "status": "maintenance_scheduled", "message": "r0 text 0."}
    return {**told, "automated": False, "at": "2026-03-01T12:00:00Z", **changes}


def program() -> Program:
    return Program(Schedule(0, KINDS, {}, (), {"r0": True}), PAGES)


def left(*objects: Seen, notices: tuple[dict[str, Any], ...] = ()) -> Left:
    return Left(NOW, objects, notices)


def test_a_seed_says_all() -> None:
    assert [schedule(seed) for seed in range(50)] == [schedule(seed) for seed in range(50)]
    assert len({str(schedule(seed)) for seed in range(50)}) == 50


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [(13, 14, "maintenance_scheduled"), (12, 14, "maintenance_in_progress"), (11, 12, "maintenance_complete")],
)
def test_the_times_of_a_window_of_statuspage_me_are_its_status(start: int, end: int, status: str) -> None:
    times = {"start_at": f"2026-03-01T{start}:00:00Z", "end_at": f"2026-03-01T{end}:00:00Z"}
    answers: dict[str, Any] = {
        "/v2/status_page_maintenances": {"status_page_maintenances": []},
        "/v2/status_page_incidents": {"status_page_incidents": []},
        "/user/api/v1/maintenances": {"data": [{"id": "1", "title": "r0 title", "message": None, **times}]},
        "/user/api/v1/incidents": [],
    }
    (one,) = judge.seen(answers.__getitem__, NOW)
    assert one.status == status


def test_the_judge_shares_no_code_with_the_package() -> None:
    tree = ast.parse(inspect.getsource(judge))
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported += [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    assert sorted(imported) == ["__future__", "collections", "dataclasses", "datetime", "typing"]


def test_a_page_that_is_as_declared_is_not_at_fault() -> None:
    declared = program()
    page = left(seen(), notices=(mail(),))
    assert doubled(page, declared.allowed) + open_at_once(page, KINDS) == []
    assert unlike(page, KINDS, declared.declared) == []


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        (left(seen(), seen(id="2")), "is on the page 2 times, 1 asked for"),
        (left(seen(texts=("r0 text 0.", "Other.", "r0 text 0."))), "is on the page 2 times, 1 asked for"),
        (left(seen(), notices=(mail(), mail(object_id="2"))), "was mailed 2 times, 1 asked for"),
        (left(seen(), notices=(mail(), mail())), "one update was mailed twice"),
    ],
)
def test_what_went_out_twice_is_found(page: Left, fault: str) -> None:
    assert any(fault in line for line in doubled(page, program().allowed))


def test_two_that_are_open_at_once_are_found() -> None:
    assert open_at_once(left(seen(), seen(id="2", texts=("r0 text 1.",))), KINDS) != []
    assert open_at_once(left(seen(), seen(id="2", status="maintenance_complete")), KINDS) == []


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        (left(), "is not on the page"),
        (left(seen(name="r0 title 1")), "its title is"),
        (left(seen(texts=("r0 text 1.",))), "is not among"),
        (left(seen(texts=("Not r0 text 0.",))), "is not among"),
        (left(seen(end_at="2026-03-01T20:00:00Z")), "it ends at"),
        (left(seen(start_at="2026-03-01T16:00:00Z")), "it starts at"),
    ],
)
def test_a_page_unlike_the_program_is_found(page: Left, fault: str) -> None:
    assert any(fault in line for line in unlike(page, KINDS, program().declared))


def test_a_text_that_is_told_with_a_move_is_on_the_page() -> None:
    told = left(seen(texts=("r0 text.", "This maintenance has been rescheduled.\n\nr0 text 0.")))
    assert unlike(told, KINDS, program().declared) == []


def test_what_left_the_program_must_be_over() -> None:
    declared = program()
    declared.do(Act("gone", "r0"))
    assert unlike(left(seen()), KINDS, declared.declared) != []
    assert unlike(left(seen(status="maintenance_complete")), KINDS, declared.declared) == []


def test_a_resolved_incident_that_is_declared_open_is_found() -> None:
    kinds = {"r0": "incident"}
    declared = Program(Schedule(0, kinds, {}, (), {"r0": True}), PAGES).declared
    resolved = seen(kind="incident", status="resolved", start_at=None, end_at=None)
    assert unlike(left(resolved), kinds, declared) == ["r0: is resolved, and declared open"]
    assert unlike(left(seen(kind="incident", status="monitoring")), kinds, declared) == []


def test_a_window_that_is_completed_before_its_work_is_done_is_found() -> None:
    work = {"r0": {"version": 2, "fails": True}}
    completed = left(seen(status="maintenance_complete", texts=("r0 text 0.", COMPLETED)))
    assert untrue(completed, work, {"r0": 1}) != []
    assert untrue(completed, work, {"r0": 2}) == []
    assert untrue(left(seen()), work, {"r0": 1}) == []
    twice = left(seen(texts=("r0 text 0.", COMPLETED, COMPLETED)))
    assert doubled(twice, program().allowed) == ["r0 title was completed twice"]


def test_a_new_title_asks_for_no_notice_and_a_move_may() -> None:
    declared = program()
    declared.do(Act("name", "r0", 1))
    declared.do(Act("notify", "r0", False))
    assert declared.allowed == {"r0 text 0.": 1}
    declared.do(Act("start", "r0", "2026-03-02T14:00:00Z"))
    assert declared.allowed == {"r0 text 0.": 2}
