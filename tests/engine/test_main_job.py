"""The main job on a real engine: announced once, quiet on every re-run, right in every phase."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.covered import WORK
from tests.support.job import NOON, PROGRAM, Job
from tests.support.stack import Stack
from tests.support.waiting import wait_for

pytestmark = pytest.mark.engine

MAINTENANCES, UPDATES = "status_page_maintenances", "status_page_maintenance_updates"


def test_up_again_refresh_edit_and_destroy_send_just_what_they_should(job: Job) -> None:
    job.window(notify_subscribers=True)
    job.incident()
    preview = job.stack.preview()
    assert preview.changes == {"create": 2}
    assert job.asked() == []

    assert job.stack.up().changes == {"create": 2}
    assert sorted(job.asked()) == [
        "GET status_page_incidents",
        f"GET {MAINTENANCES}",
        "POST status_page_incidents",
        f"POST {MAINTENANCES}",
    ]

    assert job.stack.up().changes == {"same": 2}
    assert job.asked() == []

    assert job.stack.refresh().changes == {"same": 2}
    assert sorted(job.asked()) == ["GET status_page_incidents", f"GET {MAINTENANCES}"]
    assert job.stack.preview().changes == {"same": 2}

    job.window(name="Renamed")
    assert job.stack.up().changes == {"update": 1, "same": 1}
    assert job.asked() == [f"GET {MAINTENANCES}", f"PUT {MAINTENANCES}"]
    job.window(message="Other text.")
    job.stack.up()
    assert job.wrote() == [f"POST {UPDATES}"]

    job.stack.destroy()
    assert sorted(job.wrote()) == [f"DELETE {MAINTENANCES}", "POST status_page_incident_updates"]
    assert job.windows() == []


def test_a_preview_shows_each_changed_property(job: Job) -> None:
    job.window()
    job.begin()
    job.window(name="Renamed", start_at="2026-03-02T14:00:00Z")
    (step,) = [step for step in job.stack.preview_json()["steps"] if step["op"] == "update"]
    assert set(step["detailedDiff"]) == {"name", "start_at"}
    assert set(step["diffReasons"]) == {"name", "start_at"}
    job.window(triggers=["v2"])
    (step, *_) = [step for step in job.stack.preview_json()["steps"] if step["op"] == "replace"]
    assert "triggers" in step["replaceReasons"]
    assert job.wrote() == [f"POST {MAINTENANCES}"]


def test_through_all_phases_and_a_year_later_nothing_is_posted(job: Job) -> None:
    job.window()
    job.begin()
    assert job.wrote() == [f"POST {MAINTENANCES}"]
    for after, phase in (
        (timedelta(hours=3), "in_progress"),
        (timedelta(hours=2), "complete"),
        (timedelta(days=365), "complete"),
    ):
        job.at(job.now + after)
        assert job.stack.up().changes == {"same": 1}
        job.stack.refresh()
        assert job.stack.resource("window")["outputs"]["phase"] == phase
    assert job.stack.up().changes == {"same": 1}
    assert job.wrote() == []
    assert job.mails() == []
    job.stack.destroy()
    assert job.wrote() == []
    assert [window["maintenance_status"] for window in job.windows()] == ["maintenance_complete"]


def test_destroying_a_live_window_completes_it(job: Job) -> None:
    job.window(delete_message="Done early.")
    job.stack.up()
    job.advance(hours=3)
    job.asked()
    job.stack.destroy()
    assert job.wrote() == [f"POST {UPDATES}"]
    assert job.windows()[0]["maintenance_status"] == "maintenance_complete"


@pytest.mark.parametrize(("phase", "hours"), [("scheduled", 0), ("in_progress", 3), ("complete", 5)])
def test_destroy_succeeds_in_each_phase_with_each_on_delete_and_for_windows_that_are_gone(
    job: Job, phase: str, hours: int
) -> None:
    job.window()
    plain = job.declared["StatusPageMaintenance"].pop("window")
    for on_delete in ("auto", "complete", "delete", "retain"):
        for state in ("there", "gone"):
            name = f"{on_delete}-{state}"
            job.declared["StatusPageMaintenance"][name] = {**plain, "name": name, "on_delete": on_delete}
    job.save()
    job.begin()
    headers = {"Authorization": "Bearer emulator-write"}
    for window in job.windows():
        if window["name"].endswith("gone"):
            httpx.delete(f"{job.url}/v2/{MAINTENANCES}/{window['id']}", headers=headers).raise_for_status()
    job.advance(hours=hours)
    assert job.stack.destroy().changes == {"delete": 8}
    left = {window["name"]: window["maintenance_status"] for window in job.windows()}
    expected = {"complete-there": "maintenance_complete", "retain-there": f"maintenance_{phase}"}
    if phase != "scheduled":
        expected["auto-there"] = "maintenance_complete"
    assert left == expected


def test_removing_the_resource_from_the_program_does_the_same_as_destroy(job: Job) -> None:
    job.window()
    job.incident()
    job.begin()
    job.asked()
    del job.declared["StatusPageMaintenance"]
    job.incident()
    assert job.stack.up().changes == {"delete": 1, "same": 1}
    assert job.wrote() == [f"DELETE {MAINTENANCES}"]


def test_replace_on_demand_and_taint_keep_the_window_and_mail_nobody_again(job: Job) -> None:
    job.window(notify_subscribers=True)
    job.stack.up()
    (first,) = job.windows()
    job.stack.up("--replace", job.stack.urn("window"))
    assert [window["id"] for window in job.windows()] == [first["id"]]
    job.stack.run("state", "taint", job.stack.urn("window"), "--yes")
    job.stack.up()
    assert [window["id"] for window in job.windows()] == [first["id"]]
    assert job.stack.up().changes == {"same": 1}
    assert job.mails() == ["maintenance_scheduled"]


FAILING = """
import json
from pathlib import Path

