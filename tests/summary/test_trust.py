"""What the summary promises is what `up` does: generated programs and page states, run against the emulator.

A promise is every new object, public post, silent change and removal, in order, with its text, its status and who is
mailed; and the mails of the service's own updates. Offline the promise holds for a page that is as state and clock
tell it. With a look at the page it holds whatever people did to it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from statuspage_provider import StatusPageError
from statuspage_provider.maintenance import MaintenanceProvider
from statuspage_provider.services import capabilities
from statuspage_provider.services.capabilities import STATES
from statuspage_provider.services.settings import Settings
from statuspage_provider.summary.forecast import Forecast, summarise
from statuspage_provider.summary.live import LivePage
from statuspage_provider.summary.plan import read_plan
from statuspage_provider.summary.stand_in import Act
from statuspage_provider.times import format_instant
from tests.support.page import NOON, URL, Page, look
from tests.support.previews import preview, printed
from tests.support.program import CheckFailed, Killed, Program
from tests.support.statuspage_me import Account

Step = Callable[[Page, Program], None]

EVENTS = ["scheduled", "rescheduled", "in_progress", "update", "complete", "cancelled"]
RUNS = settings(
    max_examples=int(os.environ.get("TRUST", "60")),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


# what happens before


def run(page: Page, program: Program) -> None:
    program.up()
    # No run is over within the second it began in. A window that is its times lasts a second at least, so one that is
    # begun and ended within one is over only after it.
    page.advance(seconds=1)


def refresh(page: Page, program: Program) -> None:
    program.refresh()


def killed_change(page: Page, program: Program) -> None:
    # A killed create is in no state, so no preview can know of it.
    if program.state is not None and program.preview() == "update":
        with contextlib.suppress(Killed):
            program.up(killed=True)


def edit(field: str, value: Any) -> Step:
    def step(page: Page, program: Program) -> None:
        component = {"API": page.api, "DATABASE": page.database}
        given = value
        if field == "affected_component_ids":
            given = [component[name] for name in value]
        elif field == "component_statuses" and value is not None:
            given = {component[name]: status for name, status in value.items()}
        program.edit(**{field: given})

    step.__name__ = f"{field}={value}"
    return step


def hours(count: int) -> Step:
    def step(page: Page, program: Program) -> None:
        page.advance(hours=count)

    step.__name__ = f"{count} hours"
    return step


def renamed_by_hand(page: Page, program: Program) -> None:
    if there(page, program):
        page.move(program, program.outs["start_at"], program.outs["end_at"], name="By hand")


def moved_by_hand(page: Page, program: Program) -> None:
    if there(page, program):
        page.move(program, "2026-03-03T10:00:00Z", "2026-03-03T11:00:00Z")


def deleted_by_hand(page: Page, program: Program) -> None:
    if there(page, program):
        page.human("DELETE", f"status_page_maintenances/{program.id}")


def completed_by_hand(page: Page, program: Program) -> None:
    if there(page, program):
        page.tell(program, "Done.", maintenance_status="maintenance_complete")


def updated_by_hand(page: Page, program: Program) -> None:
    if there(page, program):
        page.tell(program, "It takes longer.")


def there(page: Page, program: Program) -> dict[str, Any] | None:
    """The program's window, unless it is gone or over: nobody edits that."""
    found = [window for window in page.windows() if program.state is not None and window["id"] == program.id]
    return found[0] if found and found[0]["maintenance_status"] != "maintenance_complete" else None


# what may be declared


def edits(values: dict[str, list[Any]]) -> st.SearchStrategy[Step]:
    return st.one_of(
        *(st.sampled_from(options).map(lambda value, f=field: edit(f, value)) for field, options in values.items())
    )


