"""Values go one way through the package, and so do imports. Read from the source, so nothing has to run."""

import ast
import graphlib
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import statuspage_provider

ROOT = Path(statuspage_provider.__file__).parent
PACKAGE = ROOT.name


def dotted(path):
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {dotted(path): path for path in sorted(ROOT.rglob("*.py"))}


@cache
def tree_of(name):
    return ast.parse(FILES[name].read_text("utf-8"))


def is_emulator(name):
    return name.startswith(f"{PACKAGE}.emulator")


CLIENT = [name for name in FILES if not is_emulator(name)]


@cache
def imports(name):
    """Every module that a module names in an import, at its top or within a function, by its full name."""
    found = set()
    base = name.split(".") if FILES[name].name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = base[: len(base) - node.level + 1] if node.level else []
            module = ".".join([*start, *(node.module or "").split(".")]).strip(".")
            submodules = {f"{module}.{alias.name}" for alias in node.names} & set(FILES)
            found |= submodules
            if not submodules or len(submodules) < len(node.names):
                found.add(module)
    return found


def own(name):
    """The package's own modules that a module imports, by their short names."""
    return {module.removeprefix(f"{PACKAGE}.") for module in imports(name) if module.split(".")[0] == PACKAGE}


def names_used(tree):
    """Names and attributes, such as `open` and `datetime.now`, and the functions they stand in."""
    inside = []

    def walk(node, function):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            function = node.name
        if isinstance(node, ast.Attribute):
            inside.append((ast.unparse(node), function))
        elif isinstance(node, ast.Name):
            inside.append((node.id, function))
        for child in ast.iter_child_nodes(node):
            walk(child, function)

    walk(tree, "")
    return inside


def test_imports_make_no_circle():
    graph = {name: {f"{PACKAGE}.{module}" for module in own(name)} & set(FILES) for name in FILES}
    assert len(list(graphlib.TopologicalSorter(graph).static_order())) == len(FILES)


PURE = {"__future__", "collections", "dataclasses", "datetime", "enum", "functools", "itertools", "re", "typing"}
DOORS = {"open", "print", "input", "exec", "eval", "__import__"}
CLOCKS = ("now", "utcnow", "today", "time", "monotonic", "perf_counter", "sleep")


DECISIONS = [name for name in CLIENT if name.startswith(f"{PACKAGE}.lifecycle.")]

RULES = ["covering.admission", "covering.participants", "commands.due", "commands.shared_window", "slots"]


@pytest.mark.parametrize("name", [*DECISIONS, *(f"{PACKAGE}.{name}" for name in RULES)])
def test_decisions_touch_neither_network_nor_files_nor_the_clock(name):
    foreign = {module.split(".")[0] for module in imports(name)} - {PACKAGE}
    assert foreign <= PURE
    used = {text for text, _ in names_used(tree_of(name))}
    assert not used & DOORS
    assert not {text for text in used if text.rpartition(".")[2] in CLOCKS and "." in text}
    assert not {text for text in used if "environ" in text}


@pytest.mark.parametrize("module", ["inputs", "state", "remote", "times", "errors", "idempotency", "display"])
def test_the_leaves_open_nothing(module):
    foreign = {name.split(".")[0] for name in imports(f"{PACKAGE}.{module}")}
    assert not foreign & {"httpx", "socket", "subprocess", "pathlib", "urllib", "requests"}


def test_the_clock_is_read_only_where_it_can_be_replaced():
    read = set()
    for name in CLIENT:
        for text, function in names_used(tree_of(name)):
            owner, _, what = text.rpartition(".")
            if owner.split(".")[-1] in ("datetime", "time", "date") and what in CLOCKS:
                read.add((name.removeprefix(f"{PACKAGE}."), function, text))
    seams = {
        ("clock", "now", "datetime.now"),
        ("clock", "now", "time.monotonic"),
        ("engine_process", "sleep", "time.sleep"),
        ("services.looking", "looks", "time.sleep"),
        ("services.answer", "fetch", "time.monotonic"),
        ("services.incident_io.widget", "_get", "time.sleep"),
        ("services.transport", "__init__", "time.sleep"),
        ("services.transport", "__init__", "time.monotonic"),
        ("services.transport", "retry_after", "datetime.now"),
    }
    assert read == seams


def test_the_emulator_knows_nothing_of_the_client():
    for name in FILES:
        if is_emulator(name):
            outside = {module for module in own(name) if not module.startswith("emulator")} - {PACKAGE}
            assert not outside, name


def test_only_the_command_line_knows_the_emulator_and_only_once_it_is_asked_for():
    for name in CLIENT:
        knows = {module for module in own(name) if module.startswith("emulator")}
        assert not knows or name == f"{PACKAGE}.__main__", name
    at_the_top = tree_of(f"{PACKAGE}.__main__").body
    assert not [node for node in at_the_top if isinstance(node, ast.ImportFrom) and node.level]


