"""Every name a user can write is in the docs, and the docs name nothing that does not exist."""

from __future__ import annotations

import argparse
import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

import statuspage_provider as statuspage
from engine.versions import MINIMUM
from statuspage_provider import __main__ as command_line
from statuspage_provider import errors, inputs, state, statuses
from statuspage_provider.services.capabilities import CAPABILITIES
from statuspage_provider.services.incident_io import widget
from tests.docs.markdown import PAGES, ROOT, Page, bare

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


def arguments(of: Callable[..., Any]) -> dict[str, str]:
    """Each keyword argument and its default, as the docs write it."""
    taken = inspect.signature(of).parameters.values()
    return {one.name: default(one.default) for one in taken if one.kind is one.KEYWORD_ONLY and one.name != "opts"}


def default(value: object) -> str:
    if value is inspect.Parameter.empty:
        return "required"
    return "none" if value is None else f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


@pytest.mark.parametrize(
    ("heading", "documented"),
    [
        ("Inputs of a maintenance window", statuspage.StatusPageMaintenance),
        ("Inputs of an incident", statuspage.StatusPageIncident),
        ("Inputs of a retrospective incident", statuspage.StatusPageRetrospectiveIncident),
        ("Provider", statuspage.Provider),
    ],
)
def test_every_argument_has_a_row_with_its_default(heading: str, documented: Callable[..., Any]) -> None:
    rows = {bare(row[0]): row[2] for row in REFERENCE.table(heading)}
    assert rows == arguments(documented)


@pytest.mark.parametrize(
    ("inputs", "resource"),
    [
        (inputs.MaintenanceInputs, statuspage.StatusPageMaintenance),
        (inputs.IncidentInputs, statuspage.StatusPageIncident),
        (inputs.RetrospectiveInputs, statuspage.StatusPageRetrospectiveIncident),
    ],
)
def test_what_the_model_takes_is_what_the_program_can_give(inputs: Any, resource: Callable[..., Any]) -> None:
    assert set(inputs.model_fields) == set(arguments(resource))


def test_every_output_has_a_row() -> None:
    window = set(state.MaintenanceState.model_fields) - {"declared", "window"} | {"id", "start_at", "end_at"}
    assert set(names("Outputs of a maintenance window")) == window
    incident = set(state.IncidentState.model_fields) - {"declared"} | {"id"}
    assert set(names("Outputs of an incident")) == incident
    past = set(state.RetrospectiveState.model_fields) - {"declared"} | {"id"}
    assert set(names("Outputs of a retrospective incident")) == past


def test_every_field_of_a_past_update_has_a_row() -> None:
    table = REFERENCE.section("Inputs of a retrospective incident").split("| of an update |")[1]
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)$", table, re.MULTILINE))
    assert set(rows) == set(inputs.RetrospectiveUpdate.model_fields) - {"time_zone"}
    assert str(inputs.MESSAGE_LIMIT) in rows["message"]
    assert all(f"`{status}`" in rows["incident_status"] for status in get_args(statuses.IncidentStatus))
    limits = {bare(row[0]): row[4] for row in REFERENCE.table("Inputs of a retrospective incident")}
    assert str(inputs.NAME_LIMIT) in limits["name"]
    assert str(inputs.UPDATES_LIMIT) in limits["updates"]


def test_the_ledger_and_the_anchor_are_described_by_their_fields() -> None:
    for heading in ("Outputs of a maintenance window", "Outputs of an incident"):
        rows = {bare(row[0]): row[2] for row in REFERENCE.table(heading)}
        assert all(f"`{field}`" in rows["notices"] for field in state.Notice.model_fields)
    (row,) = (row for row in REFERENCE.table("Outputs of a maintenance window") if bare(row[0]) == "anchor")
    assert all(f"`{field}`" in row[2] for field in state.Anchor.model_fields)


@pytest.mark.parametrize(
    ("heading", "field", "annotated"),
    [
        ("Inputs of a maintenance window", "maintenance_status", statuses.MaintenanceStatus),
        ("Inputs of an incident", "incident_status", statuses.IncidentStatus),
        ("Outputs of a maintenance window", "phase", statuses.Phase),
    ],
)
def test_the_values_of_a_status_are_all_named(heading: str, field: str, annotated: Any) -> None:
    (row,) = (row for row in REFERENCE.table(heading) if bare(row[0]) == field)
    assert all(f"`{value}`" in " ".join(row) for value in annotated.__args__)


def test_the_limits_are_the_models_limits() -> None:
    for heading in ("Inputs of a maintenance window", "Inputs of an incident"):
        rules = {bare(row[0]): row[4] for row in REFERENCE.table(heading)}
        assert str(inputs.NAME_LIMIT) in rules["name"]
        assert str(inputs.MESSAGE_LIMIT) in rules["message"]
        assert str(inputs.MESSAGE_LIMIT) in rules["delete_message"]


def test_every_input_is_in_the_readme_too() -> None:
    tables = README.section("Inputs")
    for resource in (
        statuspage.StatusPageMaintenance,
        statuspage.StatusPageIncident,
        statuspage.StatusPageRetrospectiveIncident,
    ):
        table = tables[tables.index(f"| `{resource.__name__}`") :].split("\n\n")[0]
        named = set(re.findall(r"^\| (.+?) \|", table, re.MULTILINE)[1:])
        assert {name for cell in named for name in re.findall(r"`(\w+)`", cell)} == set(arguments(resource))


def test_every_public_name_is_in_the_reference() -> None:
    text = " ".join(REFERENCE.code)
    missing = [name for name in statuspage.__all__ if not re.search(rf"\b{name}\b", text)]
    assert not missing


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
                assert set(re.findall(r"--[a-z-]+", rest)) <= known[name], f"{page.name}: {line}"


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_the_make_targets_in_the_readme_are_those_of_the_makefile() -> None:
    assert {bare(row[0]) for row in README.table("Development")} == {f"make {target}" for target in targets()}
    for page in EVERY_PAGE:
        for line in page.code:
            assert set(re.findall(r"\bmake ([a-z]+)", line)) <= targets(), f"{page.name}: {line}"


def test_the_oldest_engine_that_is_taken_is_named() -> None:
    for page in (README, Page("docs/design.md")):
        assert re.findall(r"v\d+\.\d+\.\d+", page.prose) == [str(MINIMUM)], page.name


# the design


def test_modules_import_only_those_below_them() -> None:
    listed = [bare(row[0]) for row in Page("docs/design.md").table("Layers")]
    package = ROOT / "statuspage_provider"
    found = {str(path.relative_to(package)) for path in SOURCES if "emulator" not in path.parts}
    rooms = {path for path in found if path.endswith("/__init__.py")}
    assert sorted(listed) == sorted(found - rooms), "name each module in docs/design.md, once"
    for place, module in enumerate(listed):
        for target in imports(package / module):
            if target.split("/")[0] == "emulator":
                assert module == "__main__.py", f"{module} imports the emulator"
            else:
                assert listed.index(target) > place, f"{module} imports {target}, which is above it"


def imports(path: Path) -> set[str]:
    """The package's modules that one of them imports, as paths below the package."""
    package = ROOT / "statuspage_provider"
    found = set()
    for dots, module, named in re.findall(r"^ *from (\.+)([\w.]*) import \(?([\w, ]*)", path.read_text(), re.MULTILINE):
        base = path.parents[len(dots) - 1].joinpath(*module.split(".")) if module else path.parents[len(dots) - 1]
        for candidate in [base, *(base / name.strip() for name in named.split(",") if name.strip())]:
            if (file := candidate.with_suffix(".py")).exists():
                found.add(str(file.relative_to(package)))
        if base.is_dir() and base != package and (base / "__init__.py").exists() and base.name == "emulator":
            found.add("emulator")
    return found


def test_every_folder_of_tests_is_named() -> None:
    named = {bare(row[0]) for row in Page("docs/design.md").table("Tests")}
    folders = {str(path.parent.relative_to(ROOT)) for path in (ROOT / "tests").glob("*/test_*.py")}
    assert named == folders
