"""What a preview prints is read whatever stands around it, and what is no plan is one line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi.output import Unknown
from pulumi.runtime.rpc import UNKNOWN

from statuspage_provider import Refused
from statuspage_provider.covering.hook_names import names_hook, read_names, read_record_name
from statuspage_provider.engine_formats import WINDOW
from statuspage_provider.summary.plan import SECRET, Covering, read_plan
from tests.support.previews import state, urn


def step(**given: Any) -> str:
    return json.dumps({"steps": [{"op": "create", "urn": urn("StatusPageMaintenance", "window"), **given}]})


@pytest.mark.parametrize(
    "text", ["nonsense", "{", "[]", "[1, 2]", "{} {}", '{"outputs": {}}', '{"outputs"', "null", "\ufeff"]
)
def test_what_is_no_plan_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(Refused, match=r"^not a preview: pass what `pulumi preview --json` prints$"):
        read_plan(text)


@pytest.mark.parametrize(
    "text",
    ['"steps": null', '"steps": [1, null, {}]', '"diagnostics": ["x", {}]', '"steps": {}'],
)
def test_what_is_missing_or_of_another_kind_is_passed_over(text: str) -> None:
    plan = read_plan(f'{{{text}, "changeSummary": 1}}')
    assert all(step.op == "" for step in plan.steps)
    assert plan.errors == ()


def test_text_and_other_documents_around_the_plan_are_passed_over() -> None:
    document = step(newState=state("StatusPageMaintenance", "window", inputs={"name": "{not the end"}))
    plan = read_plan(f'warning: {{something}}\n{{"config": {{}}}}\n{document}\n{{"done": true}} {{"steps": []}}\nbye')
    assert [found.inputs for found in plan.steps] == [{"name": "{not the end"}]


def test_unknown_values_are_pulumi_s_own_and_secrets_are_a_mark() -> None:
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"hunter2"'}
    inputs = {"name": UNKNOWN, "ids": ["a", UNKNOWN], "message": secret, "__provider": "gASV", "other": "[secret]"}
    (found,) = read_plan(step(newState=state("StatusPageMaintenance", "window", inputs=inputs))).steps
    assert isinstance(found.inputs["name"], Unknown)
    assert isinstance(found.inputs["ids"][1], Unknown)
    assert found.inputs["message"] == found.inputs["other"] == SECRET
    assert "__provider" not in found.inputs
    assert "hunter2" not in repr(found)


def test_the_name_of_a_resource_may_hold_what_separates_the_parts_of_its_urn() -> None:
    odd = "urn:pulumi:test::project::parent$" + WINDOW + "::a::b"
    (found,) = read_plan(json.dumps({"steps": [{"op": "delete", "urn": odd, "oldState": {"type": WINDOW}}]})).steps
    assert found.name == "a::b"
    assert found.is_ours


@pytest.mark.parametrize(
    ("hook", "covering"),
    [
        ("statuspage/window/1/fail/before", Covering("window", "fail")),
        ("statuspage/window/1/before", Covering("window", None)),
        ("statuspage/a/b/12/start/before", Covering("a/b", "start")),
        ("statuspage/window/1/fail/after", Covering("window", "fail")),
        ("statuspage/1/fail/before", None),
        ("other/window/1/fail/before", None),
        ("statuspage", None),
    ],
)
def test_a_hook_s_name_tells_the_window_and_the_rule(hook: str, covering: Covering | None) -> None:
    covered = {"type": "aws:rds/instance:Instance", "resourceHooks": {"BeforeUpdate": [hook]}}
    (found,) = read_plan(step(newState=covered)).steps
    assert found.covering == covering


@pytest.mark.parametrize(
    "hook",
    [
        "statuspage/window/covers/[]",
        "statuspage/1/names/",
        "statuspage/1/names/[1]",
        "x/1/names/{}",
        "statuspage/names/{",
    ],
)
def test_a_hook_that_tells_no_names_tells_none(hook: str) -> None:
    assert read_names(hook) == {}


def test_a_hook_s_name_tells_the_names_of_components_and_covers_nothing() -> None:
    names = {"01H": "EU / Database", "01J": '"/covers/["x"]/before'}
    shown = state("StatusPageMaintenance", "window", resourceHooks={"AfterUpdate": [names_hook(1, names)]})
    plan = read_plan(step(newState=shown))
    assert plan.component_names == names
    assert plan.steps[0].covering is None
    assert read_record_name(names_hook(1, names)) == []


def test_an_error_is_one_line_without_the_value_that_was_refused() -> None:
    where = urn("StatusPageMaintenance", "window")
    lines = [
        f"error: {WINDOW} resource 'window': property message value {{hunter2\n}} has a problem: must not be empty\n",
        "error: Program failed with an unhandled exception:\nTraceback (most recent call last):\n  File x\nOops: bad\n",
    ]
    said = [{"urn": where, "message": lines[0], "severity": "error"}, {"message": lines[1], "severity": "error"}]
    plan = read_plan(json.dumps({"diagnostics": said}))
    assert plan.errors == ("window: message: must not be empty", "Oops: bad")
    assert plan.failed


# a preview that failed is never one in which nothing changes

NOTHING = "it printed nothing: standard error of pulumi preview says why"
CUT_OFF = "what it printed is cut off: it was killed, or its output was not kept whole"
NO_RESULT = "it ended without a result: standard error of pulumi preview says why"
POLICY = "it says no more, as where a policy refuses: pulumi preview without --json shows the policy"
ENDED = '{"steps": [], "changeSummary": {"same": 1}}'


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        (ENDED, ()),
        ("", (NOTHING,)),
        ("\n", (NOTHING,)),
        ("{}\n", (NOTHING,)),
        ('{"steps"', (CUT_OFF,)),
        ('{\n    "steps": [\n        {"op": "create"', (CUT_OFF,)),
        ('warning: slow\n{"config": {"a": 1}, "steps": [{}', (CUT_OFF,)),
        (f"{ENDED}\n{ENDED[:-2]}", (CUT_OFF,)),
        ('{"diagnostics": []}', (NO_RESULT,)),
        (f'{ENDED}\n{{"diagnostics": []}}', (NO_RESULT,)),
        ('{"diagnostics": [{"message": "error: preview failed\\n", "severity": "error"}], "duration": 1}', (POLICY,)),
    ],
)
def test_a_preview_that_failed_says_so_in_whatever_way_it_ended(text: str, errors: tuple[str, ...]) -> None:
    assert read_plan(text).errors == errors


def test_the_engine_s_last_word_is_no_reason_where_it_gave_one() -> None:
    said = [{"message": f"error: {line}\n", "severity": "error"} for line in ("hook failed", "preview failed")]
    assert read_plan(json.dumps({"diagnostics": said})).errors == ("hook failed",)


def test_what_is_only_read_is_not_ours() -> None:
    shown = {**state("StatusPageMaintenance", "window"), "external": True}
    (found,) = read_plan(step(op="read", newState=shown)).steps
    assert not found.is_ours
