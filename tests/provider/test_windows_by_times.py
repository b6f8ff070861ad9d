"""Stories of a window on statuspage.me, where it is its times: no status, no timeline, no components, no keys."""

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage_provider import KeyRefused, LostAnswer, NotFound, Refused, ServiceError, StatusPageError
from statuspage_provider.lifecycle.decision import Edit
from statuspage_provider.services import capabilities
from statuspage_provider.services.capabilities import CAPABILITIES, connect
from statuspage_provider.services.settings import Settings
from statuspage_provider.services.statuspage_me import bodies
from statuspage_provider.services.statuspage_me.calls import Calls
from tests.support.histories import HISTORIES, NAMES, RUNS, TEXTS, TIME, Step, edit, live
from tests.support.lifecycle_tables import DELETE_TIMES, PHASES, TIMES_CELLS, TIMES_EDITED, TIMES_LEAVING, for_each
from tests.support.page import NOON, URL, Page
from tests.support.program import CheckFailed, Killed, Program
from tests.support.statuspage_me import Account

SHAPES = ("documented", "bare", "wrapped", "data", "nested")

UNLIKE: dict[str, dict[str, Any]] = {
    "as documented": {},
    "unlike them": {"mails_changes": True, "mails_deletions": True, "rerenders_markdown": True, "denied_shows": True},
}
"""The service as its documents say, and the worse case of what they leave open."""


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@pytest.fixture
def me(page: Page) -> Account:
    return Account(page)


def into(me: Account, window: Program, phase: str) -> None:
    """Let time pass, and people edit, until the window is as `phase` says."""
    me.page.advance(hours={"scheduled": 0, "complete": 5, "begun early": 1, "ended early": 1}.get(phase, 3))
    if phase == "begun early":
        me.person("PATCH", window, start_at="2026-03-01T12:59:00Z")
    if phase == "ended early":
        me.person("PATCH", window, start_at="2026-03-01T12:58:00Z", end_at="2026-03-01T12:59:00Z")
    if phase == "end moved on the page":
        me.person("PATCH", window, end_at="2026-03-01T18:00:00Z")


TABLE = [
    pytest.param(phase, refreshed, change, *cell, id=f"{name}, {phase}{', refreshed' * refreshed}")
    for name, (change, cells) in TIMES_CELLS.items()
    for phase, cell in zip((*PHASES, *TIMES_EDITED), cells, strict=True)
    for refreshed in ((False, True) if phase in PHASES else (False,))
]


@pytest.mark.parametrize(
    ("service", "phase", "refreshed", "change", "step", "written", "said"), for_each(UNLIKE, TABLE)
)
def test_cell(
    me: Account,
    service: str,
    capsys: pytest.CaptureFixture[str],
    phase: str,
    refreshed: bool,
    change: dict[str, Any],
    step: str,
    written: list[str],
    said: str | None,
) -> None:
    me.emulator.differ(**UNLIKE[service])
    window = me.window()
    window.up()
    into(me, window, phase)
    if refreshed:
        window.refresh()
    if "status_page_id" in change:
        change = {"status_page_id": me.emulator.add_statuspage_me_page("Other")}
    me.emulator.clear_requests()
    capsys.readouterr()
    if step in ("check", "refused"):
        with pytest.raises((CheckFailed, Refused), match=said):
            window.edit(**change).up()
        assert me.wrote() == []
        return
    assert window.edit(**change).up() == step
    assert me.wrote() == written
    assert (said or "") in capsys.readouterr().out
    # Whatever it was: it is done. Another run and a refresh find nothing to do.
    assert window.up() == "same"
    if phase in PHASES:
        window.refresh()
        assert window.up() == "same"
    assert me.wrote() == []


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize(("on_delete", "sent"), TIMES_LEAVING)
def test_leaving_the_program(me: Account, phase: str, on_delete: str, sent: dict[str, list[str]]) -> None:
    window = me.window(on_delete=on_delete)
    window.up()
    into(me, window, phase)
    me.emulator.clear_requests()
    window.destroy()
    assert me.wrote() == sent[phase]
    left = me.windows()
    assert len(left) == (0 if DELETE_TIMES in sent[phase] else 1)
    if "PATCH maintenance" in sent[phase]:
        assert left[0]["end_at"] == "2026-03-01T15:00:00Z"


