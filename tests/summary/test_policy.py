"""What a policy judges: the times of a declared window that is not over."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from statuspage_provider import Refused
from statuspage_provider.summary.policy import judge, policies
from statuspage_provider.summary.rules import parse_rules
from tests.support.page import NOON


def judged(**change: Any) -> list[str]:
    declared = {
        "status_page_id": "page",
        "name": "Upgrade",
        "message": "We upgrade.",
        "start_at": "2026-03-01T14:00:00Z",
        "duration": "2h",
        "affected_component_ids": ["one"],
        "idempotency_key": "key",
    }
    rules = parse_rules({"longest_window": "1h", "minimum_notice": "24h"})
    return [breach.rule for breach in judge(rules, "window", {**declared, **change}, NOON)]


def test_a_window_is_judged_by_its_times_and_not_by_how_early_it_is_seen() -> None:
    assert judged() == ["longest_window"]
    assert judged(duration="1h") == []
    assert judged(start_at="+15m") == ["longest_window"]


def test_a_window_that_is_over_is_not_judged_again() -> None:
    assert judged(start_at="2026-02-01T14:00:00Z") == []


def test_a_rule_that_a_policy_cannot_judge_is_refused_since_it_would_be_taken_to_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("pulumi_policy")
    # The process's limit is set, so that the line comes without a traceback.
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)
    with pytest.raises(Refused, match=r"^minimum_notice, overlap: only `statuspage summary` can judge this"):
        policies({"longest_window": "4h", "minimum_notice": "24h", "overlap": False})
    assert sys.tracebacklimit != 1000
    assert len(policies({"longest_window": "4h", "time_zone": "Europe/Berlin", "weekdays": ["Tue"]})) == 1


def test_pulumi_s_own_lists_and_what_is_not_known_yet_are_no_hindrance() -> None:
    proxies = pytest.importorskip("pulumi_policy.proxy")
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    declared = {
        "name": "Upgrade",
        "message": unknown,
        "start_at": "2026-03-01T14:00:00Z",
        "duration": "2h",
        "affected_component_ids": ["one", unknown],
        "component_statuses": [{"component_id": "one", "component_status": "operational"}],
    }
    rules = parse_rules({"longest_window": "1h"})
    seen = proxies.unknown_checking_proxy(declared)
    assert [breach.rule for breach in judge(rules, "window", seen, NOON)] == ["longest_window"]
    with pytest.raises(proxies.UnknownValueError):
        judge(rules, "window", proxies.unknown_checking_proxy({**declared, "start_at": unknown}), NOON)
