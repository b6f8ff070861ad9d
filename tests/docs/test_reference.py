"""Every name a user can write is in the docs, and the docs name nothing that does not exist."""

from __future__ import annotations

import argparse
import inspect
import json
import re
from datetime import datetime, timezone
from typing import Any, Literal, get_args, get_origin

import pytest

import statuspage_provider as statuspage
from engine.versions import MINIMUM
from reference.declared import arguments
from statuspage_provider import __main__ as command_line
from statuspage_provider import errors, lookups, testing
from statuspage_provider.commands import due, exported_state, listing
from statuspage_provider.covering.hook_names import record_name
from statuspage_provider.services.capabilities import CAPABILITIES
from statuspage_provider.services.incident_io import widget
from statuspage_provider.services.settings import read_settings
from tests.support.markdown import PAGES, ROOT, Page, bare
from tests.support.page import Page as Emulated

README, REFERENCE = Page("README.md"), Page("docs/reference.md")
EVERY_PAGE = [Page(path) for path in PAGES]
WIDGET_EVENTS: dict[str, type[widget.Event]] = {
    "ongoing_incidents": widget.OngoingIncident,
    "in_progress_maintenances": widget.InProgressMaintenance,
    "scheduled_maintenances": widget.ScheduledMaintenance,
}
SOURCES = sorted((ROOT / "statuspage_provider").rglob("*.py"))


def names(heading: str) -> list[str]:
    return [bare(row[0]) for row in REFERENCE.table(heading)]


def test_every_argument_of_a_provider_has_a_row_with_its_default() -> None:
    rows = {bare(row[0]): row[2] for row in REFERENCE.table("Provider")}
    assert rows == arguments(statuspage.Provider)


def test_every_public_name_is_in_the_reference() -> None:
    text = " ".join(REFERENCE.code)
    missing = [name for name in statuspage.__all__ if not re.search(rf"\b{name}\b", text)]
    assert not missing


def test_every_type_that_is_exported_has_a_row_with_its_words() -> None:
    exported = {name: getattr(statuspage, name) for name in statuspage.__all__}
    own = {name: list(get_args(kind)) for name, kind in exported.items() if get_origin(kind) is Literal}
    assert {bare(row[0]): re.findall(r"`([^`]+)`", row[1]) for row in REFERENCE.table("Types")} == own


def test_every_name_for_tests_has_a_row() -> None:
    named = [re.match(r"(\w+)(?:\.(\w+))?", bare(row[0])) for row in Page("docs/testing.md").table("Testing", "name")]
    assert {match[1] for match in named if match} == set(testing.__all__)
    for match in named:
        assert match
        documented = getattr(testing, match[1])
        assert inspect.getdoc(getattr(documented, match[2]) if match[2] else documented)


def test_every_name_taken_from_the_package_is_public() -> None:
    for page in EVERY_PAGE:
        for line in page.code:
            # `statuspage.me` is a service.
            for name in re.findall(r"(?<!tool\.)\bstatuspage\.(?!me\b)([A-Za-z_]\w*)", line):
                assert name in statuspage.__all__, f"{page.name}: statuspage.{name}"


@pytest.mark.parametrize(
    "documented", [statuspage.StatusPage, statuspage.Component, statuspage.Availability, statuspage.Widget]
)
def test_what_a_look_up_answers_is_described(documented: Any) -> None:
    rows = dict(row[:2] for row in REFERENCE.table("Look-ups"))
    fields = getattr(documented, "model_fields", None) or documented.__dataclass_fields__
    own = {name for name in vars(documented) if not name.startswith(("_", "model_"))} | set(fields)
    for name in own - {"_settings"}:
        assert re.search(rf"`{name}\b", rows[f"`{documented.__name__}`"]), name


def test_the_signature_of_a_look_up_is_as_written() -> None:
    for row in REFERENCE.table("Look-ups"):
        name, given, written = bare(row[0]).partition("(")
        if given:
            takes = inspect.signature(getattr(statuspage, name)).parameters.values()
            bare_ones = [one.replace(annotation=inspect.Parameter.empty) for one in takes]
            assert f"({written}" == str(inspect.Signature(bare_ones))


