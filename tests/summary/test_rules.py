"""Each rule: what it lets pass, what it stops, and the line that says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.rpc import UNKNOWN

from statuspage_provider import Refused
from statuspage_provider.summary.forecast import summarise
from statuspage_provider.summary.plan import read_plan
from statuspage_provider.summary.rules import Rules, breaches, of_window, parse_rules, read_rules, unjudged
from statuspage_provider.times import UTC, Window, parse_instant
from tests.support.page import NOON, Page
from tests.support.plans import covered, same
from tests.support.previews import merged, preview, printed


def window(start: str, end: str) -> Window:
    return parse_instant(start), parse_instant(end)


TWO_HOURS = window("2026-03-01T14:00:00Z", "2026-03-01T16:00:00Z")


def broken(table: dict[str, Any], times: Window = TWO_HOURS, now: datetime | None = NOON) -> list[str]:
    return [str(breach) for breach in of_window(parse_rules(table), "window", times, now)]


def test_without_rules_everything_passes() -> None:
    assert broken({}) == []


def test_a_window_must_be_announced_early_enough() -> None:
    assert broken({"minimum_notice": "2h"}) == []
    assert broken({"minimum_notice": "2h1m"}) == [
        "window: minimum_notice: it is 2h1m, but the window begins in 2 h. "
        "Move start_at to Sun 1 Mar 2026, 14:01 UTC or later"
    ]
    assert broken({"minimum_notice": "24h"}, now=None) == []


def test_a_window_must_not_take_too_long() -> None:
    assert broken({"longest_window": "2h"}) == []
    assert broken({"longest_window": "90m"}) == [
        "window: longest_window: it is 1h30m, but the window takes 2h. Make it shorter, or split it in two"
    ]


@pytest.mark.parametrize(
    ("table", "times", "passes"),
    [
        ({"weekdays": ["Sun"]}, TWO_HOURS, True),
        ({"weekdays": ["Mon", "Tue"]}, TWO_HOURS, False),
        # 23:30 UTC on a Sunday is Monday in Berlin.
        (
            {"weekdays": ["Mon"], "time_zone": "Europe/Berlin"},
            window("2026-03-01T23:30:00Z", "2026-03-02T01:00:00Z"),
            True,
        ),
        ({"weekdays": ["Sun"]}, window("2026-03-01T23:30:00Z", "2026-03-02T00:00:00Z"), True),
        ({"weekdays": ["Sun"]}, window("2026-03-01T23:30:00Z", "2026-03-02T00:01:00Z"), False),
        ({"hours": "14:00-16:00"}, TWO_HOURS, True),
        ({"hours": "14:00-15:59"}, TWO_HOURS, False),
        ({"hours": "14:00-16:00", "time_zone": "Europe/Berlin"}, TWO_HOURS, False),
        # A night counts by the day on which it begins.
        ({"hours": "22:00-06:00", "weekdays": ["Sun"]}, window("2026-03-02T01:00:00Z", "2026-03-02T05:00:00Z"), True),
        ({"hours": "22:00-06:00", "weekdays": ["Mon"]}, window("2026-03-02T01:00:00Z", "2026-03-02T05:00:00Z"), False),
        ({"hours": "00:00-00:00"}, window("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"), True),
        ({"hours": "22:00-06:00"}, window("2026-03-01T23:00:00Z", "2026-03-03T01:00:00Z"), False),
    ],
)
def test_a_window_must_be_on_allowed_days_and_hours(table: dict[str, Any], times: Window, passes: bool) -> None:
    assert (broken(table, times) == []) is passes


def test_what_is_outside_says_what_is_allowed_in_the_zone_of_the_rules() -> None:
    assert broken({"weekdays": ["Tue", "Wed"], "hours": "22:00-06:00", "time_zone": "Europe/Berlin"}) == [
        "window: hours: Sun 1 Mar 2026, 15:00 to 17:00 CET is outside Tue, Wed, 22:00 to 06:00 in Europe/Berlin. "
        "Move it there"
    ]


@pytest.mark.parametrize(
    ("freeze", "passes"),
    [
        (["2026-03-01"], False),
        (["2026-02-28", "2026-03-02"], True),
        (["2026-02-20/2026-03-01"], False),
        (["2026-03-02/2026-03-05"], True),
    ],
)
def test_no_window_is_on_a_frozen_day(freeze: list[str], passes: bool) -> None:
    assert (broken({"freeze": freeze}) == []) is passes


def test_what_is_no_rule_is_refused_in_one_line() -> None:
    with pytest.raises(Refused, match=r"^longest_window: is None: set it, or leave it out$"):
        parse_rules({"minimum_notice": "24h", "longest_window": None})
    with pytest.raises(Refused, match=r"^minimun_notice is not a rule: choose from minimum_notice, longest_window, "):
        parse_rules({"minimun_notice": "2h"})


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ({"minimum_notice": "soon"}, 'minimum_notice: "soon" is not a duration: write it like "1h30m"'),
        ({"time_zone": "Berlin"}, 'time_zone: "Berlin" is not a time zone: use an IANA name, such as "Europe/Berlin"'),
        ({"weekdays": ["Someday"]}, 'weekdays: "Someday" is not one of Mon, Tue, Wed, Thu, Fri, Sat, Sun'),
        ({"hours": "late"}, 'hours: "late" is not a span of hours: write it like "22:00-06:00"'),
        ({"hours": "25:00-26:00"}, 'hours: "25:00-26:00" is not a span of hours: write it like "22:00-06:00"'),
        ({"freeze": ["x"]}, 'freeze: "x" is not a date: write it like "2026-12-24", or "2026-12-20/2027-01-02"'),
        (
            {"freeze": ["2026-12-24/2026-12-20"]},
            'freeze: "2026-12-24/2026-12-20" ends before it begins: write it like "2026-12-20/2027-01-02"',
        ),
        ({"covered_types": "aws:rds/*"}, 'covered_types: must be a list of types, such as ["aws:rds/*"]'),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_in_one_line(table: dict[str, Any], line: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_rules(table)
    assert str(refused.value) == line


def test_rules_are_read_from_pyproject_or_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_rules(None) == Rules()
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert read_rules(None) == Rules()
    text = '[tool.statuspage.rules]\nminimum_notice = "24h"\nfreeze = [2026-12-24, "2026-12-30/2027-01-02"]\n'
    (tmp_path / "rules.toml").write_text(text)
    assert read_rules(tmp_path / "rules.toml").minimum_notice == timedelta(days=1)
    assert len(read_rules(tmp_path / "rules.toml").freeze) == 2
    with pytest.raises(Refused, match=r"has no rules: write them under \[tool\.statuspage\.rules\]"):
        read_rules(tmp_path / "pyproject.toml")
    with pytest.raises(Refused, match="cannot read"):
        read_rules(tmp_path / "missing.toml")
    (tmp_path / "bad.toml").write_text("[tool")
    with pytest.raises(Refused, match="cannot read"):
        read_rules(tmp_path / "bad.toml")


def judged(page: Page, table: dict[str, Any], *documents: dict[str, Any]) -> list[str]:
    summary = summarise(read_plan(printed(merged(*documents))), page.now)
    return [str(breach) for breach in breaches(parse_rules(table), summary)]


def test_only_what_is_announced_or_moved_is_judged(page: Page) -> None:
    program = page.maintenance()
    program.up()
    page.advance(hours=1)
    notice = {"minimum_notice": "2h"}
    assert judged(page, notice, same("window", program), covered(window="window")) == []
    assert judged(page, notice, preview("window", program.edit(message="Nearly there."))) == []
    assert judged(page, notice, preview("window", program, leaving=True)) == []
    assert len(judged(page, notice, preview("window", program.edit(start_at="2026-03-01T14:30:00Z")))) == 1
    assert judged(page, notice, preview("window", program.edit(start_at="2026-03-02T14:00:00Z"))) == []


def test_two_windows_must_not_hold_one_component_at_the_same_time(page: Page) -> None:
    one, other = page.maintenance(idempotency_key="one"), page.maintenance(idempotency_key="two")
    apart = page.maintenance(idempotency_key="three", affected_component_ids=[page.api])
    documents = preview("one", one), preview("other", other), preview("apart", apart)
    assert judged(page, {}, *documents) == []
    assert judged(page, {"overlap": False}, *documents) == [
        "other: overlap: it runs at the same time as one, on the same component. Move one of them"
    ]


def test_a_protected_type_must_be_covered(page: Page) -> None:
    bare = covered("orders")
    del bare["steps"][1]["newState"]["resourceHooks"]
    protected = {"covered_types": ["aws:rds/*"]}
    assert judged(page, protected, covered("orders")) == []
    assert judged(page, {"covered_types": ["aws:s3/*"]}, bare) == []
    assert judged(page, protected, bare) == [
        "orders: covered_types: a change of aws:rds/instance:Instance must be covered by a window. "
        "Pass it opts=window.covering()"
    ]
    bare["steps"][1]["op"] = "same"
    assert judged(page, protected, bare) == []


def test_what_leaves_the_program_is_deleted_at_once_and_so_breaks_the_rule_that_it_is_covered(page: Page) -> None:
    leaving = covered("orders", op="delete")
    leaving["steps"][1]["oldState"] = leaving["steps"][1].pop("newState")
    protected = {"covered_types": ["aws:rds/*"]}
    assert judged(page, protected, leaving) == [
        "orders: covered_types: a change of aws:rds/instance:Instance must be covered by a window, and what leaves the "
        "program is deleted at once. Cover it, call window.guard_deletions(), and run pulumi up, before it leaves the "
        "program"
    ]
    leaving["steps"][1]["oldState"]["retainOnDelete"] = True
    assert judged(page, protected, leaving) == []


def test_the_last_moment_of_a_window_is_not_its_own() -> None:
    assert (
        broken({"freeze": ["2026-03-02"]}, (datetime(2026, 3, 1, 22, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)))
        == []
    )


def test_a_window_whose_times_are_unknown_is_said_to_be_unjudged(page: Page) -> None:
    step = preview("window", page.maintenance())
    step["steps"][1]["newState"]["inputs"]["start_at"] = UNKNOWN
    summary = summarise(read_plan(printed(step)), page.now)
    (lines,) = unjudged(parse_rules({"freeze": ["2026-03-01"]}), summary).values()
    assert lines == ["Its times are not known before pulumi up, so the rules about times cannot be checked"]
    assert unjudged(parse_rules({"overlap": False}), summary) == {}
    assert (
        unjudged(
            parse_rules({"longest_window": "1h"}),
            summarise(read_plan(printed(preview("w", page.maintenance()))), page.now),
        )
        == {}
    )
