"""An incident on statuspage.me through its whole life, on the real engine: all six calls of that API."""

from __future__ import annotations

import json

import pytest

from tests.support.job import Job

pytestmark = pytest.mark.engine

INCIDENTS = "/user/api/v1/incidents"


def calls(job: Job) -> list[str]:
    log = job.emulator.requests
    job.emulator.clear_requests()
    ids = {part for item in log for part in item["path"].split("/") if part.startswith("inc-")}
    return [f"{item['method']} {_without(item['path'], ids)}" for item in log if item["path"].startswith("/user")]


def _without(path: str, ids: set[str]) -> str:
    return "/".join(":id" if part in ids else part for part in path.removeprefix(INCIDENTS).split("/")) or "/"


@pytest.fixture
def me(job: Job) -> Job:
    job.emulator.clear_requests()
    return job


def declare(me: Job, **inputs: object) -> None:
    me.incident(service="statuspage.me", status_page_id=me.emulator.statuspage_me_page_id, **inputs)


def test_an_incident_lives_through_all_six_calls(me: Job) -> None:
    declare(me, notify_subscribers=True, on_delete="delete")
    me.stack.preview()
    assert calls(me) == []
    assert me.stack.up().changes == {"create": 1}
    assert calls(me) == ["GET /", "POST /", "GET /:id"]
    assert me.stack.up().changes == {"same": 1}
    assert calls(me) == []

    declare(me, name="Slow reports")
    assert me.stack.up().changes == {"update": 1}
    assert calls(me) == ["PATCH /:id"]
    declare(me, message="Found it.", incident_status="identified")
    told = me.stack.up()
    assert calls(me) == ["GET /:id", "POST /:id/updates"]
    assert "statuspage.me sends email at creation only" in told.output

    assert me.stack.refresh().changes == {"same": 1}
    assert calls(me) == ["GET /:id"]
    assert me.stack.up().changes == {"same": 1}
    assert me.stack.destroy().changes == {"delete": 1}
    assert calls(me) == ["GET /:id", "DELETE /:id"]
    assert me.mails() == ["investigating"]


def test_its_own_ids_of_states_come_from_stack_config(me: Job) -> None:
    me.stack.run("config", "set", "--path", "statuspageme:incidentStates.resolved", "7")
    declare(me, incident_status="resolved")
    failed = me.stack.up(check=False)
    assert failed.code != 0
    assert any("there is no state 7" in line for line in failed.errors)
    assert all("Traceback" not in line for line in failed.errors)


def test_what_it_cannot_do_is_one_line_of_the_preview(me: Job) -> None:
    declare(me, component_statuses={"a": "full_outage"})
    shown = me.stack.preview(check=False)
    assert shown.code != 0
    (line,) = [line for line in shown.errors if "component_statuses" in line]
    assert "statuspage.me has no component statuses: remove this input" in line
    me.declared["StatusPageIncident"] = {}
    me.window()
    program = (me.stack.folder / "__main__.py").read_text()
    provider = 'own = statuspage.Provider("own", service="statuspage.me", api_key="spk_emulator-write")\n'
    me.stack.write(
        program.replace("declared = json", f"{provider}declared = json").replace(
            "(name, **inputs)", "(name, **inputs, opts=pulumi.ResourceOptions(provider=own))"
        )
    )
    shown = me.stack.preview(check=False)
    assert any("statuspage.me has no maintenance windows" in line for line in shown.errors), shown.output
    assert "spk_emulator-write" not in json.dumps(shown.events) + shown.output
    assert calls(me) == []