def test_a_window_is_removed_at_the_very_second_of_its_start(me: Account) -> None:
    window = me.window()
    window.up()
    me.page.advance(hours=2)
    window.destroy()
    (left,) = me.windows()
    assert (left["start_at"], left["end_at"]) == ("2026-03-01T14:00:00Z", "2026-03-01T14:00:01Z")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("extra_fields", [False, True], ids=["as told", "with more fields"])
def test_in_each_form_of_the_answers_a_window_lives_its_whole_life(me: Account, shape: str, extra_fields: bool) -> None:
    me.answers(shape=shape, extra_fields=extra_fields)
    window = me.window(notify_subscribers=["scheduled"])
    assert window.up() == "create"
    assert me.asked() == ["GET maintenances", "POST maintenances", "GET maintenance"]
    assert me.page.mails() == ["created"]
    assert [notice["event"] for notice in window.outs["notices"]] == ["scheduled"]
    assert window.up() == "same"
    assert me.asked() == []
    assert window.edit(name="Renamed", message="More.", duration="3h").up() == "update"
    assert me.wrote() == ["PATCH maintenance"]
    me.page.advance(hours=3)
    window.refresh()
    assert (window.outs["phase"], window.up()) == ("in_progress", "same")
    assert window.edit(maintenance_status="maintenance_complete").up() == "update"
    assert window.outs["phase"] == "complete"
    assert me.wrote() == ["PATCH maintenance"]
    me.page.advance(hours=24 * 365)
    window.refresh()
    assert window.up() == "same"
    window.destroy()
    assert me.wrote() == []
    assert me.page.mails() == ["created"]


def test_what_times_cannot_say_is_refused_at_preview(me: Account) -> None:
    window = me.window(
        affected_component_ids=["db"],
        component_statuses={"db": "operational"},
        automate_maintenance_status=False,
        notify_subscribers=True,
        on_delete="complete",
        delete_message="Bye.",
    )
    with pytest.raises(CheckFailed) as refused:
        window.preview()
    assert refused.value.failures == [
        ("affected_component_ids", "a window on statuspage.me has no components: remove this input"),
        ("component_statuses", "a window on statuspage.me has no components: remove this input"),
        ("automate_maintenance_status", "a window on statuspage.me begins and ends by its times"),
        (
            "notify_subscribers",
            'statuspage.me can email when a window is announced and at no other time: use {"scheduled"} or False',
        ),
        ("on_delete", 'statuspage.me cannot tell that a window ahead is off: use "auto" or "delete"'),
        ("delete_message", "a window on statuspage.me has no timeline to publish it in: remove this input"),
    ]


def test_an_unknown_service_is_refused_at_preview(me: Account) -> None:
    with pytest.raises(CheckFailed) as refused:
        me.window(service="acme").preview()
    assert refused.value.failures == [("service", '"acme" is not one of incident.io, statuspage.me')]


def test_a_window_that_begins_at_once_is_mailed_when_it_is_announced(me: Account) -> None:
    me.window(start_at="now", notify_subscribers=["scheduled"]).up()
    assert me.page.mails() == ["created"]


def test_a_status_that_is_declared_from_the_start_is_said_by_the_start(me: Account) -> None:
    window = me.window(maintenance_status="maintenance_in_progress")
    window.up()
    assert me.wrote() == ["POST maintenances", "PATCH maintenance"]
    assert me.windows()[0]["start_at"] == "2026-03-01T12:00:00Z"
    window.refresh()
    assert (window.up(), window.outs["phase"]) == ("same", "in_progress")


# exactly once, without keys


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("kind", ["reset_after", "reset_before", "status:503", "late:1"])
@pytest.mark.parametrize("shape", ["documented", "wrapped"])
def test_a_create_whose_answer_is_lost_announces_once(me: Account, shape: str, kind: str, times: int) -> None:
    me.answers(shape=shape)
    window = me.window(notify_subscribers=["scheduled"])
    me.emulator.fault(method="POST", kind=kind, times=times)
    for _ in range(4):
        try:
            window.up()
            break
        except LostAnswer:
            me.emulator.carry_out_late()
    assert len(me.windows()) == 1
    assert me.page.mails() == ["created"]
    assert window.up() == "same"


