"""The summary of a real engine's previews: held against its `up`, and against the in-process engine."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from statuspage_provider.maintenance import MaintenanceProvider
from statuspage_provider.summary.forecast import Summary, summarise
from statuspage_provider.summary.plan import Step, read_plan
from statuspage_provider.summary.report import report
from tests.support.job import Job
from tests.support.previews import preview, printed
from tests.support.program import Program
from tests.support.stack import Result, Running
from tests.support.waiting import wait_for

pytestmark = pytest.mark.engine

PROGRAM = """
import json
from pathlib import Path

import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult

import statuspage_provider as statuspage


class WorkProvider(ResourceProvider):
    def create(self, props):
        return CreateResult("work", {**props, "answer": "done"})

    def update(self, _id, _olds, _news):
        return UpdateResult({**_news, "answer": "done"})


class Work(Resource, name="Work"):
    answer: pulumi.Output[str]

    def __init__(self, name, version, opts=None):
        super().__init__(WorkProvider(), name, {"version": version, "answer": None}, opts)


declared = json.loads(Path("declared.json").read_text())
before = Work("before", 1)
for name, inputs in declared.get("StatusPageMaintenance", {}).items():
    if declared.get("unknown"):
        inputs["message"] = before.answer
    if declared.get("secret"):
        inputs["message"] = pulumi.Output.secret("hunter2")
    window = statuspage.StatusPageMaintenance(name, **inputs)
    if "covered" in declared:
        Work("covered", declared["covered"], window.covering(outside=declared["outside"]))
if "elsewhere" in declared:
    found = statuspage.StatusPageMaintenance.get("elsewhere", declared["elsewhere"])
    Work("other", declared["other"], found.covering(outside="warn"))
for name, inputs in declared.get("StatusPageIncident", {}).items():
    statuspage.StatusPageIncident(name, **inputs)
if declared.get("fails"):
    raise Exception("boom")
"""


class Reviewed:
    """A job whose previews are read, as a reviewer's are."""

    def __init__(self, job: Job) -> None:
        self.job = job
        job.stack.write(PROGRAM)
        job.window()

    def declare(self, **given: Any) -> None:
        self.job.declared |= given
        self.job.save()

    def text(self, *options: str) -> str:
        return self.job.stack.run("preview", "--json", *options, check=False).stdout

    def summary(self, *options: str) -> Summary:
        return summarise(read_plan(self.text(*options)), self.job.now)

    def kept(self, *options: str, up: tuple[str, ...] = ()) -> Summary:
        """The summary, once `up` has done just what it promised."""
        summary = self.summary(*options)
        job, mails = self.job, len(self.job.emulator.notices)
        job.at(job.now)
        job.emulator.clear_requests()
        # A create with a key that was used is answered as the first time, and makes nothing.
        used = {key.split(" ", 1)[1] for key in job.emulator._world.incident_io.replays}
        result = job.stack.up(*up, check=False)
        # A write that finds nothing is how a create tells what is gone from what is not shown yet.
        wrote = [entry for entry in job.emulator.requests if entry["method"] != "GET" and entry["status"] != 404]
        wrote = [entry for entry in wrote if (entry["body"] or {}).get("idempotency_key") not in used]
        acts = [act for forecast in summary.forecasts for act in forecast.acts]
        if not any(act.what == "change" for act in acts):
            # A write that changes nothing asks the page what an earlier run has said.
            wrote = [entry for entry in wrote if entry["method"] != "PUT"]
        said = [(entry["body"] or {}).get("message") for entry in wrote]
        verbs = {"announce": "POST", "post": "POST", "change": "PUT", "delete": "DELETE"}
        assert [entry["method"] for entry in wrote] == [verbs[act.what] for act in acts]
        assert said == [act.message for act in acts]
        sent = [notice for notice in job.emulator.notices[mails:] if not notice["automated"]]
        assert len(sent) == summary.mails
        refused = any(one.answer and one.answer.refused for forecast in summary.forecasts for one in forecast.covered)
        assert (result.code != 0) is (refused or any(forecast.refused for forecast in summary.forecasts))
        return summary


@pytest.fixture
def reviewed(job: Job) -> Reviewed:
    return Reviewed(job)


def test_a_window_s_life_is_promised_step_by_step_and_each_promise_is_kept(reviewed: Reviewed) -> None:
    job = reviewed.job
    job.window(notify_subscribers=["scheduled", "rescheduled", "update"])
    assert [forecast.what for forecast in reviewed.kept().forecasts] == ["announced"]
    assert reviewed.summary().is_quiet
    job.window(start_at="2026-03-02T14:00:00Z", message="Later.")
    assert [forecast.what for forecast in reviewed.kept().forecasts] == ["changed"]
    job.window(affected_component_ids=[job.emulator.components["API"]])
    (replaced,) = reviewed.kept().forecasts
    assert (replaced.what, replaced.delete_first) == ("replaced", True)
    job.window(triggers=["v2"], on_delete="complete")
    (replaced,) = reviewed.kept().forecasts
    assert (replaced.what, replaced.delete_first) == ("replaced", False)
    urn = job.stack.urn("window")
    assert reviewed.kept("--replace", urn, up=("--replace", urn)).posts == ()
    job.at(job.now.replace(day=2, hour=15))
    job.declared["StatusPageMaintenance"] = {}
    job.save()
    (removed,) = reviewed.kept().forecasts
    assert (removed.what, [act.status for act in removed.acts]) == ("removed", ["maintenance_complete"])