import pulumi

import statuspage_provider as statuspage
from work import Work

declared = json.loads(Path("declared.json").read_text())
announced = [
    getattr(statuspage, kind)(name, **inputs)
    for kind in ("StatusPageMaintenance", "StatusPageIncident")
    for name, inputs in declared.get(kind, {}).items()
]
Work("work", declared["version"], 0, declared["version"] > 1, pulumi.ResourceOptions(depends_on=announced))
"""


def test_what_a_failed_run_left_in_state_twice_is_ended_once(job: Job) -> None:
    stack = job.stack
    stack.write(FAILING)
    (stack.folder / "work.py").write_text(WORK)
    job.window(notify_subscribers=True)
    job.declared["version"] = 1  # type: ignore[assignment]
    job.incident(notify_subscribers=True)
    stack.up()
    job.advance(hours=2, minutes=10)
    job.declared["version"] = 2  # type: ignore[assignment]
    job.save()
    stack.up("--replace", stack.urn("window"), "--replace", stack.urn("incident"), check=False)
    held = [one["urn"].split("::")[-1] for one in stack.state()["resources"]]
    assert (held.count("window"), held.count("incident")) == (2, 2)
    stack.destroy()
    assert sorted(job.mails()) == [
        "investigating",
        "maintenance_complete",
        "maintenance_in_progress",
        "maintenance_scheduled",
        "resolved",
    ]


def test_a_replacement_announces_the_new_window_before_it_removes_the_old_one(job: Job) -> None:
    job.window(triggers=["v1"])
    job.stack.up()
    job.asked()
    job.window(triggers=["v2"])
    assert job.stack.up().changes == {"replace": 1}
    assert job.wrote() == [f"POST {MAINTENANCES}", f"DELETE {MAINTENANCES}"]
    job.window(affected_component_ids=[job.emulator.components["API"]])
    job.stack.up()
    assert job.wrote() == [f"DELETE {MAINTENANCES}", f"POST {MAINTENANCES}"]
    assert len(job.windows()) == 1


def test_a_human_edit_is_shown_after_a_refresh(job: Job) -> None:
    job.window()
    job.begin()
    (window,) = job.windows()
    body = {"name": "Human", "start_at": "2026-03-01T14:00:00Z", "end_at": "2026-03-01T16:00:00Z"}
    headers = {"Authorization": "Bearer emulator-write"}
    httpx.put(f"{job.url}/v2/{MAINTENANCES}/{window['id']}", json=body, headers=headers).raise_for_status()
    assert job.stack.preview().changes == {"same": 1}
    job.stack.refresh()
    shown = job.stack.preview("--diff")
    assert shown.changes == {"update": 1}
    assert '"Human" => "Upgrade"' in shown.output


@pytest.mark.parametrize(
    ("method", "edit"),
    [
        ("POST", None),
        ("POST", {"message": "Other text."}),
        ("PUT", {"start_at": "2026-03-02T14:00:00Z"}),
        ("POST", {"start_at": "2026-03-02T14:00:00Z"}),
    ],
    ids=[
        "create, in its POST",
        "message, in its POST",
        "move, in its PUT",
        "move, in its POST",
    ],
)
def test_a_run_killed_at_any_step_leaves_one_window_and_each_notice_once(
    job: Job, method: str, edit: dict[str, Any] | None
) -> None:
    job.window(notify_subscribers=True)
    if edit is not None:
        job.stack.up()
        job.window(**edit)
    job.emulator.clear_requests()
    job.emulator.fault(kind="slow:2", times=1, method=method)
    with job.stack.start_up() as run:
        wait_for(job.is_held_up)
        run.kill()
    # The service carries out what it has begun. Nobody runs again before that: it may take a time-out, not more.
    wait_for(lambda: any(item.get("fault") == "slow:2" for item in job.emulator.requests))
    job.stack.unlock()
    job.stack.up()
    assert job.stack.up().changes == {"same": 1}
    (window,) = job.windows()
    assert len(window["updates"]) == (1 if edit is None else 2)
    assert job.mails() == ["maintenance_scheduled"] * (1 if edit is None else 2)


@pytest.mark.parametrize(
    ("inputs", "faults"),
    [
        (
            {
                "name": "x" * 201,
                "message": "x" * 4097,
                "start_at": "2026-03-01 14:00",
                "affected_component_ids": [""],
                "maintenance_status": "maintenance_paused",
            },
            [
                r"property name .* is 201 characters long",
                r"property message .* is 4097 characters long",
                r"property start_at .* has no UTC offset",
                r"property affected_component_ids .* must be a list of component ids",
                r"property maintenance_status .* is not one of",
            ],
        ),
        ({"start_at": "2026-02-01T14:00:00Z"}, [r"property start_at .* is already over"]),
    ],
    ids=["several at once", "already over"],
)
def test_bad_inputs_are_told_at_preview_in_one_line_each(job: Job, inputs: dict[str, Any], faults: list[str]) -> None:
    job.window(**inputs)
    result = job.stack.preview(check=False)
    assert result.code != 0
    assert result.tracebacks == []
    assert len(result.errors) == len(faults)
    for line, words in zip(result.errors, faults, strict=True):
        assert re.search(words, line), line
        assert line.strip().count("\n") == 0
    assert job.asked() == []


def test_a_copy_that_kept_the_key_is_refused_at_preview_and_takes_over_nothing(job: Job) -> None:
    job.window(idempotency_key="release-42")
    job.begin()
    windows = job.declared["StatusPageMaintenance"]
    windows["copy"] = {**windows["window"], "name": "Another", "start_at": "2026-03-02T14:00:00Z"}
    job.save()
    for result in (job.stack.preview(check=False), job.stack.up(check=False), job.stack.up(check=False)):
        assert result.code != 0
        assert "idempotency_key: “copy” has that of “window”, so both would be one on the page" in result.errors[0]
        assert result.tracebacks == []
    assert job.wrote() == [f"POST {MAINTENANCES}"]
    # One that was only renamed is the same window.
    windows["copy"] = windows.pop("window")
    job.save()
    job.stack.up()
    assert job.stack.up().changes == {"same": 1}
    assert [window["name"] for window in job.windows()] == ["Upgrade"]


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"INCIDENT_API_KEY": "wrong-key-4711"}, "KeyRefused: incident.io answered 401"),
        ({"INCIDENT_API_KEY": "emulator-read"}, "KeyRefused: incident.io answered 403"),
        ({"INCIDENT_API_KEY": None}, "SettingsError: no API key"),
        ({"INCIDENT_ENDPOINT": "http://status.example.com"}, "plain http, which would send the key"),
    ],
)
def test_a_setting_that_is_wrong_is_told_in_one_line(job: Job, environment: dict[str, Any], words: str) -> None:
    job.window()
    job.stack.env |= environment
    result = job.stack.up(check=False)
    assert result.code != 0
    (line,) = [line for line in result.errors if words in line]
    assert line.strip().count("\n") == 0
    assert result.tracebacks == []
    assert "4711" not in result.output
    assert job.windows() == []


def test_the_key_is_in_no_output_and_in_no_file_of_the_stack(job: Job, tmp_path: Path) -> None:
    secret = "emulator-write"
    job.stack.env["INCIDENT_API_KEY"] = None
    job.window(notify_subscribers=True)
    job.stack.config_set("incident:apiKey", secret, secret=True)
    said = [job.stack.up().output, job.stack.refresh().output]
    job.window(message="Other text.")
    said += [job.stack.preview("--diff").output, job.stack.up("--diff").output, str(job.stack.preview_json())]
    assert all(secret not in text for text in said)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if secret.encode() in path.read_bytes()] == []


def test_an_explicit_provider_has_its_own_account(job: Job) -> None:
    program = PROGRAM.replace(
        "getattr(statuspage, kind)(name, **inputs)",
        "getattr(statuspage, kind)(name, **inputs, opts=pulumi.ResourceOptions(provider=account))",
    ).replace(
        "declared = json",
        f'account = statuspage.Provider("acme", api_key="emulator-write", endpoint="{job.url}")\ndeclared = json',
    )
    job.stack.write(program)
    job.stack.env |= {"INCIDENT_API_KEY": "wrong", "INCIDENT_ENDPOINT": "http://127.0.0.1:9"}
    job.window()
    job.stack.up()
    assert job.stack.up().changes.get("create", 0) == 0
    job.stack.destroy()
    assert job.windows() == []
    assert "emulator-write" not in str(job.stack.state())


def test_get_reads_a_window_and_never_changes_it(job: Job, tmp_path: Path) -> None:
    job.window()
    job.begin()
    (window,) = job.windows()
    other = Stack(
        tmp_path / "other",
        program=f"""
