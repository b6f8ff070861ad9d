"""Generated histories of one resource: edits, runs that go well or ill, people, and time.

`HISTORIES=1000` runs as many of each.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from statuspage_provider import StatusPageError
from statuspage_provider.emulator.statuspage_me import objects as statuspage_me
from tests.support.page import Page
from tests.support.program import CheckFailed, Killed, Program

Act = Callable[[Page, Program], object]

TEXTS = ["We upgrade:\n* reads go on\n* writes wait\n", "It takes longer.", "Nearly there.", "Almost done."]

NAMES = ["Upgrade", "Database upgrade", "Upgrade of the database"]


@dataclass(frozen=True)
class Step:
    """One thing that happens: the program is edited, a run goes well or ill, a person does something, time passes."""

    kind: str
    does: str
    act: Act

    def __repr__(self) -> str:
        return f"{self.kind}: {self.does}"


def edit(**inputs: Any) -> Step:
    return Step("edit", repr(inputs), lambda page, program: program.edit(**inputs))


def run(does: str, act: Act) -> Step:
    return Step("run", does, act)


def killed(page: Page, program: Program) -> None:
    with contextlib.suppress(Killed):
        program.up(killed=True)


def fault(kind: str, method: str) -> Step:
    def act(page: Page, program: Program) -> None:
        page.emulator.fault(method=method, kind=kind, times=1)
        program.up()

    return run(f"{kind} of a {method}", act)


RUNS = st.sampled_from(
    [
        run("up", lambda page, program: program.up()),
        run("up, killed", killed),
        run("refresh", lambda page, program: program.refresh()),
        run("up --replace", lambda page, program: program.up(forced=True)),
        run("up --replace, deleted first", lambda page, program: program.up(forced=True, delete_first=True)),
        *(fault(kind, "POST") for kind in ("reset_after", "reset_before", "status:503", "late:0", "late:2", "late:50")),
        *(fault(kind, method) for kind in ("reset_after", "late:1") for method in ("PUT", "PATCH")),
    ]
)

TIME = st.sampled_from([1, 3, 26]).map(
    lambda hours: Step("time", f"{hours} h", lambda page, program: page.advance(hours=hours))
)

TITLES_AND_TEXTS = st.one_of(
    st.sampled_from(TEXTS).map(lambda text: edit(message=text)),
    st.sampled_from(NAMES).map(lambda name: edit(name=name)),
    st.sampled_from(["investigating", "identified", "monitoring", "resolved"]).map(
        lambda status: edit(incident_status=status)
    ),
)

HISTORIES = settings(
    max_examples=int(os.environ.get("HISTORIES", "40")),
    deadline=None,
    derandomize=True,
    report_multiple_bugs=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def resolved(page: Page, program: Program) -> None:
    """Put real ids in the place of the components' names."""
    if "affected_component_ids" in program.inputs:
        ids = [getattr(page, name, name) for name in program.inputs["affected_component_ids"]]
        program.edit(affected_component_ids=ids)
    if told := program.inputs.get("component_statuses"):
        named = [{**one, "component_id": getattr(page, one["component_id"], one["component_id"])} for one in told]
        program.edit(component_statuses=named)


def live(page: Page, program: Program, history: list[Step], switches: Mapping[str, Any]) -> int:
    """Run a history. A run may end in an error that is expected; no other may leave the provider.

    Answers how many public posts it can have asked for: one for each run whose declaration differs from that of the run
    before, or that a person's edit came before. Runs that were killed, lost answers or were repeated ask for none.
    """
    asked, before, edited = 0, None, False
    for step in history:
        if step.kind == "run":
            # Between two runs there is time: reads have come up to date, and what was late has been carried out.
            page.emulator.carry_out_late()
            page.emulator.differ(**switches)
            page.advance(seconds=5)
            declared = {key: value for key, value in program.inputs.items() if key != "name"}
            if step.does != "refresh" and (declared != before or edited):
                asked, before, edited = asked + 1, declared, False
        edited = edited or step.kind == "person"
        before_it = begun(page)
        with contextlib.suppress(StatusPageError, CheckFailed):
            step.act(page, program)
        # What has begun is the public's: nothing but a person takes it off the page.
        assert step.kind == "person" or before_it <= begun(page), step
        resolved(page, program)
        # A fault that met no request must not strike a person.
        if page.client.get("/_emulator/faults").json():
            page.client.delete("/_emulator/faults").raise_for_status()
    page.emulator.carry_out_late()
    page.emulator.differ(stale_reads=0, open_ended_periods=False)
    page.advance(seconds=5)
    return asked + 2


def begun(page: Page) -> set[str]:
    """The windows on the page that have begun, or are over: looked at beside the API, whose reads may lag."""
    assert page.emulator.notices is not None  # the service's automation has caught up
    world = page.emulator._world
    by_status = {one.id for one in world.incident_io.maintenances.values() if one.status != "maintenance_scheduled"}
    by_times = world.store.table(statuspage_me.Maintenance).values()
    return by_status | {one.id for one in by_times if one.start_at <= page.now}
