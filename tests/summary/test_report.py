"""The command: formats, exit codes, the calendar, and a look at the page."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import vobject

from statuspage_provider.__main__ import main
from statuspage_provider.covering.hook_names import names_hook
from statuspage_provider.services.incident_io import widget
from statuspage_provider.summary.live import LivePage
from statuspage_provider.summary.report import FORMATS, report
from tests.support.page import Page, completed_early, look
from tests.support.plans import PLANS
from tests.support.previews import merged, preview, printed
from tests.support.program import Program


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


FAILED = [name for name in PLANS if name.startswith(("program-that-failed", "preview-that"))]


def plan_of(program: Program, **change: object) -> str:
    return printed(preview("window", program.edit(**change)))


# the command


def test_the_command_writes_the_summary_and_exits_with_0(
    page: Page, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "plan.json").write_text(plan_of(page.maintenance()))
    capsys.readouterr()
    assert main(["summary", "plan.json", "--time-zone", "Asia/Tokyo", "--time-zone", "UTC"]) == 0
    shown = capsys.readouterr()
    assert "in Asia/Tokyo | Sun 1 Mar 2026, 23:00 to Mon 2 Mar 2026, 01:00 JST" in shown.out
    assert shown.err == ""


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_tells_the_same(page: Page, folder: Path, form: str) -> None:
    (folder / "plan.json").write_text(plan_of(page.maintenance(notify_subscribers=True)))
    assert main(["summary", "plan.json", "--format", form, "--output", "out"]) == 0
    shown = (folder / "out").read_text()
    for told in (
        "Window announced: Upgrade",
        "Sun 1 Mar 2026, 14:00 to 16:00 UTC",
        "Every subscriber is emailed",
        "We upgrade.",
    ):
        assert told in shown


def test_a_broken_rule_exits_with_1_and_says_resource_rule_and_fix(
    page: Page, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "plan.json").write_text(plan_of(page.maintenance()))
    (folder / "pyproject.toml").write_text('[tool.statuspage.rules]\nlongest_window = "1h"\n')
    capsys.readouterr()
    assert main(["summary", "plan.json"]) == 1
    line = "window: longest_window: it is 1h, but the window takes 2h. Make it shorter, or split it in two"
    shown = capsys.readouterr()
    assert shown.err == f"statuspage: {line}\n"
    assert line.replace("_", "\\_") in shown.out


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", FAILED)
def test_a_preview_that_failed_exits_with_3_and_is_never_told_as_quiet(
    page: Page, folder: Path, capsys: pytest.CaptureFixture[str], name: str, form: str
) -> None:
    (folder / "plan.json").write_text(PLANS[name](page))
    capsys.readouterr()
    assert main(["summary", "plan.json", "--format", form]) == 3
    shown = capsys.readouterr()
    assert all(line.startswith("statuspage: the preview failed: ") for line in shown.err.splitlines())
    assert "The preview failed: " in shown.out
    assert "What it did not come to is unknown" in shown.out
    assert "othing will be announced" not in shown.out


def test_a_preview_that_failed_is_told_before_a_rule_that_what_came_before_breaks(
    page: Page, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "plan.json").write_text(PLANS["program-that-failed"](page))
    (folder / "pyproject.toml").write_text('[tool.statuspage.rules]\nlongest_window = "1h"\n')
    capsys.readouterr()
    assert main(["summary", "plan.json"]) == 3
    breach, failed = capsys.readouterr().err.splitlines()
    assert breach.startswith("statuspage: orders-upgrade: longest_window: ")
    assert failed == "statuspage: the preview failed: Exception: boom"


@pytest.mark.parametrize(
    ("text", "options", "line"),
    [
        ("nonsense", [], "not a preview: pass what `pulumi preview --json` prints"),
        (None, [], "cannot read or write plan.json: No such file or directory\n"),
        ("\udcff", [], "cannot read plan.json: 'utf-8' codec can't decode"),
        (
            '{"steps": []}',
            ["--time-zone", "Mars"],
            '--time-zone: "Mars" is not a time zone: use an IANA name, such as',
        ),
        ('{"steps": []}', ["--rules", "none.toml"], "cannot read none.toml: No such file or directory\n"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_exits_with_2(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str | None, options: list[str], line: str
) -> None:
    if text is not None:
        (folder / "plan.json").write_text(text, errors="surrogateescape")
    assert main(["summary", "plan.json", *options]) == 2
    shown = capsys.readouterr()
    assert shown.err.startswith(f"statuspage: {line}")
    assert shown.err.count("\n") == 1
    assert shown.out == ""


def test_of_a_window_that_runs_on_the_end_on_the_page_is_that_of_before(page: Page) -> None:
    program = page.maintenance()
    program.up()
    page.advance(hours=3)
    program.edit(duration="30m").up()
    shown = report(printed(preview("window", program.edit(name="Renamed"))), page.now).text
    assert "| name |" in shown
    assert "| times | Sun 1 Mar 2026, 14:00 to 16:00 UTC |\n" in shown, "not moved from another end"


def test_a_quiet_plan_is_one_line(page: Page) -> None:
    program = page.maintenance()
    program.up()
    shown = report(plan_of(program), page.now).text
    marker, _, line, end = shown.split("\n")
    assert marker.startswith("<!--")
    assert line == "Nothing will be announced: no window and no incident is created, changed or removed."
    assert end == ""


def test_a_summary_is_no_longer_than_a_comment_can_be_and_says_so(page: Page) -> None:
    windows = [preview(f"window-{number}", page.maintenance(idempotency_key=f"key-{number}")) for number in range(150)]
    text = printed(merged(*windows))
    assert 25_000 < len(report(text, page.now, form="plain-markdown").text) < 32_768
    shown = report(text, page.now).text
    assert 50_000 < len(shown) < 65_536
    assert shown.endswith("a comment cannot be longer. The terminal and HTML formats show the rest.\n")
    assert report(text, page.now, form="terminal").text.count("Window announced") == 150


# the calendar


def test_another_library_reads_the_calendar(page: Page) -> None:
    text = plan_of(page.maintenance(name="Orders, database; upgrade", message="Line one.\nLine two, and more.\n" * 9))
    (event,) = vobject.readOne(report(text, page.now, calendar=True).calendar.decode()).vevent_list
    assert event.summary.value == "Orders, database; upgrade"
    assert event.description.value.startswith("Line one.\nLine two, and more.\n")
    assert event.dtend.value - event.dtstart.value == timedelta(hours=2)
    assert event.dtstart.value.utcoffset() == timedelta()
    assert event.dtstamp.value == page.now
    assert event.status.value == "CONFIRMED"


def entry(page: Page, text: str) -> tuple[str, int, str, str]:
    (event,) = vobject.readOne(report(text, page.now, calendar=True).calendar.decode()).vevent_list
    return event.uid.value, int(event.sequence.value), f"{event.dtstart.value:%d %H:%M}", event.status.value


def test_a_window_that_is_moved_replaced_or_removed_updates_its_entry(page: Page) -> None:
    program = page.maintenance()
    uid, announced, begins, _ = entry(page, plan_of(program))
    assert (announced, begins) == (0, "01 14:00")
    program.up()
    moved = entry(page, plan_of(program, start_at="2026-03-03T14:00:00Z"))
    assert (moved[0], moved[2]) == (uid, "03 14:00")
    assert moved[1] > announced
    program.up()
    replaced = entry(page, plan_of(program, triggers=["v2"]))
    assert replaced[0] == uid
    program.up()
    removed = entry(page, printed(preview("window", program, leaving=True)))
    assert removed[0] == uid
    assert removed[3] == "CANCELLED"
    assert removed[1] > replaced[1] >= moved[1]
    assert "key" not in uid


# a look at the page


def test_without_a_key_it_goes_by_state_and_clock_and_says_so(
    page: Page, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "plan.json").write_text(plan_of(page.maintenance()))
    capsys.readouterr()
    assert main(["summary", "plan.json", "--check-live", "--format", "terminal"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "The page was not looked at: no API key for incident.io: set INCIDENT_API_KEY" in shown
    assert shown.count("The page was not looked at") == 1
    assert "Window announced: Upgrade" in shown


def test_a_page_that_is_down_is_asked_once(page: Page) -> None:
    programs = [page.maintenance(idempotency_key=f"key-{number}") for number in range(3)]
    for program in programs:
        program.up()
    steps = [preview(f"window-{number}", program, leaving=True) for number, program in enumerate(programs)]
    page.emulator.fault(method="GET", kind="status:401", times=99)
    page.asked()
    shown = report("\n".join(printed(step) for step in steps), page.now, live=look(page)).text
    assert shown.count("The page was not looked at") == 1
    assert len(page.asked()) == 1


def test_components_are_named(page: Page) -> None:
    shown = report(plan_of(page.maintenance()), page.now, live=look(page)).text
    assert "| components | EU / Database |" in shown


def test_components_are_named_as_the_program_looked_them_up_and_the_page_knows_better(page: Page) -> None:
    document = preview("window", page.maintenance(affected_component_ids=[page.database, page.api]))
    names = {page.database: "EU / Orders"}
    document["steps"][1]["newState"]["resourceHooks"] = {"AfterUpdate": [names_hook(1, names)]}
    text = printed(document)
    assert f"| components | {page.api}, EU / Orders |" in report(text, page.now).text
    assert "| components | API, EU / Database |" in report(text, page.now, live=look(page)).text


def test_what_a_person_did_to_the_window_is_told(page: Page) -> None:
    program = page.maintenance()
    program.up()
    times = {"start_at": "2026-03-02T14:00:00Z", "end_at": "2026-03-02T15:00:00Z"}
    page.human("PUT", f"status_page_maintenances/{program.id}", name="Theirs", **times)
    shown = report(plan_of(program, message="Other."), page.now, live=look(page)).text
    assert "On the page it is Mon 2 Mar 2026, 14:00 to 15:00 UTC, not Sun 1 Mar 2026, 14:00 to 16:00 UTC" in shown
    assert "On the page it is called “Theirs”" in shown
    page.human("DELETE", f"status_page_maintenances/{program.id}")
    shown = report(plan_of(program), page.now, live=look(page)).text
    assert "It is no longer on the page: somebody deleted it there" in shown
    assert "pulumi up refuses this" in shown


def test_other_windows_and_open_incidents_of_the_page_are_told(page: Page) -> None:
    page.maintenance(idempotency_key="theirs", name="Theirs").up()
    page.maintenance(idempotency_key="apart", name="Apart", affected_component_ids=[page.api]).up()
    trouble(page)
    shown = report(plan_of(page.maintenance(idempotency_key="ours")), page.now, live=look(page)).text
    assert "“Theirs” is on the page for EU / Database at the same time: Sun 1 Mar 2026, 14:00 to 16:00 UTC" in shown
    assert "“Apart” is on the page" not in shown
    assert "An incident is open on EU / Database: “Slow queries”, investigating" in shown
    assert "Elsewhere" not in shown
    assert "Long over" not in shown


def test_what_the_plan_takes_over_or_is_about_is_no_surprise(page: Page, folder: Path, public: str) -> None:
    (folder / "rules.toml").write_text("[tool.statuspage.rules]\noverlap = false\n")
    theirs = page.maintenance(idempotency_key="theirs")
    theirs.up()
    text = plan_of(page.maintenance(adopt_id=theirs.id))
    for shown in (
        report(text, page.now, rules=folder / "rules.toml", live=look(page)),
        report(text, page.now, rules=folder / "rules.toml", widget=public),
    ):
        assert shown.breaches == []
        assert "at the same time" not in shown.text
    incident = page.incident(component_statuses={page.database: "full_outage"})
    incident.up()
    resolving = preview("slow", incident.edit(incident_status="resolved"))
    both = "\n".join([plan_of(page.maintenance(idempotency_key="ours")), printed(resolving)])
    assert "An incident is open" not in report(both, page.now, live=look(page)).text


def test_an_incident_is_asked_of_its_own_service(page: Page) -> None:
    incident = page.incident()
    incident.up()
    page.asked()
    report(plan_of(incident, message="More."), page.now, live=look(page))
    report(plan_of(page.incident(adopt_id=incident.id)), page.now, live=look(page))
    assert {line for line in page.asked() if "maintenances" in line} == set()


def test_a_window_that_was_ended_early_and_is_moved_is_a_new_one_for_those_who_look(page: Page) -> None:
    program = completed_early(page)
    text = plan_of(program, start_at="2026-03-08T14:00:00Z")
    program.api_key = None
    unseen = plan_of(program)
    assert "Window replaced: Upgrade" in report(text, page.now, live=look(page)).text
    offline = report(unseen, page.now).text
    assert "Window changed: Upgrade" in offline
    assert "If it ended early, for example by complete\\_after, a new one is announced instead" in offline
    assert "Window replaced: Upgrade" in report(unseen, page.now, live=look(page)).text


def trouble(page: Page) -> None:
    page.incident(name="Slow queries", component_statuses={page.database: "full_outage"}).up()
    page.incident(name="Elsewhere", component_statuses={page.api: "full_outage"}, idempotency_key="elsewhere").up()
    over = page.incident(name="Long over", component_statuses={page.database: "full_outage"}, idempotency_key="over")
    over.up()
    over.edit(incident_status="resolved").up()


@pytest.fixture
def public(page: Page, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page's public address, read in process and never from an earlier test."""
    here = httpx.WSGITransport(app=page.emulator.app)
    client = widget.client
    monkeypatch.setattr(widget, "_KEPT", {})
    monkeypatch.setattr(widget, "PAUSES_S", (0.0, 0.0))
    monkeypatch.setattr(widget, "client", lambda where: client(where, here))
    return f"{page.url}/pages/acme"


