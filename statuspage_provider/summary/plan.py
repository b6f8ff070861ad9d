"""What `pulumi preview --json` printed, as plain steps. No I/O.

It is read leniently: text around the JSON, several documents, a preview that failed half-way and keys of another
version are all fine. What a preview cannot know yet comes as pulumi's own `Unknown`, as a provider is given it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi.output import Unknown
from pulumi.runtime.rpc import UNKNOWN

from ..errors import Refused

SECRET = "[secret]"
"""What the engine prints in the place of a secret."""

# A secret in its wire form, by the marks that every SDK of the engine uses.
_SIGNATURE, _OF_A_SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"

HOOK = "statuspage"
"""The first part of the names of `covering`'s hooks."""

_TYPE = "pulumi-python:dynamic/statuspage:"
WINDOW, INCIDENT = f"{_TYPE}StatusPageMaintenance", f"{_TYPE}StatusPageIncident"
PAST = f"{_TYPE}StatusPageRetrospectiveIncident"
OURS = (WINDOW, INCIDENT, PAST)

CHANGING = frozenset({"create", "update", "replace"})
"""The steps around which the engine calls hooks."""


@dataclass(frozen=True)
class Covering:
    """One call of `window.covering`, as its hook's name tells it. `outside` is None where the name does not."""

    window: str
    outside: str | None


@dataclass(frozen=True)
class Step:
    """What the engine wants to do with one resource."""

    op: str
    urn: str
    type: str = ""
    id: str = ""
    old_inputs: Mapping[str, Any] = field(default_factory=dict)
    recorded: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    hooks: Sequence[str] = ()
    dependencies: Sequence[str] = ()
    changed: Sequence[str] = ()
    replaces: Sequence[str] = ()
    delete_first: bool = False
    retained: bool = False
    external: bool = False

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return self.urn.split("::", 3)[-1]

    @property
    def is_ours(self) -> bool:
        return self.type in OURS and not self.external

    @property
    def covering(self) -> Covering | None:
        """What covers the resource, if anything does."""
        for name in self.hooks:
            parts = name.split("/")
            if len(parts) >= 4 and parts[0] == HOOK and parts[-1] == "before":
                # statuspage/<window>/<n>/<outside>/before; older programs leave `outside` out.
                told = not parts[-2].isdigit()
                return Covering("/".join(parts[1 : -3 if told else -2]), parts[-2] if told else None)
        return None


@dataclass(frozen=True)
class Plan:
    """The steps in the engine's order, and what the preview said."""

    steps: tuple[Step, ...] = ()
    errors: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    """What the preview told of a resource: (URN, line)."""

    @property
    def failed(self) -> bool:
        return bool(self.errors)


def read_plan(text: str) -> Plan:
    """The plan in what a preview printed. Raises Refused, with one line, where there is none."""
    documents = [found for found in _documents(text) if {"steps", "diagnostics", "changeSummary"} & set(found)]
    if not documents:
        raise Refused("this is no plan: give what `pulumi preview --json` prints")
    steps: list[Step] = []
    errors: list[str] = []
    notes: list[tuple[str, str]] = []
    for document in documents:
        steps += [_step(item) for item in _list(document.get("steps")) if isinstance(item, Mapping)]
        for item in _list(document.get("diagnostics")):
            if not isinstance(item, Mapping):
                continue
            line, urn = str(item.get("message") or ""), str(item.get("urn") or "")
            if item.get("severity") == "error":
                errors.append(_fault(line, urn))
            elif urn and item.get("severity") in ("info", "warning"):
                notes.append((urn, " ".join(line.split())))
    return Plan(tuple(steps), tuple(dict.fromkeys(errors)), tuple(dict.fromkeys(notes)))


def _documents(text: str) -> Iterator[Mapping[str, Any]]:
    """Every JSON object that stands at the beginning of a line, or follows another."""
    decoder, at = json.JSONDecoder(), 0
    while (match := re.compile(r"^\s*\{|(?<=\})\s*\{", re.MULTILINE).search(text, at)) is not None:
        try:
            document, at = decoder.raw_decode(text, match.end() - 1)
        except (ValueError, RecursionError):
            at = match.end()
            continue
        yield document


def _step(item: Mapping[str, Any]) -> Step:
    old, new = _map(item.get("oldState")), _map(item.get("newState"))
    state = new or old
    hooks = _map(state.get("resourceHooks"))
    changed = [*_list(item.get("diffReasons")), *_map(item.get("detailedDiff"))]
    return Step(
        op=str(item.get("op") or ""),
        urn=str(item.get("urn") or ""),
        type=str(state.get("type") or ""),
        id=str(old.get("id") or new.get("id") or ""),
        old_inputs=_known(_map(old.get("inputs"))),
        recorded=_known(_map(old.get("outputs"))),
        inputs=_known(_map(new.get("inputs"))),
        hooks=tuple(dict.fromkeys(str(name) for names in hooks.values() for name in _list(names))),
        dependencies=tuple(str(urn) for urn in _list(state.get("dependencies"))),
        changed=tuple(dict.fromkeys(re.split(r"[.\[]", str(reason))[0] for reason in changed)),
        replaces=tuple(str(reason) for reason in _list(item.get("replaceReasons"))),
        delete_first=bool(old.get("pendingReplacement")),
        retained=bool(old.get("retainOnDelete")),
        external=bool(state.get("external")),
    )


def _known(value: Any) -> Any:
    """The value with what is unknown, and what is secret, said in one way each."""
    if value == UNKNOWN:
        return Unknown()  # type: ignore[no-untyped-call]
    if isinstance(value, Mapping):
        if value.get(_SIGNATURE) == _OF_A_SECRET:
            return SECRET
        return {key: _known(item) for key, item in value.items() if key != "__provider"}
    return [_known(item) for item in value] if isinstance(value, list) else value


def _fault(message: str, urn: str) -> str:
    """An error as one line. The engine quotes the value that was refused; it may be a secret, so it is left out."""
    message = re.sub(r"property (\S+) value \{.*?\} has a problem: ", r"\1: ", message, flags=re.DOTALL)
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    if any(line.startswith("Traceback") for line in lines):
        lines = lines[-1:]
    line = " ".join(lines).removeprefix("error: ")
    line = re.sub(r"^\S+ resource '(.*?)': ", r"\1: ", line)
    return line if not urn or line.startswith(urn.split("::", 3)[-1]) else f"{urn.split('::', 3)[-1]}: {line}"


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []
