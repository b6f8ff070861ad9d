"""Covering in a program under Pulumi's mocks, as users test theirs: in a process of its own, with no engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MOCKED = """
import pulumi

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        given = {"phase": "in_progress", "automated": False, "notices": []} if "Maintenance" in args.typ else {}
        return args.name + "-id", {**args.inputs, **given}

    def call(self, args):
        return {}

pulumi.runtime.set_mocks(Mocks())

import statuspage_provider as statuspage

window = statuspage.StatusPageMaintenance(
    "window", status_page_id="page", name="Upgrade", message="We upgrade.", affected_component_ids=["database"],
    start_at="2026-03-01T14:00:00Z", end_at="2026-03-01T16:00:00Z",
)

class Thing(pulumi.CustomResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Thing", name, {}, opts)

class Shop(pulumi.ComponentResource):
    def __init__(self, name, opts=None, **given):
        super().__init__("test:index:Shop", name, None, opts, **given)

@pulumi.runtime.test
def deploy():
"""


# The SDK leaves event loops open, and it is chance whether Python's own end complains of one.
END = """
import os, sys
sys.stdout.flush()
os._exit(0)
"""


def deploy(folder: Path, *lines: str) -> str:
    """What the program says, on whichever stream."""
    program = MOCKED + "".join(f"    {line}\n" for line in lines) + "\ndeploy()\n" + END
    # Whoever asks the service is refused at once, and says so.
    env = {
        "INCIDENT_ENDPOINT": "http://127.0.0.1:9",
        "INCIDENT_API_KEY": "key",
        "STATUSPAGE_NOW": "2026-03-01T15:00:00Z",
    }
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=env, capture_output=True, text=True, timeout=60
    )
    return ran.stdout + ran.stderr


def test_under_mocks_that_give_a_phase_and_past_times_the_service_is_not_asked(tmp_path: Path) -> None:
    said = deploy(
        tmp_path,
        'thing = Thing("thing", window.covering())',
        "window.complete_after(thing)",
        "return thing.urn.apply(print)",
    )
    assert said == "urn:pulumi:stack::project::pulumi:pulumi:Stack$test:index:Thing::thing\n"


def test_what_stands_under_a_covered_resource_may_be_a_component(tmp_path: Path) -> None:
    said = deploy(
        tmp_path,
        'thing = Thing("thing", window.covering())',
        'shop = Shop("shop", pulumi.ResourceOptions(parent=thing))',
        'Thing("covered", window.covering(pulumi.ResourceOptions(parent=shop)))',
        'print("deployed")',
    )
    assert said == "deployed\n"


def test_a_text_that_a_window_on_statuspage_me_cannot_publish_is_refused(tmp_path: Path) -> None:
    there = 'there = statuspage.StatusPageMaintenance("there", service="statuspage.me", status_page_id="page", ' + (
        'name="Upgrade", message="We upgrade.", start_at="2026-03-01T14:00:00Z", duration="2h")'
    )
    refused = {
        'covering(in_progress_message="Now.")': "covering: in_progress_message",
        'covering(failure_message="Failed.")': "covering: failure_message",
        'cover_stack(failure_message="Failed.")': "cover_stack: failure_message",
        'complete_after(message="Done.")': "complete_after: message",
    }
    tried = [f"try: there.{call}\n    except statuspage.Refused as error: print(error)" for call in refused]
    # One program for all: each is a process. What is accepted says nothing.
    said = deploy(tmp_path, there, *tried, 'there.covering(on_failure="incident", failure_message="Failed.")')
    assert [line.partition(": “there”")[0] for line in said.splitlines()] == list(refused.values())
    wrong = "is on a service whose windows have no timeline to publish it in: remove it"
    assert said.count(wrong) == len(refused), said


def test_an_error_hook_that_may_try_again_does_not_go_with_a_failure_that_is_told(tmp_path: Path) -> None:
    said = deploy(
        tmp_path,
        'again = pulumi.ErrorHook("again", lambda args: True)',
        "opts = pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(on_error=[again]))",
        'for told in ({"on_failure": "incident"}, {"failure_message": "It failed."}, {}):',
        '    try: print(bool(Thing(f"thing{len(told)}", window.covering(opts, **told))))',
        "    except statuspage.Refused as error: print(error)",
    )
    first, second, accepted = said.splitlines()
    assert first == second
    assert first.startswith("covering: thing1 has an error hook of its own, which may try again")
    assert accepted == "True"
