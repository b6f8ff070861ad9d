"""The package's modules in the order of their imports, each with the first sentence of its docstring."""

from __future__ import annotations

import ast
import graphlib
import re
from pathlib import Path

from reference.declared import table

PACKAGE = Path(__file__).parents[1] / "statuspage_provider"
BESIDE = "emulator"


def layers_table() -> str:
    return table(
        ("module", "what"), [(f"`{name}`", _first_sentence(PACKAGE / name)) for name in in_order(imported_by_each())]
    )


def imported_by_each() -> dict[str, set[str]]:
    """Of each module, the package's modules that it imports, at its top or within a function."""
    files = {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py")}
    # A folder's own file says what the folder is for, and has nothing to import. The package's has.
    modules = {name for name in files if name.split("/")[0] != BESIDE and not name.endswith("/__init__.py")}
    return {name: _imports(PACKAGE / name) & modules - {name} for name in modules}


def in_order(imports: dict[str, set[str]]) -> list[str]:
    """Modules, each above all that it imports. What stands on the same floor is sorted by name.

    A floor is as low as its modules' imports let it be. Raises CycleError.
    """
    floors: dict[str, int] = {}
    for name in graphlib.TopologicalSorter(imports).static_order():
        floors[name] = 1 + max((floors[below] for below in imports[name]), default=0)
    return sorted(floors, key=lambda name: (-floors[name], name))


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            named = [base, *(base / alias.name for alias in node.names)]
            found |= {str(each.with_suffix(".py").relative_to(PACKAGE)) for each in named if each != PACKAGE}
    return found


def _first_sentence(path: Path) -> str:
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return re.split(r"\.(?:\s|$)", " ".join(said.split("\n\n")[0].split()), maxsplit=1)[0]