import pulumi
import statuspage_provider as statuspage
found = statuspage.StatusPageMaintenance.get("found", "{window["id"]}")
pulumi.export("name", found.name)
pulumi.export("phase", found.phase)
""",
        env=dict(job.stack.env),
    )
    other.init()
    other.up()
    assert other.outputs() == {"name": "Upgrade", "phase": "scheduled"}
    other.destroy()
    assert len(job.windows()) == 1


def test_inputs_that_are_known_only_at_up_are_shown_unknown_and_work(job: Job) -> None:
    job.stack.write(
        PROGRAM
        + f"""
first = statuspage.StatusPageMaintenance(
    "first", status_page_id="{job.emulator.page_id}", name="First", message="First.",
    start_at="2026-03-01T14:00:00Z", duration="1h", affected_component_ids=["{job.emulator.components["API"]}"])
statuspage.StatusPageMaintenance(
    "second", status_page_id=first.status_page_id, name=pulumi.Output.format("After {{0}}", first.phase),
    message=pulumi.Output.format("{{0}}", first.phase), start_at=first.end_at, duration="1h",
    affected_component_ids=first.affected_component_ids)
"""
    )
    job.declared = {}
    job.save()
    assert job.stack.preview().changes == {"create": 2}
    job.stack.up()
    assert sorted(window["name"] for window in job.windows()) == ["After scheduled", "First"]
    assert job.stack.up().changes == {"same": 2}
    assert job.now == NOON


def test_what_leaves_the_program_is_ended_by_a_run_that_refreshes_first(job: Job) -> None:
    job.window()
    job.incident()
    job.begin()
    job.advance(hours=3)
    job.declared.clear()
    job.save()
    result = job.stack.up("--refresh")
    assert result.changes["delete"] == 2
    assert "stays" not in result.output
    assert [window["maintenance_status"] for window in job.windows()] == ["maintenance_complete"]
    job.incident(name="Slow again")
    job.stack.up()
    job.stack.destroy("--refresh")
    answer = httpx.get(
        f"{job.url}/v2/status_page_incidents",
        params={"status_page_id": job.emulator.page_id},
        headers={"Authorization": "Bearer emulator-read"},
        verify=False,  # plain HTTP: to load the certificates would take longer than the answer
    )
    assert [one["incident_status"] for one in answer.json()["status_page_incidents"]] == ["resolved", "resolved"]


IN_A_COMPONENT = '''
import json
from pathlib import Path

import pulumi

import statuspage_provider as statuspage


class Maintained(pulumi.ComponentResource):
    """What is told of one service, and what is within."""

    def __init__(self, name, declared, opts=None):
        super().__init__("test:index:Maintained", name, None, opts)
        within = pulumi.ResourceOptions(parent=self)
        for kind, resources in declared.items():
            for resource, inputs in resources.items():
                getattr(statuspage, kind)(f"{name}-{resource}", **inputs, opts=within)


declared = json.loads(Path("declared.json").read_text())
outer = Maintained("outer", declared)
Maintained("inner", declared, pulumi.ResourceOptions(parent=outer))
'''


def test_what_is_declared_within_components_is_announced_once_as_anything_else(job: Job) -> None:
    job.stack.write(IN_A_COMPONENT)
    job.window(notify_subscribers=True)
    job.incident()
    job.declared["StatusPageRetrospectiveIncident"] = {"past": past(job)}
    job.save()
    assert job.stack.preview().changes == {"create": 8}
    assert job.stack.up().changes == {"create": 8}
    assert len(job.windows()) == 2
    assert len(job.mails()) == 2
    job.asked()
    assert job.stack.up().changes == {"same": 8}
    assert job.asked() == []
    job.stack.refresh()
    job.window(name="Renamed")
    assert job.stack.up().changes == {"same": 6, "update": 2}
    assert job.wrote() == [f"PUT {MAINTENANCES}"] * 2
    job.stack.destroy()
    assert job.windows() == []
    assert len(job.mails()) == 2


def past(job: Job) -> dict[str, Any]:
    told = {
        "investigating": "2025-11-03T09:00:00Z",
        "resolved": "2025-11-03T10:00:00Z",
    }
    return {
        "status_page_id": job.emulator.page_id,
        "name": "Old outage",
        "updates": [
            {"incident_status": status, "message": "We looked.", "published_at": at} for status, at in told.items()
        ],
    }


@pytest.mark.parametrize("how", ["--replace", "taint", "replacement_trigger"])
def test_what_is_deleted_before_it_is_replaced_on_demand_stays_and_mails_nobody(job: Job, how: str) -> None:
    opts = "pulumi.ResourceOptions(delete_before_replace=True, replacement_trigger=Path('trigger').read_text())"
    program = PROGRAM.replace("(name, **inputs)", f"(name, **inputs, opts={opts})")
    assert program != PROGRAM
    job.stack.write(program)
    (job.stack.folder / "trigger").write_text("1")
    job.window(notify_subscribers=True)
    job.incident(notify_subscribers=True)
    # Of one name, and so of one key.
    job.declared["StatusPageIncident"] = {"window": job.declared["StatusPageIncident"]["incident"]}
    job.save()
    job.stack.up()
    job.advance(hours=3)
    windows, mails = job.windows(), job.mails()
    urns = [resource["urn"] for resource in job.stack.state()["resources"] if resource["urn"].endswith("::window")]
    assert len(urns) == 2
    if how == "taint":
        for urn in urns:
            job.stack.run("state", "taint", urn)
    if how == "replacement_trigger":
        (job.stack.folder / "trigger").write_text("2")
    named = [word for urn in urns for word in ("--replace", urn)] if how == "--replace" else []
    result = job.stack.up(*named)
    assert result.changes == {"replace": 2}
    assert "“Upgrade” stays: the program still declares this window" in result.output
    assert "“Slow” stays: the program still declares this incident" in result.output
    assert job.windows() == windows
    assert job.mails() == mails
    assert job.stack.up().changes == {"same": 2}
    job.asked()
    job.stack.destroy()
    assert sorted(job.wrote()) == ["POST status_page_incident_updates", f"POST {UPDATES}"]


def test_a_destroy_that_runs_the_program_ends_what_is_declared(job: Job) -> None:
    job.window()
    job.incident()
    job.begin()
    job.stack.destroy("--run-program")
    assert job.windows() == []
    assert [resource for resource in job.stack.state().get("resources", []) if "statuspage" in resource["type"]] == []
