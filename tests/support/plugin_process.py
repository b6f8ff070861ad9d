"""Drives the real dynamic-provider process over gRPC, as the engine does, with no engine needed."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, NamedTuple

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

UNKNOWN = rpc.UNKNOWN
"""Put in the place of a value: one that only the `up` will know."""

TIMEOUT_S = 20.0
_PROVIDER = "__provider"
_DIFF = {
    provider_pb2.DiffResponse.DIFF_UNKNOWN: None,
    provider_pb2.DiffResponse.DIFF_NONE: False,
    provider_pb2.DiffResponse.DIFF_SOME: True,
}


class PluginError(Exception):
    """A call the provider answered with an error. `details` is what the user would see."""

    def __init__(self, call: str, code: str, details: str) -> None:
        super().__init__(f"{call}: {details}")
        self.code = code
        self.details = details


class Failure(NamedTuple):
    property: str
    reason: str


class Checked(NamedTuple):
    inputs: dict[str, Any]
    failures: list[Failure]


class Diffed(NamedTuple):
    changes: bool | None
    replaces: list[str]
    delete_before_replace: bool


class Made(NamedTuple):
    id: str
    outs: dict[str, Any]


class Seen(NamedTuple):
    id: str
    outs: dict[str, Any]
    inputs: dict[str, Any] | None


class Plugin:
    """The process `python -m pulumi.dynamic`.

        with Plugin({"INCIDENT_API_KEY": "…"}) as plugin:
            plugin.configure({"incident:endpoint": url})
            inputs, failures = plugin.check(provider, {"name": "Upgrade"})
            made = plugin.create(provider, inputs)

    Values are plain JSON-like data; `UNKNOWN` stands for an unknown anywhere in them. `__provider` is added to what
    goes in and taken off what comes out. An entry of None in `environment` removes that variable. `output` holds the
    lines the provider printed.
    """

    def __init__(self, environment: Mapping[str, str | None] | None = None, *, cwd: str | None = None) -> None:
        given = {**os.environ, **(environment or {})}
        self._environment = {name: value for name, value in given.items() if value is not None}
        self._cwd = cwd
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.output: list[str] = []

    def __enter__(self) -> Plugin:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "pulumi.dynamic"],
            env=self._environment,
            cwd=self._cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._channel = grpc.insecure_channel(f"127.0.0.1:{self._port()}")
        except BaseException:
            self._end()
            raise
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self.configure({})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._channel.close()
        self._end()

    def kill(self) -> None:
        """End it as a lost runner would: at once."""
        self.process.kill()
        self.process.wait(TIMEOUT_S)

    def printed(self, text: str) -> bool:
        """Whether the provider printed a line with this text, waiting for it a while: it comes by another way than
        the answer of the call."""
        end = time.monotonic() + TIMEOUT_S
        while not any(text in line for line in self.output):
            if time.monotonic() > end or not self._reader.is_alive():
                return any(text in line for line in self.output)
            time.sleep(0.01)
        return True

    def configure(self, config: Mapping[str, Any]) -> None:
        """Give it the stack's configuration, `{"incident:apiKey": "…"}`."""
        with _told("configure"):
            self._stub.Configure(
                provider_pb2.ConfigureRequest(args=_struct(config), acceptSecrets=True), timeout=TIMEOUT_S
            )

    def check(
        self, provider: ResourceProvider, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None
    ) -> Checked:
        """`olds` are the old inputs; none for a resource that is new."""
        with _told("check"):
            answer = self._stub.Check(
                provider_pb2.CheckRequest(
                    olds=_bag(provider, olds) if olds else struct_pb2.Struct(), news=_bag(provider, news)
                ),
                timeout=TIMEOUT_S,
            )
        failures = [Failure(failure.property, failure.reason) for failure in answer.failures]
        return Checked(_plain(answer.inputs), failures)

    def diff(self, provider: ResourceProvider, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Diffed:
        """`olds` are the old outputs, `news` the new checked inputs."""
        with _told("diff"):
            answer = self._stub.Diff(
                provider_pb2.DiffRequest(id=id_, olds=_bag(provider, olds), news=_bag(provider, news)),
                timeout=TIMEOUT_S,
            )
        return Diffed(_DIFF[answer.changes], list(answer.replaces), answer.deleteBeforeReplace)

    def create(self, provider: ResourceProvider, props: Mapping[str, Any]) -> Made:
        with _told("create"):
            answer = self._stub.Create(provider_pb2.CreateRequest(properties=_bag(provider, props)), timeout=TIMEOUT_S)
        return Made(answer.id, _plain(answer.properties))

    def read(
        self,
        provider: ResourceProvider,
        id_: str,
        props: Mapping[str, Any],
        inputs: Mapping[str, Any] | None = None,
    ) -> Seen:
        """As in a refresh; with `props` empty as in `get`, where only `inputs` are known. A resource that is gone
        answers an empty id."""
        with _told("read"):
            answer = self._stub.Read(
                provider_pb2.ReadRequest(
                    id=id_,
                    properties=_bag(provider, props) if props else struct_pb2.Struct(),
                    inputs=_bag(provider, inputs or {}),
                ),
                timeout=TIMEOUT_S,
            )
        return Seen(answer.id, _plain(answer.properties), _plain(answer.inputs) if answer.HasField("inputs") else None)

    def update(
        self, provider: ResourceProvider, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]
    ) -> dict[str, Any]:
        with _told("update"):
            answer = self._stub.Update(
                provider_pb2.UpdateRequest(id=id_, olds=_bag(provider, olds), news=_bag(provider, news)),
                timeout=TIMEOUT_S,
            )
        return _plain(answer.properties)

    def delete(self, provider: ResourceProvider, id_: str, props: Mapping[str, Any]) -> None:
        with _told("delete"):
            self._stub.Delete(provider_pb2.DeleteRequest(id=id_, properties=_bag(provider, props)), timeout=TIMEOUT_S)

    def _port(self) -> int:
        try:
            first = self._lines.get(timeout=TIMEOUT_S)
        except queue.Empty:
            raise RuntimeError("pulumi.dynamic did not say its port") from None
        if first is None or not first.isdigit():
            raise RuntimeError(f"pulumi.dynamic did not start: {first} {self.output}")
        return int(first)

    def _read(self) -> None:
        assert self.process.stdout is not None
        first = True
        for line in self.process.stdout:
            if first:
                self._lines.put(line.strip())
                first = False
            else:
                self.output.append(line.rstrip("\n"))
        self._lines.put(None)

    def _end(self) -> None:
        self.process.kill()
        self.process.wait(TIMEOUT_S)
        self._reader.join(TIMEOUT_S)
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextlib.contextmanager
def _told(call: str) -> Iterator[None]:
    try:
        yield
    except grpc.RpcError as error:
        raise PluginError(call, error.code().name, error.details() or "") from None


def _bag(provider: ResourceProvider, props: Mapping[str, Any]) -> struct_pb2.Struct:
    return _struct({**props, _PROVIDER: serialize_provider(provider)})


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    bag = struct_pb2.Struct()
    # The engine leaves out what is None, on the top level and below.
    bag.update(_without_none(values))
    return bag


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value


def _plain(bag: struct_pb2.Struct) -> dict[str, Any]:
    values: dict[str, Any] = json_format.MessageToDict(bag)
    values.pop(_PROVIDER, None)
    return values
