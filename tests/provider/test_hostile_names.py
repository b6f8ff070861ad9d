"""Names that steer a terminal, a build's log or the reading order do so in nothing that any command prints."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from statuspage_provider import lookups
from statuspage_provider.__main__ import main
from statuspage_provider.services.incident_io import widget
from tests.support.exported import exported, work
from tests.support.page import Page
from tests.support.previews import merged, preview, printed
from tests.support.program import Program
from tests.support.statuspage_me import Account

pytestmark = pytest.mark.usefixtures("utc")

STEERS = (
    "a\x1b[2J\x1b]0;b\x07\x9b31m\x90c\r\x08\x7f"  # a terminal
    "\n::error::d\n  ::add-mask::e\n##[error]f ##vso[task.complete]g\u2028::error::h\x85::error::i"  # a build's log
    "\u202ej\u2066k\u200e\u061cl\u200b\ufeff\xad\u2060m\U000e0041n"  # the reading order, and what is not seen at all
    "\n-->o<script>p</script>](javascript:q)`r|s\nEND:VCALENDAR\nBEGIN:VEVENT"  # a document's own marks
)
SEEN_BY_NOBODY = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def hidden(text: str, but: str = "\n") -> list[str]:
    return [f"U+{ord(one):04X}" for one in text if one not in but and unicodedata.category(one) in SEEN_BY_NOBODY]


def faults(text: str, but: str = "\n") -> list[str]:
    """What in a text could steer whoever shows it."""
    return hidden(text, but) + re.findall(r"^[ \t]*::.*|##\w*\[.*", text, re.MULTILINE)


@pytest.fixture
def shown(page: Page, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """All that a command prints."""
    lookups._pages.cache_clear()
    monkeypatch.setattr(widget, "_KEPT", {})
    real = widget.client
    emulated = httpx.WSGITransport(app=page.emulator.app)
    monkeypatch.setattr(widget, "client", lambda where: real(where, emulated))
    for service, key in (("INCIDENT", "emulator-write"), ("STATUSPAGEME", "spk_emulator-write")):
        monkeypatch.setenv(f"{service}_ENDPOINT", page.url)
        monkeypatch.setenv(f"{service}_API_KEY", key)

    def run(*args: str, given: str = "") -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(given))
        capsys.readouterr()
        main(list(args))
        out, err = capsys.readouterr()
        assert "this is a bug" not in err
        return out + err

    return run


def announced(page: Page) -> tuple[Program, Program]:
    """A window and an incident of that name, on both services; those of the first."""
    name = {"name": STEERS, "message": STEERS}
    here = page.maintenance(**name), page.incident(**name)
    account = Account(page)
    for one in (*here, account.window(**name, idempotency_key="2"), account.incident(**name, idempotency_key="2")):
        one.up()
    return here


def test_neither_lists_nor_the_answers_to_a_schedule_nor_the_widget_are_steered(
    page: Page, shown: Callable[..., str]
) -> None:
    window, _ = announced(page)
    page.advance(hours=1)
    page.tell(window, STEERS, maintenance_status="maintenance_in_progress")
    page.advance(hours=1, minutes=10)
    state = json.dumps(exported(window, covered=[work(None, STEERS)]))
    page.client.post("/_emulator/pages", json={"name": STEERS, "components": ["One"]}).raise_for_status()
    said = [
        shown("list", "--page", page.id),
        shown("list"),
        shown("list", "--page", STEERS),
        shown("list", "--page", page.id, "--json"),
        shown("list", "--service", "statuspage.me"),
        shown("due", "-", given=state),
        shown("due", "-", "--json", given=state),
        shown("settle", "-", given=state),
        shown("complete", STEERS),
        shown("widget", f"{page.url}/pages/acme"),
        shown("widget", STEERS),
        shown("complete", window.id),
    ]
    assert [number for number, one in enumerate(said) if not one.strip()] == []
    assert [faults(one) for one in said] == [[]] * len(said)


def test_no_line_beside_the_engine_s_own_is_steered(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    window, incident = announced(page)
    page.advance(hours=3)
    window.edit(start_at="2026-03-03T14:00:00Z", notify_subscribers=True).up()
    window.edit(message=f"{STEERS} again").up()
    incident.edit(message=f"{STEERS} again", notify_subscribers=True).up()
    window.destroy()
    incident.destroy()
    lines = capsys.readouterr().out
    assert "::vso" not in lines
    assert faults(lines) == []


@pytest.mark.parametrize("form", ["markdown", "terminal", "html"])
def test_no_form_of_the_summary_is_steered(
    page: Page, shown: Callable[..., str], form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    window, incident = announced(page)
    moved = window.edit(start_at="2026-03-03T14:00:00Z", triggers=[STEERS])
    documents = preview(STEERS, moved), preview(f"{STEERS}2", incident.edit(message=f"{STEERS} again"))
    Path("plan.json").write_text(printed(merged(*documents)))
    said = shown("summary", "plan.json", "--format", form, "--check-live", "--calendar", "windows.ics")
    assert "again" in said
    # A gap of no width keeps a mention from being one, in Markdown.
    assert faults(said, "\n\u200b" if form == "markdown" else "\n") == []
    calendar = Path("windows.ics").read_bytes().decode()
    assert hidden(calendar, "\r\n") == []
    lines = calendar.split("\r\n")
    assert [line for line in lines if line.startswith(("BEGIN:", "END:"))] == [
        *("BEGIN:VCALENDAR", "BEGIN:VEVENT", "END:VEVENT", "END:VCALENDAR")
    ]