@pytest.mark.parametrize("kind", ["reset_after", "reset_before", "status:503", "late:1"])
def test_a_change_whose_answer_is_lost_is_made_once(me: Account, kind: str) -> None:
    # The worse case of what is not documented: each PATCH mails.
    me.emulator.differ(mails_changes=True)
    window = me.window()
    window.up()
    me.emulator.fault(method="PATCH", kind=kind, times=1)
    for _ in range(3):
        try:
            window.edit(message="More.", duration="3h").up()
            break
        except LostAnswer:
            me.emulator.carry_out_late()
    (shown,) = me.windows()
    assert (shown["message"], shown["end_at"]) == ("More.", "2026-03-01T17:00:00Z")
    assert me.page.mails() == ["changed"]


@pytest.mark.parametrize("start_at", ["2026-03-01T14:00:00Z", "+2h", "next 14:00"])
def test_a_killed_announcement_is_found_by_the_next_run(me: Account, start_at: str) -> None:
    window = me.window(start_at=start_at, notify_subscribers=["scheduled"])
    with pytest.raises(Killed):
        window.up(killed=True)
    me.page.advance(minutes=5)
    assert window.up() == "create"
    assert len(me.windows()) == 1
    assert me.page.mails() == ["created"]
    assert window.up() == "same"


def test_one_of_that_name_at_that_time_with_another_message_is_in_doubt_so_nothing_is_posted(me: Account) -> None:
    with pytest.raises(Killed):
        me.window().up(killed=True)
    other = me.window(message="Something else.")
    with pytest.raises(Refused, match=r"is already announced on the page, as .* Nothing was posted") as refused:
        other.up()
    (there,) = me.windows()
    assert f'adopt_id="{there["id"]}"' in str(refused.value)
    assert other.edit(adopt_id=there["id"]).up() == "create"
    (shown,) = me.windows()
    assert shown["message"] == "Something else."
    assert other.up() == "same"


def test_one_of_that_name_at_another_time_is_another_window(me: Account) -> None:
    me.window(start_at="2026-03-08T14:00:00Z", idempotency_key="next").up()
    me.window().up()
    assert len(me.windows()) == 2


def test_one_that_is_over_is_history(me: Account) -> None:
    me.window(start_at="2026-03-01T12:00:00Z", duration="1h").up()
    me.page.advance(hours=2)
    me.window(start_at="2026-03-01T14:00:00Z", duration="1h", idempotency_key="next").up()
    assert len(me.windows()) == 2


def test_two_resources_that_read_alike_announce_two_windows_in_one_run(me: Account) -> None:
    one, other = me.window(idempotency_key="one"), me.window(idempotency_key="other")
    one.up()
    other.up()
    assert one.id != other.id


def test_what_is_replaced_is_not_taken_for_the_new_one(me: Account) -> None:
    window = me.window(triggers=["v1"])
    window.up()
    first = window.id
    assert window.edit(triggers=["v2"]).up() == "replace"
    (left,) = me.windows()
    assert left["id"] == window.id != first


def test_a_replacement_that_was_killed_is_found_by_the_next_run(me: Account) -> None:
    window = me.window(triggers=["v1"])
    window.up()
    with pytest.raises(Killed):
        window.edit(triggers=["v2"]).up(killed=True)
    assert window.up() == "replace"
    assert [one["id"] for one in me.windows()] == [window.id]


def test_replace_on_demand_keeps_the_window(me: Account) -> None:
    window = me.window()
    window.up()
    first = window.id
    assert window.up(forced=True) == "replace"
    assert [one["id"] for one in me.windows()] == [first]
    assert me.wrote() == []


# what people do


def test_a_human_edit_is_shown_after_a_refresh_and_put_back_by_the_next_run(me: Account) -> None:
    window = me.window()
    window.up()
    me.person("PATCH", window, title="By hand", message="By hand.", end_at="2026-03-01T18:00:00Z")
    window.refresh()
    assert window.preview() == "update"
    window.up()
    (shown,) = me.windows()
    assert (shown["title"], shown["message"], shown["end_at"]) == ("Upgrade", "We upgrade.", "2026-03-01T16:00:00Z")


def test_a_message_that_the_service_renders_anew_is_no_edit(me: Account) -> None:
    me.emulator.differ(rerenders_markdown=True)
    window = me.window(message="We *upgrade*.\n\n* one\n* two")
    window.up()
    window.refresh()
    assert window.up() == "same"


def test_a_window_that_was_deleted_by_hand_is_announced_again_after_a_refresh(me: Account) -> None:
    window = me.window()
    window.up()
    me.person("DELETE", window)
    window.refresh()
    assert window.state is None
    assert window.up() == "create"
    assert len(me.windows()) == 1