def test_the_arguments_of_a_slot_are_described() -> None:
    rows = [bare(row[0]) for row in Page("docs/slots.md").table("The rule")]
    assert rows == list(inspect.signature(statuspage.next_slot).parameters)


def test_the_fields_of_a_widgets_events_are_described() -> None:
    rows = {row[0]: set(re.findall(r"`(\w+)`", row[1])) for row in REFERENCE.table("The widget")}
    own = {name: set(model.model_fields) - rows["each"] for name, model in WIDGET_EVENTS.items()}
    assert {name: rows[f"of `{name}`"] for name in own} == own
    assert rows["each"] == set(widget.Event.model_fields)
    assert rows["a component"] - {"path"} == set(widget.AffectedComponent.model_fields)


def test_every_error_has_a_row_and_the_tree_is_the_code_s_own() -> None:
    found = [statuspage.StatusPageError]
    for error in found:
        found += error.__subclasses__()
    assert set(names("Errors")) == {error.__name__ for error in found}
    assert {error.__name__ for error in found} <= set(statuspage.__all__)
    (tree,) = (block.text for block in REFERENCE.blocks if block.text.startswith("StatusPageError"))
    own = [line[4:] for line in (errors.__doc__ or "").splitlines() if re.match(r"    [S│├└ ]", line)]
    drawn = [re.match(r"[│├└─ ]*\w+", line)[0] for line in own]  # type: ignore[index]
    assert [line.rstrip() for line in tree.splitlines()] == drawn


# answers for scripts


def fields_of(page: Page, heading: str, head: str) -> dict[str, set[str]]:
    """The first cell of each row of a table, without its marks, and the names in the second."""
    table = page.section(heading).split(f"| {head} |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| (.+?) \| (.*) \|$", table, re.MULTILINE)
    return {names: set(re.findall(r"`(\w+)`", what)) for names, what in rows if not names.startswith("---")}


def test_the_fields_of_what_is_due_are_described() -> None:
    scheduling = Page("docs/scheduling.md")
    urn = f"urn:pulumi:test::project::{exported_state.WINDOW}::window"
    times = {"start_at": "2026-03-01T14:00:00Z", "end_at": "2026-03-01T16:00:00Z"}
    window = {"urn": urn, "type": exported_state.WINDOW, "outputs": {"name": "A", "phase": "scheduled", **times}}
    window["resourceHooks"] = {"after_update": [record_name("window", ["work"])]}
    state = exported_state.ExportedState(json.dumps({"deployment": {"resources": [window]}}), "it")
    answer = due.look([state], {}, datetime(2026, 3, 1, tzinfo=timezone.utc)).as_json()
    rows = fields_of(scheduling, "As JSON", "field | what")
    assert [bare(name) for name in rows] == list(answer)
    assert rows["`next`"] - {"null"} == set(answer["next"])
    of_a_window = fields_of(scheduling, "As JSON", "of a window | what")
    assert [name for names in of_a_window for name in re.findall(r"`(\w+)`", names)] == list(answer["windows"][0])


def test_the_fields_of_a_list_are_described(page: Emulated, monkeypatch: pytest.MonkeyPatch) -> None:
    page.maintenance().up()
    page.incident().up()
    with monkeypatch.context() as patch:
        patch.setenv("INCIDENT_ENDPOINT", page.url)
        patch.setenv("INCIDENT_API_KEY", "emulator-read")
        lookups._pages.cache_clear()
        answer = listing.as_json(listing.listing(read_settings(CAPABILITIES["incident.io"].names), None))
    rows = fields_of(REFERENCE, "The list as JSON", "field | what")
    assert [bare(name) for name in rows] == list(answer)
    assert rows["`status_page`"] == set(answer["status_page"])
    of = fields_of(REFERENCE, "The list as JSON", "event | fields")
    (window,), (incident,) = answer["status_page_maintenances"], answer["status_page_incidents"]
    assert of["each"] | of["a window"] == set(window)
    assert of["each"] | of["an incident"] == set(incident)
    statuses = {"maintenance_status", "incident_status"}
    assert of["an update"] == set(window["updates"][0]) | set(incident["updates"][0])
    assert of["an update"] >= statuses


