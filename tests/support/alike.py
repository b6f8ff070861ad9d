"""What tests begin with alike is done once in a process: each then has a copy of the folder and of the page."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from statuspage_provider.emulator import Emulator
from statuspage_provider.emulator.world import Kept

LEFT_OUT = {".pulumi-runs", "__pycache__"}
FOLDER = "<the folder>"


class _Beginning(NamedTuple):
    files: dict[Path, bytes]
    page: Kept


_BEGINNINGS: dict[object, _Beginning] = {}


def begun(folder: Path, emulator: Emulator, env: Mapping[str, str | None], what: Callable[[], object]) -> None:
    """Do this in the folder, or take what it came to where it was begun alike: with these files, the state among them,
    and in this environment. Paths into the folder lead into this one."""
    assert emulator.requests == [], "what was asked would be part of it"
    told = {(name, value and value.replace(str(folder), FOLDER)) for name, value in env.items()}
    key = (what.__qualname__, frozenset(told), frozenset(_files(folder).items()))
    if key in _BEGINNINGS:
        shutil.rmtree(folder)
        for file, content in _BEGINNINGS[key].files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(content.replace(FOLDER.encode(), str(folder).encode()))
        emulator.restore(_BEGINNINGS[key].page)
    else:
        what()
        _BEGINNINGS[key] = _Beginning(_files(folder), emulator.keep())


def _files(folder: Path) -> dict[Path, bytes]:
    found = (file for file in folder.rglob("*") if file.is_file() and LEFT_OUT.isdisjoint(file.parts))
    return {
        file.relative_to(folder): file.read_bytes().replace(str(folder).encode(), FOLDER.encode())
        for file in found
        # The engine's attributes of a file have a sum of it, and need not be there.
        if file.suffix != ".attrs"
    }
