"""How a provider reaches the world: the clock, a pause, a line to the user, a service, and what this run decided.

The engine's plugin has one `EngineProcess` for all its providers. Whoever rehearses a run gives a provider another one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pulumi.dynamic import DiffResult

from . import clock
from .display import plain
from .listed import Listed
from .services import capabilities
from .services.capabilities import CAPABILITIES, Capability
from .services.settings import Config, read_settings

if TYPE_CHECKING:
    from .lifecycle.decision import Change

GENERATIONS = 500
"""How many generations a create goes through to find one that is neither over nor gone."""


class Run:
    """What this run has decided about objects of one kind. One plugin process serves one run.

    The engine deletes by id and tells nothing else, so a deletion is held against what the run still declares.
    """

    def __init__(self) -> None:
        self.declared: set[str] = set()
        """The ids of objects that the program still declares."""
        self.successors: dict[str, Any] = {}
        """By the id of a window that is deleted before it is replaced: what is declared of the new one."""
        self.checked: dict[str, Mapping[str, Any]] = {}
        """What the program declares, by key. A refresh compares without a check, also what has left the program."""
        self.noted: set[str] = set()
        """The keys of incidents with a closing note. Where one is replaced by force, it is checked again as new."""
        self.listed = Listed()
        """What was listed of pages, for reads."""
        self.ended: set[str] = set()
        """The ids of objects that a deletion ended or removed."""
        self._alone: dict[str, threading.Lock] = {}
        self._met: set[str] = set()
        """The keys of objects that were compared or created."""
        self._next: dict[str, tuple[int, Change, str]] = {}
        """What is replaced: the generation that follows, why, and the id of the old one."""
        self._kept: dict[str, tuple[str, dict[str, Any]]] = {}
        """What was deleted and stays: its id and its state."""

    def declares(self, inputs: Mapping[str, Any], olds: Mapping[str, Any]) -> None:
        """The program declares these inputs, in this run. `olds` are those before, of what is there already."""
        key = str(inputs.get("idempotency_key"))
        self.checked[key] = inputs
        if olds and "closing_note" in inputs:
            self.noted.add(key)

    def alone(self, id_: str) -> threading.Lock:
        """What is held to do one thing after the other to an object: the engine deletes side by side."""
        return self._alone.setdefault(id_, threading.Lock())

    def stays(self, id_: str, key: object) -> DiffResult:
        """The engine's answer where nothing changed, and a note that the object stays."""
        if str(key) in self.checked:
            self.meets(id_, str(key))
        return DiffResult(changes=False)

    def meets(self, id_: str, key: str) -> None:
        """The program declares this object."""
        self._met.add(key)
        self.declared.add(id_)

    def not_compared(self, key: str) -> Mapping[str, Any] | None:
        """What is declared of an object that the engine deletes and has not compared: of one that is replaced by force
        and deleted before that (`delete_before_replace`). Its create is still to come.
        """
        return None if key in self._met else self.checked.get(key)

    def diff_result(self, id_: str, change: Change, declared: Any, generation: int) -> DiffResult:
        """The engine's answer to a change, and a note of what becomes of an object that the program declares."""
        key = str(declared.idempotency_key)
        if key in self.checked:
            self._note(id_, change, declared, key, generation)
        if not change:
            return DiffResult(changes=False)
        # None lets the engine compare the inputs itself: only so does it show the change property by property. Where no
        # input differs, it would find nothing.
        return DiffResult(
            changes=None if change.fields else True,
            replaces=list(change.replaces),
            stables=[],
            delete_before_replace=change.delete_first,
        )

    def _note(self, id_: str, change: Change, declared: Any, key: str, generation: int) -> None:
        self._met.add(key)
        if change.replaces:
            self.declared.discard(id_)
            self._next[key] = generation + 1, change, id_
        else:
            self.declared.add(id_)
        if change.delete_first:
            self.successors[id_] = declared

    def keep(self, id_: str, key: str, props: dict[str, Any]) -> None:
        """The engine deletes what the program still declares. If its create is still to come, it goes on with this."""
        self._kept[key] = id_, props

    def kept(self, key: str) -> tuple[str, dict[str, Any]] | None:
        """The id and the state of what is created again, if it was only just kept."""
        return self._kept.pop(key, None)

    def generations(self, key: str) -> range:
        """The generations that a create may use: those after the one that is being replaced, if one is."""
        first, *_ = self._next.get(key, (1, None))
        return range(first, first + GENERATIONS)

    def replaced_by(self, key: str) -> tuple[Change | None, str | None]:
        """The change for which a create announces a new object, if it replaces one, and the id of that."""
        _, change, id_ = self._next.get(key, (1, None, None))
        return change, id_


class EngineProcess:
    """The plugin's process, in which one run of the engine calls the providers."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._told: set[str] = set()

    def run_of(self, kind: str) -> Run:
        """The run, of the objects of one kind: a window and an incident of one resource name have one key."""
        return self._runs.setdefault(kind, Run())

    def now(self) -> datetime:
        return clock.now()

    @property
    def clock_stands_still(self) -> bool:
        """Whether the clock is a rehearsed one, which tells no age."""
        return clock.is_rehearsed()

    def say(self, line: str) -> None:
        """Tell the user. The engine shows what a provider prints beside the stack."""
        # In one piece: providers are called side by side.
        print(f"statuspage: {plain(line)}\n", end="", flush=True)

    def say_once(self, line: str) -> None:
        """Tell what each provider would say, and the engine configures one for each kind of resource."""
        if line not in self._told:
            self._told.add(line)
            self.say(line)

    def connect(self, capability: Capability, service: str, config: Config) -> Any:
        """What the service has of that kind, on the account that the settings name."""
        return capabilities.connect(read_settings(CAPABILITIES[service].names, config), capability)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


PROCESS = EngineProcess()
