"""A stack of one resource, run in process: the engine's own order of calls, without its process.

The real engine has a layer of tests of its own. This one is quick enough for whole tables and thousands of histories.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pulumi.dynamic import Config, ConfigureRequest

from statuspage_provider.engine_process import EngineProcess
from statuspage_provider.incident import IncidentProvider
from statuspage_provider.maintenance import MaintenanceProvider
from statuspage_provider.retrospective import RetrospectiveIncidentProvider
from statuspage_provider.unchanged import is_as_checked, is_as_recorded

Kind = type[MaintenanceProvider] | type[IncidentProvider] | type[RetrospectiveIncidentProvider]


class CheckFailed(Exception):
    """What a preview would show: (property, reason) of every failure."""

    def __init__(self, failures: list[tuple[str, str]]) -> None:
        super().__init__(str(failures))
        self.failures = failures


class Killed(Exception):
    """The run ended before the engine could write what the provider answered."""


class Program:
    """One resource in a stack. `inputs` is what the program declares; state is what the engine would keep."""

    def __init__(self, kind: Kind, endpoint: str, **inputs: Any) -> None:
        self.kind = kind
        self.endpoint = endpoint
        self.api_key: str | None = "emulator-write"
        self.config: dict[str, str] = {}
        self.inputs = inputs
        self.state: tuple[str, dict[str, Any], dict[str, Any]] | None = None
        self.deleting: list[tuple[str, dict[str, Any]]] = []
        self.said: list[str] = []

    @property
    def id(self) -> str:
        assert self.state is not None
        return self.state[0]

    @property
    def outs(self) -> dict[str, Any]:
        assert self.state is not None
        return self.state[2]

    def edit(self, **inputs: Any) -> Program:
        self.inputs = {key: value for key, value in {**self.inputs, **inputs}.items() if value is not None}
        return self

    def preview(self) -> str:
        """What `pulumi preview` would show: create, same, update or replace."""
        provider = self._provider()
        old = self.state
        inputs = self._check(provider, {} if old is None else old[1])
        if old is None:
            return "create"
        return str(self._plan(provider, old, inputs)[0])

    def up(
        self, *, killed: bool = False, forced: bool = False, triggered: bool = False, delete_first: bool = False
    ) -> str:
        """One `pulumi up`. `killed`: nothing of the resource's own step is saved. `forced`: as with `--replace`, where
        the engine checks as if it were new and compares nothing; `triggered`: as by `replacement_trigger`, where it
        compares nothing either. `delete_first`: with the option `delete_before_replace`."""
        provider = self._provider()
        old = self.state
        inputs = self._check(provider, {} if old is None or forced else old[1])
        uncompared = forced or triggered
        step = "create"
        if old is not None:
            step, first = ("replace", False) if uncompared else self._plan(provider, old, inputs)
            delete_first = delete_first or first
        if step == "same" and old is not None:
            self.state = (old[0], inputs, old[2])
        elif step == "update" and old is not None:
            outs = provider.update(old[0], dict(old[2]), dict(inputs)).outs
            self._unless(killed, lambda: (old[0], inputs, outs))
        else:
            if not forced:
                inputs = self._check(provider, {})
            if delete_first and old is not None:
                provider.delete(old[0], dict(old[2]))
                self.state = None
            made = provider.create(dict(inputs))
            self._unless(killed, lambda: (made.id, inputs, made.outs))
            if old is not None and not delete_first:
                self.deleting.append((old[0], old[2]))
        for gone in list(self.deleting):
            provider.delete(gone[0], dict(gone[1]))
            self.deleting.remove(gone)
        return step

    def refresh(self) -> None:
        if self.state is None:
            return
        id_, inputs, outs = self.state
        read = self._provider().read(id_, dict(outs))
        self.state = (id_, read.inputs or inputs, read.outs) if read.id else None

    def destroy(self) -> None:
        provider = self._provider()
        for id_, props in [*([(self.state[0], self.state[2])] if self.state else []), *self.deleting]:
            provider.delete(id_, dict(props))
        self.state, self.deleting = None, []

    def _provider(self) -> Any:
        # A run is a process: nothing is remembered from the one before.
        provider = self.kind()
        provider.process = EngineProcess()
        config = {"incident:endpoint": self.endpoint, "statuspageme:endpoint": self.endpoint, **self.config}
        if self.api_key:
            config |= {"incident:apiKey": self.api_key, "statuspageme:apiKey": f"spk_{self.api_key}"}
        provider.configure(ConfigureRequest(Config(config, "project")))
        return provider

    def _check(self, provider: Any, olds: dict[str, Any]) -> dict[str, Any]:
        result = provider.check(dict(olds), dict(self.inputs))
        if is_as_checked(olds, self.inputs):
            # Where nothing changed the provider tells so by itself, and its operations must say the same.
            judged = provider._operations.check(dict(olds), dict(self.inputs))
            assert (result.inputs, len(result.failures)) == (judged.inputs, len(judged.failures))
        if result.failures:
            raise CheckFailed([(failure.property, failure.reason) for failure in result.failures])
        return dict(result.inputs)

    def _plan(self, provider: Any, old: tuple[str, dict[str, Any], dict[str, Any]], inputs: dict[str, Any]) -> Any:
        diff = provider.diff(old[0], dict(old[2]), dict(inputs))
        if is_as_recorded(provider.inputs, old[2], inputs):
            assert provider._operations.diff(old[0], dict(old[2]), dict(inputs)).changes is False
        # None: the engine compares the inputs itself.
        changed = inputs != old[1] if diff.changes is None else diff.changes
        if not changed:
            return "same", False
        return ("replace" if diff.replaces else "update"), bool(diff.delete_before_replace)

    def _unless(self, killed: bool, saved: Callable[[], Any]) -> None:
        if killed:
            raise Killed
        self.state = saved()
