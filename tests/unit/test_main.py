"""Of the command line, what is of no one command: an error that nobody foresaw, and the version."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest

from statuspage_provider.__main__ import main
from statuspage_provider.commands import complete, due, listing, settle
from statuspage_provider.services.incident_io import widget
from statuspage_provider.summary import report

KEY = "secret-key"


@pytest.fixture(autouse=True)
def broken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyError(f"\x1b[31m::error::{KEY}\nsecond line")

    monkeypatch.setattr(report, "report", fail)
    monkeypatch.setattr(listing, "listing", fail)
    monkeypatch.setattr(settle, "settle", fail)
    monkeypatch.setattr(due, "look", fail)
    monkeypatch.setattr(complete, "complete", fail)
    monkeypatch.setattr(widget, "get_widget", fail)
    monkeypatch.setenv("INCIDENT_API_KEY", KEY)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.json").write_text('{"deployment": {}}')


COMMANDS = [
    ("summary", "file.json"),
    ("due", "file.json"),
    ("settle", "file.json"),
    ("complete", "01HZNONE"),
    ("list",),
    ("widget", "https://status.example.com"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_an_error_that_nobody_foresaw_is_one_line_without_its_text(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 2
    shown = capsys.readouterr()
    (line,) = shown.err.splitlines()
    assert line.startswith("statuspage: this is a bug in statuspage-provider: KeyError at __main__.py:")
    assert KEY not in shown.out + shown.err


@pytest.mark.parametrize("command", COMMANDS)
def test_its_traceback_is_shown_to_whoever_asks(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATUSPAGE_DEBUG", "1")
    assert main(command) == 2
    assert "Traceback (most recent call last):" in capsys.readouterr().err


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"statuspage {version('statuspage-provider')}\n"