def test_the_public_widget_tells_them_without_a_key(page: Page, public: str) -> None:
    page.maintenance(idempotency_key="theirs", name="Theirs").up()
    page.maintenance(idempotency_key="apart", name="Apart", affected_component_ids=[page.api]).up()
    page.maintenance(idempotency_key="now", name="Now", start_at="2026-03-01T11:00:00Z", duration="4h").up()
    trouble(page)
    page.asked()
    text = plan_of(page.maintenance(idempotency_key="ours"))
    shown = report(text, page.now, widget=public).text
    assert page.asked() == ["GET acme"]
    assert "“Theirs” is on the page for EU / Database at the same time: Sun 1 Mar 2026, 14:00 to 16:00 UTC" in shown
    assert "“Now” is on the page for EU / Database at the same time: Sun 1 Mar 2026, 11:00 to 15:00 UTC" in shown
    assert "An incident is open on EU / Database: “Slow queries”, investigating" in shown
    assert not {name for name in ("Apart", "Elsewhere", "Long over") if name in shown}
    both = report(text, page.now, widget=public, live=look(page)).text
    assert both.count("“Theirs” is on the page") == 1
    assert both.count("An incident is open on") == 1


def test_the_public_widget_tells_that_somebody_moved_the_window(page: Page, public: str) -> None:
    program = page.maintenance()
    program.up()
    assert "somebody moved it" not in report(plan_of(program, message="Other."), page.now, widget=public).text
    times = {"start_at": "2026-03-02T14:00:00Z", "end_at": "2026-03-02T15:00:00Z"}
    page.human("PUT", f"status_page_maintenances/{program.id}", name="Upgrade", **times)
    widget.get_widget(public).refresh()
    shown = report(plan_of(program, message="Other."), page.now, widget=public).text
    assert "On the page it is Mon 2 Mar 2026, 14:00 to 15:00 UTC, not Sun 1 Mar 2026, 14:00 to 16:00 UTC" in shown