NOTIFY = [False, True, ["scheduled"], ["rescheduled", "update"], ["scheduled", "in_progress", "complete"], EVENTS[:4]]
WINDOW_EDITS = edits(
    {
        "name": ["Upgrade", "Database upgrade"],
        "message": ["We upgrade.", "It takes longer.", "Nearly there."],
        "start_at": [f"2026-03-0{day}T14:00:00Z" for day in range(1, 5)] + ["now", "+15m", "+3h"],
        "duration": ["1h", "2h", "26h"],
        "affected_component_ids": [["API"], ["DATABASE"], ["API", "DATABASE"]],
        "component_statuses": [None, {"API": "operational"}, {"DATABASE": "under_maintenance"}],
        "maintenance_status": [None, "maintenance_scheduled", "maintenance_in_progress", "maintenance_complete"],
        "automate_maintenance_status": [True, False],
        "notify_subscribers": NOTIFY,
        "triggers": [None, ["v1"], ["v2"]],
        "on_delete": ["auto", "complete", "delete", "retain"],
        "delete_message": [None, "It is over."],
    }
)
INCIDENT = {
    "name": ["Slow", "Slow queries"],
    "message": ["We look.", "It takes longer.", "Fixed."],
    "incident_status": ["investigating", "identified", "monitoring", "resolved"],
    "component_statuses": [None, {"API": "degraded_performance"}, {"DATABASE": "full_outage"}],
    "notify_subscribers": [False, True],
    "on_delete": ["auto", "resolve", "retain"],
    "delete_message": [None, "It is over."],
}
INCIDENT_EDITS = edits(INCIDENT)
# There is no status for each component there.
ON_STATUSPAGE_ME = {**INCIDENT, "component_statuses": [None], "on_delete": ["auto", "resolve", "delete", "retain"]}
TIME = st.sampled_from([1, 3, 26]).map(hours)
QUIET = st.sampled_from([run, refresh])
PEOPLE = st.sampled_from(
    [renamed_by_hand, moved_by_hand, deleted_by_hand, completed_by_hand, updated_by_hand, killed_change]
)
ENDS = st.sampled_from(["up", "up", "up", "leaves", "forced", "forced, deleted first"])


def histories(changes: st.SearchStrategy[Step], happens: st.SearchStrategy[Step]) -> st.SearchStrategy[list[Step]]:
    """A first `up`, whatever happens then, and what is declared in the end."""
    first, last = st.lists(changes, max_size=5), st.lists(changes, max_size=3)
    middle = st.lists(st.one_of(happens, changes), max_size=8)
    begun = st.builds(lambda one, two, three: [*one, run, *two, *three], first, middle, last)
    return st.one_of(begun, begun, begun, first)


# the comparison


Told = tuple[str, str | None, str | None, str | None, tuple[str, str] | None, Any, bool | None]


def done(page: Page, used: set[str]) -> list[Told]:
    """What the service was made to do, from its own log. A create with a key that was used before made nothing."""
    found: list[Told] = []
    for entry in page.emulator.requests:
        method, body = entry["method"], entry["body"] or {}
        if method == "GET" or entry["status"] == 404:
            continue
        assert entry["status"] < 400, entry
        times = (body["start_at"], body["end_at"]) if "start_at" in body else None
        status = body.get("maintenance_status") or body.get("incident_status")
        statuses, mails = body.get("component_statuses"), body.get("notify_subscribers", False)
        if method == "POST" and "idempotency_key" in body:
            if body["idempotency_key"] not in used:
                found.append(("announce", body["name"], body["message"], status, times, statuses, mails))
            used.add(body["idempotency_key"])
        elif method == "POST":
            found.append(("post", None, body["message"], status, None, statuses, mails))
        elif method == "PUT":
            found.append(("change", body["name"], None, None, times, None, False))
        else:
            found.append(("delete", None, None, None, None, None, False))
    return found


def promised(acts: tuple[Act, ...]) -> list[Told]:
    told: list[Told] = []
    for act in acts:
        times = tuple(format_instant(moment) for moment in act.window) if act.window else None
        name = act.name if act.what in ("announce", "change") else None
        told.append((act.what, name, act.message, act.status, times, act.component_statuses, act.mails))
    return told


def done_on_statuspage_me(page: Page) -> list[Told]:
    """The same for an API that has no keys: a create that finds what it would make sends nothing."""
    found: list[Told] = []
    for entry in page.emulator.requests:
        method, body, made = entry["method"], entry["body"] or {}, entry["path"].rstrip("/").endswith("/incidents")
        if method == "GET" or entry["status"] == 404:
            continue
        assert entry["status"] < 400, entry
        status = {id_: name for name, id_ in STATES}.get(str(body.get("incident_state_id")))
        if method == "POST" and made:
            mails = body["notify_subscribers"]
            found.append(("announce", body["title"], body["message"], status, None, None, mails))
        elif method == "POST":
            found.append(("post", None, body["message"], status, None, None, False))
        elif method == "PATCH":
            found.append(("change", body["title"], None, None, None, None, False))
        else:
            found.append(("delete", None, None, None, None, None, False))
    return found


def done_to_windows_on_statuspage_me(page: Page, before: list[dict[str, Any]]) -> list[Told]:
    """The same for windows that are their times. A change sends what differs, and is told as the window after it."""
    found: list[Told] = []
    windows, made = {window["id"]: dict(window) for window in before}, dict[str, Any]()
    for entry in page.emulator.requests:
        method, body, id_ = entry["method"], entry["body"] or {}, entry["path"].rpartition("/")[2]
        if method == "GET" or entry["status"] == 404:
            continue
        assert entry["status"] < 400, entry
        if method == "POST":
            times, made = (body["start_at"], body["end_at"]), dict(body)
            found.append(("announce", body["title"], body["message"], None, times, None, body["notify_subscribers"]))
        elif method == "PATCH":
            windows.setdefault(id_, made).update(body)
            moved = bool({"start_at", "end_at"} & set(body))
            after = ahead(page, windows[id_]["start_at"], windows[id_]["end_at"]) if moved else None
            found.append(("change", windows[id_]["title"], body.get("message"), None, after, None, False))
        else:
            found.append(("delete", None, None, None, None, None, False))
    return found


