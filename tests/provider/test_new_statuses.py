"""A status that this version does not know. The vendor adds to its lists, and calls that compatible.

What only looks goes on: list, refresh, get, destroy with "retain" or "delete". What would be posted depends on the
status, so it is refused.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timezone
from typing import Any

import httpx
import pytest

from statuspage_provider import lookups
from statuspage_provider.__main__ import main
from statuspage_provider.commands import listing
from statuspage_provider.covering import admission
from statuspage_provider.emulator import Emulator
from statuspage_provider.errors import Refused
from statuspage_provider.services import capabilities
from statuspage_provider.services.incident_io.client import IncidentIo
from statuspage_provider.services.settings import Settings
from tests.support.exported import exported
from tests.support.page import URL, Page
from tests.support.program import Program

NEW = b"maintenance_snoozed", b"reviewing"


class Newer(httpx.BaseTransport):
    """The emulator, of a later day: one status of windows and one of incidents are new ones."""

    def __init__(self, emulator: Emulator) -> None:
        self.service = httpx.WSGITransport(app=emulator.app)
        self.words: dict[bytes, bytes] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.service.handle_request(request)
        content = answer.read()
        for old, new in self.words.items():
            content = content.replace(b'"%s"' % old, b'"%s"' % new)
        return httpx.Response(answer.status_code, headers={"content-type": "application/json"}, content=content)


@pytest.fixture
def grows(page: Page, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets every status that the page has become one that is new."""
    newer = Newer(page.emulator)

    def client(settings: Settings) -> IncidentIo:
        return IncidentIo(settings, transport=newer)

    row = capabilities.CAPABILITIES["incident.io"]
    monkeypatch.setitem(capabilities.CAPABILITIES, "incident.io", replace(row, client=client))
    capabilities.forget_clients()
    for cached in (lookups._pages, lookups._components):
        cached.cache_clear()

    def grow() -> None:
        words = ("maintenance_scheduled", "maintenance_in_progress", "maintenance_complete")
        newer.words = dict.fromkeys([word.encode() for word in words], NEW[0])
        newer.words |= dict.fromkeys([b"investigating", b"identified", b"monitoring", b"resolved"], NEW[1])

    return grow


KINDS = ["maintenance", "incident", "retrospective"]
KNOWN = {"maintenance": "scheduled", "incident": "investigating", "retrospective": "resolved"}


def made(page: Page, kind: str, **inputs: Any) -> Program:
    program: Program = getattr(page, kind)(**inputs)
    program.up()
    page.asked()
    return program


@pytest.mark.parametrize("kind", KINDS)
def test_a_refresh_keeps_the_recorded_phase_and_the_stack_stays_readable(
    page: Page, grows: Callable[..., None], kind: str
) -> None:
    program = made(page, kind)
    grows()
    for _ in range(2):
        program.refresh()
    assert program.outs["phase"] == KNOWN[kind]
    assert program.preview() == "same"
    assert page.wrote() == []


@pytest.mark.parametrize("kind", ["maintenance", "incident"])
def test_get_goes_on(page: Page, grows: Callable[..., None], kind: str) -> None:
    program = made(page, kind)
    grows()
    read = program._provider().read(program.id, {})
    assert read.outs["phase"] == KNOWN[kind]
    assert program._provider().read(program.id, dict(read.outs)).outs["phase"] == KNOWN[kind]


def test_a_list_shows_the_word_that_it_is(page: Page, grows: Callable[..., None]) -> None:
    made(page, "maintenance")
    made(page, "incident")
    grows()
    settings = Settings(capabilities.CAPABILITIES["incident.io"].names, URL, "emulator-read")
    lines = "\n".join(listing.lines(listing.listing(settings, None), timezone.utc))
    assert "  snoozed        Sun 1 Mar 2026" in lines
    assert "  reviewing      since Sun 1 Mar 2026" in lines


def test_a_covered_change_goes_by_the_declared_times(page: Page, grows: Callable[..., None]) -> None:
    program = made(page, "maintenance")
    grows()
    remote = program._provider()._operations._connect("maintenances", "incident.io").show(program.id)
    recorded = admission.MaintenanceState.from_props(program.outs)
    assert admission.window_status(recorded, remote) == admission.window_status(recorded, None)


@pytest.mark.parametrize(
    ("kind", "on_delete"), [("maintenance", "delete"), ("maintenance", "retain"), ("incident", "retain")]
)
def test_what_is_destroyed_without_a_look_at_its_status_is_destroyed(
    page: Page, grows: Callable[..., None], kind: str, on_delete: str
) -> None:
    program = made(page, kind, on_delete=on_delete)
    grows()
    program.destroy()
    assert page.wrote() == (["DELETE status_page_maintenances"] if on_delete == "delete" else [])


@pytest.mark.parametrize("kind", ["maintenance", "incident"])
def test_what_would_be_posted_at_the_end_is_refused(page: Page, grows: Callable[..., None], kind: str) -> None:
    program = made(page, kind)
    grows()
    with pytest.raises(Refused, match=r"which this version does not know\. Nothing more was posted\. Install a newer"):
        program.destroy()
    assert page.wrote() == []


@pytest.mark.parametrize("kind", ["maintenance", "incident"])
def test_what_would_be_posted_for_an_edit_is_refused(page: Page, grows: Callable[..., None], kind: str) -> None:
    program = made(page, kind)
    grows()
    with pytest.raises(Refused, match="which this version does not know"):
        program.edit(message="Now something else.").up()
    assert page.wrote() == []


@pytest.mark.parametrize("kind", ["maintenance", "incident"])
def test_an_object_of_a_new_status_is_not_taken_over(page: Page, grows: Callable[..., None], kind: str) -> None:
    program = made(page, kind)
    grows()
    another = getattr(page, kind)(adopt_id=program.id, idempotency_key="another")
    with pytest.raises(Refused, match="which this version does not know"):
        another.up()
    assert page.wrote() == []


@pytest.mark.parametrize(("command", "code"), [("due", 2), ("complete", 1)])
def test_a_command_that_would_go_by_it_says_that_it_cannot(
    page: Page,
    grows: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    code: int,
) -> None:
    window = made(page, "maintenance")
    page.advance(hours=2)
    grows()
    monkeypatch.setenv("INCIDENT_ENDPOINT", URL)
    monkeypatch.setenv("INCIDENT_API_KEY", "emulator-write")
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(exported(window))))
    assert main([command, "-" if command == "due" else window.id]) == code
    assert 'maintenance_status "maintenance_snoozed", which this version does not know' in capsys.readouterr().err
    assert page.wrote() == []
