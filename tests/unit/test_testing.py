"""Programs under the mocks for users' tests: what is refused, what is announced, what is covered."""

from __future__ import annotations

import asyncio
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime.settings import SETTINGS, get_root_resource

import statuspage_provider as statuspage
from statuspage_provider import testing
from statuspage_provider.errors import Refused

ROOT = Path(__file__).parents[2]
WINDOW: dict[str, Any] = {
    "status_page_id": "page",
    "name": "Upgrade",
    "message": "We upgrade.",
    "start_at": "2026-03-01T14:00:00Z",
    "duration": "2h",
    "affected_component_ids": ["database"],
}
INCIDENT: dict[str, Any] = {"status_page_id": "page", "name": "Slow", "message": "It is slow."}


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_NOW", "2026-03-01T12:00:00Z")


def window(resource: str = "window", /, **inputs: Any) -> statuspage.StatusPageMaintenance:
    opts = inputs.pop("opts", None)
    return statuspage.StatusPageMaintenance(resource, **{**WINDOW, **inputs}, opts=opts)


class Thing(pulumi.CustomResource):
    size: pulumi.Output[int]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("test:index:Thing", name, {"size": 1}, opts)


class Shop(pulumi.ComponentResource):
    def __init__(self, name: str, *things: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("test:index:Shop", name, None, opts)
        self.things = [Thing(thing, pulumi.ResourceOptions(parent=self)) for thing in things]


def notices(program: Callable[[], object], **config: str) -> list[tuple[Any, ...]]:
    mocks = testing.Mocks()
    mocks.run(program, config=config)
    return [(one.event, one.at[11:16], one.subscribers, one.message) for one in mocks.notices]


# what is refused


@pytest.mark.parametrize(
    ("program", "line"),
    [
        (lambda: window(start_at="tomorrow"), '"tomorrow" is not a time: write it like "2026-03-01T22:00:00Z"'),
        (lambda: window(start_at="2026-02-01T14:00Z"), "the window is already over: it ended at 2026-02-01T16:00:00Z"),
        (lambda: window(service="other"), '"other" is not one of incident.io, statuspage.me'),
        (lambda: window(name=pulumi.Output.from_input("")), "window: name: must not be empty"),
        (lambda: window(message=pulumi.Output.secret(" ")), "window: message: must not be empty"),
        (
            lambda: (window(idempotency_key="key"), window("copy", idempotency_key="key")),
            "idempotency_key: “copy” has that of “window”, so both would be one on the page",
        ),
        (
            lambda: statuspage.StatusPageIncident("it", **{**INCIDENT, "on_delete": "delete"}),
            "it: on_delete: incident.io has no call that deletes an incident",
        ),
        (
            lambda: statuspage.StatusPageRetrospectiveIncident("it", status_page_id="page", name="Slow", updates=[]),
            "it: updates: must be a list of at least one update",
        ),
        (lambda: window().covering(outside="whenever"), 'covering: outside="whenever" is not one of fail, hold'),  # type: ignore[arg-type]
    ],
)
def test_what_up_refuses_a_run_refuses(program: Callable[[], object], line: str) -> None:
    with pytest.raises(Refused) as refused:
        testing.Mocks().run(program)
    assert line in str(refused.value)


def test_what_is_declared_again_under_the_same_mocks_is_announced_once() -> None:
    mocks = testing.Mocks()
    for _ in range(2):
        mocks.run(lambda: window(idempotency_key="key"))
    assert [notice.event for notice in mocks.notices] == ["scheduled", "in_progress", "complete"]


def test_what_takes_one_over_has_no_key_of_another() -> None:
    assert testing.Mocks().run(lambda: [window(name, adopt_id="01H") for name in ("a", "b")])


def test_all_faults_of_a_resource_stand_in_one_line() -> None:
    with pytest.raises(Refused) as refused:
        testing.Mocks().run(lambda: window(name="", duration="soon"))
    assert str(refused.value) == (
        'window: name: must not be empty; duration: "soon" is not a duration: write it like "1h30m"'
    )


def test_the_settings_of_a_stack_and_of_a_provider_are_checked_too() -> None:
    with pytest.raises(Refused, match="plain http"):
        testing.Mocks().run(window, config={"incident:endpoint": "http://example.com"})

    def other_account() -> None:
        account = statuspage.Provider("me", service="statuspage.me", api_key="key")
        window(opts=pulumi.ResourceOptions(provider=account))

    with pytest.raises(Refused, match=r"^window: the provider passed is for statuspage\.me: pass one for incident\.io"):
        testing.Mocks().run(other_account)


def test_an_error_of_the_program_itself_comes_out_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        testing.Mocks().run(lambda: 1 // 0)


def test_what_failed_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    def program() -> None:
        loops.append(asyncio.get_running_loop())
        window(name="")

    with pytest.raises(Refused):
        testing.Mocks().run(program)
    # What asyncio says of each output that is thrown away, at a moment that nobody chooses.
    loops[0].call_exception_handler({"message": "Future exception was never retrieved"})
    assert [record for record in caplog.records if record.name == "asyncio"] == []


# what is announced


def test_a_window_is_announced_and_the_service_begins_and_ends_it() -> None:
    assert notices(lambda: window(notify_subscribers=True)) == [
        ("scheduled", "12:00", True, "We upgrade."),
        ("in_progress", "14:00", True, None),
        ("complete", "16:00", True, None),
    ]


def test_only_the_events_that_are_asked_for_are_emailed() -> None:
    assert [mails for _, _, mails, _ in notices(lambda: window(notify_subscribers={"scheduled"}))] == [
        False,
        True,
        False,
        False,
    ]


def test_a_window_that_is_moved_by_hand_is_announced_alone() -> None:
    assert notices(lambda: window(automate_maintenance_status=False)) == [("scheduled", "12:00", False, "We upgrade.")]


def test_a_window_on_statuspage_me_is_announced_alone() -> None:
    there = {"service": "statuspage.me", "affected_component_ids": [], "notify_subscribers": {"scheduled"}}
    assert notices(lambda: window(**there)) == [("scheduled", "12:00", True, "We upgrade.")]


def test_an_incident_is_opened_with_its_status() -> None:
    slow = {**INCIDENT, "incident_status": "identified", "notify_subscribers": True}
    found = notices(lambda: statuspage.StatusPageIncident("slow", **slow))
    assert found == [("identified", "12:00", True, "It is slow.")]


def test_a_past_incident_is_one_notice_without_email() -> None:
    update = {"incident_status": "resolved", "message": "Fixed.", "published_at": "2025-11-03T09:00:00Z"}
    past = {"status_page_id": "page", "name": "Slow", "updates": [update]}
    found = notices(lambda: statuspage.StatusPageRetrospectiveIncident("past", **past))
    assert found == [("resolved", "12:00", False, None)]


def test_what_is_taken_over_or_only_read_is_not_announced() -> None:
    assert notices(lambda: statuspage.StatusPageIncident("slow", **INCIDENT, adopt_id="01H")) == []
    assert notices(lambda: statuspage.StatusPageMaintenance.get("window", "01H")) == []
    taken_over = notices(lambda: window(adopt_id="01H"))
    assert taken_over == [("in_progress", "14:00", None, None), ("complete", "16:00", None, None)]


def test_notices_come_by_time_whatever_the_order_of_the_program() -> None:
    def program() -> None:
        window("later", start_at="2026-03-02T14:00:00Z")
        window("first")
        statuspage.StatusPageIncident("slow", **INCIDENT)

    mocks = testing.Mocks()
    mocks.run(program)
    assert [(one.resource, one.event) for one in mocks.notices] == [
        ("first", "scheduled"),
        ("later", "scheduled"),
        ("slow", "investigating"),
        ("first", "in_progress"),
        ("first", "complete"),
        ("later", "in_progress"),
        ("later", "complete"),
    ]


def test_outputs_are_those_of_a_window_that_was_announced() -> None:
    seen: list[list[Any]] = []

    def program() -> None:
        it = window(start_at="+1h", time_zone="Europe/Berlin", component_statuses={"database": "under_maintenance"})
        outputs = it.start_at, it.end_at, it.phase, it.automated, it.generation, it.component_statuses, it.anchor
        pulumi.Output.all(*outputs, it.notices.apply(lambda given: given[0]["event"])).apply(seen.append)

    testing.Mocks().run(program)
    (found,) = seen
    assert found == [
        "2026-03-01T13:00:00Z",
        "2026-03-01T15:00:00Z",
        "scheduled",
        True,
        1,
        [{"component_id": "database", "component_status": "under_maintenance"}],
        {"expression": "+1h", "start_at": "2026-03-01T13:00:00Z"},
        "scheduled",
    ]


def test_what_is_secret_stays_secret() -> None:
    seen: list[bool] = []

    async def look(it: statuspage.StatusPageMaintenance) -> None:
        seen.extend([await it.message.is_secret(), await it.name.is_secret()])

    def program() -> None:
        pulumi.Output.from_input(look(window(message=pulumi.Output.secret("We upgrade."))))

    testing.Mocks().run(program)
    assert seen == [True, False]


# what is covered


def refusal(program: Callable[[], None]) -> str:
    with pytest.raises(AssertionError) as refused:
        testing.Mocks().run(program)
    return str(refused.value)


def test_a_covered_resource_passes_and_another_is_named() -> None:
    def program() -> None:
        it = window()
        testing.assert_covered(Thing("covered", it.covering()), it)
        testing.assert_covered(Thing("bare"), it)

    assert refusal(program) == (
        "“window” does not cover bare: declare it with opts=window.covering(), or after window.cover_stack()"
    )


def test_what_another_window_covers_is_not_covered_by_this_one() -> None:
    def program() -> None:
        it, other = window(), window("other")
        testing.assert_covered(Thing("thing", other.covering()), it)

    assert "“window” does not cover thing" in refusal(program)


def test_of_a_component_all_that_is_in_it_has_to_be_covered() -> None:
    def program() -> None:
        it = window()
        testing.assert_covered(Shop("whole", "one", "two", opts=it.covering()), it)
        testing.assert_covered(Shop("empty", opts=it.covering()), it)
        bare = Shop("bare", "three")
        Thing("four", it.covering(pulumi.ResourceOptions(parent=bare)))
        testing.assert_covered(bare, it)

    assert "does not cover three: " in refusal(program)
    assert "does not cover shop: " in refusal(lambda: testing.assert_covered(Shop("shop"), window()))


def test_a_whole_stack_is_covered_in_each_run_by_its_own_window() -> None:
    def program() -> tuple[Shop, Thing, statuspage.StatusPageMaintenance]:
        it = window()
        it.cover_stack(types=["test:index:*"])
        return Shop("shop", "one", "two"), Thing("thing"), it

    for _ in range(2):
        shop, thing, it = testing.Mocks().run(program)
        testing.assert_covered(shop, it)
        testing.assert_covered(thing, it)


# the rest of a program


class Others(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        read = {"phase": "complete"} if args.resource_id else {}
        return args.resource_id or f"{args.name}-id", {**args.inputs, "size": 5, **read}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return {"zones": ["a"]}, []


def test_everything_else_is_left_to_mocks_of_ones_own() -> None:
    seen: list[Any] = []

    def program() -> None:
        thing = Thing("thing")
        found = statuspage.StatusPageMaintenance.get("found", "01H")
        zones = pulumi.runtime.invoke("test:index:zones", {}).value
        pulumi.Output.all(thing.id, thing.size, found.phase, zones, window(name=thing.id).name).apply(seen.append)

    testing.Mocks(Others()).run(program)
    assert seen == [["thing-id", 5, "complete", {"zones": ["a"]}, "thing-id"]]


def test_a_run_has_config_of_its_own_and_leaves_nothing_behind() -> None:
    def program() -> str:
        return pulumi.Config().require("page") + pulumi.Config("other").require("page")

    before = SETTINGS.monitor, get_root_resource()
    assert testing.Mocks().run(program, config={"page": "a", "other:page": "b"}) == "ab"
    assert (SETTINGS.monitor, get_root_resource()) == before
    assert pulumi.Config().get("page") is None


IDIOM = """
import pulumi
import pytest

import statuspage_provider as statuspage
from statuspage_provider import testing

given = dict(status_page_id="page", name="Upgrade", message="We upgrade.", start_at="2026-03-01T14:00:00Z")
mocks = testing.Mocks()
pulumi.runtime.set_mocks(mocks)


@pulumi.runtime.test
def test_it_is_announced():
    window = statuspage.StatusPageMaintenance("window", **given, duration="2h")

    def look(phase):
        assert phase == "scheduled"
        assert [notice.event for notice in mocks.notices] == ["scheduled", "in_progress", "complete"]

    return window.phase.apply(look)


def test_it_is_refused():
    @pulumi.runtime.test
    def deploy():
        statuspage.StatusPageMaintenance("window", **given)

    with pytest.raises(statuspage.Refused, match="^window: end_at: is missing: set end_at or duration$"):
        deploy()
"""


def test_pulumis_own_way_of_testing_takes_the_mocks_too(tmp_path: Path) -> None:
    (tmp_path / "test_program.py").write_text(IDIOM)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "2 passed" in ran.stdout, ran.stdout


EXAMPLES = {
    "announced-upgrade": {"add_currency"},
    "deploy-window": {"api"},
    "failed-change": {"index"},
    "guarded-deletion": set(),
    "next-slot": {"server"},
    "several-resources": {"shop", "reports"},
    "stack-wide": set(),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_announces_one_window_that_covers_its_work(name: str) -> None:
    config = {
        "pageId": "page",
        "componentId": "database",
        "componentIds": '["database"]',
        "tables": '["items"]',
        "startAt": "2026-03-04T22:00:00Z",
        "endAt": "2026-03-04T23:00:00Z",
        "version": "1.0",
        "column": "email",
        "schemaVersion": "1",
        "retentionDays": "7",
        "patchLevel": "1",
        "live": "true",
    }
    mocks = testing.Mocks()
    program = mocks.run(lambda: runpy.run_path(str(ROOT / "examples" / name)), config=config)
    for covered in EXAMPLES[name]:
        testing.assert_covered(program[covered], program["window"])
    assert {notice.resource for notice in mocks.notices} == {program["window"].pulumi_resource_name}
    assert [notice.event for notice in mocks.notices][-2:] == ["in_progress", "complete"]


def test_every_example_is_among_them() -> None:
    assert set(EXAMPLES) == {path.parent.name for path in ROOT.glob("examples/*/__main__.py")}


def test_a_window_within_a_component_is_announced() -> None:
    def program() -> None:
        within = pulumi.ResourceOptions(parent=Shop("shop"))
        window(opts=within)
        statuspage.StatusPageIncident("incident", **INCIDENT, opts=within)

    assert sorted(event for event, *_ in notices(program)) == ["complete", "in_progress", "investigating", "scheduled"]