def ahead(page: Page, start_at: str, end_at: str) -> tuple[str, str]:
    """The times of a change. When a window that an earlier run began early did begin, no state tells."""
    return (start_at if start_at >= f"{page.now:%Y-%m-%dT%H:%M:%SZ}" else "begun", end_at)


def used_keys(page: Page) -> set[str]:
    return {key.split(" ", 1)[1] for key in page.emulator._world.incident_io.replays}


def live(page: Page, history: list[Step], program: Program) -> None:
    for step in history:
        with contextlib.suppress(StatusPageError, CheckFailed):
            step(page, program)


def forced(end: str) -> dict[str, bool]:
    return {"forced": end.startswith("forced"), "delete_first": end == "forced, deleted first"}


def judge(page: Page, program: Program, end: str, look: LivePage | None) -> str:
    """One preview, its summary and its `up`. Answers what came of it, for the count."""
    if program.state is None and end != "up":
        return "nothing to end"
    text = printed(preview("window", program, leaving=end == "leaves", **forced(end)))
    summary = summarise(read_plan(text), page.now, look)
    used, mails, before = used_keys(page), len(page.emulator.notices), Account(page).windows()
    page.emulator.clear_requests()
    refused = None
    try:
        if end == "leaves":
            program.destroy()
        else:
            program.up(**forced(end))
    except CheckFailed:
        assert summary.plan.failed
    except StatusPageError as error:
        refused = str(error)
    forecasts: list[Forecast] = list(summary.forecasts)
    assert [forecast.refused for forecast in forecasts if forecast.refused] == ([refused] if refused else [])
    assert not any(forecast.open for forecast in forecasts)
    on_me = program.inputs.get("service") == "statuspage.me"
    is_window = program.kind is MaintenanceProvider
    sent_there = (
        done(page, used)
        if not on_me
        else done_to_windows_on_statuspage_me(page, before)
        if is_window
        else done_on_statuspage_me(page)
    )
    told = promised(tuple(act for forecast in forecasts for act in forecast.acts))
    if on_me and is_window:
        told = [(*one[:4], ahead(page, *one[4]), *one[5:]) if one[0] == "change" and one[4] else one for one in told]
    assert told == sent_there
    sent = page.emulator.notices[mails:]
    assert sum(not notice["automated"] for notice in sent) == summary.mails
    # What the service does by itself is promised as well: let its time come.
    page.advance(days=60)
    page.windows()
    own = [(notice["object_id"], notice["at"]) for notice in page.emulator.notices[mails:] if notice["automated"]]
    later = [one for forecast in forecasts for one in forecast.later]
    assert all(one.mails is not None for one in later)
    assert len(own) == sum(one.mails is True for one in later) or not forecasts
    return (
        "refused"
        if refused or summary.plan.failed
        else "acts"
        if any(forecast.acts for forecast in forecasts)
        else "quiet"
    )


def lived(page: Page, history: list[Step], declare: Callable[[], Program]) -> Program:
    """A program whose history ran on a fresh page."""
    page.emulator.reset()
    page.at(NOON)
    program = declare()
    live(page, history, program)
    page.advance(seconds=1)
    return program


@RUNS
@given(histories(WINDOW_EDITS, st.one_of(QUIET, TIME)), ENDS)
def test_offline_a_window_s_promise_is_kept_while_nobody_else_touches_the_page(
    page: Page, history: list[Step], end: str
) -> None:
    program = lived(page, history, page.maintenance)
    event(judge(page, program, end, None))


def test_what_a_replacement_deletes_first_is_promised_also_where_a_component_had_been_let_out(page: Page) -> None:
    program = page.maintenance(affected_component_ids=[page.api], component_statuses={page.api: "operational"})
    program.up()
    program.edit(affected_component_ids=[page.database])
    page.advance(seconds=1)
    assert judge(page, program, "forced", None) == "acts"


def test_what_a_replacement_posts_of_components_is_promised_also_after_another_text(page: Page) -> None:
    program = page.maintenance()
    program.up()
    program.edit(message="It takes longer.")
    program.up()
    program.edit(component_statuses={page.api: "operational"})
    page.advance(seconds=1)
    assert judge(page, program, "forced", None) == "acts"


