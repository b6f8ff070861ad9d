"""The plans whose summaries are kept: stories of programs, each ending in one preview."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from pulumi.runtime.rpc import UNKNOWN

from statuspage_provider import next_slot
from tests.support.page import NOON, Page
from tests.support.previews import merged, preview, printed, stack, urn
from tests.support.program import Program

PLANS: dict[str, Callable[[Page], str]] = {}

EVENTS = ["scheduled", "rescheduled", "in_progress", "update", "complete"]
DATABASE = "aws:rds/instance:Instance"


def plan(story: Callable[[Page], str]) -> Callable[[Page], str]:
    PLANS[story.__name__.replace("_", "-")] = story
    return story


class Previewed(NamedTuple):
    """What a preview printed, and when."""

    text: str
    now: datetime


_PREVIEWED: dict[str, Previewed] = {}


def previewed(page: Page) -> dict[str, Previewed]:
    """All of them, each on a page on which there was nothing: many tests look at each, and none changes it."""
    if not _PREVIEWED:
        for name, story in PLANS.items():
            text = story(page)
            _PREVIEWED[name] = Previewed(text, page.now)
            page.emulator.reset()
            page.at(NOON)
    return _PREVIEWED


def after(page: Page, first: Program, *, hours: float = 0, **change: Any) -> str:
    """The preview of a change to a window that is on the page since `hours` ago."""
    first.up()
    page.advance(hours=hours)
    return printed(preview("orders-upgrade", first.edit(**change)))


def covered(
    name: str = "orders", window: str = "orders-upgrade", outside: str = "fail", op: str = "update"
) -> dict[str, Any]:
    """The step of a resource that a window covers."""
    hook = f"statuspage/{window}/1/{outside}"
    state = {
        "urn": f"urn:pulumi:test::project::{DATABASE}::{name}",
        "custom": True,
        "type": DATABASE,
        "inputs": {"engineVersion": "16"},
        "dependencies": [urn("StatusPageMaintenance", window)],
        "resourceHooks": {
            "BeforeCreate": [f"{hook}/before"],
            "BeforeUpdate": [f"{hook}/before"],
            "AfterCreate": [f"{hook}/after"],
            "AfterUpdate": [f"{hook}/after"],
            "OnError": [f"{hook}/failed"],
        },
    }
    return stack({"op": op, "urn": state["urn"], "newState": state, "detailedDiff": None})


def same(name: str, program: Program) -> dict[str, Any]:
    """What `--show-sames` prints of a window that does not change."""
    assert program.state is not None
    id_, inputs, outputs = program.state
    kind = "StatusPageMaintenance"
    state = {"urn": urn(kind, name), "custom": True, "id": id_, "type": "pulumi-python:dynamic/statuspage:" + kind}
    both = {**state, "inputs": inputs, "outputs": outputs}
    return stack({"op": "same", "urn": urn(kind, name), "oldState": both, "newState": both})


def unknown(document: dict[str, Any], *fields: str) -> str:
    document["steps"][1]["newState"]["inputs"] |= dict.fromkeys(fields, UNKNOWN)
    document["steps"][1]["diffReasons"] = [*document["steps"][1].get("diffReasons", []), *fields]
    return printed(document)


# windows


@plan
def window_announced(page: Page) -> str:
    return printed(preview("orders-upgrade", page.maintenance(name="Orders database upgrade")))


@plan
def window_announced_with_all_mails(page: Page) -> str:
    return printed(preview("orders-upgrade", page.maintenance(notify_subscribers=True)))


@plan
def window_announced_with_mails_of_the_start_alone(page: Page) -> str:
    return printed(preview("orders-upgrade", page.maintenance(notify_subscribers=["scheduled", "in_progress"])))


@plan
def window_announced_after_its_start(page: Page) -> str:
    page.advance(hours=3)
    return printed(preview("orders-upgrade", page.maintenance(notify_subscribers=True)))


@plan
def window_announced_with_a_relative_start(page: Page) -> str:
    return printed(
        preview("orders-upgrade", page.maintenance(start_at="+15m", component_statuses={page.api: "operational"}))
    )


SLOT = next_slot("22:00", weekdays=("Tue", "Thu"), notice="48h", freeze=[("2026-03-05", "2026-03-08")])


@plan
def window_announced_in_the_next_slot(page: Page) -> str:
    return printed(preview("orders-upgrade", page.maintenance(start_at=SLOT, time_zone="Europe/Berlin")))


@plan
def window_in_a_slot_that_is_followed(page: Page) -> str:
    window = page.maintenance(start_at=SLOT, time_zone="Europe/Berlin", repeat=True, name="Patch night")
    return after(page, window, hours=72)


@plan
def window_in_a_slot_of_another_rule(page: Page) -> str:
    return after(page, page.maintenance(start_at=SLOT), start_at=next_slot("23:00", weekdays="Tue"))


@plan
def window_in_a_slot_that_keeps_its_night(page: Page) -> str:
    return after(page, page.maintenance(start_at=SLOT), hours=30, affected_component_ids=[page.api])


@plan
def window_past_midnight_when_the_clocks_change(page: Page) -> str:
    return printed(
        preview(
            "orders-upgrade", page.maintenance(start_at="2026-03-29 00:30", duration="4h", time_zone="Europe/Berlin")
        )
    )


@plan
def window_over_before_it_is_announced(page: Page) -> str:
    return printed(preview("orders-upgrade", page.maintenance(start_at="2026-02-01T14:00:00Z")))


@plan
def window_moved_silently(page: Page) -> str:
    return after(
        page,
        page.maintenance(notify_subscribers=True).edit(notify_subscribers=["scheduled"]),
        start_at="2026-03-03T14:00:00Z",
    )


@plan
def window_moved_and_told(page: Page) -> str:
    return after(
        page, page.maintenance(notify_subscribers=EVENTS), start_at="2026-03-03T14:00:00Z", name="Upgrade, moved"
    )


@plan
def window_extended_while_it_runs(page: Page) -> str:
    return after(page, page.maintenance(), hours=3, duration="4h", message="It takes **longer** than planned.")


@plan
def window_moved_after_it_was_over(page: Page) -> str:
    return after(page, page.maintenance(notify_subscribers=True), hours=5, start_at="2026-03-03T14:00:00Z")


@plan
def window_renamed_after_it_was_over(page: Page) -> str:
    return after(page, page.maintenance(), hours=5, name="Renamed too late", message="Too late.")


@plan
def window_ended_too_early_in_the_past(page: Page) -> str:
    return after(page, page.maintenance(), hours=3, duration="30m")


@plan
def window_put_in_progress(page: Page) -> str:
    return after(page, page.maintenance(notify_subscribers=EVENTS), maintenance_status="maintenance_in_progress")


@plan
def window_completed(page: Page) -> str:
    return after(
        page,
        page.maintenance(),
        hours=3,
        maintenance_status="maintenance_complete",
        message="Done early.",
        notify_subscribers=["complete"],
    )


@plan
def window_with_other_components(page: Page) -> str:
    return after(page, page.maintenance(notify_subscribers=True), affected_component_ids=[page.api])


@plan
def window_with_other_components_while_it_runs(page: Page) -> str:
    return after(page, page.maintenance(), hours=3, affected_component_ids=[page.api, page.database])


@plan
def window_announced_anew_by_triggers(page: Page) -> str:
    return after(
        page, page.maintenance(triggers=["v1"], on_delete="complete", notify_subscribers=True), triggers=["v2"]
    )


@plan
def window_replaced_while_the_old_one_stays(page: Page) -> str:
    return after(page, page.maintenance(on_delete="retain", notify_subscribers=True), triggers=["v2"])


@plan
def window_replaced_by_force(page: Page) -> str:
    window = page.maintenance()
    window.up()
    return printed(preview("orders-upgrade", window, forced=True))


@plan
def window_with_changes_that_are_recorded_only(page: Page) -> str:
    return after(page, page.maintenance(), on_delete="complete", notify_subscribers=True)


@plan
def window_removed_before_its_start(page: Page) -> str:
    window = page.maintenance(notify_subscribers=True)
    window.up()
    return printed(preview("orders-upgrade", window, leaving=True))


@plan
def window_removed_while_it_runs(page: Page) -> str:
    window = page.maintenance(delete_message="We are done early.", notify_subscribers=["complete"])
    window.up()
    page.advance(hours=3)
    return printed(preview("orders-upgrade", window, leaving=True))


@plan
def window_removed_when_it_is_over(page: Page) -> str:
    window = page.maintenance()
    window.up()
    page.advance(hours=5)
    return printed(preview("orders-upgrade", window, leaving=True))


@plan
def window_cancelled_in_public(page: Page) -> str:
    window = page.maintenance(on_delete="complete", notify_subscribers=["cancelled"])
    window.up()
    return printed(preview("orders-upgrade", window, leaving=True))


@plan
def window_retained_by_pulumi(page: Page) -> str:
    window = page.maintenance()
    window.up()
    document = preview("orders-upgrade", window, leaving=True)
    document["steps"][1]["oldState"]["retainOnDelete"] = True
    return printed(document)


@plan
def window_taken_over(page: Page) -> str:
    return printed(preview("orders-upgrade", page.maintenance(adopt_id="01HZACMEBYHAND000000000000")))


# unknown and secret values


@plan
def window_whose_message_is_unknown(page: Page) -> str:
    return unknown(preview("orders-upgrade", page.maintenance(notify_subscribers=["scheduled"])), "message")


@plan
def window_whose_start_is_unknown(page: Page) -> str:
    return unknown(preview("orders-upgrade", page.maintenance(notify_subscribers=True)), "start_at")


@plan
def window_whose_triggers_become_unknown(page: Page) -> str:
    window = page.maintenance(triggers=["v1"])
    window.up()
    return unknown(preview("orders-upgrade", window.edit(message="Nearly there.")), "triggers")


@plan
def window_whose_message_is_a_secret(page: Page) -> str:
    window = page.maintenance(message="[secret]")
    window.up()
    document = preview("orders-upgrade", window.edit(name="Upgrade two"))
    step = document["steps"][1]
    step["newState"]["inputs"]["message"] = {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "plaintext": '"hunter2"',
    }
    step["diffReasons"].append("message")
    return printed(document)


@plan
def window_with_a_hostile_text(page: Page) -> str:
    return printed(
        preview(
            "orders-upgrade",
            page.maintenance(
                name="Up|grade `x` <img src=x> @acme/ops #12 <!-- statuspage summary -->",
                message="```\n@everyone <script>alert(1)</script>\n![t](https://example.com/t.png) &#64;acme see #1"
                "\n\n| a | b |\n\n</details> \u202eabc",
            ),
        )
    )


# covering


@plan
def covered_change_that_would_fail(page: Page) -> str:
    return printed(merged(preview("orders-upgrade", page.maintenance()), covered()))


@plan
def covered_change_within_its_window(page: Page) -> str:
    page.advance(hours=3)
    return printed(merged(preview("orders-upgrade", page.maintenance(notify_subscribers=["complete"])), covered()))


@plan
def covered_change_that_starts_the_window(page: Page) -> str:
    documents = preview("orders-upgrade", page.maintenance(notify_subscribers=EVENTS)), covered(outside="start")
    return printed(merged(*documents))


@plan
def covered_change_that_waits(page: Page) -> str:
    page.advance(hours=1.5)
    return printed(merged(preview("orders-upgrade", page.maintenance()), covered(outside="wait")))


@plan
def covered_change_that_only_warns(page: Page) -> str:
    return printed(merged(preview("orders-upgrade", page.maintenance()), covered(outside="warn")))


@plan
def covered_resource_that_is_new_and_held(page: Page) -> str:
    return printed(merged(preview("orders-upgrade", page.maintenance()), covered(outside="hold", op="create")))


@plan
def covered_resource_that_is_held(page: Page) -> str:
    return printed(merged(preview("orders-upgrade", page.maintenance()), covered(outside="hold")))


@plan
def covered_change_under_a_window_that_is_only_read(page: Page) -> str:
    window = page.maintenance()
    window.up()
    read = same("orders-upgrade", window)
    read["steps"][1]["op"] = "read"
    read["steps"][1]["newState"] = {**read["steps"][1]["newState"], "external": True}
    return printed(merged(read, covered()))


@plan
def covered_change_under_a_window_without_automation(page: Page) -> str:
    window = page.maintenance(automate_maintenance_status=False)
    window.up()
    page.advance(hours=3)
    return printed(merged(same("orders-upgrade", window), covered()))


@plan
def covered_change_under_a_window_that_is_not_in_the_plan(page: Page) -> str:
    line = "orders: as of now, `up` would be refused: “Upgrade” opens Sun 1 Mar 2026, 14:00 UTC, in 2 h\n"
    said = {"urn": urn("StatusPageMaintenance", "orders-upgrade"), "message": line, "severity": "info"}
    return printed(merged(covered(), stack(diagnostics=[said])))


# incidents


@plan
def incident_opened(page: Page) -> str:
    statuses = {page.database: "degraded_performance"}
    return printed(preview("slow-queries", page.incident(component_statuses=statuses, notify_subscribers=True)))


@plan
def incident_resolved(page: Page) -> str:
    incident = page.incident(notify_subscribers=True)
    incident.up()
    return printed(preview("slow-queries", incident.edit(incident_status="resolved", message="Fixed.")))


@plan
def incident_removed(page: Page) -> str:
    incident = page.incident()
    incident.up()
    return printed(preview("slow-queries", incident, leaving=True))


@plan
def incident_on_statuspage_me(page: Page) -> str:
    given = {"service": "statuspage.me", "status_page_id": None, "component_id": "12", "notify_subscribers": True}
    incident = page.incident().edit(**given)
    return printed(preview("slow-queries", incident))


@plan
def incident_on_statuspage_me_updated(page: Page) -> str:
    place = page.emulator.statuspage_me_page_id
    given = {"service": "statuspage.me", "status_page_id": place, "notify_subscribers": True}
    incident = page.incident().edit(**given)
    incident.up()
    return printed(preview("slow-queries", incident.edit(incident_status="identified", message="Found it.")))


def on_statuspage_me(page: Page, **inputs: Any) -> Program:
    place = {"service": "statuspage.me", "status_page_id": page.emulator.statuspage_me_page_id}
    return page.maintenance(**place, affected_component_ids=None, notify_subscribers=["scheduled"], **inputs)


@plan
def window_announced_on_statuspage_me(page: Page) -> str:
    return printed(preview("window", on_statuspage_me(page)))


@plan
def window_changed_on_statuspage_me(page: Page) -> str:
    return after(page, on_statuspage_me(page), name="Renamed", message="It takes longer.", duration="3h")


@plan
def window_ended_on_statuspage_me(page: Page) -> str:
    return after(page, on_statuspage_me(page), hours=3, maintenance_status="maintenance_complete")


@plan
def window_removed_on_statuspage_me(page: Page) -> str:
    program = on_statuspage_me(page)
    program.up()
    return printed(preview("window", program, leaving=True))


@plan
def incident_of_the_past(page: Page) -> str:
    entries = [("investigating", "09:00", "We look."), ("resolved", "10:30", "Fixed.")]
    declared = {
        "status_page_id": page.id,
        "name": "Slow queries",
        "updates": [
            {"incident_status": status, "message": message, "published_at": f"2026-02-27T{at}:00Z"}
            for status, at, message in entries
        ],
        "idempotency_key": "past",
    }
    kind = "StatusPageRetrospectiveIncident"
    past = {"urn": urn(kind, "past"), "type": f"pulumi-python:dynamic/statuspage:{kind}", "inputs": declared}
    return printed(stack({"op": "create", "urn": past["urn"], "newState": past}))


# whole plans


@plan
def several_windows_and_an_incident(page: Page) -> str:
    first = page.maintenance(idempotency_key="one", name="Orders database upgrade")
    first.up()
    second = page.maintenance(
        idempotency_key="two", name="Cache restart", start_at="2026-03-02T08:00:00Z", duration="30m"
    )
    leaving = page.maintenance(idempotency_key="three", name="Old plan", start_at="2026-03-04T08:00:00Z")
    leaving.up()
    return printed(
        merged(
            preview("orders-upgrade", first.edit(start_at="2026-03-01T20:00:00Z")),
            preview("cache-restart", second),
            preview("slow-queries", page.incident()),
            preview("old-plan", leaving, leaving=True),
        )
    )


@plan
def nothing_to_announce(page: Page) -> str:
    window = page.maintenance()
    window.up()
    return printed(preview("orders-upgrade", window))


@plan
def program_that_failed(page: Page) -> str:
    said = {
        "message": "error: Program failed with an unhandled exception:\nTraceback (most recent call last):\n"
        '  File "__main__.py", line 26, in <module>\nException: boom\n\n',
        "severity": "error",
    }
    return printed(merged(preview("orders-upgrade", page.maintenance()), stack(diagnostics=[said])))


@plan
def program_that_failed_before_anything(page: Page) -> str:
    said = {"message": "error: no API key for incident.io: set INCIDENT_API_KEY\n", "severity": "error"}
    return printed(stack(diagnostics=[said]))


@plan
def preview_that_a_policy_refused(page: Page) -> str:
    # The engine prints no more of it there.
    said = {"message": "error: preview failed\n", "severity": "error"}
    return printed(merged(preview("orders-upgrade", page.maintenance()), stack(diagnostics=[said])))


@plan
def preview_that_was_cut_off(page: Page) -> str:
    return printed(preview("orders-upgrade", page.maintenance()))[:-100]


@plan
def text_around_the_plan(page: Page) -> str:
    document = printed(preview("orders-upgrade", page.maintenance()))
    after = f"Policies:\n    acme {json.dumps({'config': {}})}\n"
    return f"warning: a new version of Pulumi is available\n{{not json\n{document}\n{after}"