# settings


def test_every_setting_has_a_row() -> None:
    rows = REFERENCE.table("Settings")
    own = dict.fromkeys(re.findall(r"\bSTATUSPAGE_[A-Z]+\b", "".join(path.read_text() for path in SOURCES)), "none")
    defaults = {}
    for names in (able.names for able in CAPABILITIES.values()):
        for key in ("apiKey", "endpoint", *["incidentStates"] * bool(names.incident_states)):
            own[names.variable(key)] = f"`{names.config}:{key}`"
        defaults[names.variable("endpoint")] = names.endpoint
        if names.incident_states:
            defaults[names.variable("incidentStates")] = json.dumps(dict(names.incident_states))
    assert {bare(row[0]): row[1].removesuffix(" (secret)") for row in rows} == own
    assert {bare(row[0]): bare(row[2]) for row in rows if bare(row[0]) in defaults} == defaults


def test_no_page_names_a_setting_that_does_not_exist() -> None:
    known = {bare(row[0]) for row in REFERENCE.table("Settings")}
    for page in EVERY_PAGE:
        assert set(re.findall(r"\b(?:STATUSPAGE|INCIDENT|STATUSPAGEME)_[A-Z_]+\b", page.text)) <= known, page.name
        stored = re.findall(r"\b((?:incident|statuspageme):\w+)", page.text)
        assert set(stored) <= {row[1].split("`")[1] for row in REFERENCE.table("Settings") if "`" in row[1]}, page.name


# commands


def parser(monkeypatch: pytest.MonkeyPatch) -> argparse.ArgumentParser:
    """The parser of the command line, caught as it is about to parse."""
    caught: list[argparse.ArgumentParser] = []

    def parse_args(self: argparse.ArgumentParser, *_: object) -> None:
        caught.append(self)
        raise SystemExit

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_args)
    with pytest.raises(SystemExit):
        command_line.main([])
    return caught[0]


def commands(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Each subcommand and its options."""
    (subcommands,) = (
        action for action in parser(monkeypatch)._actions if isinstance(action, argparse._SubParsersAction)
    )
    return {
        name: {option for action in each._actions for option in action.option_strings} - {"-h", "--help"}
        for name, each in subcommands.choices.items()
    }


def test_every_command_and_option_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    known = commands(monkeypatch)
    rows = {bare(row[0]) for row in REFERENCE.table("Command line")}
    documented: dict[str, set[str]] = {}
    for row in rows:
        documented.setdefault(row.split()[1], set()).update(re.findall(r"--[a-z-]+", row))
    assert documented == known


def test_no_page_names_a_command_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    known = commands(monkeypatch)
    for page in EVERY_PAGE:
        for line in page.code:
            for name, rest in re.findall(r"(?:^|[$ ])statuspage ([a-z]+)((?: .*)?)$", line):
                assert name in known, f"{page.name}: {line}"
                assert set(re.findall(r"--[a-z-]+", rest.partition("|")[0])) <= known[name], f"{page.name}: {line}"


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_the_make_targets_in_contributing_are_those_of_the_makefile() -> None:
    assert {bare(row[0]) for row in Page("CONTRIBUTING.md").table("Contributing")} == {
        f"make {target}" for target in targets()
    }
    for page in EVERY_PAGE:
        for line in page.code:
            assert set(re.findall(r"\bmake ([a-z]+)", line)) <= targets(), f"{page.name}: {line}"


def test_the_oldest_engine_that_is_taken_is_named() -> None:
    for page in (README, Page("docs/design.md")):
        assert re.findall(r"v\d+\.\d+\.\d+", page.prose) == [str(MINIMUM)], page.name


# the design


def test_every_folder_of_tests_is_named() -> None:
    named = {bare(row[0]) for row in Page("docs/design.md").table("Tests")}
    folders = {str(path.parent.relative_to(ROOT)) for path in (ROOT / "tests").glob("*/test_*.py")}
    assert named == folders
