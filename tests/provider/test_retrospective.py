"""Stories of one past incident: published once, never touched again, nobody mailed; and of four hundred at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

import statuspage_provider as statuspage
from statuspage_provider import Refused, idempotency
from statuspage_provider.emulator import Emulator
from statuspage_provider.retrospective import RetrospectiveIncidentProvider
from statuspage_provider.services import capabilities, transport
from statuspage_provider.services.incident_io.client import IncidentIo
from statuspage_provider.services.incident_io.incidents import BACKFILL_PATIENCE_S
from statuspage_provider.services.settings import Settings
from tests.support.page import NOON, URL, Page
from tests.support.program import CheckFailed, Killed, Program

PAST = "status_page_retrospective_incidents"
INCIDENTS = "status_page_incidents"


def entry(status: str, published_at: str, message: str = "So.", **more: Any) -> dict[str, Any]:
    return {"incident_status": status, "message": message, "published_at": published_at, **more}


def test_it_is_published_with_its_timeline_by_one_post_and_one_read_and_nobody_is_mailed(page: Page) -> None:
    statuses = {page.api: "full_outage", page.database: "partial_outage"}
    updates = [
        entry("investigating", "2025-11-03T09:00:00Z", "We look.", component_statuses=statuses),
        entry("monitoring", "2025-11-03 11:00:00+01:00", "It holds."),
        entry("resolved", "2025-11-03T11:00:00Z", "Fixed."),
    ]
    past = page.retrospective(updates=updates)
    assert past.preview() == "create"
    assert page.asked() == []
    past.up()
    assert page.asked() == [f"POST {PAST}", f"GET {INCIDENTS}"]
    (shown,) = page.incidents()
    assert (shown["id"], shown["name"], shown["incident_status"]) == (past.id, "Old outage", "resolved")
    assert [(one["incident_status"], one["message"], one["published_at"]) for one in shown["updates"]] == [
        ("investigating", "We look.", "2025-11-03T09:00:00Z"),
        ("monitoring", "It holds.", "2025-11-03T10:00:00Z"),
        ("resolved", "Fixed.", "2025-11-03T11:00:00Z"),
    ]
    assert {one["component_id"]: one["component_status"] for one in shown["component_impacts"]} == statuses
    assert page.mails() == []
    assert past.outs["phase"] == "resolved"


def test_a_run_without_a_change_is_quiet_for_ever(page: Page) -> None:
    past = page.retrospective()
    past.up()
    page.asked()
    for _ in range(3):
        assert past.up() == "same"
        page.advance(days=400)
    assert page.asked() == []
    past.refresh()
    assert past.up() == "same"
    assert page.asked() == [f"GET {INCIDENTS}"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Renamed"},
        {"updates": [entry("resolved", "2025-11-03T10:00:00Z")]},
        {"updates": [entry("resolved", "2025-11-03T10:00:00Z")], "name": "Renamed"},
    ],
    ids=lambda change: ", ".join(change),
)
def test_what_is_past_is_not_changed_and_the_user_is_told(
    page: Page, capsys: pytest.CaptureFixture[str], change: dict[str, Any]
) -> None:
    past = page.retrospective()
    past.up()
    before = page.incidents()
    assert past.edit(**change).up() == "update"
    assert page.asked() == []
    assert page.incidents() == before
    assert f"{', '.join(sorted(change))} recorded only; the page stays as it is" in capsys.readouterr().out
    assert past.up() == "same"
    past.refresh()
    assert past.up() == "same"
    assert capsys.readouterr().out.count("recorded only") == 0


def test_another_spelling_of_the_same_timeline_is_no_change(page: Page) -> None:
    statuses = {page.api: "full_outage", page.database: "partial_outage"}
    first = entry("investigating", "2025-11-03T09:00:00Z", component_statuses=statuses)
    last = entry("resolved", "2025-11-03T10:00:00Z")
    past = page.retrospective(updates=[first, last])
    past.up()
    listed = [{"component_id": key, "component_status": status} for key, status in reversed(statuses.items())]
    first = entry("investigating", "2025-11-03T10:00:00+01:00", component_statuses=listed)
    assert past.edit(updates=[first, {**last, "component_statuses": None}]).up() == "same"
    last = entry("resolved", "2025-11-03 11:00")
    assert past.edit(time_zone="Europe/Berlin", updates=[first, last]).up() == "same"
    assert past.edit(idempotency_key="another").up() == "same"


def test_it_stays_on_the_page_when_it_leaves_the_program_and_coming_back_it_is_the_same(page: Page) -> None:
    past = page.retrospective()
    past.up()
    first = past.id
    page.asked()
    past.destroy()
    assert page.asked() == []
    past.up()
    assert past.id == first
    assert len(page.incidents()) == 1


def test_leaving_the_program_needs_no_key(page: Page) -> None:
    past = page.retrospective()
    past.up()
    past.api_key = None
    past.destroy()


def test_on_another_page_it_is_published_too_and_moving_back_publishes_nothing(page: Page) -> None:
    past = page.retrospective()
    past.up()
    first = past.id
    other, _ = page.another()
    assert past.edit(status_page_id=other).up() == "replace"
    assert past.id != first
    assert past.edit(status_page_id=page.id).up() == "replace"
    assert past.id == first
    assert len(page.incidents()) == 1


def test_replace_on_demand_keeps_it(page: Page) -> None:
    past = page.retrospective()
    past.up()
    first = past.id
    assert past.up(forced=True) == "replace"
    assert past.id == first
    assert len(page.incidents()) == 1


@pytest.mark.parametrize("times", [1, 3])
def test_a_killed_publication_is_published_once(page: Page, times: int) -> None:
    past = page.retrospective()
    for _ in range(times):
        with pytest.raises(Killed):
            past.up(killed=True)
    past.up()
    assert len(page.incidents()) == 1


def test_edited_after_a_killed_run_it_stays_as_it_was_published_and_the_user_is_told(
    page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    past = page.retrospective()
    with pytest.raises(Killed):
        past.up(killed=True)
    assert "recorded only" not in capsys.readouterr().out
    past.edit(name="Renamed", updates=[entry("resolved", "2025-11-03T10:00:00Z")]).up()
    assert "“Renamed” is past: name, updates recorded only; the page stays as it is" in capsys.readouterr().out
    assert [shown["name"] for shown in page.incidents()] == ["Old outage"]


@pytest.mark.parametrize("kind", ["reset_before", "reset_after", "status:502", "status:429"])
def test_one_whose_answer_is_lost_is_published_once(page: Page, kind: str) -> None:
    page.emulator.fault(method="POST", kind=kind, times=1, retry_after=0)
    page.retrospective().up()
    assert len(page.incidents()) == 1


def test_gone_from_the_page_it_is_dropped_and_published_anew(page: Page) -> None:
    past = page.retrospective()
    past.up()
    first = past.id
    vanish(page, first)
    past.refresh()
    assert past.state is None
    assert past.up() == "create"
    assert past.id != first
    assert [shown["id"] for shown in page.incidents()] == [past.id]


def vanish(page: Page, key: str) -> None:
    """A human deletes it in the dashboard: the API has no such call."""
    world = page.emulator._world
    with world.store.lock:
        world.store.remove(world.incident_io.incidents[key])


def test_what_a_human_does_to_it_is_no_drift(page: Page) -> None:
    past = page.retrospective()
    past.up()
    page.human("PUT", f"{INCIDENTS}/{past.id}", name="By hand")
    page.tell(past, "Again.", incident_status="monitoring")
    past.refresh()
    assert past.outs["phase"] == "monitoring"
    assert past.up() == "same"
    assert page.wrote() == []


def test_a_present_and_a_past_incident_of_one_name_have_keys_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:

    place = {"get_organization": "o", "get_project": "p", "get_stack": "s"}
    for function, value in place.items():
        monkeypatch.setattr(idempotency.pulumi, function, lambda value=value: value)
    assert idempotency.idempotency_key("x", None) != idempotency.idempotency_key("x", None, "retrospective")


# what is refused at preview


def refused(program: Program) -> list[tuple[str, str]]:
    with pytest.raises(CheckFailed) as caught:
        program.preview()
    return caught.value.failures


OLD, NEW = "2025-11-03T09:00:00Z", "2025-11-03T10:00:00Z"


@pytest.mark.parametrize(
    ("updates", "where", "line"),
    [
        ([], "", "must be a list of at least one update"),
        ("text", "", "must be a list of at least one update"),
        ({"a": 1}, "", "must be a list of at least one update"),
        (
            [entry("monitoring", OLD)] * 100 + [entry("resolved", NEW)],
            "[100]",
            "is one too many: there are 101, and the service takes at most 100",
        ),
        (["text"], "[0]", 'must be a map of incident_status, message, published_at, component_statuses, not "text"'),
        ([entry("over", NEW)], "[0].incident_status", '"over" is not one of investigating, identified, monitoring, '),
        ([entry("resolved", NEW, "")], "[0].message", "must not be empty"),
        ([entry("resolved", NEW, "x" * 4097)], "[0].message", "is 4097 characters long, and the service takes at"),
        ([entry("resolved", "yesterday")], "[0].published_at", '"yesterday" is not a time: write it like "2026-'),
        ([entry("resolved", "2025-11-03T10:00")], "[0].published_at", '"2025-11-03T10:00" has no UTC offset'),
        (
            [entry("resolved", NEW, component_status={})],
            "[0].component_status",
            "is an unknown field: remove it",
        ),
        ([entry("resolved", NEW, time_zone="UTC")], "[0].time_zone", "is an unknown field: remove it"),
        (
            [entry("monitoring", OLD, component_statuses={"ID": "broken"}), entry("resolved", NEW)],
            "[0].component_statuses",
            'ID: "broken" is not one of operational, degraded_performance',
        ),
        (
            [entry("monitoring", NEW), entry("resolved", OLD)],
            "[1].published_at",
            f"{OLD} is earlier than the update before it, {NEW}: sort them",
        ),
        ([entry("monitoring", OLD)], "[0].incident_status", 'is "monitoring": a past incident must end as resolved'),
        (
            [entry("resolved", OLD, component_statuses={"ID": "operational"})],
            "[0].component_statuses",
            "must be left out of an update that resolves: the service sets all operational",
        ),
        (
            [entry("monitoring", OLD), entry("resolved", "2026-03-01T12:00:00Z")],
            "[1].published_at",
            "2026-03-01T12:00:00Z is not in the past, it is now 2026-03-01T12:00:00Z: declare what goes on "
            "as a StatusPageIncident",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_wrong_timeline_is_refused_at_preview_in_one_line(page: Page, updates: Any, where: str, line: str) -> None:
    past = page.retrospective()
    past.inputs["updates"] = updates
    ((named, reason),) = refused(past)
    assert named == f"updates{where}"
    assert reason.startswith(line)
    assert "\n" not in reason
    assert page.asked() == []


def test_each_fault_of_a_timeline_is_told_with_its_place(page: Page) -> None:
    wrong = [{}, entry("over", "soon"), {**entry("resolved", NEW), "notify": True}]
    assert [where for where, _ in refused(page.retrospective(updates=wrong))] == [
        "updates[0].incident_status",
        "updates[0].message",
        "updates[0].published_at",
        "updates[1].incident_status",
        "updates[1].published_at",
        "updates[2].notify",
    ]


def test_faults_of_other_inputs_are_told_beside_it(page: Page) -> None:
    past = page.retrospective(name="x" * 201, time_zone="Berlin", status_page_id="", updates=[entry("over", "2025")])
    assert [where for where, _ in refused(past)] == ["status_page_id", "name", "time_zone"]


def test_what_was_past_when_it_was_published_stays_accepted(page: Page) -> None:
    past = page.retrospective()
    past.up()
    page.at(datetime(2025, 1, 1, tzinfo=timezone.utc))
    assert past.up() == "same"


def test_two_updates_at_one_moment_are_in_order(page: Page) -> None:
    past = page.retrospective(updates=[entry("identified", NEW, "First."), entry("resolved", NEW, "Second.")])
    past.up()
    assert [update["message"] for update in page.incidents()[0]["updates"]] == ["First.", "Second."]


def test_a_provider_of_another_service_is_refused(page: Page) -> None:
    past = page.retrospective()
    past.config["statuspage:explicit"] = "statuspage.me"
    assert refused(past) == [("", "statuspage.me has no retrospective incidents: pass a provider for incident.io")]


# the rate limit


class Waiting:
    """A page whose clock stands still but for the pauses that its only client makes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.emulator = Emulator(now=lambda: NOON)
        self.begun = self.emulator.now
        monkeypatch.setenv("STATUSPAGE_NOW", f"{NOON:%Y-%m-%dT%H:%M:%SZ}")
        monkeypatch.setattr(transport, "PAUSE_S", 0.25)
        row = capabilities.CAPABILITIES["incident.io"]
        monkeypatch.setitem(capabilities.CAPABILITIES, "incident.io", replace(row, client=self.client))
        capabilities.forget_clients()

    def client(self, settings: Settings) -> IncidentIo:
        here = httpx.WSGITransport(app=self.emulator.app)
        return IncidentIo(settings, transport=here, sleep=self.emulator.advance, monotonic=self.waited)

    def waited(self) -> float:
        return (self.emulator.now - self.begun).total_seconds()

    def up(self, number: int) -> Program:
        updates = [entry("resolved", OLD)]
        declared = {"status_page_id": self.emulator.page_id, "name": f"Old {number}", "updates": updates}
        program = Program(RetrospectiveIncidentProvider, URL, **declared, idempotency_key=f"key-{number}")
        program.up()
        return program