@pytest.mark.parametrize(
    ("service", "end"),
    [
        *(("incident.io", end) for end in ("up", "leaves", "forced")),
        # What the service finds again where all is replaced, nobody knows beforehand without keys.
        *(("statuspage.me", end) for end in ("up", "leaves")),
    ],
)
def test_a_window_that_runs_on_though_its_declared_end_has_passed_is_promised_as_one_that_runs(
    page: Page, service: str, end: str
) -> None:
    program = page.maintenance() if service == "incident.io" else on_me(page)
    program.up()
    page.advance(hours=3)
    program.edit(duration="1h").up()
    page.advance(seconds=1)
    assert judge(page, program, end, None) == {"up": "quiet", "leaves": "acts", "forced": "refused"}[end]


@RUNS
@given(histories(WINDOW_EDITS, st.one_of(QUIET, TIME, PEOPLE)), ENDS)
def test_with_a_look_at_the_page_the_promise_is_kept_whatever_people_did(
    page: Page, history: list[Step], end: str
) -> None:
    program = lived(page, history, page.maintenance)
    event(judge(page, program, end, look(page)))


@RUNS
@given(histories(INCIDENT_EDITS, QUIET), ENDS)
def test_offline_an_incident_s_promise_is_kept(page: Page, history: list[Step], end: str) -> None:
    program = lived(page, history, page.incident)
    event(judge(page, program, end, None))


@RUNS
@given(histories(edits(ON_STATUSPAGE_ME), QUIET), ENDS)
def test_offline_a_promise_on_statuspage_me_is_kept(page: Page, history: list[Step], end: str) -> None:
    me = {"service": "statuspage.me", "status_page_id": page.emulator.statuspage_me_page_id}
    program = lived(page, history, lambda: page.incident(**me))
    if end == "forced" and program.state is not None:
        # Without keys nobody knows beforehand whether the service finds the incident again, and the summary says so.
        (forecast,) = summarise(read_plan(printed(preview("slow", program, forced=True))), page.now).forecasts
        assert any("whether statuspage.me finds the incident again" in line for line in forecast.open)
        assert forecast.acts == ()
        return
    event(judge(page, program, end, None))


WINDOW_ON_STATUSPAGE_ME = {
    "name": ["Upgrade", "Database upgrade"],
    "message": ["We upgrade.", "It takes longer."],
    "start_at": [f"2026-03-0{day}T14:00:00Z" for day in range(1, 5)] + ["now", "+15m", "+3h"],
    "duration": ["1h", "2h", "26h"],
    "maintenance_status": [None, "maintenance_scheduled", "maintenance_in_progress", "maintenance_complete"],
    "notify_subscribers": [False, ["scheduled"]],
    "triggers": [None, ["v1"], ["v2"]],
    "on_delete": ["auto", "delete", "retain"],
}


def by_hand(**body: str) -> Step:
    def step(page: Page, program: Program) -> None:
        me = Account(page)
        ahead = [one["id"] for one in me.windows() if one["end_at"] > f"{page.now:%Y-%m-%dT%H:%M:%SZ}"]
        if program.state is not None and program.id in ahead:
            me.person("PATCH" if body else "DELETE", program, **body)

    step.__name__ = f"by hand {body}"
    return step


BY_HAND = st.sampled_from(
    [
        by_hand(title="By hand"),
        by_hand(message="By hand."),
        by_hand(start_at="2026-03-03T10:00:00Z", end_at="2026-03-03T11:00:00Z"),
        by_hand(end_at="2026-03-08T10:00:00Z"),
        by_hand(),
        killed_change,
    ]
)


def on_me(page: Page) -> Program:
    place = {"service": "statuspage.me", "status_page_id": page.emulator.statuspage_me_page_id}
    return page.maintenance(**place, affected_component_ids=None)


def look_on_me(page: Page) -> LivePage:
    names = capabilities.CAPABILITIES["statuspage.me"].names
    return LivePage({"statuspage.me": Settings(names, URL, "spk_emulator-read", names.incident_states)})


@RUNS
@given(histories(edits(WINDOW_ON_STATUSPAGE_ME), st.one_of(QUIET, TIME)), ENDS)
def test_offline_a_promise_of_a_window_on_statuspage_me_is_kept(page: Page, history: list[Step], end: str) -> None:
    program = lived(page, history, lambda: on_me(page))
    if end == "forced" and program.state is not None:
        return
    event(judge(page, program, end, None))


@RUNS
@given(histories(edits(WINDOW_ON_STATUSPAGE_ME), st.one_of(QUIET, TIME, BY_HAND)), ENDS)
def test_with_a_look_at_statuspage_me_a_window_s_promise_is_kept_whatever_people_did(
    page: Page, history: list[Step], end: str
) -> None:
    program = lived(page, history, lambda: on_me(page))
    if end == "forced" and program.state is not None:
        return
    event(judge(page, program, end, look_on_me(page)))