def test_an_incident_s_life_likewise(reviewed: Reviewed) -> None:
    job = reviewed.job
    reviewed.declare(StatusPageMaintenance={})
    job.incident(notify_subscribers=True)
    assert reviewed.kept().mails == 1
    job.incident(incident_status="identified", message="Found.")
    assert reviewed.kept().mails == 1
    reviewed.declare(StatusPageIncident={})
    assert [act.status for act in reviewed.kept().posts] == ["resolved"]


@pytest.mark.parametrize("outside", ["fail", "start"])
def test_a_covered_change_is_told_what_the_summary_says(reviewed: Reviewed, outside: str) -> None:
    reviewed.declare(covered=1, outside=outside)
    (forecast,) = reviewed.kept().forecasts
    (covered,) = forecast.covered
    assert (covered.step.name, covered.outside) == ("covered", outside)
    assert covered.answer is not None
    assert bool(covered.answer.refused) is (outside == "fail")


def test_a_covered_change_under_a_window_that_stays_needs_the_sames(reviewed: Reviewed) -> None:
    reviewed.declare(covered=1, outside="warn")
    reviewed.kept()
    reviewed.declare(covered=2)
    assert [one.window for one in reviewed.summary().loose] == ["window"]
    (forecast,) = reviewed.kept("--show-sames").forecasts
    assert forecast.what == "unchanged"
    assert [one.step.name for one in forecast.covered] == ["covered"]


def test_what_is_held_is_shown_with_the_change_that_the_window_will_see(reviewed: Reviewed) -> None:
    reviewed.declare(covered=1, outside="warn")
    reviewed.kept()
    reviewed.declare(covered=2, outside="hold")
    summary = reviewed.summary("--show-sames")
    (forecast,) = summary.forecasts
    (covered,) = forecast.covered
    assert (forecast.what, covered.step.name, covered.step.op, covered.is_held) == (
        "unchanged",
        "covered",
        "update",
        True,
    )
    opens = "“Upgrade” opens Sun 1 Mar 2026, 14:00 UTC, in 2 h"
    assert covered.answer is not None
    assert covered.answer.refused == opens
    assert f"{opens}: any change under it is held. Run" in reviewed.job.stack.up().output
    reviewed.job.advance(hours=2, minutes=1)
    (forecast,) = reviewed.summary("--show-sames").forecasts
    assert [(one.step.op, one.is_held) for one in forecast.covered] == [("update", False)]


def test_a_window_that_the_program_only_reads_is_told_from_one_that_is_not_in_the_plan(reviewed: Reviewed) -> None:
    reviewed.kept()
    id_ = reviewed.job.stack.resource("window")["id"]
    reviewed.declare(elsewhere=id_, other=1)
    reviewed.job.stack.up()
    reviewed.declare(other=2)
    shown = report(reviewed.text("--show-sames"), reviewed.job.now).text
    assert "Covered by a window that the program only reads" in shown
    assert "| other | update | elsewhere |" in shown
    assert "--show-sames" not in shown


def test_what_is_unknown_is_said_to_be_and_a_secret_is_not_shown(reviewed: Reviewed) -> None:
    reviewed.declare(unknown=True)
    (forecast,) = reviewed.summary().forecasts
    assert forecast.open == ("message",)
    reviewed.declare(unknown=False, secret=True)
    for options in ((), ("--show-secrets",)):
        text = reviewed.text(*options)
        (forecast,) = summarise(read_plan(text), reviewed.job.now).forecasts
        assert [act.message for act in forecast.acts] == ["[secret]"]


def test_a_preview_that_failed_is_read_as_far_as_it_came(reviewed: Reviewed) -> None:
    reviewed.declare(fails=True)
    summary = reviewed.summary()
    assert summary.plan.errors == ("Exception: boom",)
    assert [forecast.what for forecast in summary.forecasts] == ["announced"]
    reviewed.job.window(start_at="2026-02-01T14:00:00Z")
    reviewed.declare(fails=False)
    (line,) = reviewed.summary().plan.errors
    assert line.startswith("window: start_at: the window is already over")