@pytest.fixture
def waiting(page: Page, monkeypatch: pytest.MonkeyPatch) -> Iterator[Waiting]:
    yield Waiting(monkeypatch)
    capabilities.forget_clients()


def test_400_of_them_wait_for_their_turn_and_are_all_there_once(waiting: Waiting) -> None:
    ids = [waiting.up(number).id for number in range(400)]
    posts = [asked["status"] for asked in waiting.emulator.requests if asked["method"] == "POST"]
    assert posts.count(201) == len(set(ids)) == 400
    assert posts[:300] == [201] * 300
    # 100 after the burst, at 5 a second: each refusal is a pause of one second, and no time is lost.
    assert posts.count(429) == 20
    assert waiting.waited() == 20.0


def test_one_waits_out_a_pause_that_any_other_request_would_fail_at(waiting: Waiting) -> None:
    waiting.emulator.fault(kind="status:429", retry_after=transport.PATIENCE_S * 3, times=1)
    waiting.up(1)
    assert waiting.waited() == transport.PATIENCE_S * 3


def test_where_its_turn_does_not_come_nothing_is_lost_by_running_again(waiting: Waiting) -> None:
    waiting.emulator.fault(kind="status:429", retry_after=BACKFILL_PATIENCE_S + 1, times=1)
    with pytest.raises(statuspage.RateLimited):
        waiting.up(1)
    assert waiting.waited() == 0
    waiting.up(1)
    posts = [asked["status"] for asked in waiting.emulator.requests if asked["method"] == "POST"]
    assert posts == [429, 201]


def test_state_that_cannot_be_read_is_refused_in_one_line(page: Page) -> None:
    past = page.retrospective()
    past.up()
    past.outs["phase"] = "postponed"
    with pytest.raises(Refused, match="the recorded state cannot be read: phase"):
        past.up()


def test_datetimes_are_taken_wherever_they_stand() -> None:
    from statuspage_provider.declaring import as_inputs

    moment = datetime(2025, 11, 3, 10, tzinfo=timezone(timedelta(hours=1)))
    assert as_inputs({"updates": [{"published_at": moment, "message": "So."}]}) == {
        "updates": [{"published_at": "2025-11-03T10:00:00+01:00", "message": "So."}]
    }
