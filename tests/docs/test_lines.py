"""The lines that the docs quote are the lines that users see, each one brought about here."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from statuspage_provider import lookups, next_slot
from statuspage_provider.__main__ import main
from statuspage_provider.errors import LookupFailed, StatusPageError
from statuspage_provider.idempotency import of_another
from statuspage_provider.services import transport
from statuspage_provider.summary import report
from tests.support.markdown import Page as Document
from tests.support.markdown import bare
from tests.support.page import Page, completed_early
from tests.support.program import CheckFailed, Program
from tests.support.statuspage_me import Account

REFERENCE, TROUBLES = Document("docs/reference.md"), Document("docs/troubleshooting.md")


def refusals(heading: str) -> list[Any]:
    rows = REFERENCE.table(heading)
    return [pytest.param(*row, id=row[1]) for row in rows]


def given(example: str) -> dict[str, Any]:
    """The keyword arguments of an example, as a dict. The docs are ours: they may be evaluated."""
    return dict(eval(f"dict({example})"))


def refused(program: Program) -> list[tuple[str, str]]:
    with pytest.raises(CheckFailed) as caught:
        program.preview()
    return caught.value.failures


@pytest.fixture
def february(page: Page, monkeypatch: pytest.MonkeyPatch) -> Page:
    """The moment that the reference's examples are taken at."""
    monkeypatch.setenv("STATUSPAGE_NOW", "2026-02-01T12:00:00Z")
    return page


@pytest.mark.parametrize(("field", "example", "line"), refusals("Refused at preview: maintenance windows"))
def test_a_window_is_refused_with_the_line_in_the_reference(
    february: Page, field: str, example: str, line: str
) -> None:
    program = february.maintenance(start_at="2026-03-01T22:00:00Z", duration="1h30m").edit(**given(bare(example)))
    assert refused(program) == [(bare(field), line)]


@pytest.mark.parametrize(("field", "example", "line"), refusals("Refused at preview: incidents"))
def test_an_incident_is_refused_with_the_line_in_the_reference(
    february: Page, field: str, example: str, line: str
) -> None:
    assert refused(february.incident().edit(**given(bare(example)))) == [(bare(field), line)]


@pytest.mark.parametrize(("field", "example", "line"), refusals("Refused at preview: retrospective incidents"))
def test_a_past_incident_is_refused_with_the_line_in_the_reference(
    february: Page, field: str, example: str, line: str
) -> None:
    assert refused(february.retrospective().edit(**given(bare(example)))) == [(bare(field), line)]


# errors, each with how it comes about


def shown(run: Callable[[], object]) -> str:
    """What the engine shows of the error that a run ends with."""
    try:
        run()
    except CheckFailed as failed:
        return failed.failures[0][1]
    except LookupFailed as failed:
        return str(failed)  # raised in the program, so shown without its name
    except StatusPageError as error:
        return f"{type(error).__name__}: {error}"
    raise AssertionError("nothing was refused")


def with_key(page: Page, key: str | None) -> str:
    window = page.maintenance()
    window.api_key = key
    return shown(window.up)


def no_key(page: Page) -> str:
    return with_key(page, None)


def broken_key(page: Page) -> str:
    return with_key(page, "two\nlines")


def plain_http(page: Page) -> str:
    window = page.maintenance()
    window.endpoint = "http://status.example.com"
    return shown(window.preview)


def wrong_key(page: Page) -> str:
    return with_key(page, "wrong")


def reading_key(page: Page) -> str:
    return with_key(page, "emulator-read")