def test_a_404_alone_does_not_tell_that_a_window_is_gone(me: Account) -> None:
    window = me.window()
    window.up()
    me.emulator.differ(denied_shows=True)
    me.asked()
    window.refresh()
    assert window.state is not None
    assert me.asked() == ["GET maintenance", "GET maintenances"]
    assert window.up() == "same"


def test_where_the_list_cannot_be_read_a_404_is_an_error_and_changes_nothing(
    me: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = me.window()
    window.up()
    me.emulator.differ(denied_shows=True)

    def denied(calls: Calls, **filters: Any) -> list[Any]:
        raise KeyRefused("the key may not list", status=403)

    monkeypatch.setattr(Calls, "list", denied)
    with pytest.raises(KeyRefused, match="the key may not list"):
        window.refresh()
    assert window.state is not None


def test_an_incident_that_is_listed_and_not_shown_is_not_taken_for_gone(me: Account) -> None:
    incident = me.incident()
    incident.up()
    me.emulator.differ(denied_shows=True)
    with pytest.raises(Refused, match="is listed, but not shown: may the key read it"):
        incident.refresh()


def test_get_reads_a_window_and_one_that_is_not_there_is_named(me: Account) -> None:
    window = me.window()
    window.up()
    found = window._provider().read(window.id, {"service": "statuspage.me"})
    assert found.outs["start_at"] == "2026-03-01T14:00:00Z"
    assert (found.outs["message"], found.outs["phase"]) == ("We upgrade.", "scheduled")
    with pytest.raises(NotFound, match="there is no maintenance window nobody"):
        window._provider().read("nobody", {"service": "statuspage.me"})


def test_a_repeated_window_is_followed_by_the_next_slot(me: Account) -> None:
    window = me.window(start_at="next 14:00", duration="1h", repeat=True)
    window.up()
    first = window.id
    me.page.at(NOON + timedelta(hours=6))
    assert window.up() == "replace"
    assert window.id != first
    assert [one["start_at"] for one in me.windows()] == ["2026-03-02T14:00:00Z", "2026-03-01T14:00:00Z"]


def test_moving_to_the_other_service_announces_there_and_removes_here(me: Account) -> None:
    window = me.page.maintenance()
    window.up()
    declared = {"service": "statuspage.me", "status_page_id": me.id, "affected_component_ids": None}
    assert window.edit(**declared).up() == "replace"
    assert len(me.windows()) == 1
    assert me.page.windows() == []


# generated histories


def by_hand(does: str, method: str, **body: str) -> Step:
    def act(page: Page, program: Program) -> None:
        if program.state is not None:
            with contextlib.suppress(httpx.HTTPStatusError):
                Account(page).person(method, program, **body)

    return Step("person", does, act)


EDITS = st.one_of(
    st.sampled_from(TEXTS).map(lambda text: edit(message=text)),
    st.sampled_from(NAMES).map(lambda name: edit(name=name)),
    st.sampled_from([f"2026-03-0{day}T14:00:00Z" for day in range(1, 6)]).map(lambda start: edit(start_at=start)),
    st.sampled_from(["1h", "2h", "5h"]).map(lambda length: edit(duration=length)),
    st.sampled_from(["v1", "v2"]).map(lambda release: edit(triggers=[release])),
    st.sampled_from([None, "maintenance_in_progress", "maintenance_complete"]).map(
        lambda status: edit(maintenance_status=status)
    ),
)

PEOPLE = st.sampled_from(
    [
        by_hand("renames", "PATCH", title="Named by hand"),
        by_hand("rewords", "PATCH", message="By hand."),
        by_hand("moves", "PATCH", start_at="2026-03-02T10:00:00Z", end_at="2026-03-02T12:00:00Z"),
        by_hand("extends", "PATCH", end_at="2026-03-01T23:00:00Z"),
        by_hand("ends", "PATCH", start_at="2026-03-01T11:00:00Z", end_at="2026-03-01T11:30:00Z"),
        by_hand("deletes", "DELETE"),
    ]
)

SWITCHES = st.fixed_dictionaries(
    {
        "rerenders_markdown": st.booleans(),
        "stale_reads": st.sampled_from([0, 0, 1, 3]),
        "denied_shows": st.booleans(),
        "mails_changes": st.booleans(),
    }
)


def settled(me: Account, program: Program) -> bool:
    """Run and refresh until nothing is left to do; False where the program is held back, with a reason and no post."""
    for _ in range(4):
        try:
            program.refresh()
            step = program.up()
        except (StatusPageError, CheckFailed):
            there, mails = me.windows(), me.mails()
            with pytest.raises((StatusPageError, CheckFailed)):
                program.up()
            assert (me.windows(), me.mails()) == (there, mails)
            return False
        if step == "same":
            break
    me.asked()
    assert program.up() == "same"
    assert me.asked() == []
    program.refresh()
    # An end that has passed, where that on the page is ahead, stays a difference: nothing is sent for it.
    assert program.up() in ("same", "update")
    assert me.wrote() == []
    return True


def is_lost_sight_of(history: list[Step]) -> bool:
    """Whether a run was killed or got no answer, and its window was then given another name or other times: without
    keys nothing tells any more that it is this program's."""
    looks_other = ("{'name'", "{'start_at'", "{'duration'")
    lost = False
    for step in history:
        lost = lost or step.does.startswith(("up, killed", "reset", "late", "status"))
        if lost and step.kind == "edit" and step.does.startswith(looks_other):
            return True
    return False


@HISTORIES
@given(st.lists(st.one_of(EDITS, RUNS, RUNS, TIME, PEOPLE), max_size=14), SWITCHES)
def test_whatever_happens_it_ends_as_declared_announced_once(
    page: Page, history: list[Step], switches: dict[str, Any]
) -> None:
    page.emulator.reset()
    page.at(NOON)
    me = Account(page)
    program = me.window(message=TEXTS[0], notify_subscribers=["scheduled"])
    asked = live(page, program, history, switches)
    if settled(me, program) and program.state is not None:
        ahead = [one for one in me.windows() if moment(one["end_at"]) > page.now]
        assert len(ahead) <= 1 or is_lost_sight_of(history)
        if ahead and ahead[0]["id"] == program.id:
            assert ahead[0]["title"] == program.inputs["name"]
            start, hours = moment(program.inputs["start_at"]), int(program.inputs["duration"].removesuffix("h"))
            end = start + timedelta(hours=hours)
            assert moment(ahead[0]["end_at"]) == end or end <= page.now
    sent = Counter((notice["object_id"], notice["status"]) for notice in page.emulator.notices)
    assert all(count == 1 for (_, status), count in sent.items() if status == "created")
    # Where each change mails, no more are made than are asked for.
    people = sum(step.kind == "person" for step in history)
    assert sum(count for (_, status), count in sent.items() if status == "changed") <= asked + people


def test_where_no_end_may_be_past_a_window_is_ended_soon(me: Account) -> None:
    me.emulator.differ(past_ends=False)
    window = me.window()
    window.up()
    me.page.advance(hours=3)
    window.destroy()
    (left,) = me.windows()
    assert left["end_at"] == "2026-03-01T15:01:00Z"


def test_a_look_before_an_end_that_is_refused_is_what_is_told(me: Account) -> None:
    window = me.window()
    window.up()
    me.page.advance(hours=3)
    me.asked()
    settings = Settings(CAPABILITIES["statuspage.me"].names, URL, "spk_emulator-write")
    me.emulator.fault(method="GET", kind="status:422", times=1)
    with pytest.raises(ServiceError, match=r"statuspage\.me answered 422"):
        connect(settings, "maintenances").edit(window.id, Edit("Upgrade", (NOON, me.page.now)))
    assert me.wrote() == []


def test_an_address_that_is_no_text_is_read_as_one() -> None:
    window = {"id": 7, "title": "Upgrade", "start_at": "2026-03-01T14:00:00Z", "end_at": "2026-03-01T15:00:00Z"}
    assert bodies.read_maintenance({**window, "public_url": 7}, NOON).public_url == "7"


def test_a_page_that_is_not_there_is_named(me: Account) -> None:
    with pytest.raises(Refused, match=r"status_page_id: statuspage\.me answered 404: .* Nothing was posted"):
        me.window(status_page_id="nobody").up()


def test_a_window_of_those_texts_for_a_later_time_is_another_one_than_that_which_begins_now(me: Account) -> None:
    me.window(start_at="2026-04-01T14:00:00Z", idempotency_key="theirs").up()
    capabilities.forget_clients()
    me.window(start_at="+15m").up()
    assert len(me.windows()) == 2