def test_no_client_module_needs_the_emulators_packages():
    for name in CLIENT:
        needed = {module.split(".")[0] for module in imports(name)} & {"flask", "werkzeug", "markdown_it"}
        # The summary's page renders messages if it can, and has an extra of its own.
        assert needed <= ({"markdown_it"} if name == f"{PACKAGE}.summary.html" else set()), name


def test_importing_the_package_imports_no_emulator_and_opens_no_client():
    program = (
        "import sys, statuspage_provider\n"
        "loaded = [name for name in sys.modules if name.split('.')[0] in ('flask', 'werkzeug', 'markdown_it')]\n"
        "loaded += [name for name in sys.modules if name.startswith('statuspage_provider.emulator')]\n"
        "from statuspage_provider.services import capabilities\n"
        "print(loaded, capabilities._client.cache_info().currsize, hasattr(sys, 'tracebacklimit'))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT.parent, capture_output=True, text=True, timeout=60, check=True
    )
    assert run.stdout.strip() == "[] 0 False"


def loaded(program):
    """What a program has loaded when it has run: packages of others, and the package's own modules."""
    shown = "import sys; print(*sorted({name.split('.')[0] for name in sys.modules}), *sorted(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", f"{program}\n{shown}"], cwd=ROOT.parent, capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


DECLARES = """
import asyncio, pulumi, statuspage_provider as statuspage

class Mocks(pulumi.runtime.Mocks):
    def call(self, args):
        return {}
    def new_resource(self, args):
        return args.name, args.inputs

asyncio.set_event_loop(asyncio.new_event_loop())
pulumi.runtime.set_mocks(Mocks(), preview=False)
given = dict(status_page_id="page", name="Upgrade", message="We upgrade.")
statuspage.StatusPageMaintenance("window", start_at="now", duration="2h", affected_component_ids=["db"], **given)
statuspage.StatusPageIncident("incident", **given)
"""


def test_a_program_that_only_declares_loads_no_models_no_client_and_no_service():
    modules = loaded(DECLARES)
    assert not modules & {"httpx", "pydantic"}
    own = {name.removeprefix(f"{PACKAGE}.") for name in modules if name.startswith(f"{PACKAGE}.")}
    assert not {name for name in own if name.startswith(("operations", "lifecycle", "services.incident_io"))}
    assert not own & {"inputs", "state", "remote", "covering.cover", "services.transport"}


CHECKED = """
from statuspage_provider.maintenance import MaintenanceProvider
news = dict(status_page_id="page", name="Upgrade", message="We upgrade.", start_at="2026-03-01T14:00:00Z",
    duration="2h", affected_component_ids=["db"], idempotency_key="key")
provider = MaintenanceProvider()
checked = provider.check({olds}, news)
assert not checked.failures
olds = {{**checked.inputs, "end_at": "2026-03-01T16:00:00Z", "phase": "scheduled"}}
diff = provider.diff("01H", olds, {{**checked.inputs, "name": {name!r}}})
assert diff.changes is {changes}
"""


def test_a_provider_that_only_checks_and_compares_loads_no_client_and_no_service():
    modules = loaded(CHECKED.format(olds={"status_page_id": "page"}, name="Renamed", changes=None))
    assert "pydantic" in modules
    assert "httpx" not in modules
    assert not {
        name for name in modules if name.startswith((f"{PACKAGE}.services.incident_io", f"{PACKAGE}.covering.cover"))
    }


def test_a_provider_for_which_nothing_changed_loads_no_models():
    modules = loaded(CHECKED.format(olds="dict(news)", name="Upgrade", changes=False))
    assert not modules & {"httpx", "pydantic", f"{PACKAGE}.operations", f"{PACKAGE}.inputs"}


def test_a_summary_loads_what_only_some_ask_for_when_they_do():
    modules = loaded("import statuspage_provider.summary.report")
    assert "pydantic" in modules
    assert not modules & {"httpx", "markdown_it", "icalendar"}
    assert not modules & {f"{PACKAGE}.summary.{name}" for name in ("live", "data", "policy")}


def test_a_file_is_named_for_what_a_reader_would_search():
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert not {name for name in FILES if name.rpartition(".")[2] in vague}


def test_every_module_says_what_it_is_for():
    assert not [name for name in FILES if not ast.get_docstring(tree_of(name))]


def test_nothing_is_imported_from_a_test_file_or_a_conftest():
    named = re.compile(r"^\s*(?:from|import) tests\.(?!support\b|provider\.third\b).*", re.MULTILINE)
    folders = [ROOT.parent / folder for folder in ("tests", "benchmarks")]
    found = {path.name: named.findall(path.read_text("utf-8")) for folder in folders for path in folder.rglob("*.py")}
    assert not {name: lines for name, lines in found.items() if lines}
