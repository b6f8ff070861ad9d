"""The table of the services' calls says which are used, and which of them the emulator has."""

from __future__ import annotations

import contextlib
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

import statuspage_provider as statuspage
from statuspage_provider import lookups
from statuspage_provider.emulator.app import flask_app
from statuspage_provider.services.incident_io import widget
from tests.support.markdown import Page as Document
from tests.support.page import Page
from tests.support.program import CheckFailed, Program
from tests.support.statuspage_me import Account

CALL = re.compile(r"`(?P<call>[A-Z]+ /\S+)`")
ROWS = {
    match["call"]: used
    for call, used, _ in Document("docs/reference.md").table("Calls of the services")
    if (match := CALL.fullmatch(call.replace("{page}", "")))
}


def of_the_emulator() -> set[str]:
    """The calls that the emulator has, a placeholder for each id, its pages for people and its levers left out."""
    found = set()
    for rule in flask_app().url_map.iter_rules():
        path = re.sub(r"<[^>]*>", "{id}", rule.rule).replace("/pages/{id}/api", "/api")
        if path.startswith(("/v2/", "/user/", "/api/")):
            found |= {f"{method} {path}" for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    return found


def test_every_call_of_the_emulator_has_a_row_and_it_has_every_call_of_the_table() -> None:
    assert set(ROWS) == of_the_emulator()


def whole_life(page: Page, program: Program, *changes: dict[str, Any]) -> None:
    """A first `up`, each change, a refresh, and the end."""
    program.up()
    for change in changes:
        program.edit(**change).up()
    program.refresh()
    with contextlib.suppress(CheckFailed):
        program.destroy()


def test_each_call_that_is_used_is_made_and_no_other(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(widget, "_KEPT", {})
    real = widget.client
    monkeypatch.setattr(widget, "client", lambda where: real(where, httpx.WSGITransport(app=page.emulator.app)))
    page.emulator.clear_requests()
    me = Account(page)

    message = {"name": "Renamed", "message": "More."}
    whole_life(page, page.maintenance(), message, {"affected_component_ids": [page.api]})
    whole_life(page, page.incident(), message)
    whole_life(page, page.retrospective())
    whole_life(page, me.window(), message)
    whole_life(page, me.incident(on_delete="delete"), message)
    with monkeypatch.context() as patch:
        for name in ("INCIDENT", "STATUSPAGEME"):
            patch.setenv(f"{name}_ENDPOINT", page.url)
            patch.setenv(f"{name}_API_KEY", f"{'spk_' if name == 'STATUSPAGEME' else ''}emulator-read")
        lookups._pages.cache_clear()
        lookups._components.cache_clear()
        found = statuspage.get_status_page(name="Acme Status")
        found.availability("API", start_at=page.now - timedelta(days=30), end_at=page.now)
        for service, place in (("incident.io", page.id), ("statuspage.me", me.id)):
            statuspage.get_status_pages(service=service)
            statuspage.get_maintenances(place, service=service)
            statuspage.get_incidents(place, service=service)
    statuspage.get_widget(f"{page.url}/pages/acme")

    calls = sorted(ROWS, key=len, reverse=True)
    patterns = {call: re.compile(re.escape(call).replace(r"\{id\}", "[^/]+")) for call in calls}
    made = set()
    for item in page.logged():
        asked = f"{item['method']} {item['path']}".replace("/pages/acme/api", "/api")
        made |= {call for call in calls if patterns[call].fullmatch(asked)}
    assert made == {call for call, used in ROWS.items() if not used.startswith("not used")}
