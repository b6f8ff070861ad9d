"""From the text of a preview to the text of a summary: what the command line runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .. import times
from ..errors import Refused, StatusPageError
from ..services.capabilities import CAPABILITIES
from ..services.settings import read_settings
from .calendar import to_calendar
from .document import Reading, document
from .forecast import Summary, summarise
from .html import to_html
from .markdown import to_markdown, to_plain_markdown
from .plan import read_plan
from .rules import Breach, breaches, read_rules, unjudged
from .terminal import to_terminal

if TYPE_CHECKING:
    from .live import LivePage

# What only some ask for is loaded for them alone: the page, its widget, the models of the JSON.
FORMATS = {"markdown": to_markdown, "plain-markdown": to_plain_markdown, "terminal": to_terminal, "html": to_html}


@dataclass(frozen=True)
class Report:
    text: str
    breaches: Sequence[Breach]
    reasons: Sequence[str] = ()
    """Why the preview failed. What it did not come to is not in the report."""
    calendar: bytes = b""


def report(
    text: str,
    now: datetime,
    *,
    form: Literal["markdown", "plain-markdown", "terminal", "html", "json"] = "markdown",
    time_zones: Sequence[str] = (),
    check_live: bool = False,
    widget: str | None = None,
    rules: Path | None = None,
    calendar: bool = False,
    live: LivePage | None = None,
) -> Report:
    """The summary of what a preview printed. Raises Refused, in one line, for what cannot be read."""
    zones = []
    for name in time_zones:
        try:
            zones.append(times.parse_zone(name))
        except ValueError as error:
            raise Refused(f"--time-zone: {error}") from None
    wanted, plan = read_rules(rules), read_plan(text)
    live = open_page() if check_live and live is None else live
    summary = summarise(plan, now, live)
    findings, others, components = live.findings(summary) if live is not None else ({}, [], {})
    if widget is not None:
        _add(findings, _of_widget(summary, widget))
    _add(findings, unjudged(wanted, summary))
    broken = breaches(wanted, summary, others)
    reading = Reading(
        zones=zones,
        # What the page says now goes before what the program found in the preview.
        components=plan.component_names | components,
        breaches=[str(breach) for breach in broken],
        findings=findings,
        others=live.bars(others) if live is not None else (),
    )
    written = _json(summary, reading, broken) if form == "json" else FORMATS[form](document(summary, reading))
    return Report(written, broken, plan.errors, _calendar(summary) if calendar else b"")


def _json(summary: Summary, reading: Reading, broken: Sequence[Breach]) -> str:
    from .data import to_json

    return to_json(summary, reading, broken)


def _of_widget(summary: Summary, url: str) -> dict[str, list[str]]:
    from ..services.incident_io.widget import get_widget
    from .live import widget_findings

    try:
        return widget_findings(summary, get_widget(url))
    except StatusPageError as error:
        return {"": [f"The widget was not read: {error}"]}


def _add(findings: dict[str, list[str]], more: dict[str, list[str]]) -> None:
    """What both found is said once."""
    for urn, lines in more.items():
        findings[urn] = list(dict.fromkeys([*findings.get(urn, []), *lines]))


def _calendar(summary: object) -> bytes:
    try:
        return to_calendar(summary)  # type: ignore[arg-type]
    except ModuleNotFoundError:
        raise Refused("--calendar needs one more package: pip install 'statuspage-provider[summary]'") from None


def open_page() -> LivePage:
    """The page as the environment's keys reach it. A service without a key is not asked, and that is said."""
    from .live import LivePage

    found, problems = {}, []
    for name, able in CAPABILITIES.items():
        try:
            settings = read_settings(able.names)
            settings.key()
            found[name] = settings
        except StatusPageError as error:
            problems.append((name, str(error)))
    return LivePage(found, dict(problems))
