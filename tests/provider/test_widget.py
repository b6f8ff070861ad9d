"""A page's widget: read once, without a key, whatever the page says or leaves unsaid."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

import statuspage_provider as statuspage
from statuspage_provider import NotFound, ServiceError, SettingsError, StatusPageError, Unreachable
from statuspage_provider.__main__ import main
from statuspage_provider.services.incident_io import widget
from tests.support.page import URL, Page

PUBLIC = f"{URL}/pages/acme"
REAL_CLIENT = widget.client
BERLIN = timezone(timedelta(hours=2), "CEST")


@pytest.fixture(autouse=True)
def fresh_process(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is kept, nothing is waited for, and the page is the emulated one."""
    monkeypatch.setattr(widget, "_KEPT", {})
    monkeypatch.setattr(widget, "PAUSES_S", (0.0, 0.0))
    answered_by(monkeypatch, httpx.WSGITransport(app=page.emulator.app))


def answered_by(monkeypatch: pytest.MonkeyPatch, transport: httpx.BaseTransport) -> None:
    monkeypatch.setattr(widget, "client", lambda where: REAL_CLIENT(where, transport))


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[httpx.Request]]:
    """Lets the page answer these, the last one for ever; gives the requests that it got."""

    def order(*given: httpx.Response | Exception) -> list[httpx.Request]:
        left, asked = list(given), list[httpx.Request]()

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            said = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(said, Exception):
                raise said
            return said

        answered_by(monkeypatch, httpx.MockTransport(answer))
        return asked

    return order


def busy(page: Page) -> None:
    """One event of each kind."""
    page.incident(name="Slow", component_statuses={page.api: "degraded_performance", page.database: "full_outage"}).up()
    page.maintenance(name="Now", start_at="2026-03-01T11:00:00Z", idempotency_key="now").up()
    page.maintenance(name="Later", start_at="2026-03-02T22:00:00Z", idempotency_key="later").up()
    page.emulator.clear_requests()


def test_a_page_with_each_kind_of_event(page: Page) -> None:
    busy(page)
    found = statuspage.get_widget(PUBLIC)
    assert (found.page_title, found.page_url) == ("Acme Status", PUBLIC)
    (incident,) = found.ongoing_incidents
    assert (incident.name, incident.status, incident.current_worst_impact) == ("Slow", "investigating", "full_outage")
    assert incident.last_update_message == "We look."
    assert {one.path: one.current_status for one in incident.affected_components} == {
        "API": "degraded_performance",
        "EU / Database": "full_outage",
    }
    (now,) = found.in_progress_maintenances
    assert (now.name, now.status) == ("Now", "maintenance_in_progress")
    assert now.started_at == datetime(2026, 3, 1, 11, tzinfo=timezone.utc)
    assert now.scheduled_end_at == datetime(2026, 3, 1, 13, tzinfo=timezone.utc)
    (later,) = found.scheduled_maintenances
    assert (later.name, later.status) == ("Later", "maintenance_scheduled")
    assert later.starts_at == datetime(2026, 3, 2, 22, tzinfo=timezone.utc)
    assert later.ends_at == datetime(2026, 3, 3, 0, tzinfo=timezone.utc)
    assert [one.group_name for one in later.affected_components] == ["EU"]


def test_a_quiet_page_has_no_events() -> None:
    found = statuspage.get_widget(PUBLIC)
    assert found.ongoing_incidents == found.in_progress_maintenances == found.scheduled_maintenances == ()