def test_a_widget_that_cannot_be_read_is_one_line(page: Page, public: str) -> None:
    shown = report(plan_of(page.maintenance()), page.now, widget=f"{page.url}/pages/nobody").text
    assert "The widget was not read: there is no widget at" in shown
    assert "Window announced: Upgrade" in shown


def test_the_page_s_own_windows_count_for_the_rule_of_overlaps(page: Page, folder: Path) -> None:
    page.maintenance(idempotency_key="theirs", name="Theirs").up()
    (folder / "rules.toml").write_text("[tool.statuspage.rules]\noverlap = false\n")
    text = plan_of(page.maintenance(idempotency_key="ours"))
    assert report(text, page.now, rules=folder / "rules.toml").breaches == []
    (breach,) = report(text, page.now, rules=folder / "rules.toml", live=look(page)).breaches
    assert "it runs at the same time as “Theirs”, which is on the page already" in str(breach)


def test_a_look_only_reads(page: Page) -> None:
    program = page.maintenance(notify_subscribers=True)
    program.up()
    page.asked()
    report(plan_of(program, message="Other."), page.now, live=look(page))
    assert page.wrote() == []


def test_an_adopted_window_is_compared_with_the_page(page: Page) -> None:
    theirs = page.maintenance(idempotency_key="theirs")
    theirs.up()
    text = plan_of(page.maintenance(adopt_id=theirs.id, message="Ours."))
    offline = report(text, page.now).text
    assert f"Takes over {theirs.id}" in offline
    assert "With --check-live this summary compares it with the page" in offline
    online = report(text, page.now, live=look(page)).text
    assert "1. Publishes an update. Nobody is emailed." in online
    assert "--check-live" not in online


def test_a_service_that_is_not_there_is_not_asked() -> None:
    live = LivePage({}, {"incident.io": "no key"})
    with pytest.raises(Exception, match="what x shows"):
        live.maintenance("incident.io", "x")
    assert live.problems == ["no key"]
