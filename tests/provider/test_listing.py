"""`statuspage list`: what is on a page already, with the ids to adopt."""

from __future__ import annotations

from datetime import timezone

import pytest

from statuspage_provider import display, lookups
from statuspage_provider.__main__ import main
from statuspage_provider.commands import listing
from statuspage_provider.services.incident_io import calls
from tests.provider.conftest import Page


@pytest.fixture(autouse=True)
def environment(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    # As on a machine whose clock is UTC's.
    monkeypatch.setattr(listing, "moment", lambda when, local: display.moment(when, timezone.utc))
    lookups._pages.cache_clear()
    # Set only once the resources are there: a key that may only read has to do.
    monkeypatch.setenv("INCIDENT_ENDPOINT", page.url)
    monkeypatch.setenv("STATUSPAGEME_ENDPOINT", page.url)


def listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *args: str) -> list[str]:
    capsys.readouterr()
    with monkeypatch.context() as patch:
        patch.setenv("INCIDENT_API_KEY", "emulator-read")
        patch.setenv("STATUSPAGEME_API_KEY", "spk_emulator-write")
        code = main(["list", *args])
    out, err = capsys.readouterr()
    assert (code, err) == (0, ""), err
    return out.splitlines()


def test_windows_and_incidents_are_listed_with_the_ids_to_adopt(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    window, incident = page.maintenance(), page.incident()
    window.up()
    incident.up()
    page.advance(hours=1)
    incident.edit(incident_status="resolved").up()
    page.asked()
    assert listed(monkeypatch, capsys) == [
        f"Acme Status ({page.id})",
        "Maintenance windows",
        f"  {window.id}  scheduled      Sun 1 Mar 2026, 14:00 UTC to Sun 1 Mar 2026, 16:00 UTC  Upgrade",
        "Incidents",
        f"  {incident.id}  resolved       Sun 1 Mar 2026, 12:00 UTC to Sun 1 Mar 2026, 13:00 UTC  Slow",
    ]
    assert page.wrote() == []


def test_what_is_listed_can_be_adopted(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page.incident().up()
    (line,) = [line for line in listed(monkeypatch, capsys) if "investigating" in line]
    page.asked()
    adopted = page.incident(adopt_id=line.split()[0], idempotency_key="another")
    adopted.up()
    assert page.wrote() == []


def test_a_quiet_page_has_none(page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(monkeypatch, capsys)[1:] == ["Maintenance windows", "  none", "Incidents", "  none"]


@pytest.mark.parametrize("what", ["id", "name", "public_url"])
def test_the_page_is_named_by_id_name_or_url(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    other = page.emulator.add_page("Other", slug="other")
    page.incident(status_page_id=other).up()
    text = {"id": other, "name": "Other", "public_url": f"{page.url}/pages/other/"}[what]
    lines = listed(monkeypatch, capsys, "--page", text)
    assert lines[0] == f"Other ({other})"
    assert len(lines) == 5
    assert "Slow" in lines[-1]


def test_long_lists_are_read_to_the_last_newest_first(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(calls, "PAGE_SIZE", 25)
    for number in range(60):
        page.incident(name=f"Incident {number}", idempotency_key=f"key-{number}").up()
    page.asked()
    lines = listed(monkeypatch, capsys)
    assert [line.split()[-1] for line in lines[-60:]] == [str(number) for number in reversed(range(60))]
    assert page.asked() == ["GET status_pages", "GET status_page_maintenances"] + ["GET status_page_incidents"] * 3


def test_statuspage_me_has_incidents_by_page_id_or_all_of_them(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = page.emulator.statuspage_me_page_id
    incident = page.incident(service="statuspage.me", status_page_id=place)
    incident.up()
    for args in ([], ["--page", place]):
        lines = listed(monkeypatch, capsys, "--service", "statuspage.me", *args)
        assert [line.split()[0] for line in lines] == ["Incidents", incident.id]
        assert lines[1].endswith("Slow")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--page", "Nope"], 'no status page "Nope": choose from Acme Status ('),
        ([], "no API key for incident.io"),
    ],
)
def test_a_failure_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], args: list[str], words: str
) -> None:
    if args:
        monkeypatch.setenv("INCIDENT_API_KEY", "emulator-read")
    assert main(["list", *args]) == 1
    out, err = capsys.readouterr()
    assert err.startswith(f"statuspage: {words}")
    assert (out, err.count("\n")) == ("", 1)


def test_a_title_cannot_steer_the_terminal(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page.incident(name="Slow\x1b[2J\nevil").up()
    assert all(line.isprintable() for line in listed(monkeypatch, capsys))