@pytest.mark.parametrize(
    "written", [PUBLIC, f"{PUBLIC}/", f"{PUBLIC}/api/v1/summary", f" {PUBLIC}/api/v1/summary?a=1#b"]
)
def test_the_pages_url_will_do_as_well_as_the_widgets_and_no_key_is_sent(
    page: Page, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("INCIDENT_API_KEY", "emulator-write")
    statuspage.get_widget(written)
    (asked,) = page.emulator.requests
    assert (asked["path"], asked["query"], asked["key_scope"]) == ("/pages/acme/api/v1/summary", "", None)


def test_it_is_read_once_however_often_and_however_spelled_it_is_asked_for(page: Page) -> None:
    first = statuspage.get_widget(PUBLIC)
    page.incident().up()
    page.emulator.clear_requests()
    assert statuspage.get_widget(f"{PUBLIC}/api/v1/summary") is first
    assert page.emulator.requests == []


def test_a_refresh_of_an_unchanged_page_is_the_same_widget_for_a_304(page: Page) -> None:
    first = statuspage.get_widget(PUBLIC)
    assert first.refresh() is first
    assert [asked["status"] for asked in page.emulator.requests] == [200, 304]


def test_a_refresh_of_a_changed_page_is_a_new_widget_and_the_one_that_is_kept(page: Page) -> None:
    first = statuspage.get_widget(PUBLIC)
    page.incident().up()
    second = first.refresh()
    assert first.ongoing_incidents == ()
    assert len(second.ongoing_incidents) == 1
    assert statuspage.get_widget(PUBLIC) is second


def test_a_page_that_gives_no_tag_is_just_read_again(answers: Callable[..., list[httpx.Request]]) -> None:
    asked = answers(httpx.Response(200, json={"page_title": "Acme"}))
    statuspage.get_widget("https://status.example.com").refresh()
    assert [request.headers.get("if-none-match") for request in asked] == [None, None]


# what the page may say

EVENT: dict[str, Any] = {
    "id": "01HZ",
    "name": "Slow",
    "url": "https://status.example.com/incidents/01HZ",
    "status": "investigating",
    "last_update_at": "2026-03-01T12:00:00Z",
    "last_update_message": "We look.",
    "affected_components": [{"id": "01HZC", "name": "API", "group_name": "EU", "current_status": "full_outage"}],
}
SUMMARY: dict[str, Any] = {
    "page_title": "Acme",
    "page_url": "https://status.example.com",
    "ongoing_incidents": [{**EVENT, "current_worst_impact": "full_outage"}],
    "in_progress_maintenances": [
        {**EVENT, "started_at": "2026-03-01T11:00:00Z", "scheduled_end_at": "2026-03-01T13:00:00Z"}
    ],
    "scheduled_maintenances": [{**EVENT, "starts_at": "2026-03-02T11:00:00Z", "ends_at": "2026-03-02T13:00:00Z"}],
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place within a JSON document."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def changed(path: tuple[Any, ...], to: Any) -> Any:
    """The summary with something else at one place."""
    copy = json.loads(json.dumps(SUMMARY))
    *way, last = path
    within = copy
    for key in way:
        within = within[key]
    within[last] = to
    return copy


def read(answers: Callable[..., list[httpx.Request]], body: Any) -> statuspage.Widget:
    answers(httpx.Response(200, json=body))
    return statuspage.get_widget("https://status.example.com")


@pytest.mark.parametrize("path", list(places(SUMMARY)), ids=lambda path: ".".join(map(str, path)))
def test_nothing_that_a_page_says_is_fatal_and_the_rest_is_still_read(
    answers: Callable[..., list[httpx.Request]], path: tuple[Any, ...]
) -> None:
    whole = widget.Widget.model_validate(SUMMARY)
    for other in (None, 7, "a-new-word", [], {}, {"new": ["field"]}):
        found = read(answers, changed(path, other))
        for field in SUMMARY.keys() - {path[0]}:
            assert getattr(found, field) == getattr(whole, field), other
        for line in widget.lines(found):
            assert "None" not in line, other


def test_nulls_are_none_empty_or_left_out(answers: Callable[..., list[httpx.Request]]) -> None:
    nothing = dict.fromkeys({**EVENT, "current_worst_impact": None})
    found = read(answers, {**SUMMARY, "ongoing_incidents": [nothing], "scheduled_maintenances": None})
    (incident,) = found.ongoing_incidents
    assert (incident.name, incident.status, incident.affected_components) == ("", "", ())
    assert incident.last_update_message is incident.last_update_at is incident.current_worst_impact is None
    assert found.scheduled_maintenances == ()
    assert found.in_progress_maintenances


def test_a_status_nobody_knows_is_kept_as_the_text_it_is(answers: Callable[..., list[httpx.Request]]) -> None:
    found = read(answers, changed(("ongoing_incidents", 0, "status"), "simmering"))
    assert found.ongoing_incidents[0].status == "simmering"


def test_one_broken_entry_does_not_hide_the_others(answers: Callable[..., list[httpx.Request]]) -> None:
    found = read(answers, {**SUMMARY, "ongoing_incidents": ["?", EVENT, None]})
    assert [one.name for one in found.ongoing_incidents] == ["Slow"]


def test_unknown_fields_everywhere_change_nothing(answers: Callable[..., list[httpx.Request]]) -> None:
    def more(value: Any) -> Any:
        if isinstance(value, dict):
            return {**{key: more(item) for key, item in value.items()}, "new_field": {"deep": [1]}}
        return [more(item) for item in value] if isinstance(value, list) else value

    found, whole = read(answers, more(SUMMARY)), widget.Widget.model_validate(SUMMARY)
    assert found.model_dump() == whole.model_dump()


# what is refused, each in one line


def refused(url: str) -> StatusPageError:
    with pytest.raises(StatusPageError) as caught:
        statuspage.get_widget(url)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "not a URL"),
        ("status.example.com", "not a URL"),
        ("ftp://status.example.com", "not a URL"),
        ("https://", "not a URL"),
        ("https://[::1", "not a URL"),
        ("https://status.example.com:port", "not a URL"),
        ("https://status.example.com/two words", "not a URL"),
        ("https://status.example.com/\n", "not a URL"),
        ("https://user:secret@status.example.com", "remove the user name"),
        ("http://status.example.com", "plain http"),
        ("http://127.0.0.1.example.com", "plain http"),
    ],
)
def test_what_is_no_url_or_not_safe_is_refused_unasked(page: Page, url: str, words: str) -> None:
    error = refused(url)
    assert isinstance(error, SettingsError)
    assert words in str(error)
    assert "secret" not in str(error)
    assert page.emulator.requests == []