def looked_up(page: Page, look_up: Callable[[], object]) -> str:
    """What a look-up ends with, in a program's environment. It would win over the config of the other runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INCIDENT_ENDPOINT", page.url)
        patch.setenv("INCIDENT_API_KEY", "emulator-read")
        return shown(look_up)


def no_scope(page: Page) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STATUSPAGEME_ENDPOINT", page.url)
        patch.setenv("STATUSPAGEME_API_KEY", "spk_emulator-incidents")
        return shown(lambda: lookups.get_status_pages(service="statuspage.me"))


def announced_otherwise(page: Page) -> str:
    me = Account(page)
    me.window().up()
    return shown(me.window(message="Other text.").up)


def untellable_status(page: Page) -> str:
    window = Account(page).window()
    window.up()
    return shown(window.edit(maintenance_status="maintenance_complete").up)


def listed_and_not_shown(page: Page) -> str:
    incident = Account(page).incident()
    incident.up()
    page.emulator.differ(denied_shows=True)
    return shown(incident.refresh)


def no_such_page(page: Page) -> str:
    return looked_up(page, lambda: lookups.get_status_page(name="Nope"))


def two_components(page: Page) -> str:
    layout = {"name": "Twins", "groups": {"EU": ["Queue"], "US": ["Queue"]}}
    page.client.post("/_emulator/pages", json=layout).raise_for_status()
    return looked_up(page, lambda: lookups.get_status_page(name="Twins").component("Queue"))


def many_subscribers(page: Page) -> str:
    page.emulator.set_subscribers(page.id, 1001)
    return shown(page.maintenance(notify_subscribers=True).up)


def no_such_component(page: Page) -> str:
    return shown(page.maintenance(affected_component_ids=["01HZNONE"]).up)


def nothing_to_adopt(page: Page) -> str:
    return shown(page.maintenance(adopt_id="01HZNONE").up)


def gone(page: Page) -> str:
    window = page.maintenance()
    window.up()
    page.human("DELETE", f"status_page_maintenances/{window.id}")
    return shown(window.edit(message="Other text.").up)


def completed_by_a_human(page: Page) -> str:
    window = page.maintenance(adopt_id=completed_early(page).id, start_at="2026-03-09T14:00:00Z")
    return shown(window.up)


def announced_before(page: Page) -> str:
    window = page.maintenance()
    window.up()
    page.advance(hours=3)
    window.destroy()
    return shown(window.up)


def one_key_for_two(page: Page) -> str:
    return str(of_another("copy", "window"))  # raised in the program, so shown without its name


def end_has_passed(page: Page) -> str:
    window = page.maintenance()
    window.up()
    page.advance(hours=1)
    return shown(window.edit(start_at="2026-03-01T12:10:00Z", duration="30m").up)


def state_of_a_newer_version(page: Page) -> str:
    window = page.maintenance()
    window.up()
    window.outs["phase"] = "postponed"
    return shown(window.up)


def no_server(page: Page) -> str:
    window = page.maintenance()
    window.endpoint = "http://127.0.0.1:9"
    return shown(window.up)


def another_server(page: Page) -> str:
    page.emulator.fault(kind="garbage", method="GET")
    window = page.maintenance()
    return shown(window.up)


def too_many_requests(page: Page) -> str:
    page.emulator.fault(kind="status:429", retry_after=3600)
    return shown(page.maintenance().up)


def out_of_order(page: Page) -> str:
    page.emulator.fault(kind="status:503", times=1000)
    return shown(page.maintenance().up)


def fault_of_ours(page: Page) -> str:
    def fail(*_: object, **__: object) -> None:
        raise KeyError

    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patched, contextlib.redirect_stderr(said):
        patched.setattr(report, "report", fail)
        main(["summary", __file__])
    return said.getvalue().strip()


TROUBLE = [
    no_key,
    broken_key,
    plain_http,
    wrong_key,
    reading_key,
    no_scope,
    announced_otherwise,
    untellable_status,
    listed_and_not_shown,
    no_such_page,
    two_components,
    many_subscribers,
    no_such_component,
    nothing_to_adopt,
    gone,
    completed_by_a_human,
    announced_before,
    one_key_for_two,
    end_has_passed,
    state_of_a_newer_version,
    no_server,
    another_server,
    too_many_requests,
    out_of_order,
    fault_of_ours,
]


@pytest.fixture
def troubled(page: Page, monkeypatch: pytest.MonkeyPatch) -> Page:
    """A page whose look-ups begin afresh, and a transport that soon gives up."""
    for patience in ("PATIENCE_S", "CONNECT_PATIENCE_S"):
        monkeypatch.setattr(transport, patience, 0.05)
    for cached in (lookups._pages, lookups._components):
        cached.cache_clear()
    return page


def matching(line: str, heading: str) -> list[str]:
    """The quoted lines under a heading that this one is an instance of; `…` stands for anything."""
    quoted = [bare(row[0]) for row in TROUBLES.table(heading)]
    return [one for one in quoted if re.fullmatch(".*".join(map(re.escape, one.split("…"))), line)]


@pytest.mark.parametrize("bring_about", TROUBLE, ids=lambda each: each.__name__)
def test_an_error_is_shown_as_troubleshooting_has_it(troubled: Page, bring_about: Callable[[Page], str]) -> None:
    line = bring_about(troubled)
    assert len(matching(line, "Lines of this package")) == 1, line


def test_each_quoted_error_is_brought_about_by_one_of_these() -> None:
    assert len(TROUBLES.table("Lines of this package")) == len(TROUBLE)


def test_what_is_said_is_as_quoted_and_each_quoted_line_is_said(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    window = page.maintenance(notify_subscribers=["complete"])
    window.up()
    window.up(forced=True)
    window.edit(maintenance_status="maintenance_in_progress").up()
    window.edit(automate_maintenance_status=False).up()
    window.edit(maintenance_status="maintenance_complete").up()
    window.edit(message="Other text.").up()
    nights = page.maintenance(start_at=next_slot("22:00"), repeat=True, idempotency_key="nights")
    nights.up()
    page.advance(hours=11)
    nights.edit(start_at=next_slot("23:00")).up()
    page.emulator.fault(method="GET", kind="garbage", times=1)
    nights.up()
    moved = {"name": "Upgrade", "start_at": "2026-03-01T22:00:00Z", "end_at": "2026-03-02T05:00:00Z"}
    page.human("PUT", f"status_page_maintenances/{nights.id}", **moved)
    page.advance(hours=3)
    nights.up()
    page.advance(hours=4)
    nights.up()
    incident = page.incident(incident_status="resolved")
    incident.up()
    incident.edit(message="Other text.").up()
    past = page.retrospective()
    past.up()
    past.edit(name="Renamed").up()
    said = {line.removeprefix("statuspage: ") for line in capsys.readouterr().out.splitlines()}
    quoted = {one for line in said for one in matching(line, "Lines that are not errors")}
    assert all(matching(line, "Lines that are not errors") for line in said), said
    assert quoted == {bare(row[0]) for row in TROUBLES.table("Lines that are not errors")}
