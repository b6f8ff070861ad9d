"""`statuspage complete ID`: the end of a window, published once by a pipeline."""

from __future__ import annotations

from typing import Any

import pytest

from statuspage_provider.__main__ import main
from statuspage_provider.services import transport
from tests.support.command import faults
from tests.support.exported import UPDATES
from tests.support.page import Page
from tests.support.program import Program
from tests.support.statuspage_me import Account


@pytest.fixture
def environment(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCIDENT_ENDPOINT", page.url)
    monkeypatch.setenv("INCIDENT_API_KEY", "emulator-write")


pytestmark = pytest.mark.usefixtures("environment", "utc")


def open_window(page: Page, **inputs: Any) -> Program:
    window = page.maintenance(**inputs)
    window.up()
    page.advance(hours=2, minutes=5)
    page.asked()
    return window


def ends(page: Page) -> list[str]:
    return [entry["message"] for window in page.windows() for entry in window["updates"] if is_end(entry)]


def is_end(entry: dict[str, Any]) -> bool:
    return bool(entry["maintenance_status"] == "maintenance_complete")


def test_a_window_is_completed_once_and_the_second_time_nothing_is_said(
    page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    window = open_window(page)
    assert main(["complete", window.id]) == 0
    assert capsys.readouterr().out.endswith("“Upgrade” is complete now\n")
    assert page.asked() == ["GET status_page_maintenances", f"POST {UPDATES}"]
    assert page.mails() == []
    assert main(["complete", window.id]) == 0
    assert page.asked() == ["GET status_page_maintenances"]
    said = capsys.readouterr()
    assert (said.out, faults(said.err)) == ("", "")
    assert "STATUSPAGE_NOW is set: this run assumes that it is Sun 1 Mar 2026, 14:05 UTC" in said.err
    assert ends(page) == ["This maintenance is complete."]


@pytest.mark.parametrize(("option", "mails"), [("--notify", ["maintenance_complete"]), ("--no-notify", [])])
def test_the_message_and_the_mail_are_as_asked(page: Page, option: str, mails: list[str]) -> None:
    window = open_window(page)
    assert main(["complete", window.id, "--message", "**1.2** is live.", option]) == 0
    assert ends(page) == ["**1.2** is live."]
    assert page.mails() == mails


def test_where_the_service_refuses_to_mail_the_end_is_told_without(
    page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    window = open_window(page)
    page.emulator.set_subscribers(page.id, 1001)
    assert main(["complete", window.id, "--notify"]) == 0
    assert "It was published without email" in capsys.readouterr().out
    assert (len(ends(page)), page.mails()) == (1, [])


@pytest.mark.parametrize("kind", ["reset_after", "status:503"])
def test_a_lost_answer_is_looked_for_and_not_posted_twice(
    page: Page, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(transport, "PATIENCE_S", 0.0)
    window = open_window(page)
    page.emulator.fault(kind=kind, method="POST", times=1)
    assert main(["complete", window.id]) == 0
    assert len(ends(page)) == 1


@pytest.mark.parametrize(
    ("hours", "automated", "line"),
    [
        (0, True, "“Upgrade” has not begun: it opens Sun 1 Mar 2026, 14:00 UTC, in 2 h. "),
        (3, False, "“Upgrade” has not begun: it was to open Sun 1 Mar 2026, 14:00 UTC. "),
    ],
)
def test_a_window_that_has_not_begun_is_refused_with_what_to_do_instead(
    page: Page, capsys: pytest.CaptureFixture[str], hours: int, automated: bool, line: str
) -> None:
    window = page.maintenance(automate_maintenance_status=automated)
    window.up()
    page.advance(hours=hours)
    page.asked()
    assert main(["complete", window.id]) == 1
    assert faults(capsys.readouterr().err) == (
        f"statuspage: {line}Nothing was posted. To cancel it, take it out of the program and run `pulumi up`, "
        "or cancel it on the page\n"
    )
    assert page.wrote() == []


@pytest.mark.parametrize("id_", ["01HZNONE", "", " ", "../status_pages", "a\x1b[2J\nb", "\udcff"])
def test_what_is_not_there_is_refused_in_one_line(page: Page, capsys: pytest.CaptureFixture[str], id_: str) -> None:
    assert main(["complete", id_]) == 1
    said = faults(capsys.readouterr().err)
    assert said[:-1].isprintable()
    assert said.startswith("statuspage: there is no maintenance window “")
    assert said.endswith("” on this account. Nothing was posted. `statuspage list` shows the ids\n")
    assert page.wrote() == []


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (" ", "--message: must not be empty"),
        (
            "x" * 4097,
            "--message: is 4097 characters long, and the service takes at most 4096: shorten it",
        ),
    ],
)
def test_a_message_that_the_page_would_not_take_is_refused_before_anything_is_asked(
    page: Page, capsys: pytest.CaptureFixture[str], message: str, line: str
) -> None:
    window = open_window(page)
    assert main(["complete", window.id, "--message", message]) == 1
    assert faults(capsys.readouterr().err) == f"statuspage: {line}\n"
    assert page.asked() == []


@pytest.mark.parametrize(
    ("key", "code", "words"),
    [
        ("emulator-read", 1, "The API key may only read: give it the scope that publishes"),
        ("", 2, "no API key for incident.io: set INCIDENT_API_KEY"),
        ("two\nlines", 2, "contains a line break"),
    ],
)
def test_a_key_that_will_not_do_is_one_line(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str, code: int, words: str
) -> None:
    window = open_window(page)
    capsys.readouterr()
    monkeypatch.setenv("INCIDENT_API_KEY", key)
    assert main(["complete", window.id]) == code
    said = faults(capsys.readouterr().err)
    assert words in said
    assert said.count("\n") == 1
    assert "emulator-read" not in said
    assert ends(page) == []


def test_a_page_that_is_down_is_one_line_and_nothing_is_posted(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(transport, "PATIENCE_S", 0.0)
    window = open_window(page)
    page.emulator.fault(kind="status:503", times=1000)
    assert main(["complete", window.id]) == 1
    assert faults(capsys.readouterr().err).startswith("statuspage: incident.io answered 503")
    assert page.wrote() == []


def test_a_window_on_statuspage_me_ends_by_its_times_and_nothing_is_published(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STATUSPAGEME_ENDPOINT", page.url)
    monkeypatch.setenv("STATUSPAGEME_API_KEY", "spk_emulator-write")
    me = Account(page)
    window = me.window()
    window.up()
    assert main(["complete", window.id, "--service", "statuspage.me"]) == 1
    assert "“Upgrade” has not begun" in faults(capsys.readouterr().err)
    page.advance(hours=2, minutes=5)
    assert main(["complete", window.id, "--service", "statuspage.me", "--message", "Live."]) == 1
    assert "has no timeline to publish anything in: leave out --message and --notify" in faults(capsys.readouterr().err)
    assert me.wrote() == ["POST maintenances"]
    assert main(["complete", window.id, "--service", "statuspage.me"]) == 0
    assert capsys.readouterr().out.endswith("“Upgrade” is complete now\n")
    assert me.windows()[0]["end_at"] == "2026-03-01T14:05:00Z"
    assert main(["complete", window.id, "--service", "statuspage.me"]) == 0
    assert me.wrote() == []
    assert main(["complete", window.id, "--service", "acme"]) == 2