def test_a_page_that_is_not_there_is_named() -> None:
    error = refused(f"{URL}/pages/nobody")
    assert isinstance(error, NotFound)
    assert str(error).startswith(f"there is no widget at {URL}/pages/nobody/api/v1/summary")


@pytest.mark.parametrize(
    "body", [b"<html>Sign in</html>", b"[]", b'"text"', b"{}", b'{"status": {"indicator": "none"}}', b"null"]
)
def test_what_is_no_widget_is_told_from_one(answers: Callable[..., list[httpx.Request]], body: bytes) -> None:
    answers(httpx.Response(200, content=body))
    error = refused("https://status.example.com")
    assert type(error) is Unreachable
    assert "not a widget" in str(error)


def test_a_refusal_is_told_with_its_status(answers: Callable[..., list[httpx.Request]]) -> None:
    asked = answers(httpx.Response(403))
    error = refused("https://status.example.com")
    assert isinstance(error, ServiceError)
    assert error.status == 403
    assert len(asked) == 1


BUSY = [httpx.Response(503), httpx.Response(429), httpx.ReadTimeout("timed out"), httpx.ConnectError("refused")]


@pytest.mark.parametrize("trouble", BUSY, ids=str)
def test_a_page_out_of_order_is_asked_three_times(
    answers: Callable[..., list[httpx.Request]], trouble: httpx.Response | Exception
) -> None:
    asked = answers(trouble, trouble, httpx.Response(200, json=SUMMARY))
    assert statuspage.get_widget("https://status.example.com").page_title == "Acme"
    assert len(asked) == 3
    asked = answers(trouble)
    assert isinstance(refused("https://other.example.com"), Unreachable)
    assert len(asked) == 3


def test_a_page_that_asks_for_a_long_pause_is_not_waited_for(answers: Callable[..., list[httpx.Request]]) -> None:
    asked = answers(httpx.Response(429, headers={"Retry-After": "3600"}))
    assert "try again later" in str(refused("https://status.example.com"))
    assert len(asked) == 1


def test_a_page_that_moved_is_followed_but_not_to_plain_http(answers: Callable[..., list[httpx.Request]]) -> None:
    there = "https://status.acme.example/api/v1/summary"
    asked = answers(httpx.Response(301, headers={"Location": there}), httpx.Response(200, json=SUMMARY))
    assert statuspage.get_widget("https://status.example.com").page_title == "Acme"
    assert str(asked[-1].url) == there
    asked = answers(httpx.Response(301, headers={"Location": "http://status.acme.example/"}))
    assert "plain http" in str(refused("https://other.example.com"))
    assert len(asked) == 1


