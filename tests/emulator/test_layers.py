"""The emulator stands alone: it must not share the client's reading of the documents, nor weigh on the package."""

import ast
from pathlib import Path

import statuspage_provider.emulator

FILES = sorted(Path(statuspage_provider.emulator.__file__).parent.glob("*.py"))


def test_the_emulator_imports_nothing_from_the_client_side():
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.level < 2, f"{file.name} imports from outside the emulator"
                assert not (node.module or "").startswith("statuspage_provider"), file.name
            elif isinstance(node, ast.Import):
                assert not any(one.name.startswith("statuspage_provider") for one in node.names), file.name