NAMED = """
import json
from pathlib import Path

import statuspage_provider as statuspage

declared = json.loads(Path("declared.json").read_text())
page = statuspage.get_status_page(name="Acme Status")
for name, inputs in declared["StatusPageMaintenance"].items():
    inputs["affected_component_ids"] = [page.component(each).id for each in declared["named"]]
    statuspage.StatusPageMaintenance(name, **inputs)
if declared.get("trouble"):
    trouble = {page.component("API").id: "degraded_performance"}
    statuspage.StatusPageIncident(
        "trouble", status_page_id=page.id, name="Slow", message="We look.", component_statuses=trouble
    )
"""


def test_what_the_program_looked_up_is_named_in_a_preview_and_no_state_has_it(reviewed: Reviewed) -> None:
    job = reviewed.job
    job.stack.write(NAMED)
    reviewed.declare(named=["Dashboard", "EU / Database"], trouble=True)
    assert "| components | Dashboard, EU / Database |" in report(reviewed.text(), job.now).text
    job.stack.up()
    assert "EU / Database" not in str(job.stack.state())
    reviewed.declare(named=["API"])
    shown = report(reviewed.text(), job.now).text
    assert "| affected\\_component\\_ids | Dashboard, EU / Database | API |" in shown
    # An incident tells the names too, also those of a window that has left.
    reviewed.declare(StatusPageMaintenance={})
    shown = report(reviewed.text("--show-sames"), job.now).text
    assert "| components | Dashboard, EU / Database |" in shown


ENDS = {
    "the program ends the process": "import os\nos._exit(9)",
    "a configuration value is missing": "import pulumi\npulumi.Config().require('x')",
    "a provider is not there": """
import pulumi
class Thing(pulumi.CustomResource):
    def __init__(self):
        super().__init__("nowhere:index:Thing", "thing", {})
Thing()
""",
}
PACK = """
from statuspage_provider.summary.policy import policy_pack

policy_pack({"longest_window": "1h"})
"""


@pytest.mark.parametrize("end", ENDS)
def test_a_preview_that_failed_is_never_one_that_announces_nothing(reviewed: Reviewed, end: str) -> None:
    reviewed.job.stack.write(ENDS[end])
    assert reviewed.summary().plan.failed


def test_a_preview_that_was_killed_or_interrupted_failed(reviewed: Reviewed) -> None:
    reviewed.job.stack.write("import time\nprint('here', flush=True)\ntime.sleep(60)")
    for end in (Running.kill, _interrupted):
        with reviewed.job.stack.start("preview", "--json", events=False) as running:
            wait_for(running.programs)
            result = end(running)
        assert read_plan(result.stdout).failed, result


def _interrupted(running: Running) -> Result:
    running.interrupt()
    return running.wait(check=False)


def test_a_preview_that_policies_refused_or_whose_policies_do_not_start_failed(
    reviewed: Reviewed, tmp_path: Path
) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    virtualenv = f"runtime:\n  name: python\n  options:\n    virtualenv: {sys.prefix}\n"
    (pack / "PulumiPolicy.yaml").write_text(f"description: Windows\n{virtualenv}")
    (pack / "__main__.py").write_text(PACK)
    summary = reviewed.summary("--policy-pack", str(pack))
    (line,) = summary.plan.errors
    assert "as where a policy refuses" in line
    assert [forecast.what for forecast in summary.forecasts] == ["announced"]
    (pack / "__main__.py").write_text("raise Exception")
    (line,) = reviewed.summary("--policy-pack", str(pack)).plan.errors
    assert line.startswith("it ended without a result")


def test_the_in_process_engine_writes_what_the_real_one_prints(
    reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = reviewed.job
    monkeypatch.setenv("STATUSPAGE_NOW", str(job.stack.env["STATUSPAGE_NOW"]))

    def step_of(text: str) -> Step:
        (step,) = (step for step in read_plan(text).steps if step.name == "window")
        return step

    # One state for both: what the real engine has recorded.
    program = Program(MaintenanceProvider, job.url)

    def both(*, leaving: bool = False) -> tuple[Step, Step]:
        real = step_of(reviewed.text())
        if not leaving:
            declared = job.declared["StatusPageMaintenance"]["window"]
            program.inputs = {**declared, "idempotency_key": real.inputs["idempotency_key"]}
        return real, step_of(printed(preview("window", program, leaving=leaving)))

    one, other = both()
    assert (one.op, one.type, one.inputs) == (other.op, other.type, other.inputs)
    job.stack.up()
    state = job.stack.resource("window")
    own = {key: value for key, value in state["inputs"].items() if key != "__provider"}
    outs = {key: value for key, value in state["outputs"].items() if key != "__provider"}
    program.state = (state["id"], own, outs)
    for change in (
        {"message": "Other."},
        {"affected_component_ids": [job.emulator.components["API"]]},
        {"triggers": ["v2"]},
    ):
        job.window(**change)
        one, other = both()
        assert asdict(one) == asdict(other)
    job.declared["StatusPageMaintenance"] = {}
    job.save()
    one, other = both(leaving=True)
    assert asdict(one) == asdict(other)