def test_a_failure_is_not_kept(answers: Callable[..., list[httpx.Request]]) -> None:
    answers(*[httpx.Response(503)] * 3, httpx.Response(200, json=SUMMARY))
    refused("https://status.example.com")
    assert statuspage.get_widget("https://status.example.com").page_title == "Acme"


# for people


def test_people_see_each_event_with_their_own_clock_beside_utc(page: Page) -> None:
    busy(page)
    found = statuspage.get_widget(PUBLIC)
    urls = [
        one.url for one in (*found.ongoing_incidents, *found.in_progress_maintenances, *found.scheduled_maintenances)
    ]
    assert list(widget.lines(found, BERLIN)) == [
        f"Acme Status  {PUBLIC}",
        "",
        "Ongoing incidents",
        "  Slow: investigating, full outage",
        "    affects API (degraded performance), EU / Database (full outage)",
        "    Sun 1 Mar 2026, 12:00 UTC (14:00 CEST): We look.",
        f"    {urls[0]}",
        "",
        "Maintenance in progress",
        "  Now: in progress, since Sun 1 Mar 2026, 11:00 UTC (13:00 CEST), "
        "planned to end Sun 1 Mar 2026, 13:00 UTC (15:00 CEST)",
        "    affects EU / Database (full outage)",
        "    Sun 1 Mar 2026, 12:00 UTC (14:00 CEST): We upgrade.",
        f"    {urls[1]}",
        "",
        "Scheduled maintenance",
        "  Later: scheduled, from Mon 2 Mar 2026, 22:00 UTC (00:00 CEST), to Tue 3 Mar 2026, 00:00 UTC (02:00 CEST)",
        "    affects EU / Database (full outage)",
        "    Sun 1 Mar 2026, 12:00 UTC (14:00 CEST): We upgrade.",
        f"    {urls[2]}",
    ]


def test_a_pages_text_cannot_steer_the_terminal_and_a_long_one_is_cut(
    answers: Callable[..., list[httpx.Request]],
) -> None:
    told = {**EVENT, "name": "Slow\x1b[2J\n\u202eevil", "last_update_message": "word " * 800}
    shown = list(widget.lines(read(answers, {**SUMMARY, "ongoing_incidents": [told]})))
    assert all(line.isprintable() for line in shown)
    assert max(map(len, shown)) < 400
    assert any(line.startswith("  Slow\ufffd[2J \ufffdevil: investigating") for line in shown)


@pytest.mark.parametrize(
    "when", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"]
)
def test_a_time_at_the_edge_of_time_counts_as_not_said(answers: Callable[..., list[httpx.Request]], when: str) -> None:
    told = {**EVENT, "last_update_at": when, "starts_at": when, "ends_at": when}
    found = read(answers, {**SUMMARY, "scheduled_maintenances": [told]})
    (event,) = found.scheduled_maintenances
    assert (event.last_update_at, event.starts_at, event.ends_at) == (None, None, None)
    for hours in (-12, 0, 14):
        assert "  Slow: investigating" in list(widget.lines(found, timezone(timedelta(hours=hours))))


@pytest.mark.parametrize("field", ["name", "last_update_message", "url", "status"])
def test_a_pages_text_is_no_command_of_a_builds_log(answers: Callable[..., list[httpx.Request]], field: str) -> None:
    told = {**EVENT, field: "\n::error::x\n##[error]y\n##vso[task.complete]z"}
    shown = list(widget.lines(read(answers, {**SUMMARY, "ongoing_incidents": [told]})))
    assert not [line for line in shown if line.lstrip().startswith("::") or "##[" in line or "##vso[" in line]


def test_names_of_any_length_are_cut(answers: Callable[..., list[httpx.Request]]) -> None:
    long = "x" * 1_000_000
    told = {**EVENT, "name": long, "affected_components": [{**EVENT["affected_components"][0], "name": long}] * 3}
    shown = list(widget.lines(read(answers, {**SUMMARY, "page_title": long, "ongoing_incidents": [told]})))
    assert max(map(len, shown)) < 3000


def test_the_command_prints_it(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["widget", PUBLIC]) == 0
    assert capsys.readouterr().out == f"Acme Status  {PUBLIC}\n\nNothing is going on and nothing is planned.\n"


def test_the_command_fails_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["widget", "status.example.com"]) == 1
    assert capsys.readouterr().err.startswith("statuspage: url: this is not a URL")
