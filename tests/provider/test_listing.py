"""`statuspage list`: what is on a page already, with the ids to adopt."""

from __future__ import annotations

import json
from datetime import timezone

import pytest

from statuspage_provider import display, lookups
from statuspage_provider.__main__ import main
from statuspage_provider.commands import listing
from statuspage_provider.services.incident_io import calls
from tests.support.page import Page


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


def test_the_list_as_json_has_the_api_s_own_names(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    window, incident = page.maintenance(), page.incident(component_statuses={page.api: "full_outage"})
    window.up()
    incident.up()
    (told,), (there,) = ([one["updates"][0]["id"] for one in seen] for seen in (page.windows(), page.incidents()))
    published_at = "2026-03-01T12:00:00Z"
    answer = json.loads("\n".join(listed(monkeypatch, capsys, "--json")))
    for entry in (*answer["status_page_maintenances"], *answer["status_page_incidents"]):
        # Not every page tells it.
        del entry["public_url"]
    assert answer == {
        "status_page": {"id": page.id, "name": "Acme Status", "public_url": f"{page.url}/pages/acme"},
        "status_page_maintenances": [
            {
                "id": window.id,
                "status_page_id": page.id,
                "name": "Upgrade",
                "message": "",
                "published_at": published_at,
                "maintenance_status": "maintenance_scheduled",
                "automate_maintenance_status": True,
                "start_at": "2026-03-01T14:00:00Z",
                "end_at": "2026-03-01T16:00:00Z",
                "component_maintenance_periods": [
                    {
                        "component_id": page.database,
                        "start_at": "2026-03-01T14:00:00Z",
                        "end_at": "2026-03-01T16:00:00Z",
                    }
                ],
                "updates": [
                    {
                        "id": told,
                        "published_at": published_at,
                        "maintenance_status": "maintenance_scheduled",
                        "message": "We upgrade.",
                        "component_statuses": [
                            {"component_id": page.database, "component_status": "under_maintenance"}
                        ],
                    }
                ],
            }
        ],
        "status_page_incidents": [
            {
                "id": incident.id,
                "status_page_id": page.id,
                "component_id": None,
                "name": "Slow",
                "message": "",
                "published_at": published_at,
                "incident_status": "investigating",
                "component_impacts": [
                    {
                        "component_id": page.api,
                        "component_status": "full_outage",
                        "start_at": "2026-03-01T12:00:00Z",
                        "end_at": None,
                    }
                ],
                "updates": [
                    {
                        "id": there,
                        "published_at": published_at,
                        "incident_status": "investigating",
                        "message": "We look.",
                        "component_statuses": [{"component_id": page.api, "component_status": "full_outage"}],
                    }
                ],
            }
        ],
    }


def test_a_quiet_page_has_empty_lists_on_both_services(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = {"status_page_maintenances": [], "status_page_incidents": []}
    for args, found in (([], {"id": page.id}), (["--service", "statuspage.me"], None)):
        answer = json.loads("\n".join(listed(monkeypatch, capsys, "--json", *args)))
        assert {key: answer[key] for key in empty} == empty
        assert (answer["status_page"] or {}).get("id") == (found or {}).get("id")


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


def test_statuspage_me_is_listed_by_page_id_or_all_of_it(
    page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = page.emulator.statuspage_me_page_id
    incident = page.incident(service="statuspage.me", status_page_id=place)
    incident.up()
    window = page.maintenance(service="statuspage.me", status_page_id=place, affected_component_ids=None)
    window.up()
    for args in ([], ["--page", place]):
        lines = listed(monkeypatch, capsys, "--service", "statuspage.me", *args)
        assert [line.split()[0] for line in lines] == ["Maintenance", window.id, "Incidents", incident.id]
        assert lines[1].endswith("Sun 1 Mar 2026, 14:00 UTC to Sun 1 Mar 2026, 16:00 UTC  Upgrade")
        assert lines[3].endswith("Slow")


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
